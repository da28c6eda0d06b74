-- Candidates of one number. An exclusive number has one session, hardly ever more. On a shared number each class
-- (caller's phone or none, code or none) is found by an index, newest first; two of a class are enough to know
-- that it is ambiguous.

-- name: candidates_by_code
select id, session_id, data_id, number_id, shared, phone, code, started_at, expires_at, cooldown_after_match
from reservation indexed by open_exclusive
where number_id = :number_id and outcome is null and shared = 0 and code = :code and late_until > :now
union all
select id, session_id, data_id, number_id, shared, phone, code, started_at, expires_at, cooldown_after_match
from reservation indexed by pair
where number_id = :number_id and code = :code and shared = 1 and coded = 1 and outcome is null and late_until > :now;

-- name: candidates_of_caller
select id, session_id, data_id, number_id, shared, phone, code, started_at, expires_at, cooldown_after_match
from reservation indexed by open_exclusive
where number_id = :number_id and outcome is null and shared = 0 and late_until > :now
union all
select * from (
  select id, session_id, data_id, number_id, shared, phone, code, started_at, expires_at, cooldown_after_match
  from reservation indexed by open_by_phone
  where number_id = :number_id and outcome is null and shared = 1 and phone = :phone and coded = 0 and late_until > :now
  order by id desc limit :limit)
union all
select * from (
  select id, session_id, data_id, number_id, shared, phone, code, started_at, expires_at, cooldown_after_match
  from reservation indexed by open_by_phone
  where number_id = :number_id and outcome is null and shared = 1 and phone = :phone and coded = 1 and late_until > :now
  order by id desc limit :limit)
union all
select * from (
  select id, session_id, data_id, number_id, shared, phone, code, started_at, expires_at, cooldown_after_match
  from reservation indexed by open_by_phone
  where number_id = :number_id and outcome is null and shared = 1 and phone = '' and coded = 0 and late_until > :now
  order by id desc limit :limit)
union all
select * from (
  select id, session_id, data_id, number_id, shared, phone, code, started_at, expires_at, cooldown_after_match
  from reservation indexed by open_by_phone
  where number_id = :number_id and outcome is null and shared = 1 and phone = '' and coded = 1 and late_until > :now
  order by id desc limit :limit);

-- A caller who shows no number: those without code and phone are the only ones that a shared number gives.
-- name: candidates_of_anyone
select id, session_id, data_id, number_id, shared, phone, code, started_at, expires_at, cooldown_after_match
from reservation indexed by open_exclusive
where number_id = :number_id and outcome is null and shared = 0 and late_until > :now
union all
select * from (
select * from (
  select id, session_id, data_id, number_id, shared, phone, code, started_at, expires_at, cooldown_after_match
  from reservation indexed by open_by_phone
  where number_id = :number_id and outcome is null and shared = 1 and phone = '' and coded = 0 and late_until > :now
  order by id desc limit :limit)
union
select * from (
  select id, session_id, data_id, number_id, shared, phone, code, started_at, expires_at, cooldown_after_match
  from reservation indexed by open_by_age
  where number_id = :number_id and outcome is null and shared = 1 and coded = 0 and late_until > :now
  order by id desc limit :limit)
union
select * from (
  select id, session_id, data_id, number_id, shared, phone, code, started_at, expires_at, cooldown_after_match
  from reservation indexed by open_by_age
  where number_id = :number_id and outcome is null and shared = 1 and coded = 1 and late_until > :now
  order by id desc limit :limit)
);

-- name: get_bindings
select session_id, data_id, phone, code, late from binding
where number_id = :number_id and kind = :kind and key = :key and until > :now
order by place, session_id;

-- name: bind
insert into binding (number_id, kind, key, session_id, data_id, phone, code, late, place, until)
values (:number_id, :kind, :key, :session_id, :data_id, :phone, :code, :late, :place, :until)
on conflict (number_id, kind, key, session_id) do update set
  data_id = excluded.data_id, phone = excluded.phone, code = excluded.code, late = excluded.late,
  place = excluded.place, until = excluded.until;

-- A slot that is given out again answers no repeats of its earlier match.

-- name: forget_repeats_of_number
delete from binding where number_id = :number_id and kind = 'repeat';

-- name: forget_repeats_of_code
delete from binding indexed by repeat_by_code where number_id = :number_id and kind = 'repeat' and code = :code;

-- name: forget_repeats_of_key
delete from binding where number_id = :number_id and kind = 'repeat' and key = :key;
