"""What is called to build a model, and whether it may give another one in the next iteration."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from leakscan.codemods.rewriting import Code
from leakscan.facts import model as f
from leakscan.facts.names import names
from leakscan.facts.walk import walk_kind
from leakscan.interpreter.project import Project
from leakscan.interpreter.values import Class, Func
from leakscan.rule import Place, RefusedError

from .iteration import Setup, bindings, local_names

#: Calls that a builder makes only to vary the model.
_DRAWS = frozenset(
    {"choice", "choices", "randint", "randrange", "suggest_categorical", "suggest_float", "suggest_int"}
)


def check_builder(code: Code, setup: Setup, place: Place, scope: cst.CSTNode) -> None:
    """Raise RefusedError if the builder reads what `scope` changes, or draws at random."""
    bound = bindings(scope)
    # A loop at the top level binds globals; one in a function may still change what a global holds.
    home = code.function(scope)
    changed = bound.varying | set(bound.simple)
    if isinstance(home, cst.FunctionDef):
        changed = bound.mutated - local_names(home)
    for module, function in callees(code.project, place):
        facts = code.project.function(module, function)
        drawn = sorted(facts.called_names & _DRAWS)
        if drawn:
            raise RefusedError(f"{code.project.describe(module, function)} draws at random: {drawn[0]}()")
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


def callees(project: Project, place: Place) -> Iterator[tuple[int, int]]:
    """Yield the functions of the project that the call at `place` runs, as far as names tell."""
    seen: set[tuple[int, int]] = set()
    stack: list[tuple[int, int, f.Call]] = []
    for function in project.modules[place.module].functions:
        stack += [
            (place.module, function.index, call) for call in calls(function.body) if call.node == place.node
        ]
    while stack:
        module, index, call = stack.pop()
        for key in _resolved(project, module, index, call):
            if key not in seen:
                seen.add(key)
                yield key
                stack += [(*key, inner) for inner in calls(project.function(*key).body)]


def _resolved(project: Project, module: int, index: int, call: f.Call) -> Iterator[tuple[int, int]]:
    owner = project.function(module, index).owner
    func = call.func
    if isinstance(func, f.Attribute) and isinstance(func.value, f.Name) and func.value.id == "self":
        found = None if owner is None else project.method(module, owner, func.attr)
        if found is not None:
            yield found
        return
    if not isinstance(func, f.Name | f.Attribute):
        return
    for atom in project.static(module, index, func):
        if isinstance(atom, Func):
            yield atom.module, atom.function
        elif isinstance(atom, Class):
            found = project.method(atom.module, atom.index, "__init__")
            if found is not None:
                yield found


def calls(body: list[f.Stmt]) -> Iterator[f.Call]:
    """Yield the calls in statements, those of nested functions left out."""
    return walk_kind(body, f.Call)
