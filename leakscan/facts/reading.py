"""The text of a module -> its facts: the one place that chooses a parser.

Python's own parser is ten times as fast as LibCST's, which takes over where it fails: at syntax newer than
the Python that runs this, and at what Python refuses for other reasons, such as a number of 5,000 digits. A
text that LibCST alone cannot read is read like any other: see `authority`.
"""

from __future__ import annotations

from leakscan.facts import from_ast
from leakscan.facts.model import ModuleFacts
from leakscan.facts.positions import Nodes
from leakscan.parsing import PARSER_ERRORS, parse_quietly

_TOO_DEEP = "nested too deeply to be analysed"


class UnreadableError(Exception):
    """Raised for a text that is no Python that can be analysed: why, and the 1-based line if there is one."""

    def __init__(self, message: str, line: int | None) -> None:
        super().__init__(message)
        self.message = message
        self.line = line


def read_facts(text: str) -> ModuleFacts:
    """Return the facts of a module. Raises UnreadableError."""
    try:
        return read_by_python(text)
    except PARSER_ERRORS as error:
        return read_by_libcst(text, error)


def read_by_python(text: str) -> ModuleFacts:
    """Return the facts of a module by Python's own parser. Raises PARSER_ERRORS, UnreadableError."""
    tree = parse_quietly(text)
    try:
        return from_ast.summarise(tree)
    except RecursionError as error:
        raise UnreadableError(_TOO_DEEP, None) from error


def read_and_place(text: str) -> tuple[ModuleFacts, Nodes]:
    """Return what `read_by_python` does, and the nodes that facts number. Raises as that does."""
    tree = parse_quietly(text)
    try:
        facts, nodes = from_ast.summarise_and_locate(tree)
    except RecursionError as error:
        raise UnreadableError(_TOO_DEEP, None) from error
    return facts, Nodes(tree, nodes)


def read_by_libcst(text: str, problem: Exception) -> ModuleFacts:
    """Return the facts of a module that Python does not read because of `problem`. Raises UnreadableError."""
    import libcst as cst  # heavy; most texts never get here

    from leakscan.facts import from_libcst

    try:
        return from_libcst.summarise(cst.parse_module(text))
    except RecursionError as error:
        raise UnreadableError(_TOO_DEEP, None) from error
    except from_libcst.PARSER_ERRORS as error:
        line = error.raw_line if isinstance(error, cst.ParserSyntaxError) else None
        # Python's own words are clearer than LibCST's token lists.
        if isinstance(problem, SyntaxError):
            raise UnreadableError(f"syntax error: {problem.msg}", problem.lineno or line) from error
        reason = " ".join((error.message if isinstance(error, cst.ParserSyntaxError) else str(error)).split())
        reason = reason.removeprefix("parser error: ").removeprefix("tokenizer error: ")
        raise UnreadableError(f"LibCST cannot parse this file: {reason}", line) from error


__all__ = ["UnreadableError", "read_and_place", "read_by_libcst", "read_by_python", "read_facts"]
