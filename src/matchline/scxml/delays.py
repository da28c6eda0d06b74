"""How long a send waits: the times of CSS 2, in milliseconds."""

import re

from matchline.clock import SECOND

_TIME = re.compile(r"\+?(\d{1,9}(?:\.\d{0,9})?|\.\d{1,9})(ms|s)", re.ASCII)


def milliseconds(text: str) -> int | None:
    """`1.5s`, `200ms`, `0`; None for what is no time."""
    if text.strip() in ("", "0"):
        return 0
    found = _TIME.fullmatch(text.strip())
    if not found:
        return None
    return round(float(found[1]) * (SECOND if found[2] == "s" else 1))
