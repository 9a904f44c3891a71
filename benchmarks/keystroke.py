"""What a keystroke in an editor costs the language server, in a project of a given size.

usage: python benchmarks/keystroke.py DIRECTORY [--files N] [--keys N] [--file FILE]

The first N files of the directory, by path, that mention TensorFlow or Keras are copied into a project of
their own. An editor opens one of them, FILE or the one that most others mention, and types a comment into it
key by key, then a call in a loop, which is found, and a comment behind it; each key is sent when the answer
to the one before has come. Shown is the CPU time of the server for each key (the median and the highest),
for opening, for what it does by itself once nobody types, and what `ast.parse` of all files takes in the
same run: seconds of a busy machine mean nothing, ratios of one run do.

Linux only; needs leakscan's extra `server`.
"""

from __future__ import annotations

import argparse
import ast
import asyncio
import os
import re
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lsprotocol import types as lsp
from pygls.lsp.client import LanguageClient

_TICKS = os.sysconf("SC_CLK_TCK")
_LONGEST_SECONDS = 300
_STILL_SECONDS = 3
_CALL = "\nimport keras\nfor key in range(500):\n    keras.Sequential([keras.layers.Dense(1)]).fit(key)\n"


def project(source: Path, target: Path, count: int) -> list[Path]:
    """Copy files that mention TensorFlow or Keras; return them."""
    made: list[Path] = []
    for path in sorted(source.rglob("*.py")):
        text = path.read_bytes()
        if len(made) < count and re.search(rb"tensorflow|keras", text):
            copy = target / path.relative_to(source)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(text)
            made.append(copy)
    (target / "pyproject.toml").write_text("")
    return made


def most_mentioned(files: Sequence[Path]) -> Path:
    """The file whose module's name stands in most of the others' imports."""
    words: Counter[str] = Counter()
    for path in files:
        imports = re.findall(rb"^\s*(?:from|import) .*", path.read_bytes(), re.MULTILINE)
        words.update({word.decode() for line in imports for word in re.findall(rb"\w+", line)})
    return max((path for path in files if path.stem != "__init__"), key=lambda path: words[path.stem])


def cpu_seconds(process: int) -> float:
    """The CPU time of a process so far, in steps of a tick (10 ms)."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


async def rest(process: int) -> float:
    """Type nothing until the server has nothing more to do; return the CPU seconds that it used."""
    begin = cpu_seconds(process)
    last, still = begin, 0
    while still < _STILL_SECONDS:
        await asyncio.sleep(1)
        used = cpu_seconds(process)
        still = still + 1 if used - last <= 1 / _TICKS else 0
        last = used
    return last - begin


class Editor:
    """A client that waits for what is published of one file."""

    def __init__(self, path: Path) -> None:
        self.client: Any = LanguageClient("benchmark", "1")
        self.uri = path.as_uri()
        self.version = 1
        self.found = 0
        self.news = asyncio.Event()

        def publish(parameters: lsp.PublishDiagnosticsParams) -> None:
            if parameters.uri == self.uri:
                self.found = len(parameters.diagnostics)
                self.news.set()

        self.client.feature(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)(publish)

    async def answered(self) -> None:
        """Wait until the server has answered."""
        await asyncio.wait_for(self.news.wait(), _LONGEST_SECONDS)
        self.news.clear()

    async def open(self, text: str) -> None:
        """Open the file."""
        item = lsp.TextDocumentItem(self.uri, "python", self.version, text)
        self.client.text_document_did_open(lsp.DidOpenTextDocumentParams(item))
        await self.answered()

    async def type(self, text: str) -> None:
        """Send the text as it is after a key."""
        self.version += 1
        document = lsp.VersionedTextDocumentIdentifier(self.version, self.uri)
        change = lsp.TextDocumentContentChangeWholeDocument(text)
        self.client.text_document_did_change(lsp.DidChangeTextDocumentParams(document, [change]))
        await self.answered()


async def measure(directory: Path, file: Path, text: str, keys: int) -> None:
    """Type, and print what it costs."""
    editor = Editor(file)
    await editor.client.start_io(sys.executable, "-m", "leakscan", "server", cwd=str(directory))
    process = editor.client._server.pid  # noqa: SLF001 (it has no public name)
    await editor.client.initialize_async(
        lsp.InitializeParams(lsp.ClientCapabilities(), root_uri=directory.as_uri())
    )
    editor.client.initialized(lsp.InitializedParams())
    before = cpu_seconds(process)
    await editor.open(text)
    print(f"opening                  {cpu_seconds(process) - before:6.2f} s CPU")
    print(f"a rest after it          {await rest(process):6.2f} s CPU")
    comment = "\n# " + "x" * keys
    for title, typed in (("a comment", comment), ("a call", _CALL), ("another comment", _CALL + comment)):
        costs = []
        pieces = [typed[: number + 1] for number in range(2, len(typed))]
        for piece in pieces[-keys:]:
            before = cpu_seconds(process)
            await editor.type(text + piece)
            costs.append(cpu_seconds(process) - before)
        print(
            f"a key of {title:<15} {statistics.median(costs):6.2f} s CPU (highest {max(costs):.2f}, "
            f"{len(costs)} keys; {editor.found} findings at the end)"
        )
        print(f"a rest after it          {await rest(process):6.2f} s CPU")
    await editor.client.shutdown_async(None)
    editor.client.exit(None)
    await editor.client.stop()


def main() -> None:
    """Parse the command line, make the project, measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--files", type=int, default=200)
    parser.add_argument("--keys", type=int, default=20)
    parser.add_argument("--file", help="relative to the directory")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        directory = Path(folder).resolve()
        files = project(options.directory.resolve(), directory, options.files)
        if not files:
            sys.exit(f"error: {options.directory}: no file mentions TensorFlow or Keras")
        file = directory / options.file if options.file else most_mentioned(files)
        begin = time.process_time()
        for path in files:
            ast.parse(path.read_bytes())
        parsing = time.process_time() - begin
        size = sum(path.stat().st_size for path in files)
        print(f"{len(files)} files, {size / 1e6:.1f} MB; {file.relative_to(directory)} is typed into")
        print(f"ast.parse of all         {parsing:6.2f} s CPU")
        asyncio.run(measure(directory, file, file.read_text(encoding="utf-8"), options.keys))


if __name__ == "__main__":
    main()
