"""What may be asked about calls and people: the call log, what a call would be answered, and to be forgotten."""

from typing import Unpack

from matchline.foretold import Foretold, State
from matchline.kept.call_log import CallEntry, CallsWanted, Outcome, Reason
from matchline.kept.events import EventType, Recording
from matchline.kept.person import Forgotten, Person, person
from matchline.model import Idempotency
from matchline.store.testing.stage import OWN, SHARED, Asking, Stage, data_of, whose
from matchline.verdict import MatchPolicy, NeedsCode, NoneMatches

ANNA, BEN = "+14155550123", "+14155550199"


async def logged(stage: Stage) -> list[CallEntry]:
    """The call log, oldest first."""
    return list(reversed((await stage.store.calls(CallsWanted())).entries))


class CallLogContract:
    async def test_every_call_is_logged_with_its_reason(self, stage: Stage) -> None:
        await stage.claim("anna", phone=ANNA)
        await stage.claim("carl", SHARED, code="1234")
        for phone in (BEN, ANNA, ANNA):
            await stage.call("100", noted="…23", phone=phone)
        for code in (None, "9999", "1234"):
            await stage.call("200", noted="…99", code=code)
        assert [(each.number, each.reason, each.session_id) for each in await logged(stage)] == [
            ("100", Reason.OTHER_PHONE, None),
            ("100", Reason.PHONE, "anna"),
            ("100", Reason.NOBODY_WAITS, None),
            ("200", Reason.CODE_NEEDED, None),
            ("200", Reason.NO_SUCH_CODE, None),
            ("200", Reason.CODE, "carl"),
        ]

    async def test_an_entry_tells_when_who_and_through_which_service(self, stage: Stage) -> None:
        await stage.claim("anna", timeout=10, cooldown=10, late_grace=10)
        stage.wait(12)
        await stage.call("100", noted="…23", call_id="c")
        await stage.call("100", noted="…23", call_id="c")
        first, second = await logged(stage)
        assert (first.at, first.caller, first.service, first.call_id) == (stage.now, "…23", "match", "c")
        assert (first.late, first.repeated, first.reason) == (True, False, Reason.NUMBER)
        assert (second.late, second.repeated, second.reason) == (True, True, Reason.SAME_CALL)
        assert second.session_id == "anna"

    async def test_a_call_to_a_number_that_is_not_configured_is_logged(self, stage: Stage) -> None:
        assert await stage.call("", noted=None) == NoneMatches()
        (entry,) = await logged(stage)
        assert (entry.number, entry.caller, entry.reason) == ("", None, Reason.UNKNOWN_NUMBER)

    async def test_each_of_several_sessions_has_an_entry(self, stage: Stage) -> None:
        for name in ("anna", "ben"):
            await stage.claim(name, SHARED)
        await stage.call("200", noted="…1", policy=MatchPolicy(multiple=True))
        assert [entry.session_id for entry in await logged(stage)] == ["ben", "anna"]

    async def test_without_a_note_nothing_is_logged(self, stage: Stage) -> None:
        await stage.claim("anna")
        await stage.call("100")
        await stage.call("100")
        assert await logged(stage) == []

    async def test_calls_are_found_by_number_caller_and_outcome(self, stage: Stage) -> None:
        await stage.claim("anna")
        await stage.call("100", noted="…1")
        await stage.call("101", noted="…2")
        for wanted, number in (
            (CallsWanted(numbers=frozenset({"101"})), "101"),
            (CallsWanted(phones=frozenset({"…2"})), "101"),
            (CallsWanted(outcome=Outcome.MATCHED), "100"),
        ):
            assert [entry.number for entry in (await stage.store.calls(wanted)).entries] == [number]

    async def test_calls_are_read_page_by_page(self, stage: Stage) -> None:
        for n in range(5):
            await stage.call("100", noted=f"…{n}")
        seen, before = [], None
        for _ in range(3):
            page = await stage.store.calls(CallsWanted(before=before, limit=2))
            seen += [entry.caller for entry in page.entries]
            before = page.next
        assert seen == ["…4", "…3", "…2", "…1", "…0"]
        assert before is None

    async def test_what_is_older_is_trimmed_a_limit_at_a_time(self, stage: Stage) -> None:
        for _ in range(3):
            await stage.call("100", noted="…1")
        stage.wait(1)
        await stage.call("101", noted="…1")
        assert await stage.store.trim_calls(stage.now, 2) == 2
        assert await stage.store.trim_calls(stage.now, 2) == 1
        assert await stage.store.trim_calls(stage.now, 2) == 0
        assert [entry.number for entry in await logged(stage)] == ["101"]


class ForetellContract:
    async def test_it_tells_what_a_call_would_get_and_releases_nothing(self, stage: Stage) -> None:
        await stage.claim("anna", phone=ANNA)
        for _ in range(2):
            assert whose((await foretold(stage, "100", phone=ANNA)).verdict) == ["anna"]
        assert (await foretold(stage, "100", phone=BEN)).verdict == NoneMatches()
        assert await logged(stage) == []
        assert whose(await stage.call("100", phone=ANNA)) == ["anna"]

    async def test_it_needs_the_code_where_a_call_would(self, stage: Stage) -> None:
        await stage.claim("anna", SHARED, code="1234")
        assert (await foretold(stage, "200")).verdict == NeedsCode(4)
        assert whose((await foretold(stage, "200", code="1234")).verdict) == ["anna"]

    async def test_it_knows_the_answer_of_the_same_call(self, stage: Stage) -> None:
        await stage.claim("anna")
        await stage.call("100", call_id="c")
        again = (await foretold(stage, "100", call_id="c", delete=True)).verdict
        assert whose(again) == ["anna"]
        assert not await stage.session_is_gone("anna")
        assert (await foretold(stage, "100")).verdict == NoneMatches()

    async def test_it_knows_reservations_while_their_slots_rest(self, stage: Stage) -> None:
        await stage.claim("anna", cooldown_after_match=60)
        await stage.call("100")
        assert await states(stage, "100") == [("anna", State.MATCHED)]
        await stage.claim("ben", timeout=10, late_grace=5, cooldown=60, ttl=60)
        assert await states(stage, "101") == [("ben", State.HELD)]
        stage.wait(10)
        assert await states(stage, "101") == [("ben", State.IN_GRACE)]
        stage.wait(5)
        for _ in range(2):
            assert await states(stage, "101") == [("ben", State.EXPIRED)]
            await stage.sweep()

    async def test_it_knows_a_released_code_while_it_rests(self, stage: Stage) -> None:
        await stage.claim("anna", SHARED, code="1234", cooldown=60)
        await stage.end("anna")
        assert await states(stage, "200", code="1234") == [("anna", State.RELEASED)]


class ForgetContract:
    async def test_what_is_known_of_a_person_goes_and_others_stay(self, stage: Stage) -> None:
        same = Idempotency("k", "digest")
        await stage.claim("anna", phone=ANNA, same_as=same)
        await stage.claim("ben", phone=BEN)
        await stage.call("100", phone=ANNA, call_id="c", noted=ANNA)
        await stage.call("101", phone=BEN, call_id="d", noted=BEN)
        forgotten = await stage.store.forget(known_by(ANNA), stage.now)
        assert forgotten == Forgotten(sessions=1, records=1, bindings=1, answers=1, calls=1)
        assert await stage.session_is_gone("anna")
        assert await stage.record_is_gone(data_of("anna"))
        assert await stage.call("100", call_id="c") == NoneMatches()
        assert (await stage.claim("anew", same_as=same)).session_id == "anew"
        assert not await stage.session_is_gone("ben")
        assert whose(await stage.call("101", phone=BEN, call_id="d")) == ["ben"]
        assert [entry.caller for entry in await logged(stage)] == [BEN]
        assert await stage.store.forget(known_by(ANNA), stage.now) == Forgotten()

    async def test_a_forgotten_slot_is_released_and_rests_for_nobody(self, stage: Stage) -> None:
        await stage.claim("anna", phone=ANNA, cooldown=30)
        assert (await stage.store.forget(known_by(ANNA), stage.now)).reservations == 1
        (known,) = (await foretold(stage, "100")).known
        assert (known.candidate.session_id, known.candidate.phone) == ("", None)
        assert (await stage.store.pool(OWN, stage.now)).cooling == 1
        stage.wait(30)
        assert (await stage.store.pool(OWN, stage.now)).free == 2

    async def test_a_shared_slot_that_does_not_rest_is_free_at_once(self, stage: Stage) -> None:
        await stage.claim("anna", SHARED, phone=ANNA, code="1234")
        assert (await stage.store.forget(known_by(ANNA), stage.now)).reservations == 1
        assert (await stage.claim("ben", SHARED, code="1234")).code == "1234"

    async def test_a_session_is_found_by_any_spelling(self, stage: Stage) -> None:
        await stage.claim("anna", phone=ANNA)
        assert (
            await stage.store.forget(person("(415) 555-0123", frozenset({"US"})), stage.now)
        ).sessions == 1

    async def test_repeats_that_tell_the_phone_go_though_the_session_is_another_s(self, stage: Stage) -> None:
        await stage.claim("ben")
        await stage.call("100", phone=ANNA, repeat_window=60)
        assert await stage.store.forget(known_by(ANNA), stage.now) == Forgotten(bindings=1)
        assert not await stage.session_is_gone("ben")

    async def test_the_events_of_a_person_s_sessions_go(self, stage: Stage) -> None:
        stage.store.record_events(Recording(frozenset({EventType.RESERVED}), keep=60_000))
        await stage.claim("anna", phone=ANNA)
        await stage.claim("ben", phone=BEN)
        assert (await stage.store.forget(known_by(ANNA), stage.now)).events == 1
        assert {told.event.session_id for told in await stage.store.events(0, 100)} == {"ben"}

    async def test_a_rehearsal_counts_and_removes_nothing(self, stage: Stage) -> None:
        await stage.claim("anna", phone=ANNA)
        rehearsed = await stage.store.rehearse_forget(known_by(ANNA), stage.now)
        assert rehearsed.sessions == 1
        assert not await stage.session_is_gone("anna")
        assert await stage.store.forget(known_by(ANNA), stage.now) == rehearsed


def known_by(phone: str) -> Person:
    return person(phone, frozenset({None}))


async def foretold(stage: Stage, number: str, **asking: Unpack[Asking]) -> Foretold:
    return await stage.store.foretell(await stage.query(number, **asking), stage.now)


async def states(stage: Stage, number: str, **asking: Unpack[Asking]) -> list[tuple[str, State]]:
    """Of the reservations that are known, newest first."""
    known = (await foretold(stage, number, **asking)).known
    return [(each.candidate.session_id, each.state(stage.now)) for each in known]
