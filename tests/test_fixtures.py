"""The programs in fixtures/: check finds what each is meant to hold, and each trains with TensorFlow."""

from __future__ import annotations

import functools
import importlib.util
import re
import shutil
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


@pytest.fixture
def check(leakscan):
    def check(path: Path) -> dict:
        arguments = ("--isolated", "--min-severity", "low", path.relative_to(ROOT).as_posix())
        result = leakscan.json(*arguments, cwd=ROOT)
        assert result.json["errors"] == []
        return result.json

    return check


@pytest.fixture(scope="module")
def run(trainer):
    """Runs a program with two steps, once; what it printed."""
    return functools.cache(lambda program, *options: trainer.run(FIXTURES / program, "--steps", 2, *options))


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
def test_check_finds_what_the_program_holds_and_nothing_else(check, path: str) -> None:
    assert found(check(FIXTURES / path), ROOT) == marked(FIXTURES / path, ROOT, "expect")


def test_check_finds_the_same_when_all_programs_are_scanned_together(check) -> None:
    assert found(check(FIXTURES), ROOT) == marked(FIXTURES, ROOT, "expect")


@pytest.mark.parametrize("path", [path for path in PROGRAMS if path.startswith("clean/")])
def test_clean_program_marks_no_line(path: str) -> None:
    assert marked(FIXTURES / path, ROOT, "expect") == []


@pytest.mark.parametrize("path", [path for path in PROGRAMS if not path.startswith("clean/")])
def test_leaking_program_marks_lines_of_its_own_family(path: str) -> None:
    families = {code[:3].lower() for code, _, _ in marked(FIXTURES / path, ROOT, "expect")}
    assert families == {path.split("/", maxsplit=1)[0]}


@pytest.mark.parametrize("path", PAPER)
def test_programs_of_the_paper_hold_one_smell_each(check, path: str) -> None:
    sites = found(check(FIXTURES / path), ROOT)
    assert [code for code, _, _ in sites] == PAPER[path]
    assert sites == marked(FIXTURES / path, ROOT, "expect")


@pytest.mark.tensorflow
def test_programs_of_the_paper_train_alike(run) -> None:
    # Under Adam, whose state must go from model to model; plain SGD is what their fixes are tried with.
    outputs = {run(path, "--images", "256", "--optimizer", "adam", "--metrics") for path in PAPER}
    assert len(outputs) == 1


def fixed(leakscan, fixture: str, strategy: str) -> Path:
    """Copy a fixture and apply a strategy; where it is."""
    source = FIXTURES / fixture
    target = leakscan.directory / strategy / source.name
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        target.parent.mkdir()
        shutil.copy(source, target)
    arguments = ("--isolated", "--min-severity", "low", "--fix", "--unsafe-fixes", "--strategy")
    code = fixture[:3].upper() + "001"
    done = leakscan("check", *arguments, f"{code}={strategy}", source.name, cwd=target.parent)
    assert re.search(r"\([1-9]\d* fixed, ", done.out), done.out
    return target.parent


@pytest.mark.tensorflow
@pytest.mark.parametrize(
    ("fixture", "strategies", "keras"),
    [
        ("imr/kfold_mlp.py", ["reuse", "hoist", "clear-session"], "keras"),
        ("imr/kfold_mlp.py", ["reuse"], "tf_keras"),
        ("imr/search", ["clear-session"], "keras"),
    ],
)
def test_every_fix_of_a_program_trains_alike(leakscan, trainer, fixture, strategies, keras, tmp_path) -> None:
    pytest.importorskip(keras)
    benchmark = fixes_benchmark()
    runner = tmp_path / "runner.py"
    runner.write_text(benchmark.RUNNER)
    environment = {"TF_USE_LEGACY_KERAS": "1"} if keras == "tf_keras" else {}

    def run(program: Path) -> tuple[list[str], int]:
        """What a program prints, and how often TensorFlow traces."""
        *lines, last = trainer.run(runner, keras, program, "--steps", 3, environment=environment).splitlines()
        return lines, int(last.removeprefix("traces "))

    program = benchmark.PROGRAMS[fixture]
    original, traces = run(FIXTURES / "imr" / program)
    for strategy in strategies:
        output, traces_of_fixed = run(fixed(leakscan, fixture, strategy) / program)
        # The builder sets a seed in each iteration, so even the same draw of weights gives the same numbers.
        assert output == original
        if strategy in ("reuse", "hoist"):
            assert traces_of_fixed < traces


@pytest.mark.tensorflow
@pytest.mark.skipif(sys.platform != "linux", reason="the benchmark reads /proc")
def test_the_benchmark_of_fixes_runs_an_arm(run, tmp_path) -> None:
    benchmark = fixes_benchmark()
    program, left = benchmark.make_arm("utr/activation_samples.py", "to-host", tmp_path)
    assert left == 0
    figures = benchmark.run(program, "keras", 2)
    assert list(figures.output) == run("utr/activation_samples.py").splitlines()
    assert len(figures.cpu_seconds) == len(figures.rss_bytes) == 2
    assert figures.seconds_per_iteration >= 0


@pytest.mark.tensorflow
@pytest.mark.parametrize(
    ("path", "strategy"),
    [("paper/imr.py", "reuse"), ("paper/utr.py", "reduce"), ("paper/utr.py", "to-host")],
)
def test_a_fixed_program_of_the_paper_trains_as_the_baseline_does(leakscan, run, path, strategy) -> None:
    copy = leakscan.directory / "paper"
    shutil.copytree(FIXTURES / "paper", copy, ignore=shutil.ignore_patterns("__pycache__"))
    name = Path(path).name
    arguments = ("--isolated", "--fix", "--unsafe-fixes", "--strategy", f"{PAPER[path][0]}={strategy}", name)
    assert "(1 fixed, 0 remaining)" in leakscan("check", *arguments, cwd=copy).out
    assert run(str(copy / name), "--images", "256") == run("paper/baseline.py", "--images", "256")


@pytest.mark.tensorflow
@pytest.mark.parametrize("program", PROGRAMS.values())
def test_program_trains(run, program: str) -> None:
    lines = run(program).splitlines()
    assert len(lines) >= 3, "a line for each of the two iterations and a result"


@pytest.mark.tensorflow
@pytest.mark.parametrize(
    ("leaking", "clean"),
    [
        ("imr/kfold_mlp.py", "clean/kfold_reuse.py"),
        ("imr/search/search.py", "clean/search_clear/search.py"),
        ("utr/attribute_history.py", "clean/attribute_history.py"),
    ],
)
def test_clean_program_prints_what_the_leaking_one_prints(run, leaking: str, clean: str) -> None:
    words, expected = run(clean).split(), run(leaking).split()
    assert [word for word in words if number(word) is None] == [
        word for word in expected if number(word) is None
    ]
    numbers = [value for value in map(number, words) if value is not None]
    # Traced and eager code may round the last digits differently.
    assert numbers == pytest.approx([value for value in map(number, expected) if value is not None], rel=1e-3)
