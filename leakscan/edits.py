"""The text of a program before and after a fix -> edits of its lines, and back."""

from __future__ import annotations

import keyword
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from leakscan.diagnostics import Edit, Position, Span
from leakscan.records import dataclass

if TYPE_CHECKING:
    from leakscan.files import Source

#: A line of a file, or of a cell of a notebook: (cell or None, 1-based line).
Place = tuple[int | None, int]


class UneditableError(Exception):
    """Why a change cannot be made in the file itself, though it can in its program; one line."""


def line_edits(source: Source, changed: str, read: str | None = None) -> tuple[Edit, ...]:
    """Return the edits, of whole lines, that turn the text of `source` into `changed`.

    read: the text as the parser gives it back, where that is not the same: it drops form feeds before
    statements. Lines that differ only so stay as they are.
    They are sorted and do not touch each other. Raises UneditableError where a notebook's cells do not hold
    the lines as the program has them.
    """
    old, new = lines_of(source.text), lines_of(changed)
    edits: list[Edit] = []
    known = old if read is None else lines_of(read)
    for first, last, begin, end in _differences(known if len(known) == len(old) else old, new):
        edits.append(_edit(source, old, first, last, "".join(new[begin:end])))
    if any(_meet(one.span, other.span) for one, other in pairwise(edits)):
        raise UneditableError("the change meets itself at the empty end of a cell of the notebook")
    return tuple(edits)


def _differences(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[int, int, int, int]]:
    """Yield which lines of `old`, first and end, become which lines of `new`."""
    from difflib import SequenceMatcher  # a check without fixes need not wait for it

    i = j = 0
    # Between lines that are there once in both, so that the time grows with the file, not with its square.
    for k, n in (*_anchors(old, new), (len(old), len(new))):
        head = 0
        while i + head < k and j + head < n and old[i + head] == new[j + head]:
            head += 1
        if i + head == k and j + head == n:
            i, j = k, n
            continue
        matcher = SequenceMatcher(None, old[i + head : k], new[j + head : n], autojunk=False)
        for tag, first, last, begin, end in matcher.get_opcodes():
            if tag != "equal":
                yield i + head + first, i + head + last, j + head + begin, j + head + end
        i, j = k, n


def _anchors(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """The longest series of lines, each unique in both texts, that come in the same order."""
    once = {line for line, count in Counter(old).items() if count == 1}
    once &= {line for line, count in Counter(new).items() if count == 1}
    where = {line: number for number, line in enumerate(new) if line in once}
    pairs = [(number, where[line]) for number, line in enumerate(old) if line in once]
    # Patience sorting: the last pair of the best series of each length, and the one before each pair.
    tops: list[int] = []
    ends: list[int] = []
    before: list[int] = []
    for index, (_, position) in enumerate(pairs):
        length = bisect_left(tops, position)
        before.append(ends[length - 1] if length else -1)
        tops[length : length + 1] = [position]
        ends[length : length + 1] = [index]
    series = []
    index = ends[-1] if ends else -1
    while index >= 0:
        series.append(pairs[index])
        index = before[index]
    return series[::-1]


def apply_edits(text: str, edits: Sequence[Edit]) -> str:
    """Return `text`, a file or the cell that the edits are of, with the edits made."""
    starts = [0]
    for line in lines_of(text):
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


def exclude_each_other(text: str, first: Sequence[Edit], second: Sequence[Edit]) -> bool:
    """Whether edits of one file, whose program is `text`, cannot be made together.

    They overlap or meet, or both bring in a name that the program does not have: each strategy took it for
    free. The same name twice is right only where one fix stands wholly before the other.
    """
    if any(_meet(a.span, b.span) for a in first for b in second):
        return True
    shared = _words(first) & _words(second)
    if not shared or not shared - set(_WORD.findall(text)):
        return False
    return not _apart(first, second) or bool(_definitions(first) & _definitions(second))


_WORD = re.compile(r"[^\W\d]\w*")
_DEFINITION = re.compile(r"^[ \t]*(?:def|class)[ \t]+\w+|^(?:from|import)[ \t].*", re.MULTILINE)


def _words(edits: Sequence[Edit]) -> set[str]:
    found = {word for edit in edits for word in _WORD.findall(edit.replacement)}
    return {word for word in found if not keyword.iskeyword(word)}


def _definitions(edits: Sequence[Edit]) -> set[str]:
    return {line for edit in edits for line in _DEFINITION.findall(edit.replacement)}


def _apart(first: Sequence[Edit], second: Sequence[Edit]) -> bool:
    (a, b), (c, d) = ((first_place(edits[0]), first_place(edits[-1])) for edits in (first, second))
    return b < c or d < a


def _meet(first: Span, second: Span) -> bool:
    if first.start.cell != second.start.cell:
        return False
    return first.start <= second.end and second.start <= first.end


class Shift:
    """Where the lines of a file go when edits of whole lines are made."""

    def __init__(self, edits: Sequence[Edit]) -> None:
        self._blocks: list[_Block] = []
        grown: dict[int | None, int] = {}
        for edit in sorted(edits, key=first_place):
            block = _block(edit, grown.get(edit.span.start.cell, 0))
            self._blocks.append(block)
            grown[block.cell] = block.shift + block.count - (block.end - block.first)

    def places(self, cell: int | None, line: int) -> list[Place]:
        """The lines that stand for a line afterwards: itself, or all those that replace its block."""
        moved = line
        for block in self._blocks:
            if block.cell != cell or line < block.first:
                continue
            if line < block.end:
                return block.places()
            moved = line + block.shift + block.count - (block.end - block.first)
        return [(cell, moved)]

    def replaced(self, edits: Sequence[Edit]) -> set[Place]:
        """The lines that some of the edits replace."""
        mine = [block for block in self._blocks if block.edit in edits]
        return {(block.cell, line) for block in mine for line in range(block.first, block.end)}

    def inserted(self, edits: Sequence[Edit]) -> set[Place]:
        """The lines that some of the edits put there, as they are numbered afterwards."""
        return {place for block in self._blocks if block.edit in edits for place in block.places()}


@dataclass(frozen=True, slots=True)
class _Block:
    """An edit as lines: from `first` up to, not including, `end`, `count` others take their place.

    shift: by how much the edits before it move it.
    """

    edit: Edit
    cell: int | None
    first: int
    end: int
    count: int
    shift: int

    def places(self) -> list[Place]:
        begin = self.first + self.shift
        return [(self.cell, line) for line in range(begin, begin + self.count)]


def _block(edit: Edit, shift: int) -> _Block:
    start, end = edit.span.start, edit.span.end
    # Behind the last line of a cell, or a file, that has no end of its own.
    first = start.line if start.column == 1 else start.line + 1
    after = end.line if end.column == 1 else end.line + 1
    text = edit.replacement if start.column == 1 else edit.replacement.removeprefix("\n")
    return _Block(edit, start.cell, first, max(after, first), len(lines_of(text)), shift)


_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")


def lines_of(text: str) -> list[str]:
    """The lines of a program with their ends, as Python counts them."""
    return _LINE.findall(text)


def _edit(source: Source, lines: Sequence[str], first: int, last: int, text: str) -> Edit:
    """Return the edit that puts `text` in the place of the lines `first` up to, not including, `last`."""
    located = source.notebook
    if located is None:
        return Edit(Span(_position(lines, first), _position(lines, last)), text)
    known = min(first + 1, len(lines))
    cell, begin = located.locate(known)
    begin += first + 1 - known
    length = located.length(cell, len(lines))
    end = begin + last - first
    if begin < 1 or end > length + 1:
        raise UneditableError("the change spans several cells of the notebook")
    if _alters_magic(located.altered, first, last, edge=begin == 1 or end > length):
        raise UneditableError("the change touches a magic or an indented cell of the notebook")
    if first == last and begin == 1:
        text = text.lstrip("\n")  # the blank lines that set it apart in a file
    if end <= length:
        return Edit(Span(Position(begin, 1, cell), Position(end, 1, cell)), text)
    # The last line of a cell has no end, and neither has what takes its place.
    behind = Position(length, len(lines[last - 1].rstrip("\n")) + 1, cell)
    if first == last:
        return Edit(Span(behind, behind), "\n" + text.rstrip("\n"))
    start = Position(begin, 1, cell)
    if not text and begin > 1:
        start = Position(begin - 1, len(lines[first - 1].rstrip("\n")) + 1, cell)
    return Edit(Span(start, behind), text.removesuffix("\n"))


def _alters_magic(altered: frozenset[int], first: int, last: int, *, edge: bool) -> bool:
    if first < last:
        return any(line in altered for line in range(first + 1, last + 1))
    # Between two lines: a magic may go on in the next line, `%%time` must stay the first one, and what
    # follows an indented cell would have to be indented too.
    beside = (first in altered) + (first + 1 in altered)
    return beside > (0 if edge else 1)


def _position(lines: Sequence[str], index: int) -> Position:
    # Behind a last line without an end there is no line to begin.
    if index == len(lines) and lines and not lines[-1].endswith(("\n", "\r")):
        return Position(index, len(lines[-1]) + 1)
    return Position(index + 1, 1)
