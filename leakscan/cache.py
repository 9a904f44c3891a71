"""A folder that spares work: bytes by kind and key, which only this user can have written.

A cache comes with a repository that somebody else made, or lies where others write. So each entry carries a
code made with a secret of the user, who keeps it outside of every project: what has none, or a wrong one, or
lies under another name, is not there. Nothing in an entry is ever executed. Whatever goes wrong while reading
or writing is as if there were no cache.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import importlib.util
import os
import secrets
import stat
import sys
import time
from collections.abc import Iterable, Iterator

from leakscan import __version__

#: The name of a folder beside a configuration.
FOLDER = ".leakscan_cache"
_TAG = "CACHEDIR.TAG"
_TAG_TEXT = (
    b"Signature: 8a477f597d28d172789f06886806bc55\n"
    b"# This folder holds what leakscan need not work out again. It may be removed at any time.\n"
    b"# For what the first line means see https://bford.info/cachedir/\n"
)
_IGNORED = b"# Made by leakscan.\n*\n"
_LARGEST_BYTES = 500_000_000
#: Of 256 values of the first byte of an entry's code, those at which the folder is bounded.
_DRAWN = 8
#: The share of the bound that one run may write before it looks.
_SHARE = 8
_SECRET_BYTES = 32
_CODE_BYTES = 16
_DAY_SECONDS = 86_400.0
_HOUR_SECONDS = 3_600.0
_PART = ".part-"


class Cache:
    """Entries of this version of leakscan, under this version of Python.

    A folder that cannot be read or written is no error: nothing is found there, nothing is kept.
    """

    def __init__(self, folder: str, secret: bytes, stamp: str) -> None:
        self._folder = folder
        self._secret = secret
        self._stamp = stamp
        self._writable = True
        self._wrote = False
        self._written_bytes = 0
        self._drawn = False
        self._parts = 0

    def get(self, kind: str, key: str) -> bytes | None:
        """Return an entry, or None where there is none that this user has written."""
        name = self._name(kind, key)
        try:
            with open(os.path.join(self._folder, name), "rb") as stream:
                found = stream.read()
                if time.time() - os.fstat(stream.fileno()).st_mtime > _DAY_SECONDS:
                    # What is used stays: the oldest entries go first.
                    os.utime(stream.name)
        except OSError:
            return None
        code, data = found[:_CODE_BYTES], found[_CODE_BYTES:]
        return data if hmac.compare_digest(code, self._code(name, data)) else None

    def put(self, kind: str, key: str, data: bytes) -> None:
        """Keep an entry; other processes see the whole of it or nothing."""
        if not self._writable:
            return
        name = self._name(kind, key)
        path = os.path.join(self._folder, name)
        self._parts += 1
        part = f"{os.path.dirname(path)}/{_PART}{os.getpid()}-{self._parts}"
        code = self._code(name, data)
        # A number that nobody chooses, and that is the same whenever the same is written.
        self._drawn |= code[0] < _DRAWN
        self._written_bytes += len(data)
        try:
            if not self._wrote:
                self._make_folder()
                self._wrote = True
            os.makedirs(os.path.dirname(path), exist_ok=True)
            try:
                with open(part, "xb") as stream:
                    stream.write(code)
                    stream.write(data)
                os.replace(part, path)
            except OSError:
                with contextlib.suppress(OSError):
                    os.unlink(part)
                raise
        except OSError:
            # A full disk, or a folder that is not ours: no further try in this run.
            self._writable = False

    def close(self) -> None:
        """Bound the folder: the entries that were not used for longest go.

        To look at all of them would cost each run what the folder has grown to. So a run does it after one in
        some thirty entries that are written, or when it has written much: the bound is passed by no more than
        a share, and not for long.
        """
        much = self._written_bytes >= _LARGEST_BYTES // _SHARE
        if self._wrote and (much or self._drawn):
            _prune(self._folder, _LARGEST_BYTES)

    def _name(self, kind: str, key: str) -> str:
        return f"{self._stamp}/{kind}/{key[:2]}/{key[2:]}"

    def _code(self, name: str, data: bytes) -> bytes:
        made = hashlib.blake2b(name.encode() + b"\0", key=self._secret, digest_size=_CODE_BYTES)
        made.update(data)
        return made.digest()

    def _make_folder(self) -> None:
        os.makedirs(self._folder, exist_ok=True)
        for name, text in ((_TAG, _TAG_TEXT), (".gitignore", _IGNORED)):
            with contextlib.suppress(FileExistsError), open(os.path.join(self._folder, name), "xb") as stream:
                stream.write(text)


def digest(*parts: bytes | str) -> str:
    """Return a key for what some parts say together."""
    made = hashlib.blake2b(digest_size=20)
    for part in parts:
        data = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        made.update(len(data).to_bytes(8, "little"))
        made.update(data)
    return made.hexdigest()


def open_cache(folder: str, sources: Iterable[str]) -> Cache | None:
    """Return the cache in a folder, for the code in some directories; None where there can be none.

    A link is none: a repository may hold one that leads elsewhere.
    """
    secret = _secret()
    stamp = _stamp(sources)
    if secret is None or stamp is None or "\0" in folder or os.path.islink(folder):
        return None
    return Cache(folder, secret, stamp)


def user_folder() -> str | None:
    """Return where caches of this user are kept, outside of every project; None where nobody says."""
    named = os.environ.get("XDG_CACHE_HOME")
    if named and os.path.isabs(named):
        return os.path.join(named, "leakscan")
    home = os.path.expanduser("~")
    if not os.path.isabs(home):
        return None
    if sys.platform == "win32":
        return os.path.join(os.environ.get("LOCALAPPDATA") or home, "leakscan", "cache")
    return os.path.join(home, "Library/Caches" if sys.platform == "darwin" else ".cache", "leakscan")


def _secret() -> bytes | None:
    """Return what only this user knows, made at the first time; None where it cannot be kept."""
    folder = user_folder()
    if folder is None:
        return None
    path = os.path.join(folder, "secret")
    known = _read_secret(path)
    if known is not None:
        return known
    part = f"{path}{_PART}{os.getpid()}-{secrets.token_hex(4)}"
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with open(descriptor, "wb") as stream:
                stream.write(secrets.token_bytes(_SECRET_BYTES))
            # Whoever comes first decides; one that is damaged or open to others is replaced.
            if os.path.lexists(path):
                os.replace(part, path)
            else:
                os.link(part, path)
        finally:
            with contextlib.suppress(OSError):
                os.unlink(part)
    except OSError:
        return _read_secret(path)
    return _read_secret(path)


def _read_secret(path: str) -> bytes | None:
    try:
        with open(path, "rb") as stream:
            about = os.fstat(stream.fileno())
            found = stream.read(_SECRET_BYTES + 1)
    except OSError:
        return None
    if not stat.S_ISREG(about.st_mode) or len(found) != _SECRET_BYTES:
        return None
    if os.name == "posix" and (about.st_uid != os.getuid() or about.st_mode & 0o077):
        return None
    return found


def _stamp(directories: Iterable[str]) -> str | None:
    """Return what stands for the code that results are made by, itself not only by its version."""
    made = hashlib.blake2b(digest_size=10)
    made.update(f"{__version__} {sys.version} {sys.implementation.cache_tag} {_parser()}".encode())
    for directory in directories:
        try:
            for path, size, time_ns in sorted(_code(directory)):
                made.update(f"{path}\0{size}\0{time_ns}\n".encode("utf-8", "surrogateescape"))
        except OSError:  # a zip file, say
            return None
    return made.hexdigest()


def _parser() -> str:
    """Return what stands for LibCST, which is not imported for that."""
    spec = importlib.util.find_spec("libcst")
    if spec is None or spec.origin is None:
        return ""
    try:
        return f"{spec.origin} {os.stat(spec.origin).st_mtime_ns}"
    except OSError:
        return spec.origin


def _code(directory: str) -> Iterator[tuple[str, int, int]]:
    with os.scandir(directory) as entries:
        for entry in entries:
            if entry.name.endswith(".py"):
                about = entry.stat()
                yield entry.path, about.st_size, about.st_mtime_ns
            elif entry.is_dir() and entry.name not in {"__pycache__", "examples"}:
                yield from _code(entry.path)


def is_cache(folder: str) -> bool:
    """Whether a folder was made by `Cache`: what is removed must be one."""
    try:
        with open(os.path.join(folder, _TAG), "rb") as stream:
            return not os.path.islink(folder) and stream.read(len(_TAG_TEXT) + 1) == _TAG_TEXT
    except OSError:
        return False


def _prune(folder: str, largest_bytes: int) -> None:
    found = sorted(_entries(folder))
    total = sum(size for _, size, _ in found)
    now = time.time()
    for modified, size, path in found:
        left_over = os.path.basename(path).startswith(_PART) and now - modified > _HOUR_SECONDS
        if total <= largest_bytes and not left_over:
            continue
        with contextlib.suppress(OSError):
            os.unlink(path)
        total -= size


def _entries(folder: str, depth: int = 0) -> Iterator[tuple[float, int, str]]:
    """Yield the time, the size in bytes and the path of each entry; other processes may remove some."""
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            with contextlib.suppress(OSError):
                if entry.is_dir(follow_symlinks=False):
                    yield from _entries(entry.path, depth + 1)
                elif depth == _DEPTH:
                    about = entry.stat(follow_symlinks=False)
                    yield about.st_mtime, about.st_size, entry.path


#: Stamp, kind, first two digits of the key.
_DEPTH = 3

__all__ = ["FOLDER", "Cache", "digest", "is_cache", "open_cache", "user_folder"]
