"""The fixes of predictions: `predict_on_batch`, or a call of the model, which set up nothing."""

from __future__ import annotations

import libcst as cst

from leakscan.codemods.rewriting import Code, Patch
from leakscan.questions import Call as Found
from leakscan.questions import Kind, kinds, value
from leakscan.rule import Applicability, RefusedError, Report, Rewrite

from .answers import gives_several

#: Arguments of predict() that change nothing for one batch.
_IGNORED = frozenset({"verbose", "batch_size"})
_POSITIONS = ("x", "batch_size", "verbose")
#: Functions that take a tensor as they take an array.
_TAKES_TENSORS = frozenset({"float", "int"})


class OnBatch:
    """Has the model predict its argument as one batch: `predict_on_batch`."""

    def rewrite(self, report: Report, code: Code) -> Rewrite:
        """Return the module with `predict_on_batch` in the place of `predict`."""
        call, data = _call_of(report, code)
        patch = Patch(code)
        assert isinstance(call.func, cst.Attribute)
        patch.replace(call, f"{code.text(call.func.value)}.predict_on_batch({code.text(data)})")
        message = "predict_on_batch(): the same numbers, without a pipeline and a loop for each call"
        return Rewrite(message, Applicability.UNSAFE, patch.tree())


class Calling:
    """Calls the model in the place of its `predict`."""

    def rewrite(self, report: Report, code: Code) -> Rewrite:
        """Return the module with a call of the model; its result is made an array where one is expected."""
        if code.facts.graph_mode:
            raise RefusedError("calling a model in a TensorFlow 1 graph gives no numbers")
        call, data = _call_of(report, code)
        holder = code.parent(call)
        if isinstance(holder, cst.Assign) and any(
            isinstance(target.target, cst.Tuple | cst.List) for target in holder.targets
        ):
            raise RefusedError("the model gives several answers, which would be tensors")
        found = report.subject
        assert isinstance(found, Found)
        if gives_several(code.project, found):
            raise RefusedError("the model gives several answers, each of which would be a tensor")
        tail = "" if _takes_tensors(code, call) else ".numpy()"
        patch = Patch(code)
        assert isinstance(call.func, cst.Attribute)
        patch.replace(call, f"{code.text(call.func.value)}({code.text(data)}, training=False){tail}")
        return Rewrite("call the model itself instead of predict()", Applicability.UNSAFE, patch.tree())


def _call_of(report: Report, code: Code) -> tuple[cst.Call, cst.BaseExpression]:
    """Return the call of predict() and what it predicts; refuse where other arguments mean something."""
    found = report.subject
    assert isinstance(found, Found)
    if found.name == "evaluate":
        raise RefusedError("evaluate() gives losses and metrics, which other calls do not")
    if found.name != "predict":
        raise RefusedError(
            f"{found.name}() is gone from Keras; what it gave has to be computed from predict()"
        )
    call = code.node(report.place)
    assert isinstance(call, cst.Call)
    if not isinstance(call.func, cst.Attribute):
        raise RefusedError("the method is called by another name")
    data: cst.BaseExpression | None = None
    for position, arg in enumerate(call.args):
        keyword = (
            arg.keyword.value if arg.keyword is not None else "".join(_POSITIONS[position : position + 1])
        )
        if arg.star or keyword not in {"x", *_IGNORED}:
            raise RefusedError(f"`{code.text(arg)}` is an argument that only predict() takes")
        if keyword == "x":
            data = arg.value
    assert data is not None
    given = found.argument(0, "x")
    # net.predict(tf.data.Dataset.from_tensors(row)): no other call goes through it
    if given is not None and Kind.DATASET in kinds(code.project, value(code.project, found.function, given)):
        raise RefusedError("predict() goes through the data set, other calls do not")
    # net.predict([words]), of a list of numbers: only predict() makes an array of it
    if isinstance(data, cst.List) and (
        len(data.elements) == 1 or any(isinstance(item.value, cst.List) for item in data.elements)
    ):
        raise RefusedError("predict() makes an array of the list, other calls do not")
    return call, data


def _takes_tensors(code: Code, call: cst.Call) -> bool:
    """Whether what takes the prediction takes a tensor as well: np.argmax(...), float(...)."""
    holder = code.parent(call)
    above = code.parent(holder) if isinstance(holder, cst.Arg) else None
    if not isinstance(above, cst.Call):
        return False
    if isinstance(above.func, cst.Name):
        return above.func.value in _TAKES_TENSORS
    return isinstance(above.func, cst.Attribute) and code.text(above.func.value) in {"np", "numpy"}


__all__ = ["Calling", "OnBatch"]
