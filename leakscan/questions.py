"""What a rule may ask of a project: calls, values, who calls whom, what comes again, what stays.

Every function takes the project first. Nothing here changes it, and the order of questions does not matter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from leakscan.facts import model as f
from leakscan.facts.names import names as names_in
from leakscan.facts.walk import Fact, children, walk, walk_kind
from leakscan.interpreter.rebuilds import Rebuild
from leakscan.interpreter.retentions import Retention, Scope
from leakscan.interpreter.values import (
    Api,
    Class,
    Const,
    Container,
    Func,
    Host,
    Instance,
    Method,
    Object,
    Site,
    Size,
    Tensor,
    Unknown,
    Value,
)
from leakscan.knowledge import Kind
from leakscan.knowledge.spelling import canonical
from leakscan.places import ChainLink, Place

if TYPE_CHECKING:
    from leakscan.interpreter.project import Project

_LOOPS = (f.For, f.While, f.Comprehension)
_NAME = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*\Z")
#: What people call packages in code; a question names the package.
_ALIASES = {
    "tf": "tensorflow",
    "np": "numpy",
    "K": "keras.backend",
    "pd": "pandas",
    "plt": "matplotlib.pyplot",
}
#: Calls through which a loop is looked for.
_MAX_CALLS = 8

#: A function of the project: the index of its module, and its own within it; 0 is the module's own body.
Function = tuple[int, int]


class QuestionError(ValueError):
    """Raised for a question that no program can answer: a name that cannot exist, a kind that is none."""


# Calls


@dataclass(frozen=True, slots=True)
class Call:
    """A call.

    name: what is called: an external function in canonical form, or the name of a method. receiver: what the
    object of a method may be; empty for functions. call: the fact, with its arguments. values: what is passed
    by position, as far as it is known. function: the one that it stands in. around: the statements and
    expressions of that function that hold the call, the outermost first.
    """

    place: Place
    name: str
    receiver: frozenset[Kind]
    call: f.Call
    values: tuple[Value, ...]
    function: Function
    around: tuple[Fact, ...]

    @property
    def loop(self) -> Place | None:
        """The innermost loop around the call, in its function; `repetitions` looks through callers too."""
        nodes = [item.node for item in self.around if isinstance(item, _LOOPS)]
        return Place(self.place.module, nodes[-1]) if nodes else None

    @property
    def conditional(self) -> bool:
        """Whether the call stands under an `if`, a `while`, a `match`, an `and` or an `or`."""
        kinds = (f.If, f.While, f.Match, f.Conditional, f.Boolean)
        return any(isinstance(item, kinds) for item in self.around)

    def argument(self, position: int, keyword: str) -> f.Expr | None:
        """Return the expression that is passed at a position or by a keyword, or None."""
        for name, value in self.call.keywords:
            if name == keyword:
                return value
        args = self.call.args
        return args[position] if position < len(args) else None


def calls(
    project: Project,
    names: Iterable[str] = (),
    *,
    method: str | Iterable[str] = (),
    receiver: Kind | None = None,
) -> Iterator[Call]:
    """Yield calls of external functions, whatever aliases they go by, or of methods, as the code has them.

    names: dotted, as `tensorflow.function` or `gc.collect`; `keras` stands for every way to import Keras.
    method, receiver: methods of objects that may be of a kind, `calls(project, method="predict",
    receiver=Kind.MODEL)`, or, without a receiver, of any object. Calls in decorators and in defaults of
    parameters are left out. Raises QuestionError for a name that cannot exist.
    """
    names = [names] if isinstance(names, str) else list(names)
    wanted = {canonical(_existing(name)) for name in names}
    methods = {_existing(name) for name in ([method] if isinstance(method, str) else method)}
    if not wanted and not methods:
        raise QuestionError("no name and no method to look for")
    if receiver is not None and not isinstance(receiver, Kind):
        raise QuestionError(f"{receiver!r} is not a leakscan.knowledge.Kind")
    return _calls(project, wanted, methods, receiver)


def _existing(name: str) -> str:
    if not _NAME.match(name):
        raise QuestionError(f"{name!r} is no name")
    root = name.partition(".")[0]
    if root in _ALIASES and "." in name:
        raise QuestionError(f"{name!r}: name the package, {_ALIASES[root]}{name.removeprefix(root)!s}")
    return name


def _calls(project: Project, wanted: set[str], methods: set[str], receiver: Kind | None) -> Iterator[Call]:
    # Names that assignments bind, `keras = tf.keras`, are known once the project has been analysed.
    project.analysed()
    last = {name.rpartition(".")[2] for name in wanted}
    for module, facts in enumerate(project.modules):
        for function in facts.functions:
            if not function.called_names:
                continue
            key = (module, function.index)
            for call, around in calls_in(function.body, facts):
                place = Place(module, call.node)
                name = next((name for name in _names(project, key, call.func, last) if name in wanted), None)
                if name is not None:
                    yield Call(place, name, frozenset(), call, _passed(project, key, call), key, around)
                elif isinstance(call.func, f.Attribute) and call.func.attr in methods:
                    kinds = _receivers(project, key, call)
                    if receiver is None or receiver in kinds:
                        passed = _passed(project, key, call)
                        yield Call(place, call.func.attr, kinds, call, passed, key, around)


def _passed(project: Project, function: Function, call: f.Call) -> tuple[Value, ...]:
    record = project.engine.called(function, call.node)
    return () if record is None else record.args


def _receivers(project: Project, function: Function, call: f.Call) -> frozenset[Kind]:
    record = project.engine.called(function, call.node)
    if record is None:
        return frozenset()
    return kinds(project, tuple(atom.base for atom in record.func if isinstance(atom, Method)))


def _names(project: Project, function: Function, func: f.Expr, last: set[str]) -> Iterator[str]:
    # Cheap, and true of almost every call: a plain name may be an alias, the last attribute may not.
    if not last or (isinstance(func, f.Attribute) and func.attr not in last):
        return
    root = func
    while isinstance(root, f.Attribute):
        root = root.value
    if not isinstance(root, f.Name) or _is_local(project, function, root.id):
        return
    for atom in project.static(*function, func):
        if isinstance(atom, Api):
            yield canonical(atom.name)


def _is_local(project: Project, function: Function, name: str) -> bool:
    """Whether a parameter or an assignment of the function, or of one around it, binds the name."""
    module, scope = function[0], function[1] or None
    while scope:
        facts = project.function(module, scope)
        if any(param.name == name for param in facts.params):
            return True
        imported = {item.name for item in facts.body if isinstance(item, f.Import)}
        if name in project.stored_names.stored(facts.body) and name not in imported:
            return True
        scope = facts.parent
    return False


def calls_in(body: Iterable[f.Stmt], facts: f.ModuleFacts) -> Iterator[tuple[f.Call, tuple[Fact, ...]]]:
    """Yield the calls in statements, each with what holds it; those of nested functions are left out."""
    stack: list[tuple[Fact, tuple[Fact, ...]]] = [(item, ()) for item in list(body)[::-1]]
    while stack:
        fact, around = stack.pop()
        if isinstance(fact, f.DefineClass):
            stack.extend((item, around) for item in reversed(facts.classes[fact.index].body))
            continue
        if isinstance(fact, f.Call):
            yield fact, around
        inner, once = (*around, fact), _once(fact)
        stack.extend(
            (child, around if any(child is item for item in once) else inner)
            for child in reversed(children(fact))
        )


def _once(fact: Fact) -> list[Fact]:
    """Return the parts of a loop that run once."""
    if isinstance(fact, f.For):
        return [fact.iterable, *fact.orelse]
    # [... for x in once() ...]
    return [fact.clauses[0][1]] if isinstance(fact, f.Comprehension) else []


# Values


def value(project: Project, function: Function, expression: f.Expr) -> Value:
    """Return what an expression of a function may stand for, with all that the function binds."""
    project.analysed()
    return project.engine.value(function, expression)


def kinds(project: Project, found: Value) -> frozenset[Kind]:
    """Return what the objects in a value may be; Kind.OTHER for what is not known, plain data left out."""
    result: set[Kind] = set()
    for atom in project.engine.force(found):
        if isinstance(atom, Object):
            result.add(atom.kind)
        elif isinstance(atom, Tensor):
            result.add(Kind.TENSOR)
        elif isinstance(atom, Container) and atom.kind == "dataset":
            result.add(Kind.DATASET)
        elif isinstance(atom, Instance):
            traits = project.traits(atom.module, atom.index)
            result.add(Kind.MODEL if "model" in traits else Kind.LAYER if "layer" in traits else Kind.OTHER)
        elif isinstance(atom, Unknown):
            result.add(Kind.OTHER)
    return frozenset(result)


def is_plain_data(project: Project, found: Value) -> bool:
    """Whether a value is certainly numbers, text or arrays of NumPy."""
    atoms = project.engine.force(found)
    return bool(atoms) and all(isinstance(atom, Host | Const) for atom in atoms)


# Who calls whom


def callees(project: Project, place: Place) -> tuple[Function, ...]:
    """Return the functions of the project that the call at `place` may run: constructors are `__init__`."""
    project.analysed()
    record = project.engine.called(function_of(project, place), place.node)
    found: dict[Function, None] = {}
    for atom in () if record is None else record.func:
        if isinstance(atom, Func):
            found[atom.module, atom.function] = None
        elif isinstance(atom, Class | Instance):
            method = "__init__" if isinstance(atom, Class) else "__call__"
            target = project.method(atom.module, atom.index, method)
            if target is not None:
                found[target] = None
    return tuple(found)


def reachable(project: Project, place: Place) -> tuple[Function, ...]:
    """Return the functions that the call at `place` may run, and those that they run, the nearest first."""
    found: dict[Function, None] = {}
    queue = [place]
    while queue:
        for function in callees(project, queue.pop(0)):
            if function not in found:
                found[function] = None
                module = project.modules[function[0]]
                body = module.functions[function[1]].body
                queue += [Place(function[0], call.node) for call, _ in calls_in(body, module)]
    return tuple(found)


def callers(project: Project, function: Function) -> tuple[Place, ...]:
    """Return the calls that may run a function, in the order of the code."""
    project.analysed()
    return tuple(sorted(Place(caller[0], node) for caller, node in project.engine.edges.get(function, {})))


def function_of(project: Project, place: Place) -> Function:
    """Return the function that a place stands in."""
    return place.module, project.holder(place.module, place.node)


# How often


@dataclass(frozen=True, slots=True)
class Repetition:
    """Something that runs a place again and again.

    loop: the loop, or the call of the driver; None where a framework calls the function. driver: what calls
    it where that is not a loop of the project: `scipy.optimize.minimize`, `fit()`. count: how often, if the
    code says it. chain: the calls that lead from the loop to the place, the outermost first.
    """

    loop: Place | None
    driver: str | None
    count: int | None
    chain: tuple[ChainLink, ...]


def repetitions(project: Project, place: Place) -> tuple[Repetition, ...]:
    """Return the loops and drivers around a place, the nearest first, through the calls that lead to it."""
    project.analysed()
    found: list[Repetition] = []
    queue: list[tuple[Place, tuple[ChainLink, ...]]] = [(place, ())]
    seen: set[Function] = set()
    while queue:
        here, chain = queue.pop(0)
        function = function_of(project, here)
        around = _loops_around(project, function, here)
        found += [_repetition(project, function, node, chain) for node in around]
        if function in seen or len(chain) >= _MAX_CALLS:
            continue
        seen.add(function)
        if project.is_hook(*function):
            found.append(Repetition(None, "fit()", None, chain))
        name = project.describe(*function)
        for (caller, node), loops in sorted(project.engine.edges.get(function, {}).items()):
            call = Place(caller[0], node)
            link = ChainLink(call, f"{name} is called here, in {project.describe(*caller)}")
            drivers = [loop.driver for loop in loops if loop.driver is not None]
            found += [Repetition(call, driver, None, (link, *chain)) for driver in drivers]
            queue.append((call, (link, *chain)))
    return tuple(dict.fromkeys(found))


def _loops_around(project: Project, function: Function, place: Place) -> list[int]:
    """Return the nodes of the loops of a function around a place, the innermost first."""
    facts = project.modules[function[0]]
    for call, around in calls_in(facts.functions[function[1]].body, facts):
        if call.node == place.node:
            return [item.node for item in reversed(around) if isinstance(item, _LOOPS)]
    return []


def _repetition(project: Project, function: Function, node: int, chain: tuple[ChainLink, ...]) -> Repetition:
    loop = project.engine.loops.get(Site(*function, node))
    return Repetition(Place(function[0], node), None, None if loop is None else loop.bound, chain)


def is_constant(project: Project, expression: f.Expr, loop: Place) -> bool:
    """Whether an expression gives the same in every iteration of a loop; False where that is not certain.

    It does if the loop binds no name of it and it holds no call. Loops of drivers are in no code: False.
    """
    function = function_of(project, loop)
    facts = project.function(*function)
    for fact in walk(facts.body):
        if isinstance(fact, _LOOPS) and fact.node == loop.node:
            varying: set[str] = set()
            if isinstance(fact, f.Comprehension):
                for target, _, _ in fact.clauses:
                    varying |= set(names_in(target))
            else:
                varying |= project.stored_names.stored(fact.body)
                varying |= set(names_in(fact.target)) if isinstance(fact, f.For) else set()
            called = next(walk_kind(expression, f.Call), None)
            return called is None and not varying & set(names_in(expression))
    return False


# What comes again, and what stays


def rebuilds(project: Project) -> tuple[Rebuild, ...]:
    """Return every place in a loop where a model is constructed again before the last one was released."""
    return tuple(project.analysed()[0])


def retentions(project: Project) -> tuple[Retention, ...]:
    """Return every place where tensors outlive an iteration, with what is known of where they are kept."""
    return tuple(project.analysed()[1])


__all__ = [
    "Call",
    "Function",
    "Kind",
    "Place",
    "QuestionError",
    "Rebuild",
    "Repetition",
    "Retention",
    "Scope",
    "Size",
    "callees",
    "callers",
    "calls",
    "calls_in",
    "function_of",
    "is_constant",
    "is_plain_data",
    "kinds",
    "reachable",
    "rebuilds",
    "repetitions",
    "retentions",
    "value",
]
