"""Questions about the facts of expressions and statements that need no values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from leakscan.facts import model as f
from leakscan.facts.walk import Fact, walk, walk_kind


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


class StoredNames:
    """What blocks of statements bind and count, worked out once for each block.

    Belongs to whatever keeps the facts alive: blocks are told apart by their identity.
    """

    def __init__(self) -> None:
        self._dotted: dict[int, frozenset[str]] = {}
        self._stored: dict[int, frozenset[str]] = {}
        self._rebound: dict[int, frozenset[str]] = {}
        self._counters: dict[int, frozenset[str]] = {}

    def dotted(self, body: list[f.Stmt]) -> frozenset[str]:
        """Return what `dotted_stores` finds in statements."""
        known = self._dotted.get(id(body))
        if known is None:
            known = self._dotted[id(body)] = frozenset(dotted_stores(body))
        return known

    def stored(self, body: list[f.Stmt]) -> frozenset[str]:
        """Return the plain names that statements bind, those of nested functions left out."""
        known = self._stored.get(id(body))
        if known is None:
            known = frozenset(name for name in self.dotted(body) if name.isidentifier())
            self._stored[id(body)] = known
        return known

    def rebound(self, body: list[f.Stmt]) -> frozenset[str]:
        """Return what statements bind anew, `x` or `self.x`: not `xs += [x]`, nor `xs = xs + [x]`."""
        known = self._rebound.get(id(body))
        if known is None:
            known = self._rebound[id(body)] = names_rebound(body)
        return known

    def counters(self, body: list[f.Stmt]) -> frozenset[str]:
        """Return what `counters_stepped` finds in statements."""
        known = self._counters.get(id(body))
        if known is None:
            known = self._counters[id(body)] = counters_stepped(body)
        return known


def names_rebound(body: Iterable[f.Stmt]) -> frozenset[str]:
    """Return what statements bind anew, worked out each time: see `StoredNames.rebound`."""
    found: set[str] = set()
    for item in walk(body):
        if isinstance(item, f.Assign):
            value = item.value
            # kept = kept + [x]; kept = [*kept, x]
            grows = value.operands[:1] if isinstance(value, f.Binary) and value.op == "+" else []
            if isinstance(value, f.Display):
                grows = [part.value for part in value.items if isinstance(part, f.Starred)]
            for target in item.targets:
                if not (isinstance(target, f.Name) and target in grows):
                    _add_targets(target, found)
        elif isinstance(item, f.For):
            _add_targets(item.target, found)
    return frozenset(found)


def counters_stepped(body: list[f.Stmt]) -> frozenset[str]:
    """Return the names that statements count up: `step += 1`."""
    return frozenset(
        item.target.id
        for item in walk_kind(body, f.AugAssign)
        if item.op == "+" and isinstance(item.target, f.Name)
    )


def dotted_stores(body: list[f.Stmt]) -> set[str]:
    """Return what statements bind: `x`, `self.x`, `cache[]`, and `self()` for a method call on self."""
    found: set[str] = set()
    for item in walk(body):
        if isinstance(item, f.Assign):
            for target in item.targets:
                _add_targets(target, found)
        elif isinstance(item, f.AugAssign | f.For | f.Walrus):
            _add_targets(item.target, found)
        elif isinstance(item, f.With):
            for _, name in item.items:
                if name is not None:
                    _add_targets(name, found)
        elif isinstance(item, f.Import):
            found.add(item.name)
        elif isinstance(item, f.Call) and isinstance(item.func, f.Attribute):
            base = dotted(item.func.value)
            found.add(f"{base}()")
            if item.func.attr in {"setdefault", "add", "append", "update"}:
                found.add(f"{base}[]")
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


def names(facts: Fact | Iterable[Fact]) -> Iterator[str]:
    """Yield the names that occur in facts, in order and with repetition."""
    return (item.id for item in walk_kind(facts, f.Name))


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
    return frozenset(
        text(item.args[0])
        for item in walk_kind(test, f.Call)
        if isinstance(item.func, f.Name) and item.func.id == "len" and item.args
    )


def imports_of(facts: f.ModuleFacts, *, alternatives: bool = True) -> list[f.Import]:
    """Return the imports of the module's own body; with `alternatives`, those in `try` and `if` too."""
    found: list[f.Import] = []
    stack: list[f.Stmt] = facts.functions[0].body[::-1]
    while stack:
        item = stack.pop()
        if isinstance(item, f.Import):
            found.append(item)
        elif isinstance(item, f.Try) and alternatives:
            handlers = [inner for handler in item.handlers for inner in handler]
            stack += [*item.body, *handlers, *item.orelse][::-1]
        elif isinstance(item, f.If) and alternatives:
            stack += [*item.body, *item.orelse][::-1]
    return found
