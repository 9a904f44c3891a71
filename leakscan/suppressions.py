"""Comments that silence findings, those that silence nothing, and those that nobody understands."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Collection, Iterable, Iterator, Mapping

from leakscan.comments import ALL, Comment, Item, Rules, comments_of
from leakscan.diagnostics import Applicability, Confidence, Diagnostic, Fix, Position, Severity, Span
from leakscan.edits import UneditableError, line_edits, lines_of
from leakscan.files import Source
from leakscan.records import dataclass, field

UNUSED_CODE = "LSC001"
UNUSED_NAME = "unused-suppression"
UNCLEAR_CODE = "LSC002"
UNCLEAR_NAME = "unclear-suppression"
_UNUSED_PAGE = f"""\
# {UNUSED_CODE} {UNUSED_NAME}

## What it does
With `--report-unused-suppressions`, reports `# noqa: CODE` and `# leakscan: ignore[CODE]` comments that
silence no finding of that rule.

## Why is this bad
A comment that outlives its finding hides the next one.

## Example
```python
model = build()  # leakscan: ignore[IMR001]  (outside any loop)
```

## Use instead
Remove the comment, or the code from it: `leakscan check --report-unused-suppressions --fix` does both. A bare
`# noqa` and the codes of other linters are never reported, nor are codes of rules that did not run.

## Fix safety
Safe: only the comment changes. What is written behind the codes of a comment goes with it.
"""
_UNCLEAR_PAGE = f"""\
# {UNCLEAR_CODE} {UNCLEAR_NAME}

## What it does
Reports comments that seem to silence findings and do not: `# leakscan: ignore(UTR001)`, `# leakscan: ignore
UTR001`, a misspelt word, and codes and names that no rule has.

## Why is this bad
Such a comment silences nothing, though whoever wrote it believes that it does.

## Example
```python
model = build()  # leakscan: ignore(IMR001)
```

## Use instead
```python
model = build()  # leakscan: ignore[IMR001] memory is plenty here
```

`# leakscan: ignore` silences every rule, and must stand alone; a reason goes behind brackets, or behind
another `#`. Codes, their prefixes (`IMR`) and names (`model-rebuilt-in-loop`) may be in small letters. Lists
of `# noqa` are shared with other linters: of them only words that look like codes of leakscan are reported.
"""

#: What leakscan reports about comments itself, without a rule folder: code -> name.
OWN_NAMES: Mapping[str, str] = {UNUSED_CODE: UNUSED_NAME, UNCLEAR_CODE: UNCLEAR_NAME}
OWN_PAGES: Mapping[str, str] = {UNUSED_CODE: _UNUSED_PAGE, UNCLEAR_CODE: _UNCLEAR_PAGE}

_MENTIONED = re.compile(r"noqa|leakscan(?:\s*:|[\s-]+ig)", re.IGNORECASE)
_OURS = re.compile(r"#\s*leakscan(?:\s*:|[\s-]+ig)", re.IGNORECASE)
_COMMENT = re.compile(r"#[^\r\n]*")
_NEWLINE = re.compile(r"\r\n|\r|\n")


def may_be_unclear(source: Source) -> bool:
    """Whether a program has comments that are meant for leakscan alone."""
    return _OURS.search(source.text) is not None


@dataclass(slots=True)
class _Suppression:
    """One comment, and what it silenced: `used` holds the prefixes that did, or ALL for a bare comment."""

    comment: Comment
    used: set[str] = field(default_factory=set)

    def silences(self, code: str) -> bool:
        if self.comment.problem is not None:
            return False
        if self.comment.items is None:
            self.used.add(ALL)
            return True
        prefixes = {item.prefix for item in self.comment.items if item.prefix is not None}
        matching = {prefix for prefix in prefixes if prefix == ALL or code.startswith(prefix)}
        self.used |= matching
        return bool(matching)

    def unused(self, codes: Collection[str]) -> list[Item]:
        """What it names in vain, though one of the rules that are meant ran."""
        return [
            item
            for item in self.comment.items or ()
            if item.prefix is not None
            and item.prefix not in self.used
            and any(item.prefix == ALL or code.startswith(item.prefix) for code in codes)
        ]


class Suppressions:
    """The suppressing comments of one file. `names` are those of all rules, by code."""

    def __init__(self, source: Source, names: Mapping[str, str]) -> None:
        self._source = source
        self._rules = Rules(names)
        self._all: list[_Suppression] = []
        self._by_line: dict[int, list[_Suppression]] = {}
        self._whole: list[_Suppression] = []
        self._statements: dict[int, tuple[int, int]] = {}
        if _MENTIONED.search(source.text):
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
        """A diagnostic for each comment that silenced nothing, with a fix that takes it out.

        `enabled` are the codes that ran here: what silences another rule may be needed elsewhere. A bare
        `# noqa` and the codes of other linters are none of our business.
        """
        for suppression in self._all:
            comment = suppression.comment
            if comment.items is None:
                if not (suppression.used or comment.is_noqa):
                    message = f"`{comment.text}` suppresses nothing"
                    yield self._unused(comment, message, self._without(comment, ()))
            elif items := suppression.unused(enabled):
                message = f"`{comment.text}` suppresses no {' or '.join(item.text for item in items)}"
                yield self._unused(comment, message, self._without(comment, items))

    def unclear(self) -> Iterator[Diagnostic]:
        """A diagnostic for each comment that is not understood, or names what no rule is called."""
        for suppression in self._all:
            comment = suppression.comment
            if comment.problem is not None:
                yield self._diagnostic(
                    UNCLEAR_CODE, comment, f"`{comment.text}` {comment.problem}", comment.remedy
                )
                continue
            for item in comment.items or ():
                if item.prefix is None and (not comment.is_noqa or self._rules.is_family(item.text)):
                    message = f"`{comment.text}` names an unknown rule {item.text!r}"
                    hint = self._rules.hint(item.text)
                    yield self._diagnostic(
                        UNCLEAR_CODE, comment, message + hint, "correct the code, or remove it"
                    )

    def _unused(self, comment: Comment, message: str, fixes: tuple[Fix, ...]) -> Diagnostic:
        remedy = "remove the comment, or the code from it"
        return self._diagnostic(UNUSED_CODE, comment, message, remedy, fixes)

    def _without(self, comment: Comment, items: Collection[Item]) -> tuple[Fix, ...]:
        """The fix that takes these items out of a comment, or the comment where none is left."""
        lines = lines_of(self._source.text)
        before = lines[comment.line - 1]
        left = [item for item in comment.items or () if item not in items]
        if left:
            after = _with_items(before, comment, left)
            message = f"remove {', '.join(item.text for item in items)} from the comment"
        else:
            after = _without_comment(before, comment)
            message = "remove the comment"
        lines[comment.line - 1] = after
        try:
            edits = line_edits(self._source, "".join(lines))
        except UneditableError:
            return ()
        return (Fix("remove", Applicability.SAFE, message, edits),)

    def _diagnostic(
        self, code: str, comment: Comment, message: str, remedy: str, fixes: tuple[Fix, ...] = ()
    ) -> Diagnostic:
        cell, line = None, comment.line
        if self._source.notebook is not None:
            cell, line = self._source.notebook.locate(comment.line)
        start = Position(line, comment.start + 1, cell)
        end = Position(line, comment.start + 1 + len(comment.text), cell)
        return Diagnostic(
            code=code,
            name=OWN_NAMES[code],
            message=message,
            help=remedy,
            # It costs nothing; who asked for it wants to hear of it all the same.
            severity=Severity.MEDIUM,
            confidence=Confidence.HIGH,
            path=self._source.display,
            span=Span(start, end),
            fixes=fixes,
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
            for found in comments_of(comment, line, column, self._rules):
                suppression = _Suppression(found)
                self._all.append(suppression)
                if found.whole_file:
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


def _with_items(line: str, comment: Comment, left: Iterable[Item]) -> str:
    """The line where a comment names no others than these, separated as it separates them."""
    items = comment.items or ()
    separator = line[items[0].end : items[1].start]
    return line[: items[0].start] + separator.join(item.text for item in left) + line[items[-1].end :]


def _without_comment(line: str, comment: Comment) -> str:
    """The line without the comment and the blanks before it; nothing where nothing else is in it."""
    end = line[len(line.rstrip("\r\n")) :]
    before, after = line[: comment.start], line[comment.end :].strip()
    if after:
        return before + after + end
    return before.rstrip() + end if before.strip() else ""
