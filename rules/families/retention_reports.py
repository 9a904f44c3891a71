"""What the rules about kept tensors share: guards that hold for all of them, sizes, messages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from leakscan.interpreter.values import Size
from leakscan.questions import retentions
from leakscan.rule import ChainLink, Confidence, Place, Report, Severity

if TYPE_CHECKING:
    from leakscan.interpreter.project import Project
    from leakscan.questions import Retention

#: A loop over a literal of so many elements keeps so few tensors that nobody need care.
FEW = 10
_SEVERITIES = {
    Size.SCALAR: Severity.LOW,
    Size.VALUE: Severity.MEDIUM,
    Size.PREDICTION: Severity.MEDIUM,
    Size.GRADIENT: Severity.HIGH,
    Size.ACTIVATION: Severity.HIGH,
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
        # for scale in (1, 2, 4): images.append(tf.image.resize(image, scale))
        if found.bound is not None and found.bound <= FEW:
            continue
        yield found


def severity(found: Retention) -> Severity:
    """Return how much one iteration keeps, by the largest of the tensors."""
    if found.tapes:
        return Severity.HIGH
    return max((_SEVERITIES[tensor.size] for tensor in found.tensors), default=Severity.MEDIUM)


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


def report(found: Retention, message: str, help_text: str) -> Report:
    """Return the report of a retention; `message` may hold `{where}`."""
    text, refs = where(found)
    return Report(
        found.place,
        message.replace("{where}", text),
        help_text,
        severity(found),
        Confidence.MEDIUM if found.guessed else Confidence.HIGH,
        steps(found),
        refs,
        found.loop,
        found,
    )
