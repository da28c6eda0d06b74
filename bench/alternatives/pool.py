"""Numbers and sessions in Redis. Each step is one script, which Redis runs as one, and one round trip."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from redis.asyncio import Redis
from redis.commands.core import AsyncScript

_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Session:
    id: str
    user_data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Claimed:
    session_id: str
    number: str


class Pool:
    def __init__(self, redis: Redis) -> None:
        """`redis` decodes its answers."""
        self._redis = redis
        self._claim = _script(redis, "claim.lua")
        self._match = _script(redis, "match.lua")

    async def add(self, group: str, numbers: Iterable[str]) -> None:
        """Numbers that the group has already stay as they are."""
        await self._redis.zadd(_numbers(group), dict.fromkeys(numbers, 0), nx=True)

    async def claim(
        self, group: str, phone: str, user_data: dict[str, Any], hold_seconds: int, ttl_seconds: int
    ) -> Claimed | None:
        """Nothing when no number of the group is free."""
        session_id = uuid4().hex
        number = await self._claim(
            keys=[_numbers(group), f"session:{session_id}"],
            args=[group, session_id, phone, json.dumps(user_data), hold_seconds * 1000, ttl_seconds * 1000],
        )
        return Claimed(session_id, number) if number else None

    async def match(self, number: str, phone: str) -> Session | None:
        """Whose call it is: of two at the same instant one gets the session."""
        found = await self._match(keys=[f"waiting:{number}"], args=[number, phone])
        return Session(found[0], json.loads(found[1])) if found else None


def _numbers(group: str) -> str:
    return f"numbers:{group}"


def _script(redis: Redis, name: str) -> AsyncScript:
    return redis.register_script((_HERE / name).read_text())
