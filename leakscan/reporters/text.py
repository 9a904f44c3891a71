"""Findings for people: `concise` is a line for each, `full` shows the code and the chain of calls."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping

from leakscan.diagnostics import Diagnostic, FileError, Fix, Position, Severity, Span
from leakscan.edits import lines_of
from leakscan.files import Source, split_lines
from leakscan.records import dataclass, field
from leakscan.reporters.formats import Report

#: A piece of a line and the name of its style; reporters that know no colours join the pieces.
Segment = tuple[str, str]
Line = list[Segment]

PLAIN = ""
_STYLES = {Severity.HIGH: "high", Severity.MEDIUM: "medium", Severity.LOW: "low"}
_TAB = 4
_NARROWEST = 20
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


def error_line(error: FileError, *, level: str = "error") -> str:
    """One line for what could not be checked: `path:line: error: message`."""
    cell = "" if error.cell is None else f":cell {error.cell + 1}"
    line = "" if error.line is None else f":{error.line}"
    return f"{clean(error.path)}{cell}{line}: {level}: {clean(error.message)}"


@dataclass(frozen=True, slots=True)
class Fixes:
    """What is said about the fixes of findings.

    fixable: whether `--fix` would fix one, which is marked by `[*]`. declined: the strategy that was chosen
    for one and does not apply, and why. explain: show what each strategy does, or why it does not apply.
    """

    fixable: Callable[[Diagnostic], bool] = field(default=lambda _: False)
    declined: Callable[[Diagnostic], tuple[str, str] | None] = field(default=lambda _: None)
    explain: bool = False

    def mark(self, item: Diagnostic) -> Line:
        """`[*]` for a finding that `--fix` would fix."""
        return [(" ", PLAIN), ("[*]", "help")] if self.fixable(item) else []

    def lines(self, item: Diagnostic) -> Iterator[Line]:
        """One line with the names of the strategies, or one for each of them."""
        if self.explain:
            for fix in item.fixes:
                words = f"{fix.strategy} ({fix.label}): {fix.message}"
                yield [("  fix: ", "help"), (clean(words), PLAIN)]
            for refusal in item.refusals:
                yield [("  no fix: ", "note"), (clean(f"{refusal.strategy}: {refusal.reason}"), PLAIN)]
            return
        if item.fixes:
            words = ", ".join(f"{fix.strategy} ({fix.label})" for fix in item.fixes)
            yield [("  fixes: ", "help"), (clean(words), PLAIN)]
        if declined := self.declined(item):
            yield [("  no fix: ", "note"), (clean(": ".join(declined)), PLAIN)]


NO_FIXES = Fixes()


def report_full(report: Report) -> Iterator[Line]:
    """The format `full`."""
    return full(report.findings, report.sources, report.fixes, report.width)


def report_concise(report: Report) -> Iterator[Line]:
    """The format `concise`."""
    return concise(report.findings, report.fixes)


def report_grouped(report: Report) -> Iterator[Line]:
    """The format `grouped`: the findings of each file below its name."""
    path = None
    for item in report.findings:
        if item.path != path:
            if path is not None:
                yield []
            path = item.path
            yield [(f"{clean(path)}:", "path")]
        start = item.span.start
        cell = "" if start.cell is None else f"cell {start.cell + 1}:"
        yield [
            (f"  {cell}{start.line}:{start.column} ", "gutter"),
            (item.code, _STYLES[item.severity]),
            *report.fixes.mark(item),
            *_advice(item),
            (f" {clean(item.message)}", PLAIN),
        ]
        if report.fixes.explain:
            yield from report.fixes.lines(item)
    if path is not None:
        yield []


def _advice_last(findings: Iterable[Diagnostic]) -> list[Diagnostic]:
    return sorted(findings, key=lambda item: item.is_advice)


def concise(findings: Iterable[Diagnostic], fixes: Fixes = NO_FIXES) -> Iterator[Line]:
    """`path:line:column: CODE message`, with ` [*]` after the code of what `--fix` would fix; advice last."""
    for item in _advice_last(findings):
        yield [
            (location(item.path, item.span.start), "path"),
            (": ", PLAIN),
            (item.code, _STYLES[item.severity]),
            *fixes.mark(item),
            *_advice(item),
            (f" {clean(item.message)}", PLAIN),
        ]
        if fixes.explain:
            yield from fixes.lines(item)


def full(
    findings: Iterable[Diagnostic],
    sources: Mapping[str, Source],
    fixes: Fixes = NO_FIXES,
    width: int | None = None,
) -> Iterator[Line]:
    """Header, code frame, the notes of the chain with their code, help and fixes; advice in one line each."""
    frames = _Frames(sources, width)
    advised = False
    for item in _advice_last(findings):
        yield [
            (location(item.path, item.span.start), "path"),
            (" ", PLAIN),
            (item.code, _STYLES[item.severity]),
            *fixes.mark(item),
            (f" [{item.name}]", "name"),
            *_advice(item),
            (f" {clean(item.message)}", PLAIN if item.is_advice else "message"),
        ]
        if item.is_advice:
            advised = True
            if fixes.explain or fixes.declined(item):
                yield from fixes.lines(item)
            continue
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
        yield from fixes.lines(item)
        yield []
    if advised:
        yield []


def _advice(item: Diagnostic) -> Line:
    return [(" advice:", "low")] if item.is_advice else []


@dataclass(slots=True)
class _Frames:
    """Cuts the lines around a place out of the programs."""

    sources: Mapping[str, Source]
    width: int | None = None
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
        # Two blanks, the gutter and a blank stand before the code.
        widest = _WIDEST if self.width is None else max(self.width - len(gutter) - 3, _NARROWEST)
        # Lines before the span are cut where it is, so that they stand above each other.
        shown_from = span.start.column - 1
        yield [(f"  {gutter}", "gutter")]
        for number in numbers:
            text = lines[number + offset - 1]
            first, last = _columns(text, number, span)
            crop = _Crop(text, first if start <= number <= end else shown_from, widest)
            if number == start:
                shown_from = first
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
        # Behind the end of the last line, split_lines has an empty one.
        return lines, offset, 1, source.notebook.length(cell, len(lines) - 1)


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

    def __init__(self, text: str, focus: int, widest: int) -> None:
        self._start = 0
        stop = len(text)
        if sum(_cells(_visible(char)) for char in text) > widest:
            room = widest - len("......")
            self._start = max(0, focus - min(20, room // 3))
            stop, cells = self._start, 0
            while stop < len(text) and cells + _cells(_visible(text[stop])) <= room:
                cells += _cells(_visible(text[stop]))
                stop += 1
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


def cells_of(text: str) -> int:
    """How many cells of a terminal a text takes."""
    return len(text) if text.isascii() else sum(map(_cells, text))


def applied(made: Iterable[tuple[str, int | None, int, str, Fix]]) -> Iterator[Line]:
    """The fixes that were made, by file: (path, cell, line, code, fix)."""
    found = list(made)
    if found:
        yield [(f"Fixed {plural(len(found), 'finding')}:", PLAIN)]
    last = None
    for path, cell, line, code, fix in found:
        if path != last:
            yield [("- ", PLAIN), (clean(path), "path"), (":", PLAIN)]
            last = path
        where = f"line {line}" if cell is None else f"cell {cell + 1} line {line}"
        yield [
            (f"    {where}: {code} {fix.strategy} ({fix.applicability.value}): {clean(fix.message)}", PLAIN)
        ]
    if found:
        yield []


def declined(item: Diagnostic, strategy: str, reason: str) -> str:
    """One line for a finding that the strategy chosen for it does not fix."""
    where = location(item.path, item.span.start)
    return f"{where}: note: {item.code} is not fixed by {clean(strategy)}: {clean(reason)}"


def hint(fixable: int, hidden: int, *, fixed: bool) -> str:
    """How many findings `--fix`, or only `--fix --unsafe-fixes`, would fix; empty for none."""
    unsafe = "with --fix --unsafe-fixes"
    if fixable and hidden:
        return f"[*] {fixable} fixable with --fix ({hidden} more {unsafe})."
    if fixable:
        return f"[*] {fixable} fixable with --fix."
    return f"{hidden} {'more ' if fixed else ''}fixable {unsafe}." if hidden else ""


def diff(path: str, before: str, after: str) -> Iterator[Line]:
    """The unified diff of a file, or of a cell of a notebook."""
    import difflib  # other reports need not wait for it

    styles = {"+": "added", "-": "removed", "@": "gutter"}
    for number, line in enumerate(difflib.unified_diff(lines_of(before), lines_of(after), path, path)):
        style = "message" if number < _DIFF_HEADER else styles.get(line[0], PLAIN)
        yield [(line.removesuffix("\n"), style)]
        if not line.endswith(("\n", "\r")):
            yield [("\\ No newline at end of file", PLAIN)]


_DIFF_HEADER = 2  # lines


def diff_summary(fixed: int, files: int, hidden: int) -> str:
    """Say what a diff would change."""
    more = f" ({hidden} more with --unsafe-fixes)" if hidden else ""
    if not files:
        return f"No findings would be fixed{more}."
    return f"Would fix {plural(fixed, 'finding')} in {plural(files, 'file')}{more}."


def summary(findings: Iterable[Diagnostic], errors: int, files_checked: int, fixed: int = 0) -> str:
    """Sum up in one line: `Found 2 findings (2 medium) in 2 files; 1 piece of advice.` and the like."""
    shown = list(findings)
    found = [item for item in shown if not item.is_advice]
    advice = len(shown) - len(found)
    end = f"; {plural(advice, 'piece')} of advice." if advice else "."
    if fixed:
        left = (
            f"{len(found)} remaining" if not errors else f"{len(found)} remaining, {plural(errors, 'error')}"
        )
        return f"Found {plural(len(found) + fixed, 'finding')} ({fixed} fixed, {left}){end}"
    if errors and found:
        end = f"; {plural(errors, 'error')}{end}"
    if found:
        counts = Counter(item.severity for item in found)
        parts = ", ".join(f"{counts[s]} {s.label}" for s in sorted(Severity, reverse=True) if counts[s])
        files = len({item.path for item in found})
        return f"Found {plural(len(found), 'finding')} ({parts}) in {plural(files, 'file')}{end}"
    if errors:
        return f"No findings in {plural(files_checked, 'file')}; {plural(errors, 'error')}{end}"
    return f"All checks passed: {plural(files_checked, 'file')}{end}"


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
