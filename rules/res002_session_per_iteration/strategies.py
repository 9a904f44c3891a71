"""The advice of graphs that grow: `finalize`."""

from __future__ import annotations

from leakscan.rule import Advice


class Finalize(Advice):
    """Says how to find every place that adds to the graph."""

    name = "finalize"
    summary = "make the graph final before the loop: whatever adds to it is then an error"
    advice = (
        "move what makes operations before the loop and feed what changes through placeholders; "
        "tf.get_default_graph().finalize() before the loop makes whatever is left an error that names it"
    )


__all__ = ["Finalize"]
