-- What is locked is in use, and left for the next sweep: a sweep waits for no one.

-- name: refile_sessions
update session set sweep_at = ends_at where id in (
  select id from session where sweep_at <= :now and ends_at > :now limit :limit for update skip locked
);

-- name: refile_records
update record set sweep_at = expires_at where id in (
  select id from record where sweep_at <= :now and expires_at > :now limit :limit for update skip locked
);

-- name: sessions_over
select id from session where sweep_at <= :now and ends_at <= :now limit :limit for update skip locked;

-- name: expire_reservations
update reservation set outcome = 'expired', sweep_at = busy_until where id in (
  select id from reservation where sweep_at <= :now and outcome is null and late_until <= :now
  limit :limit for update skip locked
) returning session_id, number_id;

-- name: reservations_over
select id, number_id, shared, code from reservation where sweep_at <= :now and busy_until <= :now and outcome is not null
order by sweep_at limit :limit for update skip locked;

-- name: records_over
select id from record where sweep_at <= :now and expires_at <= :now limit :limit for update skip locked;

-- name: bindings_over
delete from binding where (number_id, kind, key, session_id) in (
  select number_id, kind, key, session_id from binding where until <= :now limit :limit for update skip locked
) returning number_id;
