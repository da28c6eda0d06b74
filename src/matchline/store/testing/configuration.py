"""The configuration is changed by one at a time; a number that is removed drains (rule 3)."""

import asyncio

import pytest

from matchline.clock import SECOND
from matchline.errors import Conflict, Exhausted
from matchline.model import Change
from matchline.store.testing.stage import OWN, SHARED, Stage, whose
from matchline.verdict import NoneMatches


class ConfigurationContract:
    async def test_options_are_kept_as_they_were_set(self, stage: Stage) -> None:
        await stage.change(options=(("server", "realm", "Zürich ☎"), ("service.get", "_type", "")))
        stored = await stage.store.stored()
        assert stored.sections == {"server": {"realm": "Zürich ☎"}, "service.get": {"_type": ""}}

    async def test_an_option_is_overwritten_and_unset(self, stage: Stage) -> None:
        await stage.change(options=(("server", "realm", "a"), ("server", "username", "u")))
        await stage.change(options=(("server", "realm", "b"), ("server", "username", None)))
        assert (await stage.store.stored()).sections == {"server": {"realm": "b"}}

    async def test_a_section_without_options_is_none(self, stage: Stage) -> None:
        await stage.change(options=(("server", "realm", "a"), ("service.x", "_type", "builtin")))
        await stage.change(removed_sections=("service.x",), options=(("server", "realm", None),))
        assert (await stage.store.stored()).sections == {}

    async def test_a_section_can_be_replaced_in_one_change(self, stage: Stage) -> None:
        await stage.change(options=(("service.x", "_type", "builtin"),))
        await stage.change(removed_sections=("service.x",), options=(("service.x", "_service", "get"),))
        assert (await stage.store.stored()).sections == {"service.x": {"_service": "get"}}

    async def test_numbers_are_kept_as_they_were_written_in_the_order_of_their_ids(
        self, stage: Stage
    ) -> None:
        await stage.change(added=((OWN, "+1 (800) 555-0100"), (SHARED, "99")))
        numbers = (await stage.store.stored()).numbers
        assert [each.text for each in numbers] == ["100", "101", "200", "+1 (800) 555-0100", "99"]
        assert [each.id for each in numbers] == sorted(each.id for each in numbers)

    async def test_a_change_answers_what_is_stored_from_then_on(self, stage: Stage) -> None:
        before = await stage.store.stored()
        changed = await stage.store.change(Change(added=((OWN, "102"),)), before.version, stage.now)
        assert changed == await stage.store.stored()
        assert changed.version > before.version

    async def test_of_two_changes_of_one_version_the_second_is_refused_and_leaves_nothing(
        self, stage: Stage
    ) -> None:
        version = (await stage.store.stored()).version
        changes = (
            stage.store.change(Change(options=(("server", "realm", name),)), version, stage.now)
            for name in ("a", "b")
        )
        answers = await asyncio.gather(*changes, return_exceptions=True)
        assert sorted(isinstance(answer, Conflict) for answer in answers) == [False, True]
        (winner,) = (answer for answer in answers if not isinstance(answer, BaseException))
        assert await stage.store.stored() == winner

    async def test_a_number_that_the_group_has_is_not_added_twice(self, stage: Stage) -> None:
        await stage.change(added=((OWN, "100"), (OWN, "102"), (OWN, "102")))
        assert [each.text for each in (await stage.store.stored()).numbers].count("100") == 1
        assert (await stage.store.pool(OWN, stage.now)).total == 3

    async def test_a_removed_number_without_calls_to_come_goes_at_once(self, stage: Stage) -> None:
        await stage.change(removed=("100",))
        assert [each.text for each in (await stage.store.stored()).numbers] == ["101", "200"]

    async def test_a_draining_number_is_not_given_out(self, stage: Stage) -> None:
        """Not even when nobody has it any more and no sweep came by."""
        await stage.claim("anna", timeout=5)
        await stage.change(removed=("100",))
        stage.wait(5)
        assert (await stage.claim("ben")).number == "101"
        with pytest.raises(Exhausted):
            await stage.claim("carl")

    async def test_a_draining_shared_number_is_not_given_out(self, stage: Stage) -> None:
        await stage.claim("anna", SHARED)
        await stage.change(removed=("200",))
        with pytest.raises(Exhausted) as refusal:
            await stage.claim("ben", SHARED)
        assert refusal.value.free_at is None

    async def test_what_runs_on_a_draining_number_ends_normally(self, stage: Stage) -> None:
        await stage.claim("anna")
        await stage.change(removed=("100",))
        assert whose(await stage.call("100")) == ["anna"]

    async def test_a_draining_number_stays_while_a_call_could_come_late_and_while_it_rests(
        self, stage: Stage
    ) -> None:
        await stage.claim("anna", timeout=30, late_grace=10, cooldown=20)
        await stage.change(removed=("100",))
        stage.wait(49.999)
        await stage.sweep()
        assert await stage.ids("100")
        stage.wait(0.001)
        assert (await stage.sweep()).numbers == 1
        assert "100" not in [each.text for each in (await stage.store.stored()).numbers]

    async def test_a_draining_number_stays_for_a_shared_session_without_a_slot(self, stage: Stage) -> None:
        await stage.claim("anna", SHARED, phone="+4930")
        await stage.change(removed=("200",))
        stage.wait(29)
        await stage.sweep()
        assert whose(await stage.call("200", phone="+4930")) == ["anna"]

    async def test_a_draining_number_stays_while_a_call_is_bound_to_it(self, stage: Stage) -> None:
        await stage.claim("anna")
        await stage.change(removed=("100",))
        await stage.call("100", call_id="c", call_memory=60)
        stage.wait(59)
        await stage.sweep()
        assert whose(await stage.call("100", call_id="c")) == ["anna"]
        stage.wait(1)
        assert (await stage.sweep()).numbers == 1

    async def test_a_number_that_drains_can_be_taken_back(self, stage: Stage) -> None:
        await stage.claim("anna")
        (before,) = await stage.ids("100")
        await stage.change(removed=("100",))
        await stage.change(added=((OWN, "100"),))
        assert await stage.ids("100") == [before]
        assert (await stage.store.pool(OWN, stage.now)).total == 2

    async def test_a_number_that_has_gone_is_asked_about_in_vain(self, stage: Stage) -> None:
        await stage.claim("anna", timeout=5)
        await stage.change(removed=("100",))
        stage.wait(5)
        swept = await stage.sweep()
        assert swept.numbers == 1
        await stage.change(added=((OWN, "100"),))
        assert await stage.call("100") == NoneMatches()

    async def test_the_version_grows_when_a_drained_number_goes(self, stage: Stage) -> None:
        await stage.claim("anna", timeout=5)
        await stage.change(removed=("100",))
        version = (await stage.store.stored()).version
        stage.wait(5)
        await stage.sweep()
        assert (await stage.store.stored()).version > version

    async def test_an_added_number_is_new_whether_or_not_its_drained_namesake_was_swept(
        self, stage: Stage
    ) -> None:
        await stage.claim("anna", timeout=5)
        (before,) = await stage.ids("100")
        await stage.change(removed=("100",))
        stage.wait(5)
        await stage.change(added=((OWN, "100"),))
        assert await stage.ids("100") != [before]

    async def test_who_waits_for_others_changes_waits_while_there_are_none(self, stage: Stage) -> None:
        version = (await stage.store.stored()).version
        waiting = asyncio.create_task(stage.store.configuration_changed(version))
        await stage.claim("anna")
        await stage.sweep()
        assert not waiting.done()
        waiting.cancel()
        await asyncio.wait([waiting])
        assert waiting.cancelled()

    async def test_times_of_a_free_slot_are_instants_in_milliseconds(self, stage: Stage) -> None:
        await stage.claim("anna", timeout=7)
        await stage.claim("ben", timeout=9)
        with pytest.raises(Exhausted) as refusal:
            await stage.claim("carl")
        assert refusal.value.free_at == stage.now + 7 * SECOND
