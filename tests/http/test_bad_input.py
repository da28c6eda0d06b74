"""Every parameter of every service and route, given everything that it should not be.

Driven by the declarations: an option that is added is tried here without a line more. What is refused is refused
by its name, nothing fails, and nothing is half-done.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlencode

import httpx
import pytest

from matchline.engine.service import ORS
from matchline.http.operation import In, Operation
from matchline.options import FIXED, Option, Text
from matchline.wire import BASE_PATH
from matchline.wiring import SERVICES, api_groups

from .api import NUMBERS, Api, body, fault

pytestmark = pytest.mark.anyio

MAX_VALUE, MAX_BODY = 64 << 10, 1 << 20
DEEP = 50_000  # levels of nesting: far more than a stack holds

FORM = {"content-type": "application/x-www-form-urlencoded"}
JSON = {"content-type": "application/json"}
MULTIPART = {"content-type": "multipart/form-data; boundary=b"}

TEXTS = {
    "empty": "",
    "blank": " ",
    "word": "nonsense",
    "NUL": "a\0b",
    "control characters": "\x1b[2J\r\n\x7f",
    "emoji": "\U0001f600",
    "ten thousand digits": "+" + "1" * 10_000,
    "longer than a value may be": "x" * (MAX_VALUE + 1),
    "negative": "-1",
    "huge": "9" * 30,
    "fraction": "5.5",
    "not a number": "NaN",
    "token": "$_call_id$",
    "SQL": "' or 1=1; drop table session; --",
    "path": "../../etc/passwd",
    "surrogate spelled out": "\\ud800",
}
OTHER_TYPES = {
    "object": {"a": 1},
    "list": [1, "2"],
    "number": 12,
    "fraction": 1.5,
    "true": True,
    "null in a list": [None],
}

CASES = [
    pytest.param(service, option, id=f"{service}-{option.name}")
    for service, built_in in SERVICES.items()
    for option in built_in.declared.values()
    if option.name.startswith("_")  # any other name is user data in a request
]


@dataclass
class Scene:
    """A session that waits, one to play with, and how many sessions and records there must be in the end."""

    api: Api
    session: dict[str, str]
    spare: dict[str, str]
    sessions: int = 2
    records: int = 2

    def request(self, service: str, *, meant: bool) -> dict[str, str]:
        """What makes a request complete; one that is to be refused would touch the waiting session."""
        touched = {"_id": self.session["_id"], "_access_number": self.session["_access_number"]}
        harmless = {"_id": self.spare["_id"], "_access_number": NUMBERS[2]}
        good = harmless if meant else touched
        return {name: good[name] for name in mandatory(service)}

    def count(self, service: str, answer: httpx.Response) -> None:
        if answer.is_success and service in ("request-interaction", ORS):
            self.sessions += 1
            self.records += 1

    async def check(self) -> None:
        """Nothing happened but what was answered with 200."""
        held = body(await self.api.get(f"/service/{self.session['_id']}"))
        assert held["_access_number"] == self.session["_access_number"]
        assert body(await self.api.get(f"/service/{self.session['_id']}/storage")) == {"customer": "Ada"}
        self.api.clock.advance(10**9)
        sessions = records = 0
        while (swept := await self.api.engine.store.sweep(self.api.clock.now())).total:
            sessions += swept.sessions
            records += swept.records
        assert (sessions, records) == (self.sessions, self.records)


@pytest.fixture
def store_url(tmp_path: Path) -> str:
    """The store that keeps what it is given on disk; the other tests run on the one in memory too."""
    return f"sqlite:///{tmp_path / 'store.db'}"


CHART = '<scxml xmlns="http://www.w3.org/2005/07/scxml" version="1.0"><state id="a"/></scxml>'


@pytest.fixture
async def scene(api: Api, tmp_path: Path) -> Scene:
    (tmp_path / "chart.scxml").write_text(CHART)
    await api.configure("server", scxml_folder=str(tmp_path))
    await api.configure(f"service.{ORS}", _type=ORS, _service="chart.scxml", _response_timeout="0")
    await api.configure("service.capacity", _type="builtin", _service="capacity")
    hours = {"_regular_hours": "Mon-Fri 09:00-17:00"}
    await api.configure("service.office-hours", _type="builtin", _service="office-hours", **hours)
    session = await api.reserve(customer="Ada", _ttl="86400", _booking_expiration_timeout="1800")
    for service in ("request-interaction", "request-access"):
        # A shared group without codes never runs out of numbers.
        await api.configure(f"service.{service}", _resource_group="SHARED")
    return Scene(api, session, await api.reserve(_ttl="86400"))


def mandatory(service: str) -> list[str]:
    return [
        option.name
        for option in SERVICES[service].options
        if option.mandatory and option.request and option.name not in FIXED and not option.default
    ]


def expected(option: Option, text: str) -> tuple[int, str] | None:
    """Status and exception with which a text must be refused; None when it may be accepted."""
    if len(text.encode()) > MAX_VALUE:
        return 413, "TooLarge"
    if not option.request:
        return None  # ignored, whatever it is
    if text == "" and isinstance(option.kind, Text):
        return (400, "BadParameter") if option.mandatory else None
    try:
        option.kind.parse(text)
    except ValueError:
        return 400, "BadParameter"
    return None


def forms(fields: Mapping[str, str]) -> Iterator[tuple[str, dict[str, str], bytes]]:
    """Query string, headers and body: the same fields in each form."""
    yield "", FORM, urlencode(fields).encode()
    yield "", JSON, json.dumps(fields).encode()
    if sum(map(len, fields.values())) < 10_000:
        yield "?" + urlencode(fields), {}, b""
    parts = (
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n'
        for name, text in fields.items()
    )
    yield "", MULTIPART, "".join((*parts, "--b--\r\n")).encode()


@pytest.mark.parametrize(("service", "option"), CASES)
async def test_a_parameter_takes_no_nonsense_in_any_form(scene: Scene, service: str, option: Option) -> None:
    for text in TEXTS.values():
        refusal = expected(option, text)
        fields = {**scene.request(service, meant=refusal is None), option.name: text}
        for query, headers, content in forms(fields):
            answer = await scene.api.post(f"/service/{service}{query}", content=content, headers=headers)
            scene.count(service, answer)
            if refusal:
                assert option.name in fault(answer, *refusal), headers
            else:
                assert answer.status_code in (200, 400, 404, 409), answer.text
    await scene.check()


@pytest.mark.parametrize(("service", "option"), CASES)
async def test_a_parameter_of_another_json_type_is_read_as_its_text(
    scene: Scene, service: str, option: Option
) -> None:
    for value in OTHER_TYPES.values():
        text = json.dumps(value)
        refusal = expected(option, text)
        fields = {**scene.request(service, meant=refusal is None), option.name: value}
        answer = await scene.api.post(f"/service/{service}", content=json.dumps(fields), headers=JSON)
        scene.count(service, answer)
        if refusal:
            assert option.name in fault(answer, *refusal)
        else:
            assert answer.status_code in (200, 400, 404, 409), answer.text
    await scene.check()


@pytest.mark.parametrize(("service", "option"), CASES)
async def test_a_parameter_that_cannot_be_read_is_refused_by_its_name(
    scene: Scene, service: str, option: Option
) -> None:
    name = option.name
    good = urlencode(scene.request(service, meant=False))
    file = f'--b\r\nContent-Disposition: form-data; name="{name}"; filename="f"\r\n\r\nx\r\n--b--\r\n'
    broken = f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode() + b"\xff\r\n--b--\r\n"
    unreadable = [
        ("", FORM, f"{good}&{name}=%ff".encode()),
        ("", FORM, f"{good}&{name}=".encode() + b"\xff\xfe"),
        ("", FORM, f"{good}&{name}=1&{name}=%ED%A0%80".encode()),
        (f"?{good}&{name}=%ff", {}, b""),
        ("", JSON, f'{{"{name}": "\\ud800"}}'.encode()),
        ("", JSON, f'{{"{name}": "1", "{name}": "\\udfff"}}'.encode()),
        (f"?{good}", MULTIPART, file.encode()),
        (f"?{good}", MULTIPART, broken),
    ]
    for query, headers, content in unreadable:
        answer = await scene.api.post(f"/service/{service}{query}", content=content, headers=headers)
        assert name in fault(answer, 400, "BadParameter"), (headers, content)
    await scene.check()


@pytest.mark.parametrize(("service", "option"), CASES)
async def test_a_parameter_in_a_body_that_is_malformed_or_too_large_does_nothing(
    scene: Scene, service: str, option: Option
) -> None:
    name = option.name
    part = f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'
    bodies = [
        (JSON, f'{{"{name}": {"[" * DEEP}'.encode(), 400),
        (JSON, f'{{"{name}": {"[" * DEEP}{"]" * DEEP}}}'.encode(), 400),
        (JSON, f'{{"{name}": "1"'.encode(), 400),
        (JSON, f'{{"{name}": '.encode() + b'"\xff"}', 400),
        (MULTIPART, f"{part}1".encode(), 400),
        (MULTIPART, f"{part}1\r\n--b".encode(), 400),
        (MULTIPART, part.encode()[:-4], 400),
        ({"content-type": "text/xml"}, f"<{name}/>".encode(), 415),
        ({}, f"{name}=1".encode(), 415),
        (FORM, f"{name}={'x' * MAX_BODY}".encode(), 413),
        (JSON, f'{{"{name}": "{"x" * MAX_BODY}"}}'.encode(), 413),
        (MULTIPART, f"{part}{'x' * MAX_BODY}\r\n--b--\r\n".encode(), 413),
    ]
    good = urlencode(scene.request(service, meant=False))
    for headers, content, status in bodies:
        answer = await scene.api.post(f"/service/{service}?{good}", content=content, headers=headers)
        assert answer.status_code == status, (answer.text, content[:80])
    await scene.check()


@pytest.mark.parametrize("service", SERVICES)
async def test_a_mandatory_parameter_that_is_absent_is_named(scene: Scene, service: str) -> None:
    for name in mandatory(service):
        fields = scene.request(service, meant=False)
        for absent in ({name: None}, {}):
            sent = {key: value for key, value in fields.items() if key != name} | absent
            answer = await scene.api.post(f"/service/{service}", json=sent)
            assert name in fault(answer, 400, "BadParameter")
    await scene.check()


# Routes that take data

DATA_ROUTES = [
    "/service/request-interaction",
    "/service/{session}/storage",
    "/service/{session}/update",
    "/storage/60",
    "/storage/{data}/60",
    "/storage/custom/mine/60",
]
NAMED = b"--b\r\nContent-Disposition: form-data; name="
PART = NAMED + b'"fine"\r\n\r\n1\r\n'


@pytest.mark.parametrize("route", DATA_ROUTES)
@pytest.mark.parametrize(
    ("headers", "content", "status", "name"),
    [
        (FORM, b"fine=1&na%00me=1", 400, "na?me"),
        (FORM, b"fine=1&na%ffme=1", 400, "na\ufffdme"),
        (FORM, b"fine=1&name=%ff", 400, "name"),
        (FORM, b"fine=1&" + b"n" * 1025 + b"=1", 400, "nnnn"),
        (FORM, b"fine=1&name=" + b"x" * (MAX_VALUE + 1), 413, "name"),
        (JSON, b'{"fine": 1, "na\\u0000me": 1}', 400, "na?me"),
        (JSON, b'{"fine": 1, "name": "\\udc00"}', 400, "name"),
        (JSON, b'{"fine": 1, "na\\ud800me": 1}', 400, "na?me"),
        (JSON, b'{"fine": 1, "name": ' + b"[" * DEEP + b"]" * DEEP + b"}", 400, ""),
        (JSON, b'{"fine": 1, "name": {}', 400, ""),
        (MULTIPART, PART + NAMED + b'"name"\r\n\r\n\xff\r\n--b--\r\n', 400, "name"),
        (MULTIPART, PART + NAMED + b'"na\xffme"\r\n\r\n1\r\n--b--\r\n', 400, ""),
        (MULTIPART, PART + b"--b\r\nContent-Disposition: form-data\r\n\r\n1\r\n--b--\r\n", 400, ""),
        (MULTIPART, PART + NAMED + b'"na\x00me"\r\n\r\n1\r\n--b--\r\n', 400, ""),
        (MULTIPART, PART, 400, ""),
        (MULTIPART, PART + b"--b\r\nX: " + b"x" * 100_000 + b"\r\n\r\n1\r\n--b--\r\n", 413, ""),
        ({"content-type": "application/xml"}, b"<fine/>", 415, ""),
        (FORM, b"a=" + b"x" * MAX_BODY, 413, ""),
    ],
)  # fmt: skip
async def test_bad_data_is_refused_as_a_whole(
    scene: Scene, route: str, headers: dict[str, str], content: bytes, status: int, name: str
) -> None:
    path = route.format(session=scene.session["_id"], data=scene.session["_data_id"])
    answer = await scene.api.post(path, content=content, headers={**headers, "gms_user": "ada"})
    assert answer.status_code == status, answer.text
    assert name in answer.json()["message"]
    await scene.check()


# Addresses and headers

HOSTILE = [
    "%00",
    "a%00b",
    "%ff%fe",
    "%ED%A0%80",
    "%0d%0aX-Injected:%201",
    "%F0%9F%98%80",
    "x" * 10_000,
    "1" * 10_000,
    "..%2f..%2fetc%2fpasswd",
    "%2e%2e",
    "'%20or%201=1--",
    "%25",
    "{name}",
    "~",
]


def operations(api: Api) -> list[Operation]:
    return [operation for group in api_groups(api.engine).values() for operation in group]


async def test_a_hostile_address_hurts_no_operation(scene: Scene) -> None:
    api = scene.api
    version = body(await api.get("/admin/options"))["version"]
    stored: set[str] = set()
    for operation in operations(api):
        for hostile in HOSTILE:
            path = re.sub(r"\{[^}]+\}", hostile, operation.path).removeprefix(BASE_PATH)
            address = path if operation.path.startswith(BASE_PATH) else f"http://matchline.local{path}"
            answer = await api.send(operation.method, address, headers={"gms_user": "ada"})
            assert answer.status_code < 500, f"{operation.method} {path[:80]}: {answer.text}"
            assert "x-injected" not in answer.headers
            if answer.status_code == 200 and operation.method == "POST" and "/storage/" in path:
                stored.add(answer.json()["id"])
    assert body(await api.get("/admin/options"))["version"] == version
    scene.records += len(stored)
    await scene.check()


async def test_a_hostile_header_hurts_no_operation(scene: Scene) -> None:
    api = scene.api
    headers = [
        parameter.name
        for operation in operations(api)
        for parameter in operation.parameters
        if parameter.place is In.HEADER
    ]
    assert {"If-Match", "Idempotency-Key", "gms_user"} <= set(headers)
    paths = [
        ("POST", "/service/request-interaction", b""),
        ("GET", "/storage/custom/mine", b""),
        ("POST", "/storage/custom/mine/60", b""),
        ("PATCH", "/admin/options/server", b"{}"),
    ]
    for name in {*headers, "Content-Type", "Host", "Origin", "Expect", "Accept", "X-Forwarded-For"}:
        for value in (
            b"",
            b"\xff\xfe",
            "é".encode(),
            b"x" * 10_000,
            b'a;b=c;d="',
            b"0",
            b"*",
            b"multipart/form-data",
        ):
            for method, path, content in paths:
                sent = {"content-type": "application/json", "gms_user": "ada", name: value}
                answer = await api.send(method, path, headers=sent, content=content)
                assert answer.status_code < 500, f"{name}: {value[:20]!r} {answer.text}"
                if answer.status_code == 200 and "request-interaction" in path:
                    scene.sessions += 1
                    scene.records += 1
    body(await api.get("/admin/options"))
    held = body(await api.get(f"/service/{scene.session['_id']}"))
    assert held["_access_number"] == scene.session["_access_number"]


async def test_a_key_with_every_odd_character_is_addressed_and_removed(scene: Scene) -> None:
    for character in ["\n", "\r", "\t", "\u2028", "%", "?", "#", "/", "\\", "\x7f", "\ufeff", "+", "&"]:
        address = f"/service/{scene.session['_id']}/storage/{quote(f'a{character}b', safe='')}"
        stored = {f"a{character}b": character}
        body(await scene.api.post(f"/service/{scene.session['_id']}/storage", json=stored))
        assert (await scene.api.get(address)).content == character.encode()
        body(await scene.api.delete(address))
    await scene.check()
