"""The fix `reuse`: one model is trained in every iteration, each time from the state of a new one."""

from __future__ import annotations

import libcst as cst

from leakscan.codemods.rewriting import COMPREHENSIONS, LOOPS, Code, Patch, walk
from leakscan.questions import Rebuild, function_of
from leakscan.rule import Applicability, Place, RefusedError, Report, Rewrite

from .builders import check_builder, trained_by
from .iteration import (
    Setup,
    arguments,
    attributes_needed,
    bindings,
    changing,
    differ,
    find_setup,
    local_names,
    needed,
    occurrences,
    outermost,
    varying,
)
from .plain import plain
from .sweeps import free_names
from .uses import check_argument, check_uses, returned_at, trains

#: What TensorFlow 1 programs do with sessions; one that only configures the GPU does not make a graph.
_GRAPH_WORDS = (
    "disable_eager_execution",
    "disable_v2_behavior",
    "feed_dict",
    "get_default_graph",
    "global_variables_initializer",
    "placeholder",
)

HELPER = '''
def reuse_model(kept, fresh):
    """Return `kept` in the initial state of `fresh`, a new model like it, so that nothing is traced again."""
    if kept is None or not kept.built:
        return fresh
    if not fresh.built:
        fresh.build_from_config(kept.get_build_config())
    states, shapes = [], []
    for model in (kept, fresh):
        state = list(model.variables)
        optimizer = getattr(model, "optimizer", None)
        if optimizer is not None:
            optimizer.build(model.trainable_variables)
            state += optimizer.variables
            if hasattr(optimizer.learning_rate, "assign"):
                state.append(optimizer.learning_rate)
        settings = {} if optimizer is None else optimizer.get_config()
        settings.pop("name", None)
        if hasattr(getattr(optimizer, "learning_rate", None), "assign"):
            settings.pop("learning_rate", None)
        states.append(state)
        shapes.append([getattr(model, "input_shape", None), settings, *(item.shape for item in state)])
    if shapes[0] != shapes[1]:
        return fresh
    for variable, value in zip(*states):
        variable.assign(value)
    for layer in kept.layers:
        if getattr(layer, "stateful", False) and hasattr(layer, "reset_states"):
            layer.reset_states()
    kept.reset_metrics()
    kept.stop_training = False
    kept.history = None
    return kept
'''


class Reusing:
    """Keeps the first model; later ones only give their initial state to it."""

    def rewrite(self, report: Report, code: Code) -> Rewrite:
        """Return the loop (or the function that it calls) with the model kept."""
        rebuild = report.subject
        assert isinstance(rebuild, Rebuild)
        check_framework(code)
        if plain(code, rebuild, report.place) is not None:
            raise RefusedError(
                "nothing of the model differs between iterations: hoist builds it once, as it is"
            )
        call = code.node(report.place)
        if rebuild.gives_model and not trained_by(code, report.place):
            nameless = isinstance(code.parent(call), cst.Arg | cst.Attribute)
            if isinstance(call, cst.Call) and nameless and code.enclosing(call, COMPREHENSIONS) is None:
                return self._in_expression(report.place, code, call)
            return self._in_loop(report.place, code, call)
        return self._in_function(rebuild, code, call)

    def _in_loop(self, place: Place, code: Code, call: cst.CSTNode) -> Rewrite:
        setup = find_setup(code, call)
        loop = outermost(code, setup, sizes=True, free=frozenset(free_names(code, setup)))
        check_builder(code, setup, place, loop)
        check_uses(code, setup, loop)
        patch = Patch(code)
        kept = kept_name(code, setup)
        patch.before(code.statement(loop), f"{kept} = None")
        keep(patch, setup, kept)
        return self._rewrite(patch, setup)

    def _in_expression(self, place: Place, code: Code, call: cst.Call) -> Rewrite:
        """Keep a model that has no name: `build_model().fit(x, y)`, `train(build_model(), x, y)`."""
        statement = code.statement(call)
        value = code.text(call)
        _check_nameless(code, call, statement)
        if "\n" in value:
            raise RefusedError("what is built is not directly bound to a name")
        assert isinstance(statement, cst.SimpleStatementLine)
        kept = code.fresh_name("kept_model")
        setup = Setup(kept, statement, statement, call, [statement])
        loop = outermost(code, setup, sizes=True, free=frozenset(free_names(code, setup)))
        check_builder(code, setup, place, loop)
        check_argument(code, value, call)
        patch = Patch(code)
        patch.before(code.statement(loop), f"{kept} = None")
        helper = patch.helper("reuse_model", HELPER, statement)
        patch.before(statement, f"{kept} = {helper}({kept}, {value})")
        patch.replace(call, kept)
        return self._rewrite(patch, setup)

    def _in_function(self, rebuild: Rebuild, code: Code, call: cst.CSTNode) -> Rewrite:
        """Keep the model of a function that builds and trains it, in a global of the module."""
        if not rebuild.chain or not isinstance(call, cst.Call):
            raise RefusedError("the call does not give the model itself")
        place = rebuild.chain[0].place
        inner = code.node(place)
        function = code.function(inner)
        if not isinstance(function, cst.FunctionDef) or code.function(function) is not None:
            raise RefusedError("the model is built in a nested function")
        name = function.name.value
        if name == "__init__":
            raise RefusedError("the model belongs to an object of which several may be alive")
        setup = find_setup(code, inner)
        if "." in setup.name or not trains(code, setup, function):
            raise RefusedError(f"{name}() passes the model on")
        if mentioned(code, name) != 1 or called_elsewhere(code, place, name):
            raise RefusedError(f"{name}() is called from several places")
        loop = self._loop(code, setup, function, call)
        check_builder(code, setup, place, function)
        check_builder(code, setup, place, loop)
        check_uses(code, setup, function)
        check_caller(code, setup, function, call, loop)
        patch = Patch(code)
        kept = kept_name(code, setup)
        caller = code.function(loop)
        if isinstance(caller, cst.FunctionDef):
            patch.define(f"{kept} = None", call)
            # main() runs once with the same values; what others are called with may differ.
            if arguments(caller):
                patch.first(caller.body, f"global {kept}")
                patch.before(code.statement(loop), f"{kept} = None")
        else:
            patch.before(code.statement(loop), f"{kept} = None")
        patch.first(function.body, f"global {kept}")
        keep(patch, setup, kept)
        return self._rewrite(patch, setup)

    @staticmethod
    def _loop(code: Code, setup: Setup, function: cst.FunctionDef, call: cst.Call) -> cst.CSTNode:
        """Return the outermost loop around the call that passes the same to the model in each iteration."""
        free = frozenset(free_names(code, setup))
        changed = varying(code, setup, function.body, sizes=True, free=free)
        if changed is not None:
            raise RefusedError(differ(changed))
        given = passed(code, setup, function, call, free=free)
        attributes = attributes_needed(code, setup, function)
        found: cst.CSTNode | None = None
        for above in code.ancestors(call):
            if isinstance(above, cst.FunctionDef | cst.Lambda | cst.ClassDef):
                break
            if isinstance(above, (*LOOPS, *COMPREHENSIONS)):
                changed = changing(code, given, above, known=set(), sizes=True)
                changed = changed or min(attributes & bindings(above).attributes, default=None)
                if changed is not None and found is None:
                    raise RefusedError(differ(changed))
                if changed is not None:
                    break
                found = above
        if found is None:
            raise RefusedError("the loop is not in this function")
        return found

    def _rewrite(self, patch: Patch, setup: Setup) -> Rewrite:
        message = (
            f"keep the first `{setup.name}`; in each iteration set it to the state of a newly built one, "
            "so that nothing is compiled or traced again"
        )
        return Rewrite(message, Applicability.UNSAFE, patch.tree())


def _check_nameless(code: Code, call: cst.Call, statement: cst.CSTNode) -> None:
    """Raise RefusedError unless a model without a name is trained, or passed on, in a plain statement."""
    reason = RefusedError("what is built is not directly bound to a name")
    small = statement.body[0] if isinstance(statement, cst.SimpleStatementLine) else None
    if not isinstance(small, cst.Assign | cst.Expr):
        raise reason
    above = code.parent(call)
    outer = code.parent(above) if above is not None else None
    if isinstance(above, cst.Attribute):
        # build_model().fit(x, y)
        if not code.project.knowledge.runs_model(above.attr.value) or not isinstance(outer, cst.Call):
            raise reason
    elif not isinstance(outer, cst.Call):
        raise reason
    else:
        for argument in outer.args:
            if argument is above:
                break
            # What is computed before the model may draw at random as the model does.
            if any(isinstance(node, cst.Call) for node in walk(argument)):
                raise reason
    if outer is not small.value:
        raise reason


def keep(patch: Patch, setup: Setup, kept: str) -> None:
    """Make the setup give the kept model, and define the helper where the module lacks it."""
    helper = patch.helper("reuse_model", HELPER, setup.first)
    value = patch.code.text(setup.value)
    # What stands on several lines stays as it is laid out.
    if setup.last is setup.first and "\n" not in value:
        source = f"{helper}({kept}, {value})"
        patch.assign(setup.first, f"{setup.name} = {kept} = ", source)
    else:
        patch.after(setup.last, f"{setup.name} = {kept} = {helper}({kept}, {setup.name})")


def kept_name(code: Code, setup: Setup) -> str:
    """Return a name for the model that is kept."""
    return code.fresh_name(f"kept_{setup.name.rpartition('.')[2]}")


def check_framework(code: Code) -> None:
    """Raise RefusedError where variables belong to sessions or optimizers have no variables to reset."""
    if code.facts.graph_mode and any(code.holds(word) for word in _GRAPH_WORDS):
        raise RefusedError("the file uses TensorFlow 1 graphs, where variables belong to a session")
    if "optimizers.legacy" in code.source or "optimizers import legacy" in code.source:
        raise RefusedError("optimizers of keras.optimizers.legacy cannot be reset")


def passed(
    code: Code,
    setup: Setup,
    function: cst.FunctionDef,
    call: cst.Call,
    *,
    free: frozenset[str] = frozenset(),
) -> list[cst.BaseExpression]:
    """Return what the model of `function` depends on as the expressions that `call` passes, and globals.

    What it depends on by names in `free` is left out.
    """
    names = [name for name in needed(code, setup, function) if name not in free]
    params = arguments(function)
    used = [name for name in params if name in names]
    local = local_names(function)
    found: list[cst.BaseExpression] = [cst.Name(name) for name in names if name not in local]
    if used and any(arg.star for arg in call.args):
        raise RefusedError("cannot tell the arguments of the call apart")
    positions = [param.name.value for param in (*function.params.posonly_params, *function.params.params)]
    if positions[:1] in (["self"], ["cls"]) and isinstance(call.func, cst.Attribute):
        positions.pop(0)
        found.append(call.func.value)
    given = dict(zip(positions, (arg.value for arg in call.args if arg.keyword is None), strict=False))
    given.update((arg.keyword.value, arg.value) for arg in call.args if arg.keyword is not None)
    return [*found, *(given[name] for name in used if name in given)]


def check_caller(
    code: Code, setup: Setup, function: cst.FunctionDef, call: cst.Call, loop: cst.CSTNode
) -> None:
    """Raise RefusedError if the loop may keep a model that `function` returns."""
    places = {
        item
        for expression in occurrences(code, function, setup.name)
        if (item := returned_at(code, expression)) is not None
    }
    if not places:
        return
    statement = code.statement(call)
    small = statement.body[0] if isinstance(statement, cst.SimpleStatementLine) else None
    if isinstance(small, cst.Expr) and small.value is call:
        return
    reason = f"{function.name.value}() returns the model, to a caller that may keep it"
    if (
        not isinstance(small, cst.Assign)
        or small.value is not call
        or len(small.targets) != 1
        or len(places) > 1
    ):
        raise RefusedError(reason)
    assert isinstance(small, cst.Assign)
    target: cst.BaseExpression = small.targets[0].target
    (position,) = places
    if position >= 0:
        if not isinstance(target, cst.Tuple) or position >= len(target.elements):
            raise RefusedError(reason)
        if any(isinstance(element, cst.StarredElement) for element in target.elements):
            raise RefusedError(reason)
        target = target.elements[position].value
    if not isinstance(target, cst.Name):
        raise RefusedError(reason)
    assert isinstance(statement, cst.SimpleStatementLine)
    check_uses(code, Setup(target.value, statement, statement, call, [statement]), loop)


def mentioned(code: Code, name: str) -> int:
    """Return how often the module calls or passes on the function or method `name`."""
    nodes = [node for node in code.everything if isinstance(node, cst.Name) and node.value == name]
    above = [code.parent(node) for node in nodes]
    return sum(
        not isinstance(item, cst.FunctionDef | cst.ImportAlias | cst.Arg)
        or (isinstance(item, cst.Arg) and item.value is node)
        for node, item in zip(nodes, above, strict=True)
    )


def called_elsewhere(code: Code, place: Place, name: str) -> bool:
    """Whether another module may call the function that holds `place`; it is called `name`."""
    found = code.project.callers(*function_of(code.project, place))
    # Another module that defines the name itself calls its own.
    return any(
        module != place.module
        and all(binding.kind != "def" for binding in code.project.symbols(module).bindings.get(name, ()))
        for module, _ in found
    )
