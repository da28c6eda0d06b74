"""The requests as bytes, and what is read of the answers."""

from dataclasses import dataclass
from urllib.parse import urlencode

import msgspec

from bench.configured import CODE_LENGTH, HOLD_SECONDS, Kind
from matchline.wire import BASE_PATH

# What an app typically leaves: who calls, about what, in which language.
USER_DATA = {
    "customer": "Ada Lovelace",
    "account": "0012-345678",
    "reason": "billing question",
    "language": "en-GB",
    "case": "C-2024-000123",
}

_HEAD = (
    "POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: matchline-bench\r\nAccept: application/json\r\n"
    "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n{body}"
)
_RESERVE_PATH = f"{BASE_PATH}/service/request-interaction"
_MATCH_PATH = f"{BASE_PATH}/service/match-interaction"


class Reserved(msgspec.Struct, frozen=True, gc=False):
    """A session that waits for its call, as the app knows it."""

    id: str
    number: str
    phone: str
    code: str | None = None


class ReserveAnswer(msgspec.Struct):
    id: str = msgspec.field(name="_id")
    number: str = msgspec.field(name="_access_number")
    code: str | None = msgspec.field(name="_access_code", default=None)


class MatchAnswer(msgspec.Struct):
    id: str = msgspec.field(name="_id")
    user_data: dict[str, str]


read_reserve_answer = msgspec.json.Decoder(ReserveAnswer).decode
read_match_answer = msgspec.json.Decoder(MatchAnswer).decode


@dataclass(frozen=True, slots=True)
class Phones:
    """Numbers of callers, each another."""

    area: int

    def at(self, place: int) -> str:
        return f"+1{self.area}{place % 10_000_000:07d}"


def reserve_request(kind: Kind, phone: str) -> bytes:
    return post_request(_RESERVE_PATH, f"_phone_number={_escaped(phone)}&{_WISHES[kind]}")


def match_request(reserved: Reserved) -> bytes:
    number, phone = _escaped(reserved.number), _escaped(reserved.phone)
    code = f"&_access_code={reserved.code}" if reserved.code else ""
    return post_request(
        _MATCH_PATH, f"_access_number={number}&_phone_number={phone}&_return_user_data=true{code}"
    )


def _wish(kind: Kind) -> str:
    """What is the same in every reservation of a group."""
    wanted = {"_resource_group": str(kind), "_ttl": str(HOLD_SECONDS)}
    if kind is Kind.CODE:
        wanted |= {"_provide_code": "true", "_access_code_length": str(CODE_LENGTH)}
    return urlencode({**wanted, **USER_DATA})


_WISHES = {kind: _wish(kind) for kind in Kind}


def _escaped(number: str) -> str:
    """A telephone number of ours is digits and a plus sign; the general function takes ten times as long."""
    return number.replace("+", "%2B")


def post_request(path: str, body: str) -> bytes:
    return _HEAD.format(path=path, length=len(body), body=body).encode()
