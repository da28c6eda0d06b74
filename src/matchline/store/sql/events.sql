-- name: add_event
insert into event (type, at, session_id, service, grp, number, seconds, keep_until, due_at)
values (:type, :now, :session_id, :service, :grp, :number, :seconds, :keep_until, :due_at);

-- Service, group and number are looked up: a number that was removed meanwhile leaves its place empty.
-- name: add_event_of_session
insert into event (type, at, session_id, service, grp, number, seconds, keep_until, due_at)
select cast(:type as text), cast(:now as bigint), cast(:session_id as text), coalesce(s.service, ''),
       coalesce(n.grp, ''), coalesce(n.text, ''), cast(:seconds as bigint), cast(:keep_until as bigint),
       cast(:due_at as bigint)
from (select 1 as one) as always
left join number n on n.id = cast(:number_id as bigint)
left join session s on s.id = cast(:session_id as text);

-- The pair is about to be given out again, and no sweep has come by since its time was over.
-- name: expired_on_pair
select session_id from reservation
where number_id = :number_id and code = :code and shared = 1 and coded = 1 and busy_until <= :now
  and outcome is null;

-- Events get their places one node at a time, once they are committed: else one that is committed later could stand
-- before one that was told already.
-- name: last_place
insert into meta (name, value) values ('events', 0)
on conflict (name) do update set value = meta.value returning value;

-- name: set_last_place
update meta set value = :last where name = 'events';

-- name: events_without_place
select id from event where place is null order by id limit :limit;

-- name: place_event
update event set place = :place where id = :id;

-- name: list_events
select place, type, at, session_id, service, grp, number, seconds, attempts
from event where place > :after order by place limit :limit;

-- The first of each session: the next is due when that is delivered. Those of no session wait for none.
-- name: due_events
select e.place, e.type, e.at, e.session_id, e.service, e.grp, e.number, e.seconds, e.attempts
from event e
where e.due_at <= :now and e.place is not null and (
  e.session_id = '' or not exists (
    select 1 from event f where f.session_id = e.session_id and f.due_at is not null and f.place < e.place
  )
)
order by e.place limit :limit;

-- name: note_attempt
update event set due_at = :due_at, attempts = attempts + :failed where place = :place and due_at is not null;

-- name: outbox
select count(*), min(at) from event where due_at is not null;

-- name: prune_events
delete from event where id in (select id from event where keep_until <= :now order by keep_until, id limit :limit)
returning case when due_at is null then 0 else 1 end;

-- name: take_lease
insert into lease (name, owner, until) values (:name, :owner, :until)
on conflict (name) do update set owner = excluded.owner, until = excluded.until
where lease.owner = excluded.owner or lease.until <= :now
returning owner;
