"""The fix `history`: the numbers of a History are stored, and read where the History was read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

import libcst as cst

from leakscan.codemods.rewriting import Code, Patch, walk
from leakscan.rule import Applicability, RefusedError, Report, Rewrite

if TYPE_CHECKING:
    from .stores import Store

_FILLING = frozenset({"append", "appendleft", "add", "insert"})
_LOOPING = frozenset({"enumerate", "zip", "reversed"})


def numbers_kept(report: Report, code: Code) -> Rewrite:
    """Return the module with `history.history` stored in the place of `history`."""
    store = cast("Store", report.subject)
    if "model" in report.message.partition(" ")[0]:
        raise RefusedError("what is kept are models; what is needed of them decides what to keep")
    if not store.name.isidentifier():
        raise RefusedError(f"`{store.name}` may be read from elsewhere")
    if not store.whole:
        raise RefusedError("the History is a part of what is stored")
    node = code.node(report.place)
    patch = Patch(code)
    stored = _stored(code, node)
    suffix = f"{code.text(stored)}.history"
    patch.replace(stored, suffix)
    function = code.function(node)
    scope = code.tree if function is None else function
    for use in walk(scope):
        if isinstance(use, cst.Name) and use.value == store.name and not _is_attribute_name(code, use):
            _read_numbers(code, patch, use, scope)
    return Rewrite("keep the numbers of the History", Applicability.SAFE, patch.tree())


def _stored(code: Code, node: cst.CSTNode) -> cst.BaseExpression:
    if isinstance(node, cst.Call):
        name = node.func.attr.value if isinstance(node.func, cst.Attribute) else ""
        if name not in _FILLING or any(arg.star or arg.keyword is not None for arg in node.args):
            raise RefusedError("the History is stored by another function")
        return node.args[-1].value
    if isinstance(node, cst.Subscript):
        statement = code.enclosing(node, cst.Assign)
        if statement is not None:
            return statement.value
    if isinstance(node, cst.ListComp | cst.SetComp):
        return node.elt
    if isinstance(node, cst.DictComp):
        return node.value
    raise RefusedError("the store is not of a kind that can be changed")


def _is_attribute_name(code: Code, name: cst.Name) -> bool:
    holder = code.parent(name)
    return (isinstance(holder, cst.Attribute) and holder.attr is name) or (
        isinstance(holder, cst.Arg) and holder.keyword is name
    )


def _read_numbers(code: Code, patch: Patch, use: cst.Name, scope: cst.CSTNode) -> None:
    """Change what reads a History through one use of the container. Raises RefusedError for other uses."""
    holder = code.parent(use)
    if isinstance(holder, cst.AssignTarget | cst.AnnAssign):
        return
    if isinstance(holder, cst.Attribute):
        above = code.parent(holder)
        if isinstance(above, cst.Call) and holder.attr.value in _FILLING:
            return
        if isinstance(above, cst.Call) and holder.attr.value in {"items", "values"}:
            _follow(code, patch, above, scope, last=holder.attr.value == "items")
            return
    if isinstance(holder, cst.Subscript):
        above = code.parent(holder)
        if isinstance(above, cst.AssignTarget):
            return
        if isinstance(above, cst.Attribute) and above.attr.value == "history":
            patch.change(above, lambda node: node.value if isinstance(node, cst.Attribute) else node)
            return
    if isinstance(holder, cst.For | cst.CompFor):
        _follow(code, patch, use, scope)
        return
    if isinstance(holder, cst.Arg):
        call = code.parent(holder)
        name = call.func.value if isinstance(call, cst.Call) and isinstance(call.func, cst.Name) else ""
        if name == "len":
            return
        if name in _LOOPING and isinstance(call, cst.Call):
            position = next(index for index, arg in enumerate(call.args) if arg is holder)
            _follow(
                code,
                patch,
                call,
                scope,
                last=name == "enumerate",
                position=position if name == "zip" else None,
            )
            return
    raise RefusedError(
        f"`{code.text(code.statement(use)).splitlines()[0]}` uses the History objects themselves"
    )


def _follow(
    code: Code,
    patch: Patch,
    iterable: cst.BaseExpression,
    scope: cst.CSTNode,
    *,
    last: bool = False,
    position: int | None = None,
) -> None:
    """Change what a loop over the container reads of its elements."""
    loop = code.parent(iterable)
    if not isinstance(loop, cst.For | cst.CompFor) or loop.iter is not iterable:
        raise RefusedError("the History objects themselves are used")
    target: cst.BaseExpression = loop.target
    if last or position is not None:
        if not isinstance(target, cst.Tuple):
            raise RefusedError("the elements of the loop are not named")
        target = target.elements[-1 if position is None else position].value
    if not isinstance(target, cst.Name):
        raise RefusedError("the elements of the loop are not named")
    holder = loop if isinstance(loop, cst.For) else code.parent(loop)
    assert holder is not None
    bound = [name for name in _names(code, scope, target.value) if name is not target]
    inside = {id(name) for name in _names(code, holder, target.value)}
    for name in bound:
        above = code.parent(name)
        if id(name) not in inside:
            # The loop binds the name anew; what stands outside is another value, unless it is read after it.
            if isinstance(loop, cst.For) and not isinstance(above, cst.AssignTarget | cst.For | cst.CompFor):
                raise RefusedError(f"`{target.value}` is also used outside the loop")
            continue
        if not isinstance(above, cst.Attribute) or above.value is not name or above.attr.value != "history":
            raise RefusedError(f"`{target.value}` itself is used")
        patch.change(above, lambda node: node.value if isinstance(node, cst.Attribute) else node)


def _names(code: Code, scope: cst.CSTNode, name: str) -> Iterator[cst.Name]:
    for node in walk(scope):
        # history.history: the second one is an attribute
        if isinstance(node, cst.Name) and node.value == name and not _is_attribute_name(code, node):
            yield node


__all__ = ["numbers_kept"]
