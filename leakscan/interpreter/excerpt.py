"""The part of a project that has to do with some of its files: what may use them, and what those call.

Findings of a file are in its functions, or in what uses these: a loop of a caller, what a caller passes. An
excerpt runs the functions of the files asked about and those that may come to use them, see `mentions`; what
they call, and the methods that bind the attributes which they read, is run when it is met. All other modules
stay unread. It says where nothing is found; a file with findings is looked at with the whole project.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Protocol, overload

from leakscan.facts import model as f
from leakscan.facts.walk import walk_kind
from leakscan.interpreter.engine import Engine
from leakscan.interpreter.mentions import Mentions
from leakscan.interpreter.project import Project, does_nothing
from leakscan.interpreter.survey import UndecidedError

if TYPE_CHECKING:
    from leakscan.interpreter.records import Visited
    from leakscan.interpreter.retentions import Retention
    from leakscan.interpreter.values import Instance, Value
    from leakscan.knowledge import Knowledge
    from leakscan.modules import ModuleIndex

_NOTHING = f.ModuleFacts([f.FunctionFacts(0, "<module>", 0, None, None)], [])


class Texts(Protocol):
    """What the bytes of the files say, before any of them is parsed; files are named by their paths."""

    def imported(self, path: str) -> Collection[str]:
        """Return the files that one imports."""

    def mentioning(self, path: str, words: Collection[str]) -> Collection[str]:
        """Return the files that may mention what stands in one under some names."""

    def connected(self, path: str) -> str:
        """Return what stands for all the files that are connected to one."""

    def spells(self, path: str, word: str) -> bool:
        """Whether a word stands in a file."""

    def defining(self, name: str) -> Sequence[str]:
        """Return the files that may define a function of a name."""

    def asking(self, name: str) -> Sequence[str]:
        """Return the files that may call a method of a name."""

    def calling(self, name: str) -> Iterable[str]:
        """Return the files that may call a function or a method of a name."""

    def storing(self, name: str) -> Sequence[str]:
        """Return the files that may bind an attribute of a name, or put something under a `[key]`."""

    def deriving(self, name: str) -> Sequence[str]:
        """Return the files that may derive a class from one of a name."""


class Excerpt(Project):
    """A project of which a part is run; modules have the numbers that they have in the whole.

    paths: of all modules. requested: those asked about. read: returns the facts of a file, None for one
    without.
    """

    def __init__(
        self,
        paths: Sequence[str],
        requested: Collection[str],
        index: ModuleIndex,
        knowledge: Knowledge,
        read: Callable[[str], f.ModuleFacts | None],
        texts: Texts,
    ) -> None:
        super().__init__({}, index, knowledge)
        self._lazy = _Modules(paths, read)
        self._texts = texts
        self.paths = list(paths)
        self.modules = self._lazy
        self.bodies.modules = self._lazy
        self.by_path = self._known_paths = _Numbers(self._lazy, paths)
        self.requested = [self.by_path[path] for path in requested]
        self._siblings: dict[tuple[int, int], bool] = {}
        self._ways: dict[tuple[int, str], list[tuple[int, int]]] = {}
        self.engine = ExcerptEngine(self)
        self.part = Mentions(self).functions(self.requested)

    # What is asked of all modules is over the part, or over those of which the bytes say that they matter.

    def known(self) -> Iterator[tuple[int, f.ModuleFacts]]:
        """Yield the modules that have been read, with their numbers."""
        return iter(sorted(self._lazy.read.items()))

    def to_run(self) -> list[tuple[int, int]]:
        """Return the functions that are run for themselves."""
        return self.part

    def asked(self) -> list[tuple[int, int]]:
        """Return the functions in which rules look for something: those that were run, in either phase."""
        self.analysed()
        return sorted({*self.engine.visited, *self.engine.edges})

    def with_uses(self, found: Retention) -> Retention:  # noqa: ARG002
        """Raise UndecidedError."""
        raise UndecidedError

    def names_method(self, name: str) -> bool:
        """Whether a class may have a method of this name."""
        return bool(self._texts.defining(name))

    def is_method(self, name: str) -> bool:
        """Whether any class of the project has a method of this name."""
        return any(True for _ in self._methods_called(name))

    def unique_method(self, module: int, name: str, arguments: int | None) -> tuple[int, int] | None:
        """Return the one method of a name, as the whole project does."""
        if self.is_common_method(name, arguments):
            return None
        group = self.component(module)
        key = group, name
        if key not in self._ways:
            found = (key for key in self._methods_called(name) if self.component(key[0]) == group)
            self._ways[key] = list(itertools.islice(found, 2))
        return self.fitting_method(self._ways[key], arguments)

    def is_only_method(self, name: str) -> bool:
        """Whether a method may be found by its name alone."""
        return len(self._texts.defining(name)) == 1

    def _methods_called(self, name: str) -> Iterator[tuple[int, int]]:
        return (
            (number, klass.methods[name])
            for number in self._numbers(self._texts.defining(name))
            for klass in self.modules[number].classes
            if name in klass.methods
        )

    def _numbers(self, paths: Iterable[str]) -> Iterator[int]:
        return (self._known_paths.number(path) for path in paths)

    def spelling(self, *words: str) -> Iterable[int]:
        """Yield the modules that spell one of several words."""
        spells = self._texts.spells
        return (number for number, path in enumerate(self.paths) if any(spells(path, word) for word in words))

    def has_siblings(self, module: int, index: int) -> bool:
        """Whether several classes of the project derive from one."""
        known = self._siblings.get((module, index))
        if known is None:
            several = len(list(itertools.islice(self._derived(module, index), 2))) > 1
            known = self._siblings[module, index] = several
        return known

    def _derived(self, module: int, index: int) -> Iterator[tuple[int, int]]:
        """Yield the classes that derive from one, directly or not."""
        names, seen = [self.klass(module, index).name], set[str]()
        found: set[tuple[int, int]] = set()
        while names:
            name = names.pop()
            if name in seen:
                continue
            seen.add(name)
            for number in self._numbers(self._texts.deriving(name)):
                for klass in self.modules[number].classes:
                    key = number, klass.index
                    if key not in found and (module, index) in self.mro(*key)[1:]:
                        found.add(key)
                        names.append(klass.name)
                        yield key

    def overrides(self, module: int, index: int, name: str) -> list[tuple[int, int]]:
        """Return the methods of subclasses that stand for one that does nothing."""
        own = self.method(module, index, name)
        if own is None or not does_nothing(self.function(*own)):
            return []
        found = [
            (number, function)
            for number, klass in sorted(self._derived(module, index))
            if (function := self.klass(number, klass).methods.get(name)) is not None
        ]
        return [key for key in found if key != own]

    def callers(self, module: int, function: int) -> list[tuple[int, int]]:
        """Return the functions that may call this one, judged by the names in their calls."""
        facts = self.function(module, function)
        names = {facts.name}
        if facts.name == "__init__" and facts.owner is not None:
            names.add(self.klass(module, facts.owner).name)
        group = self.component(module)
        return [
            (number, other.index)
            for number in self._numbers(path for name in sorted(names) for path in self._texts.calling(name))
            for other in self.modules[number].functions
            if other.called_names & names and self.component(number) == group
        ]

    def component(self, module: int) -> int:
        """Return the number of the module's group."""
        return self._known_paths.number(self._texts.connected(self.paths[module]))

    def resets(self, module: int, attr: str) -> list[tuple[int, int]]:
        """Return the functions that bind the attribute of another object, or empty or shorten it."""
        group = self.component(module)
        return [
            (number, function.index)
            for number in self.spelling(attr)
            if self.component(number) == group
            for function in self.modules[number].functions
            if attr in function.other_stores or attr in function.shrinks
        ]

    def stored(self, name: str) -> Sequence[str]:
        """Return the files that may bind an attribute, or `[key]`, of a name."""
        return self._texts.storing(name)

    def storing(self, name: str) -> Iterator[tuple[int, int]]:
        """Yield the functions that bind an attribute of an object other than self, or `[key]` of one."""
        key = f.Literal(name.strip("[]"))
        for number in self._numbers(self._texts.storing(name)):
            for function in self.modules[number].functions:
                if name in function.other_stores or (
                    name.startswith("[")
                    and any(
                        isinstance(target, f.Subscript) and target.index == key
                        for item in walk_kind(function.body, f.Assign)
                        for target in item.targets
                    )
                ):
                    yield number, function.index

    # What `mentions` asks

    def mentioning(self, module: int, words: Collection[str]) -> list[int]:
        """Return the modules that may mention what a module binds under some names, itself among them."""
        path = self.paths[module]
        return sorted({module, *self._numbers(self._texts.mentioning(path, words))})

    def asking(self, method: str) -> list[int]:
        """Return the modules that may call a method of a name."""
        return list(self._numbers(self._texts.asking(method)))

    def imported_modules(self, module: int, *, below: bool = False) -> Iterator[int]:  # noqa: ARG002
        """Yield the modules that one imports, as far as its bytes tell."""
        return self._numbers(self._texts.imported(self.paths[module]))


class ExcerptEngine(Engine):
    """Runs a part of a project; what it needs of other functions is worked out when it is asked for."""

    def __init__(self, project: Excerpt) -> None:
        super().__init__(project)
        self._excerpt = project
        self._bound: set[tuple[int, int, str]] = set()
        self._asked: set[str] = set()
        self._stored = _Stored(self._lent, project.stored)

    def visit(self, module: int, function: int) -> Visited:
        """Run a function for the first phase, also where the second one comes to it first."""
        known = self.visited.get((module, function))
        if known is not None or self.collecting:
            return known or super().visit(module, function)
        summaries, self.root_summaries = self.root_summaries, {}
        self.collecting = True
        try:
            return super().visit(module, function)
        finally:
            self.collecting = False
            self.root_summaries = summaries

    def bound(self, module: int, function: int, name: str) -> Value:
        """Return everything that a function gives to a name of its own."""
        self.visit(module, function)
        return super().bound(module, function, name)

    def attribute(self, instance: Instance, name: str) -> Value:
        """Return what an attribute holds, after running the methods that bind it."""
        for module, index in self.project.mro(instance.module, instance.index):
            key = module, index, name
            if key not in self._bound:
                self._bound.add(key)
                for function in self.project.modules[module].functions:
                    if function.owner == index and name in function.self_stores:
                        self.visit(module, function.index)
        return super().attribute(instance, name)

    @property
    def lent_names(self) -> Collection[str]:
        """Return the names of attributes, and `[key]`, that the project may bind of objects of others."""
        return self._stored

    def lent(self, module: int, name: str, owner: str) -> Value:
        """Return the model that connected modules put there, after running what does so."""
        if module in self._excerpt.requested and name not in self._asked:
            self._asked.add(name)
            for key in self._excerpt.storing(name):
                self.visit(*key)
        return super().lent(module, name, owner)


class _Stored(Collection[str]):
    """The names of attributes, and `[key]`, that a project may bind: those that it spells so."""

    def __init__(self, known: Collection[str], spelled: Callable[[str], Sequence[str]]) -> None:
        self._known = known
        self._spelled = spelled

    def __contains__(self, name: object) -> bool:
        return name in self._known or (isinstance(name, str) and bool(self._spelled(name)))

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)


class _Modules(Sequence[f.ModuleFacts]):
    """The facts of modules by number, read when they are first asked for; nothing for what cannot be read."""

    def __init__(self, paths: Sequence[str], read: Callable[[str], f.ModuleFacts | None]) -> None:
        self.read: dict[int, f.ModuleFacts] = {}
        self._paths = paths
        self._read = read
        self._missing: set[int] = set()

    def find(self, number: int) -> f.ModuleFacts | None:
        """Return the facts of a module; None where there are none."""
        known = self.read.get(number)
        if known is None and number not in self._missing:
            known = self._read(self._paths[number])
            if known is None:
                self._missing.add(number)
            else:
                self.read[number] = known
        return known

    @overload
    def __getitem__(self, number: int) -> f.ModuleFacts: ...
    @overload
    def __getitem__(self, number: slice) -> Sequence[f.ModuleFacts]: ...
    def __getitem__(self, number: int | slice) -> f.ModuleFacts | Sequence[f.ModuleFacts]:
        if isinstance(number, slice):
            return [self[item] for item in range(len(self))[number]]
        if number >= len(self._paths):
            raise IndexError(number)
        return self.find(number) or _NOTHING

    def __len__(self) -> int:
        return len(self._paths)


class _Numbers(dict[str, int]):
    """The numbers of modules, by path; one that cannot be read has none."""

    def __init__(self, modules: _Modules, paths: Sequence[str]) -> None:
        super().__init__((path, number) for number, path in enumerate(paths))
        self._modules = modules

    def number(self, path: str) -> int:
        """Return the number of a module without reading it."""
        return super().__getitem__(path)

    def get(self, path: str, default: object = None) -> int | None:  # type: ignore[override]
        """Return the number of a module; None where there is none."""
        del default
        number = super().get(path)
        return None if number is None or self._modules.find(number) is None else number

    def __contains__(self, path: object) -> bool:
        return isinstance(path, str) and self.get(path) is not None


__all__ = ["Excerpt", "Texts"]
