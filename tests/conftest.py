"""Runs leakscan as its users do: by the command line."""

from __future__ import annotations

import gc
import importlib.util
import io
import itertools
import json
import os
import signal
import subprocess
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path

import pytest
from expectations import PROGRAM_HEAD
from hypothesis import HealthCheck, settings
from trainer import Trainer

from leakscan.cli import main
from leakscan.facts import kept
from leakscan.facts.kept import KeptFacts

ROOT = Path(__file__).resolve().parent.parent

# A busy machine is slow, and no test is about that.
settings.register_profile("leakscan", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("leakscan")

# Where the environment forbids it, each check and each process of the tests would compile every rule anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# Programs that a shell starts in the background ignore Ctrl-C; tests of it would wait for ever.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

#: The smallest leak: one IMR001 at line 3, column 13.
LEAK = """\
from tensorflow import keras
for fold in range(500):
    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(x[fold], y[fold])
"""


@dataclass
class Result:
    code: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)

    @property
    def places(self):
        """The findings of a JSON report: (code, path, line)."""
        return [(item["code"], item["path"], item["line"]) for item in self.json["findings"]]


class Command:
    """`leakscan` in a directory: called, it runs in this process; `spawn` starts one of its own."""

    def __init__(self, directory, monkeypatch, capsys):
        self.directory = directory
        self._monkeypatch = monkeypatch
        self._capsys = capsys

    def __call__(self, *arguments, stdin=None, cwd=None):
        self._monkeypatch.chdir(cwd or self.directory)
        if stdin is not None:
            self._monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        self._capsys.readouterr()
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as error:  # argparse ends --help and usage errors so
            code = error.code
        captured = self._capsys.readouterr()
        return Result(code, captured.out, captured.err)

    def json(self, *arguments, **options):
        return self("check", "--output-format", "json", *arguments, **options)

    def concise(self, *arguments, **options):
        return self("check", "--output-format", "concise", *arguments, **options)

    def spawn(self, *arguments, env=None):
        done = self.spawn_bytes(*arguments, env=env)
        return Result(done.returncode, done.stdout.decode(), done.stderr.decode())

    def spawn_bytes(self, *arguments, env=None):
        environment = {**os.environ, "PYTHONPATH": str(ROOT), **(env or {})}
        return subprocess.run(
            [sys.executable, "-m", "leakscan", *map(str, arguments)],
            cwd=self.directory,
            env=environment,
            capture_output=True,
            check=False,
        )

    def write(self, path, text=LEAK):
        """Make a file of the project, with the directories above it; bytes stay as they are."""
        target = self.directory / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text if isinstance(text, bytes) else text.encode())
        return target


@pytest.fixture
def leakscan(tmp_path, monkeypatch, capsys):
    """The command in an empty project of its own, with no colours."""
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LEAKSCAN_CACHE_DIR", str(tmp_path / "cache"))
    project = tmp_path / "project"
    project.mkdir()
    (project / "pyproject.toml").write_text("")
    return Command(project, monkeypatch, capsys)


@pytest.fixture
def codes(leakscan, tmp_path):
    """Checks programs, each a project of its own; the codes that are found in each, at any severity."""

    def codes(programs: dict[str, str]) -> dict[str, str | None]:
        for name, text in programs.items():
            (tmp_path / "programs" / name).mkdir(parents=True)
            path = tmp_path / "programs" / name / "pyproject.toml"
            path.write_text("")
            path.with_name("main.py").write_text(textwrap.dedent(text))
        report = leakscan.json("--isolated", "--min-severity", "low", "programs", cwd=tmp_path).json
        assert report["errors"] == []
        found = {
            name: {item["code"] for item in report["findings"] if f"/{name}/" in item["path"]}
            for name in programs
        }
        return {name: " ".join(sorted(item)) or None for name, item in found.items()}

    return codes


@pytest.fixture
def offers(leakscan, tmp_path):
    """Checks programs, each a project of its own; what each strategy offers, or why it refuses."""

    def offers(programs: dict[str, str]) -> dict[str, set[str]]:
        folders = {f"p{number}": name for number, name in enumerate(programs)}
        for folder, name in folders.items():
            text = programs[name]
            path = tmp_path / "programs" / folder / "pyproject.toml"
            path.parent.mkdir(parents=True)
            path.write_text("")
            path.with_name("main.py").write_text(PROGRAM_HEAD + text if text.startswith("\n") else text)
        options = ("--isolated", "--min-severity", "low", "--select", "ALL")
        report = leakscan.json(*options, "programs", cwd=tmp_path).json
        assert report["errors"] == []
        found: dict[str, set[str]] = {name: set() for name in programs}
        for item in report["findings"]:
            said = found[folders[item["path"].split("/")[-2]]]
            said |= {f"{item['code']} {fix['strategy']}" for fix in item["fixes"]}
            said |= {f"{item['code']} {no['strategy']}: {no['reason']}" for no in item["refusals"]}
            said |= set() if item["fixes"] or item["refusals"] else {item["code"]}
        return found

    return offers


@pytest.fixture
def read(monkeypatch):
    """The paths of files that are parsed from here on, not taken from what a session has kept."""
    asked, parsed = [], []
    read_module, parse = KeptFacts.read, kept.read_by_python

    def noting_who_asks(self, text, path, **options):
        asked.append(path)
        read_module(self, text, path, **options)

    def noting(text):
        parsed.append(asked[-1])
        return parse(text)

    monkeypatch.setattr(KeptFacts, "read", noting_who_asks)
    monkeypatch.setattr(kept, "read_by_python", noting)
    return parsed


_TESTS = itertools.count(1)


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown():
    """Trees and facts hold cycles: left alone they pile up, and then one collection takes a minute.

    What outlives one collection (TensorFlow, for the most part) is not gone through by the next.
    """
    if not next(_TESTS) % 10:
        gc.collect()
        gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def lock_and_cache_of_its_own(tmp_path_factory):
    """Tests measure while others do, and while the machine's user does."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LEAKSCAN_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        patch.setenv("LEAKSCAN_LOCK", str(tmp_path_factory.mktemp("lock") / "measuring.lock"))
        yield


@pytest.fixture(scope="session")
def trainer(tmp_path_factory):
    """Runs programs that need TensorFlow (and scikit-learn), which is imported once."""
    for name in ("tensorflow", "sklearn"):
        if importlib.util.find_spec(name) is None:
            pytest.skip(f"{name} is not installed")
    trainer = Trainer(tmp_path_factory.mktemp("trainer"))
    yield trainer
    trainer.close()
