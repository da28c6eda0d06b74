"""What other nodes change in the configuration is put in force here too."""

import asyncio
import logging

from matchline.engine.configure import Keeper
from matchline.errors import InvalidConfiguration, Unavailable
from matchline.store import Store

RETRY_SECONDS = 0.5

log = logging.getLogger(__name__)


class Follower:
    def __init__(self, store: Store, keeper: Keeper) -> None:
        self._store = store
        self._keeper = keeper
        self._complaint = ""

    async def run(self) -> None:
        """Until cancelled. A configuration that is not valid here leaves the one before in force."""
        while True:
            await self._store.configuration_changed(self._keeper.current.version)
            try:
                await self._keeper.catch_up()
            except (Unavailable, InvalidConfiguration) as error:
                self._complain(str(error))
                await asyncio.sleep(RETRY_SECONDS)
            except Exception:  # the next may not fail; without it the node would stay behind for ever
                log.exception("a changed configuration could not be read")
                await asyncio.sleep(RETRY_SECONDS)
            else:
                self._complaint = ""

    def _complain(self, sentence: str) -> None:
        """Once, however often it is tried."""
        if sentence != self._complaint:
            log.error("another node's change of the configuration is not in force here: %s", sentence)
        self._complaint = sentence
