-- name: put_record
insert into record (id, owner, expires_at, sweep_at, hidden, body, maker)
values (:id, :owner, :expires_at, :expires_at, 0, :body, :maker)
on conflict (id) do update set
  owner = excluded.owner, expires_at = excluded.expires_at, sweep_at = excluded.sweep_at, hidden = 0,
  body = excluded.body, maker = excluded.maker;

-- name: get_record
select owner, expires_at, body, maker from record where id = :id and expires_at > :now and hidden = 0;

-- A session's data as a match or its repetition may read them: hidden ones too. What has an owner is no
-- session's data.
-- name: get_remembered
select body from record where id = :id and expires_at > :now and owner is null;

-- name: set_body
update record set body = :body where id = :id;

-- name: remove_record
delete from record where id = :id;

-- name: remove_data
delete from record where id = :id and owner is null;

-- name: hide_data
update record set hidden = 1, expires_at = :expires_at, sweep_at = min(sweep_at, :expires_at)
where id = :id and expires_at > :now and owner is null;

-- name: extend_data
update record set expires_at = :expires_at
where id = :id and expires_at > :now and expires_at < :expires_at and hidden = 0 and owner is null;

-- name: restart_record
update record set expires_at = :expires_at, sweep_at = min(sweep_at, :expires_at)
where id = :id and expires_at > :now and hidden = 0;
