"""Instruments: codecarbon on a fake machine, NVML, estimates, recordings; long, as each has many states."""

import contextlib
import inspect
import itertools
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import types

import pytest

from leakscan.errors import LeakscanError
from leakscan.validation import meters
from leakscan.validation import nvml as nvml_watch
from leakscan.validation import powercap as powercap_files
from leakscan.validation.lock import exclusive
from leakscan.validation.measurements import Provenance, Source
from leakscan.validation.meters import (
    CODECARBON_OPTIONS,
    CodecarbonMeter,
    ReplayingMeter,
    is_physical,
    probe_sources,
)
from leakscan.validation.nvml import NvmlWatch

CPU = Source("cpu", Provenance.COUNTER, "recorded")


@pytest.fixture
def clean_codecarbon():
    """codecarbon keeps what it found on the machine; forget it before and after."""
    from codecarbon.core import hardware_cache

    hardware_cache.clear_cache()
    yield
    hardware_cache.clear_cache()


class Powercap:
    """A powercap tree as the kernel shows it: domains with their energy in microjoules."""

    def __init__(self, root):
        self.root = root
        self.range_joules = 262_143.0

    def domain(self, place, name, joules=1000.0):
        folder = self.root / place
        folder.mkdir(parents=True)
        (folder / "name").write_text(name + "\n")
        (folder / "max_energy_range_uj").write_text(f"{int(self.range_joules * 1e6)}\n")
        self.set(place, joules)

    def set(self, place, joules):
        new = self.root / place / "new"
        new.write_text(f"{int(joules % self.range_joules * 1e6)}\n")
        new.replace(self.root / place / "energy_uj")  # at once, as the kernel's counter changes

    def remove(self, place):
        (self.root / place / "energy_uj").unlink()


@pytest.fixture
def powercap(tmp_path, monkeypatch, clean_codecarbon):
    """A machine with RAPL: codecarbon's default folder is changed, nothing else."""
    from codecarbon.core import cpu
    from codecarbon.external import hardware

    root = tmp_path / "powercap" / "intel-rapl"
    tree = Powercap(root)
    defaults = hardware.CPU.__init__.__defaults__
    assert defaults[0].startswith("/sys/class/powercap")
    monkeypatch.setattr(cpu.is_rapl_available, "__defaults__", (str(root),))
    monkeypatch.setattr(hardware.CPU.__init__, "__defaults__", (str(root), *defaults[1:]))
    return tree


# -- RAPL, through codecarbon's own reader


def test_rapl_is_a_counter_and_its_joules_are_exact(powercap):
    powercap.domain("intel-rapl:0", "package-0", 1000.0)
    meter = CodecarbonMeter()
    (source,) = meter.describe()
    assert source.provenance is Provenance.COUNTER
    assert source.detail.endswith("RAPL, 1 package")
    for joules in (5.0, 0.25):
        meter.start()
        powercap.set("intel-rapl:0", 1000.0 + joules)
        metering = meter.stop(cpu_seconds=3.0)
        powercap.set("intel-rapl:0", 1000.0)
        assert metering.problems == ()
        assert metering.readings[0].energy_joules == pytest.approx(joules, rel=1e-5)
        assert metering.readings[0].provenance is Provenance.COUNTER


def test_packages_are_added_and_parts_of_packages_are_not(powercap):
    for place, name, joules in (
        ("intel-rapl:0", "package-0", 1000),
        ("intel-rapl:0/intel-rapl:0:0", "core", 500),
        ("intel-rapl:0/intel-rapl:0:1", "dram", 300),
        ("intel-rapl:1", "package-1", 2000),
        ("intel-rapl:2", "psys", 9000),
    ):
        powercap.domain(place, name, joules)
    meter = CodecarbonMeter()
    assert meter.describe()[0].detail.endswith("RAPL, 2 packages")
    meter.start()
    for place, joules in (
        ("intel-rapl:0", 1003),
        ("intel-rapl:0/intel-rapl:0:0", 502),
        ("intel-rapl:0/intel-rapl:0:1", 301),
        ("intel-rapl:1", 2004),
        ("intel-rapl:2", 9100),
    ):
        powercap.set(place, joules)
    assert meter.stop(None).readings[0].energy_joules == pytest.approx(7.0, rel=1e-5)


def test_power_over_time_is_that_of_the_counters(powercap, monkeypatch):
    monkeypatch.setattr(meters, "_POWER_SECONDS", 0.12)
    for place in ("intel-rapl:0", "intel-rapl:1"):
        powercap.domain(place, "package-" + place[-1], 1000.0)
    meter = CodecarbonMeter()
    meter.start()
    time.sleep(0.3)
    powercap.set("intel-rapl:0", 1004.0)
    powercap.set("intel-rapl:1", 1002.0)
    time.sleep(0.3)
    metering = meter.stop(None)
    (trace,) = metering.power
    assert trace.device == "cpu"
    seconds = [0.0, *(at for at, _ in trace.points)]
    widths = [end - begin for begin, end in itertools.pairwise(seconds)]
    joules = sum(width * watts for width, (_, watts) in zip(widths, trace.points, strict=True))
    assert joules == pytest.approx(6.0, rel=1e-6)
    assert trace.points[0][1] == 0.0
    assert max(watts for _, watts in trace.points) > 6.0 / 0.6


def test_without_a_counter_there_is_no_power_over_time(processor):
    processor("AMD EPYC 7763")
    meter = CodecarbonMeter()
    meter.start()
    assert meter.stop(1.0).power == ()


def test_a_long_window_has_no_more_points_than_a_short_one_and_loses_no_joules(tmp_path, monkeypatch):
    tree = Powercap(tmp_path)
    tree.domain("intel-rapl:0", "package-0", 0.0)
    moments = itertools.count(0.0, 0.5)
    monkeypatch.setattr(powercap_files.time, "perf_counter", lambda: next(moments))
    watch = powercap_files.PowerWatch(powercap_files.find(str(tmp_path)).domains)
    watch.start()
    for sample in range(1, 2001):
        tree.set("intel-rapl:0", 10.0 * 0.5 * sample)  # 10 W for 1000 s; the counter does not wrap
        watch.sample()
    points = watch.points()
    assert 30 <= len(points) <= 120
    assert {round(watts, 6) for _, watts in points} == {10.0}
    assert points[-1][0] > 950


def test_a_counter_that_wraps_is_no_dip_of_power(tmp_path, monkeypatch):
    tree = Powercap(tmp_path)
    tree.domain("intel-rapl:0", "package-0", tree.range_joules - 2.0)
    moments = itertools.count(0.0, 0.5)
    monkeypatch.setattr(powercap_files.time, "perf_counter", lambda: next(moments))
    watch = powercap_files.PowerWatch(powercap_files.find(str(tmp_path)).domains)
    watch.start()
    tree.set("intel-rapl:0", tree.range_joules + 3.0)
    watch.sample()
    assert watch.points() == ((0.5, pytest.approx(10.0)),)


def test_memory_adds_no_joules(powercap):
    powercap.domain("intel-rapl:0", "package-0")
    meter = CodecarbonMeter()
    meter.start()
    powercap.set("intel-rapl:0", 1001.0)
    time.sleep(0.05)
    assert [reading.device for reading in meter.stop(None).readings] == ["cpu"]


def test_a_counter_that_wraps_more_than_once_is_followed(powercap, monkeypatch):
    powercap.range_joules = 100.0
    powercap.domain("intel-rapl:0", "package-0", 90.0)
    monkeypatch.setattr(meters, "_WRAP_SECONDS", 0.02)
    meter = CodecarbonMeter()
    meter.start()
    polls = count_calls(monkeypatch, meter._tracker, "_do_measurements")
    for joules in range(90, 391, 30):  # 300 J: the counter wraps three times
        powercap.set("intel-rapl:0", joules)
        seen = len(polls)
        wait_until(lambda seen=seen: len(polls) > seen + 1)
    metering = meter.stop(None)
    assert metering.problems == ()
    assert metering.readings[0].energy_joules == pytest.approx(300.0, rel=1e-4)


def count_calls(monkeypatch, owner, name):
    calls = []
    original = getattr(owner, name)

    def counted(*args, **kwargs):
        calls.append(name)
        return original(*args, **kwargs)

    # The attribute of the object: the meter's own thread looks it up at each call.
    monkeypatch.setattr(owner, name, counted)
    return calls


def wait_until(condition, seconds=300):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.005)


@pytest.fixture
def short_windows_count(monkeypatch):
    monkeypatch.setattr(meters, "SHORTEST_CHECKED_SECONDS", 0.0)
    monkeypatch.setattr(nvml_watch, "SHORTEST_CHECKED_SECONDS", 0.0)


def test_a_counter_that_has_not_moved_in_a_moment_is_no_problem(powercap):
    powercap.domain("intel-rapl:0", "package-0")
    meter = CodecarbonMeter()
    meter.start()
    metering = meter.stop(1.0)
    assert metering.problems == ()
    assert metering.readings[0].energy_joules == 0.0


def test_a_counter_that_stands_still_makes_the_window_invalid(powercap, short_windows_count):
    powercap.domain("intel-rapl:0", "package-0")
    meter = CodecarbonMeter()
    meter.start()
    metering = meter.stop(1.0)
    assert metering.problems == ("codecarbon gave 0 J for the CPU",)
    assert metering.readings[0].energy_joules is None


def test_a_counter_that_vanishes_makes_the_window_invalid(powercap, short_windows_count):
    powercap.domain("intel-rapl:0", "package-0")
    meter = CodecarbonMeter()
    meter.start()
    powercap.remove("intel-rapl:0")
    assert meter.stop(1.0).problems


def test_a_counter_found_but_not_readable_is_absent(powercap):
    powercap.domain("intel-rapl:0", "package-0")
    CodecarbonMeter()
    powercap.remove("intel-rapl:0")
    (powercap.root / "intel-rapl:0" / "energy_uj").mkdir()  # there, and readable by nobody, root included
    (source,) = CodecarbonMeter().describe()
    assert source.provenance is Provenance.ABSENT


def test_no_result_and_a_strange_duration_make_the_window_invalid(powercap, monkeypatch):
    powercap.domain("intel-rapl:0", "package-0")
    meter = CodecarbonMeter()
    stop_task = meter._tracker.stop_task

    def stop_late():
        data = stop_task()
        data.duration += 10
        return data

    meter.start()
    monkeypatch.setattr(meter._tracker, "stop_task", stop_late)
    assert "codecarbon's clock says 10." in meter.stop(None).problems[0]
    meter.start()
    monkeypatch.setattr(meter._tracker, "stop_task", lambda: stop_task() and None)
    assert meter.stop(None).problems == ("codecarbon gave no result",)


# -- estimates


@pytest.fixture
def processor(monkeypatch, clean_codecarbon):
    """A machine without RAPL whose processor has the given name."""
    from codecarbon.core import cpu, resource_tracker
    from codecarbon.external import hardware

    def set_name(name):
        for module in (cpu, hardware, resource_tracker):
            monkeypatch.setattr(module, "detect_cpu_model", lambda: name)
        monkeypatch.setattr(cpu.is_rapl_available, "__defaults__", ("/nowhere",))

    return set_name


def test_without_a_counter_energy_is_cpu_time_times_watts_of_the_table(processor):
    processor("AMD EPYC 7763")
    meter = CodecarbonMeter()
    (source,) = meter.describe()
    assert source.provenance is Provenance.MODEL
    assert source.in_table
    from codecarbon.core.util import count_physical_cpus

    # 280 W: AMD's data sheet, and codecarbon's table
    assert source.watts_per_core == pytest.approx(280 * count_physical_cpus() / os.cpu_count())
    meter.start()
    (reading,) = meter.stop(cpu_seconds=10.0).readings
    assert reading.energy_joules == pytest.approx(10.0 * source.watts_per_core)
    assert reading.provenance is Provenance.MODEL


def test_an_unknown_processor_is_said(processor):
    processor("Imaginary 9000")
    (source,) = CodecarbonMeter().describe()
    assert source.in_table is False
    assert source.watts_per_core == 4.0
    assert "Imaginary 9000 is not in codecarbon's table" in source.detail


def test_an_estimate_does_not_depend_on_wall_time_or_neighbours(processor):
    processor("AMD EPYC 7763")
    meter = CodecarbonMeter()
    meter.start()
    time.sleep(0.3)
    waiting = meter.stop(cpu_seconds=2.0)
    meter.start()
    assert meter.stop(cpu_seconds=2.0) == waiting


def test_without_cpu_time_there_is_no_estimate(processor):
    processor("AMD EPYC 7763")
    meter = CodecarbonMeter()
    meter.start()
    assert meter.stop(None).readings[0].energy_joules is None


def test_a_counter_closed_to_this_user_is_named(tmp_path):
    (tmp_path / "intel-rapl:0" / "energy_uj").mkdir(parents=True)
    (source,) = probe_sources(str(tmp_path))
    assert source.provenance is Provenance.MODEL
    assert f"{tmp_path / 'intel-rapl:0' / 'energy_uj'} exists but can't be read" in source.detail
    assert "exists" not in probe_sources(str(tmp_path / "nothing"))[0].detail


# -- what will be read, told without codecarbon


@pytest.mark.parametrize(
    "domains",
    [
        {},
        {"intel-rapl:0": "package-0"},
        {"intel-rapl:0": "package-0", "intel-rapl:0/intel-rapl:0:0": "core", "intel-rapl:1": "package-1"},
        {"intel-rapl:0": "psys"},
        {"intel-rapl:0": "psys", "intel-rapl:1": "package-0"},
    ],
    ids=lambda domains: "+".join(domains.values()) or "none",
)
def test_what_will_be_read_is_known_without_codecarbon(powercap, domains):
    for place, name in domains.items():
        powercap.domain(place, name)
    (told,) = probe_sources(str(powercap.root.parent))
    (measured,) = CodecarbonMeter().describe()
    assert told.provenance is measured.provenance
    if domains:
        assert told.detail == measured.detail


def test_telling_what_will_be_read_imports_neither_codecarbon_nor_nvidia_s_package():
    program = (
        "import sys; from leakscan.validation.meters import probe_sources; probe_sources(); "
        "print({'codecarbon', 'pynvml', 'scipy', 'numpy'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


_DRIVER = """
#include <string.h>
int nvmlInit_v2(void) { return 0; }
int nvmlShutdown(void) { return 0; }
int nvmlDeviceGetCount_v2(unsigned *count) { *count = 2; return 0; }
int nvmlDeviceGetHandleByIndex_v2(unsigned index, void **handle) {
  *handle = (void *)(long)(index + 1); return 0;
}
int nvmlDeviceGetName(void *handle, char *name, unsigned size) { strncpy(name, "Test GPU", size); return 0; }
int nvmlDeviceGetTotalEnergyConsumption(void *handle, unsigned long long *millijoules) {
  *millijoules = 1; return handle == (void *)1 ? 0 : 3;
}
"""


@pytest.mark.skipif(shutil.which("cc") is None, reason="needs a C compiler to make a driver")
@pytest.mark.parametrize(
    ("visible", "provenance", "names"),
    [
        (None, Provenance.SENSOR, "Test GPU, Test GPU, power"),
        ("0", Provenance.COUNTER, "Test GPU, energy counter"),
        ("1", Provenance.SENSOR, "Test GPU, power"),
        ("-1", None, ""),
    ],
)
def test_gpus_are_told_by_the_driver_s_library(tmp_path, monkeypatch, visible, provenance, names):
    library = tmp_path / "libnvidia-ml.so.1"
    (tmp_path / "driver.c").write_text(_DRIVER)
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, tmp_path / "driver.c"], check=True)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    if visible is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    gpus = [source for source in probe_sources(str(tmp_path), str(library)) if source.device == "gpu"]
    assert [source.provenance for source in gpus] == ([] if provenance is None else [provenance])
    assert all(source.detail.startswith(names) for source in gpus)


def test_without_a_driver_there_are_no_gpus(tmp_path):
    assert [source.device for source in probe_sources(str(tmp_path), "libno-such-driver.so.1")] == ["cpu"]


# -- how codecarbon is used


def test_every_option_of_codecarbon_is_passed():
    from codecarbon import OfflineEmissionsTracker
    from codecarbon.emissions_tracker import BaseEmissionsTracker

    offered = {
        name
        for function in (OfflineEmissionsTracker.__init__, BaseEmissionsTracker.__init__)
        for name, parameter in inspect.signature(function).parameters.items()
        if parameter.kind is parameter.POSITIONAL_OR_KEYWORD or parameter.kind is parameter.KEYWORD_ONLY
    }
    deprecated = {
        "self",
        "co2_signal_api_token",
        *(f"save_to_{where}" for where in ("api", "file", "logfire", "logger", "prometheus")),
    }
    assert set(CODECARBON_OPTIONS) == offered - deprecated


def test_settings_of_the_user_s_codecarbon_do_not_reach_the_meter(tmp_path, monkeypatch, clean_codecarbon):
    settings = {
        "force_cpu_power": "500",
        "pue": "3",
        "tracking_mode": "process",
        "output_methods": "csv",
        "gpu_ids": "7",
    }
    lines = "".join(f"{name}={value}\n" for name, value in settings.items())
    (tmp_path / ".codecarbon.config").write_text("[codecarbon]\n" + lines)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    for name, value in settings.items():
        monkeypatch.setenv(f"CODECARBON_{name.upper()}", value)
    meter = CodecarbonMeter()
    assert {name: getattr(meter._tracker, f"_{name}") for name in settings} == {
        "force_cpu_power": None,
        "pue": 1.0,
        "tracking_mode": "machine",
        "output_methods": [],
        "gpu_ids": None,
    }
    assert os.environ["CODECARBON_PUE"] == "3"  # the measured program's own business
    assert "CODECARBON_LOG_LEVEL" not in os.environ
    assert sorted(os.listdir(tmp_path)) == [".codecarbon.config"]


def test_codecarbon_prints_nothing(tmp_path):
    code = (
        "from leakscan.validation.meters import CodecarbonMeter\n"
        "meter = CodecarbonMeter(); meter.start(); meter.stop(1.0)\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert (result.stdout, result.stderr) == ("", "")
    assert os.listdir(tmp_path) == []


def test_a_missing_codecarbon_is_an_error_with_its_remedy(monkeypatch):
    monkeypatch.setitem(sys.modules, "codecarbon", None)
    with pytest.raises(LeakscanError, match=r'pip install "leakscan-keras\[validate\]"'):
        CodecarbonMeter()


def test_a_tracker_that_fails_to_start_is_an_error(monkeypatch, clean_codecarbon):
    from codecarbon import OfflineEmissionsTracker

    def fail(self):
        raise OSError("no lscpu")

    monkeypatch.setattr(OfflineEmissionsTracker, "_ensure_hardware_ready", fail)
    with pytest.raises(LeakscanError, match="codecarbon did not start: OSError"):
        CodecarbonMeter()


# -- GPUs: NVML is replaced, which is where this machine ends


class NVMLError(Exception):
    pass


class FakeNvml(types.ModuleType):
    """The part of pynvml that codecarbon and leakscan ask, for GPUs whose state a test sets."""

    NVMLError = NVMLError
    NVMLError_NotSupported = NVMLError
    NVML_TEMPERATURE_GPU = 0

    def __init__(self, count=1):
        super().__init__("pynvml")
        self.millijoules = [5_000_000] * count
        self.watts = [100.0] * count
        self.load = [0] * count
        self.processes = []

    def nvmlInit(self):  # noqa: N802
        pass

    def nvmlDeviceGetCount(self):  # noqa: N802
        return len(self.watts)

    def nvmlDeviceGetHandleByIndex(self, index):  # noqa: N802
        return index

    def counts(self, watts):
        """From now on the counter of the first GPU goes by the clock."""
        begin, before = time.perf_counter(), self.millijoules[0]
        self.nvmlDeviceGetTotalEnergyConsumption = lambda _: (
            before + int((time.perf_counter() - begin) * watts * 1000)
        )

    def nvmlDeviceGetTotalEnergyConsumption(self, handle):  # noqa: N802
        if self.millijoules[handle] is None:
            raise NVMLError("not supported")
        return self.millijoules[handle]

    def nvmlDeviceGetPowerUsage(self, handle):  # noqa: N802
        return int(self.watts[handle] * 1000)

    def nvmlDeviceGetEnforcedPowerLimit(self, handle):  # noqa: N802
        return 300_000

    def nvmlDeviceGetUtilizationRates(self, handle):  # noqa: N802
        return types.SimpleNamespace(gpu=self.load[handle], memory=0)

    def nvmlDeviceGetName(self, handle):  # noqa: N802
        return f"GPU {handle}"

    def nvmlDeviceGetUUID(self, handle):  # noqa: N802
        return f"GPU-{handle}"

    def nvmlDeviceGetMemoryInfo(self, handle):  # noqa: N802
        return types.SimpleNamespace(total=1 << 34, used=0, free=1 << 34)

    def nvmlDeviceGetTemperature(self, handle, sensor):  # noqa: N802
        return 40

    def nvmlDeviceGetComputeMode(self, handle):  # noqa: N802
        return 0

    def nvmlDeviceGetComputeRunningProcesses(self, handle):  # noqa: N802
        return [types.SimpleNamespace(pid=pid, usedGpuMemory=1) for pid in self.processes]

    def nvmlDeviceGetGraphicsRunningProcesses(self, handle):  # noqa: N802
        raise NVMLError("not supported")

    def nvmlSystemGetProcessName(self, pid):  # noqa: N802
        return b"python"


@pytest.fixture
def nvml(monkeypatch, clean_codecarbon):
    from codecarbon.core import gpu, gpu_nvidia

    fake = FakeNvml()
    monkeypatch.setitem(sys.modules, "pynvml", fake)
    monkeypatch.setattr(gpu_nvidia, "pynvml", fake)
    monkeypatch.setattr(gpu, "PYNVML_AVAILABLE", True)
    monkeypatch.setattr(gpu, "is_nvidia_system", lambda: True)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    return fake


def gpu_reading(metering):
    return next(reading for reading in metering.readings if reading.device == "gpu")


def test_a_gpu_with_an_energy_counter_is_measured_by_it(nvml):
    meter = CodecarbonMeter()
    _, source = meter.describe()
    assert source.provenance is Provenance.COUNTER
    assert source.detail == "GPU 0, energy counter, whole device"
    meter.start()
    nvml.millijoules[0] += 250_000
    metering = meter.stop(1.0)
    assert metering.problems == ()
    assert gpu_reading(metering).energy_joules == pytest.approx(250.0, rel=1e-5)


def test_a_gpu_without_a_counter_is_a_sensor(nvml):
    nvml.millijoules[0] = None
    meter = CodecarbonMeter()
    assert meter.describe()[1].provenance is Provenance.SENSOR
    begin = time.perf_counter()
    meter.start()
    time.sleep(0.3)
    metering = meter.stop(1.0)
    elapsed = time.perf_counter() - begin
    assert 0.3 * 100 <= gpu_reading(metering).energy_joules <= elapsed * 100
    assert metering.warnings == ()


def test_a_gpu_s_counter_that_stands_still_under_load_makes_the_window_invalid(nvml, short_windows_count):
    meter = CodecarbonMeter()
    meter.start()
    nvml.load[0] = 80
    problems = meter.stop(1.0).problems
    assert "the GPU's energy counter stood still at a load of 80 %" in problems


def test_counter_and_sampled_power_far_apart_are_a_warning(nvml, short_windows_count):
    meter = CodecarbonMeter()
    # By the same clock, so that both are of the same time, however long that is.
    nvml.counts(watts=200.0)
    meter.start()
    time.sleep(0.3)
    (warning,) = meter.stop(1.0).warnings
    assert "power sampled at 10 Hz" in warning
    assert "% apart" in warning


@pytest.mark.parametrize("status", [0, 3])
def test_power_of_this_moment_is_sampled_where_the_gpu_tells_it(nvml, status, short_windows_count):
    # What nvmlDeviceGetPowerUsage gives is a mean over a second on recent GPUs: after load it is too high.
    nvml.NVML_FI_DEV_POWER_INSTANT, nvml.NVML_SUCCESS = 186, 0

    def fields(handle, wanted):
        assert wanted == [186]
        return [types.SimpleNamespace(nvmlReturn=status, value=types.SimpleNamespace(uiVal=20_000))]

    nvml.nvmlDeviceGetFieldValues = fields
    meter = CodecarbonMeter()
    nvml.counts(watts=20.0 if status == 0 else 100.0)
    meter.start()
    time.sleep(0.3)
    assert meter.stop(1.0).warnings == ()


def test_other_processes_on_the_gpu_are_named_and_own_ones_are_not(nvml):
    meter = CodecarbonMeter()
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    nvml.processes = [os.getpid(), child.pid, 1]
    try:
        assert meter.other_gpu_processes() == ("1 (python)",)
    finally:
        child.communicate(b"\n")


@pytest.mark.parametrize("value", ["", "-1"])
def test_gpus_that_the_program_cannot_see_are_not_measured(nvml, monkeypatch, value):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", value)
    meter = CodecarbonMeter()
    assert [source.device for source in meter.describe()] == ["cpu"]


def test_one_of_two_gpus_is_measured_if_the_program_sees_one(nvml, monkeypatch):
    nvml.__init__(count=2)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1")
    meter = CodecarbonMeter()
    assert meter.describe()[1].detail.startswith("GPU 1,")
    meter.start()
    nvml.millijoules[0] += 900_000
    nvml.millijoules[1] += 30_000
    assert gpu_reading(meter.stop(1.0)).energy_joules == pytest.approx(30.0, rel=1e-5)


def test_nvml_that_does_not_answer_is_said(nvml):
    nvml_watch = NvmlWatch.find([0])
    assert nvml_watch is not None
    assert NvmlWatch.find([]) is None

    def fail():
        raise NVMLError("driver not loaded")

    meter_module = sys.modules["pynvml"]
    meter_module.nvmlInit = fail
    assert NvmlWatch.find([0]) is None


# -- one at a time


def test_a_recording_is_played_back_in_turn():
    meter = ReplayingMeter([CPU], [{"cpu": 1.5}, {"cpu": 2.5}])
    joules = []
    for _ in range(2):
        meter.start()
        joules.append(meter.stop(None).readings[0].energy_joules)
    assert joules == [1.5, 2.5]
    meter.start()
    with pytest.raises(LeakscanError, match="no more windows"):
        meter.stop(None)


def test_two_windows_of_one_meter_never_overlap(processor):
    processor("AMD EPYC 7763")
    for meter in (CodecarbonMeter(), ReplayingMeter([CPU], [{}])):
        meter.start()
        with pytest.raises(LeakscanError, match="two at a time would disturb each other"):
            meter.start()
        meter.stop(None)


def test_two_measurements_on_one_machine_never_overlap(tmp_path):
    path = str(tmp_path / "lock")
    with contextlib.ExitStack() as stack:
        stack.enter_context(exclusive(path))
        with pytest.raises(LeakscanError, match=rf"another measurement is running \(process {os.getpid()}\)"):
            stack.enter_context(exclusive(path))
    with exclusive(path):
        pass


def test_the_lock_is_the_machine_s_wherever_temporary_files_go(tmp_path):
    # In processes of their own: what TMPDIR says is read once in each.
    code = (
        "import os, sys, tempfile\nsys.path.insert(0, sys.argv[1])\nfrom leakscan.validation import lock\n"
        "os.environ.pop('LEAKSCAN_LOCK')\nprint(tempfile.gettempdir(), lock.lock_path())\n"
    )
    folders, locks = set(), set()
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        done = subprocess.run(
            [sys.executable, "-c", code, os.path.dirname(os.path.dirname(__file__))],
            env={**os.environ, "TMPDIR": str(tmp_path / name)},
            capture_output=True,
            text=True,
            check=True,
        )
        folder, lock = done.stdout.split()
        folders.add(folder)
        locks.add(lock)
    assert len(folders) == 2
    assert len(locks) == 1
    assert os.path.isabs(lock)


def test_a_link_in_the_place_of_the_lock_is_not_followed(tmp_path):
    mine = tmp_path / "mine"
    mine.write_text("precious")
    (tmp_path / "lock").symlink_to(mine)
    with pytest.raises(LeakscanError, match="LEAKSCAN_LOCK names another"), exclusive(str(tmp_path / "lock")):
        pass
    assert mine.read_text() == "precious"


def test_a_measurement_that_was_killed_leaves_no_lock(tmp_path):
    path = str(tmp_path / "lock")
    code = (
        "import os, signal, sys\nfrom leakscan.validation.lock import exclusive\n"
        "with exclusive(sys.argv[1]):\n    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    subprocess.run([sys.executable, "-c", code, path], check=False)
    with exclusive(path):
        pass


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs another user")
def test_the_lock_of_another_user_can_be_held_and_is_respected():
    """The file is made by whoever measures first, and is not writable for others."""
    code = (
        "import os, sys\nsys.path.insert(0, sys.argv[2])\nfrom leakscan.validation import lock\n"
        "os.setuid(65534)\nwith lock.exclusive(sys.argv[1]):\n    print('held')\n"
    )
    with tempfile.TemporaryDirectory() as directory:
        os.chmod(directory, 0o755)
        path = os.path.join(directory, "lock")
        command = [sys.executable, "-c", code, path, os.path.dirname(os.path.dirname(__file__))]
        with exclusive(path):
            os.chmod(path, 0o644)
            busy = subprocess.run(command, capture_output=True, text=True, check=False)
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert f"another measurement is running (process {os.getpid()})" in busy.stderr
    assert done.stdout == "held\n", done.stderr


def test_no_thread_outlives_a_window(powercap):
    powercap.domain("intel-rapl:0", "package-0")
    meter = CodecarbonMeter()
    before = threading.active_count()
    meter.start()
    powercap.set("intel-rapl:0", 1001.0)
    meter.stop(None)
    wait_until(lambda: threading.active_count() <= before)


def test_energy_is_physical_if_any_device_has_a_counter_or_a_sensor():
    model = Source("cpu", Provenance.MODEL, "")
    assert not is_physical([model])
    assert is_physical([model, Source("gpu", Provenance.SENSOR, "")])
