"""Which definitions may come to use those of some modules: whoever mentions them, and who mentions those.

What counts is a definition at the top level of a module, a function, a class or a name that is assigned, with
all that is in it. One that mentions another may call it, hand it on, or give to its own users what that one
made, so that these count too. Names are looked up through imports; what only runs of the code would show, a
name that is computed or a table in another module, is not seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from leakscan.facts import model as f
from leakscan.facts.walk import Fact, walk
from leakscan.records import dataclass, field

if TYPE_CHECKING:
    from leakscan.interpreter.excerpt import Excerpt

#: A module, and a name that its top level binds; the empty name stands for its other statements.
_Unit = tuple[int, str]
_OTHERS = ""


@dataclass(slots=True)
class _Words:
    """What a definition spells: plain names, and names of attributes."""

    names: set[str] = field(default_factory=set)
    attributes: set[str] = field(default_factory=set)


class Mentions:
    """Answers once for an excerpt of a project."""

    def __init__(self, project: Excerpt) -> None:
        self._project = project
        self._words: dict[int, dict[str, _Words]] = {}
        self._functions: dict[int, dict[str, list[int]]] = {}
        self._imported: dict[int, dict[str, set[_Unit]]] = {}
        self._packages: dict[int, set[str]] = {}
        #: Under which names modules import what is looked for.
        self._spellings: dict[_Unit, set[str]] = {}
        self._found: dict[_Unit, None] = {}
        self._queue: list[_Unit] = []

    def functions(self, modules: Iterable[int]) -> list[tuple[int, int]]:
        """Return the functions of some modules, and those of what may come to use them."""
        requested = list(modules)
        for module in requested:
            for name in self._words_of(module):
                self._add((module, name))
        while self._queue:
            self._look_for(self._queue.pop())
        keys = {
            (module, function.index) for module in requested for function in self._facts(module).functions
        }
        for unit in self._found:
            keys.update(self._of(unit))
            keys.update(key for base in self._bases(unit) for key in self._of(base))
        return sorted(keys)

    def _facts(self, module: int) -> f.ModuleFacts:
        return self._project.modules[module]

    def _add(self, unit: _Unit) -> None:
        if unit not in self._found:
            self._found[unit] = None
            self._queue.append(unit)

    def _of(self, unit: _Unit) -> list[tuple[int, int]]:
        """Return the functions of a definition; the module's own body for statements."""
        module, name = unit
        self._words_of(module)
        return [(module, index) for index in self._functions[module].get(name, ())]

    def _bases(self, unit: _Unit) -> Iterator[_Unit]:
        """Yield the classes that a class is derived from: their methods call those that it overrides."""
        module, name = unit
        for klass in self._facts(module).classes if name else ():
            if klass.parent == 0 and klass.name == name:
                for base, index in self._project.mro(module, klass.index)[1:]:
                    yield base, self._project.klass(base, index).name

    # Who mentions a definition

    def _look_for(self, unit: _Unit) -> None:
        module, name = unit
        if not name:
            return
        for other in self._project.mentioning(module, self._spellings.setdefault(unit, {name})):
            self._look_into(other, unit)
        for klass in self._facts(module).classes:
            if klass.parent == 0 and klass.name == name:
                self._look_for_methods(klass)

    def _look_into(self, module: int, unit: _Unit) -> None:
        words = self._words_of(module)
        local = {name for name, units in self._imported[module].items() if unit in units}
        if unit[0] == module:
            local.add(unit[1])
        spellings = self._spellings[unit]
        if not local <= spellings:
            # from zoo import build as make  # and others import that
            spellings = self._spellings[unit] = spellings | local
            self._queue.append(unit)
        packages = self._packages[module]
        for name, spelt in words.items():
            # zoo.build
            through = not packages.isdisjoint(spelt.names) and not spellings.isdisjoint(spelt.attributes)
            if through or not local.isdisjoint(spelt.names):
                self._add((module, name))

    def _look_for_methods(self, klass: f.ClassFacts) -> None:
        """Look for calls of methods that are found by their names alone."""
        for method in klass.methods:
            if not self._project.is_common_method(method, None) and self._project.is_only_method(method):
                for other in self._project.asking(method):
                    for name, spelt in self._words_of(other).items():
                        if method in spelt.attributes:
                            self._add((other, name))

    # What definitions spell

    def _words_of(self, module: int) -> dict[str, _Words]:
        known = self._words.get(module)
        if known is None:
            known = self._words[module] = {}
            self._functions[module] = {}
            self._read(module, known)
            self._resolve(module)
        return known

    def _read(self, module: int, words: dict[str, _Words]) -> None:
        facts = self._facts(module)
        for function in facts.functions[1:]:
            name = self._holder(facts, function)
            self._functions[module].setdefault(name, []).append(function.index)
            defaults = (param.default for param in function.params if param.default is not None)
            self._spell(words.setdefault(name, _Words()), [*function.body, *function.decorators, *defaults])
        for klass in facts.classes:
            holder = klass.name if klass.parent == 0 else self._holder(facts, facts.functions[klass.parent])
            self._spell(words.setdefault(holder, _Words()), [*klass.bases, *klass.decorators, *klass.body])
        others = words.setdefault(_OTHERS, _Words())
        self._spell(others, facts.functions[0].body)
        own = self._functions[module].setdefault(_OTHERS, [])
        own.append(0)
        for item in walk(facts.functions[0].body):
            if isinstance(item, f.Assign):
                assigned = [target.id for target in item.targets if isinstance(target, f.Name)]
                for name in assigned:
                    self._spell(words.setdefault(name, _Words()), [item.value], facts)
                    self._functions[module].setdefault(name, [0])

    @staticmethod
    def _holder(facts: f.ModuleFacts, function: f.FunctionFacts) -> str:
        """Return the definition at the top level that holds a function."""
        while True:
            if function.owner is not None:
                klass = facts.classes[function.owner]
                if klass.parent == 0:
                    return klass.name
                function = facts.functions[klass.parent]
            elif function.parent:
                function = facts.functions[function.parent]
            else:
                return _OTHERS if function.is_lambda or not function.index else function.name

    def _spell(self, words: _Words, parts: Iterable[Fact], facts: f.ModuleFacts | None = None) -> None:
        for item in walk(parts):
            if isinstance(item, f.Name):
                words.names.add(item.id)
            elif isinstance(item, f.Attribute):
                words.attributes.add(item.attr)
            elif isinstance(item, f.Lambda) and facts is not None:
                self._spell(words, facts.functions[item.function].body, facts)

    # What names mean

    def _resolve(self, module: int) -> None:
        """Note what a module imports from the project, in its functions too."""
        found: dict[str, set[_Unit]] = {}
        packages: set[str] = set()
        for function in self._facts(module).functions:
            for item in self._project.local_imports(module, function.index):
                target = self._meant(module, item, set())
                if target is None:
                    continue
                if target[1]:
                    found.setdefault(item.name, set()).add(target)
                else:
                    packages.add(item.name)
        for star in self._project.symbols(module).stars:
            source = self._project.target(module, star.module, star.level)
            for name in () if source is None else self._exports(source):
                target = self._at(source, name, set()) if source is not None else None
                if target is not None and target[1]:
                    found.setdefault(name, set()).add(target)
        self._imported[module], self._packages[module] = found, packages

    def _exports(self, module: int) -> Iterable[str]:
        return list(self._project.symbols(module).bindings)

    def _meant(self, module: int, item: f.Import, seen: set[tuple[int, str]]) -> _Unit | None:
        """Return what an import names: a definition, or a module without a name; None outside the project."""
        source = self._project.target(module, item.module, item.level)
        if item.attr is None:
            return None if source is None else (source, _OTHERS)
        if source is not None and (found := self._at(source, item.attr, seen)) is not None:
            return found
        dotted = f"{item.module}.{item.attr}" if item.module else item.attr
        below = self._project.target(module, dotted, item.level)
        return None if below is None else (below, _OTHERS)

    def _at(self, module: int, name: str, seen: set[tuple[int, str]]) -> _Unit | None:
        """Return the definition that a module has under a name, its own or one that it imports."""
        if (module, name) in seen:
            return None
        seen.add((module, name))
        symbols = self._project.symbols(module)
        for binding in symbols.bindings.get(name, ()):
            if binding.imported is None:
                return module, name
            found = self._meant(module, binding.imported, seen)
            if found is not None:
                return found
        for star in symbols.stars:
            source = self._project.target(module, star.module, star.level)
            found = None if source is None else self._at(source, name, seen)
            if found is not None:
                return found
        return None


__all__ = ["Mentions"]
