-- A walk down the primary key, newest session first; how far it goes is bounded, for there are no indexes by which
-- sessions could be filtered: every step that writes would pay for them.

-- name: browse_sessions
select s.id, s.service, s.data_id, s.phone_text, s.ends_at, s.matched, s.maker, n.grp, n.text, r.code, r.expires_at
from (
  select id, service, data_id, phone_text, ends_at, matched, maker, reservation_id
  from session where id >= :first and id < :end and ends_at > :now order by id desc limit :look_at
) as s
left join reservation r on r.id = s.reservation_id and r.outcome is null and r.expires_at > :now
left join number n on n.id = r.number_id
where (cast(:service as text) = '' or s.service = cast(:service as text))
  and (cast(:number_ids as text) = '' or cast(:number_ids as text) like '% ' || cast(n.id as text) || ' %')
  and cast(:standing as text) in
    ('', case when r.id is not null then 'held' when s.matched = 1 then 'matched' else 'none' end)
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
