"""UTR004: a persistent gradient tape is kept, and with it every intermediate that it recorded."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from leakscan.questions import retentions
from leakscan.rule import Report, Rule, Severity

from ..families.retention_reports import report
from .strategies import Release

if TYPE_CHECKING:
    from leakscan.interpreter.project import Project


class PersistentTapeKept(Rule):
    """`GradientTape(persistent=True)` in a container or an attribute."""

    code = "UTR004"
    name = "persistent-tape-kept"
    summary = "a persistent gradient tape is stored where it outlives its iteration"
    severity = Severity.HIGH
    strategies = (Release(),)

    def judge(self, project: Project) -> Iterable[Report]:
        """Yield a report for each place that keeps a persistent tape."""
        for found in retentions(project):
            if not found.tapes:
                continue
            # tapes = deque(maxlen=1); self.tape = None; del self.tape
            if found.bounded or found.rebuilt:
                continue
            yield report(
                project,
                found,
                f"persistent tape kept in `{found.name}` {{where}}; "
                "it holds every intermediate that it recorded",
                "take the gradients, then `del` the tape, or let it die with the iteration",
            )
