"""What ends leakscan from outside: Ctrl-C and SIGTERM, wherever it was started; nothing is left behind."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys

import pytest
from conftest import LEAK, ROOT
from test_worker import alive, linux_only, wait_until

from leakscan.cli.signals import Terminated, signals_unwind
from leakscan.validation.store import load

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals are those of POSIX")

#: What becomes of SIGINT where a shell starts a process: given here, since pytest may be started either way.
FOREGROUND, BACKGROUND = signal.SIG_DFL, signal.SIG_IGN

#: Whatever a program asks this Keras for takes for ever; that it came so far, and how, is told in a file.
KERAS = """
import os, pathlib, signal, time

def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    dispositions = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    default = dispositions == [signal.default_int_handler, signal.SIG_DFL]
    path = pathlib.Path(os.environ["REACHED"])
    path.with_suffix(".new").write_text("default" if default else repr(dispositions))
    path.with_suffix(".new").rename(path)
    time.sleep(3600)
"""
VALIDATE = ("validate", "train.py", "--keep-disturbed", "--out", "results")
STUDY = ("study", "--only", "imr-fit-1", "--keep-disturbed", "--out", "results")


@pytest.fixture
def start(leakscan, tmp_path):
    """Starts leakscan in the foreground or background; its children are known by their environment."""
    library = tmp_path / "library"
    (library / "keras" / "backend").mkdir(parents=True)
    (library / "keras" / "__init__.py").write_text(KERAS)
    (library / "keras" / "backend" / "__init__.py").write_text("def backend():\n    return 'torch'\n")
    (library / "torch.py").write_text("class cuda:\n    is_available = staticmethod(lambda: False)\n")
    leakscan.write("train.py", LEAK)
    (tmp_path / "tmp").mkdir()
    leakscan.reached = tmp_path / "reached"
    leakscan.temporary = tmp_path / "tmp"
    leakscan.marker = f"leakscan-test-signals-{os.getpid()}-{tmp_path.name}"
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(library)]),
        "TMPDIR": str(leakscan.temporary),
        "REACHED": str(leakscan.reached),
        "MARKER": leakscan.marker,
    }
    with contextlib.ExitStack() as stack:

        def start(where, *arguments):
            process = subprocess.Popen(
                [sys.executable, "-m", "leakscan", *arguments],
                cwd=leakscan.directory,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                preexec_fn=lambda: signal.signal(signal.SIGINT, where),  # noqa: PLW1509 (one thread)
            )
            stack.enter_context(process)
            stack.callback(process.kill)
            return process

        leakscan.start = start
        yield leakscan


@pytest.mark.parametrize(
    ("where", "number", "code", "said"),
    [
        (FOREGROUND, signal.SIGINT, 130, "interrupted\n"),
        (BACKGROUND, signal.SIGINT, 130, "interrupted\n"),
        (BACKGROUND, signal.SIGTERM, 143, "ended by SIGTERM\n"),
    ],
)
def test_a_check_ends_with_one_line(start, where, number, code, said):
    for index in range(40):
        start.write(f"a{index}.py", "import keras\n" + "x = [1, 2, 3]\n" * 5000)
    process = start.start(where, "check", "--verbose")
    assert "to parse" in process.stderr.readline()
    process.send_signal(number)
    assert process.communicate() == ("", said)
    assert process.returncode == code


#: A process that is ended as soon as it has forked; what it forked would sleep for an hour.
ENDED_BY_ITSELF = """
import os, signal, time
from leakscan.workers import in_processes

fork = os.fork

def forked():
    child = fork()
    if child:
        os.kill(os.getpid(), signal.SIGINT)
    return child

os.fork = forked
signal.signal(signal.SIGINT, signal.default_int_handler)
try:
    list(in_processes(9, 2, lambda number: time.sleep(3600)))
except KeyboardInterrupt:
    print("ended", signal.pthread_sigmask(signal.SIG_BLOCK, ()))
"""


@linux_only
def test_no_process_is_left_that_was_being_made(start):
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "MARKER": start.marker}
    done = subprocess.run(
        [sys.executable, "-c", ENDED_BY_ITSELF],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout == "ended set()\n"
    assert not alive(start.marker)


@linux_only
@pytest.mark.parametrize(
    ("where", "number", "arguments"),
    [
        (FOREGROUND, signal.SIGTERM, (*VALIDATE, "--measure")),
        (BACKGROUND, signal.SIGINT, (*VALIDATE, "--measure")),
        (FOREGROUND, signal.SIGTERM, STUDY),
        (BACKGROUND, signal.SIGINT, STUDY),
    ],
)
def test_a_measurement_ends_with_all_of_its_processes_and_leaves_no_file(start, where, number, arguments):
    pytest.importorskip("codecarbon")
    pytest.importorskip("scipy")
    process = start.start(where, *arguments)
    wait_until(lambda: start.reached.exists() or process.poll() is not None, 300)
    assert process.poll() is None, process.communicate()
    assert start.reached.read_text() == "default"
    process.send_signal(number)
    out, err = process.communicate()
    assert process.returncode == 128 + number, (out, err)
    assert "Traceback" not in err
    assert err.splitlines()[-1:] == ["ended by SIGTERM"] if number is signal.SIGTERM else True
    wait_until(lambda: not alive(start.marker))
    assert list(start.temporary.iterdir()) == []
    for path in start.directory.rglob("*.jsonl"):
        assert load(path).runs == ()


@pytest.fixture
def disposed():
    """Sets SIGINT, SIGTERM and SIGHUP of this process; afterwards they are as they were."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    saved = [signal.getsignal(number) for number in numbers]

    def disposed(handler):
        for number in numbers:
            signal.signal(number, handler)
        return lambda: [signal.getsignal(number) for number in numbers]

    yield disposed
    for number, handler in zip(numbers, saved, strict=True):
        signal.signal(number, handler)


def test_what_was_ignored_on_purpose_stays_ignored(disposed):
    now = disposed(signal.SIG_IGN)
    with signals_unwind():
        assert now() == [signal.default_int_handler, signal.SIG_IGN, signal.SIG_IGN]
    assert now() == [signal.SIG_IGN] * 3


def test_a_second_signal_does_not_break_off_the_cleaning_up(disposed):
    now = disposed(signal.SIG_DFL)
    cleaned = []

    def work():
        with signals_unwind():
            try:
                os.kill(os.getpid(), signal.SIGHUP)
            finally:
                os.kill(os.getpid(), signal.SIGTERM)
                cleaned.append(True)

    with pytest.raises(Terminated) as caught:
        work()
    assert cleaned
    assert caught.value.exit_code == 129
    assert now() == [signal.SIG_DFL] * 3
