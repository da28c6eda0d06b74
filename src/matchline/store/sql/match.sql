-- Candidates of one number. Each class (caller's phone or none, code or none) is found by an index, newest
-- first; two of a class are enough to know that it is ambiguous.

-- name: candidates_by_code
select id, session_id, data_id, number_id, shared, phone, code, started_at, expires_at
from reservation indexed by open_by_code
where number_id = :number_id and outcome is null and coded = 1 and code = :code and late_until > :now
order by id desc limit :limit;

-- name: candidates_of_caller
select * from (
  select id, session_id, data_id, number_id, shared, phone, code, started_at, expires_at
  from reservation indexed by open_by_phone
  where number_id = :number_id and outcome is null and phone = :phone and coded = 0 and late_until > :now
  order by id desc limit :limit)
union all
select * from (
  select id, session_id, data_id, number_id, shared, phone, code, started_at, expires_at
  from reservation indexed by open_by_phone
  where number_id = :number_id and outcome is null and phone = :phone and coded = 1 and late_until > :now
  order by id desc limit :limit)
union all
select * from (
  select id, session_id, data_id, number_id, shared, phone, code, started_at, expires_at
  from reservation indexed by open_by_phone
  where number_id = :number_id and outcome is null and phone = '' and coded = 0 and late_until > :now
  order by id desc limit :limit)
union all
select * from (
  select id, session_id, data_id, number_id, shared, phone, code, started_at, expires_at
  from reservation indexed by open_by_phone
  where number_id = :number_id and outcome is null and phone = '' and coded = 1 and late_until > :now
  order by id desc limit :limit);

-- A caller who shows no number: those without code and phone are the only ones that a shared number gives.
-- name: candidates_of_anyone
select * from (
  select id, session_id, data_id, number_id, shared, phone, code, started_at, expires_at
  from reservation indexed by open_by_phone
  where number_id = :number_id and outcome is null and phone = '' and coded = 0 and late_until > :now
  order by id desc limit :limit)
union
select * from (
  select id, session_id, data_id, number_id, shared, phone, code, started_at, expires_at
  from reservation indexed by open_by_age
  where number_id = :number_id and outcome is null and coded = 0 and late_until > :now
  order by id desc limit :limit)
union
select * from (
  select id, session_id, data_id, number_id, shared, phone, code, started_at, expires_at
  from reservation indexed by open_by_age
  where number_id = :number_id and outcome is null and coded = 1 and late_until > :now
  order by id desc limit :limit);

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

-- A slot that is given out again answers no repeats of its earlier match. '/' is the key of a call that told
-- nothing but the number.

-- name: forget_repeats_of_number
delete from binding where number_id = :number_id and kind = 'repeat';

-- name: forget_repeats_of_code
delete from binding indexed by repeat_by_code where number_id = :number_id and kind = 'repeat' and code = :code;

-- name: forget_bare_repeats
delete from binding where number_id = :number_id and kind = 'repeat' and key = '/';
