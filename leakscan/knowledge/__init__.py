"""What the names of libraries mean, as rows of data: a module for each library.

A rule adds rows of its own with `Rule.knowledge`, a project with keys of `[tool.leakscan]`.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from leakscan.knowledge import drivers, interfaces, keras, python, searches, servers, tensorflow
from leakscan.knowledge.model import DRIVING, Effect, Kind, Knowledge, Library, MethodRow, Row, When, Words

LIBRARIES: tuple[Library, ...] = (
    python.LIBRARY,
    drivers.LIBRARY,
    servers.LIBRARY,
    interfaces.LIBRARY,
    keras.LIBRARY,
    tensorflow.LIBRARY,
    # After TensorFlow: optimizer.minimize(objective) of a search repeats its argument.
    searches.LIBRARY,
)


@lru_cache(maxsize=4)
def _knowledge(extra: tuple[Row | MethodRow, ...]) -> Knowledge:
    return Knowledge(LIBRARIES, extra)


def knowledge(extra: Iterable[Row | MethodRow] = ()) -> Knowledge:
    """Return what is known of all libraries, and of `extra`, which stands before it."""
    return _knowledge(tuple(extra))


__all__ = [
    "DRIVING",
    "LIBRARIES",
    "Effect",
    "Kind",
    "Knowledge",
    "Library",
    "MethodRow",
    "Row",
    "When",
    "Words",
    "knowledge",
]
