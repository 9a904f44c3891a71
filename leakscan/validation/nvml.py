"""The GPUs past codecarbon: what NVML says of their energy, power and processes."""

from __future__ import annotations

import contextlib
import ctypes
import itertools
import math
import os
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from leakscan.validation.powercap import MOST_POINTS
from leakscan.validation.worker import descendants

SHORTEST_CHECKED_SECONDS = 1.0  # in less a counter may not have moved: NVML's steps take up to 0.1 s
_LIBRARY = "libnvidia-ml.so.1"
_NAME_BYTES = 96
_SAMPLE_SECONDS = 0.1
_DISAGREEMENT = 0.15  # counter and sampled power further apart than this are worth a warning


@dataclass(frozen=True, slots=True)
class Gpu:
    """A GPU that the driver's library names; `has_counter` tells whether it counts energy."""

    index: int
    name: str
    has_counter: bool


def gpus(library: str = _LIBRARY) -> tuple[Gpu, ...]:
    """The GPUs of this machine, asked of the driver's own library; none where there is none.

    By ctypes, since this is also said where nothing is measured and no package for it is installed.
    """
    try:
        nvml = ctypes.CDLL(library)
        if nvml.nvmlInit_v2() != 0:
            return ()
    except (OSError, AttributeError):
        return ()
    try:
        count = ctypes.c_uint(0)
        nvml.nvmlDeviceGetCount_v2(ctypes.byref(count))
        found = [_gpu(nvml, index) for index in range(count.value)]
    finally:
        nvml.nvmlShutdown()
    return tuple(each for each in found if each is not None)


def _gpu(nvml: ctypes.CDLL, index: int) -> Gpu | None:
    handle = ctypes.c_void_p()
    if nvml.nvmlDeviceGetHandleByIndex_v2(ctypes.c_uint(index), ctypes.byref(handle)) != 0:
        return None
    name = ctypes.create_string_buffer(_NAME_BYTES)
    nvml.nvmlDeviceGetName(handle, name, ctypes.c_uint(_NAME_BYTES))
    millijoules = ctypes.c_ulonglong()
    counts = nvml.nvmlDeviceGetTotalEnergyConsumption(handle, ctypes.byref(millijoules)) == 0
    return Gpu(index, name.value.decode(errors="replace"), counts)


class Periodic:
    """Calls a function every so many seconds in a thread of its own, until stopped."""

    def __init__(self, seconds: float, function: Any) -> None:
        self._ended = threading.Event()
        self._seconds = seconds
        self._function = function
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._ended.wait(self._seconds):
            self._function()

    def stop(self) -> None:
        """Return when no call is under way and none will come."""
        self._ended.set()
        self._thread.join()


class NvmlWatch:
    """A second look at the GPUs, past codecarbon: energy counters at both ends, power and load at 10 Hz.

    `nvml` is the module `pynvml`, initialised; `indices` are the GPUs to look at.
    """

    def __init__(self, nvml: Any, indices: Sequence[int]) -> None:
        self._nvml = nvml
        self._handles = [nvml.nvmlDeviceGetHandleByIndex(index) for index in indices]
        self._periodic: Periodic | None = None
        self._samples: list[tuple[float, float, int]] = []  # seconds, watts, highest load in per cent
        self._counters: list[float | None] = []

    @classmethod
    def find(cls, indices: Sequence[int]) -> NvmlWatch | None:
        """NVML if it answers for these GPUs, else None."""
        if not indices:
            return None
        try:
            import pynvml  # type: ignore[import-untyped]

            pynvml.nvmlInit()
            return cls(pynvml, indices)
        except Exception:  # noqa: BLE001 - no library, no driver, no permission: pynvml has a class for each
            return None

    def start(self) -> None:
        """Begin a window."""
        self._samples = []
        self._counters = [self._counter_joules(handle) for handle in self._handles]
        self._sample()
        self._periodic = Periodic(_SAMPLE_SECONDS, self._sample)

    def stop(self, reported_joules: float | None) -> tuple[list[str], list[str]]:
        """End the window; compare with the joules reported for all GPUs: (problems, warnings)."""
        if self._periodic is not None:
            self._periodic.stop()
            self._periodic = None
        self._sample()
        ends = [self._counter_joules(handle) for handle in self._handles]
        pairs = [(a, b) for a, b in zip(self._counters, ends, strict=True) if a is not None and b is not None]
        counted = math.fsum(end - begin for begin, end in pairs) if len(pairs) == len(ends) else None
        sampled = _integral([(at, watts) for at, watts, _ in self._samples])
        load = max((each[2] for each in self._samples), default=0)
        if self._samples and self._samples[-1][0] - self._samples[0][0] < SHORTEST_CHECKED_SECONDS:
            return [], []
        problems, warnings = [], []
        if counted is not None and counted <= 0 and load > 0:
            problems.append(f"the GPU's energy counter stood still at a load of {load} %")
        for name, joules in (("NVML's counter", counted), ("power sampled at 10 Hz", sampled)):
            if joules is None or reported_joules is None or max(joules, reported_joules) <= 0:
                continue
            apart = abs(joules - reported_joules) / max(joules, reported_joules)
            if apart > _DISAGREEMENT:
                warnings.append(
                    f"GPU energy: {name} gives {joules:.1f} J, codecarbon {reported_joules:.1f} J, "
                    f"{apart:.0%} apart"
                )
        return problems, warnings

    def points(self) -> tuple[tuple[float, float], ...]:
        """The power of all GPUs in the window: seconds since its beginning, watts; thinned out evenly."""
        step = max(1, math.ceil(len(self._samples) / MOST_POINTS))
        groups = [self._samples[place : place + step] for place in range(0, len(self._samples), step)]
        begin = self._samples[0][0] if self._samples else 0.0
        return tuple(
            (group[-1][0] - begin, math.fsum(each[1] for each in group) / len(group)) for group in groups
        )

    def other_processes(self) -> tuple[str, ...]:
        """Processes on these GPUs that are neither this one nor below it."""
        own = {os.getpid(), *descendants(os.getpid())}
        found = {}
        for handle in self._handles:
            for ask in (
                self._nvml.nvmlDeviceGetComputeRunningProcesses,
                self._nvml.nvmlDeviceGetGraphicsRunningProcesses,
            ):
                with contextlib.suppress(self._nvml.NVMLError):
                    found.update({process.pid: self._name(process.pid) for process in ask(handle)})
        return tuple(f"{pid} ({name})" for pid, name in sorted(found.items()) if pid not in own)

    def _name(self, pid: int) -> str:
        try:
            name = self._nvml.nvmlSystemGetProcessName(pid)
        except self._nvml.NVMLError:
            return "unknown"
        return name.decode(errors="replace") if isinstance(name, bytes) else str(name)

    def _counter_joules(self, handle: Any) -> float | None:
        try:
            return float(self._nvml.nvmlDeviceGetTotalEnergyConsumption(handle)) / 1000  # millijoules
        except self._nvml.NVMLError:
            return None

    def _watts(self, handle: Any) -> float:
        """The power now, or on older GPUs its mean over the last second, which lags behind at both ends."""
        with contextlib.suppress(self._nvml.NVMLError, AttributeError):  # an old driver, an old library
            (field,) = self._nvml.nvmlDeviceGetFieldValues(handle, [self._nvml.NVML_FI_DEV_POWER_INSTANT])
            if field.nvmlReturn == self._nvml.NVML_SUCCESS:
                return float(field.value.uiVal) / 1000  # milliwatts
        return float(self._nvml.nvmlDeviceGetPowerUsage(handle)) / 1000

    def _sample(self) -> None:
        watts, load = 0.0, 0
        try:
            for handle in self._handles:
                watts += self._watts(handle)
                load = max(load, self._nvml.nvmlDeviceGetUtilizationRates(handle).gpu)
        except self._nvml.NVMLError:
            return
        self._samples.append((time.perf_counter(), watts, load))


def _integral(samples: Sequence[tuple[float, float]]) -> float | None:
    """Joules from watts over seconds by the trapezoidal rule; None for fewer than two samples."""
    if len(samples) < 2:  # noqa: PLR2004
        return None
    return math.fsum(
        (end - begin) * (first + second) / 2 for (begin, first), (end, second) in itertools.pairwise(samples)
    )
