-- Nodes do not wait for each other's charts and effects.

-- name: claim_charts
update chart set owner = :owner, lease_until = :until where session_id in (
  select session_id from chart where wake_at <= :now and lease_until <= :now order by wake_at limit :limit
  for update skip locked
)
returning session_id;

-- name: claim_effects
update chart_effect set due_at = :until where id in (
  select id from chart_effect where due_at <= :now order by due_at limit :limit
  for update skip locked
)
returning id, session_id, key, body, attempts;
