-- API keys. What is revoked is gone.

-- name: list_keys
select id, name, digest, scopes, services, groups, created_at from api_key order by id;

-- name: add_key
insert into api_key (id, name, digest, scopes, services, groups, created_at)
values (:id, :name, :digest, :scopes, :services, :groups, :created_at);

-- name: revoke_key
delete from api_key where id = :id;

-- name: forget_key_use
delete from key_use where key_id = :id;

-- name: list_key_uses
select key_id, used_at from key_use order by key_id;

-- A key that was revoked meanwhile leaves no trace; of two nodes that tell of a key the later use counts.
-- name: note_key_use
insert into key_use (key_id, used_at) select id, :used_at from api_key where id = :id
on conflict (key_id) do update set used_at = excluded.used_at where key_use.used_at < excluded.used_at;
