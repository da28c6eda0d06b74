"""get: a service's own options, while this node is online."""

import pytest

from .api import Api, body, fault

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_it_tells_its_options_to_either_method(api: Api, method: str) -> None:
    await api.configure("service.get", hotline="+1 800 555 0123", _offline_code="500")
    answer = body(await api.send(method, "/service/get"))
    assert answer == {
        "_type": "builtin",
        "_service": "get",
        "hotline": "+1 800 555 0123",
        "_offline_code": "500",
    }


async def test_an_offline_node_answers_503(api: Api) -> None:
    api.engine.node.draining = True
    fault(await api.get("/service/get"), 503, "NodeOffline")
    assert (await api.get("/admin/node/status")).text == "OFFLINE"


async def test_an_offline_node_answers_the_configured_status(api: Api) -> None:
    await api.configure("service.get", _offline_code="410")
    api.engine.node.store_answers = False
    fault(await api.get("/service/get"), 410, "NodeOffline")


async def test_it_answers_get_under_any_configured_name(api: Api) -> None:
    await api.configure("service.settings", _type="builtin", _service="get", colour="blue")
    assert body(await api.get("/service/settings"))["colour"] == "blue"


async def test_an_online_node_says_so(api: Api) -> None:
    status = await api.get("/admin/node/status")
    assert (status.text, status.headers["content-type"]) == ("ONLINE", "text/plain; charset=utf-8")
