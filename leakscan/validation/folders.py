"""Where the runs and reports of a program go: NAME, NAME-2, ..., so that nothing is overwritten."""

from __future__ import annotations

import contextlib
import math
import os

from leakscan.errors import LeakscanError
from leakscan.validation import store
from leakscan.validation.executions import Program, ProgramKind
from leakscan.validation.plan import Plan

RESULTS = "leakscan-results"
RUNS = "runs.jsonl"


def first_folder(program: Program, out: str | None, *, is_one_of_many: bool) -> str:
    """Where runs and reports of a program go if nothing is there yet. `out` is the user's choice."""
    name = program.target if program.kind is ProgramKind.MODULE else os.path.splitext(program.target)[0]
    if is_one_of_many:
        # Programs of one directory may have one name in different folders.
        name = name.strip("./").replace(os.sep, "-")
        return os.path.join(out or RESULTS, name.replace(".", "-"))
    if out is not None:
        return out
    return os.path.join(RESULTS, os.path.basename(name).replace(".", "-"))


def folder_for(first: str, *, is_chosen: bool, resume: bool) -> str:
    """Where a measurement goes: the folder of the latest one to resume it, else the next that is free.

    `is_chosen`: the user names the folder, there is no next one. Raises LeakscanError where there is nothing
    to resume, or something would be overwritten.
    """
    folder = first
    if not is_chosen:
        earlier = _earlier(first)
        folder = earlier[-1] if resume and earlier else _next(first, len(earlier))
    path = os.path.join(folder, RUNS)
    if resume and not os.path.exists(path):
        raise LeakscanError(f"{path}: nothing to resume; measure without --resume first")
    if not resume and os.path.exists(path):
        raise LeakscanError(f"{path} exists; continue it with --resume, or choose another folder with --out")
    return folder


def make_folder(folder: str) -> None:
    """Make a folder, with those above it. Raises LeakscanError."""
    try:
        os.makedirs(folder, exist_ok=True)
    except OSError as error:
        raise LeakscanError(f"{folder}: {error.strerror}; choose another with --out") from error


def earlier_seconds(first: str, plan: Plan) -> float | None:
    """The seconds that all arms took once, by the latest file of runs of the same arms; None without one."""
    for folder in reversed(_earlier(first)):
        with contextlib.suppress(LeakscanError):
            record = store.load(os.path.join(folder, RUNS))
            same = all(record.header.identity.get(key) == plan.identity[key] for key in ("arms", "python"))
            walls = [
                [run.process.wall_seconds for run in record.runs if run.arm == arm.name] for arm in plan.arms
            ]
            if same and all(walls):
                return math.fsum(math.fsum(each) / len(each) for each in walls)
    return None


def _earlier(first: str) -> list[str]:
    """The folders of earlier measurements, the latest last."""
    found: list[str] = []
    while os.path.exists(os.path.join(folder := _next(first, len(found)), RUNS)):
        found.append(folder)
    return found


def _next(first: str, count: int) -> str:
    return f"{first}-{count + 1}" if count else first
