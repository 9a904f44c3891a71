"""Tensors that are joined only to become NumPy arrays: a list of them need not have held tensors.

`tf.concat(outputs, 0).numpy()` wants arrays, and keeps every tensor of the list until then;
`tf.stack(log_probs)` in a loss wants tensors.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from leakscan.facts import model as f
from leakscan.facts.walk import Fact, walk_with_holders
from leakscan.interpreter.values import Api
from leakscan.knowledge import Effect
from leakscan.knowledge.python import GROWERS

if TYPE_CHECKING:
    from leakscan.interpreter.project import Project

#: Operations that make one tensor of several and compute nothing.
JOINS = frozenset({"concat", "concatenate", "stack", "vstack", "hstack"})
_HOST_METHODS = frozenset({"numpy"})
#: Names that are followed from one to the next.
_MAX_NAMES = 4


def joined_for_the_host(project: Project, module: int, function: int) -> frozenset[int]:
    """Return the nodes of the joining calls of a function of which only NumPy arrays are made."""
    facts = project.function(module, function)
    if not facts.called_names & JOINS:
        return frozenset()
    held = list(walk_with_holders(facts.body))
    uses: dict[str, list[tuple[Fact, tuple[Fact, ...]]]] = {}
    for fact, holders in held:
        if isinstance(fact, f.Name):
            uses.setdefault(fact.id, []).append((fact, holders))
    found = _Uses(project, (module, function), uses)
    return frozenset(
        fact.node
        for fact, holders in held
        if isinstance(fact, f.Call) and _last(fact.func) in JOINS and found.become_arrays(fact, holders)
    )


def _last(func: f.Expr) -> str:
    return func.attr if isinstance(func, f.Attribute) else func.id if isinstance(func, f.Name) else ""


class _Uses:
    """What a function does with its values. Belongs to one question."""

    def __init__(
        self,
        project: Project,
        function: tuple[int, int],
        uses: dict[str, list[tuple[Fact, tuple[Fact, ...]]]],
    ) -> None:
        self._project = project
        self._function = function
        self._uses = uses

    def become_arrays(self, fact: Fact, holders: tuple[Fact, ...], names: int = 0) -> bool:
        """Whether nothing is asked of a value but its copy on the host."""
        for holder in reversed(holders):
            if isinstance(holder, f.Subscript) and holder.value is fact:
                fact = holder
            elif isinstance(holder, f.Attribute):
                return holder.attr in _HOST_METHODS
            elif isinstance(holder, f.Call):
                effect = self._effect(holder)
                if effect is not Effect.GIVES_TENSOR:
                    return effect is Effect.GIVES_PLAIN_DATA
                # np.argmax(tf.nn.softmax(tf.concat(logits, axis=0)))
                fact = holder
            elif isinstance(holder, f.Assign):
                return holder.value is fact and names < _MAX_NAMES and self._named(holder, names)
            else:
                return False
        return False

    def _named(self, assignment: f.Assign, names: int) -> bool:
        if (
            len(assignment.targets) != 1
            or not isinstance(assignment.targets[0], f.Name)
            or not self._function[1]
        ):
            return False
        target = assignment.targets[0]
        loads = [
            (fact, holders)
            for fact, holders in self._uses.get(target.id, ())
            if not (
                holders and isinstance(holders[-1], f.Assign) and any(fact is t for t in holders[-1].targets)
            )
            # outs.append(out); ...; outs = tf.concat(outs, 0); outs = tf.transpose(outs); outs.numpy()
            and not (holders and isinstance(holders[-1], f.Attribute) and holders[-1].attr in GROWERS)
            and not self._rebinds(fact, holders, target)
        ]
        return bool(loads) and all(self.become_arrays(fact, holders, names + 1) for fact, holders in loads)

    def _rebinds(self, fact: Fact, holders: tuple[Fact, ...], target: f.Name) -> bool:
        """Whether a value only comes back, by operations that give tensors, under the name that it has."""
        for holder in reversed(holders):
            if isinstance(holder, f.Call):
                if self._effect(holder) is not Effect.GIVES_TENSOR:
                    return False
                fact = holder
            elif isinstance(holder, f.Subscript) and holder.value is fact:
                fact = holder
            else:
                return isinstance(holder, f.Assign) and holder.value is fact and holder.targets == [target]
        return False

    def _effect(self, call: f.Call) -> Effect:
        """Return what all that a call may mean does with its argument; UNKNOWN where they differ."""
        found = set()
        for atom in self._project.static(*self._function, call.func):
            name = atom.name if isinstance(atom, Api) else ""
            if name.startswith("numpy."):
                found.add(Effect.GIVES_PLAIN_DATA)
            else:
                found.add(self._project.knowledge.call(name).effect if name else Effect.UNKNOWN)
        return found.pop() if len(found) == 1 else Effect.UNKNOWN


__all__ = ["JOINS", "joined_for_the_host"]
