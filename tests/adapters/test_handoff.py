"""What travels with a call that is handed over."""

from hypothesis import given
from hypothesis import strategies as st

from matchline.adapters.handoff import (
    UUI_OCTETS,
    parameters,
    read_user_to_user,
    sip_headers,
    user_to_user,
)

ID = "6553f100Zm9vYmFyYmF6cXV4cXV1eA"


def octets(header: str) -> bytes:
    """RFC 7433 § 4.1: the data, then parameters; hex in pairs of digits."""
    data, _, encoding = header.partition(";")
    assert encoding == "encoding=hex"
    return bytes.fromhex(data)


def test_the_headers_of_an_invite() -> None:
    headers = sip_headers(ID, {"plan": "gold & more"})
    assert headers["X-Match-Id"] == ID
    assert octets(headers["User-to-User"]) == b"\0plan=gold%20%26%20more&match_id=" + ID.encode()


@given(st.dictionaries(st.text(max_size=20), st.text(max_size=200), max_size=5))
def test_user_to_user_is_never_cut(data: dict[str, str]) -> None:
    header = user_to_user(ID, data)
    assert len(octets(header)) <= UUI_OCTETS
    assert header.isascii()
    assert read_user_to_user(header) in ({**data, "match_id": ID}, {"match_id": ID})


def test_user_to_user_is_filled_to_its_last_octet() -> None:
    room = UUI_OCTETS - len(octets(user_to_user(ID, {"k": ""})))
    assert read_user_to_user(user_to_user(ID, {"k": "x" * room}))["k"] == "x" * room
    assert read_user_to_user(user_to_user(ID, {"k": "x" * (room + 1)})) == {"match_id": ID}


def test_no_datum_takes_the_ids_place() -> None:
    assert parameters(ID, {"match_id": "forged"}) == {"match_id": ID}
