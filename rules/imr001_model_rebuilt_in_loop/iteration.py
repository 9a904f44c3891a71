"""What an iteration does with the model that it builds: how it is set up, and what it depends on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

import libcst as cst

from leakscan.codemods.descent import children
from leakscan.codemods.rewriting import COMPREHENSIONS, Code, Statement, walk
from leakscan.records import dataclass, field
from leakscan.rule import RefusedError

#: Methods that belong to putting a model together, before it is used.
SETUP = frozenset({"add", "build", "compile", "summary"})
#: Methods that may come before or after it has been compiled.
_LOADERS = frozenset({"load_weights", "set_weights"})
#: Methods that put their argument into a container.
GROWERS = frozenset({"append", "appendleft", "extend", "insert", "add", "setdefault", "put", "update"})
_MUTATORS = GROWERS | {"pop", "popleft", "popitem", "remove", "discard", "clear"}
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
#: Calls that start the random numbers anew.
SEEDS = frozenset({"set_random_seed", "set_seed", "enable_op_determinism"})


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
        raise RefusedError("what is built is not directly bound to a name")
    block = code.block(statement)
    body: Sequence[cst.CSTNode] = block.body
    setup = Setup(name, statement, statement, value, [statement])
    position = next(index for index, item in enumerate(body) if item is statement)
    used = False
    for item in body[position + 1 :]:
        if not mentions(code, item, name):
            continue
        if _calls(code, item, name, SETUP):
            if used:
                raise RefusedError(f"`{name}` is changed or compiled again after it has been used")
            assert isinstance(item, cst.SimpleStatementLine)
            setup.last = item
            setup.statements.append(item)
        elif not _calls(code, item, name, _LOADERS) and not _freezes(item):
            used = True
    return setup


def _freezes(statement: cst.CSTNode) -> bool:
    """Whether a statement does nothing but freeze or unfreeze layers: `model.layers[0].trainable = False`."""
    if isinstance(statement, cst.For | cst.If) and isinstance(statement.body, cst.IndentedBlock):
        return statement.orelse is None and all(_freezes(item) for item in statement.body.body)
    small = statement.body if isinstance(statement, cst.SimpleStatementLine) else ()
    return len(small) == 1 and isinstance(small[0], cst.Assign) and _is_switch(small[0])


def _is_switch(assign: cst.Assign) -> bool:
    """Whether an assignment is `layer.trainable = False`."""
    targets = [item.target for item in assign.targets]
    return (
        all(isinstance(target, cst.Attribute) and target.attr.value == "trainable" for target in targets)
        and isinstance(assign.value, cst.Name)
        and assign.value.value in {"True", "False"}
    )


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
        elif isinstance(item, cst.Name) and item.value == base and is_reference(code, item):
            yield item


def is_reference(code: Code, name: cst.Name) -> bool:
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
    """What a block of code binds: names by plain assignments of its own, and everything else that changes.

    attributes: those that are stored to. mutated: names of things that are changed in place.
    """

    simple: dict[str, list[cst.BaseExpression]] = field(default_factory=dict)
    varying: set[str] = field(default_factory=set)
    attributes: set[str] = field(default_factory=set)
    mutated: set[str] = field(default_factory=set)


#: What `bindings` looks at: asking every node for each of these kinds would cost more than the walk itself.
_BINDERS = frozenset(
    {
        *(cst.Assign, cst.AnnAssign, cst.AugAssign, cst.For, cst.CompFor, cst.NamedExpr, cst.AsName),
        *(cst.Call, cst.FunctionDef),
    }
)


@lru_cache(maxsize=1)  # the fixes of a finding ask for the same loop; more would keep trees alive
def bindings(block: cst.CSTNode) -> Bindings:
    """Return what running `block` (a loop, or a function's body) binds or changes; nobody changes it."""
    found = Bindings()
    for node in walk(block):
        if type(node) not in _BINDERS:
            continue
        if isinstance(node, cst.Assign) and not _is_switch(node):
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
            found.mutated.add(node.func.value.value)
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
        # config.layers[0].units = units; self.config.units = units
        _bind_base(target.value, found, own=False)
    elif isinstance(target, cst.Subscript):
        # config["units"] = units
        _bind_base(target.value, found)


def _bind_base(base: cst.BaseExpression, found: Bindings, *, own: bool = True) -> None:
    """Note what holds what is bound; own: whether that changes `self` as a whole."""
    while isinstance(base, cst.Subscript | cst.Attribute):
        if isinstance(base, cst.Attribute):
            found.attributes.add(base.attr.value)
        base = base.value
    if isinstance(base, cst.Name) and (own or base.value not in {"self", "cls"}):
        found.varying.add(base.value)
        found.mutated.add(base.value)


def varying(
    code: Code, setup: Setup, scope: cst.CSTNode, *, sizes: bool, free: frozenset[str] = frozenset()
) -> str | None:
    """Return what the model depends on that may differ from one run of `scope` to the next, or None.

    free: names that may differ. sizes: whether sizes of data count as the same, such as the number of columns
    of a training set.
    """
    known = {setup.name, *free}
    return changing(code, [setup.value, *setup.statements[1:]], scope, known=known, sizes=sizes)


def outermost(
    code: Code, setup: Setup, *, sizes: bool, free: frozenset[str] = frozenset()
) -> cst.For | cst.While:
    """Return the outermost loop around the setup that changes nothing it depends on, but for names in `free`.

    Raises RefusedError if the innermost one already does.
    """
    found: cst.For | cst.While | None = None
    for above in code.ancestors(setup.first):
        if isinstance(above, cst.FunctionDef | cst.Lambda | cst.ClassDef):
            break
        if isinstance(above, cst.For | cst.While):
            changed = varying(code, setup, above, sizes=sizes, free=free)
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
        # [layer.output for layer in net.layers]
        own = {
            name.value for item in walk(expression) if isinstance(item, cst.CompFor) for name in _names(item)
        }
        for name in variables_read(code, expression, sizes=sizes):
            if name in seen or name in own:
                continue
            seen.add(name)
            if name in bound.varying:
                return name
            stack.extend(bound.simple.get(name, ()))
    return None


def _names(clause: cst.CompFor) -> Iterator[cst.Name]:
    """Yield the names that a clause of a comprehension binds."""
    return (node for node in walk(clause.target) if isinstance(node, cst.Name))


def _draws(node: cst.CSTNode) -> str | None:
    for item in walk(node):
        if isinstance(item, cst.Call):
            func = item.func
            name = func.attr if isinstance(func, cst.Attribute) else func
            if isinstance(name, cst.Name) and name.value in _RANDOM:
                return f"{name.value}()"
    return None


def variables_read(code: Code, node: cst.CSTNode, *, sizes: bool) -> Iterator[str]:
    """Yield the variables that an expression reads; with `sizes`, not those of which it reads a size only."""
    stack = [node]
    while stack:
        item = stack.pop()
        if sizes and isinstance(item, cst.BaseExpression) and _is_size(code, item):
            continue
        if isinstance(item, cst.Name) and is_reference(code, item):
            yield item.value
        stack.extend(reversed(children(item)))


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


def seeds(code: Code, scope: cst.CSTNode) -> str | None:
    """Return the call in `scope` that sets the seed of TensorFlow, or None."""
    for node in walk(scope):
        if isinstance(node, cst.Call):
            name = node.func.attr if isinstance(node.func, cst.Attribute) else node.func
            if isinstance(name, cst.Name) and name.value in SEEDS:
                return code.text(node)
    return None


def made_for(code: Code, setup: Setup, loop: cst.For | cst.While) -> list[Statement]:
    """Return the other statements of the iteration that the setup needs: `inputs = keras.Input(...)`.

    Raises RefusedError where they are not plain assignments before it, in its own block.
    """
    bound = bindings(loop)
    body: Sequence[cst.CSTNode] = code.block(setup.first).body
    names: set[str] = set()
    stack: list[cst.CSTNode] = [setup.value, *setup.statements[1:]]
    while stack:
        for name in variables_read(code, stack.pop(), sizes=False):
            if name in bound.simple and name not in names and name != setup.name:
                names.add(name)
                stack.extend(bound.simple[name])
    found: list[Statement] = []
    targets: list[str] = []
    for statement in body[: next(index for index, item in enumerate(body) if item is setup.last)]:
        small = statement.body[0] if isinstance(statement, cst.SimpleStatementLine) else None
        if isinstance(small, cst.Assign) and len(small.targets) == 1:
            target = small.targets[0].target
            if isinstance(target, cst.Name) and target.value in names:
                assert isinstance(statement, cst.SimpleStatementLine)
                found.append(statement)
                targets.append(target.value)
    for name in names:
        if len(bound.simple[name]) != targets.count(name):
            raise RefusedError(f"the model depends on `{name}`, which the loop makes")
    return found


def arguments(function: cst.FunctionDef) -> list[str]:
    """Return the names of the parameters of `function`."""
    params = function.params
    named = [*params.posonly_params, *params.params, *params.kwonly_params]
    stars = [star for star in (params.star_arg, params.star_kwarg) if isinstance(star, cst.Param)]
    return [param.name.value for param in (*named, *stars)]


def local_names(function: cst.FunctionDef) -> set[str]:
    """Return the names that belong to `function` itself."""
    bound = bindings(function.body)
    return {*arguments(function), *bound.simple, *(bound.varying - bound.mutated)}


def needed(code: Code, setup: Setup, function: cst.FunctionDef) -> list[str]:
    """Return the variables that the model depends on, those that `function` assigns followed to others."""
    bound = bindings(function.body)
    found: list[str] = []
    stack: list[cst.CSTNode] = [setup.value, *setup.statements[1:]]
    while stack:
        for name in variables_read(code, stack.pop(), sizes=True):
            if name not in found:
                found.append(name)
                stack.extend(bound.simple.get(name, ()))
    return found


def attributes_needed(code: Code, setup: Setup, function: cst.FunctionDef) -> set[str]:
    """Return the attributes that the model depends on: `units` for `build(self.units)`."""
    bound = bindings(function.body)
    expressions = [setup.value, *setup.statements[1:]]
    for name in needed(code, setup, function):
        expressions += bound.simple.get(name, [])
    nodes = (node for expression in expressions for node in walk(expression))
    return {node.attr.value for node in nodes if isinstance(node, cst.Attribute)}
