"""Paths and settings -> what to report: discovery, linting, suppressions, filters."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from leakscan.config import Config, ConfigResolver
from leakscan.diagnostics import Confidence, Diagnostic, FileError, FileReport, Severity
from leakscan.discovery import Requested, absolute, find_requested
from leakscan.errors import EXIT_CLEAN, EXIT_ERROR, EXIT_FINDINGS
from leakscan.files import ProjectSources, Source
from leakscan.projects import Loaded, Loader
from leakscan.reporters.text import plural
from leakscan.rule import Rule
from leakscan.suppressions import UNUSED_CODE, Suppressions


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What a check found, in the order of `Diagnostic.sort_key` and `FileError.sort_key`.

    files_checked: the requested files that are Python text, whether or not TensorFlow matters in them.
    sources: what the findings point into, by displayed path.
    """

    findings: tuple[Diagnostic, ...]
    errors: tuple[FileError, ...]
    files_checked: int
    sources: Mapping[str, Source]

    def exit_code(self, *, exit_zero: bool = False) -> int:
        """2 when something could not be checked, else 1 for findings, else 0."""
        if self.errors:
            return EXIT_ERROR
        return EXIT_FINDINGS if self.findings and not exit_zero else EXIT_CLEAN


@dataclass(frozen=True, slots=True)
class Standard:
    """A program from standard input, checked as if it were the file `name` (None: no file)."""

    data: bytes
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """What to check. `standard` stands for the path `-`.

    overlay: absolute path, displayed path and bytes of files that are checked as if they were so.
    """

    paths: tuple[str, ...]
    standard: Standard | None = None
    force_exclude: bool = False
    report_unused: bool = False
    overlay: tuple[tuple[str, str, bytes], ...] = ()


@dataclass(slots=True)
class Listener:
    """Who wants to know how far the check is: `start(total)` once, `advance()` for each parsed file."""

    log: Callable[[str], None] = field(default=lambda _: None)
    start: Callable[[int], None] = field(default=lambda _: None)
    advance: Callable[[], None] = field(default=lambda: None)


def requested_files(request: Request, configs: ConfigResolver) -> Requested:
    """The files that a check would report on, and the paths that cannot be read."""
    return find_requested(request.paths, configs.excludes_of, force_exclude=request.force_exclude)


def check(
    request: Request, configs: ConfigResolver, rules: Sequence[Rule], listener: Listener
) -> CheckResult:
    """Check the requested files. Raises LeakscanError for a configuration that is wrong."""
    loaded = _load(request, configs)
    listener.start(sum(len(project.sources) for project in loaded.projects))
    errors = list(loaded.errors)
    findings: list[Diagnostic] = []
    sources: dict[str, Source] = {}
    for project in loaded.projects:
        listener.log(f"{project.root}: {plural(len(project.sources), 'file')} to parse")
        reports = _lint(project, configs, rules, listener)
        by_path = {source.display: source for source in project.sources}
        reported = _Filter(configs, rules, report_unused=request.report_unused)
        for report in reports:
            errors.extend(report.errors)
            kept = reported.kept(report, by_path[report.path])
            findings.extend(kept)
            mentioned = {d.path for d in kept} | {note.path for d in kept for note in d.chain}
            sources.update((path, by_path[path]) for path in mentioned if path in by_path)
    return CheckResult(
        tuple(sorted(findings, key=lambda item: item.sort_key)),
        tuple(sorted(set(errors), key=lambda item: item.sort_key)),
        loaded.files_checked,
        sources,
    )


def _load(request: Request, configs: ConfigResolver) -> Loaded:
    requested = requested_files(request, configs)
    loader = Loader(requested, configs.excludes_of)
    if request.standard is not None:
        name = request.standard.name
        # Without a name it is a script of the current directory.
        loader.add_text(absolute(name or "-"), name or "-", request.standard.data)
    for path, display, data in request.overlay:
        loader.add_text(path, display, data)
    return loader.load()


def _lint(
    project: ProjectSources, configs: ConfigResolver, rules: Sequence[Rule], listener: Listener
) -> list[FileReport]:
    from leakscan.linter import lint  # imports libcst, which `--show-files` does not need

    used = {config_of(source, configs) for source in project.sources if source.requested}
    selected = [rule for rule in rules if any(_selected(rule, config) for config in used)]
    return lint(project, selected, advance=listener.advance)


def config_of(source: Source, configs: ConfigResolver) -> Config:
    """The configuration that holds for a file."""
    return configs.for_directory(source.path.rpartition("/")[0] or "/")


def _selected(rule: Rule, config: Config) -> bool:
    return config.selection.includes(rule.code, default=rule.enabled_by_default)


class _Filter:
    """Which findings of a report are shown: by suppressions, selection, severity and confidence."""

    def __init__(self, configs: ConfigResolver, rules: Sequence[Rule], *, report_unused: bool) -> None:
        self._configs = configs
        self._rules = {rule.code: rule for rule in rules}
        self._codes = (*self._rules, UNUSED_CODE)
        self._report_unused = report_unused

    def kept(self, report: FileReport, source: Source) -> list[Diagnostic]:
        if not report.diagnostics and not self._report_unused:
            return []
        config = config_of(source, self._configs)
        suppressions = Suppressions(source, self._codes)
        # Every finding passes by the suppressions: one that is filtered out still uses its comment.
        unsuppressed = [item for item in report.diagnostics if not suppressions.silences(item)]
        kept = [item for item in unsuppressed if self._shown(item, config, source.path)]
        if self._report_unused and not report.errors:
            enabled = {code for code, rule in self._rules.items() if _selected(rule, config)}
            kept += [
                item
                for item in suppressions.unused(enabled)
                if config.selection.includes(UNUSED_CODE, default=True)
                and not config.ignores(source.path, UNUSED_CODE)
            ]
        return kept

    def _shown(self, item: Diagnostic, config: Config, path: str) -> bool:
        rule = self._rules[item.code]
        if not _selected(rule, config) or config.ignores(path, item.code):
            return False
        lowest: Severity = config.min_severity or rule.default_min_severity
        return item.severity >= lowest and item.confidence >= (config.min_confidence or Confidence.MEDIUM)
