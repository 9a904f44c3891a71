"""The checks of an example: its marks, what is reported in it, what fixes make of it."""

from __future__ import annotations

import contextlib
import copy
import difflib
import io
import os
import shutil
import tempfile
import tokenize
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from leakscan.config import ConfigResolver, Overrides
from leakscan.diagnostics import FileError, Severity
from leakscan.fixer import Choice, Fixed, fix
from leakscan.rule import Applicability, Report, Rewrite, Rule, Strategy
from leakscan.runner import CheckResult, Request, Session
from leakscan.testing.folders import (
    Problem,
    RuleFolder,
    broken_files,
    docstring_problems,
    expected_result,
    texts,
)
from leakscan.testing.marks import marked, python_files, without_marks

if TYPE_CHECKING:
    from leakscan.codemods.rewriting import Code


def marks(folder: RuleFolder, example: Path) -> Iterator[Problem]:
    """Yield a problem where the name, the docstring or the marks of an example are not as they must be."""
    shown = folder.shown(example)
    if broken := list(broken_files(folder, example)):
        yield from broken
        return
    sites = marked(example, example.parent, "expect") + marked(example, example.parent, "todo")
    for code, path, line in sites:
        if code != folder.rule.code:
            yield Problem(f"examples/{path}", f"marks {code}, which is not the code of this rule", line)
    if example.name.startswith("bad_"):
        if not sites:
            yield Problem(shown, f"a bad example marks a line with '# expect: {folder.rule.code}'")
    elif not example.name.startswith("good_"):
        yield Problem(shown, "the name of an example begins with bad_ or good_")
    elif sites:
        yield Problem(shown, "a good example marks nothing", sites[0][2])
    for file in python_files(example):
        yield from docstring_problems(folder, file)


def findings(folder: RuleFolder, example: Path) -> Iterator[Problem]:
    """Yield a problem for each finding that is not marked, and each mark without a finding."""
    if any(broken_files(folder, example)):
        return
    with _copied(example) as (root, target):
        result = _check(target, [_with(rule) for rule in folder.rules])
        base = root.resolve()
        sites = sorted(
            (item.code, Path(item.path).resolve().relative_to(base).as_posix(), item.span.start.line)
            for item in result.findings
        )
        yield from _errors(result.errors, root)
    expected, limits = (marked(example, example.parent, kind) for kind in ("expect", "todo"))
    known = list((Counter(sites) & Counter(limits)).elements())
    for code, path, line in known:
        yield Problem(f"examples/{path}", f"is found now: turn '# todo: {code}' into '# expect:'", line)
    for code, path, line in (Counter(expected) - Counter(sites)).elements():
        yield Problem(f"examples/{path}", f"{code} is expected and not reported", line)
    for code, path, line in (Counter(sites) - Counter(expected) - Counter(known)).elements():
        yield Problem(f"examples/{path}", f"{code} is reported and not expected", line)


def fixes(folder: RuleFolder, example: Path) -> Iterator[Problem]:
    """Yield a problem for each strategy whose result for an example is not as it must be.

    The marks are taken out of the example first. The result must parse and no longer report what was fixed,
    keep the comments, stay as it is in a second run, and be what `examples/fixed` expects where that has it.
    """
    if any(broken_files(folder, example)):
        return
    for strategy in folder.rule.strategies:
        for problem in _fix_problems(folder, example, strategy):
            yield replace(problem, message=f"{strategy.name}: {problem.message}")


def _fix_problems(folder: RuleFolder, example: Path, strategy: Strategy) -> Iterator[Problem]:
    shown = folder.shown(example)
    guard = _Guard(strategy)
    rule = _with(folder.rule, guard)
    with _copied(example, marks=False) as (root, target):
        before = texts(target)
        fixed = _fix(target, rule)
        for item in fixed.changed:
            Path(item.path).write_bytes(item.after)
        after = texts(target)
        yield from _errors(fixed.result.errors, root)
        if guard.mutates:
            yield Problem(shown, "changes the tree that it is given; it must return a new one")
        if fixed.result.errors or guard.mutates:
            return
        for message in dict.fromkeys(_not_applied(fixed, strategy)):
            yield Problem(shown, message)
        for path, text in after.items():
            for comment in _comments(before[path]) - _comments(text):
                yield Problem(shown, f"the comment {comment!r} of {path} is lost")
        if _fix(target, rule).changed:
            yield Problem(shown, "a second run changes the result again")
    expected = expected_result(folder, example, strategy)
    if expected.exists():
        for message in _differences(folder, expected, before, after, fixed):
            yield Problem(shown, message)


def _not_applied(fixed: Fixed, strategy: Strategy) -> Iterator[str]:
    for item in fixed.first.findings:
        for found in item.fixes:
            if strategy.applicability is Applicability.DISPLAY:
                if found.applicability is not Applicability.DISPLAY:
                    yield "is declared as display, but gives a fix"
            elif found.applicability is not Applicability.DISPLAY and not found.edits:
                yield "gives a fix that changes nothing"
    wanted = sum(bool(item.fixes and item.fixes[0].edits) for item in fixed.first.findings)
    if len(fixed.last.findings) > len(fixed.first.findings) - wanted:
        left = len(fixed.last.findings)
        yield f"{left} of {len(fixed.first.findings)} findings are left, though {wanted} had a fix"


def _differences(
    folder: RuleFolder, expected: Path, before: dict[str, str], after: dict[str, str], fixed: Fixed
) -> Iterator[str]:
    shown = folder.shown(expected)
    if before == after:
        refusals = [refusal.reason for item in fixed.first.findings for refusal in item.refusals]
        why = f": {refusals[0]}" if refusals else ""
        yield f"makes no fix, so {shown} belongs to nothing{why}"
        return
    wanted = texts(expected)
    if expected.is_file():
        wanted = dict(zip(after, wanted.values(), strict=True))
    for path in sorted({*wanted, *after}):
        lines = difflib.unified_diff(
            wanted.get(path, "").splitlines(),
            after.get(path, "").splitlines(),
            shown if expected.is_file() else f"{shown}/{path}",
            "what it makes",
            lineterm="",
        )
        if wanted.get(path) != after.get(path):
            yield "the result is another one than expected\n" + "\n".join(lines)


def _comments(text: str) -> Counter[str]:
    tokens = tokenize.generate_tokens(io.StringIO(text, newline=None).readline)
    return Counter(token.string.rstrip() for token in tokens if token.type == tokenize.COMMENT)


class _Guard(Strategy):
    """A strategy that is watched: it must leave the tree that it is given as it is."""

    def __init__(self, strategy: Strategy) -> None:
        self.strategy = strategy
        self.name = strategy.name  # type: ignore[misc]
        self.summary = strategy.summary  # type: ignore[misc]
        self.applicability = strategy.applicability  # type: ignore[misc]
        self.mutates = False

    def rewrite(self, report: Report, code: Code) -> Rewrite:
        """Return what the strategy returns."""
        before = code.tree.code
        try:
            return self.strategy.rewrite(report, code)
        finally:
            self.mutates |= code.tree.code != before


def _with(rule: Rule, *strategies: Strategy) -> Rule:
    """Return the rule with these strategies in place of its own."""
    changed = copy.copy(rule)
    changed.strategies = strategies  # type: ignore[misc]
    return changed


@contextlib.contextmanager
def _copied(example: Path, *, marks: bool = True) -> Iterator[tuple[Path, Path]]:
    """Give a directory and the example in it, alone: it is a project, not a part of the one around it."""
    with tempfile.TemporaryDirectory(prefix="leakscan-") as directory:
        target = Path(directory) / example.name
        if example.is_dir():
            shutil.copytree(example, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copyfile(example, target)
        for file in () if marks else python_files(target):
            file.write_bytes(without_marks(file.read_bytes().decode()).encode())
        yield Path(directory), target


def _configs(rules: Sequence[Rule]) -> ConfigResolver:
    codes = [rule.code for rule in rules]
    # A rule that is off by default is tested as well.
    return ConfigResolver(Overrides(select=("ALL",), min_severity=Severity.LOW), codes, isolated=True)


def _check(target: Path, rules: Sequence[Rule]) -> CheckResult:
    return Session(_configs(rules), rules).check(Request((str(target),), strict=True))


def _fix(target: Path, rule: Rule) -> Fixed:
    choice = Choice(unsafe=True, strategies={rule.code: rule.strategies[0].name})
    return fix(Session(_configs([rule]), [rule]), Request((str(target),), strict=True), choice)


def _errors(errors: Iterable[FileError], root: Path) -> Iterator[Problem]:
    for error in errors:
        yield Problem(f"examples/{_below(error.path, root)}", error.message, error.line)


def _below(path: str, root: Path) -> str:
    return os.path.relpath(os.path.realpath(path), root.resolve()).replace(os.sep, "/")
