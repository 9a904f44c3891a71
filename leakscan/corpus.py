"""Programs in a Parquet file, one a row: columns repo, path and content. Each repo is a project."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from types import ModuleType
from typing import Any

from leakscan.discovery import SUFFIXES, Excludes
from leakscan.errors import LeakscanError
from leakscan.records import dataclass, field

_COLUMNS = ("repo", "path", "content")
_ROWS = 256  # at once in memory, beside those of repos that are not complete


@dataclass(slots=True)
class Repository:
    """The files of one repo: bytes by path, relative and normal, with forward slashes."""

    name: str
    files: dict[str, bytes] = field(default_factory=dict)


def parquet() -> ModuleType:
    """The module of pyarrow that reads and writes such files. Raises LeakscanError where it is missing."""
    try:
        import pyarrow.parquet
    except ImportError as error:
        raise LeakscanError(
            'Parquet files need pyarrow; install it with: pip install "leakscan-keras[distributed]"'
        ) from error
    module: ModuleType = pyarrow.parquet
    return module


def repositories(path: str) -> Iterator[Repository]:
    """Yield each repo as soon as its last row is read; the rows of one are best beside each other.

    Files that a check of a directory would leave out are left out here. Raises LeakscanError for a file that
    is not of this form.
    """
    module = parquet()
    try:
        file = module.ParquetFile(path)
        missing = [name for name in _COLUMNS if name not in file.schema_arrow.names]
        if missing:
            raise LeakscanError(f"{path}: there is no column {missing[0]!r}; it needs {', '.join(_COLUMNS)}")
        yield from _complete(file, path)
    except OSError as error:
        raise LeakscanError(f"{path}: cannot be read: {error}") from error
    except ValueError as error:  # what pyarrow raises for a file that is damaged or of another kind
        raise LeakscanError(f"{path}: not a Parquet file that can be read: {error}") from error


def _complete(file: Any, path: str) -> Iterator[Repository]:
    last: dict[str, int] = {}
    row = 0
    for batch in file.iter_batches(batch_size=65_536, columns=["repo"]):
        for name in batch.column(0).to_pylist():
            last[_text(name, path, row)] = row
            row += 1
    opened: dict[str, Repository] = {}
    row = 0
    for batch in file.iter_batches(batch_size=_ROWS, columns=list(_COLUMNS)):
        columns = batch.to_pydict()
        for name, where, content in zip(*(columns[key] for key in _COLUMNS), strict=True):
            repository = opened.setdefault(name, Repository(name))
            if content is not None:
                inside = posixpath.normpath("/" + _text(where, path, row).replace("\\", "/"))[1:]
                if _is_checked(inside):
                    data = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
                    repository.files[inside] = data
            if last[name] == row:
                yield opened.pop(name)
            row += 1


def _text(value: object, path: str, row: int) -> str:
    if not isinstance(value, str):
        raise LeakscanError(f"{path}: row {row}: repo and path must be text")
    return value


def _is_checked(path: str) -> bool:
    return path.endswith(SUFFIXES) and not Excludes().forced_out(f"/{path}", "")


__all__ = ["Repository", "parquet", "repositories"]
