"""A hundred thousand hostile inputs to the parsers of numbers, codes and bodies: each is read or refused.

The seed is printed when a test fails; `MATCHLINE_FUZZ_SEED` replays it or tries another, `MATCHLINE_FUZZ_INPUTS`
tries more.
"""

import asyncio
import os
import sys
from collections.abc import Iterable, Sequence

import pytest
from starlette.requests import Request

from matchline import codes, phone
from matchline.engine.policy import Limits
from matchline.errors import Fault
from matchline.http.body import read_fields

from .inputs import inputs

SEED = int(os.environ.get("MATCHLINE_FUZZ_SEED", "20240229"))
INPUTS = int(os.environ.get("MATCHLINE_FUZZ_INPUTS", "100000"))

LIMITS = Limits(body=4096, value=256, fields=16, file=256, file_types=None)

NUMBERS = (
    *(b"+1 800 555 0100", b"(415) 555-0123", b"tel:+49-30-123456;phone-context=x", b"0041 44 668 18 00"),
    *(
        b'"Ada" <sip:+14155550123@example.org;user=phone>',
        b"sips:anonymous@anonymous.invalid",
        b"1-800-FLOWERS",
    ),
    *("\uff0b\uff11\uff14\uff11\uff15\uff15\uff15\uff15\uff10\uff11\uff12\uff13".encode(), b"*31#0401234567"),
)
KEYED = (
    b"1234",
    b"12-34#",
    b"* 12 34 *#",
    "\uff11\uff12\uff13\uff14\uff03".encode(),
    "\u0661\u0662".encode(),
)
REGIONS = (None, "US", "DE", "BR")

FORM, JSON = "application/x-www-form-urlencoded", "application/json"
MULTIPART = "multipart/form-data; boundary=b"
FORMS = (b"_phone_number=%2B14155550123&name=Ada+L.&empty=&%F0%9F%98%80=%C3%BC", b"a=1&a=2&&=&_x")
DOCUMENTS = (
    b'{"_phone_number": "+14155550123", "n": 1.50, "deep": {"a": [1, {"b": null}]}, "_x": null}',
    b'{"\\u00fc": "\\ud83d\\ude00", "s": "\\\\\\"", "big": 123456789012345678901234567890}',
)
_PART = b"--b\r\nContent-Disposition: form-data; name="
_FILE = b'"f"; filename="x"\r\nContent-Type: text/plain\r\n\r\n\0\xff\r\n'
PARTS = (_PART + b'"a"\r\n\r\n1\r\n' + _PART + _FILE + b"--b--\r\n",)


@pytest.fixture(autouse=True)
def seed() -> None:
    sys.stdout.write(f"MATCHLINE_FUZZ_SEED={SEED}\n")


def share(part: float) -> int:
    """Of all the inputs, for one kind of parser."""
    return int(INPUTS * part)


def test_any_text_is_read_as_a_number_or_as_it_stands() -> None:
    for place, raw in enumerate(inputs(SEED, share(0.3), NUMBERS)):
        text, region = raw.decode(errors="replace"), REGIONS[place % len(REGIONS)]
        normal = phone.normalise(text, region)
        assert phone.normalise(text, region) == normal
        caller = phone.caller(text, region)
        assert caller is None or caller == normal
        assert phone.called(text, region)[0] == normal


def test_any_digits_are_read_as_a_code_or_none() -> None:
    for raw in inputs(SEED, share(0.2), KEYED):
        code = codes.keyed(raw.decode(errors="replace"))
        assert code is None or codes.keyed(code) in (code, None) or not code.isdigit()
        assert code is None or not code.endswith("#")


@pytest.mark.parametrize(
    ("media_type", "samples"),
    [(FORM, FORMS), (JSON, DOCUMENTS), (MULTIPART, PARTS)],
    ids=["form", "json", "parts"],
)
def test_any_body_is_read_or_refused(media_type: str, samples: Sequence[bytes]) -> None:
    refused = asyncio.run(read_all(media_type, inputs(SEED, share(0.5 / 3), samples)))
    assert 0 < refused < share(0.5 / 3), "some are refused and some are read"


async def read_all(media_type: str, bodies: Iterable[bytes]) -> int:
    """How many were refused as the client's fault; everything else must have been read within the limits."""
    refused = read = 0
    for place, body in enumerate(bodies):
        try:
            fields = await read_fields(request(media_type, body), LIMITS)
        except Fault as fault:
            refused += 400 <= fault.status < 500
        else:
            read += 1
            assert len(fields.parameters) + len(fields.data) <= LIMITS.fields
            assert all(len(value.body) <= LIMITS.value for value in fields.data.values())
        assert refused + read == place + 1, body
    return refused


def request(media_type: str, body: bytes) -> Request:
    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": body, "more_body": False}

    headers = [(b"content-type", media_type.encode())]
    return Request({"type": "http", "query_string": b"", "headers": headers}, receive)
