"""Pieces of HTML; all text in them is escaped."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from html import escape

from leakscan.reporters.text import clean


def in_utc(text: str) -> str:
    """`2026-01-01 12:30 UTC`; text that is no time stays as it is."""
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        return text
    return moment.astimezone(dt.timezone.utc).strftime("%Y-%m-%d %H:%M UTC") if moment.tzinfo else text


def escaped(text: str) -> str:
    """Text as HTML; control characters are shown."""
    return escape(clean(text))


def section(title: str, *parts: str) -> str:
    """A heading with what belongs to it."""
    return f"<section>\n<h2>{escaped(title)}</h2>\n{''.join(parts)}\n</section>\n"


def bullets(lines: Iterable[str]) -> str:
    """A list."""
    items = "".join(f"<li>{escaped(line)}</li>" for line in lines)
    return f"<ul>{items}</ul>" if items else ""


def row_cells(values: Sequence[str], kind: str = "", *, tag: str = "td") -> str:
    """The cells of a row."""
    attribute = f' class="{kind}"' if kind else ""
    return "".join(f"<{tag}{attribute}>{escaped(value)}</{tag}>" for value in values)


def as_table(head: str, rows: Iterable[str]) -> str:
    """A table that scrolls by itself where it is too wide."""
    top = f"<thead><tr>{head}</tr></thead>" if head else ""
    return f'<div class="scroll" tabindex="0"><table>{top}<tbody>{"".join(rows)}</tbody></table></div>\n'
