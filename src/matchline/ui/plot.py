"""Plots: from figures to the places of a drawing that a template fills in. Pure functions.

A page's content security policy allows no styles of its own: what a drawing looks like is said by classes.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 720, 230  # of a drawing, in its own units; a page shows it as wide as there is room
LEFT, RIGHT, TOP, BOTTOM = 52, 14, 12, 30  # around what is plotted, for the texts of the axes

_MARKS = 4  # of an axis, about
_STEPS = (1, 2, 5, 10)  # between marks, in powers of ten

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Mark:
    """A text at an axis, and where it stands in the drawing."""

    place: float
    text: str


@dataclass(frozen=True, slots=True)
class Shape:
    kind: str  # its classes
    path: str


@dataclass(frozen=True, slots=True)
class Plot:
    x_marks: tuple[Mark, ...]
    y_marks: tuple[Mark, ...]
    shapes: tuple[Shape, ...]
    dot: Point | None = None
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    floor: int = HEIGHT - BOTTOM


@dataclass(frozen=True, slots=True)
class Frame:
    """From the figures of two axes to the drawing; the upright one begins at 0."""

    first: float
    last: float
    high: float

    def x(self, figure: float) -> float:
        share = (figure - self.first) / (self.last - self.first)
        return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)

    def y(self, figure: float) -> float:
        return round(HEIGHT - BOTTOM - figure / self.high * (HEIGHT - TOP - BOTTOM), 1)

    def line(self, points: Iterable[Point]) -> str:
        return "M" + " L".join(f"{self.x(x)} {self.y(y)}" for x, y in points)

    def band(self, low: Sequence[Point], high: Sequence[Point]) -> str:
        """What is between two lines."""
        back = self.line(reversed(low))
        return f"{self.line(high)} L{back[1:]} Z"

    def y_marks(self) -> tuple[Mark, ...]:
        return tuple(Mark(self.y(each), shortly(each)) for each in marks(self.high))


def marks(high: float) -> list[float]:
    """Round figures from 0 to about this one."""
    step = step_for(high)
    return [place * step for place in range(math.floor(high / step + 0.001) + 1)]


def step_for(high: float) -> float:
    """Between round figures; never less than 1, for whatever is counted."""
    power = 10 ** math.floor(math.log10(max(high / _MARKS, 1)))
    return float(next(step * power for step in _STEPS if step * power * _MARKS >= high or step == _STEPS[-1]))


def room_for(high: float) -> float:
    """The figure at which an axis ends for this one to be below it."""
    step = step_for(max(high, 1))
    return math.ceil(max(high, 1) / step + 0.05) * step


def shortly(figure: float) -> str:
    """Such as 250, 1.5k, 20k."""
    return f"{figure:g}" if figure < 1000 else f"{figure / 1000:g}k"
