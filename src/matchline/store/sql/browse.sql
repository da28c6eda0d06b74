-- A walk down the primary key, newest session first; how far it goes is bounded, for there are no indexes by which
-- sessions could be filtered: every step that writes would pay for them.

-- name: browse_sessions
select s.id, s.service, s.data_id, s.phone_text, s.ends_at, s.matched, s.maker, s.reservation_id,
       n.grp, n.text, r.code, r.expires_at
from (
  select id, service, data_id, phone_text, ends_at, matched, maker, reservation_id
  from session where id >= :first and id < :end and ends_at > :now order by id desc limit :look_at
) as s
left join reservation r on r.id = s.reservation_id and r.outcome is null and r.expires_at > :now
left join number n on n.id = r.number_id
where (cast(:service as text) = '' or s.service = cast(:service as text))
  and (cast(:number_ids as text) = '' or cast(:number_ids as text) like '% ' || cast(n.id as text) || ' %')
  and cast(:standing as text) in ('', case
    when r.id is not null then 'held'
    when s.matched = 1 then 'matched'
    when s.reservation_id is null then 'none'
    when s.reservation_id = 0 then 'released'
    else 'expired' end)
order by s.id desc limit :limit;

-- name: browse_phones
select id, phone_text
from (
  select id, phone_text from session where id >= :first and id < :end and ends_at > :now order by id desc limit :look_at
) as s
where phone_text is not null order by id desc;

-- name: browse_end
select count(*), min(id)
from (
  select id from session where id >= :first and id < :end and ends_at > :now order by id desc limit :look_at
) as s;

-- name: count_sessions
select service, count(*), min(id)
from (
  select id, service from session where id < :end and ends_at > :now order by id desc limit :look_at
) as s
group by service;

-- name: browse_events
select place, type, at, session_id, service, grp, number, seconds, attempts
from (
  select place, type, at, session_id, service, grp, number, seconds, attempts
  from event where place < :before order by place desc limit :look_at
) as e
where session_id = :session_id order by place;

-- name: browse_events_end
select count(*), min(place), min(at)
from (select place, at from event where place < :before order by place desc limit :look_at) as e;

-- A number that is shared has a row for each pair in use and for each session without a code; some may be over.
-- name: use_of_number
select case when n.busy_until <= :now and n.shared_until <= :now then 1 else 0 end,
       u.held + case when n.held_until > :now then 1 else 0 end,
       u.cooling + case when n.held_until <= :now and n.busy_until > :now then 1 else 0 end,
       u.looked_at
from number n cross join (
  select count(*) as looked_at,
         count(*) filter (where outcome is null and expires_at > :now) as held,
         count(*) filter (where coded = 1 and busy_until > :now and (outcome is not null or expires_at <= :now))
           as cooling
  from (
    select * from (
      select outcome, expires_at, busy_until, coded from reservation indexed by pair
      where number_id = :id and shared = 1 and coded = 1 limit :look_at) as paired
    union all
    select * from (
      select outcome, expires_at, busy_until, coded from reservation indexed by open_by_age
      where number_id = :id and coded = 0 and outcome is null and shared = 1 limit :look_at) as uncoded
  ) as shared
) as u
where n.id = :id;
