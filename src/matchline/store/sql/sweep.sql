-- name: sessions_over
select id from session where ends_at <= :now limit :limit;

-- What can match no more leaves the indexes by which calls look for it, also while its slot still rests.
-- name: expire_reservations
update reservation set outcome = 'expired' where id in (
  select id from reservation indexed by open_by_end
  where outcome is null and late_until <= :now limit :limit
);

-- name: reservations_over
select id, number_id, shared, coded, code from reservation where busy_until <= :now limit :limit;

-- name: remove_reservation
delete from reservation where id = :id;

-- name: records_over
select id from record where expires_at <= :now limit :limit;

-- name: bindings_over
delete from binding where (number_id, kind, key, session_id) in (
  select number_id, kind, key, session_id from binding where until <= :now limit :limit
) returning number_id;
