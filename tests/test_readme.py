"""What README.md and docs/ say is what happens: commands, outputs, examples, tables, links."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import sysconfig

import pytest
from conftest import ROOT

from leakscan.config.keys import KEYS
from leakscan.registry import load_rules

README = ROOT / "README.md"
DOCS = [README, *sorted((ROOT / "docs").glob("*.md"))]
PAGES = [
    *DOCS,
    ROOT / "CONTRIBUTING.md",
    ROOT / "CHANGELOG.md",
    ROOT / "SECURITY.md",
    *sorted((ROOT / "rules").glob("*/README.md")),
]

#: Shown but not run here: they install. .ci/run and tests/test_packaging.py do.
NOT_RUN = {
    "python -m pip install . && leakscan check fixtures/",
    'python -m pip install -e ".[test]" && python -m pytest',
}
_FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\]\(([^)\s]+)\)")


def blocks(path, language):
    return [text for found, text in _FENCE.findall(path.read_text(encoding="utf-8")) if found == language]


def console(path):
    """The commands of the console blocks, each with the output that is shown below it."""
    for block in blocks(path, "console"):
        assert block.startswith("$ ")
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            yield command, output


COMMANDS = [(command, output) for path in DOCS for command, output in console(path)]


def run(command):
    scripts = sysconfig.get_path("scripts")
    environment = {**os.environ, "PATH": scripts + os.pathsep + os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    for name in ("NO_COLOR", "FORCE_COLOR"):
        environment.pop(name, None)
    return subprocess.run(
        shlex.split(command), cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


def test_commands_that_install_are_the_only_ones_not_run():
    assert {command for command, _ in COMMANDS if "pip" in command} == NOT_RUN
    assert [output for command, output in COMMANDS if command in NOT_RUN] == [""] * len(NOT_RUN)


@pytest.mark.parametrize(
    ("command", "output"), [pair for pair in COMMANDS if pair[0] not in NOT_RUN], ids=lambda text: text[:60]
)
def test_a_command_prints_what_is_shown(command, output):
    done = run(command)
    assert done.stdout == output
    # What a diff comes to is said beside it, not in it.
    assert done.stderr == "" or ("--diff" in command and done.stderr.startswith("Would fix "))


def test_the_main_command_finds_leaks_and_exits_1():
    done = run("leakscan check fixtures/")
    assert done.returncode == 1
    for code in ("IMR001", "UTR001", "UTR002", "UTR003"):
        assert f" {code} [" in done.stdout


def test_the_test_command_is_the_one_that_ci_runs():
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    body = re.search(r"^run_tests\(\) \{\n(.*?)^\}", script, re.DOTALL | re.MULTILINE)
    commands = [line.strip() for line in body.group(1).splitlines()]
    assert commands == [command for command, _ in console(README) if command.endswith("pytest")]


def rule_table():
    rows = ["| code | name | severity | default | reports |", "|--|--|--|--|--|"]
    for loaded in load_rules():
        rule = loaded.rule
        link = f"[{rule.code}](rules/{loaded.folder.name}/README.md)"
        default = "on" if rule.enabled_by_default else "off"
        rows.append(f"| {link} | {rule.name} | {rule.severity.label} | {default} | {rule.summary} |")
    return "\n".join(rows)


def test_the_rule_table_is_that_of_the_registry():
    text = README.read_text(encoding="utf-8")
    shown = re.search(r"<!-- rules -->\n(.*?)\n<!-- /rules -->", text, re.DOTALL)
    assert shown.group(1) == rule_table()


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_to_files_lead_somewhere(path):
    for link in _LINK.findall(_FENCE.sub("", path.read_text(encoding="utf-8"))):
        if not link.startswith(("https://", "#")):
            assert (path.parent / link.partition("#")[0]).exists(), link


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_page_holds_both_sides_of_a_merge(path):
    text = path.read_text(encoding="utf-8")
    assert not re.findall(r"^(?:<{7} |={7}$|>{7} )", text, re.MULTILINE)


@pytest.mark.parametrize(
    "code", blocks(README, "python"), ids=lambda code: re.findall(r"# (\w+)$", code, re.MULTILINE)[0]
)
def test_an_example_is_reported_where_it_says(leakscan, code):
    leakscan.write("example.py", code)
    marked = [
        (match.group(1), "example.py", number)
        for number, line in enumerate(code.splitlines(), 1)
        if (match := re.search(r"# ([A-Z]+[0-9]+)$", line))
    ]
    assert leakscan.json("example.py").places == marked


def test_the_configuration_that_is_shown_is_valid(leakscan):
    (shown,) = blocks(README, "toml")
    leakscan.write("pyproject.toml", shown)
    leakscan.write("train.py")
    leakscan.write("legacy/train.py")
    leakscan.write("tests/train.py")
    assert leakscan.json(".").places == [("IMR001", "train.py", 3)]


def documented(path, heading=""):
    """The words in backticks of the first column of a page's tables, below a heading."""
    text = path.read_text(encoding="utf-8")
    section = text.partition(f"## {heading}\n")[2].partition("\n## ")[0] if heading else text
    rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    return {word for row in rows for word in re.findall(r"`([^`]+)`", row)}


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.name)
def test_the_example_of_a_key_is_accepted(leakscan, key):
    leakscan.write("pyproject.toml", "[tool.leakscan]\n")
    leakscan.write("mine/pyproject.toml", f"[tool.leakscan]\n{key.name} = {key.example}\n")
    assert leakscan("rule", "new", "ABC001", "a-name", "--dir", "mine/my_rules").code == 0
    leakscan.write("mine/train.py", "")
    result = leakscan("check", cwd=leakscan.directory / "mine")
    assert (result.code, result.err) == (0, "")


def test_what_is_made_from_the_code_is_up_to_date():
    done = subprocess.run(
        [sys.executable, ROOT / "docs" / "generate.py", "--check"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, ""), "run `python docs/generate.py`"


def test_every_key_of_the_json_report_is_documented(leakscan):
    page = ROOT / "docs" / "json.md"
    leakscan.write(
        "train.py", "from models import build\nfor i in range(9):\n    m = build()\n    m.fit(i)\n"
    )
    leakscan.write("models.py", "import keras\ndef build():\n    return keras.Sequential([])\n")
    leakscan.write("broken.py", "import keras\nif\n")
    report = leakscan.json(".").json
    assert set(report) == documented(page, "The object")
    (finding,) = report["findings"]
    assert set(finding) == documented(page, "A finding")
    # Outside notebooks links and errors have no cell.
    assert set(finding["chain"][0]) == documented(page, "A link of the chain") - {"cell"}
    assert set(report["errors"][0]) == documented(page, "An error") - {"cell"}


def test_the_hook_that_is_shown_is_offered():
    (shown,) = blocks(README, "yaml")
    offered = (ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")
    ids = re.findall(r"^- id: (\S+)", offered, re.MULTILINE)
    assert re.findall(r"- id: (\S+)", shown) == ids[:1]
    # Both would report what is left twice.
    assert re.findall(r"\bleakscan-\w+", shown) == ids[1:]


def test_each_promise_of_the_security_page_has_its_test():
    named = re.findall(r"`(test_\w+\.py)(?:::(\w+))?` \|", (ROOT / "SECURITY.md").read_text(encoding="utf-8"))
    assert len(named) >= 10
    for file, test in named:
        text = (ROOT / "tests" / file).read_text(encoding="utf-8")
        assert not test or re.search(rf"^def {test}\(", text, re.MULTILINE), f"{file}::{test}"
