"""Which files are checked, and which others are read to understand them."""

from __future__ import annotations

import subprocess

import pytest
from conftest import LEAK


def shown(leakscan, *arguments):
    result = leakscan("check", "--show-files", *arguments)
    return result.out.splitlines()


def test_finds_python_files_and_notebooks_below_a_directory(leakscan):
    for path in ("a.py", "sub/b.py", "sub/c.ipynb", "d.txt", "e.pyc", "f.pyw", "g.pyi"):
        leakscan.write(path, "")
    assert shown(leakscan) == ["a.py", "sub/b.py", "sub/c.ipynb"]


def test_a_file_given_twice_is_checked_once(leakscan):
    leakscan.write("sub/a.py")
    result = leakscan.json("sub/a.py", "sub", "./sub/../sub/a.py", leakscan.directory / "sub")
    assert result.places == [("IMR001", "sub/a.py", 3)]
    assert result.json["files_checked"] == 1


def test_paths_are_shown_as_given(leakscan):
    path = leakscan.write("sub/a.py")
    assert leakscan.json(path).places == [("IMR001", path.as_posix(), 3)]
    assert leakscan.json("./sub").places == [("IMR001", "sub/a.py", 3)]
    assert leakscan.json("..", cwd=leakscan.directory / "sub").places == [("IMR001", "a.py", 3)]
    below = leakscan.directory / "other"
    below.mkdir()
    assert leakscan.json("../sub", cwd=below).places == [("IMR001", "../sub/a.py", 3)]


@pytest.mark.parametrize(
    "name", [".venv", "venv", "node_modules", "build", "dist", ".git", "x.egg-info", "__pycache__", ".tox"]
)
def test_usual_excludes_are_left_out_unless_named(leakscan, name):
    leakscan.write(f"{name}/a.py")
    assert shown(leakscan) == []
    assert shown(leakscan, name) == [f"{name}/a.py"]
    assert shown(leakscan, f"{name}/a.py") == [f"{name}/a.py"]


def test_a_virtual_environment_is_known_by_its_marker(leakscan):
    leakscan.write("my-env/pyvenv.cfg", "")
    leakscan.write("my-env/lib/a.py")
    assert shown(leakscan) == []


def test_gitignore_agrees_with_git(leakscan):
    """Nested files, negations, anchors and directories: git itself is asked what it would ignore."""
    leakscan.write(
        ".gitignore", "*.gen.py\n/top.py\nscratch/\n!keep.gen.py\ndoc/**/old\n# c\n\\#x.py\n[ab]?.py\n"
    )
    leakscan.write("sub/.gitignore", "!b.gen.py\nlocal.py\n/deep/*.py\n!/deep/yes.py\n")
    leakscan.write("ignored.py", "")
    names = ["a.gen.py", "keep.gen.py", "top.py", "sub/top.py", "scratch/a.py", "sub/scratch/keep.gen.py"]
    names += ["sub/b.gen.py", "sub/c.gen.py", "sub/local.py", "local.py", "sub/deep/no.py", "sub/deep/yes.py"]
    names += ["doc/x/y/old/a.py", "doc/old/a.py", "doc/new/a.py", "#x.py", "a1.py", "sub/b2.py", "c3.py"]
    for name in names:
        leakscan.write(name, "")
    subprocess.run(["git", "init", "-q"], cwd=leakscan.directory, check=True)
    leakscan.write(".git/info/exclude", "ignored.py\n")
    listed = subprocess.run(
        ["git", "ls-files", "--others", "--exclude-standard", "*.py"],
        cwd=leakscan.directory,
        check=True,
        capture_output=True,
        text=True,
    )
    expected = sorted(listed.stdout.splitlines())
    assert "ignored.py" not in expected
    assert shown(leakscan) == expected
    below = [name for name in expected if name.startswith("sub/")]
    assert shown(leakscan, "sub") == below


def test_an_ignored_path_is_checked_when_named(leakscan):
    leakscan.write(".gitignore", "scratch/\n")
    leakscan.write("scratch/a.py")
    subprocess.run(["git", "init", "-q"], cwd=leakscan.directory, check=True)
    assert shown(leakscan) == []
    assert shown(leakscan, "scratch") == ["scratch/a.py"]
    assert shown(leakscan, "scratch/a.py") == ["scratch/a.py"]


def test_exclude_takes_names_and_relative_globs(leakscan):
    for name in ("a.py", "old_a.py", "sub/b.py", "sub/deep/c.py", "legacy/d.py"):
        leakscan.write(name, "")
    assert shown(leakscan, "--exclude", "legacy,old_*") == ["a.py", "sub/b.py", "sub/deep/c.py"]
    assert shown(leakscan, "--exclude", "sub/deep") == ["a.py", "legacy/d.py", "old_a.py", "sub/b.py"]
    assert shown(leakscan, "--exclude", "**/c.py", "--extend-exclude", "sub/*.py") == [
        "a.py",
        "legacy/d.py",
        "old_a.py",
    ]


def test_a_named_file_is_checked_though_excluded_unless_forced(leakscan):
    leakscan.write("legacy/a.py")
    assert shown(leakscan, "--exclude", "legacy", "legacy/a.py") == ["legacy/a.py"]
    assert shown(leakscan, "--exclude", "legacy", "--force-exclude", "legacy/a.py") == []


def test_files_without_tensorflow_are_counted_but_not_parsed(leakscan):
    leakscan.write("broken.py", "def f(:\n")
    leakscan.write("a.py")
    result = leakscan.json()
    assert result.json["errors"] == []
    assert result.json["files_checked"] == 2


def test_a_named_file_is_parsed_in_any_case(leakscan):
    leakscan.write("broken.py", "def f(:\n")
    result = leakscan.json("broken.py")
    assert result.code == 2
    assert [(error["path"], error["line"]) for error in result.json["errors"]] == [("broken.py", 1)]


def test_a_module_matters_through_the_one_that_it_imports(leakscan):
    """`train.py` never says TensorFlow; only what it imports does, two modules away."""
    leakscan.write(
        "models.py", "from tensorflow import keras\ndef build():\n    return keras.Sequential([])\n"
    )
    leakscan.write("registry.py", "from models import build as make\n")
    leakscan.write(
        "train.py",
        "from registry import make\nfor fold in range(500):\n    model = make()\n    model.fit(fold)\n",
    )
    assert leakscan.json().places == [("IMR001", "train.py", 3)]


PROJECT = {
    "pkg/__init__.py": "",
    "pkg/models.py": "import keras\ndef build():\n    return keras.Sequential([keras.layers.Dense(1)])\n",
    "pkg/util/__init__.py": "from ..models import build\n",
    "scripts/train.py": "from pkg.util import build\nfor i in range(900):\n    m = build()\n    m.fit(i)\n",
    "pkg/run.py": "from . import models\nfor i in range(900):\n    m = models.build()\n    m.fit(i)\n",
    "nb/run.ipynb": '{"cells": [{"cell_type": "code", "source": ["from pkg.models import build\\n", '
    '"for i in range(900):\\n", "    m = build()\\n", "    m.fit(i)"]}]}',
}


@pytest.mark.parametrize("asked", ["scripts/train.py", "scripts", "pkg/run.py", "pkg", "nb/run.ipynb"])
def test_findings_are_the_same_when_only_some_files_are_passed(leakscan, asked):
    for path, text in PROJECT.items():
        leakscan.write(path, text)
    whole = leakscan.json().json["findings"]
    assert {item["path"] for item in whole} == {"scripts/train.py", "pkg/run.py", "nb/run.ipynb"}
    expected = [item for item in whole if item["path"].startswith(asked)]
    assert leakscan.json(asked).json["findings"] == expected


def test_a_file_without_a_project_is_linked_with_those_beside_it(leakscan, tmp_path):
    loose = tmp_path / "loose"
    (loose / "lib").mkdir(parents=True)
    (loose / "lib" / "models.py").write_text("import keras\ndef build():\n    return keras.Sequential([])\n")
    (loose / "train.py").write_text(
        "from lib.models import build\nfor i in range(900):\n    m = build()\n    m.fit(i)\n"
    )
    assert leakscan.json("train.py", cwd=loose).places == [("IMR001", "train.py", 3)]


def test_two_projects_in_one_call_do_not_mix(leakscan, tmp_path):
    for name, builder in (("one", "keras.Sequential([])"), ("two", "dict()")):
        base = tmp_path / name
        base.mkdir()
        (base / "setup.cfg").write_text("")
        (base / "models.py").write_text(f"import keras\ndef build():\n    return {builder}\n")
        (base / "train.py").write_text(
            "from models import build\nfor i in range(900):\n    m = build()\n    m.fit(i)\n"
        )
    assert leakscan.json("one", "two", cwd=tmp_path).places == [("IMR001", "one/train.py", 3)]


def test_context_honours_excludes(leakscan):
    """An excluded broken file links to a requested one: it is neither parsed nor reported."""
    leakscan.write("a.py", LEAK)
    leakscan.write("build/b.py", "import a\nimport keras\n)")
    leakscan.write("vendored/c.py", "import a\nimport keras\n)")
    result = leakscan.json("a.py", "--exclude", "vendored")
    assert result.json["errors"] == []
    assert result.json["files_checked"] == 1


def test_problems_of_context_files_are_not_reported(leakscan):
    leakscan.write("a.py", LEAK)
    leakscan.write("b.py", "import a\nimport keras\n)")
    leakscan.write("c.py", b"import a, keras\n\xff\n")
    assert leakscan.json("a.py").json["errors"] == []
    assert len(leakscan.json().json["errors"]) == 2


@pytest.mark.parametrize("where", ["global", "default", "repository"])
def test_what_git_ignores_for_a_user_everywhere_is_left_out(leakscan, tmp_path, monkeypatch, where):
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "xdg"))
    monkeypatch.delenv("GIT_CONFIG_GLOBAL", raising=False)
    leakscan.write(".git/config", "[core]\n\tbare = false\n")
    ignored = home / ("xdg/git/ignore" if where == "default" else "mine")
    if where == "global":
        (home / ".gitconfig").write_text('[user]\n\tname = x\n[core]\n\texcludesFile = "~/mine"\n[alias]\n')
    elif where == "repository":
        leakscan.write(".git/config", f"[Core]\n\texcludesfile = {ignored}\n")
    ignored.parent.mkdir(parents=True, exist_ok=True)
    ignored.write_text("scratch\n")
    leakscan.write("scratch/a.py")
    leakscan.write("b.py")
    assert leakscan.json().places == [("IMR001", "b.py", 3)]
    leakscan.write(".gitignore", "!scratch\n")
    assert len(leakscan.json().places) == 2


@pytest.mark.parametrize(
    ("git", "folder"),
    [
        ("gitdir: ../main/.git/worktrees/topic\n", "main/.git"),
        ("gitdir: ../main/.git/modules/sub", "main/.git/modules/sub"),
    ],
)
def test_worktrees_and_submodules_ignore_what_their_repository_does(leakscan, tmp_path, git, folder):
    (tmp_path / "mine").write_text("scratch\n")
    leakscan.write(f"{folder}/config", f"[core]\n\texcludesFile = {tmp_path / 'mine'}\n")
    leakscan.write(f"{folder}/info/exclude", "old\n")
    leakscan.write("main/.git/worktrees/topic/commondir", "../..\n")
    leakscan.write("here/.git", git)
    for name in ("scratch/a.py", "old/a.py", "b.py"):
        leakscan.write(f"here/{name}")
    assert leakscan.json("here").places == [("IMR001", "here/b.py", 3)]


@pytest.mark.parametrize("git", ["", "gitdir:", "gitdir: nowhere", "gitdir: \0", b"\xff\xfe"])
def test_a_git_file_that_leads_nowhere_ignores_nothing(leakscan, git):
    leakscan.write(".git", git)
    leakscan.write("a.py")
    assert leakscan.json().places == [("IMR001", "a.py", 3)]
