"""What a check produces: plain, frozen, picklable records that import the standard library only."""

from __future__ import annotations

import enum

from leakscan.records import dataclass


class Severity(enum.IntEnum):
    """What a leak may cost.

    high: seconds or tens of megabytes in each iteration, or less without end. medium: not known to be small.
    low: provably small, which is advice: shown in one line, and no reason to fail.
    """

    LOW = 1
    MEDIUM = 2
    HIGH = 3

    @property
    def label(self) -> str:
        """The lower-case word that users see."""
        return self.name.lower()


class FailLevel(enum.IntEnum):
    """From which severity on findings fail the run: compare with a `Severity`."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3
    NEVER = 4


class Confidence(enum.IntEnum):
    """How sure the analysis is that the shape is there."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3

    @property
    def label(self) -> str:
        """The lower-case word that users see."""
        return self.name.lower()


class Applicability(enum.Enum):
    """Whether a fix may be applied without looking (safe), on request (unsafe), or only shown (display)."""

    SAFE = "safe"
    UNSAFE = "unsafe"
    DISPLAY = "display"


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in a file: 1-based line, 1-based column (code points).

    In a notebook `cell` counts all cells (markdown too) from 0 and `line` counts within the cell;
    elsewhere `cell` is None.
    """

    line: int
    column: int
    cell: int | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """From `start` up to, not including, `end`."""

    start: Position
    end: Position


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the text of `span` by `replacement`."""

    span: Span
    replacement: str


@dataclass(frozen=True, slots=True)
class Fix:
    """One named way to remove a finding: edits that do not overlap, sorted; none where it is display only.

    by_name: it is made only where its strategy was chosen by name, never because nothing else applies.
    """

    strategy: str
    applicability: Applicability
    message: str
    edits: tuple[Edit, ...] = ()
    by_name: bool = False

    @property
    def label(self) -> str:
        """How safe it is, and whether it must be asked for: `unsafe, by name`."""
        return f"{self.applicability.value}, by name" if self.by_name else self.applicability.value


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a strategy of the rule does not apply to a finding; one line."""

    strategy: str
    reason: str


@dataclass(frozen=True, slots=True)
class Note:
    """A link of the chain that leads from the finding to its cause; `path` is as displayed."""

    path: str
    position: Position
    message: str


@dataclass(frozen=True, slots=True)
class Range:
    """From `low` to `high`, both included: an estimate is never one bare number."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a finding may cost, and what that rests on.

    what: what is created or kept, as the message names it. grounds: one line for people, which ends the
    message. iterations: how often in all, or None where the code does not say it. endless: what repeats it
    without a limit in sight, or None. size: its size class: scalar, prediction, value, gradient, activation,
    tape, model. seconds, bytes: what one iteration costs in CPU time, and keeps in memory; None where neither
    is known. source: where these figures come from: a line of docs/costs.md.
    """

    what: str
    grounds: str
    iterations: int | None = None
    endless: str | None = None
    size: str | None = None
    seconds: Range | None = None
    bytes: Range | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding. `path` is displayed as given on the command line, with forward slashes."""

    code: str
    name: str
    message: str
    help: str
    severity: Severity
    confidence: Confidence
    path: str
    span: Span
    chain: tuple[Note, ...] = ()
    #: What removes it, the rule's preferred strategy first, and which of its strategies cannot.
    fixes: tuple[Fix, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    #: The loop whose iterations leak, where there is one.
    loop: Note | None = None
    #: What it may cost; its grounds end the message.
    estimate: Estimate | None = None

    @property
    def is_advice(self) -> bool:
        """Whether it is shown in one line after the findings: what it costs is provably small."""
        return self.severity is Severity.LOW

    @property
    def sort_key(self) -> tuple[str, int, int, int, str, str]:
        """Findings are printed by path, (cell,) line, column, code."""
        start = self.span.start
        return (
            self.path,
            -1 if start.cell is None else start.cell,
            start.line,
            start.column,
            self.code,
            self.message,
        )


@dataclass(frozen=True, slots=True)
class FileError:
    """Why a file (or a cell of it, or a rule on it) could not be checked; one line of text.

    `line` is 1-based (within `cell` for notebooks); None when the whole file is concerned. unparsable: the
    text is no Python that can be analysed, by its syntax, encoding, size or nesting.
    """

    path: str
    message: str
    line: int | None = None
    cell: int | None = None
    unparsable: bool = False

    @property
    def sort_key(self) -> tuple[str, int, int, str]:
        """Errors are printed by path, cell, line."""
        return (
            self.path,
            -1 if self.cell is None else self.cell,
            -1 if self.line is None else self.line,
            self.message,
        )


@dataclass(frozen=True, slots=True)
class FileReport:
    """Everything that one checked file produced, sorted."""

    path: str
    diagnostics: tuple[Diagnostic, ...] = ()
    errors: tuple[FileError, ...] = ()
