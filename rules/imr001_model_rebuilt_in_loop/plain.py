"""Models that can be built once as they are: nothing of them differs from one iteration to the next.

A view of another model that is only run; or a model that gets its weights at once, and is only run or trained
by an optimizer that keeps nothing.
"""

from __future__ import annotations

import libcst as cst

from leakscan.codemods.rewriting import Code, Statement, walk
from leakscan.facts import model as f
from leakscan.facts.walk import walk_kind
from leakscan.interpreter.origins import api_names
from leakscan.knowledge.keras import WITHOUT_WEIGHTS
from leakscan.questions import Rebuild, function_of, reachable
from leakscan.records import dataclass
from leakscan.rule import Place, RefusedError

from .builders import check_builder, trained_by
from .iteration import Setup, bindings, find_setup, made_for, occurrences, outermost
from .uses import check_uses
from .views import is_view

#: What leaves a model as it is.
_LOOKS = frozenset(
    """predict predict_on_batch evaluate test_on_batch summary get_layer get_weights count_params input inputs
    output outputs input_shape output_shape layers name dtype""".split()
)
_SETS = frozenset({"set_weights", "load_weights"})
_TRAINS = frozenset({"fit", "train_on_batch"})


@dataclass(frozen=True, slots=True)
class Plain:
    """A model to be built before the loop: what sets it up and what that needs; `del` of it goes.

    view: it holds nothing of its own. Else its weights are set in each iteration, as they were.
    """

    setup: Setup
    loop: cst.For | cst.While
    needed: tuple[Statement, ...]
    deletions: tuple[Statement, ...]
    view: bool


def plain(code: Code, rebuild: Rebuild, place: Place) -> Plain | None:
    """Return how a model is built once as it is, or None where something of it would differ."""
    if not rebuild.gives_model or trained_by(code, place):
        return None
    try:
        setup = find_setup(code, code.node(place))
        loop = outermost(code, setup, sizes=False)
        deletions = _deletions(code, setup, loop)
        check_builder(code, setup, place, loop)
        check_uses(code, setup, loop)
        needed = tuple(made_for(code, setup, loop))
    except RefusedError:
        return None
    view = is_view(code.project, rebuild)
    if deletions is None or not _is_in_reach(code, setup, loop) or _base_changes(code, setup, loop, needed):
        return None
    if view:
        if not all(_is_lookup(statement) for statement in needed) or not _is_used_as(
            code, setup, loop, _LOOKS
        ):
            return None
    elif needed or not _gets_weights(code, setup):
        return None
    elif not _is_used_as(code, setup, loop, _LOOKS | _SETS):
        trained = _is_used_as(code, setup, loop, _LOOKS | _SETS | _TRAINS)
        if not trained or not _optimizer_keeps_nothing(code, setup, place):
            return None
    return Plain(setup, loop, needed, deletions, view)


def _deletions(code: Code, setup: Setup, loop: cst.CSTNode) -> tuple[Statement, ...] | None:
    """Return the statements `del model`; None where one deletes other things too."""
    found: list[Statement] = []
    for expression in occurrences(code, loop, setup.name):
        above = code.parent(expression)
        if isinstance(above, cst.Del):
            statement = code.statement(above)
            if not isinstance(statement, cst.SimpleStatementLine) or len(code.block(statement).body) == 1:
                return None
            found.append(statement)
        elif isinstance(code.parent(above) if above is not None else None, cst.Tuple):
            holder = code.parent(above) if above is not None else None
            if holder is not None and isinstance(code.parent(holder), cst.Del):
                return None
    return tuple(found)


def _is_in_reach(code: Code, setup: Setup, loop: cst.CSTNode) -> bool:
    """Whether the model is built in every iteration, by statements that can be moved."""
    for above in code.ancestors(setup.first):
        if above is loop:
            return True
        if isinstance(above, cst.With | cst.If | cst.Try | cst.TryStar | cst.Match):
            return False
    return False


def _base_changes(code: Code, setup: Setup, loop: cst.CSTNode, needed: tuple[Statement, ...]) -> bool:
    """Whether the loop binds an attribute that the model is made of: self.net = build()."""
    parts: list[cst.CSTNode] = [setup.value, *setup.statements[1:], *needed]
    read = {node.attr.value for part in parts for node in walk(part) if isinstance(node, cst.Attribute)}
    stored = set(bindings(loop).attributes)
    for node in walk(loop):
        number = code.number(node) if isinstance(node, cst.Call) else None
        if number is not None:
            for callee in reachable(code.project, Place(code.index, number)):
                facts = code.project.function(*callee)
                if facts.name != "__init__":
                    stored |= facts.self_stores | facts.other_stores
    return bool(read & (stored - {setup.name.rpartition(".")[2]}))


def _is_lookup(statement: Statement) -> bool:
    """Whether a statement looks something up in a model: last = net.get_layer("conv").output."""
    return all(
        (isinstance(node.func, cst.Attribute) and node.func.attr.value in {"get_layer", *WITHOUT_WEIGHTS})
        or (isinstance(node.func, cst.Name) and node.func.value in WITHOUT_WEIGHTS)
        # Flatten()(net.output)
        or isinstance(node.func, cst.Call)
        for node in walk(statement)
        if isinstance(node, cst.Call)
    )


def _is_used_as(code: Code, setup: Setup, loop: cst.CSTNode, allowed: frozenset[str]) -> bool:
    """Whether everything that the loop does with the model is allowed, a call of it, or harmless."""
    for expression in occurrences(code, loop, setup.name):
        if code.statement(expression) in setup.statements:
            continue
        above = code.parent(expression)
        if isinstance(above, cst.Attribute):
            if above.attr.value not in allowed:
                return False
        elif isinstance(above, cst.Arg):
            call = code.parent(above)
            number = code.number(call)
            if number is None or not _leaves_alone(code, Place(code.index, number)):
                return False
        elif not isinstance(above, cst.Del) and not (
            isinstance(above, cst.Call) and above.func is expression
        ):
            return False
    return True


def _leaves_alone(code: Code, place: Place) -> bool:
    """Whether a call runs functions of the project only, and they train nothing and set no weights."""
    called = reachable(code.project, place)
    changing = _TRAINS | _SETS | {"apply_gradients", "minimize", "compile", "assign"}
    return bool(called) and not any(
        code.project.function(*function).called_names & changing for function in called
    )


def _gets_weights(code: Code, setup: Setup) -> bool:
    """Whether the first thing that happens to the model, in its own block, is that its weights are set."""
    body = code.block(setup.first).body
    position = next(index for index, item in enumerate(body) if item is setup.first)
    for statement in body[position + 1 :]:
        if statement in setup.statements or next(occurrences(code, statement, setup.name), None) is None:
            continue
        small = statement.body[0] if isinstance(statement, cst.SimpleStatementLine) else None
        call = small.value if isinstance(small, cst.Expr) else None
        func = call.func if isinstance(call, cst.Call) else None
        return (
            isinstance(func, cst.Attribute)
            and func.attr.value in _SETS
            and code.text(func.value) == setup.name
        )
    return False


def _optimizer_keeps_nothing(code: Code, setup: Setup, place: Place) -> bool:
    """Whether the model is compiled with plain SGD, in the loop or by its builder."""
    found: list[tuple[f.Call, tuple[int, int]]] = []
    home = function_of(code.project, place)
    numbers = set(map(code.number, _calls(setup)))
    for function in (home, *reachable(code.project, place)):
        for call in walk_kind(code.project.function(*function).body, f.Call):
            compiles = isinstance(call.func, f.Attribute) and call.func.attr == "compile"
            if compiles and (function != home or call.node in numbers):
                found.append((call, function))
    return bool(found) and all(_is_plain_sgd(code, *item) for item in found)


def _calls(setup: Setup) -> list[cst.CSTNode]:
    return [node for statement in setup.statements for node in walk(statement) if isinstance(node, cst.Call)]


def _is_plain_sgd(code: Code, call: f.Call, function: tuple[int, int]) -> bool:
    given = next((value for key, value in call.keywords if key == "optimizer"), None)
    optimizer = given if given is not None else call.args[0] if call.args else None
    if isinstance(optimizer, f.Literal):
        return str(optimizer.value).lower() == "sgd"
    if not isinstance(optimizer, f.Call) or len(optimizer.args) > 1:
        return False
    names = api_names(code.project, function, optimizer.func)
    keywords = {key for key, _ in optimizer.keywords}
    return (
        bool(names) and all(name.endswith(".SGD") for name in names) and keywords <= {"learning_rate", "lr"}
    )


__all__ = ["Plain", "plain"]
