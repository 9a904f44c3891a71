"""Numbers as people read them: with a unit, three significant digits, and no false zeros."""

from __future__ import annotations

from leakscan.validation.verdicts import Interval, Verdict

NOT_MEASURED = "not measured"

_PREFIXES = {
    "": ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, "")),
    "J": ((1e6, "MJ"), (1e3, "kJ"), (1.0, "J"), (1e-3, "mJ")),
    "s": ((1.0, "s"), (1e-3, "ms"), (1e-6, "us")),
    "B": ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"), (1.0, "B")),
    "g": ((1e3, "kg"), (1.0, "g"), (1e-3, "mg")),
}
_LARGE_PERCENT = 1e5


def scale(unit: str, largest: float) -> tuple[float, str]:
    """The factor and name of the prefixed unit in which a value of this size reads best."""
    options = _PREFIXES[unit]
    if not largest:
        return 1.0, unit
    # 0.9995 of a prefix would be shown as 1000 of the one below.
    return next((each for each in options if abs(largest) >= 0.9995 * each[0]), options[-1])


def digits(value: float) -> str:
    """A number with three significant digits, without an exponent where that is readable."""
    size = abs(value)
    if size >= _LARGE_PERCENT or 0 < size < 1e-3:  # noqa: PLR2004
        return f"{value:.3g}"
    places = 0 if size >= 99.95 else 1 if size >= 9.995 else 2  # noqa: PLR2004
    text = f"{value:.{places}f}" if size >= 0.9995 or size == 0 else f"{value:.3g}"  # noqa: PLR2004
    return "0" if float(text) == 0 else text


def amount(value: float | None, unit: str, *, signed: bool = False) -> str:
    """A value of `unit` (J, s, B, g, or none) with its best prefix; None is "not measured"."""
    if value is None:
        return NOT_MEASURED
    factor, name = scale(unit, value)
    text = digits(value / factor)
    return f"{'+' if signed and value > 0 and text != '0' else ''}{text} {name}".rstrip()


def percent(value: float | None, *, signed: bool = True) -> str:
    """A change in percent; without a value, nothing."""
    if value is None:
        return ""
    return f"{_percent_digits(value, signed=signed)} %"


def percent_range(interval: Interval | None) -> str:
    """The bounds of an interval of percentages, `-32.5 to -29.8 %`; without bounds, nothing."""
    if interval is None or interval.low is None or interval.high is None:
        return ""
    low, high = (_percent_digits(each, signed=True) for each in (interval.low, interval.high))
    return f"{low} to {high} %"


def saving(interval: Interval) -> str:
    """A change in words: `31.0 % less (29.8 to 32.5 % less)`."""
    word = "less" if interval.estimate < 0 else "more"
    text = f"{percent(abs(interval.estimate), signed=False)} {word}"
    if interval.low is None or interval.high is None or interval.confidence is None:
        return text
    confidence = f"{100 * interval.confidence:g} % interval"
    if interval.high <= 0 or interval.low >= 0:
        low, high = sorted((abs(interval.low), abs(interval.high)))
        bounds = f"{_percent_digits(low, signed=False)} to {_percent_digits(high, signed=False)} % {word}"
    else:
        bounds = percent_range(interval)
    return f"{text} ({confidence} {bounds})"


def p_value(value: float | None) -> str:
    """`0.012`, `< 0.0001`; without a value, a dash."""
    if value is None:
        return "-"
    return "< 0.0001" if value < 1e-4 else f"{value:.2g}"  # noqa: PLR2004


def verdict(value: Verdict | None, *, headline: bool) -> str:
    """The verdict in the words of the reports: those of the headline speak of energy."""
    if value is None:
        return ""
    if headline and value in (Verdict.LESS, Verdict.MORE):
        return f"{value.value} energy"
    return value.value


def plural(count: int, noun: str) -> str:
    """`1 block`, `2 blocks`, `2 processes`."""
    ending = "es" if noun.endswith(("s", "x", "ch", "sh")) else "s"
    return f"{count} {noun}" if count == 1 else f"{count} {noun}{ending}"


def duration(value: float) -> str:
    """Seconds in words: `1 min 5 s`."""
    minutes, rest = divmod(round(value), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def _percent_digits(value: float, *, signed: bool) -> str:
    size = abs(value)
    if size >= _LARGE_PERCENT:
        text = f"{value:.2g}"
    else:
        text = f"{value:.{2 if size < 0.995 else 1 if size < 99.95 else 0}f}"  # noqa: PLR2004
    if float(text) == 0:
        return "0"
    return f"+{text}" if signed and value > 0 else text
