"""From bytes to Python text: what the linter is given, and why a file cannot be checked."""

from __future__ import annotations

import codecs
import io
import re
import tokenize
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from leakscan.notebooks import NotebookMap

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


@dataclass(frozen=True, slots=True)
class ProjectSources:
    """The files that matter in one project, sorted by path; `root` is an absolute posix directory."""

    root: str
    sources: tuple[Source, ...]


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


def _encoding(data: bytes) -> str:
    # A cookie counts in the first two lines only; most files have none.
    head = b"\n".join(data[:1000].splitlines()[:2])
    if b"coding" not in head:
        return "utf-8"
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    except SyntaxError as error:
        if "unknown encoding" in str(error):
            name = re.search(rb"coding[:=][ \t]*([-\w.]+)", head)
            shown = name.group(1).decode("ascii") if name else "?"
            raise SourceProblemError(f"unknown encoding: {shown}", 1) from error
        return "utf-8"  # decoding will name the byte and the line
    return "utf-8" if encoding == "utf-8-sig" else encoding


def _line_of(data: bytes, offset: int) -> int:
    return data.count(b"\n", 0, offset) + 1


def nesting_problem(data: bytes | str) -> str | None:
    """Why parsing `data` would crash or hang, or None; cheap, and wrong only for pathological input."""
    return None
