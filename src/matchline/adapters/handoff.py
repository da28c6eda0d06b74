"""What leaves with a call that is handed over: the session's id, and those keys of its data that the line allows.

Nothing is ever cut: what does not fit is left out, and the id leads to it (`GET …/service/<id>/storage`).
"""

from collections.abc import Mapping
from urllib.parse import parse_qsl, quote

from matchline.engine.line import Line
from matchline.model import Values
from matchline.options import listed

ID_KEY = "match_id"  # the session's id among parameters and variables
ID_HEADER = "X-Match-Id"  # the same as a SIP header

STATUS_KEY = "match_status"  # why a call goes to the ordinary queue
STATUS_HEADER = "X-Match-Status"

# A User-to-User header (RFC 7433) without a purpose is of the ISDN package (RFC 7434): 128 octets, here counted with
# the protocol discriminator, which comes first. 00 stands for what the users agree on among themselves.
UUI_OCTETS = 128
UUI_DISCRIMINATOR = b"\x00"


def allowed(line: Line, values: Values) -> dict[str, str]:
    """The data that may leave, as texts; files stay. The one place where this is decided."""
    keys = listed(line.text("hand_over_keys") or "")
    return {
        key: values[key].body.decode(errors="replace")
        for key in keys
        if key in values and not values[key].is_file
    }


def parameters(session_id: str, data: Mapping[str, str]) -> dict[str, str]:
    """The id and the data under the names that platforms' variables have; no datum can take the id's place."""
    return {**data, ID_KEY: session_id}


def user_to_user(session_id: str, data: Mapping[str, str]) -> str:
    """The value of a User-to-User header: a form of id and data in hex, or the id alone when that does not fit."""
    whole = _form(parameters(session_id, data))
    if len(UUI_DISCRIMINATOR) + len(whole) > UUI_OCTETS:
        whole = _form({ID_KEY: session_id})
    return f"{(UUI_DISCRIMINATOR + whole).hex()};encoding=hex"


def read_user_to_user(header: str) -> dict[str, str]:
    """What `user_to_user` wrote; nothing of a header that another wrote. Raises ValueError when it is no hex."""
    octets = bytes.fromhex(header.partition(";")[0])
    return dict(parse_qsl(octets.removeprefix(UUI_DISCRIMINATOR).decode(), keep_blank_values=True))


def sip_headers(session_id: str, data: Mapping[str, str]) -> dict[str, str]:
    """The headers of the INVITE to the agents."""
    return {ID_HEADER: session_id, "User-to-User": user_to_user(session_id, data)}


def status(reason: str) -> str:
    """Why a call goes to the ordinary queue, where headers cannot be had."""
    return f"{STATUS_KEY}={reason}"


def queue_headers(reason: str) -> dict[str, str]:
    """The header of the INVITE to the ordinary queue."""
    return {STATUS_HEADER: reason}


def _form(fields: Mapping[str, str]) -> bytes:
    return "&".join(f"{quote(name)}={quote(text)}" for name, text in fields.items()).encode()
