"""What codemods share: finding their way in a tree, and changing it in a few places at once.

Everything is lossless: what is not named in a change keeps its formatting and its comments.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

import libcst as cst

from leakscan.codemods.descent import children, walk
from leakscan.codemods.refusal import RefusedError
from leakscan.codemods.written import Writer
from leakscan.places import Place

if TYPE_CHECKING:
    from leakscan.facts.authority import Tokens
    from leakscan.facts.model import ModuleFacts
    from leakscan.interpreter.project import Project

Block = cst.IndentedBlock | cst.Module
Statement = cst.SimpleStatementLine | cst.BaseCompoundStatement
LOOPS = (cst.For, cst.While)
COMPREHENSIONS = (cst.ListComp, cst.SetComp, cst.DictComp, cst.GeneratorExp)
_Node = TypeVar("_Node", bound=cst.CSTNode)


class Code:
    """A module as a codemod sees it: its tree, its facts, and which node a fact is about.

    tree: the module; `nodes` maps the numbers of facts to its nodes. tokens: what it is written with.
    project, index: the linked project, and the index of this module in it.
    """

    def __init__(
        self,
        tree: cst.Module,
        nodes: Mapping[int, cst.CSTNode],
        project: Project,
        index: int,
        tokens: Tokens,
    ) -> None:
        self.tree = tree
        self.nodes = nodes
        self.project = project
        self.index = index
        self._parents: dict[cst.CSTNode, cst.CSTNode] | None = None
        self._source: str | None = None
        self._writer = Writer(tree, tokens)
        self._numbers: dict[cst.CSTNode, int] | None = None
        self._everything: tuple[cst.CSTNode, ...] | None = None

    @property
    def facts(self) -> ModuleFacts:
        """The facts of the module."""
        return self.project.modules[self.index]

    def node(self, place: Place) -> cst.CSTNode:
        """Return the node of a place. Raises RefusedError when it is in another module."""
        if place.module != self.index:
            path = posixpath.basename(self.project.paths[place.module])
            raise RefusedError(f"the change belongs in another file, {path}")
        return self.nodes[place.node]

    def parent(self, node: cst.CSTNode) -> cst.CSTNode | None:
        """Return the node that holds `node`; None for the module."""
        if self._parents is None:
            self._parents = parents(self.tree)
        return self._parents.get(node)

    def ancestors(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """Yield what holds `node`, from the inside out, the module last."""
        above = self.parent(node)
        while above is not None:
            yield above
            above = self.parent(above)

    def enclosing(self, node: cst.CSTNode, kinds: type[_Node] | tuple[type[_Node], ...]) -> _Node | None:
        """Return the innermost node of one of `kinds` that holds `node`."""
        return next((above for above in self.ancestors(node) if isinstance(above, kinds)), None)

    def function(self, node: cst.CSTNode) -> cst.FunctionDef | cst.Lambda | None:
        """Return the function that `node` runs in; None for the top level."""
        found = self.enclosing(node, (cst.FunctionDef, cst.Lambda))
        assert found is None or isinstance(found, cst.FunctionDef | cst.Lambda)
        return found

    def statement(self, node: cst.CSTNode) -> Statement:
        """Return the statement, itself a line of a block, that holds `node`.

        Raises RefusedError where the statement shares its line with the header of its block.
        """
        below = node
        for above in (node, *self.ancestors(node)):
            if isinstance(above, cst.IndentedBlock | cst.Module) and isinstance(
                below, cst.SimpleStatementLine | cst.BaseCompoundStatement
            ):
                return below
            if isinstance(above, cst.SimpleStatementSuite):
                raise RefusedError("the statement is on the same line as the header of its block")
            below = above
        raise RefusedError("it is not within a statement")

    def block(self, statement: Statement) -> Block:
        """Return the block that `statement` is a line of. Raises RefusedError for an `elif`."""
        holder = self.parent(statement)
        if not isinstance(holder, cst.IndentedBlock | cst.Module):
            raise RefusedError("the statement is not a line of a block")
        return holder

    def text(self, node: cst.CSTNode) -> str:
        """Return the source of `node`, without the whitespace around it."""
        return self.tree.code_for_node(node).strip()

    @property
    def source(self) -> str:
        """The text of the module, as LibCST gives it back."""
        if self._source is None:
            self._source = self.written(self.tree)
        return self._source

    def written(self, tree: cst.Module) -> str:
        """Return the text of a tree that was made from that of the module: `tree.code`, for less."""
        return self._writer.text(tree)

    def number(self, node: cst.CSTNode | None) -> int | None:
        """Return the number that facts give to a node; None for one that they do not number."""
        if self._numbers is None:
            self._numbers = {item: number for number, item in self.nodes.items()}
        return None if node is None else self._numbers.get(node)

    @property
    def everything(self) -> Sequence[cst.CSTNode]:
        """Every node of the module, in the order of the source."""
        if self._everything is None:
            self._everything = tuple(walk(self.tree))
        return self._everything

    def holds(self, name: str) -> bool:
        """Whether the word `name` occurs anywhere in the module."""
        return re.search(rf"\b{re.escape(name)}\b", self.source) is not None

    def fresh_name(self, name: str) -> str:
        """Return `name`, numbered if the module holds that word already."""
        number, candidate = 1, name
        while self.holds(candidate):
            number += 1
            candidate = f"{name}_{number}"
        return candidate

    def is_tensor(self, name: cst.Name) -> bool:
        """Whether a name of a function, or of the top level, is ever bound to a live tensor there."""
        function = self.function(name)
        number = 0
        if isinstance(function, cst.FunctionDef):
            node = self.number(function.name)
            number = next((item.index for item in self.facts.functions if item.node == node), 0)
        return self.project.engine.holds_tensor(self.index, number, name.value)

    def top_level(self, node: cst.CSTNode) -> Statement:
        """Return the statement of the module's own body that holds `node`."""
        below = node
        for above in self.ancestors(node):
            if isinstance(above, cst.Module):
                break
            below = above
        assert isinstance(below, cst.SimpleStatementLine | cst.BaseCompoundStatement)
        return below


def parents(tree: cst.CSTNode) -> dict[cst.CSTNode, cst.CSTNode]:
    """Return the parent of every node below `tree`."""
    found: dict[cst.CSTNode, cst.CSTNode] = {}
    stack = [tree]
    while stack:
        node = stack.pop()
        for child in children(node):
            found[child] = node
            stack.append(child)
    return found


class Patch:
    """Changes to one module, made together by `tree()`."""

    def __init__(self, code: Code) -> None:
        self.code = code
        self._replaced: dict[cst.CSTNode, cst.CSTNode] = {}
        self._changed: dict[cst.CSTNode, Callable[[cst.CSTNode], cst.CSTNode]] = {}
        self._removed: set[cst.CSTNode] = set()
        self._comments: dict[cst.CSTNode, list[cst.EmptyLine]] = {}
        self._before: dict[cst.CSTNode, list[Statement]] = {}
        self._after: dict[cst.CSTNode, list[Statement]] = {}
        self._first: dict[cst.CSTNode, list[Statement]] = {}
        self._definitions: dict[cst.CSTNode, list[Statement]] = {}

    def replace(self, node: cst.CSTNode, new: cst.CSTNode | str) -> None:
        """Put another expression, or its source, in the place of `node`."""
        if isinstance(new, str):
            new = cst.parse_expression(new, config=self.code.tree.config_for_parsing)
        self._replaced[node] = new

    def change(self, node: cst.CSTNode, change: Callable[[cst.CSTNode], cst.CSTNode]) -> None:
        """Put what `change` makes of `node` in its place; it gets the node with the changes within it."""
        self._changed[node] = change

    def drop(self, statement: Statement, *, moved: bool = True) -> None:
        """Take a statement away; unless it was moved, its comments stay, above the statement that follows."""
        self._removed.add(statement)
        if moved:
            return
        lines = [line for line in statement.leading_lines if line.comment is not None]
        trailing = getattr(statement, "trailing_whitespace", None)
        if trailing is not None and trailing.comment is not None:
            lines.append(cst.EmptyLine(comment=trailing.comment))
        body: Sequence[cst.CSTNode] = self.code.block(statement).body
        index = next(index for index, item in enumerate(body) if item is statement)
        if not lines:
            return
        if index + 1 == len(body):
            raise RefusedError("a comment would be lost")
        self._comments.setdefault(body[index + 1], []).extend(lines)

    def move_before(self, anchor: Statement, statement: Statement) -> None:
        """Put a statement, with its comments, before another one; drop or replace it where it stood."""
        self._before.setdefault(anchor, []).append(statement)

    def put(self, statement: Statement, source: str) -> None:
        """Put one other statement in the place of one that has been moved with its comments."""
        (new,) = self._parse(source)
        self._replaced[statement] = new.with_changes(leading_lines=_split_leading(statement.leading_lines)[0])

    def add_import(self, source: str, *, like: str) -> None:
        """Add an import after the last top-level one that has `like` in it, else after the last one."""
        imports = [
            statement
            for statement in self.code.tree.body
            if isinstance(statement, cst.SimpleStatementLine)
            and any(isinstance(small, cst.Import | cst.ImportFrom) for small in statement.body)
        ]
        alike = [statement for statement in imports if like in self.code.text(statement)]
        if alike or imports:
            self.after((alike or imports)[-1], source)
        else:
            first = next(item for item in self.code.tree.body if not is_docstring(item))
            self.before(first, source)

    def before(self, statement: Statement, source: str) -> None:
        """Put the statements of `source` before a statement, above its comments."""
        self._before.setdefault(statement, []).extend(self._parse(source))

    def after(self, statement: Statement, source: str) -> None:
        """Put the statements of `source` after a statement."""
        self._after.setdefault(statement, []).extend(self._parse(source))

    def first(self, body: cst.BaseSuite, source: str) -> None:
        """Put the statements of `source` first in the body of a loop or a function, after its docstring.

        Raises RefusedError for a body on the line of its header.
        """
        if not isinstance(body, cst.IndentedBlock):
            raise RefusedError("the body is on the same line as its header")
        if body.body and is_docstring(body.body[0]):
            first = body.body[0]
            assert isinstance(first, cst.SimpleStatementLine)
            self.after(first, source)
        else:
            self._first.setdefault(body, []).extend(self._parse(source))

    def assign(self, statement: cst.SimpleStatementLine, targets: str, value: str) -> None:
        """Make an assignment bind `targets` (with its ` = `) to the expression `value`; comments stay."""
        small = self._parse(f"{targets}{value}")[0]
        assert isinstance(small, cst.SimpleStatementLine)
        self._replaced[statement] = statement.with_changes(body=small.body)

    def helper(self, name: str, source: str, use: cst.CSTNode) -> str:
        """Define the function `name` at the top level unless it is there already; return its name there."""
        wanted = self.code.tree.code_for_node(self._parse(source)[0]).strip()
        for statement in self.code.tree.body:
            named = isinstance(statement, cst.FunctionDef) and statement.name.value == name
            if named and self.code.text(statement) == wanted:
                return name
        unused = self.code.fresh_name(name)
        self.define(source.replace(f"def {name}(", f"def {unused}("), use)
        return unused

    def define(self, source: str, use: cst.CSTNode) -> None:
        """Put a function of the module's top level where both `use` and every function can call it."""
        anchor = self._anchor(use)
        self._definitions.setdefault(anchor, []).extend(self._parse(source))

    def _anchor(self, use: cst.CSTNode) -> Statement:
        # After imports and constants, before the first definition: the order that readers expect.
        last = self.code.top_level(use)
        for statement in self.code.tree.body:
            if statement is last or isinstance(
                statement, cst.FunctionDef | cst.ClassDef | cst.For | cst.While
            ):
                return statement
        return last

    def _parse(self, source: str) -> list[Statement]:
        config = self.code.tree.config_for_parsing
        indent = self.code.tree.default_indent
        lines = []
        for line in source.strip("\n").split("\n"):
            stripped = line.lstrip(" ")
            depth = (len(line) - len(stripped)) // 4
            lines.append(indent * depth + stripped)
        body = cst.parse_module("\n".join(lines) + "\n", config=config).body
        return list(body)

    def tree(self) -> cst.Module:
        """Return the module with all changes made."""
        changed = self.code.tree.visit(_Apply(self, self._path()))
        assert isinstance(changed, cst.Module)
        return changed

    def _path(self) -> set[cst.CSTNode]:
        """The nodes that change, and those that hold them: no others need a visit."""
        changes = (
            self._replaced,
            self._changed,
            self._removed,
            self._before,
            self._after,
            self._first,
            self._definitions,
        )
        path: set[cst.CSTNode] = {self.code.tree}
        for node in (node for changed in changes for node in changed):
            path.update((node, *self.code.ancestors(node)))
        return path

    def leave(self, original: cst.CSTNode, updated: cst.CSTNode) -> object:
        """Return what stands in the place of a node that has been left."""
        if original in self._removed:
            return cst.RemovalSentinel.REMOVE
        updated = self._replaced.get(original, updated)
        if original in self._changed:
            updated = self._changed[original](updated)
        if original in self._first:
            assert isinstance(updated, cst.IndentedBlock)
            updated = updated.with_changes(body=[*self._first[original], *updated.body])
        if original in self._comments:
            assert isinstance(updated, cst.SimpleStatementLine | cst.BaseCompoundStatement)
            updated = updated.with_changes(leading_lines=[*self._comments[original], *updated.leading_lines])
        before = self._before.get(original, [])
        after = self._after.get(original, [])
        definitions = self._definitions.get(original, [])
        if not before and not after and not definitions:
            return updated
        assert isinstance(updated, cst.SimpleStatementLine | cst.BaseCompoundStatement)
        result: list[Statement] = []
        if definitions:
            updated, definitions = _set_apart(updated, definitions)
            result += definitions
        if before:
            blank, rest = _split_leading(updated.leading_lines)
            _, own = _split_leading(before[0].leading_lines)
            result += [before[0].with_changes(leading_lines=[*blank, *own]), *before[1:]]
            updated = updated.with_changes(leading_lines=rest)
        result.append(updated)
        result += after
        return cst.FlattenSentinel(result)


def _split_leading(lines: Sequence[cst.EmptyLine]) -> tuple[list[cst.EmptyLine], list[cst.EmptyLine]]:
    """Split the lines above a statement into the blank ones at the top and the rest."""
    count = next((i for i, line in enumerate(lines) if line.comment is not None), len(lines))
    return list(lines[:count]), list(lines[count:])


_GAP = 2  # blank lines around what stands at the top level


def _set_apart(statement: Statement, definitions: list[Statement]) -> tuple[Statement, list[Statement]]:
    """Return the statement and the definitions before it, with two blank lines before each."""
    leading: Sequence[cst.EmptyLine] = statement.leading_lines
    blank, rest = _split_leading(leading)
    gap = [cst.EmptyLine(indent=False) for _ in range(_GAP)]
    first = definitions[0].with_changes(leading_lines=[*blank, *gap[len(blank) :]])
    others = [item.with_changes(leading_lines=gap) for item in definitions[1:]]
    return statement.with_changes(leading_lines=[*gap, *rest]), [first, *others]


def is_docstring(statement: cst.CSTNode) -> bool:
    """Whether a statement is a string by itself."""
    return (
        isinstance(statement, cst.SimpleStatementLine)
        and len(statement.body) == 1
        and isinstance(statement.body[0], cst.Expr)
        and isinstance(statement.body[0].value, cst.SimpleString | cst.ConcatenatedString)
    )


class _Apply(cst.CSTTransformer):
    def __init__(self, patch: Patch, path: set[cst.CSTNode]) -> None:
        super().__init__()
        self._patch = patch
        self._path = path

    def on_visit(self, node: cst.CSTNode) -> bool:
        return node in self._path

    def on_leave(self, original_node: cst.CSTNodeT, updated_node: cst.CSTNodeT) -> object:  # type: ignore[override]
        return self._patch.leave(original_node, updated_node)


__all__ = ["COMPREHENSIONS", "LOOPS", "Block", "Code", "Patch", "Statement", "is_docstring", "walk"]
