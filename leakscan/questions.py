"""What a rule may ask of a project; long, as it is one page for those who write rules.

Every function takes the project first. Nothing here changes it, and the order of questions does not matter.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from typing import TYPE_CHECKING

from leakscan.facts import model as f
from leakscan.facts.calls import LOOPS, calls_in, is_left
from leakscan.facts.names import dotted
from leakscan.facts.walk import Fact, children, walk, walk_kind
from leakscan.interpreter import handlers, once
from leakscan.interpreter.constancy import Constancy
from leakscan.interpreter.effects import Origin
from leakscan.interpreter.frequency import Endless, Frequencies, Frequency, Work, trains_at, work_of
from leakscan.interpreter.rebuilds import Rebuild
from leakscan.interpreter.retentions import Retention, Scope
from leakscan.interpreter.values import (
    Class,
    Const,
    Container,
    CreationSite,
    Func,
    Host,
    Instance,
    Method,
    Object,
    Size,
    Tensor,
    Unknown,
    Value,
)
from leakscan.knowledge import Effect, Kind, Knowledge
from leakscan.knowledge.model import is_pattern
from leakscan.knowledge.spelling import ALIASES, canonical
from leakscan.places import ChainLink, Place
from leakscan.records import dataclass, field

if TYPE_CHECKING:
    from leakscan.interpreter.project import Project

_NAME = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*\Z")
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

    The function is run when `receiver` or `values` is first asked for: what the code says costs less.
    """

    place: Place
    name: str
    call: f.Call = field(repr=False)
    function: Function
    around: tuple[Fact, ...] = field(repr=False)
    project: Project = field(repr=False, compare=False)

    @property
    def receiver(self) -> frozenset[Kind]:
        """What the object of a method may be; empty for functions."""
        external = "." in self.name
        return frozenset() if external else _receivers(self.project, self.function, self.call)

    @property
    def is_made_in_sight(self) -> bool:
        """Whether code that is known makes the object of a method: else its use alone tells what it is."""
        record = self.project.engine.called(self.function, self.call.node)
        bases = [atom.base for atom in record.func if isinstance(atom, Method)] if record is not None else []
        return any(isinstance(base, Instance | Object) and base.origin is not None for base in bases)

    @property
    def values(self) -> tuple[Value, ...]:
        """What is passed by position, as far as it is known."""
        return _passed(self.project, self.function, self.call)

    @property
    def loop(self) -> Place | None:
        """The innermost loop around the call, in its function; `repetitions` looks through callers too."""
        nodes = [item.node for item in self.around if isinstance(item, LOOPS)]
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
    effect: Effect | Iterable[Effect] | None = None,
    method: str | Iterable[str] = (),
    receiver: Kind | None = None,
    within: Collection[Function] | None = None,
) -> Iterator[Call]:
    """Yield calls of external functions, whatever aliases they go by, or of methods, as the code has them.

    names: dotted, as `tensorflow.function` or `gc.collect`; `keras` stands for every way to import Keras, and
    `keras.applications.**` for all that is below that. effect: functions of which the rows of knowledge say
    this, or one of these, `effect=Effect.LOADS_MODEL`. method, receiver: methods of objects that may be of a
    kind, `calls(project, method="predict", receiver=Kind.MODEL)`, or, without a receiver, of any object.
    within: look into these functions alone. Calls in decorators and in defaults of parameters are left out.
    Raises QuestionError for a name that cannot exist.
    """
    names = [names] if isinstance(names, str) else list(names)
    plain: set[str] = set()
    below: list[str] = []
    for name in names:
        start = name.removesuffix(".**")
        if "." not in _existing(start) and start == name:
            hint = f"is it builtins.{name}, or method={name!r}?"
            raise QuestionError(f"{name!r} has no package; {hint}")
        if start == name:
            plain.add(canonical(name))
        else:
            below.append(f"{canonical(start)}.")
    methods = frozenset(_existing(name) for name in ([method] if isinstance(method, str) else method))
    effects = frozenset([effect] if isinstance(effect, Effect) else effect or ())
    wanted = _Wanted(project.knowledge, frozenset(plain), tuple(below), effects)
    if not wanted and not methods:
        raise QuestionError("no name and no method to look for")
    if receiver is not None and not isinstance(receiver, Kind):
        raise QuestionError(f"{receiver!r} is not a leakscan.knowledge.Kind")
    return _calls(project, wanted, methods, receiver, within)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """External names that are looked for: some, those below others, those of effects."""

    knowledge: Knowledge
    plain: frozenset[str]
    below: tuple[str, ...]
    effects: frozenset[Effect]

    def __bool__(self) -> bool:
        return bool(self.plain or self.below or self.effects)

    def last(self) -> frozenset[str] | None:
        """Return the last parts of the names; None where they may be any."""
        if self.below:
            return None
        found = {name.rpartition(".")[2] for name in self.plain}
        for effect in self.effects:
            found |= self.knowledge.last_names(effect)
        return None if any(map(is_pattern, found)) else frozenset(found)  # tensorflow.**.*

    def has(self, name: str) -> bool:
        """Whether a name is one of them."""
        if name in self.plain or (self.below and name.startswith(self.below)):
            return True
        return bool(self.effects) and self.knowledge.call(name).effect in self.effects


def _existing(name: str) -> str:
    if not _NAME.match(name):
        raise QuestionError(f"{name!r} is not a name")
    root = name.partition(".")[0]
    if root in ALIASES and "." in name:
        raise QuestionError(f"{name!r}: name the package, {ALIASES[root]}{name.removeprefix(root)!s}")
    return name


def call_at(project: Project, place: Place) -> Call:
    """Return the call at a place that `callers` or a chain names. Raises QuestionError for other places."""
    function = function_of(project, _place(place))
    for call, around in project.bodies.calls(*function):
        if call.node == place.node:
            func = call.func
            name = func.attr if isinstance(func, f.Attribute) else func.id if isinstance(func, f.Name) else ""
            return Call(place, name, call, function, around, project)
    raise QuestionError(f"there is no call at {place}")


def _place(place: Place) -> Place:
    if not isinstance(place, Place):
        raise QuestionError(f"{type(place).__name__} is not a Place; a Call has its own in `place`")
    return place


def _calls(
    project: Project,
    wanted: _Wanted,
    methods: frozenset[str],
    receiver: Kind | None,
    within: Collection[Function] | None,
) -> Iterator[Call]:
    # Names that assignments bind, `keras = tf.keras`, are known once the project has been analysed.
    asked = project.asked()
    last = wanted.last()
    for key in project.called.functions(asked, wanted.has, last, methods):
        if within is not None and key not in within:
            continue
        for call, around in project.bodies.calls(*key):
            func = call.func
            name = None
            # Cheap, and true of almost every call: a plain name may be an alias, the last attribute may not.
            if last is None or not isinstance(func, f.Attribute) or func.attr in last:
                name = next(filter(wanted.has, _names(project, key, func)), None)
            if (
                name is not None
                and not _is_bound(project, key, func)
                and _is_meant(project, wanted, key, call, name)
            ):
                project.need_all()
                yield Call(Place(key[0], call.node), name, call, key, around, project)
            elif (
                isinstance(func, f.Attribute)
                and func.attr in methods
                and (receiver is None or receiver in _receivers(project, key, call))
            ):
                project.need_all()
                yield Call(Place(key[0], call.node), func.attr, call, key, around, project)


def _is_meant(project: Project, wanted: _Wanted, function: Function, call: f.Call, name: str) -> bool:
    """Whether a call meets the conditions of the row that it is looked for by: pipeline(framework="tf")."""
    row = project.knowledge.call(name)
    if not row.only or row.effect not in wanted.effects:
        return True
    for condition in row.only:
        given = dict(call.keywords).get(condition.keyword)
        if given is None and condition.position is not None and condition.position < len(call.args):
            given = call.args[condition.position]
        if given is not None and any(
            isinstance(atom, Const) and atom.value in condition.values
            for atom in value(project, function, given)
        ):
            return True
    return False


def _passed(project: Project, function: Function, call: f.Call) -> tuple[Value, ...]:
    record = project.engine.called(function, call.node)
    return () if record is None else record.args


def _receivers(project: Project, function: Function, call: f.Call) -> frozenset[Kind]:
    record = project.engine.called(function, call.node)
    if record is None:
        return frozenset()
    bases = tuple(atom.base for atom in record.func if isinstance(atom, Method))
    found = kinds(project, bases)
    if Kind.MODEL not in found and all(isinstance(atom, Unknown | Method) for atom in bases):
        # actor = agents.Actor(); actor.model.load_weights("actor.h5"); ...; actor.model.predict(state)
        path = dotted(call.func.value) if isinstance(call.func, f.Attribute) else ""
        if path and path in project.evidence.models(*function):
            return frozenset({Kind.MODEL})
    return found or _of_subclasses(project, function, call)


def _of_subclasses(project: Project, function: Function, call: f.Call) -> frozenset[Kind]:
    """Return the kinds of an attribute that is None in the class of a method, and that subclasses fill.

    class Agent: def act(self, state): return self.network.predict(state)
    """
    facts = project.function(*function)
    held = call.func.value if isinstance(call.func, f.Attribute) else None
    if facts.owner is None or not facts.params or not isinstance(held, f.Attribute):
        return frozenset()
    if held.value != f.Name(facts.params[0].name):
        return frozenset()
    project.need_all()
    own = (function[0], facts.owner)
    given = (
        value
        for (module, klass, name), value in project.engine.attributes.items()
        if name == held.attr and own in project.mro(module, klass)[1:]
    )
    return kinds(project, tuple(atom for value in given for atom in value))


def _names(project: Project, function: Function, func: f.Expr) -> tuple[str, ...]:
    spelt = dotted(func) if isinstance(func, f.Name | f.Attribute) else ""
    return project.called.external(*function, spelt) if spelt else ()


def _is_bound(project: Project, function: Function, func: f.Expr) -> bool:
    """Whether a function, or one around it, binds the name that a dotted name begins with."""
    name = dotted(func).partition(".")[0]
    module, scope = function[0], function[1] or None
    while scope:
        facts = project.function(module, scope)
        if any(param.name == name for param in facts.params):
            return True
        # try: from keras.models import load_model; except ImportError: from tf_keras.models import load_model
        if name in project.stored_names.stored(facts.body) and all(
            item.name != name for item in walk_kind(facts.body, f.Import)
        ):
            return True
        scope = facts.parent
    return False


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
                queue += [Place(function[0], call.node) for call, _ in project.bodies.calls(*function)]
    return tuple(found)


def callers(project: Project, function: Function) -> tuple[Place, ...]:
    """Return the calls that may run a function, in the order of the code."""
    project.analysed()
    return tuple(
        sorted(
            Place(caller[0], node)
            for caller, node in project.engine.edges.get(function, {})
            # @property; @decorator: a function that something reads or applies runs without a call of it
            if node in project.bodies.call_nodes(*caller)
        )
    )


def called_from(project: Project, functions: Iterable[Function]) -> frozenset[Function]:
    """Return some functions, and those that they may run, however many calls away."""
    project.analysed()
    callees: dict[Function, list[Function]] = {}
    for callee, edges in project.engine.edges.items():
        for caller, _ in edges:
            callees.setdefault(caller, []).append(callee)
    found = set(functions)
    queue = list(found)
    while queue:
        for callee in callees.get(queue.pop(), ()):
            if callee not in found:
                found.add(callee)
                queue.append(callee)
    return frozenset(found)


def function_of(project: Project, place: Place) -> Function:
    """Return the function that a place stands in."""
    return place.module, project.bodies.holder(place.module, place.node)


# How often


@dataclass(frozen=True, slots=True)
class Repetition:
    """Something that runs a place again and again.

    loop: the loop, or the call of the driver; None where a framework calls the function. driver: what calls
    it where that is not a loop of the project: `scipy.optimize.minimize`, `fit()`, `the server (app.route)`.
    count: how often, if the code says it. chain: the calls that lead from the loop to the place, the
    outermost first; of a driver the first is its call.
    """

    loop: Place | None
    driver: str | None
    count: int | None
    chain: tuple[ChainLink, ...]

    @property
    def when(self) -> str:
        """Return how often, for the message of a report whose `refs` begin with those of the repetition."""
        return "in every iteration of the loop at {0}" if self.refs else f"on every call by {self.driver}"

    @property
    def refs(self) -> tuple[Place, ...]:
        """Return the loop, where it is one of the project, as the places that `when` names."""
        return () if self.loop is None or self.driver is not None else (self.loop,)


def repetitions(project: Project, place: Place) -> tuple[Repetition, ...]:
    """Return the loops and drivers around a place, the nearest first, through the calls that lead to it.

    place: that of a call, or `Place(module, facts.node)` of a function that another one defines.
    """
    project.analysed()
    project.need_all()
    _place(place)
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
        server = handler_of(project, function)
        if server is not None:
            found.append(Repetition(None, server, None, chain))
        name = project.describe(*function)
        for (caller, node), loops in sorted(project.engine.edges.get(function, {}).items()):
            if node not in project.bodies.call_nodes(*caller):
                continue
            call = Place(caller[0], node)
            link = ChainLink(call, f"{name} is called here, in {project.describe(*caller)}")
            drivers = [loop.driver for loop in loops if loop.driver is not None]
            found += [Repetition(call, driver, None, (link, *chain)) for driver in drivers]
            queue.append((call, (link, *chain)))
    return tuple(dict.fromkeys(one for one in found if _is_one_program(project, one.loop, place, one.chain)))


def handler_of(project: Project, function: Function) -> str | None:
    """Return what calls a function for each request, message or event, or at times, in words; or None."""
    found = handlers.handler_of(project, function)
    return None if found is None else found.words


def _loops_around(project: Project, function: Function, place: Place) -> list[int]:
    """Return the nodes of the loops of a function around a place, the innermost first."""
    path = project.bodies.path(function[0], place.node)
    loops = [(number, item) for number, item in enumerate(path) if isinstance(item, LOOPS)]
    paths = [(item, path[number + 1 :]) for number, item in reversed(loops)]
    return [item.node for item, inner in paths if not is_left(item, inner)]


def _repetition(project: Project, function: Function, node: int, chain: tuple[ChainLink, ...]) -> Repetition:
    loop = project.engine.loops.get(CreationSite(*function, node))
    return Repetition(Place(function[0], node), None, None if loop is None else loop.bound, chain)


def is_constant(
    project: Project,
    expression: f.Expr,
    place: Place,
    repetition: Repetition,
    *,
    calls_hold: bool = False,
    loops_hold: bool = False,
) -> bool:
    """Whether an expression gives the same each time that a repetition comes to it; False if not certain.

    expression: it stands at `place`, mostly an argument of the call there. repetition: one of
    `repetitions(project, place)`. Parameters are followed to what the calls of the chain pass, local names to
    what is assigned. What a call gives is not known to be the same, unless `calls_hold` says that it is for
    the same arguments; attributes and containers that anything
    changes which the loop runs are not. With `loops_hold` what a loop within the repetition binds is the same
    each time if it goes through the same: `layer` of `for layer in model.layers`, for whatever is outside.
    """
    if not isinstance(repetition, Repetition):
        raise QuestionError(f"{type(repetition).__name__} is not a Repetition; repetitions() gives them")
    function = function_of(project, _place(place))
    framework = repetition.loop is None
    home, node = function, None
    if repetition.loop is not None and repetition.driver is None:
        home, node = function_of(project, repetition.loop), repetition.loop.node
    elif framework and repetition.chain:
        home = function_of(project, repetition.chain[0].place)
    known = project.reached.get((home, node))
    if known is None or project.engine.surveys:
        known = project.reached[home, node] = _reached(project, home, node)
    chain = [link.place for link in repetition.chain]
    asked = Constancy(
        project, *known, chain, framework=framework, calls_hold=calls_hold, loops_hold=loops_hold
    )
    return asked.holds(expression, function)


def _reached(
    project: Project, home: Function, node: int | None
) -> tuple[f.For | f.While | f.Comprehension | None, list[Function]]:
    """Return the loop at a node of a function and the functions that it may run, or those of the function."""
    loop = None
    for fact in walk(project.bodies.whole(*home)) if node is not None else ():
        if isinstance(fact, LOOPS) and fact.node == node:
            loop = fact
    reached: set[Function] = set() if loop is not None else {home}
    body = children(loop) if loop is not None else project.bodies.whole(*home)
    for call in walk_kind(body, f.Call):
        reached.update(reachable(project, Place(home[0], call.node)))
    return loop, sorted(reached)


def comes_each_time(project: Project, place: Place, repetition: Repetition) -> bool:
    """Whether the call at `place` runs whenever a repetition comes to it, as far as the code says.

    repetition: one of `repetitions(project, place)`. What the code asks for first (`if model is None`,
    `if key not in cache`), keeps by a decorator (`lru_cache`), does in one iteration (`if epoch == 5`) or
    tries after an error does not.
    """
    if not isinstance(repetition, Repetition):
        raise QuestionError(f"{type(repetition).__name__} is not a Repetition; repetitions() gives them")
    chain = [link.place for link in repetition.chain]
    if repetition.driver is None:
        return once.comes_each_time(project, place, repetition.loop, chain)
    # The first call of a driver's chain is that of the driver: it runs once.
    return once.comes_each_time(project, place, None, chain if repetition.loop is None else chain[1:])


def frequency(project: Project, place: Place, *, within: Function | None = None) -> Frequency:
    """Return how often a place runs in all: loops around it and calls that lead to it, multiplied.

    within: the function beyond whose body nothing counts: what is kept in a list of it is kept for one call.
    """
    project.analysed()
    project.need_all()
    return Frequencies(project, within).of(_place(place))


def work(project: Project, loop: Place) -> Work:
    """Return what one iteration of a loop trains: the epochs of its fits, the steps of its own loops."""
    project.analysed()
    project.need_all()
    return work_of(project, _place(loop))


def trains(project: Project, loop: Place) -> bool:
    """Whether each iteration of a loop, or each call by a driver, is one step of a training.

    An epoch with a loop of its own is none.
    """
    project.analysed()
    return trains_at(project, _place(loop))


# What comes again, and what stays


def rebuilds(project: Project, *, cleared: bool = False, handled: bool = False) -> tuple[Rebuild, ...]:
    """Return every place in a loop where a model is constructed again before the last one was released.

    cleared: return those instead where it was released, and the cost of building is what is left. handled:
    return those instead in functions that a framework calls for each request, message or event.
    """
    return tuple(
        found
        for found in project.analysed()[0]
        if found.cleared is cleared
        and found.handled is handled
        and _is_one_program(project, found.loop, found.place, found.chain)
    )


def retentions(project: Project) -> tuple[Retention, ...]:
    """Return every place where tensors outlive an iteration, with what is known of where they are kept."""
    return tuple(
        found
        for found in project.analysed()[1]
        if _is_one_program(project, found.loop, found.place, found.chain)
    )


def _is_one_program(project: Project, loop: Place | None, place: Place, chain: tuple[ChainLink, ...]) -> bool:
    """Whether the loop and what it leads to may be parts of one program, not of two notebooks."""
    modules = [loop, *(link.place for link in chain), place]
    first, *others = [item.module for item in modules if item is not None]
    return project.are_one_program(first, others)


__all__ = [
    "Call",
    "Const",
    "Effect",
    "Endless",
    "Frequency",
    "Function",
    "Kind",
    "Origin",
    "Place",
    "QuestionError",
    "Rebuild",
    "Repetition",
    "Retention",
    "Scope",
    "Size",
    "Work",
    "call_at",
    "called_from",
    "callees",
    "callers",
    "calls",
    "calls_in",
    "comes_each_time",
    "frequency",
    "function_of",
    "handler_of",
    "is_constant",
    "is_plain_data",
    "kinds",
    "reachable",
    "rebuilds",
    "repetitions",
    "retentions",
    "trains",
    "value",
    "work",
]
