"""SARIF 2.1.0: findings for code scanning, with their rules, chains, fixes and fingerprints."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from leakscan import __version__
from leakscan.diagnostics import Diagnostic, FileError, Fix, Severity, Span
from leakscan.fingerprints import fingerprints
from leakscan.reporters.formats import Report, RulePage
from leakscan.reporters.text import Line, error_line

_LEVELS = {Severity.HIGH: "error", Severity.MEDIUM: "warning", Severity.LOW: "note"}


def report_sarif(report: Report) -> Iterator[Line]:
    """The format `sarif`."""
    for line in json.dumps(_document(report), indent=2, ensure_ascii=True).splitlines():
        yield [(line, "")]


def _document(report: Report) -> dict[str, Any]:
    codes = sorted({item.code for item in report.findings})
    indexes = {code: index for index, code in enumerate(codes)}
    pages = report.pages() if codes else {}
    names = {item.code: item.name for item in report.findings}
    prints = fingerprints(report.findings, report.sources)
    driver = {
        "name": "leakscan",
        "version": __version__,
        "rules": [_rule(code, names[code], pages.get(code)) for code in codes],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "invocations": [
            {
                "executionSuccessful": not report.errors,
                "toolExecutionNotifications": [
                    *(_notification(error, "error") for error in report.errors),
                    *(_notification(error, "warning") for error in report.skipped),
                ],
            }
        ],
        "results": [
            _result(item, indexes[item.code], mark)
            for item, mark in zip(report.findings, prints, strict=True)
        ],
    }
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [run],
    }


def _rule(code: str, name: str, page: RulePage | None) -> dict[str, Any]:
    made: dict[str, Any] = {"id": code, "name": name}
    if page is not None:
        made["shortDescription"] = {"text": page.summary}
        made["help"] = {"text": page.markdown, "markdown": page.markdown}
    return made


def _result(item: Diagnostic, index: int, mark: str) -> dict[str, Any]:
    made: dict[str, Any] = {
        "ruleId": item.code,
        "ruleIndex": index,
        "level": _LEVELS[item.severity],
        "message": {"text": f"{item.message}\n{item.help}" if item.help else item.message},
        "locations": [_location(item.path, item.span)],
        "partialFingerprints": {"leakscan/v1": mark},
        "properties": {
            "severity": item.severity.label,
            "confidence": item.confidence.label,
            **({} if item.span.start.cell is None else {"cell": item.span.start.cell}),
        },
    }
    if item.chain:
        steps = [
            _location(item.path, item.span, item.message),
            *(_location(note.path, Span(note.position, note.position), note.message) for note in item.chain),
        ]
        made["codeFlows"] = [{"threadFlows": [{"locations": [{"location": step} for step in steps]}]}]
    # In a notebook edits are of cells, which SARIF knows nothing of.
    fixes = [_fix(item.path, fix) for fix in item.fixes if fix.edits and item.span.start.cell is None]
    if fixes:
        made["fixes"] = fixes
    return made


def _location(path: str, span: Span, message: str | None = None) -> dict[str, Any]:
    made: dict[str, Any] = {
        "physicalLocation": {"artifactLocation": {"uri": uri(path)}, "region": _region(span)}
    }
    if message is not None:
        made["message"] = {"text": message}
    return made


def _region(span: Span) -> dict[str, int]:
    start, end = span.start, span.end
    made = {"startLine": start.line, "startColumn": start.column}
    if end > start:
        made |= {"endLine": end.line, "endColumn": end.column}
    return made


def _fix(path: str, fix: Fix) -> dict[str, Any]:
    replacements = [
        {
            "deletedRegion": {
                "startLine": edit.span.start.line,
                "startColumn": edit.span.start.column,
                "endLine": edit.span.end.line,
                "endColumn": edit.span.end.column,
            },
            "insertedContent": {"text": edit.replacement},
        }
        for edit in fix.edits
    ]
    return {
        "description": {"text": f"{fix.strategy} ({fix.label}): {fix.message}"},
        "artifactChanges": [{"artifactLocation": {"uri": uri(path)}, "replacements": replacements}],
    }


def _notification(error: FileError, level: str) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": {"uri": uri(error.path)}}
    if error.line is not None:
        place["region"] = {"startLine": error.line}
    return {
        "level": level,
        "message": {"text": error_line(error, level=level)},
        "locations": [{"physicalLocation": place}],
    }


def uri(path: str) -> str:
    """A path as a URI reference: relative as it is, absolute as `file:`."""
    quoted = quote(os.fsencode(path), safe="/")
    return f"file://{quoted if quoted.startswith('/') else '/' + quoted}" if os.path.isabs(path) else quoted
