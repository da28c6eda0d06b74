-- What nodes over one database tell each other.

-- Whoever listens is told when this transaction is committed.
-- name: bump_version
update meta set value = value + 1 where name = 'version' returning pg_notify('matchline_configuration', '');

-- name: read_clock
select cast(floor(extract(epoch from clock_timestamp()) * 1000) as bigint);
