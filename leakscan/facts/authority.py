"""A file that a finding names, as LibCST reads it: its facts decide, and what they number stands somewhere.

This is a second parse. LibCST rejects some programs that Python takes: `class A(metaclass=M, *bases)`. Their
facts and positions are those of Python's own tree, and there is no tree that could be changed.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from typing import get_args

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider

from leakscan.facts import from_ast, from_libcst, model
from leakscan.parsing import parse_quietly

#: First line (from 1), its column (from 0), last line, the column after the last character.
Range = tuple[int, int, int, int]
_DEFINED = re.compile(r"(?:async[ \t]+)?(?:def|class)[ \t]+(\w+)")
_NEWLINE = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Located:
    """The facts of a module, and where the nodes that they number stand.

    tree, nodes: for changes; None and empty where LibCST cannot read the text.
    """

    facts: model.ModuleFacts
    ranges: Mapping[int, Range]
    tree: cst.Module | None
    nodes: Mapping[int, cst.CSTNode]


class _Wrapper(MetadataWrapper):
    """A module with what LibCST says of its nodes, without a walk that nobody takes part in.

    LibCST walks the whole tree for providers that share a walk, also where there are none, as for positions:
    that took a third of the time that finding the positions takes.
    """

    def visit_batched(
        self,
        visitors: Iterable[cst.BatchableCSTVisitor],
        before_visit: Callable[[cst.CSTNode], None] | None = None,
        after_leave: Callable[[cst.CSTNode], None] | None = None,
    ) -> cst.CSTNode:
        """Walk the tree for some visitors, if there are any."""
        taking_part = list(visitors)
        if not taking_part:
            return self.module
        return super().visit_batched(taking_part, before_visit, after_leave)


def locate(text: str) -> Located:
    """Read a module that `read_facts` could read."""
    try:
        tree = cst.parse_module(text)
    except from_libcst.PARSER_ERRORS:
        return _located_by_ast(text)
    wrapper = _Wrapper(tree, unsafe_skip_copy=True)
    facts, nodes = from_libcst.summarise_and_locate(wrapper.module)
    positions = wrapper.resolve(PositionProvider)
    ranges: dict[int, Range] = {}
    for number, node in nodes.items():
        start, end = positions[node].start, positions[node].end
        ranges[number] = (start.line, start.column, end.line, end.column)
    return Located(facts, ranges, wrapper.module, nodes)


def _located_by_ast(text: str) -> Located:
    facts, nodes = from_ast.summarise_and_locate(parse_quietly(text))
    lines = _NEWLINE.split(text)
    return Located(facts, {number: _range(node, lines) for number, node in nodes.items()}, None, {})


def _range(node: ast.AST, lines: list[str]) -> Range:
    if not isinstance(node, ast.stmt | ast.expr):
        return (1, 0, len(lines), len(lines[-1]))
    line, last = node.lineno, node.end_lineno or node.lineno
    column = _characters(lines[line - 1], node.col_offset)
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        # The name stands for what it names, as in `from_libcst`.
        name = _DEFINED.match(lines[line - 1], column)
        return (line, column, line, column) if name is None else (line, name.start(1), line, name.end(1))
    return (line, column, last, _characters(lines[last - 1], node.end_col_offset or 0))


def _characters(line: str, offset: int) -> int:
    """Return the column of an offset in the UTF-8 bytes of a line."""
    return offset if line.isascii() else len(line.encode()[:offset].decode())


_FIELDS: dict[type, tuple[str, ...]] = {
    kind: tuple(item.name for item in fields(kind))
    for kind in (
        *get_args(model.Expr),
        *get_args(model.Stmt),
        model.Parameter,
        model.FunctionFacts,
        model.ClassFacts,
        model.ModuleFacts,
    )
}


def same(first: object, second: object) -> bool:
    """Whether facts are equal: `==` would recurse with the nesting of the code, and takes `1` for `True`."""
    pending = [(first, second)]
    while pending:
        one, other = pending.pop()
        if one is other:
            continue
        if type(one) is not type(other):
            return False
        names = _FIELDS.get(type(one))
        if names is not None:
            pending.extend((getattr(one, name), getattr(other, name)) for name in names)
        elif isinstance(one, list | tuple) and isinstance(other, list | tuple):
            if len(one) != len(other):
                return False
            pending.extend(zip(one, other, strict=True))
        elif one != other:
            return False
    return True


__all__ = ["Located", "Range", "locate", "same"]
