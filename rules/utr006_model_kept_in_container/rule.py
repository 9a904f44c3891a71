"""UTR006: whole models, or History objects that hold them, are collected where little of them is needed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from leakscan.costs import KEPT_MODEL, estimate, severity
from leakscan.facts.model import Assign, Attribute, Call, Comprehension, For, Name, While
from leakscan.facts.names import dotted, names
from leakscan.facts.walk import walk, walk_with_holders
from leakscan.questions import Kind, calls, frequency, is_constant, rebuilds, repetitions
from leakscan.rule import Confidence, Place, Report, Rule, Severity

from .stores import Store, Uses, stores_of, uses_of
from .strategies import KeepNumbers

if TYPE_CHECKING:
    from leakscan.interpreter.project import Project
    from leakscan.questions import Call as Found

#: So few models are kept on purpose as often as not; they are no more than medium.
_FEW = 10
_GROWING = frozenset({"append", "appendleft", "add", "insert"})


class ModelKeptInContainer(Rule):
    """`histories.append(model.fit(x, y))` in a loop that builds the model."""

    code = "UTR006"
    name = "model-kept-in-container"
    summary = "models, or History objects that hold them, are collected where only their numbers are used"
    severity = Severity.HIGH
    strategies = (KeepNumbers(),)

    def judge(self, project: Project) -> Iterable[Report]:
        """Yield a report for each container of histories, and of models of which little is used."""
        yield from _histories(project)
        yield from _models(project)


def _histories(project: Project) -> Iterator[Report]:
    seen: set[Place] = set()
    for fit in calls(project, method=("fit", "fit_generator"), receiver=Kind.MODEL):
        for store in stores_of(project, fit.place):
            loop = _loop_of(project, store)
            if loop is None or store.place in seen or _is_emptied(project, store):
                continue
            # for epoch in range(epochs): histories.append(model.fit(x, y))  # all hold the one model
            if not _is_new(project, fit, loop):
                continue
            # models.append(model); histories.append(history)  # the model is kept on purpose
            if _keeps_model(project, fit):
                continue
            uses = uses_of(project, store)
            # best = histories[0].model
            if uses.attributes & {"model", "_model", "params"}:
                continue
            seen.add(store.place)
            yield _report(
                project,
                store,
                loop,
                f"History kept in `{store.name}` in every iteration of the loop at {{0}}; "
                "each holds its model, which is never freed",
                "keep the numbers instead: history.history",
            )


def _models(project: Project) -> Iterator[Report]:
    for rebuild in rebuilds(project):
        # blocks.append(keras.Sequential([...]))  # parts of one model
        if not rebuild.kept or rebuild.absorbed or rebuild.in_layer or not rebuild.gives_model:
            continue
        for store in stores_of(project, rebuild.place):
            loop = _loop_of(project, store)
            # self.members.append(model)  # who reads it is not known
            if loop is None or not store.whole or store.chain or "." in store.name:
                continue
            if _is_emptied(project, store):
                continue
            uses = uses_of(project, store)
            little = _little(uses)
            if little is not None:
                what, remedy = little
                yield _report(
                    project,
                    store,
                    loop,
                    f"model kept in `{store.name}` in every iteration of the loop at {{0}}; {what}",
                    remedy,
                )


def _little(uses: Uses) -> tuple[str, str] | None:
    """Return what little is used of models, and what to keep instead; None where they are used."""
    # return models; total = sum(model.predict(x) for model in models)
    if uses.whole or uses.attributes - {"get_weights"}:
        return None
    if uses.attributes:
        return "only their weights are read afterwards", "keep the weights instead: model.get_weights()"
    if uses.one:
        return (
            "only one of them is used afterwards",
            "keep the best one only",
        )
    return "none of them is used afterwards", "do not keep them, or keep what is needed: scores, weights"


def _is_emptied(project: Project, store: Store) -> bool:
    """Whether the function that stores empties the container too: clients.clear(); clients.append(...)."""
    return store.name.rpartition(".")[2] in project.function(*store.function).shrinks


def _report(project: Project, store: Store, loop: Place, message: str, remedy: str) -> Report:
    often = frequency(project, store.place)
    level = severity(KEPT_MODEL, often)
    if often.count is not None and often.count <= _FEW:
        level = min(level, Severity.MEDIUM)
    return Report(
        store.place,
        message,
        remedy,
        level,
        Confidence.HIGH,
        store.chain,
        (loop,),
        loop,
        store,
        estimate(KEPT_MODEL, often, "keras.Model"),
    )


def _loop_of(project: Project, store: Store) -> Place | None:
    """Return the loop in which a container grows that outlives it; None where there is none."""
    for fact, around in walk_with_holders(project.bodies.whole(*store.function)):
        if getattr(fact, "node", None) != store.place.node:
            continue
        if isinstance(fact, Comprehension):
            return store.place
        root = store.name.removesuffix("[]").partition(".")[0]
        for holder in reversed(around):
            if isinstance(holder, For | While):
                # for name in names: histories = []; for fold in folds: histories.append(...)
                bound = any(
                    dotted(target) in {store.name, root}
                    for item in walk(holder.body)
                    if isinstance(item, Assign)
                    for target in item.targets
                )
                return None if bound else Place(store.place.module, holder.node)
    return None


def _is_new(project: Project, fit: Found, loop: Place) -> bool:
    """Whether the loop comes to a training with another model each time."""
    if not isinstance(fit.call.func, Attribute):
        return False
    model = fit.call.func.value
    around = [item for item in repetitions(project, fit.place) if item.loop == loop and item.driver is None]
    return any(not is_constant(project, model, fit.place, item) for item in around)


def _keeps_model(project: Project, fit: Found) -> bool:
    """Whether the function that trains a model also puts it into a container, or into an attribute of one."""
    func = fit.call.func
    model = dotted(func.value) if isinstance(func, Attribute) else ""
    for fact in walk(project.bodies.whole(*fit.function)):
        if isinstance(fact, Call) and isinstance(fact.func, Attribute) and fact.func.attr in _GROWING:
            held = [item for arg in fact.args for item in names(arg)]
            if model in held and not _is_only_asked(fact, model):
                return True
        # models[name] = model
        if isinstance(fact, Assign) and not isinstance(fact.targets[0], Name) and dotted(fact.value) == model:
            return True
    return False


def _is_only_asked(call: Call, model: str) -> bool:
    """Whether an argument only asks a model for something: scores.append(model.evaluate(x, y))."""
    return all(
        any(isinstance(holder, Attribute) for holder in around[-1:])
        for fact, around in walk_with_holders(call.args)
        if isinstance(fact, Name) and fact.id == model
    )
