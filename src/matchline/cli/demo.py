"""matchline demo: the whole story in the terminal, played against a server of its own."""

import asyncio
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import click
import httpx

from matchline.wire import BASE_PATH
from matchline.wiring import in_process_client, open_engine, sample_document

SERVICE = f"{BASE_PATH}/service"
CALLER = "+14155550123"
USER_DATA = {"customer": "Ada Lovelace", "basket": "3 items", "asked_about": "delivery"}


@click.command("demo")
def command() -> None:
    """Play the whole story in the terminal: nothing is started, nothing is kept."""
    asyncio.run(_play())


async def _play() -> None:
    async with open_engine("memory://") as engine, in_process_client(engine) as client:
        await engine.keeper.apply(sample_document())
        await Demo(client).play()


class Demo:
    """The story's scenes, one request each."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client
        self._scene = 0

    async def play(self) -> None:
        click.echo(
            "A customer is in your app and wants to talk to someone. Your app knows who they are and what\n"
            "they were doing; the call centre that answers the phone does not. Matchline joins the two."
        )
        await self._pool("Before anything happens, the pool of phone numbers is free.")
        session = await self._reserve()
        await self._pool("One number of the pool is now reserved for this customer.")
        match = await self._match(session["_access_number"])
        assert match["_id"] == session["_id"], "the right call gets the right session"
        click.echo(
            f"\n   The session is the one that the app began ({match['_id']}), so the agent's screen shows\n"
            f"   {match['user_data']['customer']} and what they were doing before a word is said."
        )
        await self._pool("The number went back to the pool the moment the call was matched.")
        await self._stranger(session["_access_number"])
        click.echo("\nThat is all there is to it. `matchline serve` starts a server, and says what to try.")

    async def _reserve(self) -> Any:
        self._say("The app asks for a number to dial, and leaves what the agent should see.")
        session = await self._ask("request-interaction", {"_phone_number": CALLER, **USER_DATA})
        seconds = session["_expiration_time"]
        click.echo(
            f"\n   The app shows {session['_access_number']} (or opens {session['_tel_url']}); it is this\n"
            f"   customer's alone for the next {seconds} seconds."
        )
        return session

    async def _match(self, number: str) -> Any:
        self._say(f"The customer dials. The call centre sees a call from {CALLER} to {number}, and asks.")
        call = {"_access_number": number, "_phone_number": CALLER, "_return_user_data": "true"}
        return await self._ask("match-interaction", call)

    async def _stranger(self, number: str) -> None:
        self._say("Somebody else calls the same number. No session is theirs, and none is given to them.")
        await self._ask("match-interaction", {"_access_number": number, "_phone_number": "+14155550199"})

    async def _pool(self, sentence: str) -> None:
        self._say(sentence)
        answer = await self._client.get(f"{BASE_PATH}/admin/resources/DNIS")
        group = answer.json()
        counts = ", ".join(f"{group[name]} {name}" for name in ("free", "reserved", "cooling"))
        click.echo(f"\n   The group DNIS has {group['total']} numbers: {counts}.")

    async def _ask(self, service: str, form: Mapping[str, str]) -> Any:
        click.echo(f"\n   POST {SERVICE}/{service}")
        click.secho(f"        {urlencode(form)}", dim=True)
        response = await self._client.post(f"{SERVICE}/{service}", data=dict(form))
        click.echo(f"   {response.status_code} {response.reason_phrase}")
        for line in _indented(response.json()):
            click.secho(f"        {line}", fg="green" if response.is_success else "yellow")
        return response.json()

    def _say(self, sentence: str) -> None:
        self._scene += 1
        click.secho(f"\n{self._scene}. {sentence}", bold=True)


def _indented(answer: Mapping[str, object], margin: str = "") -> list[str]:
    lines: list[str] = []
    for name, value in answer.items():
        if isinstance(value, Mapping):
            lines += [f"{margin}{name}", *_indented(value, f"{margin}  ")]
        else:
            lines.append(f"{margin}{name} = {value}")
    return lines
