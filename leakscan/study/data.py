"""The runs of a study as one file, from which everything else is made: tables, figures, sentences.

Ticks are thinned out to what the slopes need, and folders of the machine that measured are left out.
"""

from __future__ import annotations

import dataclasses
import json
import typing
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from leakscan.errors import LeakscanError
from leakscan.study.grid import TENSORFLOW, Cell
from leakscan.validation.evaluation import evaluate
from leakscan.validation.measurements import Idle, Run, Tick, decode, encode
from leakscan.validation.results import ArmInfo, Described, Result
from leakscan.validation.store import Header, Record

SCHEMA_VERSION = 1
_TICKS = 16  # kept of each run


@dataclass(frozen=True, slots=True)
class Measured:
    """The runs of one cell."""

    cell: Cell
    arms: tuple[ArmInfo, ...]
    header: Header
    idles: tuple[Idle, ...]
    runs: tuple[Run, ...]

    @property
    def record(self) -> Record:
        """As `evaluate` takes them."""
        return Record(self.header, self.runs, self.idles)

    def evaluate(self, margin: float | None = None) -> Result:
        """What the runs say of each arm. Raises LeakscanError where they cannot be read."""
        words = ("python", self.cell.program, *self.cell.arguments)
        return evaluate(
            self.record, [Described(arm) for arm in self.arms], command=" ".join(words), margin=margin
        )


@dataclass(frozen=True, slots=True)
class Skipped:
    """A cell that was not run, and why."""

    cell: Cell
    reason: str


@dataclass(frozen=True, slots=True)
class Study:
    """All runs of one grid on one machine. `device` is `cpu` or `gpu`: what the programs computed on.

    `backend` is what Keras 3 computed with: `tensorflow`, `torch` or `jax`.
    `command` makes it again. `margin` is the change that does not matter, as a fraction (None: that of
    `validate`). `variables` are those of the environment that the study sets.
    """

    schema_version: int
    leakscan_version: str
    device: str
    backend: str
    command: str
    margin: float | None
    variables: dict[str, str]
    cells: tuple[Measured, ...]
    skipped: tuple[Skipped, ...]


@dataclass(frozen=True, slots=True)
class NotKept:
    """A series that was run and whose runs are gone: what is known of it, so that it is not passed over.

    `blocks`, the change of energy in percent with its interval, and `verdict` are None where not known.
    """

    experiment: str
    arm: str
    training: str
    blocks: int | None
    percent_change: float | None
    percent_low: float | None
    percent_high: float | None
    verdict: str | None
    note: str


def slug(device: str, backend: str, *, practice: bool = False) -> str:
    """What the files of a study are called: `cpu`, `gpu-jax` where it is not TensorFlow, `cpu-practice`."""
    name = device if backend == TENSORFLOW else f"{device}-{backend}"
    return f"{name}-practice" if practice else name


def measured(cell: Cell, arms: Sequence[ArmInfo], record: Record) -> Measured:
    """The runs of a cell as they are kept."""
    plan = {**record.header.plan, "python": "python"}
    plan["arms"] = [{**arm, "directory": arm["name"]} for arm in plan["arms"]]
    identity = {**record.header.identity, "python": "python"}
    header = dataclasses.replace(record.header, plan=plan, identity=identity)
    runs = tuple(dataclasses.replace(run, ticks=_thinned(run.ticks)) for run in record.runs)
    return Measured(cell, tuple(arms), header, record.idles, runs)


def _thinned(ticks: Sequence[Tick]) -> tuple[Tick, ...]:
    """The first and the last tick of each loop, and some at even distances between them."""
    kept: list[Tick] = []
    for loop in sorted({tick.loop for tick in ticks}):
        own = [tick for tick in ticks if tick.loop == loop]
        count = min(_TICKS, len(own))
        places = {round(number * (len(own) - 1) / max(1, count - 1)) for number in range(count)}
        kept += [own[place] for place in sorted(places)]
    return tuple(kept)


def render(study: Study) -> str:
    """The file's text: JSON, a line for each run."""
    fields = encode(study)
    cells = fields.pop("cells")
    head = json.dumps(fields, indent=1, allow_nan=False).removesuffix("\n}")
    parts = []
    for cell in cells:
        runs = cell.pop("runs")
        text = json.dumps(cell, allow_nan=False).removesuffix("}")
        lines = ",\n".join(f"   {json.dumps(run, allow_nan=False, separators=(',', ':'))}" for run in runs)
        parts.append(f'  {text}, "runs": [\n{lines}\n  ]}}')
    body = ",\n".join(parts)
    return f'{head},\n "cells": [\n{body}\n ]\n}}\n'


def load(path: str) -> Study:
    """Read a file of runs. Raises LeakscanError when it is missing, none, or of another version."""
    fields = _read(path)
    try:
        return decode(Study, fields)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise LeakscanError(f"{path}: damaged: {error}") from None


def load_not_kept(path: str) -> tuple[NotKept, ...]:
    """Read the list of series without runs. Raises LeakscanError as `load` does."""
    fields = _read(path)
    try:
        return tuple(decode(NotKept, each) for each in fields["series"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise LeakscanError(f"{path}: damaged: {error}") from None


def _read(path: str) -> dict[str, Any]:
    try:
        with open(path, encoding="utf-8") as stream:
            fields = json.load(stream)
    except OSError as error:
        raise LeakscanError(f"{path}: {error.strerror}") from None
    except ValueError:
        raise LeakscanError(f"{path}: not JSON; give a folder that `leakscan study` wrote") from None
    version = fields.get("schema_version") if isinstance(fields, dict) else None
    if version != SCHEMA_VERSION:
        raise LeakscanError(f"{path}: not the runs of a study, or from another version (schema {version})")
    return typing.cast("dict[str, Any]", fields)
