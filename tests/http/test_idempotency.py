"""Idempotency-Key: the same request again gets the first answer, another request is refused."""

import pytest

from matchline.http.service_api import MAX_IDEMPOTENCY_KEY

from .api import BOOKING, Api, body, fault

pytestmark = pytest.mark.anyio

KEY = {"Idempotency-Key": "3f1c"}


async def test_the_same_request_gets_the_first_answer_and_takes_no_second_number(api: Api) -> None:
    asked = {"customer": "Ada", "_provide_code": "true", "_return_pool_health": "true"}
    first = await api.ask("request-interaction", asked, headers=KEY)
    api.clock.advance(BOOKING - 1)
    again = await api.ask("request-interaction", asked, headers=KEY)
    assert body(again) == body(first)
    assert (await api.pool())["reserved"] == "1"


async def test_the_form_of_the_same_request_does_not_matter(api: Api) -> None:
    asked = {"customer": "Ada", "_ttl": "60"}
    first = await api.post("/service/request-interaction", data=asked, headers=KEY)
    again = await api.post("/service/request-interaction", json=asked, headers=KEY)
    assert body(again) == body(first)


@pytest.mark.parametrize(
    "other", [{"customer": "Bob"}, {"customer": "Ada", "x": ""}, {"customer": "Ada", "_ttl": "60"}, {}]
)
async def test_another_request_under_the_same_key_is_refused(api: Api, other: dict[str, str]) -> None:
    body(await api.ask("request-interaction", {"customer": "Ada"}, headers=KEY))
    fault(await api.ask("request-interaction", other, headers=KEY), 409, "IdempotencyConflict")
    assert (await api.pool())["reserved"] == "1"


async def test_a_file_is_another_request_than_a_text(api: Api) -> None:
    body(await api.post("/service/request-interaction", data={"f": "x"}, headers=KEY))
    sent = {"f": ("f", b"x", "text/plain")}
    refused = await api.post("/service/request-interaction", files=sent, headers=KEY)
    fault(refused, 409, "IdempotencyConflict")


async def test_the_first_answer_is_given_for_the_sessions_life(api: Api) -> None:
    first = body(await api.ask("request-interaction", {"_ttl": "100"}, headers=KEY))
    api.clock.advance(99.999)
    assert body(await api.ask("request-interaction", {"_ttl": "100"}, headers=KEY)) == first
    api.clock.advance(0.001)
    assert body(await api.ask("request-interaction", {"_ttl": "100"}, headers=KEY))["_id"] != first["_id"]


async def test_the_first_answer_is_given_after_the_match_too(api: Api) -> None:
    first = body(await api.ask("request-interaction", headers=KEY))
    body(await api.match(first["_access_number"]))
    assert body(await api.ask("request-interaction", headers=KEY)) == first


async def test_an_ended_session_s_key_is_free_again(api: Api) -> None:
    first = body(await api.ask("request-interaction", headers=KEY))
    body(await api.delete(f"/service/{first['_id']}"))
    assert body(await api.ask("request-interaction", {"a": "1"}, headers=KEY))["_id"] != first["_id"]


async def test_a_key_counts_for_its_service_only(api: Api) -> None:
    await api.configure("service.call-me", _service="request-interaction")
    first = body(await api.ask("request-interaction", headers=KEY))
    assert body(await api.ask("call-me", headers=KEY))["_id"] != first["_id"]


async def test_a_request_without_a_key_is_always_new(api: Api) -> None:
    assert (await api.reserve())["_id"] != (await api.reserve())["_id"]
    for _ in range(2):
        last = body(
            await api.ask(
                "request-interaction", {"_resource_group": "SHARED"}, headers={"Idempotency-Key": ""}
            )
        )
    assert last["_id"]


async def test_a_refused_request_leaves_its_key_free(api: Api) -> None:
    bad = await api.ask("request-interaction", {"_resource_group": "EMPTY"}, headers=KEY)
    fault(bad, 503, "NumbersExhausted")
    body(await api.ask("request-interaction", headers=KEY))


async def test_an_unreasonable_key_is_refused_by_name(api: Api) -> None:
    key = {"Idempotency-Key": "k" * (MAX_IDEMPOTENCY_KEY + 1)}
    assert "Idempotency-Key" in fault(await api.ask("request-interaction", headers=key), 400, "BadParameter")
