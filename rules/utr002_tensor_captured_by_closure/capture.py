"""The fix `to-host` of captured tensors: the function holds the value."""

from __future__ import annotations

from collections.abc import Callable

import libcst as cst

from leakscan.codemods.descent import walk
from leakscan.codemods.rewriting import COMPREHENSIONS, Code, Patch
from leakscan.interpreter.values import Size
from leakscan.questions import Retention
from leakscan.rule import Applicability, RefusedError, Report, Rewrite

from ..families.host_copies import find_store, host_value
from ..families.tensor_uses import bindings, is_numpy_call, must_suit_array, variables, without_numpy

_Function = cst.Lambda | cst.FunctionDef


def captured(report: Report, code: Code) -> Rewrite:
    """Return the module with the value captured."""
    found = report.subject
    assert isinstance(found, Retention)
    found = code.project.with_uses(found)
    change = _Capture(code, found)
    change.convert(_stored_function(code, found))
    message = f"let the function that is kept in `{found.name}` hold the value in the place of the tensor"
    return Rewrite(message, Applicability.UNSAFE, change.patch.tree())


def _stored_function(code: Code, found: Retention) -> cst.BaseExpression:
    node = code.node(found.place)
    if isinstance(node, cst.Call) and code.text(node.func).endswith("register") and node.args:
        return node.args[0].value
    values = find_store(code, found.place).values
    if len(values) != 1:
        raise RefusedError("several functions are stored at once")
    return values[0]


class _Capture:
    """The changes to one function that is kept."""

    def __init__(self, code: Code, found: Retention) -> None:
        self.code = code
        self.found = found
        self.patch = Patch(code)
        gradient = any(tensor.size is Size.GRADIENT for tensor in found.tensors)
        self.size = Size.GRADIENT if gradient else Size.VALUE

    def convert(self, stored: cst.BaseExpression) -> None:
        """Let what is stored hold values."""
        if isinstance(stored, cst.Lambda):
            self.in_function(stored)
        elif isinstance(stored, cst.Name):
            self.in_function(_definition(self.code, stored))
        elif isinstance(stored, cst.Call):
            self.in_arguments(stored)
        else:
            raise RefusedError("what is stored is not a function that the code shows")

    def value_of(self, node: cst.BaseExpression) -> Callable[[cst.CSTNode], cst.BaseExpression]:
        """Return what makes of a tensor's expression that of its value."""
        return host_value(self.code, node, scalar=False, size=self.size)

    def in_arguments(self, call: cst.Call) -> None:
        """Pass the value: functools.partial(report, step, codes), make_report(step, errors)."""
        positions = {
            leaf.path[1] for leaf in self.found.leaves if len(leaf.path) > 1 and leaf.path[0] == "partial"
        }
        if any(arg.star for arg in call.args):
            raise RefusedError("cannot tell the arguments of the call apart")
        # The first argument of a partial is the function.
        if positions or "a partial argument" in self.found.captured:
            function, args = call.args[0].value, call.args[1:]
        else:
            function, args = call.func, call.args
        tensors = [
            index
            for index, arg in enumerate(args)
            if (arg.keyword is None and index in positions)
            or (isinstance(arg.value, cst.Name) and self.code.is_tensor(arg.value))
        ]
        if not tensors:
            raise RefusedError("the code does not show which argument is the tensor")
        for index in tensors:
            self.patch.change(args[index].value, self.value_of(args[index].value))
            self.in_called(function, index, args[index].keyword)

    def in_called(self, function: cst.BaseExpression, index: int, keyword: cst.Name | None) -> None:
        """Let a function of the module take the value for its parameter."""
        definition = _called(self.code, function)
        if definition is None:
            return
        params = [*definition.params.posonly_params, *definition.params.params]
        if params and params[0].name.value == "self":
            params = params[1:]
        named = [*params, *definition.params.kwonly_params]
        if keyword is not None:
            chosen = [param for param in named if param.name.value == keyword.value]
        else:
            chosen = list(params[index : index + 1])
        if len(chosen) != 1:
            raise RefusedError("the code does not show which parameter receives the tensor")
        uses = _uses(self.code, definition.body, chosen[0].name.value)
        if any(is_numpy_call(self.code, use) for use in uses) and not self.is_used_once(definition):
            name = chosen[0].name.value
            raise RefusedError(f"the function calls `{name}.numpy()`, and others may call it too")
        self.take(uses)

    def is_used_once(self, definition: cst.FunctionDef) -> bool:
        """Whether a function of the top level is named in the module once, and in no other."""
        name = definition.name.value
        index = next(
            item.index for item in self.code.facts.functions if self.code.nodes[item.node] is definition.name
        )
        callers = self.code.project.callers(self.code.index, index)
        return (
            sum(1 for use in variables(self.code, self.code.tree, name) if use is not definition.name) == 1
            and all(module == self.code.index for module, _ in callers)
            and definition in self.code.tree.body
        )

    def in_function(self, function: _Function) -> None:
        """Bind the value before the function, or in its default, and use it within."""
        names = [name for name in dict.fromkeys(self.found.captured) if name.isidentifier()]
        if not names:
            raise RefusedError("the code does not show which tensor the function holds")
        params = [*function.params.posonly_params, *function.params.params, *function.params.kwonly_params]
        defaults = {param.default.value: param for param in params if isinstance(param.default, cst.Name)}
        statement = self.code.statement(function)
        for name in names:
            if name in defaults:
                param = defaults[name]
                assert param.default is not None
                self.patch.change(param.default, self.value_of(param.default))
                self.take(_uses(self.code, function.body, param.name.value))
                continue
            self.must_be_settled(function, name)
            fresh = self.code.fresh_name(f"{name}_value")
            use = next(variables(self.code, function, name))
            value = self.code.tree.code_for_node(self.value_of(use)(cst.Name(name)))
            self.patch.before(statement, f"{fresh} = {value}")
            self.take(_uses(self.code, function.body, name), fresh)

    def must_be_settled(self, function: _Function, name: str) -> None:
        """Raise RefusedError where the name is bound again after the function: it sees the last binding."""
        outer = self.code.function(function)
        scope: cst.CSTNode = self.code.tree if outer is None else outer
        before = True
        settled = False
        for node in walk(scope):
            before = before and node is not function
            if name in bindings(node) and self.code.function(node) is outer:
                if not before:
                    raise RefusedError(f"`{name}` is bound again after the function")
                settled = True
            elif isinstance(node, cst.Param) and node.name.value == name:
                settled = settled or before
        if not settled:
            raise RefusedError(f"the code does not show where `{name}` is bound")

    def take(self, uses: list[cst.Name], name: str | None = None) -> None:
        """Turn `x.numpy()` into `x`, or both into `name`. Raises RefusedError where a value will not do."""
        for use in uses:
            if is_numpy_call(self.code, use):
                call = self.code.parent(self.code.parent(use) or use)
                assert call is not None
                self.patch.change(call, without_numpy)
                if name is not None:
                    self.patch.replace(use, name)
                continue
            must_suit_array(self.code, use)
            if name is not None:
                self.patch.replace(use, name)


def _definition(code: Code, name: cst.Name) -> cst.FunctionDef:
    function = code.function(name)
    scope: cst.CSTNode = code.tree if function is None else function
    found = [node for node in walk(scope) if isinstance(node, cst.FunctionDef) and _is_named(node, name)]
    if len(found) != 1:
        raise RefusedError(f"the code does not show which function `{name.value}` is")
    return found[0]


def _called(code: Code, function: cst.BaseExpression) -> cst.FunctionDef | None:
    """Return the function of the module that is called; None for those of other modules.

    Raises RefusedError where there are several of its name.
    """
    name = function.attr if isinstance(function, cst.Attribute) else function
    if isinstance(name, cst.Name):
        found = [
            node for node in code.everything if isinstance(node, cst.FunctionDef) and _is_named(node, name)
        ]
        if len(found) > 1:
            raise RefusedError(f"the code does not show which function `{name.value}` is")
        return found[0] if found else None
    raise RefusedError("the code does not show which function is kept")


def _is_named(node: cst.FunctionDef, name: cst.Name) -> bool:
    return node.name.value == name.value


def _uses(code: Code, body: cst.CSTNode, name: str) -> list[cst.Name]:
    """Return the places within a function where a name is read. Raises RefusedError where it is bound."""
    for node in walk(body):
        if isinstance(node, cst.Param) and node.name.value == name:
            raise RefusedError(f"`{name}` means something else in a part of the function")
        if name in bindings(node) or (isinstance(node, COMPREHENSIONS) and name in bindings(node.for_in)):
            raise RefusedError(f"`{name}` is bound again in the function")
    return list(variables(code, body, name))
