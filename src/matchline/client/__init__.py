"""A client for programs that talk to a Matchline: apps, contact centres, administrators. It needs no server here.

A request is a value, and a client sends it::

    with Client("https://calls.example.com", key="…") as client:
        session = client.ask(asks.reserve({"customer": "Ada"}, phone="+14155550123"))
        print(session.access_number)

`asks` has what apps and contact centres ask, `callbacks` what is asked about callbacks, `admin` what administrators
do. `AsyncClient` is the same, awaited.
"""

from matchline.client import admin, answers, asks, callbacks, refusals
from matchline.client.asks import Ask, File
from matchline.client.clients import AsyncClient, Client
from matchline.client.refusals import MatchlineError, Refused, Unreachable
from matchline.client.sending import Patience

__all__ = [
    "Ask",
    "AsyncClient",
    "Client",
    "File",
    "MatchlineError",
    "Patience",
    "Refused",
    "Unreachable",
    "admin",
    "answers",
    "asks",
    "callbacks",
    "refusals",
]
