"""Questions about the facts of expressions and statements that need no values."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from leakscan.analysis import facts as f


def dotted(expr: f.Expr) -> str:
    """Return `a.b.c` for names and attributes, else an empty string."""
    parts: list[str] = []
    while isinstance(expr, f.Attribute):
        parts.append(expr.attr)
        expr = expr.value
    if isinstance(expr, f.Subscript):
        base = dotted(expr.value)
        return f"{base}[]" if base and not parts else ""
    if not isinstance(expr, f.Name):
        return ""
    return ".".join([expr.id, *reversed(parts)])


def names_stored(body: list[f.Stmt]) -> frozenset[str]:
    """Return the plain names that statements bind, those of nested functions left out."""
    key = id(body)
    known = _STORED.get(key)
    if known is None or known[0] is not body:
        found = frozenset(name for name in dotted_stores(body) if name.isidentifier())
        _STORED[key] = known = (body, found)
    return known[1]


_STORED: dict[int, tuple[list[f.Stmt], frozenset[str]]] = {}


def names_rebound(body: list[f.Stmt]) -> frozenset[str]:
    """Return what statements bind to something new, `x` or `self.x`: not `xs += [x]`, not `xs = xs + [x]`."""
    key = id(body)
    known = _REBOUND.get(key)
    if known is None or known[0] is not body:
        _REBOUND[key] = known = (body, _names_rebound(body))
    return known[1]


_REBOUND: dict[int, tuple[list[f.Stmt], frozenset[str]]] = {}


def _names_rebound(body: list[f.Stmt]) -> frozenset[str]:
    found: set[str] = set()
    stack: list[f.Stmt] = list(body)
    while stack:
        item = stack.pop()
        if isinstance(item, f.Assign):
            value = item.value
            grows = value.operands[0] if isinstance(value, f.Binary) and value.op == "+" else None
            for target in item.targets:
                if not (isinstance(target, f.Name) and grows == target):
                    _add_targets(target, found)
        elif isinstance(item, f.If | f.While):
            stack += [*item.body, *item.orelse]
        elif isinstance(item, f.For):
            _add_targets(item.target, found)
            stack += [*item.body, *item.orelse]
        elif isinstance(item, f.With):
            stack += item.body
        elif isinstance(item, f.Try):
            stack += [*item.body, *chain.from_iterable(item.handlers), *item.orelse, *item.final]
        elif isinstance(item, f.Match):
            stack += chain.from_iterable(item.cases)
    return frozenset(found)


def counters_stepped(body: list[f.Stmt]) -> frozenset[str]:
    """Return the names that statements count up: `step += 1`."""
    found: set[str] = set()
    stack: list[f.Stmt] = list(body)
    while stack:
        item = stack.pop()
        if isinstance(item, f.AugAssign) and item.op == "+" and isinstance(item.target, f.Name):
            found.add(item.target.id)
        elif isinstance(item, f.If | f.While | f.For):
            stack += [*item.body, *item.orelse]
        elif isinstance(item, f.With):
            stack += item.body
        elif isinstance(item, f.Try):
            stack += [*item.body, *item.orelse, *item.final]
    return frozenset(found)


def dotted_stores(body: list[f.Stmt]) -> set[str]:  # noqa: C901, PLR0912 -- one case for each statement
    """Return what statements bind: `x`, `self.x`, `cache[]`, and `self()` for a method call on self."""
    found: set[str] = set()
    stack: list[object] = list(body)
    while stack:
        item = stack.pop()
        if isinstance(item, list | tuple):
            stack.extend(item)
        elif isinstance(item, f.Assign):
            stack.append(item.value)
            for target in item.targets:
                _add_targets(target, found)
        elif isinstance(item, f.AugAssign):
            _add_targets(item.target, found)
        elif isinstance(item, f.For):
            _add_targets(item.target, found)
            stack += [item.body, item.orelse, item.iterable]
        elif isinstance(item, f.With):
            for expr, name in item.items:
                stack.append(expr)
                if name is not None:
                    _add_targets(name, found)
            stack.append(item.body)
        elif isinstance(item, f.Walrus):
            _add_targets(item.target, found)
            stack.append(item.value)
        elif isinstance(item, f.Import):
            found.add(item.name)
        elif isinstance(item, f.If | f.While):
            stack += [item.test, item.body, item.orelse]
        elif isinstance(item, f.Try):
            stack += [item.body, *item.handlers, item.orelse, item.final]
        elif isinstance(item, f.Match):
            stack += item.cases
        elif isinstance(item, f.ExprStatement | f.Return):
            stack.append(item.value)
        elif isinstance(item, f.Call):
            if isinstance(item.func, f.Attribute):
                base = dotted(item.func.value)
                found.add(f"{base}()")
                if item.func.attr in {"setdefault", "add", "append", "update"}:
                    found.add(f"{base}[]")
            stack += item.args
            stack += [value for _, value in item.keywords]
    return found


def _add_targets(target: f.Expr, found: set[str]) -> None:
    if isinstance(target, f.Display):
        for item in target.items:
            _add_targets(item, found)
    elif isinstance(target, f.Starred):
        _add_targets(target.value, found)
    elif isinstance(target, f.Subscript):
        base = dotted(target.value)
        if base:
            found.add(f"{base}[]")
    else:
        name = dotted(target)
        if name:
            found.add(name)


def names_read(body: list[f.Stmt]) -> list[str]:
    """Return the names that occur in statements, in order."""
    found: list[str] = []
    stack: list[object] = list(reversed(body))
    while stack:
        item = stack.pop()
        if isinstance(item, f.Name):
            found.append(item.id)
        elif isinstance(item, list | tuple):
            stack.extend(reversed(item))
        elif hasattr(item, "__dataclass_fields__"):
            stack.extend(getattr(item, name) for name in reversed(list(item.__dataclass_fields__)))
    return found


def names(expr: f.Expr) -> Iterator[str]:
    """Yield the names that occur in an expression, with repetition."""
    stack: list[object] = [expr]
    while stack:
        item = stack.pop()
        if isinstance(item, f.Name):
            yield item.id
        elif isinstance(item, list | tuple):
            stack.extend(item)
        elif hasattr(item, "__dataclass_fields__"):
            stack.extend(getattr(item, name) for name in item.__dataclass_fields__)


def text(expr: f.Expr) -> str:
    """Return the source of a dotted name, for messages."""
    if isinstance(expr, f.Name):
        return expr.id
    if isinstance(expr, f.Attribute):
        return f"{text(expr.value)}.{expr.attr}"
    if isinstance(expr, f.Subscript):
        return f"{text(expr.value)}[...]"
    if isinstance(expr, f.Call):
        if isinstance(expr.func, f.Attribute) and expr.func.attr in {"setdefault", "get"}:
            return f"{text(expr.func.value)}[...]"
        return f"{text(expr.func)}(...)"
    return "..."


def measured(test: f.Expr) -> frozenset[str]:
    """Return the containers whose length a condition looks at: `len(self.items) < self.size`."""
    found: set[str] = set()
    stack: list[object] = [test]
    while stack:
        item = stack.pop()
        if isinstance(item, f.Call) and isinstance(item.func, f.Name) and item.func.id == "len" and item.args:
            found.add(text(item.args[0]))
        elif isinstance(item, list | tuple):
            stack.extend(item)
        elif isinstance(item, f.Compare | f.Boolean | f.Not | f.Binary):
            stack.extend(getattr(item, name) for name in item.__dataclass_fields__)
    return frozenset(found)
