"""How often a place runs, through loops and callers, and whether anything bounds it; what a loop trains."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from math import prod
from typing import TYPE_CHECKING

from leakscan.facts import model as f
from leakscan.facts.walk import Fact, children, walk, walk_kind, walk_with_holders
from leakscan.interpreter.counting import Counting
from leakscan.interpreter.effects import Loop
from leakscan.interpreter.handlers import Handler, handler_of
from leakscan.interpreter.origins import api_names, call_of
from leakscan.interpreter.values import Class, CreationSite, Func, Instance, Object
from leakscan.knowledge import Kind, Words
from leakscan.knowledge.keras import FITS, FITTED_ELSEWHERE, GRAPH_FUNCTIONS, OPERATIONS, TRAINING_STEPS
from leakscan.places import Place
from leakscan.records import dataclass

if TYPE_CHECKING:
    from leakscan.interpreter.project import Project

_Function = tuple[int, int]
_LoopFact = f.For | f.While | f.Comprehension
_LOOPS = (f.For, f.While, f.Comprehension)
#: Calls through which callers are followed, and calls that are looked at for one answer: callers of callers
#: multiply.
_MAX_CALLS = 8
_MOST_LOOKED_AT = 2000
#: What a step of an environment gives: observation, reward, terminated, perhaps truncated, info.
_STEP_RESULTS = (4, 5)


class Endless(enum.Enum):
    """What runs a place again and again, and nothing in the code ends it; the value is for messages."""

    FOREVER = "a loop without end"
    STREAM = "a loop over a stream"
    HANDLER = "a request handler"
    HOOK = "a hook that fit() calls"
    ENVIRONMENT_STEP = "the steps of an environment"
    TRAINING_STEP = "the steps of a training"
    DRIVER = "a search or optimisation"
    EVENTS = "messages or events"
    SCHEDULE = "a schedule, a timer or a person"


@dataclass(frozen=True, slots=True)
class Frequency:
    """How often a place runs.

    count: in all, loops around it and calls that lead to it multiplied, callers added up; None where the
    code does not say it. It is the most that it may be: of two lists the longer one. known: the product of
    those loops whose number is known. endless: what repeats it without a limit in sight, or None. entry: the
    function, as messages name it, that nobody in the project calls: the count is for each call of it.
    options: the names of options whose defaults the count goes by.
    """

    count: int | None
    known: int
    endless: Endless | None
    entry: str | None
    options: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Work:
    """What one iteration of a loop trains.

    fits: whether a call of `fit`, or steps of a training, stand in it or in what it calls. epochs: those of
    all its fits, or None where the code does not say it (0 without a fit); a loop of steps, of which the code
    does not say how many, is one epoch. steps: those of loops that train step by step, or None where the code
    does not say how many (0 without one).
    """

    fits: bool
    epochs: int | None
    steps: int | None


class Frequencies:
    """Answers one question about how often; `home` is the function beyond which callers do not count."""

    def __init__(self, project: Project, home: _Function | None = None) -> None:
        self.project = project
        self.home = home
        self.counting = Counting(project)
        self._entries: dict[str, None] = {}
        self._looked_at = 0

    def of(self, place: Place) -> Frequency:
        """Return how often a place runs."""
        count, known, endless = self._of(place, ())
        entry = next(iter(self._entries)) if len(self._entries) == 1 else None
        return Frequency(count, known, endless, entry, tuple(self.counting.defaults))

    def _of(self, place: Place, seen: tuple[_Function, ...]) -> tuple[int | None, int, Endless | None]:
        self._looked_at += 1
        if self._looked_at > _MOST_LOOKED_AT:
            return None, 1, None
        function = (place.module, self.project.bodies.holder(place.module, place.node))
        total: int | None = 1
        known, endless = 1, None
        for loop in loops_around(self.project, function, place.node):
            count = self.counting.iterations(loop, function)
            total = None if total is None or count is None else total * count
            known *= count or 1
            endless = endless or self._endless(loop, function, count)
        # pool.map(train, configs), minimize(loss, x0): the call is what repeats
        own = self.project.engine.loops.get(CreationSite(*function, place.node))
        if own is not None and own.driver is not None:
            times, endless = self._driven(function, place.node, own, endless)
            total = None if total is None or times is None else total * times
        if not function[1] and function != self.home and (server := handler_of(self.project, function)):
            return None, known, endless or _calling(server)
        if function == self.home or function[1] == 0 or function in seen or len(seen) >= _MAX_CALLS:
            return total, known, endless
        outer, more, again = self._called(function, (*seen, function))
        total = None if total is None or outer is None else total * outer
        return total, known * more, endless or again

    def _called(
        self, function: _Function, seen: tuple[_Function, ...]
    ) -> tuple[int | None, int, Endless | None]:
        """Return how often a function runs: the sum of what its callers say."""
        runner = self._runner(function)
        if runner is not None:
            return None, 1, runner
        callers = sorted(self.project.engine.edges.get(function, {}).items())
        found: list[tuple[int | None, int, Endless | None]] = []
        for (caller, node), loops in callers:
            driver = next((loop for loop in loops if loop.driver is not None), None)
            if caller == function and driver is not None:
                # def tick(): train(); threading.Timer(60, tick).start()
                found.append((None, 1, Endless.SCHEDULE if driver.timed else Endless.FOREVER))
            if caller in seen:
                continue
            count, known, endless = self._of(Place(caller[0], node), seen)
            if driver is not None:
                times, endless = self._driven(caller, node, driver, endless)
                count = None if count is None or times is None else count * times
            found.append((count, known, endless))
        if not found:
            self._entries[self.project.describe(*function)] = None
            return 1, 1, None
        counts = [count for count, _, _ in found]
        total = None if None in counts else sum(count or 0 for count in counts)
        return total, max(known for _, known, _ in found), next((e for _, _, e in found if e), None)

    def _driven(
        self, caller: _Function, node: int, driver: Loop, endless: Endless | None
    ) -> tuple[int | None, Endless | None]:
        """Return how often what a call hands a function to calls it: map(build, units)."""
        call = call_of(self.project, caller, node)
        name = (driver.driver or "").rpartition(".")[2].strip("()")
        # map(build, units), pool.map(build, units), Parallel(n_jobs=4)(delayed(build)(n) for n in units)
        position = 0 if name == "Parallel" else 1 if name.endswith("map") else None
        if call is not None and position is not None and position < len(call.args):
            return self.counting.length(call.args[position], caller), endless
        if driver.mapped:
            return None, endless
        own = Endless.SCHEDULE if driver.timed else Endless.EVENTS if driver.events else Endless.DRIVER
        return None, endless or own

    def _runner(self, function: _Function) -> Endless | None:
        """Return what calls a function without end where no code of the project does."""
        if self.project.is_hook(*function):
            return Endless.HOOK
        server = handler_of(self.project, function)
        if server is not None:
            return _calling(server)
        return Endless.TRAINING_STEP if self.project.engine.is_fit_step(*function) else None

    def _endless(self, loop: _LoopFact, function: _Function, count: int | None) -> Endless | None:
        if isinstance(loop, f.While) and isinstance(loop.test, f.Literal) and loop.test.value:
            return Endless.FOREVER
        if isinstance(loop, f.For) and (found := self._stream(loop.iterable, function)):
            return found
        if isinstance(loop, f.Comprehension):
            return None
        if any(_is_environment_step(item) for item in _own(loop.body)):
            return Endless.ENVIRONMENT_STEP
        # for step in range(3): train_on_batch(...)  # the code says how many
        if count is None and trains_itself(self.project, loop, function):
            return Endless.TRAINING_STEP
        return None

    def _stream(self, iterable: f.Expr, function: _Function) -> Endless | None:
        for call, where in self.counting.calls(iterable, function):
            names = api_names(self.project, where, call.func)
            # for step in itertools.count(); for line in iter(read, "")
            if "itertools.count" in names or "itertools.cycle" in names:
                return Endless.FOREVER
            if "builtins.iter" in names and len(call.args) > 1:
                return Endless.STREAM
            if names and set(names) & self.project.knowledge.says(Words.STREAMS):
                return Endless.STREAM
            if "builtins.enumerate" in names and call.args:
                return self._stream(call.args[0], where)
        return None


def _calling(server: Handler) -> Endless:
    return Endless.SCHEDULE if server.timed else Endless.HANDLER


def loops_around(project: Project, function: _Function, node: int) -> list[_LoopFact]:
    """Return the loops of a function around a node, the innermost first; what a loop runs once is outside."""
    functions = project.modules[function[0]].functions
    for fact, holders in walk_with_holders(project.bodies.whole(*function)):
        own = functions[fact.function].node if isinstance(fact, f.Define) else getattr(fact, "node", None)
        if own == node and not isinstance(fact, f.DefineClass):
            path = (*holders, fact)
            found = [
                holder
                for position, holder in enumerate(holders)
                if isinstance(holder, _LOOPS) and not _runs_once(holder, path[position + 1])
            ]
            return found[::-1]
    return []


def _runs_once(loop: Fact, part: Fact) -> bool:
    """Whether a part of a loop runs once: what it goes through, its `else`."""
    if isinstance(loop, f.For):
        return part is loop.iterable or any(part is item for item in loop.orelse)
    if isinstance(loop, f.While):
        return any(part is item for item in loop.orelse)
    return isinstance(loop, f.Comprehension) and part is loop.clauses[0][1]


def _own(body: Iterable[Fact]) -> Iterable[Fact]:
    """Yield what an iteration does itself: nothing of loops within it."""
    stack = list(body)[::-1]
    while stack:
        fact = stack.pop()
        yield fact
        if not isinstance(fact, f.For | f.While):
            stack.extend(children(fact)[::-1])


def _is_environment_step(fact: Fact) -> bool:
    """Whether a statement is `state, reward, done, info = env.step(action)`."""
    return (
        isinstance(fact, f.Assign)
        and isinstance(fact.value, f.Call)
        and isinstance(fact.value.func, f.Attribute)
        and fact.value.func.attr == "step"
        and any(
            isinstance(target, f.Display) and len(target.items) in _STEP_RESULTS for target in fact.targets
        )
    )


def trains_itself(project: Project, loop: f.For | f.While, function: _Function) -> bool:
    """Whether each iteration of a loop is one step of a training, in what it calls at the latest."""
    return _has_step(project, _own(loop.body), function)


def _has_step(project: Project, facts: Iterable[Fact], function: _Function) -> bool:
    for call in (item for item in facts if isinstance(item, f.Call)):
        if isinstance(call.func, f.Attribute) and call.func.attr in TRAINING_STEPS:
            return True
        if any(_is_step(project, callee) for callee in _callees(project, function, call)):
            return True
    return False


def _is_step(project: Project, called: _Function) -> bool:
    """Whether a function trains one step, rather than as many as loops of its own have."""
    facts = project.function(*called)
    steps = TRAINING_STEPS
    # class Agent: def __init__(self): ...; self.train = optimizer.minimize(self.loss)  # run() trains
    if facts.name == "__init__" or facts.called_names & GRAPH_FUNCTIONS:
        steps = TRAINING_STEPS - OPERATIONS
    return bool(facts.called_names & steps) and not any(
        steps & _called(item.body) for item in walk(facts.body) if isinstance(item, f.For | f.While)
    )


def _called(body: list[f.Stmt]) -> set[str]:
    return {item.func.attr for item in walk_kind(body, f.Call) if isinstance(item.func, f.Attribute)}


def _callees(project: Project, function: _Function, call: f.Call) -> list[_Function]:
    record = project.engine.called(function, call.node)
    found: list[_Function] = []
    for atom in () if record is None else record.func:
        if isinstance(atom, Func):
            found.append((atom.module, atom.function))
        elif isinstance(atom, Class | Instance):
            method = "__init__" if isinstance(atom, Class) else "__call__"
            target = project.method(atom.module, atom.index, method)
            found += [] if target is None else [target]
    return found


def work_of(project: Project, loop: Place) -> Work:
    """Return what an iteration of a loop trains, in what it calls too."""
    function, fact = _loop_at(project, loop)
    if fact is None:
        return Work(fits=False, epochs=None, steps=None)
    body: list[Fact] = list(fact.elements) if isinstance(fact, f.Comprehension) else list(fact.body)
    return _Working(project).of(body, function)


def trains_at(project: Project, loop: Place) -> bool:
    """Whether each iteration of the loop at a place, or each call by the driver, is one training step."""
    function, fact = _loop_at(project, loop)
    if isinstance(fact, f.For | f.While):
        return trains_itself(project, fact, function)
    if isinstance(fact, f.Comprehension):
        return _has_step(project, walk(fact.elements), function)
    # list(map(train_step, batches))
    record = project.engine.called(function, loop.node)
    given = () if record is None else (atom for value in record.args for atom in value)
    return any(_is_step(project, (atom.module, atom.function)) for atom in given if isinstance(atom, Func))


def _loop_at(project: Project, loop: Place) -> tuple[_Function, _LoopFact | None]:
    function = (loop.module, project.bodies.holder(loop.module, loop.node))
    for item in walk(project.bodies.whole(*function)):
        if isinstance(item, _LOOPS) and item.node == loop.node:
            return function, item
    return function, None


class _Working:
    def __init__(self, project: Project) -> None:
        self.project = project
        self.counting = Counting(project)
        self._seen: set[_Function] = set()

    def of(self, body: list[Fact], function: _Function) -> Work:
        found = Work(fits=False, epochs=0, steps=0)
        known: dict[int, int | None] = {}
        for fact, holders in walk_with_holders(body):
            if not isinstance(fact, f.Call):
                continue
            counts: list[int | None] = []
            for loop in holders:
                if isinstance(loop, _LOOPS):
                    if loop.node not in known:
                        known[loop.node] = self.counting.iterations(loop, function)
                    counts.append(known[loop.node])
            found = _both(found, _scaled(self._call(fact, function), counts))
        return found

    def _call(self, call: f.Call, function: _Function) -> Work:
        name = call.func.attr if isinstance(call.func, f.Attribute) else ""
        callees = _callees(self.project, function, call)
        found = Work(fits=False, epochs=0, steps=0)
        if name in FITS and not callees and self._may_be_model(call, function):
            given = next((value for key, value in call.keywords if key in {"epochs", "nb_epoch"}), None)
            spread = any(key is None for key, _ in call.keywords)
            if given is None and name == "fit" and len(call.args) > 3:  # noqa: PLR2004 -- fit(x, y, batch_size, epochs)
                given = call.args[3]
            if given is None:
                return Work(fits=True, epochs=None if spread else 1, steps=0)
            return Work(fits=True, epochs=self.counting.number(given, function), steps=0)
        if name in TRAINING_STEPS and not callees:
            return Work(fits=True, epochs=0, steps=1)
        for callee in callees:
            if callee not in self._seen:
                self._seen.add(callee)
                found = _both(found, self.of(list(self.project.function(*callee).body), callee))
        return found

    def _may_be_model(self, call: f.Call, function: _Function) -> bool:
        """Whether what is fitted may be a model of Keras, not StandardScaler().fit(x)."""
        if not isinstance(call.func, f.Attribute):
            return False
        value = self.project.engine.value(function, call.func.value)
        known = [atom for atom in value if isinstance(atom, Object)]
        if known:
            return any(atom.kind in {Kind.MODEL, Kind.OTHER} for atom in known)
        made = self.counting.calls(call.func.value, function)
        names = [name for one, where in made for name in api_names(self.project, where, one.func)]
        return not any(name.startswith(FITTED_ELSEWHERE) for name in names)


def _scaled(work: Work, counts: list[int | None]) -> Work:
    # for epoch in range(50): for batch in data: train_on(batch)
    if work.steps and not work.epochs and counts and counts[-1] is None:
        return Work(work.fits, _times(counts[:-1]), None)
    times = _times(counts)
    return Work(work.fits, _product(work.epochs, times), _product(work.steps, times))


def _times(counts: list[int | None]) -> int | None:
    known = [count for count in counts if count is not None]
    return prod(known) if len(known) == len(counts) else None


def _both(first: Work, second: Work) -> Work:
    return Work(first.fits or second.fits, _sum(first.epochs, second.epochs), _sum(first.steps, second.steps))


def _product(first: int | None, second: int | None) -> int | None:
    if first == 0:
        return 0
    return None if first is None or second is None else first * second


def _sum(first: int | None, second: int | None) -> int | None:
    return None if first is None or second is None else first + second


__all__ = [
    "Endless",
    "Frequencies",
    "Frequency",
    "Work",
    "loops_around",
    "trains_at",
    "work_of",
]
