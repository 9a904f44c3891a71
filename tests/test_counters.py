"""Counters of the processor: of the body, over threads and processes; and what is said where there are none.

Hardware events are not to be had everywhere. The kernel's own event of CPU time goes the same way through
perf_event_open, so the plumbing is tested with it.
"""

import dataclasses
import errno
import subprocess
import sys

import pytest
from test_results import Shape, arm, judge, make_record
from test_validation_reports import printed
from test_worker import run  # noqa: F401

from leakscan.validation.counters import HARDWARE, SOFTWARE, Counters, reason
from leakscan.validation.executions import Program, ProgramKind
from leakscan.validation.results import Basis, Metric
from leakscan.validation.verdicts import Verdict

ALLOWED = not Counters(SOFTWARE).absent
allowed = pytest.mark.skipif(not ALLOWED, reason="perf_event_open is not allowed here")

BURN = """
import time
def burn(seconds):
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass
"""


def counted(program, tmp_path):
    """The CPU seconds that a fresh interpreter counts of what it does after `counters.enable()`."""
    script = tmp_path / "counted.py"
    script.write_text(
        f"import os, subprocess, sys, threading\n"
        f"from leakscan.validation.counters import SOFTWARE, Counters\n{BURN}\n"
        f"counters = Counters(SOFTWARE)\n{program}\nprint(counters.read()['task_clock'] / 1e9)\n"
    )
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True)
    return float(done.stdout)


@allowed
@pytest.mark.parametrize(
    "program",
    [
        "burn(0.3)\ncounters.enable()\nburn(0.2)",
        "counters.enable()\nit = threading.Thread(target=burn, args=(0.2,))\nit.start()\nit.join()",
        # a pool that an import made works later
        """go = threading.Event()
it = threading.Thread(target=lambda: (go.wait(), burn(0.2)))
it.start()
counters.enable()
go.set()
it.join()""",
        "counters.enable()\npid = os.fork()\nif not pid:\n    burn(0.2)\n    os._exit(0)\nos.waitpid(pid, 0)",
    ],
    ids=["the program", "a thread", "an earlier thread", "a child"],
)
def test_what_is_counted_is_what_works_after_the_body_began(program, tmp_path):
    assert 0.19 < counted(program, tmp_path) < 0.29


@allowed
def test_a_run_tells_the_counters_of_its_body(run):  # noqa: F811
    text = BURN + "burn(0.1)\nfor i in range(3):\n    burn(0.1)\nprint(1)\n"
    execution = run(text, loops=[8], counters=SOFTWARE)
    assert execution.fault is None, execution.error_tail
    assert execution.uncounted == {}
    assert execution.counts["task_clock"] / 1e9 == pytest.approx(0.4, abs=0.1)


@allowed
def test_a_program_that_closes_every_descriptor_has_no_counts(run):  # noqa: F811
    execution = run(
        "import os\nos.closerange(3, 4096)\nfor i in range(3): pass\n", loops=[3], counters=SOFTWARE
    )
    assert execution.exit_status == 0
    assert execution.counts == {}


def test_what_cannot_be_counted_is_absent_with_the_reason(run):  # noqa: F811
    impossible = {"instructions": (0, 999)}
    assert set(Counters(impossible).absent) == {"instructions"}
    execution = run("for i in range(3): pass\n", loops=[1], counters=impossible)
    assert execution.fault is None
    assert execution.counts == {}
    assert execution.uncounted["instructions"]


def test_hardware_events_are_counted_or_named():
    counters = Counters(HARDWARE)
    counters.enable()
    counts = counters.read()
    assert {*counts, *counters.absent} == set(HARDWARE)


def test_a_command_has_no_counters(run):  # noqa: F811
    execution = run("", program=Program(ProgramKind.COMMAND, "true"))
    assert (execution.counts, execution.uncounted) == ({}, {})


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.EACCES, "not allowed (kernel.perf_event_paranoid is "),
        (errno.EPERM, "a container forbids it"),
        (errno.ENOENT, "the processor shows no such counter"),
        (errno.ENOSYS, "no perf_event_open"),
    ],
)
def test_the_reason_is_told_in_words(number, words):
    assert words in reason(OSError(number, "error"))


# -- in the result


def with_counts(instructions, **fields):
    """A record whose runs have so many instructions, for each arm."""
    record = make_record({"original": Shape(), "reuse": Shape(70.0)})
    runs = tuple(
        dataclasses.replace(
            each,
            instructions=instructions.get(each.arm) and instructions[each.arm] + (each.block or 0),
            **fields,
        )
        for each in record.runs
    )
    return judge(dataclasses.replace(record, runs=runs))


def test_instructions_are_a_metric_of_their_own():
    result = with_counts({"original": 4_000_000_000, "reuse": 3_000_000_000}, cycles=5_000_000_000)
    found = arm(result, "reuse").quantity(Metric.INSTRUCTIONS)
    assert (found.basis, found.provenance.value, found.metric.unit) == (Basis.MEASURED, "counter", "")
    assert found.comparison.verdict is Verdict.LESS
    assert found.comparison.effect.percent_change.estimate == pytest.approx(-25, abs=1e-3)
    assert arm(result, "reuse").quantity(Metric.CYCLES).comparison.verdict is Verdict.EQUIVALENT
    text = printed(result, 120)
    assert "instructions" in text
    assert "4.00 G" in text


def test_instructions_that_could_not_be_counted_are_no_metric_and_their_reason_is_told():
    result = with_counts({}, uncounted="the processor shows no such counter")
    assert arm(result, "reuse").quantity(Metric.INSTRUCTIONS) is None
    assert any("not counted; the processor shows no such counter" in line for line in result.limits)
