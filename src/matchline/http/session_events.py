"""For a session's own app: what happens to it, as it happens (server-sent events), and its number as a QR code."""

import io
from collections.abc import AsyncIterator, Iterator

import msgspec
import segno
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from matchline.clock import steady
from matchline.engine import Engine
from matchline.errors import NotReserved, UnknownRequest, UnknownSession
from matchline.faults.refusals import TooManyConnections
from matchline.http.head import asking, header
from matchline.http.operation import Operation
from matchline.kept.events import EventType
from matchline.kept.progress import Progress, since
from matchline.principal import APPLICATIONS
from matchline.wire import BASE_PATH

COMMENT_SECONDS = 15.0  # what is silent for longer is cut by some proxies
LONGEST_SECONDS = 3600.0  # of one stream: whoever comes back is asked anew who they are
MOST_STREAMS = 1000  # of one process
_COMMENT = b": a session's events\n\n"

_QUIET_ZONE = 4  # modules of white around a QR code, as its standard asks
_SVG = "image/svg+xml"


class SessionEvents:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._streams = 0

    async def stream(self, request: Request) -> Response:
        """What happens to a session, as it happens."""
        session_id = request.path_params["id"]
        await self._engine.reservations.session(session_id, asking(request))
        if self._streams >= MOST_STREAMS:
            raise TooManyConnections
        known = header(request, b"last-event-id")
        return StreamingResponse(self._events(session_id, known), media_type="text/event-stream")

    async def qr_code(self, request: Request) -> Response:
        """The link that dials a session's access number, as a QR code."""
        session = await self._engine.reservations.session(request.path_params["id"], asking(request))
        if session.held is None:
            raise NotReserved
        link = self._engine.reservations.tel_url(session.held)
        if link is None:
            raise UnknownRequest("qr.svg")
        return Response(_drawn(link), media_type=_SVG)

    async def _events(self, session_id: str, known: str | None) -> AsyncIterator[bytes]:
        """First how the session fares, unless that is known. Until it ends, or this node is about to."""
        self._streams += 1
        try:
            yield _COMMENT
            told = await self._engine.lookout.progress(session_id)
            if told.cursor != known:
                yield self._event(session_id, told.state, told)
            async for chunk in self._news(session_id, told):
                yield chunk
        finally:
            self._streams -= 1

    async def _news(self, session_id: str, told: Progress) -> AsyncIterator[bytes]:
        until = steady() + LONGEST_SECONDS
        with self._engine.lookout.watching(session_id, told) as watcher:
            while told.live and not self._engine.node.draining and steady() < until:
                progress = await watcher.next(COMMENT_SECONDS)
                if progress == told:
                    yield _COMMENT
                for type_ in since(told, progress):
                    yield self._event(session_id, type_, progress)
                told = progress

    def _event(self, session_id: str, type_: EventType, progress: Progress) -> bytes:
        cursor = progress.cursor.encode()
        told = msgspec.json.encode(dict(self._members(session_id, progress)))
        return b"id: %s\nevent: %s\ndata: %s\n\n" % (cursor, type_.encode(), told)

    def _members(self, session_id: str, progress: Progress) -> Iterator[tuple[str, str]]:
        yield "_id", session_id
        if progress.held is None:
            return
        reservations = self._engine.reservations
        yield "_access_number", progress.held.number
        yield "_expiration_time", str(reservations.seconds_left(progress.held.expires_at))
        if progress.held.code:
            yield "_access_code", progress.held.code
        if link := reservations.tel_url(progress.held):
            yield "_tel_url", link

    def endless(self) -> tuple[Operation, ...]:
        """Without an end, so that no tool should try it."""
        path = f"{BASE_PATH}/service/{{id}}/events"
        faults = (UnknownSession,)
        return (
            Operation("GET", path, self.stream, {}, "text/event-stream", faults=faults, scopes=APPLICATIONS),
        )

    def operations(self) -> tuple[Operation, ...]:
        path = f"{BASE_PATH}/service/{{id}}/qr.svg"
        faults = (UnknownSession, UnknownRequest, NotReserved)
        return (
            Operation(
                "GET", path, self.qr_code, {"type": "string"}, _SVG, faults=faults, scopes=APPLICATIONS
            ),
        )


def _drawn(text: str) -> bytes:
    drawing = io.BytesIO()
    code = segno.make(text, error="m", micro=False)  # cameras of telephones read no micro codes
    code.save(drawing, kind="svg", xmldecl=False, border=_QUIET_ZONE, omitsize=True, light="#fff")
    return drawing.getvalue()
