"""Where what a module makes may get to: by results to who imports it, by arguments to what those import.

And which modules may be parts of one running program: nobody imports a notebook or a file of tests.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from leakscan.interpreter.project import Project


class Reach:
    """The imports of a project, in both directions; each module's are looked up once."""

    def __init__(self, project: Project) -> None:
        self._paths = project.paths
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

    def are_one_program(self, first: int, others: Iterable[int]) -> bool:
        """Whether code of `first` may run code of the others in one process, as far as imports tell.

        A notebook or a file of tests that nobody imports is a program itself: only what it imports, directly
        or not, can call back into it, and no two of them run together. Of other files it is not known how
        they are started.
        """
        programs = {module for module in others if module != first and self._is_program(module)}
        if not programs:
            return True
        if len(programs) > 1 or self._is_program(first):
            return False
        return first in _closure(programs, self._imported.__getitem__)

    def _is_program(self, module: int) -> bool:
        return is_started_itself(self._paths[module]) and not self._importers.get(module)


def is_started_itself(path: str) -> bool:
    """Whether a file is a notebook, or one of tests, by its name."""
    name = path.rpartition("/")[2]
    return name.endswith((".ipynb", "_test.py")) or (name.startswith("test_") and name.endswith(".py"))


def _closure(start: Iterable[int], following: Callable[[int], Iterable[int]]) -> set[int]:
    reached = set(start)
    pending = list(reached)
    while pending:
        new = [item for item in following(pending.pop()) if item not in reached]
        reached.update(new)
        pending += new
    return reached


__all__ = ["Reach", "is_started_itself"]
