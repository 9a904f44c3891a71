"""What the rules about models that are built again say of one: what builds it, when, and where that is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leakscan.questions import Origin
from leakscan.records import dataclass

if TYPE_CHECKING:
    from leakscan.questions import Rebuild
    from leakscan.rule import Place

#: What is done to the name that the message ends with: a class, or a function that gives a model.
_DONE = {Origin.CONSTRUCTED: "constructed", Origin.COPIED: "called", Origin.LOADED: "called"}


@dataclass(frozen=True, slots=True)
class Told:
    """Parts of a message; `{0}` and `{1}` in them are the places of `refs`."""

    what: str
    when: str
    refs: tuple[Place, ...]


def told(rebuild: Rebuild) -> Told:
    """Return how a message tells of a rebuild."""
    # minimize(lambda p: build(p[0]).fit(x, y)...)  # the loop is the driver's
    driven = rebuild.driver is not None
    when = f"on every call by {rebuild.driver}" if driven else "in every iteration of the loop at {0}"
    if rebuild.driver == "Streamlit":
        when = "on every rerun by Streamlit"
    if not rebuild.chain:
        return Told(f"{rebuild.label} is {_DONE[rebuild.origin]}", when, (rebuild.loop,))
    # create() constructs keras.Sequential; latest() calls keras.models.load_model
    verb = rebuild.origin.verb if rebuild.origin is Origin.CONSTRUCTED else "calls"
    built = rebuild.chain[0].message.split(" ")[0]
    refs = (rebuild.loop, rebuild.chain[-1].place)
    return Told(f"{built} ({{1}}) {verb} {rebuild.label}", when, refs)


__all__ = ["Told", "told"]
