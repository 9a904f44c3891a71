"""How the cost of a check grows with the number of files, and what all its processes hold in memory.

usage: python benchmarks/growth.py DIRECTORY [--files 1000 10000 ...] [--jobs N] [--markdown]

Each folder of DIRECTORY is a repository. Repositories are copied side by side, in turn, until there are that
many Python files; a comment that tells the copies apart ends each file, so that no two are the same. Each row
is one `leakscan check` without a cache. CPU seconds are user and system time of all processes; memory is the
greatest sum of their resident sets, looked at five times a second (pages that processes share count for each,
so it is an upper bound; Linux only).
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from itertools import cycle
from pathlib import Path


def lay_out(repositories: list[Path], files: int, target: Path) -> int:
    """Copy repositories in turn until there are that many Python files; return how many there are."""
    count = 0
    for number, repository in enumerate(cycle(repositories)):
        for source in sorted(repository.rglob("*.py")):
            if not source.is_file():
                continue
            copy = target / f"{number}_{repository.name}" / source.relative_to(repository)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, copy)
            with copy.open("ab") as stream:
                stream.write(f"\n# copy {number}\n".encode())
            count += 1
            if count >= files:
                return count
    return count


def resident_mb(root: int) -> float:
    """Return the sum of the resident sets of a process and everything below it, in MB."""
    parents, sizes = {}, {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                fields = Path("/proc", entry, "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
            except OSError:
                continue
            parents[int(entry)] = int(fields[1])
            sizes[int(entry)] = int(fields[21])
    below = {root}
    while True:
        more = {pid for pid, parent in parents.items() if parent in below} - below
        if not more:
            break
        below |= more
    return sum(sizes.get(pid, 0) for pid in below) * os.sysconf("SC_PAGE_SIZE") / 1e6


def measure(directory: Path, jobs: int) -> tuple[float, float, float]:
    """Return CPU seconds, wall seconds and the greatest resident sum in MB of one check."""
    command = [sys.executable, "-m", "leakscan", "check", "--isolated", "--exit-zero", "-q", "--no-cache"]
    begin = time.perf_counter()
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            [*command, "--jobs", str(jobs), "."], cwd=directory, stdout=output, stderr=errors
        )
        peak = 0.0
        while True:
            done, status, usage = os.wait4(process.pid, os.WNOHANG)
            if done:
                break
            peak = max(peak, resident_mb(process.pid))
            time.sleep(0.2)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            errors.seek(0)
            tail = errors.read()[-500:].decode(errors="replace")
            sys.exit(f"error: {' '.join(command)} ended with exit code {process.returncode}: {tail}")
    return usage.ru_utime + usage.ru_stime, time.perf_counter() - begin, peak


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("directory", type=Path)
    parser.add_argument("--files", type=int, nargs="+", default=[1000, 10_000, 100_000])
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--markdown", action="store_true", help="print a table for a page")
    arguments = parser.parse_args()
    repositories = sorted(path for path in arguments.directory.iterdir() if any(path.rglob("*.py")))
    if not repositories:
        parser.error(f"{arguments.directory}: no folder in it holds a Python file")
    form = "| {} | {} | {} | {} | {} |" if arguments.markdown else "{:>8} {:>9} {:>9} {:>12} {:>8}"
    print(form.format("files", "CPU s", "wall s", "ms a file", "MB"))
    if arguments.markdown:
        print("|--|--|--|--|--|")
    for files in arguments.files:
        with tempfile.TemporaryDirectory() as folder:
            count = lay_out(repositories, files, Path(folder))
            cpu, wall, memory = measure(Path(folder), arguments.jobs)
        cells = [str(count), f"{cpu:.1f}", f"{wall:.1f}", f"{1000 * cpu / count:.1f}", f"{memory:.0f}"]
        print(form.format(*cells), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
