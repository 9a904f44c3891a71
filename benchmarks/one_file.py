"""Whether a check of one file says what a check of its project says of it, and what each costs.

usage: python benchmarks/one_file.py PROJECT... [--every N]

Every N-th file of a project is checked alone, as a pre-commit hook does, and its findings are held against
those that the check of the whole project gives for it: code, place, message, chain and loop, at every level
of severity and confidence. Differences are printed, and the exit code is 1 if there are any.

Times are CPU seconds in one process, divided by that of `ast.parse` over the files of the project that
matter: the whole check with reading, then the mean of the checks of one file, whose facts are known by then.
Fixes are not worked out. Give the roots of projects, with a `.git` or a `pyproject.toml` in each: without one
a file that is named alone belongs to another project than the directory does.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from leakscan.config import ConfigResolver, Overrides
from leakscan.diagnostics import Confidence, Diagnostic, Severity
from leakscan.parsing import PARSER_ERRORS, parse_quietly
from leakscan.registry import load_rules
from leakscan.runner import CheckResult, Listener, Request, Session


def session() -> Session:
    """Return a session with the built-in rules, that shows everything."""
    rules = [loaded.rule for loaded in load_rules(installed=False)]
    overrides = Overrides(min_severity=Severity.LOW, min_confidence=Confidence.LOW)
    return Session(ConfigResolver(overrides, [rule.code for rule in rules], isolated=True), rules)


def by_path(result: CheckResult) -> dict[str, list[Diagnostic]]:
    """Return the findings of each file."""
    found: dict[str, list[Diagnostic]] = {}
    for item in result.findings:
        found.setdefault(item.path, []).append(item)
    return found


def checked(running: Session, path: Path) -> tuple[CheckResult, float]:
    """Return the result of a check, and its CPU seconds."""
    begin = time.process_time()
    result = running.check(Request((str(path),)), Listener(), fixes=False)
    return result, time.process_time() - begin


def parse_seconds(files: list[Path]) -> float:
    """Return the CPU seconds that `ast.parse` takes for the files that can be parsed."""
    texts = [path.read_text(encoding="utf-8", errors="replace") for path in files]
    begin = time.process_time()
    for text in texts:
        try:
            parse_quietly(text)
        except PARSER_ERRORS:
            continue
    return time.process_time() - begin


def compare(project: Path, every: int) -> int:
    """Print what differs in a project, and the ratios; return how many files differ."""
    files = [path for path in sorted(project.rglob("*.py")) if path.is_file()]
    floor = parse_seconds(files)
    running = session()
    whole, whole_seconds = checked(running, project)
    expected = by_path(whole)
    sample = files[::every]
    differing, seconds = 0, 0.0
    for path in sample:
        alone, spent = checked(running, path)
        seconds += spent
        found = by_path(alone).get(str(path), [])
        wanted = expected.get(str(path), [])
        if found != wanted:
            differing += 1
            for sign, items in (
                ("-", [i for i in wanted if i not in found]),
                ("+", [i for i in found if i not in wanted]),
            ):
                for item in items:
                    print(f"  {sign} {path}:{item.span.start.line} {item.code} {item.message}")
    print(
        f"{project.name}: {len(sample)} of {len(files)} files, {len(whole.findings)} findings in all, "
        f"{differing} files differ; whole {whole_seconds / floor:.1f}, "
        f"one file {seconds / len(sample) / floor:.1f} times ast.parse ({floor:.2f} s)",
        flush=True,
    )
    return differing


def main() -> int:
    """Compare the projects that are named."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("projects", nargs="+", type=Path)
    parser.add_argument("--every", type=int, default=1, metavar="N")
    options = parser.parse_args()
    return int(sum(compare(project.resolve(), options.every) for project in options.projects) > 0)


if __name__ == "__main__":
    sys.exit(main())
