"""A resource group's options as a form, and the ways to its pages."""

from urllib.parse import quote

from matchline.engine.declared import GROUP_OPTIONS, GROUP_PREFIX
from matchline.model import Strategy
from matchline.ui.asked import Asked
from matchline.ui.section_form import SectionForm, save

RESOURCES = "/ui/resources"
ONE = f"{RESOURCES}/of/{{name}}"

STRATEGY = "_allocation_strategy"

# In this order; what is in none of them comes last, under "More".
TOPICS = {
    "How numbers are handed out": (STRATEGY, "_booking_expiration_timeout"),
    "How they rest, and calls that come late": ("_cooldown", "_cooldown_after_match", "_late_grace"),
    "How they are read": ("_default_region", "_aliases"),
}


def address(name: str) -> str:
    return f"{RESOURCES}/of/{quote(name, safe='')}"


def group_form(asked: Asked, name: str) -> SectionForm:
    section = GROUP_PREFIX + name
    return SectionForm(section, GROUP_OPTIONS, asked.engine.keeper.current.sections.get(section, {}))


async def save_group(asked: Asked, name: str) -> SectionForm:
    """What a group has beside defaults is what makes it be one: without numbers, its strategy is written down."""
    keeper = asked.engine.keeper
    form = await save(keeper, lambda: group_form(asked, name), asked.form)
    if not form.is_refused and name not in keeper.current.groups:
        await keeper.set_options(form.name, {STRATEGY: Strategy.CLUSTER})
    return form
