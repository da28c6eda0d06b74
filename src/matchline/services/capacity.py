"""capacity: how many callbacks each slot takes, shared by the callback services that name it."""

from matchline.engine import Engine
from matchline.engine.callback_policy import BUCKET, CAPACITY, MOST_BY_SLOT
from matchline.engine.service import Answer, Request, Service
from matchline.engine.timetable import Hours, TimeZone
from matchline.options import Integer, Option
from matchline.principal import APPLICATIONS


async def run(engine: Engine, request: Request) -> Answer:
    return await engine.callbacks.capacity(request)


service = Service(
    name=CAPACITY,
    summary="Tell how many callbacks the slots from `start` on take, and how many are booked.",
    options=(
        Option("_max_capacity", Integer(0, MOST_BY_SLOT), "How many callbacks a slot takes.", "100"),
        Option(
            "_capacity_hours",
            Hours(numbered=True),
            "Hours at which a slot takes more or fewer: `Mon-Fri 12:00-13:00=2`. What is said of a date counts more "
            "than what is said of a day of the week, and of the same kind what is said last.",
        ),
        Option("_timezone", TimeZone(), "The time zone in which those hours are told.", "UTC"),
        BUCKET,
    ),
    run=run,
    answer={},
    answers_get=True,
    scopes=APPLICATIONS,
)
