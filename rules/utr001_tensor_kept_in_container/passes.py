"""What a function does with a list of tensors: how it is made, filled, and gone through later."""

from __future__ import annotations

import libcst as cst

from leakscan.codemods.rewriting import COMPREHENSIONS, Code, walk
from leakscan.knowledge.python import GROWERS
from leakscan.questions import Retention
from leakscan.records import dataclass
from leakscan.rule import RefusedError

from ..families.tensor_uses import bindings, variables

Comprehension = cst.ListComp | cst.SetComp | cst.DictComp | cst.GeneratorExp
_EMPTY = frozenset({"[]", "list()", "deque()", "collections.deque()"})
_ANY_LIST = frozenset({"list", "List", "List[Any]", "list[Any]", "typing.List"})
#: What makes an iteration over part of the elements, or over some of them in another order.
_JUMPS = (cst.Break, cst.Continue, cst.Return, cst.Raise, cst.Yield)
_BRANCHES = (cst.IfExp, cst.BooleanOperation, cst.Lambda, cst.If, cst.CompIf, cst.Try, cst.Match)


@dataclass(frozen=True, slots=True)
class Pass:
    """One way through all elements: a comprehension, or a `for` loop, and the name of its element.

    plain: the container alone is gone through: no enumerate(), no zip().
    """

    whole: Comprehension | cst.For
    element: str
    plain: bool


@dataclass(frozen=True, slots=True)
class Uses:
    """Everything that is done with a container."""

    home: cst.FunctionDef | None
    is_list: bool
    stores: tuple[cst.CSTNode, ...]
    passes: tuple[Pass, ...]


def uses_of(code: Code, found: Retention, stores: set[cst.CSTNode]) -> Uses:
    """Return what is done with the container of `found`, filled by the nodes `stores`.

    Raises RefusedError where anything but filling it, going through all of it and asking for its length is.
    """
    name = found.name
    home = code.function(code.node(found.place))
    if isinstance(home, cst.Lambda) or (
        home is None and code.enclosing(code.node(found.place), cst.ClassDef)
    ):
        raise RefusedError(f"`{name}` is not a list of a function")
    scope: cst.CSTNode = code.tree if home is None else home
    made: list[cst.BaseExpression] = []
    filled: list[cst.CSTNode] = []
    passes: list[Pass] = []
    for use in variables(code, scope, name):
        # def plot(losses): ...  # another variable of that name
        if _is_of_inner_function(code, use, home):
            continue
        if (value := _made(code, use)) is not None:
            made.append(value)
        elif (store := _store(code, use)) in stores:
            filled.append(store)
        elif through := _pass(code, use):
            passes.append(through)
        elif not _asks_length(code, use):
            raise RefusedError(_what_else(code, use))
        # def show(): print(len(observed))  # runs at any time
        if code.function(use) is not home:
            raise RefusedError(f"`{name}` is also used in another function than the one that fills it")
    # observed = list(earlier); observed = []
    if len(made) != 1 or code.text(made[0]) not in _EMPTY:
        raise RefusedError(f"`{name}` is not created empty, once, by the function that fills it")
    if set(filled) != stores:
        raise RefusedError(f"`{name}` is also filled elsewhere")
    return Uses(home, code.text(made[0]) in {"[]", "list()"}, tuple(filled), tuple(passes))


def _what_else(code: Code, use: cst.Name) -> str:
    """Return what is done with a container that it is not made for."""
    name = use.value
    above = code.parent(use)
    # def record(log, loss): log.append(loss)
    if isinstance(above, cst.Param):
        return f"`{name}` is made by another function than the one that fills it"
    # observed.append(0.0)
    if store := _store(code, use):
        return f"`{_line(code, store)}` puts something else into `{name}`, which may be no tensor"
    # observed[-1], observed[-100:]
    if isinstance(above, cst.Subscript):
        return f"`{_line(code, use)}` uses only some of the tensors"
    return f"`{name}` is used as a whole in `{_line(code, use)}`"


def _made(code: Code, use: cst.Name) -> cst.BaseExpression | None:
    above: cst.CSTNode | None = code.parent(use)
    position = None
    # losses, observed = [], []
    if isinstance(above, cst.Element) and isinstance(pair := code.parent(above), cst.Tuple):
        position, above = pair.elements.index(above), code.parent(pair)
    # observed: list = []
    if isinstance(above, cst.AnnAssign) and above.target is use:
        if code.text(above.annotation.annotation) not in _ANY_LIST:
            raise RefusedError(f"`{use.value}` is annotated with the type of what it holds")
        return above.value
    statement = code.parent(above) if isinstance(above, cst.AssignTarget) else None
    if not isinstance(statement, cst.Assign) or len(statement.targets) != 1:
        return None
    if position is None:
        return statement.value
    target, values = statement.targets[0].target, statement.value
    if isinstance(target, cst.Tuple) and isinstance(values, cst.Tuple):
        value = _part(values, position) if len(target.elements) == len(values.elements) else None
        return value if isinstance(value, cst.BaseExpression) else None
    return None


def _is_of_inner_function(code: Code, use: cst.Name, home: cst.CSTNode | None) -> bool:
    """Whether a name is a variable of a function within `home`."""
    for function in code.ancestors(use):
        if function is home:
            break
        if not isinstance(function, cst.FunctionDef | cst.Lambda):
            continue
        own = [node for node in walk(function) if code.function(node) is function]
        if any(isinstance(node, cst.Global | cst.Nonlocal) and use.value in code.text(node) for node in own):
            break
        if any(isinstance(node, cst.Param) and node.name.value == use.value for node in own):
            return True
        if any(use.value in bindings(node) and not isinstance(node, cst.CompFor) for node in own):
            return True
    return False


def _store(code: Code, use: cst.Name) -> cst.CSTNode | None:
    above = code.parent(use)
    if isinstance(above, cst.AugAssign):
        return above if above.target is use else None
    call = code.parent(above) if isinstance(above, cst.Attribute) else None
    if isinstance(above, cst.Attribute) and isinstance(call, cst.Call) and call.func is above:
        # rows.append(x) gives nothing; rows.setdefault(key, x) would
        return call if above.attr.value in GROWERS and isinstance(code.parent(call), cst.Expr) else None
    return None


def _asks_length(code: Code, use: cst.Name) -> bool:
    """Whether only the number of elements matters: `len(observed)`, `if observed:`."""
    above = code.parent(use)
    if isinstance(above, cst.Arg):
        call = code.parent(above)
        return isinstance(call, cst.Call) and code.text(call.func) == "len"
    if isinstance(above, cst.UnaryOperation):
        return isinstance(above.operator, cst.Not)
    if isinstance(above, cst.If | cst.While | cst.IfExp):
        return above.test is use
    return isinstance(above, cst.Del)


def _pass(code: Code, use: cst.Name) -> Pass | None:
    node: cst.CSTNode = use
    above = code.parent(node)
    position: int | None = None
    if isinstance(above, cst.Arg):
        call = code.parent(above)
        if not isinstance(call, cst.Call):
            return None
        function = code.text(call.func)
        index = call.args.index(above)
        # for step, value in enumerate(observed), for x, value in zip(inputs, observed)
        if function == "enumerate" and not index:
            position = 1
        elif function == "zip" and not any(arg.star for arg in call.args):
            position = index
        elif function != "reversed":
            return None
        node, above = call, code.parent(call)
    if not isinstance(above, cst.For | cst.CompFor) or above.iter is not node or above.asynchronous:
        return None
    target = _part(above.target, position)
    if not isinstance(target, cst.Name):
        return None
    whole = above if isinstance(above, cst.For) else code.parent(above)
    if not isinstance(whole, (cst.For, *COMPREHENSIONS)):
        return None
    # [float(ops.mean(x)) for x in observed if x.shape[0] > 1]
    if isinstance(above, cst.CompFor) and (above.ifs or above.inner_for_in is not None):
        raise RefusedError(f"`{_line(code, above)}` visits only some of the tensors")
    if isinstance(above, cst.For) and any(isinstance(item, _JUMPS) for item in walk(above.body)):
        raise RefusedError(f"the loop `{_line(code, above)}` may visit only some of the tensors")
    return Pass(whole, target.value, node is use)


def _part(target: cst.CSTNode, position: int | None) -> cst.CSTNode | None:
    if position is None:
        return target
    if isinstance(target, cst.Tuple) and all(isinstance(item, cst.Element) for item in target.elements):
        return target.elements[position].value if position < len(target.elements) else None
    return None


def reads(code: Code, through: Pass, home: cst.CSTNode | None) -> list[cst.Name]:
    """Return where the element of a pass is read.

    Raises RefusedError where its name means something else there too, or is read after the loop.
    """
    name, whole = through.element, through.whole
    body, target = (whole.body, whole.target) if isinstance(whole, cst.For) else (whole, whole.for_in.target)
    targets, within = set(walk(target)), set(walk(body))
    # [float(ops.mean(x)) for x in observed], [sum(x for x in range(n)) for x in observed]
    for node in walk(body):
        own = isinstance(node, cst.CompFor) and node.target is target
        if not own and (name in bindings(node) or (isinstance(node, cst.Param) and node.name.value == name)):
            raise RefusedError(f"`{name}` is bound again in `{_line(code, node)}`")
    if isinstance(whole, cst.For):
        # for x in observed: ...; print(x)
        for use in variables(code, code.tree if home is None else home, name):
            if use not in within | targets and not _is_bound_around(code, use):
                raise RefusedError(f"`{name}` is also used outside `{_line(code, whole)}`")
    return [use for use in variables(code, body, name) if use not in targets]


def _is_bound_around(code: Code, use: cst.Name) -> bool:
    """Whether a name is the target of a loop or a comprehension, or within one that binds it."""
    below: cst.CSTNode = use
    for above in code.ancestors(use):
        if isinstance(above, cst.For) and below in (above.target, above.body):
            if use.value in bindings(above):
                return True
        elif isinstance(above, COMPREHENSIONS) and use.value in bindings(above.for_in):
            return True
        below = above
    return False


def must_always_be_computed(code: Code, node: cst.CSTNode, through: Pass) -> None:
    """Raise RefusedError where a part of a pass is not computed exactly once for each element."""
    for above in code.ancestors(node):
        if above is through.whole:
            return
        # if step % 100 == 0: print(float(tf.reduce_mean(x)))
        inner = isinstance(above, (*COMPREHENSIONS, cst.For, cst.While, cst.FunctionDef))
        if inner or isinstance(above, _BRANCHES):
            raise RefusedError(f"`{_line(code, node)}` is not computed for each of the tensors")


def names_bound_after(code: Code, node: cst.CSTNode) -> set[str]:
    """Return the names that a script imports or assigns, at its top level, below the statement of `node`."""
    body = code.tree.body
    below = body[next(index for index, item in enumerate(body) if item is code.top_level(node)) + 1 :]
    found: set[str] = set()
    for item in (item for statement in below for item in walk(statement)):
        if isinstance(item, cst.ImportAlias):
            found.add((item.evaluated_alias or item.evaluated_name).partition(".")[0])
        elif code.function(item) is None and not isinstance(item, cst.CompFor):
            found |= bindings(item)
    return found


def _line(code: Code, node: cst.CSTNode) -> str:
    """Return the first line of the smallest statement around a node."""
    for above in (node, *code.ancestors(node)):
        if isinstance(above, cst.BaseSmallStatement | cst.BaseCompoundStatement):
            node = above
            break
    line = next(line for line in code.text(node).splitlines() if not line.lstrip().startswith("#"))
    return line.strip().removesuffix(":")


__all__ = ["Pass", "Uses", "must_always_be_computed", "names_bound_after", "reads", "uses_of"]
