"""Answers as HTTP: JSON bodies, and faults in their one shape."""

from collections.abc import Mapping

import msgspec
from starlette.responses import Response

from matchline.errors import Fault

_encode = msgspec.json.Encoder().encode


def json_answer(body: Mapping[str, object]) -> Response:
    return Response(_encode(body), media_type="application/json")


def text_answer(text: str, status: int = 200) -> Response:
    return Response(text, status, media_type="text/plain")


def fault_answer(fault: Fault) -> Response:
    body = {"exception": type(fault).__name__, "message": fault.message, **fault.extra}
    headers = {}
    if fault.retry_after is not None:
        headers["retry-after"] = str(fault.retry_after)
    if fault.status == 413:
        headers["connection"] = "close"
    return Response(_encode(body), fault.status, headers, "application/json")
