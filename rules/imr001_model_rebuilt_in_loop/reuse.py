"""The fix `reuse`: one model is trained in every iteration, each time from the state of a new one."""

from __future__ import annotations

import libcst as cst

from leakscan.analysis.lifetimes import Rebuild
from leakscan.analysis.rewriting import LOOPS, Code, Patch
from leakscan.rule import Applicability, Place, RefusedError, Report, Rewrite, Strategy

from .iteration import (
    Setup,
    calls,
    changing,
    check_builder,
    check_uses,
    find_setup,
    parameters,
    trains,
    varying,
)

HELPER = '''
def reuse_model(kept, fresh):
    """Return `kept` in the initial state of `fresh`, a new model like it, so that nothing is traced again."""
    if kept is None or not kept.built:
        return fresh
    if not fresh.built:
        fresh.build_from_config(kept.get_build_config())
    state, initial = list(kept.variables), list(fresh.variables)
    if getattr(kept, "optimizer", None) is not None:
        for model in (kept, fresh):
            model.optimizer.build(model.trainable_variables)
        state += kept.optimizer.variables
        initial += fresh.optimizer.variables
        if hasattr(kept.optimizer.learning_rate, "assign"):
            kept.optimizer.learning_rate.assign(fresh.optimizer.learning_rate)
    if [variable.shape for variable in state] != [variable.shape for variable in initial]:
        return fresh
    for variable, value in zip(state, initial):
        variable.assign(value)
    kept.reset_metrics()
    kept.stop_training = False
    kept.history = None
    return kept
'''


class Reuse(Strategy):
    """Keeps the first model; later ones only give their initial state to it."""

    name = "reuse"
    summary = "train one model in every iteration, set back each time to the state of a newly built one"
    applicability = Applicability.UNSAFE

    def rewrite(self, report: Report, code: Code) -> Rewrite:
        """Return the loop (or the function that it calls) with the model kept."""
        rebuild = report.subject
        assert isinstance(rebuild, Rebuild)
        check_framework(code)
        call = code.node(report.place)
        if rebuild.gives_model:
            return self._in_loop(report.place, code, call)
        return self._in_function(rebuild, code, call)

    def _in_loop(self, place: Place, code: Code, call: cst.CSTNode) -> Rewrite:
        setup = find_setup(code, call)
        loop = outermost(code, setup, sizes=True)
        check_builder(code, setup, place, loop)
        check_uses(code, setup, loop, returns=False)
        patch = Patch(code)
        kept = kept_name(code, setup)
        patch.before(code.statement(loop), f"{kept} = None")
        keep(patch, setup, kept)
        return self._rewrite(patch, setup)

    def _in_function(self, rebuild: Rebuild, code: Code, call: cst.CSTNode) -> Rewrite:
        """Keep the model of a function that builds and trains it, in a global of the module."""
        if not rebuild.chain:
            raise RefusedError("the call does not give the model itself")
        place = rebuild.chain[0].place
        inner = code.node(place)
        function = code.function(inner)
        if not isinstance(function, cst.FunctionDef) or code.function(function) is not None:
            raise RefusedError("the model is built in a nested function")
        if function.name.value == "__init__":
            raise RefusedError("the model belongs to an object of which several may be alive")
        setup = find_setup(code, inner)
        if "." in setup.name or not trains(code, setup, function):
            raise RefusedError(f"{function.name.value}() hands the model on")
        if callers(code, place, function.name.value) != 1:
            raise RefusedError(f"{function.name.value}() is called from several places")
        self._check_arguments(code, setup, function, call)
        check_builder(code, setup, place, function)
        check_uses(code, setup, function, returns=True)
        patch = Patch(code)
        kept = kept_name(code, setup)
        patch.define(f"{kept} = None", call)
        patch.first(function.body, f"global {kept}")
        keep(patch, setup, kept)
        return self._rewrite(patch, setup)

    @staticmethod
    def _check_arguments(code: Code, setup: Setup, function: cst.FunctionDef, call: cst.CSTNode) -> None:
        """Raise RefusedError if what the model depends on is passed anew by each iteration."""
        changed = varying(code, setup, function.body, sizes=True)
        if changed is not None:
            raise RefusedError(differ(changed))
        needed = parameters(code, setup, function)
        loop = code.enclosing(call, LOOPS)
        if not needed:
            return
        if loop is None or not isinstance(call, cst.Call) or any(arg.star for arg in call.args):
            raise RefusedError("the arguments of the call cannot be told apart")
        names = [param.name.value for param in (*function.params.posonly_params, *function.params.params)]
        if names[:1] in (["self"], ["cls"]):
            names.pop(0)
        given = dict(zip(names, (arg.value for arg in call.args if arg.keyword is None), strict=False))
        given.update((arg.keyword.value, arg.value) for arg in call.args if arg.keyword is not None)
        for name in needed:
            if name not in given:
                continue
            changed = changing(code, [given[name]], loop, known=set(), sizes=True)
            if changed is not None:
                raise RefusedError(differ(changed))

    def _rewrite(self, patch: Patch, setup: Setup) -> Rewrite:
        message = (
            f"keep the first `{setup.name}`; in each iteration set it to the state of a newly built one, "
            "so that nothing is compiled or traced again"
        )
        return Rewrite(message, self.applicability, patch.tree())


def keep(patch: Patch, setup: Setup, kept: str) -> None:
    """Make the setup give the kept model, and define the helper where the module lacks it."""
    helper = patch.helper("reuse_model", HELPER, setup.first)
    if setup.last is setup.first:
        value = patch.code.text(setup.value)
        source = f"{helper}({kept}, {value})"
        patch.assign(setup.first, f"{setup.name} = {kept} = ", source)
    else:
        patch.after(setup.last, f"{setup.name} = {kept} = {helper}({kept}, {setup.name})")


def kept_name(code: Code, setup: Setup) -> str:
    """Return a name for the model that is kept."""
    return code.fresh_name(f"kept_{setup.name.rpartition('.')[2]}")


def outermost(code: Code, setup: Setup, *, sizes: bool) -> cst.For | cst.While:
    """Return the outermost loop around the setup that changes nothing it depends on.

    Raises RefusedError if the innermost one already does.
    """
    found: cst.For | cst.While | None = None
    for above in code.ancestors(setup.first):
        if isinstance(above, cst.FunctionDef | cst.Lambda | cst.ClassDef):
            break
        if isinstance(above, cst.For | cst.While):
            changed = varying(code, setup, above, sizes=sizes)
            if changed is not None:
                if found is None:
                    raise RefusedError(differ(changed))
                break
            found = above
    if found is None:
        raise RefusedError("the loop is not in this function")
    return found


def differ(changed: str) -> str:
    """Return the reason for a refusal: the models may not be alike."""
    return f"the models may differ: `{changed}` changes in each iteration"


def check_framework(code: Code) -> None:
    """Raise RefusedError where variables belong to sessions or optimizers have no variables to reset."""
    if code.facts.graph_mode:
        raise RefusedError("the file uses TensorFlow 1 graphs, where variables belong to a session")
    if code.holds("legacy"):
        raise RefusedError("optimizers of keras.optimizers.legacy cannot be reset")


def callers(code: Code, place: Place, name: str) -> int:
    """Return how many functions may call the one that holds `place`; it is called `name`."""
    found = code.project.callers(*enclosing_function(code, place))
    # Another module that defines the name itself calls its own.
    elsewhere = (
        module != place.module
        and any(binding.kind == "def" for binding in code.project.symbols(module).bindings.get(name, ()))
        for module, _ in found
    )
    return sum(not other for other in elsewhere)


def enclosing_function(code: Code, place: Place) -> tuple[int, int]:
    """Return the module and the index of the function that holds the call at `place`."""
    for function in code.project.modules[place.module].functions:
        if any(call.node == place.node for call in calls(function.body)):
            return place.module, function.index
    return place.module, 0
