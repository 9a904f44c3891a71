"""Comments that silence findings: `# noqa: CODE`, `# leakscan: ignore[CODE]`, `# leakscan: ignore-file`."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from leakscan.config import did_you_mean
from leakscan.diagnostics import Confidence, Diagnostic, Position, Severity, Span
from leakscan.files import Source

UNUSED_CODE = "LSC001"
UNUSED_NAME = "unused-suppression"
UNUSED_PAGE = f"""\
# {UNUSED_CODE} {UNUSED_NAME}

## What it does
With `--report-unused-suppressions`, reports `# noqa: CODE` and `# leakscan: ignore[CODE]` comments that
silence no finding of that rule, and codes in the latter that no rule has.

## Why is this bad
A comment that outlives its finding hides the next one.

## Example
```python
model = build()  # leakscan: ignore[IMR001]  (outside any loop)
```

## Use instead
Remove the comment, or the code from it. A bare `# noqa` and the codes of other linters are never reported,
nor are codes of rules that did not run.
"""

_WORDS = re.compile(r"noqa|leakscan\s*:", re.IGNORECASE)
_CODE = r"(?:[A-Z]+[0-9]+|[A-Z]{2,})"  # in capitals: what follows may be an explanation
_CODES = rf"{_CODE}(?:[\s,]+{_CODE})*"
_NOQA = re.compile(rf"#\s*(?i:noqa)(?![\w-])(?P<colon>\s*:\s*(?:(?P<codes>{_CODES})\b)?)?")
_OURS = re.compile(
    r"#\s*leakscan\s*:\s*ignore(?P<file>-file)?(?![\w-])(?:\s*\[(?P<codes>[^\]]*)\])?", re.IGNORECASE
)
_COMMENT = re.compile(r"#[^\r\n]*")
_NEWLINE = re.compile(r"\r\n|\r|\n")


@dataclass(slots=True)
class _Suppression:
    """One comment. `codes` None silences every rule; line is 1-based in the program, column 0-based."""

    line: int
    column: int
    text: str
    codes: tuple[str, ...] | None
    whole_file: bool
    is_noqa: bool
    used: set[str] = field(default_factory=set)

    def silences(self, code: str) -> bool:
        if self.codes is None:
            self.used.add(code)
            return True
        matching = [item for item in self.codes if code.startswith(item)]
        self.used.update(matching)
        return bool(matching)


class Suppressions:
    """The suppressing comments of one file. `known` are the codes of all rules."""

    def __init__(self, source: Source, known: Collection[str]) -> None:
        self._source = source
        self._known = frozenset(known)
        self._by_line: dict[int, list[_Suppression]] = {}
        self._whole: list[_Suppression] = []
        self._statements: dict[int, tuple[int, int]] = {}
        if _WORDS.search(source.text):
            self._read(source.text)

    def silences(self, diagnostic: Diagnostic) -> bool:
        """Whether a comment silences the finding: on its first or last line, or those of its statement."""
        silenced = False
        for suppression in self._whole:
            silenced |= suppression.silences(diagnostic.code)
        if self._by_line:
            for line in self._lines_of(diagnostic):
                for suppression in self._by_line.get(line, ()):
                    silenced |= suppression.silences(diagnostic.code)
        return silenced

    def unused(self, enabled: Collection[str]) -> Iterator[Diagnostic]:
        """A diagnostic for each comment that silenced nothing, or names a rule that does not exist.

        `enabled` are the codes that ran here: what silences another rule may be needed elsewhere. A bare
        `# noqa` and the codes of other linters are none of our business.
        """
        for items in (*self._by_line.values(), self._whole):
            for suppression in items:
                message = self._complaint(suppression, frozenset(enabled))
                if message:
                    yield self._diagnostic(suppression, message)

    def _complaint(self, item: _Suppression, enabled: frozenset[str]) -> str | None:
        if item.codes is None:
            return None if item.used or item.is_noqa else f"`{item.text}` suppresses nothing"
        unused = []
        for code in item.codes:
            meant = {known for known in self._known if known.startswith(code)}
            if not meant and not item.is_noqa:
                return f"`{item.text}` names an unknown rule {code!r}{did_you_mean(code, self._known)}"
            if meant & enabled and code not in item.used:
                unused.append(code)
        return f"`{item.text}` suppresses no {' or '.join(unused)}" if unused else None

    def _diagnostic(self, item: _Suppression, message: str) -> Diagnostic:
        cell, line = None, item.line
        if self._source.notebook is not None:
            cell, line = self._source.notebook.locate(item.line)
        start = Position(line, item.column + 1, cell)
        end = Position(line, item.column + 1 + len(item.text), cell)
        return Diagnostic(
            code=UNUSED_CODE,
            name=UNUSED_NAME,
            message=message,
            help="remove the comment, or the code from it",
            severity=Severity.LOW,
            confidence=Confidence.HIGH,
            path=self._source.display,
            span=Span(start, end),
        )

    def _lines_of(self, diagnostic: Diagnostic) -> set[int]:
        start = self._program_line(diagnostic.span.start)
        first, last = self._statements.get(start, (start, start))
        end = self._program_line(diagnostic.span.end)
        # A span that ends in another statement is that of a block, whose lines have findings of their own.
        return {start, first, last} | ({end} if end <= last else set())

    def _program_line(self, position: Position) -> int:
        notebook = self._source.notebook
        if notebook is None or position.cell is None:
            return position.line
        return notebook.program_line(position.cell, position.line)

    def _read(self, text: str) -> None:
        try:
            comments = list(self._tokenized(text))
        except (tokenize.TokenError, SyntaxError, RecursionError):
            self._statements.clear()
            comments = list(_comments_by_regex(text))
        for line, column, comment in comments:
            for suppression in _parse(line, column, comment, self._known):
                if suppression.whole_file:
                    self._whole.append(suppression)
                else:
                    self._by_line.setdefault(line, []).append(suppression)

    def _tokenized(self, text: str) -> Iterator[tuple[int, int, str]]:
        """The comments; notes on the way which lines make up each statement that has several."""
        first = 0
        for token in tokenize.generate_tokens(io.StringIO(text, newline=None).readline):
            if token.type == tokenize.COMMENT:
                yield token.start[0], token.start[1], token.string
            elif token.type == tokenize.NEWLINE:
                last = token.start[0]
                if 0 < first < last:
                    self._statements.update(dict.fromkeys(range(first, last + 1), (first, last)))
                first = 0
            elif not first and token.type not in _OUTSIDE_STATEMENTS:
                first = token.start[0]


_OUTSIDE_STATEMENTS = frozenset({tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER})


def _comments_by_regex(text: str) -> Iterator[tuple[int, int, str]]:
    for number, line in enumerate(_NEWLINE.split(text), 1):
        if match := _COMMENT.search(line):
            yield number, match.start(), match.group()


def _parse(line: int, column: int, comment: str, known: Collection[str]) -> Iterator[_Suppression]:
    for match in _OURS.finditer(comment):
        codes = match.group("codes")
        named = None if codes is None else tuple(code.upper() for code in re.split(r"[\s,]+", codes) if code)
        yield _Suppression(
            line,
            column + match.start(),
            match.group(),
            named,
            whole_file=match.group("file") is not None,
            is_noqa=False,
        )
    for match in _NOQA.finditer(comment):
        if match.group("colon") is None:
            yield _Suppression(
                line, column + match.start(), match.group(), None, whole_file=False, is_noqa=True
            )
            continue
        codes = match.group("codes")
        if codes is None:
            continue  # no list of codes
        named = tuple(code.upper() for code in re.split(r"[\s,]+", codes) if code)
        ours = tuple(code for code in named if any(item.startswith(code) for item in known))
        if ours:
            yield _Suppression(
                line, column + match.start(), match.group().rstrip(), ours, whole_file=False, is_noqa=True
            )
