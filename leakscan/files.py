"""From bytes to Python text: what the linter is given, and why a file cannot be checked."""

from __future__ import annotations

import ast
import codecs
import re
from collections.abc import Callable
from itertools import accumulate
from typing import TYPE_CHECKING

from leakscan.diagnostics import Position, Span
from leakscan.parsing import parse_quietly
from leakscan.records import dataclass

if TYPE_CHECKING:
    from leakscan.notebooks import NotebookMap

_LONGEST_HEAD = 4000  # bytes in which a line that names the encoding is looked for

#: LibCST needs some 1.5 s and 100 MB for each megabyte; Python of this size is data that a tool wrote.
MAX_BYTES = 10_000_000


@dataclass(frozen=True, slots=True)
class Source:
    """One Python program as text.

    path: absolute, with forward slashes, unique; imports are resolved by it.
    display: as the user gave it (relative stays relative), with forward slashes.
    text: decoded, without a byte order mark, newlines as in the file; for notebooks the joined cells.
    requested: whether findings are reported here; other sources are context for linking.
    """

    path: str
    display: str
    text: str
    requested: bool
    notebook: NotebookMap | None = None

    def span(self, line: int, column: int, last: int, end: int) -> Span:
        """Return the span from a column, counted from 0, of a line to before a column of the last line."""
        return Span(self._position(line, column), self._position(last, end))

    def _position(self, line: int, column: int) -> Position:
        if self.notebook is None:
            return Position(line, column + 1)
        cell, line = self.notebook.locate(line)
        return Position(line, column + 1, cell)


def split_lines(text: str) -> list[str]:
    """The lines of a program as Python counts them; str.splitlines also splits at form feeds and others."""
    return _NEWLINE.split(text)


_NEWLINE = re.compile(r"\r\n|\r|\n")


class SourceProblemError(Exception):
    """Why a file is not Python text; `line` is 1-based, or None when the whole file is concerned."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.line = line


def decode(data: bytes) -> str:
    """The text of a Python file, by its byte order mark, its PEP 263 cookie, or as UTF-8.

    Raises SourceProblemError when the bytes are not text in that encoding.
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise SourceProblemError("not Python text (UTF-16; Python reads UTF-8)")
    nul = data.find(b"\0")
    if nul >= 0:
        raise SourceProblemError("not Python text (it holds NUL bytes)", _line_of(data, nul))
    encoding = _encoding(data)
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        text = data.decode(encoding)
        if encoding != "utf-8":
            text.encode()  # utf-7 and its like can give lone surrogates, which no parser takes
    except UnicodeDecodeError as error:
        line = _line_of(data, error.start)
        raise SourceProblemError(f"not valid {encoding} (byte 0x{data[error.start]:02x})", line) from error
    except (LookupError, ValueError) as error:  # `# coding: hex` names a codec that does not give text
        raise SourceProblemError(f"encoding {encoding} does not give Python text", 1) from error
    if encoding != "utf-8" and "\0" in text:
        raise SourceProblemError("not Python text (it holds NUL characters)")
    return text


def encode_like(data: bytes, change: Callable[[str], str]) -> bytes:
    """The bytes of a Python file after its text was changed, in the same encoding, with its byte order mark.

    Raises SourceProblemError when the encoding has no place for a new character, or has several ways to
    write the same text, so that lines which are not changed might be.
    """
    text = decode(data)
    encoding = _encoding(data)
    mark = codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b""
    if mark + text.encode(encoding) != data:
        raise SourceProblemError(f"its bytes cannot be kept: {encoding} writes the same text differently")
    changed = change(text)
    try:
        encoded = mark + changed.encode(encoding)
    except UnicodeEncodeError as error:
        char = error.object[error.start]
        raise SourceProblemError(f"{encoding} has no place for the character {char!r}") from error
    if decode(encoded) != changed:  # the cookie is no longer in the first two lines
        raise SourceProblemError(f"the result would not be read as {encoding}")
    return encoded


def _encoding(data: bytes) -> str:
    name = _cookie(data)
    # Beside a byte order mark it counts for nothing.
    if name is None or data.startswith(codecs.BOM_UTF8) or _UTF8.fullmatch(name):
        return "utf-8"
    # Not `tokenize.detect_encoding`: from Python 3.14 on what it cannot decode is UTF-8 to it.
    line = f"# coding: {name}"
    try:
        codecs.lookup(name)
    except LookupError as error:
        raise SourceProblemError(f"unknown encoding: {name}", 1) from error
    try:
        readable = line.encode("ascii").decode(name) == line
    except (LookupError, ValueError):  # `# coding: hex` names a codec that does not give text
        readable = False
    if not readable:  # utf-16, cp037: the line itself would be other characters
        raise SourceProblemError(f"encoding {name} does not give Python text", 1)
    return name


_COOKIE = re.compile(rb"[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_BLANK = re.compile(rb"[ \t\f]*(?:#.*)?")
_UTF8 = re.compile(r"utf[-_]8(?:[-_].*)?", re.IGNORECASE)


def _cookie(data: bytes) -> str | None:
    """The encoding that one of the first two lines names, as PEP 263 says."""
    head = data[:_LONGEST_HEAD].removeprefix(codecs.BOM_UTF8)
    if b"coding" not in head:
        return None
    for line in head.splitlines()[:2]:
        if found := _COOKIE.match(line):
            return found.group(1).decode("ascii")
        if not _BLANK.fullmatch(line):
            return None
    return None


def _line_of(data: bytes, offset: int) -> int:
    return data.count(b"\n", 0, offset) + 1


def nesting_problem(data: bytes | str) -> str | None:
    """Why parsing `data` would overflow the stack or take minutes, or None.

    LibCST's native parser has no limit on nesting, and its time grows with the square of the depth. CPython
    refuses such input at once, so it is asked about the few files that a scan for long lines, deep brackets
    and operators at the ends of lines finds suspicious. Other syntax errors are LibCST's to report.
    """
    text = data if isinstance(data, str) else data.decode("latin-1")
    depth = _bracket_depth(text)
    if depth <= _MAX_BRACKETS // 2 and not _could_be_deep(text):
        return None
    try:
        tree = parse_quietly(text)
    except (RecursionError, MemoryError):
        return _TOO_DEEP
    except SyntaxError as error:
        refused = depth > _MAX_BRACKETS or any(words in str(error.msg) for words in _REFUSALS)
        return _TOO_DEEP if refused else None
    except ValueError:
        return None
    return _TOO_DEEP if _tree_depth(tree) > _MAX_DEPTH else None


_TOO_DEEP = "nested too deeply to be parsed"
_MAX_BRACKETS = 200  # CPython's own limit
_MAX_DEPTH = 3000  # CPython 3.11's limit at the default recursion limit; LibCST takes seconds there
_REFUSALS = ("too many nested", "too many levels of indentation", "parser stack overflow")
_NOT_BRACKETS = bytes(set(range(256)) - set(b"()[]{}"))
_STEP = [(byte in b"([{") - (byte in b")]}") for byte in range(256)]
_LONG_LINE = 1000
_CONTINUED_LINES = 300
_LEADING = re.compile(r"\n[ \t]*(?:[-+*/%|&^~.]|(?:not|and|or|else|elif|lambda|await)\b(?!:))")
_OPERATORS = ("+", "-", "*", "/", "%", "|", "&", "^", "~", "\\", "not", "and", "or", "else")
_TRAILING = tuple(f"{end}\n" for end in _OPERATORS)


def _bracket_depth(text: str) -> int:
    brackets = text.encode("utf-8", "replace").translate(None, _NOT_BRACKETS)
    return max(accumulate(map(_STEP.__getitem__, brackets)), default=0)


def _could_be_deep(text: str) -> bool:
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if max(map(len, text.split("\n"))) > _LONG_LINE:
        return True
    trailing = sum(map(text.count, _TRAILING))
    return trailing > _CONTINUED_LINES or len(_LEADING.findall(text)) > _CONTINUED_LINES


def _tree_depth(tree: ast.AST) -> int:
    """How deep LibCST's tree will be; `a and b and c` is flat here, but nested there."""
    deepest = 0
    pending = [(tree, 0)]
    while pending:
        node, depth = pending.pop()
        deepest = max(deepest, depth)
        below = depth + (len(node.values) if isinstance(node, ast.BoolOp) else 1)
        pending.extend((child, below) for child in ast.iter_child_nodes(node))
    return deepest
