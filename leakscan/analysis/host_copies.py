"""What the fixes of kept tensors share: the value in the place of the tensor, and what reads it later."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import libcst as cst

from leakscan.analysis import facts as f
from leakscan.analysis.keras_api import GROWERS
from leakscan.analysis.lifetimes import Leaf, Read, Retention
from leakscan.analysis.rewriting import Code, Patch
from leakscan.rule import Applicability, Place, RefusedError, Report, Rewrite, Strategy

#: Methods of tensors that NumPy's arrays and scalars have too, and that Python's numbers have.
_ARRAY_METHODS = frozenset({"item", "tolist"})
_ARRAY_ATTRIBUTES = frozenset({"dtype", "ndim", "shape", "size"})
#: Functions that take numbers and arrays as well as tensors.
_NUMERIC = frozenset(
    "abs enumerate float int len list math max mean min np numpy pd plt print round set sorted statistics "
    "sum tuple zip".split()
)


@dataclass(frozen=True, slots=True)
class Store:
    """The expressions that are stored: one for `append(x)`, several for `+= [x, y]`."""

    values: tuple[cst.BaseExpression, ...]


def find_store(code: Code, place: Place) -> Store:
    """Return what the code at `place` stores. Raises RefusedError for shapes that are not understood."""
    node = code.node(place)
    if isinstance(node, cst.Call):
        return _stored_by_call(node)
    if isinstance(node, cst.AugAssign):
        return _elements(node.value)
    if isinstance(node, cst.Assign):
        # xs = xs + [x]
        if isinstance(node.value, cst.BinaryOperation):
            return _elements(node.value.right)
        return Store((node.value,))
    if isinstance(node, cst.Subscript):
        statement = code.enclosing(node, cst.Assign)
        if statement is not None and any(target.target is node for target in statement.targets):
            return Store((statement.value,))
    if isinstance(node, cst.ListComp | cst.SetComp | cst.GeneratorExp):
        return Store((node.elt,))
    if isinstance(node, cst.DictComp):
        return Store((node.value,))
    raise RefusedError("the store is not of a kind that can be changed")


def _stored_by_call(call: cst.Call) -> Store:
    name = call.func.attr.value if isinstance(call.func, cst.Attribute) else ""
    positional = [arg for arg in call.args if arg.keyword is None]
    if len(positional) != len(call.args) or any(arg.star for arg in call.args) or not positional:
        raise RefusedError("what is stored is passed in a way that cannot be changed")
    if name in {"extend", "extendleft", "update"}:
        return _elements(positional[0].value)
    if name == "py_function" or (name and name not in GROWERS):
        raise RefusedError("the tensor is stored by another function")
    # add = losses.append; add(loss)
    position = min(GROWERS.get(name, 0), len(positional) - 1)
    return Store((positional[position].value,))


def _elements(node: cst.BaseExpression) -> Store:
    if isinstance(node, cst.List | cst.Tuple | cst.Set) and all(
        isinstance(element, cst.Element) for element in node.elements
    ):
        return Store(tuple(element.value for element in node.elements))
    if isinstance(node, cst.ListComp | cst.SetComp | cst.GeneratorExp):
        return Store((node.elt,))
    raise RefusedError("several tensors are stored at once, from somewhere else")


def leaf_expressions(store: Store, leaves: Sequence[Leaf]) -> list[tuple[cst.BaseExpression, Leaf]]:
    """Return the expressions within a store that are tensors.

    Raises RefusedError where they cannot be told.
    """
    found: dict[cst.BaseExpression, Leaf] = {}
    for value in store.values:
        for leaf in leaves:
            for expression in _follow(value, leaf.path):
                known = found.get(expression)
                if known is None or known.size == "scalar":
                    found[expression] = leaf
    if not found:
        raise RefusedError("where the tensor is in what is stored cannot be told")
    return list(found.items())


def _follow(node: cst.BaseExpression, path: tuple[object, ...]) -> Iterator[cst.BaseExpression]:
    if not path:
        yield node
        return
    step, rest = path[0], path[1:]
    if isinstance(node, cst.Tuple | cst.List) and all(
        isinstance(item, cst.Element) for item in node.elements
    ):
        if isinstance(step, int) and step < len(node.elements):
            yield from _follow(node.elements[step].value, rest)
            return
        if step == "*" and len(node.elements) == 1:
            yield from _follow(node.elements[0].value, rest)
            return
    if isinstance(node, cst.Dict) and isinstance(step, str | int):
        for element in node.elements:
            if isinstance(element, cst.DictElement) and _constant(element.key) == step:
                yield from _follow(element.value, rest)
                return
    if isinstance(node, cst.Call) and isinstance(node.func, cst.Name) and node.func.value == "dict":
        for arg in node.args:
            if arg.keyword is not None and arg.keyword.value == step:
                yield from _follow(arg.value, rest)
                return
    if isinstance(node, cst.ListComp) and step == "*":
        yield from _follow(node.elt, rest)
        return
    raise RefusedError(
        "several values are stored at once, and which of them are tensors the code does not show"
    )


def _constant(node: cst.BaseExpression) -> object:
    try:
        return ast.literal_eval(cst.Module([]).code_for_node(node))
    except (ValueError, SyntaxError):
        return None


# Values in the place of tensors


def host_value(
    code: Code, node: cst.BaseExpression, *, scalar: bool, size: str = "value"
) -> cst.BaseExpression:
    """Return the expression of the value of a tensor: `float(x)`, `x.numpy()`, `ops.convert_to_numpy(x)`.

    What a tape gives for several variables is a list: `[g.numpy() for g in gradients]`. Raises RefusedError
    where it cannot be told whether that is so.
    """
    if size == "gradient":
        several = _is_list_of_gradients(code, node)
        if several is None:
            raise RefusedError("whether this is one gradient or a list of them cannot be told")
        if several:
            item = code.fresh_name("grad")
            each = code.tree.code_for_node(host_value(code, cst.Name(item), scalar=False))
            return cst.parse_expression(f"[{each} for {item} in {code.text(node)}]")
    if scalar:
        return cst.Call(cst.Name("float"), [cst.Arg(_bare(node))])
    spelling = _keras_spelling(code)
    if spelling is not None:
        function = cst.parse_expression(spelling)
        return cst.Call(function, [cst.Arg(_bare(node))])
    plain = isinstance(node, cst.Name | cst.Attribute | cst.Call | cst.Subscript) or bool(node.lpar)
    value = node if plain else node.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
    return cst.Call(cst.Attribute(value, cst.Name("numpy")), [])


def _is_list_of_gradients(code: Code, node: cst.BaseExpression) -> bool | None:
    """Whether an expression is what `tape.gradient(loss, variables)` gives for a list; None if not known."""
    call: cst.CSTNode | None = node
    if isinstance(node, cst.Name):
        function = code.function(node)
        values = assigned(code.tree if function is None else function, node.value)
        # for gradient in gradients: ...
        call = values[0] if len(values) == 1 else None
    if not isinstance(call, cst.Call):
        return None
    if not isinstance(call.func, cst.Attribute) or call.func.attr.value != "gradient":
        return False
    sources = call.args[1].value if len(call.args) > 1 else call.args[-1].value
    if isinstance(sources, cst.List | cst.Tuple):
        return True
    if code.text(sources).endswith(("variables", "weights", "params", "parameters")):
        return True
    return False if isinstance(sources, cst.Name) and code.is_tensor(sources) else None


def assigned(scope: cst.CSTNode, name: str) -> list[cst.BaseExpression | None]:
    """Return what a name is bound to in a scope; None for loops, unpacking and the like."""
    found: list[cst.BaseExpression | None] = []
    stack = [scope]
    while stack:
        item = stack.pop()
        stack.extend(item.children)
        if isinstance(item, cst.Assign):
            for target in item.targets:
                if isinstance(target.target, cst.Name):
                    if target.target.value == name:
                        found.append(item.value)
                elif _binds(target.target, name):
                    found.append(None)
        elif isinstance(item, cst.For | cst.CompFor) and _binds(item.target, name):
            found.append(None)
    return found


def _binds(target: cst.CSTNode, name: str) -> bool:
    stack = [target]
    while stack:
        item = stack.pop()
        if isinstance(item, cst.Name) and item.value == name:
            return True
        stack.extend(item.children)
    return False


def _bare(node: cst.BaseExpression) -> cst.BaseExpression:
    if isinstance(node, cst.GeneratorExp) or not node.lpar:
        return node
    return node.with_changes(lpar=node.lpar[1:], rpar=node.rpar[:-1])


def _keras_spelling(code: Code) -> str | None:
    """Return how a file that knows Keras 3 but not TensorFlow converts: the backend may be another one."""
    imports = [item for item in imports_of(code.facts) if item.level == 0]
    if any(f"{item.module}.".startswith(("tensorflow.", "tf_keras.")) for item in imports):
        return None
    for item in imports:
        if item.module == "keras" and item.attr == "ops":
            return f"{item.name}.convert_to_numpy"
        if item.module == "keras" and item.attr is None:
            return f"{item.name}.ops.convert_to_numpy"
    return None


def imports_of(facts: f.ModuleFacts) -> list[f.Import]:
    """Return the imports of the module's own body, those in `try` and `if` too, in order."""
    found: list[f.Import] = []
    stack: list[object] = [facts.functions[0].body]
    while stack:
        item = stack.pop(0)
        if isinstance(item, f.Import):
            found.append(item)
        elif isinstance(item, list):
            stack[:0] = item
        elif isinstance(item, f.Try):
            stack[:0] = [item.body, *item.handlers, item.orelse]
        elif isinstance(item, f.If):
            stack[:0] = [item.body, item.orelse]
    return found


# What reads it later


def rewrite_reads(code: Code, patch: Patch, reads: Sequence[Read], *, scalar: bool) -> bool:
    """Make the code that asks for the tensors' values take the values; return whether numbers will do.

    `[loss.numpy() for loss in losses]` becomes `[loss for loss in losses]`. Raises RefusedError where
    something is asked that a value cannot give.
    """
    numbers = True
    for read in reads:
        # by_label.setdefault(label, []).append(loss) asks a container
        if read.name in GROWERS:
            continue
        if read.place is None:
            if read.name not in _ARRAY_ATTRIBUTES:
                raise RefusedError(f"`.{read.name}` is asked of what is stored, which only a tensor has")
            numbers = False
        elif read.name in _ARRAY_METHODS:
            numbers = False
        elif read.name != "numpy":
            raise RefusedError(f"`.{read.name}()` is asked of what is stored, which only a tensor has")
    for read in reads:
        if read.place is None or read.name != "numpy":
            continue
        if read.mixed:
            raise RefusedError("`.numpy()` is asked of the stored tensors and of others by the same code")
        call = code.node(read.place)
        if not isinstance(call, cst.Call) or not isinstance(call.func, cst.Attribute) or call.args:
            raise RefusedError("`.numpy()` is asked of the stored tensors in a way that cannot be changed")
        patch.replace(call, call.func.value)
    return numbers or not scalar


def is_private(code: Code, found: Retention) -> bool:
    """Whether the container never leaves its function, and all that is done with it works on numbers."""
    if found.scope != "local" or not found.name.isidentifier():
        return False
    node = code.node(found.place)
    function = code.function(node)
    scope: cst.CSTNode = code.tree if function is None else function
    stack = [scope]
    while stack:
        item = stack.pop()
        stack.extend(item.children)
        if isinstance(item, cst.Name) and item.value == found.name and not _is_harmless(code, item):
            return False
    return True


def _is_harmless(code: Code, name: cst.Name) -> bool:
    above = code.parent(name)
    if isinstance(above, cst.Attribute):
        # losses.append(...), but also a keyword or attribute of the same name
        return above.value is not name or above.attr.value in GROWERS
    if isinstance(above, cst.AssignTarget | cst.AugAssign | cst.CompFor | cst.For | cst.Subscript):
        return True
    if isinstance(above, cst.AnnAssign):
        return above.target is name
    if isinstance(above, cst.FormattedStringExpression):
        return True
    if isinstance(above, cst.Arg):
        if above.keyword is name:
            return True
        call = code.parent(above)
        if isinstance(call, cst.Call):
            return code.text(call.func).partition(".")[0] in _NUMERIC
    if isinstance(above, cst.Return):
        return _has_callers(code, name)
    return isinstance(above, cst.Comparison | cst.If | cst.BooleanOperation | cst.UnaryOperation)


def _has_callers(code: Code, name: cst.Name) -> bool:
    """Whether the function that returns `name` has callers in the project: what they ask of it is known."""
    function = code.function(name)
    if not isinstance(function, cst.FunctionDef):
        return False
    node = next((number for number, item in code.nodes.items() if item is function.name), None)
    index = next((item.index for item in code.facts.functions if item.node == node), 0)
    return bool(index and code.project.callers(code.index, index))


# The strategies


class ToHost(Strategy):
    """Stores the value in the place of the tensor."""

    name = "to-host"
    summary = "store the tensor's value: float(x) for a scalar, x.numpy() else"
    applicability = Applicability.SAFE

    def rewrite(self, report: Report, code: Code) -> Rewrite:
        """Return the module with the store, and what reads it, changed."""
        found = report.subject
        assert isinstance(found, Retention)
        if found.in_graph:
            raise RefusedError("inside a tf.function there is no value to store")
        if found.under_tape or found.consumed:
            raise RefusedError("the tensors are needed as tensors")
        store = find_store(code, found.place)
        pairs = leaf_expressions(store, found.leaves)
        patch = Patch(code)
        # A loss object may be told not to reduce.
        scalars = all(leaf.size == "scalar" for _, leaf in pairs) and not code.holds("reduction")
        numbers = rewrite_reads(code, patch, found.reads, scalar=scalars)
        scalar = scalars and numbers
        for expression, leaf in pairs:
            if leaf.mixed and not scalar:
                raise RefusedError("what is stored is not always a tensor")
            patch.replace(expression, host_value(code, expression, scalar=scalar, size=leaf.size))
        safe = scalar and all(leaf.certain for _, leaf in pairs) and is_private(code, found)
        what = "float(x)" if scalar else "its NumPy array"
        message = f"store the value, {what}, in `{found.name}` in the place of the tensor"
        if found.reads:
            message += "; what reads it is changed with it"
        return Rewrite(message, Applicability.SAFE if safe else Applicability.UNSAFE, patch.tree())


class Bound(Strategy):
    """Describes containers that cannot grow."""

    name = "bound"
    summary = "keep the last few only, or a running mean"
    applicability = Applicability.DISPLAY

    def rewrite(self, report: Report, code: Code) -> Rewrite:  # noqa: ARG002 -- the advice needs no tree
        """Return the advice."""
        found = report.subject
        assert isinstance(found, Retention)
        return Rewrite(
            f"where only the last few are needed make `{found.name}` a collections.deque(maxlen=...); "
            "where only the mean is, update a keras.metrics.Mean",
            self.applicability,
        )
