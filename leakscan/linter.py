"""One project -> reports: parse, link, judge, look positions up."""

from __future__ import annotations

import ast
import ctypes
import gc
import posixpath
import sys
import threading
import warnings
from collections.abc import Callable, Sequence
from typing import TypeVar

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider

from leakscan.codemods.rewriting import Code
from leakscan.diagnostics import (
    Applicability,
    Diagnostic,
    FileError,
    FileReport,
    Fix,
    Note,
    Position,
    Refusal,
    Span,
)
from leakscan.edits import UneditableError, line_edits
from leakscan.facts.from_libcst import locate
from leakscan.facts.model import ModuleFacts
from leakscan.facts.reading import UnreadableError, read_facts
from leakscan.files import ProjectSources, Source
from leakscan.interpreter.project import Project
from leakscan.knowledge import knowledge
from leakscan.modules import ModuleIndex
from leakscan.rule import Place, RefusedError, Report, Rule, Strategy

#: LibCST's parser and the walks recurse with the nesting of the code: 512 MB, most of it never touched.
_STACK_BYTES = 512 * 1024 * 1024
_RECURSION_LIMIT = 60_000
#: After so much source, what the C allocator holds of freed syntax trees goes back to the system.
_TRIM_BYTES = 4_000_000
_T = TypeVar("_T")


def lint(
    project: ProjectSources,
    rules: Sequence[Rule],
    *,
    fixes: bool = True,
    advance: Callable[[], None] | None = None,
) -> list[FileReport]:
    """Check `project` with `rules`; one report for each requested source, in the order of paths.

    `advance` is called once for each source that has been parsed. Without `fixes` none are worked out.
    """
    return _with_deep_stack(lambda: _Run(project, rules, advance or _nothing, fixes=fixes).run())


def _nothing() -> None:
    pass


def _with_deep_stack(action: Callable[[], _T]) -> _T:
    """Run `action` in a thread of its own whose stack holds what deep nesting needs."""
    result: list[_T] = []
    failure: list[BaseException] = []

    def body() -> None:
        try:
            result.append(action())
        except BaseException as error:  # noqa: BLE001 -- raised again by the caller's thread
            failure.append(error)

    limit, size = sys.getrecursionlimit(), threading.stack_size(_STACK_BYTES)
    sys.setrecursionlimit(_RECURSION_LIMIT)
    try:
        thread = threading.Thread(target=body, name="leakscan")
        thread.start()
        thread.join()
    finally:
        threading.stack_size(size)
        sys.setrecursionlimit(limit)
    if failure:
        raise failure[0]
    return result[0]


class _Run:
    """The state of one check of one project."""

    def __init__(
        self, project: ProjectSources, rules: Sequence[Rule], advance: Callable[[], None], *, fixes: bool
    ) -> None:
        self.fixes = fixes
        self.linked: Project | None = None
        self.code: dict[int, Code] = {}
        self.sources = project.sources
        self.root = project.root
        self.rules = rules
        self.knowledge = knowledge(row for rule in rules for row in rule.knowledge)
        self.advance = advance
        self.errors: dict[int, list[FileError]] = {}
        self.modules: list[Source] = []
        self.positions: dict[int, dict[int, Span]] = {}

    def run(self) -> list[FileReport]:
        collecting = gc.isenabled()
        # Syntax trees have no cycles; the collector would walk millions of live nodes in vain.
        gc.disable()
        try:
            facts = self.parse()
            self.linked = Project(
                facts, ModuleIndex([source.path for source in self.modules], self.root), self.knowledge
            )
            reports = self.judge(self.linked)
            return self.resolve(reports)
        finally:
            if collecting:
                gc.enable()

    def parse(self) -> list[ModuleFacts]:
        facts: list[ModuleFacts] = []
        parsed = 0
        for number, source in enumerate(self.sources):
            parsed += len(source.text)
            if parsed > _TRIM_BYTES:
                parsed = 0
                _trim_heap()
            try:
                module = read_facts(source.text, source.path)
            except UnreadableError as error:
                self.fail(number, error.message, error.line)
            else:
                facts.append(module)
                self.modules.append(source)
            self.advance()
        return facts

    def fail(self, number: int, message: str, line: int | None) -> None:
        source = self.sources[number]
        cell = None
        if line is not None and source.notebook is not None:
            cell, line = source.notebook.locate(line)
        self.errors.setdefault(number, []).append(FileError(source.display, message, line, cell))

    def judge(self, linked: Project) -> list[tuple[Rule, Report]]:
        """Run the rules; one that raises is an error, the others go on."""
        found: list[tuple[Rule, Report]] = []
        for rule in self.rules:
            try:
                found.extend((rule, report) for report in rule.judge(linked))
            except Exception as error:  # noqa: BLE001 -- a third-party rule may raise anything
                number = next((n for n, source in enumerate(self.sources) if source.requested), 0)
                self.fail(number, f"rule {rule.code} failed: {_problem(error)}", None)
        # Both phases may stumble over the same function.
        for index, node, reason in dict.fromkeys(linked.failures):
            source = self.modules[index]
            line = self.span(Place(index, node)).start.line
            message = (
                f"internal error of the analysis in a function, which is skipped: {reason}; please report it"
            )
            if source.requested:
                self.errors.setdefault(self.sources.index(source), []).append(
                    FileError(source.display, message, line)
                )
        return [item for item in found if self.modules[item[1].place.module].requested]

    def resolve(self, reports: list[tuple[Rule, Report]]) -> list[FileReport]:
        by_path: dict[str, list[Diagnostic]] = {}
        for rule, report in reports:
            diagnostic = self.diagnostic(rule, report)
            by_path.setdefault(self.modules[report.place.module].path, []).append(diagnostic)
        result: list[FileReport] = []
        for number, source in enumerate(self.sources):
            if source.requested:
                found = sorted(by_path.get(source.path, ()), key=lambda item: item.sort_key)
                result.append(FileReport(source.display, tuple(found), tuple(self.errors.get(number, ()))))
        return result

    def diagnostic(self, rule: Rule, report: Report) -> Diagnostic:
        source = self.modules[report.place.module]
        refs = [self.reference(place, report.place.module) for place in report.refs]
        chain = tuple(
            Note(
                self.modules[step.place.module].display,
                self.span(step.place).start,
                step.message.replace("{line}", str(self.span(step.place).start.line)),
            )
            for step in report.chain
        )
        fixes, refusals = self.remedies(rule, report)
        return Diagnostic(
            code=rule.code,
            name=rule.name,
            message=_fill(report.message, refs),
            help=_fill(report.help, refs),
            severity=report.severity,
            confidence=report.confidence,
            path=source.display,
            span=self.span(report.place),
            chain=chain,
            loop=None if report.loop is None else self.loop(report.loop),
            fixes=fixes,
            refusals=refusals,
        )

    def remedies(self, rule: Rule, report: Report) -> tuple[tuple[Fix, ...], tuple[Refusal, ...]]:
        """Return the fixes of a finding, and why some strategies give none."""
        fixes: list[Fix] = []
        refusals: list[Refusal] = []
        for strategy in rule.strategies if self.fixes else ():
            try:
                fixes.append(self.remedy(strategy, report))
            except (RefusedError, UneditableError) as refused:
                refusals.append(Refusal(strategy.name, str(refused)))
            except Exception as error:  # noqa: BLE001 -- a third-party rule may raise anything
                source = self.modules[report.place.module]
                message = f"strategy {strategy.name} of rule {rule.code} failed: {_problem(error)}"
                line = self.span(report.place).start.line
                cell = self.span(report.place).start.cell
                self.errors.setdefault(self.sources.index(source), []).append(
                    FileError(source.display, message, line, cell)
                )
        return tuple(fixes), tuple(refusals)

    def remedy(self, strategy: Strategy, report: Report) -> Fix:
        assert self.linked is not None
        index = report.place.module
        self.span(report.place)
        rewrite = strategy.rewrite(report, self.code[index])
        if rewrite.tree is None:
            return Fix(strategy.name, Applicability.DISPLAY, rewrite.message)
        changed = _with_the_end_of(self.modules[index].text, rewrite.tree.code)
        _must_parse(changed)
        edits = line_edits(self.modules[index], changed)
        return Fix(strategy.name, rewrite.applicability, rewrite.message, edits)

    def loop(self, place: Place) -> Note:
        """Return where a loop stands."""
        return Note(self.modules[place.module].display, self.span(place).start, "the loop")

    def reference(self, place: Place, module: int) -> str:
        """Return `line 12`, `cell 3 line 12` or `models.py:12`, as seen from `module`."""
        start = self.span(place).start
        if place.module != module:
            return f"{posixpath.basename(self.modules[place.module].display)}:{start.line}"
        # Text counts cells from 1, as Jupyter's users do.
        return f"line {start.line}" if start.cell is None else f"cell {start.cell + 1} line {start.line}"

    def span(self, place: Place) -> Span:
        spans = self.positions.get(place.module)
        if spans is None:
            assert self.linked is not None
            tree, nodes, spans = _located(self.modules[place.module])
            self.positions[place.module] = spans
            self.code[place.module] = Code(tree, nodes, self.linked, place.module)
        return spans[place.node]


def _fill(template: str, refs: list[str]) -> str:
    for number, ref in enumerate(refs):
        template = template.replace(f"{{{number}}}", ref)
    return template


def _problem(error: BaseException) -> str:
    """Say what was raised, and where."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = "" if trace is None else f" ({trace.tb_frame.f_code.co_filename}:{trace.tb_lineno})"
    return f"{type(error).__name__}: {error}{where}"


def _with_the_end_of(text: str, changed: str) -> str:
    """Return `changed`, made from the tree of `text`, with the whitespace at its end as `text` has it.

    LibCST loses lines of blanks before a last one that has no end and is indented less than the code.
    """
    return changed.rstrip() + text[len(text.rstrip()) :]


def _must_parse(changed: str) -> None:
    """Raise an error for a fix that is not Python: a mistake of the strategy."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(changed)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        pass  # it may be newer than the Python that runs this
    else:
        return
    try:
        cst.parse_module(changed)
    except cst.ParserSyntaxError as error:
        raise ValueError(f"the result does not parse: {error.message} at line {error.raw_line}") from error


def _located(source: Source) -> tuple[cst.Module, dict[int, cst.CSTNode], dict[int, Span]]:
    """Return the tree of a file, its numbered nodes and the span of each.

    That is a second parse, for files that are named in findings only.
    """
    wrapper = MetadataWrapper(cst.parse_module(source.text), unsafe_skip_copy=True)
    ranges = wrapper.resolve(PositionProvider)

    def position(line: int, column: int) -> Position:
        if source.notebook is None:
            return Position(line, column + 1)
        cell, line = source.notebook.locate(line)
        return Position(line, column + 1, cell)

    spans: dict[int, Span] = {}
    nodes = locate(wrapper.module)
    for number, node in nodes.items():
        found = ranges[node]
        spans[number] = Span(
            position(found.start.line, found.start.column), position(found.end.line, found.end.column)
        )
    return wrapper.module, nodes, spans


def _trim_heap() -> None:
    """Give freed memory back to the system where the C library can (glibc); elsewhere nothing is lost."""
    try:
        ctypes.CDLL(None).malloc_trim(0)
    except (AttributeError, OSError, TypeError):
        return
