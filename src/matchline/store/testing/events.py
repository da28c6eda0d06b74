"""What a step settles is noted in the same step, in the order of each session's life; nothing is noted when off."""

import asyncio

from matchline.clock import SECOND
from matchline.errors import Exhausted
from matchline.kept.events import Attempt, Event, EventType, Outbox, Pruned, Recording, Told
from matchline.store.testing.stage import OWN, SHARED, Stage

KEEP = 3600 * SECOND
ALL = Recording(frozenset(EventType), deliver=True, keep=KEEP)
BACK_OFF = 5 * SECOND
MANY = 100  # events, more than a test makes


async def told(stage: Stage) -> list[str]:
    """Type and session of each event, in a word."""
    return [f"{each.event.type} {each.event.session_id}" for each in await stage.store.events(0, MANY)]


async def due(stage: Stage) -> list[Told]:
    return list(await stage.store.due_events(MANY, stage.now))


class EventContract:
    async def test_nothing_is_noted_unless_it_is_to_be(self, stage: Stage) -> None:
        await stage.claim("anna")
        stage.store.record_events(Recording(frozenset({EventType.MATCHED}), keep=KEEP))
        await stage.claim("ben")
        await stage.call("100")
        assert await told(stage) == ["matched anna"]
        assert await due(stage) == []

    async def test_an_event_says_what_it_is_about(self, stage: Stage) -> None:
        stage.store.record_events(ALL)
        await stage.claim("anna", timeout=40)
        stage.wait(12.9)
        await stage.call("100")
        service = "request-interaction"
        reserved = Event(EventType.RESERVED, "anna", service, OWN, "100", 40)
        matched = Event(EventType.MATCHED, "anna", service, OWN, "100", 12)
        found = await stage.store.events(0, MANY)
        assert [each.event for each in found] == [reserved, matched]
        assert found[1].at - found[0].at == 12_900

    async def test_a_session_is_followed_through_its_life(self, stage: Stage) -> None:
        stage.store.record_events(ALL)
        await stage.claim("anna")
        await stage.renew("anna")
        await stage.reclaim("anna")
        await stage.reclaim("anna", SHARED, code="11")
        await stage.end("anna")
        expected = ["reserved", "renewed", "renewed", "reserved", "ended"]
        assert await told(stage) == [f"{each} anna" for each in expected]

    async def test_a_late_call_is_told_as_one(self, stage: Stage) -> None:
        stage.store.record_events(ALL)
        await stage.claim("anna", timeout=30, late_grace=10, cooldown=10)
        stage.wait(35)
        await stage.call("100", delete=True)
        assert await told(stage) == ["reserved anna", "late anna", "ended anna"]

    async def test_a_repeated_answer_is_no_event(self, stage: Stage) -> None:
        stage.store.record_events(ALL)
        await stage.claim("anna")
        await stage.call("100", call_id="c")
        await stage.call("100", call_id="c")
        assert await told(stage) == ["reserved anna", "matched anna"]

    async def test_what_is_refused_is_no_event(self, stage: Stage) -> None:
        stage.store.record_events(ALL)
        await stage.claim("anna")
        await stage.claim("ben")
        for step in (stage.claim("carl"), stage.reclaim("ben", "empty")):
            try:
                await step
            except Exhausted:
                continue
        assert await told(stage) == ["reserved anna", "reserved ben"]

    async def test_a_sweep_tells_what_expired_before_what_ended(self, stage: Stage) -> None:
        stage.store.record_events(ALL)
        await stage.claim("anna", timeout=30, ttl=60)
        await stage.claim("ben", timeout=30, ttl=30)
        stage.wait(30)
        await stage.sweep()
        assert sorted((await told(stage))[2:]) == ["ended ben", "expired anna", "expired ben"]
        assert [each for each in await told(stage) if "ben" in each][1:] == ["expired ben", "ended ben"]
        stage.wait(30)
        await stage.sweep()
        assert (await told(stage))[-1] == "ended anna"

    async def test_what_expired_is_told_once_whoever_notices(self, stage: Stage) -> None:
        stage.store.record_events(ALL)
        await stage.claim("anna", timeout=30, ttl=90)
        await stage.claim("ben", timeout=30, ttl=90)
        stage.wait(30)
        await stage.reclaim("anna")
        await stage.end("ben")
        await stage.sweep()
        found = await told(stage)
        assert [each for each in found if "anna" in each] == [
            "reserved anna",
            "expired anna",
            "reserved anna",
        ]
        assert [each for each in found if "ben" in each] == ["reserved ben", "expired ben", "ended ben"]

    async def test_a_pair_that_is_given_out_again_tells_that_it_expired(self, stage: Stage) -> None:
        stage.store.record_events(ALL)
        await stage.claim("anna", SHARED, code="11", timeout=30, ttl=90)
        stage.wait(30)
        await stage.claim("ben", SHARED, code="11")
        await stage.sweep()
        assert sorted(await told(stage)) == ["expired anna", "reserved anna", "reserved ben"]

    async def test_events_that_settle_nothing_are_added(self, stage: Stage) -> None:
        stage.store.record_events(Recording(frozenset({EventType.EXHAUSTED}), keep=KEEP))
        exhausted = Event(EventType.EXHAUSTED, group=OWN, seconds=7)
        await stage.store.add_events([exhausted, Event(EventType.AMBIGUOUS)], stage.now)
        assert [each.event for each in await stage.store.events(0, MANY)] == [exhausted]

    async def test_a_cursor_goes_on_where_it_stopped(self, stage: Stage) -> None:
        stage.store.record_events(ALL)
        for name in ("anna", "ben"):
            await stage.claim(name)
        first = await stage.store.events(0, 1)
        await stage.call("100")
        rest = await stage.store.events(first[0].place, MANY)
        assert [each.place for each in (*first, *rest)] == [1, 2, 3]
        assert await stage.store.events(3, MANY) == ()

    async def test_a_crowd_gets_each_place_once(self, stage: Stage) -> None:
        stage.store.record_events(ALL)
        claims = [stage.claim(f"s{n}", SHARED, code=f"{n:02}") for n in range(32)]
        readers = [stage.store.events(0, MANY) for _ in range(8)]
        await asyncio.gather(*claims, *readers)
        places = [each.place for each in await stage.store.events(0, MANY)]
        assert places == list(range(1, 33))


class DeliveryContract:
    async def test_the_next_event_of_a_session_is_due_when_the_one_before_is_delivered(
        self, stage: Stage
    ) -> None:
        stage.store.record_events(ALL)
        await stage.claim("anna")
        await stage.claim("ben")
        await stage.call("100")
        first = await due(stage)
        assert [each.event.session_id for each in first] == ["anna", "ben"]
        await stage.store.note_attempts([Attempt(each.place, None) for each in first])
        assert [each.event.type for each in await due(stage)] == [EventType.MATCHED]

    async def test_what_failed_is_due_again_later(self, stage: Stage) -> None:
        stage.store.record_events(ALL)
        await stage.claim("anna")
        await stage.call("100")
        (first,) = await due(stage)
        await stage.store.note_attempts([Attempt(first.place, stage.now + BACK_OFF)])
        assert await due(stage) == []
        stage.wait(5)
        (again,) = await due(stage)
        assert (again.event, again.attempts) == (first.event, 1)

    async def test_events_of_no_session_wait_for_none(self, stage: Stage) -> None:
        stage.store.record_events(ALL)
        await stage.store.add_events([Event(EventType.AMBIGUOUS, number=text) for text in "ab"], stage.now)
        assert len(await due(stage)) == 2

    async def test_the_outbox_is_counted(self, stage: Stage) -> None:
        assert await stage.store.outbox() == Outbox(0, None)
        stage.store.record_events(ALL)
        since = stage.now
        await stage.claim("anna")
        stage.wait(1)
        await stage.claim("ben")
        assert await stage.store.outbox() == Outbox(2, since)
        await stage.store.note_attempts([Attempt(each.place, None) for each in await due(stage)])
        assert await stage.store.outbox() == Outbox(0, None)

    async def test_events_are_kept_for_their_time(self, stage: Stage) -> None:
        stage.store.record_events(ALL)
        await stage.claim("anna")
        await stage.claim("ben")
        (first, _) = await due(stage)
        await stage.store.note_attempts([Attempt(first.place, None)])
        stage.wait(3599.999)
        assert await stage.store.prune_events(stage.now) == Pruned()
        stage.wait(0.001)
        assert await stage.store.prune_events(stage.now, 1) == Pruned(events=1)
        assert await stage.store.prune_events(stage.now) == Pruned(events=1, dead=1)
        await stage.claim("carl", SHARED)
        assert [each.place for each in await stage.store.events(0, MANY)] == [3]

    async def test_one_has_a_lease_until_it_is_over(self, stage: Stage) -> None:
        take, start = stage.store.take_lease, stage.now
        assert await take("courier", "a", start + 10, start)
        assert not await take("courier", "b", start + 20, start + 9)
        assert await take("other", "b", start + 20, start + 9)
        assert await take("courier", "a", start + 15, start + 9)
        assert not await take("courier", "b", start + 20, start + 14)
        assert await take("courier", "b", start + 30, start + 15)
        assert not await take("courier", "a", start + 30, start + 15)
