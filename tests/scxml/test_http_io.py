"""The Basic HTTP Event I/O Processor: what a message looks like on its way, and who may be reached."""

from dataclasses import replace

import pytest

from matchline.scxml import AllowList, Event
from matchline.scxml.http_io import FORM, HttpRequest, form_fields, received, request
from tests.scxml.charts import HOST, Played


@pytest.mark.parametrize(
    ("event", "content_type", "body"),
    [
        (Event("go"), FORM, "_scxmleventname=go"),
        (Event("go", data='{"a":"x y","b":2,"c":[1]}'), FORM, "_scxmleventname=go&a=x+y&b=2&c=%5B1%5D"),
        (Event("", data='{"a":"1"}'), FORM, "a=1"),
        (Event("", data='"some text"'), "text/plain", "some text"),
        (Event("", data="[1,2]"), "text/plain", "[1,2]"),
    ],
)
def test_a_message_is_a_form_or_a_body(event: Event, content_type: str, body: str) -> None:
    assert request("s", "http://h/", event) == HttpRequest("s", "http://h/", content_type, body, None)


def test_a_request_is_named_by_its_field_or_its_method() -> None:
    assert received("POST", form_fields("_scxmleventname=go&a=1&b=")) == Event(
        "go",
        data='{"a":"1","b":""}',
        origintype="http://www.w3.org/TR/scxml/#BasicHTTPEventProcessor",
    )
    assert received("get", [("a", "1")]).name == "HTTP.GET"
    assert received("POST", [], "text").data == '"text"'


@pytest.mark.parametrize(
    ("url", "permitted"),
    [
        ("http://example.com/x", True),
        ("https://EXAMPLE.com:8443/x", True),
        ("http://example.com@evil.test/", False),
        ("http://user@example.com/", False),
        ("http://example.com.evil.test/", False),
        ("http://other.test:8080/", True),
        ("http://other.test/", False),
        ("http://a.b.wide.test/", True),
        ("http://wide.test/", False),
        ("ftp://example.com/", False),
        ("file:///etc/passwd", False),
        ("http://[::1", False),
        ("http://example.com:port/", False),
        ("example.com", False),
    ],
)
def test_only_listed_hosts_are_reached(url: str, permitted: bool) -> None:
    assert AllowList.of(["Example.com", "other.test:8080", "*.wide.test"]).permits(url) is permitted


def test_an_empty_list_permits_nothing() -> None:
    assert not AllowList().permits("http://example.com/")


@pytest.mark.parametrize(
    "expr", ["'\\ud800'", "Array(3000).fill().reduce(deep => [deep], 0)"], ids=["half", "deep"]
)
def test_data_that_no_request_can_carry_are_an_error(expr: str) -> None:
    body = f"""<state id="a"><onentry>
<send type="http://www.w3.org/TR/scxml/#BasicHTTPEventProcessor" target="http://h/"><content expr="{expr}"/></send>
</onentry><transition event="error.execution" target="b"/></state><state id="b"/>"""
    assert Played(body, host=replace(HOST, allowed=AllowList.of(["h"]))).active == ("b",)
