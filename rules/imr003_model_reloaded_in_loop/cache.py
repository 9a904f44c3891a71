"""The fix `cache`: a function of its own loads the model, once, with lru_cache."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING

import libcst as cst

from leakscan.codemods.descent import children, walk
from leakscan.codemods.rewriting import Code, Patch
from leakscan.facts import model as f
from leakscan.interpreter.project import Project
from leakscan.questions import (
    Call,
    Function,
    Kind,
    Place,
    call_at,
    called_from,
    calls,
    function_of,
    kinds,
    reachable,
    value,
)
from leakscan.rule import Applicability, RefusedError, Rewrite

from ..families.hoisting import own_names

if TYPE_CHECKING:
    from .loads import Load

_HELPER = "load_model_once"
#: What changes a model, so that the next one who is given it gets another one than the file holds.
_CHANGING = frozenset(
    """fit fit_generator train_on_batch set_weights load_weights add pop build_from_config""".split()
)
_UPDATING = frozenset({"apply_gradients", "minimize"})
#: What ends the life of every model that is there.
_CLEARING = frozenset({"clear_session", "reset_default_graph"})
#: An argument that is made of these has no hash.
_WITHOUT_HASH = (cst.Dict, cst.List, cst.Set, cst.ListComp, cst.DictComp, cst.SetComp, cst.Lambda)


class Caching:
    """Puts the load into a function that keeps what it has loaded."""

    def rewrite(self, load: Load, code: Code) -> Rewrite:
        """Return the module with the load in a function of its own."""
        if load.around.driver == "Streamlit":
            raise RefusedError("Streamlit keeps what a function with st.cache_resource loads")
        if load.participle != "loaded" or load.found.receiver:
            raise RefusedError("nothing is loaded that could be kept")
        if load.found.name.endswith(".Interpreter") and load.around.driver is not None:
            raise RefusedError("an interpreter of TensorFlow Lite serves one thread at a time")
        _check(load, code.project)
        patch = Patch(code)
        _import_functools(code, patch)
        for number, place in enumerate((load.found.place, *load.others), 1):
            _keep_load(code, patch, place, _HELPER if number == 1 else f"{_HELPER}_{number}")
        return Rewrite(
            "load the model once, in a function with lru_cache; a file that is replaced later is not read",
            Applicability.UNSAFE,
            patch.tree(),
        )


def _keep_load(code: Code, patch: Patch, place: Place, helper: str) -> None:
    """Put one load into a function of its own, `helper`."""
    call = code.node(place)
    assert isinstance(call, cst.Call)
    if code.function(call) is None:
        raise RefusedError("the load is not inside a function")
    local = {name for scope in _scopes(code, call) for name in own_names(scope)} | {"self", "cls"}
    if name := next((name for name in _names(call.func) if name in local), None):
        raise RefusedError(f"it needs `{name}`, which a function binds")
    parameters, arguments, passed = _split(call, local)
    loaded = code.text(call.with_changes(args=arguments))
    source = f"@functools.lru_cache(maxsize=1)\ndef {helper}({', '.join(parameters)}):\n"
    name = patch.helper(helper, source + textwrap.indent(f"return {loaded}", "    ") + "\n", call)
    patch.replace(call, f"{name}({', '.join(passed)})")


def _check(load: Load, project: Project) -> None:
    """Raise RefusedError where who is given the model changes it, or it would not live on."""
    if load.trained:
        raise RefusedError("the iteration trains the model, and starts from the file each time")
    own, first = load.found.function, function_of(project, load.place)
    reached = {own, *called_from(project, {own})}
    if load.around.chain:
        reached.update(reachable(project, load.place))
    changes = (*_changes(project, reached), *_changes(project, {first}, load.around.loop))
    if changes:
        raise RefusedError(f"{changes[0].name}() may change the model: the next use would go on from there")
    for function in sorted({first, *reached}):
        for name in sorted(_CLEARING):
            if name in project.function(*function).called_names:
                raise RefusedError(f"{name}() ends the life of the model")
    for item in call_at(project, load.found.place).around:
        if isinstance(item, f.With) and any(
            {Kind.SESSION, Kind.FRESH_GRAPH} & kinds(project, value(project, own, context))
            for context, _ in item.items
        ):
            raise RefusedError("the model belongs to a session or graph that ends")


def _changes(project: Project, functions: set[Function], loop: Place | None = None) -> Iterator[Call]:
    """Yield calls in some functions, or in a loop of theirs, that may change a model."""
    for call in (
        *calls(project, method=_CHANGING, receiver=Kind.MODEL, within=functions),
        *calls(project, method=_UPDATING, within=functions),
    ):
        if loop is None or any(getattr(item, "node", None) == loop.node for item in call.around):
            yield call


def _scopes(code: Code, call: cst.Call) -> Iterator[cst.FunctionDef]:
    return (above for above in code.ancestors(call) if isinstance(above, cst.FunctionDef))


def _names(node: cst.CSTNode) -> Iterator[str]:
    """Yield the names that an expression reads, those of attributes left out."""
    stack = [node]
    while stack:
        item = stack.pop()
        if isinstance(item, cst.Name):
            yield item.value
        elif isinstance(item, cst.Attribute | cst.Arg):
            stack.append(item.value)
        else:
            stack += children(item)


def _split(call: cst.Call, local: set[str]) -> tuple[list[str], list[cst.Arg], list[str]]:
    """Return the parameters of the helper, the arguments within it, and what it is given.

    What is made of names of the function is passed; everything else is the same for every caller.
    """
    parameters: list[str] = []
    arguments: list[cst.Arg] = []
    passed: list[str] = []
    taken = set(_names(call)) - local
    for number, argument in enumerate(call.args):
        needed = sorted(local.intersection(_names(argument.value)))
        if not needed:
            arguments.append(argument)
            continue
        if argument.star or any(isinstance(item, _WITHOUT_HASH) for item in walk(argument.value)):
            raise RefusedError(f"it needs `{needed[0]}`, which a function binds")
        name = argument.keyword.value if argument.keyword else "path" if not number else f"argument_{number}"
        while name in taken:
            name += "_"
        taken.add(name)
        parameters.append(name)
        passed.append(cst.Module([]).code_for_node(argument.value))
        arguments.append(argument.with_changes(value=cst.Name(name)))
    return parameters, arguments, passed


def _import_functools(code: Code, patch: Patch) -> None:
    """Import functools, first of all, where it is not; raises RefusedError where that name is taken."""
    imports = [
        (statement, small)
        for statement in code.tree.body
        if isinstance(statement, cst.SimpleStatementLine)
        for small in statement.body
        if isinstance(small, cst.Import | cst.ImportFrom)
    ]
    if any(
        isinstance(small, cst.Import)
        and any(alias.evaluated_name == "functools" and alias.asname is None for alias in small.names)
        for _, small in imports
    ):
        return
    # from functools import partial  # binds no `functools`
    known = any(
        isinstance(small, cst.ImportFrom)
        and small.module is not None
        and code.text(small.module) == "functools"
        for _, small in imports
    )
    if code.holds("functools") and not known:
        raise RefusedError("`functools` is another name here")
    for statement, small in imports:
        # from __future__ import annotations
        if not (isinstance(small, cst.ImportFrom) and code.text(small).startswith("from __future__")):
            patch.before(statement, "import functools")
            return
    patch.add_import("import functools", like="import")


__all__ = ["Caching"]
