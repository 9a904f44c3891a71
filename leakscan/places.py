"""Where something is in a project, without positions: they cost more than a parse and are looked up late."""

from __future__ import annotations

from leakscan.records import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A node of the project: the index of its module and the node's number within it.

    Facts carry numbers, not positions: positions cost more than the parse, so they are looked up only
    for what is reported.
    """

    module: int
    node: int


@dataclass(frozen=True, slots=True)
class ChainLink:
    """A link of the chain from the reported place to the cause, in the order of the calls.

    `message` may hold `{line}`, which becomes the 1-based line of `place`.
    """

    place: Place
    message: str


__all__ = ["ChainLink", "Place"]
