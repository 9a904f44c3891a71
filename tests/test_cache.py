"""A cache changes nothing but the time: whatever is in it, whoever wrote it, written or not."""

from __future__ import annotations

import json
import os
import pickle
import random
import shutil
import stat
import subprocess
import sys

import pytest
from conftest import LEAK, ROOT

import leakscan.linter
from leakscan import cache as cache_module
from leakscan.cache import Cache, open_cache, user_folder

CLEAN = "import keras\n\nmodel = keras.Sequential([keras.layers.Dense(1)])\n"
KEPT = """\
import tensorflow as tf
from builders import build

losses = []
for step in range(1000):
    model = build()
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(model(batch))
    losses.append(loss)  # leakscan: ignore[UTR001]
"""
BUILDER = "import keras\n\n\ndef build():\n    return keras.Sequential([keras.layers.Dense(1)])\n"
CALLS = "for _ in range(3):\n    model = build()\n    model.fit(x, y)\n"


class Hostile:
    """What is executed when it is unpickled."""

    def __reduce__(self):
        return os.system, ("touch executed",)


@pytest.fixture
def project(leakscan, tmp_path, monkeypatch):
    """Leaks, also across modules, a clean file, a notebook, one that cannot be parsed."""
    monkeypatch.setattr(cache_module, "user_folder", lambda: str(tmp_path / "user"))
    monkeypatch.setenv("LEAKSCAN_CACHE_DIR", str(tmp_path / "cache"))
    leakscan.write("leak.py")
    leakscan.write("clean.py", CLEAN)
    leakscan.write("train.py", KEPT)
    leakscan.write("builders.py", BUILDER)
    leakscan.write("broken.py", "import keras\ndef f(:\n")
    cells = [{"cell_type": "code", "source": LEAK, "metadata": {}, "outputs": []}]
    leakscan.write("book.ipynb", json.dumps({"nbformat": 4, "metadata": {}, "cells": cells}))
    leakscan.cache = tmp_path / "cache"
    return leakscan


def entries(project):
    return sorted(path for path in project.cache.glob("*/*/*/*") if path.is_file())


def fresh(project, *arguments):
    return project.json("--no-cache", *arguments)


@pytest.fixture
def judged(monkeypatch):
    """The files of each group of connected files that was judged, not taken from a cache."""
    groups = []
    real = leakscan.linter.lint

    def noting(project, *arguments, **options):
        groups.append([source.display for source in project.whole().sources])
        return real(project, *arguments, **options)

    monkeypatch.setattr(leakscan.linter, "lint", noting)
    return groups


def test_a_second_check_judges_nothing_and_says_the_same(project, judged):
    expected = fresh(project)
    assert len(expected.places) == 3
    assert not entries(project)
    assert project.json() == expected
    assert len(judged) == 2
    assert project.json() == expected
    assert project("check").out == project("check", "--no-cache").out
    assert len(judged) == 3


@pytest.mark.parametrize(
    "options",
    [
        ["--select", "UTR"],
        ["--ignore", "IMR001"],
        ["--min-severity", "high"],
        ["--min-confidence", "low"],
        ["--report-unused-suppressions"],
        ["--statistics"],
        ["leak.py"],
        ["--strict"],
    ],
)
def test_other_options_have_other_answers(project, options):
    project.json()
    run = project if "--statistics" in options else project.json
    command = ["check", *options] if "--statistics" in options else options
    for _ in range(2):
        assert run(*command) == run(*command, "--no-cache")


def test_what_changes_is_seen(project):
    steps = [
        lambda: project.write("clean.py", LEAK),
        lambda: project.write("builders.py", BUILDER.replace("keras.Sequential", "dict")),
        lambda: project.write("leak.py", f"\n{LEAK}"),
        lambda: project.write("broken.py", CLEAN),
        lambda: project.write("pyproject.toml", '[tool.leakscan]\nignore = ["IMR"]\n'),
        lambda: project.write("pyproject.toml", '[tool.leakscan]\nmodel-builders = ["builders.build"]\n'),
        lambda: project.write("pyproject.toml", '[tool.leakscan.per-file-ignores]\n"leak.py" = ["ALL"]\n'),
        (project.directory / "builders.py").unlink,
        lambda: (project.directory / "clean.py").rename(project.directory / "renamed.py"),
    ]
    answers = [project.json().out]
    for step in steps:
        step()
        for _ in range(2):
            assert project.json() == fresh(project)
        answers.append(project.json().out)
    assert len(set(answers)) > 6


def test_after_a_change_only_what_is_connected_is_judged_again(project, judged):
    for number in range(40):
        project.write(f"scripts/{number}.py", LEAK)
    assert len(project.json().places) == 43
    judged.clear()
    project.write("scripts/7.py", f"\n{LEAK}")
    assert project.json() == fresh(project)
    changed = judged.pop(0)
    assert "scripts/7.py" in changed
    assert len(changed) <= 16, "what shares a group with it"
    judged.clear()
    project.write("scripts/new.py", LEAK)
    project.write("builders.py", BUILDER + "\n\nname = 1\n")
    assert len(project.json().places) == 44
    again = [path for group in judged for path in group]
    assert {"scripts/new.py", "builders.py", "train.py"} <= set(again)
    assert len(again) <= 48


@pytest.mark.parametrize("seed", [1])
def test_whatever_is_edited_the_answer_is_that_of_a_fresh_check(project, seed):
    chosen = random.Random(seed)
    bodies = [LEAK, CLEAN, BUILDER, f"import keras\n{CALLS}", "import keras\ndef f(:\n"]

    def edit():
        name = f"m{chosen.randrange(24)}"
        path = project.directory / f"{name}.py"
        if path.exists() and chosen.random() < 0.2:
            path.unlink()
            return
        others = [f"m{chosen.randrange(24)}" for _ in range(chosen.randrange(3))]
        imports = [f"from {other} import (  # from there\n    build,\n)\n" for other in others]
        project.write(f"{name}.py", "".join(imports) + chosen.choice(bodies))

    for _ in range(30):
        edit()
    answers = set()
    for _ in range(5):
        for _ in range(chosen.randrange(1, 4)):
            edit()
        answer = project.json()
        assert answer == fresh(project)
        answers.add(answer.out)
    assert len(answers) > 3


def test_an_answer_from_elsewhere_names_the_files_as_they_are_seen_from_there(project):
    project.json()
    project.write("below/a.py")
    assert project.json("..", cwd=project.directory / "below") == project.json(
        "..", "--no-cache", cwd=project.directory / "below"
    )
    path = str(project.directory)
    assert project.json(path).places == fresh(project, path).places != project.json().places


def test_rules_of_others_are_asked_each_time(project):
    project("rule", "new", "ACME001", "eager-mode", "--dir", "tools")
    project.write("eager.py", "import tensorflow as tf\n\ntf.config.run_functions_eagerly(True)\n")
    found = project.json("--rules-dir", "tools", "eager.py")
    assert [place[0] for place in found.places] == ["ACME001"]
    rule = project.directory / "tools/acme001_eager_mode/rule.py"
    rule.write_text(rule.read_text().replace("if found.conditional:", "if True:"))
    assert project.json("--rules-dir", "tools", "eager.py").places == []


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: data[:20],
        lambda data: data[: len(data) // 2],
        lambda data: data[:-1] + bytes([data[-1] ^ 1]),
        lambda data: bytes([data[0] ^ 1]) + data[1:],
        lambda data: data + b" ",
        lambda data: data[:16] + b"[]",
        lambda data: pickle.dumps(Hostile()),
        lambda data: data[:16] + pickle.dumps(Hostile()),
        lambda data: data[:16] + b"[" * 100_000,
    ],
)
def test_damaged_entries_are_made_again(project, damage):
    expected = project.json()
    before = {path: path.read_bytes() for path in entries(project)}
    assert len(before) == 3
    for path, data in before.items():
        path.write_bytes(damage(data))
    assert project.json() == expected
    assert {path: path.read_bytes() for path in entries(project)} == before
    assert not (project.directory / "executed").exists()


def test_an_entry_under_the_name_of_another_is_none(project):
    first, second = (project.json(name) for name in ("leak.py", "clean.py"))
    found = [path for path in entries(project) if path.parent.parent.name == "findings"]
    assert len(found) == 2
    for path, data in zip(found, [path.read_bytes() for path in reversed(found)], strict=True):
        path.write_bytes(data)
    assert [project.json(name) for name in ("leak.py", "clean.py")] == [first, second]


def test_what_another_user_has_written_is_ignored(project, tmp_path, monkeypatch):
    expected = fresh(project)
    monkeypatch.setattr(cache_module, "user_folder", lambda: str(tmp_path / "other"))
    # The other user has a version that finds nothing.
    with monkeypatch.context() as patch:
        patch.setattr(leakscan.linter.Linted, "_reports", lambda *_: iter(()))
        assert project.json().places == []
    assert project.json().places == []
    monkeypatch.setattr(cache_module, "user_folder", lambda: str(tmp_path / "user"))
    assert project.json() == expected


def test_signed_entries_of_another_form_are_made_again(project, tmp_path):
    expected = project.json()
    secret = (tmp_path / "user" / "secret").read_bytes()
    forms = [b"{}", b"[1]", b'[["FileReport"]]', b'[["print", "x"]]', b'[["", 1]]', b"null", b"[[[]]]"]
    for form in [*forms, b'[["FileReport","a",{},["",[]]]]', b'{"%s":[1]}' % (b"0" * 40), b"[" * 50_000]:
        for path in entries(project):
            stamp, kind, head, tail = path.parts[-4:]
            Cache(str(project.cache), secret, stamp).put(kind, head + tail, form)
        assert project.json().places == expected.places, form


def test_a_cache_that_is_a_link_is_not_used(project, tmp_path, monkeypatch):
    monkeypatch.delenv("LEAKSCAN_CACHE_DIR")
    project.write("pyproject.toml", "[tool.leakscan]\n")
    target = tmp_path / "target"
    target.mkdir()
    (project.directory / ".leakscan_cache").symlink_to(target)
    assert project.json() == fresh(project)
    assert not list(target.iterdir())


@pytest.mark.parametrize("where", ["/dev/null/cache", "/proc/cache", "pyproject.toml", "a\0b"])
def test_a_cache_that_cannot_be_written_is_none(project, where):
    assert project.json("--cache-dir", where) == fresh(project)


def test_a_home_that_cannot_be_written_is_none(project, monkeypatch):
    for folder in (None, "/dev/null/cache", "/proc/cache"):
        monkeypatch.setattr(cache_module, "user_folder", lambda folder=folder: folder)
        assert project.json() == fresh(project)
    assert not entries(project)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such limit")
def test_a_full_disk_is_none(project):
    command = f"ulimit -f 0; {sys.executable} -m leakscan check --output-format json"
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=project.directory,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == (fresh(project).out, fresh(project).err)
    assert not entries(project)


def test_runs_beside_each_other_say_the_same(project):
    expected = fresh(project).out
    command = [sys.executable, "-m", "leakscan", "check", "--output-format", "json"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    runs = [
        subprocess.Popen(command, cwd=project.directory, env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    assert [run.communicate()[0] for run in runs] == [expected] * 3
    assert project.json().out == expected
    assert not list(project.cache.rglob(".part-*"))


# -- where it is -------------------------------------------------------------------------------------------


def test_it_lies_beside_the_configuration_and_asks_to_be_left_alone(project, tmp_path, monkeypatch):
    monkeypatch.delenv("LEAKSCAN_CACHE_DIR")
    project.json()
    assert not (project.directory / ".leakscan_cache").exists(), "nothing is configured here"
    assert (tmp_path / "user" / "results" / "CACHEDIR.TAG").is_file()
    project.write("pyproject.toml", "[tool.leakscan]\n")
    project.write("below/a.py")
    project.json(cwd=project.directory / "below")
    made = project.directory / ".leakscan_cache"
    assert (made / "CACHEDIR.TAG").read_text().startswith("Signature: 8a477f597d28d172789f06886806bc55\n")
    assert "*" in (made / ".gitignore").read_text().splitlines()
    assert project("check", "--show-files").out.count("\n") == 7


def test_an_option_goes_before_the_environment(project, tmp_path):
    project.json("--cache-dir", tmp_path / "told")
    assert (tmp_path / "told").is_dir()
    assert not project.cache.exists()


def test_clean_removes_it_and_nothing_else(project, tmp_path):
    assert project("clean").code == 0
    project.json()
    done = project("clean")
    assert (done.code, done.out) == (0, f"Removed {project.cache}\n")
    assert not project.cache.exists()
    other = tmp_path / "other"
    other.mkdir()
    done = project("clean", "--cache-dir", other)
    assert done.code == 2
    assert "leakscan did not make it" in done.err
    assert other.is_dir()


def test_fixes_are_those_of_a_check_without_it(project):
    project.json()
    with_cache = project("check", "--fix", "--unsafe-fixes", "--diff").out
    assert with_cache == project("check", "--fix", "--unsafe-fixes", "--diff", "--no-cache").out
    assert with_cache.count("+++") > 1


# -- the folder itself -------------------------------------------------------------------------------------


@pytest.fixture
def own(tmp_path, monkeypatch):
    monkeypatch.setattr(cache_module, "user_folder", lambda: str(tmp_path / "user"))
    code = tmp_path / "code"
    code.mkdir()
    (code / "rule.py").write_text("A = 1\n")
    return lambda: open_cache(str(tmp_path / "cache"), (str(code),))


def test_entries_of_other_code_are_others(own, tmp_path):
    own().put("findings", "abcdef", b"1")
    assert own().get("findings", "abcdef") == b"1"
    (tmp_path / "code" / "rule.py").write_text("A = 22\n")
    assert own().get("findings", "abcdef") is None


def test_the_secret_is_for_its_user_alone(own, tmp_path):
    own().put("findings", "abcdef", b"1")
    secret = tmp_path / "user" / "secret"
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    before = secret.read_bytes()
    secret.chmod(0o644)
    assert own().get("findings", "abcdef") is None
    assert secret.read_bytes() != before
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600


def test_a_damaged_secret_is_replaced(own, tmp_path):
    own().put("findings", "abcdef", b"1")
    (tmp_path / "user" / "secret").write_bytes(b"short")
    assert own().get("findings", "abcdef") is None
    own().put("findings", "abcdef", b"2")
    assert own().get("findings", "abcdef") == b"2"


def test_what_was_not_used_for_longest_goes_first(own, tmp_path, monkeypatch):
    monkeypatch.setattr(cache_module, "_LARGEST_BYTES", 3_000)
    cache = own()
    for number in range(10):
        cache.put("findings", f"ab{number}", bytes(1_000))
        (path,) = tmp_path.glob(f"cache/*/findings/ab/{number}")
        os.utime(path, (number, number))
    assert cache.get("findings", "ab3") is not None, "which is a use"
    left_over = path.parent / ".part-1-1"
    left_over.write_bytes(b"")
    os.utime(left_over, (0, 0))
    cache.close()
    left = {item.name for item in path.parent.iterdir()}
    assert left == {"3", "9"}
    assert (tmp_path / "cache" / "CACHEDIR.TAG").is_file()


def test_runs_that_write_little_bound_the_folder_now_and_then(own, tmp_path, monkeypatch):
    monkeypatch.setattr(cache_module, "_LARGEST_BYTES", 3_000)
    for number in range(400):
        cache = own()
        cache.put("findings", f"ab{number}", bytes(100))
        cache.close()
    # That none of 400 entries is drawn happens once in 300,000 times.
    assert len(list(tmp_path.glob("cache/*/findings/ab/*"))) < 400


def test_the_folder_of_the_user_is_outside_of_projects(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert user_folder() == str(tmp_path / "leakscan")
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert user_folder().startswith(str(tmp_path))


def test_a_moved_project_is_checked_anew(project, tmp_path):
    project.json()
    moved = tmp_path / "moved"
    shutil.move(project.directory, moved)
    project.directory = moved
    assert project.json() == fresh(project)
