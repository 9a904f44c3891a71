"""What holds for every fix, over all examples, all fixtures and files of installed packages.

The result parses, the finding is gone (so a second run changes nothing), comments survive, only lines of the
fix change; encodings, line ends, indentation and the missing last newline are those of the file.
"""

from __future__ import annotations

import ast
import contextlib
import difflib
import io
import json
import os
import random
import re
import shutil
import sysconfig
import tokenize
from collections import Counter
from pathlib import Path

import pytest
from conftest import ROOT

from leakscan import cli
from leakscan.registry import load_rules

STRATEGIES = sorted(
    {
        (rule.code, strategy.name)
        for rule in (loaded.rule for loaded in load_rules())
        for strategy in rule.strategies
        if strategy.applicability.value != "display"
    }
)
#: Programs of one file, and projects.
EXAMPLES = sorted((ROOT / "rules").glob("*/examples/bad_*"))
PROGRAMS = [
    *sorted((ROOT / "fixtures").glob("*/*.py")),
    ROOT / "fixtures" / "imr" / "search",
    *sorted((ROOT / "tests" / "training_loops").glob("*.py")),
]


def run(directory, *arguments):
    """Run a command in a directory, in this process: (exit code, standard output, standard error)."""
    out, err = io.StringIO(), io.StringIO()
    before = os.getcwd()
    os.chdir(directory)
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = cli.main([str(argument) for argument in arguments])
    finally:
        os.chdir(before)
    return code, out.getvalue(), err.getvalue()


def findings(directory, *options):
    code, out, err = run(
        directory,
        *("check", "--isolated", "--extend-select", "RES"),
        *("--min-severity", "low", "--output-format", "json", *options, "."),
    )
    assert code in (0, 1), err
    return json.loads(out)["findings"]


def fix(directory, code, strategy):
    done, out, err = run(
        directory,
        *("check", "--isolated", "--min-severity", "low", "--fix", "--unsafe-fixes"),
        *("--strategy", f"{code}={strategy}", "--select", code, "--quiet", "."),
    )
    assert done in (0, 1), err + out
    assert err == ""


def copied(source, directory):
    """Copy a program, or a project, into an empty directory."""
    directory.mkdir(exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, directory / source.name, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(source, directory)
        for beside in ("keras_in_use.py", "classifier.py"):
            if (source.parent / beside).exists():
                shutil.copy(source.parent / beside, directory)
    return directory


def texts(directory):
    return {
        path.relative_to(directory).as_posix(): path.read_bytes() for path in sorted(directory.rglob("*.py"))
    }


def comments(data):
    # From Python 3.14 on, `tokenize` takes no lone carriage return for the end of a line; the parser does.
    found = tokenize.tokenize(io.BytesIO(data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")).readline)
    return Counter(token.string.rstrip() for token in found if token.type == tokenize.COMMENT)


def fixable(found, code, strategy):
    return [
        item
        for item in found
        if item["code"] == code and any(fix["strategy"] == strategy and fix["edits"] for fix in item["fixes"])
    ]


def the_edits_of_each_finding_give_a_program(directory, found):
    """An editor that applies the edits of one finding changes only the lines that they name."""
    for item in found:
        text = (directory / item["path"]).read_text(encoding="utf-8")
        lines = text.splitlines(keepends=True)
        for offered in item["fixes"]:
            assert bool(offered["edits"]) == (offered["applicability"] != "display")
            changed = list(lines)
            last = None
            for edit in reversed(offered["edits"]):
                assert edit["column"] == 1
                assert last is None or edit["end_line"] < last
                last = edit["line"]
                changed[edit["line"] - 1 : edit["end_line"] - 1] = [edit["replacement"]]
            ast.parse("".join(changed))
            if offered["edits"]:
                assert "".join(changed) != text
        assert item["fixes"] or item["refusals"], "a finding has a fix, or reasons why not"


def written(directory, files):
    for path, data in files.items():
        (directory / path).write_bytes(data)


def groups(sources, size=6):
    """Programs of one folder, a few at a time: each is checked in a folder of its own, as one project."""
    folders = {}
    for source in sources:
        folders.setdefault(source.parent, []).append(source)
    for folder, own in folders.items():
        name = folder.parent.name if folder.name == "examples" else folder.name
        for number in range(0, len(own), size):
            yield pytest.param(own[number : number + size], id=f"{name}-{number}")


# `leakscan rule test` applies every strategy to every example; tests/test_examples.py does so.
@pytest.mark.parametrize("sources", list(groups(EXAMPLES, 12)))
def test_the_edits_of_each_finding_of_an_example_give_a_program(sources, tmp_path):
    for source in sources:
        copied(source, tmp_path / source.stem)
    the_edits_of_each_finding_give_a_program(tmp_path, findings(tmp_path))


@pytest.mark.parametrize("sources", list(groups(PROGRAMS)))
def test_every_fix_of_a_program_holds(sources, tmp_path):
    directory = tmp_path / "programs"
    directory.mkdir()
    for source in sources:
        copied(source, directory / source.stem)
    before = findings(directory)
    the_edits_of_each_finding_give_a_program(directory, before)
    old = texts(directory)
    for code, strategy in STRATEGIES:
        wanted = fixable(before, code, strategy)
        if not wanted:
            continue
        written(directory, old)
        fix(directory, code, strategy)
        new = texts(directory)
        after = findings(directory, "--select", code)
        where = f"{code}={strategy}"
        touched = {item["path"].removeprefix("./") for item in wanted}
        assert {path for path in new if new[path] != old[path]} == touched, where
        assert not fixable(after, code, strategy), where
        for source in sources:
            inside = f"{source.stem}/"
            count = len([item for item in wanted if item["path"].startswith(inside)])
            assert reported(after, code, inside) <= reported(before, code, inside) - count, where
        for path in touched:
            ast.parse(new[path])
            assert comments(old[path]) <= comments(new[path]), where


def reported(found, code, inside):
    return sum(item["code"] == code and item["path"].startswith(inside) for item in found)


#: What LibCST does not keep: lines of blanks before a last one without an end, indented less than the code.
BLANKS = b"\n  \n "


def relaid(data, layouts):
    """The same program, laid out in other ways."""
    text = data.decode()
    for layout in (name for name in LAYOUTS if name in layouts):
        if layout == "tabs":
            lines = text.split("\n")
            lines = [re.sub("^(    )+", lambda match: "\t" * (len(match[0]) // 4), line) for line in lines]
            # Within brackets blanks count for nothing: a tab and blanks would be hard to compare.
            text = "\n".join(re.sub("^(\t+) +", r"\1", line) for line in lines)
        elif layout == "commented":
            text = commented(text)
        elif layout == "no last newline":
            text = text.rstrip("\n")
        elif layout == "blanks at the end":
            text += BLANKS.decode()
        elif layout == "mixed line ends":
            lines = text.split("\n")
            half = len(lines) // 2
            text = "\r\n".join(lines[:half]) + "\r\n" + "\n".join(lines[half:])
        elif layout in ("crlf", "cr"):
            text = text.replace("\n", {"crlf": "\r\n", "cr": "\r"}[layout])
    if "bom" in layouts:
        return b"\xef\xbb\xbf" + text.encode()
    if "latin-1" in layouts:
        return b"# -*- coding: latin-1 -*-\n# caf\xe9\n" + text.encode()
    return text.encode()


def commented(text):
    """A program with a comment above and behind each of its lines that may have one."""
    lines = text.split("\n")
    starts, ends = {}, set()
    fresh = True
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type in (tokenize.NEWLINE, tokenize.NL):
            ends.add(token.start[0])
            fresh = fresh or token.type == tokenize.NEWLINE
        elif fresh and token.type not in (tokenize.INDENT, tokenize.DEDENT, tokenize.COMMENT):
            starts[token.start[0]] = token.start[1]
            fresh = False
    result = []
    for number, line in enumerate(lines, 1):
        if number in starts:
            result.append(f"{line[: starts[number]]}# above {number}")
        may_end = number in ends and line.strip() and "#" not in line
        result.append(f"{line}  # behind {number}" if may_end else line)
    return "\n".join(result)


def without_ends(data, end):
    return data.replace(end, b"")


#: What a program that is laid out so looks like; in the order in which one is done after the other.
LAYOUTS = {
    "commented": lambda data: b"# above" in data and b"# behind" in data,
    "tabs": lambda data: not re.search(rb"(?m)^\t* ", data),
    "no last newline": lambda data: not data.endswith((b"\n", b"\r")),
    "blanks at the end": lambda data: data.endswith(b"\n" + BLANKS) and data.count(BLANKS) == 1,
    "crlf": lambda data: b"\n" not in without_ends(data, b"\r\n"),
    "cr": lambda data: b"\n" not in data,
    "mixed line ends": lambda data: b"\r\n" in data and b"\n" in without_ends(data, b"\r\n"),
    "bom": lambda data: data.startswith(b"\xef\xbb\xbf") and data.count(b"\xef\xbb\xbf") == 1,
    "latin-1": lambda data: data.startswith(b"# -*- coding: latin-1 -*-\n# caf\xe9\n"),
}
#: Layouts that go together, so that a few fixes show them all.
TOGETHER = [
    ("crlf", "bom", "no last newline"),
    ("cr", "tabs"),
    ("commented", "mixed line ends", "latin-1"),
    ("blanks at the end",),
]


def split(data):
    """The lines of a file, with their ends."""
    return re.findall(rb"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+", data)


def is_example(path, code):
    folder = path.parent.parent.name
    return path.suffix == ".py" and path.parent.name == "examples" and folder.startswith(code.lower())


@pytest.mark.parametrize("layouts", TOGETHER, ids=" and ".join)
@pytest.mark.parametrize("code", dict.fromkeys(code for code, _ in STRATEGIES))
def test_the_layout_of_the_file_stays(layouts, code, tmp_path):
    examples = [item for item in EXAMPLES if is_example(item, code)]
    shared = len(examples) > 12
    if shared:
        # A few examples for each layout, others for the next.
        examples = examples[TOGETHER.index(layouts) :: max(4, len(examples) // 5)]
    for path in examples:
        data = relaid(path.read_bytes(), layouts)
        ast.parse(data)
        (tmp_path / path.name).write_bytes(data)
        (tmp_path / path.name).chmod(0o640)
    found = findings(tmp_path)
    old = texts(tmp_path)
    for strategy in (strategy for own, strategy in STRATEGIES if own == code):
        written(tmp_path, old)
        replaced = replaced_lines(old, found, code, strategy)
        if not replaced:
            # Other examples have it.
            assert shared, "no example shows this strategy"
            continue
        fix(tmp_path, code, strategy)
        new = texts(tmp_path)
        assert {name for name in new if new[name] != old[name]} == set(replaced)
        for name, lines in replaced.items():
            ast.parse(new[name])
            assert [each for each in layouts if not LAYOUTS[each](new[name])] == [], name
            assert (tmp_path / name).stat().st_mode & 0o777 == 0o640
            assert comments(old[name]) <= comments(new[name]), name
            lost = Counter(split(old[name])) - Counter(split(new[name]))
            assert {line.removeprefix(b"\xef\xbb\xbf") for line in lost} <= lines, name


def replaced_lines(old, found, code, strategy):
    """The lines that the edits of a strategy name, by file."""
    replaced = {}
    for item in fixable(found, code, strategy):
        lines = split(old[item["path"]].removeprefix(b"\xef\xbb\xbf"))
        (chosen,) = (offered for offered in item["fixes"] if offered["strategy"] == strategy)
        for edit in chosen["edits"]:
            last = edit["end_line"] - (edit["end_column"] == 1)
            replaced.setdefault(item["path"], set()).update(lines[edit["line"] - 1 : last])
    return replaced


#: Files of well-known packages that have findings of their own.
LEAKING = [
    "keras/src/callbacks/early_stopping_test.py",
    "keras/src/layers/preprocessing/stft_spectrogram_test.py",
    "tf_keras/src/dtensor/integration_test_utils.py",
    "tf_keras/src/engine/training.py",
]


@pytest.mark.parametrize("name", LEAKING)
def test_real_findings_are_fixed_and_nothing_else_changes(name, tmp_path):
    path = Path(sysconfig.get_path("purelib"), name)
    if not path.is_file():
        pytest.skip("the package is not installed")
    shutil.copy(path, tmp_path)
    (before,) = texts(tmp_path).values()
    found = findings(tmp_path)
    codes = {item["code"] for item in found}
    for code, strategy in (item for item in STRATEGIES if item[0] in codes):
        (tmp_path / path.name).write_bytes(before)
        fix(tmp_path, code, strategy)
        (after,) = texts(tmp_path).values()
        ast.parse(after)
        wanted = fixable(found, code, strategy)
        assert (after != before) == bool(wanted)
        if wanted:
            assert not fixable(findings(tmp_path), code, strategy)
        assert comments(before) <= comments(after)
        lost = Counter(split(before)) - Counter(split(after))
        assert lost.total() <= 4 * len(wanted)


def real_files():
    """Files of installed packages that use Keras, in an order that does not depend on the disk."""
    site = Path(sysconfig.get_path("purelib"))
    found = [
        path
        for package in ("keras", "tf_keras", "tensorflow/python/keras", "tensorflow/python/training")
        for path in sorted((site / package).rglob("*.py"))
        if path.stat().st_size < 40_000
    ]
    random.Random(3).shuffle(found)
    return found[:20]


def leaking(text, number):
    """A real file with a training loop of ours behind it: real code around the fix."""
    return (
        f"{text.rstrip()}\n\n\nimport tensorflow as tf_{number}\n\n\n"
        f"def build_{number}():\n"
        f"    return tf_{number}.keras.Sequential([tf_{number}.keras.layers.Dense(1)])\n\n\n"
        f"def folds_{number}(x, y):\n"
        f"    kept_{number} = []\n"
        f"    for train in range(9):  # the folds\n"
        f"        net = build_{number}()  # built here\n"
        f'        net.compile("sgd", "mse")\n'
        f"        net.fit(x[train], y[train])\n"
        f"        kept_{number}.append(tf_{number}.reduce_mean(net(x[train])))  # kept\n"
        f"    print(sum(kept_{number}))\n"
    )


def test_fixes_in_real_files_change_nothing_else(tmp_path):
    files = real_files()
    if not files:
        pytest.skip("no package that uses Keras is installed")
    tried = 0
    for number, path in enumerate(files):
        try:
            text = leaking(path.read_text(encoding="utf-8"), number)
            ast.parse(text)
        except (SyntaxError, UnicodeDecodeError):
            continue
        (tmp_path / f"file_{number}.py").write_text(text, encoding="utf-8")
        tried += 1
    before = texts(tmp_path)
    code, out, err = run(
        tmp_path,
        *("check", "--isolated", "--min-severity", "low", "--fix", "--unsafe-fixes", "--quiet", "."),
    )
    assert code in (0, 1), err + out
    after = texts(tmp_path)
    changed = [name for name in before if before[name] != after[name]]
    assert len(changed) >= 0.9 * tried
    for name in changed:
        ast.parse(after[name])
        assert comments(before[name]) == comments(after[name])
        removed = [
            line[2:]
            for line in difflib.ndiff(before[name].decode().splitlines(), after[name].decode().splitlines())
            if line.startswith("- ")
        ]
        assert len(removed) <= 2, removed
    again, _, err = run(
        tmp_path,
        *("check", "--isolated", "--min-severity", "low", "--fix", "--unsafe-fixes", "--quiet", "."),
    )
    assert again in (0, 1), err
    assert texts(tmp_path) == after


FEEDS = [
    "import keras\n\fLOOP",
    "import keras\n\f\nLOOP\fx = 1\n",
    "import keras\nLOOP\f\f\ndef f():\n    return 1\n\f",
    "\fimport keras\f\nLOOP",
]


@pytest.mark.parametrize("text", FEEDS)
@pytest.mark.parametrize("strategy", ["reuse", "clear-session"])
def test_form_feeds_stay_where_they_are(leakscan, text, strategy):
    loop = "for i in range(500):\n    m = keras.Sequential([keras.layers.Dense(1)])\n"
    loop += "    m.compile('sgd', 'mse')\n    m.fit(x, y)\n"
    path = leakscan.write("a.py", text.replace("LOOP", loop))
    assert leakscan("check", "--fix", "--unsafe-fixes", "--strategy", f"IMR001={strategy}").code == 0
    after = path.read_text()
    assert after != text.replace("LOOP", loop)
    assert after.count("\f") == text.count("\f")
