"""The fix `to-host` of captured tensors: the function holds the value."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from leakscan.analysis.host_copies import find_store, host_value
from leakscan.analysis.lifetimes import Retention
from leakscan.analysis.rewriting import Code, Patch
from leakscan.rule import Applicability, RefusedError, Report, Rewrite, Strategy

_Function = cst.Lambda | cst.FunctionDef


class CaptureValue(Strategy):
    """Lets a kept function hold the value of a tensor, not the tensor."""

    name = "to-host"
    summary = "capture the tensor's value: x.numpy()"
    applicability = Applicability.UNSAFE

    def rewrite(self, report: Report, code: Code) -> Rewrite:
        """Return the module with the value captured."""
        found = report.subject
        assert isinstance(found, Retention)
        if any(tensor.size == "gradient" for tensor in found.tensors):
            raise RefusedError("whether a captured gradient is one tensor or a list of them cannot be told")
        patch = Patch(code)
        node = code.node(found.place)
        if isinstance(node, cst.Call) and code.text(node.func) == "atexit.register" and node.args:
            values: tuple[cst.BaseExpression, ...] = (node.args[0].value,)
        else:
            values = find_store(code, found.place).values
        if len(values) != 1:
            raise RefusedError("several functions are stored at once")
        self._convert(code, patch, values[0], found)
        message = f"let the function that is kept in `{found.name}` hold the value in the place of the tensor"
        return Rewrite(message, self.applicability, patch.tree())

    def _convert(self, code: Code, patch: Patch, value: cst.BaseExpression, found: Retention) -> None:
        if isinstance(value, cst.Lambda):
            self._in_function(code, patch, value, found)
        elif isinstance(value, cst.Name):
            self._in_function(code, patch, _definition(code, value), found)
        elif isinstance(value, cst.Call):
            self._in_arguments(code, patch, value, found)
        else:
            raise RefusedError("what is stored is not a function that the code shows")

    def _in_arguments(self, code: Code, patch: Patch, call: cst.Call, found: Retention) -> None:
        """Pass the value: functools.partial(report, step, codes), make_report(step, errors)."""
        positions = {
            leaf.path[1] for leaf in found.leaves if len(leaf.path) > 1 and leaf.path[0] == "partial"
        }
        partial = bool(positions)
        converted = False
        for index, arg in enumerate(call.args):
            if arg.star:
                raise RefusedError("the arguments of the call cannot be told apart")
            # The first argument of a partial is the function.
            if (partial and index - 1 in positions) or (not partial and _is_tensor(code, arg.value)):
                patch.replace(arg.value, host_value(code, arg.value, scalar=False))
                converted = True
        if not converted:
            raise RefusedError("which argument is the tensor the code does not show")
        for name in _asked_of_parameters(code, call):
            raise RefusedError(f"the function asks `.numpy()` of `{name}`")

    def _in_function(self, code: Code, patch: Patch, function: _Function, found: Retention) -> None:
        """Bind the value before the function, or in its default, and use it within."""
        names = [name for name in dict.fromkeys(found.captured) if name.isidentifier()]
        defaults = {
            param.default.value: param
            for param in (*function.params.params, *function.params.kwonly_params)
            if isinstance(param.default, cst.Name)
        }
        if not names:
            raise RefusedError("which tensor the function holds the code does not show")
        statement = code.statement(function)
        for name in names:
            if name in defaults:
                param = defaults[name]
                assert param.default is not None
                patch.replace(param.default, host_value(code, param.default, scalar=False))
                for use in _uses(code, function.body, param.name.value):
                    _without_numpy(code, patch, use)
                continue
            fresh = code.fresh_name(f"{name}_value")
            value = cst.Module([]).code_for_node(host_value(code, cst.Name(name), scalar=False))
            patch.before(statement, f"{fresh} = {value}")
            for use in _uses(code, function.body, name):
                if not _without_numpy(code, patch, use, fresh):
                    patch.replace(use, fresh)


def _definition(code: Code, name: cst.Name) -> cst.FunctionDef:
    function = code.function(name)
    stack: list[cst.CSTNode] = [code.tree if function is None else function]
    found: list[cst.FunctionDef] = []
    while stack:
        item = stack.pop()
        stack.extend(item.children)
        if isinstance(item, cst.FunctionDef) and item.name.value == name.value:
            found.append(item)
    if len(found) != 1:
        raise RefusedError(f"the code does not show which function `{name.value}` is")
    return found[0]


def _uses(code: Code, body: cst.CSTNode, name: str) -> Iterator[cst.Name]:
    """Yield the places within a function where a name is read."""
    stack = [body]
    while stack:
        item = stack.pop()
        stack.extend(reversed(item.children))
        if isinstance(item, cst.Name) and item.value == name:
            above = code.parent(item)
            attribute = isinstance(above, cst.Attribute) and above.attr is item
            keyword = isinstance(above, cst.Arg) and above.keyword is item
            if not attribute and not keyword:
                yield item


def _without_numpy(code: Code, patch: Patch, use: cst.Name, name: str | None = None) -> bool:
    """Turn `x.numpy()` into `x`, or `name`; return whether it was that."""
    above = code.parent(use)
    call = code.parent(above) if isinstance(above, cst.Attribute) else None
    if isinstance(above, cst.Attribute) and above.attr.value == "numpy" and isinstance(call, cst.Call):
        patch.replace(call, name or use.value)
        return True
    return False


def _is_tensor(code: Code, node: cst.BaseExpression) -> bool:
    """Whether an argument is one of the tensors of its function, as far as its name tells."""
    return isinstance(node, cst.Name) and code.is_tensor(node)


def _asked_of_parameters(code: Code, call: cst.Call) -> Iterator[str]:
    """Yield the parameters of the called function, if the module defines it, of which it asks `.numpy()`."""
    target = call.func
    names = [target, *(arg.value for arg in call.args[:1])]
    wanted = {name.value for name in names if isinstance(name, cst.Name)}
    for statement in code.tree.body:
        if isinstance(statement, cst.FunctionDef) and statement.name.value in wanted:
            for param in statement.params.params:
                text = code.text(statement)
                if f"{param.name.value}.numpy(" in text:
                    yield param.name.value
