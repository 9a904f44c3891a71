"""What is called to build a model, and whether it may give another one in the next iteration."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from leakscan.codemods.rewriting import Code
from leakscan.facts import model as f
from leakscan.facts.names import names
from leakscan.facts.walk import walk_kind
from leakscan.interpreter.project import Project
from leakscan.questions import reachable
from leakscan.rule import Place, RefusedError

from .iteration import Setup, bindings, local_names

#: Calls that a builder makes only to vary the model.
_DRAWS = frozenset(
    {"choice", "choices", "randint", "randrange", "suggest_categorical", "suggest_float", "suggest_int"}
)


#: What trains a model.
_TRAINERS = frozenset({"apply_gradients", "fit", "fit_generator", "minimize", "train_on_batch"})


def trained_by(code: Code, place: Place) -> bool:
    """Whether the call at `place` trains the model that it gives."""
    called = reachable(code.project, place)
    return any(code.project.function(*function).called_names & _TRAINERS for function in called)


def check_builder(code: Code, setup: Setup, place: Place, scope: cst.CSTNode) -> None:
    """Raise RefusedError if the builder reads what `scope` changes, or draws at random."""
    bound = bindings(scope)
    # A loop at the top level binds globals; one in a function may still change what a global holds.
    home = code.function(scope)
    changed = bound.varying | set(bound.simple)
    if isinstance(home, cst.FunctionDef):
        changed = bound.mutated - local_names(home)
    for module, function in reachable(code.project, place):
        facts = code.project.function(module, function)
        drawn = sorted(facts.called_names & _DRAWS)
        if drawn:
            raise RefusedError(
                f"{code.project.describe(module, function)} draws random numbers: {drawn[0]}()"
            )
        for part in _traced_with(code.project, module, function):
            read = attributes_read(part.body) & bound.attributes - {setup.name.rpartition(".")[2]}
            if read:
                raise RefusedError(
                    f"the models may differ: `self.{min(read)}` changes in each iteration, and "
                    f"{code.project.describe(module, function)} reads it"
                )
            if module == code.index:
                own = code.project.stored_names.stored(part.body) | {param.name for param in part.params}
                own |= code.project.stored_names.stored(facts.body) | {param.name for param in facts.params}
                shared = (set(names(part.body)) - own) & changed
                if shared:
                    raise RefusedError(
                        f"the models may differ: `{min(shared)}` changes in each iteration, and "
                        f"{code.project.describe(module, function)} reads it"
                    )


def _traced_with(project: Project, module: int, function: int) -> Iterator[f.FunctionFacts]:
    """Yield a function, those within it and, for a constructor, every method: what tracing a model runs."""
    facts = project.function(module, function)
    inside = {function}
    for other in project.modules[module].functions:
        # Lambda(lambda x: x * scale); class Net(keras.Model): def call(self, x): return self.dense(x) * scale
        method = facts.name == "__init__" and facts.owner is not None and other.owner == facts.owner
        if other.index in inside or other.parent in inside or method:
            inside.add(other.index)
            yield other


def attributes_read(body: list[f.Stmt]) -> set[str]:
    """Return the attributes of `self` that statements mention."""
    return {
        item.attr
        for item in walk_kind(body, f.Attribute)
        if isinstance(item.value, f.Name) and item.value.id == "self"
    }


def calls(body: list[f.Stmt]) -> Iterator[f.Call]:
    """Yield the calls in statements, those of nested functions left out."""
    return walk_kind(body, f.Call)
