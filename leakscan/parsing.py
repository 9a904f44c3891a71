"""Python's own parser, without its warnings."""

from __future__ import annotations

import ast
import threading
import warnings

#: Filters of warnings are of the whole process: two threads that silence them at once would mix them up.
_LOCK = threading.Lock()
#: What `parse_quietly` raises.
PARSER_ERRORS = (SyntaxError, ValueError, RecursionError, MemoryError)


def parse_quietly(text: str) -> ast.Module:
    """Return the tree of a program. Raises PARSER_ERRORS."""
    with _LOCK, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(text)


__all__ = ["PARSER_ERRORS", "parse_quietly"]
