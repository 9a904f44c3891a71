"""docs/comparison.md: what its table says of leakscan is tried, row by row."""

from __future__ import annotations

import json
import re
import subprocess

import pytest
from conftest import LEAK, ROOT

PAGE = (ROOT / "docs" / "comparison.md").read_text(encoding="utf-8")
ROWS = {
    cells[0]: cells[1]
    for line in re.findall(r"^\| (?!\|)(.+) \|$", PAGE, re.MULTILINE)
    if (cells := line.split(" | "))
}
KEPT = """\
import tensorflow as tf
encoder = tf.keras.applications.ResNet50(include_top=False)
activations = []
for batch in batches:
    activations.append(encoder(batch))
"""
BAD = "import keras\ndef f(x:\n"


def git(directory, *words):
    name = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    subprocess.run(["git", *name, *words], cwd=directory, check=True, capture_output=True)


def rebuilt(leakscan):
    leakscan.write("a.py")
    assert leakscan.json().places == [("IMR001", "a.py", 3)]


def kept(leakscan):
    leakscan.write("a.py", KEPT)
    assert leakscan.json().places == [("UTR001", "a.py", 5)]


def modules(leakscan):
    leakscan.write("zoo.py", "import keras\ndef build():\n    return keras.Sequential([])\n")
    leakscan.write("a.py", "import zoo\nfor i in range(500):\n    zoo.build().fit(i)\n")
    (finding,) = leakscan.json("a.py").json["findings"]
    assert {link["path"] for link in finding["chain"]} == {"zoo.py"}


def measures(leakscan):
    leakscan.write("a.py")
    assert "reuse" in leakscan("validate", "a.py").out
    assert "--measure" in leakscan("validate", "--help").out


def formats(*names):
    def check(leakscan):
        leakscan.write("a.py")
        for name in names:
            done = leakscan("check", "--output-format", name)
            assert done.code == 1
            assert "IMR001" in done.out

    return check


def fixes(leakscan):
    leakscan.write("a.py")
    (finding,) = leakscan.json().json["findings"]
    assert len(finding["fixes"]) > 1
    assert {"strategy", "applicability"} <= set(finding["fixes"][0])


def comments(leakscan):
    for comment in ("# noqa: IMR001", "# leakscan: ignore[IMR001]"):
        leakscan.write("a.py", LEAK.replace("(1)])", f"(1)])  {comment}"))
        assert leakscan.json().places == []


def baseline(leakscan):
    leakscan.write("a.py")
    assert leakscan("check", "--write-baseline", "known.json").code == 0
    git(leakscan.directory, "init", "-q")
    git(leakscan.directory, "add", ".")
    git(leakscan.directory, "commit", "-qm", "a")
    leakscan.write("b.py")
    for words in (("--baseline", "known.json"), ("--diff-base", "HEAD")):
        assert leakscan.json(*words).places == [("IMR001", "b.py", 3)]


def cache(leakscan):
    leakscan.write("a.py")
    first, second = (leakscan("check", "--verbose", "--output-format", "json") for _ in range(2))
    assert "known from the cache" not in first.err
    assert "known from the cache" in second.err
    assert first.out == second.out


def parallel(leakscan):
    for name in ("a", "b"):
        leakscan.write(f"{name}/pyproject.toml", "")
        leakscan.write(f"{name}/a.py", LEAK + "# much text\n" * 9_000)
    done = leakscan.json("--no-cache", "--jobs", "2")
    assert done.places == [("IMR001", "a/a.py", 3), ("IMR001", "b/a.py", 3)]


def notebooks(leakscan):
    cell = {"cell_type": "code", "metadata": {}, "source": LEAK, "outputs": [], "execution_count": None}
    leakscan.write("a.ipynb", json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4}))
    assert leakscan.json().places == [("IMR001", "a.ipynb", 3)]


def hook(leakscan):
    assert "- id: leakscan\n" in (ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")


def server(leakscan):
    assert leakscan("server", "--help").code == 0


def code(expected, *files):
    def check(leakscan):
        for name in files:
            leakscan.write(name, BAD if name == "bad.py" else LEAK)
        assert leakscan("check", files[0] if files else "missing.py").code == expected

    return check


def others(leakscan):
    leakscan.write("bad.py", BAD)
    leakscan.write("a.py")
    assert leakscan.json().places == [("IMR001", "a.py", 3)]


TRIED = {
    "looks for models rebuilt in loops": ("yes", rebuilt),
    "looks for tensors kept alive": ("yes", kept),
    "follows calls into other modules": ("yes", modules),
    "measures what a fix saves": ("yes", measures),
    "JSON": ("yes", formats("json", "json-lines")),
    "SARIF": ("yes", formats("sarif")),
    "GitHub annotations": ("yes", formats("github")),
    "GitLab, JUnit": ("yes", formats("gitlab", "junit")),
    "fixes": ("several for a finding, each with its risk", fixes),
    "suppression comment": ("`# noqa`, `# leakscan: ignore`", comments),
    "baseline": ("a file, or a revision of git", baseline),
    "cache": ("yes", cache),
    "parallel": ("projects", parallel),
    "notebooks": ("yes", notebooks),
    "pre-commit hook": ("yes", hook),
    "language server": ("yes", server),
    "exit code with findings": ("1", code(1, "a.py")),
    "exit code for a named file with a syntax error": ("2", code(2, "bad.py")),
    "exit code for a missing path": ("2", code(2)),
    "one bad file in a directory": ("the others are checked", others),
}


def test_every_row_is_tried():
    assert {row: said for row, (said, _) in TRIED.items()} == ROWS


@pytest.mark.parametrize("row", TRIED)
def test_the_table_is_true_of_leakscan(leakscan, row):
    TRIED[row][1](leakscan)
