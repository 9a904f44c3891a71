"""What the machine is, and what else it does while a child runs; read, never changed."""

from __future__ import annotations

import os
import platform
import re
import time
from dataclasses import dataclass
from importlib import metadata

from leakscan import __version__
from leakscan.validation import cgroup
from leakscan.validation.measurements import Environment

HERTZ = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
_SYS = "/sys"


class Host:
    """Where the machine is read, and how time passes there; replaced as a whole in tests."""

    def monotonic(self) -> float:
        """Seconds of a clock that is never set."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        time.sleep(seconds)

    def read(self, name: str) -> str | None:
        """A file below /proc; None where it is not there (any more)."""
        return _read(f"/proc/{name}")

    def pids(self) -> list[int]:
        """The processes that can be seen."""
        try:
            return [int(name) for name in os.listdir("/proc") if name.isdigit()]
        except OSError:
            return []


HOST = Host()


def environment(gpus: tuple[str, ...] = ()) -> Environment:
    """The machine as it is now; `gpus` are the names that the meter knows."""
    return Environment(
        system=f"{platform.system()} {platform.release()}",
        machine=platform.machine(),
        cpu_model=cpu_model(),
        logical_cpus=os.cpu_count() or 1,
        memory_bytes=_memory_bytes(),
        virtualisation=_virtualisation(),
        governor=_governor(),
        on_battery=_on_battery(),
        load_average=load_average(),
        gpus=gpus,
        leakscan_version=__version__,
        codecarbon_version=_version("codecarbon"),
        kernel=platform.version() or None,
        turbo=turbo(),
        usable_cpus=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None,
        cgroup_limits=cgroup.limits(HOST.read("self/cgroup")),
    )


def load_average() -> float | None:
    """The number of runnable processes, averaged over one minute."""
    try:
        return os.getloadavg()[0]
    except (OSError, AttributeError):
        return None


def available_memory_bytes() -> int | None:
    """What programs can have without swapping (MemAvailable), None outside Linux."""
    match = re.search(r"^MemAvailable:\s*(\d+) kB", _read("/proc/meminfo") or "", re.MULTILINE)
    return int(match.group(1)) * 1024 if match else None


@dataclass(frozen=True, slots=True)
class Activity:
    """CPU time of the whole machine up to now, and clocks, in seconds; None outside Linux."""

    busy_seconds: float | None
    steal_seconds: float | None
    own_seconds: float
    monotonic: float
    boottime: float | None

    @classmethod
    def now(cls, host: Host = HOST) -> Activity:
        """Read the counters."""
        first = (host.read("stat") or "").partition("\n")[0].split()
        busy = steal = None
        if len(first) > 8:  # noqa: PLR2004 - proc_stat(5): user nice system idle iowait irq softirq steal
            user, nice, system, _, _, irq, softirq, stolen = (int(field) for field in first[1:9])
            busy, steal = (user + nice + system + irq + softirq) / HERTZ, stolen / HERTZ
        boot = time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else None
        times = os.times()
        return cls(busy, steal, times.user + times.system, host.monotonic(), boot)


@dataclass(frozen=True, slots=True)
class Disturbance:
    """What others did between two moments.

    `foreign_cpu_share` is the CPU time of all other processes over that of the measured tree; `steal_share`
    is the part of the machine's time that the hypervisor gave to others; `suspended_seconds` is sleep of the
    machine.
    """

    foreign_cpu_seconds: float | None = None
    foreign_cpu_share: float | None = None
    steal_seconds: float | None = None
    steal_share: float | None = None
    suspended_seconds: float | None = None


def disturbance(begin: Activity, end: Activity, tree_cpu_seconds: float | None) -> Disturbance:
    """Compare two readings around a child whose process tree used `tree_cpu_seconds`."""
    elapsed = end.monotonic - begin.monotonic
    foreign = foreign_share = stolen = stolen_share = suspended = None
    if end.busy_seconds is not None and begin.busy_seconds is not None and tree_cpu_seconds:
        ours = end.own_seconds - begin.own_seconds + tree_cpu_seconds
        foreign = max(0.0, end.busy_seconds - begin.busy_seconds - ours)
        foreign_share = foreign / tree_cpu_seconds
    if end.steal_seconds is not None and begin.steal_seconds is not None and elapsed > 0:
        stolen = end.steal_seconds - begin.steal_seconds
        stolen_share = steal_share(begin, end)
    if end.boottime is not None and begin.boottime is not None:
        suspended = max(0.0, end.boottime - begin.boottime - elapsed)
    return Disturbance(foreign, foreign_share, stolen, stolen_share, suspended)


def steal_share(begin: Activity, end: Activity) -> float | None:
    """The part of the processors' time between two readings that the hypervisor gave to others."""
    elapsed = end.monotonic - begin.monotonic
    if end.steal_seconds is None or begin.steal_seconds is None or elapsed <= 0:
        return None
    return (end.steal_seconds - begin.steal_seconds) / (elapsed * (os.cpu_count() or 1))


def _read(path: str) -> str | None:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return None


def cpu_model() -> str | None:
    """The processor as the kernel names it."""
    match = re.search(r"^model name\s*:\s*(.+)$", _read("/proc/cpuinfo") or "", re.MULTILINE)
    return match.group(1).strip() if match else platform.processor() or None


def _memory_bytes() -> int | None:
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError):
        return None


def _virtualisation() -> str | None:
    """`container`, `virtual machine (its maker)`, both, or None for bare metal or unknown."""
    layers = []
    if os.path.exists("/.dockerenv") or os.path.exists("/run/.containerenv"):
        layers.append("container")
    if re.search(r"^flags\s*:.*\bhypervisor\b", _read("/proc/cpuinfo") or "", re.MULTILINE):
        maker = (_read(f"{_SYS}/class/dmi/id/sys_vendor") or "").strip()
        layers.append(f"virtual machine ({maker})" if maker else "virtual machine")
    return " in a ".join(layers) or None


def _governor() -> str | None:
    text = _read(f"{_SYS}/devices/system/cpu/cpu0/cpufreq/scaling_governor")
    return text.strip() if text else None


def turbo(root: str = f"{_SYS}/devices/system/cpu") -> bool | None:
    """Whether processors may run faster than their base clock; None where the kernel does not tell."""
    stopped = (_read(f"{root}/intel_pstate/no_turbo") or "").strip()
    if stopped in ("0", "1"):
        return stopped == "0"
    allowed = (_read(f"{root}/cpufreq/boost") or "").strip()
    return allowed == "1" if allowed in ("0", "1") else None


def _on_battery() -> bool | None:
    """True when a battery discharges, None when there is none."""
    try:
        supplies = os.listdir(f"{_SYS}/class/power_supply")
    except OSError:
        return None
    states = [(_read(f"{_SYS}/class/power_supply/{name}/status") or "").strip() for name in supplies]
    states = [state for state in states if state]
    return any(state == "Discharging" for state in states) if states else None


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
