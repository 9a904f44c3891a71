"""Rules that do not ship with leakscan, however they come; long, as each way has its failures."""

from __future__ import annotations

import dataclasses
import inspect
import os
import re
import subprocess
import sys
import textwrap

import pytest
from conftest import ROOT

from leakscan import questions
from leakscan.codemods import rewriting
from leakscan.rule import Report, Rule
from leakscan.testing import checks

PAGE = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
PROGRAM = "import tensorflow as tf\ntf.config.run_functions_eagerly(True)\n"


@pytest.fixture
def project(leakscan):
    """A project with a rule of its own in tools/rules, and a program that the rule finds."""
    assert leakscan("rule", "new", "ACME001", "eager-mode", "--dir", "tools/rules").code == 0
    leakscan.write("train.py", PROGRAM)
    return leakscan


def shown(language, number=0):
    """A block of code of docs/rules.md."""
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)[number]


def change(leakscan, path, old, new):
    file = leakscan.directory / path
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


# By directory


def test_a_directory_of_rules_is_used(project):
    assert project.json("train.py").places == []
    assert project.json("--rules-dir", "tools/rules", "train.py").places == [("ACME001", "train.py", 2)]


def test_one_rule_folder_is_a_directory_of_rules_too(project):
    found = project.json("--rules-dir", "tools/rules/acme001_eager_mode", "train.py")
    assert found.places == [("ACME001", "train.py", 2)]


def test_several_directories_are_used(project):
    assert project("rule", "new", "OTHER001", "eager-mode", "--dir", "more").code == 0
    found = project.json("--rules-dir", "tools/rules", "--rules-dir", "more", "train.py")
    assert found.places == [("ACME001", "train.py", 2), ("OTHER001", "train.py", 2)]


def test_a_directory_that_is_named_twice_is_loaded_once(project):
    (project.directory / "link").symlink_to("tools/rules")
    found = project.json(
        "--rules-dir", "tools/rules", "--rules-dir", "./tools/rules/", "--rules-dir", "link", "."
    )
    assert [place for place in found.places if place[1] == "train.py"] == [("ACME001", "train.py", 2)]


@pytest.mark.parametrize("selector", ["ACME001", "ACME", "ALL"])
def test_codes_and_prefixes_select(project, selector):
    rules = ("--rules-dir", "tools/rules")
    assert project.json(*rules, "--select", selector, "train.py").places == [("ACME001", "train.py", 2)]
    assert project.json(*rules, "--ignore", selector, "train.py").places == []
    assert project.json(*rules, "--select", "IMR", "train.py").places == []


def test_a_code_that_is_not_loaded_is_unknown(project):
    done = project.json("--select", "ACME001", "train.py")
    assert done.code == 2
    assert done.err.startswith("error: --select: unknown rule 'ACME001'")
    done = project.json("--rules-dir", "tools/rules", "--select", "ACNE001", "train.py")
    assert (done.code, done.err) == (2, "error: --select: unknown rule 'ACNE001' (did you mean 'ACME001'?)\n")


def test_strategies_are_chosen_by_name(project):
    options = ("--rules-dir", "tools/rules", "--fix", "--unsafe-fixes", "--strategy")
    done = project("check", *options, "ACME001=dorp", "train.py")
    assert (
        done.err == "error: --strategy: ACME001 has no strategy 'dorp' (did you mean 'drop'?); it has drop\n"
    )
    assert project("check", *options, "ACME001=drop", "train.py").code == 0
    assert (project.directory / "train.py").read_text() == "import tensorflow as tf\n"


def test_comments_silence_them(project):
    project.write("train.py", PROGRAM.replace("(True)", "(True)  # leakscan: ignore[ACME001]"))
    done = project.json("--rules-dir", "tools/rules", "--report-unused-suppressions", "train.py")
    assert done.places == []


def test_they_are_listed_with_where_they_come_from(project):
    lines = project("rule", "--all", "--rules-dir", "tools/rules").out.splitlines()
    assert [line.split()[:5] for line in lines[:3]] == [
        ["code", "name", "severity", "default", "from"],
        ["ACME001", "eager-mode", "high", "on", "tools/rules"],
        ["IMR001", "model-rebuilt-in-loop", "high", "on", "leakscan"],
    ]


def test_they_have_pages(project):
    page = (project.directory / "tools/rules/acme001_eager_mode/README.md").read_text()
    assert project("rule", "acme001", "--rules-dir", "tools/rules").out == page
    assert project("rule", "ACME001").code == 2
    assert "(did you mean 'ACME001'?)" in project("rule", "ACNE001", "--rules-dir", "tools/rules").err


def test_equal_folder_names_in_two_directories_are_two_rules(project):
    folder = project.directory / "tools/rules/acme001_eager_mode"
    for directory, code in (("one", "AA001"), ("two", "BB001")):
        other = project.directory / directory / folder.name
        other.mkdir(parents=True)
        text = (folder / "rule.py").read_text().replace("ACME001", code)
        message = (
            '"functions run eagerly; every tf.function of the program is executed operation by operation"'
        )
        (other / "rule.py").write_text(
            text.replace(message, "TEXT").replace("class Drop", "from .text import TEXT\n\nclass Drop")
        )
        (other / "text.py").write_text(f"TEXT = 'from {directory}'\n")
    done = project.json("--rules-dir", "one", "--rules-dir", "two", "train.py")
    assert [(item["code"], item["message"]) for item in done.json["findings"]] == [
        ("AA001", "from one"),
        ("BB001", "from two"),
    ]


def test_a_file_beside_the_rule_is_read_anew(project):
    folder = project.directory / "tools/rules/acme001_eager_mode"
    change(project, folder / "rule.py", '"eager-mode"', "NAME")
    change(project, folder / "rule.py", "class Drop", "from .words import NAME\n\nclass Drop")
    for text in ("first", "another"):  # of other lengths: what Python compiled is told by size and time
        (folder / "words.py").write_text(f"NAME = {text!r}\n")
        found = project.json("--rules-dir", "tools/rules", "train.py").json["findings"]
        assert [item["name"] for item in found] == [text]


# What is wrong with a directory or a rule

RULE = "tools/rules/acme001_eager_mode/rule.py"
IMPORT = "from leakscan.facts.model import Literal"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (IMPORT, "import libsct", "rule.py:8: ModuleNotFoundError: No module named 'libsct'"),
        (IMPORT, "import libcst as", "rule.py:8: SyntaxError: "),
        (IMPORT, "raise SystemExit('no')", "rule.py:8: SystemExit: no"),
        (IMPORT, "from .nothing import x", "rule.py:8: ModuleNotFoundError: No module named"),
        ('code = "ACME001"', 'code = "acme1"', "'acme1' is not a rule code"),
        ('code = "ACME001"', 'code = "LSC001"', "LSC001 is a code of leakscan itself"),
        ('    code = "ACME001"\n', "", "the attribute code must be a string"),
        ('name = "eager-mode"', 'name = "eager_mode"', "is not a rule name; it is in small letters with"),
        ("severity = Severity.HIGH", 'severity = "high"', "the attribute severity must be a leakscan"),
        ("(Drop(),)", "[Drop()]", "the attribute strategies must be a tuple of instances"),
        ("(Drop(),)", "(Drop,)", "which is not an instance of leakscan.rule.Strategy"),
        ("(Drop(),)", "(Drop(), Drop())", "two strategies have one name"),
        ('name = "drop"', 'name = "Drop it"', "the strategy Drop needs a name in small letters with hyphens"),
        ('summary = "remove the call"', "", "the strategy Drop needs a summary"),
        ("applicability = Applicability.UNSAFE", "", "the strategy Drop needs a leakscan.rule.Applicability"),
        ("def judge(", "def jugde(", "TypeError: Can't instantiate abstract class EagerMode"),
        ("class EagerMode(Rule)", "class EagerMode", "one class that is a leakscan.rule.Rule, found 0"),
        ("class EagerMode(Rule)", "class A(Rule): ...\n\n\nclass EagerMode(Rule)", "Rule, found 2"),
    ],
)  # fmt: skip
def test_a_rule_that_cannot_be_loaded_is_an_error(project, old, new, message):
    change(project, RULE, old, new)
    done = project("check", "--rules-dir", "tools/rules", "train.py")
    assert (done.code, done.out) == (2, "")
    assert message in done.err
    assert "acme001_eager_mode" in done.err
    assert len(done.err.splitlines()) == 1


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("acme001-eager-mode", "the name of a rule folder is its code and its name, in small letters with"),
        ("acme001-eager-mode", "underscores, such as abc001_a_name; call it acme001_eager_mode"),
        ("ACME001_eager_mode", "call it acme001_eager_mode"),
        ("eager_mode", "such as abc001_a_name\n"),
        ("acme001_", "such as abc001_a_name\n"),
    ],
)  # fmt: skip
def test_a_folder_is_named_as_a_package_is(project, name, message):
    rules = project.directory / "tools/rules"
    (rules / "acme001_eager_mode").rename(rules / name)
    done = project("check", "--rules-dir", "tools/rules", "train.py")
    assert done.code == 2
    assert message in done.err


def test_a_folder_that_is_nearly_a_rule_is_an_error(project):
    (project.directory / RULE).rename(project.directory / RULE.replace("rule.py", "rules.py"))
    done = project("check", "--rules-dir", "tools/rules", "train.py")
    assert done.code == 2
    assert done.err.endswith("tools/rules/acme001_eager_mode: a rule folder without rule.py\n")


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("nowhere", "nowhere: no such directory"),
        ("train.py", "train.py: no such directory"),
        ("empty", "empty: no rule folders; each is a folder"),
    ],
)
def test_a_directory_without_rules_is_an_error(project, path, message):
    (project.directory / "empty").mkdir()
    done = project("check", "--rules-dir", path, "train.py")
    assert done.code == 2
    assert message in done.err


def test_a_code_that_is_used_twice_is_an_error_that_names_both(project):
    assert project("rule", "new", "ACME001", "other", "--dir", "more").code == 0
    done = project("check", "--rules-dir", "tools/rules", "--rules-dir", "more", "train.py")
    assert done.code == 2
    assert "rule code ACME001 is used by" in done.err
    assert "acme001_eager_mode (tools/rules) and" in done.err
    assert "acme001_other (more)" in done.err


def test_a_code_of_a_built_in_rule_is_taken(project):
    change(project, RULE, 'code = "ACME001"', 'code = "IMR001"')
    done = project("check", "--rules-dir", "tools/rules", "train.py")
    assert done.code == 2
    assert "rule code IMR001 is used by" in done.err
    assert "imr001_model_rebuilt_in_loop (leakscan) and" in done.err


def test_a_rule_that_fails_does_not_stop_the_others(project):
    change(project, RULE, "if found.conditional:", "if 1 / 0:")
    project.write("fold.py")
    project.write("train.py", PROGRAM)
    done = project.json("--rules-dir", "tools/rules", ".")
    assert done.code == 2
    assert done.places == [("IMR001", "fold.py", 3)]
    assert "rule ACME001 failed: ZeroDivisionError" in done.err
    assert "acme001_eager_mode/rule.py:" in done.err


# By configuration


def test_the_configuration_names_directories_relative_to_itself(project):
    project.write("pyproject.toml", '[tool.leakscan]\nrules-dirs = ["tools/rules"]\nselect = ["ACME"]\n')
    project.write("src/deep/train.py", PROGRAM)
    assert project.json(".").places == [
        ("ACME001", "src/deep/train.py", 2),
        ("ACME001", "train.py", 2),
    ]
    below = project.json("train.py", cwd=project.directory / "src/deep")
    assert below.places == [("ACME001", "train.py", 2)]
    assert "tools/rules" in project("rule", "--all").out
    assert project("rule", "ACME001").code == 0


def test_a_named_configuration_has_its_own(project):
    project.write("tools/leakscan.toml", 'rules-dirs = ["rules"]\nextend-select = ["ACME001"]\n')
    found = project.json("--config", "tools/leakscan.toml", "train.py")
    assert found.places == [("ACME001", "train.py", 2)]


def test_isolated_reads_none_but_takes_options(project):
    project.write("pyproject.toml", '[tool.leakscan]\nrules-dirs = ["tools/rules"]\n')
    assert project.json("--isolated", "train.py").places == []
    found = project.json("--isolated", "--rules-dir", "tools/rules", "train.py")
    assert found.places == [("ACME001", "train.py", 2)]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ('"tools"', "pyproject.toml: rules-dirs must be a list of strings"),
        ('["tool"]', "pyproject.toml: rules-dirs: tool: no such directory"),
    ],
)
def test_a_configuration_that_is_wrong_is_an_error(project, value, message):
    project.write("pyproject.toml", f"[tool.leakscan]\nrules-dirs = {value}\n")
    for command in (("rule", "--all"), ("rule", "new", "XX001", "x")):
        done = project(*command)
        assert (done.code, done.err) == (2, f"error: {message}\n")
    done = project("check", "train.py")
    assert (done.code, done.err) == (2, f"{message.replace(': ', ': error: ', 1)}\n")


def test_what_is_checked_cannot_bring_code_that_runs(project):
    project.write("vendor/pyproject.toml", '[tool.leakscan]\nrules-dirs = ["rules"]\nselect = ["EVIL001"]\n')
    project.write("vendor/rules/evil001_x/rule.py", "open('ran', 'w')\n")
    project.write("vendor/train.py", PROGRAM)
    done = project.json("vendor")
    assert done.code == 2
    assert done.err == (
        "vendor/pyproject.toml: error: rules-dirs: the rules of vendor/rules are not run, since they are "
        "code of what is checked; add --allow-project-rules if you trust it, "
        "or start leakscan in that project\n"
    )
    assert not list(project.directory.rglob("ran"))
    assert project.json("--isolated", "vendor").code == 0


def test_the_remedy_that_is_named_works(project):
    (project.directory / "tools/rules").rename(project.directory / "tools/checks")
    project.write("tools/pyproject.toml", '[tool.leakscan]\nrules-dirs = ["checks"]\nselect = ["ACME001"]\n')
    project.write("tools/train.py", PROGRAM)
    assert project.json("tools/train.py").code == 2
    expected = [("ACME001", "tools/train.py", 2)]
    assert project.json("--rules-dir", "tools/checks", "tools/train.py").places == expected
    assert project.json("--allow-project-rules", "tools/train.py").places == expected
    everywhere = project.json("--allow-project-rules").places
    assert everywhere == [*expected, ("ACME001", "train.py", 2)]
    assert project.json("train.py", cwd=project.directory / "tools").places == [("ACME001", "train.py", 2)]


# By entry point


def installed(leakscan, name, value, *, package="acme_rules", code="ACME001"):
    """Lay a distribution out as pip does in a directory; return it for PYTHONPATH."""
    site = leakscan.directory.parent / f"site-{name}"
    info = site / f"{name.replace('-', '_')}-1.2.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.2\n")
    (info / "entry_points.txt").write_text(f"[leakscan.rules]\nacme = {value}\n")
    assert leakscan("rule", "new", code, "eager-mode", "--dir", site / package).code == 0
    (site / package / "__init__.py").write_text(
        "raise RuntimeError('a check imports no packages of rules')\n"
    )
    return site


def with_site(leakscan, *sites):
    path = os.pathsep.join([*map(str, sites), str(ROOT)])
    return lambda *arguments: leakscan.spawn(*arguments, env={"PYTHONPATH": path})


def test_an_installed_distribution_gives_rules(leakscan):
    run = with_site(leakscan, installed(leakscan, "acme-leaks", "acme_rules"))
    leakscan.write("train.py", PROGRAM)
    leakscan.write("pyproject.toml", '[tool.leakscan]\nextend-select = ["ACME001"]\n')
    assert run("check", "--output-format", "json", ".").places == [("ACME001", "train.py", 2)]
    assert "acme-leaks 1.2" in run("rule", "--all").out
    assert run("rule", "ACME001").out.startswith("# ACME001 eager-mode")


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("acme_ruels", "the entry point acme = 'acme_ruels' of the group leakscan.rules gives no rules: "),
        ("acme_ruels", "there is no such package"),
        ("acme_rules:Rule", "it must name a package, whose directory holds rule folders"),
        ("acme_rules.nothing", "RuntimeError: a check imports no packages of rules"),
        ("this", "it must name a package"),
    ],
)  # fmt: skip
def test_an_entry_point_that_gives_no_rules_is_an_error(leakscan, value, message):
    run = with_site(leakscan, installed(leakscan, "acme-leaks", value))
    leakscan.write("train.py", PROGRAM)
    done = run("check", ".")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("error: acme-leaks 1.2: ")
    assert message in done.err


def test_a_broken_rule_of_a_distribution_is_blamed_on_it(leakscan):
    site = installed(leakscan, "acme-leaks", "acme_rules")
    (site / "acme_rules/acme001_eager_mode/rule.py").write_text("import nothing_of_the_kind\n")
    done = with_site(leakscan, site)("check", ".")
    assert done.code == 2
    assert done.err.startswith("error: acme-leaks 1.2: ")
    assert "rule.py:1: ModuleNotFoundError: No module named 'nothing_of_the_kind'" in done.err


def test_two_distributions_with_one_code_are_an_error_that_names_both(leakscan):
    first = installed(leakscan, "acme-leaks", "acme_rules")
    second = installed(leakscan, "other-leaks", "other_rules", package="other_rules")
    done = with_site(leakscan, first, second)("check", ".")
    assert done.code == 2
    assert "rule code ACME001 is used by" in done.err
    assert "(acme-leaks 1.2)" in done.err
    assert "(other-leaks 1.2)" in done.err


def test_rules_under_test_are_not_those_that_are_installed(leakscan):
    run = with_site(leakscan, installed(leakscan, "acme-leaks", "acme_rules"))
    assert leakscan("rule", "new", "ACME001", "eager-mode", "--dir", "rules").code == 0
    assert run("rule", "test", "rules").code == 0


def test_a_distribution_that_is_built_and_installed_gives_rules(leakscan, tmp_path):
    source, target = tmp_path / "acme", tmp_path / "installed"
    source.mkdir()
    (source / "pyproject.toml").write_text(shown("toml"))
    assert leakscan("rule", "new", "ACME001", "eager-mode", "--dir", source / "acme_leaks").code == 0
    (source / "acme_leaks/__init__.py").write_text("")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", target, source]
    done = subprocess.run(list(map(str, pip)), capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    leakscan.write("train.py", PROGRAM)
    run = with_site(leakscan, target)
    assert run("check", "--output-format", "json", ".").places == [("ACME001", "train.py", 2)]
    assert "acme-leaks 0.3" in run("rule", "--all").out
    assert run("check", "--fix", "--unsafe-fixes", ".").code == 0
    assert (leakscan.directory / "train.py").read_text() == "import tensorflow as tf\n"


# What rules ask of the analysis


CALLS = {
    "import gc\ngc.collect()\n": ["2: gc.collect"],
    "import gc as g\nfrom gc import collect as c\ng.collect()\nc()\n": ["3: gc.collect", "4: gc.collect"],
    "import gc\ndef f(gc):\n    gc.collect()\n": [],
    "import gc\ndef f():\n    gc = object()\n    gc.collect()\n": [],
    "def f():\n    import gc\n    gc.collect()\n": ["3: gc.collect"],
    "gc.collect()\n": [],
    "from mine import gc\ngc.collect()\n": [],
    "import gc\nfor x in y:\n    gc.collect()\n": ["3: gc.collect loop 2"],
    "import gc\nfor x in gc.collect():\n  pass\nelse:\n  gc.collect()": ["2: gc.collect", "5: gc.collect"],
    "import gc\nwhile gc.collect():\n    pass\n": ["2: gc.collect loop 2 conditional"],
    "import gc\n[gc.collect() for x in gc.collect()]\n": ["2: gc.collect loop 2", "2: gc.collect"],
    "import gc\nif x:\n    print(gc.collect())\n": ["3: gc.collect conditional"],
    "import gc\nx = y or gc.collect()\n": ["2: gc.collect conditional"],
    "import gc\nclass A:\n    x = gc.collect()\n": ["3: gc.collect"],
    "import gc\nfor x in y:\n    def f():\n        gc.collect()\n": ["4: gc.collect"],
    "from tensorflow.keras import backend as K\nK.clear_session()\n": ["2: keras.backend.clear_session"],
    "import tensorflow as tf\nk = tf.keras\nk.backend.clear_session()\n": ["3: keras.backend.clear_session"],
    "from keras.backend import *\nclear_session()\n": ["2: keras.backend.clear_session"],
}  # fmt: skip
PROBE = textwrap.dedent(
    '''\
    """QX001: says what calls_of finds."""
    from leakscan.questions import calls
    from leakscan.rule import Confidence, Report, Rule, Severity


    class Probe(Rule):
        """Every call."""

        code, name, summary, severity = "QX001", "probe", "a call", Severity.LOW

        def judge(self, project):
            """Yield a report for each call."""
            for found in calls(project, {"gc.collect", "tensorflow.keras.backend.clear_session"}):
                loop, refs = (" loop {0}", (found.loop,)) if found.loop else ("", ())
                text = f"{found.name}{loop}{' conditional' * found.conditional}"
                yield Report(found.place, text, "", self.severity, Confidence.HIGH, refs=refs)
    '''
)


@pytest.mark.parametrize("text", CALLS)
def test_calls_are_found_by_what_they_call(leakscan, text):
    leakscan.write("probe/qx001_probe/rule.py", PROBE)
    leakscan.write("a.py", f"{text}\n# tensorflow\n")
    done = leakscan.json("--rules-dir", "probe", "--select", "QX001", "a.py")
    found = [f"{item['line']}: {item['message']}".replace("line ", "") for item in done.json["findings"]]
    assert sorted(found) == sorted(CALLS[text])


# What the page says


def test_the_rule_that_is_shown_is_the_one_that_is_made(leakscan):
    leakscan("rule", "new", "ACME001", "functions-run-eagerly")
    made = leakscan.directory / "acme001_functions_run_eagerly/rule.py"
    assert made.read_text(encoding="utf-8") == shown("python")


def test_the_suite_that_is_shown_runs(leakscan):
    leakscan("rule", "new", "ACME001", "functions-run-eagerly", "--dir", "my_rules")
    leakscan.write("test_rules.py", shown("python", 3))
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_rules.py"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    for code in (0, 1):
        done = subprocess.run(
            command, cwd=leakscan.directory, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == code, done.stdout
        (leakscan.directory / "my_rules/acme001_functions_run_eagerly/README.md").write_text("# ACME001\n")
    assert "the heading '## Fix safety' is missing" in done.stdout


def public(kind):
    """The names that a class itself gives its users."""
    names = {name for name in vars(kind) if not name.startswith("_")}
    if kind is rewriting.Code:
        names |= {"tree", "nodes", "project", "index"}
    return names


def test_every_public_name_is_on_the_page():
    words = set(re.findall(r"\b\w+\b", " ".join(re.findall(r"`([^`\n]+)`", PAGE))))
    fields = {item.name for kind in (Report, questions.Call) for item in dataclasses.fields(kind)}
    annotated = set(inspect.get_annotations(Rule))
    members = public(rewriting.Code) | (public(rewriting.Patch) - {"code", "leave"})
    assert fields | annotated | members | {"judge", "rewrite", "calls", "cases"} <= words
    assert set(checks._FOLDER_CHECKS) | set(checks._EXAMPLE_CHECKS) <= words
