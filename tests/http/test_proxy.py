"""Who really asks, as proxies say that are trusted."""

from typing import Any

import pytest
from starlette.types import Receive, Scope, Send

from matchline.engine.guard import read_network
from matchline.http.proxy import Proxied

from .api import Api

pytestmark = pytest.mark.anyio

PROXY, SECOND_PROXY, CLIENT, LIAR = "10.0.0.1", "10.0.0.2", "203.0.113.9", "198.51.100.7"


async def seen(api: Api, *headers: tuple[str, str], peer: str = PROXY) -> tuple[str, str, str]:
    """Address, scheme and host of the client, as the application sees them behind proxies of 10.0.0.0/8."""
    api.engine.guard.trusted_proxies = (read_network("10.0.0.0/8"),)
    told: list[Scope] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        told.append(scope)

    async def nothing(*_: Any) -> Any:
        raise AssertionError("nobody reads or answers here")

    given = [(name.lower().encode(), text.encode()) for name, text in (("Host", "inside"), *headers)]
    scope = {"type": "http", "client": (peer, 4711), "scheme": "http", "headers": given}
    await Proxied(app, api.engine.guard)(scope, nothing, nothing)
    (found,) = told
    hosts = [value.decode() for name, value in found["headers"] if name == b"host"]
    assert len(hosts) == 1
    return found["client"][0], found["scheme"], hosts[0]


DIRECT = (PROXY, "http", "inside")


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ([], DIRECT),
        ([("X-Forwarded-For", CLIENT)], (CLIENT, "http", "inside")),
        ([("X-Forwarded-For", f"{LIAR}, {CLIENT}")], (CLIENT, "http", "inside")),
        ([("X-Forwarded-For", f"{LIAR}, {CLIENT}, {SECOND_PROXY}")], (CLIENT, "http", "inside")),
        ([("X-Forwarded-For", LIAR), ("X-Forwarded-For", CLIENT)], (CLIENT, "http", "inside")),
        ([("X-Forwarded-For", f"{CLIENT}, nonsense")], DIRECT),
        ([("X-Forwarded-For", f"{CLIENT}, nonsense, {SECOND_PROXY}")], (SECOND_PROXY, "http", "inside")),
        ([("X-Forwarded-For", f"{CLIENT}:5000")], (CLIENT, "http", "inside")),
        ([("X-Forwarded-For", "2001:db8::1")], ("2001:db8::1", "http", "inside")),
        ([("X-Forwarded-For", "[2001:db8::1]:80")], ("2001:db8::1", "http", "inside")),
        ([("X-Forwarded-Proto", "https")], DIRECT),
        (
            [("X-Forwarded-For", CLIENT), ("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "a.example")],
            (CLIENT, "https", "a.example"),
        ),
        (
            [("X-Forwarded-For", CLIENT), ("X-Forwarded-Proto", "gopher"), ("X-Forwarded-Host", 'a"b/c')],
            (CLIENT, "http", "inside"),
        ),
        (
            [("X-Forwarded-For", f"{CLIENT}, {SECOND_PROXY}"), ("X-Forwarded-Proto", "https, http")],
            (CLIENT, "https", "inside"),
        ),
        (
            [("Forwarded", f"for={LIAR}, for={CLIENT};proto=https;host=b.example")],
            (CLIENT, "https", "b.example"),
        ),
        ([("Forwarded", 'For="[2001:db8::1]:4711"; Proto=HTTPS')], ("2001:db8::1", "https", "inside")),
        ([("Forwarded", f"for={CLIENT}, for=_hidden")], DIRECT),
        ([("Forwarded", f"for={LIAR}"), ("X-Forwarded-For", CLIENT)], (CLIENT, "http", "inside")),
        ([("X-Forwarded-For", ",".join([SECOND_PROXY] * 1000))], (SECOND_PROXY, "http", "inside")),
    ],
)
async def test_the_nearest_address_that_is_no_proxy_is_the_client(
    api: Api, headers: list[tuple[str, str]], expected: tuple[str, str, str]
) -> None:
    assert await seen(api, *headers) == expected


@pytest.mark.parametrize("name", ["X-Forwarded-For", "Forwarded"])
async def test_nobody_else_is_believed(api: Api, name: str) -> None:
    text = CLIENT if name.startswith("X") else f"for={CLIENT}"
    assert await seen(api, (name, text), peer=LIAR) == (LIAR, "http", "inside")


async def test_a_proxy_that_is_reached_by_ipv6_is_the_same_proxy(api: Api) -> None:
    assert await seen(api, ("X-Forwarded-For", CLIENT), peer=f"::ffff:{PROXY}") == (CLIENT, "http", "inside")
