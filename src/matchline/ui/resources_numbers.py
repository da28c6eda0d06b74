"""The numbers of a group: added in bulk after a preview, drained, taken back, and as a CSV file."""

import asyncio
from collections import Counter

from starlette.responses import Response

from matchline.errors import BadParameter, InvalidConfiguration
from matchline.kept.attendance import Role
from matchline.ui.asked import Asked
from matchline.ui.resources_form import ONE, RESOURCES, address, group_form
from matchline.ui.resources_given import Finding, csv_of, judge, read_given
from matchline.ui.resources_group import known_name, page
from matchline.ui.resources_listed import numbers_of
from matchline.ui.room import Route

MOST = 50_000  # numbers at once

_SHOWN = 200  # of a preview: every kind, those in trouble first
_CHOSEN = "n."  # begins the names of the fields by which numbers are chosen


async def preview(asked: Asked) -> Response:
    """Changes nothing."""
    name, given = known_name(asked), read_given(_sent(asked))
    if not given:
        return await _refused(asked, "There is no number in it.")
    if len(given) > MOST:
        return await _refused(asked, f"These are {len(given):,} numbers; {MOST:,} at once is the most.")
    judged = await asyncio.to_thread(judge, asked.engine.keeper.current, name, given)
    judged.sort(key=lambda each: (not each.finding.is_trouble, each.finding.is_wanted, each.place))
    wanted = sorted((each for each in judged if each.finding.is_wanted), key=lambda each: each.place)
    return asked.page(
        "resources_preview.html",
        name=name,
        address=address(name),
        judged=judged[:_SHOWN],
        more=max(0, len(judged) - _SHOWN),
        counts=Counter(each.finding for each in judged),
        findings=tuple(Finding),
        wanted=[each.text for each in wanted],
    )


async def add(asked: Asked) -> Response:
    name = known_name(asked)
    texts = [line for line in asked.form.get("numbers", "").splitlines() if line.strip()]
    try:
        await asked.engine.keeper.add_numbers(name, texts)
    except InvalidConfiguration as invalid:
        return await _refused(asked, "; ".join(why for _, _, why in invalid.places) or invalid.message)
    numbers = "1 number is" if len(texts) == 1 else f"{len(texts):,} numbers are"
    return asked.away(f"{address(name)}#numbers", f"{numbers} handed out from now on, on every node.")


async def remove(asked: Asked) -> Response:
    """Those that were chosen; what is in use drains."""
    name, texts = known_name(asked), _chosen(asked)
    if not texts:
        return await _refused(asked, "Choose numbers first.")
    await asked.engine.keeper.remove_numbers(name, texts)
    await asked.engine.sweeper.sweep()  # what nobody uses need not wait for the next one
    await asked.engine.keeper.load()
    current = asked.engine.keeper.current
    if name not in current.groups:
        return asked.away(RESOURCES, f"The group {name} had defaults only, and went with its last number.")
    left = sum(each.text in set(texts) for each in numbers_of(current, name))
    drain = f" {left:,} drain: calls still find them, and they go when they are free." if left else ""
    return asked.away(f"{address(name)}#numbers", f"{len(texts) - left:,} removed.{drain}")


async def take_back(asked: Asked) -> Response:
    """Of those that were chosen, the ones that drain."""
    name, texts = known_name(asked), _chosen(asked)
    if not texts:
        return await _refused(asked, "Choose numbers first.")
    await asked.engine.keeper.add_numbers(name, texts)
    return asked.away(f"{address(name)}#numbers", "They are handed out again.")


async def exported(asked: Asked) -> Response:
    name, current = known_name(asked), asked.engine.keeper.current
    text = csv_of(name, numbers_of(current, name), current.groups[name].region)
    headers = {
        "content-disposition": 'attachment; filename="numbers.csv"',
        "x-content-type-options": "nosniff",
    }
    return Response(text, headers=headers, media_type="text/csv")


def _sent(asked: Asked) -> str:
    """A file where there is one. Raises BadParameter for one that is no text."""
    file = asked.files.get("file")
    if file is None or not file.body:
        return asked.form.get("numbers", "")
    try:
        return file.body.decode()
    except UnicodeDecodeError:
        raise BadParameter("file", "must be a text in UTF-8.") from None


def _chosen(asked: Asked) -> list[str]:
    """Those that still are the group's."""
    ids = {name.removeprefix(_CHOSEN) for name in asked.form if name.startswith(_CHOSEN)}
    own = numbers_of(asked.engine.keeper.current, known_name(asked))
    return [each.text for each in own if str(each.id) in ids]


async def _refused(asked: Asked, fault: str) -> Response:
    return await page(asked, group_form(asked, asked.parameter("name")), 400, fault=fault)


ROUTES = (
    Route("GET", f"{ONE}/numbers.csv", exported),
    Route("POST", f"{ONE}/numbers/preview", preview, Role.ADMINISTRATOR),
    Route("POST", f"{ONE}/numbers/add", add, Role.ADMINISTRATOR),
    Route("POST", f"{ONE}/numbers/remove", remove, Role.ADMINISTRATOR),
    Route("POST", f"{ONE}/numbers/take-back", take_back, Role.ADMINISTRATOR),
)
