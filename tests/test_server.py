"""The language server, asked as an editor asks it."""

from __future__ import annotations

import asyncio
import os
import sys

from conftest import LEAK, ROOT
from lsprotocol import types as lsp
from pygls.lsp.client import LanguageClient

#: As VS Code names the cells of a notebook on another machine.
CELL = "vscode-notebook-cell://127.0.0.1:8080/n.ipynb#W{}sZmlsZQ%3D%3D"
NAME = "my träning 100% #1.py"
WIDE = "    n = '\U0001f600\u4e2d'; model = "


class Editor:
    """A client that waits for what the server publishes."""

    def __init__(self, directory):
        self.directory = directory
        self.client = LanguageClient("editor", "1")
        self.published = {}
        self.messages = []
        self.news = asyncio.Event()

        @self.client.feature(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        def publish(parameters):
            self.published[parameters.uri] = parameters.diagnostics
            self.news.set()

        @self.client.feature(lsp.WINDOW_SHOW_MESSAGE)
        def show(parameters):
            self.messages.append(parameters.message)

    async def __aenter__(self):
        os.environ["PYTHONPATH"] = str(ROOT)
        await self.client.start_io(sys.executable, "-m", "leakscan", "server", cwd=str(self.directory))
        root = self.directory.as_uri()
        await self.client.initialize_async(lsp.InitializeParams(lsp.ClientCapabilities(), root_uri=root))
        self.client.initialized(lsp.InitializedParams())
        return self

    async def __aexit__(self, *_):
        await self.client.shutdown_async(None)
        self.client.exit(None)
        assert await asyncio.wait_for(self.client._server.wait(), 60) == 0
        await self.client.stop()

    def uri(self, name):
        return (self.directory / name).as_uri()

    async def heard(self, uri):
        while True:
            self.news.clear()
            if uri in self.published:
                return list(self.published.pop(uri))
            await asyncio.wait_for(self.news.wait(), 60)

    async def open(self, name, text):
        item = lsp.TextDocumentItem(self.uri(name), "python", 1, text)
        self.client.text_document_did_open(lsp.DidOpenTextDocumentParams(item))
        return await self.heard(self.uri(name))

    async def change(self, name, version, text):
        document = lsp.VersionedTextDocumentIdentifier(version, self.uri(name))
        change = lsp.TextDocumentContentChangeWholeDocument(text)
        self.client.text_document_did_change(lsp.DidChangeTextDocumentParams(document, [change]))
        return await self.heard(self.uri(name))


def applied(text, edits):
    """The text after edits whose columns count units of UTF-16."""
    units = text.encode("utf-16-le")
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line.encode("utf-16-le")))

    def place(position):
        return starts[min(position.line, len(starts) - 1)] + 2 * position.character

    for edit in sorted(edits, key=lambda item: place(item.range.start), reverse=True):
        new = edit.new_text.encode("utf-16-le")
        units = units[: place(edit.range.start)] + new + units[place(edit.range.end) :]
    return units.decode("utf-16-le")


async def session(leakscan):
    async with Editor(leakscan.directory) as editor:
        # Unsaved text counts, and what it calls in other open files.
        leakscan.write("helper.py", "def build():\n    return None\n")
        assert await editor.open("a.py", "import keras\n") == []
        [found] = await editor.change("a.py", 2, LEAK)
        assert (found.code, found.source) == ("IMR001", "leakscan")
        assert (found.range.start.line, found.range.start.character) == (2, 12)

        # Columns are those of the editor.
        text = LEAK.replace("    model = ", WIDE, 1)
        [found] = await editor.change("a.py", 3, text)
        line = text.splitlines()[2].encode("utf-16-le")
        start, end = found.range.start.character * 2, found.range.end.character * 2
        assert line[start:end].decode("utf-16-le") == "keras.Sequential([keras.layers.Dense(1)])"

        # After a rest LibCST has confirmed it: nothing is shown anew.
        await asyncio.sleep(2)
        assert editor.published == {}

        # A code action for each strategy, and each removes the finding.
        document = lsp.TextDocumentIdentifier(editor.uri("a.py"))
        asked = lsp.CodeActionParams(document, found.range, lsp.CodeActionContext([found]))
        actions = await editor.client.text_document_code_action_async(asked)
        assert "clear-session" in {action.title.split()[1] for action in actions}
        for version, action in enumerate(actions, 4):
            after = applied(text, action.edit.changes[editor.uri("a.py")])
            compile(after, "a.py", "exec")
            assert await editor.change("a.py", 2 * version, after) == []
            [_] = await editor.change("a.py", 2 * version + 1, text)

        # The page of the rule.
        shown = await editor.client.text_document_hover_async(lsp.HoverParams(document, found.range.start))
        assert shown.contents.value.startswith("# IMR001")
        nothing = await editor.client.text_document_hover_async(lsp.HoverParams(document, lsp.Position(0, 0)))
        assert nothing is None

        # What does not parse yet hides nothing for ever, and is no message.
        assert await editor.change("a.py", 90, "for i in (\n") == []
        [_] = await editor.change("a.py", 91, LEAK)

        # A comment silences, a configuration counts from when it is saved.
        assert await editor.change("a.py", 92, LEAK.replace("(1)])", "(1)])  # noqa: IMR001")) == []
        leakscan.write("pyproject.toml", '[tool.leakscan]\nignore = ["IMR"]\n')
        assert await editor.change("a.py", 93, LEAK) == []
        leakscan.write("evil/evil001_x/rule.py", f"open({str(leakscan.directory / 'ran')!r}, 'w')\n")
        leakscan.write("pyproject.toml", '[tool.leakscan]\nrules-dirs = ["evil"]\n')
        [_] = await editor.change("a.py", 94, LEAK)
        assert ["--allow-project-rules" in message for message in editor.messages] == [True]
        leakscan.write("pyproject.toml", "")

        await other_files(leakscan, editor)

        # Closed files are no longer shown.
        editor.published.clear()
        editor.client.text_document_did_close(lsp.DidCloseTextDocumentParams(document))
        assert await editor.heard(editor.uri("a.py")) == []
        await notebook(editor)
    assert not (leakscan.directory / "ran").exists()


async def other_files(leakscan, editor):
    # Names that an editor escapes.
    [found] = await editor.open(NAME, LEAK)
    named = lsp.TextDocumentIdentifier(editor.uri(NAME))
    asked = lsp.CodeActionParams(named, found.range, lsp.CodeActionContext([found]))
    for action in await editor.client.text_document_code_action_async(asked):
        assert list(action.edit.changes) == [editor.uri(NAME)]
    assert await editor.client.text_document_hover_async(lsp.HoverParams(named, found.range.start))
    editor.client.text_document_did_close(lsp.DidCloseTextDocumentParams(named))
    assert await editor.heard(editor.uri(NAME)) == []
    # A program that was never saved.
    new = lsp.TextDocumentItem("untitled:Untitled-1", "python", 1, LEAK)
    editor.client.text_document_did_open(lsp.DidOpenTextDocumentParams(new))
    [_] = await editor.heard(new.uri)
    editor.client.text_document_did_close(lsp.DidCloseTextDocumentParams(lsp.TextDocumentIdentifier(new.uri)))
    assert await editor.heard(new.uri) == []
    # Places in files that are not open.
    leakscan.write("helper.py", "import keras\ndef build():\n    return keras.Sequential([])\n")
    editor.published.clear()
    called = f"import helper\n{LEAK}"
    called = called.replace("keras.Sequential([keras.layers.Dense(1)])", "helper.build()")
    [found] = await editor.change("a.py", 95, called)
    [place] = [item.location for item in found.related_information]
    assert (place.uri, place.range.start) == (editor.uri("helper.py"), lsp.Position(2, 11))


async def notebook(editor):
    uri = editor.uri("n.ipynb")
    texts = ["import keras\n", "# text", LEAK]
    kinds = [lsp.NotebookCellKind.Code, lsp.NotebookCellKind.Markup, lsp.NotebookCellKind.Code]
    cells = [lsp.NotebookCell(kind, CELL.format(n)) for n, kind in enumerate(kinds)]
    items = [
        lsp.TextDocumentItem(CELL.format(n), "python", 1, text)
        for n, text in enumerate(texts)
        if kinds[n] is lsp.NotebookCellKind.Code
    ]
    book = lsp.NotebookDocument(uri, "jupyter-notebook", 1, cells)
    editor.client.notebook_document_did_open(lsp.DidOpenNotebookDocumentParams(book, items))
    [found] = await editor.heard(CELL.format(2))
    assert (found.code, found.range.start.line) == ("IMR001", 2)
    document = lsp.TextDocumentIdentifier(CELL.format(2))
    asked = lsp.CodeActionParams(document, found.range, lsp.CodeActionContext([found]))
    actions = await editor.client.text_document_code_action_async(asked)
    assert actions
    assert all(set(action.edit.changes) <= {CELL.format(0), CELL.format(2)} for action in actions)


def test_a_session_of_an_editor(leakscan, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    asyncio.run(asyncio.wait_for(session(leakscan), 120))


def test_without_the_extra_it_says_what_to_install(leakscan, monkeypatch):
    monkeypatch.setitem(sys.modules, "pygls.lsp.server", None)
    monkeypatch.delitem(sys.modules, "leakscan.server", raising=False)
    result = leakscan("server")
    assert result.code == 2
    assert 'pip install "leakscan-keras[server]"' in result.err
