"""What is refused is refused in one shape, with a stable name and a sentence (every answer here is checked)."""

import pytest

from matchline import errors
from matchline.errors import Unavailable

from .api import Api, body, fault

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/service",
        "/service/",
        "/storage/",
        "/nothing",
        "/service/a/b/c",
        "/admin",
        "/admin/options/a/b",
        "/SERVICE/get",
        "/service/get/",
        "//service/get",
        "http://matchline.local/",
        "http://matchline.local/genesys/2/service/get",
        "http://matchline.local/favicon.ico",
    ],
)
async def test_an_unknown_address_is_a_fault_like_any_other(api: Api, path: str) -> None:
    refused = await api.post(path) if path != "http://matchline.local/" else await api.get(f"{path}x")
    assert refused.status_code == 404


async def test_an_unknown_service_is_named(api: Api) -> None:
    assert "no-such-service" in fault(await api.ask("no-such-service"), 404, "UnknownService")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/service/get", "DELETE, GET, HEAD, POST"),
        ("PATCH", "/service/x/storage", "GET, HEAD, POST"),
        ("DELETE", "/service/x/storage", "GET, HEAD, POST"),
        ("PUT", "/storage/x/y", "GET, HEAD, POST"),
        ("GET", "/storage/custom/x/60", "POST"),
        ("POST", "/admin/node/status", "GET, HEAD"),
        ("OPTIONS", "/admin/options", "GET, HEAD, POST"),
        ("TRACE", "/service/get", "DELETE, GET, HEAD, POST"),
        ("BREW", "/service/get", "DELETE, GET, HEAD, POST"),
        ("DELETE", "http://matchline.local/healthz", "GET, HEAD"),
        ("POST", "http://matchline.local/openapi.json", "GET, HEAD"),
    ],
)
async def test_a_method_that_is_not_answered_is_told_which_are(
    api: Api, method: str, path: str, allowed: str
) -> None:
    refused = await api.send(method, path)
    assert method in fault(refused, 405, "MethodNotAllowed")
    assert refused.headers["allow"] == allowed


async def test_head_answers_like_get(api: Api) -> None:
    got, head = [await api.send(method, "/admin/node/status") for method in ("GET", "HEAD")]
    assert (head.status_code, head.headers["content-length"]) == (200, got.headers["content-length"])


JSON, FORM = "application/json", "application/x-www-form-urlencoded"
PART = 'Content-Disposition: form-data; name="a"\r\n\r\n1'


@pytest.mark.parametrize(
    ("content_type", "content"),
    [
        (JSON, '{"a": 1'),
        (JSON, "[]"),
        (JSON, '"text"'),
        (JSON, "null"),
        (JSON, '{"a": NaN}'),
        (JSON, '{"a": "\xff"}'),
        (JSON, "{'a': 1}"),
        (JSON, '{"a": 1} {}'),
        (JSON, "[" * 100_000),
        (JSON, '{"a":' * 100_000),
        ("multipart/form-data", f"--b\r\n{PART}\r\n--b--\r\n"),
        ("multipart/form-data; boundary=", f"--b\r\n{PART}\r\n--b--\r\n"),
        ("multipart/form-data; boundary=b", f"--b\r\n{PART}"),
        ("multipart/form-data; boundary=b", f"--b\r\n{PART}\r\n--b"),
        ("multipart/form-data; boundary=b", f"--c\r\n{PART}\r\n--c--\r\n"),
        ("multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data\r\n\r\n1\r\n--b--\r\n"),
        ("multipart/form-data; boundary=b", "--b\r\nX-Nothing: 1\r\n\r\n1\r\n--b--\r\n"),
        ('multipart/form-data; boundary="\xe9"', "--\xe9\r\n\r\n"),
    ],
)
async def test_a_body_that_is_not_what_it_says_is_malformed(
    api: Api, content_type: str, content: str
) -> None:
    for path in ("/service/request-interaction", "/storage/60"):
        sent = {
            "content": content.encode("latin-1"),
            "headers": {"content-type": content_type.encode("latin-1")},
        }
        fault(await api.post(path, **sent), 400, "MalformedBody")
    assert (await api.pool())["reserved"] == "0"


@pytest.mark.parametrize(
    "content_type", ["", "text/plain", "application/xml", "nonsense", f"{FORM}; charset=latin1", f"{JSON}5"]
)
async def test_a_body_of_another_type_is_not_accepted(api: Api, content_type: str) -> None:
    sent = await api.post(
        "/service/request-interaction", content=b"a=1", headers={"content-type": content_type}
    )
    fault(sent, 415, "UnsupportedMediaType")
    assert (await api.pool())["reserved"] == "0"


@pytest.mark.parametrize("content_type", [f"{FORM}; charset=UTF-8", FORM.upper(), f" {FORM} ;x=y"])
async def test_a_content_type_is_read_with_its_parameters(api: Api, content_type: str) -> None:
    sent = await api.post("/storage/60", content="a=%C3%A9", headers={"content-type": content_type})
    assert body(await api.get(f"/storage/{body(sent)['id']}")) == {"a": "é"}


@pytest.mark.parametrize(
    ("content_type", "content", "name"),
    [
        (FORM, b"na%00me=1", "na?me"),
        (FORM, b"name=%ff", "name"),
        (FORM, b"na%ffme=1", "na\ufffdme"),
        (FORM, b"name=%ED%A0%80", "name"),
        (JSON, rb'{"na\u0000me": "1"}', "na?me"),
        (JSON, rb'{"name": "\ud800"}', "name"),
        (JSON, rb'{"na\udc00me": "1"}', "na?me"),
        (FORM, b"k" * 1025 + b"=1", "kkkk"),
    ],
)
async def test_a_name_or_value_that_cannot_be_kept_is_refused_by_name(
    api: Api, content_type: str, content: bytes, name: str
) -> None:
    for path in ("/service/request-interaction", "/storage/60"):
        refused = await api.post(path, content=content, headers={"content-type": content_type})
        assert f'"{name}' in fault(refused, 400, "BadParameter")
    assert (await api.pool())["reserved"] == "0"


async def test_a_query_string_that_is_no_text_is_refused_by_name(api: Api) -> None:
    refused = await api.post("/service/request-interaction?name=%ff")
    assert "name" in fault(refused, 400, "BadParameter")


async def test_a_caller_s_text_is_shown_shortened_and_in_one_line(api: Api) -> None:
    refused = await api.ask("request-interaction", {"_resource_group": "x\n\x1b" + "y" * 1000})
    message = fault(refused, 400, "UnknownResourceGroup")
    assert "x??yyy" in message
    assert len(message) < 200


# A store in trouble (rule 13), and a defect


class Broken:
    """A store that fails at whatever it is asked."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def __getattr__(self, name: str) -> object:
        async def fail(*_: object) -> None:
            raise self._error

        return fail


@pytest.mark.parametrize(
    ("service", "asked"),
    [
        ("request-interaction", {}),
        ("request-access", {"_id": "x"}),
        ("match-interaction", {"_access_number": "+18005550100"}),
    ],
)
async def test_a_store_that_does_not_answer_is_503_and_never_no_match(
    api: Api, service: str, asked: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = Broken(Unavailable("disk I/O error in sqlite at /var/lib"))
    monkeypatch.setattr(api.engine.reservations, "_store", broken)
    monkeypatch.setattr(api.engine.matching, "_store", broken)
    refused = await api.ask(service, asked)
    assert fault(refused, 503, "StoreUnavailable") == "The store cannot answer now."
    assert refused.headers["retry-after"] == "1"


async def test_a_store_that_does_not_answer_fails_readiness_but_not_health(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    health = ["http://matchline.local/healthz", "http://matchline.local/readyz"]
    assert [(await api.get(each)).text for each in health] == ["ok", "ok"]
    monkeypatch.setattr(api.engine, "store", Broken(Unavailable("gone")))
    assert [(await api.get(each)).status_code for each in health] == [200, 503]


async def test_a_draining_node_is_not_ready(api: Api) -> None:
    api.engine.node.draining = True
    fault(await api.get("http://matchline.local/readyz"), 503, "NodeOffline")
    assert (await api.get("http://matchline.local/healthz")).status_code == 200


async def test_a_defect_leaks_nothing(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = RuntimeError("select * from /etc/secret")
    monkeypatch.setattr(api.engine.records, "_store", Broken(secret))
    api.client.event_hooks = {}
    refused = await api.get("/storage/x")
    assert fault(refused, 500, "InternalError") == "The server failed to answer; its log has the details."


def test_every_fault_has_a_status_and_an_explanation() -> None:
    faults = errors.Fault.__subclasses__()
    assert len(faults) > 20
    for each in faults:
        assert 400 <= each.status <= 599
        assert (each.__doc__ or "").strip().endswith(".")
