"""IMR002: a Keras model is constructed in every iteration of a loop, although the last one was released."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from leakscan.costs import REBUILD, again, estimate, severity
from leakscan.questions import Origin, frequency, rebuilds, work
from leakscan.rule import Confidence, Report, Rule, Severity

from ..families.pretrained import is_reloaded
from ..families.rebuild_reports import told
from .strategies import Reuse

if TYPE_CHECKING:
    from leakscan.interpreter.project import Project
    from leakscan.questions import Rebuild


class ModelRebuiltDespiteClear(Rule):
    """`build()`, `fit()` and `clear_session()` in each iteration."""

    code = "IMR002"
    name = "model-rebuilt-despite-clear"
    summary = (
        "a Keras model is constructed in every iteration of a loop and released: building it is still paid"
    )
    severity = Severity.MEDIUM
    # Memory is tidied already, and where iterations change the architecture there is nothing to do.
    enabled_by_default = False
    strategies = (Reuse(),)

    def judge(self, project: Project) -> Iterable[Report]:
        """Yield a report for each construction that comes again after the last one was released."""
        for rebuild in (*rebuilds(project, cleared=True), *_released_outside(project)):
            # net = load_model("start.keras")  # IMR003 reports what is loaded
            if rebuild.origin is Origin.LOADED or is_reloaded(project, rebuild):
                continue
            # study.optimize(objective)  # trials differ in what they build
            if rebuild.trial:
                continue
            # models[name] = build_model(name); blocks.append(keras.Sequential([...]))
            if rebuild.kept or rebuild.absorbed or rebuild.in_layer:
                continue
            yield _report(project, rebuild)


def _released_outside(project: Project) -> Iterable[Rebuild]:
    """Yield what only the loop around the one at hand releases: for size in sizes: for fold in folds: ..."""
    return (item for item in rebuilds(project) if item.released_outside)


def _report(project: Project, rebuild: Rebuild) -> Report:
    driven, parts = rebuild.driver is not None, told(rebuild)
    often = again(frequency(project, rebuild.place))
    found = severity(REBUILD, often, None if driven else work(project, rebuild.loop))
    # In graphs of TensorFlow 1 what costs most is a graph that grows, and that is gone.
    graph = project.modules[rebuild.place.module].graph_mode
    return Report(
        rebuild.place,
        f"model rebuilt {parts.when}, although the last one is released; {parts.what}, "
        "and it is compiled and traced again",
        "where iterations change no shape, build one model before the loop and set its variables and its "
        "optimizer's back in each iteration; clear_session() is then not needed",
        Severity.LOW if graph else min(found, Severity.MEDIUM),
        Confidence.MEDIUM if rebuild.guessed else Confidence.HIGH,
        rebuild.chain,
        parts.refs,
        None if driven else rebuild.loop,
        rebuild,
        estimate(REBUILD, often, rebuild.label),
    )
