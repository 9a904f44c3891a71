"""Findings for people: `concise` is a line for each, `full` shows the code and the chain of calls."""

from __future__ import annotations

import difflib
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from leakscan.diagnostics import Diagnostic, FileError, Fix, Position, Severity, Span
from leakscan.files import Source, split_lines

if TYPE_CHECKING:
    from leakscan.fixer import Choice

#: A piece of a line and the name of its style; reporters that know no colours join the pieces.
Segment = tuple[str, str]
Line = list[Segment]

PLAIN = ""
_STYLES = {Severity.HIGH: "high", Severity.MEDIUM: "medium", Severity.LOW: "low"}
_TAB = 4
_WIDEST = 200  # characters of code shown around a finding in a line that a tool wrote
_LONGEST = 8  # lines of code shown for one span


def clean(text: str) -> str:
    """`text` without line ends and control characters, which a path or a program may hold."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def location(path: str, position: Position) -> str:
    """`path:line:column`, or `path:cell 3:line:column` with cells counted from 1 as ruff does."""
    cell = "" if position.cell is None else f"cell {position.cell + 1}:"
    return f"{clean(path)}:{cell}{position.line}:{position.column}"


def error_line(error: FileError) -> str:
    """One line for what could not be checked: `path:line: error: message`."""
    cell = "" if error.cell is None else f":cell {error.cell + 1}"
    line = "" if error.line is None else f":{error.line}"
    return f"{clean(error.path)}{cell}{line}: error: {clean(error.message)}"


def concise(findings: Iterable[Diagnostic]) -> Iterator[Line]:
    """`path:line:column: CODE message`."""
    for item in findings:
        yield [
            (location(item.path, item.span.start), "path"),
            (": ", PLAIN),
            (item.code, _STYLES[item.severity]),
            (f" {clean(item.message)}", PLAIN),
        ]


def full(findings: Iterable[Diagnostic], sources: Mapping[str, Source]) -> Iterator[Line]:
    """Header, code frame, the notes of the chain with their code, and the help line of each finding."""
    frames = _Frames(sources)
    for item in findings:
        yield [
            (location(item.path, item.span.start), "path"),
            (" ", PLAIN),
            (item.code, _STYLES[item.severity]),
            (f" [{item.name}] ", "name"),
            (clean(item.message), "message"),
        ]
        yield from frames.of_finding(item)
        for note in item.chain:
            yield [
                ("  note: ", "note"),
                (location(note.path, note.position), "path"),
                (f": {clean(note.message)}", PLAIN),
            ]
            yield from frames.of_note(note.path, note.position)
        for text in item.help.splitlines():
            yield [("  help: ", "help"), (clean(text), PLAIN)]
        if item.fixes:
            words = ", ".join(f"{fix.strategy} ({fix.applicability.value})" for fix in item.fixes)
            yield [("  fixes: ", "help"), (clean(words), PLAIN)]
        yield []


@dataclass(slots=True)
class _Frames:
    """Cuts the lines around a place out of the programs."""

    sources: Mapping[str, Source]
    _lines: dict[str, list[str]] = field(default_factory=dict)

    def of_finding(self, item: Diagnostic) -> Iterator[Line]:
        yield from self._frame(
            item.path, item.span, before=2, after=1, style=_STYLES[item.severity], mark="^"
        )

    def of_note(self, path: str, position: Position) -> Iterator[Line]:
        yield from self._frame(path, Span(position, position), before=0, after=0, style="note", mark="-")

    def _frame(
        self, path: str, span: Span, *, before: int, after: int, style: str, mark: str
    ) -> Iterator[Line]:
        located = self._locate(path, span)
        if located is None:
            return
        lines, offset, low, high = located
        start, end = span.start.line, min(span.end.line, span.start.line + _LONGEST)
        numbers = [n for n in range(start - before, end + after + 1) if low <= n <= high]
        while numbers and numbers[0] < start and not lines[numbers[0] + offset - 1].strip():
            numbers.pop(0)
        while numbers and numbers[-1] > end and not lines[numbers[-1] + offset - 1].strip():
            numbers.pop()
        width = len(str(numbers[-1])) if numbers else 1
        gutter = " " * (width + 1) + "|"
        yield [(f"  {gutter}", "gutter")]
        for number in numbers:
            text = lines[number + offset - 1]
            first, last = _columns(text, number, span)
            crop = _Crop(text, first if start <= number <= end else 0)
            yield [(f"  {number:>{width}} |", "gutter"), (f" {crop.text}".rstrip(), PLAIN)]
            if start <= number <= end and first < last:
                lead, length = crop.underline(first, last)
                yield [(f"  {gutter} {' ' * lead}", "gutter"), (mark * length, style)]
        if end < span.end.line:
            yield [(f"  {gutter} ...", "gutter")]

    def _locate(self, path: str, span: Span) -> tuple[list[str], int, int, int] | None:
        """The lines of the program, what to add to line numbers, and the first and last of the cell."""
        source = self.sources.get(path)
        if source is None:
            return None
        if path not in self._lines:
            self._lines[path] = split_lines(source.text)
        lines = self._lines[path]
        cell = span.start.cell
        if source.notebook is None or cell is None:
            return (lines, 0, 1, len(lines)) if 0 < span.start.line <= len(lines) else None
        offset = source.notebook.program_line(cell, 1) - 1
        return lines, offset, 1, source.notebook.length(cell, len(lines))


def _columns(text: str, number: int, span: Span) -> tuple[int, int]:
    """The part of a line that the span covers, as 0-based columns; at least one column on its first line."""
    indent = len(text) - len(text.lstrip())
    first = span.start.column - 1 if number == span.start.line else indent
    last = span.end.column - 1 if number == span.end.line else len(text.rstrip())
    if number == span.start.line:
        last = max(last, first + 1)
    return first, last


class _Crop:
    """One line of code as shown: tabs expanded, control characters visible, cut around a column."""

    def __init__(self, text: str, focus: int) -> None:
        self._start = 0
        stop = len(text)
        if stop > _WIDEST:
            self._start = max(0, min(focus - 20, stop - _WIDEST))
            stop = self._start + _WIDEST
        self._shown = [_visible(char) for char in text[self._start : stop]]
        self._head = "..." if self._start else ""
        self._tail = "..." if stop < len(text) else ""
        self.text = self._head + "".join(self._shown) + self._tail

    def underline(self, first: int, last: int) -> tuple[int, int]:
        """Where in `text` the columns begin and how many cells of a terminal they take."""
        first = min(max(first - self._start, 0), len(self._shown))
        last = min(max(last - self._start, 0), len(self._shown))
        lead = len(self._head) + sum(map(_cells, self._shown[:first]))
        return lead, max(sum(map(_cells, self._shown[first:last])), 1)


def _visible(char: str) -> str:
    if char == "\t":
        return " " * _TAB
    return char if char.isprintable() else "?"


def _cells(shown: str) -> int:
    """How many cells of a terminal a character takes: two for most of Chinese, none for accents."""
    if shown.isascii():
        return len(shown)
    if unicodedata.combining(shown):
        return 0
    return 2 if unicodedata.east_asian_width(shown) in "WF" else 1


def fixes(
    findings: Iterable[Diagnostic], applied: Iterable[tuple[str, int, int | None, str, Fix]]
) -> Iterator[Line]:
    """What was fixed, then for each finding what each strategy would do, or why it does not apply."""
    for path, line, cell, code, fix in applied:
        where = location(path, Position(line, 1, cell)).rpartition(":")[0]
        yield [
            ("fixed: ", "help"),
            (where, "path"),
            (f": {code} {fix.strategy}: {clean(fix.message)}", PLAIN),
        ]
    for item in findings:
        yield [(location(item.path, item.span.start), "path"), (f": {item.code} can be fixed by", PLAIN)]
        for fix in item.fixes:
            words = f"{fix.strategy} ({fix.applicability.value}): {fix.message}"
            yield [("  fix: ", "help"), (clean(words), PLAIN)]
        for refusal in item.refusals:
            yield [("  not ", "note"), (clean(f"{refusal.strategy}: {refusal.reason}"), PLAIN)]
        if not item.fixes and not item.refusals:
            yield [("  nothing", PLAIN)]


def fixable(findings: Iterable[Diagnostic], choice: Choice, *, fixing: bool) -> str:
    """How many of the findings --fix, or --unsafe-fixes, would remove; empty for none."""
    found = list(findings)
    safe = sum(choice.safe_fix_of(item) is not None for item in found)
    unsafe = sum(choice.any_fix_of(item) is not None for item in found) - safe
    if fixing:
        hidden = plural(unsafe, "hidden fix", "hidden fixes")
        return f"{hidden} can be enabled with --unsafe-fixes." if unsafe and not choice.unsafe else ""
    if choice.unsafe:
        return f"{safe + unsafe} fixable with --fix --unsafe-fixes." if safe + unsafe else ""
    parts = [f"{safe} fixable with --fix"] if safe else []
    if unsafe:
        parts.append(f"{unsafe} {'more ' if safe else 'fixable '}with --fix --unsafe-fixes")
    return ", ".join(parts) + "." if parts else ""


def diff(path: str, before: bytes, after: bytes) -> Iterator[Line]:
    """The unified diff of a file."""
    old, new = (data.decode("utf-8", "replace").splitlines(keepends=True) for data in (before, after))
    styles = {"+": "added", "-": "removed", "@": "gutter"}
    for line in difflib.unified_diff(old, new, path, path):
        style = "message" if line.startswith(("+++", "---")) else styles.get(line[0], PLAIN)
        yield [(line.rstrip("\r\n"), style)]
        if not line.endswith(("\n", "\r")):
            yield [("\\ No newline at end of file", PLAIN)]


def diff_summary(fixed: int, files: int) -> str:
    """Say what a diff would change."""
    if not files:
        return "No findings would be fixed."
    return f"Would fix {plural(fixed, 'finding')} in {plural(files, 'file')}."


def summary(findings: Iterable[Diagnostic], errors: int, files_checked: int, fixed: int = 0) -> str:
    """Sum up in one line: `Found 3 findings (1 high, 2 medium) in 2 files.` and the like."""
    found = list(findings)
    if fixed:
        left = (
            f"{len(found)} remaining" if not errors else f"{len(found)} remaining, {plural(errors, 'error')}"
        )
        return f"Found {plural(len(found) + fixed, 'finding')} ({fixed} fixed, {left})."
    if found:
        counts = Counter(item.severity for item in found)
        parts = ", ".join(f"{counts[s]} {s.label}" for s in sorted(Severity, reverse=True) if counts[s])
        files = len({item.path for item in found})
        return f"Found {plural(len(found), 'finding')} ({parts}) in {plural(files, 'file')}."
    if errors:
        return f"No findings in {plural(files_checked, 'file')}; {plural(errors, 'error')}."
    return f"All checks passed: {plural(files_checked, 'file')}."


def statistics(findings: Iterable[Diagnostic]) -> Iterator[Line]:
    """How often each rule found something, most frequent first."""
    found = list(findings)
    counts = Counter(item.code for item in found)
    first = {item.code: item for item in reversed(found)}
    width = max((len(str(count)) for count in counts.values()), default=1)
    for code, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])):
        style = _STYLES[first[code].severity]
        yield [
            (f"{count:>{width}}", "message"),
            ("\t", PLAIN),
            (code, style),
            (f"\t{first[code].name}", PLAIN),
        ]


def plural(count: int, word: str, words: str | None = None) -> str:
    """Say `1 file`, `2 files` and so on."""
    return f"{count} {word if count == 1 else words or word + 's'}"
