"""Plots as SVG text, written by hand: no script, no font, no library.

`PAGE` takes its colours from the page that the plot stands in (custom properties of CSS), so that they follow
light and dark; `LIGHT` has fixed ones on white, for files. Series differ by colour, marker and dash. Where
bars are hatched, the number is modelled.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from leakscan.validation.wording import digits, scale

_WIDTH = 520
_HEIGHT = 300
_FONT = 13
_LETTER = 7.6  # the mean width of a letter at that size
_Point = tuple[float, float]

_MARKERS = 6  # on the line of a band, whose points are many
_MOST_LABEL = 28  # letters of a row's label


@dataclass(frozen=True, slots=True)
class Style:
    """Colours; `series` in the order of use, the first for the original. None: no background is drawn."""

    ink: str
    muted: str
    grid: str
    background: str | None
    series: tuple[str, ...]


# After M. Okabe, K. Ito, Color Universal Design (2008): told apart by readers with any colour vision.
LIGHT = Style(
    "#1f2328",
    "#57606a",
    "#d8dee4",
    "#ffffff",
    ("#57606a", "#0072b2", "#d55e00", "#009e73", "#aa4499", "#997700"),
)
PAGE = Style(
    "var(--ink)", "var(--muted)", "var(--grid)", None, tuple(f"var(--series-{number})" for number in range(6))
)


@dataclass(frozen=True, slots=True)
class Pair:
    """The values of the original and of one fix, block by block; `series` is the number of its colour."""

    name: str
    before: tuple[float, ...]
    after: tuple[float, ...]
    series: int = 1


@dataclass(frozen=True, slots=True)
class Dot:
    """One run: its place in time, its value, the number of its arm; `cause` where it does not count."""

    place: int
    value: float
    series: int
    cause: str | None = None


@dataclass(frozen=True, slots=True)
class Bar:
    """A mean with its standard deviation (None: a single value), hatched where it is modelled."""

    name: str
    value: float
    sd: float | None
    modelled: bool
    series: int = 0


@dataclass(frozen=True, slots=True)
class Estimate:
    """A row of a forest plot: the ratio of fix to original with its interval; `note` is written after it."""

    label: str
    ratio: float
    low: float | None = None
    high: float | None = None
    note: str = ""
    series: int = 1


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """A point of a curve; `low` and `high` are its interval, if it has one."""

    x: float
    y: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Curve:
    """A line with points; `band` draws the intervals as an area rather than as whiskers."""

    name: str
    points: tuple[CurvePoint, ...]
    series: int
    band: bool = False


@dataclass(frozen=True, slots=True)
class Scale:
    """What an axis shows, with its unit, and whether it is logarithmic."""

    label: str
    log: bool = False


# -- plots --------------------------------------------------------------------------------------------------


def slopes(pairs: Sequence[Pair], *, title: str, unit: str, style: Style = LIGHT) -> str:
    """Each block as a line from the original to the fix, a panel for each fix; the mean is the thick line.

    `unit` is J, s or B. Raises ValueError without any value.
    """
    values = [value for pair in pairs for value in (*pair.before, *pair.after)]
    factor, name = scale(unit, _largest(values))
    canvas = _Canvas(title, style)
    axis = _Axis.around([value / factor for value in values], canvas.bottom, canvas.top)
    canvas.value_axis(axis, name)
    width = (canvas.right - canvas.left) / len(pairs)
    for number, pair in enumerate(pairs):
        begin, end = canvas.left + (number + 0.22) * width, canvas.left + (number + 0.78) * width
        colour = style.series[pair.series % len(style.series)]
        for before, after in zip(pair.before, pair.after, strict=True):
            y0, y1 = axis.at(before / factor), axis.at(after / factor)
            canvas.line((begin, y0), (end, y1), style.muted, opacity=0.45)
            canvas.marker(begin, y0, 0, style.series[0], size=2.5)
            canvas.marker(end, y1, pair.series, colour, size=2.5)
        means = [math.fsum(each) / len(each) / factor for each in (pair.before, pair.after)]
        canvas.line((begin, axis.at(means[0])), (end, axis.at(means[1])), colour, width=3)
        canvas.text(begin, canvas.bottom + 18, "original", anchor="middle")
        canvas.text(end, canvas.bottom + (18 if width > 190 else 34), pair.name, anchor="middle")  # noqa: PLR2004
    return canvas.svg()


def timeline(
    dots: Sequence[Dot], names: Sequence[str], *, title: str, unit: str, style: Style = LIGHT
) -> str:
    """Each run in the order of time; a cross is one that does not count. Drift and outliers show here."""
    factor, name = scale(unit, _largest([dot.value for dot in dots]))
    canvas = _Canvas(title, style)
    canvas.legend([(each, number) for number, each in enumerate(names)])
    values = _Axis.around([dot.value / factor for dot in dots], canvas.bottom, canvas.top)
    places = _Axis.around([float(dot.place) for dot in dots], canvas.left + 8, canvas.right - 8)
    canvas.value_axis(values, name)
    canvas.place_axis(places, "run, in the order of time")
    for dot in dots:
        x, y = places.at(dot.place), values.at(dot.value / factor)
        colour = style.series[dot.series % len(style.series)]
        if dot.cause is None:
            canvas.marker(x, y, dot.series, colour)
        else:
            canvas.cross(x, y, colour, dot.cause)
    return canvas.svg()


def bars(rows: Sequence[Bar], *, title: str, unit: str, style: Style = LIGHT) -> str:
    """Means from zero with one standard deviation to either side."""
    factor, name = scale(unit, _largest([row.value for row in rows]))
    canvas = _Canvas(title, style)
    tops = [(row.value + (row.sd or 0.0)) / factor for row in rows]
    axis = _Axis.around([0.0, *tops], canvas.bottom, canvas.top, zero=True)
    canvas.value_axis(axis, name)
    width = (canvas.right - canvas.left) / len(rows)
    for number, row in enumerate(rows):
        middle = canvas.left + (number + 0.5) * width
        half = min(0.32 * width, 40)
        top = axis.at(row.value / factor)
        colour = style.series[row.series % len(style.series)]
        canvas.bar(middle - half, top, middle + half, canvas.bottom, colour, hatched=row.modelled)
        if row.sd is not None:
            low, high = ((row.value + sign * row.sd) / factor for sign in (-1, 1))
            canvas.whisker(middle, axis.at(low), axis.at(high), style.ink)
        crowded = any(_LETTER * len(each.name) > width for each in rows)
        canvas.text(middle, canvas.bottom + (34 if crowded and number % 2 else 18), row.name, anchor="middle")
        text = f"{digits(row.value / factor)} {name}"
        canvas.text(
            middle, axis.at(max(row.value, row.value + (row.sd or 0)) / factor) - 6, text, anchor="middle"
        )
    return canvas.svg()


def curves(
    series: Sequence[Curve],
    *,
    title: str,
    x: Scale,
    y: Scale,
    style: Style = LIGHT,
) -> str:
    """Lines with points and intervals over a number. On a log axis values must be above zero.

    Raises ValueError without any point, and for values that a log axis does not have.
    """
    canvas = _Canvas(title, style)
    if len(series) > 1:
        canvas.legend([(curve.name, curve.series) for curve in series])
    points = [point for curve in series for point in curve.points]
    heights = [each for p in points for each in (p.y, p.low, p.high) if each is not None]
    x_axis = _Axis.around([point.x for point in points], canvas.left + 8, canvas.right - 8, log=x.log)
    y_axis = _Axis.around(heights, canvas.bottom, canvas.top, log=y.log)
    canvas.value_axis(y_axis, y.label)
    canvas.place_axis(x_axis, x.label)
    for curve in series:
        canvas.curve(curve, x_axis, y_axis)
    return canvas.svg()


def forest(
    rows: Sequence[Estimate],
    *,
    title: str,
    margin: float | None = None,
    ratio: str = "fix / original",
    style: Style = LIGHT,
) -> str:
    """Ratios with their intervals on a log axis; 1 is no change, shaded up to the margin.

    Raises ValueError without any row, and for a ratio that is not above zero.
    """
    lead = min(max(len(row.label) for row in rows), _MOST_LABEL) * _LETTER + 14 if rows else 0
    longest = max((len(row.note) for row in rows), default=0)
    tail = longest * _LETTER + 18 if longest else 12
    canvas = _Canvas(title, style, height=86 + 26 * len(rows), left=lead, tail=tail)
    bounds = [each for row in rows for each in (row.ratio, row.low, row.high, 1.0) if each is not None]
    axis = _Axis.around(bounds, canvas.left, canvas.right, log=True)
    if margin is not None:
        begin, end = (
            min(max(axis.at(each), canvas.left), canvas.right) for each in (1 / (1 + margin), 1 + margin)
        )
        canvas.area(begin, canvas.top, end, canvas.bottom, style.grid)
    canvas.place_axis(axis, f"{ratio} (log scale); left of 1: less")
    canvas.line((axis.at(1.0), canvas.top), (axis.at(1.0), canvas.bottom), style.ink)
    for number, row in enumerate(rows):
        y = canvas.top + 26 * (number + 0.5)
        colour = style.series[row.series % len(style.series)]
        canvas.text(canvas.left - 10, y + 4, _short(row.label), anchor="end")
        if row.low is not None and row.high is not None:
            canvas.line((axis.at(row.low), y), (axis.at(row.high), y), colour, width=2)
        canvas.marker(axis.at(row.ratio), y, row.series, colour, size=4.5)
        if row.note:
            # From the edge inwards: fonts differ in width, and what is cut off at the edge is lost.
            canvas.text(_WIDTH - 4, y + 4, row.note, anchor="end", colour=style.muted)
    return canvas.svg()


# -- drawing ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Axis:
    """Maps values from `low` to `high` to places from `begin` to `end`."""

    low: float
    high: float
    begin: float
    end: float
    log: bool = False

    @classmethod
    def around(
        cls, values: Sequence[float], begin: float, end: float, *, log: bool = False, zero: bool = False
    ) -> _Axis:
        """An axis on which all values have some room; with `zero` it starts there."""
        if not values:
            raise ValueError("a plot needs values")
        if log and min(values) <= 0:
            raise ValueError(f"{min(values)} is not on a log axis")
        ends = [math.log10(value) if log else value for value in (min(values), max(values))]
        spread = ends[1] - ends[0]
        room = (
            0.06 * spread if spread > 1e-9 * abs(ends[1]) else (0.02 if log else 0.05 * abs(ends[1]) or 1.0)
        )
        return cls(0.0 if zero else ends[0] - room, ends[1] + room, begin, end, log)

    def at(self, value: float) -> float:
        place = math.log10(value) if self.log else value
        return self.begin + (self.end - self.begin) * (place - self.low) / (self.high - self.low)

    def ticks(self) -> list[tuple[float, str]]:
        """About five round values with their texts."""
        if self.log:
            return self._log_ticks()
        step = _round_step((self.high - self.low) / 5)
        first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
        places = max(0, -math.floor(math.log10(step) + 1e-9))
        return [(count * step, f"{count * step:.{places}f}") for count in range(first, last + 1)]

    def _log_ticks(self) -> list[tuple[float, str]]:
        low, high = 10**self.low, 10**self.high
        powers = range(math.floor(self.low), math.ceil(self.high) + 1)
        for leads in ((1,), (1, 3), (1, 2, 5)):
            values = [lead * 10.0**power for power in powers for lead in leads]
            found = [(value, f"{value:g}") for value in values if low <= value <= high]
            if len(found) > 2:  # noqa: PLR2004 - two give the scale, one more shows that it bends
                return found
        return _Axis(low, high, 0, 1).ticks()


def _round_step(step: float) -> float:
    power = 10.0 ** math.floor(math.log10(step))
    return next(lead * power for lead in (1, 2, 5, 10) if lead * power >= step * 0.999)


class _Canvas:
    """The parts of one SVG, and the box in it that values are drawn in."""

    def __init__(
        self, title: str, style: Style, *, height: int = _HEIGHT, left: float = 58, tail: float = 12
    ) -> None:
        self._title = title
        self._style = style
        self._height = height
        self._hatch = f"hatch-{zlib.crc32(title.encode()):08x}"
        self._parts: list[str] = []
        self._hatched = False
        self.left, self.right = left, _WIDTH - tail
        self.top, self.bottom = 40.0, height - 46.0
        self.text(2, 16, title, weight=600)

    def line(self, begin: _Point, end: _Point, colour: str, *, width: float = 1, opacity: float = 1) -> None:
        self._parts.append(
            f'<line x1="{begin[0]:.1f}" y1="{begin[1]:.1f}" x2="{end[0]:.1f}" y2="{end[1]:.1f}" '
            f'style="stroke:{colour};stroke-width:{width};stroke-opacity:{opacity}"/>'
        )

    def text(
        self, x: float, y: float, text: str, *, anchor: str = "start", colour: str = "", weight: int = 400
    ) -> None:
        self._parts.append(
            f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" '
            f'style="fill:{colour or self._style.ink};font-weight:{weight}">{escape(text)}</text>'
        )

    def marker(self, x: float, y: float, shape: int, colour: str, *, size: float = 4) -> None:
        """A circle, square, triangle or diamond, in turn."""
        s, d = size, 1.3 * size
        paths = (
            f"M{x - s:.1f} {y:.1f}a{s} {s} 0 1 0 {2 * s} 0a{s} {s} 0 1 0 {-2 * s} 0Z",
            f"M{x - s:.1f} {y - s:.1f}h{2 * s}v{2 * s}h{-2 * s}Z",
            f"M{x:.1f} {y - 1.2 * s:.1f}l{1.2 * s:.2f} {2.1 * s:.2f}h{-2.4 * s:.2f}Z",
            f"M{x:.1f} {y - d:.1f}l{d:.2f} {d:.2f}l{-d:.2f} {d:.2f}l{-d:.2f} {-d:.2f}Z",
        )
        self._parts.append(f'<path d="{paths[shape % len(paths)]}" style="fill:{colour}"/>')

    def cross(self, x: float, y: float, colour: str, why: str) -> None:
        self._parts.append(
            f'<path d="M{x - 4:.1f} {y - 4:.1f}l8 8m0 -8l-8 8" '
            f'style="stroke:{colour};stroke-width:2;fill:none">'
            f"<title>{escape(why)}</title></path>"
        )

    def whisker(self, x: float, low: float, high: float, colour: str) -> None:
        self.line((x, low), (x, high), colour, width=1.5)
        for y in (low, high):
            self.line((x - 4, y), (x + 4, y), colour, width=1.5)

    def area(self, x0: float, y0: float, x1: float, y1: float, colour: str) -> None:
        self._parts.append(
            f'<rect x="{x0:.1f}" y="{y0:.1f}" width="{x1 - x0:.1f}" height="{y1 - y0:.1f}" '
            f'style="fill:{colour}"/>'
        )

    def bar(self, x0: float, y0: float, x1: float, y1: float, colour: str, *, hatched: bool) -> None:
        """An area; hatched ones have stripes over a light ground."""
        size = f'x="{x0:.1f}" y="{y0:.1f}" width="{x1 - x0:.1f}" height="{max(0.0, y1 - y0):.1f}"'
        if not hatched:
            self._parts.append(f'<rect {size} style="fill:{colour}"/>')
            return
        name = f"{self._hatch}-{len(self._parts)}"
        self._parts.append(
            f'<pattern id="{name}" width="7" height="7" patternUnits="userSpaceOnUse" '
            f'patternTransform="rotate(45)"><rect width="3" height="7" style="fill:{colour}"/></pattern>'
            f'<rect {size} style="fill:url(#{name});stroke:{colour};stroke-width:1.5"/>'
        )
        if not self._hatched:
            self._hatched = True
            self.text(_WIDTH - 12, 16, "hatched: modelled", anchor="end", colour=self._style.muted)

    def curve(self, curve: Curve, x_axis: _Axis, y_axis: _Axis) -> None:
        """The intervals first, the line and its points over them."""
        style = self._style
        colour = style.series[curve.series % len(style.series)]
        places = [(x_axis.at(p.x), p) for p in curve.points]
        bounds = [
            (x, y_axis.at(p.low), y_axis.at(p.high))
            for x, p in places
            if p.low is not None and p.high is not None
        ]
        if curve.band and bounds:
            upper = " ".join(f"{x:.1f},{high:.1f}" for x, _, high in bounds)
            lower = " ".join(f"{x:.1f},{low:.1f}" for x, low, _ in reversed(bounds))
            self._parts.append(f'<polygon points="{upper} {lower}" style="fill:{colour};fill-opacity:0.2"/>')
        elif not curve.band:
            for x, low, high in bounds:
                self.whisker(x, low, high, colour)
        line = " ".join(f"{x:.1f},{y_axis.at(p.y):.1f}" for x, p in places)
        dash = _DASHES[curve.series % len(_DASHES)]
        self._parts.append(
            f'<polyline points="{line}" '
            f'style="fill:none;stroke:{colour};stroke-width:2;stroke-dasharray:{dash}"/>'
        )
        step = max(1, len(places) // _MARKERS) if curve.band else 1
        for x, p in places[::step]:
            self.marker(x, y_axis.at(p.y), curve.series, colour)

    def value_axis(self, axis: _Axis, unit: str) -> None:
        """Grid lines with numbers on the left, and the unit above them."""
        for value, text in axis.ticks():
            y = axis.at(value)
            self.line((self.left, y), (self.right, y), self._style.grid)
            self.text(self.left - 7, y + 4, text, anchor="end", colour=self._style.muted)
        self.text(2, 33, unit, colour=self._style.muted)

    def place_axis(self, axis: _Axis, label: str) -> None:
        """Numbers below the box, and what they are."""
        self.line((self.left, self.bottom), (self.right, self.bottom), self._style.muted)
        for value, text in axis.ticks():
            x = axis.at(value)
            self.line((x, self.bottom), (x, self.bottom + 4), self._style.muted)
            self.text(x, self.bottom + 18, text, anchor="middle", colour=self._style.muted)
        middle = (self.left + self.right) / 2
        self.text(middle, self.bottom + 38, label, anchor="middle", colour=self._style.muted)

    def legend(self, entries: Sequence[tuple[str, int]]) -> None:
        """Markers with names on the right of the line below the title."""
        x = _WIDTH - 12 - sum(22 + _LETTER * len(name) for name, _ in entries)
        for name, number in entries:
            colour = self._style.series[number % len(self._style.series)]
            self.marker(x + 5, 29, number, colour)
            self.text(x + 13, 33, name)
            x += 22 + _LETTER * len(name)

    def svg(self) -> str:
        ground = self._style.background
        rect = f'<rect width="100%" height="100%" style="fill:{ground}"/>' if ground else ""
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {self._height}" role="img" '
            f'aria-label="{escape(self._title)}" font-family="system-ui, sans-serif" font-size="{_FONT}">'
            f"{rect}{''.join(self._parts)}</svg>"
        )


_DASHES = ("none", "none", "7 4", "2 3", "9 3 2 3", "4 4")


def _short(text: str) -> str:
    return text if len(text) <= _MOST_LABEL else f"{text[: _MOST_LABEL - 1]}…"


def _largest(values: Sequence[float]) -> float:
    if not values:
        raise ValueError("a plot needs values")
    return max(abs(value) for value in values)
