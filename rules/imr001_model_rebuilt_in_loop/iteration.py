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
#: Methods that put their argument into a container.
GROWERS = frozenset({"append", "appendleft", "extend", "insert", "add", "setdefault", "put", "update"})
#: What gives the layers and variables of a model themselves.
_PARTS = frozenset(
    """layers weights variables trainable_variables trainable_weights non_trainable_variables
    non_trainable_weights""".split()
)
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

#: Those of them that a builder calls only to vary the model.
_DRAWS = frozenset(
    {"choice", "choices", "randint", "randrange", "suggest_categorical", "suggest_float", "suggest_int"}
)
#: Calls that start the random numbers anew.
_SEEDS = frozenset({"set_random_seed", "set_seed", "enable_op_determinism"})
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
    """What a block of code binds: names by plain assignments of its own, and everything else that changes.

    attributes: those that are stored to. mutated: names of things that are changed in place.
    """

    simple: dict[str, list[cst.BaseExpression]] = field(default_factory=dict)
    varying: set[str] = field(default_factory=set)
    attributes: set[str] = field(default_factory=set)
    mutated: set[str] = field(default_factory=set)


def bindings(block: cst.CSTNode) -> Bindings:
    """Return what running `block` (a loop, or a function's body) binds or changes."""
    found = Bindings()
    for node in walk(block):
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
        if isinstance(target.value, cst.Name) and target.value.value not in {"self", "cls"}:
            found.varying.add(target.value.value)
            found.mutated.add(target.value.value)
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
        found.mutated.add(base.value)


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


def seeds(code: Code, scope: cst.CSTNode) -> str | None:
    """Return the call in `scope` that sets the seed of TensorFlow, or None."""
    for node in walk(scope):
        if isinstance(node, cst.Call):
            name = node.func.attr if isinstance(node.func, cst.Attribute) else node.func
            if isinstance(name, cst.Name) and name.value in _SEEDS:
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
        for name in _read(code, stack.pop(), sizes=True):
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
                own = names_stored(part.body) | {param.name for param in part.params}
                own |= names_stored(facts.body) | {param.name for param in facts.params}
                shared = (set(names_read(part.body)) - own) & changed
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
    if attr in _SETUP - {"summary"} and called:
        raise RefusedError(f"`{name}` is changed or compiled again after it has been used")
    if _is_target(code, member) and attr != "stop_training":
        raise RefusedError(f"the iteration sets `{name}.{attr}`, which a kept model would remember")
    if attr == "pop" and called:
        raise RefusedError(f"`{name}` is changed after it has been used")
    if attr in _PARTS or (attr in STEP_METHODS and not called):
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
    number = next((number for number, node in code.nodes.items() if node is call), None)
    if number is None:
        return
    for function in callees(code.project, Place(code.index, number)):
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
            if isinstance(node, cst.Name) and node.value in parts and _is_reference(code, node):
                raise RefusedError(f"a part of the model, `{node.value}`, is used by itself")
    for node in walk(scope):
        if not isinstance(node, cst.Call) or not isinstance(node.func, cst.Attribute):
            continue
        method, owner = node.func.attr.value, _root(node.func)
        # norm.adapt(x[train]); model = keras.Sequential([norm, ...])  # sets what is no variable
        if method == "adapt" and owner in {*parts, setup.name.partition(".")[0]}:
            raise RefusedError("the iteration adapts a layer to its data, which a kept model would not see")
        # model.fit(x, y); features = keras.Model(model.input, model.layers[1].output)
        if owner in parts and (method in STEP_METHODS or method == "compile"):
            raise RefusedError(f"a part of the model, `{owner}`, is used by itself")


def parts_of(code: Code, setup: Setup, bound: Bindings) -> set[str]:
    """Return the names that may stand for layers or tensors of the model: `inputs`, `base`."""
    found: set[str] = set()
    stack: list[cst.CSTNode] = [setup.value, *setup.statements[1:]]
    while stack:
        for item in _read(code, stack.pop(), sizes=True):
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
        if isinstance(above, cst.Attribute) and above.attr.value in STEP_METHODS:
            return True
    return False
