-- The number of an exclusive group that is free for longest.
-- name: free_number
select id, text from number
where grp = :grp and draining = 0 and busy_until <= :now and shared_until <= :now
order by busy_until, id
limit 1;

-- The walk ends at the first number that is not shared for longer than it is busy: as a rule at once.
-- name: soonest_number
select min(max(busy_until, shared_until)) from number
where grp = :grp and draining = 0 and busy_until <= coalesce(
  (
    select busy_until from number
    where grp = :grp and draining = 0 and shared_until <= busy_until
    order by busy_until limit 1
  ),
  9223372036854775807
);

-- A session on a shared number without a code holds no slot that would become free. A slot is never free before its
-- row is to be swept, so the walk ends where the first one found is free.
-- name: soonest_pair
select min(r.busy_until) from reservation r cross join number n on n.id = r.number_id
where r.busy_until > :now and (r.shared = 0 or r.coded = 1) and n.grp = :grp and n.draining = 0
  and r.sweep_at <= coalesce(
    (
      select f.busy_until from reservation f indexed by reservation_to_sweep
      cross join number m on m.id = f.number_id
      where f.busy_until > :now and (f.shared = 0 or f.coded = 1) and m.grp = :grp and m.draining = 0
      order by f.sweep_at limit 1
    ),
    9223372036854775807
  );

-- name: hold_number
update number set reservation_id = :reservation_id, held_until = :held_until, busy_until = :busy_until
where id = :id;

-- Only the reservation that holds the number lets it go.
-- name: settle_number
update number set held_until = :now, busy_until = :busy_until
where id = :id and reservation_id = :reservation_id;

-- name: number_holder
select reservation_id from number where id = :id;

-- name: any_number
select 1 from number where grp = :grp and draining = 0 limit 1;

-- name: count_shared
select count(*) from number where grp = :grp and draining = 0 and busy_until <= :now;

-- name: shared_by_turn
select id, text from number
where grp = :grp and draining = 0 and busy_until <= :now
order by turn, id
limit 1 offset :offset;

-- name: shared_by_place
select id, text from number
where grp = :grp and draining = 0 and busy_until <= :now
order by id
limit 1 offset :offset;

-- name: take_turn
update number set turn = (select max(turn) + 1 from number where grp = :grp) where id = :id;

-- name: mark_shared
update number set shared_until = :until where id = :id and shared_until < :until;

-- name: codes_listed
select length, lead, used from codes_in_use where number_id = :number_id;

-- name: codes_over
select length(code), substr(code, 1, 1), count(*) from reservation
where busy_until <= :now and number_id = :number_id and shared = 1 and coded = 1
group by 1, 2;

-- Codes in use that equal this one or begin with it. ':' is the character after '9'.
-- name: clashing_codes
select id from reservation
where number_id = :number_id and shared = 1 and coded = 1 and busy_until > :now
  and code >= :code and code < :code || ':'
limit 2;

-- name: code_in_use
select 1 from reservation
where number_id = :number_id and shared = 1 and coded = 1 and busy_until > :now and code = :code;

-- name: drop_rested_pair
delete from reservation
where number_id = :number_id and code = :code and shared = 1 and coded = 1 and busy_until <= :now
returning id;

-- name: count_code
insert into codes_in_use (number_id, length, lead, used) values (:number_id, :length, :lead, :step)
on conflict (number_id, length, lead) do update set used = codes_in_use.used + :step;

-- name: add_reservation
insert into reservation (
  session_id, data_id, number_id, shared, code, coded, phone, client,
  timeout, late_grace, cooldown, cooldown_after_match,
  started_at, expires_at, late_until, busy_until, sweep_at
) values (
  :session_id, :data_id, :number_id, :shared, :code, :coded, :phone, :client,
  :timeout, :late_grace, :cooldown, :cooldown_after_match,
  :started_at, :expires_at, :late_until, :busy_until, :late_until
);

-- name: extend_reservation
update reservation set
  phone = :phone, timeout = :timeout, late_grace = :late_grace, cooldown = :cooldown,
  cooldown_after_match = :cooldown_after_match,
  started_at = :started_at, expires_at = :expires_at, late_until = :late_until, busy_until = :busy_until,
  sweep_at = :late_until
where id = :id;

-- name: rest_reservation
update reservation set outcome = :outcome, busy_until = :busy_until, sweep_at = :busy_until where id = :id;

-- name: remove_reservation
delete from reservation where id = :id;

-- name: current_reservation
select r.id, r.number_id, n.grp, n.text, n.draining, r.shared, r.code, r.phone,
       r.timeout, r.late_grace, r.cooldown, r.cooldown_after_match, r.expires_at, r.busy_until
from reservation r join number n on n.id = r.number_id
where r.id = :id and r.outcome is null;

-- name: pool
select count(*),
       coalesce(sum(busy_until <= :now and shared_until <= :now), 0),
       coalesce(sum(held_until > :now), 0)
from number where grp = :grp and draining = 0;
