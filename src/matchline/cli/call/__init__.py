"""matchline call: a fake phone that plays a telephony platform against a running server."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from importlib import import_module
from pkgutil import iter_modules

import click
import httpx

from matchline.adapters.dialogue import MOST_RETRIES, Reason
from matchline.chance import SystemChance
from matchline.cli.call import asterisk
from matchline.cli.call.phone import Answered, Asks, Call, Goes, Phone, Way
from matchline.clock import SECOND, SystemClock
from matchline.engine.service import MATCHING

# Exit statuses besides 0, handed over, and 1 for whatever keeps the call from being placed.
QUEUED, FLAGGED = 3, 4

_FAILURES = frozenset({Reason.UNAVAILABLE, Reason.UNREADABLE})
_URL = "http://127.0.0.1:8080"
_SECONDS = 15.0  # that platforms wait for an answer at most
_MOST_ANSWERS = MOST_RETRIES + 2


def phones() -> Mapping[str, Phone]:
    """Every phone by its platform's name."""
    modules = (import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__))
    return {module.phone.name: module.phone for module in modules if hasattr(module, "phone")}


@click.command("call")
@click.option("--to", "number", required=True, help="The number that is called.")
@click.option("--from", "caller", default="", help="The caller's number; without it the caller is anonymous.")
@click.option("--digits", multiple=True, help="What the caller keys in when asked; again for the next time.")
@click.option("--call-id", default="", help="The call's own id.  [default: a new one]")
@click.option(
    "--adapter", default="", help="The platform that is played.  [default: none, an IVR that asks itself]"
)
@click.option(
    "--line", default="", help="The line, or without --adapter the match service.  [default: the platform's]"
)
@click.option(
    "--url",
    default="",
    envvar="MATCHLINE_SERVER",
    help=f"Where the server is.  [default: {_URL}; of Asterisk {asterisk.DEFAULT_URL}]",
)
@click.option("--public-url", default="", help="The server's `public_url`, which signatures are made for.")
@click.option("--secret", default="", envvar="MATCHLINE_SECRET", help="What the platform signs with.")
@click.option(
    "--key", default="", envvar="MATCHLINE_KEY", help="An API key, where the server needs credentials."
)
@click.pass_context
def command(context: click.Context, /, **given: str | tuple[str, ...]) -> None:
    """Place a call, follow the answers, and tell the dialogue.

    Exit status: 0 handed over, 3 sent to the ordinary queue, 4 sent there because something failed, 1 no answer.
    """
    texts = {name: str(value) for name, value in given.items() if name != "digits"}
    call_id = texts["call_id"] or SystemChance().new_id(SystemClock().now())
    call = Call(texts["number"], texts["caller"], call_id)
    if texts["adapter"] in asterisk.NAMES:
        with asterisk.connected(texts["url"] or asterisk.DEFAULT_URL, call, _SECONDS) as fast_agi:
            context.exit(_play(call, fast_agi.exchange, given["digits"]))
    phone = phones().get(texts["adapter"])
    if phone is None:
        known = ", ".join(sorted({*filter(None, phones()), asterisk.NAMES[0]}))
        raise ValueError(f"--adapter: there is no phone for this platform; there is one for {known}")
    line = texts["line"] or texts["adapter"] or MATCHING
    url = (texts["url"] or _URL).rstrip("/")
    path = phone.path.format(line=line)
    way = Way((texts["public_url"].rstrip("/") or url) + path, texts["secret"], SystemClock().now() // SECOND)
    headers = {"authorization": f"Bearer {texts['key']}"} if texts["key"] else {}
    with httpx.Client(timeout=_SECONDS, headers=headers, trust_env=False) as client:
        exchange = partial(_exchange, client, phone, call, (way, url))
        context.exit(_play(call, exchange, given["digits"]))


def _play(call: Call, exchange: Callable[[Asks | None, str], Answered], digits: Sequence[str]) -> int:
    """The exit status. Raises ValueError when there is no answer that can be followed."""
    click.echo(f"{call.caller or 'an anonymous caller'} calls {call.number}")
    keyed = iter(digits)
    asked, given = None, ""
    for _ in range(_MOST_ANSWERS):
        answered = exchange(asked, given)
        for sentence in told(answered):
            click.echo(f"  {sentence}")
        if isinstance(answered, Goes):
            return _status(answered)
        asked, given = answered, next(keyed, "")
        click.echo(f"  the caller keys in {given}" if given else "  the caller keys in nothing")
    raise ValueError("the server asks for digits without an end")


def _exchange(
    client: httpx.Client, phone: Phone, call: Call, way: tuple[Way, str], asked: Asks | None, digits: str
) -> Answered:
    known, base = way
    if asked and not asked.url:
        asked = replace(asked, url=known.url)
    sent = phone.send(call, known, asked, digits)
    reached = httpx.URL(base).copy_with(raw_path=httpx.URL(sent.url).raw_path)
    try:
        response = client.post(reached, headers=dict(sent.headers), content=sent.body)
    except httpx.TransportError as error:
        raise ValueError(f"the server cannot be reached: {error}") from None
    # An IVR that asks the match service itself understands its errors, but for those of who may ask.
    if response.status_code in (401, 403) or (phone.name and not response.is_success):
        raise ValueError(f"the server answered {response.status_code}: {response.text}")
    return phone.understand(response.content)


def told(answered: Answered) -> Iterator[str]:
    """An answer as sentences."""
    if isinstance(answered, Asks):
        yield f"asked for {answered.length} digits" + (f": {answered.prompt}" if answered.prompt else "")
        return
    if answered.match_id:
        yield f"handed over to {answered.to}, session {answered.match_id}"
    else:
        yield f"sent to {answered.to}" + (f", {answered.status}" if answered.status else "")
    yield from (f"  {name}: {value}" for name, value in answered.data.items() if value)


def _status(answered: Goes) -> int:
    if answered.match_id:
        return 0
    return FLAGGED if answered.status in _FAILURES else QUEUED
