"""What the rules about kept tensors share: guards that hold for all of them, sizes, messages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from leakscan import costs
from leakscan.facts import model as f
from leakscan.facts.walk import walk_kind
from leakscan.interpreter.values import Size
from leakscan.questions import (
    Endless,
    Frequency,
    Scope,
    calls,
    frequency,
    function_of,
    repetitions,
    retentions,
    trains,
    work,
)
from leakscan.records import replace
from leakscan.rule import ChainLink, Confidence, Estimate, Place, Report, Severity

if TYPE_CHECKING:
    from leakscan.interpreter.project import Project
    from leakscan.questions import Retention

#: A loop over a literal of so many elements keeps so few tensors that nobody need care.
FEW = 10
#: What a functional model is made with.
_FUNCTIONAL = ("keras.Model", "keras.models.Model", "keras.Input", "keras.layers.Input")
#: What is kept, the largest last.
_COSTS = {
    Size.SCALAR: costs.SCALAR,
    Size.PREDICTION: costs.PREDICTION,
    Size.VALUE: costs.VALUE,
    Size.ACTIVATION: costs.ACTIVATION,
    Size.GRADIENT: costs.GRADIENT,
}


def grown(project: Project) -> Iterator[Retention]:
    """Yield the retentions whose container really grows while models are trained or run."""
    for found in retentions(project):
        # history = deque(maxlen=100); history.append(loss)
        if found.bounded:
            continue
        # for epoch in ...: losses = []; for batch in ...: losses.append(loss)
        if found.rebuilt:
            continue
        # losses.append(loss); ...; total = tf.add_n(losses)
        if found.consumed:
            continue
        # with tf.GradientTape() as tape: log_probs = []; for t in ...: log_probs.append(log_prob)
        if found.under_tape:
            continue
        # for layer in model.layers: outputs.append(layer(x))  # no tape, no optimizer: structure, no training
        if not found.step and not found.in_graph:
            continue
        # for grad, weight in zip(grads, model.trainable_variables): updates.append(grad / tf.norm(weight))
        if found.over_weights and not found.in_graph:
            continue
        # for name in features: self.outputs[name] = encode(name); ...; keras.Model(self.inputs, ...)
        if found.over_items and _is_of_a_model(project, found):
            continue
        # for scale in (1, 2, 4): images.append(tf.image.resize(image, scale))
        if found.bound is not None and found.bound <= FEW:
            continue
        yield found


def _is_of_a_model(project: Project, found: Retention) -> bool:
    """Whether what is kept is a part of a functional model that the same class makes of it."""
    if found.scope is not Scope.OBJECT:
        return False
    module, function = function_of(project, found.place)
    owner = project.function(module, function).owner
    if owner is None:
        return False
    methods = set(project.klass(module, owner).methods.values())
    made = [
        call
        for call in calls(project, _FUNCTIONAL)
        if call.function[0] == module and call.function[1] in methods
    ]
    models = [call for call in made if call.name.endswith("Model")]
    # self.outputs[name] = ...  # one for each key
    if found.how == "[...] =":
        return bool(models) and len(models) < len(made)
    # self.outputs.append(...); keras.Model(self.inputs, self.outputs)
    attribute = found.name.rpartition(".")[2]
    return any(
        fact.attr == attribute
        for call in models
        for part in (*call.call.args, *(value for _, value in call.call.keywords))
        for fact in walk_kind([part], f.Attribute)
    )


def cost(found: Retention) -> costs.Cost:
    """Return what one iteration keeps, by the largest of the tensors."""
    if found.tapes:
        return costs.TAPE
    kept = [size for size in _COSTS if any(tensor.size is size for tensor in found.tensors)]
    return _COSTS[kept[-1]] if kept else costs.VALUE


def often(project: Project, found: Retention) -> Frequency:
    """Return how often something is kept: in a list of a function, while one call of that runs."""
    home = None
    if found.scope is Scope.LOCAL and found.loop is not None:
        home = function_of(project, found.loop)
    return costs.again(frequency(project, found.place, within=home))


def judged(project: Project, found: Retention, what: str) -> tuple[Severity, Estimate | None]:
    """Return what the kept tensors may cost in all, and on what grounds; `what` is what is kept."""
    # @tf.function def step(x): losses.append(loss)  # no value is ever kept: the program is wrong
    if found.in_graph:
        return Severity.MEDIUM, None
    times, kept = often(project, found), cost(found)
    ranked, estimate = costs.severity(kept, times), costs.estimate(kept, times, what)
    if ranked is not Severity.MEDIUM or kept.bytes is None or kept.bytes.high > costs.VALUE_BYTES:
        return ranked, estimate
    # for epoch in range(epochs): for batch in data: train(batch) ...; samples.append(generator(noise))
    if times.endless is None and _per_epoch(project, found.place):
        return Severity.LOW, replace(estimate, grounds=f"kept once in each epoch; {estimate.grounds}")
    if _ends_with_its_call(project, found, times) and _is_little(found, kept, times):
        return Severity.LOW, replace(estimate, grounds=f"held no longer than its list; {estimate.grounds}")
    return ranked, estimate


def _ends_with_its_call(project: Project, found: Retention, times: Frequency) -> bool:
    """Whether a list of a function dies with the call, and no training goes on meanwhile."""
    local = found.scope in {Scope.LOCAL, Scope.CLOSURE}
    trained = found.loop is not None and trains(project, found.loop)
    return local and times.endless in {None, Endless.DRIVER} and not trained


def _is_little(found: Retention, kept: costs.Cost, times: Frequency) -> bool:
    """Whether nothing says that what a list holds is large, or an array as large is made of it anyway."""
    # parts = []; for row in rows: parts.append(scale(row)); return parts
    if kept is costs.VALUE:
        return True
    # for _ in range(100): answers.append(net(x, training=True)); np.stack(answers)
    return times.count is not None and found.read_as_data


def _per_epoch(project: Project, place: Place) -> bool:
    """Whether a place runs once in each epoch: the nearest loop trains by an inner loop, or by a fit."""
    nearest = next(iter(repetitions(project, place)), None)
    if nearest is None or nearest.loop is None or nearest.driver is not None:
        return False
    return work(project, nearest.loop).fits and not trains(project, nearest.loop)


def where(found: Retention) -> tuple[str, tuple[Place, ...]]:
    """Return how a message names the loop, and the places that the name refers to."""
    if found.driver is not None:
        return f"on every call by {found.driver}", ()
    if found.loop is not None:
        return "in every iteration of the loop at {0}", (found.loop,)
    return "on every call", ()


def steps(found: Retention) -> tuple[ChainLink, ...]:
    """Return the chain: the calls that lead to the container, then where the tensor comes from."""
    chain = list(found.chain)
    source = next((tensor for tensor in found.tensors if tensor.source is not None), None)
    if source is not None and source.source is not None:
        place = Place(source.source.module, source.source.node)
        chain.append(ChainLink(place, f"the tensor: {source.what}"))
    return tuple(chain)


def remedy(found: Retention) -> str:
    """Return the help line: the value that is to be kept instead of the tensor."""
    if all(tensor.size is Size.SCALAR for tensor in found.tensors):
        return "store its value instead: float(x)"
    return "store what is needed of it instead: a number computed from it, or its value, x.numpy()"


def report(project: Project, found: Retention, message: str, help_text: str) -> Report:
    """Return the report of a retention; `message` may hold `{where}`."""
    text, refs = where(found)
    what = "a persistent tape" if found.tapes else found.tensors[0].what if found.tensors else "a tensor"
    severity, estimate = judged(project, found, what)
    return Report(
        found.place,
        message.replace("{where}", text),
        help_text,
        severity,
        Confidence.MEDIUM if found.guessed else Confidence.HIGH,
        steps(found),
        refs,
        found.loop,
        found,
        estimate,
    )
