"""The public API for rules and fixes: subclass `Rule`, yield `Report`s from `judge`, name `strategies`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from leakscan.codemods.refusal import RefusedError
from leakscan.diagnostics import Applicability, Confidence, Estimate, Range, Severity
from leakscan.places import ChainLink, Place
from leakscan.records import dataclass

if TYPE_CHECKING:
    import libcst as cst

    from leakscan.codemods.rewriting import Code
    from leakscan.interpreter.project import Project
    from leakscan.knowledge import MethodRow, Row

__all__ = [
    "Advice",
    "Applicability",
    "ChainLink",
    "Confidence",
    "Estimate",
    "Place",
    "Range",
    "RefusedError",
    "Report",
    "Rewrite",
    "Rule",
    "Severity",
    "Strategy",
]


@dataclass(frozen=True, slots=True)
class Report:
    """One finding of a rule.

    `message` may hold `{0}`, `{1}`, ... which become `line 12` or `models.py:12` of `refs[0]`,
    `refs[1]`, ..., seen from the reported file. `loop` is the loop whose iterations leak, where there is
    one: measuring counts them. `subject` is whatever the rule's strategies need to know. `estimate` is what
    it may cost: its grounds are put behind the message, and the severity follows from it.
    """

    place: Place
    message: str
    help: str
    severity: Severity
    confidence: Confidence
    chain: tuple[ChainLink, ...] = ()
    refs: tuple[Place, ...] = ()
    loop: Place | None = None
    subject: object = None
    estimate: Estimate | None = None


@dataclass(frozen=True, slots=True)
class Rewrite:
    """What a strategy does about one finding.

    tree: the module after the fix; None where the fix is only described.
    message: one line, what the fix does here. by_name: it is made only where its strategy is chosen by name.
    """

    message: str
    applicability: Applicability
    tree: cst.Module | None = None
    by_name: bool = False


class Strategy(ABC):
    """One named way to remove the findings of a rule: a LibCST codemod. Instances hold no state.

    A rule may offer several, the preferred one first: which one pays is a matter of measurement.
    """

    name: ClassVar[str]
    summary: ClassVar[str]
    applicability: ClassVar[Applicability]
    #: Whether it makes the loop build once what it built in every iteration: what a later iteration then
    #: uses less is what building costs, and `validate` says so.
    builds_once: ClassVar[bool] = False

    @abstractmethod
    def rewrite(self, report: Report, code: Code) -> Rewrite:
        """Return the fix of `report`, whose module is `code`. Raises RefusedError where there is none."""


class Advice(Strategy):
    """A strategy that says what to do where no rewrite can do it."""

    applicability: ClassVar[Applicability] = Applicability.DISPLAY
    #: What to do, where it is the same for each finding.
    advice: ClassVar[str] = ""

    def advise(self, report: Report) -> str:  # noqa: ARG002 -- for advice that depends on the finding
        """Return what to do about `report`. Raises RefusedError where the advice does not fit."""
        return self.advice

    def rewrite(self, report: Report, code: Code) -> Rewrite:  # noqa: ARG002 -- advice needs no tree
        """Return the advice."""
        return Rewrite(self.advise(report), self.applicability)


class Rule(ABC):
    """One smell. Instances hold no state: `judge` may be called for many projects."""

    code: ClassVar[str]
    name: ClassVar[str]
    summary: ClassVar[str]
    severity: ClassVar[Severity]
    enabled_by_default: ClassVar[bool] = True
    #: Findings below this are shown only when `--min-severity` asks for them.
    default_min_severity: ClassVar[Severity] = Severity.LOW
    #: Whether it reports at other places than calls that it asks about, and the ways that lead to them: then
    #: a check of some files of a project always runs all of it.
    needs_all: ClassVar[bool] = False
    #: What the rule knows of names that the catalogue does not, for all rules.
    knowledge: ClassVar[tuple[Row | MethodRow, ...]] = ()
    #: The fixes that the rule offers, the preferred one first.
    strategies: ClassVar[tuple[Strategy, ...]] = ()

    @abstractmethod
    def judge(self, project: Project) -> Iterable[Report]:
        """Yield a report for each place of `project` that has the smell."""
