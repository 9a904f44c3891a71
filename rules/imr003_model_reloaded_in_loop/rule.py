"""IMR003: the same model is loaded again in every iteration of a loop, or for every request."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from leakscan.costs import LOAD, estimate, severity
from leakscan.facts.names import text
from leakscan.questions import frequency, work
from leakscan.rule import Confidence, Report, Rule, Severity

from .loads import Load, reloads
from .strategies import Cache, Hoist, Keep

if TYPE_CHECKING:
    from leakscan.interpreter.project import Project


class ModelReloadedInLoop(Rule):
    """`load_model(path)` of one file, again and again: in loops, in what they call, in request handlers."""

    code = "IMR003"
    name = "model-reloaded-in-loop"
    summary = "the same model is loaded again in every iteration of a loop, or for every request"
    severity = Severity.HIGH
    strategies = (Hoist(), Cache(), Keep())

    def judge(self, project: Project) -> Iterable[Report]:
        """Yield a report for each load of the same file that something repeats."""
        for load in reloads(project):
            yield _report(project, load)


def _report(project: Project, load: Load) -> Report:
    around = load.around
    in_loop = around.driver is None and around.loop is not None
    if in_loop:
        when = "in every iteration of the loop at {0}"
    elif around.loop is None and around.driver != "fit()":
        when = (
            f"on every call by {around.driver}"
            if around.driver != "Streamlit"
            else "on every rerun by Streamlit"
        )
    else:
        when = f"on every call by {around.driver}"
    what = text(load.found.call.func)
    name = what
    refs = [around.loop] if in_loop and around.loop is not None else []
    if load.place != load.found.place:
        refs.append(load.found.place)
        what = f"{what} ({{{len(refs) - 1}}})"
    # pool.map(embed, rows)  # how often is what the driver decides
    often = frequency(project, load.place if in_loop else load.found.place)
    message = f"model {load.participle} again {when}; {what} {load.fact} each time"
    if load.others:
        more = len(load.others)
        message += f", and {'another load does' if more == 1 else f'{more} other loads do'} likewise"
    return Report(
        load.place,
        message,
        _help(load, in_loop=in_loop),
        severity(LOAD, often, None if around.loop is None else work(project, around.loop)),
        Confidence.HIGH,
        around.chain,
        tuple(refs),
        around.loop if in_loop else None,
        load,
        estimate(LOAD, often, name),
    )


def _help(load: Load, *, in_loop: bool) -> str:
    if in_loop and load.trained:
        return "load the model once before the loop and set its weights back in each iteration"
    if in_loop and not load.around.chain:
        return "load the model once before the loop"
    if load.around.loop is not None:
        where = "the loop" if in_loop else "this call"
        return f"load the model once before {where} and pass it on"
    if load.around.driver == "Streamlit":
        return "load the model in a function of its own with the decorator st.cache_resource"
    return "load the model once, where the module is imported or in a function with functools.lru_cache"
