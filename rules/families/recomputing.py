"""Expressions that give the same whenever they are computed: of one tensor, literals and known operations."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator

import libcst as cst

from leakscan.codemods.descent import children
from leakscan.codemods.rewriting import Code
from leakscan.facts import model as f
from leakscan.interpreter.values import Api
from leakscan.knowledge.spelling import canonical
from leakscan.records import dataclass
from leakscan.rule import RefusedError

from .tensor_uses import bindings

_LITERALS = (cst.Integer, cst.Float, cst.Imaginary, cst.SimpleString)
_NUMBERS = frozenset({"bool", "complex", "float", "int"})
_NUMBER_ROOTS = frozenset({"math", "numpy"})
_ROOTS = frozenset({"keras", "tensorflow", *_NUMBER_ROOTS})
#: Where these are in a name, two calls give different things: tf.random.normal, keras.metrics.Mean
_IMPURE = re.compile(r"\b(random|metrics|layers|losses|summary|io|Variable)\b")
#: What makes a tensor smaller.
_REDUCING = frozenset(
    """all amax amin any argmax argmin average count_nonzero global_norm l2_loss logsumexp max mean median min
    moments nanmax nanmean nanmin nanstd nansum norm percentile prod quantile reduce_all reduce_any
    reduce_euclidean_norm reduce_logsumexp reduce_max reduce_mean reduce_min reduce_prod reduce_std reduce_sum
    reduce_variance size std sum trace var zero_fraction""".split()
)
#: What depends on its arguments alone, and changes none of them.
_PURE = _REDUCING | frozenset(
    """abs absolute add array asarray cast ceil clip clip_by_value convert_to_numpy cos cosh divide equal exp
    expand_dims expm1 float32 float64 floor get_value greater greater_equal identity is_finite is_inf
    is_nan isfinite isinf isnan l2_normalize less less_equal log log10 log1p log2 log_softmax
    logical_and logical_not logical_or matmul maximum minimum multiply negative not_equal ones_like pow
    power ravel real reciprocal relu reshape round rsqrt shape sigmoid sign sin sinh softmax softplus
    sqrt square squared_difference squeeze stop_gradient subtract tan tanh tensordot transpose truediv
    where zeros_like""".split()
)
#: What reduces one dimension where it is not told which, and what gives an array of a number.
_BY_AXIS = frozenset({"argmax", "argmin", "moments", "trace"})
_MAKES_ARRAY = frozenset({"array", "asarray", "convert_to_numpy", "expand_dims", "ravel", "reshape", "shape"})
_CONVERSIONS = frozenset({"convert_to_numpy", "get_value"})
_CONSTANTS = frozenset(
    """bfloat16 bool bool_ complex128 complex64 e float16 float32 float64 inf int16 int32 int64 int8 nan
    newaxis pi uint8""".split()
)
#: Methods of arrays that give one number, or few, and those that give an array of the same numbers.
_ARRAY_REDUCTIONS = frozenset(
    {"all", "any", "argmax", "argmin", "max", "mean", "min", "prod", "std", "sum", "var"}
)
_ARRAY_METHODS = frozenset(
    {"astype", "clip", "copy", "flatten", "ravel", "reshape", "round", "squeeze", "transpose"}
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an expression gives.

    host: plain data, no tensor. small: less than the tensor it was computed from. number: nothing that can
    be changed.
    """

    host: bool
    small: bool
    number: bool

    def with_(self, other: Outcome) -> Outcome:
        """Return what both together give."""
        return Outcome(self.host and other.host, self.small and other.small, self.number and other.number)


_TENSOR = Outcome(host=False, small=False, number=False)
_NUMBER = Outcome(host=True, small=True, number=True)


class Recomputing:
    """Judges the expressions of a module."""

    def __init__(self, code: Code) -> None:
        self.code = code
        self.bound = Counter(_bound(code))

    def outcome(self, node: cst.CSTNode, variable: str) -> Outcome:  # noqa: C901, PLR0911, PLR0912 -- one case a kind
        """Return what an expression gives whose only input is `variable`, a tensor.

        Raises RefusedError for an expression that may give something else at another time.
        """
        if isinstance(node, cst.Name) and node.value == variable:
            return _TENSOR
        if isinstance(node, _LITERALS) or self._is_constant(node):
            return _NUMBER
        if isinstance(node, cst.Call):
            return self._call(node, variable)
        if isinstance(node, cst.Attribute) and not self.api(node):
            below = self.outcome(node.value, variable)
            if node.attr.value in {"shape", "ndim", "size"}:
                return _NUMBER
            if node.attr.value in {"T", "imag", "real"}:
                return below
        if isinstance(node, cst.Subscript) and all(_is_fixed(item) for item in node.slice):
            return self.outcome(node.value, variable)
        if isinstance(node, cst.UnaryOperation) and not isinstance(node.operator, cst.Not):
            return self.outcome(node.expression, variable)
        if isinstance(node, cst.BinaryOperation):
            return self.outcome(node.left, variable).with_(self.outcome(node.right, variable))
        if isinstance(node, cst.Comparison) and len(node.comparisons) == 1:
            right = node.comparisons[0]
            # loss in kept, loss is None
            if not isinstance(right.operator, cst.In | cst.NotIn | cst.Is | cst.IsNot):
                return self.outcome(node.left, variable).with_(self.outcome(right.comparator, variable))
        if isinstance(node, cst.Tuple) and all(isinstance(item, cst.Element) for item in node.elements):
            parts = [self.outcome(item.value, variable) for item in node.elements]
            if parts and all(part.host for part in parts):
                total = parts[0]
                for part in parts[1:]:
                    total = total.with_(part)
                return total
        if isinstance(node, cst.Name):
            raise RefusedError(f"`{node.value}` may be something else where the tensor is stored")
        raise RefusedError(
            f"`{_short(self.code.text(node))}` may give something else when it is computed earlier"
        )

    def _call(self, call: cst.Call, variable: str) -> Outcome:
        if any(arg.star for arg in call.args):
            raise RefusedError(f"cannot determine the arguments of `{self.code.text(call.func)}`")
        inputs = _NUMBER
        for arg in call.args:
            inputs = inputs.with_(self.outcome(arg.value, variable))
        if isinstance(call.func, cst.Name) and self.is_builtin(call.func.value):
            result = _builtin(call.func.value, inputs, len(call.args))
        elif name := self.api(call.func):
            result = _function(name, inputs, len(call.args))
        elif isinstance(call.func, cst.Attribute) and not isinstance(call.func.value, cst.SimpleString):
            result = _method(
                call.func.attr.value, self.outcome(call.func.value, variable), inputs, len(call.args)
            )
        else:
            result = None
        if result is None:
            raise RefusedError(
                f"`{_short(self.code.text(call.func))}` may give something else when it is called earlier"
            )
        return result

    def is_builtin(self, name: str) -> bool:
        """Whether a name is that of a builtin, and nothing of the module hides it."""
        project, index = self.code.project, self.code.index
        builtin = project.static(index, 0, f.Name(name)) == (Api(f"builtins.{name}"),)
        # from numpy import *  # brings a round, an abs and a sum, but no float
        hidden = bool(project.symbols(index).stars) and name not in {"float", "int"}
        return builtin and not self.bound[name] and not hidden

    def api(self, node: cst.CSTNode) -> str:
        """Return the canonical name of what an import brings, always the same; empty for anything else."""
        expr = _dotted(node)
        if expr is None:
            return ""
        root: f.Expr = expr
        while isinstance(root, f.Attribute):
            root = root.value
        assert isinstance(root, f.Name)
        imports = [
            item.imported for item in self.code.project.symbols(self.code.index).bindings.get(root.id, ())
        ]
        # keras = tf.keras, once for all, is as good as an import.
        alias = len(imports) == 1 and imports[0] is None and self._is_alias(root.id)
        if self.bound[root.id] > alias or (any(item is None for item in imports) and not alias):
            return ""
        atoms = self.code.project.static(self.code.index, 0, expr)
        names = {canonical(atom.name) for atom in atoms if isinstance(atom, Api)}
        if len(names) != 1 or len(atoms) != 1 or next(iter(names)).startswith("builtins."):
            return ""
        return names.pop()

    def _is_alias(self, name: str) -> bool:
        """Whether the top level binds a name, once, to something that is imported."""
        small = [
            item
            for statement in self.code.tree.body
            if isinstance(statement, cst.SimpleStatementLine)
            for item in statement.body
            if isinstance(item, cst.Assign) and name in bindings(item)
        ]
        if len(small) != 1 or len(small[0].targets) != 1:
            return False
        value = small[0].value
        return isinstance(value, cst.Attribute) and bool(self.api(value))

    def _is_constant(self, node: cst.CSTNode) -> bool:
        if isinstance(node, cst.Name) and node.value in {"None", "True", "False"}:
            return True
        if isinstance(node, cst.Tuple | cst.List):
            # axis=[0, 1]
            return bool(node.elements) and all(
                isinstance(item, cst.Element) and self._is_constant(item.value) for item in node.elements
            )
        if isinstance(node, cst.UnaryOperation):
            return isinstance(node.expression, cst.Integer | cst.Float)
        if isinstance(node, cst.Integer):
            return True
        root, _, last = self.api(node).partition(".")
        return root in _ROOTS and last.rpartition(".")[2] in _CONSTANTS


def _builtin(name: str, inputs: Outcome, count: int) -> Outcome | None:
    if name in _NUMBERS and count == 1:
        return _NUMBER
    if name == "len" and count == 1:
        return _NUMBER
    return inputs if name in {"abs", "round"} and count else None


def _function(name: str, inputs: Outcome, count: int) -> Outcome | None:
    root, _, rest = name.partition(".")
    last = rest.rpartition(".")[2]
    if root == "math":
        return _NUMBER
    if root not in _ROOTS or last not in _PURE or _IMPURE.search(rest):
        return None
    host = root in _NUMBER_ROOTS or last in _CONVERSIONS
    whole = count == 1 and last in _REDUCING - _BY_AXIS
    kept = inputs.number and last not in _MAKES_ARRAY
    return Outcome(host, inputs.small or last in _REDUCING, number=whole or kept)


def _method(name: str, value: Outcome, inputs: Outcome, count: int) -> Outcome | None:
    if not inputs.host:
        return None
    if name == "numpy":
        return Outcome(host=True, small=value.small, number=value.number)
    if name == "item":
        return _NUMBER
    if name == "tolist":
        return Outcome(value.host, value.small, number=False) if value.host else None
    if value.host and name in _ARRAY_REDUCTIONS:
        return Outcome(host=True, small=True, number=not count)
    return value if value.host and name in _ARRAY_METHODS else None


def _is_fixed(element: cst.SubscriptElement) -> bool:
    """Whether an index is written out: `[0]`, `[..., -1]`, `[:, 1:3]`."""
    index = element.slice
    parts = [index.lower, index.upper, index.step] if isinstance(index, cst.Slice) else [index]
    return all(
        part is None
        or isinstance(part, cst.Integer | cst.Ellipsis)
        or (isinstance(part, cst.UnaryOperation) and isinstance(part.expression, cst.Integer))
        for part in (part.value if isinstance(part, cst.Index) else part for part in parts)
    )


def _dotted(node: cst.CSTNode) -> f.Expr | None:
    if isinstance(node, cst.Name):
        return f.Name(node.value)
    if isinstance(node, cst.Attribute):
        value = _dotted(node.value)
        return None if value is None else f.Attribute(value, node.attr.value)
    return None


def _bound(code: Code) -> Iterator[str]:
    """Yield the names that anything but an import at the top level binds, anywhere in the module."""
    stack: list[cst.CSTNode] = [code.tree]
    while stack:
        node = stack.pop()
        stack.extend(children(node))
        if isinstance(node, cst.AsName) and isinstance(code.parent(node), cst.ImportAlias):
            continue
        # def train(): from helpers import ops
        if isinstance(node, cst.ImportAlias) and code.function(node) is not None:
            yield (node.evaluated_alias or node.evaluated_name).partition(".")[0]
            continue
        if isinstance(node, cst.FunctionDef | cst.ClassDef | cst.Param):
            yield node.name.value
        elif isinstance(node, cst.MatchAs | cst.MatchStar):
            yield "" if node.name is None else node.name.value
        elif isinstance(node, cst.MatchMapping) and node.rest is not None:
            yield node.rest.value
        else:
            yield from bindings(node)


def same_for(code: Code, node: cst.BaseExpression, variable: str) -> str:
    """Return what is equal for expressions that differ in layout, or in the name of their variable, only."""
    tree = ast.parse(f"({code.text(node)}\n)", mode="eval")
    for item in ast.walk(tree):
        if isinstance(item, ast.Name) and item.id == variable:
            item.id = "<element>"
    return ast.dump(tree)


def _short(text: str, length: int = 40) -> str:
    line = " ".join(text.split())
    return line if len(line) <= length else f"{line[: length - 3]}..."


__all__ = ["Outcome", "Recomputing", "same_for"]
