"""IMR007: a search calls a function that builds a model, trial after trial, and nothing releases it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from leakscan.costs import REBUILD, estimate, severity
from leakscan.questions import (
    Const,
    Endless,
    Frequency,
    Kind,
    Work,
    call_at,
    calls,
    frequency,
    function_of,
    rebuilds,
    value,
)
from leakscan.records import replace
from leakscan.rule import Confidence, Report, Rule, Severity

from .searches import cross_validated
from .strategies import ClearSession, Isolate

if TYPE_CHECKING:
    from leakscan.interpreter.project import Project
    from leakscan.questions import Call, Function, Rebuild

#: What the number of trials is called, by library: Optuna, Hyperopt, scikit-optimize, wandb, nevergrad, ax.
_TRIALS = ("n_trials", "max_evals", "n_calls", "count", "budget", "total_trials")
_HELP = (
    "clear the session first in each trial, or run each one in a process of its own; where trials change no "
    "shape, build one model and reset its state"
)


class ModelRebuiltPerTrial(Rule):
    """`study.optimize(objective)`, where `objective` builds a model and nothing releases it."""

    code = "IMR007"
    name = "model-rebuilt-per-trial"
    summary = "a function that a search calls in each trial constructs a Keras model and nothing releases it"
    severity = Severity.MEDIUM
    strategies = (ClearSession(), Isolate())

    def judge(self, project: Project) -> Iterable[Report]:
        """Yield a report for each search that builds a model in every trial."""
        for rebuild in rebuilds(project):
            # for units in (8, 16): build(units).fit(x, y)  # IMR001 has loops
            if not rebuild.trial:
                continue
            # trained.append(model); return loss  # an ensemble of the trials
            if rebuild.kept or rebuild.absorbed or rebuild.in_layer:
                continue
            # for name in data: study.optimize(objective); keras.backend.clear_session()
            if rebuild.released_outside:
                continue
            yield self._report(project, rebuild)

    @staticmethod
    def _report(project: Project, rebuild: Rebuild) -> Report:
        call = call_at(project, rebuild.place)
        driven = rebuild.driver is not None
        when = f"in every trial of {rebuild.driver}" if driven else "by every fit() in the loop at {1}"
        built = rebuild.chain[0].message.split(" ")[0] if rebuild.chain else "a function"
        often = (
            _often(project, call, frequency(project, rebuild.place))
            if driven
            else frequency(project, rebuild.place)
        )
        functions = {function_of(project, link.place) for link in rebuild.chain}
        return Report(
            rebuild.place,
            f"model rebuilt {when}; {built} ({{0}}) {rebuild.origin.verb} {rebuild.label} "
            "and nothing releases it",
            _HELP,
            severity(REBUILD, often, _work(project, functions, call)),
            Confidence.MEDIUM if rebuild.guessed else Confidence.HIGH,
            rebuild.chain,
            (rebuild.chain[-1].place if rebuild.chain else rebuild.place, rebuild.loop),
            None if driven else rebuild.loop,
            rebuild,
            estimate(REBUILD, often, rebuild.label),
        )


def _often(project: Project, call: Call, around: Frequency) -> Frequency:
    """Return how often a search builds: its trials, times the loops around it."""
    trials = next((n for name in _TRIALS if (n := _number(project, call, name)) is not None), None)
    if trials is None:
        trials = cross_validated(project, call)
    endless = None if around.endless is Endless.DRIVER else around.endless
    if trials is None:
        return replace(around, count=None, endless=endless)
    count = None if endless is not None else around.known * trials
    return replace(around, count=count, known=around.known * trials, endless=endless)


def _number(project: Project, call: Call, keyword: str) -> int | None:
    """Return the integer that is passed by a keyword, where the code says it."""
    given = call.argument(len(call.call.args), keyword)
    if given is None:
        return None
    found = [atom.value for atom in value(project, call.function, given) if isinstance(atom, Const)]
    return found[0] if len(found) == 1 and isinstance(found[0], int) else None


def _work(project: Project, functions: set[Function], search: Call) -> Work:
    """Return what a trial trains: the epochs of the fits in the functions that build, or those passed on."""
    # search = RandomizedSearchCV(KerasRegressor(build), space); search.fit(x, y, epochs=100)
    passed_on = _number(project, search, "epochs")
    if passed_on is not None:
        return Work(fits=True, epochs=passed_on, steps=None)
    epochs: int | None = None
    fits = [fit for fit in calls(project, method="fit", receiver=Kind.MODEL) if fit.function in functions]
    for fit in fits:
        number = _number(project, fit, "epochs")
        epochs = number if epochs is None else max(epochs, number or 0)
    return Work(bool(fits), epochs, None)
