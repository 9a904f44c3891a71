"""Findings -> `# noqa: CODE` comments that silence them, for projects that begin with many."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterable

from leakscan.diagnostics import Diagnostic, Edit, FileError
from leakscan.edits import UneditableError, apply_edits, line_edits, lines_of
from leakscan.files import Source, SourceProblemError, encode_like
from leakscan.fixer import Changed
from leakscan.notebooks import edit_cells
from leakscan.records import dataclass, field
from leakscan.runner import CheckResult
from leakscan.suppressions import OWN_NAMES

_LIST = re.compile(r"#\s*(?i:noqa)\s*:\s*(?P<codes>[A-Za-z]+[0-9]+(?:(?:\s*,\s*|\s+)[A-Z]+[0-9]+)*)")
_STRING_BEGINS = frozenset(
    getattr(tokenize, name) for name in ("FSTRING_START", "TSTRING_START") if hasattr(tokenize, name)
)
_STRING_ENDS = frozenset(
    getattr(tokenize, name) for name in ("FSTRING_END", "TSTRING_END") if hasattr(tokenize, name)
)


@dataclass(frozen=True, slots=True)
class Added:
    """What adding comments comes to: how many lines get one, the changed files, and what cannot have one."""

    count: int
    changed: tuple[Changed, ...]
    errors: tuple[FileError, ...]


def with_noqa(result: CheckResult) -> Added:
    """Work out the comments that silence the findings of a check; nothing is written, see `fixer.write`."""
    by_path: dict[str, list[Diagnostic]] = {}
    for item in result.findings:
        # A comment about a comment would be the next finding.
        if item.code not in OWN_NAMES:
            by_path.setdefault(item.path, []).append(item)
    count, changed, errors = 0, [], []
    for path, items in sorted(by_path.items()):
        source = result.sources[path]
        try:
            lines, edits = _edits(source, items)
            with open(source.path, "rb") as stream:
                before = stream.read()
            after = _edited(source, before, edits)
        except (UneditableError, SourceProblemError) as problem:
            errors.append(FileError(path, f"cannot be given comments: {problem}"))
        except OSError as problem:
            errors.append(FileError(path, f"cannot be given comments: {problem.strerror}"))
        else:
            count += lines
            changed.append(Changed(source.path, path, before, after))
    return Added(count, tuple(changed), tuple(errors))


def _edits(source: Source, items: Iterable[Diagnostic]) -> tuple[int, tuple[Edit, ...]]:
    """How many lines get a comment, and the edits of a program that add them."""
    layout = _layout(source.text)
    codes: dict[int, set[str]] = {}
    for item in items:
        start = item.span.start
        line = start.line
        if source.notebook is not None and start.cell is not None:
            line = source.notebook.program_line(start.cell, start.line)
        codes.setdefault(layout.place_for(line), set()).add(item.code)
    lines = lines_of(source.text)
    for line, own in codes.items():
        lines[line - 1] = _commented(lines[line - 1], layout.comments.get(line), sorted(own))
    return len(codes), line_edits(source, "".join(lines))


def _edited(source: Source, data: bytes, edits: tuple[Edit, ...]) -> bytes:
    if source.notebook is not None:
        return edit_cells(data, edits)
    return encode_like(data, lambda text: apply_edits(text, edits))


def _commented(line: str, comment: int | None, codes: list[str]) -> str:
    """The line with the codes in its list, or in a comment of their own; `comment`: the column of its own."""
    match = None if comment is None else _LIST.search(line, comment)
    if match is not None:
        known = {code.upper() for code in re.split(r"[\s,]+", match.group("codes"))}
        more = [code for code in codes if code not in known]
        return "".join((line[: match.end()], *(f", {code}" for code in more), line[match.end() :]))
    text = line.rstrip("\r\n")
    return f"{text.rstrip()}  # noqa: {', '.join(codes)}{line[len(text) :]}"


@dataclass(slots=True)
class _Layout:
    """Where lines may end in a comment.

    comments: line -> the column (0-based) of its comment. closed: lines that end within a string or in a
    backslash. last: a line of a statement of several -> its last one.
    """

    comments: dict[int, int] = field(default_factory=dict)
    closed: set[int] = field(default_factory=set)
    last: dict[int, int] = field(default_factory=dict)

    def place_for(self, line: int) -> int:
        """The line whose comment silences what begins at `line`."""
        return self.last.get(line, line) if line in self.closed else line


def _layout(text: str) -> _Layout:
    layout = _Layout()
    first = 0
    opened: list[int] = []
    for number, line in enumerate(lines_of(text), 1):
        if line.rstrip("\r\n").endswith("\\"):
            layout.closed.add(number)
    try:
        for token in tokenize.generate_tokens(io.StringIO(text, newline=None).readline):
            row, end = token.start[0], token.end[0]
            if token.type == tokenize.COMMENT:
                layout.comments[row] = token.start[1]
                layout.closed.discard(row)
            elif token.type in _STRING_BEGINS:
                opened.append(row)
            elif token.type in _STRING_ENDS and opened:
                layout.closed.update(range(opened.pop(), end))
            elif token.type == tokenize.STRING:
                layout.closed.update(range(row, end))
            if token.type == tokenize.NEWLINE:
                _note(layout.last, first, row)
                first = 0
            elif not first and token.type not in _BETWEEN:
                first = row
    except (tokenize.TokenError, SyntaxError) as error:
        raise UneditableError("its lines cannot be told apart") from error
    return layout


_BETWEEN = frozenset(
    {tokenize.NL, tokenize.COMMENT, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER, tokenize.NEWLINE}
)


def _note(last: dict[int, int], first: int, row: int) -> None:
    if 0 < first < row:
        last.update(dict.fromkeys(range(first, row + 1), row))


__all__ = ["Added", "with_noqa"]
