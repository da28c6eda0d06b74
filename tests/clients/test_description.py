"""The Python client knows the whole API as the server describes it, and nothing that is not there."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import msgspec
import pytest

from matchline.client import refusals, routes
from matchline.client.routes import Route
from matchline.errors import Fault
from matchline.testing import TestServer

Described = Mapping[str, Any]

ROUTES = {name: each for name, each in vars(routes).items() if isinstance(each, Route)}

# What this client leaves to others: a page for people, what only platforms and charts send, and operations that
# others of the same address cover.
NOT_ASKED = (
    re.compile(r"GET /docs"),
    re.compile(r"(GET|POST) /adapters/\{line\}"),
    re.compile(r"POST /genesys/1/chart-events/.*"),
    re.compile(r"(GET|POST) /scxml/session/.*"),  # for other servers
    re.compile(r"POST /genesys/1/service/get"),  # the same as GET
    re.compile(r"GET /genesys/1/service/\{id\}/\{request\}"),  # the same as POST
)


@pytest.fixture(scope="module")
def described() -> Iterator[Described]:
    with TestServer() as server:
        server.configure("service.get", _type="builtin", _service="get")
        yield httpx.get(f"{server.url}/openapi.json").json()


def operations(described: Described) -> dict[str, Described]:
    return {
        f"{method.upper()} {path}": operation
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
    }


def named(route: Route[Any]) -> str:
    return f"{route.method} {route.path}"


def test_every_operation_is_known_and_none_is_made_up(described: Described) -> None:
    known = {named(route) for route in ROUTES.values()}
    needed = {name for name in operations(described) if not any(each.fullmatch(name) for each in NOT_ASKED)}
    assert known - set(operations(described)) == set(), "these do not exist"
    assert needed - known == set(), "the client does not know these"


@pytest.mark.parametrize("name", ROUTES)
def test_every_parameter_is_known_and_none_is_made_up(described: Described, name: str) -> None:
    route = ROUTES[name]
    operation = operations(described)[named(route)]
    found: dict[str, set[str]] = {"path": set(), "query": set(), "header": set()}
    for parameter in operation["parameters"]:
        found[parameter["in"]].add(parameter["name"])
    assert set(re.findall(r"\{(\w+)\}", route.path)) == found["path"]
    assert (set(route.query), set(route.headers)) == (found["query"], found["header"])
    assert set(route.body) == members_of_body(operation)


def members_of_body(operation: Described) -> set[str]:
    content = operation.get("requestBody", {}).get("content", {})
    return set(content.get("application/json", {}).get("schema", {}).get("properties", {}))


@pytest.mark.parametrize("name", ROUTES)
def test_every_member_of_an_answer_is_known_and_none_is_made_up(described: Described, name: str) -> None:
    route = ROUTES[name]
    answer = operations(described)[named(route)]["responses"]["200"]["content"]
    struct = inner(route.answer)
    if struct is None:
        assert (route.answer in (str, bytes)) == ("application/json" not in answer)
    else:
        schema = answer["application/json"]["schema"]
        compare(struct, schema.get("items", schema), place=name)


def compare(struct: type[msgspec.Struct], schema: Described, place: str) -> None:
    fields = {field.encode_name: field for field in msgspec.structs.fields(struct)}
    told, needed = schema.get("properties", {}), set(schema.get("required", ()))
    is_open = bool(schema.get("additionalProperties", not told))
    made_up = set() if is_open else set(fields) - set(told) - needed
    assert not made_up, f"{place}: {made_up} is not in the description"
    unknown = (set(told) | needed) - set(fields) - OTHER_SHAPES.get(struct.__name__, set())
    assert not unknown, f"{place}: {unknown} is not known to the client"
    for member, field in fields.items():
        of = inner(field.type)
        if of and member in told:
            compare(of, told[member].get("items", told[member]), f"{place}.{member}")


# One address answers in two shapes: a single match, or several.
OTHER_SHAPES = {"Match": {"matches"}, "Matches": {"_id", "_data_id", "user_data", "_late", "_reason"}}


def inner(kind: Any) -> type[msgspec.Struct] | None:
    """The struct that this is, or is a list of."""
    for each in (kind, *getattr(kind, "__args__", ())):
        if isinstance(each, type) and issubclass(each, msgspec.Struct):
            return each
    return None


def test_every_error_of_the_operations_is_known_and_none_is_made_up(described: Described) -> None:
    told = {
        name
        for asked in (operations(described)[named(route)] for route in ROUTES.values())
        for answer in asked["responses"].values()
        for name in re.findall(r"`(\w+)`:", answer["description"])
    }
    known = {kind.__name__ for kind in refusals.Refused.__subclasses__()}
    assert told - known == set(), "the client does not know these"
    assert known - {fault.__name__ for fault in Fault.__subclasses__()} == set(), "these do not exist"


def test_the_streams_exist_though_they_are_not_described() -> None:
    with TestServer() as server:
        for path in (routes.SESSION_EVENTS, routes.ALL_EVENTS):
            assert httpx.post(f"{server.url}{path.format(id='x')}").status_code == 405, "it only answers GET"
