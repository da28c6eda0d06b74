"""Logging in and out."""

import re
from urllib.parse import urlsplit

from starlette.responses import Response

from matchline.faults.refusals import TooManyRequests
from matchline.ui.asked import Asked
from matchline.ui.door import set_cookie
from matchline.ui.room import Room, Route
from matchline.ui.visitor import COOKIE, LOGIN, PATH

# What leads upwards, in every spelling that browsers read so.
_UP = re.compile(r"\\|/(?:\.|%2e){1,2}(?:/|$)", re.IGNORECASE)


async def door(asked: Asked) -> Response:
    if asked.visitor.role:
        return asked.away(PATH)
    return _form(asked)


async def log_in(asked: Asked) -> Response:
    name, password = asked.form.get("username", "").strip(), asked.form.get("password", "")
    client = asked.request.client
    try:
        secret = await asked.engine.visits.begin(name, password, client.host if client else "")
    except TooManyRequests as refused:
        return _refused(asked, refused, name)
    if secret is None:
        return _form(asked, 403, "This name and password are not known here.", name)
    await asked.engine.visits.end(asked.visitor.secret)
    response = asked.away(_inside(asked.form.get("to", "")))
    set_cookie(asked.request, response, secret)
    return response


async def log_out(asked: Asked) -> Response:
    await asked.engine.visits.end(asked.visitor.secret)
    response = asked.away(LOGIN, "You are logged out.")
    response.delete_cookie(COOKIE, path=PATH)
    return response


def _refused(asked: Asked, fault: TooManyRequests, name: str) -> Response:
    response = _form(
        asked, fault.status, f"Too many wrong passwords. Try again in {fault.retry_after} seconds.", name
    )
    response.headers["retry-after"] = str(fault.retry_after)
    return response


def _form(asked: Asked, status: int = 200, fault: str = "", name: str = "") -> Response:
    server = asked.engine.keeper.current.access.server
    to = asked.form.get("to") or asked.query("to")
    return asked.page("login.html", status, has_login=server.login is not None, to=to, fault=fault, name=name)


def _inside(path: str) -> str:
    """The page that was wanted, if it is one of the UI's."""
    parts = urlsplit(path)
    is_ours = path.startswith(f"{PATH}/") and not (parts.scheme or parts.netloc or _UP.search(parts.path))
    return path if is_ours and path.isprintable() else PATH


room = Room(
    "",
    LOGIN,
    (
        Route("GET", LOGIN, door, None),
        Route("POST", LOGIN, log_in, None),
        Route("POST", f"{PATH}/logout", log_out, None),
    ),
)
