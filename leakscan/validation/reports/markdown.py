"""A result, or two results beside each other, as GitHub-flavoured Markdown: for issues, pull requests, CI."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from leakscan.reporters.text import clean
from leakscan.validation.beside import Beside
from leakscan.validation.reports.beside import differences, note, rows
from leakscan.validation.reports.table import facts, groups, setting_rows
from leakscan.validation.results import Result

#: What Markdown or GitHub would read as markup: emphasis, code, links, HTML, tables, mentions, issues.
_MARKUP = re.compile(r"([\\`*_\[\]<>|~@#])")


def render_markdown(result: Result) -> str:
    """Verdict and reservations, the table, what the numbers do not show, and how to repeat it."""
    return "\n".join(_lines(result)) + "\n"


def _lines(result: Result) -> Iterator[str]:
    yield f"### leakscan: {_text(result.command)}"
    yield ""
    yield f"**{_text(result.verdict)}**"
    yield ""
    for line in result.reservations:
        yield f"> **But:** {_text(line)}"
        yield ">" if line is not result.reservations[-1] else ""
    yield _text(result.recommendation)
    yield ""
    if result.banner is not None:
        yield f"> {_text(result.banner)}"
        yield ""
    yield from _table(
        ["metric", "rests on", "arm", "mean", "sd", "change", "95 % interval", "verdict"],
        (
            [
                group.label if number == 0 else "",
                group.basis if number == 0 else "",
                *(row.arm, row.mean, row.sd, row.change, row.interval, row.verdict),
            ]
            for group in groups(result)
            for number, row in enumerate(group.rows)
        ),
        right=(3, 4, 5, 6),
    )
    yield ""
    yield from _list([*facts(result), *(f"warning: {line}" for line in result.warnings)])
    yield ""
    yield from _folded("What this does not show", list(_list(result.limits)))
    yield from _folded("How to repeat it", list(_repeat(result)))


def _repeat(result: Result) -> Iterator[str]:
    setting, machine = result.setting, result.environment
    if setting is not None:
        yield f"    {clean(setting.command)}"
        yield ""
    known = {
        **dict(setting_rows(result)),
        "processor": f"{machine.cpu_model or 'not known'}, {machine.logical_cpus} logical CPUs",
        "system": f"{machine.system}, {machine.machine}",
        "leakscan": result.leakscan_version,
    }
    known |= {f"limit of the control group, {name}": value for name, value in machine.cgroup_limits.items()}
    yield from _list(f"{name}: {value}" for name, value in known.items())
    if setting is not None and setting.packages:
        packages = ", ".join(f"{name} {version}" for name, version in setting.packages.items())
        yield from _list([f"packages: {packages}"])


def render_beside(found: Beside) -> str:
    """Two results beside each other: what differs between them first, then each arm in each metric."""
    lines = [
        f"### leakscan: {_text(found.first_name)} and {_text(found.second_name)}",
        "",
        f"- first: {_text(found.first_name)}: {_text(found.first.verdict)}",
        *(f"  - But: {_text(line)}" for line in found.first.reservations),
        f"- second: {_text(found.second_name)}: {_text(found.second.verdict)}",
        *(f"  - But: {_text(line)}" for line in found.second.reservations),
        "",
        "What differs between them:",
        "",
        *_list(differences(found)),
        "",
        *_table(
            [
                "metric",
                "arm",
                "first",
                "second",
                "second over first",
                "change, first",
                "change, second",
                "of the changes",
            ],
            ([row.metric, row.arm, *row.cells] for row in rows(found)),
            right=(2, 3, 4, 5, 6, 7),
        ),
        "",
        _text(note(found)),
    ]
    return "\n".join(lines) + "\n"


def _table(head: Sequence[str], lines: Iterable[Sequence[str]], right: Sequence[int]) -> Iterator[str]:
    yield f"| {' | '.join(_text(cell) for cell in head)} |"
    yield f"|{'|'.join('--:' if place in right else '--' for place in range(len(head)))}|"
    for cells in lines:
        yield f"| {' | '.join(_text(cell) for cell in cells)} |"


def _list(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        yield f"- {_text(line)}"


def _folded(title: str, lines: Sequence[str]) -> Iterator[str]:
    yield f"<details><summary>{_text(title)}</summary>"
    yield ""
    yield from lines
    yield ""
    yield "</details>"


def _text(text: str) -> str:
    return _MARKUP.sub(r"\\\1", clean(text))
