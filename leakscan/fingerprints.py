"""What stands for a finding when lines move: its rule and the text of its line, not its number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from leakscan.diagnostics import Diagnostic
from leakscan.files import Source, split_lines


def fingerprints(findings: Iterable[Diagnostic], sources: Mapping[str, Source]) -> list[str]:
    """A fingerprint for each finding, in their order, as hexadecimal digits.

    It rests on the code and on the first line that is reported, without blanks at its ends; of several that
    are alike in one file each has its own, by their order. The path is not in it.
    """
    lines: dict[str, list[str]] = {}
    import hashlib  # loads OpenSSL, which a report for people need not wait for

    seen: Counter[tuple[str, str, str]] = Counter()
    found = []
    for item in findings:
        if item.path not in lines:
            source = sources.get(item.path)
            lines[item.path] = [] if source is None else split_lines(source.text)
        text = _line(item, lines[item.path], sources.get(item.path)).strip()
        key = (item.path, item.code, text)
        words = "\0".join((item.code, text, str(seen[key])))
        seen[key] += 1
        found.append(hashlib.sha256(words.encode("utf-8", "surrogatepass")).hexdigest()[:32])
    return found


def _line(item: Diagnostic, lines: list[str], source: Source | None) -> str:
    start = item.span.start
    number = start.line
    if source is not None and source.notebook is not None and start.cell is not None:
        number = source.notebook.program_line(start.cell, start.line)
    return lines[number - 1] if 0 < number <= len(lines) else ""
