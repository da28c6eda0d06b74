"""Many sessions are looked at in one step, for the apps that follow them."""

from collections.abc import Mapping

from matchline.clock import SECOND
from matchline.kept.progress import MATCHED_LATELY, Progress
from matchline.model import Held
from matchline.store.testing.stage import OWN, SHARED, TIMEOUT, TTL, Stage

GONE = Progress(live=False, matched=False)


async def progress(stage: Stage, *names: str) -> Mapping[str, Progress]:
    return await stage.store.progress(names, stage.now)


class ProgressContract:
    async def test_many_sessions_are_looked_at_at_once(self, stage: Stage) -> None:
        await stage.claim("anna")
        await stage.claim("ben", SHARED, code="1234")
        expires_at = stage.now + TIMEOUT * SECOND
        assert await progress(stage, "anna", "ben", "nobody") == {
            "anna": Progress(live=True, matched=False, held=Held(OWN, "100", None, expires_at)),
            "ben": Progress(live=True, matched=False, held=Held(SHARED, "200", "1234", expires_at)),
            "nobody": GONE,
        }
        assert await progress(stage) == {}

    async def test_a_reservation_is_held_until_it_expires(self, stage: Stage) -> None:
        await stage.claim("anna")
        stage.wait(TIMEOUT)
        waiting = Progress(live=True, matched=False)
        assert await progress(stage, "anna") == {"anna": waiting}
        await stage.sweep()
        assert await progress(stage, "anna") == {"anna": waiting}
        stage.wait(TTL - TIMEOUT)
        assert await progress(stage, "anna") == {"anna": GONE}

    async def test_a_match_shows(self, stage: Stage) -> None:
        await stage.claim("anna")
        await stage.call("100")
        assert await progress(stage, "anna") == {"anna": Progress(live=True, matched=True)}

    async def test_a_match_that_deleted_the_session_shows_for_a_while(self, stage: Stage) -> None:
        await stage.claim("anna")
        await stage.claim("ben")
        await stage.call("100", delete=True, noted=None)
        await stage.end("ben")
        await stage.sweep()
        matched = Progress(live=False, matched=True)
        assert await progress(stage, "anna", "ben") == {"anna": matched, "ben": GONE}
        stage.wait(MATCHED_LATELY / SECOND)
        assert await progress(stage, "anna") == {"anna": GONE}
