-- What the store still knows of a number's reservations, as far as an index finds it: those that wait, newest first,
-- the last of an exclusive number, and those of a shared number with one code.

-- name: waiting_on_number
select * from (
  select id, session_id, data_id, number_id, shared, phone, code, started_at, expires_at, cooldown_after_match,
    late_until, outcome
  from reservation indexed by open_exclusive
  where number_id = :number_id and outcome is null and shared = 0
  order by id desc limit :limit) as exclusive
union all
select * from (
  select id, session_id, data_id, number_id, shared, phone, code, started_at, expires_at, cooldown_after_match,
    late_until, outcome
  from reservation indexed by open_by_age
  where number_id = :number_id and outcome is null and shared = 1 and coded = 0
  order by id desc limit :limit) as uncoded
union all
select * from (
  select id, session_id, data_id, number_id, shared, phone, code, started_at, expires_at, cooldown_after_match,
    late_until, outcome
  from reservation indexed by open_by_age
  where number_id = :number_id and outcome is null and shared = 1 and coded = 1
  order by id desc limit :limit) as coded;

-- name: last_on_number
select r.id, r.session_id, r.data_id, r.number_id, r.shared, r.phone, r.code, r.started_at, r.expires_at,
  r.cooldown_after_match, r.late_until, r.outcome
from number n join reservation r on r.id = n.reservation_id
where n.id = :number_id and r.shared = 0;

-- name: pair_on_number
select id, session_id, data_id, number_id, shared, phone, code, started_at, expires_at, cooldown_after_match,
  late_until, outcome
from reservation indexed by pair
where number_id = :number_id and code = :code and shared = 1 and coded = 1;
