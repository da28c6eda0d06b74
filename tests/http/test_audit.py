"""Who changed what: each administrative change leaves an entry in the same step, secrets masked."""

import pytest

from .api import Api, body, fault

pytestmark = pytest.mark.anyio


async def entries(api: Api, **asked: str) -> list[dict[str, object]]:
    return list(body(await api.get("/admin/audit", params=asked))["entries"])


async def test_a_change_tells_who_what_before_and_after(api: Api) -> None:
    user = {"X-Matchline-User": "ada@desk"}
    await api.send("PATCH", "/admin/options/resources.DNIS", json={"_cooldown": "20"}, headers=user)
    newest = (await entries(api))[0]
    assert newest == {
        "id": "2",
        "time": "2023-11-14T22:13:20Z",
        "who": "everyone, ada@desk",
        "what": "options changed",
        "before": {"[resources.DNIS] _cooldown": "15"},
        "after": {"[resources.DNIS] _cooldown": "20"},
    }


async def test_what_is_removed_is_told(api: Api) -> None:
    await api.delete("/admin/options/resources.EMPTY")
    assert (await entries(api))[0]["before"] == {"[resources.EMPTY] _allocation_strategy": "CLUSTER"}
    await api.delete("/admin/resources/DNIS/numbers/+18005550100")
    drained = (await entries(api))[0]
    assert (drained["what"], drained["before"]) == (
        "numbers drained",
        {"[resources.DNIS +1 800 555 0100]": "drained"},
    )


async def test_secrets_are_masked_before_and_after(api: Api) -> None:
    await api.configure("server", password="first-secret")
    first, second = ("", "first-secret"), ("", "second-secret")
    changed = await api.send("PATCH", "/admin/options/server", json={"password": second[1]}, auth=first)
    assert changed.status_code == 200
    answer = await api.get("/admin/audit", auth=second)
    newest = body(answer)["entries"][0]
    assert newest["before"] == newest["after"] == {"[server] password": "***"}
    assert newest["who"] == "server"
    assert "-secret" not in answer.text


async def test_a_secret_stays_one_when_the_platform_of_its_line_changes(api: Api) -> None:
    await api.configure("adapter.agent", _type="json", secret="json-secret")
    await api.configure("adapter.agent", _type="voicexml", secret=None, agent="+1800", queue="+1801")
    answer = await api.get("/admin/audit")
    assert body(answer)["entries"][0]["before"]["[adapter.agent] secret"] == "***"
    assert "json-secret" not in answer.text


async def test_keys_are_told_without_their_secrets(api: Api) -> None:
    key = body(await api.post("/admin/keys", json={"name": "ops", "scopes": ["admin"]}))
    auth = {"authorization": f"Bearer {key['key']}"}
    assert (await api.delete(f"/admin/keys/{key['id']}", headers=auth)).status_code == 200
    revoked, created = (await entries(api))[:2]
    assert (created["what"], created["after"]) == ("key created", {f"key {key['id']}": "ops: admin"})
    assert (revoked["what"], revoked["who"]) == ("key revoked", "ops")


async def test_a_change_that_is_refused_leaves_no_entry(api: Api) -> None:
    before = await entries(api)
    fault(
        await api.send("PATCH", "/admin/options/server", json={"max_ttl": "no"}), 400, "InvalidConfiguration"
    )
    assert await entries(api) == before


async def test_the_trail_is_read_in_pages(api: Api) -> None:
    for seconds in ("20", "21"):
        await api.configure("resources.DNIS", _cooldown=seconds)
    first = await entries(api, limit="2")
    rest = await entries(api, before=str(first[-1]["id"]))
    assert [each["id"] for each in (*first, *rest)] == ["3", "2", "1"]
    fault(await api.get("/admin/audit", params={"limit": "1001"}), 400, "BadParameter")
