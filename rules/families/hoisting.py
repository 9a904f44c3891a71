"""Moving what an iteration makes anew each time, always the same, to the place before its loop."""

from __future__ import annotations

import libcst as cst

from leakscan.codemods.descent import children
from leakscan.codemods.rewriting import Code, Patch, Statement, walk
from leakscan.records import dataclass
from leakscan.rule import Place, RefusedError


@dataclass(frozen=True, slots=True)
class Hoistable:
    """A statement of a loop's own body that may stand before the loop. name: what it binds, if anything."""

    loop: cst.For | cst.While
    statement: Statement
    name: str | None


def find_hoistable(code: Code, place: Place, loop: Place, made: cst.CSTNode | None = None) -> Hoistable:
    """Return the statement that makes what is at `place`; raises RefusedError where it cannot be moved.

    made: the definition itself, where the place is that of a `def`.
    """
    found = code.node(loop)
    if not isinstance(found, cst.For | cst.While):
        raise RefusedError("the loop is a comprehension, which has no room for statements")
    node = code.node(place) if made is None else made
    statement = node if isinstance(node, cst.FunctionDef) else code.statement(node)
    if isinstance(statement, cst.FunctionDef):
        name: str | None = statement.name.value
    elif isinstance(statement, cst.SimpleStatementLine) and len(statement.body) == 1:
        name = _bound(statement.body[0], node)
    else:
        raise RefusedError("it is not made by a statement of its own")
    if code.block(statement) is not found.body:
        raise RefusedError("it is under a condition, or in another block of the loop")
    changed = names_bound(found, skip=statement)
    own = own_names(statement) if isinstance(statement, cst.FunctionDef) else set()
    for item in walk(statement):
        if isinstance(item, cst.Name) and item.value in changed - own and item.value != name:
            raise RefusedError(f"it needs `{item.value}`, which the loop binds")
    if name is not None and name in changed:
        raise RefusedError(f"the loop also binds `{name}` in another place")
    return Hoistable(found, statement, name)


def hoist(code: Code, found: Hoistable, patch: Patch) -> None:
    """Move the statement before the loop, and drop what deletes its name at the end of an iteration."""
    patch.move_before(code.statement(found.loop), found.statement)
    patch.drop(found.statement)
    body = found.loop.body
    assert isinstance(body, cst.IndentedBlock)
    left: list[Statement] = [
        item
        for item in body.body
        if item is not found.statement
        and isinstance(item, cst.SimpleStatementLine | cst.BaseCompoundStatement)
    ]
    for statement in list(left):
        if found.name is not None and _deletes(statement, found.name):
            patch.drop(statement, moved=False)
            left.remove(statement)
    if not left:
        raise RefusedError("the loop does nothing else")


def names_bound(scope: cst.CSTNode, *, skip: cst.CSTNode) -> set[str]:
    """Return the names that a loop binds, those of one statement and of nested functions left out."""
    found: set[str] = set()
    stack: list[cst.CSTNode] = [scope]
    while stack:
        node = stack.pop()
        if node is skip:
            continue
        if isinstance(node, cst.FunctionDef | cst.ClassDef):
            found.add(node.name.value)
            continue
        if isinstance(node, cst.Lambda):
            continue
        if isinstance(
            node, cst.AssignTarget | cst.AnnAssign | cst.AugAssign | cst.For | cst.CompFor | cst.NamedExpr
        ):
            found |= {item.value for item in walk(node.target) if isinstance(item, cst.Name)}
        elif isinstance(node, cst.AsName):
            found |= {item.value for item in walk(node.name) if isinstance(item, cst.Name)}
        elif isinstance(node, cst.ImportAlias) and node.asname is None:
            # import keras.models
            found.add(node.evaluated_name.partition(".")[0])
        stack.extend(children(node))
    # self.x = 1 binds x of self: `self` itself stays.
    return found - {"self"}


def own_names(function: cst.FunctionDef) -> set[str]:
    """Return the names that a function binds itself: parameters, and what it assigns."""
    params = {item.name.value for item in walk(function.params) if isinstance(item, cst.Param)}
    return params | names_bound(function.body, skip=function)


def _bound(small: cst.BaseSmallStatement, node: cst.CSTNode) -> str | None:
    if isinstance(small, cst.Expr) and small.value is node:
        return None
    if isinstance(small, cst.Assign) and len(small.targets) == 1 and small.value is node:
        target = small.targets[0].target
        if isinstance(target, cst.Name):
            return target.value
    raise RefusedError("what is made is not directly bound to a name")


def _deletes(statement: cst.CSTNode, name: str) -> bool:
    """Whether a statement is `del net`."""
    if not isinstance(statement, cst.SimpleStatementLine) or len(statement.body) != 1:
        return False
    small = statement.body[0]
    return isinstance(small, cst.Del) and isinstance(small.target, cst.Name) and small.target.value == name


def uses(code: Code, scope: cst.CSTNode, name: str) -> list[cst.Name]:
    """Return where a name is read below a node, attributes and keywords of that name left out."""
    found = []
    for item in walk(scope):
        if not isinstance(item, cst.Name) or item.value != name:
            continue
        above = code.parent(item)
        if isinstance(above, cst.Attribute) and above.value is not item:
            continue
        if isinstance(above, cst.Arg) and above.keyword is item:
            continue
        if not isinstance(above, cst.AssignTarget):
            found.append(item)
    return found


__all__ = ["Hoistable", "find_hoistable", "hoist", "names_bound", "own_names", "uses"]
