"""Whether some files of a project can have findings at all: a look at them, and at what they call, alone.

A check of few files of a large project would have to run every file that is connected to them: anything may
call their functions, and what it passes decides. Most files have nothing for which that matters: no loop that
may create a model, nothing that may grow. A survey finds that out. It runs the functions of the files asked
about, takes every path, takes what callers pass for anything, and reads other modules only where something of
theirs is called. Where it says no, the run of the whole project finds nothing in these files; where it
says maybe, only that run tells.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from leakscan.facts import model as f
from leakscan.interpreter.effects import Summary
from leakscan.interpreter.engine import Engine
from leakscan.interpreter.frame import Frame
from leakscan.interpreter.handlers import handler_of
from leakscan.interpreter.project import Project, does_nothing
from leakscan.interpreter.rebuilds import Rebuild
from leakscan.interpreter.records import CallRecord
from leakscan.interpreter.retentions import Retention
from leakscan.interpreter.values import (
    MAX_NESTING,
    AnySite,
    Atom,
    Container,
    Func,
    Instance,
    Method,
    Object,
    Param,
    Tensor,
    Tuple,
    Unknown,
    Value,
)
from leakscan.knowledge import Effect, Kind, Knowledge
from leakscan.modules import ModuleIndex


class UndecidedError(BaseException):
    """Raised by questions that a survey cannot answer with nothing: the whole project has to be run.

    Not an Exception: a rule that goes on after errors must not go on after this.
    """


class Survey(Project):
    """A project of which few modules are known: others are read when something in them is called.

    requested: the paths of the modules asked about, which are `modules`. read: returns the facts of another
    file of the index, None for one without. defining: returns the files that may define a method of a name.
    """

    def __init__(
        self,
        modules: Mapping[str, f.ModuleFacts],
        index: ModuleIndex,
        knowledge: Knowledge,
        read: Callable[[str], f.ModuleFacts | None],
        defining: Callable[[str], Collection[str]],
    ) -> None:
        super().__init__(modules, index, knowledge)
        #: The same list: of a project it is only read.
        self.modules = self.bodies.modules = self.facts = list(self.modules)
        self.by_path = _Modules(self, read)
        self.requested = range(len(self.modules))
        self._defining = defining
        self._ways: dict[str, list[tuple[int, int]]] = {}
        self.survey = SurveyEngine(self)
        self.engine = self.survey
        self._decided: bool | None = None

    # What has to be known of all modules is over the modules that may matter.

    def analysed(self) -> tuple[list[Rebuild], list[Retention]]:
        """Return nothing if there is certainly nothing. Raises UndecidedError."""
        if self._decided is None:
            self._decided = self.survey.finds_nothing()
        if not self._decided:
            raise UndecidedError
        return [], []

    def need_all(self) -> None:
        """Raise UndecidedError: who calls a function, and what with, only all modules tell."""
        raise UndecidedError

    def asked(self) -> list[tuple[int, int]]:
        """Return the functions of the modules asked about, and those that they may run.

        A finding is at a call, or on the way that leads to it. Raises UndecidedError where a loop runs
        something unknown.
        """
        self.analysed()
        return sorted(self.engine.visited)

    def with_uses(self, found: Retention) -> Retention:  # noqa: ARG002
        """Raise UndecidedError."""
        raise UndecidedError

    def is_method(self, name: str) -> bool:
        """Whether any class of the project may have a method of this name."""
        return bool(self._defining(name))

    def unique_method(self, module: int, name: str, arguments: int | None) -> tuple[int, int] | None:  # noqa: ARG002
        """Return the one method of a name, as the whole project does."""
        if self.is_common_method(name, arguments):
            return None
        known = self._ways.get(name)
        if known is None:
            known = self._ways[name] = self._methods_called(name)
        return self.fitting_method(known, arguments)

    def _methods_called(self, name: str) -> list[tuple[int, int]]:
        """Return the methods of a name; of more than one, two."""
        found: list[tuple[int, int]] = []
        for path in self._defining(name):
            number = self.by_path.get(path)
            if number is not None:
                classes = self.modules[number].classes
                found += [(number, klass.methods[name]) for klass in classes if name in klass.methods]
                if len(found) > 1:
                    break
        return found

    def overrides(self, module: int, index: int, name: str) -> list[tuple[int, int]]:
        """Return the methods of subclasses that stand for one that does nothing."""
        own = self.method(module, index, name)
        if own is not None and does_nothing(self.function(*own)):
            for path in self._defining(name):
                self.by_path.get(path)
        return super().overrides(module, index, name)

    def has_siblings(self, module: int, index: int) -> bool:  # noqa: ARG002
        """Whether containers of a base class are told apart: not here, they hold more when they are not."""
        return False

    def callers(self, module: int, function: int) -> list[tuple[int, int]]:  # noqa: ARG002
        """Return none: who calls a `train_step` decides whether it is traced, which a survey ignores."""
        return []

    def component(self, module: int) -> int:  # noqa: ARG002
        """Return one group: what is read is connected."""
        return 0


class _Modules(dict[str, int]):
    """The numbers of modules, by path; a module is read when it is first asked for."""

    def __init__(self, survey: Survey, read: Callable[[str], f.ModuleFacts | None]) -> None:
        super().__init__((path, number) for number, path in enumerate(survey.paths))
        self._survey = survey
        self._read = read
        self._missing: set[str] = set()

    def _find(self, path: str) -> int | None:
        if dict.__contains__(self, path):
            return dict.__getitem__(self, path)
        if path in self._missing:
            return None
        facts = self._read(path)
        if facts is None:
            self._missing.add(path)
            return None
        number = len(self._survey.modules)
        self._survey.facts.append(facts)
        self._survey.paths.append(path)
        self[path] = number
        return number

    def get(self, path: str, default: object = None) -> int | None:  # type: ignore[override]
        """Return the number of a module; None where there is none."""
        del default
        return self._find(path)

    def __contains__(self, path: object) -> bool:
        return isinstance(path, str) and self._find(path) is not None

    def __getitem__(self, path: str) -> int:
        found = self._find(path)
        if found is None:
            raise KeyError(path)
        return found


def _is_certain(atom: Atom) -> bool:
    """Whether what is called is known, whatever callers pass."""
    if isinstance(atom, Method):
        return not isinstance(atom.base, Method | Unknown | Param)
    return not isinstance(atom, Unknown | Param)


class _FoundError(BaseException):
    """Raised as soon as something may be found: the rest makes no difference."""


class SurveyEngine(Engine):
    """Runs the first phase on the modules asked about, and notes what may come to a finding there."""

    surveys = True

    def __init__(self, project: Survey) -> None:
        super().__init__(project)
        self.survey = project
        #: Functions that call what only their callers know, or call such functions.
        self.opaque: set[tuple[int, int]] = set()
        #: Containers that are handed to functions, which may fill them.
        self.passed: set[AnySite] = set()
        #: What calls call, by module and node.
        self.seen: dict[tuple[int, int], CallRecord] = {}
        #: Why the survey is not certain: function and reason.
        self.reasons: list[str] = []

    def finds_nothing(self) -> bool:
        """Whether no model can be created again, and nothing can be kept, in the modules asked about."""
        keys = [
            (module, function.index)
            for module in self.survey.requested
            for function in self.project.modules[module].functions
        ]
        try:
            # Twice: what a later function binds, or puts into containers, is known the second time.
            for _ in range(2):
                for key in keys:
                    self.visited.pop(key, None)
                self.root_summaries = {}
                self.class_bodies = {}
                self.project.forget_exports()
                for key in keys:
                    self.visit(*key)
        except _FoundError:
            return False
        return not self.project.failures

    def _found(self, frame: Frame, reason: str) -> None:
        if frame.module in self.survey.requested:
            self.reasons.append(f"{self.project.describe(frame.module, frame.function)}: {reason}")
            raise _FoundError

    # What there is to know

    def called(self, function: tuple[int, int], node: int) -> CallRecord | None:
        """Return what a call calls, where that is certain whatever callers pass. Raises UndecidedError."""
        record = self.seen.get((function[0], node))
        if record is None or not all(map(_is_certain, record.func)):
            raise UndecidedError
        return record

    def note_call(self, frame: Frame, node: int, func: Value, args: list[Value]) -> None:
        """Remember what a call calls, over all the ways that lead to it."""
        self.seen.setdefault((frame.module, node), CallRecord()).add(func, args)

    def is_fit_step(self, module: int, function: int) -> bool:  # noqa: ARG002
        """Whether `fit()` traces the function: not here, since being traced spares much."""
        return False

    def value(self, function: tuple[int, int], expression: f.Expr) -> Value:  # noqa: ARG002
        """Raise UndecidedError."""
        raise UndecidedError

    def root(self, module: int, function: int) -> Frame:  # noqa: ARG002
        """Raise UndecidedError."""
        raise UndecidedError

    def attribute(self, instance: Instance, name: str) -> Value:
        """Return what an attribute holds, after running the methods that bind it."""
        for module, index in self.project.mro(instance.module, instance.index):
            for function in self.project.modules[module].functions:
                if function.owner == index and name in function.self_stores:
                    self.visit(module, function.index)
        return super().attribute(instance, name)

    def _give_up(self, frame: Frame) -> None:
        super()._give_up(frame)
        self._found(frame, "too much to run")

    # What is noted

    def dry(self, module: int) -> int:
        """Return 1 where loops run once: in all modules but those asked about."""
        return int(module not in self.survey.requested)

    def call(
        self,
        func: Func,
        args: list[Value],
        keywords: dict[str, Value],
        frame: Frame,
        node: int,
        *,
        spread: bool,
    ) -> Summary:
        """Return the summary of a call, after noting what follows from what it calls."""
        for value in (*args, *keywords.values()):
            self.passed.update(atom.site for atom in value if isinstance(atom, Container))
        summary = super().call(func, args, keywords, frame, node, spread=spread)
        key = (func.module, func.function)
        if key in self.opaque or key not in self.visited:
            self.note_unknown(frame)
        return summary

    def note_creation(self, frame: Frame) -> None:
        """Note that a model is created: in a loop, or for each request, it may come again."""
        if frame.loops or self._may_answer(frame):
            self._found(frame, "a model is created in a loop")

    def note_unknown(self, frame: Frame, method: str = "", *, repeated: bool = False) -> None:
        """Note a call of something unknown: it may create a model."""
        # study.optimize(objective); pool.submit(build)  # what study and pool are, only callers know
        if method in self.knowledge.driver_names and not self._is_of_pools(method):
            repeated = True
        elif method and not self.survey.is_method(method) and not self._runs_tasks(method):
            return
        self.opaque.add((frame.module, frame.function))
        if frame.loops or repeated or self._may_answer(frame):
            self._found(frame, f"something unknown is called in a loop {method}")

    def _may_answer(self, frame: Frame) -> bool:
        """Whether a framework may call a function for each request; what decorates it, others may know."""
        if frame.facts.decorators:
            return True
        return handler_of(self.project, (frame.module, frame.function)) is not None

    def _is_of_pools(self, method: str) -> bool:
        """Whether pools of threads have a method, as map() is: of unknown datasets it is everywhere."""
        return self.knowledge.method(Kind.EXECUTOR, method) is Effect.REPEATS_ARGUMENT

    def _runs_tasks(self, method: str) -> bool:
        """Whether a method of any kind of object calls a function that it is given."""
        return any(self.knowledge.method(kind, method) is Effect.RUNS_TASK for kind in Kind)

    def note_growth(
        self,
        frame: Frame,
        container: Container | None,
        value: Value,
        *,
        eager: bool = False,
        spread: bool = False,
    ) -> None:
        """Note what is put into a container, if it may be live and outlive an iteration."""
        del spread
        if not self._may_live(value):
            return
        own = container is not None and frame.own_node(container.life) is not None
        if own and not frame.loops and not eager and not self.project.is_hook(frame.module, frame.function):
            return
        kind = "unknown" if container is None else "own" if own else "foreign"
        self._found(frame, f"something is put into a container ({kind})")

    def note_attribute(self, frame: Frame, value: Value) -> None:
        """Note what is bound to an attribute: a persistent tape may be kept."""
        if any(isinstance(atom, Object) and atom.persistent for atom in value):
            self._found(frame, "a tape is kept")

    def _may_live(self, value: Value, depth: int = 0) -> bool:
        """Whether a value may be a tensor, hold one, or be a function that does."""
        for atom in value:
            if isinstance(atom, Tensor | Unknown | Param | Func):
                return True
            if isinstance(atom, Object) and atom.persistent:
                return True
            if isinstance(atom, Method) and self._may_live((atom.base,), depth):
                return True
            if depth > MAX_NESTING:
                continue
            if isinstance(atom, Tuple) and any(self._may_live(item, depth + 1) for item in atom.items):
                return True
            if isinstance(atom, Container) and (
                atom.site in self.passed or self._may_live(self.held(atom), depth + 1)
            ):
                return True
        return False


__all__ = ["Survey", "UndecidedError"]
