"""The checks of a rule folder, for `leakscan rule test` and for the pytest suites of rule authors.

A suite is three lines:

    @pytest.mark.parametrize("case", leakscan.testing.cases("my_rules"), ids=str)
    def test_rule(case):
        case.check()
"""

from __future__ import annotations

import ast
import contextlib
import copy
import difflib
import io
import os
import re
import shutil
import tempfile
import tokenize
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from leakscan.config import ConfigResolver, Overrides
from leakscan.diagnostics import FileError, Severity
from leakscan.fixer import Choice, Fixed, fix
from leakscan.registry import folder_name, load_rules, rule_folders
from leakscan.reporters.text import plural
from leakscan.rule import Applicability, Report, Rewrite, Rule, Strategy
from leakscan.runner import CheckResult, Listener, Request, check

if TYPE_CHECKING:
    from leakscan.codemods.rewriting import Code

#: The headings of a rule's README.md below its title, in this order.
HEADINGS = (
    "## What it does",
    "## Why is this bad",
    "## Example",
    "## Use instead",
    "## What it does not report",
    "## Known limits",
    "## Fix safety",
    "## References",
)
_MARK = re.compile(r"#\s*(expect|todo):\s*([A-Z]+[0-9]+(?:\s*,\s*[A-Z]+[0-9]+)*)\s*\Z")

#: (code, path relative to the folder that was scanned, 1-based line)
Site = tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in a rule folder: the path is relative to it, the line is 1-based."""

    path: str
    message: str
    line: int | None = None

    def __str__(self) -> str:
        where = self.path if self.line is None else f"{self.path}:{self.line}"
        return f"{where}: {self.message}"


@dataclass(frozen=True, slots=True)
class RuleFolder:
    """A rule, its folder, and the rules that its examples are checked with, often itself alone."""

    path: Path
    rule: Rule
    rules: tuple[Rule, ...]

    @property
    def examples(self) -> list[Path]:
        """The examples, sorted: Python files, and folders that are projects."""
        found = self.path / "examples"
        return [path for path in _entries(found) if path.suffix == ".py" or _is_project(path)]

    def problems(self) -> list[Problem]:
        """Return what all checks find."""
        return [problem for case in cases_of(self) for problem in case.problems()]

    def contents(self) -> str:
        """Return how much there is to check, in words."""
        names = [example.name for example in self.examples]
        bad, good = (sum(name.startswith(kind) for name in names) for kind in ("bad_", "good_"))
        made = [item for item in self.rule.strategies if item.applicability is not Applicability.DISPLAY]
        return f"{bad} bad and {good} good examples, {plural(len(made), 'fix', 'fixes')}"

    def shown(self, path: Path) -> str:
        """Return a path as problems name it."""
        return path.relative_to(self.path).as_posix()


@dataclass(frozen=True, slots=True)
class Case:
    """One check of a rule folder, or of one of its examples. As a string it is the id of a test."""

    folder: RuleFolder
    example: Path | None
    name: str
    run: Callable[[], Iterable[Problem]]

    def problems(self) -> list[Problem]:
        """Return what is wrong; nothing where all is well."""
        return list(self.run())

    def check(self) -> None:
        """Raise AssertionError, with all that is wrong, unless nothing is."""
        if found := self.problems():
            raise AssertionError("\n".join(map(str, found)))

    def __str__(self) -> str:
        parts = (self.folder.rule.code, self.example.name if self.example else None, self.name)
        return "-".join(part for part in parts if part)


def load_folders(directory: str | Path, *, together: bool = False) -> list[RuleFolder]:
    """Load the rule folder, or the folder of rule folders, that `directory` is.

    together: each example is checked with all the rules, and only its own may report something. Raises
    LeakscanError where a rule cannot be loaded.
    """
    folders = rule_folders(Path(directory))
    # Codes must differ from the built-in ones; an installed copy of the same rules may be there.
    loaded = [item for item in load_rules([directory], installed=False) if item.folder in folders]
    everything = tuple(item.rule for item in loaded)
    return [RuleFolder(item.folder, item.rule, everything if together else (item.rule,)) for item in loaded]


def cases(directory: str | Path, *, together: bool = False) -> list[Case]:
    """Return every check of the rule folders of `directory`; for the parameters see `load_folders`."""
    return [case for folder in load_folders(directory, together=together) for case in cases_of(folder)]


def cases_of(folder: RuleFolder) -> Iterator[Case]:
    """Yield every check of a rule folder: first those of its files, then those of each example."""
    for name, check_folder in _FOLDER_CHECKS.items():
        yield Case(folder, None, name, partial(check_folder, folder))
    for example in folder.examples:
        for name, check_example in _EXAMPLE_CHECKS.items():
            if name != "fixes" or (example.name.startswith("bad_") and folder.rule.strategies):
                yield Case(folder, example, name, partial(check_example, folder, example))


# The files of a folder


def names(folder: RuleFolder) -> Iterator[Problem]:
    """Yield a problem where folder, code and name differ, or rule.py has no docstring of one line."""
    wanted = folder_name(folder.rule.code, folder.rule.name)
    if folder.path.name != wanted:
        yield Problem(".", f"the rule is {folder.rule.code} {folder.rule.name}: call the folder {wanted}")
    yield from _docstring(folder, folder.path / "rule.py")
    if not folder.rule.summary or len(folder.rule.summary.splitlines()) != 1:
        yield Problem("rule.py", "the summary is not one line")


def page(folder: RuleFolder) -> Iterator[Problem]:
    """Yield a problem for each heading of README.md that is missing or new, and code that does not parse."""
    path = folder.path / "README.md"
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        yield Problem("README.md", f"cannot be read: {error}")
        return
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE)
    found = [line for line in prose.splitlines() if line.startswith("#")]
    wanted = [f"# {folder.rule.code} {folder.rule.name}", *HEADINGS]
    for heading in wanted:
        if heading not in found:
            yield Problem("README.md", f"the heading {heading!r} is missing")
    for heading in found:
        if heading not in wanted:
            yield Problem("README.md", f"the heading {heading!r} is not one of a rule's page")
    if sorted(found) == sorted(wanted) and found != wanted:
        yield Problem("README.md", f"the headings are in another order than {', '.join(wanted)}")
    blocks = re.findall(r"^```python\n(.*?)^```$", text, flags=re.DOTALL | re.MULTILINE)
    if not blocks:
        yield Problem("README.md", "there is no code: show an example, and what to use instead")
    for block in blocks:
        try:
            ast.parse("if True:\n" + block if block.startswith(" ") else block)
        except SyntaxError as error:
            yield Problem("README.md", f"code does not parse: {error.msg}: {(error.text or '').strip()}")


def distinct(folder: RuleFolder) -> Iterator[Problem]:
    """Yield a problem where examples are missing, misplaced, or hold the same code."""
    examples = folder.examples
    for kind in ("bad_", "good_"):
        if not any(example.name.startswith(kind) for example in examples):
            yield Problem("examples", f"there is no {kind}*.py")
    for path in _entries(folder.path / "examples"):
        if path not in examples and path.name not in {"fixed", "__pycache__"}:
            yield Problem(folder.shown(path), "is neither a Python file nor a folder with a main.py")
    yield from same_code([(folder, example) for example in examples])


def same_code(examples: Iterable[tuple[RuleFolder, Path]]) -> Iterator[Problem]:
    """Yield a problem for each example that differs from an earlier one in its docstring only."""
    by_code: dict[str, str] = {}
    for folder, example in examples:
        bodies = []
        for file in _files(example):
            try:
                module = ast.parse(file.read_text(encoding="utf-8"))
            except (SyntaxError, ValueError):
                continue
            bodies.append(ast.dump(ast.Module(module.body[1:], type_ignores=[])))
        first = by_code.setdefault("".join(bodies), folder.shown(example))
        if first != folder.shown(example):
            yield Problem(folder.shown(example), f"holds the same code as {first}")


def asserted(folder: RuleFolder) -> Iterator[Problem]:
    """Yield a problem for each strategy without an expected result, and each result without a strategy."""
    made = [item for item in folder.rule.strategies if item.applicability is not Applicability.DISPLAY]
    bad = [example for example in folder.examples if example.name.startswith("bad_")]
    owner = {_expected(folder, example, item): item.name for example in bad for item in made}
    shown: set[str] = set()
    for path in _entries(folder.path / "examples" / "fixed"):
        if path in owner:
            shown.add(owner[path])
            yield from _not_python(folder, path)
        elif path.name != "__pycache__":
            known = ", ".join(item.name for item in made) or "none"
            yield Problem(
                folder.shown(path),
                f"belongs to nothing: the name is that of a bad example and a strategy with fixes ({known})",
            )
    for item in made:
        if item.name not in shown:
            yield Problem(
                "examples/fixed",
                f"no expected result of {item.name}: add bad_*.{item.name}.py with what it makes",
            )


def _expected(folder: RuleFolder, example: Path, strategy: Strategy) -> Path:
    """Return where the expected result of a strategy for an example stands."""
    name = f"{example.stem}.{strategy.name}.py" if example.is_file() else f"{example.name}.{strategy.name}"
    return folder.path / "examples" / "fixed" / name


# An example


def marks(folder: RuleFolder, example: Path) -> Iterator[Problem]:
    """Yield a problem where the name, the docstring or the marks of an example are not as they must be."""
    shown = folder.shown(example)
    if broken := list(_broken(folder, example)):
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
    for file in _files(example):
        yield from _docstring(folder, file)


def findings(folder: RuleFolder, example: Path) -> Iterator[Problem]:
    """Yield a problem for each finding that is not marked, and each mark without a finding."""
    if any(_broken(folder, example)):
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
    if any(_broken(folder, example)):
        return
    for strategy in folder.rule.strategies:
        for problem in _fix_problems(folder, example, strategy):
            yield replace(problem, message=f"{strategy.name}: {problem.message}")


def _fix_problems(folder: RuleFolder, example: Path, strategy: Strategy) -> Iterator[Problem]:
    shown = folder.shown(example)
    guard = _Guard(strategy)
    rule = _with(folder.rule, guard)
    with _copied(example, marks=False) as (root, target):
        before = _texts(target)
        fixed = _fix(target, rule)
        for item in fixed.changed:
            Path(item.path).write_bytes(item.after)
        after = _texts(target)
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
    expected = _expected(folder, example, strategy)
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
    wanted = _texts(expected)
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
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
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


# Running


@contextlib.contextmanager
def _copied(example: Path, *, marks: bool = True) -> Iterator[tuple[Path, Path]]:
    """Give a directory and the example in it, alone: it is a project, not a part of the one around it."""
    with tempfile.TemporaryDirectory(prefix="leakscan-") as directory:
        target = Path(directory) / example.name
        if example.is_dir():
            shutil.copytree(example, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copyfile(example, target)
        for file in () if marks else _files(target):
            file.write_bytes(without_marks(file.read_bytes().decode()).encode())
        yield Path(directory), target


def _configs(rules: Sequence[Rule]) -> ConfigResolver:
    codes = [rule.code for rule in rules]
    # A rule that is off by default is tested as well.
    return ConfigResolver(Overrides(select=("ALL",), min_severity=Severity.LOW), codes, isolated=True)


def _check(target: Path, rules: Sequence[Rule]) -> CheckResult:
    return check(Request((str(target),)), _configs(rules), rules, Listener())


def _fix(target: Path, rule: Rule) -> Fixed:
    choice = Choice(unsafe=True, strategies={rule.code: rule.strategies[0].name})
    return fix(Request((str(target),)), _configs([rule]), [rule], choice)


# Marks


def marked(path: Path, base: Path, kind: str) -> list[Site]:
    """Return the sites that the comments of `kind` ("expect" or "todo") mark below `path`, sorted.

    `path` is a Python file or a folder of them; paths in the result are relative to `base`. Raises
    SyntaxError or tokenize.TokenError for a file that cannot be read as Python.
    """
    sites: list[Site] = []
    for file in _files(path):
        with tokenize.open(file) as stream:
            text = stream.read()
        for token, match in _marks(text):
            if match[1] == kind:
                name = file.relative_to(base).as_posix()
                sites += [(code.strip(), name, token.start[0]) for code in match[2].split(",")]
    return sorted(sites)


def without_marks(text: str) -> str:
    """Return a program without the comments that mark what is expected of it."""
    lines = text.splitlines(keepends=True)
    for token, _ in _marks(text):
        row, column = token.start
        line = lines[row - 1]
        lines[row - 1] = line[:column].rstrip() + line[len(line.rstrip("\r\n")) :]
    return "".join(lines)


def _marks(text: str) -> Iterator[tuple[tokenize.TokenInfo, re.Match[str]]]:
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT and (match := _MARK.match(token.string)):
            yield token, match


# Files


def _entries(directory: Path) -> list[Path]:
    return sorted(directory.iterdir()) if directory.is_dir() else []


def _is_project(path: Path) -> bool:
    return path.is_dir() and path.name not in {"fixed", "__pycache__"}


def _files(path: Path) -> list[Path]:
    return sorted(path.rglob("*.py")) if path.is_dir() else [path]


def _texts(path: Path) -> dict[str, str]:
    """Return the text of a Python file, or of those of a project by their paths in it."""
    base = path if path.is_dir() else path.parent
    return {file.relative_to(base).as_posix(): file.read_bytes().decode() for file in _files(path)}


def _errors(errors: Iterable[FileError], root: Path) -> Iterator[Problem]:
    for error in errors:
        yield Problem(f"examples/{_below(error.path, root)}", error.message, error.line)


def _below(path: str, root: Path) -> str:
    return os.path.relpath(os.path.realpath(path), root.resolve()).replace(os.sep, "/")


def _broken(folder: RuleFolder, example: Path) -> Iterator[Problem]:
    """Yield why an example cannot be checked."""
    if example.is_dir() and not (example / "main.py").is_file():
        yield Problem(folder.shown(example), "a project has a main.py, which says what the shape is")
    yield from _not_python(folder, example)


def _not_python(folder: RuleFolder, path: Path) -> Iterator[Problem]:
    """Yield a problem for each file that is not Python in UTF-8."""
    for file in _files(path):
        try:
            text = file.read_bytes().decode()
            ast.parse(text)
            list(_marks(text))
        except SyntaxError as error:
            yield Problem(folder.shown(file), f"does not parse: {error.msg}", error.lineno)
        except (OSError, ValueError, tokenize.TokenError) as error:
            yield Problem(folder.shown(file), f"does not parse: {error}")


def _docstring(folder: RuleFolder, file: Path) -> Iterator[Problem]:
    docstring = ast.get_docstring(ast.parse(file.read_bytes()))
    if not docstring:
        yield Problem(folder.shown(file), "begins with a docstring of one line that says what it is")
    elif len(docstring.splitlines()) > 1:
        yield Problem(folder.shown(file), "the docstring has more than one line", 1)


_FOLDER_CHECKS = {"names": names, "page": page, "examples": distinct, "fixed": asserted}
_EXAMPLE_CHECKS = {"marks": marks, "findings": findings, "fixes": fixes}

__all__ = [
    "HEADINGS",
    "Case",
    "Problem",
    "RuleFolder",
    "cases",
    "cases_of",
    "load_folders",
    "marked",
    "same_code",
    "without_marks",
]
