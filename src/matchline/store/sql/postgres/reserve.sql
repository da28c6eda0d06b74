-- name: soonest_number
select min(greatest(busy_until, shared_until)) from number
where grp = :grp and draining = 0 and busy_until <= coalesce(
  (
    select busy_until from number
    where grp = :grp and draining = 0 and shared_until <= busy_until
    order by busy_until limit 1
  ),
  9223372036854775807
);

-- name: soonest_pair
select min(r.busy_until) from reservation r join number n on n.id = r.number_id
where r.busy_until > :now and (r.shared = 0 or r.coded = 1) and n.grp = :grp and n.draining = 0
  and r.sweep_at <= coalesce(
    (
      select f.busy_until from reservation f join number m on m.id = f.number_id
      where f.busy_until > :now and (f.shared = 0 or f.coded = 1) and m.grp = :grp and m.draining = 0
      order by f.sweep_at limit 1
    ),
    9223372036854775807
  );

-- The first number in the order of the strategy with the first candidate that is free on it: as it is committed now.
-- name: free_pair
select n.id, n.text, free.code
from (
  select id, text, count(*) over () as total,
         row_number() over (order by case when :by_turn = 1 then turn else 0 end, id) - 1 as place
  from number where grp = :grp and draining = 0 and busy_until <= :now
) as n
cross join lateral (select free_code(n.id, cast(:codes as text[]), :most_in_use, :leads, :now) as code) as free
where free.code is not null
order by (n.place - :pick % n.total + n.total) % n.total
limit 1;

-- Once the number is locked, what others committed meanwhile is seen; a pair that they took makes the step begin again.
-- name: verify_pair
select 1 / count(*) from number
where id = :id and draining = 0 and busy_until <= :now
  and free_code(id, cast(:codes as text[]), :most_in_use, :leads, :now) is not null;

-- name: drop_rested_code
with dropped as (
  delete from reservation
  where number_id = :number_id and code = :code and shared = 1 and coded = 1 and busy_until <= :now
  returning 1
)
update codes_in_use set used = used - 1
where number_id = :number_id and length = length(:code) and lead = substr(:code, 1, 1)
  and exists (select 1 from dropped);

-- name: add_reservation
insert into reservation (
  id, session_id, data_id, number_id, shared, code, coded, phone, client,
  timeout, late_grace, cooldown, cooldown_after_match,
  started_at, expires_at, late_until, busy_until, sweep_at
) values (
  :id, :session_id, :data_id, :number_id, :shared, :code, :coded, :phone, :client,
  :timeout, :late_grace, :cooldown, :cooldown_after_match,
  :started_at, :expires_at, :late_until, :busy_until, :late_until
);

-- name: pool
select count(*),
       count(*) filter (where busy_until <= :now and shared_until <= :now),
       count(*) filter (where held_until > :now)
from number where grp = :grp and draining = 0;
