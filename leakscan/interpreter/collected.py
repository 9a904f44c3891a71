"""Comprehensions that collect tensors: each element stays until the list of all is dropped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leakscan.facts import model as f
from leakscan.facts.names import dotted, names
from leakscan.facts.walk import walk_kind
from leakscan.interpreter.values import Api, Container, Size, Tensor, Value

if TYPE_CHECKING:
    from leakscan.interpreter.frame import Frame

#: How a growth by a comprehension is told from others.
COLLECTED = "comprehension"
_NAMES = {"list": "[_ for _ in _]", "set": "{_ for _ in _}", "dict": "{_: _ for _ in _}"}


def collect(frame: Frame, expr: f.Comprehension, container: Container, value: Value) -> None:
    """Note what a comprehension puts into its container, if it may be what steps or batches gave."""
    calls = list(walk_kind(expr.elements, f.Call))
    # [out[0] for out in outputs]  # they are there already
    if not calls:
        return
    name = _NAMES.get(expr.kind, "[_ for _ in _]")
    if frame.engine.collecting and frame.may_live(value) and _may_give_tensors(frame, expr, calls):
        frame.note_growing(repeated=False, lifted=False)
        frame.engine.note_growth(frame, container, value)
    tensors = [atom for atom in frame.live(value, 0)[0] if isinstance(atom, Tensor)]
    # [y for _, y in dataset], [tf.cast(x, tf.float32) for x in rows]  # data on its way
    if not tensors or all(tensor.size is Size.VALUE for tensor in tensors):
        return
    inner = frame.loops[-len(expr.clauses) :]
    # [train_step(x, y) for x, y in dataset]
    steps = any(loop.over_data or loop.step for loop in inner)
    # [critic(state) for critic in critics], {m.name: m.result() for m in metrics}  # a few that are there
    if not steps and any(_targets(expr) & set(names(call.func)) for call in calls):
        return
    # [tape.gradient(loss, weights) for loss in losses]; {k: tf.reduce_mean(v) for k, v in logs.items()}
    if steps or any(tensor.size in {Size.PREDICTION, Size.ACTIVATION} for tensor in tensors):
        frame.add_growth(container, value, expr.node, COLLECTED, name)


def _may_give_tensors(frame: Frame, expr: f.Comprehension, calls: list[f.Call]) -> bool:
    """Whether one of several calls may give a tensor once all of the project is known."""
    for call in calls:
        root = dotted(call.func).partition(".")[0]
        # [os.path.join(root, name) for name in names], [word.strip() for word in words]
        known = not root or all(isinstance(atom, Api) for atom in frame.lookup(root))
        if not known and root not in _targets(expr):
            return True
    return False


def _targets(expr: f.Comprehension) -> set[str]:
    return {name for target, _, _ in expr.clauses for name in names(target)}


__all__ = ["COLLECTED", "collect"]
