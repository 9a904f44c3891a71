"""The files of a git repository as an earlier revision had them; git runs nothing of the repository's."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence

from leakscan.discovery import SUFFIXES, absolute, display_path
from leakscan.errors import LeakscanError

_NO_NOTEBOOK = b'{"cells": []}'
#: What a repository could have git run.
_SAFE = ("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null")


def texts_at(revision: str, directories: Sequence[str]) -> tuple[tuple[str, str, bytes], ...]:
    """The Python files that differ from a revision, as they were: absolute path, displayed path, bytes.

    What was not there is empty; a renamed file is as it was under its old name. directories: absolute; their
    repositories are looked at. Raises LeakscanError where there is no such revision.
    """
    roots = dict.fromkeys(
        absolute(_git(item, "rev-parse", "--show-toplevel").decode("utf-8", "surrogateescape").rstrip("\n"))
        for item in directories
    )
    found: list[tuple[str, str, bytes]] = []
    for root in roots:
        commit = _commit(root, revision)
        changed = _changes(root, commit)
        new = _names(root, "ls-files", "--others", "--exclude-standard", "-z")
        there = set(_names(root, "ls-tree", "-r", "--name-only", "--full-tree", "-z", commit))
        for name in sorted({*changed, *new}):
            path = f"{root}/{name}"
            if not name.endswith(SUFFIXES) or not os.path.isfile(path):
                continue
            data = _NO_NOTEBOOK if name.endswith(".ipynb") else b""
            before = changed.get(name, name)
            if before in there:
                data = _git(root, "cat-file", "blob", f"{commit}:{before}")
            found.append((path, display_path(path, relative=True), data))
    return tuple(found)


def _changes(root: str, commit: str) -> dict[str, str]:
    """The files that are no longer as in a commit, each with its name in it."""
    options = ("--name-status", "--find-renames", "--no-ext-diff", "--no-textconv", "-z")
    words = iter(_names(root, "diff", *options, commit, "--"))
    found = {}
    for status in words:  # M, train.py; R087, train.py, src/train.py
        before = next(words)
        found[next(words) if status[0] in "RC" else before] = before
    return found


def _commit(root: str, revision: str) -> str:
    words = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    try:
        return _git(root, *words).decode().strip()
    except LeakscanError:
        raise LeakscanError(f"--diff-base: {root} has no revision {revision!r}") from None


def _names(root: str, *words: str) -> list[str]:
    return [name for name in _git(root, *words).decode("utf-8", "surrogateescape").split("\0") if name]


def _git(directory: str, *words: str) -> bytes:
    try:
        done = subprocess.run(  # noqa: S603 (words of our own, and names after them)
            ["git", "-C", directory, *_SAFE, *words],  # noqa: S607 (the user's own git)
            capture_output=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except OSError as error:
        raise LeakscanError(f"--diff-base: git does not run: {error.strerror}") from error
    if done.returncode:
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise LeakscanError(f"--diff-base: {lines[0] if lines else 'git failed'}")
    return done.stdout
