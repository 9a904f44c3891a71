"""The fix `hoist` of data sets that a loop makes anew: the statement moves before the loop."""

from __future__ import annotations

import libcst as cst

from leakscan.codemods.rewriting import LOOPS, Code, Patch, walk
from leakscan.rule import Applicability, RefusedError, Report, Rewrite


def hoisted(report: Report, code: Code) -> Rewrite:
    """Return the module with the data set made before the loop."""
    node = code.node(report.place)
    if report.subject is None:
        raise RefusedError("the data set is not made here")
    assert report.loop is not None
    loop = code.node(report.loop)
    statement = code.statement(node)
    if not isinstance(loop, LOOPS) or not isinstance(loop.body, cst.IndentedBlock):
        raise RefusedError("the loop is a comprehension, or is written on one line")
    if statement not in loop.body.body:
        raise RefusedError("the data set is not made in each iteration of the loop itself")
    small = statement.body[0] if isinstance(statement, cst.SimpleStatementLine) else None
    if not isinstance(small, cst.Assign) or len(small.targets) != 1:
        raise RefusedError("the data set has no name of its own")
    target = small.targets[0].target
    if not isinstance(target, cst.Name) or not isinstance(statement, cst.SimpleStatementLine):
        raise RefusedError("the data set has no name of its own")
    if len(statement.body) > 1 or len(loop.body.body) == 1:
        raise RefusedError("the data set shares its line with other code")
    bound = [
        item
        for item in walk(loop)
        if isinstance(item, cst.AssignTarget) and _name(item.target) == target.value
    ]
    if len(bound) != 1:
        raise RefusedError(f"the loop binds `{target.value}` more than once")
    patch = Patch(code)
    patch.move_before(loop, statement)
    patch.drop(statement)
    return Rewrite("make the data set once, before the loop", Applicability.UNSAFE, patch.tree())


def _name(target: cst.BaseAssignTargetExpression) -> str:
    return target.value if isinstance(target, cst.Name) else ""


__all__ = ["hoisted"]
