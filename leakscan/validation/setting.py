"""What must be the same to measure a program again: command, revision, interpreter, packages, variables."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Mapping, Sequence

from leakscan.validation.interpreter import Interpreter
from leakscan.validation.measurements import Setting

_SECONDS = 10.0


def describe_setting(
    words: Sequence[str],
    root: str,
    interpreter: Interpreter,
    variables: Mapping[str, str],
    tree_hash: str,
) -> Setting:
    """The setting of a measurement; `words` are those of the command line after `leakscan`.

    `root` is the folder of the program, `tree_hash` the digest of all that it was run among.
    """
    return Setting(
        command=shlex.join(["leakscan", *words]),
        revision=revision(root),
        tree_hash=tree_hash,
        python=interpreter.path,
        python_version=f"{interpreter.implementation} {interpreter.version}",
        packages=dict(interpreter.packages),
        variables=dict(variables),
    )


def revision(root: str) -> str | None:
    """The commit of the working tree, by its nearest tag if there is one, with `-dirty` where files differ.

    None outside git, and where git does not run.
    """
    # `describe --dirty` would write what it finds to the user's index.
    commit = _git(root, "describe", "--always", "--tags", "--long", "--abbrev=40")
    changes = _git(root, "status", "--porcelain", "--untracked-files=no")
    if not commit:
        return None
    return f"{commit}-dirty" if changes else commit


def _git(root: str, *words: str) -> str | None:
    """What git says of a folder, without a lock; None where it says nothing."""
    try:
        done = subprocess.run(  # noqa: S603 - no word of it is the user's but the folder
            ["git", "-C", root, *words],  # noqa: S607
            capture_output=True,
            text=True,
            check=True,
            stdin=subprocess.DEVNULL,
            timeout=_SECONDS,
            env={**os.environ, "GIT_OPTIONAL_LOCKS": "0"},
        )
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return None
    return done.stdout.strip() or None
