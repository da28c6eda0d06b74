"""Charts: what waits for them, whose they are, and that a step is stored whole or not at all."""

from typing import TypedDict, Unpack

import pytest

from matchline.clock import SECOND, Instant
from matchline.errors import Conflict, Exhausted, NotFound
from matchline.kept.callback import CallbackChange
from matchline.kept.charting import (
    ChartEvent,
    ChartState,
    ChartStep,
    ChartWork,
    Effect,
    NewChart,
    NewEffect,
    Response,
    charted,
    event_body,
)
from matchline.kept.person import person
from matchline.model import Idempotency, NewSession
from matchline.store.testing.stage import OWN, SHARED, TTL, Stage, data_of, text_values, whose

LEASE = 10 * SECOND
PHONE = "+493012345678"
MOST = 3  # events that may wait
ANNA = charted("anna")
DOCUMENT = b"<scxml/>"


async def begin(stage: Stage, name: str = "anna", same_as: Idempotency | None = None) -> str:
    session = NewSession(charted(name), "talk", data_of(name), None, TTL * SECOND)
    new = NewChart(session, text_values(name=name), "digest", DOCUMENT, f"token of {name}", b"{}", same_as)
    return (await stage.store.begin_chart(new, stage.now)).session_id


async def queue(stage: Stage, event: str, session_id: str = ANNA) -> None:
    await stage.store.queue_event(session_id, ChartEvent(event, event.encode()), MOST, stage.now)


async def claim(stage: Stage, owner: str = "one") -> list[ChartWork]:
    return list(await stage.store.claim_charts(owner, stage.now + LEASE, 10, stage.now))


async def work(stage: Stage, owner: str = "one") -> ChartWork:
    (found,) = await claim(stage, owner)
    return found


class Made(TypedDict, total=False):
    """What comes of a step."""

    taken: tuple[int, ...]  # all that waits, unless it says so
    effects: tuple[NewEffect, ...]
    responses: tuple[Response, ...]
    next_due: Instant
    ended: bool
    stopped: str
    more: bool
    callback: CallbackChange


def step(done: ChartWork, owner: str = "one", **made: Unpack[Made]) -> ChartStep:
    wanted: Made = {"taken": tuple(each.place for each in done.queued), **made}
    return ChartStep(done.session_id, owner, done.version, b"after", "a", **wanted)


async def rest(stage: Stage, **made: Unpack[Made]) -> None:
    """The chart has done all that there was to do."""
    assert await stage.store.advance_chart(step(await work(stage), **made), stage.now)


async def waiting(stage: Stage) -> list[bytes]:
    """What is told when it is looked at next."""
    return [each.body for found in await claim(stage) for each in found.queued]


async def end(stage: Stage, session_id: str, how: str) -> None:
    """The session, which has the number 100, and whose call comes from PHONE."""
    if how == "end":
        await stage.end(session_id)
    elif how == "delete":
        await stage.call("100", phone=PHONE, delete=True)
    elif how == "forget":
        await stage.store.forget(person(PHONE, frozenset({None})), stage.now)
    else:
        stage.wait(TTL)
        await stage.sweep()


class ChartContract:
    async def test_a_chart_begins_with_its_session(self, stage: Stage) -> None:
        await begin(stage)
        session = await stage.session(ANNA)
        assert (session.service, session.held, session.matched) == ("talk", None, False)
        assert (await stage.store.record(data_of("anna"), None, stage.now)).values == text_values(name="anna")
        found = await work(stage)
        assert (found.session_id, found.service, found.document) == (ANNA, "talk", DOCUMENT)
        assert (found.settings, found.snapshot, found.queued) == (b"{}", None, ())
        assert await stage.store.chart_at("token of anna") == ANNA
        assert await stage.store.chart_state(ANNA) == ChartState("")

    async def test_the_same_key_begins_it_once(self, stage: Stage) -> None:
        key = Idempotency("k", "same")
        assert await begin(stage, same_as=key) == await begin(stage, "other", key) == ANNA
        with pytest.raises(Conflict):
            await begin(stage, "third", Idempotency("k", "another"))
        assert len(await claim(stage)) == 1

    async def test_an_event_waits_in_its_order_until_a_step_takes_it(self, stage: Stage) -> None:
        await begin(stage)
        await rest(stage)
        assert await claim(stage) == []
        await queue(stage, "first")
        await queue(stage, "second")
        found = await work(stage)
        assert ([each.body for each in found.queued], found.snapshot) == ([b"first", b"second"], b"after")
        assert await stage.store.advance_chart(step(found, taken=(found.queued[0].place,)), stage.now)
        assert await waiting(stage) == [b"second"]

    async def test_an_event_comes_once_while_it_waits_or_is_answered(self, stage: Stage) -> None:
        await begin(stage)
        await queue(stage, "ask")
        await queue(stage, "ask")
        found = await work(stage)
        assert len(found.queued) == 1
        answered = step(found, responses=(Response("ask", b"yes"), Response("ask", b"no")))
        assert await stage.store.advance_chart(answered, stage.now)
        await queue(stage, "ask")
        assert await claim(stage) == []
        assert await stage.store.response(ANNA, "ask") == b"yes"
        assert await stage.store.response(ANNA, "other") is None

    async def test_no_more_events_wait_than_may(self, stage: Stage) -> None:
        await begin(stage)
        for n in range(MOST):
            await queue(stage, f"e{n}")
        with pytest.raises(Exhausted):
            await queue(stage, "more")

    async def test_only_a_live_session_with_a_chart_takes_events(self, stage: Stage) -> None:
        await stage.claim("ben")
        for session_id in ("ben", ANNA):
            with pytest.raises(NotFound):
                await queue(stage, "ask", session_id)
            with pytest.raises(NotFound):
                await stage.store.chart_state(session_id)
        with pytest.raises(NotFound):
            await stage.store.chart_at("token of anna")
        await begin(stage)
        stage.wait(TTL)
        with pytest.raises(NotFound):
            await queue(stage, "ask")

    async def test_a_chart_that_ended_takes_no_events(self, stage: Stage) -> None:
        await begin(stage)
        await queue(stage, "left over")
        await rest(stage, taken=(), ended=True, stopped="a limit")
        with pytest.raises(Conflict):
            await queue(stage, "ask")
        assert await claim(stage) == []
        assert await stage.store.chart_state(ANNA) == ChartState("a", stage.now, "a limit")
        assert not (await stage.session(ANNA)).matched

    async def test_it_wakes_for_its_delayed_messages(self, stage: Stage) -> None:
        await begin(stage)
        await rest(stage, next_due=stage.now + 5 * SECOND)
        stage.wait(4.999)
        assert await claim(stage) == []
        stage.wait(0.001)
        assert len(await claim(stage)) == 1


class ChartLeaseContract:
    async def test_a_chart_is_one_nodes_until_it_rests_or_the_time_is_over(self, stage: Stage) -> None:
        await begin(stage)
        found = await work(stage, "one")
        assert await claim(stage, "two") == []
        stage.wait(10)
        assert (await work(stage, "two")).version == found.version
        assert not await stage.store.advance_chart(step(found, "one"), stage.now)
        assert await stage.store.advance_chart(step(found, "two"), stage.now)
        assert not await stage.store.advance_chart(step(found, "two"), stage.now), "it has moved on"

    async def test_who_goes_on_keeps_it(self, stage: Stage) -> None:
        await begin(stage)
        found = await work(stage)
        assert await stage.store.advance_chart(step(found, more=True), stage.now)
        assert await claim(stage, "two") == []
        stage.wait(6)
        await stage.store.keep_charts("two", [ANNA], stage.now + 2 * LEASE)
        await stage.store.keep_charts("one", [ANNA], stage.now + LEASE)
        stage.wait(9)
        assert await claim(stage, "two") == []
        stage.wait(1)
        assert len(await claim(stage, "two")) == 1

    async def test_a_lone_process_has_all_at_its_beginning(self, stage: Stage) -> None:
        await begin(stage)
        await rest(stage, effects=(NewEffect("k", b"do"),))
        await queue(stage, "ask")
        await claim(stage)
        assert len(await stage.store.claim_effects(stage.now + LEASE, 10, stage.now)) == 1
        await stage.store.free_charts()
        assert len(await claim(stage, "two")) == 1
        assert len(await stage.store.claim_effects(stage.now + LEASE, 10, stage.now)) == 1

    async def test_an_effect_is_done_at_least_once_and_its_outcome_told(self, stage: Stage) -> None:
        await begin(stage)
        await rest(stage, effects=(NewEffect("k1", b"one"), NewEffect("k2", b"two")))
        first, second = await self._effects(stage)
        assert (first.session_id, first.key, first.body, first.attempts) == (ANNA, "k1", b"one", 0)
        await stage.store.finish_effect(first, ChartEvent("", b"done"), stage.now)
        assert await waiting(stage) == [b"done"]
        await stage.store.postpone_effect(second, stage.now + SECOND)
        assert await self._effects(stage) == []
        stage.wait(1)
        (again,) = await self._effects(stage)
        assert (again.key, again.attempts) == ("k2", 1)
        stage.wait(10)
        assert [each.key for each in await self._effects(stage)] == ["k2"], "who had it did not come back"

    async def _effects(self, stage: Stage) -> list[Effect]:
        return list(await stage.store.claim_effects(stage.now + LEASE, 10, stage.now))


class ChartLifeContract:
    """What the session's own steps do to its chart."""

    async def test_a_match_is_told_in_its_own_step(self, stage: Stage) -> None:
        await begin(stage)
        await rest(stage)
        await stage.reclaim(ANNA, phone="+4930")
        await stage.claim("ben")
        await stage.call("101")
        assert await claim(stage) == []
        assert whose(await stage.call("100", phone="+4930", call_id="c1")) == [ANNA]
        members = {"_access_number": "100", "_call_id": "c1", "_phone_number": "+4930"}
        assert await waiting(stage) == [event_body("interaction.matched", members)]
        assert whose(await stage.call("100", phone="+4930", call_id="c1")) == [ANNA]
        assert len((await stage.store.claim_charts("two", stage.now, 1, stage.now + LEASE))[0].queued) == 1

    async def test_expiry_is_told_once_a_sweep_has_seen_it(self, stage: Stage) -> None:
        await begin(stage)
        await rest(stage)
        await stage.reclaim(ANNA, timeout=30)
        stage.wait(30)
        await stage.sweep()
        assert await waiting(stage) == [event_body("interaction.expired", {"_access_number": "100"})]

    async def test_a_new_slot_for_a_session_that_had_none_is_its_own(self, stage: Stage) -> None:
        await begin(stage)
        granted = await stage.reclaim(ANNA, SHARED, code="11")
        assert (granted.session_id, granted.data_id, granted.code) == (ANNA, data_of("anna"), "11")
        await stage.renew(ANNA)
        assert whose(await stage.call("200", code="11")) == [ANNA]
        assert (await stage.session(ANNA)).matched

    async def test_without_a_slot_there_is_nothing_to_renew_and_nothing_to_let_go(self, stage: Stage) -> None:
        await begin(stage)
        with pytest.raises(Conflict):
            await stage.renew(ANNA)
        await stage.end(ANNA)
        assert await stage.session_is_gone(ANNA)

    @pytest.mark.parametrize("how", ["end", "delete", "sweep"])
    async def test_the_session_takes_its_chart_with_it(self, stage: Stage, how: str) -> None:
        await begin(stage)
        await rest(stage, effects=(NewEffect("k", b"do"),), responses=(Response("r", b"yes"),))
        await stage.reclaim(ANNA)
        await end(stage, ANNA, how)
        assert await claim(stage) == []
        assert await stage.store.claim_effects(stage.now + LEASE, 10, stage.now) == ()
        assert await stage.store.response(ANNA, "r") is None
        with pytest.raises(NotFound):
            await stage.store.chart_at("token of anna")

    @pytest.mark.parametrize("how", ["end", "delete", "sweep", "forget"])
    async def test_of_a_chart_that_runs_elsewhere_its_place_is_left_to_do(
        self, stage: Stage, how: str
    ) -> None:
        await begin(stage, "anna.ors")
        await rest(stage, next_due=stage.now)  # its snapshot is the place
        session_id = charted("anna.ors")
        await stage.reclaim(session_id, phone=PHONE)
        await end(stage, session_id, how)
        assert await claim(stage) == []
        (left,) = await stage.store.claim_effects(stage.now + LEASE, 10, stage.now)
        assert (left.session_id, left.body, left.attempts) == (session_id, b"after", 0)
        await stage.store.finish_effect(left, None, stage.now)
        stage.wait(10)
        assert await stage.store.claim_effects(stage.now + LEASE, 10, stage.now) == ()

    @pytest.mark.parametrize("why", ["it has not begun", "it has ended"])
    async def test_of_a_chart_that_runs_nowhere_nothing_is_left_to_do(self, stage: Stage, why: str) -> None:
        await begin(stage, "anna.ors")
        if why == "it has ended":
            await rest(stage, ended=True)
        await stage.end(charted("anna.ors"))
        assert await stage.store.claim_effects(stage.now + LEASE, 10, stage.now) == ()

    async def test_a_person_who_is_forgotten_leaves_no_chart(self, stage: Stage) -> None:
        await begin(stage)
        await stage.reclaim(ANNA, phone=PHONE)
        await stage.call("100", phone=PHONE)
        await stage.store.forget(person(PHONE, frozenset({None})), stage.now)
        with pytest.raises(NotFound):
            await stage.store.chart_at("token of anna")
        assert await claim(stage) == []

    async def test_old_answers_and_documents_go(self, stage: Stage) -> None:
        await begin(stage)
        await rest(stage, responses=(Response("old", b"yes"),))
        stage.wait(5)
        assert await stage.store.trim_charts(stage.now, 10) == 1
        assert await stage.store.response(ANNA, "old") is None
        await queue(stage, "old")
        assert (await work(stage)).document == DOCUMENT, "it is in use"

    async def test_reserving_in_an_exhausted_group_changes_nothing(self, stage: Stage) -> None:
        await begin(stage)
        await stage.claim("ben")
        await stage.claim("carl")
        with pytest.raises(Exhausted):
            await stage.reclaim(ANNA, OWN)
        assert (await stage.session(ANNA)).held is None
