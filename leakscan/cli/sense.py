"""Options of `validate`, `study` and `report` that make no sense, refused before anything runs."""

from __future__ import annotations

import argparse
import os
import shlex
from collections.abc import Iterable, Mapping

from leakscan.errors import LeakscanError

_LONGEST_SECONDS = 365 * 86_400.0
_MOST_BLOCKS = 10_000
_MOST_TIMES = 1000  # warm-ups, and `--longer`
_REPORTS = ("html", "json", "csv", "markdown")


def require_sensible_validate(arguments: argparse.Namespace) -> None:
    """Raises LeakscanError for options of `validate` that are impossible, or contradict each other."""
    if arguments.module is not None and arguments.command is not None:
        raise LeakscanError("-m and --command both name the program; give one of them")
    if arguments.command is not None:
        try:
            shlex.split(arguments.command)
        except ValueError as error:
            raise LeakscanError(
                f"--command: {arguments.command}: {error}; check the quotation marks"
            ) from None
    _require_durations(arguments, ("budget", "timeout", "until"), ("cooldown", "wait"))
    if arguments.until is not None and arguments.until >= arguments.timeout:
        raise LeakscanError(
            f"--until cannot exceed --timeout: runs are stopped after {arguments.timeout:g} s"
        )
    _require_at_most(arguments, "runs", _MOST_BLOCKS)
    _require_at_most(arguments, "warmup", _MOST_TIMES)
    _require_seed(arguments)
    if arguments.self_test:
        _require_without(
            arguments, "--self-test", ("smoke", "against", "arms"), "it measures one program against itself"
        )
    if arguments.smoke:
        _require_without(
            arguments, "--smoke", ("resume", "fail_on"), "it runs each arm once and judges nothing"
        )
    if arguments.fail_on and not (arguments.measure or arguments.resume or arguments.self_test):
        raise LeakscanError("--fail-on needs --measure: without it there is no verdict")
    _require_folder(arguments.out)
    _require_places(arguments, {arguments.script: "the program"})


def require_sensible_study(arguments: argparse.Namespace) -> None:
    """Raises LeakscanError for options of `study` that are impossible, or contradict each other."""
    _require_durations(arguments, ("timeout",), ("wait",))
    _require_at_most(arguments, "runs", _MOST_BLOCKS)
    _require_at_most(arguments, "longer", _MOST_TIMES)
    _require_seed(arguments)
    if arguments.render:
        names = ("quick", "practice", "only", "runs", "resume", "python", "keep_disturbed")
        _require_without(arguments, "--render", names, "it runs nothing")
    _require_folder(arguments.out)


def require_sensible_report(arguments: argparse.Namespace) -> None:
    """Raises LeakscanError for options of `report` that are impossible, or contradict each other."""
    _require_places(
        arguments, {arguments.file: "the report that is read", arguments.other: "a report to read"}
    )


def _shown(name: str) -> str:
    return {"script": "SCRIPT", "file": "FILE", "other": "OTHER", "module": "-m"}.get(
        name, f"--{name.replace('_', '-')}"
    )


def _require_durations(
    arguments: argparse.Namespace, above_zero: Iterable[str], or_zero: Iterable[str]
) -> None:
    above = tuple(above_zero)
    for name in (*above, *or_zero):
        value = getattr(arguments, name)
        if value is None:
            continue
        if value <= 0 and name in above:
            raise LeakscanError(f"--{name}: give more than 0 seconds")
        if value > _LONGEST_SECONDS:
            raise LeakscanError(f"--{name}: give at most one year")


def _require_at_most(arguments: argparse.Namespace, name: str, limit: int) -> None:
    value = getattr(arguments, name)
    if value is not None and value > limit:
        raise LeakscanError(f"--{name}: give at most {limit}")


def _require_seed(arguments: argparse.Namespace) -> None:
    # numpy's generators take no other.
    if not 0 <= arguments.seed < 2**32:
        raise LeakscanError("--seed: give a number from 0 to 4294967295")


def _require_without(arguments: argparse.Namespace, option: str, others: Iterable[str], reason: str) -> None:
    for name in others:
        if getattr(arguments, name) not in (None, False, []):
            raise LeakscanError(f"{option} cannot be used with {_shown(name)}: {reason}")


def _require_folder(path: str | None) -> None:
    """That a folder is there and can be written to, or can be made."""
    if path is None:
        return
    above = os.path.abspath(path)
    while not os.path.lexists(above):
        above = os.path.dirname(above)
    if not os.path.isdir(above):
        raise LeakscanError(f"--out: {above} is a file; name a folder")
    if not os.access(above, os.W_OK | os.X_OK):
        raise LeakscanError(f"--out: {above} cannot be written to; name another folder")


def _require_places(arguments: argparse.Namespace, read: Mapping[str | None, str]) -> None:
    """That reports can be written where they shall go: not told only after hours of measuring."""
    seen = {os.path.realpath(path): what for path, what in read.items() if path is not None}
    for name in _REPORTS:
        path = getattr(arguments, name)
        if path is None:
            continue
        if os.path.isdir(path):
            raise LeakscanError(f"--{name}: {path} is a folder; name a file")
        folder = os.path.dirname(os.path.abspath(path))
        if not os.path.isdir(folder):
            raise LeakscanError(
                f"--{name}: {path}: the folder {folder} does not exist; create it, or name another file"
            )
        if not os.access(folder, os.W_OK | os.X_OK) and not os.path.exists(path):
            raise LeakscanError(f"--{name}: {path}: {folder} cannot be written to; name another file")
        real = os.path.realpath(path)
        if real in seen:
            raise LeakscanError(f"--{name}: {path} is {seen[real]}; name another file")
        seen[real] = f"the file of --{name}"
