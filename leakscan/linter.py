"""One project -> reports, in one pass from top to bottom: read, link and judge, locate, describe, fix."""

from __future__ import annotations

import enum
import posixpath
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from leakscan.diagnostics import Diagnostic, FileError, FileReport, Fix, Note, Refusal, Span
from leakscan.edits import UneditableError
from leakscan.facts.kept import KeptFacts
from leakscan.facts.model import ModuleFacts
from leakscan.facts.positions import ranges_as_libcst
from leakscan.facts.reading import UnreadableError
from leakscan.files import Source
from leakscan.interpreter.project import Project
from leakscan.interpreter.survey import Survey, UndecidedError
from leakscan.knowledge import Knowledge, Row, knowledge
from leakscan.records import dataclass, replace
from leakscan.rule import Place, RefusedError, Report, Rule
from leakscan.sources import ProjectSources

if TYPE_CHECKING:
    from leakscan.codemods.rewriting import Code
    from leakscan.interpreter.excerpt import Excerpt
    from leakscan.located import Tree


class Depth(enum.Enum):
    """How far files that reports name are looked into."""

    QUICK = enum.auto()
    """By Python's own tree alone where that places what is reported as LibCST does; see `KeptFacts.read`."""
    VERIFIED = enum.auto()
    """By LibCST, whose facts and places decide."""
    FIXABLE = enum.auto()
    """By LibCST, whose tree is kept for fixes."""


def lint(
    project: ProjectSources,
    rules: Sequence[Rule],
    *,
    rows: Iterable[Row] = (),
    kept: KeptFacts | None = None,
    depth: Depth = Depth.FIXABLE,
    advance: Callable[[], None] | None = None,
) -> Linted:
    """Check `project` with `rules` and what the project knows itself, `rows`.

    kept: the facts that are known already; those of changed files are added. advance: called once for each
    source that has been read.

    Of a project of which only some files are asked about, the others are read where these may have findings:
    see `survey`. The recursion follows the nesting of the code: see `with_deep_stack`.
    """
    kept, rows, warnings = kept or KeptFacts(), tuple(rows), []
    quick = depth is Depth.QUICK
    read = _read(project.sources, kept, advance or _nothing, quick=quick)
    if project.context.files:
        survey = _survey(read, project, rules, rows, kept)
        if _is_certain(survey, rules) or _has_nothing(read, project, rules, rows, kept):
            nothing = _Judged(read, survey, (), (), ())
            return Linted(nothing, _Located({}, {}, {}), (), ())
        read = _read(project.whole().sources, kept, advance or _nothing, quick=quick)
    while True:
        judged = _judge(read, Project(read.by_path(), project.index, _known(rules, rows)), rules)
        known = _located_quickly(judged, kept) if quick else {}
        located = _locate(judged, known, trees=depth is Depth.FIXABLE)
        if not located.corrections:
            break
        read = _corrected(read, located.corrections, kept)
        warnings += [_disagreement(read.modules[module]) for module in located.corrections]
    return Linted(judged, located, tuple(_describe(judged, located, item) for item in judged.found), warnings)


def _nothing() -> None:
    pass


@dataclass(frozen=True, slots=True)
class _Found:
    """A report, and the rule that gave it."""

    rule: Rule
    report: Report


# -- read --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Read:
    """The sources of a project: those that could be read, with their facts, and what is wrong with others."""

    sources: tuple[Source, ...]
    modules: tuple[Source, ...]
    facts: tuple[ModuleFacts, ...]
    errors: tuple[tuple[Source, FileError], ...]

    def by_path(self) -> dict[str, ModuleFacts]:
        """Return the facts of each file, in the order of the modules."""
        return {source.path: facts for source, facts in zip(self.modules, self.facts, strict=True)}


def _read(
    sources: tuple[Source, ...], kept: KeptFacts, advance: Callable[[], None], *, quick: bool = False
) -> _Read:
    modules: list[Source] = []
    facts: list[ModuleFacts] = []
    errors: list[tuple[Source, FileError]] = []
    for source in sources:
        try:
            module = kept.of(source.text, source.path, quick=quick and source.requested)
        except UnreadableError as error:
            errors.append((source, _error(source, error.message, error.line, unparsable=True)))
        else:
            modules.append(source)
            facts.append(module)
        advance()
    return _Read(sources, tuple(modules), tuple(facts), tuple(errors))


def _error(source: Source, message: str, line: int | None, *, unparsable: bool = False) -> FileError:
    cell = None
    if line is not None and source.notebook is not None:
        cell, line = source.notebook.locate(line)
    return FileError(source.display, message, line, cell, unparsable)


# -- survey ------------------------------------------------------------------------------------------------


def _survey(
    read: _Read, project: ProjectSources, rules: Sequence[Rule], rows: Iterable[Row], kept: KeptFacts
) -> Survey:
    """Return the requested modules as a project that reads others where they matter."""
    facts_of, defining = _reader(project, kept), project.context.defining
    return Survey(read.by_path(), project.index, _known(rules, rows), facts_of, defining)


def _reader(project: ProjectSources, kept: KeptFacts) -> Callable[[str], ModuleFacts | None]:
    """Return what reads files that nobody asked about."""

    def facts_of(path: str) -> ModuleFacts | None:
        source = project.context.source(path)
        if source is None:
            return None
        try:
            return kept.of(source.text, path)
        except UnreadableError:
            return None

    return facts_of


def finds_nothing(project: ProjectSources, rules: Sequence[Rule], kept: KeptFacts) -> bool:
    """Whether no rule finds anything in the requested files, as far as a survey or an excerpt can say."""
    read = _read(project.sources, kept, _nothing)
    survey = _survey(read, project, rules, (), kept)
    return _is_certain(survey, rules) or _has_nothing(read, project, rules, (), kept)


def _is_certain(survey: Survey, rules: Sequence[Rule]) -> bool:
    """Whether no rule can have a finding in the modules that were asked about, whatever the others are."""
    if any(rule.needs_all for rule in rules):
        return False
    try:
        return not any(True for rule in rules for _ in rule.judge(survey))
    except UndecidedError:
        return False
    except Exception:  # noqa: BLE001 -- a third-party rule may raise anything, and does so again
        return False


def _excerpt(
    read: _Read, project: ProjectSources, rules: Sequence[Rule], rows: Iterable[Row], kept: KeptFacts
) -> Excerpt:
    """Return the part of a project that has to do with the requested modules."""
    # Most surveys say that there is nothing.
    from leakscan.interpreter.excerpt import Excerpt
    from leakscan.spelled import Spelled

    spelled = Spelled(project)
    own = read.by_path()
    others = _reader(project, kept)

    def facts_of(path: str) -> ModuleFacts | None:
        return own[path] if path in own else others(path)

    return Excerpt(spelled.paths, own, project.index, _known(rules, rows), facts_of, spelled)


def _has_nothing(
    read: _Read, project: ProjectSources, rules: Sequence[Rule], rows: Iterable[Row], kept: KeptFacts
) -> bool:
    """Whether no rule finds anything in the requested modules, by the part of a project that matters."""
    if any(rule.needs_all for rule in rules):
        return False
    try:
        excerpt = _excerpt(read, project, rules, rows, kept)
        requested = set(excerpt.requested)
        if any(report.place.module in requested for rule in rules for report in rule.judge(excerpt)):
            return False
    except UndecidedError:
        return False
    except Exception:  # noqa: BLE001 -- a third-party rule may raise anything, and does so again
        return False
    return all(module not in requested for module, _, _ in excerpt.failures)


# -- link and judge ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Judged:
    """What the rules found in requested files, and where the analysis failed there: place and reason."""

    read: _Read
    linked: Project
    found: tuple[_Found, ...]
    failures: tuple[tuple[Place, str], ...]
    errors: tuple[tuple[Source, FileError], ...]


def _known(rules: Sequence[Rule], rows: Iterable[Row]) -> Knowledge:
    return knowledge([*(row for rule in rules for row in rule.knowledge), *rows])


def _judge(read: _Read, linked: Project, rules: Sequence[Rule]) -> _Judged:
    """Run the rules; one that raises is an error, the others go on."""
    found: list[_Found] = []
    errors: list[tuple[Source, FileError]] = []
    first = next((source for source in read.sources if source.requested), None)
    for rule in rules:
        try:
            found.extend(_Found(rule, report) for report in rule.judge(linked))
        except Exception as error:  # noqa: BLE001 -- a third-party rule may raise anything
            if first is not None:
                errors.append((first, _error(first, f"rule {rule.code} failed: {_problem(error)}", None)))
    # Both phases may stumble over the same function.
    failures = dict.fromkeys(
        (Place(index, node), reason)
        for index, node, reason in linked.failures
        if read.modules[index].requested
    )
    requested = tuple(item for item in found if read.modules[item.report.place.module].requested)
    return _Judged(read, linked, requested, tuple(failures), tuple(errors))


def _problem(error: BaseException) -> str:
    """Say what was raised, and where."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = "" if trace is None else f" ({trace.tb_frame.f_code.co_filename}:{trace.tb_lineno})"
    return f"{type(error).__name__}: {error}{where}"


# -- locate ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Located:
    """Where all that is said to users stands.

    trees: of the modules with reports, where they may be fixed.
    corrections: the facts of modules of which LibCST sees others than those that were judged.
    """

    spans: Mapping[Place, Span]
    trees: Mapping[int, Tree]
    corrections: Mapping[int, ModuleFacts]


def _wanted(judged: _Judged) -> dict[int, set[int]]:
    """Return the numbers of the nodes that reports name, by module."""
    wanted: dict[int, set[int]] = {}
    for place in (*_places(judged.found), *(place for place, _ in judged.failures)):
        wanted.setdefault(place.module, set()).add(place.node)
    return wanted


def _located_quickly(judged: _Judged, kept: KeptFacts) -> dict[int, dict[Place, Span]]:
    """Return the places in modules where Python's own tree has what reports name where LibCST has it."""
    located: dict[int, dict[Place, Span]] = {}
    for module, wanted in _wanted(judged).items():
        source = judged.read.modules[module]
        nodes = kept.nodes(source.text, source.path)
        ranges = None if nodes is None else ranges_as_libcst(source.text, nodes, wanted)
        if ranges is not None:
            located[module] = {Place(module, node): source.span(*found) for node, found in ranges.items()}
    return located


def _locate(judged: _Judged, known: Mapping[int, Mapping[Place, Span]], *, trees: bool) -> _Located:
    """Parse the files that reports name, one after the other, but for those of which the places are known."""
    wanted = {module: nodes for module, nodes in _wanted(judged).items() if module not in known}
    spans = {place: span for places in known.values() for place, span in places.items()}
    found: dict[int, Tree] = {}
    corrections: dict[int, ModuleFacts] = {}
    if not wanted:
        return _Located(spans, found, corrections)
    # LibCST, which a project without findings does not need
    from leakscan.facts.authority import same
    from leakscan.located import locate_file

    fixed = {item.report.place.module for item in judged.found if item.rule.strategies} if trees else set()
    for module in sorted(wanted):
        file = locate_file(judged.read.modules[module], wanted[module])
        if not same(file.facts, judged.read.facts[module]):
            corrections[module] = file.facts
            continue
        spans.update((Place(module, node), span) for node, span in file.spans.items())
        if module in fixed and file.tree is not None:
            found[module] = file.tree
    return _Located(spans, found, corrections)


def _corrected(read: _Read, corrections: Mapping[int, ModuleFacts], kept: KeptFacts) -> _Read:
    """Return what was read with the facts that LibCST, the authority, sees; each module comes here once."""
    facts = list(read.facts)
    for module, better in corrections.items():
        facts[module] = better
        kept.correct(read.modules[module].path, better)
    return replace(read, facts=tuple(facts))


def _disagreement(source: Source) -> str:
    return (
        f"{source.display}: internal error: two parsers read this file differently; "
        "the findings are those of the one that decides; please report it"
    )


def _places(found: Iterable[_Found]) -> Iterable[Place]:
    for item in found:
        report = item.report
        yield report.place
        yield from report.refs
        yield from (step.place for step in report.chain)
        if report.loop is not None:
            yield report.loop


# -- describe ----------------------------------------------------------------------------------------------


def _describe(judged: _Judged, located: _Located, item: _Found) -> Diagnostic:
    """Return what is said of a finding, but for its fixes."""
    rule, report = item.rule, item.report
    modules, spans = judged.read.modules, located.spans

    def note(place: Place, message: str) -> Note:
        start = spans[place].start
        return Note(modules[place.module].display, start, message.replace("{line}", str(start.line)))

    message = report.message if report.estimate is None else f"{report.message}; {report.estimate.grounds}"
    refs = [_reference(modules, spans[place], place.module, report.place.module) for place in report.refs]
    return Diagnostic(
        code=rule.code,
        name=rule.name,
        message=_fill(message, refs),
        help=_fill(report.help, refs),
        severity=report.severity,
        confidence=report.confidence,
        path=modules[report.place.module].display,
        span=spans[report.place],
        chain=tuple(note(step.place, step.message) for step in report.chain),
        loop=None if report.loop is None else note(report.loop, "the loop"),
        estimate=report.estimate,
    )


def _reference(modules: Sequence[Source], span: Span, module: int, seen_from: int) -> str:
    """Return `line 12`, `cell 3 line 12` or `models.py:12`, as seen from a module."""
    start = span.start
    if module != seen_from:
        return f"{posixpath.basename(modules[module].display)}:{start.line}"
    # Text counts cells from 1, as Jupyter's users do.
    return f"line {start.line}" if start.cell is None else f"cell {start.cell + 1} line {start.line}"


def _fill(template: str, refs: Sequence[str]) -> str:
    for number, ref in enumerate(refs):
        template = template.replace(f"{{{number}}}", ref)
    return template


# -- fix ---------------------------------------------------------------------------------------------------


class Linted:
    """What a check of one project found, and what working out fixes for some of it needs.

    reports: one for each requested source, in the order of paths; their findings have no fixes yet.
    warnings: what is wrong with leakscan itself, though the findings are right.
    """

    def __init__(
        self, judged: _Judged, located: _Located, found: tuple[Diagnostic, ...], warnings: Iterable[str]
    ) -> None:
        self.warnings = tuple(warnings)
        self._judged = judged
        self._trees = located.trees
        self._found = dict(zip(found, judged.found, strict=True))
        self._code: dict[int, Code] = {}
        self.reports = tuple(self._reports(located, found))

    def _reports(self, located: _Located, found: tuple[Diagnostic, ...]) -> Iterable[FileReport]:
        by_path: dict[str, list[Diagnostic]] = {}
        errors: dict[str, list[FileError]] = {}
        modules = self._judged.read.modules
        for item, diagnostic in zip(self._judged.found, found, strict=True):
            by_path.setdefault(modules[item.report.place.module].path, []).append(diagnostic)
        for source, error in (*self._judged.read.errors, *self._judged.errors):
            errors.setdefault(source.path, []).append(error)
        for place, reason in self._judged.failures:
            source, start = modules[place.module], located.spans[place].start
            message = (
                f"internal error of the analysis in a function, which is skipped: {reason}; please report it"
            )
            errors.setdefault(source.path, []).append(
                FileError(source.display, message, start.line, start.cell)
            )
        for source in self._judged.read.sources:
            if source.requested:
                diagnostics = sorted(by_path.get(source.path, ()), key=lambda item: item.sort_key)
                yield FileReport(source.display, tuple(diagnostics), tuple(errors.get(source.path, ())))

    def with_fixes(self, report: FileReport) -> FileReport:
        """Return findings of one of the files with their fixes, and with why some strategies give none."""
        errors = list(report.errors)
        diagnostics = [self._with_fixes(item, errors) for item in report.diagnostics]
        return FileReport(report.path, tuple(diagnostics), tuple(errors))

    def _with_fixes(self, diagnostic: Diagnostic, errors: list[FileError]) -> Diagnostic:
        item = self._found.get(diagnostic)
        if item is None or not item.rule.strategies:  # as for comments that silence nothing
            return diagnostic
        from leakscan.located import remedy

        module = item.report.place.module
        fixes: list[Fix] = []
        refusals: list[Refusal] = []
        for strategy in item.rule.strategies:
            try:
                source, code = self._judged.read.modules[module], self._code_of(module)
                fixes.append(remedy(strategy, item.report, code, source))
            except (RefusedError, UneditableError) as refused:
                refusals.append(Refusal(strategy.name, str(refused)))
            except Exception as error:  # noqa: BLE001 -- a third-party rule may raise anything
                message = f"strategy {strategy.name} of rule {item.rule.code} failed: {_problem(error)}"
                start = diagnostic.span.start
                errors.append(FileError(diagnostic.path, message, start.line, start.cell))
        return replace(diagnostic, fixes=tuple(fixes), refusals=tuple(refusals))

    def _code_of(self, module: int) -> Code:
        if module not in self._code:
            from leakscan.located import code_of

            if module not in self._trees:
                raise RefusedError("LibCST, which makes changes, cannot parse this file")
            self._code[module] = code_of(self._trees[module], self._judged.linked, module)
        return self._code[module]


__all__ = ["Depth", "Linted", "finds_nothing", "lint"]
