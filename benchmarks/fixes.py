"""What each fix does to programs: traces, seconds and memory for each iteration, for original and fixed.

    python benchmarks/fixes.py [--iterations 12] [--repeat 3] [--keras keras|tf_keras] [PROGRAM ...]

Without a PROGRAM those are the fixtures; `programs/` stands for all in benchmarks/programs, one a rule.

Needs TensorFlow and scikit-learn. Each program runs in a process of its own, arms in turn; it prints a line
for each iteration, at which its CPU time and resident memory are read from /proc (Linux). The first iteration
is left out: it holds the start-up that all arms share. Seconds and memory are medians over the repeats;
traces are what TensorFlow compiled, counted by a wrapper around its tracing. The table is Markdown.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
FIXTURES = ROOT / "fixtures"
#: With a rule that is off by default.
CHECK = [sys.executable, "-m", "leakscan", "check", "--isolated", "--extend-select", "RES001"]
#: What is checked and fixed -> the program in it.
PROGRAMS = {
    "imr/kfold_mlp.py": "kfold_mlp.py",
    "imr/search": "search/search.py",
    "utr/activation_samples.py": "activation_samples.py",
    "utr/activations_custom_loop.py": "activations_custom_loop.py",
    "utr/attribute_history.py": "attribute_history.py",
    "utr/closure_callbacks.py": "closure_callbacks.py",
}
#: One program for each shape of the other rules, below benchmarks/.
MORE = {
    f"programs/{name}.py": f"{name}.py"
    for name in (
        "load",
        "load_in_function",
        "number",
        "function",
        "compiled",
        "dataset",
        "predict",
        "histories",
        "records",
    )
}
#: Counts what TensorFlow traces, then runs the program as its main module would be.
RUNNER = """
import runpy, sys
if sys.argv[1] == "tf_keras":
    import tf_keras
    sys.modules["keras"] = tf_keras
    for name in ("layers", "optimizers", "losses", "callbacks", "utils", "backend", "models", "metrics"):
        sys.modules[f"keras.{name}"] = getattr(tf_keras, name)
from tensorflow.python.eager.polymorphic_function import tracing_compilation
traces = 0
inner = tracing_compilation._create_concrete_function
def counted(*args, **kwargs):
    global traces
    traces += 1
    return inner(*args, **kwargs)
tracing_compilation._create_concrete_function = counted
sys.argv = sys.argv[2:]
sys.path[0] = sys.argv[0].rpartition("/")[0]
try:
    runpy.run_path(sys.argv[0], run_name="__main__")
finally:
    print("traces", traces, flush=True)
"""


@dataclass(frozen=True, slots=True)
class Figures:
    """One run: traces in all, CPU seconds and resident bytes at the end of each iteration."""

    traces: int
    cpu_seconds: tuple[float, ...]
    rss_bytes: tuple[int, ...]
    output: tuple[str, ...]

    @property
    def seconds_per_iteration(self) -> float:
        """CPU seconds of an iteration, the first one left out."""
        return (self.cpu_seconds[-1] - self.cpu_seconds[0]) / (len(self.cpu_seconds) - 1)

    @property
    def growth_per_iteration(self) -> float:
        """Bytes that an iteration adds: the median of the slopes between all pairs (Theil-Sen)."""
        points = list(enumerate(self.rss_bytes))[1:]
        slopes = [(b - a) / (j - i) for i, a in points for j, b in points if j > i]
        return statistics.median(slopes)


def fixes(path: Path) -> list[dict[str, Any]]:
    """The fixes and refusals of every finding under `path`."""
    command = [*CHECK, "--output-format", "json"]
    done = subprocess.run(
        [*command, "--min-severity", "low", path.name],
        cwd=path.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    findings: list[dict[str, Any]] = json.loads(done.stdout)["findings"]
    return findings


def make_arm(fixture: str, strategy: str | None, directory: Path) -> tuple[Path, int]:
    """Copy a fixture and apply a strategy to every finding; return where it is and how many are left."""
    source = (ROOT / "benchmarks" if fixture in MORE else FIXTURES) / fixture
    target = directory / (strategy or "original") / source.name
    target.parent.mkdir(parents=True)
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copyfile(source, target)
    if strategy is not None:
        codes = sorted(
            {item["code"] for item in fixes(target) for fix in item["fixes"] if fix["strategy"] == strategy}
        )
        command = [*CHECK, "--fix", "--unsafe-fixes"]
        command += ["--strategy", ",".join(f"{code}={strategy}" for code in codes), "--min-severity", "low"]
        subprocess.run([*command, target.name], cwd=target.parent, capture_output=True, check=False)
    return target.parent / (PROGRAMS | MORE)[fixture], len(fixes(target))


def run(program: Path, keras: str, iterations: int) -> Figures:
    """Run a program and read its counters at each line that ends an iteration."""
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
    if keras == "tf_keras":
        environment["TF_USE_LEGACY_KERAS"] = "1"
    command = [sys.executable, "-c", RUNNER, keras, str(program), "--steps", str(iterations)]
    ticks = os.sysconf("SC_CLK_TCK")
    page = os.sysconf("SC_PAGE_SIZE")
    cpu: list[float] = []
    rss: list[int] = []
    lines: list[str] = []
    with tempfile.TemporaryFile("w+") as errors:
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=errors, text=True, env=environment
        ) as child:
            assert child.stdout is not None
            for line in child.stdout:
                lines.append(line.rstrip())
                if line.startswith(("fold ", "step ", "trial ")):
                    fields = Path(f"/proc/{child.pid}/stat").read_text().rpartition(")")[2].split()
                    cpu.append((int(fields[11]) + int(fields[12])) / ticks)
                    rss.append(int(fields[21]) * page)
        if child.returncode != 0:
            errors.seek(0)
            raise RuntimeError(f"{program} failed:\n{errors.read()[-2000:]}")
    traces = int(lines.pop().split()[1])
    return Figures(traces, tuple(cpu), tuple(rss), tuple(lines))


def table(fixture: str, keras: str, iterations: int, repeat: int) -> list[str]:
    """Return the rows of one fixture."""
    rows: list[str] = []
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        original, _ = make_arm(fixture, None, directory)
        findings = fixes(directory / "original" / Path(fixture).name)
        strategies = list(
            dict.fromkeys(fix["strategy"] for item in findings for fix in item["fixes"] if fix["edits"])
        )
        arms = {"original": (original, len(findings))}
        arms.update((strategy, make_arm(fixture, strategy, directory)) for strategy in strategies)
        runs: dict[str, list[Figures]] = {arm: [] for arm in arms}
        for _ in range(repeat):
            for arm, (program, _left) in arms.items():
                runs[arm].append(run(program, keras, iterations))
        base = statistics.median(item.seconds_per_iteration for item in runs["original"])
        for arm, figures in runs.items():
            seconds = statistics.median(item.seconds_per_iteration for item in figures)
            growth = statistics.median(item.growth_per_iteration for item in figures)
            same = (
                ""
                if arm == "original"
                else "yes"
                if figures[0].output == runs["original"][0].output
                else "no"
            )
            rows.append(
                f"| {fixture} | {arm} | {figures[0].traces} | {seconds:.3f} | {seconds / base:.2f} "
                f"| {growth / 1e6:+.2f} | {same} |"
            )
        rows += [
            f"| {fixture} | {refusal['strategy']} | refused: {refusal['reason']} | | | | |"
            for item in findings
            for refusal in item["refusals"]
        ]
    return list(dict.fromkeys(rows))


def version(*names: str) -> str:
    """Return name and version of the first of some distributions that is installed."""
    for name in names:
        try:
            return f"{name} {importlib.metadata.version(name)}"
        except importlib.metadata.PackageNotFoundError:
            continue
    return f"{names[0]} (version unknown)"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("fixtures", nargs="*", default=list(PROGRAMS), help="such as imr/kfold_mlp.py")
    parser.add_argument("--iterations", type=int, default=12)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--keras", choices=("keras", "tf_keras"), default="keras")
    arguments = parser.parse_args()
    if "programs/" in arguments.fixtures:
        arguments.fixtures = [*(name for name in arguments.fixtures if name != "programs/"), *MORE]
    unknown = set(arguments.fixtures) - {*PROGRAMS, *MORE}
    if unknown:
        parser.error(f"unknown fixture: {min(unknown)}; known are {', '.join((*PROGRAMS, *MORE))}")
    versions = [version(arguments.keras), version("tensorflow", "tensorflow-cpu")]
    print(
        f"Measured: {arguments.iterations} iterations, median of {arguments.repeat}, CPU time; "
        f"{os.cpu_count()} CPUs, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}, {', '.join(versions)}\n"
    )
    print("| fixture | arm | traces | CPU s an iteration | of the original | MB an iteration | same output |")
    print("|--|--|--|--|--|--|--|")
    for fixture in arguments.fixtures:
        print("\n".join(table(fixture, arguments.keras, arguments.iterations, arguments.repeat)), flush=True)


if __name__ == "__main__":
    main()
