"""Whether a check of one file says what a check of its project says of it, and what each costs.

usage: python benchmarks/one_file.py PROJECT... [--every N | --surveys]

Every N-th file of a project is checked alone, as a pre-commit hook does, and its findings are held against
those that the check of the whole project gives for it: code, place, message, chain and loop, at every level
of severity and confidence. Differences are printed, and the exit code is 1 if there are any.

With `--surveys` every file is asked about, in a fraction of the time: where a survey of a file says that it
has no findings, the whole project must give it none. Where it cannot say, the project is run as a whole, and
there is nothing to compare; files with findings are checked alone all the same.

Times are CPU seconds in one process, divided by that of `ast.parse` over the files of the project: the whole
check with reading, then the mean and the most of the checks of one file, each with nothing kept from before.
Fixes are not worked out. Give the roots of projects, with a `.git` or a `pyproject.toml` in each: without one
a file that is named alone belongs to another project than the directory does.
"""

from __future__ import annotations

import argparse
import sys
import time
from functools import partial
from pathlib import Path
from statistics import mean

from leakscan.config import ConfigResolver, Overrides
from leakscan.diagnostics import Confidence, Diagnostic, Severity
from leakscan.discovery import find_requested
from leakscan.facts.kept import KeptFacts
from leakscan.linter import finds_nothing
from leakscan.looks import Look
from leakscan.parsing import PARSER_ERRORS, parse_quietly
from leakscan.projects import Loader
from leakscan.registry import load_rules
from leakscan.runner import CheckResult, Listener, Request, Session
from leakscan.sources import Context, ContextFile, ProjectSources
from leakscan.stack import with_deep_stack

RULES = [loaded.rule for loaded in load_rules(installed=False) if loaded.rule.enabled_by_default]


def session() -> Session:
    """Return a session with the built-in rules, that shows everything."""
    overrides = Overrides(min_severity=Severity.LOW, min_confidence=Confidence.LOW)
    return Session(ConfigResolver(overrides, [rule.code for rule in RULES], isolated=True), RULES)


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


def print_difference(path: Path, wanted: list[Diagnostic], found: list[Diagnostic]) -> bool:
    """Print what a check of one file says more and less than that of the project; return whether it does."""
    lines = [("-", item) for item in wanted if item not in found]
    lines += [("+", item) for item in found if item not in wanted]
    for sign, item in lines:
        print(f"  {sign} {path}:{item.span.start.line} {item.code} {item.message}")
    return bool(lines)


def compare(project: Path, every: int) -> int:
    """Print what differs in a project, and the ratios; return how many files differ."""
    files = [path for path in sorted(project.rglob("*.py")) if path.is_file()]
    floor = parse_seconds(files)
    whole, whole_seconds = checked(session(), project)
    expected = by_path(whole)
    sample = files[::every]
    differing = 0
    seconds: list[float] = []
    for path in sample:
        alone, spent = checked(session(), path)
        seconds.append(spent)
        found = by_path(alone).get(str(path), [])
        differing += print_difference(path, expected.get(str(path), []), found)
    print(
        f"{project.name}: {len(sample)} of {len(files)} files, {len(whole.findings)} findings in all, "
        f"{differing} files differ; whole {whole_seconds / floor:.1f}, one file {mean(seconds) / floor:.2f} "
        f"(most {max(seconds) / floor:.1f}) times ast.parse ({floor:.2f} s)",
        flush=True,
    )
    return differing


def survey(project: Path) -> int:
    """Print in how many files a survey is certain, and where it is wrong; return how many files differ."""
    running = session()
    whole, _ = checked(running, project)
    expected = by_path(whole)
    certain = asked = differing = 0
    for loaded in with_deep_stack(lambda: projects_of(project)):
        kept = KeptFacts()
        files = {source.path: source for source in loaded.sources}
        look = Look(mentions=True, imports=frozenset(), sound=True)
        # Notebooks are read again: their text is not what lies on disk.
        others = {
            path: ContextFile(item.display, None if item.notebook else item.text.encode(), look)
            for path, item in files.items()
        }
        for path, source in files.items():
            context = Context({other: file for other, file in others.items() if other != path})
            alone = ProjectSources(loaded.root, (source,), context, loaded.index, loaded.links)
            nothing = with_deep_stack(partial(finds_nothing, alone, RULES, kept))
            asked += 1
            certain += nothing
            wanted = expected.get(path, [])
            if wanted:
                found = [] if nothing else by_path(checked(running, Path(path))[0]).get(path, [])
                differing += print_difference(Path(path), wanted, found)
    print(
        f"{project.name}: {asked} files, {len(whole.findings)} findings in {len(expected)} of them; "
        f"a survey is certain of {certain}; {differing} files differ",
        flush=True,
    )
    return differing


def projects_of(directory: Path) -> list[ProjectSources]:
    """Return the projects below a directory, with all of their files."""
    requested = find_requested([str(directory)], session().configs.excludes_of)
    return Loader(requested, session().configs.excludes_of).load().projects


def main() -> int:
    """Compare the projects that are named."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("projects", nargs="+", type=Path)
    parser.add_argument("--every", type=int, default=1, metavar="N")
    parser.add_argument("--surveys", action="store_true")
    options = parser.parse_args()
    projects = [project.resolve() for project in options.projects]
    differing = [survey(item) if options.surveys else compare(item, options.every) for item in projects]
    return int(any(differing))


if __name__ == "__main__":
    sys.exit(main())
