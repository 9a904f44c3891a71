"""The kernel's energy counters of processor packages (RAPL), as files below /sys/class/powercap.

codecarbon measures with the same files; here they are looked at without it: to say beforehand what will be
read, and to see how power changes within a run.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

ROOT = "/sys/class/powercap"


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


def find(root: str = ROOT) -> Counters:
    """The packages, or `psys` where there are none; of two counters of one package the first is enough.

    Subdomains (core, dram) are parts of packages and would be counted twice.
    """
    readable: dict[str, Domain] = {}
    unreadable = None
    for domain in _domains(root):
        if domain.joules() is not None:
            readable.setdefault(domain.name, domain)
        elif os.path.exists(domain.path):
            unreadable = unreadable or domain.path
    packages = tuple(each for name, each in readable.items() if name.startswith("package"))
    psys = tuple(each for name, each in readable.items() if name == "psys")
    return Counters(packages or psys, unreadable)


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
                place = os.path.join(folder, name)
                limit = _read(os.path.join(place, "max_energy_range_uj"))
                yield Domain(
                    _read(os.path.join(place, "name")) or name,
                    os.path.join(place, "energy_uj"),
                    int(limit) / 1e6 if limit is not None and limit.isdigit() else None,
                )


def _read(path: str) -> str | None:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read().strip()
    except OSError:
        return None
