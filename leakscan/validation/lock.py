"""The lock that keeps two measurements on one machine apart."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator

from leakscan.errors import LeakscanError

_LOCK = "/tmp/leakscan-measuring.lock"  # noqa: S108 - the one place that every user of a machine shares


def lock_path() -> str:
    """The file of the lock: one for all users, whatever TMPDIR says.

    LEAKSCAN_LOCK names another, for parts of a machine that do not disturb each other.
    """
    return os.environ.get("LEAKSCAN_LOCK") or _LOCK


@contextlib.contextmanager
def exclusive(path: str | None = None) -> Iterator[None]:
    """Hold the lock that keeps two measurements on this machine apart; `path` is that of its file.

    Raises LeakscanError when another process holds it. The lock ends with the process, however that ends.
    """
    path = path or lock_path()
    try:
        # Others may write to the folder: a link there must not choose what is written to.
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o666)
        writable = True
    except PermissionError:  # another user made it; it can be locked all the same
        descriptor, writable = _open_to_read(path), False
    except OSError as error:
        raise _no_lock(path, error) from None
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(descriptor, 32, 0).decode(errors="replace").strip() or "unknown"
            raise LeakscanError(
                f"another measurement is running (process {holder}); two at a time would disturb each other"
            ) from None
        if writable:
            os.truncate(descriptor, 0)
            os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(descriptor)


def _open_to_read(path: str) -> int:
    try:
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise _no_lock(path, error) from None


def _no_lock(path: str, error: OSError) -> LeakscanError:
    return LeakscanError(
        f"{path}: {error.strerror}; this file keeps two measurements apart, LEAKSCAN_LOCK names another"
    )
