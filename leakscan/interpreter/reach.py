"""Where what a module makes may get to: by results to who imports it, by arguments to what those import."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from leakscan.interpreter.project import Project


class Reach:
    """The imports of a project, in both directions; each module's are looked up once."""

    def __init__(self, project: Project) -> None:
        self._imported: dict[int, list[int]] = {}
        self._importers: dict[int, list[int]] = {}
        for module in range(len(project.modules)):
            self._imported[module] = list(dict.fromkeys(project.imported_modules(module, below=True)))
            for target in self._imported[module]:
                self._importers.setdefault(target, []).append(module)

    def of(self, modules: Iterable[int]) -> set[int]:
        """Return the modules that may come to hold an object which some make, these among them.

        Who imports a module, directly or not, is given what it makes, and may pass that to whatever it
        imports.
        """
        users = _closure(modules, lambda module: self._importers.get(module, ()))
        return _closure(users, self._imported.__getitem__)


def _closure(start: Iterable[int], following: Callable[[int], Iterable[int]]) -> set[int]:
    reached = set(start)
    pending = list(reached)
    while pending:
        new = [item for item in following(pending.pop()) if item not in reached]
        reached.update(new)
        pending += new
    return reached


__all__ = ["Reach"]
