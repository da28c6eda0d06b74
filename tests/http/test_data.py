"""User data comes back byte for byte, whatever form it came in (rule 21)."""

import json
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matchline.http.body import MAX_KEY

from .api import Api, body

pytestmark = pytest.mark.anyio

# One server for all examples of a test: each makes data of its own.
EXAMPLES = settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=50)
KEYS = TEXTS.filter(lambda key: "\0" not in key and not key.startswith("_"))
DATA = st.dictionaries(KEYS, TEXTS, max_size=8)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)

FORM = {"content-type": "application/x-www-form-urlencoded"}


async def stored(api: Api, **how: object) -> dict[str, str]:
    record = body(await api.post("/storage/60", **how))["id"]
    return body(await api.get(f"/storage/{record}"))


@EXAMPLES
@given(data=DATA)
async def test_urlencoded_texts_come_back_as_they_were(api: Api, data: dict[str, str]) -> None:
    pairs = (f"{quote_plus(key)}={quote_plus(text)}" for key, text in data.items())
    assert await stored(api, content="&".join(pairs), headers=FORM) == data


@EXAMPLES
@given(data=DATA)
async def test_texts_of_the_query_string_come_back_as_they_were(api: Api, data: dict[str, str]) -> None:
    query = "&".join(f"{quote(key, safe='')}={quote(text, safe='')}" for key, text in data.items())
    record = body(await api.post(f"/storage/60?{query}"))["id"]
    assert body(await api.get(f"/storage/{record}")) == data


@EXAMPLES
@given(data=DATA, escaped=st.booleans())
async def test_json_texts_come_back_as_they_were(api: Api, data: dict[str, str], escaped: bool) -> None:
    content = json.dumps(data, ensure_ascii=escaped).encode()
    assert await stored(api, content=content, headers={"content-type": "application/json"}) == data


@EXAMPLES
@given(value=JSON)
async def test_other_json_is_kept_as_its_text(api: Api, value: object) -> None:
    text = json.dumps(value)
    given_ = f'{{"value": {text}}}'
    kept = await stored(api, content=given_, headers={"content-type": "application/json"})
    assert kept == {"value": value if isinstance(value, str) else text}


@EXAMPLES
@given(key=KEYS.filter(lambda key: not set(key) & set('"\\\r\n')), content=st.binary(max_size=200))
async def test_files_come_back_as_they_were(api: Api, key: str, content: bytes) -> None:
    head = f'--b-o-u\r\nContent-Disposition: form-data; name="{key}"; filename="f"\r\n\r\n'.encode()
    sent = head + content + b"\r\n--b-o-u--\r\n"
    headers = {"content-type": "multipart/form-data; boundary=b-o-u"}
    session = body(await api.post("/service/call-me", content=sent, headers=headers))
    raw = await api.get(f"/service/{session['_id']}/storage/binary/{quote(key, safe='')}")
    assert raw.content == content
    body(await api.delete(f"/service/{session['_id']}"))


@pytest.fixture(autouse=True)
async def _call_me(api: Api) -> None:
    """A service that runs out of nothing, for tests that make many sessions."""
    await api.configure("service.call-me", _service="request-interaction", _resource_group="SHARED")


@EXAMPLES
@given(data=DATA)
async def test_data_reaches_the_call_s_side_as_the_app_left_it(api: Api, data: dict[str, str]) -> None:
    session = body(await api.post("/service/call-me", json=data))
    assert body(await api.get(f"/service/{session['_id']}/storage")) == data
    found = body(await api.match(session["_access_number"], _return_user_data="true"))
    assert (found["_id"], found["user_data"]) == (session["_id"], data)


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("", "the empty key"),
        ("nul", "a\0b"),
        ("line\nbreak", "\r\n\t"),
        ("\ufeffbom", "\ufeff"),
        ("combining", "e\u0301 is not \u00e9"),
        ("\ufffe", "\uffff\U0010ffff"),
        ("k" * MAX_KEY, "the longest key"),
        ("large", "ß" * 32_768),
        ("__proto__"[2:], "{}"),
    ],
)
async def test_unusual_texts_come_back_as_they_were(api: Api, key: str, text: str) -> None:
    assert await stored(api, json={key: text}) == {key: text}
    assert await stored(api, data={key: text}) == {key: text}
    record = await api.store({key: text})
    assert (await api.get(f"/storage/{record}/{quote(key, safe='')}")).content == text.encode()


async def test_keys_that_look_alike_stay_apart(api: Api) -> None:
    data = {"a": "1", "A": "2", "\u0430": "3", "a ": "4", "e\u0301": "5", "\u00e9": "6"}
    assert await stored(api, json=data) == data
