"""What an iteration does with the model that it builds: its setup, what it depends on, where it goes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import libcst as cst

from leakscan.analysis import facts as f
from leakscan.analysis.keras_api import STEP_METHODS
from leakscan.analysis.project import Project
from leakscan.analysis.rewriting import COMPREHENSIONS, Code, Statement
from leakscan.analysis.syntax import names_read, names_stored
from leakscan.analysis.values import Class, Func
from leakscan.rule import Place, RefusedError

#: Methods that belong to putting a model together, before it is used.
_SETUP = frozenset({"add", "build", "compile", "summary"})
#: Methods that may come before or after it has been compiled.
_LOADERS = frozenset({"load_weights", "set_weights"})
_GROWERS = frozenset({"append", "appendleft", "extend", "insert", "add", "setdefault", "put", "update"})
_MUTATORS = _GROWERS | {"pop", "popleft", "popitem", "remove", "discard", "clear"}
#: Calls that give something else each time.
_RANDOM = frozenset(
    {
        "choice",
        "choices",
        "input",
        "next",
        "pop",
        "popitem",
        "rand",
        "randint",
        "random",
        "randrange",
        "sample",
        "shuffle",
        "suggest_categorical",
        "suggest_float",
        "suggest_int",
        "uniform",
    }
)

#: Those of them that a builder calls only to vary the model.
_DRAWS = frozenset(
    {"choice", "choices", "randint", "randrange", "suggest_categorical", "suggest_float", "suggest_int"}
)
#: Functions that give plain numbers and text.
_NUMBERS = frozenset({"bool", "float", "int", "len", "print", "round", "str"})
#: Functions and modules whose results are no parts of a model.
_PLAIN = frozenset(
    "abs dict float int len list math max min np numpy os pd range round str sum tuple".split()
)


@dataclass(slots=True)
class Setup:
    """How an iteration makes its model.

    name: what the model is bound to, as the code writes it: `model`, `self.model`.
    first, last: the statement that constructs it, and the last one that adds to or compiles it.
    statements: those of them, in order, that make up the model.
    """

    name: str
    first: cst.SimpleStatementLine
    last: Statement
    value: cst.BaseExpression
    statements: list[Statement] = field(default_factory=list)


def find_setup(code: Code, call: cst.CSTNode) -> Setup:
    """Return how the model that `call` constructs is set up. Raises RefusedError for other shapes."""
    if any(isinstance(above, COMPREHENSIONS) for above in code.ancestors(call)):
        raise RefusedError("it is built within a comprehension, which has no room for statements")
    statement = code.statement(call)
    if not isinstance(statement, cst.SimpleStatementLine) or len(statement.body) != 1:
        raise RefusedError("the model is not built by a statement of its own")
    name, value = _assigned(code, statement.body[0])
    if value is not call:
        raise RefusedError("what is built is not bound to a name as it is")
    block = code.block(statement)
    body: Sequence[cst.CSTNode] = block.body
    setup = Setup(name, statement, statement, value, [statement])
    position = next(index for index, item in enumerate(body) if item is statement)
    used = False
    for item in body[position + 1 :]:
        if not mentions(code, item, name):
            continue
        if _calls(code, item, name, _SETUP):
            if used:
                raise RefusedError(f"`{name}` is changed or compiled again after it has been used")
            assert isinstance(item, cst.SimpleStatementLine)
            setup.last = item
            setup.statements.append(item)
        elif not _calls(code, item, name, _LOADERS):
            used = True
    return setup


def _assigned(code: Code, small: cst.BaseSmallStatement) -> tuple[str, cst.BaseExpression]:
    if isinstance(small, cst.Assign) and len(small.targets) == 1:
        target: cst.BaseExpression = small.targets[0].target
        value: cst.BaseExpression | None = small.value
    elif isinstance(small, cst.AnnAssign):
        target, value = small.target, small.value
    else:
        raise RefusedError("what is built is not bound to a name")
    if isinstance(target, cst.Tuple | cst.List):
        raise RefusedError("the model is built together with other things, in a tuple")
    plain = isinstance(target, cst.Name) or (
        isinstance(target, cst.Attribute) and isinstance(target.value, cst.Name)
    )
    if not plain or value is None:
        raise RefusedError("what is built is not bound to a name")
    return code.text(target), value


def _calls(code: Code, statement: cst.CSTNode, name: str, methods: frozenset[str]) -> bool:
    """Whether a statement is `model.compile(...)` or the like."""
    if not isinstance(statement, cst.SimpleStatementLine) or len(statement.body) != 1:
        return False
    small = statement.body[0]
    if not isinstance(small, cst.Expr) or not isinstance(small.value, cst.Call):
        return False
    func = small.value.func
    return isinstance(func, cst.Attribute) and func.attr.value in methods and code.text(func.value) == name


def walk(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """Yield a node and everything below it."""
    stack = [node]
    while stack:
        item = stack.pop()
        yield item
        stack.extend(reversed(item.children))


def mentions(code: Code, node: cst.CSTNode, name: str) -> bool:
    """Whether `name`, plain or dotted, occurs below `node`."""
    return next(occurrences(code, node, name), None) is not None


def occurrences(code: Code, node: cst.CSTNode, name: str) -> Iterator[cst.BaseExpression]:
    """Yield the expressions below `node` that are exactly `name`."""
    base, _, attr = name.partition(".")
    for item in walk(node):
        if attr:
            if isinstance(item, cst.Attribute) and item.attr.value == attr and code.text(item) == name:
                yield item
        elif isinstance(item, cst.Name) and item.value == base and _is_reference(code, item):
            yield item


def _is_reference(code: Code, name: cst.Name) -> bool:
    """Whether a Name node is a variable, not an attribute's or a keyword's name."""
    above = code.parent(name)
    if isinstance(above, cst.Attribute):
        return above.value is name
    if isinstance(above, cst.Arg):
        return above.keyword is not name
    if isinstance(above, cst.Param):
        return above.default is name
    return not isinstance(above, cst.FunctionDef | cst.ClassDef | cst.ImportAlias | cst.AsName)


# What varies


@dataclass(slots=True)
class Bindings:
    """What a block of code binds: names by plain assignments of its own, and everything else that changes."""

    simple: dict[str, list[cst.BaseExpression]] = field(default_factory=dict)
    varying: set[str] = field(default_factory=set)
    attributes: set[str] = field(default_factory=set)


def bindings(block: cst.CSTNode) -> Bindings:
    """Return what running `block` (a loop, or a function's body) binds or changes."""
    found = Bindings()
    for node in walk(block):
        if isinstance(node, cst.Assign):
            for target in node.targets:
                _bind(target.target, node.value, found)
        elif isinstance(node, cst.AnnAssign) and node.value is not None:
            _bind(node.target, node.value, found)
        elif isinstance(node, cst.AugAssign | cst.For | cst.CompFor | cst.NamedExpr):
            _bind(node.target, None, found)
        elif isinstance(node, cst.AsName):
            _bind(node.name, None, found)
        elif (
            isinstance(node, cst.Call)
            and isinstance(node.func, cst.Attribute)
            and node.func.attr.value in _MUTATORS
            and isinstance(node.func.value, cst.Name)
        ):
            # config.update(units=units)
            found.varying.add(node.func.value.value)
        elif isinstance(node, cst.FunctionDef) and node is not block:
            found.varying.add(node.name.value)
    return found


def _bind(target: cst.BaseExpression, value: cst.BaseExpression | None, found: Bindings) -> None:
    if isinstance(target, cst.Name):
        if value is None:
            found.varying.add(target.value)
        else:
            found.simple.setdefault(target.value, []).append(value)
    elif isinstance(target, cst.Tuple | cst.List):
        for element in target.elements:
            _bind(element.value, None, found)
    elif isinstance(target, cst.StarredElement):
        _bind(target.value, None, found)
    elif isinstance(target, cst.Attribute):
        found.attributes.add(target.attr.value)
        if isinstance(target.value, cst.Name) and target.value.value not in {"self", "cls"}:
            found.varying.add(target.value.value)
    elif isinstance(target, cst.Subscript):
        # config["units"] = units
        _bind_base(target.value, found)


def _bind_base(base: cst.BaseExpression, found: Bindings) -> None:
    while isinstance(base, cst.Subscript | cst.Attribute):
        if isinstance(base, cst.Attribute):
            found.attributes.add(base.attr.value)
        base = base.value
    if isinstance(base, cst.Name):
        found.varying.add(base.value)


def varying(code: Code, setup: Setup, scope: cst.CSTNode, *, sizes: bool) -> str | None:
    """Return what the model depends on that may differ from one run of `scope` to the next, or None.

    sizes: whether sizes of data count as the same, such as the number of columns of a training set.
    """
    return changing(code, [setup.value, *setup.statements[1:]], scope, known={setup.name}, sizes=sizes)


def changing(
    code: Code, expressions: Sequence[cst.CSTNode], scope: cst.CSTNode, *, known: set[str], sizes: bool
) -> str | None:
    """Return what `expressions` read that may differ from one run of `scope` to the next, or None.

    The names in `known` are taken to be the same.
    """
    bound = bindings(scope)
    seen = set(known)
    stack = list(expressions)
    while stack:
        expression = stack.pop()
        drawn = _draws(expression)
        if drawn is not None:
            return drawn
        for name in _read(code, expression, sizes=sizes):
            if name in seen:
                continue
            seen.add(name)
            if name in bound.varying:
                return name
            stack.extend(bound.simple.get(name, ()))
    return None


def _draws(node: cst.CSTNode) -> str | None:
    for item in walk(node):
        if isinstance(item, cst.Call):
            func = item.func
            name = func.attr if isinstance(func, cst.Attribute) else func
            if isinstance(name, cst.Name) and name.value in _RANDOM:
                return f"{name.value}()"
    return None


def _read(code: Code, node: cst.CSTNode, *, sizes: bool) -> Iterator[str]:
    """Yield the variables that an expression reads; with `sizes`, not those of which it reads a size only."""
    stack = [node]
    while stack:
        item = stack.pop()
        if sizes and isinstance(item, cst.BaseExpression) and _is_size(code, item):
            continue
        if isinstance(item, cst.Name) and _is_reference(code, item):
            yield item.value
        stack.extend(reversed(item.children))


def _is_size(code: Code, node: cst.BaseExpression) -> bool:
    """Whether an expression is a size of data that all folds share: `x.shape[1]`, `x.shape[1:]`, classes."""
    if isinstance(node, cst.Subscript):
        value = node.value
        if isinstance(value, cst.Attribute) and value.attr.value == "shape":
            # The number of rows, x.shape[0], differs between folds.
            return code.text(node).rpartition("[")[2] in {"1]", "2]", "3]", "4]", "-1]", "1:]", "-2]", "1:3]"}
    if isinstance(node, cst.Call):
        # len(np.unique(y_train)), y_train.nunique()
        func = node.func
        inner = node.args[0].value if node.args else None
        if isinstance(func, cst.Name) and func.value == "len" and isinstance(inner, cst.Call):
            word = inner.func.attr if isinstance(inner.func, cst.Attribute) else inner.func
            return isinstance(word, cst.Name) and word.value in {"unique", "set"}
        if isinstance(func, cst.Attribute) and func.attr.value == "nunique":
            return True
    return False


def made_for(code: Code, setup: Setup, loop: cst.For | cst.While) -> list[Statement]:
    """Return the other statements of the iteration that the setup needs: `inputs = keras.Input(...)`.

    Raises RefusedError where they are not plain assignments before it, in its own block.
    """
    bound = bindings(loop)
    body: Sequence[cst.CSTNode] = code.block(setup.first).body
    names: set[str] = set()
    stack: list[cst.CSTNode] = [setup.value, *setup.statements[1:]]
    while stack:
        for name in _read(code, stack.pop(), sizes=False):
            if name in bound.simple and name not in names and name != setup.name:
                names.add(name)
                stack.extend(bound.simple[name])
    found: list[Statement] = []
    for statement in body[: next(index for index, item in enumerate(body) if item is setup.last)]:
        small = statement.body[0] if isinstance(statement, cst.SimpleStatementLine) else None
        if isinstance(small, cst.Assign) and len(small.targets) == 1:
            target = small.targets[0].target
            if isinstance(target, cst.Name) and target.value in names:
                assert isinstance(statement, cst.SimpleStatementLine)
                found.append(statement)
    for name in names:
        if len(bound.simple[name]) != sum(code.text(item).startswith(f"{name} ") for item in found):
            raise RefusedError(f"the model depends on `{name}`, which the loop makes")
    return found


def parameters(code: Code, setup: Setup, function: cst.FunctionDef) -> list[str]:
    """Return the parameters of `function` that the model depends on."""
    names = [
        param.name.value
        for param in (
            *function.params.posonly_params,
            *function.params.params,
            *function.params.kwonly_params,
        )
    ]
    bound = bindings(function.body)
    found: list[str] = []
    seen: set[str] = set()
    stack: list[cst.CSTNode] = [setup.value, *setup.statements[1:]]
    while stack:
        for name in _read(code, stack.pop(), sizes=True):
            if name not in seen:
                seen.add(name)
                stack.extend(bound.simple.get(name, ()))
                if name in names:
                    found.append(name)
    return found


def check_builder(code: Code, setup: Setup, place: Place, scope: cst.CSTNode) -> None:
    """Raise RefusedError if the builder reads what `scope` changes, or draws at random."""
    bound = bindings(scope)
    changed = bound.varying | set(bound.simple)
    at_top = code.function(scope) is None
    for module, function in callees(code.project, place):
        facts = code.project.function(module, function)
        drawn = sorted(facts.called_names & _DRAWS)
        if drawn:
            raise RefusedError(f"{code.project.describe(module, function)} draws at random: {drawn[0]}()")
        read = attributes_read(facts.body) & bound.attributes - {setup.name.rpartition(".")[2]}
        if read:
            raise RefusedError(
                f"the models may differ: `self.{min(read)}` changes in each iteration, and "
                f"{code.project.describe(module, function)} reads it"
            )
        if at_top and module == code.index:
            own = names_stored(facts.body) | {param.name for param in facts.params}
            shared = (set(names_read(facts.body)) - own) & changed
            if shared:
                raise RefusedError(
                    f"the models may differ: `{min(shared)}` changes in each iteration, and "
                    f"{code.project.describe(module, function)} reads it"
                )


def attributes_read(body: list[f.Stmt]) -> set[str]:
    """Return the attributes of `self` that statements mention."""
    found: set[str] = set()
    stack: list[object] = list(body)
    while stack:
        item = stack.pop()
        if isinstance(item, f.Attribute) and isinstance(item.value, f.Name) and item.value.id == "self":
            found.add(item.attr)
        if isinstance(item, list | tuple):
            stack.extend(item)
        elif hasattr(item, "__dataclass_fields__"):
            stack.extend(getattr(item, key) for key in item.__dataclass_fields__)
    return found


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
    stack: list[object] = list(body)
    while stack:
        item = stack.pop()
        if isinstance(item, f.Call):
            yield item
        if isinstance(item, list | tuple):
            stack.extend(item)
        elif hasattr(item, "__dataclass_fields__"):
            stack.extend(getattr(item, key) for key in item.__dataclass_fields__)


# Where it goes


def check_uses(code: Code, setup: Setup, scope: cst.CSTNode, *, returns: bool) -> None:
    """Raise RefusedError if a model may be needed after the next iteration has begun.

    returns: whether a `return` of the model hands it to somebody who keeps it.
    """
    name = setup.name
    home = code.function(setup.first)
    for expression in occurrences(code, scope, name):
        if code.statement(expression) in setup.statements:
            continue
        if code.function(expression) is not home:
            raise RefusedError(f"a function that each iteration makes holds `{name}`")
        _check_use(code, name, expression, returns=returns)
    for node in walk(scope):
        if isinstance(node, cst.Attribute) and node.attr.value == "trainable" and _is_target(code, node):
            raise RefusedError("the iteration freezes or unfreezes layers, which a kept model would remember")
    _check_optimizer(scope)
    _check_parts(code, setup, scope)


def _is_target(code: Code, node: cst.CSTNode) -> bool:
    above = code.parent(node)
    return isinstance(above, cst.AssignTarget) or (
        isinstance(above, cst.AnnAssign | cst.AugAssign) and above.target is node
    )


def _check_use(code: Code, name: str, node: cst.BaseExpression, *, returns: bool) -> None:
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
    if isinstance(above, cst.Return) and returns:
        raise RefusedError("the model is returned, to a caller that may keep it")
    if isinstance(above, cst.Yield | cst.From):
        raise RefusedError("the model is yielded, to a consumer that may keep it")
    if isinstance(above, cst.Element | cst.DictElement | cst.StarredElement):
        raise RefusedError("the model is stored with other things")
    if isinstance(above, cst.Arg):
        _check_argument(code, name, above)


def _check_member(code: Code, name: str, member: cst.Attribute) -> None:
    attr = member.attr.value
    above = code.parent(member)
    called = isinstance(above, cst.Call) and above.func is member
    if attr in _SETUP - {"summary"} and called:
        raise RefusedError(f"`{name}` is changed or compiled again after it has been used")
    if _is_target(code, member) and attr != "stop_training":
        raise RefusedError(f"the iteration sets `{name}.{attr}`, which a kept model would remember")
    if attr == "pop" and called:
        raise RefusedError(f"`{name}` is changed after it has been used")


def _check_argument(code: Code, name: str, argument: cst.Arg) -> None:
    call = code.parent(argument)
    while isinstance(call, cst.Call):
        func = call.func
        word = func.attr.value if isinstance(func, cst.Attribute) else ""
        # scores.append(float(score(model, x)))  # a number holds no model
        if code.text(func) in _NUMBERS or (
            word.islower() and code.text(func).partition(".")[0] in {"keras", "np", "numpy", "ops", "tf"}
        ):
            return
        if word in _GROWERS and not isinstance(code.parent(call), cst.Assign):
            raise RefusedError(f"`{name}`, or something that holds it, is put into a container")
        above = code.parent(call)
        call = code.parent(above) if isinstance(above, cst.Arg) else None


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
    parts: set[str] = set()
    stack: list[cst.CSTNode] = [setup.value, *setup.statements[1:]]
    while stack:
        for item in _read(code, stack.pop(), sizes=True):
            if item in bound.simple and item not in parts and item != setup.name:
                parts.add(item)
                stack.extend(bound.simple[item])
    block = code.block(setup.last)
    position = next(index for index, item in enumerate(block.body) if item is setup.last)
    for statement in block.body[position + 1 :]:
        for node in walk(statement):
            if not (isinstance(node, cst.Name) and node.value in parts and _is_reference(code, node)):
                continue
            if _is_model_part(code, node.value, bound):
                raise RefusedError(f"a part of the model, `{node.value}`, is used by itself")


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
        if isinstance(above, cst.Attribute) and above.attr.value in STEP_METHODS:
            return True
    return False
