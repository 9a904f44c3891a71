"""The fixes; what needs LibCST is imported when one is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leakscan.rule import Applicability, Report, Rewrite, Strategy

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

        return hoisted(report, code)


class Tensor(Strategy):
    """Passes a tensor in the place of a Python number."""

    name = "tensor"
    summary = "pass tf.constant(step) in the place of a Python number, so that all steps share one trace"
    applicability = Applicability.UNSAFE

    def rewrite(self, report: Report, code: Code) -> Rewrite:
        """Return the module with the number made a tensor."""
        from .fixes import as_tensor

        return as_tensor(report, code)
