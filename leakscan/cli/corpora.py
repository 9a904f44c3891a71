"""`leakscan check corpus.parquet`: repositories that are rows of a file; results as they come."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TextIO

from leakscan.cli import settings
from leakscan.cli.output import say
from leakscan.errors import EXIT_CLEAN, EXIT_ERROR, EXIT_FINDINGS, LeakscanError

if TYPE_CHECKING:
    from leakscan.corpus import Repository
    from leakscan.runner import CheckResult, Session

SUFFIX = ".parquet"
#: So much text is checked at once: enough for several processes, little beside what they need.
_BATCH_BYTES = 16_000_000
_REFUSED = (
    *("fix", "diff", "add_noqa", "statistics", "show_fixes", "show_files", "show_settings"),
    *("write_baseline", "baseline", "diff_base"),
)


def is_corpus(paths: list[str]) -> bool:
    """Whether a command line names corpora. Raises LeakscanError if it names files as well."""
    found = [path.endswith(SUFFIX) for path in paths]
    if any(found) and not all(found):
        raise LeakscanError(
            "a Parquet file cannot be checked together with other paths; check them one by one"
        )
    return any(found)


def run(arguments: argparse.Namespace) -> int:
    """Check each repo as a project of its own, by the configuration of the current directory.

    Raises LeakscanError for files that are no corpora.
    """
    from leakscan.discovery import absolute
    from leakscan.runner import Session

    for name in _REFUSED:
        if getattr(arguments, name, False):
            raise LeakscanError(f"--{name.replace('_', '-')} cannot be used with a Parquet file")
    given = settings.given_config(arguments)
    directories = settings.rules_dirs_of_check(arguments, given)
    cache = settings.cache(arguments, given)
    rules = settings.rules(directories, cache)
    configs = settings.configs(arguments, rules.cards, directories, given).everywhere(absolute(os.curdir))
    cluster = settings.cluster(arguments)
    try:
        jobs = settings.jobs(arguments)
        session = Session(configs, rules, cache, jobs=jobs, keeps=False, cluster=cluster)
        return _check(arguments, session)
    finally:
        settings.close(cluster, cache)


def _check(arguments: argparse.Namespace, session: Session) -> int:
    from leakscan.reporters.text import plural

    counts = {"finding": 0, "error": 0, "warning": 0}
    failing = repos = files = 0
    with _Output(arguments.output_file) as output:
        for batch in _batches(arguments.paths):
            results = session.check_texts([(item.name, item.files) for item in batch])
            for repository, result in zip(batch, results, strict=True):
                repos += 1
                files += result.files_checked
                failing += result.failing
                for record in _records(repository.name, result):
                    counts[record.get("level", "finding")] += 1
                    output.write(record)
    if not arguments.quiet:
        where = f"{plural(files, 'file')} of {plural(repos, 'project')}"
        unparsed = plural(counts["warning"], "part")
        found, errors = plural(counts["finding"], "finding"), plural(counts["error"], "error")
        say(f"{found} in {where}; {unparsed} could not be parsed; {errors}")
    if counts["error"]:
        return EXIT_ERROR
    return EXIT_FINDINGS if failing and not arguments.exit_zero else EXIT_CLEAN


def _batches(paths: list[str]) -> Iterator[list[Repository]]:
    from leakscan.corpus import repositories

    batch: list[Repository] = []
    size = 0
    for path in paths:
        for repository in repositories(path):
            batch.append(repository)
            size += sum(map(len, repository.files.values()))
            if size >= _BATCH_BYTES:
                yield batch
                batch, size = [], 0
    if batch:
        yield batch


def _records(repo: str, result: CheckResult) -> Iterator[dict[str, Any]]:
    from leakscan.reporters.json import error_record, finding_record

    for item in result.findings:
        yield {"repo": repo, "type": "finding", **finding_record(item)}
    for error in result.errors:
        yield {"repo": repo, "type": "error", **error_record(error, "error")}
    for error in result.skipped:
        yield {"repo": repo, "type": "error", **error_record(error, "warning")}


class _Output:
    """JSON lines, or a Parquet file where one is named; it is there when all is done, or not at all."""

    def __init__(self, path: str | None) -> None:
        self._path = path
        self._part = "" if path is None else f"{path}.part"
        self._stream: TextIO | None = None
        self._writer: Any = None
        self._schema: Any = None

    def __enter__(self) -> _Output:  # noqa: PYI034 -- typing.Self is newer than Python 3.10
        if self._path is None:
            self._stream = sys.stdout
            return self
        try:
            if self._path.endswith(SUFFIX):
                self._open_parquet()
            else:
                self._stream = open(self._part, "w", encoding="utf-8")
        except OSError as error:
            raise LeakscanError(f"{self._path}: cannot be written: {error.strerror or error}") from error
        return self

    def _open_parquet(self) -> None:
        from leakscan.corpus import parquet

        module = parquet()
        import pyarrow as pa

        text, number = pa.string(), pa.int32()
        numbers = ("cell", "line", "column", "end_line", "end_column")
        words = (
            "repo",
            "level",
            "path",
            "code",
            "name",
            "severity",
            "confidence",
            "message",
            "help",
            "record",
        )
        self._schema = pa.schema([*((word, text) for word in words), *((word, number) for word in numbers)])
        self._writer = module.ParquetWriter(self._part, self._schema)

    def write(self, record: dict[str, Any]) -> None:
        """Add a finding or an error; `record` of a Parquet row holds all of it, as JSON."""
        import json  # a check of files need not wait for it

        line = json.dumps(record, ensure_ascii=True)
        if self._stream is not None:
            self._stream.write(line + "\n")
            return
        import pyarrow as pa

        row = {name: record.get(name) for name in self._schema.names} | {"record": line}
        self._writer.write_table(pa.Table.from_pylist([row], self._schema))

    def __exit__(self, kind: object, *_: object) -> None:
        if self._path is None:
            sys.stdout.flush()
            return
        closing = self._writer if self._writer is not None else self._stream
        if closing is not None:
            closing.close()
        if kind is None:
            os.replace(self._part, self._path)
        elif os.path.exists(self._part):
            os.unlink(self._part)
