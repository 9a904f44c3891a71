"""Instruments that say how many joules a window of time took, and what that number rests on.

`CodecarbonMeter` is the one place that knows codecarbon, its private fields included; `ReplayingMeter` gives
back what was recorded. codecarbon is imported when a meter is made, since that takes a second.
"""

from __future__ import annotations

import contextlib
import fcntl
import itertools
import math
import os
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from leakscan.errors import LeakscanError
from leakscan.validation.measurements import Provenance, Reading, Source
from leakscan.validation.worker import descendants

CPU = "cpu"
GPU = "gpu"

JOULES_PER_KWH = 3.6e6
GPU_SHORTEST_SECONDS = 5.0  # NVML's counter is updated too rarely for less
_SAMPLE_SECONDS = 0.1
_DISAGREEMENT = 0.15  # counter and sampled power further apart than this are worth a warning
_SHORTEST_CHECKED_SECONDS = 1.0  # in less a counter may not have moved: NVML's steps take up to 0.1 s
_CLOCK_TOLERANCE_SECONDS = 0.1
_CLOCK_TOLERANCE = 0.02
# Counters of 32 bits hold 65 kJ, which 1 kW fills in 65 s; codecarbon makes up for one wrap between readings.
_WRAP_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Metering:
    """What an instrument says of one window: readings; what makes it invalid; what the reader should know."""

    readings: tuple[Reading, ...]
    problems: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


class Meter(Protocol):
    """An instrument for one window at a time."""

    def describe(self) -> tuple[Source, ...]:
        """The devices that it reads, with the provenance of each; `cpu` first."""

    def start(self) -> None:
        """Begin a window. Raises LeakscanError when one is under way: two measurements must not overlap."""

    def stop(self, cpu_seconds: float | None) -> Metering:
        """End the window, in which the measured processes used `cpu_seconds` of CPU time (None: unknown)."""

    def other_gpu_processes(self) -> tuple[str, ...]:
        """The processes on the GPUs that do not belong to this one, by number and name."""


def is_physical(sources: Sequence[Source]) -> bool:
    """Whether any device is measured with a counter or a sensor; else all energy is estimated."""
    return any(source.provenance.is_physical for source in sources)


@contextlib.contextmanager
def exclusive(path: str | None = None) -> Iterator[None]:
    """Hold the lock that keeps two measurements on this machine apart; `path` is that of its file.

    Raises LeakscanError when another process holds it. The lock ends with the process, however that ends.
    """
    path = path or os.path.join(tempfile.gettempdir(), "leakscan-measuring.lock")
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        writable = True
    except PermissionError:  # another user made it; it can be locked all the same
        descriptor, writable = _open_to_read(path), False
    except OSError as error:
        raise _no_lock(path, error) from None
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(descriptor, 32, 0).decode(errors="replace").strip() or "unknown"
            raise LeakscanError(
                f"another measurement is running (process {holder}); two at a time would measure each other"
            ) from None
        if writable:
            os.truncate(descriptor, 0)
            os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(descriptor)


def _open_to_read(path: str) -> int:
    try:
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise _no_lock(path, error) from None


def _no_lock(path: str, error: OSError) -> LeakscanError:
    return LeakscanError(f"{path}: {error.strerror}; this file keeps two measurements apart")


class ReplayingMeter:
    """Gives back recorded joules, one mapping of device to joules for each window, in turn."""

    def __init__(self, sources: Sequence[Source], windows: Iterable[Mapping[str, float]]) -> None:
        self._sources = tuple(sources)
        self._windows = iter(windows)
        self._running = False

    def describe(self) -> tuple[Source, ...]:
        """The sources as recorded."""
        return self._sources

    def start(self) -> None:
        """Begin the next recorded window."""
        _require_idle(running=self._running)
        self._running = True

    def stop(self, cpu_seconds: float | None) -> Metering:  # noqa: ARG002 - nothing is estimated
        """The next recorded window. Raises LeakscanError when there is none left."""
        self._running = False
        try:
            joules = next(self._windows)
        except StopIteration:
            raise LeakscanError("the recording has no more windows") from None
        return Metering(
            tuple(Reading(each.device, joules.get(each.device), each.provenance) for each in self._sources)
        )

    def other_gpu_processes(self) -> tuple[str, ...]:
        """None: nothing of this machine is looked at."""
        return ()


def _require_idle(*, running: bool) -> None:
    if running:
        raise LeakscanError("a measurement is under way; two at a time would measure each other")


# -- codecarbon ---------------------------------------------------------------------------------------------

# Every option of OfflineEmissionsTracker but the deprecated ones: what is not passed would come from
# CODECARBON_* variables or from .codecarbon.config files. No grams are asked of it, hence no country.
CODECARBON_OPTIONS: dict[str, Any] = {
    "project_name": "leakscan",
    "measure_power_secs": 15.0,
    "api_call_interval": -1,
    "api_endpoint": "",
    "api_key": "",
    "output_dir": tempfile.gettempdir(),
    "output_file": "unused.csv",
    "output_methods": [],
    "logging_logger": None,
    "prometheus_url": "",
    "output_handlers": [],
    "gpu_ids": None,
    "emissions_endpoint": None,
    "experiment_id": "",
    "experiment_name": "leakscan",
    "electricitymaps_api_token": None,
    "tracking_mode": "machine",
    "log_level": "critical",
    "on_csv_write": "append",
    "logger_preamble": "",
    "force_cpu_power": None,  # a value would switch RAPL off
    "force_ram_power": 0.0,  # codecarbon's RAM power is a constant of the machine: not a measurement
    "pue": 1.0,
    "wue": 0.0,
    "force_carbon_intensity_g_co2e_kwh": 0.0,
    "force_mode_cpu_load": False,
    "allow_multiple_runs": True,
    "rapl_include_dram": False,
    "rapl_prefer_psys": False,
    "metadata": None,
    "country_iso_code": None,
    "region": None,
    "cloud_provider": None,
    "cloud_region": None,
    "country_2letter_iso_code": None,
}

_CPU_MODES = {
    "intel_rapl": Provenance.COUNTER,
    "windows_emi": Provenance.COUNTER,
    "intel_power_gadget": Provenance.SENSOR,
    "cpu_load": Provenance.MODEL,
    "constant": Provenance.CONSTANT,
}


@contextlib.contextmanager
def _without_codecarbon_variables() -> Iterator[None]:
    """Hide CODECARBON_* while codecarbon looks; the measured program may need them."""
    names = [name for name in os.environ if name.lower().startswith("codecarbon_")]
    hidden = {name: os.environ.pop(name) for name in names}
    os.environ["CODECARBON_LOG_LEVEL"] = "critical"  # read at import, before any option
    try:
        yield
    finally:
        del os.environ["CODECARBON_LOG_LEVEL"]
        os.environ.update(hidden)


class CodecarbonMeter:
    """codecarbon's OfflineEmissionsTracker, one task a window; takes about 2 s to make.

    Where the processor has neither counter nor sensor, its energy is estimated here: CPU seconds times watts
    per core. codecarbon's own model follows the cube of the machine's load, neighbours included, and its
    process mode loses the ends of short programs.

    Raises LeakscanError when codecarbon is missing or does not start.
    """

    def __init__(self) -> None:
        try:
            with _without_codecarbon_variables():
                from codecarbon import OfflineEmissionsTracker

                options = {**CODECARBON_OPTIONS, "gpu_ids": _visible_gpu_ids()}
                self._tracker: Any = OfflineEmissionsTracker(**options)
                self._hardware = _hardware(self._tracker)
        except ImportError as error:
            raise LeakscanError(
                f'measuring needs codecarbon ({error}); install it with: pip install "leakscan[validate]"'
            ) from None
        self._nvml = NvmlWatch.find(_gpu_indices(self._hardware))
        self._sources = self._find_sources()
        self._uses_tracker = is_physical(self._sources)
        self._running = False
        self._begin = 0.0
        self._poll: _Periodic | None = None
        self._windows = 0
        if self._uses_tracker:
            self.start()  # the first task loads tables: not within a measurement
            self.stop(None)

    def describe(self) -> tuple[Source, ...]:
        """The processor, and the GPUs together if there are any that codecarbon watches."""
        return self._sources

    def start(self) -> None:
        """Begin a window; takes milliseconds."""
        _require_idle(running=self._running)
        self._running = True
        self._begin = time.perf_counter()
        if self._uses_tracker:
            self._windows += 1
            self._tracker.start_task(f"window {self._windows}")
            self._poll = _Periodic(_WRAP_SECONDS, self._tracker._measure_power_and_energy)  # noqa: SLF001
        if self._nvml is not None:
            self._nvml.start()

    def stop(self, cpu_seconds: float | None) -> Metering:
        """End the window; see `Meter.stop`."""
        self._running = False
        if self._poll is not None:
            self._poll.stop()
            self._poll = None
        data = self._tracker.stop_task() if self._uses_tracker else None
        wall = time.perf_counter() - self._begin
        problems, warnings = self._implausible(data, wall), []
        readings = []
        for source in self._sources:
            joules = None
            if not source.provenance.is_physical:
                joules = _estimate(source, cpu_seconds)
            elif not problems:
                joules = getattr(data, f"{source.device}_energy") * JOULES_PER_KWH
            readings.append(Reading(source.device, joules, source.provenance))
        if self._nvml is not None:
            gpu_joules = next((each.energy_joules for each in readings if each.device == GPU), None)
            worse, odd = self._nvml.stop(gpu_joules)
            problems += worse
            warnings += odd
        return Metering(tuple(readings), tuple(problems), tuple(warnings))

    def other_gpu_processes(self) -> tuple[str, ...]:
        """What NVML lists, less this process and those below it."""
        return () if self._nvml is None else self._nvml.other_processes()

    def _implausible(self, data: Any, wall: float) -> list[str]:
        """What is wrong with codecarbon's answer: it swallows its own exceptions."""
        if not self._uses_tracker:
            return []
        if data is None:
            return ["codecarbon gave no result"]
        if not _is_close(data.duration, wall):
            return [f"codecarbon's clock says {data.duration:.2f} s, ours {wall:.2f} s"]
        for source in self._sources:
            kwh = getattr(data, f"{source.device}_energy")
            if not source.provenance.is_physical:
                continue
            stands_still = kwh == 0 and wall >= _SHORTEST_CHECKED_SECONDS
            if not math.isfinite(kwh) or kwh < 0 or stands_still:
                return [f"codecarbon gave {kwh * JOULES_PER_KWH:g} J for the {source.device.upper()}"]
        return []

    def _find_sources(self) -> tuple[Source, ...]:
        sources = [_cpu_source(self._hardware)]
        gpu = _gpu_source(self._hardware, has_nvml=self._nvml is not None)
        return (*sources, gpu) if gpu is not None else tuple(sources)


def _is_close(duration: float, wall: float) -> bool:
    return abs(duration - wall) <= _CLOCK_TOLERANCE_SECONDS + _CLOCK_TOLERANCE * wall


def _estimate(source: Source, cpu_seconds: float | None) -> float | None:
    if cpu_seconds is None or source.watts_per_core is None:
        return None
    return cpu_seconds * source.watts_per_core


def _hardware(tracker: Any) -> list[Any]:
    """What codecarbon found. Its constructor swallows exceptions, so an unusable tracker shows here."""
    try:
        tracker.get_detected_hardware()
        return list(tracker._hardware)  # noqa: SLF001
    except Exception as error:
        raise LeakscanError(f"codecarbon did not start: {error!r}") from error


def _visible_gpu_ids() -> list[str] | None:
    """None for codecarbon's own choice (all, or CUDA_VISIBLE_DEVICES); none at all if the program sees none.

    codecarbon takes an empty CUDA_VISIBLE_DEVICES for "all".
    """
    return [] if os.environ.get("CUDA_VISIBLE_DEVICES") in ("", "-1", "NoDevFiles") else None


def _cpu_source(hardware: Sequence[Any]) -> Source:
    for item in hardware:
        kind = type(item).__name__
        if kind == "CPU":
            return _processor(item)
        if kind in ("AppleSiliconChip", "Raspberry") and item.chip_part == "CPU":
            how = "powermetrics" if kind == "AppleSiliconChip" else "power of the board when the window ends"
            return Source(CPU, Provenance.SENSOR, f"{item.get_model()}, {how}")
    return Source(CPU, Provenance.ABSENT, "codecarbon watches no processor")


def _processor(cpu: Any) -> Source:
    mode = cpu._mode  # noqa: SLF001
    provenance = _CPU_MODES.get(mode, Provenance.ABSENT)
    model = cpu.get_model() or "unknown processor"
    if mode == "intel_rapl":
        files = [file.path for file in cpu._intel_interface._rapl_files]  # noqa: SLF001
        if not files or not all(_reads_number(path) for path in files):
            return Source(CPU, Provenance.ABSENT, f"{model}: RAPL was found, but energy_uj can't be read")
        plural = "" if len(files) == 1 else "s"
        return Source(CPU, Provenance.COUNTER, f"{model}, RAPL, {len(files)} package{plural}")
    if provenance in (Provenance.MODEL, Provenance.CONSTANT):
        return _estimated(cpu, model)
    return Source(CPU, provenance, f"{model}, {mode}")


def _estimated(cpu: Any, model: str) -> Source:
    """Watts per logical core: those of codecarbon's table over the cores seen here, or its default."""
    from codecarbon.core import cpu as codecarbon_cpu
    from codecarbon.core.hardware_cache import get_cached_tdp

    tdp: Any = get_cached_tdp(codecarbon_cpu)  # type: ignore[no-untyped-call]
    cores = os.cpu_count() or 1
    in_table = tdp._get_cpu_power_from_registry(model) is not None  # noqa: SLF001
    if in_table:
        watts = cpu._tdp / cores  # noqa: SLF001
        detail = f"{model}: {cpu._tdp:g} W by codecarbon's table over {cores} cores"  # noqa: SLF001
    else:
        watts = float(codecarbon_cpu.DEFAULT_POWER_PER_CORE)
        detail = f"{model} is not in codecarbon's table; its default of {watts:g} W for each core"
    unreadable = _unreadable_counter()
    if unreadable is not None:
        detail += f"; {unreadable} exists but can't be read (sudo chmod -R a+r /sys/class/powercap/*)"
    return Source(CPU, Provenance.MODEL, detail, watts_per_core=watts, in_table=in_table)


def _unreadable_counter(root: str = "/sys/class/powercap") -> str | None:
    """A RAPL counter that is there and closed to this user: root's since 2020, for security."""
    try:
        names = sorted(os.listdir(root))
    except OSError:
        return None
    paths = [os.path.join(root, name, "energy_uj") for name in names]
    return next((path for path in paths if os.path.exists(path) and not _reads_number(path)), None)


def _reads_number(path: str) -> bool:
    try:
        with open(path) as file:
            return float(file.read()) >= 0
    except (OSError, ValueError):
        return False


def _gpu_indices(hardware: Sequence[Any]) -> tuple[int, ...]:
    return tuple(
        index
        for item in hardware
        if type(item).__name__ == "GPU"
        for index in item._get_gpu_ids()  # noqa: SLF001
    )


def _gpu_source(hardware: Sequence[Any], *, has_nvml: bool) -> Source | None:
    for item in hardware:
        kind = type(item).__name__
        if kind == "AppleSiliconChip" and item.chip_part == "GPU":
            return Source(GPU, Provenance.SENSOR, f"{item.get_model()}, powermetrics")
        if kind != "GPU":
            continue
        watched = [device for device in item.devices.devices if device.gpu_index in _gpu_indices([item])]
        if not watched:
            continue
        names = ", ".join(device.get_static_details()["name"] for device in watched)
        counts = all(_has_counter(device) for device in watched)
        how = "energy counter" if counts else "power averaged once a second"
        checked = "" if has_nvml else ", without a cross-check by NVML"
        provenance = Provenance.COUNTER if counts else Provenance.SENSOR
        return Source(GPU, provenance, f"{names}, {how}, whole device{checked}")
    return None


def _has_counter(device: Any) -> bool:
    return bool(device._has_counter and not device._use_power_fallback)  # noqa: SLF001


# -- NVML ---------------------------------------------------------------------------------------------------


class _Periodic:
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
        self._periodic: _Periodic | None = None
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
        self._periodic = _Periodic(_SAMPLE_SECONDS, self._sample)

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
        if self._samples and self._samples[-1][0] - self._samples[0][0] < _SHORTEST_CHECKED_SECONDS:
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
