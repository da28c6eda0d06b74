"""Callbacks: they begin and go with their sessions, follow their charts, and never overbook a slot."""

from collections.abc import Sequence

import pytest

from matchline.clock import SECOND
from matchline.errors import Conflict, Exhausted, NotFound
from matchline.kept.callback import (
    Booking,
    Callback,
    CallbackChange,
    CallbackState,
    CallbacksWanted,
    NewCallback,
    Rescheduling,
    SlotFull,
)
from matchline.kept.charting import Begun, ChartEvent, NewChart, charted
from matchline.kept.person import person
from matchline.model import Idempotency, NewSession
from matchline.store.testing.charts import ANNA, MOST, claim, rest, step, waiting, work
from matchline.store.testing.crowds import at_once, only
from matchline.store.testing.stage import TTL, Stage, data_of, text_values

CALENDAR = "office"
SLOT = 300 * SECOND
ROOM = 2  # callbacks that a slot takes
PHONE = "+493012345678"
GERMAN = "030 12345678"
CROWD = 24  # several times the connections that a store has by default


def booking(stage: Stage, slot: int = 0, calendar: str = CALENDAR, most: int = ROOM) -> Booking:
    """The slot that begins now, or one that comes so many later."""
    start = stage.clock.now() + slot * SLOT
    return Booking(calendar, start, start + SLOT, most)


async def book(
    stage: Stage,
    name: str = "anna",
    booked: Booking | None = None,
    phone: str = PHONE,
    same_as: Idempotency | None = None,
) -> Begun:
    """At the beginning of a slot; at once without one."""
    session = NewSession(charted(name), "call-back", data_of(name), GERMAN, TTL * SECOND)
    state = CallbackState.SCHEDULED if booked else CallbackState.QUEUED
    desired_at = booked.start if booked else stage.now
    callback = NewCallback(phone, GERMAN, state, desired_at, booked)
    new = NewChart(
        session, text_values(name=name), "digest", b"<scxml/>", f"token of {name}", b"{}", same_as, callback
    )
    return await stage.store.begin_chart(new, stage.now)


async def move(stage: Stage, to: Booking, name: str = "anna", most: int = MOST) -> None:
    wanted = Rescheduling(to.start, to, stage.now + 2 * TTL * SECOND)
    await stage.store.reschedule(charted(name), wanted, ChartEvent("moved", b"moved"), most, stage.now)


async def cancel(stage: Stage, name: str = "anna", most: int = MOST) -> None:
    await stage.store.cancel_callback(charted(name), ChartEvent("gone", b"gone"), most, stage.now)


async def found(stage: Stage, **wanted: str) -> Sequence[Callback]:
    return await stage.store.callbacks(CallbacksWanted(10, **wanted), stage.now)


async def one(stage: Stage, name: str = "anna") -> Callback:
    (callback,) = await found(stage, session_id=charted(name))
    return callback


async def booked(stage: Stage, calendar: str = CALENDAR) -> list[int]:
    """How many in each slot that has any."""
    bookings = await stage.store.bookings(calendar, stage.now, stage.now + 100 * SLOT)
    return [bookings[at] for at in sorted(bookings)]


class CallbackContract:
    async def test_a_callback_begins_with_its_session(self, stage: Stage) -> None:
        slot = booking(stage)
        await book(stage, booked=slot)
        ends_at = stage.now + TTL * SECOND
        scheduled = CallbackState.SCHEDULED
        whole = Callback(ANNA, "call-back", GERMAN, scheduled, "", slot.start, ends_at, None)
        assert await one(stage) == whole
        assert await booked(stage) == [1]

    async def test_it_is_found_by_all_that_is_known_of_it(self, stage: Stage) -> None:
        await book(stage, "anna", booking(stage))
        await book(stage, "ben", None)
        await book(stage, "carl", booking(stage, 1), phone="+4940")
        anna, ben, carl = (charted(name) for name in ("anna", "ben", "carl"))
        assert [each.session_id for each in await found(stage, phone=PHONE)] == [ben, anna]
        assert [each.session_id for each in await found(stage, state="SCHEDULED")] == [carl, anna]
        assert [each.session_id for each in await found(stage, phone=PHONE, state="QUEUED")] == [ben]
        assert [each.session_id for each in await found(stage, session_id=anna, phone="+4940")] == []
        assert [each.session_id for each in await found(stage, phone=PHONE, service="other")] == []
        assert [each.session_id for each in await found(stage)] == [carl, ben, anna]
        assert await found(stage, service="other") == ()
        assert len(await stage.store.callbacks(CallbacksWanted(1, state="SCHEDULED"), stage.now)) == 1

    async def test_it_is_found_while_its_session_lives(self, stage: Stage) -> None:
        await book(stage, booked=booking(stage))
        stage.wait(TTL)
        assert await found(stage, session_id=ANNA) == ()
        assert await found(stage, phone=PHONE) == ()
        assert await found(stage, state="SCHEDULED") == ()

    async def test_the_same_key_books_once(self, stage: Stage) -> None:
        key = Idempotency("k", "same")
        begun = await book(stage, booked=booking(stage, most=1), same_as=key)
        assert await book(stage, "ben", booking(stage, most=1), same_as=key) == begun
        assert await booked(stage) == [1]

    async def test_a_chart_says_where_its_callback_stands(self, stage: Stage) -> None:
        await book(stage, booked=booking(stage))
        for state, reason, shown in (
            (CallbackState.ROUTING, "a reason", "a reason"),
            (CallbackState.PROCESSING, None, "a reason"),
            (CallbackState.COMPLETED, "", ""),
        ):
            done = step(await work(stage), callback=CallbackChange(state, reason), more=False)
            assert await stage.store.advance_chart(done, stage.now)
            assert ((await one(stage)).state, (await one(stage)).reason) == (state, shown)
            await stage.store.queue_event(ANNA, ChartEvent(state, b"next"), MOST, stage.now)

    async def test_what_a_step_says_that_is_not_stored_is_not_so(self, stage: Stage) -> None:
        await book(stage, booked=booking(stage))
        late = step(await work(stage), owner="two", callback=CallbackChange(CallbackState.ROUTING))
        assert not await stage.store.advance_chart(late, stage.now)
        assert (await one(stage)).state is CallbackState.SCHEDULED

    async def test_the_chart_of_no_callback_says_nothing(self, stage: Stage) -> None:
        await book(stage, "anna", booking(stage))
        session = NewSession(charted("ben"), "talk", data_of("ben"), None, TTL * SECOND)
        await stage.store.begin_chart(
            NewChart(session, {}, "digest", b"<scxml/>", "token of ben", b"{}"), stage.now
        )
        for each in await claim(stage):
            done = step(each, callback=CallbackChange(CallbackState.ROUTING))
            assert await stage.store.advance_chart(done, stage.now)
        assert [each.session_id for each in await found(stage, state="ROUTING")] == [ANNA]

    async def test_the_session_takes_its_callback_with_it(self, stage: Stage) -> None:
        await book(stage, booked=booking(stage, 1))
        await stage.end(ANNA)
        assert await booked(stage) == []
        assert await found(stage, session_id=ANNA) == ()
        await book(stage, "ben", booking(stage, 1))
        stage.wait(TTL)
        await stage.sweep()
        assert await booked(stage) == []

    async def test_a_person_who_is_forgotten_leaves_no_callback(self, stage: Stage) -> None:
        await book(stage, booked=booking(stage, 1))
        await stage.store.forget(person(PHONE, frozenset({"DE"})), stage.now)
        assert await found(stage, phone=PHONE) == ()
        assert await booked(stage) == []


class BookingContract:
    async def test_a_slot_takes_no_more_than_it_may(self, stage: Stage) -> None:
        slot = booking(stage)
        for name in ("anna", "ben"):
            await book(stage, name, slot)
        with pytest.raises(SlotFull):
            await book(stage, "carl", slot)
        assert await stage.session_is_gone(charted("carl"))
        await book(stage, "carl", booking(stage, 1))
        await book(stage, "dora", booking(stage, calendar="another"))
        assert (await booked(stage), await booked(stage, "another")) == ([2, 1], [1])

    async def test_a_slot_that_takes_none_is_full(self, stage: Stage) -> None:
        with pytest.raises(SlotFull):
            await book(stage, booked=booking(stage, most=0))

    async def test_what_is_at_once_takes_up_nothing(self, stage: Stage) -> None:
        await book(stage)
        assert await booked(stage) == []
        assert (await one(stage)).state is CallbackState.QUEUED

    async def test_another_time_frees_the_first_and_prolongs_the_session(self, stage: Stage) -> None:
        await book(stage, booked=booking(stage, most=1))
        await rest(stage)
        later = booking(stage, 1, most=1)
        await move(stage, later)
        callback = await one(stage)
        assert (callback.desired_at, callback.ends_at) == (later.start, stage.now + 2 * TTL * SECOND)
        assert (await stage.store.record(data_of("anna"), None, stage.now)).expires_at == callback.ends_at
        assert await waiting(stage) == [b"moved"]
        await book(stage, "ben", booking(stage, most=1))
        assert await booked(stage) == [1, 1]

    async def test_within_a_full_slot_one_may_move(self, stage: Stage) -> None:
        slot = booking(stage, most=1)
        await book(stage, booked=slot)
        await move(stage, slot)
        assert await booked(stage) == [1]

    async def test_into_a_full_slot_nobody_moves(self, stage: Stage) -> None:
        full = booking(stage, 1, most=1)
        await book(stage, "anna", booking(stage))
        await book(stage, "ben", full)
        with pytest.raises(SlotFull):
            await move(stage, full)
        assert (await one(stage)).desired_at == stage.now

    async def test_what_is_cancelled_frees_its_slot_and_tells_the_chart(self, stage: Stage) -> None:
        slot = booking(stage, 1, most=1)
        await book(stage, booked=slot)
        await rest(stage)
        await cancel(stage)
        callback = await one(stage)
        assert (callback.state, callback.reason) == (CallbackState.COMPLETED, "CANCELLED")
        assert await waiting(stage) == [b"gone"]
        await book(stage, "ben", slot)

    async def test_what_was_called_in_time_keeps_its_place(self, stage: Stage) -> None:
        slot = booking(stage, most=1)
        await book(stage, booked=slot)
        await rest(stage, callback=CallbackChange(CallbackState.COMPLETED))
        with pytest.raises(SlotFull):
            await book(stage, "ben", slot)

    async def test_only_what_is_scheduled_is_given_another_time(self, stage: Stage) -> None:
        await book(stage, booked=booking(stage))
        await rest(stage, callback=CallbackChange(CallbackState.QUEUED))
        with pytest.raises(Conflict):
            await move(stage, booking(stage, 1))
        await cancel(stage)
        with pytest.raises(Conflict):
            await cancel(stage)

    async def test_what_is_no_callback_is_not_found(self, stage: Stage) -> None:
        await stage.claim("ben")
        for name in ("anna", "ben"):
            with pytest.raises(NotFound):
                await move(stage, booking(stage), name)
            with pytest.raises(NotFound):
                await cancel(stage, name)

    async def test_where_too_many_events_wait_nothing_changes(self, stage: Stage) -> None:
        await book(stage, booked=booking(stage))
        for change in (move(stage, booking(stage, 1), most=0), cancel(stage, most=0)):
            with pytest.raises(Exhausted):
                await change
        callback = await one(stage)
        assert (callback.state, callback.desired_at) == (CallbackState.SCHEDULED, stage.now)
        assert await booked(stage) == [1]

    async def test_a_crowd_never_overbooks_a_slot(self, stage: Stage) -> None:
        for slot in range(5):
            names = [f"{slot} {n}" for n in range(CROWD)]
            answers = await at_once([book(stage, name, booking(stage, slot)) for name in names])
            assert len(only(Begun, answers)) == ROOM
            assert len(only(SlotFull, answers)) == CROWD - ROOM
        assert await booked(stage) == [ROOM] * 5

    async def test_a_crowd_that_moves_never_overbooks_a_slot(self, stage: Stage) -> None:
        names = [f"{n}" for n in range(CROWD)]
        for n, name in enumerate(names):
            await book(stage, name, booking(stage, n))
        target = booking(stage, CROWD)
        answers = await at_once([move(stage, target, name) for name in names])
        assert answers.count(None) == ROOM
        assert len(only(SlotFull, answers)) == CROWD - ROOM
        assert sum(await booked(stage)) == CROWD
