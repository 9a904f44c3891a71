"""What a run starts from: a folder of the user's, never written, and what an arm changes in it."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

#: Folders that hold no input of a program: version control, environments, caches.
SKIPPED = frozenset(
    {
        ".bzr",
        ".git",
        ".hg",
        ".mypy_cache",
        ".nox",
        ".pytest_cache",
        ".ruff_cache",
        ".svn",
        ".tox",
        ".venv",
        "__pycache__",
        "node_modules",
        "site-packages",
        "venv",
    }
)
# Files up to this size, and of these the smallest up to that sum, are told apart by their content, all others
# by size and time of change: reading all data of a project would take minutes.
_HASHED_BYTES = 10_000_000
_HASHED_IN_ALL_BYTES = 1_000_000_000
#: Entries of a tree, and of the folders that its links lead to, that are looked at.
MOST_ENTRIES = 50_000


@dataclass(frozen=True, slots=True)
class Change:
    """What one path of a tree is in an arm: `data` of a file, `link` for a symbolic link, neither: gone.

    `mode` are the permissions of a file that the user's tree does not have.
    """

    data: bytes | None = None
    link: str | None = None
    mode: int = 0o644

    @property
    def removes(self) -> bool:
        """Whether the path is not there in the arm."""
        return self.data is None and self.link is None


@dataclass(frozen=True, slots=True)
class Tree:
    """The folder `root` (absolute), and by path below it what is different in it."""

    root: str
    changes: Mapping[str, Change] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of a tree as it was seen: size, times of the last change of content and of anything, mode."""

    size_bytes: int
    modified_ns: int
    changed_ns: int
    inode: int
    mode: int


@dataclass(frozen=True, slots=True)
class Link:
    """A symbolic link of a tree: its path, where it leads in the end, and whether that is a folder."""

    path: str
    target: str
    is_folder: bool


@dataclass(frozen=True, slots=True)
class Survey:
    """A folder at one moment. Paths are absolute; `files` has those of linked folders outside, too.

    `folders`: of the tree itself, parents first. `devices`: links to what is no file. `unreadable`: folders
    with the reason. `whole`: False for a tree of more than MOST_ENTRIES entries, of which some are then
    missing.
    """

    root: str
    files: Mapping[str, Entry]
    folders: tuple[str, ...]
    links: tuple[Link, ...]
    devices: tuple[Link, ...]
    unreadable: Mapping[str, str]
    whole: bool

    @property
    def outside(self) -> tuple[Link, ...]:
        """The links that lead out of the tree."""
        return tuple(link for link in self.links if not is_below(link.target, self.root))

    def different(self, other: Survey) -> tuple[str, ...]:
        """The paths that are not the same in both, sorted."""
        mine, theirs = self._marks(), other._marks()
        return tuple(sorted(path for path in {*mine, *theirs} if mine.get(path) != theirs.get(path)))

    def _marks(self) -> dict[str, object]:
        folders: dict[str, object] = dict.fromkeys(self.folders, "folder")
        links: dict[str, object] = {link.path: link.target for link in self.links}
        return {**folders, **links, **self.files}


def is_below(path: str, folder: str) -> bool:
    """Whether an absolute path is a folder or lies in it."""
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def survey(root: str, left_out: Collection[str] = ()) -> Survey:
    """Look at all files of a tree (a real path), and of the folders outside that its links lead to.

    `left_out` are real paths that do not belong to it, such as the folder of results and reports.
    """
    looking = _Looking(root, frozenset(left_out))
    looking.walk(root)
    looking.follow()
    return Survey(
        root,
        looking.files,
        tuple(looking.folders),
        tuple(looking.links),
        tuple(looking.devices),
        looking.unreadable,
        looking.whole,
    )


class _Looking:
    """The state of one survey."""

    def __init__(self, root: str, left_out: frozenset[str]) -> None:
        self._root = root
        self._left_out = left_out
        self._left_names = {os.path.basename(path) for path in left_out}
        self._seen = 0
        self.files: dict[str, Entry] = {}
        self.folders: list[str] = []
        self.links: list[Link] = []
        self.devices: list[Link] = []
        self.unreadable: dict[str, str] = {}

    @property
    def whole(self) -> bool:
        return self._seen <= MOST_ENTRIES

    def follow(self) -> None:
        """Look into the linked folders outside, and into those that their links lead to."""
        seen: set[str] = set()
        for link in self.links:  # grows meanwhile
            if is_below(link.target, self._root) or link.target in seen:
                continue
            seen.add(link.target)
            if not link.is_folder:
                self._note(link.target)
            elif not is_below(self._root, link.target):  # what holds the project is left out of the runs
                self.walk(link.target)

    def walk(self, folder: str) -> None:
        """Note all that is in a folder."""
        inside = is_below(folder, self._root)
        try:
            with os.scandir(folder) as found:
                entries = sorted(found, key=lambda entry: entry.name)
        except OSError as error:
            self.unreadable[folder] = error.strerror or str(error)
            return
        for entry in entries:
            self._seen += 1
            if not self.whole:
                return
            if entry.is_symlink():
                target = os.path.realpath(entry.path)
                device = is_below(target, "/dev") or is_below(target, "/proc")
                where = self.devices if device else self.links
                where.append(Link(entry.path, target, os.path.isdir(target)))
            elif entry.is_dir():
                if not self._is_skipped(entry):
                    if inside:
                        self.folders.append(entry.path)
                    self.walk(entry.path)
            elif not self._is_left_out(entry):
                self._note(entry.path)

    def _is_left_out(self, entry: os.DirEntry[str]) -> bool:
        """Whether it was said to belong to no tree; names are looked at first, since real paths cost."""
        return entry.name in self._left_names and os.path.realpath(entry.path) in self._left_out

    def _is_skipped(self, entry: os.DirEntry[str]) -> bool:
        return entry.name in SKIPPED or os.path.exists(f"{entry.path}/pyvenv.cfg") or self._is_left_out(entry)

    def _note(self, path: str) -> None:
        try:
            found = os.stat(path, follow_symlinks=False)
        except OSError:
            return  # gone again, or a link that leads nowhere
        if stat.S_ISREG(found.st_mode):  # no sockets and pipes
            self.files[path] = Entry(
                found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino, found.st_mode
            )


def manifest(seen: Survey) -> dict[str, str]:
    """What tells the content of each file of a survey, by its path below the root (`../` outside of it).

    Half a SHA-256 of the content; of large files, and of those that cannot be read, size and time of change.
    """
    marks: dict[str, str] = {}
    room = _HASHED_IN_ALL_BYTES
    for path, entry in sorted(seen.files.items(), key=lambda item: (item[1].size_bytes, item[0])):
        room -= entry.size_bytes
        content = _content(path) if entry.size_bytes <= _HASHED_BYTES and room >= 0 else ""
        mark = content or f"{entry.size_bytes} B of {entry.modified_ns} ns"
        marks[os.path.relpath(path, seen.root)] = mark
    return dict(sorted(marks.items()))


def _content(path: str) -> str:
    try:
        with open(path, "rb") as stream:
            return hashlib.sha256(stream.read()).hexdigest()[:32]
    except OSError:
        return ""


def digest(marks: Mapping[str, str]) -> str:
    """One hash for a manifest."""
    lines = (f"{path}\0{mark}\n".encode("utf-8", "surrogateescape") for path, mark in sorted(marks.items()))
    return hashlib.sha256(b"".join(lines)).hexdigest()


def shortened(paths: Sequence[str], most: int = 3) -> str:
    """Some paths in words: `a, b, c and 4 more`."""
    rest = len(paths) - most
    return ", ".join(paths[:most]) + (f" and {rest} more" if rest > 0 else "")
