"""Credentials for the tests: keys that are made, passwords that are configured, and the headers that carry them."""

import base64

from .api import Api, body

Headers = dict[str, str]


def basic(username: str, password: str) -> Headers:
    pair = base64.b64encode(f"{username}:{password}".encode()).decode()
    return {"authorization": f"Basic {pair}"}


def bearer(secret: str) -> Headers:
    return {"authorization": f"Bearer {secret}"}


class Keyring:
    """An API with a key of an administrator, who makes the others."""

    def __init__(self, api: Api, admin: Headers) -> None:
        self.api = api
        self.admin = admin

    @classmethod
    async def open(cls, api: Api) -> "Keyring":
        answer = await api.post("/admin/keys", json={"name": "administrator", "scopes": ["admin"]})
        return cls(api, bearer(body(answer)["key"]))

    async def make(self, *scopes: str, **limits: list[str]) -> tuple[str, Headers]:
        """A key's id, and the headers that show it."""
        wanted = {"name": "-".join(scopes), "scopes": scopes, **limits}
        made = body(await self.api.post("/admin/keys", json=wanted, headers=self.admin))
        return made["id"], bearer(made["key"])

    async def configure(self, section: str, **options: str | None) -> None:
        body(await self.api.send("PATCH", f"/admin/options/{section}", json=options, headers=self.admin))
