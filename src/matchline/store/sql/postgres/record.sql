-- name: hide_data
update record set hidden = 1, expires_at = :expires_at, sweep_at = least(sweep_at, :expires_at)
where id = :id and expires_at > :now and owner is null;

-- name: restart_record
update record set expires_at = :expires_at, sweep_at = least(sweep_at, :expires_at)
where id = :id and expires_at > :now and hidden = 0;
