-- name: add_session
insert into session (id, service, data_id, phone_text, ttl, ends_at, sweep_at, reservation_id, maker)
values (:id, :service, :data_id, :phone_text, :ttl, :ends_at, :ends_at, :reservation_id, :maker);

-- name: get_session
select service, data_id, phone_text, ttl, ends_at, matched, reservation_id, maker
from session where id = :id and ends_at > :now;

-- name: renew_session
update session set reservation_id = :reservation_id, ends_at = max(ends_at, :ends_at), matched = 0,
  phone_text = coalesce(:phone_text, phone_text)
where id = :id;

-- name: restart_session
update session set ends_at = :ends_at, sweep_at = min(sweep_at, :ends_at) where id = :id;

-- name: mark_matched
update session set matched = 1, ends_at = max(ends_at, :ends_at) where id = :id and ends_at > :now;

-- name: mark_released
update session set reservation_id = 0 where id = :id;

-- name: remove_session
delete from session where id = :id;

-- name: forget_idempotency
delete from idempotency where session_id = :session_id;

-- name: get_idempotency
select i.digest, i.answer from idempotency i join session s on s.id = i.session_id
where i.key = :key and s.ends_at > :now;

-- name: set_idempotency
insert into idempotency (key, digest, session_id, answer) values (:key, :digest, :session_id, :answer)
on conflict (key) do update set
  digest = excluded.digest, session_id = excluded.session_id, answer = excluded.answer;
