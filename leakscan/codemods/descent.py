"""Going down a LibCST tree. LibCST's own `children` makes a copy of each node and calls itself slow."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

import libcst as cst

#: For each class of node: its attributes in the order of the source, and those that it does not visit.
_ATTRIBUTES: dict[type[cst.CSTNode], tuple[tuple[str, ...], tuple[str, ...]]] = {}

_SEQUENCES = (tuple, list)
_ABSENT = cst.MaybeSentinel.DEFAULT


class _Attributes(cst.CSTVisitor):
    """Notes the attributes of one node, and goes no deeper."""

    def __init__(self) -> None:
        super().__init__()
        self.names: dict[str, None] = {}

    def on_visit_attribute(self, node: cst.CSTNode, attribute: str) -> None:  # noqa: ARG002 -- LibCST's interface
        self.names[attribute] = None

    def on_visit(self, node: cst.CSTNode) -> bool:  # noqa: ARG002 -- LibCST's interface
        return False


def children(node: cst.CSTNode) -> list[cst.CSTNode]:
    """Return the nodes directly below `node`, in the order of the source, as `node.children` does."""
    kind = type(node)
    if kind not in _ATTRIBUTES:
        noted = _Attributes()
        node._visit_and_replace_children(noted)  # noqa: SLF001 -- the order of the source stands nowhere else
        others = (item.name for item in fields(kind) if item.name not in noted.names)
        _ATTRIBUTES[kind] = tuple(noted.names), tuple(others)
    visited, others_of_kind = _ATTRIBUTES[kind]
    found: list[cst.CSTNode] = []
    for name in visited:
        value = getattr(node, name)
        if value is None or value is _ABSENT:
            continue
        if type(value) in _SEQUENCES:
            found.extend(value)
        else:
            found.append(value)
    for name in others_of_kind:
        value = getattr(node, name)
        # Not visited in the first node of this class, since it was absent there.
        if type(value) is not str and isinstance(value, (cst.CSTNode, *_SEQUENCES)):
            return list(node.children)
    return found


def walk(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """Yield a node and everything below it, in the order of the source."""
    stack = [node]
    while stack:
        item = stack.pop()
        yield item
        stack.extend(reversed(children(item)))


__all__ = ["children", "walk"]
