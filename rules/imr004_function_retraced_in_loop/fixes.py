"""What the fixes of IMR004 do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from leakscan.codemods.rewriting import Code, Patch
from leakscan.facts.names import imports_of, text
from leakscan.questions import call_at
from leakscan.rule import Applicability, RefusedError, Rewrite

from ..families.hoisting import find_hoistable, hoist
from .steps import is_summary_step

if TYPE_CHECKING:
    from .retraces import Retrace


def hoisted(retrace: Retrace, code: Code, *, compiled: bool) -> Rewrite:
    """Move what makes the function, or compiles the model, before the loop."""
    if retrace.around.loop is None or retrace.around.driver is not None:
        raise RefusedError("no loop in this file repeats it")
    if retrace.around.chain and compiled:
        raise RefusedError("the function that the loop calls compiles the model, and does more")
    made = None
    if not retrace.around.chain:
        made = next(
            (node for node in [_definition(code, code.node(retrace.cause))] if node is not None), None
        )
    found = find_hoistable(code, retrace.place, retrace.around.loop, made)
    if found.name is None and not compiled:
        raise RefusedError("what is made is not bound to a name")
    patch = Patch(code)
    hoist(code, found, patch)
    if compiled:
        message = (
            "compile the model once before the loop; its optimizer then keeps its state from one to the next"
        )
    else:
        message = f"make `{found.name}` once before the loop; what it reads while it is traced is read once"
    return Rewrite(message, Applicability.UNSAFE, patch.tree())


def _definition(code: Code, node: cst.CSTNode) -> cst.FunctionDef | None:
    """Return the `def` that a node is, or is the name of."""
    if isinstance(node, cst.FunctionDef):
        return node
    above = code.parent(node)
    return above if isinstance(above, cst.FunctionDef) and above.name is node else None


def as_tensor(retrace: Retrace, code: Code) -> Rewrite:
    """Make the number a tensor where the traced function is called."""
    assert retrace.argument is not None
    fact = call_at(code.project, retrace.cause).call
    call = code.node(retrace.cause)
    if not isinstance(call, cst.Call):
        raise RefusedError("the call is not written as a plain call")
    module = next(
        (item.name for item in imports_of(code.facts) if (item.module, item.attr) == ("tensorflow", None)),
        None,
    )
    if module is None:
        raise RefusedError("the module does not import tensorflow itself")
    given = [*fact.args, *(value for _, value in fact.keywords)]
    position = next(number for number, item in enumerate(given) if item is retrace.argument)
    keywords = [arg for arg in call.args if arg.keyword is not None]
    plain = [arg for arg in call.args if arg.keyword is None]
    number = [*plain, *keywords][position].value
    patch = Patch(code)
    # tf.summary.scalar("loss", loss, step=epoch) takes a tensor of 64 bits, and no other
    wide = is_summary_step(code.project, retrace.cause, fact, retrace.argument)
    kind = f", {module}.int64" if wide else ""
    patch.replace(number, f"{module}.constant({code.text(number)}{kind})")
    message = f"pass {module}.constant({text(retrace.argument)}{kind}), so that one trace serves all"
    return Rewrite(message, Applicability.UNSAFE, patch.tree())


__all__ = ["as_tensor", "hoisted"]
