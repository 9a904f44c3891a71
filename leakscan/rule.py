"""The public API for rules: subclass `Rule`, yield `Report`s from `judge`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from leakscan.diagnostics import Confidence, Severity

if TYPE_CHECKING:
    from leakscan.analysis.project import Project

__all__ = ["Confidence", "Place", "Report", "Rule", "Severity", "Step"]


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A node of the project: the index of its module and the node's number within it.

    Facts carry numbers, not positions: positions cost more than the parse, so they are looked up only
    for what is reported.
    """

    module: int
    node: int


@dataclass(frozen=True, slots=True)
class Step:
    """A link of the chain from the reported place to the cause, in the order of the calls.

    `message` may hold `{line}`, which becomes the 1-based line of `place`.
    """

    place: Place
    message: str


@dataclass(frozen=True, slots=True)
class Report:
    """One finding of a rule.

    `message` may hold `{0}`, `{1}`, ... which become `line 12` or `models.py:12` of `refs[0]`,
    `refs[1]`, ..., seen from the reported file.
    """

    place: Place
    message: str
    help: str
    severity: Severity
    confidence: Confidence
    chain: tuple[Step, ...] = ()
    refs: tuple[Place, ...] = ()


class Rule(ABC):
    """One smell. Instances hold no state: `judge` may be called for many projects."""

    code: ClassVar[str]
    name: ClassVar[str]
    summary: ClassVar[str]
    severity: ClassVar[Severity]
    enabled_by_default: ClassVar[bool] = True
    #: Findings below this are shown only when `--min-severity` asks for them.
    default_min_severity: ClassVar[Severity] = Severity.LOW

    @abstractmethod
    def judge(self, project: Project) -> Iterable[Report]:
        """Yield a report for each place of `project` that has the smell."""
