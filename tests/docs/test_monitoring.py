"""The example rules and dashboard ask for metrics and labels that are declared, and leave out none.

Prometheus' own tool says whether the rules are right and fire when they should.
"""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from matchline.observing.metrics import BUILD, METRICS, Kind, Metric

FOLDER = Path(__file__).parents[2] / "examples" / "monitoring"

PROMTOOL_SECONDS = 60  # it takes one; these machines may be busy

# What a scrape adds by itself, and what a histogram's buckets have.
_SCRAPE_LABELS = {"instance", "job", "le"}
_OF_HISTOGRAM = ("_bucket", "_sum", "_count")

NAMED = {
    name: metric
    for metric in METRICS
    for name in (
        [metric.name + end for end in _OF_HISTOGRAM] if metric.kind is Kind.HISTOGRAM else [metric.name]
    )
}


def alert_expressions() -> list[str]:
    """Each on its line, or on the lines below when it is folded."""
    text = (FOLDER / "alerts.yml").read_text()
    folded = re.sub(r">-\n((?: {10}.*\n)+)", lambda found: " ".join(found[1].split()) + "\n", text)
    return re.findall(r"^ +expr: (.+)$", folded, re.MULTILINE)


def panels() -> list[dict[str, object]]:
    found = json.loads((FOLDER / "dashboard.json").read_text())["panels"]
    assert isinstance(found, list)
    return found


def dashboard_expressions() -> list[str]:
    return re.findall(r'"expr": "((?:[^"\\]|\\.)+)"', (FOLDER / "dashboard.json").read_text())


def metrics_of(expression: str) -> Iterator[Metric]:
    for name in re.findall(r"matchline_\w+", expression):
        assert name in NAMED, f"{name} is not declared: {expression}"
        yield NAMED[name]


def test_there_are_rules_and_panels() -> None:
    text = (FOLDER / "alerts.yml").read_text()
    assert len(alert_expressions()) == text.count("- alert:") >= 10
    assert len(dashboard_expressions()) >= len(panels()) >= 15


@pytest.mark.parametrize("expression", [*alert_expressions(), *dashboard_expressions()])
def test_an_expression_asks_for_what_is_declared(expression: str) -> None:
    known = set(_SCRAPE_LABELS)
    for metric in metrics_of(expression):
        known |= set(metric.labels)
    grouped = re.findall(r"by \(([^)]*)\)", expression)
    selected = re.findall(r"[{,]\s*(\w+)\s*=", expression)
    used = {name.strip() for names in grouped for name in names.split(",")} | set(selected)
    assert used <= known, f"{used - known} are no labels of it"
    assert expression.count("(") == expression.count(")")


@pytest.fixture
def promtool() -> str:
    found = shutil.which("promtool")
    if found is None:
        missing = "promtool is missing: apt-get install prometheus"
        if os.environ.get("MATCHLINE_REQUIRE_ALL") == "1":
            pytest.fail(missing, pytrace=False)
        pytest.skip(missing)
    return found


@pytest.mark.parametrize(
    "asked",
    [
        ("check", "config", "prometheus.yml"),
        ("check", "rules", "--lint-fatal", "alerts.yml"),
        ("test", "rules", "alerts.test.yml"),
    ],
)
def test_prometheus_takes_the_rules_and_they_fire_when_they_should(
    promtool: str, asked: tuple[str, ...]
) -> None:
    done = subprocess.run(
        [promtool, *asked], check=False, cwd=FOLDER, capture_output=True, text=True, timeout=PROMTOOL_SECONDS
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_alert_is_seen_to_fire_and_to_be_quiet() -> None:
    alerts = re.findall(r"- alert: (\w+)", (FOLDER / "alerts.yml").read_text())
    tests = (FOLDER / "alerts.test.yml").read_text()
    assert re.findall(r'alertname="(\w+)"}', tests) == alerts
    assert re.findall(r"eval_time: 19m, alertname: (\w+)}", tests) == alerts


def test_every_metric_is_shown_somewhere() -> None:
    shown = {
        metric for each in [*alert_expressions(), *dashboard_expressions()] for metric in metrics_of(each)
    }
    assert set(METRICS) - shown == {BUILD}
