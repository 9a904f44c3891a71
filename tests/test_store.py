"""Runs on disk: written one by one, read again, resumed, protected."""

import dataclasses
import json
import math
import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leakscan.errors import LeakscanError
from leakscan.validation.measurements import (
    Cause,
    Environment,
    Fault,
    Idle,
    Output,
    Provenance,
    Reading,
    Run,
    Source,
    Tick,
    Version,
    Window,
    decode,
    encode,
    net_energy_joules,
)
from leakscan.validation.store import Header, load, open_store

ENVIRONMENT = Environment(
    system="Linux 6.1",
    machine="x86_64",
    cpu_model="A processor",
    logical_cpus=2,
    memory_bytes=1 << 34,
    virtualisation=None,
    governor="performance",
    on_battery=None,
    load_average=0.5,
    gpus=(),
    leakscan_version="0.1.0",
    codecarbon_version="3.3.2",
)
SOURCE = Source("cpu", Provenance.COUNTER, "A processor, RAPL, 1 package")
HEADER = Header(
    {"seed": 1}, {"seed": 1, "blocks": 10}, ENVIRONMENT, (SOURCE,), "2026-01-01T00:00:00.000+00:00"
)


def make_run(arm="original", block=0, joules=12.5, **fields):
    window = Window(2.0, 1.5, (Reading("cpu", joules, Provenance.COUNTER),))
    return Run(
        **{
            "arm": arm,
            "block": block,
            "order": 0,
            "started_at": "2026-01-01T00:00:00.000+00:00",
            "process": window,
            "body": window,
            "exit_status": 0,
            "output": Output("ab" * 32, 9, ("0.5", "nan")),
            "iterations": (3,),
            "ticks": (Tick(0, 0, 0.0, 0.0, 1000), Tick(0, 1, 0.5, 0.4, 2000, 7)),
            "versions": (Version("python", "3.11.7"),),
            **fields,
        }
    )


finite = st.floats(allow_nan=False, allow_infinity=False)
readings = st.builds(
    Reading, st.sampled_from(["cpu", "gpu"]), st.none() | finite, st.sampled_from(Provenance)
)
windows = st.builds(Window, finite, st.none() | finite, st.lists(readings, max_size=2).map(tuple))
faults = st.none() | st.builds(Fault, st.sampled_from(Cause), st.text())
runs = st.builds(
    Run,
    arm=st.text(),
    block=st.none() | st.integers(0, 100),
    order=st.integers(0, 9),
    started_at=st.text(),
    process=windows,
    body=st.none() | windows,
    exit_status=st.none() | st.integers(-64, 255),
    output=st.builds(Output, st.text(), st.integers(0), st.lists(st.text()).map(tuple), st.booleans()),
    ticks=st.lists(
        st.builds(Tick, st.integers(0), st.integers(0), finite, finite, st.none() | st.integers(0))
    ).map(tuple),
    foreign_cpu_share=st.none() | finite,
    warnings=st.lists(st.text()).map(tuple),
    fault=faults,
    disagreement=st.none() | st.text(),
)


@given(runs)
def test_a_run_survives_json_unchanged(run):
    text = json.dumps(encode(run), allow_nan=False)
    assert decode(Run, json.loads(text)) == run


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_number_that_is_not_finite_never_reaches_json(value):
    with pytest.raises(ValueError, match="not a finite number"):
        encode(make_run(joules=value))


@pytest.mark.parametrize(
    "change", [{"arm": 5}, {"block": "1"}, {"unknown": 1}, {"fault": {"cause": "bad luck", "message": ""}}]
)
def test_what_is_not_a_run_is_refused(change):
    with pytest.raises((ValueError, TypeError)):
        decode(Run, {**encode(make_run()), **change})


def test_net_energy_is_gross_less_idle_power_over_the_window():
    idles = [
        Idle(when, Window(10.0, 0.0, (Reading("cpu", joules, Provenance.COUNTER),)))
        for when, joules in (("before", 20.0), ("after", 40.0))
    ]
    window = Window(2.0, 1.5, (Reading("cpu", 12.5, Provenance.COUNTER),))
    assert net_energy_joules(window, idles) == pytest.approx(12.5 - 3.0 * 2.0)
    assert net_energy_joules(window, []) is None


def test_nothing_is_subtracted_from_an_estimate():
    window = Window(2.0, 1.5, (Reading("cpu", 12.5, Provenance.MODEL),))
    idle = Idle("before", Window(10.0, 0.0, (Reading("cpu", 20.0, Provenance.MODEL),)))
    assert net_energy_joules(window, [idle]) is None


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "runs.jsonl")


def write(path, *runs, header=HEADER, resume=False):
    store = open_store(path, header, resume=resume)
    for run in runs:
        store.add_run(run)
    store.close()


def test_what_was_added_is_read_again(path):
    first, second = make_run(block=None), make_run("reuse", fault=Fault(Cause.TIMEOUT, "too long"))
    idle = Idle("before", first.process)
    store = open_store(path, HEADER, resume=False)
    store.add_idle(idle)
    store.add_run(first)
    store.add_run(second)
    assert store.record == load(path)
    store.close()
    record = load(path)
    assert record.header == HEADER
    assert record.runs == (first, second)
    assert record.idles == (idle,)


def test_each_run_is_in_the_file_before_the_next(path):
    store = open_store(path, HEADER, resume=False)
    for count in range(1, 4):
        store.add_run(make_run(block=count))
        assert len(load(path).runs) == count
    store.close()


def test_a_file_that_is_there_is_not_overwritten(path):
    write(path, make_run())
    with pytest.raises(LeakscanError, match="exists; continue with --resume"):
        open_store(path, HEADER, resume=False)
    assert len(load(path).runs) == 1


def test_resuming_goes_on_after_the_last_run(path):
    write(path, make_run(block=0))
    write(path, make_run(block=1), resume=True)
    assert [run.block for run in load(path).runs] == [0, 1]


def test_resuming_nothing_starts_anew(path):
    write(path, make_run(), resume=True)
    assert len(load(path).runs) == 1


@pytest.mark.parametrize("keep", [1, 20, -1])
def test_a_torn_last_line_is_dropped_and_written_over(path, keep):
    write(path, make_run(block=0), make_run(block=1))
    with open(path, "rb") as file:
        *lines, last = file.read().splitlines(keepends=True)
    with open(path, "wb") as file:
        file.write(b"".join(lines) + last[:keep])
    assert [run.block for run in load(path).runs] == [0]
    write(path, make_run(block=1), make_run(block=2), resume=True)
    assert [run.block for run in load(path).runs] == [0, 1, 2]


def test_a_last_line_of_zeros_after_a_power_cut_is_dropped(path):
    write(path, make_run(block=0))
    with open(path, "ab") as file:
        file.write(b"\0" * 100 + b"\n")
    write(path, make_run(block=1), resume=True)
    assert [run.block for run in load(path).runs] == [0, 1]


def test_a_header_cut_short_is_written_again(path):
    with open(path, "w") as file:
        file.write('{"kind": "hea')
    write(path, make_run())
    assert len(load(path).runs) == 1


@given(data=st.data())
def test_a_file_cut_anywhere_loses_the_cut_run_alone(tmp_path_factory, data):
    path = str(tmp_path_factory.mktemp("cut") / "runs.jsonl")
    write(path, *(make_run(block=block) for block in range(4)))
    size = os.path.getsize(path)
    with open(path, "rb") as file:
        ends = [at for at, byte in enumerate(file.read(), 1) if byte == ord("\n")]
    cut = data.draw(st.integers(ends[0], size))
    os.truncate(path, cut)
    whole = sum(end <= cut for end in ends) - 1
    write(path, resume=True)
    assert [run.block for run in load(path).runs] == list(range(whole))


def test_damage_before_the_last_line_is_named(path):
    write(path, make_run(), make_run(block=1))
    with open(path, "rb") as file:
        lines = file.read().splitlines(keepends=True)
    lines[1] = b'{"kind": "run"}\n'
    with open(path, "wb") as file:
        file.writelines(lines)
    with pytest.raises(LeakscanError, match=r"runs\.jsonl:2: not a line of leakscan's runs"):
        open_store(path, HEADER, resume=True)


@pytest.mark.parametrize("content", ["hello\n", "[]\n", '{"kind": "run", "schema_version": 1}\n', '"\n"\n'])
def test_a_file_of_another_kind_is_refused_and_left_alone(path, content):
    with open(path, "w") as file:
        file.write(content)
    with pytest.raises(LeakscanError):
        open_store(path, HEADER, resume=True)
    with open(path) as file:
        assert file.read() == content


def test_another_version_of_the_format_is_named(path):
    with open(path, "w") as file:
        file.write('{"kind": "header", "schema_version": 99}\n')
    with pytest.raises(LeakscanError, match="schema 99, not 1"):
        load(path)


def test_another_plan_is_refused_with_what_is_different(path):
    write(path, make_run())
    other = dataclasses.replace(HEADER, identity={"seed": 2, "blocks": 20})
    with pytest.raises(LeakscanError, match=r"blocks was 10 and is 20; seed was 1 and is 2"):
        open_store(path, other, resume=True)


def test_another_machine_is_refused(path):
    write(path, make_run())
    other = dataclasses.replace(HEADER, environment=dataclasses.replace(ENVIRONMENT, cpu_model="Another"))
    with pytest.raises(LeakscanError, match="another machine"):
        open_store(path, other, resume=True)


def test_another_instrument_is_refused(path):
    write(path, make_run())
    other = dataclasses.replace(HEADER, sources=(dataclasses.replace(SOURCE, provenance=Provenance.MODEL),))
    with pytest.raises(LeakscanError, match="another instrument"):
        open_store(path, other, resume=True)


def test_the_load_may_differ_between_sittings(path):
    write(path, make_run())
    other = dataclasses.replace(HEADER, environment=dataclasses.replace(ENVIRONMENT, load_average=3.0))
    write(path, resume=True, header=other)


def test_two_writers_are_kept_apart(path):
    store = open_store(path, HEADER, resume=False)
    with pytest.raises(LeakscanError, match="another process is writing"):
        open_store(path, HEADER, resume=True)
    store.close()
    write(path, make_run(), resume=True)


def test_a_writer_that_was_killed_leaves_no_lock(path):
    code = (
        "import os, signal, sys\nsys.path.insert(0, sys.argv[2])\n"
        "from test_store import HEADER, make_run, open_store\n"
        "store = open_store(sys.argv[1], HEADER, resume=False)\nstore.add_run(make_run())\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    subprocess.run([sys.executable, "-c", code, path, os.path.dirname(__file__)], check=False)
    write(path, make_run(block=1), resume=True)
    assert len(load(path).runs) == 2


def test_a_missing_file_and_a_missing_folder_are_clear_errors(path, tmp_path):
    with pytest.raises(LeakscanError, match=r"runs\.jsonl: No such file"):
        load(path)
    with pytest.raises(LeakscanError, match=r"no/runs\.jsonl: No such file"):
        open_store(str(tmp_path / "no" / "runs.jsonl"), HEADER, resume=False)


def test_a_full_disk_is_a_clear_error_and_keeps_what_was_written(path):
    code = (
        "import resource, sys\nsys.path.insert(0, sys.argv[2])\n"
        "from leakscan.errors import LeakscanError\n"
        "from test_store import HEADER, make_run, open_store\n"
        "store = open_store(sys.argv[1], HEADER, resume=False)\nstore.add_run(make_run())\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "try:\n    while True: store.add_run(make_run())\n"
        "except LeakscanError as error:\n    print(error)\n"
    )
    command = [sys.executable, "-c", code, path, os.path.dirname(__file__)]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    assert result.stdout == f"{path}: File too large; the runs before this one are kept\n"
    assert len(load(path).runs) >= 1
    write(path, make_run(block=7), resume=True)
    assert load(path).runs[-1].block == 7


@pytest.mark.skipif(not os.path.exists("/dev/zero"), reason="needs a device")
def test_a_device_is_no_place_for_runs():
    with pytest.raises(LeakscanError, match="/dev/zero: not a regular file"):
        open_store("/dev/zero", HEADER, resume=True)
