"""Python numbers that are other ones in each iteration: counters of loops, and what is computed from them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from leakscan.facts import model as f
from leakscan.facts.walk import walk, walk_kind
from leakscan.interpreter.passing import passed
from leakscan.interpreter.project import Project
from leakscan.interpreter.values import Api
from leakscan.knowledge.spelling import canonical
from leakscan.questions import Call, Function, Repetition, call_at, is_plain_data, value
from leakscan.records import dataclass

_COUNTERS = frozenset(
    {"builtins.range", "builtins.xrange", "tqdm.trange", "tqdm.auto.trange", "tqdm.notebook.trange"}
)
_SHOWN = frozenset(
    {"tqdm.tqdm", "tqdm.auto.tqdm", "tqdm.notebook.tqdm", "builtins.reversed", "builtins.list"}
)
#: Another number gives another one: 1 - i / n. Not so i % 2 and i // 100.
_MOVING = frozenset({"+", "-", "*", "/", "**"})
_CONVERTING = frozenset({"builtins.float", "builtins.int", "builtins.round"})
_COMPUTING = frozenset(
    {"builtins.abs", "builtins.pow", *(f"math.{name}" for name in "exp log sqrt pow cos sin".split())}
)
_LIMITING = frozenset({"builtins.max", "builtins.min"})
#: lr = rate * decay ** step; step(x, lr)
_MAX_NAMES = 4

#: A name of a function, or an attribute of its self.
_Leaf = f.Name | f.Attribute


def counted(
    project: Project, call: Call, argument: f.Expr, around: tuple[Repetition, ...]
) -> Repetition | None:
    """Return the loop in each iteration of which an argument is another Python number, if there is one."""
    if isinstance(argument, f.Literal) or not _may_move(argument):
        return None
    for item in around:
        if item.loop is None or item.driver is not None:
            continue
        if _Moving(project, call, item).moves(argument) and is_plain_data(
            project, value(project, call.function, argument)
        ):
            return item
    return None


def _may_move(argument: f.Expr) -> bool:
    return isinstance(argument, f.Name | f.Binary | f.Attribute | f.Call)


@dataclass(frozen=True, slots=True)
class _Moving:
    """Whether expressions of a call's function are other numbers in each iteration of a loop around it."""

    project: Project
    call: Call
    around: Repetition

    def moves(self, expression: f.Expr) -> bool:
        """Whether an expression is another number each time."""
        return _moves(self.project, self.call.function, expression, self._counts, _MAX_NAMES)

    def _counts(self, leaf: _Leaf, left: int) -> bool:
        if isinstance(leaf, f.Attribute):
            # self.step += 1; train_step(x, self.step)
            return leaf.value == f.Name("self") and self._counts_attribute(leaf)
        if self.around.chain:
            # def run(x, step): return train_step(x, step); for step in range(9): run(x, step)
            if _passed_counter(self.project, self.call, leaf.id, self.around):
                return True
        elif leaf.id in counters_of(self.project, self.around):
            return True
        bound = self._bound(leaf)
        return bound is not None and _moves(self.project, self.call.function, bound, self._counts, left)

    def _bound(self, name: f.Name) -> f.Expr | None:
        """Return what the iteration binds a name to, where that is done once and each time."""
        whole = self.project.function(*self.call.function).body
        body = whole
        if not self.around.chain:
            assert self.around.loop is not None
            body = self.project.bodies.of_loop(self.around.loop.module, self.around.loop.node)
        bound = [item for item in walk_kind(whole, f.Assign) if name in item.targets]
        changed = any(item.target == name for item in walk_kind(whole, f.AugAssign))
        return bound[0].value if len(bound) == 1 and not changed and bound[0] in body else None

    def _counts_attribute(self, argument: f.Attribute) -> bool:
        """Whether the function that calls, or the loop, counts an attribute of self up or down."""
        assert self.around.loop is not None
        bodies = [self.project.function(*self.call.function).body]
        bodies.append(self.project.bodies.of_loop(self.around.loop.module, self.around.loop.node))
        return any(argument in _stepped(self.project, self.call.function, body) for body in bodies)


def _moves(
    project: Project, function: Function, expression: f.Expr, counts: Callable[[_Leaf, int], bool], left: int
) -> bool:
    """Whether an expression is another number where what counts is: 1 - i / n, and not i % 2.

    left: how many names may still be replaced by what they are bound to.
    """
    if isinstance(expression, f.Name | f.Attribute):
        return left > 0 and counts(expression, left - 1)
    if isinstance(expression, f.Binary):
        # self.rate * decay ** step: what else is in it says nothing
        return expression.op in _MOVING and any(
            _moves(project, function, item, counts, left) for item in expression.operands
        )
    if not isinstance(expression, f.Call) or expression.keywords:
        return False
    named = {
        canonical(atom.name) for atom in project.static(*function, expression.func) if isinstance(atom, Api)
    }
    if len(named) != 1:
        return False
    if named <= _CONVERTING:
        # int(i / 100) stays the same for a hundred steps
        return isinstance(expression.args[0] if expression.args else None, f.Name | f.Attribute) and _moves(
            project, function, expression.args[0], counts, left
        )
    if named <= _COMPUTING:
        return any(_moves(project, function, item, counts, left) for item in expression.args)
    if named <= _LIMITING:
        # max(0.05, 1 - i / 1e6) comes to its limit late, min(i, 3) at once
        return any(
            isinstance(item, f.Binary | f.Call) and _moves(project, function, item, counts, left)
            for item in expression.args
        ) and not any(isinstance(item, f.Literal) and _is_many(item.value) for item in expression.args)
    return False


def _is_many(limit: object) -> bool:
    return type(limit) is int and limit not in {0, 1}


def counters_of(project: Project, around: Repetition) -> set[str]:
    """Return the names that a loop counts with, as Python numbers."""
    assert around.loop is not None
    module = around.loop.module
    holder = project.bodies.holder(module, around.loop.node)
    body = project.bodies.whole(module, holder)
    for loop in walk(body):
        if not isinstance(loop, f.For | f.While | f.Comprehension) or loop.node != around.loop.node:
            continue
        found: set[str] = set()
        if isinstance(loop, f.Comprehension):
            for target, iterable, _ in loop.clauses:
                found |= _targets(project, (module, holder), target, iterable)
            return found
        if isinstance(loop, f.For):
            found |= _targets(project, (module, holder), loop.target, loop.iterable)
        # step = 0; for x in data: train_step(x, step); step += 1
        started = {
            target.id
            for item in walk_kind(body, f.Assign)
            for target in item.targets
            if isinstance(target, f.Name)
            and isinstance(item.value, f.Literal)
            and type(item.value.value) in {int, float}
        }
        stepped = _stepped(project, (module, holder), loop.body)
        return found | {item.id for item in stepped if isinstance(item, f.Name) and item.id in started}
    return set()


def _stepped(project: Project, function: Function, body: list[f.Stmt]) -> list[f.Expr]:
    """Return the names and attributes that code counts each time it runs.

    step += 1; epsilon = max(low, epsilon * 0.9)
    """
    found: list[f.Expr] = []
    for item in _each_time(body):
        if isinstance(item, f.AugAssign):
            if _is_plain_step(item.value) and item.op in _MOVING:
                found.append(item.target)
        elif isinstance(item, f.Assign) and len(item.targets) == 1:
            target = item.targets[0]

            def is_itself(leaf: _Leaf, _: int, target: f.Expr = target) -> bool:
                return leaf == target

            computed = isinstance(item.value, f.Binary | f.Call)
            if computed and _moves(project, function, item.value, is_itself, 1):
                found.append(target)
    return found


def _each_time(body: list[f.Stmt]) -> Iterator[f.Stmt]:
    """Yield the statements that run in each iteration, or until a number comes to its end.

    if epsilon > low: epsilon *= decay; but not: if step % 1000 == 0: rate *= 0.5
    """
    for item in body:
        yield item
        if isinstance(item, f.With):
            yield from _each_time(item.body)
        elif isinstance(item, f.If) and isinstance(item.test, f.Compare):
            operator = item.test.rights[0][0] if len(item.test.rights) == 1 else ""
            compared = [item.test.left, *(right for _, right in item.test.rights)]
            if operator in {"<", "<=", ">", ">="}:
                yield from (
                    inner
                    for inner in item.body
                    if (isinstance(inner, f.AugAssign) and inner.target in compared)
                    or (isinstance(inner, f.Assign) and inner.targets[0] in compared)
                )


def _is_plain_step(step: f.Expr) -> bool:
    return isinstance(step, f.Literal) and type(step.value) in {int, float}


def _targets(project: Project, function: Function, target: f.Expr, iterable: f.Expr) -> set[str]:
    """Return what `for i in range(n)`, `for i, x in enumerate(xs)` count with."""
    if not isinstance(iterable, f.Call):
        return set()
    named = {
        canonical(atom.name) for atom in project.static(*function, iterable.func) if isinstance(atom, Api)
    }
    if named & _COUNTERS:
        return {target.id} if isinstance(target, f.Name) else set()
    if named & _SHOWN and iterable.args:
        return _targets(project, function, target, iterable.args[0])
    if "builtins.enumerate" in named and isinstance(target, f.Display) and target.items:
        first = target.items[0]
        return {first.id} if isinstance(first, f.Name) else set()
    return set()


def _passed_counter(project: Project, call: Call, name: str, around: Repetition) -> bool:
    """Whether the calls of the chain pass the counter of the loop down to a parameter."""
    function, counters = call.function, counters_of(project, around)
    for link in reversed(around.chain):
        facts = project.function(*function)
        position = next((n for n, param in enumerate(facts.params) if param.name == name), None)
        if position is None or name in project.stored_names.stored(facts.body):
            return False
        caller = call_at(project, link.place)
        # pool.submit(step, model, batch), where step(model, batch) is traced
        given = passed(project, caller.function, caller.call, function, position).value
        if not isinstance(given, f.Name):
            return False
        name, function = given.id, caller.function
    return name in counters


__all__ = ["counted", "counters_of"]
