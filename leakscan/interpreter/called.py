"""Which functions may call something by a name, whatever they call it: most need not be looked into."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING

from leakscan.facts import model as f
from leakscan.interpreter.values import Api, Value

if TYPE_CHECKING:
    from leakscan.interpreter.project import Project


class CalledNames:
    """Belongs to a project, and to what is known of its names once it has been analysed."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._tables: dict[tuple[int, int], Mapping[str, frozenset[str]]] = {}

    def may_call(self, module: int, function: int, last: AbstractSet[str], methods: AbstractSet[str]) -> bool:
        """Whether a function calls a name that ends with one of `last`, or a method of `methods`.

        last: words; one that stands for several, as `{Capital}`, is any name that an import binds.
        """
        facts = self._project.modules[module].functions[function]
        called = facts.called_names
        if not called.isdisjoint(last) or not called.isdisjoint(methods):
            return True
        if not called or not last:
            return False
        any_name = any("{" in word or "*" in word for word in last)
        if any_name and self._project.symbols(module).stars:
            return True
        scope: int | None = function
        while scope is not None:
            table = self._table(module, scope)
            for name in called if len(called) < len(table) else table:
                ends = table.get(name) if name in called else None
                if ends is not None and (any_name or not ends.isdisjoint(last)):
                    return True
            scope = self._project.modules[module].functions[scope].parent if scope else None
        return False

    def _table(self, module: int, scope: int) -> Mapping[str, frozenset[str]]:
        """Return how the external names end that the names of a function, or of a module, stand for."""
        known = self._tables.get((module, scope))
        if known is None:
            known = self._tables[module, scope] = dict(self._entries(module, scope))
        return known

    def _entries(self, module: int, scope: int) -> Iterable[tuple[str, frozenset[str]]]:
        if scope:
            imports: dict[str, list[f.Import]] = {}
            for item in self._project.local_imports(module, scope):
                imports.setdefault(item.name, []).append(item)
            for name, items in imports.items():
                yield name, _ends(atom for item in items for atom in self._project.imported(module, item))
            return
        for name in self._project.symbols(module).bindings:
            ends = _ends(self._project.export(module, name))
            if ends:
                yield name, ends


def _ends(found: Iterable[object] | Value) -> frozenset[str]:
    return frozenset(atom.name.rpartition(".")[2] for atom in found if isinstance(atom, Api))


__all__ = ["CalledNames"]
