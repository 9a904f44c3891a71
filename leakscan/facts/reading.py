"""The text of a module -> its facts: the one place that chooses a parser."""

from __future__ import annotations

import libcst as cst

from leakscan.facts.from_libcst import summarise
from leakscan.facts.model import ModuleFacts
from leakscan.parsing import parse_quietly


class UnreadableError(Exception):
    """Raised for a text that is no Python that can be analysed: why, and the 1-based line if there is one."""

    def __init__(self, message: str, line: int | None) -> None:
        super().__init__(message)
        self.message = message
        self.line = line


def read_facts(text: str, path: str) -> ModuleFacts:
    """Return the facts of a module whose file is `path`. Raises UnreadableError."""
    try:
        return summarise(cst.parse_module(text), path)
    except cst.ParserSyntaxError as error:
        raise UnreadableError(*_syntax_problem(text, error)) from error
    except RecursionError as error:
        raise UnreadableError("nested too deeply to be analysed", None) from error


def _syntax_problem(source: str, error: cst.ParserSyntaxError) -> tuple[str, int]:
    """Return message and line of a syntax error: Python's own words are clearer than LibCST's token lists."""
    try:
        parse_quietly(source)
    except SyntaxError as problem:
        return f"syntax error: {problem.msg}", problem.lineno or error.raw_line
    except (ValueError, RecursionError, MemoryError):
        pass
    reason = " ".join(error.message.split()).removeprefix("parser error: ").removeprefix("tokenizer error: ")
    return f"LibCST cannot parse this file: {reason}", error.raw_line


__all__ = ["UnreadableError", "read_facts"]
