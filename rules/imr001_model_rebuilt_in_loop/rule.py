"""IMR001: a Keras model is constructed in every iteration of a loop, and nothing releases it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from leakscan import costs
from leakscan.questions import Kind, Origin, calls, frequency, rebuilds, repetitions, work
from leakscan.rule import Confidence, Report, Rule, Severity

from ..families.figures import fills_a_figure
from ..families.pretrained import is_reloaded
from ..families.rebuild_reports import told
from ..families.records import one_of_the_records
from .checkpoints import is_of_another_file
from .heads import combines_others, is_on_another_model
from .parts import gives_parts_away
from .remarks import remarks
from .requests import made_for_each_request
from .strategies import ClearSession, Hoist, Isolate, Reuse
from .views import is_of_each_layer, is_view

if TYPE_CHECKING:
    from leakscan.interpreter.project import Project
    from leakscan.questions import Rebuild


_NEW = "where every model must be a new one, run each iteration in a process of its own"
_HELP = {
    Origin.CONSTRUCTED: "build one model before the loop and set it back first in each iteration, with "
    f"model.set_weights(initial_weights) and its optimizer likewise; {_NEW}",
    Origin.COPIED: "call clone_model() once before the loop and set_weights() on the copy in each iteration; "
    f"{_NEW}",
}
#: Of a view of another model, by whether the call in the loop gives it.
_VIEW = {
    True: "make it once before the loop: it has no weights of its own",
    False: "make it once before the loop and pass it on: it has no weights of its own",
}
_LAYERS = "make one model with an output for each layer before the loop: it has no weights of its own"
_RECORDS = "keep the scores, and the weights of the one that is used in the end"
_COSTS = {Origin.CONSTRUCTED: costs.REBUILD, Origin.COPIED: costs.COPY}
_AGAIN = {Origin.CONSTRUCTED: "rebuilt", Origin.COPIED: "copied again"}


class ModelRebuiltInLoop(Rule):
    """A model constructed in each iteration that one model, trained again, could replace."""

    code = "IMR001"
    name = "model-rebuilt-in-loop"
    summary = "a Keras model is constructed in every iteration of a loop and not released"
    severity = Severity.HIGH
    strategies = (Reuse(), Hoist(), ClearSession(), Isolate())

    def judge(self, project: Project) -> Iterable[Report]:
        """Yield a report for each construction that comes again before anything released the last one."""
        for rebuild in rebuilds(project):
            # net = load_model("start.keras")  # IMR003 reports what is loaded
            # net = keras.applications.VGG16()  # the weights of imagenet, each time
            if rebuild.origin is Origin.LOADED or is_reloaded(project, rebuild):
                continue
            # study.optimize(objective)  # IMR007 reports trials
            if rebuild.trial:
                continue
            # self.blocks.append(keras.Sequential([...])); models[name] = build_model(name)
            if rebuild.kept and not (
                _takes_weights(project, rebuild) or one_of_the_records(project, rebuild.place)
            ):
                continue
            # branch = keras.Sequential([...])(inputs); ...; keras.Model(inputs, outputs)
            if rebuild.absorbed:
                continue
            # def __init__(self): ... self.block = ResnetBlock(filters)  # the parts of a layer or model
            if rebuild.in_layer:
                continue
            # for size in sizes: for fold in folds: ...; keras.backend.clear_session()  # after the folds
            if rebuild.released_outside:
                continue
            # for path in checkpoints: net = build(); net.load_weights(path); net.evaluate(x, y)
            if is_of_another_file(project, rebuild):
                continue
            # small = Small(depth); small.fit(x, y); node.router = small.router
            if gives_parts_away(project, rebuild):
                continue
            # net = keras.Model(net.input, keras.layers.Dense(2)(net.layers[-2].output))
            if is_on_another_model(project, rebuild) or combines_others(project, rebuild):
                continue
            # epochs = [20]; for i in range(len(epochs)): net = build()
            if rebuild.driver is None and frequency(project, rebuild.place).count == 1:
                continue
            yield self._report(project, rebuild)
        yield from (self._report(project, rebuild) for rebuild in made_for_each_request(project))

    def _report(self, project: Project, rebuild: Rebuild) -> Report:
        driven, parts = rebuild.driver is not None, told(rebuild)
        # for activation in ("relu", "tanh"): ...  # twice is a comparison, not a loop
        rare = rebuild.bound is not None and rebuild.bound <= 2  # noqa: PLR2004
        tried = remarks(project, rebuild)
        released = "and nothing releases it"
        if tried.uncalled is not None:
            released = f"and `{tried.uncalled}` is named and never called"
        remedy = _HELP[rebuild.origin]
        if is_view(project, rebuild):
            remedy = _VIEW[rebuild.gives_model]
            if rebuild.handled:
                remedy = f"{_once(rebuild)}: it has no weights of its own"
            elif is_of_each_layer(project, rebuild):
                remedy = _LAYERS
        elif rebuild.handled:
            remedy = _once(rebuild)
        elif rebuild.kept and not rebuild.renewed:
            remedy = f"{_HELP[rebuild.origin].partition(';')[0]}; {_RECORDS}"
        often, cost = costs.again(frequency(project, rebuild.place)), _COSTS[rebuild.origin]
        level = costs.severity(cost, often, None if driven else work(project, rebuild.loop))
        # for i in range(9): plt.subplot(3, 3, i + 1); plt.imshow(heatmap(net, images[i]))
        if not driven and fills_a_figure(project, rebuild.loop, often):
            level = Severity.LOW
        # for name in names: view = keras.Model(net.inputs, net.get_layer(name).output)  # a few dozen layers
        if remedy is _LAYERS:
            level = Severity.LOW
        return Report(
            rebuild.place,
            f"model {_AGAIN[rebuild.origin]} {parts.when}; {parts.what} {released}",
            remedy + (f"\n{tried.vain}" if tried.vain else ""),
            level,
            Confidence.LOW if rare else Confidence.MEDIUM if rebuild.guessed else Confidence.HIGH,
            rebuild.chain,
            parts.refs,
            None if driven else rebuild.loop,
            rebuild,
            costs.estimate(cost, often, rebuild.label),
        )


def _once(rebuild: Rebuild) -> str:
    """Return the remedy for a model that a framework has made for each request."""
    if rebuild.driver == "Streamlit":
        return "make it in a function of its own with the decorator st.cache_resource"
    return "make it once, where the module is imported or in a function with functools.lru_cache"


def _takes_weights(project: Project, rebuild: Rebuild) -> bool:
    """Whether a model of one round is trained from weights that it is given, as in the round before.

    for _ in rounds: local = {}; for client in clients: local[client] = build(); set_weights(...); fit(...)
    """
    return (
        rebuild.renewed
        and work(project, rebuild.loop).fits
        and any(
            around.loop == rebuild.loop
            for found in calls(project, method=("set_weights",), receiver=Kind.MODEL)
            for around in repetitions(project, found.place)
        )
    )
