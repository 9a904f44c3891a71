"""One project -> reports: parse, link, judge, look positions up."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from leakscan.diagnostics import FileReport
from leakscan.files import ProjectSources
from leakscan.rule import Rule


def lint(
    project: ProjectSources,
    rules: Sequence[Rule],
    *,
    advance: Callable[[], None] | None = None,
) -> list[FileReport]:
    """Check `project` with `rules`; one report for each requested source, in the order of paths."""
    raise NotImplementedError
