"""The fix `with`: what uses the file comes into the block of a `with` statement."""

from __future__ import annotations

import libcst as cst

from leakscan.codemods.rewriting import Code, Patch, Statement, walk
from leakscan.questions import Call
from leakscan.rule import Applicability, RefusedError, Report, Rewrite

from ..families.hoisting import names_bound, uses

#: What cannot be opened by `with` itself: `with writer.as_default():` does not close it.
_CLOSED_BY_CALL = frozenset({"tensorflow.summary.create_file_writer"})


def closed(report: Report, code: Code) -> Rewrite:
    """Return the module with the file closed after its last use."""
    found = report.subject
    assert isinstance(found, Call)
    statement = code.statement(code.node(report.place))
    if not isinstance(statement, cst.SimpleStatementLine) or len(statement.body) > 1:
        raise RefusedError("the file is opened on a line with other code")
    small = statement.body[0]
    if not isinstance(small, cst.Assign) or not isinstance(small.targets[0].target, cst.Name):
        raise RefusedError("the file is opened within a larger expression")
    target = small.targets[0].target
    held = _held(code, statement, target.value)
    patch = Patch(code)
    if found.name in _CLOSED_BY_CALL:
        if any(_leaves(item) for item in held):
            raise RefusedError("the block is left before its end")
        patch.after(held[-1], f"{target.value}.close()")
        return Rewrite(f"call {target.value}.close() after its last use", Applicability.SAFE, patch.tree())
    for item in held:
        patch.drop(item)
    opened = cst.WithItem(item=small.value, asname=cst.AsName(name=target))
    trailing = statement.trailing_whitespace
    block = cst.IndentedBlock(body=held, header=trailing)
    patch.replace(statement, cst.With([opened], block, leading_lines=statement.leading_lines))
    return Rewrite("open the file in a `with` statement", Applicability.SAFE, patch.tree())


def _held(code: Code, statement: Statement, name: str) -> list[Statement]:
    """Return the statements from the one after the opening to the last use; refuse where others use it."""
    body = [item for item in code.block(statement).body if isinstance(item, Statement)]
    position = body.index(statement)
    using = [number for number, item in enumerate(body) if number > position and uses(code, item, name)]
    if not using:
        raise RefusedError("nothing is done with the file")
    held = body[position + 1 : using[-1] + 1]
    if any(name in names_bound(item, skip=statement) for item in held):
        raise RefusedError(f"`{name}` is bound to something else too")
    inside = {id(node) for item in held for node in walk(item)}
    scope = code.function(statement) or code.tree
    if any(id(use) not in inside for use in uses(code, scope, name)):
        raise RefusedError(f"`{name}` is also used elsewhere")
    if any(isinstance(node, cst.Lambda) and uses(code, node, name) for item in held for node in walk(item)):
        raise RefusedError("a lambda uses the file, perhaps later")
    return held


def _leaves(statement: Statement) -> bool:
    """Whether a statement may leave the block: `return`, `break`, `continue`."""
    return any(isinstance(node, cst.Return | cst.Break | cst.Continue) for node in walk(statement))


__all__ = ["closed"]
