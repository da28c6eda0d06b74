"""What `/metrics` tells, read back by the parser of Prometheus' own client."""

import pytest
from prometheus_client.parser import text_string_to_metric_families

from matchline.observing.metrics import METRICS

from .api import CALLER, COOLDOWN, NUMBERS, SHARED, STRANGER, Api, body, fault

pytestmark = pytest.mark.anyio


async def sample(api: Api, name: str, **labels: str) -> float | None:
    """The value of the one sample with these labels; None when there is none."""
    found = [
        each.value
        for family in text_string_to_metric_families(await exposition(api))
        for each in family.samples
        if each.name == name and labels.items() <= each.labels.items()
    ]
    assert len(found) <= 1, f"{name} {labels} is not one sample"
    return found[0] if found else None


async def exposition(api: Api) -> str:
    answer = await api.client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    return answer.text


async def test_every_declared_name_is_told_with_its_help(api: Api) -> None:
    text = await exposition(api)
    for metric in METRICS:
        family = metric.name.removesuffix("_total")
        assert f"# HELP {metric.name} " in text or f"# HELP {family} " in text


async def test_reservations_and_exhaustion_are_counted_by_group(api: Api) -> None:
    for _ in NUMBERS:
        session = await api.reserve()
    await api.post(f"/service/{session['_id']}/renew")
    fault(await api.ask("request-interaction"), 503, "NumbersExhausted")
    name = "matchline_reservations_total"
    assert await sample(api, name, group="DNIS", kind="reserved") == len(NUMBERS)
    assert await sample(api, name, group="DNIS", kind="renewed") == 1
    assert await sample(api, "matchline_exhausted_total", group="DNIS") == 1


async def test_matches_are_counted_by_verdict_and_reason(api: Api) -> None:
    name = "matchline_matches_total"
    for _ in range(2):
        await api.reserve(_resource_group="SHARED", _phone_number=CALLER)
    await api.match(SHARED, _phone_number=CALLER)
    await api.match(SHARED, _phone_number=STRANGER)
    await api.match(SHARED, _access_code="123456", _phone_number=STRANGER)
    await api.match("+1 800 555 9999")
    session = await api.reserve()
    api.clock.advance(12)
    for _ in range(2):
        await api.match(session["_access_number"], _call_id="c")
    assert await sample(api, name, verdict="ambiguous") == 1
    assert await sample(api, name, verdict="none", reason="nobody") == 1
    assert await sample(api, name, verdict="none", reason="wrong-code") == 1
    assert await sample(api, name, verdict="none", reason="unknown-number") == 1
    assert await sample(api, name, verdict="matched", reason="first") == 1
    assert await sample(api, name, verdict="matched", reason="repeated") == 1
    assert await sample(api, "matchline_match_wait_seconds_sum") == 12


async def test_the_pool_is_told_as_it_is_at_the_scrape(api: Api) -> None:
    session = await api.reserve()
    await api.reserve()
    await api.delete(f"/service/{session['_id']}")
    pool = {
        state: await sample(api, "matchline_pool_numbers", group="DNIS", state=state)
        for state in ("free", "reserved", "cooling")
    }
    assert pool == {"free": 1, "reserved": 1, "cooling": 1}
    api.clock.advance(COOLDOWN)
    assert await sample(api, "matchline_pool_numbers", group="DNIS", state="cooling") == 0


async def test_requests_are_counted_by_operation_and_status(api: Api) -> None:
    await api.get("/service/no-session")
    await api.get("/nowhere/at/all")
    name, look = "matchline_requests_total", "GET /genesys/1/service/{name}"
    assert await sample(api, name, operation=look, status="404") == 1
    assert await sample(api, name, operation="none", status="404") == 1
    assert await sample(api, "matchline_request_seconds_count", operation=look) == 1


async def test_sweeps_and_the_node_are_told(api: Api) -> None:
    await api.reserve()
    api.clock.advance(3600)
    await api.engine.sweeper.sweep()
    assert await sample(api, "matchline_swept_total", kind="sessions") == 1
    assert await sample(api, "matchline_node_ready") == 1
    api.engine.node.draining = True
    assert await sample(api, "matchline_node_ready") == 0


async def test_no_label_tells_anything_of_a_customer(api: Api) -> None:
    session = body(
        await api.ask(
            "request-interaction", {"_phone_number": CALLER, "_provide_code": "true", "name": "Ada"}
        )
    )
    await api.match(session["_access_number"], _phone_number=CALLER, _call_id="call-17")
    await api.get(f"/service/{session['_id']}")
    text = await exposition(api)
    secrets = (CALLER, session["_access_code"], session["_id"], "Ada", "call-17", "555 0100")
    assert not [secret for secret in secrets if secret in text]


async def test_metrics_need_credentials_as_soon_as_there_are_any(api: Api) -> None:
    await api.configure("server", username="ops", password="s3cret-s3cret")
    fault(await api.client.get("/metrics"), 401, "NotAuthenticated")
    assert (await api.client.get("/metrics", auth=("ops", "s3cret-s3cret"))).status_code == 200
