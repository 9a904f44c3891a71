"""Numbers and lengths that the code says: literals, constants, defaults of options, `n_splits` of splitters.

A number is the most that it may be: of several alternatives the largest counts, and where one is not known
none is. Nothing is run.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

from leakscan.facts import model as f
from leakscan.facts.walk import walk, walk_kind
from leakscan.interpreter.origins import Origins, Source, api_names
from leakscan.interpreter.values import Class, Func
from leakscan.knowledge.python import DRAWN, NO_LONGER, RANGES, SPACES
from leakscan.knowledge.searches import SPLITTERS

if TYPE_CHECKING:
    from leakscan.interpreter.project import Project

_Function = tuple[int, int]
#: Reads an option and its default off the call that adds it; None where it adds another one.
_Reader = Callable[[f.Call, str], "tuple[str, f.Expr | None] | None"]
_MAX_DEPTH = 16
#: More than this is not counted: 10 ** 9 ** 9.
_MOST = 10**12

_RANGES = RANGES | {"arange"}
_REPEATS = 10
#: What cuts an array into parts, and how that argument is called.
_PARTS = frozenset({"array_split", "split", "hsplit", "vsplit", "dsplit"})
_PARTS_NAMES = frozenset({"indices_or_sections", "num_or_size_splits"})
_SPACE = 50


class Counting:
    """Works out how many; `defaults` are the options whose defaults it went by. Belongs to one question."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.origins = Origins(project, renews=False)
        self.defaults: dict[str, None] = {}
        self._depth = 0

    def number(self, expression: f.Expr, function: _Function) -> int | None:
        """Return the largest whole number that an expression may be, or None if the code does not say it."""
        if self._depth >= _MAX_DEPTH:
            return None
        self._begin()
        try:
            return self._number(expression, function)
        finally:
            self._depth -= 1

    def length(self, expression: f.Expr, function: _Function) -> int | None:
        """Return how many elements an expression has at most, or None if the code does not say it."""
        if self._depth >= _MAX_DEPTH:
            return None
        self._begin()
        try:
            return self._length(expression, function)
        finally:
            self._depth -= 1

    def calls(self, expression: f.Expr, function: _Function) -> list[tuple[f.Call, _Function]]:
        """Return the calls among what an expression stands for, each with the function that it stands in."""
        if not self._depth:
            self.origins.renew()
        return self.origins.calls(expression, function)

    def _begin(self) -> None:
        if not self._depth:
            self.origins.renew()
        self._depth += 1

    # Numbers

    def _number(self, expression: f.Expr, function: _Function) -> int | None:
        if isinstance(expression, f.Literal):
            return _whole(expression.value)
        if isinstance(expression, f.Binary):
            return self._arithmetic(expression, function)
        if isinstance(expression, f.Conditional):
            return _most([self.number(part, function) for part in (expression.body, expression.orelse)])
        if isinstance(expression, f.Boolean):
            return _most([self.number(part, function) for part in expression.operands])
        if isinstance(expression, f.Call):
            return self._called_number(expression, function)
        if isinstance(expression, f.Name | f.Attribute | f.Subscript):
            if isinstance(expression, f.Name) and (option := self._click_option(expression.id, function)):
                return self._default(*option)
            return _most(
                [self._number_of(item, expression) for item in self.origins.of(expression, function)]
            )
        return None

    def _number_of(self, source: Source, asked: f.Expr) -> int | None:
        if source is None:
            return None
        expression, function = source
        if isinstance(expression, f.Attribute | f.Subscript):
            default = self._option(expression, function)
            return None if default is None else self._default(*default)
        return None if expression is asked else self.number(expression, function)

    def _arithmetic(self, expression: f.Binary, function: _Function) -> int | None:
        # Of a - b + c the facts have the last operator only.
        if len(expression.operands) != 2:  # noqa: PLR2004
            return None
        left, right = (self.number(part, function) for part in expression.operands)
        if left is None or right is None:
            return None
        if expression.op == "+":
            return left + right
        if expression.op == "-":
            return left - right
        if expression.op == "*":
            return left * right if abs(left * right) <= _MOST else None
        if expression.op in {"/", "//"}:
            return left // right if right else None
        if expression.op == "%" and right:
            return left % right
        if expression.op == "**" and 0 <= right <= 12 and abs(left) <= 100:  # noqa: PLR2004
            return int(left**right)
        return None

    def _called_number(self, call: f.Call, function: _Function) -> int | None:
        name = _last(call.func)
        if any(isinstance(atom, Func | Class) for atom in self.project.static(*function, call.func)):
            return None
        if name == "len" and len(call.args) == 1:
            return self.length(call.args[0], function)
        if name in {"int", "float", "round", "abs", "ceil", "floor"} and call.args:
            return self.number(call.args[0], function)
        if name == "min":
            known = [found for arg in call.args if (found := self.number(arg, function)) is not None]
            return min(known) if known and len(call.args) > 1 else None
        if name == "max" and len(call.args) > 1:
            return _most([self.number(arg, function) for arg in call.args])
        if name in {"Option", "Argument"} and call.args:
            # def main(folds: int = typer.Option(5))
            return self.number(call.args[0], function)
        if name == "get" and isinstance(call.func, f.Attribute) and call.args:
            # settings.get("folds", 5)
            element = f.Subscript(call.node, call.func.value, call.args[0], is_slice=False)
            return self.number(element, function)
        return None

    # Options

    def _default(self, name: str, default: f.Expr | None, function: _Function) -> int | None:
        if default is None:
            return None
        found = self.number(default, function)
        if found is not None:
            self.defaults[name] = None
        return found

    def _option(
        self, expression: f.Attribute | f.Subscript, function: _Function
    ) -> tuple[str, f.Expr | None, _Function] | None:
        """Return the option, with its default, that an attribute of parsed arguments stands for."""
        if isinstance(expression, f.Subscript):
            if not isinstance(expression.index, f.Literal):
                return None
            name = str(expression.index.value)
        else:
            name = expression.attr
        for found, where in self.origins.calls(expression.value, function):
            call, place = found, where
            # vars(parser.parse_args())["folds"]
            if _last(call.func) == "vars" and call.args:
                call, place = next(iter(self.origins.calls(call.args[0], where)), (found, where))
            if _last(call.func) in {"parse_args", "parse_known_args"}:
                return self._added(name, place, _argparse_option)
        for source in self.origins.of(expression.value, function):
            if source is not None and any(
                api.endswith("flags.FLAGS") for api in api_names(self.project, source[1], source[0])
            ):
                return self._added(name, source[1], _absl_flag)
        names = api_names(self.project, function, expression.value)
        if any(api.endswith("flags.FLAGS") for api in names):
            return self._added(name, function, _absl_flag)
        return None

    def _added(
        self, name: str, where: _Function, reader: _Reader
    ) -> tuple[str, f.Expr | None, _Function] | None:
        """Return the option that the nearest module adds under a name."""
        group = self.project.component(where[0])
        # parser.add_argument("--batch-size")
        spelling = self.project.spelling(name, name.partition("_")[0])
        others = [number for number in spelling if self.project.component(number) == group]
        for module in [where[0], *(number for number in others if number != where[0])]:
            for facts in self.project.modules[module].functions:
                for call in walk_kind(facts.body, f.Call):
                    found = reader(call, name)
                    if found is not None:
                        return found[0], found[1], (module, facts.index)
        return None

    def _click_option(self, name: str, function: _Function) -> tuple[str, f.Expr | None, _Function] | None:
        """Return the option of click that a parameter stands for."""
        facts = self.project.function(*function)
        if not facts.decorators or all(param.name != name for param in facts.params):
            return None
        for decorator in facts.decorators:
            if not isinstance(decorator, f.Call) or _last(decorator.func) != "option":
                continue
            if not any(
                api.startswith(("click.", "rich_click.", "asyncclick."))
                for api in api_names(self.project, function, decorator.func)
            ):
                continue
            words = [arg.value for arg in decorator.args if isinstance(arg, f.Literal)]
            if name in {str(word).lstrip("-").replace("-", "_") for word in words}:
                return str(words[0]), _keyword(decorator, "default"), (function[0], facts.parent or 0)
        return None

    # Lengths

    def _length(self, expression: f.Expr, function: _Function) -> int | None:  # noqa: PLR0911 -- one case a kind
        if isinstance(expression, f.Display):
            inner = [
                self.length(item.value, function) if isinstance(item, f.Starred) else 1
                for item in expression.items
            ]
            return None if None in inner else sum(item or 0 for item in inner)
        if isinstance(expression, f.DictDisplay):
            return None if any(key is None for key, _ in expression.items) else len(expression.items)
        if isinstance(expression, f.Literal):
            return len(expression.value) if isinstance(expression.value, str) else None
        if isinstance(expression, f.Comprehension):
            return self.product([iterable for _, iterable, _ in expression.clauses], function)
        if isinstance(expression, f.Conditional):
            return _most([self.length(part, function) for part in (expression.body, expression.orelse)])
        if isinstance(expression, f.Binary) and len(expression.operands) == 2:  # noqa: PLR2004
            return self._joined(expression, function)
        if isinstance(expression, f.Subscript) and expression.is_slice:
            known = [self.length(expression.value, function)]
            # for name in names[:5]: ...
            if isinstance(expression.index, f.Opaque) and len(expression.index.parts) == 1:
                known.append(self.number(expression.index.parts[0], function))
            return min((count for count in known if count is not None and count >= 0), default=None)
        if isinstance(expression, f.Call):
            return self._called_length(expression, function)
        if isinstance(expression, f.Name | f.Attribute | f.Subscript):
            return _most(
                [self._length_of(item, expression) for item in self.origins.of(expression, function)]
            )
        return None

    def _length_of(self, source: Source, asked: f.Expr) -> int | None:
        if source is None:
            return None
        expression, function = source
        if isinstance(expression, f.Attribute | f.Subscript):
            option = self._option(expression, function)
            if option is not None and option[1] is not None:
                self.defaults[option[0]] = None
                return self.length(option[1], option[2])
        return None if expression is asked else self.length(expression, function)

    def product(self, iterables: list[f.Expr], function: _Function) -> int | None:
        """Return how many elements several iterables have when each goes through the next."""
        counts = [self.length(item, function) for item in iterables]
        return None if None in counts or not counts else math.prod(count or 0 for count in counts)

    def _joined(self, expression: f.Binary, function: _Function) -> int | None:
        left, right = expression.operands
        if expression.op == "+":
            counts = [self.length(left, function), self.length(right, function)]
            return None if None in counts else sum(count or 0 for count in counts)
        if expression.op == "*":
            several, times = self.length(left, function), self.number(right, function)
            return None if several is None or times is None else several * times
        return None

    def _called_length(self, call: f.Call, function: _Function) -> int | None:  # noqa: C901, PLR0911, PLR0912 -- a table
        name, args = _last(call.func), call.args
        owner = call.func.value if isinstance(call.func, f.Attribute) else None
        # def shuffle(rows): ...  # one of the project
        if any(isinstance(atom, Func | Class) for atom in self.project.static(*function, call.func)):
            return None
        if name in _RANGES and args:
            return self._range(call, function)
        if name in SPACES:
            count = _argument(call, 2, "num")
            return _SPACE if count is None else self.number(count, function)
        if name == "zip":
            known = [found for arg in args if (found := self.length(arg, function)) is not None]
            return min(known) if known else None
        if name == "product" and args:
            found = self.product(list(args), function)
            repeat = _keyword(call, "repeat")
            times = 1 if repeat is None else self.number(repeat, function)
            return None if found is None or times is None or times > 8 else found**times  # noqa: PLR2004
        if name in {"islice", "sample", "choices"} and len(args) > 1:
            return self.number(args[1], function)
        if name in DRAWN and (count := _argument(call, DRAWN[name], "size")) is not None:
            return self.number(count, function)
        # frame.sample(5), frame.sample(n=5)
        if name == "sample" and owner is not None and (count := _argument(call, 0, "n")) is not None:
            return self.number(count, function)
        if name == "choices" and (count := _keyword(call, "k")) is not None:
            return self.number(count, function)
        if name == "repeat" and owner is None and len(args) > 1:
            return self.number(args[1], function)
        if name in {"map", "starmap"} and len(args) > 1:
            return self.length(args[1], function)
        if name in {"take", "head"} and owner is not None and len(args) == 1:
            return self.number(args[0], function)
        if name in {"items", "keys", "values", "copy", "tolist"} and owner is not None and not args:
            return self.length(owner, function)
        if name == "split" and owner is not None and (found := self._splits(owner, function)) is not None:
            return found
        # np.array_split(rows, folds)
        if name in _PARTS and (found := self._parts(call, function)) is not None:
            return found
        if name == "split" and isinstance(owner, f.Literal) and isinstance(owner.value, str):
            separator = args[0].value if args and isinstance(args[0], f.Literal) else None
            return len(owner.value.split(str(separator) if separator else None))
        if name == "ParameterGrid" and args:
            return self.grid(args[0], function)
        if name == "ParameterSampler" and (count := _argument(call, 1, "n_iter")) is not None:
            return self.number(count, function)
        if name in NO_LONGER and args:
            return self.length(args[1] if name == "filter" and len(args) > 1 else args[0], function)
        return None

    def _parts(self, call: f.Call, function: _Function) -> int | None:
        """Return how many parts a function of NumPy or TensorFlow cuts an array into."""
        apis = api_names(self.project, function, call.func)
        if not any(api.startswith(("numpy.", "tensorflow.", "keras.ops.")) for api in apis):
            return None
        count = (
            call.args[1]
            if len(call.args) > 1
            else next((value for key, value in call.keywords if key in _PARTS_NAMES), None)
        )
        if count is None:
            return None
        known = self.number(count, function)
        if known is not None:
            return known
        # np.split(rows, [100, 200])
        places = self.length(count, function)
        return None if places is None else places + 1

    def _range(self, call: f.Call, function: _Function) -> int | None:
        numbers = [self.number(arg, function) for arg in call.args]
        if len(numbers) == 1:
            return None if numbers[0] is None else max(numbers[0], 0)
        start, stop, step = (*numbers, 1)[:3]
        if stop is None or start is None or not step:
            return None
        return len(range(start, stop, step))

    def _splits(self, owner: f.Expr, function: _Function) -> int | None:
        """Return how many parts a splitter makes: StratifiedKFold(n_splits=5)."""
        if None in self.origins.of(owner, function):
            return None
        return _most([self._splits_of(*item) for item in self.origins.calls(owner, function)])

    def _splits_of(self, call: f.Call, function: _Function) -> int | None:
        # from sklearn.model_selection import StratifiedKFold as Folds
        names = [api.rpartition(".")[2] for api in api_names(self.project, function, call.func)]
        name = names[0] if names else _last(call.func)
        count = _keyword(call, "n_splits")
        if count is None and name in SPLITTERS and call.args:
            count = call.args[0]
        if count is None and name not in SPLITTERS:
            return None
        found = SPLITTERS[name] if count is None else self.number(count, function)
        if found is not None and name.startswith("Repeated"):
            repeats = _argument(call, 1, "n_repeats")
            times = _REPEATS if repeats is None else self.number(repeats, function)
            return None if times is None else found * times
        return found

    def grid(self, grid: f.Expr, function: _Function) -> int | None:
        """Return how many combinations a grid has: {"units": [8, 16], "rate": [0.1, 0.01]} has four."""
        found: list[int | None] = []
        for source in self.origins.of(grid, function):
            if source is None:
                return None
            display, where = source
            if not isinstance(display, f.DictDisplay):
                return None
            found.append(self.product([value for _, value in display.items], where))
        return _most(found)

    # Loops

    def iterations(self, loop: f.For | f.While | f.Comprehension, function: _Function) -> int | None:
        """Return how often the body of a loop runs at most, or None if the code does not say it."""
        if isinstance(loop, f.For):
            known = [self.length(loop.iterable, function), self._left_after(loop, function)]
            return min((count for count in known if count is not None), default=None)
        if isinstance(loop, f.Comprehension):
            return self.product([iterable for _, iterable, _ in loop.clauses], function)
        return self._counted(loop, function)

    def _left_after(self, loop: f.For, function: _Function) -> int | None:
        """Return after how many iterations `shown += 1; if shown > 5: break` leaves a loop."""
        counters = {
            item.target.id
            for item in loop.body
            if isinstance(item, f.AugAssign)
            and isinstance(item.target, f.Name)
            and (item.op, item.value) == ("+", f.Literal(1))
        }
        # for number, batch in enumerate(data): if number >= 5: break
        call, target = loop.iterable, loop.target
        if isinstance(call, f.Call) and _last(call.func) == "enumerate" and isinstance(target, f.Display):
            counters |= {item.id for item in target.items[:1] if isinstance(item, f.Name)}
        for item in loop.body:
            if (
                not isinstance(item, f.If)
                or not isinstance(item.test, f.Compare)
                or len(item.test.rights) != 1
            ):
                continue
            (operator, limit), left = item.test.rights[0], item.test.left
            leaves = bool(item.body) and isinstance(item.body[-1], f.Jump) and item.body[-1].kind == "break"
            if leaves and operator in {">", ">=", "=="} and isinstance(left, f.Name) and left.id in counters:
                most = self.number(limit, function)
                return None if most is None else most + 1
        return None

    def _counted(self, loop: f.While, function: _Function) -> int | None:
        """Return the limit of `while step < 100: ...; step += 1`, where the counter starts at 0 or more."""
        test = loop.test
        if not isinstance(test, f.Compare) or len(test.rights) != 1 or not isinstance(test.left, f.Name):
            return None
        operator, limit = test.rights[0]
        counter = test.left.id
        steps = [
            item
            for item in walk(loop.body)
            if isinstance(item, f.AugAssign) and isinstance(item.target, f.Name) and item.target.id == counter
        ]
        if operator not in {"<", "<="} or len(steps) != 1 or steps[0] not in loop.body or steps[0].op != "+":
            return None
        most, step = self.number(limit, function), self.number(steps[0].value, function)
        if most is None or not step or step < 1:
            return None
        return max(math.ceil(most / step) + (operator == "<="), 0)


def _argparse_option(call: f.Call, name: str) -> tuple[str, f.Expr | None] | None:
    """Read parser.add_argument("-k", "--folds", default=5)."""
    if _last(call.func) != "add_argument":
        return None
    words = [str(arg.value) for arg in call.args if isinstance(arg, f.Literal)]
    long = [word for word in words if word.startswith("--")] or words
    dest = _keyword(call, "dest")
    named = str(dest.value) if isinstance(dest, f.Literal) else long[0].lstrip("-") if long else ""
    return (long[0], _keyword(call, "default")) if long and named.replace("-", "_") == name else None


def _absl_flag(call: f.Call, name: str) -> tuple[str, f.Expr | None] | None:
    """Read flags.DEFINE_integer("folds", 5, "number of folds")."""
    if not _last(call.func).startswith("DEFINE_") or not call.args:
        return None
    first = call.args[0]
    if not isinstance(first, f.Literal) or first.value != name:
        return None
    return f"--{name}", _argument(call, 1, "default")


def _last(func: f.Expr) -> str:
    return func.attr if isinstance(func, f.Attribute) else func.id if isinstance(func, f.Name) else ""


def _keyword(call: f.Call, name: str) -> f.Expr | None:
    return next((value for key, value in call.keywords if key == name), None)


def _argument(call: f.Call, position: int, name: str) -> f.Expr | None:
    found = _keyword(call, name)
    return call.args[position] if found is None and position < len(call.args) else found


def _whole(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    # 1e3; not 0.5
    return int(value) if math.isfinite(value) and value == int(value) and abs(value) <= _MOST else None


def _most(numbers: list[int | None]) -> int | None:
    """Return the largest of numbers that are all known."""
    known = [number for number in numbers if number is not None]
    return max(known) if known and len(known) == len(numbers) else None


__all__ = ["Counting"]
