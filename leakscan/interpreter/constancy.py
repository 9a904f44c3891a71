"""Whether an expression gives the same each time that a loop, or a driver, comes to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from leakscan.facts import model as f
from leakscan.facts.names import names as names_in
from leakscan.facts.walk import children, walk, walk_kind
from leakscan.interpreter.bodies import InPlace, changed_in_place, mutated
from leakscan.interpreter.passing import passed
from leakscan.interpreter.values import Api, Func, Host, Method, Object, Tensor
from leakscan.knowledge import Effect, Kind
from leakscan.knowledge.python import PURE_FUNCTIONS, PURE_METHODS, READERS
from leakscan.knowledge.servers import REQUEST_OBJECTS
from leakscan.places import Place
from leakscan.records import dataclass, field

if TYPE_CHECKING:
    from leakscan.interpreter.project import Project

_Function = tuple[int, int]
#: Facts whose value is that of their parts.
_TRANSPARENT = (
    f.Attribute, f.Binary, f.Boolean, f.Compare, f.Conditional, f.DictDisplay, f.Display, f.Literal, f.Not,
    f.Opaque, f.Starred, f.Subscript,
)  # fmt: skip
#: Assignments that are followed from one to the next.
_MAX_STEPS = 20
#: What is another object each time that it is made, with a state of its own.
_STATEFUL = frozenset({Kind.MODEL, Kind.LAYER, Kind.OPTIMIZER, Kind.VARIABLE, Kind.OTHER})
_NEW_MODELS = frozenset({Effect.LOADS_MODEL, Effect.COPIES_MODEL, Effect.OPENS_SESSION})
#: Calls that are followed into functions of the project, those that lead to the expression included.
_MAX_DEPTH = 8


@dataclass(slots=True)
class Changes:
    """What a loop, with all that it calls, may change: names of its function, globals, attributes."""

    names: set[str] = field(default_factory=set)
    globals: set[str] = field(default_factory=set)
    attributes: set[str] = field(default_factory=set)


class Constancy:
    """Judges expressions that stand below one loop.

    loop: the fact that repeats; None for a driver or a framework, which calls a function with arguments that
    nobody sees; framework: it is a framework. chain: the calls that lead from it to the expression, the
    outermost first; `reached` are the functions that the loop may run.
    """

    def __init__(  # noqa: PLR0913 -- what the answer depends on
        self,
        project: Project,
        loop: f.For | f.While | f.Comprehension | None,
        reached: Sequence[_Function],
        chain: Sequence[Place],
        *,
        framework: bool = False,
        calls_hold: bool = False,
        loops_hold: bool = False,
    ) -> None:
        self.project = project
        self.calls_hold = calls_hold
        #: What a loop further in goes through, always the same, counts as the same each time.
        self.loops_hold = loops_hold
        #: Nobody in the project calls the function that the chain starts in: a hook, a request handler.
        self.framework = framework
        self.loop = loop
        self.chain = chain
        self.changes = _changes(project, loop, reached)

    def holds(self, expression: f.Expr, function: _Function) -> bool:
        """Whether an expression of a function at the end of the chain gives the same each time."""
        return self._holds(expression, function, len(self.chain), 0)

    def _holds(self, expression: f.Expr, function: _Function, level: int, steps: int) -> bool:
        if steps > _MAX_STEPS:
            return False
        if isinstance(expression, f.Name):
            return self._name(expression.id, function, level, steps + 1)
        if isinstance(expression, f.Call):
            return self._call(expression, function, level, steps + 1)
        if self.calls_hold and isinstance(expression, f.Comprehension):
            return self._comprehension(expression, function, level, steps + 1)
        if not isinstance(expression, _TRANSPARENT):
            return False
        if isinstance(expression, f.Attribute) and expression.attr in self.changes.attributes:
            return False
        parts = [part for part in children(expression) if not isinstance(part, f.Define)]
        return all(self._holds(part, function, level, steps + 1) for part in parts)  # type: ignore[arg-type]

    def _comprehension(
        self, expression: f.Comprehension, function: _Function, level: int, steps: int
    ) -> bool:
        """Whether a comprehension is made of what is the same: [layer.name for layer in net.layers]."""
        own = {name for target, _, _ in expression.clauses for name in names_in(target)}
        free = {name.id for name in walk_kind([expression], f.Name)} - own
        return all(self._name(name, function, level, steps) for name in sorted(free))

    def _call(self, call: f.Call, function: _Function, level: int, steps: int) -> bool:
        """Whether a call gives the same each time: it computes with what does, or a function returns that."""
        passed = [*call.args, *(value for _, value in call.keywords)]
        func = call.func
        if self.calls_hold and (parts := self._parts_of(call, function)) is not None:
            return all(self._holds(item, function, level, steps) for item in parts)
        root: f.Expr = func
        while isinstance(root, f.Attribute):
            root = root.value
        # path = os.path.join(folder, "net.h5"); but not: def load(str): str(path)
        if isinstance(root, f.Name) and not self._binds(root.id, function):
            named = self.project.static(*function, func)
            if named and all(isinstance(atom, Api) and atom.name in PURE_FUNCTIONS for atom in named):
                return all(self._holds(item, function, level, steps) for item in passed)
        if isinstance(func, f.Attribute) and func.attr in READERS:
            # with open(path) as file: text = file.read(); but not: stream.read(1024), each time the next part
            fresh = not isinstance(func.value, f.Name) or self._is_fresh(func.value.id, function, level)
            return fresh and all(self._holds(item, function, level, steps) for item in (func.value, *passed))
        # (folder / "net").with_suffix(".h5"), "net_{}.h5".format(version)
        if isinstance(func, f.Attribute) and func.attr in PURE_METHODS:
            return all(self._holds(item, function, level, steps) for item in (func.value, *passed))
        record = self.project.engine.called(function, call.node)
        callees = () if record is None else record.func
        if not callees or not all(isinstance(atom, Func) for atom in callees):
            return False
        # @st.cache_resource: def load(path): ...; net = load("net.keras")
        if all(
            self.project.engine.memoised(atom.module, atom.function)
            for atom in callees
            if isinstance(atom, Func)
        ):
            return all(self._holds(item, function, level, steps) for item in passed)
        found = [
            self._returned(atom, call, function, level, steps) for atom in callees if isinstance(atom, Func)
        ]
        return all(found)

    def _parts_of(self, call: f.Call, function: _Function) -> list[f.Expr] | None:
        """Return what the result of a call is made from, if it is the same for the same; None if it is new.

        net.get_layer("conv"), K.gradients(a, b); but not: keras.optimizers.Adam(), build(), self.build()
        """
        record = self.project.engine.called(function, call.node)
        passed = [*call.args, *(value for _, value in call.keywords)]
        for atom in () if record is None else record.func:
            if isinstance(atom, Api):
                row = self.project.knowledge.call(atom.name)
                if row.effect in _NEW_MODELS or (row.effect is Effect.CREATES and row.kind in _STATEFUL):
                    return None
            elif not isinstance(atom, Method | Host | Object | Tensor):
                return None
        if record is None or not record.func:
            return None
        return [*passed, call.func.value] if isinstance(call.func, f.Attribute) else passed

    def _returned(self, callee: Func, call: f.Call, function: _Function, level: int, steps: int) -> bool:
        """Whether a function of the project returns the same: def weights(): return ROOT / "net.h5"."""
        facts = self.project.function(callee.module, callee.function)
        values = [item.value for item in walk_kind(facts.body, f.Return)]
        if facts.is_generator or facts.is_lambda or not values or level + 1 > _MAX_DEPTH:
            return False
        inner = Constancy.__new__(Constancy)
        inner.project, inner.loop, inner.changes = self.project, self.loop, self.changes
        inner.framework, inner.calls_hold = self.framework, self.calls_hold
        inner.loops_hold = self.loops_hold
        inner.chain = [*self.chain[:level], Place(function[0], call.node)]
        key = (callee.module, callee.function)
        return all(value is None or inner._holds(value, key, level + 1, steps) for value in values)  # noqa: SLF001

    def _is_fresh(self, name: str, function: _Function, level: int) -> bool:
        """Whether a name is bound anew each time, by the loop or by a function that it calls."""
        if not level and self.loop is not None:
            return name in self.changes.names
        return name in self.project.stored_names.stored(self.project.function(*function).body)

    def _binds(self, name: str, function: _Function) -> bool:
        """Whether a function, other than a module's own body, binds a name itself."""
        facts = self.project.function(*function)
        stored = self.project.stored_names.stored(facts.body) if function[1] else frozenset()
        return name in stored - self._imports(facts) or any(param.name == name for param in facts.params)

    @staticmethod
    def _imports(facts: f.FunctionFacts) -> set[str]:
        return {item.name for item in walk_kind(facts.body, f.Import)}

    def _name(self, name: str, function: _Function, level: int, steps: int) -> bool:
        facts = self.project.function(*function)
        position = next((index for index, param in enumerate(facts.params) if param.name == name), None)
        at_the_loop = level == 0 or (level == 1 and self.loop is None and not self.framework)
        if at_the_loop:
            # The driver passes other arguments each time; a loop does not change its function's own.
            if self.loop is None and position is not None:
                # fit() calls the hooks of one callback; a bound method is one object's.
                return position == 0 and facts.owner is not None
            if name in self.changes.names:
                return self._bound_by_the_loop(name, function, level, steps)
        elif position is not None:
            return self._argument(facts, function, position, level, steps)
        # What Streamlit runs again and again is a module: its names are like those of a function.
        own = bool(function[1]) or (self.framework and not level)
        if name in self.project.stored_names.stored(facts.body) and own and name not in self._imports(facts):
            return (at_the_loop and self.loop is not None) or self._assigned(
                name, facts, function, level, steps
            )
        return self._outside(name, facts, function, level)

    def _argument(
        self, facts: f.FunctionFacts, function: _Function, position: int, level: int, steps: int
    ) -> bool:
        """Whether what the call of the chain passes for a parameter is the same each time."""
        place = self.chain[level - 1]
        caller = (place.module, self.project.bodies.holder(place.module, place.node))
        call = next(
            (
                item
                for item in walk_kind(self.project.bodies.whole(*caller), f.Call)
                if item.node == place.node
            ),
            None,
        )
        if call is None:
            return False
        given = passed(self.project, caller, call, function, position)
        found = given.value if given.value is not None or not given.seen else facts.params[position].default
        return found is not None and self._holds(found, caller, level - 1, steps)

    def _bound_by_the_loop(self, name: str, function: _Function, level: int, steps: int) -> bool:
        """Whether the loop binds a name to the same each time: for x in xs: path = "net.h5"; load(path)."""
        if level or not isinstance(self.loop, f.For | f.While):
            return False
        if isinstance(self.loop, f.For) and name in names_in(self.loop.target):
            return False
        return self._all_the_same(name, self.loop.body, function, level, steps)

    def _assigned(
        self, name: str, facts: f.FunctionFacts, function: _Function, level: int, steps: int
    ) -> bool:
        """Whether everything that a function below the loop assigns to a name is the same each time."""
        return self._all_the_same(name, facts.body, function, level, steps)

    def _all_the_same(
        self, name: str, body: Sequence[f.Stmt], function: _Function, level: int, steps: int
    ) -> bool:
        values: list[f.Expr] = []
        bound = 0
        for fact in walk(body):
            if isinstance(fact, f.Assign):
                plain = [
                    target for target in fact.targets if isinstance(target, f.Name) and target.id == name
                ]
                values += [fact.value] * bool(plain)
                bound += any(name in names_in(target) for target in fact.targets)
            elif isinstance(fact, f.For | f.AugAssign | f.Walrus):
                bound += name in names_in(fact.target)
                # for layer in model.layers: K.function(model.input, layer.output)  # for each image
                if self.loops_hold and isinstance(fact, f.For) and name in names_in(fact.target):
                    values.append(fact.iterable)
            elif isinstance(fact, f.With):
                for context, target in fact.items:
                    bound += target is not None and name in names_in(target)
                    values += [context] * (target == f.Name(name))
            elif isinstance(fact, f.Call) and mutated(fact) == name:
                return False
        return 0 < len(values) == bound and all(
            self._holds(value, function, level, steps) for value in values
        )

    def _outside(self, name: str, facts: f.FunctionFacts, function: _Function, level: int) -> bool:
        """Whether a name of an enclosing function, or of the module, is the same each time."""
        scope = facts.parent
        while scope:
            outer = self.project.function(function[0], scope)
            own = name in self.project.stored_names.stored(outer.body)
            if own or any(param.name == name for param in outer.params):
                # A closure: of the function that has the loop its changes are known, of others nothing is.
                return self.loop is not None and name not in self.changes.names and level <= 1
            scope = outer.parent
        if not function[1] and level == 0 and name in self.changes.names:
            return False
        # load_model(f"models/{request.args['company']}.h5")
        named = self.project.static(*function, f.Name(name))
        if any(isinstance(atom, Api) and atom.name in REQUEST_OBJECTS for atom in named):
            return False
        return name not in self.changes.globals


def _changes(
    project: Project, loop: f.For | f.While | f.Comprehension | None, reached: Sequence[_Function]
) -> Changes:
    found = Changes()
    if isinstance(loop, f.Comprehension):
        for target, _, _ in loop.clauses:
            found.names |= set(names_in(target))
        _add(changed_in_place(list(loop.elements)), found, found.names)
    elif loop is not None:
        # for row in rows: from keras.models import load_model; ...  # the same each time
        imported = {item.name for item in walk_kind(loop.body, f.Import)}
        imported -= project.stored_names.rebound(loop.body)
        found.names |= project.stored_names.stored(loop.body) - imported
        if isinstance(loop, f.For):
            found.names |= set(names_in(loop.target))
        _add(project.bodies.in_place(loop.body), found, found.names)
    for key in reached:
        facts = project.function(*key)
        found.attributes |= facts.self_stores | facts.other_stores
        found.globals |= facts.globals & project.stored_names.stored(facts.body)
        _add(project.bodies.in_place(facts.body), found, found.globals)
    if loop is not None:
        # At the top level of a module, names of the loop are globals.
        found.globals |= found.names
    return found


def _add(changed: InPlace, found: Changes, names: set[str]) -> None:
    found.attributes |= changed.attributes
    names |= changed.names


__all__ = ["Constancy"]
