"""The documents of SCXML services: where they may come from, and what is wrong with one.

A document is named by its file in the services folder, by a `file:` address in it, as an `example:` that comes with
Matchline, or by an `http(s):` address on the list of permitted hosts. Files are checked when they are configured and
when a chart begins; what comes over HTTP only then, for a configuration must not depend on whether another server is
up.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from functools import lru_cache
from pathlib import Path

from matchline.chart_examples import EXAMPLES, SCHEME
from matchline.engine.chart_policy import ChartPolicy, chart_policy
from matchline.faults.charts import UnusableDocument
from matchline.options import Section
from matchline.scxml.check import checked
from matchline.scxml.faults import DocumentRefused
from matchline.scxml.host import AllowList
from matchline.scxml.limits import Limits
from matchline.scxml.loading import folder_loader
from matchline.scxml.parse import load_nothing

_FETCHED = ("http://", "https://")
MOST_TOLD = 100  # faults of one document: a large one may have tens of thousands
_REMEMBERED = 256  # documents that need not be checked again

# Address and most bytes to the document; raises OSError or ValueError with a sentence.
Fetch = Callable[[str, int], Awaitable[bytes]]


class Documents:
    def __init__(self, policy: Callable[[], ChartPolicy]) -> None:
        self._policy = policy  # as it is now
        self.fetch: Fetch = _fetch_nothing

    async def load(self, address: str) -> bytes:
        """A document that is in order. Raises UnusableDocument."""
        policy = self._policy()
        try:
            if address.startswith(_FETCHED):
                document = await self._fetched(address, policy)
            else:
                document = await asyncio.to_thread(_read, address, policy)
            await asyncio.to_thread(_demand_sound, document, policy.folder, policy.limits)
        except (OSError, ValueError) as error:
            raise UnusableDocument(_sentence(error)) from None
        return document

    async def _fetched(self, address: str, policy: ChartPolicy) -> bytes:
        _demand_permitted(address, policy)
        return await self.fetch(address, policy.limits.document_bytes)


def document_faults(options: Section, server: Section) -> Iterator[str]:
    """What is wrong with the document that a service is bound to, where the section `server` has no faults."""
    address = options.get("_service") or ""
    policy = chart_policy(server)
    try:
        if address.startswith(_FETCHED):
            _demand_permitted(address, policy)
        else:
            _demand_sound(_read(address, policy), policy.folder, policy.limits)
    except DocumentRefused as refused:
        yield from map(str, refused.faults[:MOST_TOLD])
        if len(refused.faults) > MOST_TOLD:
            yield f"and {len(refused.faults) - MOST_TOLD:,} faults more"
    except (OSError, ValueError) as error:
        yield _sentence(error)


async def _fetch_nothing(_address: str, _most: int) -> bytes:
    raise OSError("this process fetches no documents")


def _demand_permitted(address: str, policy: ChartPolicy) -> None:
    if not AllowList.of(policy.allowed).permits(address):
        raise ValueError("its host is not in scxml_allow")


def _read(address: str, policy: ChartPolicy) -> bytes:
    """Raises OSError or ValueError."""
    if not address:
        raise ValueError("names no document")
    if address.startswith(SCHEME):
        return _example(address)
    if policy.folder is None:
        raise ValueError("there is no folder of documents: set scxml_folder")
    root = Path(policy.folder).resolve()
    path = (root / address.removeprefix("file:").removeprefix("//")).resolve()
    if not path.is_relative_to(root):
        raise ValueError("is outside the folder of documents")
    if not path.is_file():
        raise ValueError("is no file in the folder of documents")
    with path.open("rb") as file:
        return file.read(policy.limits.document_bytes + 1)


def _example(address: str) -> bytes:
    if address not in EXAMPLES:
        raise ValueError("comes not with Matchline: there are " + ", ".join(EXAMPLES))
    return EXAMPLES[address].read()


def _demand_sound(document: bytes, folder: str | None, limits: Limits) -> None:
    """Raises DocumentRefused."""
    if b"src" in document:
        _check(document, folder, limits)  # what it loads may have changed
    else:
        _check_once(document, folder, limits)


@lru_cache(_REMEMBERED)
def _check_once(document: bytes, folder: str | None, limits: Limits) -> None:
    _check(document, folder, limits)


def _check(document: bytes, folder: str | None, limits: Limits) -> None:
    try:
        checked(document, folder_loader(Path(folder)) if folder else load_nothing, limits)
    except ImportError as error:
        raise ValueError(f"needs more: pip install 'matchline[scxml]' ({error})") from None


def _sentence(error: Exception) -> str:
    """The first fault stands for all in a sentence."""
    if isinstance(error, DocumentRefused):
        return str(error.faults[0])
    if isinstance(error, OSError) and error.strerror:
        return f"cannot be read: {error.strerror}"
    return str(error)
