"""Where the nodes that facts number stand, by Python's own tree: no LibCST, which takes ten times as long."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Collection, Mapping

from leakscan.facts import from_ast
from leakscan.parsing import PARSER_ERRORS, parse_quietly
from leakscan.records import dataclass

#: First line (from 1), its column (from 0), last line, the column after the last character.
Range = tuple[int, int, int, int]
NEWLINE = re.compile(r"\r\n|\r|\n")
_DEFINED = re.compile(r"(?:async[ \t]+)?(?:def|class)[ \t]+(\w+)")
#: Python counts the parentheses around these, LibCST does not: `f(x for x in y)`, `(a, b)`.
_PARENTHESISED = (ast.GeneratorExp, ast.Tuple)
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
#: Before Python 3.12, places within f-strings are not those of the file.
_F_STRINGS_APART = sys.version_info < (3, 12)


@dataclass(frozen=True, slots=True)
class Nodes:
    """The tree of a module, and its nodes by the numbers that facts have."""

    tree: ast.Module
    by_number: Mapping[int, ast.AST]


def nodes_of(text: str) -> Nodes | None:
    """Return the nodes of a module; None where Python does not read it."""
    try:
        tree = parse_quietly(text)
        return Nodes(tree, from_ast.summarise_and_locate(tree)[1])
    except PARSER_ERRORS:
        return None


def ranges_as_libcst(text: str, nodes: Nodes, wanted: Collection[int]) -> dict[int, Range] | None:
    """Return where some of the numbered nodes stand; None where LibCST might place one of them elsewhere."""
    if "\f" in text:  # LibCST leaves out form feeds, and counts columns without them
        return None
    asked = {number: nodes.by_number[number] for number in wanted if number in nodes.by_number}
    if len(asked) < len(wanted) or any(isinstance(node, _PARENTHESISED) for node in asked.values()):
        return None
    if _F_STRINGS_APART and not _within_f_strings(nodes.tree).isdisjoint(map(id, asked.values())):
        return None
    found = ranges_of(asked, text)
    nameless = any(
        isinstance(asked[number], _DEFINITIONS) and place[:2] == place[2:] for number, place in found.items()
    )
    return None if nameless else found


def ranges_of(nodes: Mapping[int, ast.AST], text: str) -> dict[int, Range]:
    """Return where nodes of the tree of a text stand."""
    lines = NEWLINE.split(text)
    return {number: _range(node, lines) for number, node in nodes.items()}


def _within_f_strings(tree: ast.Module) -> set[int]:
    strings = (node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr))
    return {id(node) for string in strings for node in ast.walk(string)}


def _range(node: ast.AST, lines: list[str]) -> Range:
    if not isinstance(node, ast.stmt | ast.expr):
        return (1, 0, len(lines), len(lines[-1]))
    line, last = node.lineno, node.end_lineno or node.lineno
    column = _characters(lines[line - 1], node.col_offset)
    if isinstance(node, _DEFINITIONS):
        # The name stands for what it names, as in `from_libcst`.
        name = _DEFINED.match(lines[line - 1], column)
        return (line, column, line, column) if name is None else (line, name.start(1), line, name.end(1))
    return (line, column, last, _characters(lines[last - 1], node.end_col_offset or 0))


def _characters(line: str, offset: int) -> int:
    """Return the column of an offset in the UTF-8 bytes of a line."""
    return offset if line.isascii() else len(line.encode()[:offset].decode())


__all__ = ["NEWLINE", "Nodes", "Range", "nodes_of", "ranges_as_libcst", "ranges_of"]
