"""The kernel's energy counters of processor packages (RAPL), as files below /sys/class/powercap.

codecarbon measures with the same files; here they are looked at without it: to say beforehand what will be
read, and to see how power changes within a run.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

ROOT = "/sys/class/powercap"
MOST_POINTS = 120  # of a window
_LEAST_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Domain:
    """One counter: its name (`package-0`, `psys`), its file of microjoules, and where that wraps."""

    name: str
    path: str
    range_joules: float | None

    def joules(self) -> float | None:
        """What the counter shows now; None where it cannot be read."""
        text = _read(self.path)
        return None if text is None or not text.isdigit() else int(text) / 1e6


@dataclass(frozen=True, slots=True)
class Counters:
    """The counters that together are the processor, and the first one that is closed to this user."""

    domains: tuple[Domain, ...]
    unreadable: str | None


class PowerWatch:
    """The power of these counters over a window, read every so often; `sample` is called from a thread.

    Points are thinned out to half when there are too many, so that a run of hours has as many as one of a
    minute.
    """

    def __init__(self, domains: Sequence[Domain]) -> None:
        self._domains = tuple(domains)
        self._begin = 0.0
        self._last: list[float | None] = []
        self._total = 0.0
        self._samples: list[tuple[float, float]] = []  # seconds, joules since the beginning
        self._least_apart = 0.0

    def start(self) -> None:
        """Begin a window."""
        self._begin = time.perf_counter()
        self._last = [each.joules() for each in self._domains]
        self._total = 0.0
        self._samples = [(0.0, 0.0)]
        self._least_apart = 0.0

    def sample(self) -> None:
        """Read the counters; nothing where one of them cannot be read."""
        now, joules = time.perf_counter() - self._begin, [each.joules() for each in self._domains]
        for place, (each, before, after) in enumerate(zip(self._domains, self._last, joules, strict=True)):
            if before is None or after is None:
                return
            wrapped = (each.range_joules or 0.0) if after < before else 0.0
            self._total += after - before + wrapped
            self._last[place] = after
        if now - self._samples[-1][0] >= self._least_apart:
            self._samples.append((now, self._total))
        if len(self._samples) > MOST_POINTS:
            del self._samples[1::2]
            self._least_apart = self._samples[-1][0] / len(self._samples)

    def points(self) -> tuple[tuple[float, float], ...]:
        """Seconds since the beginning, and the mean watts since the point before."""
        return tuple(watts(self._samples))


def watts(samples: Sequence[tuple[float, float]]) -> Iterator[tuple[float, float]]:
    """The power between readings of a counter of joules, at least a tenth of a second apart."""
    begin, first = samples[0] if samples else (0.0, 0.0)
    for end, second in samples[1:]:
        if end - begin >= _LEAST_SECONDS:  # in less the steps of the counter show
            yield end, (second - first) / (end - begin)
            begin, first = end, second


def find(root: str = ROOT) -> Counters:
    """The packages, or `psys` where there are none; of two counters of one package the first is enough.

    Subdomains (core, dram) are parts of packages and would be counted twice.
    """
    readable: dict[str, Domain] = {}
    unreadable = None
    for each in _domains(root):
        if each.joules() is not None:
            readable.setdefault(each.name, each)
        elif os.path.exists(each.path):
            unreadable = unreadable or each.path
    packages = tuple(each for name, each in readable.items() if name.startswith("package"))
    psys = tuple(each for name, each in readable.items() if name == "psys")
    return Counters(packages or psys, unreadable)


def domain(folder: str) -> Domain:
    """The counter in a folder of powercap."""
    limit = _read(os.path.join(folder, "max_energy_range_uj"))
    return Domain(
        _read(os.path.join(folder, "name")) or os.path.basename(folder),
        os.path.join(folder, "energy_uj"),
        int(limit) / 1e6 if limit is not None and limit.isdigit() else None,
    )


def _domains(root: str) -> Iterator[Domain]:
    """The domains at the top: directly below the root (as links, in /sys/class) and below `intel-rapl`."""
    for folder in (root, os.path.join(root, "intel-rapl"), os.path.join(root, "intel-rapl-mmio")):
        try:
            names = sorted(os.listdir(folder))
        except OSError:
            continue
        for name in names:
            # intel-rapl:0 is a package, intel-rapl:0:1 a part of it.
            if name.startswith("intel-rapl") and name.count(":") == 1:
                yield domain(os.path.join(folder, name))


def _read(path: str) -> str | None:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read().strip()
    except OSError:
        return None
