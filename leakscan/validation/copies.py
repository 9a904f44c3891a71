"""Files and folders that are leakscan's own: copies, and the temporary folder that holds them."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator, Sequence

from leakscan.errors import LeakscanError
from leakscan.validation.trees import Change, is_below

PREFIX = "leakscan-runs-"
_LOCK = "lock"
_TEMPORARY = ("/tmp", "/var/tmp", "/dev/shm")  # noqa: S108
_FICLONE = 0x40049409  # ioctl_ficlonerange(2): a copy that shares its blocks until one is written


def moved_path(path: str, moved: Sequence[tuple[str, str]]) -> str:
    """A path in a folder that a copy stands for, in that copy; `moved` are pairs of folder and copy."""
    for old, new in moved:
        if is_below(path, old):
            return new + path[len(old) :]
    return path


def copy_file(source: str, target: str) -> None:
    """Copy a file with its permissions and times, sharing blocks where the file system can."""
    with open(source, "rb") as read, open(target, "wb") as write:
        try:
            fcntl.ioctl(write.fileno(), _FICLONE, read.fileno())
        except OSError:
            shutil.copyfileobj(read, write, 1 << 20)
    shutil.copystat(source, target)


def copy_parents(source: str, target: str, root: str) -> None:
    """Make the folders of a file as they are in the tree, with their permissions."""
    missing = []
    folder, model = os.path.dirname(target), os.path.dirname(source)
    while not os.path.isdir(folder):
        missing.append((folder, model))
        folder, model = os.path.dirname(folder), os.path.dirname(model)
    for folder, model in reversed(missing):
        os.mkdir(folder)
        if is_below(model, root) and os.path.isdir(model):
            shutil.copymode(model, folder)


def write_change(path: str, change: Change, original: str) -> None:
    """Make a file, with the permissions of the `original` where there is one, or a link."""
    if change.link is not None:
        os.symlink(change.link, path)
        return
    with open(path, "wb") as stream:
        stream.write(change.data or b"")
    os.chmod(path, change.mode)
    if os.path.isfile(original) and not os.path.islink(original):
        shutil.copymode(original, path)


def apply_change(path: str, change: Change, original: str) -> None:
    """Have a path of a copy be what it is in an arm."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)
    if not change.removes:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        write_change(path, change, original)


def copy_error(error: OSError, folder: str) -> LeakscanError:
    """What a failed copy into `folder` is to the user: a full disk is that of the copy, not the source's."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return LeakscanError(
            f"{folder}: {error.strerror}, while the tree was copied for the runs; set TMPDIR to a larger disk"
        )
    return LeakscanError(f"{error.filename or folder}: {error.strerror}; the tree cannot be copied for a run")


def remove(folder: str) -> None:
    """Remove a folder of ours, whatever permissions a program gave to what is in it. Never raises."""
    for path, names, _ in os.walk(folder):
        for name in names:
            inner = os.path.join(path, name)
            with contextlib.suppress(OSError):
                if not os.path.islink(inner) and (os.stat(inner).st_mode & stat.S_IRWXU) != stat.S_IRWXU:
                    os.chmod(inner, stat.S_IRWXU)
    shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def temporary_folder(avoided: Sequence[str]) -> Iterator[str]:
    """A folder of our own outside of all trees, removed in the end; what dead processes left goes first."""
    # Not tempfile.gettempdir(), which tries out whether it can write there: it may be the user's tree.
    given = [os.environ.get(name, "") for name in ("TMPDIR", "TEMP", "TMP")]
    parents = [os.path.realpath(path) for path in (*given, *_TEMPORARY) if path and os.path.isdir(path)]
    usable = [
        path
        for path in dict.fromkeys(parents)
        if os.access(path, os.W_OK | os.X_OK) and not any(is_below(path, root) for root in avoided)
    ]
    if not usable:
        raise LeakscanError(
            f"{parents[0]}: the temporary folder lies in the program's own tree, or cannot be written; "
            "set TMPDIR to one that does not"
        )
    for parent in usable:
        _sweep(parent)
    try:
        folder = tempfile.mkdtemp(prefix=PREFIX, dir=usable[0])
    except OSError as error:
        raise LeakscanError(f"{usable[0]}: {error.strerror}; set TMPDIR to another folder") from error
    try:
        descriptor = os.open(f"{folder}/{_LOCK}", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield folder
        finally:
            os.close(descriptor)
    finally:
        remove(folder)


def _sweep(parent: str) -> None:
    """Remove the folders of processes that ended without doing so: nobody holds their lock."""
    with contextlib.suppress(OSError):
        for name in os.listdir(parent):
            folder = f"{parent}/{name}"
            if not name.startswith(PREFIX) or os.path.islink(folder):
                continue
            with contextlib.suppress(OSError):
                if os.stat(folder).st_uid != os.geteuid():
                    continue
                descriptor = os.open(f"{folder}/{_LOCK}", os.O_RDWR | os.O_CLOEXEC)
                try:
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    remove(folder)
                finally:
                    os.close(descriptor)
