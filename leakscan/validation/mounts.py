"""Puts copy-on-write layers over folders, seen by this process and its children alone (Linux).

A plain file for any Python from 3.8 on, standard library only: the worker loads it by path in the program's
interpreter, and `python mounts.py JSON` tries out whether the system allows it.

Each layer is an overlay (see overlayfs in the kernel's documentation) in a mount namespace of its own; what
the program writes lands in the layer's `upper` folder. Without privileges a user namespace comes first, in
which the user keeps their number and gains nothing outside. All of it ends with the last of the processes.
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import sys
from typing import Any

_CLONE_NEWNS = 0x00020000
_CLONE_NEWUSER = 0x10000000
_MS_BIND = 4096
_MS_REC = 16384
_MS_PRIVATE = 1 << 18
_CAPABILITY_VERSION_3 = 0x20080522


def enter(layers: list[dict[str, Any]], directory: str) -> None:
    """Cover folders with their layers, take out what a layer removes, and go (back) to `directory`.

    A layer has `target` (the folder, or a file), `lower` (folders, the uppermost first), `upper` and `work`
    on one file system, and `removed` (paths below the target); with `source` one file is put into the place
    of another instead. Threads must not run yet.

    Raises OSError where the system does not allow it; nothing is then mounted for anybody else.
    """
    user = _unshare()
    # Nothing that is mounted here may show elsewhere.
    _mount(None, "/", None, _MS_REC | _MS_PRIVATE, None)
    # What a layer covers may lie below another layer, where it would no longer be found by its path.
    folders = [[os.open(path, os.O_PATH | os.O_CLOEXEC) for path in layer["lower"]] for layer in layers]
    for layer, lower in zip(layers, folders):  # noqa: B905 - Python 3.8
        if layer["source"] is not None:
            _mount(layer["source"], layer["target"], None, _MS_BIND, None)
            continue
        options = ",".join(
            [
                "lowerdir=" + ":".join(f"/proc/self/fd/{number}" for number in lower),
                "upperdir=" + _escaped(layer["upper"]),
                "workdir=" + _escaped(layer["work"]),
                *(["userxattr"] if user else []),
            ]
        )
        _mount("overlay", layer["target"], "overlay", 0, options)
        if os.statvfs(layer["target"]).f_flag & os.ST_RDONLY:
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), layer["target"])
        for path in layer["removed"]:
            os.unlink(os.path.join(layer["target"], path))
    for lower in folders:
        for number in lower:
            os.close(number)
    if os.geteuid() != 0:
        _drop_capabilities()
    os.chdir(directory)


def _unshare() -> bool:
    """A mount namespace of our own; whether a user namespace was needed for it."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_CLONE_NEWNS) == 0:
        return False
    user, group = os.geteuid(), os.getegid()
    if libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNS) != 0:
        raise _error("a user namespace")
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{user} {user} 1"),
        ("gid_map", f"{group} {group} 1"),
    ):
        with open("/proc/self/" + name, "w") as file:
            file.write(text)
    return True


def _mount(source: str | None, target: str, kind: str | None, flags: int, options: str | None) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    words = [None if word is None else os.fsencode(word) for word in (source, target, kind, options)]
    if libc.mount(words[0], words[1], words[2], ctypes.c_ulong(flags), words[3]) != 0:
        raise _error(target)


def _drop_capabilities() -> None:
    """Be in the namespace what the user is outside of it.

    A user has every capability in a namespace of their own until something is executed: files that they may
    not read would become readable.
    """
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    ctypes.CDLL(None, use_errno=True).capset(header, (ctypes.c_uint32 * 6)())


def _escaped(path: str) -> str:
    return path.replace("\\", "\\\\").replace(",", "\\,").replace(":", "\\:")


def _error(what: str) -> OSError:
    number = ctypes.get_errno()
    return OSError(number, os.strerror(number), what)


if __name__ == "__main__":
    task = json.loads(sys.argv[1])
    try:
        enter(task["layers"], task["directory"])
    except OSError as problem:
        sys.stderr.write(f"{problem.filename}: {problem.strerror}\n")
        sys.exit(1)
