"""What is logged tells nothing of customers (rule 22), also at the most talkative level."""

import logging

import pytest

from matchline.errors import Unavailable

from .api import CALLER, SHARED, Api, body

pytestmark = pytest.mark.anyio


async def test_no_number_code_or_data_is_logged(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    form = {"_phone_number": CALLER, "_provide_code": "true", "_resource_group": "SHARED", "name": "Ada L."}
    session = body(await api.post("/service/request-interaction", data=form))
    code = session["_access_code"]
    call = {"_access_number": SHARED, "_phone_number": CALLER, "_no_such_parameter": "quiet"}
    await api.post("/service/match-interaction", data={**call, "_access_code": "0000"})
    await api.post("/service/match-interaction", data={**call, "_access_code": code})
    await api.post("/service/match-interaction", data={**call, "_delete_service": "perhaps"})
    assert "_no_such_parameter" in caplog.text, "what is ignored is told at this level"
    assert not [secret for secret in (CALLER, CALLER[2:], code, "Ada L.", "quiet") if secret in caplog.text]


async def test_a_store_that_fails_is_logged_without_the_request(
    api: Api, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise Unavailable("the disk is full")

    monkeypatch.setattr(api.engine.store, "match", fail)
    await api.post("/service/match-interaction", data={"_access_number": SHARED, "_phone_number": CALLER})
    assert "the disk is full" in caplog.text
    assert CALLER not in caplog.text
