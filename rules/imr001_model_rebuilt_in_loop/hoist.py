"""The fix `hoist`: the model is built once, before the loop, and set back to its first state each time."""

from __future__ import annotations

import libcst as cst

from leakscan.codemods.rewriting import Code, Patch, Statement, walk
from leakscan.facts import model as f
from leakscan.facts.walk import walk as walk_facts
from leakscan.knowledge.spelling import canonical
from leakscan.questions import Rebuild
from leakscan.rule import Applicability, RefusedError, Report, Rewrite

from .builders import calls, check_builder
from .iteration import (
    SEEDS,
    Setup,
    bindings,
    find_setup,
    made_for,
    mentions,
    occurrences,
    outermost,
    seeds,
)
from .plain import Plain, plain
from .reuse import check_framework
from .uses import check_uses, parts_of

HELPER = '''
def reset_model(model, initial):
    """Set `model` back to its `initial` state, which the first call (with None) takes; return that state."""
    state = list(model.variables)
    if getattr(model, "optimizer", None) is not None:
        model.optimizer.build(model.trainable_variables)
        state += model.optimizer.variables
        if hasattr(model.optimizer.learning_rate, "assign"):
            state.append(model.optimizer.learning_rate)
    if initial is None:
        return [variable.numpy() for variable in state]
    for variable, value in zip(state, initial):
        variable.assign(value)
    for layer in model.layers:
        if getattr(layer, "stateful", False) and hasattr(layer, "reset_states"):
            layer.reset_states()
    model.reset_metrics()
    model.stop_training = False
    model.history = None
    return initial
'''
_TRAINERS = frozenset({"fit", "train_on_batch", "predict", "evaluate", "predict_on_batch"})
_SHAPES = frozenset({"input_shape", "input_dim", "batch_input_shape", "batch_shape"})


class Hoisting:
    """Builds one model before the loop and restores one snapshot of its state in each iteration."""

    def rewrite(self, report: Report, code: Code) -> Rewrite:
        """Return the loop with the model built before it."""
        rebuild = report.subject
        assert isinstance(rebuild, Rebuild)
        check_framework(code)
        if not rebuild.gives_model:
            raise RefusedError("the call in the loop builds and trains in one; there is no model to keep")
        found = plain(code, rebuild, report.place)
        if found is not None:
            return _built_once(code, found)
        setup = find_setup(code, code.node(report.place))
        loop = outermost(code, setup, sizes=False)
        check_builder(code, setup, report.place, loop)
        check_uses(code, setup, loop)
        _check_place(code, setup, loop)
        patch = Patch(code)
        state = code.fresh_name("initial_state")
        helper = patch.helper("reset_model", HELPER, setup.first)
        anchor = code.statement(loop)
        needed = made_for(code, setup, loop)
        _check_order(code, setup, loop, needed)
        for statement in (*needed, *setup.statements):
            patch.move_before(anchor, statement)
        patch.before(anchor, f"{state} = None")
        reset = f"{state} = {helper}({setup.name}, {state})"
        inputs = None if _is_built(code, rebuild, setup) else self._inputs(code, setup)
        if inputs is None:
            patch.put(setup.first, reset)
        else:
            use, data = inputs
            patch.drop(setup.first)
            patch.before(use, f"if not {setup.name}.built:\n    {setup.name}({data}[:1])\n{reset}")
        for statement in (*needed, *setup.statements[1:]):
            patch.drop(statement)
        message = (
            f"build `{setup.name}` once before the loop and restore its first state in each iteration; "
            "every iteration then starts from the same draw of weights"
        )
        if not _is_seeded(code, rebuild):
            message += ", where the program draws new ones in each: its results will not be the original's"
        return Rewrite(message, Applicability.UNSAFE, patch.tree())

    @staticmethod
    def _inputs(code: Code, setup: Setup) -> tuple[Statement, str]:
        """Return the first statement that runs the model, and an array that it is run on.

        A model that has no variables before it has seen data must see some before they can be recorded.
        """
        scope = code.block(setup.first)
        for expression in occurrences(code, scope, setup.name):
            if code.statement(expression) in setup.statements:
                continue
            above = code.parent(expression)
            call = code.parent(above) if above is not None else None
            if not (
                isinstance(above, cst.Attribute)
                and above.attr.value in _TRAINERS
                and isinstance(call, cst.Call)
                and call.args
            ):
                break
            data = call.args[0].value
            statement = code.statement(call)
            if call.args[0].keyword is None and _is_array(code, data) and code.block(statement) is scope:
                return statement, code.text(data)
            break
        raise RefusedError(
            "the model has no weights before its first use, and what it is used on is not plain"
        )


def _built_once(code: Code, found: Plain) -> Rewrite:
    """Return the loop with a model built before it that needs no setting back."""
    patch = Patch(code)
    anchor = code.statement(found.loop)
    for statement in (*found.needed, *found.setup.statements):
        patch.move_before(anchor, statement)
        patch.drop(statement)
    for statement in found.deletions:
        patch.drop(statement, moved=False)
    name = found.setup.name
    why = "it has no weights of its own" if found.view else "its weights are set in each iteration, as before"
    return Rewrite(f"build `{name}` once before the loop; {why}", Applicability.UNSAFE, patch.tree())


def _is_seeded(code: Code, rebuild: Rebuild) -> bool:
    """Whether what builds the model sets a seed, so that every build draws the same weights."""
    for step in rebuild.chain:
        for function in code.project.modules[step.place.module].functions:
            found = list(calls(function.body))
            if any(call.node == step.place.node for call in found):
                names = {
                    call.func.attr if isinstance(call.func, f.Attribute) else getattr(call.func, "id", "")
                    for call in found
                }
                if names & SEEDS:
                    return True
    return False


def _check_place(code: Code, setup: Setup, loop: cst.For | cst.While) -> None:
    """Raise RefusedError where the model cannot be built before the loop as it is in the loop."""
    for expression in occurrences(code, loop, setup.name):
        if isinstance(code.parent(expression), cst.Del):
            raise RefusedError(f"the iteration deletes `{setup.name}`")
    for above in code.ancestors(setup.first):
        if above is loop:
            break
        # with strategy.scope(): model = build_model()
        if isinstance(above, cst.With | cst.If | cst.Try | cst.TryStar | cst.Match):
            raise RefusedError("the model is built under a condition or within a `with` of the loop")
    # for fold in folds: from models import Net; net = Net()
    imported = {
        node.evaluated_alias or node.evaluated_name.partition(".")[0]
        for node in walk(loop)
        if isinstance(node, cst.ImportAlias)
    }
    for statement in setup.statements:
        for node in walk(statement):
            if isinstance(node, cst.Name) and node.value in imported:
                raise RefusedError(f"the loop imports `{node.value}`")
    if any(isinstance(node, cst.Attribute) and node.attr.value == "trainable" for node in walk(loop)):
        raise RefusedError("the iteration freezes or unfreezes layers")
    seed = seeds(code, loop)
    if seed is not None:
        raise RefusedError(f"{seed} in the loop would no longer decide the initial weights")


def _check_order(code: Code, setup: Setup, loop: cst.For | cst.While, needed: list[Statement]) -> None:
    """Raise RefusedError where what stays in the loop changes parts before the model is made of them."""
    parts = parts_of(code, setup, bindings(loop))
    for statement in code.block(setup.last).body:
        if statement is setup.last:
            break
        if statement in needed or statement in setup.statements:
            continue
        for part in sorted(parts):
            # base.load_weights(path); model = keras.Sequential([base, keras.layers.Dense(1)])
            if mentions(code, statement, part):
                raise RefusedError(f"a part of the model, `{part}`, is used by itself")


def _is_array(code: Code, data: cst.BaseExpression) -> bool:
    """Whether an expression can certainly be sliced: x[train], or a name for such a thing."""
    if isinstance(data, cst.Subscript):
        return True
    if not isinstance(data, cst.Name):
        return False
    function = code.function(data)
    scope: cst.CSTNode = code.tree if function is None else function
    for expression in occurrences(code, scope, data.value):
        above = code.parent(expression)
        if isinstance(above, cst.AssignTarget):
            assign = code.parent(above)
            if isinstance(assign, cst.Assign) and isinstance(assign.value, cst.Subscript):
                return True
    return False


def _is_built(code: Code, rebuild: Rebuild, setup: Setup) -> bool:
    """Whether the model has its variables as soon as it is constructed (and perhaps built)."""
    if any(".build(" in code.text(statement) for statement in setup.statements[1:]):
        return True
    place = rebuild.chain[-1].place if rebuild.chain else None
    found: f.Call | None = None
    module = code.index if place is None else place.module
    node = code.number(setup.value) if place is None else place.node
    body: list[f.Stmt] = []
    for function in code.project.modules[module].functions:
        for call in calls(function.body):
            if call.node == node:
                found, body = call, function.body
    if found is None:
        return False
    words = set(_words(found))
    name = canonical(rebuild.label)
    if name.endswith("Sequential"):
        added = [
            call for call in calls(body) if isinstance(call.func, f.Attribute) and call.func.attr == "add"
        ]
        words |= {word for call in added for word in _words(call)}
        return bool(words & (_SHAPES | {"Input", "InputLayer"})) or any(
            isinstance(call.func, f.Attribute) and call.func.attr == "build" for call in calls(body)
        )
    # A subclass has its variables once it has been built; functional and loaded models have them at once.
    if "subclass" in name:
        return any(isinstance(call.func, f.Attribute) and call.func.attr == "build" for call in calls(body))
    return True


def _words(call: f.Call) -> list[str]:
    found: list[str] = []
    for fact in walk_facts(call):
        if isinstance(fact, f.Call):
            found += [key for key, _ in fact.keywords if key is not None]
        elif isinstance(fact, f.Name):
            found.append(fact.id)
        elif isinstance(fact, f.Attribute):
            found.append(fact.attr)
    return found
