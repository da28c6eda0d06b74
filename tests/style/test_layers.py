"""The house rules that a machine can hold: dependencies point inward, files stay small."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "matchline"
MODULES = sorted(SOURCE.rglob("*.py"))

# Each layer may import itself and those that stand before it; those of one row never import each other.
LAYERS: tuple[frozenset[str], ...] = (
    frozenset(
        {
            *(
                "clock",
                "chance",
                "errors",
                "options",
                "model",
                "verdict",
                "phone",
                "codes",
                "guessing",
                "foretold",
            ),
            *("wire", "principal", "capacity", "quantity"),
            *("kept", "faults", "observing", "chart_examples"),
        }
    ),
    frozenset({"store", "scxml"}),
    frozenset({"engine"}),
    frozenset({"services", "http", "gms", "webhook", "charts"}),
    frozenset({"ui", "adapters"}),
    frozenset({"wiring"}),
    frozenset({"cli", "testing"}),
    frozenset({"__main__", "client"}),
)
FOUNDATION = LAYERS[0]

# A file longer than this is on its way to become a drawer, a function a scroll.
MAX_LINES = 350
MAX_FUNCTION_LINES = 50


def _layer(name: str) -> int:
    return next(place for place, names in enumerate(LAYERS) if name in names)


def _part(path: Path) -> str:
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


def _imported_parts(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        for name in names:
            parts = name.split(".")
            if parts[0] == "matchline" and len(parts) > 1:
                yield parts[1]
            elif name == "matchline" and isinstance(node, ast.ImportFrom):
                yield from (alias.name for alias in node.names if alias.name != "__version__")


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_imports_point_inward(path: Path) -> None:
    own = _part(path)
    if own == "__init__":
        return
    for other in _imported_parts(path):
        inward = other == own or _layer(other) < _layer(own)
        assert inward or {own, other} <= FOUNDATION, f"{own} must not import {other}"


def test_no_edge_reaches_around_the_engine_into_the_store() -> None:
    for path in MODULES:
        if _part(path) in ("http", "services"):
            assert "store" not in set(_imported_parts(path)), path


def test_the_scxml_engine_stands_on_time_and_chance_alone() -> None:
    for path in MODULES:
        if _part(path) == "scxml":
            assert set(_imported_parts(path)) <= {"scxml", "clock", "chance"}, path


def test_the_client_stands_alone() -> None:
    for path in MODULES:
        if _part(path) == "client":
            assert set(_imported_parts(path)) <= {"client"}, path


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_no_file_is_a_drawer_and_no_function_a_scroll(path: Path) -> None:
    text = path.read_text()
    assert text.count("\n") <= MAX_LINES
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            assert length <= MAX_FUNCTION_LINES, node.name


def test_time_and_randomness_come_from_one_file_each() -> None:
    for path in MODULES:
        imported = {
            alias.name
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.Import)
            for alias in node.names
        }
        if path.stem != "clock":
            assert not imported & {"time", "datetime"}, path
        if path.stem != "chance":
            assert not imported & {"random", "secrets", "uuid"}, path
