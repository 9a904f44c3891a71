"""What the fixes of kept tensors share: the value in the place of the tensor, and what reads it later."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence

import libcst as cst

from leakscan.codemods.descent import children
from leakscan.codemods.rewriting import COMPREHENSIONS, Code, Patch
from leakscan.facts import model as f
from leakscan.facts.names import imports_of
from leakscan.facts.walk import walk_kind
from leakscan.interpreter.leaves import Leaf
from leakscan.interpreter.origins import api_names, call_of
from leakscan.interpreter.retentions import Retention, Scope
from leakscan.interpreter.values import Size
from leakscan.knowledge.python import GROWERS
from leakscan.questions import function_of
from leakscan.records import dataclass
from leakscan.rule import Applicability, Place, RefusedError, Report, Rewrite

from .tensor_uses import bindings, rewrite_reads, takes_numbers, variables

_PY_FUNCTION_ORDERS = (["", ""], ["", "inp"], ["func", "inp"])


@dataclass(frozen=True, slots=True)
class StoredValues:
    """The expressions that are stored: one for `append(x)`, several for `+= [x, y]`."""

    values: tuple[cst.BaseExpression, ...]


def find_store(code: Code, place: Place) -> StoredValues:
    """Return what the code at `place` stores. Raises RefusedError for shapes that are not understood."""
    node = code.node(place)
    if isinstance(node, cst.Call):
        return _stored_by_call(node)
    if isinstance(node, cst.AugAssign):
        return _elements(node.value)
    # xs = xs + [x]
    if isinstance(node, cst.Assign) and isinstance(node.value, cst.BinaryOperation):
        return _elements(node.value.right)
    if isinstance(node, cst.Subscript):
        statement = code.enclosing(node, cst.Assign)
        if statement is not None and any(target.target is node for target in statement.targets):
            return StoredValues((statement.value,))
    if isinstance(node, cst.List | cst.Set):
        return _elements(node)
    if isinstance(node, cst.ListComp | cst.SetComp | cst.GeneratorExp):
        return StoredValues((node.elt,))
    if isinstance(node, cst.DictComp):
        return StoredValues((node.value,))
    raise RefusedError("the store is not of a kind that can be changed")


def _stored_by_call(call: cst.Call) -> StoredValues:
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
    return StoredValues((positional[position].value,))


def _elements(node: cst.BaseExpression) -> StoredValues:
    if isinstance(node, cst.List | cst.Tuple | cst.Set) and all(
        isinstance(element, cst.Element) for element in node.elements
    ):
        return StoredValues(tuple(element.value for element in node.elements))
    if isinstance(node, cst.ListComp | cst.SetComp | cst.GeneratorExp):
        return StoredValues((node.elt,))
    raise RefusedError("several tensors are stored at once, from somewhere else")


def leaf_expressions(store: StoredValues, leaves: Sequence[Leaf]) -> list[tuple[cst.BaseExpression, Leaf]]:
    """Return the expressions within a store that are tensors.

    Raises RefusedError where they cannot be told.
    """
    found: dict[cst.BaseExpression, Leaf] = {}
    for value in store.values:
        for leaf in leaves:
            for expression in _follow(value, leaf.path):
                known = found.get(expression)
                if known is None or known.number:
                    found[expression] = leaf
    if not found:
        raise RefusedError("cannot determine where the tensor is in what is stored")
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
        "several values are stored at once, and the code does not show which of them are tensors"
    )


def _constant(node: cst.BaseExpression) -> object:
    try:
        return ast.literal_eval(cst.Module([]).code_for_node(node))
    except (ValueError, SyntaxError):
        return None


# Values in the place of tensors


def host_value(
    code: Code, node: cst.BaseExpression, *, scalar: bool, size: Size = Size.VALUE
) -> Callable[[cst.CSTNode], cst.BaseExpression]:
    """Return what makes of a tensor's expression that of its value.

    `float(x)`, `x.numpy()` or `ops.convert_to_numpy(x)`; what a tape gives for several variables is a list:
    `[g.numpy() for g in gradients]`. Raises RefusedError where it cannot be told whether that is so.
    """
    if size is Size.GRADIENT:
        several = _is_list_of_gradients(code, node)
        if several is None:
            raise RefusedError("cannot determine whether this is one gradient or a list of them")
        if several:
            item = cst.Name(code.fresh_name("grad"))
            each = host_value(code, item, scalar=False)(item)
            loop = cst.CompFor(item, node)
            return lambda updated: cst.ListComp(each, loop.with_changes(iter=updated))
    if scalar:
        return lambda updated: cst.Call(cst.Name("float"), [cst.Arg(_bare(updated))])
    spelling = _keras_spelling(code)
    if spelling is not None:
        return lambda updated: cst.Call(cst.parse_expression(spelling), [cst.Arg(_bare(updated))])
    return lambda updated: cst.Call(cst.Attribute(_primary(updated), cst.Name("numpy")))


def _primary(node: cst.CSTNode) -> cst.BaseExpression:
    assert isinstance(node, cst.BaseExpression)
    if isinstance(node, cst.Name | cst.Attribute | cst.Call | cst.Subscript) or node.lpar:
        return node
    return node.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])


def _is_list_of_gradients(code: Code, node: cst.BaseExpression) -> bool | None:
    """Whether an expression is what `tape.gradient(loss, variables)` gives for a list; None if not known."""
    call, path = _differentiation(code, node)
    if not isinstance(call, cst.Call):
        return None
    if not isinstance(call.func, cst.Attribute) or call.func.attr.value != "gradient":
        return False if not path else None
    if any(arg.star for arg in call.args):
        return None
    keywords = {arg.keyword.value: arg.value for arg in call.args if arg.keyword is not None}
    plain = [arg.value for arg in call.args if arg.keyword is None]
    sources = keywords.get("sources", plain[1] if len(plain) > 1 else None)
    # for_weights, for_input = tape.gradient(loss, (net.trainable_variables, x))
    for position in path:
        if not isinstance(sources, cst.List | cst.Tuple) or position >= len(sources.elements):
            return None
        if any(isinstance(element, cst.StarredElement) for element in sources.elements):
            return None
        sources = sources.elements[position].value
    if isinstance(sources, cst.List | cst.Tuple):
        return True
    if sources is None:
        return None
    if code.text(sources).endswith(("variables", "weights", "params", "parameters")):
        return True
    single = isinstance(sources, cst.Name) and (code.is_tensor(sources) or _is_variable(code, sources))
    return False if single else None


def _differentiation(
    code: Code, node: cst.BaseExpression
) -> tuple[cst.BaseExpression | None, tuple[int, ...]]:
    """Return the call that gives a value, and the positions by which it is taken out of what that gives."""
    if isinstance(node, cst.Subscript) and len(node.slice) == 1:
        index = node.slice[0].slice
        if not isinstance(index, cst.Index) or not isinstance(index.value, cst.Integer):
            return None, ()
        call, path = _differentiation(code, node.value)
        return call, (*path, int(index.value.value))
    if not isinstance(node, cst.Name):
        return node, ()
    scopes = [above for above in code.ancestors(node) if isinstance(above, cst.FunctionDef | cst.Module)]
    bound = next((found for scope in scopes if (found := _bound(scope, node.value))), [])
    # for gradient in gradients: ...
    return bound[0] if len(bound) == 1 else (None, ())


def _bound(scope: cst.CSTNode, name: str) -> list[tuple[cst.BaseExpression | None, tuple[int, ...]]]:
    """Return what a name is bound to in a scope, with its position where that is unpacked."""
    found: list[tuple[cst.BaseExpression | None, tuple[int, ...]]] = []
    for item in _binders(scope, name):
        target = item.targets[0].target if isinstance(item, cst.Assign) and len(item.targets) == 1 else None
        if isinstance(item, cst.Assign) and isinstance(target, cst.Name):
            found.append((item.value, ()))
        elif isinstance(item, cst.Assign) and isinstance(target, cst.Tuple):
            names = [getattr(element.value, "value", None) for element in target.elements]
            plain = all(isinstance(element, cst.Element) for element in target.elements)
            found.append((item.value, (names.index(name),)) if plain and name in names else (None, ()))
        else:
            found.append((None, ()))
    return found


def _is_variable(code: Code, name: cst.Name) -> bool:
    """Whether a name is bound once, to a tf.Variable or a tensor made of data."""
    scope = next(above for above in code.ancestors(name) if isinstance(above, cst.FunctionDef | cst.Module))
    values = _assigned(scope, name.value)
    number = code.number(values[0]) if len(values) == 1 else None
    if number is None:
        return False
    place = Place(code.index, number)
    function = function_of(code.project, place)
    call = call_of(code.project, function, number)
    made = {f"tensorflow.{name}" for name in ("Variable", "constant", "convert_to_tensor", "identity")}
    return call is not None and bool(set(api_names(code.project, function, call.func)) & made)


def _assigned(scope: cst.CSTNode, name: str) -> list[cst.BaseExpression | None]:
    """Return what a name is bound to in a scope; None for loops, unpacking and the like."""
    found: list[cst.BaseExpression | None] = []
    for item in _binders(scope, name):
        plain = isinstance(item, cst.Assign) and all(
            isinstance(target.target, cst.Name) for target in item.targets
        )
        found.append(item.value if plain and isinstance(item, cst.Assign) else None)
    return found


def _binders(scope: cst.CSTNode, name: str) -> Iterator[cst.CSTNode]:
    """Yield what binds a name in a scope."""
    stack = [scope]
    while stack:
        item = stack.pop()
        # [norm(gradients) for gradients in kept]  # a name of its own
        stack.extend(children(item) if not isinstance(item, COMPREHENSIONS) else ())
        if name in bindings(item) or (isinstance(item, cst.Param) and item.name.value == name):
            yield item


def _is_differentiated(code: Code, node: cst.BaseExpression) -> bool:
    """Whether gradients are taken of a variable: then its numbers are floating-point ones."""
    scope = code.function(node)
    if not isinstance(node, cst.Name):
        return False
    for use in variables(code, code.tree if scope is None else scope, node.value):
        arg = code.parent(use)
        call = code.parent(arg) if isinstance(arg, cst.Arg) else None
        if isinstance(call, cst.Call) and call.args[0] is arg:
            function = call.func.attr.value if isinstance(call.func, cst.Attribute) else ""
            if function in {"gradient", "jacobian"}:
                return True
    return False


def _bare(node: cst.CSTNode) -> cst.BaseExpression:
    assert isinstance(node, cst.BaseExpression)
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


def _is_read_by_another_class(code: Code, found: Retention) -> bool:
    """Whether an attribute that holds more than numbers is read by methods of a class that does not fill it.

    class Policy: def loss(self): ...; softmax_cross_entropy_with_logits(labels, self.net.logits[i])
    """
    if found.scope is not Scope.OBJECT or all(tensor.size is Size.SCALAR for tensor in found.tensors):
        return False
    attribute = found.name.partition("[")[0].rpartition(".")[2]
    project = code.project
    module, function = function_of(project, found.place)
    own = (module, project.function(module, function).owner)
    return any(
        (number, facts.owner) != own
        and any(fact.attr == attribute for fact in walk_kind(facts.body, f.Attribute))
        for number, other in enumerate(project.modules)
        for facts in other.functions
        if facts.owner is not None
    )


class Conversion:
    """Stores the value in the place of the tensor."""

    def rewrite(self, report: Report, code: Code) -> Rewrite:
        """Return the module with the store, and what reads it, changed."""
        found = report.subject
        assert isinstance(found, Retention)
        if found.in_graph:
            raise RefusedError("inside a tf.function there is no value to store")
        if found.under_tape or found.consumed:
            raise RefusedError("the tensors are needed as tensors")
        found = code.project.with_uses(found)
        if _is_read_by_another_class(code, found):
            raise RefusedError(f"another class reads `{found.name}`, and may need the tensors")
        patch = Patch(code)
        numbers = rewrite_reads(code, patch, found)
        call = code.node(found.place)
        if isinstance(call, cst.Call) and found.how.endswith("py_function"):
            return self._in_py_function(patch, call, found)
        pairs = leaf_expressions(find_store(code, found.place), found.leaves)
        if any(read.name == "numpy" for read in found.reads):
            # Who reads values cannot meet a tensor any more.
            pairs += self._others(code, found)
        scalars = numbers
        for expression, leaf in pairs:
            if leaf.mixed:
                raise RefusedError("what is stored is not always a tensor")
            number = leaf.number or (leaf.single and _is_differentiated(code, expression))
            scalars = scalars and number
            scalar = number and numbers
            patch.change(expression, host_value(code, expression, scalar=scalar, size=leaf.size))
        safe = scalars and all(leaf.certain for _, leaf in pairs) and takes_numbers(code, found)
        what = "float(x)" if scalars else "its NumPy array"
        message = f"store the value, {what}, in `{found.name}` in the place of the tensor"
        if found.reads:
            message += "; what reads it is changed with it"
        return Rewrite(message, Applicability.SAFE if safe else Applicability.UNSAFE, patch.tree())

    def _in_py_function(self, patch: Patch, call: cst.Call, found: Retention) -> Rewrite:
        """Convert in a lambda: TensorFlow passes an eager tensor to the function in each step."""
        if [arg.keyword.value if arg.keyword else "" for arg in call.args[:2]] not in _PY_FUNCTION_ORDERS:
            raise RefusedError("what TensorFlow passes to the function cannot be converted")
        bound, inputs = (arg.value for arg in call.args[:2])
        if found.reads or not isinstance(inputs, cst.List | cst.Tuple) or len(inputs.elements) != 1:
            raise RefusedError("what TensorFlow passes to the function cannot be converted")
        name = patch.code.fresh_name("value")
        function = patch.code.text(bound)
        patch.replace(bound, f"lambda {name}: {function}({name}.numpy())")
        message = f"store the value, its NumPy array, in `{found.name}` in the place of the tensor"
        return Rewrite(message, Applicability.UNSAFE, patch.tree())

    @staticmethod
    def _others(code: Code, found: Retention) -> list[tuple[cst.BaseExpression, Leaf]]:
        """Return the other tensors that come into the same container."""
        pairs: list[tuple[cst.BaseExpression, Leaf]] = []
        for other in found.others:
            if other.in_graph or other.shared:
                raise RefusedError(
                    f"`{found.name}` also gets tensors elsewhere, where they cannot be changed"
                )
            pairs += leaf_expressions(find_store(code, other.place), other.leaves)
        return pairs
