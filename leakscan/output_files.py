"""Files for reports, replaced in one step."""

from __future__ import annotations

import contextlib
import os

from leakscan.errors import LeakscanError


def write_file(path: str, text: str) -> None:
    """Replace a file in one step: readers see the old report or the new one. Raises LeakscanError."""
    import tempfile  # few reports go to a file

    data = text.encode("utf-8", "backslashreplace")
    directory = os.path.dirname(os.path.abspath(path))
    temporary = None
    try:
        if os.path.exists(path) and not os.path.isfile(path):  # /dev/stdout, a named pipe
            with open(path, "wb") as stream:
                stream.write(data)
            return
        descriptor, temporary = tempfile.mkstemp(prefix=".leakscan-", dir=directory)
        with open(descriptor, "wb") as stream:
            stream.write(data)
        os.chmod(temporary, _mode_for(path))
        os.replace(temporary, os.path.realpath(path))
    except OSError as error:
        if temporary is not None:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
        raise LeakscanError(f"{path}: cannot be written: {error.strerror}") from error


def _mode_for(path: str) -> int:
    """The permissions of the file that is replaced, or those that open() would give a new one."""
    try:
        return os.stat(path).st_mode & 0o7777
    except OSError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask
