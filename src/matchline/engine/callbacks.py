"""Callbacks as applications ask for them: booked, given another time, cancelled, looked for.

What happens at the desired time the chart of the service decides. This module sees to it that a callback is booked
within office hours and where there is room, and tells the chart what becomes of it.
"""

from collections.abc import Mapping, Sequence

from matchline import phone
from matchline.chance import Chance
from matchline.clock import SECOND, Clock, Instant, moment
from matchline.engine.callback_period import instant, period
from matchline.engine.callback_policy import Options, calendar, capacity_calendar, is_callback
from matchline.engine.callback_slots import DAY, Calendar, nearest
from matchline.engine.charts import Charts, texts_only
from matchline.engine.configure import Keeper
from matchline.engine.reserve import Reservations
from matchline.engine.service import Answer, ConfiguredService, Request
from matchline.errors import BadParameter, Conflict, Exhausted, NotFound, UnknownService, UnknownSession
from matchline.faults.callbacks import CallbackExceptionAvailability, UnknownCallback, WrongCallbackState
from matchline.faults.charts import ChartBusy
from matchline.kept.callback import (
    CANCELLED,
    RESCHEDULED,
    Callback,
    CallbackState,
    CallbacksWanted,
    NewCallback,
    Rescheduling,
    SlotFull,
)
from matchline.kept.charting import ChartEvent, event_body
from matchline.model import Idempotency
from matchline.principal import Principal
from matchline.store import Store

AHEAD = 366 * DAY  # nobody books further ahead

# Where the nearest free slots are looked for when a desired time cannot be had.
BEFORE, AFTER = DAY, 7 * DAY
ALTERNATIVES = 10

_DESIRED, _NEW_DESIRED = "_desired_time", "_new_desired_time"

MOST_FOUND = 1000  # callbacks that one query tells


class Callbacks:
    def __init__(
        self,
        store: Store,
        clock: Clock,
        chance: Chance,
        keeper: Keeper,
        charts: Charts,
        reservations: Reservations,
    ) -> None:
        self._store = store
        self._clock = clock
        self._chance = chance
        self._keeper = keeper
        self._charts = charts
        self._reservations = reservations

    def service(self, name: str) -> ConfiguredService:
        """A callback service. Raises UnknownService."""
        configured = self._keeper.current.services.get(name)
        if configured is None or not is_callback(configured.section):
            raise UnknownService(name)
        return configured

    async def create(self, request: Request, idempotency: Idempotency | None) -> Answer:
        """Raises BadParameter, CallbackExceptionAvailability, and as `Charts.start` does."""
        now = self._clock.now()
        booked_in = self._calendar(request.service, request.options)
        text = request.text("_desired_time")
        desired_at = instant({_DESIRED: text}, _DESIRED, now) if text else now
        await self._demand_possible(booked_in, desired_at, _DESIRED, now)
        new = NewCallback(
            self._number(request.text("_customer_number")),
            request.text("_customer_number") or "",
            CallbackState.SCHEDULED if text else CallbackState.QUEUED,
            desired_at,
            booked_in.booking(desired_at) if text else None,
        )
        address = self.service(request.service).section.get("_service", "")
        given = {_DESIRED: moment(desired_at)} if text else {}
        try:
            return await self._charts.run(request, address, idempotency, given, new)
        except SlotFull:
            raise await self._unavailable(booked_in, desired_at, now) from None

    async def reschedule(self, session_id: str, request: Request) -> Answer:
        """Raises UnknownCallback, BadParameter, CallbackExceptionAvailability, WrongCallbackState, ChartBusy."""
        now = self._clock.now()
        await self._own(session_id, request.service, request.principal)
        options = self.service(request.service).resolve({}, {})
        booked_in = self._calendar(request.service, options)
        text = request.parameters.get(_NEW_DESIRED)
        if not text:
            raise BadParameter(_NEW_DESIRED, "is missing.")
        desired_at = instant(request.parameters, _NEW_DESIRED, now)
        await self._demand_possible(booked_in, desired_at, _NEW_DESIRED, now)
        ends_at = desired_at + self._charts.lifetime(int(options["_ttl"] or 0))
        to = Rescheduling(desired_at, booked_in.booking(desired_at), ends_at)
        told = {**texts_only(request.data), _DESIRED: moment(desired_at)}
        try:
            await self._store.reschedule(session_id, to, self._event(RESCHEDULED, told), self._most, now)
        except NotFound:
            raise UnknownCallback from None
        except Conflict:
            raise await self._wrong_state(session_id) from None
        except SlotFull:
            raise await self._unavailable(booked_in, desired_at, now) from None
        except Exhausted:
            raise ChartBusy from None
        self._charts.wake()
        return {"_id": session_id, _DESIRED: moment(desired_at)}

    async def cancel(self, session_id: str, service: str, by: Principal) -> Answer:
        """Raises UnknownCallback, WrongCallbackState, ChartBusy."""
        await self._own(session_id, service, by)
        event = self._event(CANCELLED, {})
        try:
            await self._store.cancel_callback(session_id, event, self._most, self._clock.now())
        except NotFound:
            raise UnknownCallback from None
        except Conflict:
            raise await self._wrong_state(session_id) from None
        except Exhausted:
            raise ChartBusy from None
        self._charts.wake()
        return {"_id": session_id}

    async def find(
        self, parameters: Mapping[str, str], by: Principal, service: str = ""
    ) -> Sequence[Callback]:
        """Those that all parameters fit, as far as they are for the principal's eyes. Raises BadParameter."""
        number, state = parameters.get("_customer_number"), parameters.get("_callback_state", "")
        session_id = parameters.get("_id", "")
        if state and state not in tuple(CallbackState):
            raise BadParameter("_callback_state", f"must be one of {', '.join(CallbackState)}.")
        wanted = CallbacksWanted(
            MOST_FOUND, session_id, self._number(number) if number else "", state, service
        )
        found = await self._store.callbacks(wanted, self._clock.now())
        return [each for each in found if by.may_read(each.maker) and by.may_ask(each.service)]

    async def availability(self, request: Request) -> Answer:
        """Free slots and how many callbacks each still takes. Raises BadParameter."""
        booked_in = self._calendar(request.service, request.options)
        wanted = period(texts_only(request.data), self._clock.now())
        free = await self._free(booked_in, wanted.start, wanted.end)
        return _shown(dict(list(free.items())[: wanted.slots]))

    async def capacity(self, request: Request) -> Answer:
        """How many callbacks the slots of a capacity service take, and how many are booked."""
        booked_in = capacity_calendar(request.service, request.options)
        wanted = period(texts_only(request.data), self._clock.now())
        starts = list(booked_in.starts(wanted.start, wanted.end))[: wanted.slots]
        booked = await self._store.bookings(booked_in.name, wanted.start, wanted.end + booked_in.slot)
        taken = booked_in.taken(booked)
        return {
            moment(start): {
                "capacity": str(booked_in.capacity.at(start)),
                "booked": str(taken.get(start, 0)),
            }
            for start in starts
        }

    def _calendar(self, name: str, options: Options) -> Calendar:
        hours, slots = options["_business_hours_service"], options["_capacity_service"]
        return calendar(
            name,
            options,
            self._options_of(str(hours)) if hours else None,
            (str(slots), self._options_of(str(slots))) if slots else None,
        )

    def _options_of(self, name: str) -> Options:
        configured = self._keeper.current.services.get(name)
        if configured is None:
            raise UnknownService(name)
        return configured.resolve({}, {})

    def _number(self, text: str | None) -> str:
        """As it is compared. Raises BadParameter."""
        if not text:
            raise BadParameter("_customer_number", "is missing.")
        number = phone.caller(text, self._keeper.current.server.default_region)
        if number is None:
            raise BadParameter("_customer_number", "is nobody's number.")
        return number

    async def _demand_possible(self, booked_in: Calendar, at: Instant, name: str, now: Instant) -> None:
        """Raises BadParameter, CallbackExceptionAvailability."""
        if not now // SECOND * SECOND <= at <= now + AHEAD:
            raise BadParameter(name, "must not be past, nor more than a year ahead.")
        if not booked_in.is_open(at):
            raise await self._unavailable(booked_in, at, now, "it is outside office hours")

    async def _unavailable(
        self, booked_in: Calendar, at: Instant, now: Instant, why: str = "its slot is full"
    ) -> CallbackExceptionAvailability:
        free = await self._free(booked_in, max(now, at - BEFORE), at + AFTER)
        return CallbackExceptionAvailability(why, _shown(nearest(free, at, ALTERNATIVES)))

    async def _free(self, booked_in: Calendar, start: Instant, end: Instant) -> Mapping[Instant, int]:
        booked = await self._store.bookings(booked_in.name, start, end + booked_in.slot)
        return dict(booked_in.free(start, end, booked))

    async def _own(self, session_id: str, service: str, by: Principal) -> None:
        """Raises UnknownCallback, also when it is another's or another service's."""
        self.service(service)
        try:
            session = await self._reservations.own_session(session_id, by)
        except UnknownSession:
            raise UnknownCallback from None
        if session.service != service or not by.may_ask(service):
            raise UnknownCallback

    async def _wrong_state(self, session_id: str) -> WrongCallbackState:
        found = await self._store.callbacks(CallbacksWanted(1, session_id), self._clock.now())
        return WrongCallbackState(found[0].state if found else CallbackState.COMPLETED)

    def _event(self, name: str, data: Mapping[str, str]) -> ChartEvent:
        event_id = self._chance.new_id(self._clock.now())
        return ChartEvent(event_id, event_body(name, data, sendid=event_id))

    @property
    def _most(self) -> int:
        return self._keeper.current.server.charts.limits.queued


def _shown(free: Mapping[Instant, int]) -> Mapping[str, str]:
    return {moment(start): str(room) for start, room in free.items()}
