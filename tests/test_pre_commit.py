"""The hook that we offer, run by the real pre-commit in a repository made here."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import LEAK, ROOT

BUILDER = "from tensorflow import keras\ndef build():\n    return keras.Sequential([keras.layers.Dense(1)])\n"
TRAIN = "from pkg.models import build\nfor i in range(900):\n    model = build()\n    model.fit(i)\n"

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="needs git")


def git(directory, *arguments):
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
    done = subprocess.run(
        ["git", *identity, *arguments], cwd=directory, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


@pytest.fixture(scope="session")
def hooks(tmp_path_factory):
    """This checkout as a repository of hooks, and a home for pre-commit's environments."""
    base = tmp_path_factory.mktemp("hooks")
    repository = base / "leakscan"
    ignored = shutil.ignore_patterns(
        ".git", ".*_cache", "__pycache__", ".venv", "venv", "build", "dist", "tests"
    )
    shutil.copytree(ROOT, repository, ignore=ignored)
    git(repository, "init", "-q")
    git(repository, "add", "-A", "-f")
    git(repository, "commit", "-q", "-m", "leakscan as it is here")
    return repository, git(repository, "rev-parse", "HEAD"), base / "home"


class Project:
    def __init__(self, directory: Path, hooks) -> None:
        repository, revision, self.home = hooks
        self.directory = directory
        git(directory, "init", "-q")
        self.write(
            ".pre-commit-config.yaml",
            f"repos:\n- repo: {repository.as_uri()}\n  rev: {revision}\n  hooks:\n  - id: leakscan\n",
        )

    def write(self, path, text):
        target = self.directory / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
        git(self.directory, "add", path)

    def pre_commit(self, *arguments):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        environment |= {"PRE_COMMIT_HOME": str(self.home), "PRE_COMMIT_COLOR": "never"}
        environment.pop("PYTHONPATH", None)
        done = subprocess.run(
            [sys.executable, "-m", "pre_commit", "run", *arguments],
            cwd=self.directory,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr


@pytest.fixture
def project(tmp_path, hooks):
    return Project(tmp_path, hooks)


def test_a_leak_stops_the_commit_and_its_repair_lets_it_pass(project):
    project.write("train.py", LEAK)
    code, output = project.pre_commit()
    assert code == 1, output
    assert "train.py:3:13 IMR001" in output
    project.write("train.py", LEAK.replace("for fold in range(500):", "if True:"))
    code, output = project.pre_commit()
    assert code == 0, output


def test_only_staged_files_are_reported_but_their_project_is_linked(project):
    project.write("pkg/__init__.py", "")
    project.write("pkg/models.py", BUILDER)
    project.write("other.py", LEAK)
    git(project.directory, "-c", "user.name=t", "-c", "user.email=t@x.org", "commit", "-q", "-m", "before")
    project.write("scripts/train.py", TRAIN)
    code, output = project.pre_commit()
    assert code == 1, output
    assert "scripts/train.py:3:13 IMR001" in output
    assert "pkg/models.py:3" in output, "the chain leads into the file that was not staged"
    assert "other.py" not in output


def test_configured_excludes_hold_for_the_files_that_pre_commit_names(project):
    project.write("pyproject.toml", '[tool.leakscan]\nexclude = ["legacy"]\n')
    project.write("legacy/train.py", LEAK)
    code, output = project.pre_commit()
    assert code == 0, output


def test_notebooks_are_passed_and_other_files_are_not(project):
    source = "import keras\nfor i in x:\n    m = keras.Sequential([])\n    m.fit(i)"
    project.write("a.ipynb", json.dumps({"cells": [{"cell_type": "code", "source": source}], "nbformat": 4}))
    project.write("notes.md", "keras.Sequential")
    code, output = project.pre_commit("--all-files")
    assert code == 1, output
    assert "a.ipynb:cell 1:3:9 IMR001" in output
