"""The advice of graphs that grow: `finalize`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leakscan.rule import Applicability, Report, Rewrite, Strategy

if TYPE_CHECKING:
    from leakscan.codemods.rewriting import Code


class Finalize(Strategy):
    """Says how to find every place that adds to the graph."""

    name = "finalize"
    summary = "make the graph final before the loop: whatever adds to it is then an error"
    applicability = Applicability.DISPLAY

    def rewrite(self, report: Report, code: Code) -> Rewrite:  # noqa: ARG002 -- the advice is the same everywhere
        """Return the advice."""
        return Rewrite(
            "move what makes operations before the loop and feed what changes through placeholders; "
            "tf.get_default_graph().finalize() before the loop makes whatever is left an error that names it",
            self.applicability,
        )
