"""IMR006: a Keras model predicts one small item in every iteration of a loop."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from leakscan.facts.model import Attribute, Call, Expr, Literal, Subscript
from leakscan.facts.walk import Fact, walk
from leakscan.questions import Kind, Repetition, calls, is_constant, repetitions
from leakscan.rule import Confidence, Report, Rule, Severity

if TYPE_CHECKING:
    from leakscan.interpreter.project import Project
    from leakscan.questions import Call as Found

#: A loop over a literal of fewer is a comparison of sets, not a loop over items.
_FEW = 9


class PredictInLoop(Rule):
    """`for item in items: model.predict(item[None])`, also through helpers, agents and objectives."""

    code = "IMR006"
    name = "predict-in-loop"
    summary = "a Keras model predicts one small item in every iteration of a loop"
    severity = Severity.MEDIUM
    # On until now only by the programs of its examples: its precision on real code is not known.
    enabled_by_default = False

    def judge(self, project: Project) -> Iterable[Report]:
        """Yield a report for each call that something repeats on another item each time."""
        trained = [
            (around.loop, around.driver, fit)
            for fit in calls(project, method=("fit", "train_on_batch"), receiver=Kind.MODEL)
            for around in repetitions(project, fit.place)
        ]
        for found in calls(project, method=("predict", "predict_on_batch", "evaluate"), receiver=Kind.MODEL):
            data = found.argument(0, "x")
            # for epoch in range(epochs): model.predict(x_val)  # the same each time
            around = None if data is None else _varying(project, found, data)
            if data is None or around is None:
                continue
            # for name, x in (("train", x_train), ("test", x_test)): model.evaluate(x)
            if around.count is not None and around.count < _FEW:
                continue
            item = any(_is_item(part) for part in walk(data))
            # for start in range(0, n, 5000): model.predict(x[start : start + 5000]); but not x[i : i + 1]
            if isinstance(data, Subscript) and data.is_slice and not item:
                continue
            # for train, test in folds: model.fit(x[train], y[train]); model.predict(x[test])
            loop = (around.loop, around.driver)
            before = [
                fit
                for *trains, fit in trained
                if tuple(trains) == loop and (fit.function != found.function or fit.place < found.place)
            ]
            if not item and before:
                continue
            yield self._report(found, around, certain=item)

    def _report(self, found: Found, around: Repetition, *, certain: bool) -> Report:
        in_loop = around.driver is None and around.loop is not None
        when = "in every iteration of the loop at {0}" if in_loop else f"on every call by {around.driver}"
        return Report(
            found.place,
            f"{found.name}() runs on one item {when}; each call sets up a pipeline and a loop of its own",
            "gather the items and predict them in one call; where each answer decides about the next item, "
            "call the model itself: model(x, training=False)",
            self.severity,
            Confidence.HIGH if certain else Confidence.MEDIUM,
            around.chain,
            (around.loop,) if in_loop and around.loop is not None else (),
            around.loop if in_loop else None,
        )


def _varying(project: Project, found: Found, data: Expr) -> Repetition | None:
    """Return the nearest repetition that comes to the call with other data each time."""
    around = repetitions(project, found.place)
    return next((item for item in around if not is_constant(project, data, found.place, item)), None)


def _is_item(part: Fact) -> bool:
    """Whether something is given a first axis of length one: x[None], np.expand_dims(x, 0), x[i : i + 1]."""
    if isinstance(part, Subscript):
        one = part.is_slice and Literal(1) in list(walk(part.index))
        return one or any(p == Literal(None) or getattr(p, "attr", "") == "newaxis" for p in walk(part.index))
    name = part.func.attr if isinstance(part, Call) and isinstance(part.func, Attribute) else ""
    return name == "expand_dims" or (isinstance(part, Call) and name == "reshape" and Literal(1) in part.args)
