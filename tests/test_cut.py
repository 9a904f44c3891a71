"""Programs that are cut after some passes of a loop, or when their time is over: real children."""

import os
import sys
import textwrap

import pytest

from leakscan.validation import supervisor, worker
from leakscan.validation.executions import FlaggedLoop, Launch, Limits, Program, ProgramKind
from leakscan.validation.measurements import Cut
from leakscan.validation.supervisor import supervise

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="rests on /proc and prctl")


@pytest.fixture
def cut(tmp_path):
    """Run a script, given as text, up to some passes of its loops; the execution and what it printed."""

    def cut(text, *lines, program=None, environment=None, on_pass=lambda _: None, **limits):
        (tmp_path / "script.py").write_text(textwrap.dedent(text))
        loops = [line if isinstance(line, FlaggedLoop) else FlaggedLoop("script.py", line) for line in lines]
        launch = Launch(
            python=sys.executable,
            program=program or Program(ProgramKind.SCRIPT, "script.py"),
            directory=str(tmp_path),
            loops=tuple(loops),
            environment=environment or {},
            stdout_path=str(tmp_path / "out.txt"),
        )
        limits = Limits(timeout_seconds=60, **limits)
        execution = supervise(launch, limits, lambda *_: None, on_pass)
        return execution, (tmp_path / "out.txt").read_text().split()

    return cut


def alive(marker):
    """Processes whose environment mentions `marker`."""
    found = []
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{entry}/environ", "rb") as file:
                if marker.encode() in file.read() and worker.stat_fields(int(entry))[0] != "Z":
                    found.append(int(entry))
        except (OSError, TypeError):
            continue
    return found


# -- after some passes


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("for i in range(9):\n    print(i)\n", 1),
        ("i = 0\nwhile True:\n    print(i)\n    i += 1\n", 2),
        ("[print(i) for i in range(9)]\n", 1),
        ("{print(i): i for i in range(9)}\n", 1),
        ("generator = (print(i) for i in range(9))\nfor _ in generator:\n    pass\n", 1),
        ("def train():\n    for i in range(9):\n        print(i)\ntrain()\n", 2),
        (
            "class A:\n    def train(self):\n        for i in range(9):\n            print(i)\nA().train()\n",
            3,
        ),
        ("def objective(i):\n    print(i)\nfor i in range(9):\n    objective(i)\n", 1),
        ("f = lambda i: print(i)\nfor i in range(9):\n    f(i)\n", 1),
        (
            (
                "import asyncio\nasync def numbers():\n    for i in range(9):\n        yield i\n"
                "async def main():\n    async for i in numbers():\n        print(i)\nasyncio.run(main())\n"
            ),
            6,
        ),
        ("import os\nfor i in range(9):\n    if os.fork() == 0:\n        os._exit(0)\n    print(i)\n", 2),
    ],
)
def test_a_program_ends_after_so_many_passes_of_any_loop(cut, text, line):
    execution, printed = cut(text, line, passes=3)
    assert execution.fault is None, execution.error_tail
    assert (execution.cut, execution.exit_status, execution.was_forced) == (Cut.PASSES, 0, False)
    assert (execution.cut_loop.loop, execution.cut_loop.count) == (0, 3)
    assert execution.iterations == (3,)
    assert printed == ["0", "1", "2"]
    assert execution.error_tail == ""


def test_loops_in_modules_are_counted_too(cut, tmp_path):
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "__init__.py").write_text("")
    (tmp_path / "package" / "training.py").write_text(
        "def train():\n    for i in range(9):\n        print(i)\n"
    )
    (tmp_path / "package" / "__main__.py").write_text("from .training import train\ntrain()\n")
    loop = FlaggedLoop("package/training.py", 2)
    for text, program in (
        ("from package.training import train\ntrain()\n", None),
        ("", Program(ProgramKind.MODULE, "package")),
    ):
        execution, printed = cut(text, loop, program=program, passes=2)
        assert execution.cut is Cut.PASSES, execution.error_tail
        assert printed == ["0", "1"]


def test_a_program_whose_loop_ends_before_runs_to_its_end(cut):
    execution, printed = cut("for i in range(3):\n    pass\nprint('end')\n", 1, passes=4)
    assert execution.cut is None
    assert execution.cut_loop is None
    assert execution.iterations == (3,)
    assert printed == ["end"]


def test_clean_up_runs_as_at_any_exit(cut):
    text = """
        import atexit, contextlib, threading, time
        atexit.register(print, "atexit", flush=True)
        def work():
            time.sleep(0.2)
            print("thread", flush=True)
        @contextlib.contextmanager
        def manager():
            try:
                yield
            finally:
                print("manager", flush=True)
        with manager():
            try:
                for i in range(9):
                    if i == 1:
                        threading.Thread(target=work).start()
            finally:
                print("finally", flush=True)
        print("after", flush=True)
        """
    execution, printed = cut(text, 15, passes=2)
    assert (execution.exit_status, execution.was_forced) == (0, False)
    assert printed == ["finally", "manager", "thread", "atexit"]


@linux_only
@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])  # the default is another one from 3.14 on
def test_children_end_with_the_program(cut, method):
    marker = f"leakscan-test-cut-{os.getpid()}"
    text = f"""
        import multiprocessing, os, subprocess, sys, time
        if __name__ == "__main__":
            kept = [subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])]
            if os.fork() == 0:
                time.sleep(600)
            for i in range(9):
                with multiprocessing.get_context("{method}").Pool(1) as pool:
                    print(pool.map(abs, [-i]))
        """
    execution, printed = cut(text, 7, passes=2, environment={"MARKER": marker})
    assert execution.fault is None
    assert execution.cut is Cut.PASSES
    assert printed == ["[0]", "[1]"]
    assert alive(marker) == []


def test_a_forked_child_goes_through_its_own_passes(cut):
    text = """
        import os
        def work():
            for i in range(5):
                print(i, flush=True)
        if os.fork() == 0:
            work()
            os._exit(0)
        os.wait()
        work()
        """
    execution, printed = cut(text, 4, passes=2)
    assert printed == ["0", "1", "2", "3", "4", "0", "1"]
    assert execution.cut is Cut.PASSES


@pytest.mark.parametrize(
    "text",
    [
        """
        import time
        for i in range(10**9):
            try:
                for step in range(10**9):
                    print(i)
                    time.sleep(0.01)
            except BaseException:
                pass
        """,
        """
        import time
        def steps():
            step = 0
            while True:
                yield step
        for step in iter(int, 1):
            try:
                for step in steps():
                    time.sleep(0.01)
                    print(0)
            except:
                continue
        """,
    ],
)
def test_a_program_that_catches_the_exception_is_ended_all_the_same(cut, monkeypatch, text):
    monkeypatch.setattr(supervisor, "_GOES_ON_SECONDS", 0.3)
    line = next(
        number
        for number, each in enumerate(text.splitlines(), 1)
        if "for step in " in each and "iter" not in each
    )
    execution, printed = cut(text, line, passes=3)
    assert execution.fault is None
    assert execution.cut is Cut.PASSES
    assert execution.was_forced
    assert execution.iterations == (3,)
    assert printed == ["0"] * 3


def test_a_program_that_goes_on_elsewhere_is_ended_all_the_same(cut, monkeypatch):
    monkeypatch.setattr(supervisor, "_CLEAN_UP_SECONDS", 0.5)
    text = """
        import time
        try:
            for i in range(9):
                print(i)
        except SystemExit:
            time.sleep(600)
        """
    execution, printed = cut(text, 4, passes=3)
    assert execution.fault is None
    assert (execution.cut, execution.was_forced) == (Cut.PASSES, True)
    assert printed == ["0", "1", "2"]


def test_what_the_program_makes_of_the_exception_is_no_fault(cut):
    text = """
        import sys
        try:
            for i in range(9):
                pass
        except BaseException as error:
            raise ValueError("stopped") from error
        """
    execution, _ = cut(text, 4, passes=3)
    assert execution.exit_status == 1
    assert "stopped" in execution.error_tail
    assert execution.fault is None


def test_what_fails_before_the_last_pass_is_a_fault(cut):
    execution, _ = cut("for i in range(9):\n    1 / (i - 1)\n", 1, passes=3)
    assert execution.cut is None
    assert "ZeroDivisionError" in execution.fault.message


@pytest.mark.parametrize(
    "start",
    [
        "thread = threading.Thread(target=train)\nthread.start()\ngo.set()\nthread.join()\n",
        "future = concurrent.futures.ThreadPoolExecutor().submit(train)\ngo.set()\nfuture.result()\n",
        "threading.Thread(target=train).start()\ngo.set()\ntime.sleep(600)\n",
    ],
)
def test_a_loop_in_a_thread_ends_the_program(cut, start):
    # The main thread must be past starting the other: interrupted within, the pool would never end by itself.
    text = "import concurrent.futures, threading, time\ngo = threading.Event()\n"
    text += "def train():\n    go.wait()\n    for i in range(10**9):\n        print(i)\n"
    execution, printed = cut(text + start, 5, passes=2)
    assert execution.fault is None, execution.error_tail
    assert (execution.cut, execution.was_forced) == (Cut.PASSES, False)
    assert printed == ["0", "1"]


def test_the_first_of_several_loops_that_makes_so_many_passes_ends_it(cut):
    marks = []
    text = """
        for i in range(2):
            pass
        for j in range(9):
            for k in range(9):
                print(j, k)
        """
    execution, printed = cut(
        text, 2, 4, FlaggedLoop("script.py", 5, is_counted=False), passes=3, on_pass=marks.append
    )
    assert execution.cut_loop.loop == 1
    assert execution.iterations == (2, 3, 27)
    assert printed[-2:] == ["2", "8"]
    assert [(mark.loop, mark.iteration) for mark in marks] == [(0, 0), (0, 1), (1, 0), (1, 1)]
    assert tuple(marks[2:]) == execution.cut_loop.marks
    assert marks[2].seconds <= marks[3].seconds <= execution.body_wall_seconds
    assert marks[2].cpu_seconds <= marks[3].cpu_seconds <= execution.cpu_seconds


def test_the_first_two_tops_and_the_last_are_recorded_however_short_the_passes(cut):
    execution, _ = cut("for i in range(10**9):\n    pass\n", 1, passes=5000)
    recorded = [tick.iteration for tick in execution.ticks]
    assert recorded[:2] == [0, 1]
    assert recorded[-1] == 5000


# -- how many passes there are


@pytest.mark.parametrize(
    ("loop", "length"),
    [
        ("for x in range(10): pass", 10),
        ("for i, x in enumerate([1, 2, 3], start=1): pass", 3),
        ("for x in reversed(sorted(list('abcd'))): pass", 4),
        ("for a, b in zip(range(7), 'abcde'): pass", 5),
        ("for a, b in zip(range(7), (x for x in 'abcde')): pass", None),
        ("for x in tqdm(range(6), desc='folds'): pass", 6),
        ("for x in tqdm.tqdm(enumerate(range(6))): pass", 6),
        ("for a, b in splitter.split([1, 2]): pass", 8),
        ("for i, (a, b) in enumerate(splitter.split([1, 2])): pass", 8),
        ("for x in 'a b c d'.split(): pass", 4),
        ("for x in needy.split([1, 2]): pass", None),
        ("for x in {'a': 1, 'b': 2, 'c': 3}.items(): pass", 3),
        ("for x in (x for x in range(9)): pass", None),
        ("for x in iter([1, 2, 3]): pass", 3),
        ("for x in Odd(): pass", None),
        ("for x in itertools.product(range(3), range(2)): pass", None),
        ("[x for x in range(5)]", 5),
        ("[x for x in range(5) if x > -1]", None),
        ("[x for x in range(5) for y in range(2)]", None),
        ("i = 0\nwhile i < 9: i += 1", None),
        ("async def go():\n    async for x in numbers(): pass\nasyncio.run(go())", None),
        ("for x in range(*(3, 9)): pass", 6),
        ("for x in enumerate(*[range(4)]): pass", None),
    ],
)
def test_the_passes_of_the_whole_program_are_told_where_that_is_possible(cut, loop, length):
    text = textwrap.dedent(
        """
        import asyncio, itertools
        class Splitter:
            def get_n_splits(self): return 8
            def split(self, data): yield from [(data, data)] * 8
        class Needy(Splitter):
            def get_n_splits(self, X): return 8
        class Odd:
            def __len__(self): raise RuntimeError("not known")
            def __iter__(self): return iter(range(9))
        class tqdm:
            def __init__(self, over, desc=None): self.over = over
            def __iter__(self): return iter(self.over)
        tqdm.tqdm = tqdm
        async def numbers():
            for x in range(9): yield x
        splitter, needy = Splitter(), Needy()
        """
    )
    line = text.count("\n") + 1 + sum(each in loop for each in ("while", "async def"))
    execution, _ = cut(f"{text}{loop}\n", line, passes=2)
    assert execution.fault is None, execution.error_tail
    assert execution.cut is Cut.PASSES
    assert execution.cut_loop.length == length


def test_a_second_entry_of_a_loop_does_not_change_its_length(cut):
    text = "for n in (3, 5):\n    for i in range(n):\n        pass\n"
    execution, _ = cut(text, FlaggedLoop("script.py", 1, is_counted=False), 2, passes=5)
    assert execution.cut_loop.length == 3
    assert execution.iterations == (2, 5)


# -- when its time is over


def test_a_loop_ends_at_the_first_pass_after_its_time(cut):
    text = """
        import time
        for i in range(10**9):
            time.sleep(0.05)
            print(i)
        """
    execution, printed = cut(text, 3, body_seconds=0.3)
    assert execution.fault is None, execution.error_tail
    assert (execution.cut, execution.was_forced, execution.exit_status) == (Cut.SECONDS, False, 0)
    assert execution.cut_loop.count == execution.iterations[0] == len(printed)
    assert execution.body_wall_seconds >= 0.3


@pytest.mark.parametrize(
    "text",
    [
        "import time\nwhile True:\n    time.sleep(0.01)\n",
        "import time\ntime.sleep(600)\n",
        "import threading\nthreading.Event().wait()\n",
        "while True:\n    pass\n",
    ],
)
def test_a_program_without_counted_loops_ends_when_its_time_is_over(cut, text):
    execution, _ = cut(f"import atexit\natexit.register(print, 'end')\n{text}", body_seconds=0.2)
    assert execution.fault is None, execution.error_tail
    assert (execution.cut, execution.was_forced, execution.exit_status) == (Cut.SECONDS, False, 0)
    assert execution.cut_loop is None
    assert (execution.output.size_bytes, execution.error_tail) == (4, "")


def test_a_pass_that_does_not_end_is_cut_within(cut, monkeypatch):
    monkeypatch.setattr(supervisor, "_LEAST_PATIENCE_SECONDS", 0.1)
    execution, _ = cut("import time\nfor i in range(9):\n    time.sleep(600)\n", 2, body_seconds=0.2)
    assert (execution.cut, execution.was_forced) == (Cut.SECONDS, False)
    assert execution.cut_loop is None
    assert execution.iterations == (1,)


@linux_only
def test_a_program_that_hears_no_signals_is_ended_all_the_same(cut, monkeypatch):
    monkeypatch.setattr(supervisor, "_LEAST_PATIENCE_SECONDS", 0.1)
    monkeypatch.setattr(supervisor, "_CLEAN_UP_SECONDS", 0.2)
    text = """
        import signal, time
        signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        while True:
            time.sleep(1)
        """
    execution, _ = cut(text, body_seconds=0.1)
    assert execution.fault is None
    assert (execution.cut, execution.was_forced) == (Cut.SECONDS, True)
    assert execution.body_wall_seconds is None


def test_a_program_that_ends_before_its_time_is_not_cut(cut):
    execution, printed = cut("for i in range(3):\n    print(i)\n", 1, body_seconds=30)
    assert execution.cut is None
    assert printed == ["0", "1", "2"]
