"""What a module does with stored tensors later on, and whether their values serve it as well."""

from __future__ import annotations

import re
from collections.abc import Iterator

import libcst as cst

from leakscan.codemods.descent import children, walk
from leakscan.codemods.rewriting import COMPREHENSIONS, Code, Patch
from leakscan.facts.names import imports_of
from leakscan.interpreter.retentions import Read, Retention, Scope
from leakscan.knowledge.python import GROWERS
from leakscan.rule import RefusedError

#: Methods of tensors that NumPy's arrays and scalars have too, but Python's numbers do not.
_ARRAY_METHODS = frozenset({"item", "tolist"})
_ARRAY_ATTRIBUTES = frozenset({"dtype", "ndim", "shape", "size"})
#: Attributes that only TensorFlow's shapes and types have: x.shape.as_list(), x.dtype.is_floating
_OWN_SHAPE = re.compile(r"\.shape\s*\.\s*\w|\.dtype\s*\.\s*(?!name\b|itemsize\b|kind\b)\w")
#: Builtins that give back what they get, one by one, and those that give one of them or their sum.
_WRAPPERS = frozenset({"enumerate", "iter", "list", "reversed", "set", "sorted", "tuple", "zip"})
_PICKERS = frozenset({"abs", "max", "min", "next", "round", "sum"})
_NUMBER_BUILTINS = frozenset({"any", "all", "bool", "float", "format", "int", "len", "print", "repr", "str"})
_NUMBER_MODULES = frozenset({"json", "math", "matplotlib", "numpy", "pandas", "seaborn", "statistics"})
#: What takes tensors apart from other values, or needs them for gradients.
_TENSOR_ONLY = frozenset(
    """gradient jacobian batch_jacobian watch assign assign_add assign_sub is_tensor isinstance minimize
    gradients""".split()
)
#: Methods of containers that give their contents.
_CONTENTS = frozenset({"copy", "get", "items", "pop", "popitem", "popleft", "values"})


def rewrite_reads(code: Code, patch: Patch, found: Retention) -> bool:
    """Make the code that asks for the tensors' values take the values; return whether numbers will do.

    `[loss.numpy() for loss in losses]` becomes `[loss for loss in losses]`. Raises RefusedError where
    something is asked that a value cannot give.
    """
    numbers = True
    dropped: list[cst.Call] = []
    for read in found.reads:
        # by_label.setdefault(label, []).append(loss) asks a container
        if read.name in GROWERS:
            continue
        if read.name == "numpy" and read.place is not None:
            call = _numpy_call(code, read)
            dropped.append(call)
            # losses[-1].numpy().astype(int): a NumPy scalar can do that, a number cannot
            numbers = numbers and not isinstance(
                code.parent(call), cst.Attribute | cst.Subscript | cst.Assign
            )
            patch.change(call, without_numpy)
        else:
            _must_suit_arrays(code, read)
            numbers = False
    if any(
        not code.project.engine.asked_of_tensors(code.index, number)
        for number in _numpy_calls(code, _mentioning(code, found))
    ):
        raise RefusedError("`.numpy()` may be called on the stored tensors in a way that cannot be followed")
    return numbers


def _numpy_call(code: Code, read: Read) -> cst.Call:
    assert read.place is not None
    call = code.node(read.place)
    if read.mixed:
        raise RefusedError("`.numpy()` is called on the stored tensors and on others by the same code")
    if not isinstance(call, cst.Call) or not isinstance(call.func, cst.Attribute) or call.args:
        raise RefusedError("`.numpy()` is called on the stored tensors in a way that cannot be rewritten")
    return call


def without_numpy(call: cst.CSTNode) -> cst.CSTNode:
    """Return `x` for `x.numpy()`."""
    assert isinstance(call, cst.Call)
    assert isinstance(call.func, cst.Attribute)
    value = call.func.value
    return value.with_changes(lpar=[*call.lpar, *value.lpar], rpar=[*value.rpar, *call.rpar])


def _must_suit_arrays(code: Code, read: Read) -> None:
    """Raise RefusedError unless arrays can do what is asked of a tensor."""
    if read.place is not None:
        if read.name not in _ARRAY_METHODS:
            raise RefusedError(f"`.{read.name}()` is called on what is stored, which only a tensor has")
    elif read.name not in _ARRAY_ATTRIBUTES:
        known = f"`.{read.name}` of what is stored is used, which only a tensor has"
        passed = f"what is stored is passed to `{read.name}`, which tells tensors from values"
        raise RefusedError(
            passed if "tensor" in read.name or "." in read.name or read.name == "isinstance" else known
        )
    elif read.module != code.index:
        raise RefusedError(f"another file uses `.{read.name}` of what is stored")
    elif _OWN_SHAPE.search(code.source):
        raise RefusedError(
            f"`.{read.name}` of what is stored is used in a way that only TensorFlow's own allows"
        )


# What may be a stored tensor, by the names alone: a net for what the analysis lost


def _mentioning(code: Code, found: Retention) -> set[str]:
    """Return the names that may stand for the container or what is in it."""
    known = {re.split(r"[\[(]", found.name)[0].rpartition(".")[2]}
    size = 0
    while len(known) > size:
        size = len(known)
        for node in code.everything:
            if isinstance(node, cst.For | cst.CompFor) and _mentions(node.iter, known):
                known |= _names(node.target)
            elif isinstance(node, cst.Assign) and _mentions(node.value, known):
                for target in node.targets:
                    if isinstance(target.target, cst.Name | cst.Tuple):
                        known |= _names(target.target)
            elif isinstance(node, cst.Call) and any(_mentions(arg.value, known) for arg in node.args):
                # sorted(history, key=lambda row: row[1].numpy())
                for arg in node.args:
                    if isinstance(arg.value, cst.Lambda):
                        known |= {param.name.value for param in arg.value.params.params}
    return known


def _mentions(node: cst.CSTNode, names: set[str]) -> bool:
    if isinstance(node, cst.Name):
        return node.value in names
    if isinstance(node, cst.Attribute):
        return node.attr.value in names or _mentions(node.value, names)
    if isinstance(node, cst.Call):
        # tf.stack(losses) and show(losses) give something else
        function = node.func
        if isinstance(function, cst.Name):
            return function.value in _WRAPPERS | _PICKERS and any(
                _mentions(arg.value, names) for arg in node.args
            )
        return (
            isinstance(function, cst.Attribute)
            and function.attr.value in _CONTENTS
            and _mentions(function.value, names)
        )
    if isinstance(node, cst.Lambda):
        return False
    return any(_mentions(child, names) for child in children(node))


def _numpy_calls(code: Code, names: set[str]) -> Iterator[int]:
    """Yield the numbers of the calls of `.numpy()` on an expression that mentions one of `names`."""
    for number, node in code.nodes.items():
        if (
            isinstance(node, cst.Call)
            and isinstance(node.func, cst.Attribute)
            and node.func.attr.value == "numpy"
            and _mentions(node.func.value, names)
        ):
            yield number


# Whether numbers suit all that is done with a container


def takes_numbers(code: Code, found: Retention) -> bool:
    """Whether the container never leaves its function, and all that is done with it works on numbers."""
    if found.scope not in {Scope.LOCAL, Scope.CLOSURE} or not found.name.isidentifier():
        return False
    uses = _Uses(code, _home(code, code.node(found.place), found.name))
    return all(uses.container(name) for name in uses.occurrences(found.name))


def _home(code: Code, node: cst.CSTNode, name: str) -> cst.CSTNode:
    """Return the outermost function around `node` that binds `name`; the module if it does."""
    lines = [item for item in code.tree.body if isinstance(item, cst.SimpleStatementLine)]
    if any(name in bindings(small) for line in lines for small in line.body):
        return code.tree
    home: cst.CSTNode = code.tree
    for above in code.ancestors(node):
        if isinstance(above, cst.FunctionDef) and any(name in bindings(item) for item in walk(above)):
            home = above
    return home


def bindings(node: cst.CSTNode) -> set[str]:
    """Return the names that a node itself binds: the targets of an assignment, a loop, a `with`, a walrus."""
    if isinstance(node, cst.Assign):
        return set().union(*(_names(target.target) for target in node.targets))
    if isinstance(node, cst.AnnAssign | cst.AugAssign | cst.For | cst.CompFor | cst.NamedExpr):
        return _names(node.target)
    if isinstance(node, cst.AsName | cst.NameItem):
        return _names(node.name)
    return set()


def variables(code: Code, scope: cst.CSTNode, name: str) -> Iterator[cst.Name]:
    """Yield where a variable is named in a scope: attributes and keywords of that name are none."""
    for node in walk(scope):
        if isinstance(node, cst.Name) and node.value == name:
            above = code.parent(node)
            attribute = isinstance(above, cst.Attribute) and above.attr is node
            if not attribute and not (isinstance(above, cst.Arg) and above.keyword is node):
                yield node


def is_numpy_call(code: Code, name: cst.Name) -> bool:
    """Whether a variable stands in `name.numpy()`."""
    above = code.parent(name)
    call = code.parent(above) if isinstance(above, cst.Attribute) else None
    return isinstance(above, cst.Attribute) and above.attr.value == "numpy" and isinstance(call, cst.Call)


def must_suit_array(code: Code, use: cst.Name) -> None:
    """Raise RefusedError where a variable is used as only a tensor can be."""
    above = code.parent(use)
    if isinstance(above, cst.Attribute) and above.value is use:
        if above.attr.value not in _ARRAY_METHODS | _ARRAY_ATTRIBUTES:
            raise RefusedError(f"`{use.value}.{above.attr.value}` is used, which only a tensor has")
        if isinstance(code.parent(above), cst.Attribute):
            raise RefusedError(
                f"`{use.value}` is used in a way that only TensorFlow's shapes and types allow"
            )
    call = code.enclosing(use, cst.Call)
    name = code.text(call.func).rpartition(".")[2] if isinstance(call, cst.Call) else ""
    if name in _TENSOR_ONLY:
        raise RefusedError(f"`{use.value}` is passed to `{name}`, which needs the tensor")


class _Uses:
    """Follows a container and its elements through the expressions of a scope."""

    def __init__(self, code: Code, scope: cst.CSTNode) -> None:
        self.code = code
        self.scope = scope
        self.modules = {
            item.name for item in imports_of(code.facts) if item.module.partition(".")[0] in _NUMBER_MODULES
        }
        self.followed: set[str] = set()

    def occurrences(self, name: str, within: cst.CSTNode | None = None) -> Iterator[cst.Name]:
        """Yield where a variable is named."""
        return variables(self.code, self.scope if within is None else within, name)

    def container(self, node: cst.CSTNode) -> bool:
        """Whether what is done with the container at `node` works on numbers."""
        above = self.code.parent(node)
        if isinstance(above, cst.Attribute):
            return self.method(above)
        if isinstance(above, cst.Subscript):
            if isinstance(self.code.parent(above), cst.AssignTarget | cst.Del):
                return above.value is node
            sliced = any(isinstance(item.slice, cst.Slice) for item in above.slice)
            return above.value is node and (self.container(above) if sliced else self.element(above))
        if isinstance(above, cst.For):
            return above.iter is node and self.names(above.target, above)
        if isinstance(above, cst.CompFor):
            whole = self.code.enclosing(above, COMPREHENSIONS)
            return above.iter is node and whole is not None and self.names(above.target, whole)
        if isinstance(above, cst.Arg):
            call = self.code.parent(above)
            function = self.function(call)
            if call is not None and function in _WRAPPERS:
                return self.container(call)
            return self.element(call) if call is not None and function in _PICKERS else bool(function)
        if isinstance(above, cst.AnnAssign | cst.AugAssign):
            return above.target is node
        return isinstance(
            above,
            cst.AssignTarget
            | cst.FormattedStringExpression
            | cst.If
            | cst.While
            | cst.BooleanOperation
            | cst.UnaryOperation
            | cst.Expr
            | cst.Del,
        )

    def method(self, attribute: cst.Attribute) -> bool:
        """Whether what is done with a method of the container works on numbers."""
        call = self.code.parent(attribute)
        if not isinstance(call, cst.Call) or call.func is not attribute:
            return False
        name = attribute.attr.value
        if name in {"copy", "items", "values"}:
            return self.container(call)
        return name in {*GROWERS, "clear"} or (name in _CONTENTS and self.element(call))

    def names(self, target: cst.CSTNode, within: cst.CSTNode) -> bool:
        """Whether numbers suit all that is done with the names that a loop binds."""
        bound = set(walk(target))
        return all(
            use in bound or self.element(use)
            for name in _names(target)
            for use in self.occurrences(name, within)
        )

    def element(self, node: cst.CSTNode) -> bool:
        """Whether what is done with an element at `node` works on numbers."""
        above = self.code.parent(node)
        if isinstance(above, cst.Attribute):
            call = self.code.parent(above)
            return isinstance(call, cst.Call) and above.attr.value == "numpy" and self.element(call)
        if isinstance(above, cst.Arg):
            call = self.code.parent(above)
            function = self.function(call)
            if call is not None and function in _PICKERS:
                return self.element(call)
            return bool(function) and function not in _WRAPPERS
        if isinstance(above, cst.ComparisonTarget):
            above = self.code.parent(above)
        if isinstance(above, cst.Comparison):
            holder = self.code.parent(above)
            return isinstance(holder, cst.If | cst.While | cst.BooleanOperation | cst.Assert | cst.CompIf)
        if isinstance(above, cst.BinaryOperation | cst.UnaryOperation | cst.IfExp):
            return self.element(above)
        if isinstance(above, cst.ListComp | cst.GeneratorExp | cst.SetComp):
            return above.elt is node and self.container(above)
        return isinstance(above, cst.FormattedStringExpression | cst.Expr)

    def function(self, call: cst.CSTNode | None) -> str:
        """Return the name of a called builtin, or of a library of numbers; empty for anything else."""
        if not isinstance(call, cst.Call) or any(
            arg.keyword is not None and arg.keyword.value == "key" for arg in call.args
        ):
            return ""
        name = self.code.text(call.func).partition(".")[0]
        if name in self.modules:
            return name
        builtin = isinstance(call.func, cst.Name) and name in _WRAPPERS | _PICKERS | _NUMBER_BUILTINS
        return name if builtin else ""


def _names(target: cst.CSTNode) -> set[str]:
    return {node.value for node in walk(target) if isinstance(node, cst.Name)}


__all__ = [
    "bindings",
    "is_numpy_call",
    "must_suit_array",
    "rewrite_reads",
    "takes_numbers",
    "variables",
    "without_numpy",
]
