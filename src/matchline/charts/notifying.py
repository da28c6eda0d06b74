"""What charts tell the receiver of events: a POST of its own, signed like all deliveries, and tried again."""

from collections.abc import Callable, Mapping

import httpx
import msgspec

from matchline.charts.fetching import KEY, FetchError
from matchline.clock import SECOND, Instant, moment
from matchline.engine import Engine
from matchline.kept.charting import Effect
from matchline.model import Session

ANSWER_SECONDS = 10.0  # a receiver may take
MOST_ATTEMPTS = 10  # a quarter of an hour, with the pauses between them
FIRST_BACK_OFF = SECOND

Sign = Callable[[str, Instant, bytes], Mapping[str, str]]  # secret, now and body to headers


class Again(Exception):
    """It is to be tried again, so many milliseconds later."""

    def __init__(self, pause: int) -> None:
        super().__init__(pause)
        self.pause = pause


class Notifying:
    def __init__(self, engine: Engine, client: httpx.AsyncClient, sign: Sign) -> None:
        self._engine = engine
        self._client = client
        self._sign = sign

    async def notify(
        self, session: Session, name: str, members: Mapping[str, object], effect: Effect
    ) -> None:
        """Raises FetchError when it cannot be told; Again while it may yet be."""
        policy = self._engine.keeper.current.events
        if policy.url is None:
            raise FetchError("nobody is to be told: set url in the section events")
        now = self._engine.clock.now()
        told = {"type": "chart", "time": moment(now), "name": name, "service": session.service}
        body = msgspec.json.encode({**told, "_id": session.id, "data": members})
        headers = {
            **self._sign(policy.secret, now, body),
            KEY: effect.key,
            "content-type": "application/json",
        }
        try:
            answer = await self._client.post(
                policy.url, content=body, headers=headers, timeout=ANSWER_SECONDS
            )
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            why = type(error).__name__
        else:
            if answer.is_success:
                return
            why = f"{answer.status_code} was answered"
        if effect.attempts + 1 >= MOST_ATTEMPTS:
            raise FetchError(why)
        raise Again(FIRST_BACK_OFF << effect.attempts)
