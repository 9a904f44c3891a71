"""What must not be imported, where and when."""

from __future__ import annotations

import ast
import subprocess
import sys

import pytest
from conftest import ROOT

HEAVY = ("tensorflow", "keras", "numpy", "scipy", "codecarbon", "matplotlib")
PARSER = ("libcst",)
RICH = ("rich",)

PROBE = """
import sys
from leakscan.cli import main
try:
    main(sys.argv[1:])
except SystemExit:
    pass
sys.stdout.flush()
print("\\n" + " ".join(sorted(sys.modules)))
"""


def modules_after(leakscan, *arguments):
    done = subprocess.run(
        [sys.executable, "-c", PROBE, *arguments],
        cwd=leakscan.directory,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    names = done.stdout.splitlines()[-1].split()
    return {name.partition(".")[0] for name in names} | set(names)


@pytest.mark.parametrize(
    ("arguments", "absent"),
    [
        (["check", "leaks"], HEAVY + RICH),
        (["check", "--output-format", "json", "leaks"], HEAVY + RICH),
        (["check", "clean.py"], HEAVY + RICH + PARSER + ("importlib.metadata",)),
        (["rule", "IMR001"], HEAVY + RICH),
        ([], HEAVY + RICH + PARSER),
        (["--help"], HEAVY + RICH + PARSER),
        (["validate", "--help"], HEAVY + RICH + PARSER),
        (["rule", "new", "--help"], HEAVY + RICH + PARSER),
        (["chekc"], HEAVY + RICH + PARSER),
        (["--version"], HEAVY + RICH + PARSER),
        (["check", "--help"], HEAVY + RICH + PARSER),
    ],
)
def test_a_command_imports_only_what_it_needs(leakscan, arguments, absent):
    leakscan.write("leaks/a.py")
    leakscan.write("clean.py", "import keras\n\nmodel = keras.Sequential([keras.layers.Dense(1)])\n")
    leakscan.write("keras/__init__.py", "raise SystemExit('the code that is read must not run')\n")
    assert modules_after(leakscan, *arguments).isdisjoint(absent)


def test_checked_code_is_not_executed(leakscan):
    leakscan.write("conftest.py", "import keras\nopen('ran', 'w')\n")
    leakscan.write("sitecustomize.py", "import keras\nopen('ran', 'w')\n")
    leakscan.write("a.py", "import conftest\nimport keras\nopen('ran', 'w')\n")
    assert leakscan.spawn("check").code == 0
    assert not (leakscan.directory / "ran").exists()


def imported(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            shared = node.level == 2 and (node.module or "").startswith("families.")
            assert node.level < 2 or shared, f"{path}: a rule sees the files beside it, and no other rule"
            if node.level == 0:
                # from leakscan import costs
                inner = [f"leakscan.{alias.name}" for alias in node.names]
                yield from inner if node.module == "leakscan" else [node.module or ""]


#: Where a process ends by itself, and why: each is one of its own.
ENDS_ITSELF = {
    "__main__.py": "the door of `python -m leakscan`",
    "validation/worker.py": "the process that runs a measured program",
    "validation/counting.py": "a part of it",
    "validation/mounts.py": "the process that makes its file system",
    "workers.py": "a process that was forked to check some of the projects",
}
OUTPUT = {"sys.stdout", "sys.stderr", "sys.__stdout__", "sys.__stderr__"}
EXITS = {"sys.exit", "os._exit", "exit", "quit", "SystemExit"}


def prints_or_exits(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    caught = {
        part
        for node in ast.walk(tree)
        if isinstance(node, ast.ExceptHandler) and node.type is not None
        for part in ast.walk(node.type)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Name | ast.Attribute) and node not in caught:
            name = ast.unparse(node)
            if name in OUTPUT | EXITS | {"print"}:
                yield node.lineno, name


def test_only_the_command_line_prints_and_exits():
    package = ROOT / "leakscan"
    found = {
        path.relative_to(package).as_posix(): sorted(prints_or_exits(path))
        for path in package.rglob("*.py")
        if not path.relative_to(package).as_posix().startswith(("cli/", "template/"))
    }
    found = {path: places for path, places in found.items() if places}
    assert found.keys() == ENDS_ITSELF.keys(), found


@pytest.mark.parametrize(
    "path",
    sorted((*(ROOT / "rules").glob("*/*.py"), *(ROOT / "leakscan" / "template").glob("*/*.py"))),
    ids=lambda path: f"{path.parent.name.partition('_')[0]}/{path.name}",
)
def test_rules_import_what_is_public_to_them_only(path):
    allowed = (
        "leakscan.rule", "leakscan.facts", "leakscan.knowledge", "leakscan.interpreter", "leakscan.questions",
        "leakscan.codemods", "leakscan.costs", "leakscan.records", "libcst",
    )  # fmt: skip
    for name in imported(path):
        assert name.startswith(allowed) or name.partition(".")[0] in sys.stdlib_module_names, name


def test_import_contracts_are_kept():
    pytest.importorskip("importlinter")
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "from importlinter.cli import lint_imports_command as run; run()",
            "--no-cache",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_long_files_say_why():
    long = [
        path
        for folder in ("leakscan", "rules", "benchmarks", "tests", "docs")
        for path in sorted((ROOT / folder).rglob("*.py"))
        if "examples" not in path.parts and len(path.read_text(encoding="utf-8").splitlines()) > 500
    ]
    for path in long:
        first = path.read_text(encoding="utf-8").partition("\n")[0]
        assert "long, as" in first or "one file" in first or "one plain file" in first, f"{path}: {first}"
