"""What the first touch of memory costs here: most of what kept tensors cost on a CPU.

usage: python benchmarks/fresh_memory.py [--megabytes N] [--runs N] [--pause SECONDS]

A program takes N MB in pieces of 4 MB and fills them; the memory goes back when it ends. The same program is
run again and again. The kernel clears each page when it is first touched, and in a virtual machine the host
may have to provide it first: that can cost several times as much, and counts as the program's CPU time too.

- `kernel`, `user`: CPU time of filling the memory, without the program's start
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time

_PROGRAM = """
import os, sys
piece = 4_000_000
pattern = bytes(range(256)) * (piece // 256)
begin = os.times()
kept = [bytearray(pattern) for _ in range(int(sys.argv[1]) // 4)]
end = os.times()
print(end.system - begin.system, end.user - begin.user)
"""


def main() -> None:
    """Print a row for each run, and how far they are apart."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--megabytes", metavar="N", type=int, default=2048)
    parser.add_argument("--runs", metavar="N", type=int, default=6)
    parser.add_argument("--pause", metavar="SECONDS", type=float, default=0.0, help="before each run")
    arguments = parser.parse_args()
    print(f"{arguments.megabytes} MB filled in pieces of 4 MB, {arguments.pause:g} s between runs")
    print(f"{'run':>4} {'kernel':>9} {'user':>9} {'ms a MB':>9}")
    costs = []
    for run in range(1, arguments.runs + 1):
        time.sleep(arguments.pause)
        command = [sys.executable, "-c", _PROGRAM, str(arguments.megabytes)]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        kernel, user = map(float, done.stdout.split())
        costs.append(1000 * (kernel + user) / arguments.megabytes)
        print(f"{run:4} {kernel:7.2f} s {user:7.2f} s {costs[-1]:9.2f}")
    print(f"from {min(costs):.2f} to {max(costs):.2f} ms a MB")


if __name__ == "__main__":
    main()
