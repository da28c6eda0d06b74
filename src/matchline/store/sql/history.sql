-- Several nodes add to one minute; the levels are those of who looked last.
-- name: add_sample
insert into pool_sample (grp, at, free, held, cooling, reserved, exhausted)
values (:grp, :at, :free, :held, :cooling, :reserved, :exhausted)
on conflict (grp, at) do update set
  free = coalesce(excluded.free, pool_sample.free),
  held = coalesce(excluded.held, pool_sample.held),
  cooling = coalesce(excluded.cooling, pool_sample.cooling),
  reserved = pool_sample.reserved + excluded.reserved,
  exhausted = pool_sample.exhausted + excluded.exhausted;

-- name: list_samples
select at, grp, free, held, cooling, reserved, exhausted from pool_sample
where grp = :grp and at >= :since order by at;

-- A few rows of each group are over at a time: the table is small enough to be looked through once a minute.
-- name: samples_over
delete from pool_sample where (grp, at) in (select grp, at from pool_sample where at < :before limit :limit)
returning at;

-- name: open_on_shared
select count(*) from number n join reservation r indexed by open_by_age on r.number_id = n.id
where n.grp = :grp and r.outcome is null and r.shared = 1;
