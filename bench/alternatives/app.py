"""The two requests with FastAPI, as its documentation teaches: models in, models out, what is needed injected."""

import re
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Annotated, Any, TypeVar
from urllib.parse import parse_qsl

from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from redis.asyncio import Redis

from bench.alternatives.pool import Pool

GROUP = "DNIS"
HOLD_SECONDS = 1800

Model = TypeVar("Model", bound=BaseModel)

router = APIRouter(prefix="/genesys/1/service")


class Wish(BaseModel):
    """What is not declared is the app's user data."""

    model_config = ConfigDict(extra="allow")

    group: str = Field(GROUP, alias="_resource_group")
    phone: str = Field("", alias="_phone_number")
    hold_seconds: int = Field(HOLD_SECONDS, alias="_booking_expiration_timeout", ge=5, le=1800)
    ttl_seconds: int = Field(30, alias="_ttl", ge=1)


class Call(BaseModel):
    number: str = Field(alias="_access_number", min_length=1)
    phone: str = Field("", alias="_phone_number")
    return_user_data: bool = Field(default=False, alias="_return_user_data")


class Access(BaseModel):
    id: str = Field(serialization_alias="_id")
    number: str = Field(serialization_alias="_access_number")
    expiration_time: str = Field(serialization_alias="_expiration_time")


class Matched(BaseModel):
    id: str = Field(serialization_alias="_id")
    user_data: dict[str, Any] | None = None


async def read_form(request: Request) -> dict[str, str]:
    return dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))


async def get_pool(request: Request) -> Pool:
    pool: Pool = request.app.state.pool
    return pool


Form = Annotated[dict[str, str], Depends(read_form)]
PoolOfNumbers = Annotated[Pool, Depends(get_pool)]


@router.post("/request-interaction")
async def request_interaction(form: Form, pool: PoolOfNumbers) -> Access:
    wish = _valid(Wish, form)
    ttl_seconds = max(wish.ttl_seconds, wish.hold_seconds)
    claimed = await pool.claim(
        wish.group, _plain(wish.phone), wish.model_extra or {}, wish.hold_seconds, ttl_seconds
    )
    if claimed is None:
        raise HTTPException(503, "No number is free.", {"Retry-After": "1"})
    return Access(id=claimed.session_id, number=claimed.number, expiration_time=str(wish.hold_seconds))


@router.post("/match-interaction", response_model_exclude_none=True)
async def match_interaction(form: Form, pool: PoolOfNumbers) -> Matched:
    call = _valid(Call, form)
    session = await pool.match(_plain(call.number), _plain(call.phone))
    if session is None:
        raise HTTPException(404, "No session waits for this call.")
    return Matched(id=session.id, user_data=session.user_data if call.return_user_data else None)


def create_app(redis_url: str, numbers: Iterable[str]) -> FastAPI:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with Redis.from_url(redis_url, decode_responses=True) as redis:
            app.state.pool = Pool(redis)
            await app.state.pool.add(GROUP, map(_plain, numbers))
            yield

    app = FastAPI(title="Call matching by hand", lifespan=lifespan)
    app.include_router(router)
    return app


def _valid(model: type[Model], form: dict[str, str]) -> Model:
    """The model of a form, or 422 as FastAPI answers it."""
    try:
        return model.model_validate(form)
    except ValidationError as fault:
        raise RequestValidationError(fault.errors()) from fault


def _plain(phone: str) -> str:
    """Without spaces, dashes and brackets."""
    return re.sub(r"[^\d+]", "", phone)
