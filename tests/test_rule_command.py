"""`leakscan rule new` makes a rule that works, and `leakscan rule test` finds what is wrong with one."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sysconfig

import pytest
from conftest import ROOT

from leakscan.testing import HEADINGS, Case, cases

FOLDER = "rules/acme001_functions_run_eagerly"
BAD = f"{FOLDER}/examples/bad_at_the_top.py"
GOOD = f"{FOLDER}/examples/good_option.py"
FIXED = f"{FOLDER}/examples/fixed/bad_at_the_top.drop.py"


@pytest.fixture
def new(leakscan):
    """A new rule in `rules/`, before its author changes anything."""
    assert leakscan("rule", "new", "ACME001", "functions-run-eagerly", "--dir", "rules").code == 0
    return leakscan


def change(leakscan, path, old, new):
    file = leakscan.directory / path
    text = file.read_text()
    assert text.count(old) == 1, old
    file.write_text(text.replace(old, new))


def tree(directory):
    return {path.relative_to(directory): path.read_bytes() for path in directory.rglob("*") if path.is_file()}


# New rules


def test_a_new_rule_is_told_file_by_file(leakscan):
    done = leakscan("rule", "new", "ACME001", "functions-run-eagerly", "--dir", "rules")
    assert done.out.splitlines() == [
        f"{FOLDER}/README.md",
        f"{FOLDER}/examples/bad_alias.py",
        f"{FOLDER}/examples/bad_at_the_top.py",
        f"{FOLDER}/examples/fixed/bad_alias.drop.py",
        f"{FOLDER}/examples/fixed/bad_at_the_top.drop.py",
        f"{FOLDER}/examples/good_namesake.py",
        f"{FOLDER}/examples/good_option.py",
        f"{FOLDER}/rule.py",
        "",
        f"A rule that works, to be changed into yours. Check it with: leakscan rule test {FOLDER}",
        "Use it with: leakscan check --rules-dir rules",
    ]
    written = [
        str(path.relative_to(leakscan.directory)) for path in (leakscan.directory / "rules").rglob("*.*")
    ]
    assert set(done.out.splitlines()[:8]) <= set(written)


@pytest.mark.parametrize("name", ["functions-run-eagerly", "report", "drop", "none", "a1-b2", "literal"])
def test_a_new_rule_passes_whatever_its_name(leakscan, name):
    assert leakscan("rule", "new", "QX007", name).code == 0
    done = leakscan("rule", "test", ".")
    assert done.out == f"QX007 {name}: 2 bad and 2 good examples, 1 fix\nTested 1 rule: all is well.\n"
    assert done.code == 0


def test_a_new_rule_finds_and_fixes(new):
    new.write(
        "train.py", "import tensorflow as tf\ntf.config.run_functions_eagerly(True)\ntf.function(print)\n"
    )
    found = new.json("--rules-dir", "rules", "train.py")
    assert found.places == [("ACME001", "train.py", 2)]
    done = new("check", "--rules-dir", "rules", "--fix", "--unsafe-fixes", "train.py")
    assert done.code == 0, done.err
    assert (new.directory / "train.py").read_text() == "import tensorflow as tf\ntf.function(print)\n"


@pytest.mark.parametrize(
    ("code", "name", "message"),
    [
        ("acme001", "a-name", "'acme001' is not a rule code; it has 2 to 6 capital letters and 3 digits"),
        ("acme001", "a-name", "(did you mean 'ACME001'?)"),
        ("ACME-001", "a-name", "(did you mean 'ACME001'?)"),
        ("ACME1", "a-name", "'ACME1' is not a rule code"),
        ("../A001", "a-name", "is not a rule code"),
        ("LSC001", "a-name", "LSC001 is a code of leakscan itself"),
        ("ACME001", "BigBatch", "'BigBatch' is not a rule name; it is in small letters with hyphens"),
        ("ACME001", "BigBatch", "(did you mean 'big-batch'?)"),
        ("ACME001", "big_batch", "(did you mean 'big-batch'?)"),
        ("ACME001", "../x", "(did you mean 'x'?)"),
        ("ACME001", "é", "'é' is not a rule name"),
        ("IMR001", "a-name", "the code IMR001 is used by "),
    ],
)  # fmt: skip
def test_a_code_or_name_that_cannot_be_is_an_error(leakscan, code, name, message):
    before = tree(leakscan.directory)
    done = leakscan("rule", "new", code, name)
    assert (done.code, done.out) == (2, "")
    assert message in done.err
    assert tree(leakscan.directory) == before


def test_nothing_is_overwritten(new):
    before = tree(new.directory)
    again = new("rule", "new", "ACME001", "functions-run-eagerly", "--dir", "rules")
    assert (again.code, again.err) == (2, f"error: {FOLDER} already exists; nothing is overwritten\n")
    other = new("rule", "new", "ACME001", "other", "--dir", "rules")
    assert (other.code, other.err) == (2, f"error: {FOLDER} already exists; the code ACME001 is taken\n")
    assert tree(new.directory) == before


def test_a_code_of_a_configured_directory_is_taken(new):
    new.write("pyproject.toml", '[tool.leakscan]\nrules-dirs = ["rules"]\n')
    done = new("rule", "new", "ACME001", "other", "--dir", "elsewhere")
    assert done.code == 2
    assert "the code ACME001 is used by" in done.err


def test_a_place_that_cannot_be_written_is_an_error(leakscan):
    leakscan.write("file", "")
    done = leakscan("rule", "new", "ACME001", "a-name", "--dir", "file")
    assert done.code == 2
    assert "cannot be written" in done.err


def test_a_command_that_is_nearly_one_gets_a_hint(leakscan):
    assert "(did you mean 'test'?)" in leakscan("rule", "tset").err


# What is wrong with a rule. Each: what the author does, what the report says.

RULE = f"{FOLDER}/rule.py"
README = f"{FOLDER}/README.md"
REWRITE = "patch.drop(statement, moved=False)"
TREE = "patch.tree())"

CHANGES = {
    "mark missing": (BAD, "  # expect: ACME001", "", "a bad example marks a line with '# expect: ACME001'"),
    "finding not marked": (BAD, "  # expect: ACME001", "", ":5: ACME001 is reported and not expected"),
    "mark without finding": (
        BAD,
        "x, training=True)",
        "x)  # expect: ACME001",
        ":10: ACME001 is expected and",
    ),
    "limit that is gone": (BAD, "# expect:", "# todo:", "bad_at_the_top.py:5: is found now"),
    "mark of another rule": (BAD, "expect: ACME001", "expect: IMR001", "marks IMR001, which is not the code"),
    "good one reported": (GOOD, '"--debug" in sys.argv', "True", "good_option.py:7: ACME001 is reported and"),
    "good one marked": (GOOD, "argv)\n", "argv)  # todo: ACME001\n", ":7: a good example marks nothing"),
    "example that does not parse": (GOOD, "import sys", "import", "good_option.py:3: does not parse: "),
    "example without text": (
        GOOD,
        '"""An',
        '# coding: hex\n"""An',
        "good_option.py: does not parse: 'hex' is not a",
    ),
    "no docstring": (GOOD, '"""An option decides."""', "", "begins with a docstring of one line"),
    "long docstring": (GOOD, "decides.", "decides.\n\nThe user's.\n", "the docstring has more than one line"),
    "heading missing": (README, "## Fix safety", "", "the heading '## Fix safety' is missing"),
    "heading too many": (README, "## Fix", "## More\n\n## Fix", "'## More' is not one of a rule's page"),
    "title": (README, "# ACME001", "# ACME", "the heading '# ACME001 functions-run-eagerly' is missing"),
    "code on the page": (README, "options.debug:", "options.debug", "README.md: code does not parse"),
    "rule renamed": (RULE, '"functions-run-eagerly"', '"eager"', "call the folder acme001_eager"),
    "summary of two lines": (RULE, "operation by operation, in", "\\n in", "the summary is not one line"),
    "another result": (FIXED, "x, training=True", "x", "the result is another one than expected\n"),
    "fix with a syntax error": (
        RULE,
        TREE,
        'cst.Module([cst.SimpleStatementLine([cst.Expr(cst.Name("for"))])]))',
        ":5: drop: strategy drop of rule ACME001 failed: ValueError: the result does not parse",
    ),
    "fix that changes nothing": (RULE, TREE, "code.tree)", "drop: gives a fix that changes nothing"),
    "fix that does not help": (
        RULE,
        REWRITE,
        'patch.after(statement, "pass")',
        "ACME001 is still reported in",
    ),
    "fix that loses a comment": (
        RULE,
        "moved=False",
        "moved=True",
        "'# Makes errors readable.' of bad_alias.py",
    ),
    "tree that is changed": (
        RULE,
        "patch = Patch(code)",
        'patch = Patch(code)\n        object.__setattr__(code.tree, "body", code.tree.body[:1])',
        "drop: changes the tree that it is given; it must return a new one",
    ),
    "strategy that fails": (
        RULE,
        REWRITE,
        "1 / 0",
        ":5: drop: strategy drop of rule ACME001 failed: ZeroDiv",
    ),
    "rule that fails": (RULE, "if found.conditional:", "if 1 / 0:", "rule ACME001 failed: ZeroDivisionError"),
    "strategy that does not apply": (
        RULE,
        "patch = Patch(code)",
        'raise RefusedError("not today")\n        patch = Patch(code)',
        "drop: makes no fix, so examples/fixed/bad_at_the_top.drop.py belongs to nothing: not today",
    ),
    "strategy renamed": (RULE, 'name = "drop"', 'name = "cut"', "bad_alias.drop.py: belongs to nothing"),
    "result missing": (RULE, 'name = "drop"', 'name = "cut"', "no expected result of cut: add bad_*.cut.py"),
    "no strategies": (RULE, "(Drop(),)", "()", "bad_alias.drop.py: belongs to nothing"),
    "advice with a result": (RULE, "= Applicability.UNSAFE", "= Applicability.DISPLAY", "belongs to nothing"),
}


@pytest.mark.parametrize("what", CHANGES)
def test_what_is_wrong_is_said(new, what):
    path, old, replacement, message = CHANGES[what]
    change(new, path, old, replacement)
    done = new("rule", "test", FOLDER)
    assert message in done.out.replace("\n  ", "\n"), done.out + done.err
    assert done.code == 1
    assert done.err == ""
    assert "Tested 1 rule: " in done.out


def test_headings_come_in_order(new):
    change(new, README, "## Known limits", "## KNOWN")
    change(new, README, "## Fix safety", "## Known limits")
    change(new, README, "## KNOWN", "## Fix safety")
    assert "the headings are in another order than" in new("rule", "test", FOLDER).out


def test_files_that_are_missing_or_too_many_are_named(new):
    folder = new.directory / FOLDER
    (folder / "README.md").unlink()
    for path in folder.glob("examples/good_*"):
        path.unlink()
    new.write(f"{FOLDER}/examples/other.py", '"""Named for nothing."""\n')
    new.write(f"{FOLDER}/examples/notes.txt", "")
    new.write(f"{FOLDER}/examples/bad_project/part.py", '"""A part."""\n')
    new.write(f"{FOLDER}/examples/bad_twin.py", (folder / "examples/bad_alias.py").read_text())
    out = new("rule", "test", FOLDER).out
    assert "README.md: cannot be read" in out
    assert "examples: there is no good_*.py" in out
    assert "examples/other.py: the name of an example begins with bad_ or good_" in out
    assert "examples/notes.txt: is neither a Python file nor a folder" in out
    assert "examples/bad_project: a project has a main.py" in out
    assert "examples/bad_twin.py: holds the same code as examples/bad_alias.py" in out


def test_a_project_is_an_example_too(new):
    caller = '"""The switch is elsewhere."""\n\nimport tensorflow as tf\nfrom debugging import on\n\non()\n'
    switch = (
        '"""Switches."""\n\nfrom tensorflow import config\n\n\ndef on():\n    print()\n'
        "    config.run_functions_eagerly(True)  # expect: ACME001\n"
    )
    new.write(f"{FOLDER}/examples/bad_other_module/main.py", caller)
    new.write(f"{FOLDER}/examples/bad_other_module/debugging.py", switch)
    assert new("rule", "test", FOLDER).code == 0
    fixed = f"{FOLDER}/examples/fixed/bad_other_module.drop"
    new.write(f"{fixed}/main.py", caller)
    assert "the result is another one than expected" in new("rule", "test", FOLDER).out
    new.write(f"{fixed}/debugging.py", switch.rpartition("    config")[0])
    assert new("rule", "test", FOLDER).code == 0


def test_every_folder_of_a_directory_is_tested(new):
    assert new("rule", "new", "ACME002", "other", "--dir", "rules").code == 0
    change(new, "rules/acme002_other/rule.py", "found.conditional", "True")
    done = new("rule", "test", "rules")
    assert done.code == 1
    assert done.out.startswith(
        "ACME001 functions-run-eagerly: 2 bad and 2 good examples, 1 fix\nACME002 other:"
    )
    assert done.out.endswith("\nTested 2 rules: 4 problems.\n")


def test_advice_must_not_give_a_fix(new):
    change(new, RULE, "    applicability = Applicability.UNSAFE", "    applicability = Applicability.DISPLAY")
    change(new, RULE, "self.applicability, patch", "Applicability.SAFE, patch")
    assert "drop: is declared as display, but gives a fix" in new("rule", "test", FOLDER).out


@pytest.mark.parametrize("path", ["nowhere", "empty", "rules/acme001_functions_run_eagerly/README.md"])
def test_what_holds_no_rules_cannot_be_tested(new, path):
    (new.directory / "empty").mkdir()
    done = new("rule", "test", path)
    assert done.code == 2
    assert path.rpartition("/")[2] in done.err


def test_a_rule_with_the_code_of_a_built_in_one_cannot_be_tested(new):
    change(new, RULE, 'code = "ACME001"', 'code = "UTR001"')
    done = new("rule", "test", FOLDER)
    assert done.code == 2
    assert "rule code UTR001 is used by" in done.err


def test_authors_run_the_same_checks_with_pytest(new):
    found = cases(new.directory / "rules")
    assert all(isinstance(case, Case) for case in found)
    assert len({str(case) for case in found}) == len(found)
    assert "ACME001-bad_alias.py-fixes" in map(str, found)
    for case in found:
        case.check()
    change(new, BAD, "  # expect: ACME001", "")
    failing = [case for case in cases(new.directory / "rules") if case.problems()]
    assert [str(case) for case in failing] == [
        "ACME001-bad_at_the_top.py-marks",
        "ACME001-bad_at_the_top.py-findings",
    ]
    with pytest.raises(AssertionError, match="ACME001 is reported and not expected"):
        failing[1].check()


def test_the_page_of_the_template_has_every_heading(new):
    text = (new.directory / README).read_text()
    assert [line for line in text.splitlines() if line.startswith("## ")] == list(HEADINGS)


# The way to a rule that ships


def steps():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    section = text.partition("## Add a rule in five steps\n")[2].partition("\n## ")[0]
    return re.findall(r"^ *\$ (.+)$", section, re.MULTILINE)


def test_the_five_steps_lead_to_a_rule(tmp_path):
    root = tmp_path / "checkout"
    ignored = shutil.ignore_patterns(".*", "__pycache__")
    for name in ("leakscan", "rules", "tests", "fixtures"):
        shutil.copytree(ROOT / name, root / name, ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", root)
    folder = root / "rules" / "res009_functions_run_eagerly"
    scripts = os.pathsep.join([sysconfig.get_path("scripts"), os.environ["PATH"]])

    def run(command):
        # Two tests need no processes.
        environment = {**os.environ, "PATH": scripts, "PYTHONPATH": str(root), "PYTEST_ADDOPTS": "-n 0"}
        return subprocess.run(
            shlex.split(command), cwd=root, env=environment, capture_output=True, text=True, check=False
        )

    make, test, find, diff, ship = steps()
    assert run(make).stdout.splitlines()[0] == "rules/res009_functions_run_eagerly/README.md"
    assert run(test).stdout.endswith("Tested 1 rule: all is well.\n")
    assert run(find).returncode == 0
    shown = run(diff)
    assert shown.returncode == 1
    assert "-    eager(True)  # expect: RES009\n" in shown.stdout
    unfinished = run(ship)
    assert unfinished.returncode == 1
    assert "test_rule_has_enough_examples[RES009]" in unfinished.stdout
    for number in range(4):  # what its author does in step 2
        for kind, flag, mark in (("bad", "True", "  # expect: RES009"), ("good", f"x{number}", "")):
            text = f'"""Case {number}."""\n\nimport tensorflow as tf\n\nprint({number})\n'
            text += f"tf.config.run_functions_eagerly({flag}){mark}\n"
            (folder / "examples" / f"{kind}_{number}.py").write_text(text)
    finished = run(ship)
    assert finished.returncode == 0, finished.stdout
