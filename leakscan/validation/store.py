"""Runs on disk, one JSON line each, written and flushed before the next run begins.

The first line is the header: schema, plan, machine, sources of energy. When an experiment is extended, a line
says by what. A line that was cut off by a crash or
a power cut is dropped when the file is opened again; it belongs to the run that was under way.
"""

from __future__ import annotations

import fcntl
import json
import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from leakscan.errors import LeakscanError
from leakscan.validation.measurements import (
    SCHEMA_VERSION,
    Environment,
    Idle,
    Noise,
    Run,
    Setting,
    Source,
    decode,
    encode,
)
from leakscan.validation.plan import EXTENDABLE

_MOST_NAMED = 5
_LONGEST_SHOWN = 80


@dataclass(frozen=True, slots=True)
class Header:
    """What all runs of a file share. `plan` is JSON; `identity` is what a resumed plan must equal.

    `tree` tells the content of each file that the program was run among, by its path.
    """

    plan: dict[str, Any]
    identity: dict[str, Any]
    environment: Environment
    sources: tuple[Source, ...]
    created_at: str
    tree: dict[str, Any] = field(default_factory=dict)
    setting: Setting | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """All of a file."""

    header: Header
    runs: tuple[Run, ...]
    idles: tuple[Idle, ...]
    noises: tuple[Noise, ...] = ()


def load(path: str) -> Record:
    """Read a file of runs without changing or locking it.

    Raises LeakscanError when it is missing, is no such file, or is damaged before its last line.
    """
    return _parse(path, _read(path))[0]


class Store:
    """A file of runs, open for appending by this process alone.

    `open_store` makes one; end with `close`.
    """

    def __init__(self, path: str, descriptor: int, record: Record) -> None:
        self.path = path
        self.header = record.header
        self.runs: list[Run] = list(record.runs)
        self.idles: list[Idle] = list(record.idles)
        self.noises: list[Noise] = list(record.noises)
        self._descriptor = descriptor

    def add_run(self, run: Run) -> None:
        """Append a run; when this returns it is on the disk."""
        _append(self._descriptor, self.path, "run", run)
        self.runs.append(run)

    def add_idle(self, idle: Idle) -> None:
        """Append a measurement of the idle machine; when this returns it is on the disk."""
        _append(self._descriptor, self.path, "idle", idle)
        self.idles.append(idle)

    def add_noise(self, noise: Noise) -> None:
        """Append what the machine varied by; when this returns it is on the disk."""
        _append(self._descriptor, self.path, "noise", noise)
        self.noises.append(noise)

    @property
    def record(self) -> Record:
        """Everything so far."""
        return Record(self.header, tuple(self.runs), tuple(self.idles), tuple(self.noises))

    def close(self) -> None:
        """Give the file, and its lock, back."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def open_store(path: str, header: Header, *, resume: bool) -> Store:
    """A new file of runs with this header, or, to resume, the file that is there.

    Raises LeakscanError when another process writes the file; when it is there and `resume` is false; when
    it holds another plan or comes from another machine.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise LeakscanError(f"{path}: {error.strerror}") from None
    try:
        return _open(path, descriptor, header, resume=resume)
    except BaseException:
        os.close(descriptor)
        raise


def _open(path: str, descriptor: int, header: Header, *, resume: bool) -> Store:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise LeakscanError(f"{path}: another process is writing to this file") from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        raise LeakscanError(f"{path}: not a regular file")
    data = _read(path)
    if not _complete_lines(data):  # new, or cut off before the header was whole
        os.ftruncate(descriptor, 0)
        _append(descriptor, path, "header", header)
        _sync_folder(path)
        return Store(path, descriptor, Record(header, (), ()))
    if not resume:
        raise LeakscanError(f"{path} exists; continue with --resume, or choose another file")
    record, good_bytes = _parse(path, data)
    _require_same(path, record.header, header)
    if good_bytes < len(data):
        os.ftruncate(descriptor, good_bytes)
        os.fsync(descriptor)
    extension = {
        name: header.plan[name]
        for name in sorted(EXTENDABLE)
        if header.plan.get(name) != record.header.plan.get(name)
    }
    if extension:
        _append(descriptor, path, "extension", {"plan": extension})
        record = replace(record, header=replace(record.header, plan={**record.header.plan, **extension}))
    return Store(path, descriptor, record)


def _require_same(path: str, old: Header, new: Header) -> None:
    if old.environment.identity != new.environment.identity:
        raise LeakscanError(f"{path} was measured on another machine; runs of two cannot be combined")
    if [source.provenance for source in old.sources] != [source.provenance for source in new.sources]:
        raise LeakscanError(f"{path} was measured with another instrument; measure again into another file")
    changed = list(_changes(old.tree, new.tree)) or list(_changes(_flat(old.identity), _flat(new.identity)))
    if changed:
        raise LeakscanError(
            f"{path} holds runs of another measurement: {'; '.join(changed[:_MOST_NAMED])}"
            f"{f'; and {len(changed) - _MOST_NAMED} more' if len(changed) > _MOST_NAMED else ''}. "
            "Old and new runs cannot be compared: measure again into another folder, or undo the change"
        )


def _changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    """What differs, in words; contents are not shown."""
    for name in sorted({*old, *new}):
        if name not in new:
            yield f"{name} is gone"
        elif name not in old:
            yield f"{name} is new"
        elif old[name] != new[name]:
            words = [str(each) for each in (old[name], new[name])]
            shown = all(len(word) <= _LONGEST_SHOWN for word in words) and not _is_digest(words[0])
            yield f"{name} was {words[0]} and is {words[1]}" if shown else f"{name} changed"


def _is_digest(word: str) -> bool:
    return len(word) in (32, 64) and not set(word) - set("0123456789abcdef")


def _flat(value: Mapping[str, Any]) -> dict[str, Any]:
    """Nested objects as one, with names such as `packages keras`; arms go by their own names."""
    found: dict[str, Any] = {}
    for name, each in value.items():
        if isinstance(each, dict):
            found |= {f"{name} {inner}": what for inner, what in _flat(each).items()}
        elif (
            isinstance(each, (list, tuple))
            and each
            and all(isinstance(one, dict) and "name" in one for one in each)
        ):
            found |= {
                f"{name} {what}": how for one in each for what, how in _flat({one["name"]: one}).items()
            }
        else:
            found[name] = list(each) if isinstance(each, tuple) else each
    return found


def _append(
    descriptor: int, path: str, kind: str, record: Header | Run | Idle | Noise | dict[str, Any]
) -> None:
    line = json.dumps({"kind": kind, "schema_version": SCHEMA_VERSION, **encode(record)}, allow_nan=False)
    data = line.encode() + b"\n"
    try:
        while data:
            data = data[os.write(descriptor, data) :]
        os.fsync(descriptor)
    except OSError as error:
        raise LeakscanError(f"{path}: {error.strerror}; the runs before this one are kept") from None


def _sync_folder(path: str) -> None:
    """Make the file's name last, too."""
    descriptor = os.open(os.path.dirname(os.path.abspath(path)), os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise LeakscanError(f"{path}: {error.strerror}") from None


def _require_schema(path: str, version: object) -> None:
    if version != SCHEMA_VERSION:
        raise LeakscanError(
            f"{path}: written by another version of leakscan (schema {version}, not {SCHEMA_VERSION})"
        )


def _unknown_kind(kind: object) -> ValueError:
    return ValueError(f"unknown kind of line: {kind}")


def _complete_lines(data: bytes) -> list[bytes]:
    return data.split(b"\n")[:-1]


def _parse(path: str, data: bytes) -> tuple[Record, int]:
    """The content, and the number of bytes up to the end of the last whole line."""
    lines = _complete_lines(data)
    header: Header | None = None
    runs: list[Run] = []
    idles: list[Idle] = []
    noises: list[Noise] = []
    good_bytes = 0
    for number, line in enumerate(lines, 1):
        try:
            fields = json.loads(line)
            kind, version = fields.pop("kind"), fields.pop("schema_version")
            _require_schema(path, version)
            if kind == "header" and header is None:
                header = decode(Header, fields)
            elif kind == "extension" and header is not None:
                header = replace(header, plan={**header.plan, **fields["plan"]})
            elif kind == "run":
                runs.append(decode(Run, fields))
            elif kind == "idle":
                idles.append(decode(Idle, fields))
            elif kind == "noise":
                noises.append(decode(Noise, fields))
            else:
                raise _unknown_kind(kind)
        except (ValueError, KeyError, TypeError, AttributeError):
            # A power cut may leave a last line whose end came to the disk before its middle.
            if number == len(lines) and header is not None:
                break
            raise LeakscanError(f"{path}:{number}: not a line of leakscan's runs") from None
        good_bytes += len(line) + 1
    if header is None:
        raise LeakscanError(f"{path}: this file has no runs of leakscan")
    return Record(header, tuple(runs), tuple(idles), tuple(noises)), good_bytes
