"""Steps that others overtook: they come with an instant at which what is over by now was still held (rules 15, 16).

A request takes its instant when it is read. Until its step is run others may have been, with later instants: on this
node while it waited, or on another.
"""

import pytest

from matchline.clock import LARGEST_DIFFERENCE
from matchline.errors import Conflict, Exhausted
from matchline.store.testing.stage import SHARED, Stage, whose, wish
from matchline.verdict import NoneMatches


class OvertakenContract:
    async def test_a_number_that_was_given_to_another_is_not_renewed(self, stage: Stage) -> None:
        await stage.claim("anna", timeout=30)
        await stage.claim("ben", timeout=90)
        earlier = stage.now
        stage.wait(30)
        assert (await stage.claim("carl", timeout=90)).number == "100"
        with pytest.raises(Conflict):
            await stage.store.renew("anna", earlier)
        assert whose(await stage.call("100")) == ["carl"]

    async def test_a_number_that_was_given_to_another_is_not_asked_for_again(self, stage: Stage) -> None:
        await stage.claim("anna", timeout=30)
        await stage.claim("ben", timeout=90)
        earlier = stage.now
        stage.wait(30)
        await stage.claim("carl", timeout=90)
        with pytest.raises(Exhausted):
            await stage.store.reclaim("anna", wish("own"), None, earlier)
        assert whose(await stage.call("100")) == ["carl"]

    async def test_a_number_that_nobody_else_got_is_renewed(self, stage: Stage) -> None:
        await stage.claim("anna", timeout=30)
        earlier = stage.now
        stage.wait(31)
        assert (await stage.claim("ben")).number == "101"  # free for longer
        assert (await stage.store.renew("anna", earlier)).number == "100"

    @pytest.mark.parametrize("given", ["1111", "11112", "111"])
    async def test_a_code_that_was_given_to_another_is_not_renewed(self, stage: Stage, given: str) -> None:
        await stage.claim("anna", SHARED, code="1111", timeout=30)
        earlier = stage.now
        stage.wait(30)
        await stage.claim("ben", SHARED, code=given)
        with pytest.raises(Conflict):
            await stage.store.renew("anna", earlier)
        assert whose(await stage.call("200", code=given)) == ["ben"]

    async def test_a_code_that_nobody_else_got_is_renewed(self, stage: Stage) -> None:
        await stage.claim("anna", SHARED, code="1111", timeout=30)
        earlier = stage.now
        stage.wait(30)
        await stage.claim("ben", SHARED, code="1112")
        assert (await stage.store.renew("anna", earlier)).code == "1111"

    async def test_a_call_means_nobody_who_got_the_number_after_it(self, stage: Stage) -> None:
        await stage.claim("anna", timeout=30)
        await stage.claim("ben", timeout=90)
        earlier, call = stage.now, await stage.query("100")
        stage.wait(30)
        await stage.claim("carl", phone="+4930", timeout=90)
        assert whose(await stage.store.match(call, earlier)) == ["anna"]
        assert await stage.store.match(call, earlier) == NoneMatches()
        of_carl = await stage.query("100", phone="+4930")
        assert whose(await stage.store.match(of_carl, earlier)) == ["carl"]

    async def test_a_call_means_nobody_who_got_a_swept_number_after_it(self, stage: Stage) -> None:
        await stage.claim("anna", timeout=30)
        await stage.claim("ben", timeout=90)
        earlier, call = stage.now, await stage.query("100")
        stage.wait(30)
        await stage.sweep()
        await stage.claim("carl", timeout=90)
        assert await stage.store.match(call, earlier) == NoneMatches()
        assert whose(await stage.call("100")) == ["carl"]

    async def test_a_node_whose_clock_is_a_little_late_finds_who_has_just_begun(self, stage: Stage) -> None:
        await stage.claim("anna")
        assert whose(await stage.store.match(await stage.query("100"), stage.now - LARGEST_DIFFERENCE)) == [
            "anna"
        ]

    async def test_to_end_a_session_takes_nothing_from_who_has_its_number_now(self, stage: Stage) -> None:
        await stage.claim("anna", timeout=30)
        await stage.claim("ben", timeout=90)
        earlier = stage.now
        stage.wait(30)
        await stage.claim("carl", timeout=90)
        await stage.store.end("anna", earlier)
        with pytest.raises(Exhausted):
            await stage.claim("dora")
        assert whose(await stage.call("100")) == ["carl"]
