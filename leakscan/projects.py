"""Requested files -> groups of connected files that matter, with what links to them as context.

A file matters if its bytes mention TensorFlow or Keras, if it imports one that does (directly or not), or
if one of those imports it. All this is read off the bytes: parsing costs a thousand times more.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from leakscan.diagnostics import FileError
from leakscan.discovery import SUFFIXES, Excludes, Requested, Walker, display_path
from leakscan.files import MAX_BYTES, Source, SourceProblemError, decode
from leakscan.looks import ImportLine, Look, Looks, mentions
from leakscan.modules import ModuleIndex
from leakscan.records import dataclass, field
from leakscan.sources import Context, ContextFile, ProjectSources, program

_MARKERS = (".git", "pyproject.toml", "setup.py", "setup.cfg")
_MARKER_SET = frozenset(_MARKERS)
#: So many files that are connected are a group of their own; of fewer, about so many share one.
_SHARED_FILES = 8


@dataclass(slots=True)
class Loaded:
    """All that a check needs to know about the files: what to lint and what could not be read.

    files_checked: how many requested files are Python text, whether or not they matter.
    """

    projects: list[ProjectSources] = field(default_factory=list)
    errors: list[FileError] = field(default_factory=list)
    files_checked: int = 0


class RootFinder:
    """The project that a file belongs to: the nearest directory above with a marker such as .git.

    Without one, the outermost directory on the command line that holds it, climbed out of packages.
    """

    def __init__(self, requested: Requested) -> None:
        self._given = sorted(set(requested.directories), key=len)
        self._home = os.path.expanduser("~")
        self._marked: dict[str, str | None] = {}
        self._unmarked: dict[str, str] = {}

    def root_of(self, path: str) -> str:
        """The root of the project of an absolute posix path."""
        directory = os.path.dirname(path)
        marked = self.marked(directory)
        if marked is not None:
            return marked
        known = self._unmarked.get(directory)
        if known is None:
            holds = (given for given in self._given if _below(directory, given))
            known = self._unmarked[directory] = _out_of_packages(next(holds, directory))
        return known

    def marked(self, directory: str) -> str | None:
        """The nearest directory with a marker, from `directory` upwards."""
        if directory not in self._marked:
            parent = os.path.dirname(directory)
            if self._is_marked(directory):
                self._marked[directory] = directory
            else:
                self._marked[directory] = None if parent == directory else self.marked(parent)
        return self._marked[directory]

    def _is_marked(self, directory: str) -> bool:
        # A home directory may be a repository of dotfiles: that does not make all in it one project.
        if directory == self._home or directory == os.path.dirname(directory):
            return directory in self._given and self._has_marker(directory)
        return self._has_marker(directory)

    @staticmethod
    def _has_marker(directory: str) -> bool:
        return any(os.path.exists(f"{directory}/{marker}") for marker in _MARKERS)


def _below(path: str, directory: str) -> bool:
    return path == directory or path.startswith(directory.rstrip("/") + "/")


def _out_of_packages(directory: str) -> str:
    while os.path.exists(f"{directory}/__init__.py") and directory != os.path.dirname(directory):
        directory = os.path.dirname(directory)
    return directory


@dataclass(slots=True)
class _Candidate:
    """One file of a project while it is decided whether it matters. `data` is kept only if it mentions."""

    path: str
    requested: bool
    explicit: bool
    mentions: bool
    look: Look
    data: bytes | None
    linked: set[str] = field(default_factory=set)


class Loader:
    """Reads the requested files and, for each of their projects, the others that link to them."""

    def __init__(
        self,
        requested: Requested,
        excluded: Callable[[str], Excludes],
        words: Callable[[str], Collection[bytes]] = lambda _: (),
        looks: Looks | None = None,
    ) -> None:
        """`words`: those that make files of a directory matter as the names of TensorFlow and Keras do.

        looks: what is known of contents already.
        """
        self._looks = looks or Looks()
        self._requested = requested
        self._words_of = words
        self._words: frozenset[bytes] = frozenset()
        self._excluded = excluded
        self._roots = RootFinder(requested)
        self._loaded = Loaded(errors=list(requested.errors))
        self._extra: dict[str, tuple[str, bytes]] = {}

    def add_text(self, path: str, display: str, data: bytes) -> None:
        """Check `data` in place of what is on disk at an absolute path (standard input)."""
        self._extra[path] = (display, data)
        self._requested.files[path] = True

    def load_texts(self, root: str, files: Mapping[str, bytes]) -> Loaded:
        """One project from texts by their paths below a root, where nothing is looked for on disk."""
        self._requested.directories.append(root)
        for path, data in files.items():
            self._extra[f"{root}/{path}"] = (path, data)
            self._requested.files[f"{root}/{path}"] = False
        self._load_project(root, sorted(f"{root}/{path}" for path in files))
        return self._loaded

    def load(self) -> Loaded:
        """The projects, by root, each with its sources sorted by path."""
        projects: dict[str, list[str]] = {}
        for path in sorted(self._requested.files):
            projects.setdefault(self._roots.root_of(path), []).append(path)
        for root in sorted(projects):
            self._load_project(root, projects[root])
        return self._loaded

    def _load_project(self, root: str, paths: list[str]) -> None:
        candidates: dict[str, _Candidate] = {}
        directories = {os.path.dirname(path) for path in paths}
        self._words = frozenset(word for directory in directories for word in self._words_of(directory))
        self._looks.enter(root)
        for path in paths:
            if (candidate := self._requested_file(path)) is not None:
                candidates[path] = candidate
        if not candidates:
            return
        relative = not all(path in self._requested.absolute_display for path in paths)
        for path in self._context_paths(root, candidates):
            if path not in candidates and path not in self._requested.files:
                data = _read_quietly(path)
                if data is not None:
                    candidates[path] = self._candidate(path, data, requested=False, explicit=False)
        _link(candidates, root)
        needed = _needed(candidates)
        index = ModuleIndex(needed, root)
        for group in _groups(candidates, needed, root):
            sources: list[Source] = []
            context = Context()
            for path in group:
                item = candidates[path]
                if not item.requested:
                    shown = display_path(path, relative=relative)
                    context.files[path] = ContextFile(shown, item.data, item.look)
                elif (source := self._source(item)) is not None:
                    sources.append(source)
            if sources:
                links = (f"{path}\0{target}" for path in group for target in sorted(candidates[path].linked))
                project = ProjectSources(root, tuple(sources), context, index, tuple(links))
                self._loaded.projects.append(project)
        self._looks.leave()

    def _requested_file(self, path: str) -> _Candidate | None:
        try:
            data = self._bytes(path)
        except OSError as error:
            self._error(path, f"cannot be read: {error.strerror}")
            return None
        candidate = self._candidate(path, data, requested=True, explicit=self._requested.files[path])
        if not path.endswith(".ipynb"):
            try:
                decode(data)
            except SourceProblemError as problem:
                self._error(path, problem.message, problem.line, unparsable=True)
                return None
        self._loaded.files_checked += 1
        return candidate

    def _candidate(self, path: str, data: bytes, *, requested: bool, explicit: bool) -> _Candidate:
        quick = data
        if path.endswith(".ipynb"):
            from leakscan.notebooks import cell_bytes  # few files are notebooks

            quick = cell_bytes(data)
        look = self._looks.at(quick)
        found = look.mentions or (bool(self._words) and mentions(quick, self._words))
        return _Candidate(path, requested, explicit, found, look, data if found else None)

    def _bytes(self, path: str) -> bytes:
        if path in self._extra:
            return self._extra[path][1]
        with open(path, "rb") as stream:
            return stream.read()

    def _context_paths(self, root: str, candidates: dict[str, _Candidate]) -> Iterable[str]:
        """The other files of a project, unless the walk that found the requested ones has seen them all."""
        if any(_below(root, given) for given in self._requested.directories):
            return ()
        if self._roots.marked(root) is not None:
            return self._walk(root)
        return self._unmarked_context(root, candidates)

    def _walk(self, directory: str) -> Iterator[str]:
        def another_project(_: str, names: frozenset[str]) -> bool:
            return not names.isdisjoint(_MARKER_SET)

        return Walker(self._excluded, lambda *_: None, another_project).walk(directory)

    def _unmarked_context(self, root: str, candidates: dict[str, _Candidate]) -> Iterator[str]:
        """Without a project: the rest of the packages that requested files are in, and what scripts import.

        The root may be a home, /tmp or site-packages, so it is never walked itself.
        """
        inside = [path for path in candidates if os.path.dirname(path) != root]
        for name in sorted({path[len(root.rstrip("/")) + 1 :].partition("/")[0] for path in inside}):
            yield from self._walk(f"{root.rstrip('/')}/{name}")
        scripts = [path for path in candidates if os.path.dirname(path) == root]
        if scripts and not root.endswith(("/site-packages", "/dist-packages")):
            yield from self._beside_scripts(root, candidates)

    def _beside_scripts(self, root: str, candidates: dict[str, _Candidate]) -> Iterator[str]:
        beside = _entries(root)
        files = [path for path in beside if path.endswith(SUFFIXES) and os.path.isfile(path)]
        yield from files
        names = {line.module.partition(".")[0] for item in candidates.values() for line in item.look.imports}
        for path in files:
            data = _read_quietly(path)
            look = None if data is None else self._looks.at(data)
            if data is not None and look is not None and (look.mentions or mentions(data, self._words)):
                names.update(line.module.partition(".")[0] for line in look.imports)
        for path in beside:
            if path.rpartition("/")[2] in names and os.path.isdir(path):
                yield from self._walk(path)

    def _source(self, candidate: _Candidate) -> Source | None:
        """Return the text of a requested file; None where there is none to check."""
        path = candidate.path
        try:
            data = candidate.data if candidate.data is not None else self._bytes(path)
            text, notebook = program(path, data, candidate.look)
        except OSError as error:
            self._error(path, f"cannot be read: {error.strerror}")
            return None
        except SourceProblemError as problem:
            self._loaded.files_checked -= 1
            self._error(path, problem.message, problem.line, unparsable=True)
            return None
        if notebook is not None:
            self._loaded.errors.extend(
                FileError(self._display(path), p.message, p.line, p.cell, unparsable=True)
                for p in notebook.problems
            )
        if text is None:
            return None
        located = None if notebook is None else notebook.map
        return Source(path, self._display(path), text, requested=True, notebook=located)

    def _display(self, path: str) -> str:
        if path in self._extra:
            return self._extra[path][0]
        return display_path(path, relative=path not in self._requested.absolute_display)

    def _error(self, path: str, message: str, line: int | None = None, *, unparsable: bool = False) -> None:
        self._loaded.errors.append(FileError(self._display(path), message, line, unparsable=unparsable))


def _read_quietly(path: str) -> bytes | None:
    """The bytes of a context file; one that cannot be read is not this run's business."""
    try:
        if path.endswith(".py") and os.path.getsize(path) > MAX_BYTES:
            return None
        with open(path, "rb") as stream:
            return stream.read()
    except OSError:
        return None


def _entries(directory: str) -> list[str]:
    try:
        return [f"{directory.rstrip('/')}/{name}" for name in sorted(os.listdir(directory))]
    except OSError:
        return []


def _link(candidates: dict[str, _Candidate], root: str) -> None:
    """Note for each file which files of the project it imports."""
    index = ModuleIndex(candidates, root)
    for candidate in candidates.values():
        for line in candidate.look.imports:
            for module in _modules(line):
                found = index.resolve(candidate.path, module, line.level)
                if found is not None:
                    candidate.linked.add(found)


def _modules(line: ImportLine) -> Iterator[str]:
    yield line.module
    for name in line.names:
        # `from package import module`
        yield f"{line.module}.{name}" if line.module else name
    # `import a.b.c` binds `a`, so what its `__init__` re-exports counts too.
    head, _, rest = line.module.rpartition(".")
    while rest and head:
        yield head
        head, _, rest = head.rpartition(".")


def _needed(candidates: dict[str, _Candidate]) -> set[str]:
    """The files to parse: those that matter and are requested or connected to a requested one."""
    importers: dict[str, set[str]] = {}
    for path, candidate in candidates.items():
        for target in candidate.linked:
            importers.setdefault(target, set()).add(path)
    users = _closure((p for p, c in candidates.items() if c.mentions), lambda p: importers.get(p, ()))
    matter = _closure(users, lambda p: candidates[p].linked)

    def neighbours(path: str) -> Iterator[str]:
        yield from (p for p in candidates[path].linked if p in matter)
        yield from (p for p in importers.get(path, ()) if p in matter)

    needed = _closure((p for p in matter if candidates[p].requested), neighbours)
    # A file named on the command line is parsed in any case: its author wants to know.
    return needed | {path for path, candidate in candidates.items() if candidate.explicit}


def _groups(candidates: dict[str, _Candidate], needed: set[str], root: str) -> Iterator[list[str]]:
    """Yield the files that are connected, however indirectly: what the others say has no bearing on them.

    Files that few others are connected with share a group, so that there are not too many. Where one ends is
    said by a path, so that a new file makes few groups others than they were.
    """
    if len(needed) <= 2 * _SHARED_FILES:
        yield sorted(needed)
        return
    neighbours: dict[str, set[str]] = {path: set() for path in needed}
    for path in needed:
        for target in candidates[path].linked & needed:
            neighbours[path].add(target)
            neighbours[target].add(path)
    seen: set[str] = set()
    shared: list[str] = []
    for path in sorted(needed):
        if path in seen:
            continue
        connected = _closure([path], neighbours.__getitem__)
        seen |= connected
        if len(connected) > _SHARED_FILES:
            yield sorted(connected)
            continue
        ends = zlib.crc32(path[len(root) :].encode("utf-8", "surrogatepass")) % _SHARED_FILES == 0
        if shared and (ends or len(shared) + len(connected) > 2 * _SHARED_FILES):
            yield sorted(shared)
            shared = []
        shared += connected
    if shared:
        yield sorted(shared)


def _closure(start: Iterable[str], following: Callable[[str], Iterable[str]]) -> set[str]:
    reached = set(start)
    pending = list(reached)
    while pending:
        for path in following(pending.pop()):
            if path not in reached:
                reached.add(path)
                pending.append(path)
    return reached
