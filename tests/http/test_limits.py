"""What is too large is refused by its name, and a body before it is read whole."""

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from matchline.wire import BASE_PATH
from matchline.wiring import application

from .api import Api, body, fault

pytestmark = pytest.mark.anyio

KIB, MIB = 1 << 10, 1 << 20
ROUTES = [
    "/service/request-interaction",
    "/service/{session}/storage",
    "/service/{session}/update",
    "/storage/60",
]
FORM = {"content-type": "application/x-www-form-urlencoded"}


async def test_a_value_may_have_its_limit_and_no_byte_more(api: Api) -> None:
    body(await api.post("/storage/60", json={"a": "x" * 64 * KIB}))
    refused = await api.post("/storage/60", json={"fine": "1", "large": "x" * (64 * KIB + 1)})
    assert "large" in fault(refused, 413, "TooLarge")


async def test_a_value_s_limit_counts_bytes(api: Api) -> None:
    await api.configure("server", max_value="3")
    body(await api.post("/storage/60", json={"a": "é1"}))
    assert "euro" in fault(await api.post("/storage/60", json={"euro": "€1"}), 413, "TooLarge")


async def test_a_file_may_have_its_limit_and_no_byte_more(api: Api) -> None:
    await api.configure("server", max_file="2000", max_body="1024")
    body(await api.post("/storage/60", files={"photo": ("f", b"x" * 2000, "image/png")}))
    refused = await api.post("/storage/60", files={"photo": ("f", b"x" * 2001, "image/png")})
    assert "photo" in fault(refused, 413, "TooLarge")


async def test_a_string_part_is_measured_as_a_value(api: Api) -> None:
    await api.configure("server", max_value="10")
    sent = {"files": {"f": ("f", b"x" * 11, "image/png")}, "data": {"note": "y" * 11}}
    assert "note" in fault(await api.post("/storage/60", **sent), 413, "TooLarge")


async def test_there_may_be_256_fields_and_not_one_more(api: Api) -> None:
    body(await api.post("/storage/60", json={str(n): "" for n in range(256)}))
    body(await api.post("/storage/60", files={str(n): ("f", b"") for n in range(256)}))
    for sent in (
        {"json": {str(n): "" for n in range(257)}},
        {"content": "&".join("a=1" for _ in range(257))},
    ):
        headers = FORM if "content" in sent else {}
        assert "256" in fault(await api.post("/storage/60", headers=headers, **sent), 413, "TooLarge")
    refused = await api.post("/storage/60", files={str(n): ("f", b"") for n in range(257)})
    assert "256" in fault(refused, 413, "TooLarge")


async def test_merging_does_not_grow_data_over_its_limit(api: Api) -> None:
    await api.configure("server", max_fields="3")
    record = await api.store({"a": "1", "b": "2"})
    body(await api.post(f"/storage/{record}/60", json={"b": "3", "c": "4"}))
    assert "3" in fault(await api.post(f"/storage/{record}/60", json={"a": "9", "d": "5"}), 413, "TooLarge")
    assert body(await api.get(f"/storage/{record}")) == {"a": "1", "b": "3", "c": "4"}


async def test_a_limit_that_is_lowered_is_in_force_at_once(api: Api) -> None:
    await api.configure("server", max_body="1024")
    fault(await api.post("/storage/60", json={"a": "x" * 1024}), 413, "TooLarge")


# Bodies, as the server sees them arrive


class Upload:
    """A body that arrives in chunks; it counts how many of them the application took."""

    def __init__(self, chunks: int, *, declared: str | None) -> None:
        self._left = chunks
        self.taken = 0
        self.headers = [(b"content-type", b"application/x-www-form-urlencoded")]
        if declared is not None:
            self.headers.append((b"content-length", declared.encode()))

    async def receive(self) -> dict[str, Any]:
        self.taken += 1
        self._left -= 1
        return {"type": "http.request", "body": b"a" * MIB, "more_body": self._left > 0}


async def answered(api: Api, path: str, upload: Upload) -> Iterator[Any]:
    """Status, headers and body of the answer."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": BASE_PATH + path,
        "query_string": b"",
        "headers": upload.headers,
        "client": ("127.0.0.1", 1),
    }
    await application(api.engine)(scope, upload.receive, send)
    start, *bodies = sent
    return iter((start["status"], dict(start["headers"]), b"".join(each["body"] for each in bodies)))


@pytest.mark.parametrize("path", ROUTES)
@pytest.mark.parametrize("declared", [str(64 * MIB), "9" * 5000])
async def test_a_body_declared_too_large_is_refused_before_any_of_it_is_read(
    api: Api, path: str, declared: str
) -> None:
    session = await api.reserve()
    upload = Upload(64, declared=declared)
    status, headers, content = await answered(api, path.format(session=session["_id"]), upload)
    assert (status, msgspec.json.decode(content)["exception"]) == (413, "TooLarge")
    assert headers[b"connection"] == b"close", "the rest of the body is not waited for"
    assert upload.taken == 0


@pytest.mark.parametrize("path", ROUTES)
async def test_a_body_that_turns_out_too_large_is_refused_as_soon_as_it_is(api: Api, path: str) -> None:
    session = await api.reserve()
    upload = Upload(64, declared=None)
    status, _, content = await answered(api, path.format(session=session["_id"]), upload)
    assert (status, msgspec.json.decode(content)["exception"]) == (413, "TooLarge")
    assert upload.taken == 2, "one chunk fills the limit, the next is over it"


async def test_the_administration_s_bodies_are_limited_too(api: Api) -> None:
    upload = Upload(64, declared=str(64 * MIB))
    upload.headers[0] = (b"content-type", b"application/toml")
    status, _, _ = await answered(api, "/admin/options", upload)
    assert (status, upload.taken) == (413, 0)
