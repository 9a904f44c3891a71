"""Old findings are told from new ones: by a file, or by a revision of git."""

from __future__ import annotations

import json
import subprocess

import pytest
from conftest import LEAK

OTHER = LEAK.replace("Dense(1)", "Dense(7)")


def test_old_findings_are_quiet_and_new_ones_fail(leakscan):
    leakscan.write("src/a.py", LEAK)
    assert leakscan("check", "--write-baseline", "base.json").err == "Wrote 1 finding to base.json.\n"
    assert leakscan("check", "--baseline", "base.json").code == 0
    leakscan.write("src/a.py", "# moved\n\n\n" + LEAK.replace("for fold", "# why\nfor fold"))
    assert leakscan.json("--baseline", "base.json").places == []
    leakscan.write("src/a.py", LEAK + OTHER)
    assert leakscan.json("--baseline", "base.json").places == [("IMR001", "src/a.py", 8)]
    leakscan.write("src/a.py", LEAK + LEAK)
    assert leakscan.json("--baseline", "base.json").places == [("IMR001", "src/a.py", 8)]
    leakscan.write("src/b.py", LEAK)
    below = leakscan.json("--baseline", "../base.json", ".", cwd=leakscan.directory / "src")
    assert below.places == [("IMR001", "a.py", 8), ("IMR001", "b.py", 3)]
    assert below.code == 1


def test_cells_of_a_notebook_may_move(leakscan):
    def notebook(*cells):
        made = [{"cell_type": "code", "source": cell} for cell in cells]
        leakscan.write("a.ipynb", json.dumps({"cells": made, "nbformat": 4}))

    notebook(LEAK)
    leakscan("check", "--write-baseline", "base.json")
    notebook("import os", "# first\n" + LEAK)
    assert leakscan.json("--baseline", "base.json").places == []
    notebook("import os", LEAK, OTHER)
    assert len(leakscan.json("--baseline", "base.json").places) == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "cannot be read: No such file or directory; make it with --write-baseline base.json"),
        ("{", "not a baseline: invalid JSON"),
        ("[]", "not a baseline; make one with --write-baseline FILE"),
        ('{"version": 7, "findings": {}}', "made by another version"),
    ],
)
def test_what_is_no_baseline_is_an_error(leakscan, text, words):
    leakscan.write("a.py")
    if text is not None:
        leakscan.write("base.json", text)
    result = leakscan("check", "--baseline", "base.json")
    assert (result.code, result.out) == (2, "")
    assert words in result.err


@pytest.mark.parametrize(
    "options",
    [
        ["--baseline", "b", "--fix"],
        ["--write-baseline", "b", "--add-noqa"],
        ["--diff-base", "HEAD", "--diff"],
        ["--diff-base", "HEAD", "-"],
        ["--baseline", "b", "--diff-base", "HEAD"],
    ],
)
def test_contradictions_are_told_at_once(leakscan, options):
    result = leakscan("check", *options)
    assert result.code == 2
    assert "used with" in result.err or "not allowed with" in result.err


def git(leakscan, *words):
    own = ["-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *own, *words], cwd=leakscan.directory, check=True, capture_output=True)


@pytest.fixture
def repository(leakscan):
    leakscan.write("sub/a.py", LEAK)
    leakscan.write("helper.py", "def build():\n    return None\n")
    leakscan.write("b.py", "import keras\nimport helper\nfor i in range(500):\n    m = helper.build()\n")
    git(leakscan, "init", "-q")
    git(leakscan, "add", ".")
    git(leakscan, "commit", "-q", "-m", "first")
    return leakscan


def test_only_what_a_change_adds_is_reported(repository):
    assert len(repository.json().places) == 1
    assert repository.json("--diff-base", "HEAD").places == []
    repository.write("sub/a.py", "# moved\n" + LEAK + OTHER)
    repository.write("new.py", LEAK)
    found = [("IMR001", "new.py", 3), ("IMR001", "sub/a.py", 9)]
    assert repository.json("--diff-base", "HEAD").places == found
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "second")
    assert repository.json("--diff-base", "HEAD~1").places == found
    assert repository.json("--diff-base", "HEAD").code == 0
    below = repository.json("--diff-base", "HEAD~1", cwd=repository.directory / "sub")
    assert below.places == [("IMR001", "a.py", 9)]


def test_a_file_that_is_renamed_adds_nothing(repository):
    git(repository, "mv", "sub/a.py", "renamed.py")
    assert repository.json("--diff-base", "HEAD").places == []
    repository.write("renamed.py", LEAK + OTHER)
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "second")
    assert repository.json("--diff-base", "HEAD~1").places == [("IMR001", "renamed.py", 8)]


def test_a_change_of_a_helper_may_add_a_finding_elsewhere(repository):
    text = "import keras\ndef build():\n    return keras.Sequential([keras.layers.Dense(1)])\n"
    repository.write("helper.py", text)
    assert repository.json("--diff-base", "HEAD", "b.py").places == [("IMR001", "b.py", 4)]


def test_a_revision_that_is_not_there_is_an_error(repository, leakscan, tmp_path):
    result = repository("check", "--diff-base", "nowhere")
    assert result.code == 2
    assert "has no revision 'nowhere'" in result.err
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "a.py").write_text(LEAK)
    assert "error: --diff-base: " in leakscan("check", "--diff-base", "HEAD", cwd=outside).err


def test_git_runs_nothing_of_the_repository(repository):
    ran = repository.directory / "ran"
    hook = repository.write("hook.sh", f'#!/bin/sh\ntouch {ran}\ncat "$1"\n')
    hook.chmod(0o755)
    for key in ("core.fsmonitor", "diff.external", "diff.x.textconv", "diff.x.command"):
        git(repository, "config", key, str(hook))
    repository.write(".gitattributes", "*.py diff=x\n")
    repository.write("sub/a.py", LEAK + OTHER)
    assert repository.json("--diff-base", "HEAD").places == [("IMR001", "sub/a.py", 8)]
    assert not ran.exists()


def test_a_fix_may_fail_the_run(leakscan):
    leakscan.write("a.py", "import keras  # leakscan: ignore\n")
    options = ("check", "--report-unused-suppressions", "--fix", "--exit-non-zero-on-fix")
    assert leakscan(*options).code == 1
    assert leakscan(*options).code == 0
