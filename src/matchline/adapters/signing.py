"""Signatures of the form `t=SECONDS,v1=HEX`: HMAC-SHA256 over the seconds, a dot and the body."""

import hashlib
import hmac

from matchline.clock import SECOND, Instant

# Longer ago, or ahead, an event may have been recorded and sent again by somebody else.
TOLERANCE = 300  # seconds; what platforms' own libraries allow

_MOST_DIGITS = 12  # of seconds


def signature(secret: str, seconds: int, body: bytes) -> str:
    return f"t={seconds},v1={_digest(secret, str(seconds), body)}"


def is_signed(header: str, secret: str, body: bytes, now: Instant) -> bool:
    """Whether one of the header's signatures is right, and recent. Any text is taken.

    Without a body nothing is signed: what the address says may be anybody's.
    """
    parts = [part.strip().partition("=") for part in header.split(",")]
    seconds = next((value for name, _, value in parts if name == "t"), "")
    if not body or not is_recent(seconds, SECOND, now):
        return False
    expected = _digest(secret, seconds, body)
    return any(same(value, expected) for name, _, value in parts if name == "v1")


def is_recent(time: str, unit: int, now: Instant) -> bool:
    """`time`: a number of units, each of so many milliseconds."""
    if not (time.isascii() and time.isdigit() and len(time) <= _MOST_DIGITS + len(str(SECOND))):
        return False
    return abs(now - int(time) * unit) <= TOLERANCE * SECOND


def same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode(errors="replace"), expected.encode())


def _digest(secret: str, seconds: str, body: bytes) -> str:
    return hmac.new(secret.encode(), f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()
