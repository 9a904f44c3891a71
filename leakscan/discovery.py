"""Paths -> the Python files and notebooks below them, without what git and custom leave out."""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

from leakscan.diagnostics import FileError
from leakscan.records import dataclass, field

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

SUFFIXES = (".py", ".ipynb")

#: Never entered unless named on the command line; ruff's list, with the caches of other tools.
DEFAULT_EXCLUDES = frozenset(
    {
        ".bzr",
        ".direnv",
        ".eggs",
        ".git",
        ".git-rewrite",
        ".hg",
        ".hypothesis",
        ".ipynb_checkpoints",
        ".leakscan_cache",
    }
    | {".mypy_cache", ".nox", ".pants.d", ".pyenv", ".pytest_cache", ".pytype", ".ruff_cache", ".svn"}
    | {".tox", ".venv", ".vscode", "__pycache__", "__pypackages__", "_build", "buck-out", "build", "dist"}
    | {"node_modules", "site-packages", "venv"}
)
_DEFAULT_SUFFIXES = (".egg-info",)


def posix(path: str) -> str:
    """`path` with forward slashes."""
    return path if os.sep == "/" else path.replace(os.sep, "/")


def read_found(path: str) -> bytes:
    """The bytes of a file that nobody named. Raises OSError.

    Also where it is a device or a named pipe, which would be waited for.
    """
    if "\0" in path or not stat.S_ISREG(os.stat(path).st_mode):
        raise OSError(errno.EINVAL, "not a regular file", path)
    with open(path, "rb") as stream:
        return stream.read()


def absolute(path: str) -> str:
    """`path` made absolute and normal, with forward slashes; symbolic links stay as they are."""
    return posix(os.path.abspath(path))


@dataclass(frozen=True, slots=True)
class PathPatterns:
    """Glob patterns relative to `base`, matched as ruff does.

    A pattern without a slash matches the name of any file or directory; every pattern is also tried on
    the path from `base` and on the absolute path. `*` crosses slashes.
    """

    base: str
    patterns: tuple[str, ...]
    _regex: re.Pattern[str] | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        parts = [_glob(pattern) for pattern in self.patterns if pattern.strip("/")]
        object.__setattr__(self, "_regex", re.compile("|".join(parts)) if parts else None)

    def match(self, path: str) -> bool:
        """Whether an absolute posix path (not what lies below it) is meant."""
        regex = self._regex
        if regex is None:
            return False
        if regex.fullmatch(path.rpartition("/")[2]) or regex.fullmatch(path):
            return True
        return path.startswith(self.base + "/") and regex.fullmatch(path[len(self.base) + 1 :]) is not None

    def match_below(self, path: str) -> bool:
        """Whether the path or a directory that holds it, up to `base`, is meant."""
        while path.startswith(self.base + "/") or path == self.base:
            if self.match(path):
                return True
            path = path.rpartition("/")[0]
        return False


@dataclass(frozen=True, slots=True)
class Excludes:
    """Patterns of several origins (configuration file, command line), each with a base of its own.

    directories: absolute paths of directories that are left out as well, with all that is in them.
    """

    parts: tuple[PathPatterns, ...] = ()
    directories: tuple[str, ...] = ()

    def match(self, path: str) -> bool:
        """Whether any of them means this absolute path."""
        return path in self.directories or any(part.match(path) for part in self.parts)

    def forced_out(self, path: str, root: str) -> bool:
        """Whether a file named on the command line would not have been found by walking `root`."""
        below = path[len(root) + 1 :] if path.startswith(root + "/") else path.rpartition("/")[2]
        if any(_by_default(name) for name in below.split("/")):
            return True
        if any(path.startswith(directory + "/") for directory in self.directories):
            return True
        return any(part.match_below(path) for part in self.parts)


def _glob(pattern: str) -> str:
    pattern = posix(pattern).removeprefix("./").rstrip("/")
    out = []
    index = 0
    while index < len(pattern):
        if pattern.startswith("**/", index):
            out.append("(?:.*/)?")
            index += 3
            continue
        char = pattern[index]
        close = pattern.find("]", index + 2) if char == "[" else -1
        if char == "*":
            out.append(".*")
        elif char == "?":
            out.append("[^/]")
        elif close > 0:
            body = pattern[index + 1 : close].replace("\\", "\\\\")
            out.append(f"[^{body[1:]}]" if body.startswith("!") else f"[{body}]")
            index = close
        else:
            out.append(re.escape(char))
        index += 1
    return f"(?s:{''.join(out)})"


class Ignored:
    """What git ignores, seen from one directory: the patterns of the directories above it and its own."""

    __slots__ = ("_levels",)

    def __init__(self, levels: tuple[tuple[str, GitIgnoreSpec], ...] = ()) -> None:
        self._levels = levels

    def match(self, path: str, *, directory: bool) -> bool:
        """Whether git ignores an entry of a directory that is not itself ignored."""
        for base, spec in reversed(self._levels):
            relative = path[len(base) + 1 :]
            verdict = spec.check_file(relative + "/" if directory else relative).include
            if verdict is not None:
                return bool(verdict)
        return False

    def enter(self, directory: str, names: Iterable[str]) -> Ignored:
        """The patterns that hold in a subdirectory with these entries."""
        levels = self._levels
        if ".git" in names:  # a repository of its own: what ignores from outside ends here
            git = _git_folder(directory)
            levels = tuple(
                level
                for path in (_excludes_file(directory, git), f"{git}/info/exclude")
                for level in (_level(directory, path) if path else ())
            )
        if ".gitignore" in names:
            levels += _level(directory, f"{directory}/.gitignore")
        return self if levels is self._levels else Ignored(levels)


def _git_folder(repository: str) -> str:
    """Where git keeps what holds for a repository: `.git`, or what that file of a worktree names."""
    folder = f"{repository}/.git"
    if os.path.isdir(folder):
        return folder
    for name in ("", "/commondir"):  # gitdir: /src/.git/worktrees/topic, and in it: ../..
        try:
            words = read_found(f"{folder}{name}").decode("utf-8", "surrogateescape").strip()
        except OSError:
            return folder
        base = folder if name else repository
        folder = os.path.normpath(os.path.join(base, words.removeprefix("gitdir:").strip()))
    return folder


def _excludes_file(repository: str, git: str) -> str | None:
    """What git ignores in every repository of a user: `core.excludesFile`, or its default."""
    home = os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config")
    # The last one that sets it wins, as with git. The system's file is that of an administrator.
    files = [f"{home}/git/config", os.path.expanduser("~/.gitconfig")]
    if named := os.environ.get("GIT_CONFIG_GLOBAL"):
        files = [named]
    found = None
    for path in (*files, f"{git}/config"):
        try:
            text = read_found(path).decode("utf-8", "replace")
        except OSError:
            continue
        for section in _CORE.findall(text):
            for value in _EXCLUDES_FILE.findall(section):
                found = value.strip().strip('"')
    if found is None:
        return f"{home}/git/ignore"
    return os.path.join(repository, os.path.expanduser(found)) if found else None


_CORE = re.compile(r"^[ \t]*\[core\](.*?)(?=^[ \t]*\[|\Z)", re.MULTILINE | re.DOTALL | re.IGNORECASE)
_EXCLUDES_FILE = re.compile(r"^[ \t]*excludesfile[ \t]*=([^\n#;]*)", re.MULTILINE | re.IGNORECASE)


def _level(base: str, path: str) -> tuple[tuple[str, GitIgnoreSpec], ...]:
    try:
        lines = read_found(path).decode("utf-8-sig", "replace").splitlines()
    except OSError:
        return ()  # no such file, or none that git could read
    from pathspec import GitIgnoreSpec  # most directories have no patterns

    try:
        spec = GitIgnoreSpec.from_lines(lines)
    except ValueError:
        spec = GitIgnoreSpec.from_lines(line for line in lines if _valid(line))
    return ((base, spec),)


def _valid(line: str) -> bool:
    from pathspec import GitIgnoreSpec

    try:
        GitIgnoreSpec.from_lines([line])
    except ValueError:  # git passes over patterns that make no sense
        return False
    return True


def ignored_above(directory: str) -> Ignored:
    """What git ignores in `directory` by the patterns above it, up to the root of its repository.

    A directory that is ignored itself was asked for by name: then what ignores it does not count.
    """
    chain: list[str] = []
    here = directory
    while not os.path.exists(f"{here}/.git"):
        parent = os.path.dirname(here)
        if parent == here:
            return Ignored()
        here = parent
        chain.append(here)
    ignored = Ignored()
    path = [*chain[::-1], directory]
    for above, below in pairwise(path):
        ignored = ignored.enter(above, _names(above))
        if ignored.match(below, directory=True):
            return Ignored()
    return ignored


def _names(directory: str) -> frozenset[str]:
    return frozenset(n for n in (".git", ".gitignore") if os.path.exists(f"{directory}/{n}"))


class Walker:
    """Finds the files to check below a directory.

    excluded: for a directory, the patterns that hold in it and below until another has its own.
    problem: called with the path and one line for what cannot be read; the walk goes on.
    prune: tells which subdirectories to leave out (those of another project, say).
    """

    def __init__(
        self,
        excluded: Callable[[str], Excludes],
        problem: Callable[[str, str], None],
        prune: Callable[[str, frozenset[str]], bool] | None = None,
    ) -> None:
        self._excluded = excluded
        self._problem = problem
        self._prune = prune
        self._entered: set[str] = set()  # real paths behind symbolic links

    def walk(self, root: str) -> Iterator[str]:
        """The files below an absolute directory, in no particular order."""
        real_root = os.path.realpath(root)
        pending = [(root, ignored_above(root))]
        while pending:
            directory, ignored = pending.pop()
            entries = self._entries(directory)
            names = frozenset(entry.name for entry in entries)
            if directory != root and self._is_other(directory, names):
                continue
            ignored = ignored.enter(directory, names)
            excluded = self._excluded(directory)
            for entry in entries:
                path = f"{directory.rstrip('/')}/{entry.name}"
                kind = self._kind(entry, path, directory, real_root)
                if kind is None or _by_default(entry.name) or excluded.match(path):
                    continue
                if ignored.match(path, directory=kind == "directory"):
                    continue
                if kind == "directory":
                    pending.append((path, ignored))
                else:
                    yield path

    def _is_other(self, directory: str, names: frozenset[str]) -> bool:
        # Any virtual environment, whatever its name.
        return "pyvenv.cfg" in names or (self._prune is not None and self._prune(directory, names))

    def _entries(self, directory: str) -> list[os.DirEntry[str]]:
        try:
            with os.scandir(directory) as found:
                return sorted(found, key=lambda entry: entry.name)
        except OSError as error:
            self._problem(directory, f"cannot be read: {error.strerror}")
            return []

    def _kind(self, entry: os.DirEntry[str], path: str, directory: str, real_root: str) -> str | None:
        """'file' for one that we check, 'directory' for one that we enter, else None."""
        ours = entry.name.endswith(SUFFIXES)
        try:
            if not entry.is_symlink():
                if entry.is_dir(follow_symlinks=False):
                    return "directory"
                return "file" if ours and entry.is_file(follow_symlinks=False) else None
            mode = entry.stat().st_mode
        except OSError as error:
            self._link_problem(path, error, ours=ours)
            return None
        if stat.S_ISDIR(mode):
            return "directory" if self._enters_link(path, directory, real_root) else None
        return "file" if ours and stat.S_ISREG(mode) else None

    def _link_problem(self, path: str, error: OSError, *, ours: bool) -> None:
        if isinstance(error, FileNotFoundError):
            if ours:  # elsewhere a dangling link may be meant for another machine
                self._problem(path, "dangling symbolic link")
        elif "symbolic link" in (error.strerror or "").lower():  # ELOOP
            self._problem(path, "circular symbolic link")
        elif ours:
            self._problem(path, f"cannot be read: {error.strerror}")

    def _enters_link(self, path: str, directory: str, real_root: str) -> bool:
        real = os.path.realpath(path)
        here = os.path.realpath(directory)
        if here == real or here.startswith(real.rstrip("/") + "/"):
            self._problem(path, "circular symbolic link (it leads to a directory that holds it)")
            return False
        if real.startswith(real_root + "/") or real in self._entered:
            return False  # reached under its own name
        self._entered.add(real)
        return True


def _by_default(name: str) -> bool:
    return name in DEFAULT_EXCLUDES or name.endswith(_DEFAULT_SUFFIXES)


@dataclass(slots=True)
class Requested:
    """What the command line asks for: absolute path -> whether the file was named itself.

    directories: those named, absolute; relative: whether paths are shown relative, by absolute path.
    """

    files: dict[str, bool] = field(default_factory=dict)
    directories: list[str] = field(default_factory=list)
    absolute_display: set[str] = field(default_factory=set)
    errors: list[FileError] = field(default_factory=list)


def display_path(path: str, *, relative: bool) -> str:
    """An absolute path as users see it: from the current directory, or absolute if they wrote it so."""
    return posix(os.path.relpath(path)) if relative else path


def find_requested(
    paths: Iterable[str], excluded: Callable[[str], Excludes], *, force_exclude: bool = False
) -> Requested:
    """The files that `paths` mean, each once; named files are taken unless `force_exclude` and excluded."""
    requested = Requested()
    for given in paths:
        relative = not os.path.isabs(given)
        path = absolute(given)

        def problem(where: str, message: str, *, relative: bool = relative) -> None:
            requested.errors.append(FileError(display_path(where, relative=relative), message))

        try:
            mode = os.stat(given).st_mode
        except (OSError, ValueError) as error:
            shown = display_path(path, relative=relative) if given else "''"
            requested.errors.append(FileError(shown, _missing(given, error)))
            continue
        if stat.S_ISDIR(mode):
            requested.directories.append(path)
            found = Walker(excluded, problem).walk(path)
            explicit = False
        elif not stat.S_ISREG(mode):
            problem(path, "not a regular file")
            continue
        else:
            found = iter((path,))
            explicit = True
            if force_exclude and excluded(os.path.dirname(path)).forced_out(path, absolute(os.curdir)):
                continue
        for item in found:
            if not relative and item not in requested.files:
                requested.absolute_display.add(item)
            requested.files[item] = requested.files.get(item, False) or explicit
    return requested


def _missing(given: str, error: OSError | ValueError) -> str:
    if os.path.islink(given):
        if isinstance(error, FileNotFoundError):
            return "dangling symbolic link"
        return "circular symbolic link"
    if isinstance(error, FileNotFoundError) or not given:
        return "no such file or directory"
    return f"cannot be read: {error.strerror if isinstance(error, OSError) else error}"
