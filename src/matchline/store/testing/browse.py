"""Live sessions are shown a page at a time; what is done to them by hand is noted."""

import pytest

from matchline.clock import SECOND
from matchline.errors import Conflict, NotFound
from matchline.kept.audit import AuditEntry
from matchline.kept.events import EventType, Recording
from matchline.kept.live import NumberUse, SessionsWanted, Standing, standing
from matchline.kept.person import person
from matchline.store.testing.stage import OWN, SHARED, Stage, data_of, whose

BY_HAND = AuditEntry("Ada", "by hand")
CALLER = "+49301234567"
GERMANY = frozenset({"DE"})


async def uses(stage: Stage, *number_ids: int) -> dict[int, NumberUse]:
    return dict(await stage.store.number_uses(number_ids, stage.now))


async def shown(stage: Stage, wanted: SessionsWanted | None = None) -> list[str]:
    page = await stage.store.browse(wanted or SessionsWanted(), stage.now)
    return [each.id for each in page.sessions]


class BrowseContract:
    async def test_live_sessions_are_shown_the_last_id_first(self, stage: Stage) -> None:
        for name in ("ben", "anna", "carl"):
            await stage.claim(name, SHARED, code=f"{len(name)}{ord(name[0])}")
        await stage.claim("short", OWN, ttl=1, timeout=1)
        stage.wait(1)
        assert await shown(stage) == ["carl", "ben", "anna"]

    async def test_a_session_is_shown_as_it_is_alone(self, stage: Stage) -> None:
        await stage.claim("anna", phone=CALLER, code="1234")
        (found,) = (await stage.store.browse(SessionsWanted(), stage.now)).sessions
        assert found == await stage.session("anna")
        assert found.held is not None

    async def test_pages_follow_each_other_whatever_comes_and_goes(self, stage: Stage) -> None:
        for name in ("a", "b", "c", "d"):
            await stage.claim(name, SHARED, code=f"1{ord(name)}")
        first = await stage.store.browse(SessionsWanted(limit=2), stage.now)
        await stage.end("c")
        await stage.claim("e", SHARED, code="201")
        second = await stage.store.browse(SessionsWanted(limit=2, before=first.next), stage.now)
        third = await stage.store.browse(SessionsWanted(limit=2, before=second.next), stage.now)
        pages = [[each.id for each in page.sessions] for page in (first, second, third)]
        assert pages == [["d", "c"], ["b", "a"], []]
        assert third.next is None

    async def test_a_step_looks_at_so_many_and_says_where_to_go_on(self, stage: Stage) -> None:
        for name in ("a", "b", "c"):
            await stage.claim(name, SHARED, code=f"1{ord(name)}", phone=CALLER if name == "a" else None)
        meant = SessionsWanted(person=person(CALLER, GERMANY), look_at=2)
        page = await stage.store.browse(meant, stage.now)
        assert (page.sessions, page.next) == ((), "b")
        rest = SessionsWanted(person=person(CALLER, GERMANY), look_at=2, before=page.next)
        page = await stage.store.browse(rest, stage.now)
        assert ([each.id for each in page.sessions], page.next) == (["a"], None)

    async def test_sessions_are_filtered_by_what_they_have(self, stage: Stage) -> None:
        await stage.claim("matched", phone="030 1234567")
        await stage.call("100", phone="030 1234567")
        await stage.claim("over", SHARED, code="11", timeout=5)
        await stage.claim("back", SHARED, code="13")
        await stage.store.release("back", BY_HAND, stage.now)
        stage.wait(5)
        await stage.claim("held", SHARED, code="12", phone=CALLER)
        own, shared = await stage.ids("101", "200")
        meant = person("030/123-45 67", GERMANY)
        for wanted, names in (
            (SessionsWanted(standing=Standing.HELD), ["held"]),
            (SessionsWanted(standing=Standing.MATCHED), ["matched"]),
            (SessionsWanted(standing=Standing.EXPIRED), ["over"]),
            (SessionsWanted(standing=Standing.RELEASED), ["back"]),
            (SessionsWanted(standing=Standing.NONE), []),
            (SessionsWanted(number_ids=frozenset({own, shared})), ["held"]),
            (SessionsWanted(number_ids=frozenset({own})), []),
            (SessionsWanted(number_ids=frozenset()), []),
            (SessionsWanted(service="request-interaction"), ["over", "matched", "held", "back"]),
            (SessionsWanted(service="another"), []),
            (SessionsWanted(prefix="ma"), ["matched"]),
            (SessionsWanted(prefix="held"), ["held"]),
            (SessionsWanted(prefix="held", before="held"), []),
            (SessionsWanted(prefix="m%"), []),
            (SessionsWanted(person=meant), ["matched", "held"]),
            (SessionsWanted(person=meant, standing=Standing.HELD), ["held"]),
            (SessionsWanted(person=meant, limit=1), ["matched"]),
            (SessionsWanted(person=person("+49301234568", GERMANY)), []),
        ):
            assert await shown(stage, wanted) == names, wanted

    async def test_live_sessions_are_counted_by_their_service(self, stage: Stage) -> None:
        for name in ("a", "b", "c"):
            await stage.claim(name, SHARED, code=f"1{ord(name)}")
        counted = await stage.store.count_sessions(None, stage.now)
        assert (dict(counted.services), counted.next) == ({"request-interaction": 3}, None)
        some = await stage.store.count_sessions(None, stage.now, 2)
        assert (dict(some.services), some.next) == ({"request-interaction": 2}, "b")
        rest = await stage.store.count_sessions(some.next, stage.now, 2)
        assert (dict(rest.services), rest.next) == ({"request-interaction": 1}, None)

    async def test_a_sessions_events_are_found_among_those_of_others(self, stage: Stage) -> None:
        stage.store.record_events(Recording(frozenset(EventType), keep=3600 * SECOND))
        await stage.claim("anna")
        await stage.claim("ben")
        stage.wait(1)
        await stage.end("anna")
        page = await stage.store.session_events("anna")
        assert [each.event.type for each in page.events] == ["reserved", "ended"]
        assert (page.oldest, page.next) == (page.events[0].at, None)
        newest = await stage.store.session_events("anna", None, 2)
        assert [each.event.type for each in newest.events] == ["ended"]
        older = await stage.store.session_events("anna", newest.next, 2)
        assert [each.event.type for each in older.events] == ["reserved"]


class NumberUseContract:
    async def test_an_exclusive_number_is_free_held_or_cooling(self, stage: Stage) -> None:
        first, second = await stage.ids("100", "101")
        free, held, cooling = NumberUse(True, 0, 0), NumberUse(False, 1, 0), NumberUse(False, 0, 1)
        await stage.claim("anna", timeout=5, cooldown=10)
        assert await uses(stage, first, second) == {first: held, second: free}
        stage.wait(5)
        assert await uses(stage, first) == {first: cooling}
        stage.wait(10)
        assert await uses(stage, first) == {first: free}

    async def test_of_a_shared_number_held_and_cooling_are_counted(self, stage: Stage) -> None:
        (shared,) = await stage.ids("200")
        await stage.claim("anna", SHARED, code="11", timeout=5, cooldown=10)
        await stage.claim("ben", SHARED, code="12", timeout=60)
        await stage.claim("carl", SHARED, timeout=60)
        assert await uses(stage, shared) == {shared: NumberUse(False, 3, 0)}
        stage.wait(5)
        assert await uses(stage, shared) == {shared: NumberUse(False, 2, 1)}
        await stage.call("200", code="12")
        assert await uses(stage, shared) == {shared: NumberUse(False, 1, 1)}
        await stage.store.sweep(stage.now)
        stage.wait(10)
        assert await uses(stage, shared) == {shared: NumberUse(False, 1, 0)}

    async def test_a_number_that_drains_is_still_in_use_and_one_that_is_gone_is_not(
        self, stage: Stage
    ) -> None:
        (number,) = await stage.ids("100")
        await stage.claim("anna", timeout=5)
        await stage.change(removed=("100",))
        assert (await uses(stage, number))[number].held == 1
        stage.wait(5)
        await stage.store.sweep(stage.now)
        assert await uses(stage, number) == {}

    async def test_a_step_looks_at_so_many_and_at_one_number_at_least(self, stage: Stage) -> None:
        (shared,) = await stage.ids("200")
        for name in ("a", "b", "c"):
            await stage.claim(name, SHARED, code=f"1{ord(name)}")
        (own,) = await stage.ids("100")
        some = await stage.store.number_uses((own, shared), stage.now, 2)
        assert list(some) == [own, shared]
        assert some[shared] == NumberUse(False, 2, 0, complete=False)
        await stage.change(added=((SHARED, "201"),))
        (other,) = await stage.ids("201")
        assert list(await stage.store.number_uses((shared, other, shared), stage.now, 2)) == [shared, other]


class ByHandContract:
    async def test_a_released_slot_is_free_and_its_session_stays(self, stage: Stage) -> None:
        await stage.claim("anna", code="1234")
        await stage.store.release("anna", BY_HAND, stage.now)
        session = await stage.session("anna")
        assert (session.held, session.matched, standing(session)) == (None, False, Standing.RELEASED)
        assert (await stage.store.pool(OWN, stage.now)).free == 2
        assert whose(await stage.call("100")) == []
        assert (await stage.store.record(data_of("anna"), None, stage.now)).values
        assert (await stage.reclaim("anna")).number in ("100", "101")

    async def test_a_lost_reservation_is_forgotten_when_there_is_another(self, stage: Stage) -> None:
        await stage.claim("anna", timeout=5, ttl=900)
        stage.wait(5)
        assert standing(await stage.session("anna")) is Standing.EXPIRED
        await stage.store.sweep(stage.now)
        assert standing(await stage.session("anna")) is Standing.EXPIRED
        await stage.reclaim("anna", timeout=5)
        assert standing(await stage.session("anna")) is Standing.HELD
        await stage.store.release("anna", BY_HAND, stage.now)
        stage.wait(5)
        await stage.store.sweep(stage.now)
        assert standing(await stage.session("anna")) is Standing.RELEASED
        await stage.reclaim("anna", timeout=5)
        await stage.call("100 101")
        assert standing(await stage.session("anna")) is Standing.MATCHED

    async def test_a_released_slot_rests(self, stage: Stage) -> None:
        await stage.claim("anna", cooldown=10)
        await stage.store.release("anna", BY_HAND, stage.now)
        pool = await stage.store.pool(OWN, stage.now)
        assert (pool.free, pool.cooling) == (1, 1)
        stage.wait(10)
        assert (await stage.store.pool(OWN, stage.now)).free == 2

    async def test_a_released_pair_is_given_out_again(self, stage: Stage) -> None:
        await stage.claim("anna", SHARED, code="12")
        await stage.store.release("anna", BY_HAND, stage.now)
        assert (await stage.claim("ben", SHARED, code="12")).code == "12"
        assert whose(await stage.call("200", code="12")) == ["ben"]

    async def test_only_what_is_held_is_released(self, stage: Stage) -> None:
        await stage.claim("anna", timeout=5)
        stage.wait(5)
        with pytest.raises(Conflict):
            await stage.store.release("anna", BY_HAND, stage.now)
        with pytest.raises(NotFound):
            await stage.store.release("nobody", BY_HAND, stage.now)
        assert await stage.store.audit(1 << 53, 10) == ()

    async def test_what_is_done_by_hand_is_noted(self, stage: Stage) -> None:
        stage.store.record_events(Recording(frozenset(EventType), keep=3600 * SECOND))
        await stage.claim("anna")
        await stage.store.release("anna", BY_HAND, stage.now)
        await stage.store.end_by_hand("anna", BY_HAND, stage.now)
        assert [each.entry for each in await stage.store.audit(1 << 53, 10)] == [BY_HAND, BY_HAND]
        told = (await stage.store.session_events("anna")).events
        assert [each.event.type for each in told] == ["reserved", "released", "ended"]
        assert (told[1].event.group, told[1].event.number) == (OWN, "100")

    async def test_a_session_ended_by_hand_is_gone_with_its_data(self, stage: Stage) -> None:
        await stage.claim("anna")
        await stage.store.end_by_hand("anna", BY_HAND, stage.now)
        assert await stage.session_is_gone("anna")
        assert await stage.record_is_gone(data_of("anna"))
        assert (await stage.store.pool(OWN, stage.now)).free == 2
        with pytest.raises(NotFound):
            await stage.store.end_by_hand("anna", BY_HAND, stage.now)
        assert len(await stage.store.audit(1 << 53, 10)) == 1
