"""The formats of `--output-format`: a new one is a function that takes a `Report`, and a row here."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, cast

from leakscan.records import dataclass

if TYPE_CHECKING:
    from leakscan.diagnostics import Diagnostic, FileError
    from leakscan.files import Source
    from leakscan.reporters.text import Fixes, Line


@dataclass(frozen=True, slots=True)
class RulePage:
    """What is known of a rule for who reads its findings elsewhere; markdown is its page."""

    summary: str
    markdown: str


def _no_pages() -> Mapping[str, RulePage]:
    return {}


@dataclass(frozen=True, slots=True)
class Report:
    """What a check found, as reporters take it.

    sources: what the findings point into, by displayed path. fixes: what is to be said of fixes. skipped:
    what could not be parsed, and is no error. pages: gives the page of each rule, by code. width:
    how many cells a line of the terminal has, where people look at one.
    """

    findings: Sequence[Diagnostic]
    errors: Sequence[FileError]
    files_checked: int
    sources: Mapping[str, Source]
    fixes: Fixes
    skipped: Sequence[FileError] = ()
    pages: Callable[[], Mapping[str, RulePage]] = _no_pages
    width: int | None = None


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
    "grouped": Format("text", "report_grouped"),
    "json": Format("json", "report_json", is_document=True),
    "json-lines": Format("json", "report_json_lines", is_document=True),
    "sarif": Format("sarif", "report_sarif", is_document=True),
    "github": Format("annotations", "report_github", is_document=True),
    "gitlab": Format("annotations", "report_gitlab", is_document=True),
    "junit": Format("annotations", "report_junit", is_document=True),
    "rdjson": Format("annotations", "report_rdjson", is_document=True),
    "azure": Format("annotations", "report_azure", is_document=True),
}
