"""IMR006: a Keras model predicts one small item in every iteration of a loop."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from leakscan.costs import PREDICT, estimate, severity
from leakscan.facts.model import Binary, If, Literal
from leakscan.facts.walk import walk_kind
from leakscan.questions import (
    Endless,
    Kind,
    Repetition,
    calls,
    frequency,
    function_of,
    is_constant,
    kinds,
    repetitions,
    trains,
    value,
    work,
)
from leakscan.records import replace
from leakscan.rule import Confidence, Place, Report, Rule, Severity

from ..families.figures import fills_a_figure
from .answers import takes_one_answer
from .items import Items
from .steps import asks_a_person, carries, names_targets, steps_environment
from .strategies import CallModel, PredictOnBatch

if TYPE_CHECKING:
    from leakscan.facts.model import Expr
    from leakscan.interpreter.project import Project
    from leakscan.questions import Call as Found

#: One in fewer iterations is often.
_RARE = 10
#: The last two are those of Sequential before TensorFlow 2.6.
_PREDICTING = ("predict", "evaluate", "predict_classes", "predict_proba")
#: A loop of fewer is a comparison of sets, or short.
_FEW = 9
#: So few rows take one or two steps of the model.
_SMALL_CHUNK = 64

_HELP = (
    "gather the items and predict them in one call; where each answer decides about the next item, "
    "call model.predict_on_batch(x)"
)
_HELP_EVALUATE = (
    "gather the items and evaluate them in one call, or update a metric with model(x, training=False)"
)
#: What is predicted: one item, what an earlier iteration gave, a batch of a training, one item again.
ONE, LAST, BATCH = "one item", "what the last step gave", "a batch in each step of a training"
SAME = "the same item"
#: How many rows these have, the code does not say.
_ADVICE = frozenset({LAST, BATCH, SAME})
#: A loop, or a driver.
_Around = tuple[Place | None, str | None]


class PredictInLoop(Rule):
    """`for item in items: model.predict(item[None])`, also through helpers, agents and objectives."""

    code = "IMR006"
    name = "predict-in-loop"
    summary = "a Keras model predicts one small item in every iteration of a loop"
    severity = Severity.MEDIUM
    strategies = (PredictOnBatch(), CallModel())

    def judge(self, project: Project) -> Iterable[Report]:
        """Yield a report for each call that something repeats on another small argument each time."""
        items = Items(project)
        trained: dict[_Around, list[Found]] | None = None
        for found in calls(project, method=_PREDICTING, receiver=Kind.MODEL):
            data = found.argument(0, "x")
            if data is None:
                continue
            # Only now: most files predict nothing, and then nobody needs to know.
            trained = _trained(project) if trained is None else trained
            report = self._judge(project, items, found, data, trained)
            if report is not None:
                yield report

    def _judge(
        self, project: Project, items: Items, found: Found, data: Expr, trained: dict[_Around, list[Found]]
    ) -> Report | None:
        around = repetitions(project, found.place)
        advice: Report | None = None
        for item in around:
            if _is_spared(project, found, item):
                continue
            # for epoch in range(epochs): model.predict(x_val)  # the same each time
            if is_constant(project, data, found.place, item):
                what = _of_the_same(project, items, found, data, item)
            else:
                what = self._what(project, items, found, data, item, trained)
            if what is None:
                continue
            report = self._report(project, found, item, *what)
            if item.count is not None and item.count < _FEW:
                # for name, x in (("train", x_train), ("test", x_test)): model.evaluate(x)
                if what != (ONE, Confidence.HIGH):
                    continue
            elif what[0] not in _ADVICE:
                return report
            advice = advice or replace(report, severity=Severity.LOW)
        if advice is not None:
            return advice
        # @app.post("/label"): return model.predict(row[None])
        if not around and frequency(project, found.place).endless is Endless.HANDLER:
            handler = Repetition(None, "a server", None, ())
            what = self._what(project, items, found, data, handler, {})
            return None if what is None else self._report(project, found, handler, *what)
        return None

    @staticmethod
    def _what(
        project: Project,
        items: Items,
        found: Found,
        data: Expr,
        item: Repetition,
        trained: dict[_Around, list[Found]],
    ) -> tuple[str, Confidence] | None:
        """Return what the call runs on, and how certain that is; None where it may be much."""
        stepped = steps_environment(project, found, item)
        one = items.is_one(data, found.place, item)
        if one or _gives_one(project, found, data):
            # net.predict(state[None]); net.fit(state[None], target)  # is no longer than the prediction
            training = [
                fit
                for fit in trained.get((item.loop, item.driver), [])
                if (given := fit.argument(0, "x")) is None or not items.is_one(given, fit.place, item)
            ]
            # for t in range(n, len(y)): model.fit(x[:t], y[:t]); model.predict(x[t : t + 1])
            once = any(fit.function != found.function or fit.place < found.place for fit in training)
            # for epoch in range(epochs): show(generator.predict(noise[:1])); gan.fit(x, y)
            once = once or (bool(training) and not names_targets(project, found, data, item))
            if stepped or not once:
                return ONE, Confidence.HIGH if one else Confidence.MEDIUM
        # while not done: state, reward, done, info = env.step(action); agent.replay()
        if stepped:
            return "a small batch", Confidence.MEDIUM
        # for start in range(0, n, 5000): model.predict(x[start : start + 5000])
        width = None if one else items.width(data, found.place)
        # for epoch in range(epochs): gan.fit(x, y); show(generator.predict(np.random.normal(size=(16, 100))))
        if width is not None and width <= _SMALL_CHUNK and not _trains_longer(project, item, trained):
            return f"{width} rows", Confidence.HIGH
        return _of_a_step(project, found, data, item, trained)

    @staticmethod
    def _report(
        project: Project, found: Found, around: Repetition, data: str, confidence: Confidence
    ) -> Report:
        in_loop = bool(around.refs)
        often = frequency(project, found.place)
        level = severity(PREDICT, often)
        # for i in picked: plt.subplot(3, 3, i + 1); plt.title(model.predict(x[i : i + 1]))
        if fills_a_figure(project, around.loop, often):
            level = Severity.LOW
        return Report(
            found.place,
            f"{found.name}() runs on {data} {around.when}; "
            "each call sets up a pipeline and a loop of its own",
            _HELP_EVALUATE if found.name == "evaluate" else _HELP,
            level,
            confidence,
            around.chain,
            around.refs,
            around.loop if in_loop else None,
            found,
            estimate(PREDICT, often, f"{found.name}()"),
        )


def _trains_longer(project: Project, around: Repetition, trained: dict[_Around, list[Found]]) -> bool:
    """Whether an iteration trains on more than a batch: by fit(), or in a loop of its own."""
    for fit in trained.get((around.loop, around.driver), []):
        nearest = next(iter(repetitions(project, fit.place)), around)
        if fit.name == "fit" or (nearest.loop, nearest.driver) != (around.loop, around.driver):
            return True
    return False


def _is_spared(project: Project, found: Found, item: Repetition) -> bool:
    """Whether what repeats a call is no loop over items, or a slow one."""
    return (
        # for _ in range(1): model.predict(x[None])
        item.count == 1
        # a page of Streamlit, which a person has run again
        or item.driver == "Streamlit"
        # for step in range(steps): if step % 100 == 0: sampler.predict(noise[:1])
        or _is_occasional(project, found, item)
        # while True: path = input("a picture? "); model.predict(load(path)[None])  # a person is slower
        or asks_a_person(project, item)
        # def on_epoch_end(self, epoch, logs): self.model.predict(self.next_sample()[None])
        or _is_hook_of_epoch(project, found, item)
        # schedule.every(10).minutes.do(look)  # of what comes at times a pipeline costs little
        or frequency(project, found.place).endless is Endless.SCHEDULE
    )


def _of_the_same(
    project: Project, items: Items, found: Found, data: Expr, item: Repetition
) -> tuple[str, Confidence] | None:
    """Return what a loop runs on that predicts the same item again, where nothing is trained meanwhile."""
    if item.loop is None or found.loop != item.loop:
        return None
    if trains(project, item.loop) or work(project, item.loop).fits:
        return None
    # for _ in range(10): guesses.append(model.predict(picture[None]))
    return (SAME, Confidence.MEDIUM) if items.is_one(data, found.place, item) else None


def _of_a_step(
    project: Project, found: Found, data: Expr, item: Repetition, trained: dict[_Around, list[Found]]
) -> tuple[str, Confidence] | None:
    """Return what a step of many runs on where nothing says how many rows it has: that is advice."""
    if found.name != "predict" or item.loop is None:
        return None
    fits = trained.get((item.loop, item.driver), [])
    # tokens = start; for t in range(length): tokens[:, t] = decoder.predict(tokens).argmax(-1)[:, t]
    if not fits and carries(project, found, data, item):
        return LAST, Confidence.MEDIUM
    # for step in range(steps): fakes = generator.predict(noise()); critic.train_on_batch(fakes, zeros)
    if found.loop == item.loop and any(
        fit.name == "train_on_batch" and fit.loop == item.loop and not fit.conditional for fit in fits
    ):
        return BATCH, Confidence.MEDIUM
    return None


def _gives_one(project: Project, found: Found, data: Expr) -> bool:
    """Whether the only answer that is taken tells that there is one item."""
    if found.name != "predict" or not takes_one_answer(project, found):
        return False
    # for images, labels in dataset: masks = model.predict(images)[0]  # a batch, and one output of several
    return Kind.TENSOR not in kinds(project, value(project, found.function, data))


def _trained(project: Project) -> dict[_Around, list[Found]]:
    """Return the calls that train, by what repeats them."""
    found: dict[_Around, list[Found]] = {}
    for fit in calls(project, method=("fit", "train_on_batch"), receiver=Kind.MODEL):
        for around in repetitions(project, fit.place):
            found.setdefault((around.loop, around.driver), []).append(fit)
    return found


def _is_occasional(project: Project, found: Found, around: Repetition) -> bool:
    """Whether the call, or one that leads to it, runs in one of several iterations only, by a remainder."""
    loop = around.loop if around.driver is None else None
    for place in (*(link.place for link in around.chain), found.place):
        holders = project.bodies.path(place.module, place.node)
        # if step % 1000 == 0: for point in grid: draw(decoder.predict(point[None]))
        if loop is not None and place.module == loop.module:
            nodes = [getattr(item, "node", None) for item in holders]
            holders = holders[nodes.index(loop.node) :] if loop.node in nodes else holders
        tests = [item.test for item in holders if isinstance(item, If)]
        if any(_is_rare(part) for test in tests for part in walk_kind(test, Binary)):
            return True
    return False


def _is_rare(part: Binary) -> bool:
    """Whether a remainder picks few iterations: step % 100, epoch % interval."""
    by = part.operands[-1]
    # if frame % 4 == 0: agent.replay()
    often = isinstance(by, Literal) and isinstance(by.value, int) and by.value < _RARE
    return part.op == "%" and not often


def _is_hook_of_epoch(project: Project, found: Found, around: Repetition) -> bool:
    if around.driver != "fit()":
        return False
    function = function_of(project, around.chain[0].place) if around.chain else found.function
    return not project.function(*function).name.endswith(("batch_begin", "batch_end"))
