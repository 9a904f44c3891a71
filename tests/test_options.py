"""Options of `validate`, `study` and `report` that make no sense: one line names them; no trace is left."""

from __future__ import annotations

import os
import tempfile

import pytest

pytest.importorskip("codecarbon")
pytest.importorskip("scipy")

pytestmark = pytest.mark.skipif(os.name != "posix", reason="measuring needs process groups")

#: `|` stands between arguments; {file} is a text file, {dir} an empty folder, both in the project.
VALIDATE = {
    # the program
    "": "give a script",
    "missing.py": "missing.py: no such file",
    "{file}": "{file}: not a Python file",
    "{dir}": "{dir}: no scripts",
    "''": "SCRIPT is empty",
    "{file}/train.py": "no such file",
    "broken.py": "broken.py:2: syntax error",
    "binary.py": "binary.py: not Python text",
    "-m|missing": "-m missing: no such module",
    "-m|''": "-m is empty",
    "-m|../train": "-m ../train: no such module",
    "-m|train|--command|make": "-m and --command",
    "--command|''": "--command is empty",
    "--command|make 'x": "--command: make 'x: No closing quotation",
    "train.py|--python|missing": "--python: missing",
    "train.py|--python|{dir}": "--python: {dir}",
    "train.py|--python|{file}": "--python: {file}",
    "train.py|--python|''": "--python is empty",
    # the arms
    "train.py|--arms|''": "--arms is empty",
    "train.py|--arms|,": "--arms: name at least one arm",
    "train.py|--arms|original": "--arms: name at least one arm",
    "train.py|--arms|reuze": "--arms: no arm 'reuze'",
    "train.py|--against|''": "--against is empty",
    "train.py|--against|missing.py": "--against",
    "train.py|--against|{dir}": "--against",
    "train.py|--against|{file}": "--against",
    "train.py|--against|broken.py": "--against broken.py:2: syntax error",
    "train.py|--isolation|none": "--isolation",
    # what to do
    "train.py|--smoke|--measure": "--measure: not allowed with argument --smoke",
    "train.py|--self-test|--smoke": "--self-test cannot be used with --smoke",
    "train.py|--self-test|--arms|reuse": "--self-test cannot be used with --arms",
    "train.py|--self-test|--against|HEAD": "--self-test cannot be used with --against",
    "train.py|--smoke|--resume": "--smoke cannot be used with --resume",
    "train.py|--smoke|--fail-on|worse": "--smoke cannot be used with --fail-on",
    "train.py|--fail-on|worse": "--fail-on needs --measure",
    "train.py|--measure|--fail-on|''": "--fail-on",
    "train.py|--measure|--fail-on|better": "--fail-on",
    "train.py|--resume": "nothing to resume",
    # how much
    "train.py|--runs|0": "--runs",
    "train.py|--runs|-1": "--runs",
    "train.py|--runs|1.5": "--runs",
    "train.py|--runs|''": "--runs",
    "train.py|--runs|²": "--runs",
    "train.py|--runs|99999999": "--runs: give at most 10000",
    "train.py|--runs|5|--budget|5m": "--budget: not allowed with argument --runs",
    "train.py|--warmup|-1": "--warmup",
    "train.py|--warmup|one": "--warmup",
    "train.py|--warmup|²": "--warmup",
    "train.py|--warmup|99999999": "--warmup: give at most 1000",
    "train.py|--margin|0": "--margin",
    "train.py|--margin|100": "--margin",
    "train.py|--margin|-1": "--margin",
    "train.py|--margin|nan": "--margin",
    "train.py|--margin|''": "--margin",
    "train.py|--seed|-1": "--seed",
    "train.py|--seed|4294967296": "--seed",
    "train.py|--seed|x": "--seed",
    "train.py|--seed|''": "--seed",
    "train.py|--prepare|''": "--prepare is empty",
    # parts of a program
    "train.py|--iterations|0": "--iterations",
    "train.py|--iterations|-1": "--iterations",
    "train.py|--iterations|all": "--iterations",
    "train.py|--iterations|²": "--iterations",
    "train.py|--iterations|''": "--iterations",
    "train.py|--iterations|3|--loop|''": "--loop",
    "train.py|--iterations|3|--loop|first": "--loop",
    "train.py|--iterations|3|--loop|0": "--loop",
    "train.py|--iterations|3|--loop|1": "--loop",
    "train.py|--iterations|3|--loop|999": "--loop",
    "train.py|--iterations|3|--loop|missing.py:3": "--loop",
    "train.py|--iterations|3|--loop|{file}:1": "--loop",
    "train.py|--loop|3": "--loop chooses where runs end",
    "plain.py|--iterations|3": "--iterations: no loop is flagged here",
    "--command|make|--iterations|3": "--iterations",
    "--command|make|--until|3s": "--until",
    "train.py|--until|2h": "--until cannot exceed --timeout: runs are stopped after 3600 s",
    "train.py|--until|5s|--timeout|5s": "--until cannot exceed --timeout",
    # carbon
    "train.py|--carbon-intensity|nan": "--carbon-intensity",
    "train.py|--carbon-intensity|inf": "--carbon-intensity",
    "train.py|--carbon-intensity|-1": "--carbon-intensity",
    "train.py|--carbon-intensity|much": "--carbon-intensity",
    "train.py|--country|''": "--country is empty",
    "train.py|--country|Atlantis": "--country: unknown code 'Atlantis'",
    # where to
    "train.py|--measure|--out|''": "--out is empty",
    "train.py|--measure|--out|{file}": "--out: ",
    "train.py|--measure|--out|{file}/below": "--out: ",
    "train.py|--html|x.html": "--html needs --measure",
    "train.py|--measure|--html|''": "--html is empty",
    "train.py|--measure|--html|{dir}": "--html: {dir} is a folder",
    "train.py|--measure|--markdown|{dir}": "--markdown: {dir} is a folder",
    "train.py|--markdown|x.md": "--markdown needs --measure",
    "train.py|--measure|--json|missing/x.json": "--json: missing/x.json: the folder",
    "train.py|--measure|--csv|{file}/x.csv": "--csv: {file}/x.csv: the folder",
    "train.py|--measure|--csv|train.py": "--csv: 'train.py' names a program",
    "train.py|--measure|--html|x|--json|x": "--json: x is the file of --html",
    "train.py|--no-such-option": "--no-such-option",
}
VALIDATE |= {
    f"train.py|{option}|{value}": option
    for option in ("--budget", "--timeout", "--cooldown", "--wait", "--until")
    for value in ("-1", "soon", "''", "1e3", "nan", "9" * 400, "1d")
}
VALIDATE |= {
    f"train.py|{option}|0": f"{option}: give more than 0" for option in ("--budget", "--timeout", "--until")
}
STUDY = {
    "--only|no-such-cell": "no-such-cell",
    "--only|''": "",
    "--list|--render": "--render: not allowed with argument --list",
    "--quick|--practice": "--practice: not allowed with argument --quick",
    "--runs|0": "--runs",
    "--runs|auto": "--runs",
    "--runs|99999999": "--runs: give at most 10000",
    "--longer|0": "--longer",
    "--longer|-1": "--longer",
    "--longer|99999999": "--longer: give at most 1000",
    "--python|missing": "--python: missing",
    "--python|{dir}": "--python: {dir}",
    "--python|''": "--python is empty",
    "--out|{file}": "--out: ",
    "--out|''": "--out is empty",
    "--render|--out|missing": "missing",
    "--render|--only|imr-fit-1": "--render cannot be used with --only",
    "--render|--resume": "--render cannot be used with --resume",
    "--seed|-1": "--seed",
    "--timeout|0": "--timeout: give more than 0",
    "--timeout|soon": "--timeout",
    "--wait|-1": "--wait",
    "--margin|0": "--margin",
}
REPORT = {
    "": "FILE",
    "''": "FILE is empty",
    "missing.json": "missing.json",
    "{dir}": "{dir}",
    "{file}": "{file}: not JSON",
    "binary.py": "binary.py: not JSON",
    "deep.json": "deep.json: not JSON",
    "list.json": "list.json: not a report",
    "hollow.json": "hollow.json",
    "hollow.json|--html|{dir}": "--html: {dir} is a folder",
    "hollow.json|--csv|missing/x.csv": "--csv: missing/x.csv: the folder",
    "hollow.json|''": "OTHER is empty",
    "hollow.json|missing.json": "json",
    "hollow.json|--html|hollow.json": "--html: hollow.json is the report that is read",
    "hollow.json|list.json|--markdown|list.json": "--markdown: list.json is a report to read",
    "hollow.json|list.json|--csv|x.csv": "--csv is for one report",
    "hollow.json|--markdown|{dir}": "--markdown: {dir} is a folder",
    "hollow.json|--csv|x|--json|x": "--csv: x is the file of --json",
}
CASES = [
    (command, line, message)
    for command, table in (("validate", VALIDATE), ("study", STUDY), ("report", REPORT))
    for line, message in table.items()
]
TRAIN = (
    "import keras\n\nfor fold in range(500):\n    model = keras.Sequential([keras.layers.Dense(1)])\n"
    '    model.compile("sgd", "mse")\n    model.fit(x[fold], y[fold])\n'
)


def everything(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else None
        for path in folder.rglob("*")
    }


@pytest.mark.parametrize(("command", "line", "message"), CASES, ids=[f"{c} {a[:60]}" for c, a, _ in CASES])
def test_nonsense_is_one_line_that_names_it(leakscan, monkeypatch, tmp_path, command, line, message):
    monkeypatch.setenv("COLUMNS", "500")
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    leakscan.write("train.py", TRAIN)
    leakscan.write("plain.py", "print(1)\n")
    leakscan.write("broken.py", "import keras\nif\n")
    leakscan.write("binary.py", b"\x7fELF\x00keras\xff")
    leakscan.write("notes.txt", "keras")
    leakscan.write("deep.json", "[" * 100_000)
    leakscan.write("list.json", "[]")
    leakscan.write("hollow.json", '{"schema_version": 1, "arms": []}')
    (leakscan.directory / "empty").mkdir()
    names = {"file": "notes.txt", "dir": "empty"}
    before = everything(leakscan.directory)
    words = [word.replace("''", "") for word in line.format(**names).split("|")] if line else []
    result = leakscan(command, *words)
    assert result.code == 2, result.out + result.err
    assert result.err.startswith("error: "), result.err
    assert result.err.count("\n") == 1
    assert message.format(**names) in result.err
    assert everything(leakscan.directory) == before
    assert list(temporary.iterdir()) == []


def test_what_makes_sense_is_taken(leakscan):
    leakscan.write("train.py", TRAIN)
    for options in (
        ("--runs", "auto"),
        ("--budget", "1.5h", "--cooldown", "0", "--wait", "0", "--timeout", "0.5s"),
        ("--runs", "6", "--warmup", "0", "--margin", "2%", "--seed", "4294967295"),
        ("--iterations", "3", "--until", "5m", "--loop", "train.py:3"),
        ("--country", "FRA", "--prepare", "true", "--out", "new/folder"),
    ):
        result = leakscan("validate", "train.py", *options)
        assert (result.code, result.err) == (0, ""), options
