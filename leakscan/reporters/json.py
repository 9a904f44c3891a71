"""Findings for programs: one JSON object, documented here.

- `schema_version`: 1; it grows when a key goes or changes its meaning, not when one is added.
- `findings`, by path, cell, line, column and code. Each has `code`, `name`, `message`, `help`, `severity`
  (low, which is advice, medium, high), `confidence` (the same words), `path` as given on the command line
  with forward slashes, `cell`, `line`, `column`, `end_line`, `end_column`, `estimate`, `chain`, `fixes` and
  `refusals`.
  - `estimate` is what it may cost, or null: `what`, `grounds`, `iterations`, `endless`, `size`, `seconds` and
    `bytes` of one iteration (`low` and `high`), `source`; null where it is not known.
  - `cell` is the index in the notebook's list of cells, from 0; null outside notebooks. Lines and columns
    count from 1, in a notebook within the cell; columns are code points; the end is the first place after.
  - `chain` leads from the finding to its cause: `path`, `line`, `message`.
  - `fixes`: `strategy`, `applicability` (safe, unsafe, display), `message`, `by_name` (made only where the
    strategy is chosen by name), `edits` (`line`, `column`, `end_line`, `end_column`, `replacement`). The
    edits of one fix replace whole lines, are sorted, do not touch each other, and belong together; a display
    fix has none.
  - `refusals`: `strategy`, `reason`: why a strategy of the rule does not apply here.
- `errors`: what could not be checked: `path`, `line` (null for a whole file), `message`, `level`: `error`, or
  `warning` for what could not be parsed and is no reason to fail.
- `files_checked`: how many of the requested files are Python text.

In notebooks, links of a chain, edits and errors have a `cell` as well.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from leakscan.diagnostics import Diagnostic, Estimate, FileError, Fix, Note, Range, Span
from leakscan.reporters.formats import Report
from leakscan.reporters.text import Line

SCHEMA_VERSION = 1


def report_json(report: Report) -> Iterator[Line]:
    """The format `json`."""
    for line in render(report.findings, report.errors, report.files_checked, report.skipped).splitlines():
        yield [(line, "")]


def report_json_lines(report: Report) -> Iterator[Line]:
    """The format `json-lines`: an object for each finding and each error, told apart by `type`."""
    for item in report.findings:
        yield [(json.dumps({"type": "finding", **finding_record(item)}, ensure_ascii=True), "")]
    for level, errors in (("error", report.errors), ("warning", report.skipped)):
        for error in errors:
            yield [(json.dumps({"type": "error", **error_record(error, level)}, ensure_ascii=True), "")]


def render(
    findings: Iterable[Diagnostic],
    errors: Iterable[FileError],
    files_checked: int,
    skipped: Iterable[FileError] = (),
) -> str:
    """The whole object, ASCII only, with a newline at the end."""
    levels = [*((item, "error") for item in errors), *((item, "warning") for item in skipped)]
    document = {
        "schema_version": SCHEMA_VERSION,
        "findings": [finding_record(item) for item in findings],
        "errors": [
            error_record(item, level) for item, level in sorted(levels, key=lambda pair: pair[0].sort_key)
        ],
        "files_checked": files_checked,
    }
    return json.dumps(document, indent=2, ensure_ascii=True) + "\n"


def finding_record(item: Diagnostic) -> dict[str, Any]:
    """A finding as JSON has it."""
    return {
        "code": item.code,
        "name": item.name,
        "message": item.message,
        "help": item.help,
        "severity": item.severity.label,
        "confidence": item.confidence.label,
        "path": item.path,
        "cell": item.span.start.cell,
        **_span(item.span),
        "estimate": None if item.estimate is None else _estimate(item.estimate),
        "chain": [_note(note) for note in item.chain],
        "fixes": [_fix(fix) for fix in item.fixes],
        "refusals": [{"strategy": refusal.strategy, "reason": refusal.reason} for refusal in item.refusals],
    }


def _span(span: Span) -> dict[str, Any]:
    return {
        "line": span.start.line,
        "column": span.start.column,
        "end_line": span.end.line,
        "end_column": span.end.column,
    }


def _estimate(estimate: Estimate) -> dict[str, Any]:
    return {
        "what": estimate.what,
        "grounds": estimate.grounds,
        "iterations": estimate.iterations,
        "endless": estimate.endless,
        "size": estimate.size,
        "seconds": _range(estimate.seconds),
        "bytes": _range(estimate.bytes),
        "source": estimate.source,
    }


def _range(found: Range | None) -> dict[str, float] | None:
    return None if found is None else {"low": found.low, "high": found.high}


def _note(note: Note) -> dict[str, Any]:
    place = {"path": note.path, **_cell(note.position.cell), "line": note.position.line}
    return {**place, "message": note.message}


def _fix(fix: Fix) -> dict[str, Any]:
    return {
        "strategy": fix.strategy,
        "applicability": fix.applicability.value,
        "message": fix.message,
        "by_name": fix.by_name,
        "edits": [
            {**_cell(edit.span.start.cell), **_span(edit.span), "replacement": edit.replacement}
            for edit in fix.edits
        ],
    }


def error_record(error: FileError, level: str) -> dict[str, Any]:
    """An error as JSON has it."""
    place = {"path": error.path, **_cell(error.cell), "line": error.line}
    return {**place, "message": error.message, "level": level}


def _cell(cell: int | None) -> dict[str, int]:
    return {} if cell is None else {"cell": cell}
