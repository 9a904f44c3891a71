"""Which functions call something, by what names stand for or by the names of methods: most need no look."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING

from leakscan.interpreter.values import Api, Value
from leakscan.knowledge.spelling import canonical

if TYPE_CHECKING:
    from leakscan.interpreter.project import Project

_Function = tuple[int, int]


class CalledNames:
    """An index of calls: belongs to a project, and to what its names mean once it has been analysed."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._meanings: dict[tuple[int, int, str], Value] = {}
        self._external: dict[tuple[int, int, str], tuple[str, ...]] = {}
        self._local: dict[_Function, frozenset[str]] = {}
        self._indexed: Sequence[_Function] | None = None
        #: By the name of what is called and the last part of its spelling, empty for plain names.
        self._by_name: dict[str, dict[str, list[int]]] = {}
        self._by_method: dict[str, list[int]] = {}

    def functions(
        self,
        among: Sequence[_Function],
        wanted: Callable[[str], bool],
        last: AbstractSet[str] | None,
        methods: AbstractSet[str],
    ) -> list[_Function]:
        """Return the functions, in their order, that call an external name that is wanted, or a method.

        last: how the spelling of a dotted name must end; None where any will do. Some that call neither are
        among them: a name may be bound anew in the function.
        """
        self._index(among)
        found: set[int] = set()
        for name, spellings in self._by_name.items():
            if wanted(name):
                for end, callers in spellings.items():
                    if last is None or not end or end in last:
                        found.update(callers)
        for method in methods:
            found.update(self._by_method.get(method, ()))
        return [among[number] for number in sorted(found)]

    def external(self, module: int, function: int, spelt: str) -> tuple[str, ...]:
        """Return the external names that a plain or dotted name stands for in a function."""
        key = (module, self._scope(module, function, spelt.partition(".")[0]), spelt)
        known = self._external.get(key)
        if known is None:
            found = (atom for atom in self._meaning(*key) if isinstance(atom, Api))
            known = self._external[key] = tuple(canonical(atom.name) for atom in found)
        return known

    def _index(self, among: Sequence[_Function]) -> None:
        """Note what the functions call; a survey comes to know more of them as it goes on."""
        if self._indexed == among:
            return
        self._indexed = among
        self._by_name, self._by_method = {}, {}
        for number, (module, function) in enumerate(among):
            facts = self._project.function(module, function)
            for method in facts.called_names:
                self._by_method.setdefault(method, []).append(number)
            for spelt in facts.called:
                end = spelt.rpartition(".")[2] if "." in spelt else ""
                for name in self.external(module, function, spelt):
                    self._by_name.setdefault(name, {}).setdefault(end, []).append(number)

    def _scope(self, module: int, function: int, root: str) -> int:
        """Return the function, around one or itself, that defines or imports a name; else 0, the module."""
        scope: int | None = function
        while scope:
            if root in self._locals(module, scope):
                return scope
            scope = self._project.function(module, scope).parent
        return 0

    def _locals(self, module: int, scope: int) -> AbstractSet[str]:
        known = self._local.get((module, scope))
        if known is None:
            known = self._local[module, scope] = frozenset(self._project.local_names(module, scope))
        return known

    def _meaning(self, module: int, scope: int, spelt: str) -> Value:
        """Return what `Project.static` does, for a name that is spelt out; each part is worked out once."""
        key = (module, scope, spelt)
        known = self._meanings.get(key)
        if known is None:
            base, _, attribute = spelt.rpartition(".")
            if base:
                known = self._project.member(self._meaning(module, scope, base), attribute)
            else:
                known = self._project.named(module, scope, spelt)
            self._meanings[key] = known
        return known


__all__ = ["CalledNames"]
