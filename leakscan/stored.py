"""What a check found as bytes, and back: JSON of the records of `diagnostics`, which holds nothing else.

Reading makes these records only, from values of plain types; what is not of this form is refused.
"""

from __future__ import annotations

import enum
import json
from collections.abc import Iterable
from typing import Any

from leakscan import diagnostics
from leakscan.diagnostics import FileReport
from leakscan.records import is_record, names_of

_RECORDS: dict[str, Any] = {
    name: item
    for name, item in vars(diagnostics).items()
    if isinstance(item, type) and (is_record(item) or issubclass(item, enum.Enum))
}
_FIELDS: dict[Any, tuple[str, ...]] = {item: names_of(item) for item in _RECORDS.values() if is_record(item)}
#: Stands first in a list that was a tuple; no record has this name.
_TUPLE = ""


def to_bytes(warnings: Iterable[str], reports: Iterable[FileReport]) -> bytes:
    """Return warnings and reports as bytes."""
    rows = [_plain(report) for report in reports]
    return json.dumps([list(warnings), rows], separators=(",", ":")).encode()


def from_bytes(data: bytes) -> tuple[tuple[str, ...], list[FileReport]] | None:
    """Return the warnings and reports that bytes hold, or None where they hold something else."""
    try:
        warnings, rows = json.loads(data)
        if not isinstance(warnings, list) or not isinstance(rows, list):
            return None
        reports = [_record(item) for item in rows]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    if not all(isinstance(report, FileReport) for report in reports):
        return None
    return tuple(map(str, warnings)), reports


def _plain(value: Any) -> Any:
    names = _FIELDS.get(type(value))
    if names is not None:
        return [type(value).__name__, *(_plain(getattr(value, name)) for name in names)]
    if isinstance(value, enum.Enum):
        return [type(value).__name__, value.name]
    if isinstance(value, tuple):
        return [_TUPLE, *map(_plain, value)]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise TypeError(f"{type(value).__name__} cannot be kept")


def _record(value: Any) -> Any:
    if not isinstance(value, list):
        if isinstance(value, dict):
            raise TypeError("no record")
        return value
    head, *rest = value
    if head == _TUPLE:
        return tuple(map(_record, rest))
    kind = _RECORDS[head]
    if isinstance(kind, enum.EnumMeta):
        (name,) = rest
        return kind[name]
    if len(rest) != len(_FIELDS[kind]):
        raise ValueError("another form of record")
    return kind(*map(_record, rest))


__all__ = ["from_bytes", "to_bytes"]
