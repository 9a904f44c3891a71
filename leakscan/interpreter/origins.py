"""Which expressions a name, an attribute or an element stands for: assignments, arguments, defaults.

Where values (`leakscan.interpreter.values`) say what something may be, this says where it is written: a
length is read off the list that a loop goes through, a number off
the default of an option.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from leakscan.facts import model as f
from leakscan.facts.names import names as names_in
from leakscan.facts.walk import Fact
from leakscan.interpreter.passing import passed
from leakscan.interpreter.values import Api, Class
from leakscan.knowledge.python import GROWERS, SHRINKERS

if TYPE_CHECKING:
    from leakscan.interpreter.project import Project

_Function = tuple[int, int]
#: An expression and the function that it stands in; None for what nothing in sight says.
Source = tuple[f.Expr, _Function] | None
_MUTATORS = frozenset(GROWERS) | SHRINKERS
#: Names that are followed from one to the next.
_MAX_STEPS = 12
#: More sources than this say nothing any more.
_MAX_SOURCES = 24
#: Steps from a name to what it stands for, in all: arguments of arguments multiply.
_MOST_STEPS = 2000


class Origins:
    """Follows names to the expressions that they stand for. Belongs to one question.

    Each thing that is asked may take so many steps, then nothing in sight says what it is. Who asks several
    things for one (`renews` is False) says when the next one begins.
    """

    def __init__(self, project: Project, *, renews: bool = True) -> None:
        self.project = project
        self._depth = 0
        self._renews = renews
        self._steps_left = _MOST_STEPS

    def renew(self) -> None:
        """Begin to count steps anew: another question."""
        self._steps_left = _MOST_STEPS

    def of(self, expression: f.Expr, function: _Function) -> list[Source]:
        """Return what an expression of a function stands for: itself, where it is no name."""
        if self._renews and not self._depth:
            self.renew()
        # a = b.first; b = a.second
        if self._depth >= _MAX_STEPS:
            return [None]
        self._depth += 1
        try:
            return self._of(expression, function)
        finally:
            self._depth -= 1

    def calls(self, expression: f.Expr, function: _Function) -> list[tuple[f.Call, _Function]]:
        """Return the calls among what an expression stands for, each with the function that it stands in."""
        found: list[tuple[f.Call, _Function]] = []
        for source in self.of(expression, function):
            if source is not None:
                here, where = source
                if isinstance(here, f.Call):
                    found.append((here, where))
        return found

    def _of(self, expression: f.Expr, function: _Function) -> list[Source]:
        found: list[Source] = []
        queue: list[tuple[f.Expr, _Function, int]] = [(expression, function, 0)]
        seen: set[tuple[str, _Function]] = set()
        while queue:
            here, where, steps = queue.pop(0)
            if not isinstance(here, f.Name | f.Attribute | f.Subscript):
                found.append((here, where))
                continue
            key = (repr(here), where)
            if key in seen:
                continue
            seen.add(key)
            self._steps_left -= 1
            if self._steps_left < 0:
                return [None]
            nexts = list(self._step(here, where)) if steps < _MAX_STEPS else [None]
            for item in nexts:
                if item is None:
                    found.append(None)
                elif item[0] is here and item[1] == where:
                    found.append(item)
                else:
                    queue.append((*item, steps + 1))
            if len(queue) + len(found) > _MAX_SOURCES:
                return [None]
        return found or [None]

    def _step(self, here: f.Name | f.Attribute | f.Subscript, where: _Function) -> Iterator[Source]:
        if isinstance(here, f.Name):
            yield from self._name(here.id, where)
        elif isinstance(here, f.Attribute):
            yield from self._attribute(here, where)
        else:
            yield from self._element(here, where)

    # Names

    def _name(self, name: str, where: _Function) -> Iterator[Source]:
        module, scope = where
        while True:
            facts = self.project.function(module, scope)
            position = next((n for n, param in enumerate(facts.params) if param.name == name), None)
            bound = list(self._bindings(facts.body, name))
            if position is not None or (bound and name not in facts.globals):
                # Assigned as well: `folds = folds or 5` refers to itself and is left at that.
                yield from self._bound(bound, (module, scope))
                if position is not None:
                    yield from self._passed((module, scope), position)
                # def main(): global FOLDS; FOLDS = int(sys.argv[1])
                if not scope and any(name in item.globals for item in self.project.modules[module].functions):
                    yield None
                return
            if not scope:
                break
            scope = facts.parent or 0
        yield from self._imported(name, module)

    def _bound(self, bound: list[f.Expr | f.Import | None], where: _Function) -> Iterator[Source]:
        for item in bound:
            if isinstance(item, f.Import):
                yield from self._import(item, where[0])
            else:
                yield None if item is None else (item, where)

    def _imported(self, name: str, module: int) -> Iterator[Source]:
        """Yield what star imports give for a name that the module does not bind."""
        for star in self.project.symbols(module).stars:
            target = self._module(module, star.module, star.level)
            if target is not None and name in self.project.symbols(target).bindings:
                yield from self._name(name, (target, 0))
                return
        yield None

    def _bindings(self, block: list[f.Stmt], name: str) -> Iterator[f.Expr | f.Import | None]:
        return bindings_of(self.project.bodies.binders(block, name), name)

    def _import(self, item: f.Import, module: int) -> Iterator[Source]:
        target = self._module(module, item.module, item.level)
        if target is None or item.attr is None:
            yield None
            return
        body = self.project.function(target, 0).body
        yield from self._bound(list(self._bindings(body, item.attr)) or [None], (target, 0))

    def _module(self, module: int, name: str, level: int) -> int | None:
        path = self.project.index.resolve(self.project.paths[module], name, level)
        return None if path is None else self.project.by_path.get(path)

    # Parameters

    def _passed(self, function: _Function, position: int) -> Iterator[Source]:
        """Yield what the calls of the project pass for a parameter, its default where they pass nothing."""
        facts = self.project.function(*function)
        param = facts.params[position]
        if param.kind in {"args", "kwargs"}:
            yield None
            return
        callers = self.project.engine.edges.get(function, {})
        if not callers:
            # Nobody calls it in sight: what it says itself.
            yield None if param.default is None else (param.default, (function[0], facts.parent or 0))
        for caller, node in sorted(callers):
            call = call_of(self.project, caller, node)
            yield None if call is None else self._argument(call, caller, function, position)

    def _argument(self, call: f.Call, caller: _Function, function: _Function, position: int) -> Source:
        given = passed(self.project, caller, call, function, position)
        if given.value is not None:
            return given.value, caller
        facts = self.project.function(*function)
        default = facts.params[position].default
        return None if default is None or not given.seen else (default, (function[0], facts.parent or 0))

    # Attributes and elements

    def _attribute(self, here: f.Attribute, where: _Function) -> Iterator[Source]:
        owner = self._owner(here.value, where)
        if owner is not None:
            yield from self._of_class(*owner, here.attr)
            return
        if isinstance(here.value, f.Name):
            for binding in self.project.symbols(where[0]).bindings.get(here.value.id, ()):
                item = binding.imported
                if item is not None:
                    name = item.module if item.attr is None else f"{item.module}.{item.attr}"
                    target = self._module(where[0], name, item.level)
                    if target is not None:
                        yield from self._name(here.attr, (target, 0))
                        return
        # What is an object of a library keeps its attribute: args.folds
        yield here, where

    def _owner(self, expression: f.Expr, where: _Function) -> tuple[int, int] | None:
        """Return the class of the project that an expression is an object of (or is itself)."""
        facts = self.project.function(*where)
        if isinstance(expression, f.Name):
            if facts.owner is not None and facts.params and facts.params[0].name == expression.id:
                return where[0], facts.owner
            for atom in self.project.static(*where, expression):
                if isinstance(atom, Class):
                    return atom.module, atom.index
        for call, caller in self.calls(expression, where):
            for atom in self.project.static(*caller, call.func):
                if isinstance(atom, Class):
                    return atom.module, atom.index
        return None

    def _of_class(self, module: int, index: int, name: str) -> Iterator[Source]:
        any_found = False
        for where, number in self.project.mro(module, index):
            klass = self.project.klass(where, number)
            for item in self._bindings(klass.body, name):
                any_found = True
                yield None if not isinstance(item, _EXPRESSIONS) else (item, (where, klass.parent))
            for method in klass.methods.values():
                facts = self.project.function(where, method)
                if name in facts.self_stores and facts.params:
                    for item in self._bindings(facts.body, f"{facts.params[0].name}.{name}"):
                        any_found = True
                        yield None if not isinstance(item, _EXPRESSIONS) else (item, (where, method))
        if not any_found:
            yield None

    def _element(self, here: f.Subscript, where: _Function) -> Iterator[Source]:
        if here.is_slice or not isinstance(here.index, f.Literal):
            yield here, where
            return
        index = here.index.value
        for source in self.of(here.value, where):
            if source is None:
                yield None
                continue
            base, place = source
            if isinstance(base, f.DictDisplay):
                values = [
                    value for key, value in base.items if isinstance(key, f.Literal) and key.value == index
                ]
                yield (values[-1], place) if values else None
            elif isinstance(base, f.Display) and isinstance(index, int):
                inside = -len(base.items) <= index < len(base.items)
                yield (base.items[index], place) if inside else None
            else:
                yield here, where


_EXPRESSIONS = (
    f.Name, f.Attribute, f.Call, f.Literal, f.Display, f.DictDisplay, f.Subscript, f.Binary, f.Boolean, f.Not,
    f.Compare, f.Conditional, f.Lambda, f.Comprehension, f.Starred, f.Walrus, f.Yield, f.Opaque,
)  # fmt: skip


def bindings_of(binders: Iterable[Fact], name: str) -> Iterator[f.Expr | f.Import | None]:
    """Yield what binders bind a name, or `self.x`, to; None for what is not written down, or changes it.

    binders: what `Bodies.binders` returns for the statements and the name.

    for x in xs; with open(p) as x; x += 1; x.append(1). Of `for x in (1, 2)` each element is one.
    """
    for item in binders:
        if isinstance(item, f.Assign):
            for target in item.targets:
                yield from _assigned(target, item.value, name)
        elif isinstance(item, f.Walrus):
            yield from _assigned(item.target, item.value, name)
        elif isinstance(item, f.For | f.AugAssign):
            if name in _targets(item.target):
                yield from _gone_through(item, name)
        elif isinstance(item, f.With):
            if any(target is not None and name in _targets(target) for _, target in item.items):
                yield None
        elif isinstance(item, f.Import):
            if item.name == name:
                yield item
        elif (
            isinstance(item, f.Call)
            and isinstance(item.func, f.Attribute)
            and item.func.attr in _MUTATORS
            and _dotted(item.func.value) == name
        ):
            yield None


def _assigned(target: f.Expr, value: f.Expr, name: str) -> Iterator[f.Expr | None]:
    if _dotted(target) == name:
        yield value
    elif isinstance(target, f.Subscript) and _dotted(target.value) == name:
        yield None
    elif isinstance(target, f.Display):
        if isinstance(value, f.Display) and len(value.items) == len(target.items):
            for part, given in zip(target.items, value.items, strict=True):
                yield from _assigned(part, given, name)
        elif name in _targets(target):
            # args, rest = parser.parse_known_args()
            func = value.func if isinstance(value, f.Call) else None
            known = isinstance(func, f.Attribute) and func.attr == "parse_known_args"
            yield value if known and _dotted(target.items[0]) == name else None


def _gone_through(item: f.For | f.AugAssign, name: str) -> Iterator[f.Expr | None]:
    """Yield what a loop binds a name to: for epochs in (50, 100)."""
    written = item.iterable if isinstance(item, f.For) else None
    if (
        isinstance(written, f.Display)
        and _dotted(item.target) == name
        and not any(isinstance(part, f.Starred) for part in written.items)
    ):
        yield from written.items
    else:
        yield None


def _targets(target: f.Expr) -> set[str]:
    if isinstance(target, f.Attribute):
        return {_dotted(target)}
    if isinstance(target, f.Display):
        return {name for item in target.items for name in _targets(item)}
    return set(names_in(target))


def _dotted(expression: f.Expr) -> str:
    if isinstance(expression, f.Name):
        return expression.id
    if isinstance(expression, f.Attribute) and isinstance(expression.value, f.Name):
        return f"{expression.value.id}.{expression.attr}"
    return ""


def call_of(project: Project, function: _Function, node: int) -> f.Call | None:
    """Return the call at a node of a function."""
    path = project.bodies.path(function[0], node)
    return path[-1] if path and isinstance(path[-1], f.Call) else None


def api_names(project: Project, function: _Function, expression: f.Expr) -> list[str]:
    """Return the external names that a dotted expression may stand for; builtins as `builtins.range`."""
    found = [atom.name for atom in project.static(*function, expression) if isinstance(atom, Api)]
    if not found and isinstance(expression, f.Name):
        return [f"builtins.{expression.id}"]
    return found


__all__ = ["Origins", "Source", "api_names", "bindings_of", "call_of"]
