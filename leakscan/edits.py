"""The text of a program before and after a fix -> edits of its lines, and back."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from leakscan.diagnostics import Edit, Position, Span

if TYPE_CHECKING:
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
            edits.append(_edit(source, old, head + first, head + last, text))
    return tuple(edits)


def apply_edits(text: str, edits: Sequence[Edit]) -> str:
    """Return `text`, a file or the cell that the edits are of, with the edits made."""
    lines = _lines(text)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))

    def offset(position: Position) -> int:
        line = min(position.line - 1, len(starts) - 1)
        return min(starts[line] + position.column - 1, len(text))

    for edit in sorted(edits, key=first_place, reverse=True):
        begin, end = offset(edit.span.start), offset(edit.span.end)
        text = text[:begin] + edit.replacement + text[end:]
    return text


def first_place(edit: Edit) -> tuple[int, int, int]:
    """The order of edits: cell, line, column."""
    start = edit.span.start
    return (-1 if start.cell is None else start.cell, start.line, start.column)


def touch(first: Sequence[Edit], second: Sequence[Edit]) -> bool:
    """Whether edits of one file overlap or meet, so that they cannot be made together."""
    return any(_meet(a.span, b.span) for a in first for b in second)


def _meet(first: Span, second: Span) -> bool:
    if first.start.cell != second.start.cell:
        return False
    return first.start <= second.end and second.start <= first.end


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


def _edit(source: Source, lines: Sequence[str], first: int, last: int, text: str) -> Edit:
    """Return the edit that puts `text` in the place of the lines `first` up to, not including, `last`."""
    located = source.notebook
    if located is None:
        return Edit(Span(_position(lines, first), _position(lines, last)), text)
    cell, begin = located.locate(min(first + 1, len(lines)))
    length = located.length(cell, len(lines))
    end = begin + last - first
    if begin < 1 or end > length + 1:
        raise UneditableError("the change spans several cells of the notebook")
    if any(line in located.altered for line in range(first + 1, max(last, first + 1) + 1)):
        raise UneditableError("the change touches a magic or an indented cell of the notebook")
    if end == length + 1:
        # The last line of a cell has no end, and neither has what takes its place.
        text = text.removesuffix("\n")
        if first == last:
            last_line = lines[first - 1].rstrip("\n")
            return Edit(
                Span(Position(length, len(last_line) + 1, cell), Position(length, len(last_line) + 1, cell)),
                "\n" + text,
            )
        last_line = lines[last - 1].rstrip("\n")
        return Edit(Span(Position(begin, 1, cell), Position(length, len(last_line) + 1, cell)), text)
    return Edit(Span(Position(begin, 1, cell), Position(end, 1, cell)), text)


def _position(lines: Sequence[str], index: int) -> Position:
    # Behind a last line without an end there is no line to begin.
    if index == len(lines) and lines and not lines[-1].endswith(("\n", "\r")):
        return Position(index, len(lines[-1]) + 1)
    return Position(index + 1, 1)
