"""Conditions that let a creation happen only once: memoisation, lazy attributes, first iterations."""

from __future__ import annotations

from leakscan.facts import model as f
from leakscan.facts.names import StoredNames, dotted
from leakscan.records import dataclass, replace


@dataclass(frozen=True, slots=True)
class Guard:
    """A test of whether something is there already.

    The branch that is taken when the test is `unset_when` may build it. `name` is what is tested (dotted;
    empty for `i == 0`); `persistent` when it outlives a call of the function; `loops`: how many of the
    function's loops are around the test.
    """

    name: str
    unset_when: bool
    persistent: bool
    kind: str
    loops: int = 0

    @property
    def is_flag(self) -> bool:
        """Whether the test is the truth of a plain name, as in `if first:`."""
        return self.kind == "flag"

    def settled(self, *, persistent: bool, loops: int) -> Guard:
        """Return the guard with what its place says."""
        return replace(self, persistent=persistent and self.kind != "first", loops=loops)

    def protects(self, body: list[f.Stmt], names: StoredNames) -> bool:
        """Whether `body` sets what the guard tests, so that the test fails the next time."""
        if self.kind == "first":
            return True
        stored = names.dotted(body)
        if self.name in stored:
            return True
        root, _, attr = self.name.rpartition(".")
        # `if self.model is None: self.build()` leaves the binding to a method.
        return bool(attr and root) and f"{root}()" in stored


def find_guard(test: f.Expr, loop_targets: frozenset[str]) -> Guard | None:
    """Return the guard that a condition makes, or None."""
    if isinstance(test, f.Not):
        inner = find_guard(test.operand, loop_targets)
        return None if inner is None else replace(inner, unset_when=not inner.unset_when)
    if isinstance(test, f.Boolean):
        guards = [guard for item in test.operands if (guard := find_guard(item, loop_targets)) is not None]
        # if self.has_head and i == self.head_at: ...
        first = [guard for guard in guards if guard.kind == "first" and test.op == "and"]
        return next(iter(first or guards), None)
    if isinstance(test, f.Call):
        return _presence(test)
    if isinstance(test, f.Name | f.Attribute):
        name = dotted(test)
        kind = "set" if "." in name else "flag"
        return Guard(name, unset_when=False, persistent="." in name, kind=kind) if name else None
    if isinstance(test, f.Compare) and len(test.rights) == 1:
        return _comparison(test, loop_targets)
    return None


def _presence(test: f.Call) -> Guard | None:
    # hasattr(self, "model")
    if not (isinstance(test.func, f.Name) and test.func.id == "hasattr"):
        return None
    match test.args:
        case [owner, f.Literal(value=attribute)]:
            base = dotted(owner)
            name = f"{base}.{attribute}"
            return Guard(name, unset_when=False, persistent=True, kind="set") if base else None
    return None


def _comparison(test: f.Compare, loop_targets: frozenset[str]) -> Guard | None:
    op, right = test.rights[0]
    if isinstance(right, f.Literal) and right.value is None and op in {"is", "==", "is not", "!="}:
        name = dotted(test.left)
        return (
            Guard(name, unset_when=op in {"is", "=="}, persistent="." in name, kind="set") if name else None
        )
    # `if key not in cache`
    if op in {"in", "not in"}:
        name = _keyed(right)
        return (
            Guard(f"{name}[]", unset_when=op == "not in", persistent="." in name, kind="set")
            if name
            else None
        )
    # for layer in net.layers: if layer.name == "block4": net.layers[i].name == "block4"
    if op == "==" and isinstance(right, f.Literal) and _is_name_of_item(test.left, loop_targets):
        return Guard("", unset_when=True, persistent=False, kind="first")
    # `if fold == 0`
    if (
        isinstance(test.left, f.Name)
        and test.left.id in loop_targets
        and isinstance(right, f.Literal | f.Attribute)
    ):
        # if i == self.head_at: ...
        if op == "==":
            return Guard("", unset_when=True, persistent=False, kind="first")
        if isinstance(right, f.Attribute):
            return None
        if op in {"!=", ">"} and right.value == 0:
            return Guard("", unset_when=False, persistent=False, kind="first")
    return None


def _is_name_of_item(expr: f.Expr, loop_targets: frozenset[str]) -> bool:
    """Whether an expression is the name of what a loop goes over: of several layers one has it."""
    if not (isinstance(expr, f.Attribute) and expr.attr == "name"):
        return False
    item = expr.value
    if isinstance(item, f.Subscript) and not item.is_slice:
        item = item.index
    return isinstance(item, f.Name) and item.id in loop_targets


def _keyed(expr: f.Expr) -> str:
    # `key in cache` and `key in cache.keys()` ask the same.
    if isinstance(expr, f.Call) and isinstance(expr.func, f.Attribute) and expr.func.attr == "keys":
        return dotted(expr.func.value)
    return dotted(expr)
