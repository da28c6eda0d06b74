-- name: put_record
insert into record (id, owner, expires_at, hidden) values (:id, :owner, :expires_at, 0)
on conflict (id) do update set owner = excluded.owner, expires_at = excluded.expires_at, hidden = 0;

-- name: get_record
select owner, expires_at from record where id = :id and expires_at > :now and hidden = 0;

-- A session's data as a match or its repetition may read them: hidden ones too. What has an owner is no
-- session's data.
-- name: list_remembered
select v.key, v.content_type, v.body from record r join value v on v.record_id = r.id
where r.id = :id and r.expires_at > :now and r.owner is null
order by v.key;

-- name: list_values
select key, content_type, body from value where record_id = :record_id order by key;

-- name: get_value
select content_type, body from value where record_id = :record_id and key = :key;

-- name: set_value
insert into value (record_id, key, content_type, body) values (:record_id, :key, :content_type, :body)
on conflict (record_id, key) do update set content_type = excluded.content_type, body = excluded.body;

-- name: count_values
select count(*) from value where record_id = :record_id;

-- name: remove_value
delete from value where record_id = :record_id and key = :key returning key;

-- name: remove_values
delete from value where record_id = :record_id;

-- name: remove_record
delete from record where id = :id;

-- name: remove_data
delete from record where id = :id and owner is null returning id;

-- name: hide_data
update record set hidden = 1, expires_at = :expires_at
where id = :id and expires_at > :now and owner is null;

-- name: extend_data
update record set expires_at = max(expires_at, :expires_at)
where id = :id and expires_at > :now and hidden = 0 and owner is null;

-- name: restart_record
update record set expires_at = :expires_at where id = :id and expires_at > :now and hidden = 0;
