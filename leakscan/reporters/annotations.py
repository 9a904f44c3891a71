"""Findings for build servers: GitHub's and Azure's log commands, GitLab's code quality, JUnit, reviewdog."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from leakscan.diagnostics import Diagnostic, FileError, Position, Severity, Span
from leakscan.files import Source, split_lines
from leakscan.fingerprints import fingerprints
from leakscan.reporters.formats import Report
from leakscan.reporters.text import Line, clean, error_line, location

_GITHUB = {Severity.HIGH: "error", Severity.MEDIUM: "warning", Severity.LOW: "notice"}
_GITLAB = {Severity.HIGH: "critical", Severity.MEDIUM: "major", Severity.LOW: "minor"}
_AZURE = {Severity.HIGH: "error", Severity.MEDIUM: "warning", Severity.LOW: "warning"}
_RDJSON = {Severity.HIGH: "ERROR", Severity.MEDIUM: "WARNING", Severity.LOW: "INFO"}


def _plain(line: str) -> Line:
    return [(line, "")]


def report_github(report: Report) -> Iterator[Line]:
    """The format `github`: a workflow command for each finding and each error."""
    for item in report.findings:
        start, end = item.span.start, item.span.end
        properties = {"title": f"leakscan ({item.code})", "file": item.path}
        # A line of a cell is none of the file.
        if start.cell is None:
            properties |= {"line": str(start.line), "col": str(start.column), "endLine": str(end.line)}
            if end.line == start.line:
                properties["endColumn"] = str(end.column)
        words = f"{location(item.path, start)}: {item.code} {clean(item.message)}"
        yield _plain(_github(_GITHUB[item.severity], properties, words))
    for error in report.errors:
        line = {} if error.line is None or error.cell is not None else {"line": str(error.line)}
        yield _plain(_github("error", {"title": "leakscan", "file": error.path, **line}, error_line(error)))


def _github(level: str, properties: dict[str, str], message: str) -> str:
    written = ",".join(f"{name}={_github_property(value)}" for name, value in properties.items())
    return f"::{level} {written}::{_github_data(message)}"


def _github_data(text: str) -> str:
    return clean(text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A"))


def _github_property(text: str) -> str:
    return _github_data(text).replace(":", "%3A").replace(",", "%2C")


def report_azure(report: Report) -> Iterator[Line]:
    """The format `azure`: a logging command for each finding and each error."""
    for item in report.findings:
        start = item.span.start
        properties = {"type": _AZURE[item.severity], "sourcepath": item.path}
        if start.cell is None:
            properties |= {"linenumber": str(start.line), "columnnumber": str(start.column)}
        properties["code"] = item.code
        where = "" if start.cell is None else f"cell {start.cell + 1}, line {start.line}: "
        yield _plain(_azure(properties, where + clean(item.message)))
    for error in report.errors:
        line = {} if error.line is None or error.cell is not None else {"linenumber": str(error.line)}
        yield _plain(_azure({"type": "error", "sourcepath": error.path, **line}, clean(error.message)))


def _azure(properties: dict[str, str], message: str) -> str:
    written = "".join(f"{name}={_azure_escaped(value)};" for name, value in properties.items())
    return f"##vso[task.logissue {written}]{_azure_escaped(message, data=True)}"


def _azure_escaped(text: str, *, data: bool = False) -> str:
    text = clean(text.replace("%", "%AZP25").replace("\r", "%0D").replace("\n", "%0A"))
    return text if data else text.replace("]", "%5D").replace(";", "%3B")


def report_gitlab(report: Report) -> Iterator[Line]:
    """The format `gitlab`: a report of code quality."""
    marks = fingerprints(report.findings, report.sources)
    made = [
        {
            "description": _in_words(item),
            "check_name": item.code,
            "fingerprint": _own(f"{item.path}\0{mark}"),
            "severity": _GITLAB[item.severity],
            "location": {
                "path": item.path,
                "positions": {"begin": _position(item.span.start), "end": _position(item.span.end)},
            },
        }
        for item, mark in zip(report.findings, marks, strict=True)
    ]
    made += [
        {
            "description": error.message,
            "check_name": "error",
            "fingerprint": _own(f"{error.path}\0{error.line}\0{error.message}"),
            "severity": "blocker",
            "location": {"path": error.path, "lines": {"begin": error.line or 1}},
        }
        for error in report.errors
    ]
    yield from _json(made)


def _own(words: str) -> str:
    import hashlib

    return hashlib.sha256(words.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _in_words(item: Diagnostic) -> str:
    start = item.span.start
    where = "" if start.cell is None else f"cell {start.cell + 1}, line {start.line}: "
    return f"{where}{item.code} {item.message}"


def _position(position: Position) -> dict[str, int]:
    return {"line": position.line, "column": position.column}


def report_junit(report: Report) -> Iterator[Line]:
    """The format `junit`: a suite for each file, a failure for each finding, an error for each error."""
    by_path: dict[str, list[Diagnostic | FileError]] = {}
    for finding in report.findings:
        by_path.setdefault(finding.path, []).append(finding)
    for error in report.errors:
        by_path.setdefault(error.path, []).append(error)
    count = len(report.findings) + len(report.errors)
    yield _plain('<?xml version="1.0" encoding="UTF-8"?>')
    totals = f'failures="{len(report.findings)}" errors="{len(report.errors)}"'
    yield _plain(f'<testsuites name="leakscan" tests="{max(count, 1)}" {totals}>')
    if not by_path:
        yield _plain('  <testsuite name="leakscan" tests="1" failures="0" errors="0">')
        yield _plain('    <testcase name="no findings" classname="leakscan"/>')
        yield _plain("  </testsuite>")
    for path, items in sorted(by_path.items()):
        failures = sum(isinstance(item, Diagnostic) for item in items)
        name = _xml(path)
        yield _plain(
            f'  <testsuite name="{name}" package="leakscan" tests="{len(items)}" '
            f'failures="{failures}" errors="{len(items) - failures}">'
        )
        for item in items:
            yield from _case(item, name)
        yield _plain("  </testsuite>")
    yield _plain("</testsuites>")


def _case(item: Diagnostic | FileError, name: str) -> Iterator[Line]:
    if isinstance(item, FileError):
        words = _xml(error_line(item))
        yield _plain(f'    <testcase name="error" classname="{name}">')
        yield _plain(f'      <error message="{_xml(item.message)}">{words}</error>')
    else:
        start = item.span.start
        where = _xml(location(item.path, start))
        yield _plain(
            f'    <testcase name="{item.code}" classname="{name}" '
            f'line="{start.line}" column="{start.column}">'
        )
        message = _xml(item.message)
        yield _plain(f'      <failure message="{message}">{where}: {item.code} {message}</failure>')
    yield _plain("    </testcase>")


#: What XML 1.0 cannot hold, however it is written.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _xml(text: str) -> str:
    text = _NOT_XML.sub("\ufffd", text)
    for char, entity in (("&", "amp"), ("<", "lt"), (">", "gt"), ('"', "quot")):
        text = text.replace(char, f"&{entity};")
    return text.replace("\n", "&#10;").replace("\r", "&#13;").replace("\t", "&#9;")


def report_rdjson(report: Report) -> Iterator[Line]:
    """The format `rdjson` of reviewdog; its columns count bytes of UTF-8."""
    columns = _Columns(report)
    made: dict[str, Any] = {
        "source": {"name": "leakscan", "url": "https://arxiv.org/abs/2606.19799"},
        "severity": "WARNING",
        "diagnostics": [
            {
                "message": _in_words(item),
                "location": {"path": item.path, **columns.range_of(item.path, item.span)},
                "severity": _RDJSON[item.severity],
                "code": {"value": item.code},
                "suggestions": [
                    {**columns.range_of(item.path, edit.span), "text": edit.replacement}
                    for fix in item.fixes[:1]
                    # A suggestion is one edit, and lines of a cell are none of the file.
                    if len(fix.edits) == 1
                    for edit in fix.edits
                    if edit.span.start.cell is None
                ],
            }
            for item in report.findings
        ],
    }
    made["diagnostics"] += [
        {
            "message": error.message,
            "location": {
                "path": error.path,
                **({} if error.line is None or error.cell is not None else _at(error.line)),
            },
            "severity": "ERROR",
        }
        for error in report.errors
    ]
    yield from _json(made)


def _at(line: int) -> dict[str, Any]:
    return {"range": {"start": {"line": line}}}


class _Columns:
    """Columns in bytes, by the lines of the sources."""

    def __init__(self, report: Report) -> None:
        self._sources = report.sources
        self._lines: dict[str, list[str]] = {}

    def range_of(self, path: str, span: Span) -> dict[str, Any]:
        if span.start.cell is not None:
            return {}
        return {"range": {"start": self._position(path, span.start), "end": self._position(path, span.end)}}

    def _position(self, path: str, position: Position) -> dict[str, int]:
        if path not in self._lines:
            source: Source | None = self._sources.get(path)
            self._lines[path] = [] if source is None else split_lines(source.text)
        lines = self._lines[path]
        line = lines[position.line - 1] if 0 < position.line <= len(lines) else ""
        before = line[: position.column - 1].encode("utf-8", "surrogatepass")
        # Behind the end of a line there is nothing to count.
        beyond = max(position.column - 1 - len(line), 0)
        return {"line": position.line, "column": len(before) + beyond + 1}


def _json(made: object) -> Iterator[Line]:
    for line in json.dumps(made, indent=2, ensure_ascii=True).splitlines():
        yield _plain(line)


__all__ = ["report_azure", "report_github", "report_gitlab", "report_junit", "report_rdjson"]
