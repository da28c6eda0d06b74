-- name: get_version
select value from meta where name = 'version';

-- name: bump_version
update meta set value = value + 1 where name = 'version';

-- name: list_options
select section, name, value from option order by section, name;

-- name: list_numbers
select id, grp, text, draining from number order by id;

-- name: set_option
insert into option (section, name, value) values (:section, :name, :value)
on conflict (section, name) do update set value = excluded.value;

-- name: unset_option
delete from option where section = :section and name = :name;

-- name: remove_section
delete from option where section = :section;

-- name: undrain_number
update number set draining = 0 where grp = :grp and text = :text returning id;

-- A new number takes the last turn of its group's round.
-- name: add_number
insert into number (grp, text, turn)
values (:grp, :text, (select coalesce(max(turn), 0) + 1 from number where grp = :grp));

-- name: drain_number
update number set draining = 1 where id = :id;

-- A drained number goes when nothing refers to it any more; its reservations are over by busy_until and shared_until.
-- name: purge_numbers
delete from number
where draining = 1 and busy_until <= :now and shared_until <= :now
  and not exists (select 1 from binding b where b.number_id = number.id and b.until > :now)
returning id;

-- name: purge_pairs
delete from reservation where number_id = :id and shared = 1 and coded = 1;

-- name: purge_codes_in_use
delete from codes_in_use where number_id = :id;

-- A change that nobody reads, to see that changes can be made durable. (One that changed nothing would write nothing.)
-- name: touch
insert into meta (name, value) values ('touched', 0)
on conflict (name) do update set value = 1 - meta.value;
