-- name: renew_session
update session set reservation_id = :reservation_id, ends_at = greatest(ends_at, :ends_at), matched = 0,
  phone_text = coalesce(:phone_text, phone_text)
where id = :id;

-- name: restart_session
update session set ends_at = :ends_at, sweep_at = least(sweep_at, :ends_at) where id = :id;

-- name: mark_matched
update session set matched = 1, ends_at = greatest(ends_at, :ends_at) where id = :id and ends_at > :now;
