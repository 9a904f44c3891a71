"""What a container or a service may use: the limits of its control groups, version 1 and 2."""

from __future__ import annotations

import os
from collections.abc import Iterator

_ROOT = "/sys/fs/cgroup"
_UNLIMITED = 1 << 60  # version 1 writes "no limit" as the largest multiple of a page


def limits(groups: str | None, root: str = _ROOT) -> dict[str, str]:
    """The tightest limits on the way from this process's groups to the root; empty where there is none.

    `groups` is the text of /proc/self/cgroup. `cpus` is how many processors' worth of time may be used,
    `memory_bytes` how much memory, `cpuset` which processors.
    """
    cpus: list[float] = []
    memory: list[int] = []
    cpusets: list[str] = []
    for controllers, folder in _folders(groups or "", root):
        if controllers is None or "cpu" in controllers:
            cpus += _cpus(folder)
        if controllers is None or "memory" in controllers:
            memory += _memory(folder)
        if controllers is None or "cpuset" in controllers:
            found = _read(folder, "cpuset.cpus.effective") or _read(folder, "cpuset.cpus")
            cpusets += [found] if found else []
    everything = _read(root, "cpuset.cpus.effective") or _read(os.path.join(root, "cpuset"), "cpuset.cpus")
    result = {}
    if cpus:
        result["cpus"] = f"{min(cpus):g}"
    if memory:
        result["memory_bytes"] = str(min(memory))
    if cpusets and cpusets[0] != everything:
        result["cpuset"] = cpusets[0]
    return result


def _folders(groups: str, root: str) -> Iterator[tuple[set[str] | None, str]]:
    """The folder of each group of this process and those above it; no controllers named: version 2."""
    for line in groups.splitlines():
        _, _, rest = line.partition(":")
        names, _, path = rest.partition(":")
        controllers = set(names.split(",")) if names else None
        if names.startswith("name="):
            continue
        # Within a container the path is that of the host, and the container's own group is the root.
        base = os.path.join(root, names) if names else root
        parts = [part for part in path.split("/") if part and part != ".."]
        for count in range(len(parts), -1, -1):
            yield controllers, os.path.join(base, *parts[:count])


def _cpus(folder: str) -> Iterator[float]:
    quota, _, period = (_read(folder, "cpu.max") or "").partition(" ")
    if not period:
        quota, period = _read(folder, "cpu.cfs_quota_us") or "", _read(folder, "cpu.cfs_period_us") or ""
    if quota.isdigit() and period.isdigit() and int(period):  # else it is "max", or -1
        yield int(quota) / int(period)


def _memory(folder: str) -> Iterator[int]:
    text = _read(folder, "memory.max") or _read(folder, "memory.limit_in_bytes") or ""
    if text.isdigit() and int(text) < _UNLIMITED:
        yield int(text)


def _read(folder: str, name: str) -> str | None:
    try:
        with open(os.path.join(folder, name), encoding="utf-8", errors="replace") as file:
            return file.read().strip()
    except OSError:
        return None
