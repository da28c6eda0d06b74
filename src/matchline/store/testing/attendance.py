"""Visits and nodes are there until they leave, or are not heard of any more."""

from asyncio import gather

import pytest
from msgspec.structs import replace

from matchline.clock import SECOND
from matchline.errors import NotFound
from matchline.kept.attendance import GONE_AFTER, IDLE, LONGEST, NodeReport, Role, Visit
from matchline.kept.audit import AuditEntry
from matchline.store.testing.stage import Stage, is_gone
from matchline.verdict import GuessBudget

BUDGET = GuessBudget(2, 10 * SECOND)
SWITCHED = AuditEntry("ada", "node switched", {"node a": "ONLINE"}, {"node a": "OFFLINE"})


def visit(stage: Stage, digest: str = "d", idle: int = IDLE, longest: int = LONGEST) -> Visit:
    return Visit(digest, "Ada ☎", Role.SUPERVISOR, "proof", stage.now + longest, stage.now + idle)


def report(stage: Stage, node_id: str = "a") -> NodeReport:
    return NodeReport(node_id, "machine:1", "1.0", stage.now, 7, -3, 12, 40, online=True)


class VisitContract:
    async def test_a_visit_is_found_as_it_began(self, stage: Stage) -> None:
        begun = visit(stage)
        await stage.store.begin_visit(begun, stage.now)
        assert await stage.store.visit("d", stage.now) == begun

    async def test_a_visit_that_never_was_is_not_found(self, stage: Stage) -> None:
        assert await is_gone(stage.store.visit("d", stage.now))

    async def test_a_visit_is_over_when_its_person_stays_away(self, stage: Stage) -> None:
        await stage.store.begin_visit(visit(stage, idle=2 * SECOND), stage.now)
        stage.wait(1)
        assert (await stage.store.visit("d", stage.now)).name == "Ada ☎"
        stage.wait(1)
        assert await is_gone(stage.store.visit("d", stage.now))

    async def test_a_visit_is_prolonged_until_its_longest_time(self, stage: Stage) -> None:
        await stage.store.begin_visit(visit(stage, idle=2 * SECOND, longest=4 * SECOND), stage.now)
        await stage.store.prolong_visit("d", stage.now + 60 * SECOND)
        stage.wait(3)
        assert (await stage.store.visit("d", stage.now)).role is Role.SUPERVISOR
        stage.wait(1)
        assert await is_gone(stage.store.visit("d", stage.now))

    async def test_what_ended_is_not_found_and_not_prolonged(self, stage: Stage) -> None:
        await stage.store.begin_visit(visit(stage, "d"), stage.now)
        await stage.store.begin_visit(visit(stage, "e"), stage.now)
        await stage.store.end_visit("d")
        await stage.store.prolong_visit("d", stage.now + IDLE)
        assert await is_gone(stage.store.visit("d", stage.now))
        assert (await stage.store.visit("e", stage.now)).digest == "e"

    async def test_those_that_are_over_go_when_the_next_begins(self, stage: Stage) -> None:
        await stage.store.begin_visit(visit(stage, "d", idle=SECOND), stage.now)
        stage.wait(1)
        await stage.store.begin_visit(visit(stage, "e"), stage.now)
        await stage.store.prolong_visit("d", stage.now + IDLE)
        assert await is_gone(stage.store.visit("d", stage.now))


class LoginContract:
    async def test_guesses_are_charged_until_none_is_left(self, stage: Stage) -> None:
        assert await self._waits(stage, "one", "one", "other", "one") == [0, 0, 0, 10 * SECOND]
        stage.wait(9)
        assert await self._waits(stage, "one") == [SECOND]
        stage.wait(1)
        assert await self._waits(stage, "one", "one") == [0, 10 * SECOND]

    async def test_what_is_refunded_may_be_guessed_again(self, stage: Stage) -> None:
        assert await self._waits(stage, "one", "one") == [0, 0]
        await stage.store.refund_guess("one", BUDGET)
        assert await self._waits(stage, "one", "one") == [0, 10 * SECOND]

    async def test_a_refund_allows_no_more_than_a_full_budget(self, stage: Stage) -> None:
        for _ in range(3):
            await stage.store.refund_guess("one", BUDGET)
        assert await self._waits(stage, "one", "one", "one") == [0, 0, 10 * SECOND]

    async def test_guesses_at_once_are_charged_one_after_the_other(self, stage: Stage) -> None:
        charged = (stage.store.charge_guess("one", BUDGET, stage.now) for _ in range(8))
        assert sorted(await gather(*charged)) == [0, 0, *[10 * SECOND] * 6]

    @staticmethod
    async def _waits(stage: Stage, *guessers: str) -> list[int]:
        return [await stage.store.charge_guess(each, BUDGET, stage.now) for each in guessers]


class NodeContract:
    async def test_nodes_are_there_with_what_they_tell(self, stage: Stage) -> None:
        first = report(stage, "b")
        assert not await stage.store.report_node(first, stage.now)
        stage.wait(1)
        second = report(stage, "a")
        assert not await stage.store.report_node(second, stage.now)
        found = await stage.store.nodes(stage.now)
        assert [(each.report, each.at) for each in found] == [
            (first, stage.now - SECOND),
            (second, stage.now),
        ]

    async def test_a_later_report_stands_for_the_earlier(self, stage: Stage) -> None:
        await stage.store.report_node(report(stage), stage.now)
        later = replace(report(stage), online=False, fault="the clock jumped")
        await stage.store.report_node(later, stage.now)
        assert [each.report for each in await stage.store.nodes(stage.now)] == [later]

    async def test_a_node_that_is_not_heard_of_is_gone(self, stage: Stage) -> None:
        await stage.store.report_node(report(stage, "a"), stage.now)
        stage.wait(GONE_AFTER / SECOND)
        assert await stage.store.nodes(stage.now) == ()
        await stage.store.report_node(report(stage, "b"), stage.now)
        assert [each.report.id for each in await stage.store.nodes(stage.now)] == ["b"]

    async def test_a_node_that_leaves_is_gone(self, stage: Stage) -> None:
        await stage.store.report_node(report(stage), stage.now)
        await stage.store.leave_node("a")
        assert await stage.store.nodes(stage.now) == ()

    async def test_a_node_hears_with_its_report_that_it_is_switched_off_and_on(self, stage: Stage) -> None:
        await stage.store.report_node(report(stage), stage.now)
        await stage.store.switch_node("a", True, SWITCHED, stage.now)
        assert await stage.store.report_node(report(stage), stage.now)
        assert [each.switched_off for each in await stage.store.nodes(stage.now)] == [True]
        await stage.store.switch_node("a", False, SWITCHED, stage.now)
        assert not await stage.store.report_node(report(stage), stage.now)

    async def test_a_switch_is_in_the_audit_trail(self, stage: Stage) -> None:
        await stage.store.report_node(report(stage), stage.now)
        await stage.store.switch_node("a", True, SWITCHED, stage.now)
        (noted,) = await stage.store.audit(1 << 62, 10)
        assert (noted.entry, noted.at) == (SWITCHED, stage.now)

    async def test_a_node_that_is_not_there_cannot_be_switched(self, stage: Stage) -> None:
        with pytest.raises(NotFound):
            await stage.store.switch_node("a", True, SWITCHED, stage.now)
        assert await stage.store.audit(1 << 62, 10) == ()
