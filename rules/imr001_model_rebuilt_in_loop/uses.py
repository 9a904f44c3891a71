"""Where the model of an iteration goes: whether it, or a part of it, is needed in a later one."""

from __future__ import annotations

import libcst as cst

from leakscan.codemods.rewriting import Code, walk
from leakscan.questions import reachable
from leakscan.rule import Place, RefusedError

from .iteration import (
    GROWERS,
    SETUP,
    Bindings,
    Setup,
    bindings,
    is_reference,
    occurrences,
    variables_read,
)

#: What gives the layers and variables of a model themselves.
_PARTS = frozenset(
    """layers weights variables trainable_variables trainable_weights non_trainable_variables
    non_trainable_weights""".split()
)
#: Functions that give plain numbers and text.
_NUMBERS = frozenset({"bool", "float", "int", "len", "print", "round", "str"})
#: Functions and modules whose results are no parts of a model.
_PLAIN = frozenset(
    "abs dict float int len list math max min np numpy os pd range round str sum tuple".split()
)


def check_uses(code: Code, setup: Setup, scope: cst.CSTNode) -> None:
    """Raise RefusedError if a model may be needed after the next iteration has begun."""
    name = setup.name
    home = code.function(setup.first)
    for expression in occurrences(code, scope, name):
        if code.statement(expression) in setup.statements:
            continue
        if code.function(expression) is not home:
            raise RefusedError(f"a function that each iteration makes holds `{name}`")
        _check_use(code, name, expression)
    for node in walk(scope):
        if (
            isinstance(node, cst.Attribute)
            and node.attr.value == "trainable"
            and _is_target(code, node)
            and not _is_before(code, node, setup)
        ):
            raise RefusedError("the iteration freezes or unfreezes layers, which a kept model would remember")
    _check_optimizer(scope)
    _check_parts(code, setup, scope)
    if not _is_used(code, setup, scope):
        raise RefusedError(f"`{name}` is only a part of another model")


def _is_used(code: Code, setup: Setup, scope: cst.CSTNode) -> bool:
    """Whether the model is run, trained, passed on or left for later, not only looked at."""
    uses = [
        code.parent(expression)
        for expression in occurrences(code, scope, setup.name)
        if code.statement(expression) not in setup.statements
    ]
    looks = {"input", "inputs", "layers", "output", "outputs"}
    return not uses or not all(isinstance(use, cst.Attribute) and use.attr.value in looks for use in uses)


def _is_before(code: Code, node: cst.CSTNode, setup: Setup) -> bool:
    """Whether a node stands before the model is compiled, in the block that sets it up."""
    above = {node, *code.ancestors(node)}
    for statement in code.block(setup.last).body:
        if statement is setup.last:
            return False
        if statement in above:
            return True
    return False


def _is_target(code: Code, node: cst.CSTNode) -> bool:
    above = code.parent(node)
    return isinstance(above, cst.AssignTarget) or (
        isinstance(above, cst.AnnAssign | cst.AugAssign) and above.target is node
    )


def _check_use(code: Code, name: str, node: cst.BaseExpression) -> None:
    above = code.parent(node)
    if _is_target(code, node):
        raise RefusedError(f"`{name}` is bound in several places")
    if isinstance(above, cst.Del):
        return
    if isinstance(above, cst.Attribute):
        _check_member(code, name, above)
        return
    if isinstance(above, cst.Assign | cst.AnnAssign | cst.NamedExpr):
        target = above.targets[0].target if isinstance(above, cst.Assign) else above.target
        raise RefusedError(f"`{code.text(target)}` keeps the model of an iteration")
    if isinstance(above, cst.Yield | cst.From):
        raise RefusedError("the model is yielded, to a consumer that may keep it")
    stored = isinstance(above, cst.Element | cst.DictElement | cst.StarredElement)
    if stored and returned_at(code, node) is None:
        raise RefusedError("the model is stored with other things")
    if isinstance(above, cst.Arg):
        check_argument(code, name, node)


def returned_at(code: Code, expression: cst.BaseExpression) -> int | None:
    """Return where a `return` has an expression: its position in the tuple, -1 without one; else None."""
    above = code.parent(expression)
    if isinstance(above, cst.Return):
        return -1
    holder = None if above is None else code.parent(above)
    # return model, history
    if not isinstance(holder, cst.Tuple) or not isinstance(code.parent(holder), cst.Return):
        return None
    return next(index for index, element in enumerate(holder.elements) if element is above)


def _check_member(code: Code, name: str, member: cst.Attribute) -> None:
    attr = member.attr.value
    above = code.parent(member)
    called = isinstance(above, cst.Call) and above.func is member
    if attr in SETUP - {"summary"} and called:
        raise RefusedError(f"`{name}` is changed or compiled again after it has been used")
    if _is_target(code, member) and attr != "stop_training":
        raise RefusedError(f"the iteration sets `{name}.{attr}`, which a kept model would remember")
    if attr == "pop" and called:
        raise RefusedError(f"`{name}` is changed after it has been used")
    if attr in _PARTS or (code.project.knowledge.runs_model(attr) and not called):
        _check_part(code, name, member)


def _check_part(code: Code, name: str, member: cst.Attribute) -> None:
    """Raise RefusedError if layers, variables or methods of the model outlive the iteration."""
    part: cst.CSTNode = member
    above = code.parent(part)
    # model.layers[0].kernel
    while (isinstance(above, cst.Attribute | cst.Subscript) and above.value is part) or isinstance(
        above, cst.Element | cst.List | cst.Tuple
    ):
        part, above = above, code.parent(above)
    kept = False
    if isinstance(above, cst.Arg):
        call = code.parent(above)
        kept = (
            isinstance(call, cst.Call)
            and isinstance(call.func, cst.Attribute)
            and call.func.attr.value in GROWERS
            and code.text(call.func.value) != name
        )
    elif isinstance(above, cst.Assign):
        # best = model.weights  # where it is better
        branch = code.enclosing(above, (cst.If, cst.For, cst.While))
        kept = isinstance(branch, cst.If) or not all(
            isinstance(item.target, cst.Name | cst.Tuple) for item in above.targets
        )
    if kept:
        raise RefusedError(f"a part of `{name}` is kept")


def check_argument(code: Code, name: str, node: cst.BaseExpression) -> None:
    """Raise RefusedError if something that the model is passed to may keep it, or compile it again."""
    argument = code.parent(node)
    call = None if argument is None else code.parent(argument)
    first = True
    while isinstance(argument, cst.Arg) and isinstance(call, cst.Call):
        func = call.func
        word = func.attr.value if isinstance(func, cst.Attribute) else code.text(func)
        # scores.append(float(score(model, x)))  # a number holds no model
        if code.text(func) in _NUMBERS or (
            word.islower() and code.text(func).partition(".")[0] in {"keras", "np", "numpy", "ops", "tf"}
        ):
            return
        if (
            isinstance(func, cst.Attribute)
            and word in GROWERS
            and not isinstance(code.parent(call), cst.Assign)
        ):
            raise RefusedError(f"`{name}`, or something that holds it, is put into a container")
        if first:
            _check_callee(code, name, call)
            _check_holder(code, name, call, word)
        first = False
        argument = code.parent(call)
        call = None if argument is None else code.parent(argument)


def _check_callee(code: Code, name: str, call: cst.Call) -> None:
    """Raise RefusedError if a function of the project compiles the model that it is passed, or freezes it."""
    number = code.number(call)
    if number is None:
        return
    for function in reachable(code.project, Place(code.index, number)):
        facts = code.project.function(*function)
        for word in sorted(facts.called_names & {"adapt", "compile"}):
            raise RefusedError(f"{code.project.describe(*function)} {word}s `{name}` in each iteration")
        if "trainable" in facts.other_stores:
            raise RefusedError(f"{code.project.describe(*function)} freezes or unfreezes layers of `{name}`")


def _check_holder(code: Code, name: str, call: cst.Call, word: str) -> None:
    """Raise RefusedError if an object that holds the model is kept: `trainer = Trainer(model)`."""
    above = code.parent(call)
    scope = code.enclosing(call, (cst.For, cst.While, cst.FunctionDef))
    if not word[:1].isupper() or not isinstance(above, cst.Assign) or scope is None:
        return
    for item in above.targets:
        holder = code.text(item.target)
        if not isinstance(item.target, cst.Name):
            raise RefusedError(f"`{holder}` holds the model of an iteration")
        for use in occurrences(code, scope, holder):
            user = code.parent(use)
            grown = code.parent(user) if isinstance(user, cst.Arg) else None
            func = grown.func if isinstance(grown, cst.Call) else None
            stored = isinstance(func, cst.Attribute) and func.attr.value in GROWERS
            if stored or isinstance(user, cst.Assign | cst.Element | cst.DictElement | cst.Yield):
                raise RefusedError(f"`{holder}`, which holds `{name}`, is kept")


def _check_optimizer(scope: cst.CSTNode) -> None:
    """Refuse a loop of one's own with an optimizer of one's own: new to the kept model, it traces again."""
    bound = bindings(scope)
    for node in walk(scope):
        if (
            isinstance(node, cst.Call)
            and isinstance(node.func, cst.Attribute)
            and node.func.attr.value in {"apply_gradients", "minimize"}
            and isinstance(node.func.value, cst.Name)
            and node.func.value.value in bound.simple
        ):
            optimizer = node.func.value.value
            raise RefusedError(f"the iteration trains with an optimizer of its own, `{optimizer}`")


def _check_parts(code: Code, setup: Setup, scope: cst.CSTNode) -> None:
    """Refuse where parts of the model are used by themselves: they would be those of another object."""
    bound = bindings(scope)
    parts = parts_of(code, setup, bound)
    block = code.block(setup.last)
    position = next(index for index, item in enumerate(block.body) if item is setup.last)
    for statement in block.body[position + 1 :]:
        for node in walk(statement):
            if isinstance(node, cst.Name) and node.value in parts and is_reference(code, node):
                raise RefusedError(f"a part of the model, `{node.value}`, is used by itself")
    for node in walk(scope):
        if not isinstance(node, cst.Call) or not isinstance(node.func, cst.Attribute):
            continue
        method, owner = node.func.attr.value, _root(node.func)
        # norm.adapt(x[train]); model = keras.Sequential([norm, ...])  # sets what is no variable
        if method == "adapt" and owner in {*parts, setup.name.partition(".")[0]}:
            raise RefusedError("the iteration adapts a layer to its data, which a kept model would not see")
        # model.fit(x, y); features = keras.Model(model.input, model.layers[1].output)
        if owner in parts and (code.project.knowledge.runs_model(method) or method == "compile"):
            raise RefusedError(f"a part of the model, `{owner}`, is used by itself")


def parts_of(code: Code, setup: Setup, bound: Bindings) -> set[str]:
    """Return the names that may stand for layers or tensors of the model: `inputs`, `base`."""
    found: set[str] = set()
    stack: list[cst.CSTNode] = [setup.value, *setup.statements[1:]]
    while stack:
        for item in variables_read(code, stack.pop(), sizes=True):
            if item in bound.simple and item not in found and item != setup.name:
                found.add(item)
                stack.extend(bound.simple[item])
    return {name for name in found if _is_model_part(code, name, bound)}


def _root(node: cst.BaseExpression) -> str | None:
    """Return the variable that an expression starts from: `model` of `model.layers[0].adapt`."""
    while isinstance(node, cst.Attribute | cst.Subscript):
        node = node.value
    return node.value if isinstance(node, cst.Name) else None


def _is_model_part(code: Code, name: str, bound: Bindings) -> bool:
    """Whether a name may stand for a layer or a tensor of the model: not for plain numbers or data."""
    for value in bound.simple[name]:
        for node in walk(value):
            if isinstance(node, cst.Call) and code.text(node.func).partition(".")[0] not in _PLAIN:
                return True
    return False


def trains(code: Code, setup: Setup, scope: cst.CSTNode) -> bool:
    """Whether the model is trained or run under the name that it is bound to."""
    for expression in occurrences(code, scope, setup.name):
        above = code.parent(expression)
        if isinstance(above, cst.Attribute) and code.project.knowledge.runs_model(above.attr.value):
            return True
    return False
