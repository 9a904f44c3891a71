"""Known findings: a file of them, and what a check finds beside them."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING

from leakscan.diagnostics import Diagnostic, FailLevel
from leakscan.discovery import absolute, posix
from leakscan.errors import LeakscanError
from leakscan.files import Source
from leakscan.fingerprints import fingerprints
from leakscan.records import replace

if TYPE_CHECKING:
    from leakscan.config import ConfigResolver
    from leakscan.runner import CheckResult

VERSION = 1

#: A file, and the fingerprint of a finding in it; see `fingerprints`.
Known = frozenset[tuple[str, str]]


def known_of(findings: Iterable[Diagnostic], sources: Mapping[str, Source]) -> Known:
    """Findings as a baseline knows them, by absolute path."""
    found = list(findings)
    marks = fingerprints(found, sources)
    return frozenset((sources[item.path].path, mark) for item, mark in zip(found, marks, strict=True))


def baseline_text(findings: Iterable[Diagnostic], sources: Mapping[str, Source], path: str) -> str:
    """The text of a baseline file; paths in it are relative to where it lies."""
    base = os.path.dirname(absolute(path))
    found = list(findings)
    by_path: dict[str, dict[str, str]] = {}
    for item, mark in zip(found, fingerprints(found, sources), strict=True):
        name = posix(os.path.relpath(sources[item.path].path, base))
        by_path.setdefault(name, {})[mark] = item.code
    ordered = {name: dict(sorted(by_path[name].items())) for name in sorted(by_path)}
    return json.dumps({"version": VERSION, "findings": ordered}, indent=2, ensure_ascii=True) + "\n"


def read_baseline(path: str) -> Known:
    """The findings of a baseline file. Raises LeakscanError for what is none."""
    base = os.path.dirname(absolute(path))
    try:
        with open(path, encoding="utf-8") as stream:
            document = json.load(stream)
    except OSError as error:
        remedy = f"; make it with --write-baseline {path}" if isinstance(error, FileNotFoundError) else ""
        raise LeakscanError(f"--baseline: {path}: cannot be read: {error.strerror}{remedy}") from error
    except (ValueError, RecursionError) as error:
        raise LeakscanError(f"--baseline: {path}: not a baseline: invalid JSON") from error
    findings = document.get("findings") if isinstance(document, dict) else None
    if not isinstance(findings, dict) or not all(isinstance(marks, dict) for marks in findings.values()):
        raise LeakscanError(f"--baseline: {path}: not a baseline; make one with --write-baseline FILE")
    if document.get("version") != VERSION:
        raise LeakscanError(
            f"--baseline: {path}: made by another version; make it again with --write-baseline"
        )
    return frozenset(
        (absolute(os.path.join(base, name)), mark) for name, marks in findings.items() for mark in marks
    )


def beside(result: CheckResult, known: Collection[tuple[str, str]], configs: ConfigResolver) -> CheckResult:
    """The result without the findings that are known."""
    from leakscan.runner import config_of

    marks = fingerprints(result.findings, result.sources)
    left = tuple(
        item
        for item, mark in zip(result.findings, marks, strict=True)
        if (result.sources[item.path].path, mark) not in known
    )
    failing = sum(
        item.severity >= (config_of(result.sources[item.path], configs).fail_level or FailLevel.MEDIUM)
        for item in left
    )
    return replace(result, findings=left, failing=failing)
