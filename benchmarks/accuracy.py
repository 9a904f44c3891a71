"""How right is `leakscan check`: precision, recall and F1 against labels of real code.

usage: python benchmarks/accuracy.py MANIFEST FILES [--each] [--record OUT] [--verbose] [-- CHECK_OPTIONS]
       python benchmarks/accuracy.py MANIFEST


MANIFEST is a JSON Lines file with one labelled site a line: `repo`, `path`, `line` and `end_line` (1-based;
in a notebook `{"cell": i, "line": n}`, i counting all cells from 0), `rule` (IMR or UTR; other families are
in the table by rule only), `code`, `label` (positive, negative, debatable), `kind`, `note`, and optional
`alt` positions. FILES holds the files as `owner__name/path`.

A site is hit when a finding of its family lies within its lines or on one of its `alt` positions. Precision
counts positive and negative sites that are hit; debatable ones count neither way. Findings in labelled
repositories that hit no site are listed with `--verbose`: they are not labelled, so they have to be read.

Without FILES, what was recorded in the manifest is counted, so that published figures can be counted again
without the code they are about: `found` holds, for each tool, the severity of what it said about a site, or
"yes". `--record OUT` writes the manifest with `found` for this run, `--also NAME=RESULTS` with another tool's
JSON (semgrep's, or pylint's). Three more fields count then: `read` (`candidates`: labelled from what crude.py
lists, before anything was run; `findings`: labelled because a tool said so; recall counts the former only),
`cost` (`small` or `not small`) and `worth` (whether its author would do well to change it).
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections import defaultdict
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

FAMILIES = ("IMR", "UTR")
_SHOWN = {"medium", "high", "yes"}
_RANKS = ("low", "medium", "high")
_PYLINT = {"memory-release-tensorflow": "IMR", "tensor-array-tensorflow": "UTR"}
LOW = "epoch_level_scalar"


@dataclass(frozen=True)
class Finding:
    """A finding, as far as labels care."""

    family: str
    path: str
    cell: int | None
    line: int
    code: str
    message: str
    severity: str = "yes"


@dataclass
class Site:
    """A labelled place, and whether a finding hit it."""

    label: dict[str, Any]
    path: str
    hits: list[Finding] = field(default_factory=list)

    @property
    def repo(self) -> str:
        """The repository, as owner/name."""
        return str(self.label["repo"])

    def matches(self, finding: Finding) -> bool:
        """Whether the finding is about this site."""
        if finding.family != self.label["rule"]:
            return False
        folder = self.repo.replace("/", "__", 1)
        if finding.path == self.path and _within(self.label["line"], self.label["end_line"], finding):
            return True
        return any(
            finding.path == f"{folder}/{other['path']}" and _within(other["line"], other["line"], finding)
            for other in self.label.get("alt") or ()
        )


def _within(start: Any, end: Any, finding: Finding) -> bool:
    if isinstance(start, dict):
        return finding.cell == start["cell"] and bool(start["line"] <= finding.line <= end["line"])
    return bool(finding.cell is None and start <= finding.line <= end)


def check(files: Path, options: list[str]) -> tuple[list[Finding], list[dict[str, Any]]]:
    """Run `leakscan check` on the folder; return findings with paths relative to it, and errors."""
    command = [
        sys.executable,
        "-m",
        "leakscan",
        "check",
        "--output-format",
        "json",
        "--isolated",
        *options,
        ".",
    ]
    shown = subprocess.run(command, cwd=files, capture_output=True, text=True, check=False)
    if not shown.stdout.strip():
        sys.exit(f"leakscan gave no report (exit {shown.returncode}):\n{shown.stderr}")
    report = json.loads(shown.stdout)
    findings = [
        Finding(
            item["code"][:3],
            item["path"].removeprefix("./"),
            item["cell"],
            item["line"],
            item["code"],
            item["message"],
            item["severity"],
        )
        for item in report["findings"]
    ]
    return findings, report["errors"]


def check_each(files: Path, options: list[str]) -> tuple[list[Finding], list[dict[str, Any]]]:
    """Run `leakscan check` in each repository on its own, as its authors would."""
    findings: list[Finding] = []
    errors: list[dict[str, Any]] = []
    for folder in sorted(path for path in files.iterdir() if path.is_dir()):
        found, problems = check(folder, options)
        findings.extend(replace(one, path=f"{folder.name}/{one.path}") for one in found)
        errors.extend({**one, "path": f"{folder.name}/{one['path']}"} for one in problems)
    return findings, errors


def others(results: Path) -> list[Finding]:
    """Read another tool's JSON: semgrep's (its rules begin with imr- or utr-), or pylint's with dslinter."""
    text = results.read_text(encoding="utf-8")
    report = json.loads(text[max(text.find("{"), 0) :] if "{" in text else "[]")
    if isinstance(report, dict):
        return [
            Finding(
                item["check_id"].rpartition(".")[2][:3].upper(),
                item["path"].removeprefix("./"),
                None,
                item["start"]["line"],
                item["check_id"],
                item["extra"]["message"],
            )
            for item in report["results"]
        ]
    return [
        Finding(_PYLINT[item["symbol"]], item["path"], None, item["line"], item["symbol"], item["message"])
        for item in report
        if item["symbol"] in _PYLINT
    ]


def record(sites: list[Site], tool: str, findings: list[Finding]) -> list[Finding]:
    """Write into the labels what a tool found; return the findings that no label speaks of."""
    unlabelled = []
    for site in sites:
        site.label.setdefault("found", {}).pop(tool, None)
    for finding in findings:
        matching = [site for site in sites if site.matches(finding)]
        for site in matching:
            found = site.label["found"]
            known = found.get(tool, "low")
            found[tool] = finding.severity
            if known in _RANKS and finding.severity in _RANKS:
                found[tool] = max(known, finding.severity, key=_RANKS.index)
        if not matching:
            unlabelled.append(finding)
    return unlabelled


def wilson(part: int, whole: int, z: float = 1.96) -> tuple[float, float]:
    """Return Wilson's 95 % interval of a share. Source: Wilson 1927, JASA 22:209."""
    if not whole:
        return 0.0, 1.0
    share = part / whole
    middle = share + z * z / (2 * whole)
    half = z * ((share * (1 - share) + z * z / (4 * whole)) / whole) ** 0.5
    scale = 1 + z * z / whole
    return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)


def interval(part: int, whole: int) -> str:
    """Return a share with its interval and counts as text; a dash where there is nothing to share."""
    if not whole:
        return "-"
    low, high = wilson(part, whole)
    return f"{part / whole:.2f} ({part} of {whole}; {low:.2f} to {high:.2f})"


def recorded_rows(labels: list[dict[str, Any]], tool: str) -> list[list[str]]:
    """Return a tool's precision, recall and share of worth for each family and for both, from the labels."""
    rows = []
    for name, families in (("IMR", ("IMR",)), ("UTR", ("UTR",)), ("both", FAMILIES)):
        mine = [label for label in labels if label["rule"] in families]
        shown = [label for label in mine if label.get("found", {}).get(tool) in _SHOWN]
        judged = [label for label in shown if label["label"] != "debatable"]
        right = [label for label in judged if label["label"] == "positive"]
        leaks = [label for label in mine if label["label"] == "positive" and label["read"] == "candidates"]
        found = [label for label in leaks if tool in label.get("found", {})]
        costly = [label for label in leaks if label["cost"] != "small"]
        loud = [label for label in costly if label.get("found", {}).get(tool) in _SHOWN]
        worth = [label for label in shown if label["worth"]]
        rows.append(
            [
                name,
                interval(len(right), len(judged)),
                interval(len(found), len(leaks)),
                interval(len(loud), len(costly)),
                interval(len(worth), len(shown)),
            ]
        )
    return rows


def recorded_table(labels: list[dict[str, Any]]) -> list[str]:
    """Return the published table, as lines of Markdown."""
    tools = sorted({tool for label in labels for tool in label.get("found", {})})
    lines = [
        (
            "| tool | family | precision, medium and above | recall, any severity "
            "| recall of what is not small, medium and above | worth acting on |"
        ),
        "|--|--|--|--|--|--|",
    ]
    for tool in tools:
        lines.extend("| " + " | ".join([tool, *row]) + " |" for row in recorded_rows(labels, tool))
    return lines


def codes_table(labels: list[dict[str, Any]], tool: str) -> list[str]:
    """Return precision, recall and worth of each rule that has a label, as lines of Markdown.

    A place has the rule that reported it, or, where none did, the one that its reader expected.
    """
    lines = [
        "| rule | precision, medium and above | recall, any severity | worth acting on |",
        "|--|--|--|--|",
    ]
    for code in sorted({label["code"] for label in labels}):
        mine = [label for label in labels if label["code"] == code]
        shown = [label for label in mine if label.get("found", {}).get(tool) in _SHOWN]
        judged = [label for label in shown if label["label"] != "debatable"]
        right = [label for label in judged if label["label"] == "positive"]
        leaks = [label for label in mine if label["label"] == "positive" and label["read"] == "candidates"]
        found = [label for label in leaks if tool in label.get("found", {})]
        worth = [label for label in shown if label["worth"]]
        shares = ((right, judged), (found, leaks), (worth, shown))
        if not (shown or leaks):
            continue
        lines.append(f"| {code} | " + " | ".join(interval(len(a), len(b)) for a, b in shares) + " |")
    return lines


def load(manifest: Path) -> list[Site]:
    """Read the labels."""
    sites = []
    for line in manifest.read_text(encoding="utf-8").splitlines():
        if line.strip():
            label = json.loads(line)
            sites.append(Site(label, f"{label['repo'].replace('/', '__', 1)}/{label['path']}"))
    return sites


def ratio(part: int, whole: int) -> str:
    """Return a share as text; a dash where there is nothing to share."""
    return f"{part / whole:.3f} ({part}/{whole})" if whole else "-"


def row(sites: list[Site]) -> list[str]:
    """Return precision, recall and F1 of some sites as table cells."""
    positive = [site for site in sites if site.label["label"] == "positive"]
    negative = [site for site in sites if site.label["label"] == "negative"]
    hit = sum(bool(site.hits) for site in positive)
    false = sum(bool(site.hits) for site in negative)
    f1 = 2 * hit / (hit + false + len(positive)) if positive else 0.0
    return [ratio(hit, hit + false), ratio(hit, len(positive)), f"{f1:.3f}", str(len(negative))]


def source_line(files: Path, site: Site) -> str:
    """Return the labelled line, for the lists of misses and false alarms."""
    start = site.label["line"]
    try:
        if isinstance(start, dict):
            notebook = json.loads((files / site.path).read_text(encoding="utf-8"))
            lines = "".join(notebook["cells"][start["cell"]]["source"]).splitlines()
            return str(lines[start["line"] - 1]).strip()
        text = (files / site.path).read_text(encoding="utf-8", errors="replace")
        return str(text.splitlines()[start - 1]).strip()
    except (OSError, IndexError, KeyError, ValueError):
        return "(source not found)"


def place(site: Site) -> str:
    """Return path:line (or path:cell:line) of a site."""
    start = site.label["line"]
    return (
        f"{site.path}:{start['cell']}:{start['line']}" if isinstance(start, dict) else f"{site.path}:{start}"
    )


def print_rates(console: Console, sites: list[Site]) -> None:
    """Print precision, recall and F1 of each family, and how many repositories were found whole."""
    table = Table("family", "precision", "recall", "F1", "look-alikes", title="leakscan check against labels")
    for family in FAMILIES:
        table.add_row(family, *row([site for site in sites if site.label["rule"] == family]))
    without = [site for site in sites if site.label["rule"] == "UTR" and site.label["kind"] != LOW]
    table.add_row("UTR without epoch-level scalars", *row(without))
    console.print(table)

    by_repo: dict[tuple[str, str], list[Site]] = defaultdict(list)
    for site in sites:
        if site.label["label"] == "positive":
            by_repo[site.label["rule"], site.repo].append(site)
    for family in FAMILIES:
        repos = [group for (rule, _), group in by_repo.items() if rule == family]
        found = sum(all(site.hits for site in group) for group in repos)
        some = sum(any(site.hits for site in group) for group in repos)
        console.print(
            f"{family}: of {len(repos)} repositories with leaks, {found} found whole, {some} in part"
        )


def print_mistakes(console: Console, files: Path, sites: list[Site]) -> None:
    """Print the leaks that were missed and the look-alikes that were reported, with their lines."""
    for title, wanted, expected in (("Misses", "positive", False), ("False alarms", "negative", True)):
        listed = [site for site in sites if site.label["label"] == wanted and bool(site.hits) == expected]
        console.print(f"\n{title}: {len(listed)}", style="bold")
        for site in listed:
            console.print(f"  {site.label['rule']} {place(site)}  [{site.label['kind']}]", markup=False)
            console.print(f"      {source_line(files, site)}", markup=False)


def main() -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("manifest", type=Path)
    parser.add_argument("files", type=Path, nargs="?")
    parser.add_argument("--each", action="store_true", help="check each repository on its own")
    parser.add_argument("--record", type=Path, metavar="OUT", help="write the manifest with what was found")
    parser.add_argument("--also", action="append", default=[], metavar="NAME=RESULTS", help="another tool")
    parser.add_argument("--verbose", action="store_true", help="also list findings that no label speaks of")
    parser.add_argument("options", nargs="*", help="options for leakscan check, after --")
    args = parser.parse_args()
    if args.files is None:
        labels = [site.label for site in load(args.manifest)]
        print("\n".join([*recorded_table(labels), "", *codes_table(labels, "leakscan")]))
        return 0
    sites = [site for site in load(args.manifest) if (args.files / site.path).is_file()]
    findings, errors = (check_each if args.each else check)(args.files.resolve(), args.options)
    if args.record:
        record(sites, "leakscan", findings)
        for name, _, results in (pair.partition("=") for pair in args.also):
            record(sites, name, others(Path(results)))
        args.record.write_text(
            "".join(json.dumps(site.label, ensure_ascii=False) + "\n" for site in sites), encoding="utf-8"
        )
    unlabelled = []
    for finding in findings:
        matching = [site for site in sites if site.matches(finding)]
        for site in matching:
            site.hits.append(finding)
        if not matching:
            unlabelled.append(finding)
    console = Console(soft_wrap=True, highlight=False)
    print_rates(console, sites)
    print_mistakes(console, args.files, sites)
    hit = [site for site in sites if site.label["label"] == "debatable" and site.hits]
    console.print(
        f"\nDebatable sites that are reported: {len(hit)}; findings without a label: {len(unlabelled)}"
    )
    if args.verbose:
        for finding in unlabelled:
            cell = "" if finding.cell is None else f"{finding.cell}:"
            console.print(
                f"  {finding.path}:{cell}{finding.line} {finding.code} {finding.message}", markup=False
            )
    for error in errors:
        console.print(f"error: {error['path']}: {error['message']}", markup=False, style="dim")
    return 0


if __name__ == "__main__":
    sys.exit(main())
