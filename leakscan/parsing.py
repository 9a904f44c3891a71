"""Python's own parser, without its warnings."""

from __future__ import annotations

import ast
import threading
import warnings

#: Filters of warnings are of the whole process: two threads that silence them at once would mix them up.
_LOCK = threading.Lock()


def parse_quietly(text: str) -> ast.Module:
    """Return the tree of a program. Raises SyntaxError, ValueError, RecursionError and MemoryError."""
    with _LOCK, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(text)


__all__ = ["parse_quietly"]
