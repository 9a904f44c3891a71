"""Whether the argument of a prediction is one item, or a few rows, as far as the code itself tells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from leakscan.facts.model import (
    Assign,
    Attribute,
    Binary,
    Boolean,
    Call,
    Comprehension,
    Conditional,
    DictDisplay,
    Display,
    Expr,
    For,
    Literal,
    Name,
    Opaque,
    Return,
    Starred,
    Subscript,
    With,
    Yield,
)
from leakscan.facts.walk import Fact, walk, walk_kind
from leakscan.interpreter.passing import passed
from leakscan.questions import callees, callers, function_of
from leakscan.records import dataclass
from leakscan.rule import Place

from .shapes import (
    BOUNDS,
    SHAPED,
    first_axis,
    first_is_one,
    is_one_row,
    last_of,
    rows_of,
    shape_given,
    shape_of,
)

if TYPE_CHECKING:
    from leakscan.interpreter.project import Project
    from leakscan.questions import Function, Repetition

#: Assignments, arguments and results that are followed from one to the next.
_MAX_STEPS = 12
#: Functions that give their first argument another form, and as many rows.
_PASSES = frozenset(
    """array asarray asanyarray preprocess_input pad_sequences copy float32 cast convert_to_tensor constant
    stack vstack transform texts_to_sequences texts_to_matrix DataFrame to_categorical""".split()
)
#: Functions that make one row out of a list of one.
_GATHERS = frozenset(
    """array asarray stack vstack convert_to_tensor constant DataFrame pad_sequences transform
    texts_to_sequences texts_to_matrix""".split()
)
#: Methods of a data set that leave its batches as they are.
_SAME_BATCHES = frozenset("prefetch take skip repeat cache map as_numpy_iterator".split())
#: Functions that draw numbers of rows, and the position of how many.
_PICKS = {"randint": 2, "integers": 2, "choice": 1, "sample": 1, "random_integers": 2}


@dataclass(frozen=True, slots=True)
class _Here:
    """A function, and the call that leads to it where one is known."""

    function: Function
    call: Call | None = None
    caller: _Here | None = None


class Items:
    """Tells one item from many, in one project."""

    def __init__(self, project: Project) -> None:
        self._project = project

    def is_one(self, data: Expr, place: Place, around: Repetition) -> bool:
        """Whether the first axis of `data`, an argument of the call at `place`, has length one.

        Names are followed to what is assigned, parameters to what the calls of `around` pass.
        """
        here: _Here | None = None
        for link in around.chain:
            caller = _Here(function_of(self._project, link.place), here.call if here else None, here)
            here = _Here((0, 0), self._call(link.place), caller)
        function = function_of(self._project, place)
        found = _Here(function, here.call if here else None, here.caller if here else None)
        if isinstance(data, Name):
            # input = [one, style]; ...; input = [frames, styles]; net.predict(input)  # the latter
            last = _last_before(data.id, self._project.bodies.whole(*function), place.node)
            data = data if last is None else last
        # net.predict([token] + states)
        if isinstance(data, Binary) and data.op == "+":
            lists = [item for item in data.operands if isinstance(item, Display) and item.kind == "list"]
            if any(self._one(part, found, 0) for item in lists for part in item.items):
                return True
        return self._one(data, found, 0)

    def width(self, data: Expr, place: Place) -> int | None:
        """Return how many rows an argument of the call at `place` has, where the code says it.

        64 for x[start : start + 64], and for np.random.normal(size=(batch, 100)) where `batch` is 64.
        """
        here = _Here(function_of(self._project, place))
        body = self._project.bodies.whole(*here.function)
        if not isinstance(data, Name):
            return self._rows(data, here, 0)
        # noise = normal(0, 1, (64, 100)); ...; noise = normal(0, 1, (9, 100)); net.predict(noise)
        last = _last_before(data.id, body, place.node)
        if last is not None and (width := self._rows(last, here, 0)) is not None:
            return width
        # for chunk in chunks(rows, 64): ...; for number, (x, y) in enumerate(batches(rows, labels)): ...
        for loop in walk_kind(body, For):
            for target, iterable in _pairs(loop.target, loop.iterable):
                if data in (target.items if isinstance(target, Display) else [target]) and isinstance(
                    iterable, Call
                ):
                    return self._yielded(iterable, here, target, data)
        return None

    def _rows(self, expr: Expr, here: _Here, steps: int) -> int | None:
        if steps > _MAX_STEPS:
            return None
        if isinstance(expr, Name):
            found = {self._rows(value, place, steps + 1) for value, place in self._values(expr.id, here)}
            return found.pop() if len(found) == 1 else None
        if isinstance(expr, Subscript):
            return self._slice(expr, here) or self._picked(expr, here, steps + 1)
        if not isinstance(expr, Call):
            return None
        name = last_of(expr.func)
        shape = shape_given(name, expr)
        if shape is not None:
            first = shape.items[0] if isinstance(shape, Display) and shape.items else shape
            return self._number(first, here, steps + 1)
        return self._rows(expr.args[0], here, steps + 1) if name in _PASSES and expr.args else None

    def _picked(self, expr: Subscript, here: _Here, steps: int) -> int | None:
        """Return how many rows are picked at random: images[np.random.randint(0, len(images), 32)]."""
        index = first_axis(expr)
        if isinstance(index, Name):
            found = [value for value, _ in self._values(index.id, here)]
            index = found[0] if len(found) == 1 else index
        if not isinstance(index, Call) or last_of(index.func) not in _PICKS:
            return None
        position = _PICKS[last_of(index.func)]
        size = next((value for key, value in index.keywords if key in {"size", "k"}), None)
        if size is None and len(index.args) > position:
            size = index.args[position]
        return None if size is None else self._number(size, here, steps)

    def _yielded(self, call: Call, here: _Here, target: Expr, data: Expr) -> int | None:
        for callee in callees(self._project, Place(here.function[0], call.node)):
            inside = _Here(callee, call, here)
            for given in walk_kind(self._project.bodies.whole(*callee), Yield):
                value = given.value
                if isinstance(target, Display) and isinstance(value, Display):
                    same = len(target.items) == len(value.items)
                    value = value.items[target.items.index(data)] if same else None
                if isinstance(value, Name):
                    found = _assigned(value.id, self._project.bodies.whole(*callee))
                    value = found[0] if len(found) == 1 else None
                if isinstance(value, Subscript):
                    return self._slice(value, inside)
        return None

    def _slice(self, data: Subscript, here: _Here) -> int | None:
        bounds = first_axis(data)
        if not isinstance(bounds, Opaque) or len(bounds.parts) != BOUNDS:
            return None
        start, stop = bounds.parts
        # rows[start : min(start + 32, len(rows))]
        if isinstance(stop, Call) and last_of(stop.func) in {"min", "minimum"}:
            stop = next((item for item in stop.args if isinstance(item, Binary)), stop)
        if isinstance(stop, Binary) and stop.op == "+" and start in stop.operands:
            rest = [item for item in stop.operands if item != start]
            return self._number(rest[0], here, 0) if len(rest) == 1 else None
        return None

    def _number(self, expr: Expr, here: _Here, steps: int) -> int | None:
        if isinstance(expr, Literal):
            return expr.value if isinstance(expr.value, int) and expr.value is not True else None
        if steps > _MAX_STEPS:
            return None
        # half = int(batch / 2), half = batch // 2
        if isinstance(expr, Call) and last_of(expr.func) == "int" and len(expr.args) == 1:
            expr = expr.args[0]
        if isinstance(expr, Binary) and expr.op in {"/", "//"} and len(expr.operands) == BOUNDS:
            above, below = (self._number(item, here, steps + 1) for item in expr.operands)
            return above // below if above is not None and below else None
        if isinstance(expr, Name):
            values = self._given_by_callers(expr.id, here) or list(self._values(expr.id, here))
        elif isinstance(expr, Attribute) and expr.value == Name("self"):
            values = list(self._stored(expr.attr, here))
        else:
            return None
        numbers = {self._number(value, place, steps + 1) for value, place in values}
        return numbers.pop() if len(numbers) == 1 else None

    def _given_by_callers(self, name: str, here: _Here) -> list[tuple[Expr, _Here]]:
        """Return what the calls of the project pass for a parameter, where no call is looked at already."""
        facts = self._project.function(*here.function)
        position = next((n for n, param in enumerate(facts.params) if param.name == name), None)
        if position is None or here.call is not None or _assigned(name, facts.body):
            return []
        found: list[tuple[Expr, _Here]] = []
        for place in callers(self._project, here.function)[:_MAX_STEPS]:
            call, caller = self._call(place), function_of(self._project, place)
            if call is None:
                continue
            given = passed(self._project, caller, call, here.function, position)
            value = given.value or (facts.params[position].default if given.seen else None)
            found.append((Opaque([]) if value is None else value, _Here(caller)))
        return found

    def _call(self, place: Place) -> Call | None:
        body = self._project.bodies.whole(*function_of(self._project, place))
        return next((item for item in walk_kind(body, Call) if item.node == place.node), None)

    def _one(self, expr: Expr, here: _Here, steps: int) -> bool:  # noqa: PLR0911 -- one case a kind
        if steps > _MAX_STEPS:
            return False
        if isinstance(expr, Subscript):
            return first_is_one(expr)
        if isinstance(expr, Call):
            return self._call_is_one(expr, here, steps + 1)
        if isinstance(expr, Display):
            # model.predict([image[None], meta[None]])
            return any(self._one(item, here, steps + 1) for item in expr.items)
        if isinstance(expr, DictDisplay):
            return any(self._one(value, here, steps + 1) for _, value in expr.items)
        # np.array([style] * len(frames)): as many rows as there are frames; but not: [target] + states
        if isinstance(expr, Binary) and expr.op != "+" and any(isinstance(o, Display) for o in expr.operands):
            return False
        if isinstance(expr, Binary | Boolean):
            return any(self._one(item, here, steps + 1) for item in expr.operands)
        if isinstance(expr, Conditional):
            return self._one(expr.body, here, steps + 1) or self._one(expr.orelse, here, steps + 1)
        if isinstance(expr, Name):
            return any(
                self._one(value, place, steps + 1) for value, place in self._values(expr.id, here)
            ) or self._is_batch_of_one(expr, here, steps + 1)
        if isinstance(expr, Attribute):
            # frame.iloc[-1:].values
            if expr.attr == "values":
                return self._one(expr.value, here, steps + 1)
            return any(self._one(value, place, steps + 1) for value, place in self._stored(expr.attr, here))
        return False

    def _call_is_one(self, call: Call, here: _Here, steps: int) -> bool:  # noqa: PLR0911 -- one case a kind
        name = last_of(call.func)
        args: list[Expr] = [item for item in call.args if not isinstance(item, Starred)]
        keywords = {key: value for key, value in call.keywords if key is not None}
        if name == "expand_dims":
            axis = keywords.get("axis", args[1] if len(args) > 1 else None)
            return axis == Literal(0)
        if name in {"reshape", "resize"} and args:
            return is_one_row(shape_of(call, args, keywords))
        if name == "atleast_2d":
            return True
        if name == "next" and args:
            # images = next(iter(flow.flow(x, batch_size=1)))
            return self._gives_batches_of_one(args[0], here, steps)
        if name in {"rand", "randn"}:
            return bool(args) and args[0] == Literal(1)
        if name in SHAPED:
            return is_one_row(shape_given(name, call))
        if name in _GATHERS and args and isinstance(args[0], Display):
            items = args[0].items
            # np.array([state]); not np.array([x, y]), nor np.array([*rows])
            return len(items) == 1 and not isinstance(items[0], Starred)
        of = rows_of(call, name, args, keywords)
        if of is not None:
            return of == Literal(1) or self._one(of, here, steps)
        if name in _PASSES and args:
            return self._one(args[0], here, steps)
        return self._result_is_one(call, here, steps)

    def _is_batch_of_one(self, name: Name, here: _Here, steps: int) -> bool:
        """Whether a loop, or an assignment, takes a name from what gives batches of one.

        for image, label in data.batch(1): ...; image, label = next(flow)
        """
        for target, given in _takes(self._project.bodies.whole(*here.function)):
            if name in (target.items[:1] if isinstance(target, Display) else [target]):
                return self._gives_batches_of_one(given, here, steps)
        return False

    def _gives_batches_of_one(self, expr: Expr, here: _Here, steps: int) -> bool:
        """Whether what a loop goes through says that each batch is one: flow(x, batch_size=1), batch(1)."""
        if steps > _MAX_STEPS:
            return False
        if isinstance(expr, Name):
            found = list(self._values(expr.id, here))
            return bool(found) and all(
                self._gives_batches_of_one(value, place, steps + 1) for value, place in found
            )
        if not isinstance(expr, Call):
            return False
        size = next((value for key, value in expr.keywords if key == "batch_size"), None)
        name = last_of(expr.func)
        if size is not None or (name == "batch" and expr.args):
            return self._number(size or expr.args[0], here, steps) == 1
        if name in {"iter", "tqdm", "enumerate", "islice"} and expr.args:
            return self._gives_batches_of_one(expr.args[0], here, steps + 1)
        of = expr.func.value if isinstance(expr.func, Attribute) else None
        return name in _SAME_BATCHES and of is not None and self._gives_batches_of_one(of, here, steps + 1)

    def _result_is_one(self, call: Call, here: _Here, steps: int) -> bool:
        for callee in callees(self._project, Place(here.function[0], call.node)):
            inside = _Here(callee, call, here)
            for given in walk_kind(self._project.bodies.whole(*callee), Return):
                if given.value is not None and self._one(given.value, inside, steps):
                    return True
        return False

    def _values(self, name: str, here: _Here) -> Iterator[tuple[Expr, _Here]]:
        """Yield what a name of a function may stand for, each with where that is to be looked at."""
        facts = self._project.function(*here.function)
        body = self._project.bodies.whole(*here.function)
        found = [(value, here) for value in _assigned(name, body)]
        yield from found
        for position, param in enumerate(facts.params):
            if param.name == name:
                given = self._passed(position, here)
                if given is not None:
                    yield given
                elif param.default is not None:
                    yield param.default, here
                return
        # A script: what the module binds, unless `for x, y in batches` of the function binds it.
        if not found and here.function[1] and not _is_bound_by_loop(name, body):
            module = _Here((here.function[0], 0))
            for value in _assigned(name, self._project.bodies.whole(*module.function)):
                yield value, module

    def _passed(self, position: int, here: _Here) -> tuple[Expr, _Here] | None:
        call, caller = here.call, here.caller
        if call is None or caller is None:
            return None
        given = passed(self._project, caller.function, call, here.function, position).value
        return None if given is None else (given, caller)

    def _stored(self, attr: str, here: _Here) -> Iterator[tuple[Expr, _Here]]:
        """Yield what the class of a method assigns to an attribute of its objects."""
        module, owner = here.function[0], self._project.function(*here.function).owner
        for function in self._project.modules[module].functions if owner is not None else ():
            if function.owner != owner or attr not in function.self_stores:
                continue
            for fact in walk_kind(function.body, Assign):
                if any(isinstance(item, Attribute) and item.attr == attr for item in fact.targets):
                    yield fact.value, _Here((module, function.index))


def _assigned(name: str, body: Iterable[object]) -> list[Expr]:
    return [
        fact.value
        for fact in walk(body)  # type: ignore[arg-type]
        if isinstance(fact, Assign)
        and any(isinstance(item, Name) and item.id == name for item in fact.targets)
    ]


def _takes(body: Iterable[Fact]) -> Iterator[tuple[Expr, Expr]]:
    """Yield what loops and `images, labels = next(batches)` bind with what they take it from."""
    for fact in walk(body):
        if isinstance(fact, For):
            yield from _pairs(fact.target, fact.iterable)
        elif isinstance(fact, Assign) and isinstance(fact.value, Call) and last_of(fact.value.func) == "next":
            several = [item for item in fact.targets if isinstance(item, Display)]
            yield from ((item, given) for item in several for given in fact.value.args[:1])


def _pairs(target: Expr, iterable: Expr) -> Iterator[tuple[Expr, Expr]]:
    """Yield what a loop binds with what it takes that from: for i, (x, y) in zip(count, batches(rows))."""
    name = last_of(iterable.func) if isinstance(iterable, Call) else ""
    args = list(iterable.args) if isinstance(iterable, Call) else []
    if name == "enumerate" and args and isinstance(target, Display) and len(target.items) > 1:
        yield from _pairs(target.items[1], args[0])
    elif name == "zip" and isinstance(target, Display) and len(target.items) == len(args):
        for part, given in zip(target.items, args, strict=True):
            yield from _pairs(part, given)
    elif name == "tqdm" and args:
        yield from _pairs(target, args[0])
    else:
        yield target, iterable


def _last_before(name: str, body: Iterable[object], node: int) -> Expr | None:
    """Return what a name was assigned last, in the order of the code, before a node."""
    found = [
        fact
        for fact in walk(body)  # type: ignore[arg-type]
        if isinstance(fact, Assign)
        and fact.node < node
        and Name(name) in fact.targets
        # x = net.predict(x)
        and not any(item.node == node for item in walk_kind(fact.value, Call))
    ]
    return max(found, key=lambda fact: fact.node).value if found else None


def _is_bound_by_loop(name: str, body: Iterable[object]) -> bool:
    """Whether a loop, a comprehension or a context manager among statements binds a name."""
    for fact in walk(body):  # type: ignore[arg-type]
        targets: list[Expr] = []
        if isinstance(fact, For):
            targets = [fact.target]
        elif isinstance(fact, Comprehension):
            targets = [target for target, _, _ in fact.clauses]
        elif isinstance(fact, With):
            targets = [target for _, target in fact.items if target is not None]
        if any(item.id == name for target in targets for item in walk_kind(target, Name)):
            return True
    return False


__all__ = ["Items"]
