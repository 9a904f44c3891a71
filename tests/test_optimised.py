"""`python -O` takes every assert away: nothing that leakscan does may rest on one."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys

import pytest
from conftest import ROOT

CODE = "from leakscan.cli import main; raise SystemExit(main())"


@pytest.fixture
def both(leakscan, tmp_path):
    """Runs a command line twice, each in a project of its own: as it is, and without asserts."""

    def both(*arguments, project=None, library=""):
        results = []
        for option in ([], ["-O"]):
            directory = tmp_path / f"run{''.join(option)}"
            shutil.rmtree(directory, ignore_errors=True)
            shutil.copytree(project or leakscan.directory, directory)
            done = subprocess.run(
                [sys.executable, *option, "-c", CODE, *arguments],
                cwd=directory,
                env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(library)])},
                capture_output=True,
                check=False,
            )
            files = {
                path.relative_to(directory).as_posix(): path.read_bytes()
                for path in directory.rglob("*")
                if path.is_file() and path.suffix != ".pyc"
            }
            results.append((done.returncode, done.stdout, done.stderr, files))
        return results

    return both


@pytest.mark.parametrize("folder", ["fixtures/imr", "fixtures/utr"])
def test_a_check_reports_the_same(both, folder):
    plain, optimised = both("check", "--output-format", "json", ".", project=ROOT / folder)
    assert plain[0] == 1, plain
    assert optimised == plain


@pytest.mark.parametrize("folder", ["fixtures/imr", "fixtures/utr"])
def test_fixes_are_the_same(both, folder):
    plain, optimised = both("check", "--fix", "--unsafe-fixes", ".", project=ROOT / folder)
    assert b"fixed, " in plain[1], plain
    assert optimised == plain


def test_a_new_rule_reports(leakscan, both):
    assert leakscan("rule", "new", "ACME001", "functions-run-eagerly", "--dir", "rules").code == 0
    # What `config` means is known only when the program was interpreted.
    program = "import tensorflow as tf\n\nconfig = tf.config\nconfig.run_functions_eagerly(True)\n"
    leakscan.write("train.py", program)
    plain, optimised = both(
        "check", "--rules-dir", "rules", "--select", "ACME", "--output-format", "concise", "train.py"
    )
    assert b"train.py:4:1: ACME001 " in plain[1], plain
    assert optimised == plain


def test_the_plan_of_a_measurement_is_the_same(leakscan, both):
    pytest.importorskip("codecarbon")
    pytest.importorskip("scipy")
    leakscan.write("train.py")
    plain, optimised = both("validate", "train.py", "--diff")
    assert plain[0] == 0, plain
    assert b"To measure" in plain[1]
    assert optimised == plain


@pytest.mark.skipif(os.name != "posix", reason="measuring needs process groups")
def test_programs_are_run_all_the_same(leakscan, both, tmp_path):
    pytest.importorskip("codecarbon")
    pytest.importorskip("scipy")
    from test_validate_command import KERAS, TRAIN

    library = tmp_path / "library"
    (library / "keras").mkdir(parents=True)
    (library / "keras" / "__init__.py").write_text(f"{KERAS}\nfrom keras import backend\n")
    (library / "keras" / "backend.py").write_text("def clear_session():\n    pass\n")
    leakscan.write("train.py", TRAIN)
    options = ("--smoke", "--keep-disturbed", "--arms", "reuse")
    plain, optimised = both("validate", "train.py", *options, "--", "2", library=library)
    assert plain[0] == optimised[0] == 0, (plain, optimised)
    assert b"  original: ok" in plain[1]
    # Times differ, and whether something else worked meanwhile.
    said = [re.sub(rb", but [^;\n]*", b"", out) for _, out, *_ in (plain, optimised)]
    said = [re.sub(rb"\d+(\.\d+)?", b"N", out) for out in said]
    assert said[0] == said[1]
