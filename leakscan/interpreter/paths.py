"""The state of a path through a function, and where jumps leave theirs."""

from __future__ import annotations

from leakscan.interpreter.values import Value
from leakscan.records import dataclass, field


@dataclass(slots=True)
class State:
    """What is bound on this path, and the creations on it that nothing has released yet."""

    env: dict[str, Value]
    unreleased: dict[int, None]


@dataclass(slots=True)
class Control:
    """Where `break` and `continue` of the innermost loop leave their states."""

    breaks: list[State] = field(default_factory=list)
    continues: list[State] = field(default_factory=list)
    finals: int = 0
