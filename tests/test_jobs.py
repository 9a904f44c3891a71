"""Several processes say what one says, whatever happens to them."""

from __future__ import annotations

import os
import signal
import sys

import pytest
from conftest import LEAK

from leakscan import runner, workers
from leakscan.workers import in_processes

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is one process")

HELPER = "import keras\n\n\ndef build():\n    return keras.Sequential([keras.layers.Dense(1)])\n"
CALLER = "from helper import build\n\nfor fold in range(5):\n    build().fit(x[fold], y[fold])\n"


@pytest.fixture
def repositories(leakscan, monkeypatch):
    """Several projects of several files; none too small for a process of its own."""
    monkeypatch.setattr(runner, "_WORTH_A_PROCESS", 0)
    # Other tests leave threads behind, which hold nothing.
    monkeypatch.setattr(runner, "can_fork", lambda: True)
    for number in range(6):
        leakscan.write(f"repo{number}/pyproject.toml", "")
        leakscan.write(f"repo{number}/helper.py", HELPER)
        leakscan.write(f"repo{number}/train.py", CALLER + "\n# more\n" * number)
    leakscan.write("repo1/broken.py", "import keras\ndef f(:\n")
    leakscan.write("repo2/leak.py")
    leakscan.write("repo3/pyproject.toml", '[tool.leakscan]\nignore = ["IMR"]\n')
    return leakscan


@pytest.fixture
def forked(monkeypatch):
    """How often this process was forked for a check."""
    counts = []
    real = workers.in_processes

    def counting(count, processes, work):
        counts.append(min(count, processes))
        return real(count, processes, work)

    monkeypatch.setattr(runner, "in_processes", counting)
    return counts


@pytest.mark.parametrize(
    "options", [[], ["--output-format", "json"], ["--verbose"], ["--fix", "--unsafe-fixes", "--diff"]]
)
def test_any_number_of_processes_says_the_same(repositories, forked, options):
    def run(jobs):
        done = repositories("check", "--no-cache", "--jobs", jobs, "--isolated", *options)
        return done.code, done.out, [line for line in done.err.splitlines() if "checked in" not in line]

    one = run(1)
    assert not forked
    assert one[0] == 1
    assert [run(jobs) for jobs in (2, 4, 100)] == [one] * 3
    assert forked[0] == 2


def test_answers_of_processes_are_kept_in_the_cache(repositories, forked):
    expected = repositories.json("--no-cache", "--jobs", 1)
    assert repositories.json("--jobs", 3) == expected
    assert len(forked) == 1
    assert repositories.json("--jobs", 3) == expected
    assert len(forked) == 1, "nothing is left to do"
    repositories.write("repo0/train.py", LEAK)
    assert repositories.json("--jobs", 3) == repositories.json("--no-cache", "--jobs", 1)
    assert len(forked) == 1, "one project is no work for two"


def test_files_of_one_project_that_have_no_bearing_on_each_other_are_shared_out(
    leakscan, forked, monkeypatch
):
    monkeypatch.setattr(runner, "_WORTH_A_PROCESS", 0)
    monkeypatch.setattr(runner, "can_fork", lambda: True)
    leakscan.write("pyproject.toml", "")
    for number in range(40):
        leakscan.write(f"{number}.py", CALLER + "\n# more\n" * number)
    leakscan.write("helper.py", HELPER)
    connected = leakscan.json("--no-cache", "--jobs", 1)
    assert leakscan.json("--no-cache", "--jobs", 2) == connected
    assert not forked, "all of them import the helper"
    for number in range(40):
        leakscan.write(f"{number}.py", LEAK + "\n# more\n" * number)
    alone = leakscan.json("--no-cache", "--jobs", 1)
    assert len(alone.places) == 40
    assert leakscan.json("--no-cache", "--jobs", 2) == alone
    assert forked


def test_small_inputs_are_no_work_for_two(leakscan, forked):
    for number in range(5):
        leakscan.write(f"repo{number}/pyproject.toml", "")
        leakscan.write(f"repo{number}/train.py")
    assert len(leakscan.json("--jobs", 4).places) == 5
    assert not forked


@pytest.mark.parametrize("jobs", ["0", "-1", "many", "1.5"])
def test_a_number_that_is_none_is_an_error(leakscan, jobs):
    done = leakscan("check", f"--jobs={jobs}")
    assert (done.code, done.out) == (2, "")
    assert "whole number above 0" in done.err


@pytest.mark.parametrize(
    "end", [lambda: os.kill(os.getpid(), signal.SIGKILL), lambda: os._exit(0), lambda: 1 / 0]
)
def test_a_process_that_dies_loses_nothing(repositories, forked, monkeypatch, end):
    expected = repositories.json("--no-cache", "--jobs", 1)
    parent = os.getpid()
    real = runner.Session._shown

    def dying(session, project, asked):
        if os.getpid() != parent and project.root.endswith(("repo2", "repo5")):
            end()
        return real(session, project, asked)

    monkeypatch.setattr(runner.Session, "_shown", dying)
    assert repositories.json("--no-cache", "--jobs", 2) == expected
    assert forked


def test_every_number_comes_once_and_no_process_stays():
    results = dict(in_processes(500, 3, lambda number: b"%d %d" % (os.getpid(), number) * 100, size=100))
    assert sorted(results) == list(range(500))
    processes = {int(result.split()[0]) for result in results.values()}
    assert os.getpid() not in processes
    for process in processes:
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)


def test_processes_end_with_whoever_waits_for_them(tmp_path):
    def work(number):
        (tmp_path / str(os.getpid())).touch()
        signal.pause()
        return b""

    def interrupted():
        raise KeyboardInterrupt

    signal.signal(signal.SIGALRM, lambda *_: interrupted())
    signal.setitimer(signal.ITIMER_REAL, 0.5)
    with pytest.raises(KeyboardInterrupt):
        list(in_processes(2, 2, work))
    started = [int(path.name) for path in tmp_path.iterdir()]
    assert len(started) == 2
    for process in started:
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)
