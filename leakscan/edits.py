"""The text of a program before and after a fix -> edits of its lines, and back."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher

from leakscan.diagnostics import Edit, Position, Span
from leakscan.files import Source


class UneditableError(Exception):
    """Why a change cannot be made in the file itself, though it can in its program; one line."""


def line_edits(source: Source, changed: str) -> tuple[Edit, ...]:
    """Return the edits, of whole lines, that turn the text of `source` into `changed`.

    They are sorted and do not touch each other. Raises UneditableError where a notebook's cells do not hold
    the lines as the program has them.
    """
    old, new = _lines(source.text), _lines(changed)
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    matcher = SequenceMatcher(None, old[head : len(old) - tail], new[head : len(new) - tail], autojunk=False)
    edits: list[Edit] = []
    for tag, first, last, begin, end in matcher.get_opcodes():
        if tag != "equal":
            text = "".join(new[head + begin : head + end])
            edits.append(Edit(_span(source, old, head + first, head + last), text))
    return tuple(edits)


def _lines(text: str) -> list[str]:
    """The lines of a program with their ends, as Python counts them."""
    lines: list[str] = []
    start = 0
    for index, char in enumerate(text):
        if char == "\n" or (char == "\r" and text[index + 1 : index + 2] != "\n"):
            lines.append(text[start : index + 1])
            start = index + 1
    if start < len(text):
        lines.append(text[start:])
    return lines


def _span(source: Source, lines: Sequence[str], first: int, last: int) -> Span:
    """Return the span of the lines `first` up to, not including, `last` (from 0)."""
    if source.notebook is None:
        return Span(_position(lines, first), _position(lines, last))
    raise UneditableError("notebooks are not edited yet")


def _position(lines: Sequence[str], index: int) -> Position:
    # Behind a last line without an end there is no line to begin.
    if index == len(lines) and lines and not lines[-1].endswith(("\n", "\r")):
        return Position(index, len(lines[-1]) + 1)
    return Position(index + 1, 1)
