"""What a check of a directory costs beside ruff and beside the floors of its files, in one run.

usage: python benchmarks/peers.py DIRECTORY [--file FILE] [--semgrep PROGRAM] [--pylint PROGRAM] [--markdown]

Each row is a process of its own, and CPU time is user and system time of it and its children. Ratios are to
`ast.parse` of the same files in the same run: seconds of a busy machine mean nothing, ratios of one run do.

- `cold`: no cache. `cold, --jobs 1`: in one process. `warm`: with the cache that the run before has filled.
- `one file`: one file of the directory, without a cache. `one changed file`: with the cache, after a line was
  added to it, in a copy of the directory.
- `small`: a directory with one file of three lines, without a cache. `--version`: starting, and no more.
- `ruff`: its default rules, without its cache.
- `semgrep`: the rules of benchmarks/semgrep, which are written for the same leaks, in one process.
- `pylint with dslinter`: the two rules of dslinter that look for the same leaks, in one process.
- `bytes`, `ast.parse`, `libcst`: reading and parsing every Python file that check reads.

Ruff, semgrep and pylint are left out, and it says so, where they are not installed; PROGRAM says where the
latter two are, if they have an environment of their own. One run of pylint can take minutes.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

_FLOOR = """
import sys, time, warnings
warnings.simplefilter("ignore")
sys.path.insert(0, sys.argv[3])
from speed import texts_that_matter
texts = [text for text, _ in texts_that_matter(sys.argv[2])]
if sys.argv[1] == "bytes":
    work = str.encode
elif sys.argv[1] == "ast.parse":
    from ast import parse as work
else:
    from libcst import parse_module as work
begin, wall = time.process_time(), time.perf_counter()
for text in texts:
    try:
        work(text)
    except Exception:
        pass
print(time.process_time() - begin, time.perf_counter() - wall)
"""
_SMALL = "import keras\n\nmodel = keras.Sequential([keras.layers.Dense(1)])\n"


def cost(
    command: list[str], cwd: str | None = None, expected: frozenset[int] = frozenset({0, 1})
) -> tuple[float, float]:
    """Return the CPU and wall seconds of a command, findings or not. Exits when it could not do its work."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begin = time.perf_counter()
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    wall = time.perf_counter() - begin
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in expected:
        sys.exit(f"error: {' '.join(command)} ended with exit code {done.returncode}: {done.stderr[-500:]}")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, wall


def floor(name: str, directory: str) -> tuple[float, float]:
    """Return the CPU and wall seconds of a loop over the files, without starting and reading them."""
    here = str(Path(__file__).resolve().parent)
    command = [sys.executable, "-c", _FLOOR, name, directory, here]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    cpu, wall = map(float, done.stdout.split())
    return cpu, wall


def measure_others(directory: str, semgrep: str, pylint: str) -> dict[str, tuple[float, float]]:
    """Run ruff, semgrep and pylint with dslinter, those that are installed."""
    rules = str(Path(__file__).resolve().parent / "semgrep" / "leaks.yml")
    quiet = ["--metrics=off", "--disable-version-check", "--no-git-ignore", "--jobs", "1", "-q"]
    checkers = ["--disable=all", "--enable=memory-release-tensorflow,tensor-array-tensorflow"]
    commands = {
        "ruff": ["ruff", "check", "--isolated", "--no-cache", "-q", "--exit-zero", directory],
        "semgrep": [semgrep, "scan", *quiet, "--config", rules, directory],
        "pylint with dslinter": [pylint, "--load-plugins=dslinter", *checkers, "--recursive=y", directory],
    }
    rows = {}
    for name, command in commands.items():
        if shutil.which(command[0]):
            # pylint's exit code is a sum of bits, of which 32 says that it was not asked well.
            rows[name] = cost(command, expected=frozenset(range(32)) if name[0] == "p" else frozenset({0, 1}))
        else:
            print(f"{name}: left out, there is no program {command[0]!r}", file=sys.stderr)
    return rows


def measure(directory: str, file: str, semgrep: str, pylint: str) -> dict[str, tuple[float, float]]:
    """Run everything once, the floors first."""
    check = [sys.executable, "-m", "leakscan", "check", "--isolated", "--exit-zero", "-q"]
    rows = {name: floor(name, directory) for name in ("bytes", "ast.parse", "libcst")}
    with tempfile.TemporaryDirectory() as folder:
        cached = [*check, "--cache-dir", f"{folder}/cache"]
        rows["leakscan, cold"] = cost([*check, "--no-cache", directory])
        rows["leakscan, cold, --jobs 1"] = cost([*check, "--no-cache", "--jobs", "1", directory])
        copy = shutil.copytree(directory, f"{folder}/copy", symlinks=True)
        cost([*cached, "."], cwd=copy)
        rows["leakscan, warm"] = cost([*cached, "."], cwd=copy)
        rows["leakscan, one file"] = cost([*check, "--no-cache", file], cwd=copy)
        with open(os.path.join(copy, file), "a", encoding="utf-8") as stream:
            stream.write("\n_ADDED = 1\n")
        rows["leakscan, one changed file"] = cost([*cached, file], cwd=copy)
        Path(folder, "small").mkdir()
        Path(folder, "small", "a.py").write_text(_SMALL, encoding="utf-8")
        rows["leakscan, small"] = cost([*check, "--no-cache", "."], cwd=f"{folder}/small")
    rows["leakscan --version"] = cost([sys.executable, "-m", "leakscan", "--version"])
    return {**rows, **measure_others(directory, semgrep, pylint)}


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("directory")
    parser.add_argument("--file", help="which one file, relative to the directory (default: the largest)")
    parser.add_argument("--semgrep", default="semgrep", metavar="PROGRAM")
    parser.add_argument("--pylint", default="pylint", metavar="PROGRAM")
    parser.add_argument("--markdown", action="store_true", help="print a table for a page")
    arguments = parser.parse_args()
    directory = os.path.abspath(arguments.directory)
    if not os.path.isdir(directory):
        parser.error(f"{arguments.directory}: not a directory")
    largest = max(Path(directory).rglob("*.py"), key=lambda path: path.stat().st_size, default=None)
    if largest is None:
        parser.error(f"{arguments.directory}: there is no Python file")
    file = arguments.file or str(largest.relative_to(directory))
    rows = measure(directory, file, arguments.semgrep, arguments.pylint)
    base = rows["ast.parse"][0]
    form = "| {} | {} | {} | {} |" if arguments.markdown else "{:28} {:>8} {:>8} {:>8}"
    print(form.format("", "CPU s", "wall s", "ratio"))
    if arguments.markdown:
        print("|--|--|--|--|")
    for name, (cpu, wall) in rows.items():
        print(form.format(name, f"{cpu:.2f}", f"{wall:.2f}", f"{cpu / base:.2f}"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
