"""A tree -> its text, where the tree is another one with some changes: what they share is written once.

LibCST writes a node token by token, which costs a third of what parsing costs; a fix changes a few lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import libcst as cst
from libcst._nodes.internal import CodegenState

#: Where compound statements hold blocks, and what holds blocks itself: `else`, `except`, `elif`.
_BLOCKS = ("body", "handlers", "orelse", "finalbody")
_HOLDERS = (cst.If, cst.Else, cst.ExceptHandler, cst.ExceptStarHandler, cst.Finally)
_Indents = tuple[str, ...]

if TYPE_CHECKING:
    from leakscan.facts.authority import Tokens


class _Text:
    """Stands for a statement in a block: all that LibCST asks of one, while it writes, is its text."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def _codegen(self, state: CodegenState) -> None:
        state.add_token(self._text)


class Writer:
    """Writes trees that were made from one, of which the tokens are known."""

    def __init__(self, tree: cst.Module, tokens: Tokens) -> None:
        self._tree = tree
        self._tokens = tokens
        self._texts: dict[tuple[cst.CSTNode, _Indents], str] = {}

    def text(self, tree: cst.Module) -> str:
        """Return what `tree.code` is."""
        body = self._body(tree.body, ())
        if not tree.has_trailing_newline and body and not tree.footer:
            # LibCST takes the last token away, the end of the last line.
            body[-1] = tree.body[-1]
        return tree.with_changes(body=body).code

    def _body(self, body: Sequence[cst.CSTNode], indents: _Indents) -> list[object]:
        return [self._statement(item, indents) for item in body]

    def _statement(self, statement: cst.CSTNode, indents: _Indents) -> object:
        written = self._tokens.statements.get(statement)
        if written is None:
            return self._held(statement, indents)
        begin, end, own = written
        if own == indents:
            return _Text("".join(self._tokens.tokens[begin:end]))
        known = self._texts.get((statement, indents))
        if known is None:  # moved to another depth
            state = CodegenState(
                default_indent=self._tree.default_indent,
                default_newline=self._tree.default_newline,
                indent_tokens=list(indents),
            )
            statement._codegen(state)  # noqa: SLF001 -- `code_for_node` knows of no indentation
            known = self._texts[statement, indents] = "".join(state.tokens)
        return _Text(known)

    def _held(self, node: cst.CSTNode, indents: _Indents) -> cst.CSTNode:
        """Return a node with texts in the place of the statements in it that are shared."""
        if isinstance(node, cst.SimpleStatementLine | cst.Match):
            return node
        changes: dict[str, object] = {}
        for name in _BLOCKS:
            value = getattr(node, name, None)
            if isinstance(value, cst.IndentedBlock):
                changes[name] = self._block(value, indents)
            elif isinstance(value, _HOLDERS):
                changes[name] = self._held(value, indents)
            elif name == "handlers" and value:
                changes[name] = [self._held(item, indents) for item in value]
        return node.with_changes(**changes)

    def _block(self, block: cst.IndentedBlock, indents: _Indents) -> cst.IndentedBlock:
        own = self._tree.default_indent if block.indent is None else block.indent
        return block.with_changes(body=self._body(block.body, (*indents, own)))


__all__ = ["Writer"]
