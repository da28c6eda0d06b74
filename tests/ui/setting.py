"""What the servers of these tests have configured."""

import json
import tomllib
from urllib.parse import quote

from playwright.sync_api import Page

from tests.acceptance.command import Server

NUMBERS = tuple(f"+1 800 555 01{n:02d}" for n in range(8))

CONFIGURATION = f"""
[server]
default_region = "US"

[resources.DNIS]
_booking_expiration_timeout = 600
numbers = {json.dumps(NUMBERS)}

[resources.SHARED]
_allocation_strategy = "ROUND_ROBIN"
_booking_expiration_timeout = 600
numbers = ["+1 800 555 0190"]

[service.request-interaction]
_type = "builtin"
_service = "request-interaction"
description = "Numbers for the mobile app"

[service.match-interaction]
_type = "builtin"
_service = "match-interaction"
_return_user_data = true

[service.status]
_type = "builtin"
_service = "get"
greeting = "hello"
"""

ADMINISTRATOR, ADMINISTRATOR_PASSWORD = "ada", "correct horse"
SUPERVISOR, SUPERVISOR_PASSWORD = "sue", "battery staple"

CLOSED = CONFIGURATION.replace(
    "[server]",
    f"""[server]
username = "{ADMINISTRATOR}"
password = "{ADMINISTRATOR_PASSWORD}"
supervisor_username = "{SUPERVISOR}"
supervisor_password = "{SUPERVISOR_PASSWORD}"
""",
)


def url(server: Server, path: str) -> str:
    return str(server.client.base_url.join(path))


def log_in(page: Page, name: str, password: str) -> None:
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()


def restore(server: Server) -> None:
    """Configured as at first, without sessions and keys."""
    admin = "/genesys/1/admin"
    first = tomllib.loads(CONFIGURATION)
    wanted = {f"{kind}.{name}" for kind in ("service", "resources") for name in first[kind]}
    for name in server.client.get(f"{admin}/options").json()["sections"]:
        if name not in {*wanted, "server"}:
            server.client.delete(f"{admin}/options/{quote(name, safe='')}").raise_for_status()
    toml = {"content-type": "application/toml"}
    server.client.post(f"{admin}/options", content=CONFIGURATION, headers=toml).raise_for_status()
    for session in server.client.get(f"{admin}/sessions").json()["sessions"]:
        server.client.delete(f"/genesys/1/service/{session['_id']}")
    for key in server.client.get(f"{admin}/keys").json()["keys"]:
        server.client.delete(f"{admin}/keys/{key['id']}").raise_for_status()
