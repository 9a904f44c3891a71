"""The fixer alone: edits of lines, passes, fixes that fail, and the replacing of files.

Its rule is one of this test: it reports each call of `leak`, and the argument says what the fix does.
"""

from __future__ import annotations

import os
import stat
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leakscan import fixer
from leakscan.config import ConfigResolver, Overrides
from leakscan.diagnostics import Edit, Position, Span
from leakscan.edits import Shift, apply_edits, exclude_each_other, line_edits, lines_of
from leakscan.files import Source
from leakscan.registry import load_rules
from leakscan.runner import Listener, Request, Session

RULE = '''\
"""Reports each call of `leak`."""

import dataclasses

import libcst as cst

from leakscan.facts.model import Call, Name
from leakscan.codemods.rewriting import Patch
from leakscan.rule import Applicability, Place, RefusedError, Report, Rewrite, Rule, Severity, Strategy
from leakscan.rule import Confidence


def calls(item):
    if isinstance(item, Call) and isinstance(item.func, Name):
        yield item
    if dataclasses.is_dataclass(item):
        item = [getattr(item, field.name) for field in dataclasses.fields(item)]
    if isinstance(item, (list, tuple)):
        for part in item:
            yield from calls(part)


class Anything(cst.Name):
    def _validate(self):
        """Hold what is no name, too."""


class Keep(Strategy):
    name = "keep"
    summary = "call keep"
    applicability = Applicability.SAFE

    def rewrite(self, report, code):
        node = code.node(report.place)
        word = report.subject
        patch = Patch(code)
        if word == "crash":
            raise ValueError("no idea")
        if word == "refuse":
            raise RefusedError("it refuses")
        if word == "advice":
            return Rewrite("think", Applicability.DISPLAY)
        if word == "garbage":
            patch.replace(node, Anything("no python"))
        elif word == "still":
            patch.replace(node, 'leak( "still")')
        elif word == "euro":
            patch.replace(node, 'keep("\\u20ac")')
        elif word == "name":
            name = code.fresh_name("kept")
            patch.before(code.statement(node), f"{name} = None")
            patch.replace(node, f"keep({name})")
        else:
            patch.replace(node, f'keep("{word}")')
        applicability = Applicability.UNSAFE if word == "unsafe" else Applicability.SAFE
        return Rewrite("keep it", applicability, patch.tree())


class Hold(Strategy):
    name = "hold"
    summary = "call hold"
    applicability = Applicability.UNSAFE

    def rewrite(self, report, code):
        patch = Patch(code)
        patch.replace(code.node(report.place), f'hold("{report.subject}")')
        return Rewrite("hold it", Applicability.UNSAFE, patch.tree())


class Leak(Rule):
    code = "TST001"
    name = "leak"
    summary = "a call of leak"
    severity = Severity.HIGH
    strategies = (Keep(), Hold())

    def judge(self, project):
        found = [
            (index, call, call.func.id, getattr(call.args[0], "value", "") if call.args else "")
            for index, module in enumerate(project.modules)
            for function in module.functions
            for call in calls(function.body)
        ]
        leaks = {word for _, _, name, word in found if name == "leak"}
        for index, call, name, word in found:
            # `2` shows once no module of the project has a `1`.
            if name == "leak" and not (word.isdigit() and str(int(word) - 1) in leaks):
                yield Report(
                    Place(index, call.node), "a leak", "keep it", Severity.HIGH, Confidence.HIGH, subject=word
                )
'''


@pytest.fixture(scope="module")
def rules(tmp_path_factory):
    directory = tmp_path_factory.mktemp("rules")
    folder = directory / "tst001_leak"
    folder.mkdir()
    (folder / "rule.py").write_text(RULE)
    loaded = load_rules([directory], installed=False)
    return [item.rule for item in loaded if item.rule.code == "TST001"]


@pytest.fixture
def project(tmp_path, monkeypatch, rules):
    (tmp_path / "pyproject.toml").write_text("")
    monkeypatch.chdir(tmp_path)
    return Project(tmp_path, rules)


class Project:
    def __init__(self, directory, rules):
        self.directory = directory
        self._rules = rules

    def write(self, name="a.py", *words):
        """A program with these leaks, two lines apart."""
        path = self.directory / name
        path.write_text("".join(f'leak("{word}")\nx = 0\n' for word in words))
        return path

    def fix(self, *names, listener=None, run=fixer.fix, **choice):
        overrides = Overrides(
            unsafe_fixes=choice.get("unsafe"), strategies=tuple(choice.get("strategies", {}).items())
        )
        configs = ConfigResolver(overrides, ["TST001"], isolated=True)
        names = names or tuple(sorted(path.name for path in self.directory.glob("*.py")))
        return run(Session(configs, self._rules), Request(names), listener=listener)


def words(fixed, name="a.py"):
    """What the calls of a fixed program are."""
    (changed,) = (item for item in fixed.changed if item.display == name)
    return [line for line in changed.after.decode("latin-1").splitlines() if "(" in line]


def messages(fixed):
    return [(error.path, error.line, error.message) for error in fixed.errors]


# -- choosing and passes -----------------------------------------------------------------------------------


def test_safe_fixes_are_made_and_unsafe_ones_are_left(project):
    project.write("a.py", "one", "unsafe")
    fixed = project.fix()
    assert words(fixed) == ['keep("one")', 'leak("unsafe")']
    assert [item.span.start.line for item in fixed.last.findings] == [3]
    assert [(item.path, item.line, item.fix.strategy) for item in fixed.applied] == [("a.py", 1, "keep")]


def test_unsafe_fixes_are_made_on_request_the_preferred_strategy_first(project):
    project.write("a.py", "one", "unsafe", "refuse")
    assert words(project.fix(unsafe=True)) == ['keep("one")', 'keep("unsafe")', 'hold("refuse")']


def test_a_chosen_strategy_is_the_only_one_that_is_taken(project):
    project.write("a.py", "one", "refuse", "advice")
    assert project.fix(strategies={"TST001": "hold"}).changed == ()
    fixed = project.fix(strategies={"TST001": "hold"}, unsafe=True)
    assert words(fixed) == ['hold("one")', 'hold("refuse")', 'hold("advice")']
    fixed = project.fix(strategies={"TST001": "keep"}, unsafe=True)
    assert words(fixed) == ['keep("one")', 'leak("refuse")', 'leak("advice")']
    choice = fixer.Choice(strategies={"TST001": "keep"})
    assert [choice.declined(item) for item in fixed.last.findings] == [
        ("keep", "it refuses"),
        ("keep", "advice that is not applied: think"),
    ]


def test_nothing_is_written_by_working_out_fixes(project):
    path = project.write("a.py", "one")
    assert project.fix().changed
    assert path.read_text() == 'leak("one")\nx = 0\n'


def test_fixes_that_touch_are_made_in_several_passes(project):
    (project.directory / "a.py").write_text('leak("1a")\nleak("1b"); leak("1c")\nleak("1d")\n')
    said = []
    fixed = project.fix(listener=Listener(log=said.append))
    assert words(fixed) == ['keep("1a")', 'keep("1b"); keep("1c")', 'keep("1d")']
    assert [line for line in said if "pass" in line] == [
        "fixes: pass 1, 2 findings left",
        "fixes: pass 2, 1 findings left",
        "fixes: pass 3, 0 findings left",
    ]
    assert len(fixed.applied) == 4
    assert not fixed.last.findings


def test_lines_of_applied_fixes_count_after_all_passes(project):
    (project.directory / "a.py").write_text('leak("name")\nleak("name")\n')
    fixed = project.fix()
    assert fixed.changed[0].after.decode() == ("kept = None\nkeep(kept)\nkept_2 = None\nkeep(kept_2)\n")
    lines = fixed.changed[0].after.decode().splitlines()
    assert all("kept" in lines[item.line - 1] for item in fixed.applied)


def test_a_fix_in_one_module_shows_what_it_uncovers_in_another(project):
    project.write("a.py", "2")
    project.write("b.py", "1")
    fixed = project.fix()
    assert [item.path for item in fixed.first.findings] == ["b.py"]
    assert words(fixed, "a.py") == ['keep("2")']
    assert words(fixed, "b.py") == ['keep("1")']
    assert not fixed.last.findings


@pytest.mark.parametrize(("count", "left"), [(10, []), (12, [21])])
def test_passes_end_at_ten(project, count, left):
    project.write("a.py", *map(str, range(count)))
    fixed = project.fix()
    assert len(fixed.applied) == fixer.MAX_PASSES == 10
    message = "the fixes have not settled after 10 passes; keep of TST001 is left"
    assert messages(fixed) == [("a.py", line, message) for line in left]
    assert fixed.result.exit_code() == (2 if left else 0)


# -- fixes that fail ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("position", range(5))
def test_a_fix_that_leaves_its_finding_is_taken_back_and_the_others_stay(project, position):
    leaks = ["one", "two", "three", "four"]
    leaks.insert(position, "still")
    project.write("a.py", *leaks)
    project.write("b.py", "five")
    fixed = project.fix()
    assert words(fixed) == [f'{"leak" if word == "still" else "keep"}("{word}")' for word in leaks]
    assert words(fixed, "b.py") == ['keep("five")']
    assert messages(fixed) == [
        (
            "a.py",
            2 * position + 1,
            "the fix keep of TST001 is not applied: TST001 is still reported in its lines",
        )
    ]
    assert fixed.result.exit_code() == 2


def test_a_failed_fix_is_told_once_where_its_finding_stands_in_the_end(project):
    (project.directory / "a.py").write_text('leak("name")\nleak("name")\nx = 0\nleak("still")\n')
    ((_, line, _),) = messages(project.fix())
    assert line == 6


def test_a_character_that_the_encoding_lacks_fails_only_its_fix(project):
    cookie = b"# coding: latin-1\n# caf\xe9\n"
    (project.directory / "a.py").write_bytes(
        cookie + b'leak("one")\nx = 0\nleak("euro")\nx = 0\nleak("two")\n'
    )
    fixed = project.fix()
    assert fixed.changed[0].after.startswith(cookie)
    assert words(fixed) == ['keep("one")', 'leak("euro")', 'keep("two")']
    assert messages(fixed) == [
        (
            "a.py",
            5,
            "the fix keep of TST001 is not applied: latin-1 has no place for the character '€'",
        )
    ]


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("crash", "strategy keep of rule TST001 failed: ValueError: no idea"),
        ("garbage", "strategy keep of rule TST001 failed: ValueError: the result does not parse"),
    ],
)
def test_a_strategy_that_fails_is_an_error_and_the_others_go_on(project, word, message):
    project.write("a.py", "one", word)
    fixed = project.fix()
    assert words(fixed) == ['keep("one")', f'leak("{word}")']
    (error,) = fixed.result.errors
    assert (error.path, error.line) == ("a.py", 3)
    assert error.message.startswith(message)


def test_bytes_that_an_encoding_would_write_otherwise_are_not_touched(project):
    # utf-7 may write any character in base64; Python would not write `x` so.
    data = b'# coding: utf-7\nleak("one")\n+AHg- = 0\n'
    assert data.decode("utf-7").encode("utf-7") != data
    (project.directory / "a.py").write_bytes(data)
    project.write("b.py", "two")
    fixed = project.fix()
    assert [item.display for item in fixed.changed] == ["b.py"]
    assert messages(fixed) == [
        ("a.py", None, "cannot be fixed: its bytes cannot be kept: utf-7 writes the same text differently")
    ]


def test_a_file_that_changes_while_it_is_checked_is_an_error(project):
    path = project.write("a.py", "one")
    project.write("b.py", "two")
    listener = Listener(advance=lambda: path.write_text('y = 1\nleak("one")\n'))
    fixed = project.fix(listener=listener)
    assert [item.display for item in fixed.changed] == ["b.py"]
    assert messages(fixed) == [
        ("a.py", None, "cannot be fixed: it was changed by another program meanwhile; run the fix again")
    ]


def test_a_file_that_vanishes_while_it_is_checked_is_an_error(project):
    path = project.write("a.py", "one")
    fixed = project.fix(listener=Listener(advance=path.unlink))
    assert messages(fixed) == [("a.py", None, "cannot be fixed: No such file or directory")]


# -- writing -----------------------------------------------------------------------------------------------


def test_what_cannot_be_written_is_told_and_the_rest_is_done(project):
    changed = project.write("a.py", "one")
    project.write("b.py", "two")
    protected = project.write("c.py", "three")
    protected.chmod(0o444)
    vanished = project.write("d.py", "four")
    fixed = project.fix()
    changed.write_text("# mine\n")
    vanished.unlink()
    errors = [(error.path, error.message) for error in fixer.write(fixed.changed)]
    assert errors == [
        ("a.py", "cannot be written: it was changed by another program meanwhile; run the fix again"),
        ("c.py", "cannot be written: the file is read-only; nothing in it is changed"),
        ("d.py", "cannot be written: No such file or directory; nothing in it is changed"),
    ]
    assert changed.read_text() == "# mine\n"
    assert 'keep("two")' in (project.directory / "b.py").read_text()
    assert 'leak("three")' in protected.read_text()
    assert sorted(os.listdir(project.directory)) == ["a.py", "b.py", "c.py", "pyproject.toml"]


def test_what_could_not_be_written_counts_as_left(project):
    project.write("a.py", "one", "two").chmod(0o444)
    project.write("b.py", "three")
    fixed = project.fix(run=fixer.fix_files)
    assert [item.path for item in fixed.applied] == ["b.py"]
    assert [item.display for item in fixed.changed] == ["b.py"]
    assert [(item.path, item.span.start.line) for item in fixed.last.findings] == [("a.py", 1), ("a.py", 3)]
    assert fixed.result.exit_code() == 2


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o755, 0o664])
def test_the_mode_stays(project, mode):
    path = project.write("a.py", "one")
    path.chmod(mode)
    project.fix(run=fixer.fix_files)
    assert path.read_text().startswith("keep")
    assert stat.S_IMODE(path.stat().st_mode) == mode


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
def test_the_owner_stays(project):
    path = project.write("a.py", "one")
    os.chown(path, 12345, 54321)
    project.fix(run=fixer.fix_files)
    assert path.read_text().startswith("keep")
    assert (path.stat().st_uid, path.stat().st_gid) == (12345, 54321)


def test_a_symbolic_link_stays_one(project):
    target = project.directory / "elsewhere" / "real.py"
    target.parent.mkdir()
    target.write_text('leak("one")\n')
    link = project.directory / "a.py"
    link.symlink_to("elsewhere/real.py")
    project.fix("a.py", run=fixer.fix_files)
    assert os.readlink(link) == "elsewhere/real.py"
    assert target.read_text() == 'keep("one")\n'


def test_a_file_that_is_named_twice_is_fixed_once(project):
    path = project.write("a.py", "name")
    (project.directory / "b.py").symlink_to("a.py")
    fixed = project.fix("a.py", "b.py", run=fixer.fix_files)
    assert messages(fixed) == []
    assert path.read_text() == "kept = None\nkeep(kept)\nx = 0\n"


def test_a_file_is_replaced_not_written_into(project):
    """Who has the old file open reads it to its end."""
    path = project.write("a.py", "one")
    with path.open() as reader:
        project.fix(run=fixer.fix_files)
        assert reader.read() == 'leak("one")\nx = 0\n'
    assert path.read_text() == 'keep("one")\nx = 0\n'


# -- edits -------------------------------------------------------------------------------------------------

LINES = st.lists(st.sampled_from(["", "x", "y", "    x", "  # é", "z = '''"]), max_size=12)


def source_of(text):
    return Source("/a.py", "a.py", text, requested=True)


def joined(lines, ends, *, last):
    """Lines with their ends; the last one may have none."""
    text = "".join(line + end for line, end in zip(lines, ends * len(lines), strict=False))
    return text if last or not text else text.removesuffix(ends[(len(lines) - 1) % len(ends)])


ENDS = st.sampled_from([["\n"], ["\r\n"], ["\r"], ["\n", "\r\n"], ["\r", "\n", "\r\n"]])


@given(old=LINES, new=LINES, ends=ENDS, last=st.tuples(st.booleans(), st.booleans()))
def test_line_edits_turn_one_text_into_the_other(old, new, ends, last):
    before, after = joined(old, ends, last=last[0]), joined(new, ends, last=last[1])
    edits = line_edits(source_of(before), after)
    assert apply_edits(before, edits) == after
    assert list(edits) == sorted(edits, key=lambda edit: edit.span.start)
    for first, second in pairwise(edits):
        assert first.span.end < second.span.start


@given(old=LINES, new=LINES)
def test_a_shift_says_where_lines_went(old, new):
    before, after = joined(old, ["\n"], last=True), joined(new, ["\n"], last=True)
    edits = line_edits(source_of(before), after)
    shift = Shift(edits)
    replaced = {line for _, line in shift.replaced(edits)}
    inserted = {line for _, line in shift.inserted(edits)}
    was, now = lines_of(before), lines_of(after)
    for number, line in enumerate(was, 1):
        places = [place for _, place in shift.places(None, number)]
        if number in replaced:
            assert set(places) <= inserted
        else:
            assert [now[place - 1] for place in places] == [line]
            assert not inserted.intersection(places)
    assert len(was) - len(replaced) == len(now) - len(inserted)


def test_a_small_change_of_a_large_file_is_a_small_edit():
    lines = [f"x = {number}\n\n\n" if number % 2 else "    pass\n" for number in range(4000)]
    before = "".join(lines)
    lines.insert(10, "import gc\n")
    lines[3900] = "    gc.collect()\n"
    edits = line_edits(source_of(before), "".join(lines))
    assert [edit.replacement for edit in edits] == ["import gc\n", "    gc.collect()\n"]


def edit(line, end, replacement):
    return Edit(Span(Position(line, 1), Position(end, 1)), replacement)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ([edit(1, 2, "a\n")], [edit(4, 5, "b\n")], False),
        ([edit(1, 3, "a\n")], [edit(2, 4, "b\n")], True),
        ([edit(1, 2, "a\n")], [edit(2, 3, "b\n")], True),
        ([edit(1, 1, "a\n")], [edit(1, 1, "a\n")], True),
        # One within the other, and both take the same new name: one after the other.
        ([edit(1, 1, "kept = None\n"), edit(9, 10, "kept\n")], [edit(4, 5, "kept = None\n")], True),
        ([edit(1, 1, "kept = None\n"), edit(3, 4, "kept\n")], [edit(5, 6, "kept = None\n")], False),
        ([edit(1, 1, "old = None\n"), edit(9, 10, "old\n")], [edit(4, 5, "old = None\n")], False),
        # Both would define it.
        ([edit(1, 1, "def reset():\n")], [edit(5, 5, "def reset():\n")], True),
        ([edit(1, 1, "import gc\n")], [edit(5, 5, "import gc\n")], True),
    ],
)
def test_edits_that_exclude_each_other(first, second, expected):
    assert exclude_each_other("old = 1\n", first, second) is expected
    assert exclude_each_other("old = 1\n", second, first) is expected


def test_edits_of_different_cells_never_touch():
    one = Edit(Span(Position(1, 1, 0), Position(2, 1, 0)), "a\n")
    other = Edit(Span(Position(1, 1, 1), Position(2, 1, 1)), "b\n")
    assert not exclude_each_other("", [one], [other])
