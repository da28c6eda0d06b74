"""office-hours: when an office is open, for callbacks and for whoever asks."""

from matchline.engine import Engine
from matchline.engine.callback_period import period
from matchline.engine.callback_policy import HOURS, office_hours
from matchline.engine.charts import texts_only
from matchline.engine.service import Answer, Request, Service
from matchline.engine.timetable import Hours, TimeZone
from matchline.options import Option
from matchline.principal import APPLICATIONS


async def run(engine: Engine, request: Request) -> Answer:
    now, hours = engine.clock.now(), office_hours(request.options)
    wanted = period(texts_only(request.data), now)
    return {
        "open": "true" if hours.is_open(now) else "false",
        "timezone": hours.zone.key,
        "hours": hours.shown(wanted.start, wanted.end),
    }


service = Service(
    name=HOURS,
    summary="Tell whether the office is open, and its hours on the days from `start` on.",
    options=(
        Option("_timezone", TimeZone(), "The time zone in which the hours are told.", "UTC"),
        Option(
            "_regular_hours", Hours(on_dates=False), "When the office is open in every week.", mandatory=True
        ),
        Option(
            "_exceptions",
            Hours(on_weekdays=False),
            "Days with other hours: on each only what is said here counts, of a date more than of every year's.",
        ),
    ),
    run=run,
    answer={"open": {"type": "string"}, "timezone": {"type": "string"}, "hours": {"type": "object"}},
    answers_get=True,
    scopes=APPLICATIONS,
)
