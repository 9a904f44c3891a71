"""The comments by which examples say what is to be reported."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

_MARK = re.compile(r"#\s*(expect|todo):\s*([A-Z]+[0-9]+(?:\s*,\s*[A-Z]+[0-9]+)*)\s*\Z")
#: (code, path relative to the folder that was scanned, 1-based line)
Site = tuple[str, str, int]


def marked(path: Path, base: Path, kind: str) -> list[Site]:
    """Return the sites that the comments of `kind` ("expect" or "todo") mark below `path`, sorted.

    `path` is a Python file or a folder of them; paths in the result are relative to `base`. Raises
    SyntaxError or tokenize.TokenError for a file that cannot be read as Python.
    """
    sites: list[Site] = []
    for file in python_files(path):
        with tokenize.open(file) as stream:
            text = stream.read()
        for token, match in mark_comments(text):
            if match[1] == kind:
                name = file.relative_to(base).as_posix()
                sites += [(code.strip(), name, token.start[0]) for code in match[2].split(",")]
    return sorted(sites)


def without_marks(text: str) -> str:
    """Return a program without the comments that mark what is expected of it."""
    lines = text.splitlines(keepends=True)
    for token, _ in mark_comments(text):
        row, column = token.start
        line = lines[row - 1]
        lines[row - 1] = line[:column].rstrip() + line[len(line.rstrip("\r\n")) :]
    return "".join(lines)


def mark_comments(text: str) -> Iterator[tuple[tokenize.TokenInfo, re.Match[str]]]:
    """Yield the comments that mark something, with what they say."""
    for token in tokenize.generate_tokens(io.StringIO(text, newline=None).readline):
        if token.type == tokenize.COMMENT and (match := _MARK.match(token.string)):
            yield token, match


def python_files(path: Path) -> list[Path]:
    """Return the Python files of an example."""
    return sorted(path.rglob("*.py")) if path.is_dir() else [path]
