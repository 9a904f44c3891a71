"""Functions that take only the state of a model: what is built for them alone is no rebuild.

`model = kept = reuse_model(kept, build_model())` builds a model in every iteration, but trains the kept one.
Nothing is traced for the new one, and it goes as soon as its state has been copied.
"""

from __future__ import annotations

from collections.abc import Iterator

from leakscan.facts import model as f
from leakscan.facts.names import names
from leakscan.facts.walk import Fact, walk_with_holders
from leakscan.knowledge import Knowledge
from leakscan.knowledge.keras import STATE_METHODS


def state_only_parameters(function: f.FunctionFacts, knowledge: Knowledge) -> tuple[int, ...]:
    """Return the indexes of the parameters of which only the state is taken.

    Such a function returns another parameter, `kept`, after copying the state of this one into it; it
    returns this one only under a condition, where there is nothing to copy into.
    """
    params = {param.name: index for index, param in enumerate(function.params)}
    if len(params) < 2 or not function.called_names & STATE_METHODS:  # noqa: PLR2004 -- giver and taker
        return ()
    last = function.body[-1] if function.body else None
    if not isinstance(last, f.Return) or not isinstance(last.value, f.Name) or last.value.id not in params:
        return ()
    kept = last.value.id
    return tuple(
        index
        for name, index in params.items()
        if name != kept and _only_gives(function.body, name, kept, knowledge)
    )


def _only_gives(body: list[f.Stmt], name: str, kept: str, knowledge: Knowledge) -> bool:
    copied = False
    for node, conditional in _nodes(body):
        if isinstance(node, f.Return) and isinstance(node.value, f.Name) and node.value.id == name:
            # if kept is None: return fresh
            if not conditional:
                return False
        elif isinstance(node, f.Call):
            func = node.func
            if isinstance(func, f.Name) and func.id == name:
                return False
            if isinstance(func, f.Attribute):
                owner = func.value
                if isinstance(owner, f.Name) and owner.id == name and knowledge.runs_model(func.attr):
                    return False
                copied = copied or func.attr in STATE_METHODS
        elif isinstance(node, f.Assign):
            # self.model = fresh
            plain = isinstance(node.value, f.Name) and node.value.id == name
            if plain and not all(isinstance(target, f.Name) for target in node.targets):
                return False
        elif isinstance(node, f.Return | f.Yield) and node.value is not None and name in names(node.value):
            return False
    return copied and any(isinstance(node, f.Name) and node.id == kept for node, _ in _nodes(body))


def _nodes(body: list[f.Stmt]) -> Iterator[tuple[Fact, bool]]:
    """Yield every fact in `body`, and whether it stands under an `if`."""
    for fact, holders in walk_with_holders(body):
        yield fact, any(isinstance(holder, f.If) for holder in holders)
