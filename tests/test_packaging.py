"""The wheel, built and installed as pip does it for everybody, away from the checkout."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from conftest import ROOT


def run(*command, cwd, check=True):
    # Neither this checkout nor its pyproject.toml may be what answers.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    if check:
        assert done.returncode == 0, done.stdout + done.stderr
    return done


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    base = tmp_path_factory.mktemp("wheel")
    # From a copy: what lies about in the checkout besides the sources must not matter.
    source = base / "source"
    ignored = shutil.ignore_patterns(".*_cache", "__pycache__", ".git", ".venv", "venv", "build", "dist")
    shutil.copytree(ROOT, source, ignore=ignored)
    run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", base / "out", source, cwd=base)
    (built,) = (base / "out").iterdir()
    return built


@pytest.fixture(scope="module")
def python(wheel, tmp_path_factory):
    """The interpreter of a fresh virtual environment that holds the wheel and what it depends on."""
    base = tmp_path_factory.mktemp("installed")
    run(sys.executable, "-m", "venv", base / "venv", cwd=base)
    scripts = base / "venv" / ("Scripts" if os.name == "nt" else "bin")
    run(scripts / "python", "-m", "pip", "install", "--quiet", wheel, cwd=base)
    return scripts / "python"


def test_the_wheel_holds_the_package_and_the_rules_and_nothing_else(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    tops = {name.partition("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"leakscan"}
    assert "leakscan/py.typed" in names
    assert not [name for name in names if name.endswith(".pyc")]
    for folder in (path.parent for path in (ROOT / "rules").glob("*/rule.py")):
        for file in ("rule.py", "README.md"):
            assert f"leakscan/rules/{folder.name}/{file}" in names


def test_the_wheel_holds_the_programs_of_the_study(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if name.startswith("leakscan/fixtures/")]
    programs = [path.name for path in (ROOT / "fixtures" / "paper").glob("*.py")]
    assert sorted(names) == sorted(f"leakscan/fixtures/paper/{name}" for name in programs)


def test_the_study_says_what_to_install(python, tmp_path):
    done = run(python, "-m", "leakscan", "study", "--list", cwd=tmp_path, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("error: measuring needs ")
    assert 'pip install "leakscan-keras[validate]"' in done.stderr


def test_a_report_without_the_extra_is_no_finding(python, tmp_path):
    (tmp_path / "report.json").write_text("{}")
    done = run(python, "-m", "leakscan", "report", "report.json", cwd=tmp_path, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert 'pip install "leakscan-keras[validate]"' in done.stderr


def test_the_installed_command_finds_a_leak(python, tmp_path):
    shutil.copytree(ROOT / "fixtures" / "imr", tmp_path / "imr")
    done = run(python, "-m", "leakscan", "check", "imr/search", cwd=tmp_path, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "IMR001 [model-rebuilt-in-loop]" in done.stdout
    assert done.stderr == ""


def test_the_installed_script_explains_a_rule(python, tmp_path):
    done = run(python.parent / "leakscan", "rule", "IMR001", cwd=tmp_path)
    page = next((ROOT / "rules").glob("imr001_*/README.md"))
    assert done.stdout == page.read_text(encoding="utf-8")


def test_the_installed_command_makes_and_tests_a_rule(python, tmp_path):
    run(python, "-m", "leakscan", "rule", "new", "ACME001", "eager-mode", "--dir", "rules", cwd=tmp_path)
    done = run(python, "-m", "leakscan", "rule", "test", "rules", cwd=tmp_path)
    assert done.stdout.splitlines()[-1] == "Tested 1 rule: all is well."


def test_the_rules_are_loaded_from_the_installation(python, tmp_path):
    code = "from leakscan.registry import builtin_rules_dir; print(builtin_rules_dir())"
    found = Path(run(python, "-c", code, cwd=tmp_path).stdout.strip())
    assert found.parts[-3:] == ("site-packages", "leakscan", "rules")
