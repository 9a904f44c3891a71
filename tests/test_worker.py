"""The worker and its supervisor: children that end well, badly or not at all; long, as each is its own."""

import ast
import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
import textwrap
import time
import types

import pytest

from leakscan.errors import LeakscanError
from leakscan.validation import counters, counting, marking, worker
from leakscan.validation.executions import FlaggedLoop, Launch, Limits, Phase, Program, ProgramKind
from leakscan.validation.measurements import Cause
from leakscan.validation.streams import printed_numbers
from leakscan.validation.supervisor import supervise

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="rests on /proc and prctl")


@pytest.fixture
def run(tmp_path):
    """Run a script, given as text, in a folder of its own."""

    def run(text, *arguments, loops=(), limits=Limits(timeout_seconds=60), on_phase_end=None, **fields):  # noqa: B008
        (tmp_path / "script.py").write_text(textwrap.dedent(text))
        flagged = tuple(
            loop if isinstance(loop, FlaggedLoop) else FlaggedLoop("script.py", loop) for loop in loops
        )
        program = fields.pop("program", Program(ProgramKind.SCRIPT, "script.py", arguments))
        launch = Launch(
            **{
                "python": sys.executable,
                "program": program,
                "directory": str(tmp_path),
                "loops": flagged,
                **fields,
            }
        )
        return supervise(launch, limits, on_phase_end or (lambda *_: None))

    return run


def alive(marker):
    """Processes whose command line or environment mentions `marker`."""
    found = []
    for entry in os.listdir("/proc"):
        if entry.isdigit() and int(entry) != os.getpid():
            try:
                with open(f"/proc/{entry}/environ", "rb") as file:
                    if marker.encode() in file.read() and worker.stat_fields(int(entry))[0] != "Z":
                        found.append(int(entry))
            except (OSError, TypeError):
                continue
    return found


def wait_until(condition, seconds=300):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


# -- programs that end well


def test_a_script_runs_as_python_would_run_it(run, tmp_path):
    execution = run(
        """
        import sys, json
        main = sys.modules["__main__"].__dict__
        print(json.dumps([__name__, __file__, sys.argv, sys.path[0], main is globals()]))
        """,
        "--steps",
        "3",
        stdout_path=str(tmp_path / "out.txt"),
    )
    assert execution.fault is None
    assert execution.exit_status == 0
    assert json.loads((tmp_path / "out.txt").read_text()) == [
        "__main__",
        str(tmp_path / "script.py"),
        ["script.py", "--steps", "3"],
        str(tmp_path),
        True,
    ]


def test_a_module_runs_as_python_m_would_run_it(run, tmp_path):
    package = tmp_path / "package"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "helper.py").write_text("value = 42\n")
    (package / "train.py").write_text(
        "import sys\nfrom .helper import value\n"
        "for i in range(3):\n    pass\n"
        "print(__name__, value, sys.argv[1:], __spec__.name)\n"
    )
    execution = run(
        "",
        program=Program(ProgramKind.MODULE, "package.train", ("-x",)),
        loops=[FlaggedLoop("package/train.py", 3)],
        stdout_path=str(tmp_path / "out.txt"),
    )
    assert execution.fault is None
    assert (tmp_path / "out.txt").read_text() == "__main__ 42 ['-x'] package.train\n"
    assert execution.iterations == (3,)


def test_a_command_has_a_process_and_no_body(run, tmp_path):
    phases = []
    execution = run(
        "",
        program=Program(ProgramKind.COMMAND, "sh", ("-c", "echo 7; sleep 0.05")),
        on_phase_end=lambda phase, _: phases.append(phase),
    )
    assert execution.fault is None
    assert execution.output.numbers == ("7",)
    assert execution.body_wall_seconds is None
    assert phases == [Phase.END]


def test_a_command_that_does_not_exist_fails_by_name(run):
    execution = run("", program=Program(ProgramKind.COMMAND, "no-such-command"))
    assert execution.fault.cause is Cause.FAILED
    assert "no-such-command: No such file" in execution.fault.message


def test_an_interpreter_that_does_not_exist_is_an_error(run):
    with pytest.raises(LeakscanError, match="no-such-python: No such file"):
        run("", python="/no-such-python")


def test_modules_of_the_standard_library_are_not_hidden_by_the_worker_s_neighbours(run):
    execution = run("import statistics; assert hasattr(statistics, 'mean'), statistics.__file__")
    assert execution.fault is None, execution.error_tail


def test_the_body_is_timed_without_what_comes_before_and_after(run):
    ends = {}
    execution = run(
        """
        import atexit, time
        def burn(seconds):
            end = time.process_time() + seconds
            while time.process_time() < end:
                pass
        atexit.register(burn, 0.4)
        burn(0.2)
        """,
        on_phase_end=ends.__setitem__,
    )
    assert list(ends) == [Phase.PREPARE, Phase.BODY, Phase.END]
    body = ends[Phase.BODY] - ends[Phase.PREPARE]
    assert 0.19 < body < 0.39  # CPU time, burnt by the clock that measures it
    assert ends[Phase.END] - ends[Phase.BODY] > 0.39
    assert execution.cpu_seconds == ends[Phase.END]


@linux_only
def test_cpu_time_and_memory_of_child_processes_belong_to_the_program(run):
    ends = {}
    execution = run(
        """
        import subprocess, sys
        burn = '''
        import time
        kept = bytearray(80_000_000)
        end = time.process_time() + 0.4
        while time.process_time() < end: pass
        time.sleep(0.6)
        '''
        code = "\\n".join(line.strip() for line in burn.splitlines())
        children = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(2)]
        for child in children:
            child.wait()
        """,
        on_phase_end=ends.__setitem__,
    )
    assert execution.fault is None, execution.error_tail
    assert ends[Phase.BODY] - ends[Phase.PREPARE] > 0.79
    assert execution.peak_rss_bytes > 160_000_000


@linux_only
def test_peak_memory_is_the_program_s_own_and_not_inherited_from_a_large_parent(run):
    ballast = bytearray(os.urandom(1 << 20) * 300)
    execution = run("kept = bytearray(50_000_000)")
    assert 50_000_000 < execution.peak_rss_bytes < 150_000_000
    assert len(ballast) > 300_000_000


def test_versions_are_the_child_s(run):
    versions = {each.package: each.version for each in run("").versions}
    assert versions == {"python": ".".join(str(part) for part in sys.version_info[:3])}


def test_generators_are_seeded_alike_in_each_run(run):
    text = "import random; print(random.random())"
    first, second, other = (run(text, seed=seed).output for seed in (1, 1, 2))
    assert first == second
    assert first.digest != other.digest


# -- iterations


def ticks_of(execution, loop=0):
    return [tick for tick in execution.ticks if tick.loop == loop]


@pytest.mark.parametrize(
    ("text", "line", "count"),
    [
        ("for i in range(5):\n    pass\n", 1, 5),
        ("i = 0\nwhile i < 4:\n    i += 1\n", 2, 4),
        ("x = [i for i in range(6)]\nassert x == list(range(6))\n", 1, 6),
        ("x = {i for i in range(6)}\nassert x == set(range(6))\n", 1, 6),
        ("x = {i: -i for i in range(6) if i}\nassert x[2] == -2\n", 1, 5),
        ("x = sum(i for i in range(6))\nassert x == 15\n", 1, 6),
        (
            'def objective(trial):\n    "doc"\n    return objective.__doc__\nassert objective(1) == "doc"\n',
            1,
            1,
        ),
        ("f = lambda x: x + 1\nassert [f(1), f(2)] == [2, 3]\n", 1, 2),
        ("for i in range(2):\n    for j in range(3):\n        pass\n", 2, 6),
        ("for i in range(9):\n    if i == 2: continue\n    if i == 4: break\n", 1, 5),
        (
            (
                "import asyncio\nasync def numbers():\n    for i in range(3):\n        yield i\n"
                "async def main():\n    async for i in numbers():\n        pass\nasyncio.run(main())\n"
            ),
            6,
            3,
        ),
        (
            "class A:\n    def go(self):\n        for i in range(3):\n            pass\nA().go(); A().go()\n",
            3,
            6,
        ),
    ],
)
def test_every_iteration_is_counted(run, text, line, count):
    execution = run(text, loops=[line])
    assert execution.fault is None, execution.error_tail
    assert execution.iterations == (count,)
    assert ticks_of(execution)[0].iteration == 0


def test_iterations_that_take_a_while_are_all_recorded(run):
    # The clock by which the worker tells what a record costs is set to "nothing", on any machine.
    execution = run(
        """
        import time
        time.thread_time = lambda: 0.0
        kept = []
        for step in range(12):
            kept.append(bytearray(3_000_000))
            time.sleep(0.02)
        """,
        loops=[5],
    )
    ticks = ticks_of(execution)
    assert [tick.iteration for tick in ticks] == list(range(12))
    assert all(a.seconds < b.seconds for a, b in itertools.pairwise(ticks))
    assert all(a.cpu_seconds <= b.cpu_seconds for a, b in itertools.pairwise(ticks))
    if sys.platform == "linux":
        growth = (ticks[-1].rss_bytes - ticks[0].rss_bytes) / 11
        assert growth == pytest.approx(3_000_000, rel=0.1)


class Clock:
    """Time that stands still except when told to go on; each second reading of `thread_time` is later."""

    def __init__(self, cost):
        self.now, self.cost, self.readings = 100.0, cost, 0

    def perf_counter(self):
        return self.now

    def thread_time(self):
        self.readings += 1
        return self.readings // 2 * self.cost


@pytest.mark.parametrize(
    ("cost", "length", "recorded"),
    [
        (1e-3, 0.151, 100),  # 150 times the cost
        (1e-3, 0.0151, 10),
        (1e-2, 0.0151, 1),
        (1e-5, 0.00151, 100),
        (0.0, 1e-6, 100),  # and at least 1/512 of what has passed: 100 is less than 512
    ],
)
def test_an_iteration_is_recorded_when_150_costs_of_a_record_have_passed(
    monkeypatch, tmp_path, cost, length, recorded
):
    clock = Clock(cost)
    monkeypatch.setattr(counting, "time", clock)
    with open(tmp_path / "events", "wb") as events:
        ticker = counting.Ticker(0, counting.Channel(events.fileno(), ""), lambda: (clock.now, 0.0))
        for _ in range(100):
            ticker.tick()
            clock.now += length
        ticker.flush()
    assert ticker.iterations == 100
    assert len((tmp_path / "events").read_text().splitlines()) == recorded


def test_short_iterations_are_counted_and_thinned_out(run):
    execution = run("for i in range(300_000):\n    pass\n", loops=[1])
    assert execution.iterations == (300_000,)
    assert 2 <= len(ticks_of(execution)) < 3000


def test_a_loop_in_an_imported_module_is_counted_despite_cached_bytecode(run, tmp_path):
    (tmp_path / "training.py").write_text("def train(n):\n    for epoch in range(n):\n        pass\n")
    text = "import training\ntraining.train(7)\n"
    assert run(text, environment={"PYTHONDONTWRITEBYTECODE": ""}).fault is None  # leaves __pycache__ behind
    assert any((tmp_path / "__pycache__").iterdir())
    source = (tmp_path / "training.py").read_bytes()
    loops = [FlaggedLoop("training.py", 2), FlaggedLoop("script.py", 3)]
    execution = run(text + "for i in range(2): pass\n", loops=loops)
    assert execution.iterations == (7, 2)
    assert (tmp_path / "training.py").read_bytes() == source
    assert run("import training\ntraining.train(1)\n").fault is None  # and none with marks in it


def test_two_loops_on_one_line_are_told_apart_by_column(run):
    text = "x = [[j for j in range(3)] for i in range(2)]\n"
    execution = run(text, loops=[FlaggedLoop("script.py", 1, 4), FlaggedLoop("script.py", 1, 5)])
    assert execution.iterations == (2, 6)


def test_tracebacks_show_the_user_s_lines_alone(run):
    execution = run("for i in range(3):\n    if i == 2:\n        raise ValueError('third')\n", loops=[1])
    assert execution.fault.cause is Cause.FAILED
    assert execution.fault.message == "ended with exit status 1: ValueError: third"
    assert 'script.py", line 3' in execution.error_tail
    assert "worker.py" not in execution.error_tail
    assert execution.iterations == (3,)


def test_a_loop_that_is_not_there_is_said(run):
    execution = run("pass\n", loops=[1])
    assert execution.fault.cause is Cause.FAILED
    assert "no loop at line 1 of script.py" in execution.fault.message


def test_forked_children_do_not_count(run):
    execution = run(
        """
        import os
        def work():
            for i in range(10):
                pass
        work()
        if os.fork() == 0:
            work()
            os._exit(0)
        os.wait()
        """,
        loops=[4],
    )
    assert execution.fault is None
    assert execution.iterations == (10,)


def test_marked_code_means_what_the_source_means():
    source = textwrap.dedent(
        """
        from __future__ import annotations
        def gen():
            'doc'
            yield from (x for x in range(3))
        out = []
        for i in range(3):
            'not a docstring'
            out.append([i for _ in range(i)])
        else:
            out.append('else')
        """
    ).encode()
    calls = []
    marks = marking.Marks({"line": line, "name": "t"} for line in (3, 7, 9))
    namespace = {"t": lambda: calls.append(1)}
    exec(marking.compile_marked(source, "f.py", marks), namespace)
    plain = {}
    exec(compile(source, "f.py", "exec"), plain)
    assert namespace["out"] == plain["out"] == [[], [1], [2, 2], "else"]
    assert list(namespace["gen"]()) == list(plain["gen"]()) == [0, 1, 2]
    assert namespace["gen"].__doc__ == "doc"
    assert len(calls) == 3 + 3 + 1


# -- where the body begins

STAND_IN = """
import os, time
device = os.environ.get("CUDA_VISIBLE_DEVICES")
backend = os.environ.get("KERAS_BACKEND")
end = time.process_time() + 0.2
while time.process_time() < end:
    pass
"""


@pytest.fixture
def stand_in(tmp_path, monkeypatch):
    """Packages in place of the frameworks: they keep what they see of the environment, and cost 0.2 s."""
    for name in ("tensorflow", "keras"):
        (tmp_path / "frameworks" / name).mkdir(parents=True)
        (tmp_path / "frameworks" / name / "__init__.py").write_text(STAND_IN)
    (tmp_path / "frameworks" / "keras" / "layers.py").write_text("")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "frameworks"))
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.delenv("KERAS_BACKEND", raising=False)


@pytest.fixture
def observe(run, stand_in, tmp_path):
    """Run a script; what it printed, and the CPU seconds of its body (None: it had none)."""

    def observe(text, **fields):
        ends = {}
        execution = run(text, stdout_path=str(tmp_path / "out.txt"), on_phase_end=ends.__setitem__, **fields)
        assert execution.fault is None, execution.error_tail
        body = ends[Phase.BODY] - ends[Phase.PREPARE] if Phase.BODY in ends else None
        assert (body is None) == (execution.body_wall_seconds is None)
        return (tmp_path / "out.txt").read_text().split(), body

    return observe


def imports_are_outside(body):
    return body < 0.15  # an import of the stand-in takes 0.2 s of CPU time


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("if 0:\n    os.environ['CUDA_VISIBLE_DEVICES'] = '-1'\nimport tensorflow", "None"),
        ("def cpu_only():\n    os.environ['CUDA_VISIBLE_DEVICES'] = '-1'\nimport tensorflow", "None"),
        ("import tensorflow\nos.environ['CUDA_VISIBLE_DEVICES'] = '-1'", "None"),
        ("class Cpu:\n    def __init__(self):\n        os.putenv('A', 'b')\nimport tensorflow", "None"),
        (
            (
                "try:\n    1 / 0\n    os.environ['CUDA_VISIBLE_DEVICES'] = '9'\n"
                "except ZeroDivisionError:\n    os.environ['CUDA_VISIBLE_DEVICES'] = '1'\nimport tensorflow"
            ),
            "1",
        ),
        ("os.environ['CUDA_VISIBLE_DEVICES'] = str(3 - 1)\nimport tensorflow", "2"),
        ("os.environ.update(CUDA_VISIBLE_DEVICES='4')\nimport tensorflow", "4"),
        ("for each in ('CUDA_VISIBLE_DEVICES',):\n    os.environ[each] = '5'\nimport tensorflow", "5"),
        ("import settings\nimport tensorflow", "6"),
        ("import tensorflow\nimport settings", "None"),
    ],
)
def test_variables_are_set_by_the_program_alone_and_when_it_does(observe, tmp_path, text, seen):
    (tmp_path / "settings.py").write_text("import os\nos.environ['CUDA_VISIBLE_DEVICES'] = '6'\n")
    printed, body = observe(f"import os\n{text}\nprint(tensorflow.device)\n")
    assert printed == [seen]
    assert imports_are_outside(body)


def test_a_variable_between_two_imports_is_seen_by_the_second_alone(observe):
    text = "import os, tensorflow\nos.environ['KERAS_BACKEND'] = 'jax'\nimport keras\n"
    printed, body = observe(f"{text}print(tensorflow.backend, keras.backend)\n")
    assert printed == ["None", "jax"]
    assert imports_are_outside(body)


@pytest.mark.parametrize(
    "text",
    [
        "from __future__ import annotations\nimport tensorflow as tf\n",
        "import models\n",
        "from lib import helper\n",
        "try:\n    import tf_keras as keras\nexcept ImportError:\n    import keras\n",
        "import tensorflow\nprint('settings')\ntensorflow.device = 1\nfrom keras import layers\n",
        "if __name__ == '__main__':\n    import keras\n    burn()\n",
        "def main():\n    import tensorflow\n    burn()\nmain()\n",
        "def main():\n    import lib.lazy\n    lib.lazy.work()\n    burn()\nmain()\n",
        "import importlib\ntf = importlib.import_module('tensorflow')\n",
    ],
)
def test_the_body_begins_when_the_imports_are_over(observe, tmp_path, text):
    (tmp_path / "models.py").write_text("from layers import x\n")
    (tmp_path / "layers.py").write_text("import keras\nx = 1\n")
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "__init__.py").write_text("")
    (tmp_path / "lib" / "helper.py").write_text("from . import base\n")
    (tmp_path / "lib" / "base.py").write_text("import tensorflow\n")
    (tmp_path / "lib" / "lazy.py").write_text("def work():\n    import tensorflow, keras.layers\n")
    future = "from __future__ import annotations\n" if "__future__" in text else ""
    burn = "def burn():\n    import time\n    end = time.process_time() + 0.1\n"
    burn += "    while time.process_time() < end:\n        pass\n"
    call = "" if "burn" in text else "burn()\n"
    _, body = observe(future + burn + text.replace(future, "") + call)
    # `lib.lazy` imports a second framework in its function, after the first.
    assert 0.09 < body < (0.35 if "lazy" in text else 0.2)


def test_what_computes_between_two_imports_belongs_to_the_body(observe):
    _, body = observe("import tensorflow\nfor i in range(3):\n    pass\nimport keras\n")
    assert body > 0.19


def test_a_flagged_loop_that_comes_first_begins_the_body(observe):
    _, body = observe("for i in range(3):\n    pass\nimport tensorflow\n", loops=[1])
    assert body > 0.19


def test_a_program_that_never_imports_its_framework_has_no_body(observe):
    printed, body = observe("import sys\nif 'x' in sys.argv:\n    import keras\n    keras.fit()\nprint(1)\n")
    assert printed == ["1"]
    assert body is None


def test_type_checking_is_no_import(observe):
    text = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import keras\n"
    _, body = observe(text + "def main():\n    import tensorflow\nmain()\n")
    assert imports_are_outside(body)


def test_children_that_import_the_framework_do_not_begin_the_body(observe):
    text = """
        import os, sys
        def work():
            import tensorflow
        if os.fork() == 0:
            work()
            os._exit(0)
        os.wait()
        print("tensorflow" in sys.modules)
        """
    printed, body = observe(text)
    assert printed == ["False"]
    assert body is None


@pytest.mark.parametrize(
    ("package", "module", "is_outside"),
    [
        ("", "import tensorflow\n", True),
        ("import tensorflow\n", "", True),
        ("", "def main():\n    import tensorflow\nmain()\n", True),
        ("", "", True),
    ],
)
def test_the_body_of_a_module_begins_after_its_imports_too(observe, tmp_path, package, module, is_outside):
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "__init__.py").write_text(package)
    (tmp_path / "package" / "__main__.py").write_text(
        f"{module}print(__name__, __file__.rpartition('/')[2])\n"
    )
    printed, body = observe("", program=Program(ProgramKind.MODULE, "package"))
    assert printed == ["__main__", "__main__.py"]
    assert imports_are_outside(body) is is_outside


@pytest.mark.parametrize("import_line", ["import tensorflow", "def f():\n    import tensorflow\nf()"])
def test_a_program_that_fails_before_its_body_fails_like_any_other(run, stand_in, import_line):
    execution = run(f"raise SystemExit('no data found')\n{import_line}\n")
    assert execution.fault.cause is Cause.FAILED
    assert execution.fault.message == "ended with exit status 1: no data found"
    assert execution.body_wall_seconds is None


def test_a_framework_that_cannot_be_imported_shows_the_program_s_traceback_alone(run, tmp_path, stand_in):
    (tmp_path / "frameworks" / "tensorflow" / "__init__.py").write_text("import no_such_module\n")
    for text in ("import tensorflow\n", "def f():\n    import tensorflow\nf()\n"):
        execution = run(text)
        plain = subprocess.run(
            [sys.executable, "script.py"], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert execution.error_tail == plain.stderr.strip()
        assert execution.fault.message == (
            "ended with exit status 1: ModuleNotFoundError: No module named 'no_such_module'"
        )


def test_the_program_sees_its_modules_as_without_a_worker(run, tmp_path, stand_in):
    text = """
        import sys, importlib.util
        before = sorted(set(sys.modules) & {"tensorflow", "numpy", "keras"})
        found = type(importlib.util.find_spec("tensorflow").loader).__name__
        def f():
            import tensorflow
            return tensorflow
        module = f()
        print(before, found, type(module.__loader__).__name__, module.__spec__.loader is module.__loader__)
        print(sorted(vars(module)), len(sys.meta_path))
        """
    run(text, stdout_path=str(tmp_path / "out.txt"), seed=1)
    plain = subprocess.run(
        [sys.executable, "script.py"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert (tmp_path / "out.txt").read_text() == plain.stdout


def test_seeds_of_the_program_s_own_are_not_overridden(run, tmp_path):
    (tmp_path / "numpy" / "random").mkdir(parents=True)
    (tmp_path / "numpy" / "__init__.py").write_text("from . import random\n")
    (tmp_path / "numpy" / "random" / "__init__.py").write_text("seeds = []\nseed = seeds.append\n")
    (tmp_path / "tensorflow").mkdir()
    (tmp_path / "tensorflow" / "__init__.py").write_text(
        "import types, numpy\nseeds = []\nrandom = types.SimpleNamespace(set_seed=seeds.append)\n"
    )
    text = """
        import random
        first = random.random()
        import numpy
        numpy.random.seed(7)
        import tensorflow
        tensorflow.random.set_seed(8)
        random.seed(1)
        print(numpy.random.seeds, tensorflow.seeds, first == random.random())
        """
    run(text, stdout_path=str(tmp_path / "out.txt"), seed=1)
    assert (tmp_path / "out.txt").read_text() == "[1, 7] [1, 8] True\n"


def test_frameworks_are_found_through_the_project_s_own_modules(tmp_path):
    for name, text in {
        "script": "import models, json\n'import tensorflow'\n",
        "models": "def build():\n    from layers import x\n",
        "layers": "from models import build\nimport keras\n",
    }.items():
        (tmp_path / f"{name}.py").write_text(text)
    script = str(tmp_path / "script.py")
    project = marking.Project([str(tmp_path)])
    assert project.frameworks([script], at_import=False) == ["keras"]
    assert project.frameworks([script], at_import=True) == []
    assert project.ready_places(script) == []


# -- programs that end badly


def test_a_nonzero_exit_is_a_failure_with_its_last_words(run):
    execution = run("import sys; sys.exit('no data found')")
    assert execution.exit_status == 1
    assert execution.fault.cause is Cause.FAILED
    assert execution.fault.message == "ended with exit status 1: no data found"


def test_exit_codes_of_sys_exit_are_kept(run):
    assert run("import sys; sys.exit(7)").exit_status == 7
    assert run("import sys; sys.exit(0)").fault is None
    assert run("import sys; sys.exit(None)").fault is None


def test_a_syntax_error_is_the_program_s_failure(run):
    execution = run("for\n")
    assert execution.fault.cause is Cause.FAILED
    assert "SyntaxError" in execution.fault.message


def test_a_program_that_hangs_is_stopped(run):
    execution = run("import time\ntime.sleep(600)", limits=Limits(timeout_seconds=1))
    assert execution.fault.cause is Cause.TIMEOUT
    assert "1 s" in execution.fault.message


def test_a_program_that_ignores_signals_is_stopped(run):
    execution = run(
        """
        import signal, time
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        while True:
            time.sleep(1)
        """,
        limits=Limits(timeout_seconds=1),
    )
    assert execution.fault.cause is Cause.TIMEOUT


def test_a_crash_names_its_signal(run):
    execution = run("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")
    assert execution.fault.cause is Cause.KILLED
    assert "SIGSEGV" in execution.fault.message
    assert execution.exit_status == -signal.SIGSEGV


@linux_only
def test_a_program_that_eats_memory_is_stopped(run):
    execution = run(
        """
        import time
        kept = []
        while True:
            kept.append(bytearray(8_000_000))
            time.sleep(0.01)
        """,
        limits=Limits(timeout_seconds=60, memory_bytes=200_000_000),
    )
    assert execution.fault.cause is Cause.MEMORY
    assert "limit 191 MiB" in execution.fault.message


@linux_only
def test_a_small_fork_bomb_is_stopped_and_leaves_nothing(run):
    execution = run(
        """
        import os, time
        for _ in range(6):
            os.fork()
        time.sleep(600)
        """,
        limits=Limits(timeout_seconds=30, processes=20),
        environment={"MARKER": "leakscan-test-bomb"},
    )
    assert execution.fault.cause is Cause.PROCESSES
    assert "limit 20" in execution.fault.message
    assert alive("leakscan-test-bomb") == []


@linux_only
def test_processes_that_detach_are_ended_with_the_program_and_counted(run):
    execution = run(
        """
        import os, time
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                time.sleep(600)
            os._exit(0)
        """,
        environment={"MARKER": "leakscan-test-daemon"},
    )
    assert execution.fault is None
    assert execution.leftover_processes == 1
    assert alive("leakscan-test-daemon") == []


def test_a_gigabyte_of_output_fills_neither_memory_nor_disk(run, tmp_path):
    limits = Limits(timeout_seconds=120, output_bytes=10_000)
    execution = run(
        """
        import os
        print("first 1", flush=True)
        block = b"x" * (1 << 20)
        for _ in range(1024):
            os.write(1, block)
        print("\\nlast 2", flush=True)
        """,
        limits=limits,
        stdout_path=str(tmp_path / "out.txt"),
    )
    assert execution.fault is None
    assert execution.output.size_bytes == (1 << 30) + len("first 1\n\nlast 2\n")
    assert not execution.output.kept_all
    assert execution.output.numbers == ("1", "2")
    text = (tmp_path / "out.txt").read_text()
    assert len(text) < 25_000
    assert text.startswith("first 1\n")
    assert text.endswith("last 2\n")
    assert "bytes left out" in text


def test_both_streams_at_once_do_not_block_the_program(run):
    execution = run(
        """
        import sys
        for _ in range(200):
            sys.stdout.write("o" * 10_000)
            sys.stderr.write("e" * 10_000)
        """
    )
    assert execution.fault is None
    assert execution.output.size_bytes == 2_000_000


def test_a_program_that_closes_all_descriptors_is_recognised(run, tmp_path):
    execution = run(
        """
        import os
        os.closerange(0, 4096)
        with open("own.txt", "w") as file:
            first = os.dup(file.fileno())
            for _ in range(400):  # whatever number the worker had is the program's now
                os.dup(first)
            for i in range(50):
                file.write("mine\\n")
        """,
        loops=[8],
    )
    assert execution.fault.cause is Cause.UNFINISHED
    assert execution.exit_status == 0
    assert (tmp_path / "own.txt").read_text() == "mine\n" * 50


def test_a_program_that_leaves_by_os_exit_is_recognised(run):
    execution = run("import os; os._exit(0)")
    assert execution.fault.cause is Cause.UNFINISHED


def test_a_program_that_closes_its_output_runs_on(run):
    execution = run("import os\nos.close(1); os.close(2)\nfor i in range(4): pass\n", loops=[3])
    assert execution.iterations == (4,)


def test_garbage_on_the_report_descriptor_is_not_an_event(run):
    execution = run(
        """
        import os
        for number in range(3, 400):
            try:
                os.write(number, b'{"event": "exit"}\\nnot json\\n[1]\\n')
            except OSError:
                pass
        """
    )
    assert execution.exit_status == 0


def test_an_exception_in_the_parent_ends_the_child(run):
    class Stop(Exception):  # noqa: N818
        pass

    def stop(phase, _):
        raise Stop

    with pytest.raises(Stop):
        run("import time\ntime.sleep(600)", on_phase_end=stop, environment={"MARKER": "leakscan-test-stop"})
    if sys.platform == "linux":
        assert alive("leakscan-test-stop") == []


@linux_only
@pytest.mark.parametrize("delay", [0.0, 0.15, 0.6])
def test_no_child_outlives_a_parent_that_is_killed(tmp_path, delay):
    marker = f"leakscan-test-orphan-{delay}-{os.getpid()}"
    (tmp_path / "script.py").write_text(
        "import os, time, signal\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "for _ in range(3): os.fork()\n"
        "os.setsid() if os.getpid() != os.getpgid(0) else None\n"
        "open(f'started-{os.getpid()}', 'w')\n"
        "time.sleep(600)\n"
    )
    (tmp_path / "parent.py").write_text(
        "import sys\n"
        "from leakscan.validation.executions import *\n"
        "from leakscan.validation.supervisor import supervise\n"
        "launch = Launch(sys.executable, Program(ProgramKind.SCRIPT, 'script.py'), sys.argv[1],\n"
        f"                environment={{'MARKER': {marker!r}}})\n"
        "supervise(launch, Limits(), lambda *_: None)\n"
    )
    parent = subprocess.Popen([sys.executable, str(tmp_path / "parent.py"), str(tmp_path)])
    wait_until(lambda: alive(marker))
    if delay:
        wait_until(lambda: len(list(tmp_path.glob("started-*"))) == 8)
    time.sleep(delay)
    parent.kill()
    parent.wait()
    wait_until(lambda: not alive(marker))


# -- what is printed


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("loss 0.5312, accuracy 0.9", ("0.5312", "0.9")),
        ("tf.Tensor(0.5, shape=(), dtype=float32)", ("0.5",)),
        ("epoch 3/10", ("3", "10")),
        ("took 3.2 s, 12ms/step, 00:01:02, 2024-01-05 3 seconds", ()),
        ("x=-1e-05 y=+3. z=.5", ("-1e-05", "+3.", ".5")),
        ("loss nan inf -inf banana info", ("nan", "inf", "-inf")),
        ("10%\r50%\r100% loss 0.25\n", ("100", "0.25")),
        ("5/5 \b\b\b\b done 7\n", ("7",)),
        ("<object at 0x7f3c>", ()),
        ("v2 conv2d_1 a1.5 3x3", ()),
        ("windows\r\n1\r\n", ("1",)),
    ],
)
def test_numbers_are_found_and_noise_is_not(text, numbers):
    assert printed_numbers(text) == numbers


# -- the interpreter of the user


@pytest.mark.parametrize("module", [counters, counting, marking, worker])
def test_the_worker_is_written_for_python_3_8(module):
    with open(module.__file__, encoding="utf-8") as file:
        ast.parse(file.read(), feature_version=(3, 8))


@pytest.mark.parametrize("version", ["3.8", "3.9", "3.12", "3.13", "3.14"])
def test_another_python_runs_the_program(run, version):
    python = shutil.which(f"python{version}")
    if python is None or subprocess.run([python, "-c", ""], capture_output=True, check=False).returncode:
        pytest.skip(f"no Python {version} here")
    execution = run("for i in range(3): pass\n", loops=[1], python=python)
    assert execution.fault is None, execution.error_tail
    assert execution.iterations == (3,)
    assert {each.package: each.version for each in execution.versions}["python"].startswith(version)


def test_the_worker_imports_no_third_party_module(run, tmp_path):
    code = """
import sys
files = {name: getattr(module, "__file__", None) or "" for name, module in sys.modules.items()}
print(sorted(name for name, file in files.items() if "site-packages" in file or "leakscan" in file))
"""
    bare = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    run(code, loops=[FlaggedLoop("script.py", 4)], stdout_path=str(tmp_path / "out.txt"))
    assert (tmp_path / "out.txt").read_text() == bare


@pytest.mark.tensorflow
def test_keras_is_imported_before_the_body_and_its_loop_is_counted(run):
    ends = {}
    execution = run(
        """
        import sys
        assert not {"tensorflow", "keras", "numpy"} & set(sys.modules)
        import keras, numpy as np
        for fold in range(2):
            model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
            model.compile("sgd", "mse")
            history = model.fit(np.ones((8, 4)), np.ones((8, 2)), verbose=0)
            print("loss", history.history["loss"][0])
        """,
        loops=[5],
        seed=0,
        on_phase_end=ends.__setitem__,
        environment={"CUDA_VISIBLE_DEVICES": "-1", "TF_CPP_MIN_LOG_LEVEL": "3"},
    )
    assert execution.fault is None, execution.error_tail
    assert execution.preloaded == ("tensorflow", "keras")
    assert ends[Phase.PREPARE] > ends[Phase.BODY] - ends[Phase.PREPARE]  # seconds, and a model of 10 weights
    assert [tick.iteration for tick in execution.ticks] == [0, 1]
    assert {"tensorflow", "keras", "numpy", "python"} <= {each.package for each in execution.versions}
    assert execution.peak_gpu_bytes is None
    assert len(execution.output.numbers) == 2


def test_the_benchmark_of_the_overhead_prints_a_row_for_each_program(tmp_path):
    (tmp_path / "train.py").write_text("total = 0\nfor step in range(20):\n    total += sum(range(10_000))\n")
    benchmark = os.path.join(os.path.dirname(__file__), "..", "benchmarks", "overhead.py")
    for arguments, names in (((), 4), ((f"{tmp_path}/train.py:2",), 1)):
        command = [sys.executable, benchmark, "--pairs", "3", *arguments]
        lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
        assert len(lines) == 1 + names
    assert lines[1].split()[:2] == ["train.py", "20"]


# -- memory of the GPU, by the account of the framework that is used


def torch_module(*, cuda=True, current=(300, 20), peak=(500, 40)):
    asked = types.SimpleNamespace(
        is_available=lambda: cuda,
        device_count=lambda: len(current),
        memory_allocated=lambda number: current[number],
        max_memory_allocated=lambda number: peak[number],
    )
    return types.SimpleNamespace(cuda=asked)


def jax_module(*platforms):
    def device(platform):
        stats = {"bytes_in_use": 7, "peak_bytes_in_use": 9}
        return types.SimpleNamespace(platform=platform, memory_stats=lambda: stats)

    return types.SimpleNamespace(local_devices=lambda: [device(each) for each in platforms])


def tensorflow_module(*gpus):
    def memory(name):
        assert name == "GPU:0"
        return {"current": 11, "peak": 13}

    config = types.SimpleNamespace(
        list_physical_devices=lambda kind: list(gpus),
        list_logical_devices=lambda kind: [types.SimpleNamespace(name=each) for each in gpus],
        experimental=types.SimpleNamespace(get_memory_info=memory),
    )
    return types.SimpleNamespace(config=config)


def keras_module(backend):
    return types.SimpleNamespace(backend=types.SimpleNamespace(backend=lambda: backend), __version__="3.0")


@pytest.fixture
def frameworks(monkeypatch):
    """Put modules in place of the frameworks, for this test only."""
    monkeypatch.setattr(counting, "_NO_GPU", [])
    for name in ("keras", "tensorflow", "torch", "jax"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    return lambda **modules: [monkeypatch.setitem(sys.modules, *item) for item in modules.items()]


@pytest.mark.parametrize(
    ("modules", "current", "peak"),
    [
        ({"tensorflow": tensorflow_module("/device:GPU:0")}, 11, 13),
        ({"torch": torch_module()}, 320, 540),
        ({"jax": jax_module("gpu", "gpu", "cpu")}, 14, 18),
    ],
)
def test_gpu_memory_is_what_the_framework_says(frameworks, modules, current, peak):
    frameworks(**modules)
    assert (counting.gpu_bytes("current"), counting.gpu_bytes("peak")) == (current, peak)


def test_what_keras_computes_with_is_asked_and_nothing_else(frameworks):
    # Asking TensorFlow would make it take all of the GPU's memory.
    tensorflow = types.SimpleNamespace(config=None)
    frameworks(keras=keras_module("torch"), tensorflow=tensorflow, torch=torch_module())
    assert counting.gpu_bytes("current") == 320
    assert worker.versions()["keras backend"] == "torch"


@pytest.mark.parametrize(
    "modules",
    [
        {},
        {"keras": keras_module("numpy"), "torch": torch_module()},
        {"torch": torch_module(cuda=False)},
        {"jax": jax_module("cpu")},
        {"tensorflow": tensorflow_module()},
        {"keras": types.SimpleNamespace()},
        {"torch": types.SimpleNamespace()},
    ],
)
def test_without_a_gpu_its_memory_is_not_measured(frameworks, modules):
    frameworks(**modules)
    assert counting.gpu_bytes("current") is None
    assert counting.gpu_bytes("peak") is None
