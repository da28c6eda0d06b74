"""Tokens of an identity provider: believed when everything is right, with keys that change in time."""

import base64
import json
from pathlib import Path

import jwt
import pytest

from matchline.engine import access
from matchline.http import tokens
from matchline.http.tokens import FRESH_SECONDS, LEEWAY_SECONDS, PAUSE_SECONDS

from .api import Api, body, fault
from .credentials import bearer
from .issuer import AUDIENCE, LIFE, NAME, Issuer, served

pytestmark = pytest.mark.anyio

WEAK = "a secret that everybody can read in the list of keys"


class Steady:
    """Stands for the steady clock of the module under test."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def steady(monkeypatch: pytest.MonkeyPatch) -> Steady:
    steady = Steady()
    monkeypatch.setattr(tokens, "steady", steady)
    return steady


@pytest.fixture
def issuer(api: Api) -> Issuer:
    issuer = Issuer(api.clock)
    issuer.new_key("first")
    return issuer


@pytest.fixture
async def jwks(api: Api, issuer: Issuer, tmp_path: Path) -> Path:
    """The file that the server reads the keys from."""
    path = tmp_path / "jwks.json"
    path.write_text(issuer.jwks())
    await configured(api, str(path))
    return path


async def configured(api: Api, keys: str) -> None:
    await api.configure("server", jwt_issuer=NAME, jwt_audience=AUDIENCE, jwt_keys=keys)


async def status(api: Api, token: str, path: str = "/service/get") -> int:
    return (await api.get(path, headers=bearer(token))).status_code


async def test_an_issuer_closes_the_server(api: Api, jwks: Path) -> None:
    refused = await api.get("/service/get")
    fault(refused, 401, "NotAuthenticated")
    assert refused.headers["www-authenticate"] == 'Bearer realm="Matchline"'
    assert jwks.exists()


@pytest.mark.parametrize("kind", ["EC", "RSA"])
async def test_a_token_s_scopes_are_its_own(api: Api, issuer: Issuer, jwks: Path, kind: str) -> None:
    issuer.new_key("second", kind)
    jwks.write_text(issuer.jwks())
    app = bearer(issuer.token("second", "openid matchline:app"))
    session = body(await api.ask("request-interaction", headers=app))
    asked = {"_access_number": session["_access_number"]}
    fault(await api.ask("match-interaction", asked, headers=app), 403, "NotAllowed")
    ivr = bearer(issuer.token("second", ["matchline:ivr"]))
    body(await api.ask("match-interaction", asked, headers=ivr))
    fault(await api.get("/admin/options", headers=ivr), 403, "NotAllowed")
    body(await api.get("/admin/options", headers=bearer(issuer.token("second", "matchline:admin"))))


@pytest.mark.parametrize("scope", ["", "app admin", "matchline:root", 5, None, {}])
async def test_a_token_without_a_scope_for_this_server_may_do_nothing(
    api: Api, issuer: Issuer, jwks: Path, scope: object
) -> None:
    assert await status(api, issuer.token("first", scope)) == 403
    assert jwks.exists()


async def test_a_session_belongs_to_the_token_s_subject(api: Api, issuer: Issuer, jwks: Path) -> None:
    mine, again = (bearer(issuer.token("first", sub="shop", nonce=n)) for n in "12")
    other = bearer(issuer.token("first", sub="another shop"))
    one = f"/service/{body(await api.ask('request-interaction', headers=mine))['_id']}"
    fault(await api.get(one, headers=other), 404, "UnknownSession")
    body(await api.get(one, headers=again))
    assert jwks.exists()


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://other.example"},
        {"iss": None},
        {"aud": "another"},
        {"aud": None},
        {"sub": None},
        {"exp": None},
        {"exp": "soon"},
    ],
)
async def test_a_token_with_a_wrong_claim_is_refused(
    api: Api, issuer: Issuer, jwks: Path, claims: dict[str, object]
) -> None:
    assert await status(api, issuer.token("first")) == 200
    if claims.get("exp") == "soon":
        token = jwt.api_jws.encode(
            json.dumps(issuer.claims(**claims)).encode(),
            issuer.private["first"],
            "ES256",
            headers={"kid": "first"},
        )
    else:
        token = issuer.token("first", **claims)
    assert await status(api, token) == 401
    assert jwks.exists()


async def test_a_token_counts_in_its_time(api: Api, issuer: Issuer, jwks: Path) -> None:
    token = issuer.token("first")
    assert await status(api, token) == 200
    api.clock.advance(LIFE + LEEWAY_SECONDS - 1)
    assert await status(api, token) == 200
    api.clock.advance(1)
    assert await status(api, token) == 401
    later = api.clock.now() // 1000 + LEEWAY_SECONDS + 1
    token = issuer.token("first", nbf=later)
    assert await status(api, token) == 401
    api.clock.advance(1)
    assert await status(api, token) == 200
    assert jwks.exists()


async def test_a_signature_of_another_key_is_refused(api: Api, issuer: Issuer, jwks: Path) -> None:
    right = issuer.token("first")
    forger = Issuer(api.clock)
    forger.new_key("first")
    assert await status(api, forger.token("first")) == 401
    head, payload, signature = right.split(".")
    changed = payload[:-2] + ("A" if payload[-2] != "A" else "B") + payload[-1]
    for token in (f"{head}.{changed}.{signature}", f"{head}.{payload}.", f"{head}.{payload}", "a.b.c"):
        assert await status(api, token) == 401
    assert await status(api, right + "x" * 10_000) == 401
    assert jwks.exists()


async def test_a_token_that_is_not_signed_is_refused(api: Api, issuer: Issuer, jwks: Path) -> None:
    unsigned = jwt.encode(issuer.claims(scope="matchline:admin"), "", "none", headers={"kid": "first"})
    assert await status(api, unsigned) == 401
    assert jwks.exists()


async def test_a_public_key_is_no_secret_to_sign_with(api: Api, issuer: Issuer, jwks: Path) -> None:
    """The old trick: HMAC with what everybody knows."""
    secret = {"kty": "oct", "kid": "weak", "k": base64.urlsafe_b64encode(WEAK.encode()).decode().rstrip("=")}
    issuer.public["weak"] = secret
    jwks.write_text(issuer.jwks())
    for key_id in ("first", "weak"):
        forged = jwt.encode(issuer.claims(scope="matchline:admin"), WEAK, "HS256", headers={"kid": key_id})
        assert await status(api, forged, "/admin/options") == 401
    assert await status(api, issuer.token("first")) == 200


async def test_keys_are_fetched_once_and_anew_for_one_that_is_new(
    api: Api, issuer: Issuer, steady: Steady
) -> None:
    with served(issuer) as server:
        await configured(api, server.url)
        for number in range(5):
            assert await status(api, issuer.token("first", nonce=number)) == 200
        assert server.asked == 1
        issuer.new_key("second")
        assert await status(api, issuer.token("second")) == 401, "it was asked a moment ago"
        steady.now += PAUSE_SECONDS + 1
        assert await status(api, issuer.token("second")) == 200
        assert server.asked == 2
        for number in range(5):
            forged = issuer.token("second", nonce=number).replace(".", ".x", 1)
            assert await status(api, forged) == 401
        assert server.asked == 2


async def test_a_key_that_is_withdrawn_signs_no_more(api: Api, issuer: Issuer, steady: Steady) -> None:
    with served(issuer) as server:
        await configured(api, server.url)
        token = issuer.token("first")
        assert await status(api, token) == 200
        del issuer.public["first"]
        issuer.new_key("second")
        steady.now += FRESH_SECONDS + 1
        assert await status(api, token) == 401
        assert await status(api, issuer.token("second")) == 200


async def test_keys_stay_while_the_issuer_does_not_answer(
    api: Api, issuer: Issuer, steady: Steady, caplog: pytest.LogCaptureFixture
) -> None:
    with served(issuer) as server:
        await configured(api, server.url)
        assert await status(api, issuer.token("first")) == 200
        server.status = 503
        steady.now += FRESH_SECONDS + 1
        assert await status(api, issuer.token("first", nonce=1)) == 200
        assert "the keys of tokens cannot be read" in caplog.text


@pytest.mark.parametrize(
    "text",
    ["", "{}", "[]", '{"keys": 5}', '{"keys": [5]}', '{"keys": []}', '{"keys": [{"kty": "EC"}]}', "\0"],
)
async def test_without_keys_no_token_is_believed(api: Api, issuer: Issuer, jwks: Path, text: str) -> None:
    jwks.write_text(text)
    assert await status(api, issuer.token("first")) == 401


async def test_without_the_extra_an_issuer_is_refused(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "find_spec", lambda _: None)
    options = {"jwt_issuer": NAME, "jwt_audience": AUDIENCE, "jwt_keys": "/keys"}
    refused = await api.send("PATCH", "/admin/options/server", json=options)
    assert "matchline[jwt]" in fault(refused, 400, "InvalidConfiguration")


async def test_a_missing_file_is_told_and_believed_by_no_one(
    api: Api, issuer: Issuer, jwks: Path, caplog: pytest.LogCaptureFixture
) -> None:
    jwks.unlink()
    assert await status(api, issuer.token("first")) == 401
    assert str(jwks) in caplog.text


async def test_another_issuer_s_tokens_are_forgotten_with_it(
    api: Api, issuer: Issuer, jwks: Path, tmp_path: Path
) -> None:
    token = issuer.token("first", "matchline:admin")
    assert await status(api, token, "/admin/options") == 200
    other = Issuer(api.clock)
    other.new_key("first")
    path = tmp_path / "other.json"
    path.write_text(other.jwks())
    change = {"jwt_keys": str(path)}
    body(await api.send("PATCH", "/admin/options/server", json=change, headers=bearer(token)))
    assert await status(api, token, "/admin/options") == 401
    assert await status(api, other.token("first", "matchline:admin"), "/admin/options") == 200
    assert jwks.exists()
