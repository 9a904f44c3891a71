"""The fixes; what needs LibCST is imported when one is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leakscan.rule import Applicability, RefusedError, Report, Rewrite, Strategy

from .retraces import Retrace, Shape

if TYPE_CHECKING:
    from leakscan.codemods.rewriting import Code


class Hoist(Strategy):
    """Makes the traced function, or compiles the model, once, before the loop."""

    name = "hoist"
    summary = "make the traced function, or compile the model, once before the loop"
    applicability = Applicability.UNSAFE

    def rewrite(self, report: Report, code: Code) -> Rewrite:
        """Return the module with the statement before the loop."""
        from .fixes import hoisted

        retrace = report.subject
        assert isinstance(retrace, Retrace)
        if retrace.shape not in {Shape.MADE, Shape.COMPILED}:
            raise RefusedError("it is an argument that is traced, not the function that is made")
        return hoisted(retrace, code, compiled=retrace.shape is Shape.COMPILED)


class Tensor(Strategy):
    """Passes a tensor in the place of a Python number."""

    name = "tensor"
    summary = "pass tf.constant(step) in the place of a Python number, so that all steps share one trace"
    applicability = Applicability.UNSAFE

    def rewrite(self, report: Report, code: Code) -> Rewrite:
        """Return the module with the number made a tensor."""
        from .fixes import as_tensor

        retrace = report.subject
        assert isinstance(retrace, Retrace)
        if retrace.shape is not Shape.NUMBER:
            raise RefusedError("it is not a Python number that changes")
        return as_tensor(retrace, code)
