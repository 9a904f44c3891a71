"""The programs in fixtures/: check finds what each is meant to hold, and each trains with TensorFlow."""

from __future__ import annotations

import functools
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from expectations import found, marked

ROOT = Path(__file__).resolve().parent.parent
FIXTURES = ROOT / "fixtures"
#: What is checked -> what is run.
PROGRAMS = {
    "imr/kfold_mlp.py": "imr/kfold_mlp.py",
    "imr/search": "imr/search/search.py",
    "utr/activation_samples.py": "utr/activation_samples.py",
    "utr/activations_custom_loop.py": "utr/activations_custom_loop.py",
    "utr/attribute_history.py": "utr/attribute_history.py",
    "utr/closure_callbacks.py": "utr/closure_callbacks.py",
    "clean/kfold_reuse.py": "clean/kfold_reuse.py",
    "clean/search_clear": "clean/search_clear/search.py",
    "clean/custom_loop.py": "clean/custom_loop.py",
    "clean/attribute_history.py": "clean/attribute_history.py",
}
#: The paper's design: one training, with a smell and without, over modules that they share.
PAPER = {"paper/baseline.py": [], "paper/imr.py": ["IMR001"], "paper/utr.py": ["UTR001"]}
needs_tensorflow = pytest.mark.skipif(
    importlib.util.find_spec("tensorflow") is None or importlib.util.find_spec("sklearn") is None,
    reason="tensorflow and scikit-learn are not installed",
)


def check(path: Path) -> dict:
    command = [sys.executable, "-m", "leakscan", "check", "--isolated", "--output-format", "json"]
    command += ["--min-severity", "low", path.relative_to(ROOT).as_posix()]
    process = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert process.returncode in (0, 1), process.stderr
    report = json.loads(process.stdout)
    assert report["errors"] == []
    return report


@functools.cache
def run(program: str, *options: str) -> str:
    """Run a program with two steps on the CPU and return what it printed."""
    environment = {
        **os.environ,
        "CUDA_VISIBLE_DEVICES": "-1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "KERAS_BACKEND": "tensorflow",
    }
    process = subprocess.run(
        [sys.executable, str(FIXTURES / program), "--steps", "2", *options],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env=environment,
    )
    assert process.returncode == 0, process.stderr
    return process.stdout


def fixes_benchmark():
    """The benchmark that applies strategies to fixtures and runs them, under both versions of Keras."""
    spec = importlib.util.spec_from_file_location("fixes_benchmark", ROOT / "benchmarks" / "fixes.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_the_benchmark_names_what_is_installed_under_either_name() -> None:
    benchmark = fixes_benchmark()
    pytest_version = f"pytest {pytest.__version__}"
    assert benchmark.version("pytest") == pytest_version
    assert benchmark.version("no-such-distribution", "pytest") == pytest_version
    assert benchmark.version("no-such-distribution") == "no-such-distribution (version unknown)"


def number(word: str) -> float | None:
    try:
        return float(word.strip("',:{}"))
    except ValueError:
        return None


def test_every_program_is_listed() -> None:
    listed = {FIXTURES / program for program in (*PROGRAMS, "paper")}
    held = {
        file for file in FIXTURES.rglob("*.py") if not any(path in listed for path in [file, *file.parents])
    }
    assert held == set()


@pytest.mark.parametrize("path", PROGRAMS)
def test_check_finds_what_the_program_holds_and_nothing_else(path: str) -> None:
    assert found(check(FIXTURES / path), ROOT) == marked(FIXTURES / path, ROOT, "expect")


def test_check_finds_the_same_when_all_programs_are_scanned_together() -> None:
    assert found(check(FIXTURES), ROOT) == marked(FIXTURES, ROOT, "expect")


@pytest.mark.parametrize("path", [path for path in PROGRAMS if path.startswith("clean/")])
def test_clean_program_marks_no_line(path: str) -> None:
    assert marked(FIXTURES / path, ROOT, "expect") == []


@pytest.mark.parametrize("path", [path for path in PROGRAMS if not path.startswith("clean/")])
def test_leaking_program_marks_lines_of_its_own_family(path: str) -> None:
    families = {code[:3].lower() for code, _, _ in marked(FIXTURES / path, ROOT, "expect")}
    assert families == {path.split("/", maxsplit=1)[0]}


@pytest.mark.parametrize("path", PAPER)
def test_programs_of_the_paper_hold_one_smell_each(path: str) -> None:
    sites = found(check(FIXTURES / path), ROOT)
    assert [code for code, _, _ in sites] == PAPER[path]
    assert sites == marked(FIXTURES / path, ROOT, "expect")


@needs_tensorflow
@pytest.mark.tensorflow
def test_programs_of_the_paper_train_alike() -> None:
    # Under Adam, whose state must go from model to model; plain SGD is what their fixes are tried with.
    outputs = {run(path, "--images", "256", "--optimizer", "adam", "--metrics") for path in PAPER}
    assert len(outputs) == 1


@needs_tensorflow
@pytest.mark.tensorflow
@pytest.mark.skipif(sys.platform != "linux", reason="the benchmark reads /proc")
@pytest.mark.parametrize(
    ("fixture", "strategies", "keras"),
    [
        ("imr/kfold_mlp.py", ["reuse", "hoist", "clear-session"], "keras"),
        ("imr/kfold_mlp.py", ["reuse"], "tf_keras"),
        ("imr/search", ["clear-session"], "keras"),
    ],
)
def test_every_fix_of_a_program_trains_alike(fixture, strategies, keras, tmp_path) -> None:
    pytest.importorskip(keras)
    benchmark = fixes_benchmark()
    program, count = benchmark.make_arm(fixture, None, tmp_path)
    original = benchmark.run(program, keras, 3)
    for strategy in strategies:
        fixed, left = benchmark.make_arm(fixture, strategy, tmp_path)
        assert left < count
        figures = benchmark.run(fixed, keras, 3)
        # The builder sets a seed in each iteration, so even the same draw of weights gives the same numbers.
        assert figures.output == original.output
        if strategy in ("reuse", "hoist"):
            assert figures.traces < original.traces


@needs_tensorflow
@pytest.mark.tensorflow
@pytest.mark.parametrize(
    ("path", "strategy"),
    [("paper/imr.py", "reuse"), ("paper/utr.py", "reduce"), ("paper/utr.py", "to-host")],
)
def test_a_fixed_program_of_the_paper_trains_as_the_baseline_does(path, strategy, tmp_path) -> None:
    copy = tmp_path / "paper"
    shutil.copytree(FIXTURES / "paper", copy, ignore=shutil.ignore_patterns("__pycache__"))
    name = Path(path).name
    command = [sys.executable, "-m", "leakscan", "check", "--isolated", "--fix", "--unsafe-fixes"]
    command += ["--strategy", f"{PAPER[path][0]}={strategy}", name]
    done = subprocess.run(command, cwd=copy, capture_output=True, text=True, timeout=120, check=False)
    assert "(1 fixed, 0 remaining)" in done.stdout
    assert run(str(copy / name), "--images", "256") == run("paper/baseline.py", "--images", "256")


@needs_tensorflow
@pytest.mark.tensorflow
@pytest.mark.parametrize("program", PROGRAMS.values())
def test_program_trains(program: str) -> None:
    lines = run(program).splitlines()
    assert len(lines) >= 3, "a line for each of the two iterations and a result"


@needs_tensorflow
@pytest.mark.tensorflow
@pytest.mark.parametrize(
    ("leaking", "clean"),
    [
        ("imr/kfold_mlp.py", "clean/kfold_reuse.py"),
        ("imr/search/search.py", "clean/search_clear/search.py"),
        ("utr/attribute_history.py", "clean/attribute_history.py"),
    ],
)
def test_clean_program_prints_what_the_leaking_one_prints(leaking: str, clean: str) -> None:
    words, expected = run(clean).split(), run(leaking).split()
    assert [word for word in words if number(word) is None] == [
        word for word in expected if number(word) is None
    ]
    numbers = [value for value in map(number, words) if value is not None]
    # Traced and eager code may round the last digits differently.
    assert numbers == pytest.approx([value for value in map(number, expected) if value is not None], rel=1e-3)
