"""A server in a thread of this process: it keeps everything in memory, and its clock moves when the test says so."""

import asyncio
import socket
import threading
from collections.abc import Coroutine, Mapping
from concurrent.futures import Future
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any, Self, TypeVar

import httpx
import uvicorn

from matchline.clock import ManualClock
from matchline.engine import Engine
from matchline.engine.document import Document
from matchline.wire import BASE_PATH
from matchline.wiring import application, open_engine, read_document, running, sample_document

T = TypeVar("T")

_LIMIT_SECONDS = 30  # of a start, a stop and an answer, which take milliseconds: reached by what hangs
_LOOK_SECONDS = 0.01  # between looks whether it answers yet


@dataclass(frozen=True)
class Call:
    """What a call was answered."""

    verdict: str  # matched, code-needed, ambiguous or none
    session: str | None = None  # the id of the session that it was given to
    data: Mapping[str, str] = field(default_factory=dict)  # the session's user data
    digits: int | None = None  # how many the caller is to key in

    @property
    def matched(self) -> bool:
        return self.verdict == "matched"


class TestServer:
    """Starts with `start` or `with`; `configuration` is the text of a configuration file."""

    __test__ = False  # pytest takes what is named so for tests

    def __init__(self, configuration: str | None = None) -> None:
        """Raises ValueError with every fault of the configuration."""
        self._document = _read(configuration)
        self._clock = ManualClock()
        self._thread = threading.Thread(target=self._run, name="matchline", daemon=True)
        self._ready: Future[str] = Future()
        self.url = ""

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> Self:
        self._thread.start()
        self.url = self._ready.result(_LIMIT_SECONDS)
        self._client = httpx.Client(
            base_url=f"{self.url}{BASE_PATH}", trust_env=False, timeout=_LIMIT_SECONDS
        )
        return self

    def stop(self) -> None:
        self._client.close()
        self._engine.node.draining = True  # streams end
        self._server.should_exit = True
        self._thread.join(_LIMIT_SECONDS)
        assert not self._thread.is_alive(), "the server did not stop"

    def advance(self, seconds: float) -> None:
        """Let time pass for the server. What is over then is over at once."""
        self._clock.advance(seconds)
        self._do(self._engine.sweeper.sweep())

    def configure(self, section: str, **options: str | None) -> None:
        """Set options of a section; None removes one."""
        self._do(self._engine.keeper.set_options(section, options))

    def call(
        self,
        to: str,
        from_: str | None = None,
        digits: str | None = None,
        *,
        service: str = "match-interaction",
    ) -> Call:
        """A call comes in: what a contact centre would be told of it. Digits are those that the caller keys in."""
        given = {"_access_number": to, "_phone_number": from_, "_access_code": digits}
        asked = {name: text for name, text in given.items() if text is not None}
        answer = self._client.post(f"/service/{service}", data={**asked, "_return_user_data": "true"})
        return _heard(answer)

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(_LIMIT_SECONDS)

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:  # noqa: BLE001 - the test is told, in its own thread
            if not self._ready.done():
                self._ready.set_exception(error)

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        async with AsyncExitStack() as stack:
            self._engine = await stack.enter_async_context(open_engine("memory://", self._clock))
            await self._engine.keeper.apply(self._document)
            await stack.enter_async_context(running(self._engine))
            self._server = _server(self._engine)
            listening = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
            serving = asyncio.create_task(self._server.serve(sockets=[listening]))
            while not (self._server.started or serving.done()):  # noqa: ASYNC110 - uvicorn tells nobody
                await asyncio.sleep(_LOOK_SECONDS)
            self._ready.set_result(f"http://127.0.0.1:{listening.getsockname()[1]}")
            await serving


def _server(engine: Engine) -> uvicorn.Server:
    return uvicorn.Server(
        uvicorn.Config(
            application(engine),
            interface="asgi3",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=1,
        )
    )


def _read(configuration: str | None) -> Document:
    if configuration is None:
        return sample_document()
    document, faults = read_document(configuration)
    if faults:
        raise ValueError("; ".join(f"line {fault.line}: {fault.message}" for fault in faults))
    return document


def _heard(answer: httpx.Response) -> Call:
    body = answer.json()
    match answer.status_code, body.get("exception"):
        case 200, _:
            return Call("matched", body["_id"], body["user_data"])
        case 404, "NoMatch":
            return Call("none")
        case 409, "CodeNeeded" | "AmbiguousMatch" as exception:
            verdict = "code-needed" if exception == "CodeNeeded" else "ambiguous"
            digits = body.get("_digits")
            return Call(verdict, digits=int(digits) if digits else None)
        case _:
            answer.raise_for_status()
            raise AssertionError(f"the answer is none of a call's: {answer.text}")
