"""A file that a finding names, as LibCST reads it: its facts decide, and what they number stands somewhere.

This is a second parse. LibCST rejects some programs that Python takes: `class A(metaclass=M, *bases)`. Their
facts and positions are those of Python's own tree, and there is no tree that could be changed.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Mapping
from itertools import accumulate
from typing import get_args

import libcst as cst
from libcst._nodes.internal import CodegenState

from leakscan.facts import from_ast, from_libcst, model
from leakscan.facts.positions import NEWLINE, Range, ranges_of
from leakscan.parsing import parse_quietly
from leakscan.records import dataclass, names_of


@dataclass(frozen=True, slots=True)
class Located:
    """The facts of a module, and where the nodes that they number stand.

    tree, nodes, tokens: for changes; None and empty where LibCST cannot read the text.
    """

    facts: model.ModuleFacts
    ranges: Mapping[int, Range]
    tree: cst.Module | None
    nodes: Mapping[int, cst.CSTNode]
    tokens: Tokens | None


_STATEMENTS = frozenset({cst.SimpleStatementLine, *cst.BaseCompoundStatement.__subclasses__()})


class Tokens(CodegenState):
    """Which tokens each node of a tree begins and ends with, as LibCST writes it.

    LibCST's own provider of positions works them out for each token, with a regular expression, and makes
    three objects for each node: as much again as the parse. Here they are counted, and few become positions.
    """

    def __init__(self, tree: cst.Module) -> None:
        super().__init__(default_indent=tree.default_indent, default_newline=tree.default_newline)
        self.spans: dict[cst.CSTNode, tuple[int, int]] = {}
        #: The whole of each statement, with the lines above it, and how far it is indented.
        self.statements: dict[cst.CSTNode, tuple[int, int, tuple[str, ...]]] = {}
        self._begins: list[int] = []
        tree._codegen(self)  # noqa: SLF001 -- what LibCST's own providers call

    def before_codegen(self, node: cst.CSTNode) -> None:  # noqa: ARG002 -- LibCST's interface
        """Note where a node begins, with all that it owns."""
        self._begins.append(len(self.tokens))

    def after_codegen(self, node: cst.CSTNode) -> None:
        """Note the whole of a node of which no part was said to be what counts."""
        begin = self._begins.pop()
        if type(node) in _STATEMENTS:
            self.statements[node] = begin, len(self.tokens), tuple(self.indent_tokens)
        if node not in self.spans:
            self.spans[node] = begin, len(self.tokens)

    def record_syntactic_position(  # type: ignore[override]
        self,
        node: cst.CSTNode,
        *,
        start_node: cst.CSTNode | None = None,
        end_node: cst.CSTNode | None = None,
    ) -> _Recording:
        """Note what is written within as the part of a node that counts: no whitespace, no comments."""
        return _Recording(self, node, start_node, end_node)

    def pop_trailing_newline(self) -> None:
        """Keep the end of the last line, behind which something may end."""

    def ranges(self, nodes: Mapping[int, cst.CSTNode]) -> dict[int, Range]:
        """Return where some nodes stand."""
        offsets = [0, *accumulate(map(len, self.tokens))]
        starts = [0, *(found.end() for found in NEWLINE.finditer("".join(self.tokens)))]

        def position(token: int) -> tuple[int, int]:
            line = bisect_right(starts, offsets[token])
            return line, offsets[token] - starts[line - 1]

        spans = {number: self.spans[node] for number, node in nodes.items()}
        return {number: (*position(begin), *position(end)) for number, (begin, end) in spans.items()}


class _Recording:
    """What `record_syntactic_position` enters: a generator costs more."""

    __slots__ = ("_begin", "_first", "_last", "_node", "_state")

    def __init__(
        self, state: Tokens, node: cst.CSTNode, first: cst.CSTNode | None, last: cst.CSTNode | None
    ) -> None:
        self._state = state
        self._node = node
        self._first = first
        self._last = last
        self._begin = len(state.tokens)

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        spans = self._state.spans
        begin = self._begin if self._first is None else spans[self._first][0]
        end = len(self._state.tokens) if self._last is None else spans[self._last][1]
        spans[self._node] = begin, end


def locate(text: str, wanted: Collection[int] | None = None) -> Located:
    """Read a module that `read_facts` could read; say where some of the numbered nodes stand, or all."""
    try:
        tree = cst.parse_module(text)
    except from_libcst.PARSER_ERRORS:
        return _located_by_ast(text)
    facts, nodes = from_libcst.summarise_and_locate(tree)
    tokens = Tokens(tree)
    asked = nodes if wanted is None else {number: nodes[number] for number in wanted if number in nodes}
    return Located(facts, tokens.ranges(asked), tree, nodes, tokens)


def _located_by_ast(text: str) -> Located:
    facts, nodes = from_ast.summarise_and_locate(parse_quietly(text))
    return Located(facts, ranges_of(nodes, text), None, {}, None)


_FIELDS: dict[type, tuple[str, ...]] = {
    kind: names_of(kind)
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


__all__ = ["Located", "Tokens", "locate", "same"]
