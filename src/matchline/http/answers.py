"""Answers as HTTP: JSON bodies, and faults in their one shape."""

import logging
from collections.abc import Mapping, Sequence

import msgspec
from starlette.responses import Response

from matchline.errors import Fault, NotAuthenticated, StoreUnavailable, Unavailable
from matchline.observing.context import request_id

log = logging.getLogger(__name__)

_encode = msgspec.json.Encoder().encode


def json_answer(body: Mapping[str, object] | Sequence[object], status: int = 200) -> Response:
    return Response(_encode(body), status, media_type="application/json")


def text_answer(text: str, status: int = 200) -> Response:
    return Response(text, status, media_type="text/plain")


def refusal(error: Fault | Unavailable) -> Response:
    """What a request is told that cannot be served."""
    if isinstance(error, Fault):
        return fault_answer(error)
    log.warning("a request was refused because the store does not answer: %s", error)
    return fault_answer(StoreUnavailable())


def fault_answer(fault: Fault) -> Response:
    body = {"exception": type(fault).__name__, "message": fault.message, **fault.extra}
    asked = request_id()
    if asked:
        body["_request_id"] = asked
    headers = {}
    if fault.retry_after is not None:
        headers["retry-after"] = str(fault.retry_after)
    if isinstance(fault, NotAuthenticated):
        headers["www-authenticate"] = fault.challenge
    if fault.status == 413:
        headers["connection"] = "close"
    return Response(_encode(body), fault.status, headers, "application/json")
