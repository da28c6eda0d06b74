"""Templates become pages here."""

import re
from collections.abc import Mapping
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from matchline import __version__
from matchline.clock import Instant, moment

_CODE = re.compile(r"`([^`]+)`")


@cache
def environment() -> Environment:
    """Made when the first page is asked for: most processes never are."""
    made = Environment(
        loader=PackageLoader("matchline.ui"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"moment": moment_tag, "sentence": sentence}
    made.globals |= {"version": __version__}
    return made


def rendered(template: str, values: Mapping[str, object]) -> str:
    return environment().get_template(template).render(values)


def moment_tag(instant: Instant | None) -> Markup:
    """An instant: in UTC here, in the reader's own time once the script has seen it."""
    if instant is None:
        return Markup("<span>never</span>")
    text = moment(instant)
    return Markup('<time datetime="{0}" title="{0}">{0}</time>').format(text)


def sentence(text: str) -> Markup:
    """A declaration's text, with what stands between backticks as code."""
    parts = (
        Markup("<code>{}</code>").format(part) if place % 2 else escape(part)
        for place, part in enumerate(_CODE.split(text))
    )
    return Markup("").join(parts)
