"""The files of one project: those that were asked about, and those connected to them, read when needed."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING

from leakscan.files import MAX_BYTES, Source, SourceProblemError, decode, nesting_problem
from leakscan.looks import Look
from leakscan.modules import ModuleIndex
from leakscan.records import dataclass, field, replace

if TYPE_CHECKING:
    from leakscan.notebooks import Notebook, NotebookMap

#: Definitions of functions, in the bytes of a file; what stands in strings counts as well.
_DEFINITION = re.compile(rb"\bdef[ \t]+([\w\x80-\xff]+)")


def program(path: str, data: bytes, look: Look) -> tuple[str | None, Notebook | None]:
    """Return the text of a file that will be parsed, and what it is made from if that is a notebook.

    The text is None for a notebook of another language. What is found is noted in `look`, so that it is not
    looked for again. Raises SourceProblemError.
    """
    notebook = None
    if path.endswith(".ipynb"):
        from leakscan.notebooks import read_notebook  # few files are notebooks

        notebook = read_notebook(data)
        if notebook is None:
            return None, None
        text = notebook.text
    else:
        text = decode(data)
    if len(text) > MAX_BYTES:
        raise SourceProblemError(f"too large to be parsed (over {MAX_BYTES // 1_000_000} MB)")
    known = notebook is None and look.sound
    problem = None if known else nesting_problem(text)
    if problem is not None:
        raise SourceProblemError(problem)
    look.sound = notebook is None
    return text, notebook


@dataclass(frozen=True, slots=True)
class ContextFile:
    """A file that nobody asked about: as users see its path, its bytes, and what a look at them says.

    data: None for bytes that are read again when they are needed.
    """

    display: str
    data: bytes | None
    look: Look


@dataclass(slots=True)
class Context:
    """Files that nobody asked about, connected to others: each becomes text when something needs it."""

    files: dict[str, ContextFile] = field(default_factory=dict)
    _sources: dict[str, Source | None] = field(default_factory=dict, repr=False)
    _defining: dict[str, list[str]] | None = field(default=None, repr=False)

    def source(self, path: str) -> Source | None:
        """Return the text of a file; None for one that is no Python text, or none of these."""
        if path not in self._sources:
            self._sources[path] = self._read(path) if path in self.files else None
        return self._sources[path]

    def sources(self) -> Iterator[Source]:
        """Yield the text of every file that is Python text."""
        for path in self.files:
            source = self.source(path)
            if source is not None:
                yield source

    def _read(self, path: str) -> Source | None:
        try:
            text, notebook = program(path, self.data(path), self.files[path].look)
        except (OSError, SourceProblemError):  # a file that nobody asked about
            return None
        if text is None:
            return None
        located: NotebookMap | None = None if notebook is None else notebook.map
        return Source(path, self.files[path].display, text, requested=False, notebook=located)

    def data(self, path: str) -> bytes:
        """Return the bytes of a file. Raises OSError."""
        data = self.files[path].data
        if data is None:
            with open(path, "rb") as stream:
                return stream.read()
        return data

    def parts(self) -> Iterator[bytes]:
        """Yield what tells these files from others: their paths, and what they hold."""
        for path, file in self.files.items():
            yield f"{path}\0{file.display}".encode("utf-8", "surrogatepass")
            try:
                yield self.data(path)
            except OSError:
                yield b""

    def defining(self, name: str) -> Sequence[str]:
        """Return the paths of the files whose bytes say `def name`, and perhaps of some others."""
        if self._defining is None:
            self._defining = {}
            for path in self.files:
                for word in self._definitions(path):
                    self._defining.setdefault(word, []).append(path)
        return self._defining.get(name, ())

    def _definitions(self, path: str) -> list[str]:
        try:
            found = _DEFINITION.findall(self.data(path))
        except OSError:
            return []
        return [word.decode("utf-8", "replace") for word in dict.fromkeys(found)]


@dataclass(frozen=True, slots=True)
class ProjectSources:
    """The files of one project that matter and are connected; `root` is an absolute posix directory.

    sources: those that are read, the requested ones among them, sorted by path. context: the others. index:
    what imports mean among all files of the project that matter, connected or not. links: who imports whom,
    as far as a quick look at the files tells.
    """

    root: str
    sources: tuple[Source, ...]
    context: Context
    index: ModuleIndex
    links: tuple[str, ...] = ()

    def __len__(self) -> int:
        """Return how many files matter."""
        return len(self.sources) + len(self.context.files)

    def shown_as(self, displays: Collection[str]) -> dict[str, Source]:
        """Return the sources that users see under some paths, by these."""
        found = {source.display: source for source in self.sources if source.display in displays}
        for path, file in self.context.files.items():
            if file.display in displays and (source := self.context.source(path)) is not None:
                found[file.display] = source
        return found

    def whole(self) -> ProjectSources:
        """Return the project with its context among the sources."""
        sources = sorted((*self.sources, *self.context.sources()), key=lambda source: source.path)
        return replace(self, sources=tuple(sources), context=Context())


__all__ = ["Context", "ContextFile", "ProjectSources", "program"]
