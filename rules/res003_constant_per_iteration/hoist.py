"""The fix `hoist`: tensors do not change, so one serves all iterations."""

from __future__ import annotations

from leakscan.codemods.rewriting import Code, Patch
from leakscan.questions import Call, Repetition
from leakscan.rule import Applicability, RefusedError, Report, Rewrite

from ..families.hoisting import find_hoistable, hoist


def hoisted(report: Report, code: Code) -> Rewrite:
    """Move the statement that makes the tensor before the loop."""
    subject = report.subject
    assert isinstance(subject, tuple)
    call, around = subject
    assert isinstance(call, Call)
    assert isinstance(around, Repetition)
    if around.loop is None or around.driver is not None or around.chain:
        raise RefusedError("the tensor is not made in the loop itself")
    found = find_hoistable(code, call.place, around.loop)
    if found.name is None:
        raise RefusedError("the tensor is not bound to a name")
    patch = Patch(code)
    hoist(code, found, patch)
    return Rewrite(f"make `{found.name}` once before the loop", Applicability.SAFE, patch.tree())


__all__ = ["hoisted"]
