"""The formats of `--output-format`: a new one is a function that takes a `Report`, and a row here."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from leakscan.diagnostics import Diagnostic, FileError
    from leakscan.files import Source
    from leakscan.reporters.text import Fixes, Line


@dataclass(frozen=True, slots=True)
class Report:
    """What a check found, as reporters take it.

    sources: what the findings point into, by displayed path. fixes: what is to be said of fixes. skipped:
    what could not be parsed, and is no error.
    """

    findings: Sequence[Diagnostic]
    errors: Sequence[FileError]
    files_checked: int
    sources: Mapping[str, Source]
    fixes: Fixes
    skipped: Sequence[FileError] = ()


@dataclass(frozen=True, slots=True)
class Format:
    """How findings are written.

    module and function: the reporter, which is imported when it is used. is_document: it is read by programs,
    so that nothing is added to it and it has no colours. tells_refusals: it says, beside a finding, why the
    strategy that was chosen does not fix it.
    """

    module: str
    function: str
    is_document: bool = False
    tells_refusals: bool = False

    def lines(self, report: Report) -> Iterable[Line]:
        """The report in this format."""
        module = importlib.import_module(f"leakscan.reporters.{self.module}")
        reporter = cast("Callable[[Report], Iterable[Line]]", getattr(module, self.function))
        return reporter(report)


FORMATS: Mapping[str, Format] = {
    "full": Format("text", "report_full", tells_refusals=True),
    "concise": Format("text", "report_concise"),
    "json": Format("json", "report_json", is_document=True),
}
