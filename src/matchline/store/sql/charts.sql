-- Charts and what waits for them. A chart's row is locked last of all, so that each step may wake it.

-- The document is noted anew, so that it is not removed while a chart begins with it.
-- name: put_chart_document
insert into chart_document (digest, body, used_at) values (:digest, :body, :now)
on conflict (digest) do update set used_at = excluded.used_at;

-- name: add_chart
insert into chart (session_id, token, digest, settings, wake_at) values (:session_id, :token, :digest, :settings, :now);

-- name: chart_token
select session_id from chart where token = :token;

-- name: chart_state
select active, ended_at, stopped from chart where session_id = :session_id;

-- name: queue_of_chart
select count(*), coalesce(sum(case when event_id = :event_id then 1 else 0 end), 0)
from chart_event where session_id = :session_id;

-- name: queue_chart_event
insert into chart_event (session_id, event_id, body) values (:session_id, :event_id, :body);

-- name: wake_chart
update chart set wake_at = :now where session_id = :session_id and ended_at is null returning session_id;

-- name: number_text
select text from number where id = :id;

-- name: any_chart_to_claim
select 1 from chart where wake_at <= :now and lease_until <= :now limit 1;

-- name: any_effect_due
select 1 from chart_effect where due_at <= :now limit 1;

-- name: claim_charts
update chart set owner = :owner, lease_until = :until where session_id in (
  select session_id from chart where wake_at <= :now and lease_until <= :now order by wake_at limit :limit
)
returning session_id;

-- name: chart_work
select s.service, c.version, d.body, c.settings, c.snapshot
from chart c join session s on s.id = c.session_id join chart_document d on d.digest = c.digest
where c.session_id = :session_id;

-- name: chart_events
select id, body from chart_event where session_id = :session_id order by id limit :limit;

-- name: keep_chart
update chart set lease_until = :until where session_id = :session_id and owner = :owner and lease_until > 0;

-- name: own_chart
select version from chart where session_id = :session_id and owner = :owner and version = :version;

-- name: take_chart_event
delete from chart_event where id = :id;

-- name: any_chart_event
select 1 from chart_event where session_id = :session_id limit 1;

-- name: advance_chart
update chart set version = version + 1, snapshot = :snapshot, active = :active, wake_at = :wake_at,
  ended_at = :ended_at, stopped = :stopped, lease_until = case when :more = 1 then lease_until else 0 end
where session_id = :session_id;

-- name: forget_chart_events
delete from chart_event where session_id = :session_id;

-- name: add_chart_effect
insert into chart_effect (session_id, key, body, due_at) values (:session_id, :key, :body, :now);

-- name: claim_effects
update chart_effect set due_at = :until where id in (
  select id from chart_effect where due_at <= :now order by due_at limit :limit
)
returning id, session_id, key, body, attempts;

-- name: remove_effect
delete from chart_effect where id = :id;

-- name: postpone_effect
update chart_effect set due_at = :due_at, attempts = attempts + 1 where id = :id;

-- name: put_response
insert into chart_response (session_id, request_id, body, at) values (:session_id, :request_id, :body, :now)
on conflict (session_id, request_id) do nothing;

-- name: get_response
select body from chart_response where session_id = :session_id and request_id = :request_id;

-- name: free_charts
update chart set lease_until = 0 where lease_until > 0;

-- name: free_effects
update chart_effect set due_at = 0;

-- name: trim_responses
delete from chart_response where (session_id, request_id) in (
  select session_id, request_id from chart_response where at < :before limit :limit
)
returning request_id;

-- name: trim_documents
delete from chart_document
where used_at < :before and not exists (select 1 from chart c where c.digest = chart_document.digest)
returning digest;

-- name: remove_chart
delete from chart where session_id = :session_id returning snapshot, ended_at;

-- name: remove_chart_effects
delete from chart_effect where session_id = :session_id;

-- name: forget_chart_responses
delete from chart_response where session_id = :session_id;
