"""The language server: what editors show while a program is written. Needs pygls, an extra."""

from __future__ import annotations

import asyncio
import gc
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from lsprotocol import types as lsp
from pygls.lsp.server import LanguageServer
from pygls.uris import to_fs_path

from leakscan import __version__
from leakscan.config import ConfigResolver
from leakscan.diagnostics import Diagnostic, Edit, Fix, Note, Position, Severity, Span
from leakscan.discovery import absolute
from leakscan.errors import LeakscanError
from leakscan.files import split_lines
from leakscan.records import dataclass, field
from leakscan.reporters.formats import RulePage
from leakscan.reporters.text import error_line
from leakscan.runner import Request, Session

if TYPE_CHECKING:
    from pygls.workspace import TextDocument

_SEVERITIES = {
    Severity.HIGH: lsp.DiagnosticSeverity.Warning,
    Severity.MEDIUM: lsp.DiagnosticSeverity.Warning,
    Severity.LOW: lsp.DiagnosticSeverity.Information,
}
#: Who types has not finished: a check waits so long for the next key.
_QUIET_SECONDS = 0.1
#: Who has not typed for so long is reading: there is time for what a key does not need.
_REST_SECONDS = 1.0
#: Between two files that are read ahead: a key comes first.
_STEP_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Setup:
    """What the command line gives: a session, fresh configurations for it, and the pages of rules."""

    session: Session
    configs: Callable[[], ConfigResolver]
    pages: Callable[[], Mapping[str, RulePage]]


@dataclass(frozen=True, slots=True)
class _Open:
    """An open file: its absolute path, its bytes as they would be saved, and the documents that make it up.

    documents: URI -> text; of a notebook in the order of `cells`, the numbers of its code cells.
    """

    path: str
    data: bytes
    documents: Mapping[str, str]
    cells: Mapping[int, str] | None = None

    def document(self, cell: int | None) -> str | None:
        """The URI of the document that holds a place."""
        if self.cells is None:
            return next(iter(self.documents))
        return None if cell is None else self.cells.get(cell)


@dataclass(slots=True)
class _State:
    """What is open, what was found in it, and whether something has changed since.

    unsure: whether LibCST may say something else: of a file with findings, or that Python does not read.
    verified: whether it has been asked, which costs more than the findings and waits for a rest.
    fixes: whether they were worked out: they cost as much again, and who types asks for none.
    ahead: what reads files before a key needs them; read: the open files for which that was done.
    """

    setup: Setup
    found: dict[str, list[Diagnostic]] = field(default_factory=dict)
    opened: dict[str, _Open] = field(default_factory=dict)
    published: dict[str, list[lsp.Diagnostic]] = field(default_factory=dict)
    told: set[str] = field(default_factory=set)
    changed: bool = False
    unsure: bool = False
    verified: bool = False
    fixes: bool = False
    ahead: Iterator[None] | None = None
    read: frozenset[str] = frozenset()
    timer: asyncio.TimerHandle | None = None
    pages: Mapping[str, RulePage] | None = None


def make_server(setup: Setup) -> LanguageServer:
    """A server that is ready to be started on streams."""
    server = LanguageServer(
        "leakscan",
        __version__,
        text_document_sync_kind=lsp.TextDocumentSyncKind.Incremental,
        notebook_document_sync=lsp.NotebookDocumentSyncOptions(
            [lsp.NotebookDocumentFilterWithCells(cells=[lsp.NotebookCellLanguage(language="python")])]
        ),
    )
    state = _State(setup)
    # Python would do it at every eighth key or so, for all of them: 0.2 s in a large file.
    gc.disable()

    def changed(*_: Any) -> None:  # pygls looks at the first parameter, to hand over itself
        state.changed = True
        _after(_QUIET_SECONDS, _check, server, state)

    for event in (
        lsp.TEXT_DOCUMENT_DID_OPEN,
        lsp.TEXT_DOCUMENT_DID_CHANGE,
        lsp.TEXT_DOCUMENT_DID_SAVE,
        lsp.TEXT_DOCUMENT_DID_CLOSE,
        lsp.NOTEBOOK_DOCUMENT_DID_OPEN,
        lsp.NOTEBOOK_DOCUMENT_DID_CHANGE,
        lsp.NOTEBOOK_DOCUMENT_DID_SAVE,
        lsp.NOTEBOOK_DOCUMENT_DID_CLOSE,
        lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES,
    ):
        server.feature(event)(changed)

    @server.feature(
        lsp.TEXT_DOCUMENT_CODE_ACTION, lsp.CodeActionOptions(code_action_kinds=[lsp.CodeActionKind.QuickFix])
    )
    def code_actions(parameters: lsp.CodeActionParams) -> list[lsp.CodeAction]:
        _check(server, state)
        uri, wanted = parameters.text_document.uri, parameters.range

        def within() -> list[tuple[Diagnostic, lsp.Diagnostic]]:
            return [
                (item, shown)
                for item, shown in _findings_in(server, state, uri)
                if shown.range.start.line <= wanted.end.line and wanted.start.line <= shown.range.end.line
            ]

        # Editors ask wherever the cursor goes.
        if within() and not state.fixes:
            _find(server, state, verified=True, fixes=True)
        return [action for item, shown in within() for action in _actions(server, state, item, shown)]

    @server.feature(lsp.TEXT_DOCUMENT_HOVER)
    def hover(parameters: lsp.HoverParams) -> lsp.Hover | None:
        _check(server, state)
        if state.pages is None:
            state.pages = setup.pages()
        place = parameters.position
        for item, shown in _findings_in(server, state, parameters.text_document.uri):
            page = state.pages.get(item.code)
            if page and _key(shown.range.start) <= _key(place) <= _key(shown.range.end):
                return lsp.Hover(lsp.MarkupContent(lsp.MarkupKind.Markdown, page.markdown), shown.range)
        return None

    return server


def _key(position: lsp.Position) -> tuple[int, int]:
    return position.line, position.character


def _after(
    seconds: float, act: Callable[[LanguageServer, _State], None], server: LanguageServer, state: _State
) -> None:
    """Act when nothing else was asked for until then."""
    if state.timer is not None:
        state.timer.cancel()
    state.timer = asyncio.get_running_loop().call_later(seconds, act, server, state)


def _check(server: LanguageServer, state: _State) -> None:
    """Check what is open, if it has changed, and publish what was found."""
    if not state.changed:
        return
    state.changed = False
    state.ahead = None
    gc.collect(1)  # what the last check has left
    state.opened = {item.path: item for item in _opened(server)}
    if _find(server, state, verified=False, fixes=False):
        _publish(server, state, again=True)
    _after(_REST_SECONDS, _rest, server, state)


def _rest(server: LanguageServer, state: _State) -> None:
    """Let LibCST confirm what was found; then read, a file at a time, what the next key might need."""
    if not state.verified and state.unsure and _find(server, state, verified=True, fixes=False):
        _publish(server, state, again=False)
    opened = frozenset(state.opened)
    if opened == state.read:
        gc.collect()
        return
    if state.ahead is None:
        state.ahead = state.setup.session.read_ahead(_request(state))
    try:
        next(state.ahead)
    except (StopIteration, LeakscanError):  # what is wrong, the check has told
        state.ahead = None
        state.read = opened
        gc.collect()
    else:
        _after(_STEP_SECONDS, _rest, server, state)


def _publish(server: LanguageServer, state: _State, *, again: bool) -> None:
    """Show what was found; what is shown already only if it is to be shown again."""
    current = {
        uri: [shown for _, shown in _findings_in(server, state, uri)]
        for item in state.opened.values()
        for uri in item.documents
    }
    for uri in sorted({*current, *state.published}):
        found = current.get(uri, [])
        if again or found != state.published.get(uri):
            server.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(uri, found))
    state.published = current


def _request(state: _State) -> Request:
    return Request((), overlay=tuple((item.path, item.path, item.data) for item in state.opened.values()))


def _find(server: LanguageServer, state: _State, *, verified: bool, fixes: bool) -> bool:
    """Check what is open; False where that could not be done."""
    try:
        # A configuration may have been saved meanwhile.
        state.setup.session.configs = state.setup.configs()
        result = state.setup.session.check(_request(state), fixes=fixes, verified=verified)
    except LeakscanError as error:
        _tell(server, state, f"leakscan: {error}")
        return False
    for problem in result.errors:
        # What does not parse yet is told by the editor.
        if not problem.unparsable:
            _tell(server, state, f"leakscan: {error_line(problem)}")
    state.found = {}
    for item in result.findings:
        uri = state.opened[item.path].document(item.span.start.cell) if item.path in state.opened else None
        if uri is not None:
            state.found.setdefault(uri, []).append(item)
    state.unsure = bool(result.findings or result.problems)
    state.verified, state.fixes = verified, fixes
    return True


def _tell(server: LanguageServer, state: _State, words: str) -> None:
    if words not in state.told:
        state.told.add(words)
        server.window_show_message(lsp.ShowMessageParams(lsp.MessageType.Warning, words))


def _opened(server: LanguageServer) -> Iterable[_Open]:
    cells: set[str] = set()
    texts = {document.uri: document.source for document in server.workspace.text_documents.values()}
    for notebook in server.workspace.notebook_documents.values():
        path = _path_of(notebook.uri)
        made, numbers, documents = [], {}, {}
        for number, cell in enumerate(notebook.cells):
            cells.add(cell.document)
            text = texts.get(cell.document, "")
            code = cell.kind == lsp.NotebookCellKind.Code
            made.append({"cell_type": "code" if code else "markdown", "source": text})
            if code:
                numbers[number] = cell.document
                documents[cell.document] = text
        if path:
            data = json.dumps({"cells": made, "nbformat": 4}).encode()
            yield _Open(absolute(path), data, documents, numbers)
    for document in server.workspace.text_documents.values():
        uri, text = document.uri, texts[document.uri]
        path = None if uri in cells else _path_of(uri) or _path_of_new(server, document)
        if path and path.endswith((".py", ".pyi")):
            yield _Open(absolute(path), text.encode("utf-8", "replace"), {uri: text})


def _path_of_new(server: LanguageServer, document: TextDocument) -> str | None:
    """A path for a program that was never saved: one in the folder that is open, with its configuration."""
    scheme, _, name = document.uri.partition(":")
    root = server.workspace.root_path
    if scheme != "untitled" or document.language_id != "python" or not root:
        return None
    path = os.path.join(root, f"{os.path.basename(unquote(name))}.py")
    return None if os.path.lexists(path) else path


def _path_of(uri: str) -> str | None:
    """The path of a file; None for other texts, such as git:/a/b.py, a saved revision of that file."""
    # Editors escape what is no plain character of a path; pygls leaves it as it is.
    path = to_fs_path(uri)
    return None if path is None else unquote(path)


def _findings_in(server: LanguageServer, state: _State, uri: str) -> list[tuple[Diagnostic, lsp.Diagnostic]]:
    return [(item, _shown(server, state, item, uri)) for item in state.found.get(uri, ())]


def _shown(server: LanguageServer, state: _State, item: Diagnostic, uri: str) -> lsp.Diagnostic:
    lines = _lines(state, uri)
    related = [
        lsp.DiagnosticRelatedInformation(lsp.Location(where, _range(server, lines_of, span)), note.message)
        for note in item.chain
        for where, lines_of, span in [_place_of(state, note)]
    ]
    return lsp.Diagnostic(
        range=_range(server, lines, item.span),
        message=f"{item.message}\n{item.help}" if item.help else item.message,
        severity=_SEVERITIES[item.severity],
        code=item.code,
        source="leakscan",
        related_information=related or None,
    )


def _place_of(state: _State, note: Note) -> tuple[str, list[str], Span]:
    span = Span(note.position, note.position)
    opened = state.opened.get(note.path)
    uri = opened.document(note.position.cell) if opened is not None else None
    if uri is not None:
        return uri, _lines(state, uri), span
    return Path(absolute(note.path)).as_uri(), [], span


def _lines(state: _State, uri: str) -> list[str]:
    for item in state.opened.values():
        if uri in item.documents:
            return split_lines(item.documents[uri])
    return []


def _range(server: LanguageServer, lines: list[str], span: Span) -> lsp.Range:
    return lsp.Range(_position(server, lines, span.start), _position(server, lines, span.end))


def _position(server: LanguageServer, lines: list[str], position: Position) -> lsp.Position:
    """A place in the units of the client, which are those of UTF-16 unless it says otherwise."""
    line, column = position.line - 1, position.column - 1
    before = lines[line][:column] if line < len(lines) else " " * column
    return lsp.Position(line, server.workspace.position_codec.client_num_units(before))


def _actions(
    server: LanguageServer, state: _State, item: Diagnostic, shown: lsp.Diagnostic
) -> Iterable[lsp.CodeAction]:
    for number, fix in enumerate(fix for fix in item.fixes if fix.edits):
        changes = _changes(server, state, item, fix)
        if changes:
            yield lsp.CodeAction(
                title=f"{item.code} {fix.strategy} ({fix.label}): {fix.message}",
                kind=lsp.CodeActionKind.QuickFix,
                diagnostics=[shown],
                is_preferred=number == 0 and not fix.by_name,
                edit=lsp.WorkspaceEdit(changes=changes),
            )


def _changes(
    server: LanguageServer, state: _State, item: Diagnostic, fix: Fix
) -> dict[str, list[lsp.TextEdit]]:
    changes: dict[str, list[lsp.TextEdit]] = {}
    opened = state.opened[item.path]
    for edit in fix.edits:
        uri = opened.document(edit.span.start.cell)
        if uri is not None:
            changes.setdefault(uri, []).append(_text_edit(server, _lines(state, uri), edit))
    return changes


def _text_edit(server: LanguageServer, lines: list[str], edit: Edit) -> lsp.TextEdit:
    return lsp.TextEdit(_range(server, lines, edit.span), edit.replacement)
