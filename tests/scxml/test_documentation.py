"""The examples of `docs/scxml.md` run as they stand there."""

import re
from pathlib import Path

from tests.scxml.charts import document_text

PAGE = Path(__file__).parents[2] / "docs" / "scxml.md"
CHART = '<state id="a"><transition event="open" target="b"/></state><state id="b"/>'
IMPORTS = (
    "from matchline.scxml.apart import ChartApart, Worker\nfrom matchline.scxml.worker import Settings\n"
)


def test_the_examples_run() -> None:
    library, apart = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    names = {"text": document_text(CHART)}
    exec(library, names)  # noqa: S102 - the page is ours
    chart = names["chart"]
    assert getattr(chart, "active", None) == ("b",)
    exec(IMPORTS + apart, names)  # noqa: S102 - the page is ours
    assert getattr(names["chart"], "active", None) == ("a",)
