"""Paths and settings -> what to report: discovery, linting, suppressions, filters."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from leakscan.cards import Rules, rules_of
from leakscan.config import Config, ConfigResolver
from leakscan.diagnostics import Diagnostic, FailLevel, FileError, FileReport
from leakscan.discovery import Excludes, Requested, absolute, find_requested
from leakscan.errors import EXIT_CLEAN, EXIT_ERROR, EXIT_FINDINGS
from leakscan.files import Source
from leakscan.filters import Filter, selected
from leakscan.looks import Look, Looks
from leakscan.projects import Loaded, Loader
from leakscan.records import dataclass, field, replace
from leakscan.reporters.text import plural
from leakscan.stack import with_deep_stack
from leakscan.workers import can_fork, in_processes

if TYPE_CHECKING:
    from leakscan.cache import Cache
    from leakscan.cluster import Cluster
    from leakscan.facts.kept import KeptFacts
    from leakscan.knowledge import Row
    from leakscan.rule import Rule
    from leakscan.sources import ProjectSources

_FINDINGS = "findings"
#: So many characters take longer to check than another process to start.
_WORTH_A_PROCESS = 100_000
#: So many characters are read before anybody needs them; the facts of ten times as many are held in memory.
_MOST_AHEAD = 10_000_000


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What a check found, in the order of `Diagnostic.sort_key` and `FileError.sort_key`.

    errors: what could not be done. skipped: cells that cannot be parsed, and files that nobody asked for by
    name: old code, templates and unfinished exercises lie in many repositories, and are no reason to fail.
    files_checked: the requested files that are Python text, whether or not TensorFlow matters in them.
    sources: what the findings point into, by displayed path. failing: how many findings are at or above the
    fail level of their directory.
    """

    findings: tuple[Diagnostic, ...]
    errors: tuple[FileError, ...]
    files_checked: int
    sources: Mapping[str, Source]
    skipped: tuple[FileError, ...] = ()
    failing: int = 0

    @property
    def problems(self) -> tuple[FileError, ...]:
        """Everything that could not be read or done, errors or not."""
        return tuple(sorted((*self.errors, *self.skipped), key=lambda item: item.sort_key))

    def exit_code(self, *, exit_zero: bool = False) -> int:
        """2 when something could not be checked, else 1 for findings at their fail level, else 0."""
        if self.errors:
            return EXIT_ERROR
        return EXIT_FINDINGS if self.failing and not exit_zero else EXIT_CLEAN


@dataclass(frozen=True, slots=True)
class Standard:
    """A program from standard input, checked as if it were the file `name` (None: no file)."""

    data: bytes
    name: str | None = None

    @property
    def place(self) -> str:
        """The file that it stands for: without a name a script, or a notebook, of the current directory."""
        from leakscan.notebooks import is_notebook

        return self.name or ("-.ipynb" if is_notebook(self.data) else "-")


@dataclass(frozen=True, slots=True)
class Request:
    """What to check. `standard` stands for the path `-`; `strict`: what cannot be parsed is an error.

    overlay: absolute path, displayed path and bytes of files that are checked as if they were so.
    """

    paths: tuple[str, ...]
    standard: Standard | None = None
    force_exclude: bool = False
    report_unused: bool = False
    strict: bool = False
    overlay: tuple[tuple[str, str, bytes], ...] = ()


@dataclass(slots=True)
class Listener:
    """Who wants to know how far the check is: `start(total)` once, `advance()` for each parsed file.

    warn: is given what is wrong with leakscan itself though the findings are right.
    """

    log: Callable[[str], None] = field(default=lambda _: None)
    start: Callable[[int], None] = field(default=lambda _: None)
    advance: Callable[[], None] = field(default=lambda: None)
    warn: Callable[[str], None] = field(default=lambda _: None)


def requested_files(request: Request, configs: ConfigResolver) -> Requested:
    """The files that a check would report on, and what cannot be read: paths, and their configurations."""
    requested = find_requested(request.paths, configs.excludes_of, force_exclude=request.force_exclude)
    problems = set()
    for directory in {*requested.directories, *map(os.path.dirname, requested.files)}:
        config = configs.for_directory(directory)
        if config.problem is not None:
            problems.add(_problem_of(config))
    for path in list(requested.files):
        if configs.for_file(path).broken:
            del requested.files[path]
    requested.errors += problems
    return requested


def _problem_of(config: Config) -> FileError:
    return FileError(config.origin or "", config.problem or "")


class Session:
    """Checks that follow one another: what was read of a file is kept while its text is the same.

    Every answer is that of a fresh check; only the reading of unchanged files is spared. One text is kept for
    each file that was ever checked, until the session ends. A session belongs to one thread at a time.

    cache: what earlier sessions have worked out, and where this one keeps what it does. jobs: how many
    processes may work at once, on a project each. keeps: whether it will be asked again; if not, what was
    read of a project is forgotten with its answer. cluster: what checks the projects in their place.
    """

    def __init__(
        self,
        configs: ConfigResolver,
        rules: Rules | Sequence[Rule],
        cache: Cache | None = None,
        *,
        jobs: int = 1,
        keeps: bool = True,
        cluster: Cluster | None = None,
    ) -> None:
        self.configs = configs
        self.rules = rules if isinstance(rules, Rules) else rules_of(rules)
        self._cache = cache
        self._jobs = jobs
        self._cluster = cluster
        self._keeps = keeps
        self._kept: KeptFacts | None = None
        self._looks: Mapping[bytes, Look] = {}

    def with_rules(self, rules: Sequence[Rule]) -> Session:
        """Return a session for other rules that keeps what this one has kept."""
        other = Session(self.configs, rules)
        other._kept = self._facts()
        return other

    def check(
        self,
        request: Request,
        listener: Listener | None = None,
        *,
        fixes: bool = True,
        verified: bool = True,
    ) -> CheckResult:
        """Check the requested files; without `fixes` none are worked out for the findings.

        verified: without, Python's own tree is taken at its word, see `linter.Depth`, and there are no fixes.
        Raises LeakscanError for a configuration that is wrong. The listener is called from another thread.
        """
        listener = listener or Listener()
        loaded = self._loaded(request)
        listener.start(sum(len(project) for project in loaded.projects))
        answers = self._answers(loaded.projects, _Asked(request, listener, fixes and verified, verified))
        return self._result(loaded, answers, request)

    def read_ahead(self, request: Request) -> Iterator[None]:
        """Read the files that a check may need, one at each step, so that it finds them read.

        Those of a project with more than 10 MB of text are left. Raises LeakscanError as `check` does.
        """
        for project in self._loaded(request).projects:
            sources = project.whole().sources
            if sum(len(source.text) for source in sources) <= _MOST_AHEAD:
                for source in sources:
                    with_deep_stack(functools.partial(self._facts().read, source.text, source.path))
                    yield

    def _loaded(self, request: Request) -> Loaded:
        looks = Looks(self._cache, before=self._looks if self._keeps else None)
        loaded = with_deep_stack(lambda: _load(request, self.configs, looks))
        if self._keeps:
            self._looks = looks.now
        return loaded

    def check_texts(
        self, projects: Sequence[tuple[str, Mapping[str, bytes]]], listener: Listener | None = None
    ) -> list[CheckResult]:
        """Check programs that are in no file: projects by name, each with bytes by path; one result for each.

        Findings name the paths in their project. Raises LeakscanError as `check` does.
        """
        asked = _Asked(Request(()), listener or Listener(), fixes=True)

        def load(name: str, files: Mapping[str, bytes]) -> Loaded:
            loader = Loader(Requested(), self.configs.excludes_of, _words(self.configs), Looks(self._cache))
            return loader.load_texts("/" + name.strip("/"), files)

        loaded = with_deep_stack(lambda: [load(name, files) for name, files in projects])
        everything = [project for item in loaded for project in item.projects]
        answers = iter(self._answers(everything, asked))
        return [self._result(item, [next(answers) for _ in item.projects], asked.request) for item in loaded]

    def _result(
        self, loaded: Loaded, answers: Sequence[Sequence[FileReport]], request: Request
    ) -> CheckResult:
        reports: list[FileReport] = []
        sources: dict[str, Source] = {}
        failing = 0
        for project, found in zip(loaded.projects, answers, strict=True):
            by_path = {source.display: source for source in project.sources}
            for report in found:
                reports.append(report)
                level = config_of(by_path[report.path], self.configs).fail_level or FailLevel.MEDIUM
                failing += sum(item.severity >= level for item in report.diagnostics)
                mentioned = {d.path for d in report.diagnostics}
                mentioned |= {note.path for d in report.diagnostics for note in d.chain}
                sources.update(project.shown_as(mentioned) if mentioned else {})
        errors = {*loaded.errors, *(error for report in reports for error in report.errors)}
        findings = (item for report in reports for item in report.diagnostics)
        skipped = set() if request.strict else _skipped(errors, request, loaded)
        return CheckResult(
            tuple(sorted(findings, key=lambda item: item.sort_key)),
            tuple(sorted(errors - skipped, key=lambda item: item.sort_key)),
            loaded.files_checked,
            sources,
            tuple(sorted(skipped, key=lambda item: item.sort_key)),
            failing,
        )

    def _answers(self, projects: Sequence[ProjectSources], asked: _Asked) -> list[Sequence[FileReport]]:
        """Return what is shown of each project: as an earlier check of the same texts found it, or anew."""
        cache = self._cache if self.rules.stable else None
        keys = ["" if cache is None else self._key(project, asked) for project in projects]
        answers = {
            number: known
            for number, key in enumerate(keys)
            if cache is not None and (known := _stored(cache, key)) is not None
        }
        for root, files in _by_root([projects[number] for number in answers]):
            asked.listener.log(f"{root}: {files}, known from the cache")
        missing = [number for number in range(len(projects)) if number not in answers]
        for number, answer in self._anew([projects[number] for number in missing], asked):
            answers[missing[number]] = answer.reports
            for warning in answer.warnings:
                asked.listener.warn(warning)
            if cache is not None and answer.lasts:
                cache.put(_FINDINGS, keys[missing[number]], answer.to_bytes(all_reports=False))
        return [answers[number] for number in range(len(projects))]

    def _anew(self, projects: Sequence[ProjectSources], asked: _Asked) -> Iterator[tuple[int, _Answer]]:
        """Yield what is found in each project, with its number, as soon as it is known."""
        for root, files in _by_root(projects):
            asked.listener.log(f"{root}: {files} to parse")
        done: set[int] = set()
        for number, data in self._from_others(projects, replace(asked, listener=Listener())):
            answer = _Answer.from_bytes(data)
            if answer is not None:
                done.add(number)
                for _ in range(len(projects[number])):
                    asked.listener.advance()
                yield number, answer
        for number, project in enumerate(projects):
            if number not in done:
                yield number, self._answer(project, asked)

    def _from_others(self, projects: Sequence[ProjectSources], asked: _Asked) -> Iterator[tuple[int, bytes]]:
        """Yield what other processes answer, if any are asked; what went wrong there does not come."""
        if self._cluster is not None:
            for project in projects:
                for source in project.sources:
                    config_of(source, self.configs)  # is known there without its file
            codes = tuple(card.code for card in self.rules.cards)
            yield from self._cluster.results(Elsewhere(self.configs, codes, asked).answer, projects)
            return
        sizes = [sum(len(source.text) for source in project.sources) for project in projects]
        if self._jobs == 1 or len(projects) < 2:  # noqa: PLR2004
            return
        if sum(sizes) - max(sizes) < _WORTH_A_PROCESS or not can_fork():
            return
        self.rules.loaded()
        # The largest first: no process is left with one when all others are done.
        order = sorted(range(len(projects)), key=lambda number: -sizes[number])

        def work(place: int) -> bytes:
            self._kept = None  # in a process of its own: what was kept is of another project
            return self._answer(projects[order[place]], asked).to_bytes(all_reports=True)

        for place, data in in_processes(len(projects), self._jobs, work):
            yield order[place], data

    def _answer(self, project: ProjectSources, asked: _Asked) -> _Answer:
        warned: list[str] = []
        noting = replace(asked, listener=replace(asked.listener, warn=warned.append))
        reports = with_deep_stack(lambda: tuple(self._shown(project, noting)))
        if not self._keeps:
            self._kept = None
        return _Answer(reports, tuple(warned))

    def _key(self, project: ProjectSources, asked: _Asked) -> str:
        """Return what stands for all that the findings of a project rest on, beside leakscan itself."""
        from leakscan.cache import digest

        codes = [card.code for card in self.rules.cards]
        parts: list[bytes | str] = [f"{codes} {asked.request.report_unused} {asked.depth} {project.root}"]
        for source in project.sources:
            # Which files are left out is seen in the sources.
            config = config_of(source, self.configs) if source.requested else None
            settings = None if config is None else replace(config, excludes=Excludes(), origin=None)
            parts += [f"{source.path}\0{source.display}\0{settings}\0{source.notebook}", source.text]
        parts += [*project.links, *project.context.parts()]
        return digest(*parts)

    def _shown(self, project: ProjectSources, asked: _Asked) -> Iterator[FileReport]:
        """Yield what is shown of each requested file of a project, with fixes of that alone."""
        from leakscan.linter import Depth, lint  # imports libcst, which `--show-files` does not need

        used = {config_of(source, self.configs) for source in project.sources if source.requested}
        wanted = {card.code for card in self.rules.cards if any(selected(card, config) for config in used)}
        rules = [rule for rule in self.rules.loaded() if rule.code in wanted]
        # Each once, in an order of their own: a set has none, and the last row of a name holds.
        rows = {row for config in used for row in config.rows}
        depth = Depth.FIXABLE if asked.fixes else Depth.VERIFIED if asked.verified else Depth.QUICK
        linted = lint(
            project,
            rules,
            rows=sorted(rows, key=lambda row: (row.name, row.effect.value)),
            kept=self._facts(),
            depth=depth,
            advance=asked.listener.advance,
        )
        for warning in linted.warnings:
            asked.listener.warn(warning)
        by_path = {source.display: source for source in project.sources}
        shown = Filter(self.configs, self.rules.cards, report_unused=asked.request.report_unused)
        for report in linted.reports:
            kept = replace(report, diagnostics=tuple(shown.kept(report, by_path[report.path])))
            yield linted.with_fixes(kept) if asked.fixes else kept

    def _facts(self) -> KeptFacts:
        from leakscan.facts.kept import KeptFacts

        if self._kept is None:
            self._kept = KeptFacts()
        return self._kept


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a check asks of each project."""

    request: Request
    listener: Listener
    fixes: bool
    verified: bool = True

    @property
    def depth(self) -> str:
        """What is worked out, in words: answers to other questions are other ones."""
        return f"{self.fixes} {self.verified}"


@dataclass(frozen=True, slots=True)
class _Answer:
    """What was found in a project, and what is wrong with leakscan itself."""

    reports: Sequence[FileReport]
    warnings: tuple[str, ...] = ()

    @property
    def lasts(self) -> bool:
        """Whether a later check may be told the same: what went wrong in leakscan itself is tried again."""
        failed = any(not error.unparsable for report in self.reports for error in report.errors)
        return not failed and not self.warnings

    def to_bytes(self, *, all_reports: bool) -> bytes:
        """Return it as bytes; those of files of which there is nothing to say are left out if told so."""
        from leakscan.stored import to_bytes

        says = (item for item in self.reports if all_reports or item.diagnostics or item.errors)
        return to_bytes(self.warnings, says)

    @classmethod
    def from_bytes(cls, data: bytes) -> _Answer | None:
        """Return what bytes hold, or None where they hold something else."""
        from leakscan.stored import from_bytes

        found = from_bytes(data)
        return None if found is None else cls(found[1], found[0])


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What another machine must know to check a project: it has leakscan, and its built-in rules."""

    configs: ConfigResolver
    codes: tuple[str, ...]
    asked: _Asked

    def answer(self, project: ProjectSources) -> bytes:
        """Return the answer as bytes. Raises ValueError where the rules are others than here."""
        from leakscan.registry import load_rules

        rules = [item.rule for item in load_rules()]
        if tuple(rule.code for rule in rules) != self.codes:
            raise ValueError("other rules are installed here")
        session = Session(self.configs, rules, keeps=False)
        return session._answer(project, self.asked).to_bytes(all_reports=True)  # noqa: SLF001 (here it is run)


def _by_root(projects: Iterable[ProjectSources]) -> Iterator[tuple[str, str]]:
    """Yield the roots, each with how many files there are, in words."""
    counts: dict[str, int] = {}
    for project in projects:
        counts[project.root] = counts.get(project.root, 0) + len(project)
    yield from ((root, plural(count, "file")) for root, count in counts.items())


def _stored(cache: Cache, key: str) -> Sequence[FileReport] | None:
    data = cache.get(_FINDINGS, key)
    answer = None if data is None else _Answer.from_bytes(data)
    return None if answer is None else answer.reports


def _load(request: Request, configs: ConfigResolver, looks: Looks) -> Loaded:
    requested = requested_files(request, configs)
    texts = list(request.overlay)
    if request.standard is not None:
        standard = request.standard
        texts.insert(0, (absolute(standard.place), standard.name or "-", standard.data))
    held = {configs.for_file(path) for path, _, _ in texts}
    requested.errors += [_problem_of(config) for config in held if config.problem is not None]
    loader = Loader(
        requested,
        configs.excludes_of,
        _words(configs),
        looks,
    )
    for path, display, data in texts:
        if not configs.for_file(path).broken:
            loader.add_text(path, display, data)
    return loader.load()


def _skipped(errors: set[FileError], request: Request, loaded: Loaded) -> set[FileError]:
    """Return the errors that are none: of files that cannot be parsed and were not asked for by name."""
    named = {absolute(path) for path in request.paths if os.path.isfile(path)}
    named |= {path for path, _, _ in request.overlay}
    standard = request.standard is not None
    found = {
        error
        for error in errors
        # Of a notebook with a bad cell the others count.
        if error.unparsable
        and (error.cell is not None or (absolute(error.path) not in named and not standard))
    }
    # Where nothing at all could be read, nothing was checked.
    unparsed = {error.path for error in found - set(loaded.errors) if error.cell is None}
    return found if loaded.files_checked > len(unparsed) else set()


def _words(configs: ConfigResolver) -> Callable[[str], set[bytes]]:
    # The last part of a name: nothing calls the function without it, or without importing who does.
    return lambda directory: {_last_part(row) for row in configs.for_directory(directory).rows}


def _last_part(row: Row) -> bytes:
    return row.name.rpartition(".")[2].lower().encode()


def config_of(source: Source, configs: ConfigResolver) -> Config:
    """The configuration that holds for a file."""
    return configs.for_file(source.path)
