"""The fix `call` of predictions: the model itself is called, which runs no pipeline and no loop."""

from __future__ import annotations

import libcst as cst

from leakscan.codemods.rewriting import Code, Patch
from leakscan.questions import Call as Found
from leakscan.rule import Applicability, RefusedError, Report, Rewrite

from .answers import gives_several

#: Arguments of predict() that change nothing for one batch.
_IGNORED = frozenset({"verbose", "batch_size"})
_POSITIONS = ("x", "batch_size", "verbose")
#: Functions that take a tensor as they take an array.
_TAKES_TENSORS = frozenset({"float", "int"})


class Calling:
    """Calls the model in the place of its `predict`."""

    def rewrite(self, report: Report, code: Code) -> Rewrite:
        """Return the module with a call of the model; its result is made an array where one is expected."""
        found = report.subject
        assert isinstance(found, Found)
        if found.name != "predict":
            raise RefusedError(f"{found.name}() gives losses and metrics, which the model itself does not")
        if code.facts.graph_mode:
            raise RefusedError("in a TensorFlow 1 graph a called model gives no numbers")
        call = code.node(report.place)
        assert isinstance(call, cst.Call)
        if not isinstance(call.func, cst.Attribute):
            raise RefusedError("the method goes by another name")
        data: cst.BaseExpression | None = None
        for position, arg in enumerate(call.args):
            keyword = (
                arg.keyword.value if arg.keyword is not None else "".join(_POSITIONS[position : position + 1])
            )
            if arg.star or keyword not in {"x", *_IGNORED}:
                raise RefusedError(f"`{code.text(arg)}` means something to predict() only")
            if keyword == "x":
                data = arg.value
        assert data is not None
        holder = code.parent(call)
        if isinstance(holder, cst.Assign) and any(
            isinstance(target.target, cst.Tuple | cst.List) for target in holder.targets
        ):
            raise RefusedError("the model gives several answers, which would be tensors")
        if gives_several(code.project, found):
            raise RefusedError("the model gives several answers, each of which would be a tensor")
        # net.predict([words]), of a list of numbers: the model itself would take each for an input
        if isinstance(data, cst.List) and (
            len(data.elements) == 1 or any(isinstance(item.value, cst.List) for item in data.elements)
        ):
            raise RefusedError("predict() makes an array of the list, the model itself does not")
        arguments = f"({code.text(data)}, training=False)"
        tail = "" if _takes_tensors(code, call) else ".numpy()"
        patch = Patch(code)
        patch.replace(call, f"{code.text(call.func.value)}{arguments}{tail}")
        return Rewrite("call the model itself instead of predict()", Applicability.UNSAFE, patch.tree())


def _takes_tensors(code: Code, call: cst.Call) -> bool:
    """Whether what takes the prediction takes a tensor as well: np.argmax(...), float(...)."""
    holder = code.parent(call)
    above = code.parent(holder) if isinstance(holder, cst.Arg) else None
    if not isinstance(above, cst.Call):
        return False
    if isinstance(above.func, cst.Name):
        return above.func.value in _TAKES_TENSORS
    return isinstance(above.func, cst.Attribute) and code.text(above.func.value) in {"np", "numpy"}


__all__ = ["Calling"]
