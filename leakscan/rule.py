"""The public API for rules and fixes: subclass `Rule`, yield `Report`s from `judge`, name `strategies`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from leakscan.diagnostics import Applicability, Confidence, Severity

if TYPE_CHECKING:
    import libcst as cst

    from leakscan.analysis.project import Project
    from leakscan.analysis.rewriting import Code

__all__ = [
    "Applicability",
    "Confidence",
    "Place",
    "RefusedError",
    "Report",
    "Rewrite",
    "Rule",
    "Severity",
    "Step",
    "Strategy",
]


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
    `refs[1]`, ..., seen from the reported file. `loop` is the loop whose iterations leak, where there is
    one: measuring counts them. `subject` is whatever the rule's strategies need to know.
    """

    place: Place
    message: str
    help: str
    severity: Severity
    confidence: Confidence
    chain: tuple[Step, ...] = ()
    refs: tuple[Place, ...] = ()
    loop: Place | None = None
    subject: object = None


@dataclass(frozen=True, slots=True)
class Rewrite:
    """What a strategy does about one finding.

    tree: the module after the fix; None where the fix is only described.
    message: one line, what the fix does here.
    """

    message: str
    applicability: Applicability
    tree: cst.Module | None = None


class RefusedError(Exception):
    """Raised by a strategy that does not apply to a finding; the text is the reason, in one line."""


class Strategy(ABC):
    """One named way to remove the findings of a rule: a LibCST codemod. Instances hold no state.

    A rule may offer several, the preferred one first: which one pays is a matter of measurement.
    """

    name: ClassVar[str]
    summary: ClassVar[str]
    applicability: ClassVar[Applicability]

    @abstractmethod
    def rewrite(self, report: Report, code: Code) -> Rewrite:
        """Return the fix of `report`, whose module is `code`. Raises RefusedError where there is none."""


class Rule(ABC):
    """One smell. Instances hold no state: `judge` may be called for many projects."""

    code: ClassVar[str]
    name: ClassVar[str]
    summary: ClassVar[str]
    severity: ClassVar[Severity]
    enabled_by_default: ClassVar[bool] = True
    #: Findings below this are shown only when `--min-severity` asks for them.
    default_min_severity: ClassVar[Severity] = Severity.LOW
    #: The fixes that the rule offers, the preferred one first.
    strategies: ClassVar[tuple[Strategy, ...]] = ()

    @abstractmethod
    def judge(self, project: Project) -> Iterable[Report]:
        """Yield a report for each place of `project` that has the smell."""
