"""A rule folder, what is wrong in one, and its files."""

from __future__ import annotations

import ast
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from leakscan.reporters.text import plural
from leakscan.rule import Applicability, Rule, Strategy
from leakscan.testing.marks import mark_comments, python_files

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
        return [path for path in entries(found) if path.suffix == ".py" or is_project(path)]

    def contents(self) -> str:
        """Return how much there is to check, in words."""
        names = [example.name for example in self.examples]
        bad, good = (sum(name.startswith(kind) for name in names) for kind in ("bad_", "good_"))
        made = [item for item in self.rule.strategies if item.applicability is not Applicability.DISPLAY]
        return f"{bad} bad and {good} good examples, {plural(len(made), 'fix', 'fixes')}"

    def shown(self, path: Path) -> str:
        """Return a path as problems name it."""
        return path.relative_to(self.path).as_posix()


def expected_result(folder: RuleFolder, example: Path, strategy: Strategy) -> Path:
    """Return where the expected result of a strategy for an example stands."""
    name = f"{example.stem}.{strategy.name}.py" if example.is_file() else f"{example.name}.{strategy.name}"
    return folder.path / "examples" / "fixed" / name


def entries(directory: Path) -> list[Path]:
    """Return what is in a directory, sorted; nothing where there is none."""
    return sorted(directory.iterdir()) if directory.is_dir() else []


def is_project(path: Path) -> bool:
    """Return whether an example is a folder of several modules."""
    return path.is_dir() and path.name not in {"fixed", "__pycache__"}


def texts(path: Path) -> dict[str, str]:
    """Return the text of a Python file, or of those of a project by their paths in it."""
    base = path if path.is_dir() else path.parent
    return {file.relative_to(base).as_posix(): file.read_bytes().decode() for file in python_files(path)}


def broken_files(folder: RuleFolder, example: Path) -> Iterator[Problem]:
    """Yield why an example cannot be checked."""
    if example.is_dir() and not (example / "main.py").is_file():
        yield Problem(folder.shown(example), "a project has a main.py, which says what the shape is")
    yield from not_python(folder, example)


def not_python(folder: RuleFolder, path: Path) -> Iterator[Problem]:
    """Yield a problem for each file that is not Python in UTF-8."""
    for file in python_files(path):
        try:
            data = file.read_bytes()
            text = data.decode()
            ast.parse(data)  # by what it says of its encoding, too
            list(mark_comments(text))
        except SyntaxError as error:
            yield Problem(folder.shown(file), f"does not parse: {error.msg}", error.lineno or None)
        except (OSError, ValueError, tokenize.TokenError) as error:
            yield Problem(folder.shown(file), f"does not parse: {error}")


def docstring_problems(folder: RuleFolder, file: Path) -> Iterator[Problem]:
    """Yield a problem where a file does not begin with a docstring of one line."""
    docstring = ast.get_docstring(ast.parse(file.read_bytes()))
    if not docstring:
        yield Problem(folder.shown(file), "begins with a docstring of one line that says what it is")
    elif len(docstring.splitlines()) > 1:
        yield Problem(folder.shown(file), "the docstring has more than one line", 1)
