"""Other programs on the machine: they are named and waited for, and blocks are not run for nothing."""

import contextlib
import dataclasses
import os
import re
import time

import pytest
from test_experiment import COUNTER, MODEL, _no_waiting, make_plan, meter, of, path  # noqa: F401

from leakscan.validation import neighbours
from leakscan.validation.budget import Deadline
from leakscan.validation.events import BlockEnded, BlocksPlanned, Ending, RunEnded
from leakscan.validation.experiment import conduct, make_header
from leakscan.validation.machine import HERTZ, Host
from leakscan.validation.measurements import Cause, Fault, Window
from leakscan.validation.neighbours import observe, wait_for_quiet
from leakscan.validation.patience import Patience, Quiet, Waiting, Watch
from leakscan.validation.plan import progress
from leakscan.validation.preflight import preflight
from leakscan.validation.store import open_store

CORES = os.cpu_count()
FOREVER = 1e9


class FakeHost(Host):
    """A machine whose /proc shows neighbours that work as told, and where sleeping takes no time.

    `work` has, for each neighbour, the moments from and until which it keeps so many processors busy.
    """

    def __init__(self, **work):
        self._work = {name: (pid, *each) for pid, (name, each) in enumerate(work.items(), 4711)}
        self._slept = 0.0
        self._begin = time.monotonic()
        self.stolen = 0.0  # of all processors

    def monotonic(self):
        return time.monotonic() - self._begin + self._slept

    def sleep(self, seconds):
        self._slept += seconds

    def _seconds(self, begin, end, cores):
        return max(0.0, min(self.monotonic(), end) - begin) * cores if self.monotonic() > begin else 0.0

    def read(self, name):
        if name == "stat":
            busy = sum(self._seconds(*each) for _, *each in self._work.values())
            stolen = self.monotonic() * CORES * self.stolen
            return f"cpu  {busy * HERTZ:.0f} 0 0 9 0 0 0 {stolen * HERTZ:.0f} 0 0\nctxt 7\n"
        for title, (pid, *each) in self._work.items():
            if name == f"{pid}/stat" and self.monotonic() >= each[0]:
                ticks = int(self._seconds(*each) * HERTZ)
                return f"{pid} ({title}) R 1 1 1 0 -1 0 0 0 0 0 {ticks} 0 0 0 20 0 1 0 {pid} 0 0\n"
        return None

    def pids(self):
        return [pid for pid, *_ in self._work.values()]


@pytest.fixture(autouse=True)
def _whole_seconds(_no_waiting, monkeypatch):  # noqa: F811
    monkeypatch.setattr(neighbours, "OBSERVED_SECONDS", 1.0)


# -- who works


def test_those_who_work_are_named_the_busiest_first():
    host = FakeHost(editor=(0, FOREVER, 0.2), idle=(0, FOREVER, 0.0), make=(0, FOREVER, 0.9))
    seen = observe(host, 10.0)
    assert seen.foreign_cores == pytest.approx(1.1, abs=0.05)
    assert [(each.name, each.pid) for each in seen.neighbours] == [("make", 4713), ("editor", 4711)]
    assert seen.in_words() in ("make (4713) uses 90 % of a core, editor (4711) 20 %")


def test_a_process_that_begins_meanwhile_is_seen():
    host = FakeHost(late=(3.0, FOREVER, 1.0))
    (seen,) = observe(host, 10.0).neighbours
    assert seen.cores == pytest.approx(0.7, abs=0.05)


def test_a_name_may_hold_anything():
    host = FakeHost(**{"a) R 1 (b": (0, FOREVER, 1.0)})
    assert observe(host).neighbours[0].name == "a) R 1 (b"


def test_work_of_those_that_cannot_be_seen_is_said():
    host = FakeHost(hidden=(0, FOREVER, 1.0))
    host.pids = list
    assert "cannot be seen" in observe(host, 10.0).in_words()


def test_what_is_below_our_own_process_is_not_foreign():
    host = FakeHost(child=(0, FOREVER, 1.0))
    read = host.read
    host.read = lambda name: (text := read(name)) and text.replace(" R 1 ", f" R {os.getpid()} ")
    assert observe(host, 10.0).neighbours == ()


def test_a_machine_without_proc_is_quiet():
    host = FakeHost()
    host.read = lambda _: None
    seen = observe(host)
    assert (seen.foreign_cores, seen.foreign_share, seen.steal_share) == (None, None, None)


def test_a_real_machine_is_read(monkeypatch):
    seen = observe(seconds=0.05)
    assert seen.foreign_cores is None or seen.foreign_cores >= 0
    assert os.getpid() not in [each.pid for each in seen.neighbours]


# -- waiting


def test_it_is_quiet_when_it_stays_so():
    host = FakeHost(bursts=(0, 20.0, 1.0))
    noises = list(wait_for_quiet(lambda seen: seen.foreign_cores < 0.1, 60.0, host))
    assert 20 < host.monotonic() < 26
    assert not any(noise.ended for noise in noises)
    assert noises[0].observation.neighbours[0].name == "bursts"


def test_a_pause_of_a_neighbour_is_not_quiet():
    host = FakeHost(first=(0, 5.0, 1.0), second=(7.0, 20.0, 1.0))
    list(wait_for_quiet(lambda seen: seen.foreign_cores < 0.1, 60.0, host))
    assert host.monotonic() > 20


def test_waiting_ends_after_its_limit():
    host = FakeHost(always=(0, FOREVER, 1.0))
    noises = list(wait_for_quiet(lambda seen: seen.foreign_cores < 0.1, 30.0, host))
    assert [noise.ended for noise in noises] == [False] * (len(noises) - 1) + [True]
    assert 30 <= host.monotonic() < 34


# -- an experiment beside others


def busy_go(plan, path, host, wait_seconds=60.0, *, resume=False):  # noqa: F811
    """All events of an experiment on this machine."""
    instrument = meter()
    with contextlib.closing(open_store(path, make_header(plan, instrument), resume=resume)) as store:
        return list(conduct(plan, instrument, store, watch=Watch(wait_seconds, 0, host)))


def test_on_a_quiet_machine_nothing_is_waited_for(make_plan, path):  # noqa: F811
    events = busy_go(make_plan(blocks=1, foreign_cpu_limit=0.2), path, FakeHost())
    assert not of(Waiting, events)
    assert events[-1].ending is Ending.COMPLETE


def test_before_the_first_run_it_is_waited_for_quiet(make_plan, path):  # noqa: F811
    host = FakeHost(make=(0, 20.0, 1.0 * CORES))
    events = busy_go(make_plan(blocks=1, foreign_cpu_limit=0.2), path, host)
    (waiting,), (quiet,) = of(Waiting, events), of(Quiet, events)
    assert waiting.limit_seconds == 60.0
    assert waiting.observation.neighbours[0].name == "make"
    assert quiet.waited_seconds > 15
    assert events.index(quiet) < events.index(of(RunEnded, events)[0])
    assert events[-1].ending is Ending.COMPLETE


def test_beside_others_that_never_stop_nothing_is_run(make_plan, path):  # noqa: F811
    events = busy_go(make_plan(blocks=7, foreign_cpu_limit=0.2), path, FakeHost(make=(0, FOREVER, CORES)))
    assert of(RunEnded, events) == []
    assert events[-1].ending is Ending.DISTURBED
    message = events[-1].message
    assert message.startswith("nothing was run: it did not get quiet within 60 s (make (4711) uses ")
    assert "--keep-disturbed" in message
    assert "--wait" in message


@pytest.mark.parametrize("kept", [True, False])
def test_who_keeps_disturbed_runs_or_does_not_wait_is_not_kept_waiting(make_plan, path, kept):  # noqa: F811
    host = FakeHost(make=(0, FOREVER, CORES))
    plan = make_plan(blocks=1, foreign_cpu_limit=None if kept else 50.0)
    events = busy_go(plan, path, host, wait_seconds=60.0 if kept else 0.0)
    assert not of(Waiting, events)
    assert len(of(RunEnded, events)) >= 3


def dropped(events):
    return [event for event in of(BlockEnded, events) if event.fault is not None]


SLOW = "import time\n\nfor i in range(2): time.sleep(0.15)\nprint(1)\n"


def test_two_dropped_blocks_in_a_row_end_an_experiment_that_does_not_wait(make_plan, path):  # noqa: F811
    host = FakeHost(make=(0, FOREVER, CORES))
    plan = make_plan({"original": SLOW, "fixed": SLOW}, blocks=7, foreign_cpu_limit=0.2)
    events = busy_go(plan, path, host, wait_seconds=0.0)
    assert len(dropped(events)) == 2
    assert {event.fault.cause for event in dropped(events)} == {Cause.FOREIGN_CPU}
    assert events[-1].ending is Ending.DISTURBED
    assert "2 blocks in a row were dropped: other programs used" in events[-1].message
    assert "0 blocks kept; continue with --resume" in events[-1].message


def test_what_was_kept_before_it_got_busy_is_said_and_gone_on_with(make_plan, path):  # noqa: F811
    """Three blocks are done when a neighbour begins that stays longer than it is waited for."""
    plan = make_plan({"original": SLOW, "fixed": SLOW}, blocks=5, foreign_cpu_limit=0.2)
    host = FakeHost()
    instrument = meter()
    with contextlib.closing(open_store(path, make_header(plan, instrument), resume=False)) as store:
        events = []
        for event in conduct(plan, instrument, store, watch=Watch(20.0, 0, host)):
            events.append(event)
            if isinstance(event, BlockEnded) and event.complete == 3 and event.fault is None:
                host._work["make"] = (4711, host.monotonic(), FOREVER, float(CORES))
    assert len(dropped(events)) == 2
    assert len(of(Waiting, events)) == 1
    assert "it did not get quiet within 20 s (make (4711) uses" in events[-1].message
    assert "3 blocks kept" in events[-1].message
    again = busy_go(plan, path, FakeHost(), resume=True)
    assert again[-1].ending is Ending.COMPLETE
    assert of(BlockEnded, again)[-1].complete == 5


FOREIGN = Fault(Cause.FOREIGN_CPU, "other programs used 3.0 s of CPU time meanwhile, 80% of the run's own")


def finish(generator):
    """The events of a generator, and what it returns."""
    events = []
    while True:
        try:
            events.append(next(generator))
        except StopIteration as stop:
            return events, stop.value


@pytest.mark.parametrize(("wait_seconds", "blocks"), [(10.0, 4), (60.0, 4), (119.0, 4), (180.0, 8)])
def test_blocks_that_are_dropped_again_after_it_was_quiet_end_it(make_plan, wait_seconds, blocks):  # noqa: F811
    """After four where a minute is waited for quiet; who would wait longer loses more of them."""
    patience = Patience(make_plan(foreign_cpu_limit=0.2), [], Watch(wait_seconds, 0, FakeHost()))
    reasons = [finish(patience.after(FOREIGN, 0))[1] for _ in range(blocks)]
    assert [reason is None for reason in reasons] == [True] * (blocks - 1) + [False]
    assert "before them it was quiet; 0 blocks kept" in reasons[-1]


def test_a_complete_block_between_them_makes_waiting_worth_while_again(make_plan):  # noqa: F811
    patience = Patience(make_plan(foreign_cpu_limit=0.2), [], Watch(60.0, 0, FakeHost()))
    for fault in (FOREIGN, FOREIGN, None, FOREIGN, None, FOREIGN, FOREIGN, FOREIGN):
        assert finish(patience.after(fault, 2))[1] is None


def test_a_fault_of_the_instrument_is_not_waited_for(make_plan):  # noqa: F811
    patience = Patience(
        make_plan(foreign_cpu_limit=0.2), [], Watch(60.0, 0, FakeHost(make=(0, FOREVER, CORES)))
    )
    for _ in range(5):
        assert finish(patience.after(Fault(Cause.METER, "stood still"), 0)) == ([], None)


def test_a_hypervisor_that_takes_the_processors_is_waited_for(make_plan):  # noqa: F811
    host = FakeHost()
    host.stolen = 0.3
    patience = Patience(make_plan(foreign_cpu_limit=0.2, steal_limit=0.05), [], Watch(10.0, 0, host))
    assert finish(patience.after(Fault(Cause.STEAL, "took 30%"), 0)) == ([], None)
    events, reason = finish(patience.after(Fault(Cause.STEAL, "took 30%"), 0))
    assert len(events) == 1
    assert "it did not get quiet within 10 s" in reason


# -- a budget is a deadline


def runs_of(seconds, blocks, arms=("original", "fixed")):
    from test_experiment import make_run

    window = Window(seconds, seconds)
    return [
        dataclasses.replace(make_run(arm, block), process=window)
        for block in (None, *range(blocks))
        for arm in arms
    ]


@pytest.mark.parametrize(("budget", "fits"), [(600, 14), (300, 6), (299, 6), (200, 4), (100, 1)])
def test_what_fits_after_the_warm_ups_is_told_with_a_remedy_where_it_is_too_little(make_plan, budget, fits):  # noqa: F811
    plan, runs, host = make_plan(budget_seconds=budget), runs_of(20.0, 0), FakeHost()
    deadline = Deadline(plan, runs, host, physical=False)
    state = progress(plan, runs)
    blocks, seconds, remedy = deadline.planned(state, state.target * 40.2)
    assert blocks == min(fits, state.target)
    assert seconds <= budget - 40
    assert (remedy is None) == (blocks >= 6)
    if remedy is not None:
        assert f"{blocks} block" in remedy
        assert "--budget 282s, fewer arms (--arms) or shorter runs (--iterations)" in remedy


def test_waiting_and_dropped_blocks_are_taken_off_a_budget(make_plan):  # noqa: F811
    plan, runs, host = make_plan(budget_seconds=600), runs_of(20.0, 0), FakeHost()
    deadline = Deadline(plan, runs, host, physical=False)
    assert deadline.passed(progress(plan, runs)) is None
    host.sleep(530.0)
    reason = deadline.passed(progress(plan, runs))
    assert reason.startswith("the budget of 600 s holds no block: ")
    runs += runs_of(20.0, 2)[2:]
    assert deadline.passed(progress(plan, runs)) == "the budget of 600 s is used up: 2 blocks done"


def test_a_block_that_was_begun_is_finished(make_plan):  # noqa: F811
    plan, host = make_plan(budget_seconds=200), FakeHost()
    runs = runs_of(20.0, 1)[:-1]
    deadline = Deadline(plan, runs, host, physical=False)
    host.sleep(500.0)
    assert deadline.passed(progress(plan, runs)) is None


def test_a_budget_that_the_first_run_shows_to_hold_no_block_ends_there(make_plan, path):  # noqa: F811
    events = busy_go(make_plan(budget_seconds=0.2), path, FakeHost())
    assert len(of(RunEnded, events)) == 1
    assert events[-1].ending is Ending.OUT_OF_TIME
    assert "--iterations" in events[-1].message
    assert of(BlocksPlanned, events) == []


# -- pre-flight


def warnings(make_plan, host, source=COUNTER, **environment):  # noqa: F811
    plan, instrument = make_plan(), meter(source=source)
    header = make_header(plan, instrument)
    header = dataclasses.replace(header, environment=dataclasses.replace(header.environment, **environment))
    return preflight(instrument, header.environment, host).warnings


def test_battery_and_governor_are_named(make_plan):  # noqa: F811
    found = warnings(make_plan, FakeHost(), on_battery=True, governor="powersave", virtualisation=None)
    assert len(found) == 2
    assert "battery" in found[0]
    assert "powersave" in found[1]


def test_a_quiet_machine_with_a_counter_gives_no_warning(make_plan):  # noqa: F811
    assert warnings(make_plan, FakeHost(), governor="performance", on_battery=False) == ()


def test_a_busy_neighbour_is_named_with_its_number(make_plan):  # noqa: F811
    (found,) = warnings(make_plan, FakeHost(make=(0, FOREVER, CORES)), governor=None, on_battery=None)
    # By the real clock: it may have gone on between two readings.
    assert re.search(r" (9\d|1\d\d)% of the processors", found)
    assert "make (4711) uses" in found
