"""The examples of every rule folder: bad ones are reported where they say, good ones are not reported."""

from __future__ import annotations

import ast
import json
import re
import shutil
from collections import defaultdict
from pathlib import Path

import pytest
from expectations import found, marked

from leakscan import cli

RULES = Path(__file__).resolve().parent.parent / "rules"
FOLDERS = sorted(path for path in RULES.iterdir() if (path / "examples").is_dir())
EXAMPLES = [
    example
    for folder in FOLDERS
    for example in sorted((folder / "examples").iterdir())
    if example.suffix == ".py" or (example.is_dir() and example.name != "__pycache__")
]
SOURCES = [
    file
    for example in EXAMPLES
    for file in ([example] if example.is_file() else sorted(example.rglob("*.py")))
]
HEADINGS = [
    "## What it does",
    "## Why is this bad",
    "## Example",
    "## Use instead",
    "## What it does not report",
    "## Known limits",
    "## Fix safety",
    "## References",
]
ENOUGH = {"IMR001": (14, 18), "UTR001": (12, 18)}  # bad, good; the shapes that real code holds most
ENOUGH_OF_OTHERS = (5, 6)


def code_of(folder: Path) -> str:
    return folder.name.split("_", 1)[0].upper()


def label(path: Path) -> str:
    relative = path.relative_to(RULES)
    return f"{code_of(RULES / relative.parts[0])}-{'/'.join(relative.parts[2:]) or relative.name}"


def check(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> dict:
    """Run the command in this process and return its JSON."""
    try:
        status = cli.main(
            ["check", "--isolated", "--output-format", "json", "--min-severity", "low", *arguments]
        )
    except SystemExit as stop:
        status = stop.code
    captured = capsys.readouterr()
    assert status in (0, 1), captured.err
    report = json.loads(captured.out)
    assert report["errors"] == []
    assert status == (1 if report["findings"] else 0)
    return report


@pytest.mark.parametrize("example", EXAMPLES, ids=label)
def test_example_is_reported_exactly_where_it_says(
    example: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # A copy: the example is a project of its own, not a part of this one.
    copy = tmp_path / example.name
    if example.is_dir():
        shutil.copytree(example, copy, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copyfile(example, copy)
    monkeypatch.chdir(tmp_path)

    report = check([example.name], capsys)

    sites = found(report, tmp_path)
    known_limits = set(sites) & set(marked(copy, tmp_path, "todo"))
    assert not known_limits, "a known limit is found now: turn its '# todo:' into '# expect:'"
    assert sites == marked(copy, tmp_path, "expect")


@pytest.mark.parametrize("example", EXAMPLES, ids=label)
def test_example_is_named_for_what_it_holds(example: Path) -> None:
    code = code_of(example.parent.parent)
    expected = marked(example, example.parent, "expect")
    limits = marked(example, example.parent, "todo")
    assert {site[0] for site in expected + limits} <= {code}
    if example.name.startswith("bad_"):
        assert expected or limits, "a bad example marks at least one line"
    else:
        assert example.name.startswith("good_")
        assert not expected, "a good example marks nothing"
        assert not limits, "a good example marks nothing"
    if example.is_dir():
        assert (example / "main.py").is_file(), "a project has a main.py, which says what the shape is"


@pytest.mark.parametrize("source", SOURCES, ids=label)
def test_example_parses_and_says_in_one_line_what_it_is(source: Path) -> None:
    docstring = ast.get_docstring(ast.parse(source.read_text(encoding="utf-8")))
    assert docstring
    assert len(docstring.splitlines()) == 1


def test_no_two_examples_hold_the_same_code() -> None:
    by_code = defaultdict(list)
    for example in EXAMPLES:
        files = [example] if example.is_file() else sorted(example.rglob("*.py"))
        bodies = []
        for file in files:
            module = ast.parse(file.read_text(encoding="utf-8"))
            bodies.append(ast.dump(ast.Module(module.body[1:], type_ignores=[])))
        by_code["".join(bodies)].append(label(example))
    assert [names for names in by_code.values() if len(names) > 1] == []


@pytest.mark.parametrize("folder", FOLDERS, ids=code_of)
def test_rule_has_enough_examples(folder: Path) -> None:
    names = [example.name for example in EXAMPLES if example.parent.parent == folder]
    bad, good = ENOUGH.get(code_of(folder), ENOUGH_OF_OTHERS)
    assert sum(name.startswith("bad_") for name in names) >= bad
    assert sum(name.startswith("good_") for name in names) >= good


@pytest.mark.parametrize("folder", FOLDERS, ids=code_of)
def test_rule_page_has_the_fixed_headings(folder: Path) -> None:
    text = (folder / "README.md").read_text(encoding="utf-8")
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE)
    title = f"# {code_of(folder)} {folder.name.split('_', 1)[1].replace('_', '-')}"
    assert [line for line in prose.splitlines() if line.startswith("#")] == [title, *HEADINGS]


@pytest.mark.parametrize("folder", FOLDERS, ids=code_of)
def test_code_on_rule_page_parses(folder: Path) -> None:
    text = (folder / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```$", text, flags=re.DOTALL | re.MULTILINE)
    assert blocks
    for block in blocks:
        ast.parse("if True:\n" + block if block.startswith(" ") else block)
