"""`check --watch`: each change is answered, by the configuration as it is then, until Ctrl-C."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest
from conftest import LEAK, ROOT

PLAIN = "import keras\n"


def answer(process):
    """What is printed until it waits for changes again."""
    lines = []
    for line in process.stdout:
        if line.startswith("Waiting for changes below "):
            return "".join(lines)
        lines.append(line)
    raise AssertionError(f"it ended: {lines}")


def save(leakscan, path, text=LEAK):
    """All at once: a watcher may see a file between its truncation and its text."""
    os.replace(leakscan.write("saved.tmp", text), leakscan.directory / path)


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_changes_are_answered_until_the_end(leakscan, end):
    pytest.importorskip("watchfiles")
    leakscan.write("a.py", PLAIN)
    process = subprocess.Popen(
        [sys.executable, "-m", "leakscan", "check", "--watch", "--output-format", "concise", "a.py"],
        cwd=leakscan.directory,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert answer(process) == "All checks passed: 1 file.\n"
        save(leakscan, "a.py")
        assert answer(process).startswith("a.py:3:13: IMR001 ")
        save(leakscan, "pyproject.toml", '[tool.leakscan]\nselect = ["UTR"]\n')
        assert answer(process) == "All checks passed: 1 file.\n"
        save(leakscan, "pyproject.toml", '[tool.leakscan]\nselect = ["XTR"]\n')
        assert "unknown rule 'XTR'" in answer(process)
        process.send_signal(end)
        words = {signal.SIGINT: "interrupted\n", signal.SIGTERM: "ended by SIGTERM\n"}
        assert process.stdout.read() == words[end]
        assert process.wait() == 128 + end
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--fix",), "--watch cannot be used with --fix; leave one out"),
        (("--write-baseline", "x"), "--watch cannot be used with --write-baseline; leave one out"),
        (("-",), "--watch cannot be used with - (standard input); name a file"),
        (("missing.py",), "missing.py: no such file or directory; --watch needs one that is there"),
    ],
)
def test_what_does_not_go_with_it_is_said(leakscan, words, message):
    pytest.importorskip("watchfiles")
    done = leakscan("check", "--watch", *words, stdin=LEAK.encode())
    assert done.code == 2
    assert done.err == f"error: {message}\n"


def test_without_the_extra_it_says_what_to_install(leakscan, monkeypatch):
    monkeypatch.setitem(sys.modules, "watchfiles", None)
    done = leakscan("check", "--watch")
    assert (done.code, done.out) == (2, "")
    assert 'pip install "leakscan-keras[watch]"' in done.err
