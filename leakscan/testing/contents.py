"""The checks of a folder: its names, its page, which examples it has and what they are to become."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from leakscan.registry import folder_name
from leakscan.rule import Applicability
from leakscan.testing.folders import (
    HEADINGS,
    Problem,
    RuleFolder,
    docstring_problems,
    entries,
    expected_result,
    not_python,
)
from leakscan.testing.marks import python_files


def names(folder: RuleFolder) -> Iterator[Problem]:
    """Yield a problem where folder, code and name differ, or rule.py has no docstring of one line."""
    wanted = folder_name(folder.rule.code, folder.rule.name)
    if folder.path.name != wanted:
        yield Problem(".", f"the rule is {folder.rule.code} {folder.rule.name}: call the folder {wanted}")
    yield from docstring_problems(folder, folder.path / "rule.py")
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
    for path in entries(folder.path / "examples"):
        if path not in examples and path.name not in {"fixed", "__pycache__"}:
            yield Problem(folder.shown(path), "is neither a Python file nor a folder with a main.py")
    yield from same_code([(folder, example) for example in examples])


def same_code(examples: Iterable[tuple[RuleFolder, Path]]) -> Iterator[Problem]:
    """Yield a problem for each example that differs from an earlier one in its docstring only."""
    by_code: dict[str, str] = {}
    for folder, example in examples:
        bodies = []
        for file in python_files(example):
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
    owner = {expected_result(folder, example, item): item.name for example in bad for item in made}
    shown: set[str] = set()
    for path in entries(folder.path / "examples" / "fixed"):
        if path in owner:
            shown.add(owner[path])
            yield from not_python(folder, path)
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
