"""The client of external Orchestration Servers: which is asked, how often, and what counts as not having been asked.

A server that cannot be connected to, or answers 503, has taken nothing, and the next is tried. From the moment at
which a request was sent it may have been taken: it is sent again only when its kind says so. No connection is kept,
for one that the server has just closed looks like a request that it took.
"""

import asyncio
from collections.abc import Iterator
from itertools import cycle, islice
from urllib.parse import urlsplit

import httpx
import msgspec

from matchline.charts.fetching import KEY, FetchError, read_answer
from matchline.engine import Engine
from matchline.engine.orchestration import Call, Kind, Reply
from matchline.engine.orchestration_policy import OrchestrationPolicy
from matchline.faults.charts import OrchestrationFailed, OrchestrationUnanswered, OrchestrationUnavailable

SESSIONS = "/scxml/session/"
MOST_REDIRECTIONS = 5
NO_CONNECTIONS_KEPT = httpx.Limits(max_keepalive_connections=0)

_SECURE = "https"
_NOT_CONNECTED = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_NOT_HERE = 404
_NOT_NOW = 503


class _NotTakenError(Exception):
    """It is certain that the server did nothing; `status` is what it answered, if it did."""

    def __init__(self, status: int | None = None) -> None:
        super().__init__(status)
        self.status = status


class OrchestrationClient:
    def __init__(self, engine: Engine, client: httpx.AsyncClient) -> None:
        """The client keeps no connections and follows no redirections."""
        self._engine = engine
        self._client = client
        self._turn = 0

    async def send(self, call: Call, policy: OrchestrationPolicy, server: str | None) -> Reply:
        """To the server that has the session first, where there is one.

        Raises OrchestrationUnavailable, OrchestrationUnanswered, OrchestrationFailed.
        """
        failure: Exception = OrchestrationUnavailable()
        for each in self._order(policy, server):
            try:
                reply = await self._sent(each, call, policy)
            except _NotTakenError as refused:
                if refused.status is not None:
                    failure = OrchestrationFailed(refused.status)
                continue
            except OrchestrationUnanswered as unanswered:
                if not call.kind.repeatable:
                    raise
                failure = unanswered
                continue
            if reply.status == _NOT_HERE and server not in (None, reply.server):
                continue  # only the server that has the session knows that it has ended
            return reply
        raise failure

    def _order(self, policy: OrchestrationPolicy, server: str | None) -> Iterator[str]:
        servers = list(policy.servers)
        if server is not None:
            servers = [server, *(each for each in servers if each != server)]
        elif not policy.linear and servers:
            first = self._turn % len(servers)
            self._turn += 1
            servers = servers[first:] + servers[:first]
        return islice(cycle(servers), policy.attempts)

    async def _sent(self, server: str, call: Call, policy: OrchestrationPolicy) -> Reply:
        """Raises _NotTakenError, OrchestrationUnanswered, OrchestrationFailed."""
        url = f"{server}{SESSIONS}{call.path}"
        for _ in range(MOST_REDIRECTIONS + 1):
            response, body = await self._answered(url, call, policy)
            if response.status_code == _NOT_NOW:
                raise _NotTakenError(response.status_code)
            if response.status_code != httpx.codes.TEMPORARY_REDIRECT:
                return Reply(_server_of(url) or server, response.status_code, _content(body))
            url = _redirected(url, response)
        raise OrchestrationFailed(httpx.codes.TEMPORARY_REDIRECT)

    async def _answered(
        self, url: str, call: Call, policy: OrchestrationPolicy
    ) -> tuple[httpx.Response, bytes]:
        most = self._engine.keeper.current.server.charts.limits.data_bytes
        try:
            async with asyncio.timeout(policy.connect_seconds + policy.answer_seconds):
                response = await self._client.send(self._request(url, call, policy), stream=True)
                try:
                    return response, await read_answer(response, most)
                finally:
                    await response.aclose()
        except (*_NOT_CONNECTED, httpx.InvalidURL, httpx.UnsupportedProtocol):
            raise _NotTakenError from None
        except FetchError:
            raise OrchestrationFailed(response.status_code) from None
        except (httpx.HTTPError, TimeoutError, OSError):
            raise OrchestrationUnanswered from None

    def _request(self, url: str, call: Call, policy: OrchestrationPolicy) -> httpx.Request:
        headers = {KEY: call.key}
        if policy.authorization and _server_of(url) in policy.servers:
            headers["authorization"] = policy.authorization
        timeout = httpx.Timeout(policy.answer_seconds, connect=policy.connect_seconds)
        if call.kind is Kind.QUERY:
            return self._client.build_request("GET", url, headers=headers, timeout=timeout)
        return self._client.build_request(
            "POST", url, data=dict(call.fields), headers=headers, timeout=timeout
        )


def _server_of(url: str) -> str | None:
    server, found, _ = url.partition(SESSIONS)
    return server if found else None


def _redirected(url: str, response: httpx.Response) -> str:
    """Where a 307 points to: as safe as before, or safer. Raises OrchestrationFailed."""
    target = httpx.URL(url).join(response.headers.get("location", ""))
    if target.scheme not in (urlsplit(url).scheme, _SECURE) or not target.host:
        raise OrchestrationFailed(response.status_code)
    return str(target)


def _content(body: bytes) -> object:
    """Servers do not all say that it is JSON."""
    if body[:1] in (b"{", b"["):
        try:
            return msgspec.json.decode(body)
        except msgspec.DecodeError:
            pass
    return body.decode(errors="replace").strip()
