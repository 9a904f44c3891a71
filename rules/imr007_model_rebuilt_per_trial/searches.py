"""How many models a search of scikit-learn trains: candidates times folds, and the best one once more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leakscan.facts import model as f
from leakscan.interpreter.counting import Counting
from leakscan.interpreter.origins import api_names

if TYPE_CHECKING:
    from leakscan.interpreter.project import Project
    from leakscan.questions import Call, Function

#: What scikit-learn takes where it is told nothing.
_FOLDS = 5
_CANDIDATES = 10


def cross_validated(project: Project, call: Call) -> int | None:
    """Return how many fits a call like `RandomizedSearchCV(...).fit()` does, or None if that is not said."""
    if not isinstance(call.call.func, f.Attribute):
        return None
    counting = Counting(project)
    found: list[int | None] = []
    for made, where in counting.origins.calls(call.call.func.value, call.function):
        names = {name.rpartition(".")[2] for name in api_names(project, where, made.func)}
        if "RandomizedSearchCV" in names:
            candidates = _given(counting, made, where, "n_iter", _CANDIDATES)
        elif "GridSearchCV" in names:
            candidates = _grid(counting, made, where)
        else:
            return None
        folds = _given(counting, made, where, "cv", _FOLDS)
        found.append(None if candidates is None or folds is None else candidates * folds + 1)
    known = [count for count in found if count is not None]
    return max(known) if known and len(known) == len(found) else None


def _given(counting: Counting, call: f.Call, where: Function, name: str, default: int) -> int | None:
    value = next((value for key, value in call.keywords if key == name), None)
    return default if value is None else counting.number(value, where)


def _grid(counting: Counting, call: f.Call, where: Function) -> int | None:
    given = next((value for key, value in call.keywords if key == "param_grid"), None)
    if given is None and len(call.args) > 1:
        given = call.args[1]
    return None if given is None else counting.grid(given, where)


__all__ = ["cross_validated"]
