"""Instruments that say how many joules a window of time took, and what that number rests on.

`CodecarbonMeter` is the one place that knows codecarbon, its private fields included; `ReplayingMeter` gives
back what was recorded. codecarbon is imported when a meter is made, since that takes a second.
"""

from __future__ import annotations

import contextlib
import math
import os
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from leakscan.errors import LeakscanError
from leakscan.validation import machine, powercap
from leakscan.validation.measurements import PowerTrace, Provenance, Reading, Source
from leakscan.validation.nvml import SHORTEST_CHECKED_SECONDS, Gpu, NvmlWatch, Periodic, gpus

CPU = "cpu"
GPU = "gpu"

JOULES_PER_KWH = 3.6e6
GPU_SHORTEST_SECONDS = 5.0  # NVML's counter is updated too rarely for less
_POWER_SECONDS = 0.5  # between two points of the power over time
_CLOCK_TOLERANCE_SECONDS = 0.1
_CLOCK_TOLERANCE = 0.02
# Counters of 32 bits hold 65 kJ, which 1 kW fills in 65 s; codecarbon makes up for one wrap between readings.
_WRAP_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Metering:
    """What an instrument says of one window: readings; what makes it invalid; what the reader should know.

    `power` is the power over the window where a counter or sensor is read.
    """

    readings: tuple[Reading, ...]
    problems: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    power: tuple[PowerTrace, ...] = ()


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


def probe_sources(root: str = powercap.ROOT, library: str | None = None) -> tuple[Source, ...]:
    """What would be read here, without codecarbon: in milliseconds, from /sys and the GPUs' driver.

    As `Meter.describe` says it once a meter is made, but for the watts of an estimate, which codecarbon's
    table has. `root` is the folder of the kernel's counters, `library` that of the driver.
    """
    model = machine.cpu_model() or "unknown processor"
    found = powercap.find(root)
    if found.domains:
        packages = f"{len(found.domains)} package{'' if len(found.domains) == 1 else 's'}"
        sources = [Source(CPU, Provenance.COUNTER, f"{model}, RAPL, {packages}")]
    else:
        detail = f"{model}: CPU time times the watts of codecarbon's table"
        sources = [Source(CPU, Provenance.MODEL, detail + _closed_counter(found.unreadable))]
    seen = _visible(gpus() if library is None else gpus(library))
    if seen:
        counts = all(gpu.has_counter for gpu in seen)
        how = "energy counter" if counts else "power averaged once a second"
        names = ", ".join(gpu.name for gpu in seen)
        provenance = Provenance.COUNTER if counts else Provenance.SENSOR
        sources.append(Source(GPU, provenance, f"{names}, {how}, whole device"))
    return tuple(sources)


def _visible(found: Sequence[Gpu]) -> list[Gpu]:
    """The GPUs that CUDA_VISIBLE_DEVICES leaves to the program; all where it does not count them."""
    if _visible_gpu_ids() == []:
        return []
    wanted = [part.strip() for part in os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",")]
    if not all(part.isdigit() for part in wanted):
        return list(found)
    return [gpu for gpu in found if str(gpu.index) in wanted]


def _closed_counter(path: str | None) -> str:
    """What to add where a RAPL counter is there and closed to this user: root's since 2020, for security."""
    if path is None:
        return ""
    return f"; {path} exists but can't be read (sudo chmod -R a+r /sys/class/powercap/*)"


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
        raise LeakscanError("a measurement is under way; two at a time would disturb each other")


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
                f"measuring needs codecarbon ({error}); "
                'install it with: pip install "leakscan-keras[validate]"'
            ) from None
        self._nvml = NvmlWatch.find(_gpu_indices(self._hardware))
        self._sources = self._find_sources()
        self._uses_tracker = is_physical(self._sources)
        domains = _rapl_domains(self._hardware)
        self._power = (
            powercap.PowerWatch(domains) if domains and self._sources[0].provenance.is_physical else None
        )
        self._running = False
        self._begin = 0.0
        self._poll: Periodic | None = None
        self._power_poll: Periodic | None = None
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
            self._poll = Periodic(_WRAP_SECONDS, self._tracker._measure_power_and_energy)  # noqa: SLF001
        if self._power is not None:
            self._power.start()
            self._power_poll = Periodic(_POWER_SECONDS, self._power.sample)
        if self._nvml is not None:
            self._nvml.start()

    def stop(self, cpu_seconds: float | None) -> Metering:
        """End the window; see `Meter.stop`."""
        self._running = False
        if self._poll is not None:
            self._poll.stop()
            self._poll = None
        if self._power_poll is not None:
            self._power_poll.stop()
            self._power_poll = None
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
        return Metering(tuple(readings), tuple(problems), tuple(warnings), tuple(self._traces()))

    def _traces(self) -> Iterator[PowerTrace]:
        if self._power is not None:
            self._power.sample()
            yield PowerTrace(CPU, self._power.points())
        if self._nvml is not None:
            yield PowerTrace(GPU, self._nvml.points())

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
            stands_still = kwh == 0 and wall >= SHORTEST_CHECKED_SECONDS
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


def _rapl_domains(hardware: Sequence[Any]) -> list[powercap.Domain]:
    """The counters that codecarbon reads, to see how they go on within a window."""
    files = [
        file
        for item in hardware
        if type(item).__name__ == "CPU" and item._mode == "intel_rapl"  # noqa: SLF001
        for file in item._intel_interface._rapl_files  # noqa: SLF001
    ]
    return [powercap.domain(os.path.dirname(file.path)) for file in files]


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
    detail += _closed_counter(powercap.find().unreadable)
    return Source(CPU, Provenance.MODEL, detail, watts_per_core=watts, in_table=in_table)


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
