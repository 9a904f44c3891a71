"""Checks that follow one another, run side by side or are broken off: what they give and what they leave."""

from __future__ import annotations

import ast
import gc
import shutil
import signal
import sys
import threading
import time
import warnings

import libcst
import pytest
from conftest import LEAK, ROOT

from leakscan.config import ConfigResolver, Overrides
from leakscan.diagnostics import Severity
from leakscan.errors import LeakscanError
from leakscan.facts import from_ast
from leakscan.registry import load_rules
from leakscan.rule import Rule
from leakscan.runner import Listener, Request, Session

IGNORED = shutil.ignore_patterns("__pycache__")
RULES = [loaded.rule for loaded in load_rules([], installed=False)]
CLEAN = "import keras\nmodel = keras.Sequential([keras.layers.Dense(1)])\n"


def new_session(rules=RULES, **settings):
    overrides = Overrides(select=("ALL",), min_severity=Severity.LOW)
    return Session(ConfigResolver(overrides, [rule.code for rule in rules], isolated=True), rules, **settings)


@pytest.fixture
def project(tmp_path, monkeypatch):
    """The runnable programs, and the examples that are several modules each."""
    root = tmp_path / "project"
    shutil.copytree(ROOT / "fixtures", root / "fixtures", ignore=IGNORED)
    for main in sorted((ROOT / "rules").glob("*/examples/bad_*/main.py")):
        folder = main.parent
        shutil.copytree(folder, root / folder.parents[1].name / folder.name, ignore=IGNORED)
    (root / "pyproject.toml").write_text("")
    monkeypatch.chdir(root)
    return root


# -- asked again -------------------------------------------------------------------------------------------


def test_a_second_answer_is_that_of_a_fresh_check_and_parses_what_changed(project, read):
    session, request = new_session(), Request((".",))
    first = session.check(request, fixes=False)
    assert len(first.findings) > 15, "the programs hold many findings"
    assert session.check(request, fixes=False) == first
    everything = len(read)
    assert everything == len(set(read)) > 30

    def changed(*paths):
        del read[:]
        again = session.check(request, fixes=False)
        assert read == [str(project / path) for path in paths]
        assert again == new_session().check(request, fixes=False)
        return again

    victim = first.findings[0].path
    text = (project / victim).read_text()
    (project / victim).write_text(f"\n\n{text}")
    moved = changed(victim)
    assert moved.findings[0].span.start.line == first.findings[0].span.start.line + 2
    # Another file has the text that this one had: what is kept is of a path and a text.
    (project / "again.py").write_text(text)
    (project / victim).write_text(CLEAN)
    changed("again.py", victim)
    (project / victim).write_text("import keras\nif\n")
    broken = changed(victim)
    assert [error.path for error in broken.skipped] == [victim]
    assert session.check(request, fixes=False) == broken
    (project / victim).unlink()
    (project / "again.py").unlink()
    changed()
    (project / victim).write_text(text)
    del read[:]
    assert session.check(request, fixes=False) == first
    assert read == [str(project / victim)]


def test_each_file_that_others_depend_on_may_change(project):
    """Every module of the linked examples becomes an empty one, and then is what it was."""
    linked = sorted(project.glob("imr001*/*/main.py"))
    session, request = new_session(), Request(tuple(f"{path.parent.relative_to(project)}" for path in linked))
    first = session.check(request)
    modules = sorted(module for path in linked for module in path.parent.rglob("*.py") if module != path)
    assert len(modules) > 5
    for path in modules:
        text = path.read_text()
        path.write_text("")
        assert session.check(request) == new_session().check(request)
        path.write_text(text)
        assert session.check(request) == first


def test_a_text_in_place_of_a_file_is_asked_about_again(tmp_path, monkeypatch, read):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "a.py"
    path.write_text(CLEAN)
    (tmp_path / "b.py").write_text("import keras\n")
    session, request = new_session(), Request((".",))
    assert session.check(request).findings == ()
    edited = Request((".",), overlay=((str(path), "a.py", LEAK.encode()),))
    del read[:]
    assert [item.code for item in session.check(edited).findings] == ["IMR001"]
    assert read == [str(path)]


def test_a_quick_check_finds_the_same_in_the_same_places(project):
    session, request = new_session(), Request((".",))
    quick = session.check(request, fixes=False, verified=False)
    assert len(quick.findings) > 15
    assert quick == session.check(request, fixes=False)


def test_a_quick_check_needs_no_libcst(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.py").write_text(LEAK)
    monkeypatch.setattr(libcst, "parse_module", None)
    session, request = new_session(), Request((".",))
    assert [item.code for item in session.check(request, fixes=False, verified=False).findings] == ["IMR001"]
    with pytest.raises(TypeError):
        session.check(request, fixes=False)


def test_a_quick_check_takes_what_python_does_not_read_for_unfinished(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    newer = f"x = {'1' * 5000}\n{LEAK}"  # more digits than Python takes
    (tmp_path / "a.py").write_text(newer)
    session, request = new_session(), Request(("a.py",))
    quick = session.check(request, fixes=False, verified=False)
    assert (quick.findings, len(quick.errors)) == ((), 1)
    right = session.check(request, fixes=False)
    assert ([item.code for item in right.findings], right.errors) == (["IMR001"], ())
    # It was LibCST that read this file.
    (tmp_path / "a.py").write_text(f"{newer}\n")
    assert session.check(request, fixes=False, verified=False) == session.check(request, fixes=False)


def test_a_quick_check_takes_what_libcst_has_decided(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.py").write_text(f"x = {{'a': [1]}}\n{LEAK}")
    # No text is known of which the two make different facts: Python's side has to be spoiled.
    monkeypatch.delitem(from_ast._EXPRESSIONS, ast.Dict)
    session, request = new_session(), Request((".",))
    right = session.check(request, fixes=False)
    assert session.check(request, fixes=False, verified=False) == right


def test_what_was_read_ahead_is_not_read_again(project, read):
    session, request = new_session(), Request((".",))
    steps = list(session.read_ahead(request))
    assert len(read) == len(steps) > 30
    found = session.check(request, fixes=False)
    assert len(read) == len(steps)
    assert found == new_session().check(request, fixes=False)


def test_without_fixes_no_strategy_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.py").write_text(LEAK)
    import leakscan.located

    tried = []
    real = leakscan.located.remedy
    monkeypatch.setattr(leakscan.located, "remedy", lambda *given: tried.append(given) or real(*given))
    session = new_session()
    (bare,) = session.check(Request((".",)), fixes=False).findings
    assert (bare.fixes, bare.refusals, tried) == ((), (), [])
    (item,) = session.check(Request((".",))).findings
    assert item.fixes
    assert tried


def test_fixes_are_worked_out_for_what_is_shown_only(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.py").write_text(LEAK.replace("Dense(1)])", "Dense(1)])  # leakscan: ignore[IMR001]"))
    import leakscan.located

    monkeypatch.setattr(leakscan.located, "remedy", lambda *_: pytest.fail("nothing of it is shown"))
    assert new_session().check(Request((".",))).findings == ()


# -- what is left of a check -------------------------------------------------------------------------------


def state():
    return (
        gc.isenabled(),
        gc.get_threshold(),
        sys.getrecursionlimit(),
        threading.stack_size(),
        list(warnings.filters),
        [thread.name for thread in threading.enumerate() if thread.name.startswith("leakscan")],
    )


@pytest.fixture
def unchanged(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.py").write_text(LEAK)
    before, frozen = state(), gc.get_freeze_count()
    yield
    assert state() == before
    assert gc.get_freeze_count() <= frozen, "fewer: some of what the tests froze has ended"


class Failing(Rule):
    code = "TST001"
    name = "failing"
    summary = "it fails"
    severity = Severity.LOW

    def judge(self, project):
        raise ValueError("no idea")


class Endless(Failing):
    """A rule during which somebody presses Ctrl-C."""

    def judge(self, project):
        signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
        end = time.monotonic() + 60  # where nothing comes of it, the test fails rather than hang
        while time.monotonic() < end:
            pass
        return ()


@pytest.mark.usefixtures("unchanged")
def test_nothing_of_the_process_is_changed_after_a_check():
    seen = []
    listener = Listener(advance=lambda: seen.append((gc.isenabled(), threading.stack_size())))
    assert len(new_session().check(Request((".",)), listener).findings) == 1
    assert seen == [(gc.isenabled(), threading.stack_size())], "nor meanwhile"


@pytest.mark.usefixtures("unchanged")
def test_nothing_of_the_process_is_changed_after_a_rule_that_raises():
    (error,) = new_session([*RULES, Failing()]).check(Request((".",))).errors
    assert error.message.startswith("rule TST001 failed: ValueError: no idea")


@pytest.mark.usefixtures("unchanged")
def test_nothing_of_the_process_is_changed_after_an_error():
    def fail():
        raise LeakscanError("no")

    with pytest.raises(LeakscanError, match="no"):
        new_session().check(Request((".",)), Listener(advance=fail))


@pytest.mark.usefixtures("unchanged")
def test_nothing_of_the_process_is_changed_after_ctrl_c_and_the_thread_ends():
    with pytest.raises(KeyboardInterrupt):
        new_session([Endless()]).check(Request((".",)))


@pytest.mark.usefixtures("unchanged")
def test_a_session_that_was_interrupted_can_be_asked_again():
    session = new_session()
    with pytest.raises(KeyboardInterrupt):
        session.with_rules([Endless()]).check(Request((".",)))
    assert session.check(Request((".",))) == new_session().check(Request((".",)))


# -- side by side ------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("unchanged")
def test_two_sessions_in_two_threads_give_what_they_give_alone(project):
    requests = [Request(("fixtures/imr",)), Request(("fixtures/utr",))]
    alone = [new_session().check(request) for request in requests]
    assert all(result.findings for result in alone)
    together = threading.Barrier(len(requests))
    results = [[] for _ in requests]

    def ask(number):
        session = new_session()
        # They begin together, and one may end while the other has not.
        together.wait()
        results[number] += [session.check(requests[number]) for _ in range(2)]
        results[number].append(new_session().check(requests[number]))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(len(requests))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [[result] * 3 for result in alone]
    assert project.is_dir()


def test_deep_code_is_read_while_another_session_ends(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    deep = "x = " + " + ".join(["1"] * 2000)
    (tmp_path / "deep.py").write_text(f"import keras\n{deep}\n")
    (tmp_path / "small.py").write_text(LEAK)
    ended = []

    def meanwhile():
        ended.append(new_session().check(Request(("small.py",))))

    result = new_session().check(Request(("deep.py",)), Listener(advance=meanwhile))
    assert result.errors == ()
    assert len(ended[0].findings) == 1


# -- memory ------------------------------------------------------------------------------------------------


def objects():
    gc.collect()
    return len(gc.get_objects())


@pytest.mark.parametrize("kept", [True, False], ids=["one session", "a session each"])
def test_checks_of_the_same_project_leave_no_objects(project, kept):
    request = Request(("fixtures/imr", "fixtures/utr"))
    session = new_session()
    for _ in range(2):
        session.check(request)
    before = objects()
    for _ in range(3):
        (session if kept else new_session()).check(request, fixes=False)
    # A check makes hundreds of thousands of them.
    assert objects() - before < 100
    assert project.is_dir()


def test_a_session_lets_go_of_the_text_that_a_file_had(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "a.py"
    session, counts = new_session(), []
    for number in range(8):
        path.write_text(LEAK + f"x = {number}\n" * 100)
        session.check(Request((".",)))
        counts.append(objects())
    assert counts[-1] - counts[2] < 100
