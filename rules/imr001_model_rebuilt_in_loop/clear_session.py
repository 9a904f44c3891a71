"""The fix `clear-session`: everything that Keras keeps is dropped at the top of each iteration."""

from __future__ import annotations

import libcst as cst

from leakscan.codemods.rewriting import LOOPS, Code, Patch, walk
from leakscan.facts import model as f
from leakscan.facts.names import imports_of
from leakscan.questions import Rebuild, reachable
from leakscan.rule import Applicability, Place, RefusedError, Report, Rewrite

from .iteration import GROWERS, bindings, is_reference, local_names, mentions, occurrences

#: Modules of Keras, as imported -> the package to import the backend from.
_PACKAGES = ("keras", "tf_keras", "tensorflow.keras", "tensorflow.compat.v1.keras", "tensorflow.python.keras")

#: Members that only models, layers and optimizers have.
_MEMBERS = frozenset(
    """apply_gradients get_layer get_weights predict_on_batch save_weights set_weights test_on_batch
    train_on_batch trainable_variables trainable_weights""".split()
)


def cleared(report: Report, code: Code) -> Rewrite:
    """Return the loop with the session cleared first."""
    rebuild = report.subject
    assert isinstance(rebuild, Rebuild)
    loop = code.node(rebuild.loop)
    if not isinstance(loop, LOOPS):
        raise RefusedError("the loop has no block of statements")
    living = [name for name in rebuild.alive if _is_read(code, loop.body, name)]
    living += _used_as_models(code, loop)
    living += [name for name in rebuild.alive if _is_used_later(code, loop, name)]
    if living:
        raise RefusedError(f"`{living[0]}`, made before the loop, would be invalid after the first clear")
    keeper = _keeper(code, code.node(report.place), loop, rebuild)
    # records.append({"model": net})
    if rebuild.kept and keeper is None:
        keeper = "a record"
    if keeper is not None:
        raise RefusedError(f"{keeper} keeps the model of an iteration, invalid after the next clear")
    spelling, imported = _spelling(code, rebuild)
    patch = Patch(code)
    patch.first(loop.body, f"{spelling}()")
    if imported is not None:
        patch.add_import(imported, like="keras")
    message = f"call {spelling}() first in each iteration; it bounds memory, the time to rebuild stays"
    # It is the remedy of TensorFlow 1's growing graphs. In Keras 3 it costs more energy than the rebuild:
    # a search over learning rates took 47 s in place of 12 s. Nobody gets it for want of another fix.
    return Rewrite(message, Applicability.UNSAFE, patch.tree(), by_name=not code.facts.graph_mode)


def _is_used_later(code: Code, loop: cst.For | cst.While, name: str) -> bool:
    """Whether something made before the loop is used after it, in a loop around it, or by another function.

    teacher = make(); for rate in rates: ...; teacher.evaluate(x, y)
    """
    bound = bindings(loop)
    if name in bound.simple or name in bound.varying:
        return False
    home = code.function(loop)
    scope: cst.CSTNode = code.tree if home is None else home
    around = [above for above in code.ancestors(loop) if isinstance(above, cst.For | cst.While)]
    if around and _reads(code, around[-1], name):
        return True
    inside, behind = set(walk(loop)), False
    for node in walk(scope):
        behind = behind or node is loop
        if (
            isinstance(node, cst.Name)
            and node.value == name
            and node not in inside
            and is_reference(code, node)
        ):
            other = code.function(node)
            # def report(): teacher.evaluate(x, y)  # runs at any time
            if (behind and not _is_target(code, node)) or (other is not home and name not in _own(other)):
                return True
    return False


def _reads(code: Code, around: cst.CSTNode, name: str) -> bool:
    return any(not _is_target(code, node) for node in occurrences(code, around, name))


def _is_target(code: Code, node: cst.CSTNode) -> bool:
    return isinstance(code.parent(node), cst.AssignTarget)


def _own(function: cst.CSTNode | None) -> set[str]:
    return local_names(function) if isinstance(function, cst.FunctionDef) else set()


def _is_read(code: Code, body: cst.BaseSuite, name: str) -> bool:
    """Whether an iteration may read `name` before it has bound it anew."""
    for statement in body.body:
        if not mentions(code, statement, name):
            continue
        small = statement.body[0] if isinstance(statement, cst.SimpleStatementLine) else None
        if isinstance(statement, cst.With) and not any(
            mentions(code, item, name) for item in statement.items
        ):
            return _is_read(code, statement.body, name)
        # model = build_model(); model, history = train(...)
        return (
            not isinstance(small, cst.Assign)
            or mentions(code, small.value, name)
            or not any(code.text(target) == name for target in _targets(small))
        )
    return False


def _used_as_models(code: Code, loop: cst.For | cst.While) -> list[str]:
    """Return what the loop uses as a model or optimizer and does not bind: `self.model.get_weights()`."""
    bound = bindings(loop)
    local = {*bound.simple, *bound.varying}
    attributes = set(bound.attributes)
    imported = {item.name for item in imports_of(code.facts, alternatives=True)}
    found: list[str] = []
    for node in walk(loop):
        if isinstance(node, cst.Call) and (number := code.number(node)) is not None:
            for callee in reachable(code.project, Place(code.index, number)):
                facts = code.project.function(*callee)
                attributes |= facts.other_stores
                # self.build(); self.model.set_weights(weights)
                if code.text(node.func).startswith("self."):
                    attributes |= facts.self_stores
        if isinstance(node, cst.Attribute) and node.attr.value in _MEMBERS:
            path = code.text(node.value).split(".")
            root, *parts = path
            if all(part.isidentifier() for part in path) and root not in local | imported:
                found.append(".".join([root, *parts]))
    return [name for name in found if not attributes & set(name.split(".")[1:])]


def _keeper(code: Code, call: cst.CSTNode, loop: cst.For | cst.While, rebuild: Rebuild) -> str | None:
    """Return what takes the model of an iteration, or what holds it, along into the next one."""
    statement = code.statement(call)
    small = statement.body[0] if isinstance(statement, cst.SimpleStatementLine) else None
    holders: list[cst.BaseExpression] = []
    # model = build_model(); trainer = Trainer(); but not: score = train_and_score()
    gives = rebuild.gives_model or (isinstance(call, cst.Call) and code.text(call.func)[:1].isupper())
    if isinstance(small, cst.Assign) and small.value is call and gives:
        holders = _targets(small)
    if isinstance(call, cst.Call) and isinstance(call.func, cst.Attribute):
        # wrapper = Wrapper(); wrapper.create_model(); wrappers.append(wrapper)
        owner = call.func.value
        if isinstance(owner, cst.Name) and owner.value in bindings(loop).simple:
            holders.append(owner)
    for target in holders:
        for use in occurrences(code, loop, code.text(target)):
            above = code.parent(use)
            # models.append((fold, model))
            while isinstance(above, cst.Element | cst.Tuple):
                above = code.parent(above)
            holder = code.parent(above) if isinstance(above, cst.Arg) else None
            if isinstance(holder, cst.Call) and isinstance(holder.func, cst.Attribute):
                if holder.func.attr.value in GROWERS and isinstance(code.parent(holder), cst.Expr):
                    return f"`{code.text(holder.func.value)}`"
            elif isinstance(above, cst.Yield):
                return "the consumer of the generator"
            elif isinstance(above, cst.Assign) and above is not small:
                # best = model; models[fold] = model
                return f"`{code.text(above.targets[0].target)}`"
    return None


def _targets(assign: cst.Assign) -> list[cst.BaseExpression]:
    """Return what an assignment binds, the elements of tuples one by one."""
    found: list[cst.BaseExpression] = []
    for item in assign.targets:
        target = item.target
        if isinstance(target, cst.Tuple | cst.List):
            found += [element.value for element in target.elements]
        else:
            found.append(target)
    return found


def _spelling(code: Code, rebuild: Rebuild) -> tuple[str, str | None]:
    """Return how the file would call clear_session(), and the import that it lacks for it."""
    imports = [item for item in imports_of(code.facts, alternatives=True) if item.level == 0]
    for item in imports:
        if item.attr == "clear_session":
            return item.name, None
    for item in imports:
        module = item.module if item.attr is None else f"{item.module}.{item.attr}"
        # from keras import backend as K
        if module.endswith(".backend") and module.removesuffix(".backend") in _PACKAGES:
            return f"{item.name}.clear_session", None
    for item in imports:
        module = item.module if item.attr is None else f"{item.module}.{item.attr}"
        # import keras; from tensorflow import keras
        if module in _PACKAGES:
            return f"{item.name}.backend.clear_session", None
        if module in {"tensorflow", "tensorflow.compat.v1", "tensorflow.compat.v2"}:
            return f"{item.name}.keras.backend.clear_session", None
    package = _package(code.facts) or next(
        (found for step in rebuild.chain if (found := _package(code.project.modules[step.place.module]))),
        None,
    )
    if package is None:
        raise RefusedError("the imports do not show which Keras the model comes from")
    name = code.fresh_name("backend")
    alias = "" if name == "backend" else f" as {name}"
    return f"{name}.clear_session", f"from {package} import backend{alias}"


def _package(facts: f.ModuleFacts) -> str | None:
    """Return the package of Keras that a module imports from."""
    stars = [item.module for item in facts.functions[0].body if isinstance(item, f.ImportStar)]
    named = [
        item.module if item.attr is None else f"{item.module}.{item.attr}"
        for item in imports_of(facts, alternatives=False)
    ]
    for module in (*named, *stars):
        for package in sorted(_PACKAGES, key=len, reverse=True):
            if f"{module}.".startswith(f"{package}."):
                return package
        if f"{module}.".startswith("tensorflow."):
            return "tensorflow.keras"
    return None
