"""Formats for programs: each is what its readers expect, whatever is in names and programs."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import textwrap
from xml.etree import ElementTree as ET

import jsonschema
import pytest
from conftest import LEAK, ROOT
from pydantic_sarif.model import StaticAnalysisResultsFormatSarifVersion210JsonSchema as Sarif

from leakscan.reporters.formats import FORMATS

HELPED = """\
from tensorflow import keras
def build():
    return keras.Sequential([keras.layers.Dense(1)])
for fold in range(500):
    model = build()
    model.compile("sgd", "mse")
    model.fit(x[fold], y[fold])
"""
#: What a file may be called: commands, markup, separators, escapes, bytes that are no text.
HOSTILE = "a%0A::error::b,c;d]e<f>&\"g'\x1b[31m\nh\udcff.py"
SCHEMA = json.loads((ROOT / "leakscan/reporters/json_schema.json").read_text())


@pytest.fixture
def hostile(leakscan):
    (leakscan.directory / HOSTILE).write_text(HELPED)
    leakscan.write("broken.py", b"import keras\n\x00")
    return lambda form: leakscan("check", "--output-format", form, ".", "broken.py")


def document(leakscan, form, *arguments):
    return leakscan("check", "--output-format", form, *arguments).out


@pytest.mark.parametrize("form", FORMATS)
def test_hostile_names_break_no_format(hostile, form):
    result = hostile(form)
    assert result.code == 2
    assert "\x1b" not in result.out
    if form in ("github", "azure"):
        assert len(result.out.splitlines()) == 2
    else:
        assert "\n::error" not in result.out
    assert result.out.encode("utf-8", "surrogateescape")


def test_sarif_holds_what_its_schema_asks_for_and_code_scanning_shows(leakscan):
    leakscan.write("a.py", HELPED)
    leakscan.write("broken.py", b"import keras\n\x00")
    log = json.loads(document(leakscan, "sarif", "a.py", "broken.py"))
    Sarif.model_validate(log)
    [run] = log["runs"]
    [result] = run["results"]
    [rule] = run["tool"]["driver"]["rules"]
    assert (rule["id"], rule["name"]) == ("IMR001", "model-rebuilt-in-loop")
    assert rule["help"]["markdown"].startswith("# IMR001")
    region = result["locations"][0]["physicalLocation"]["region"]
    assert (region["startLine"], region["startColumn"]) == (5, 13)
    steps = result["codeFlows"][0]["threadFlows"][0]["locations"]
    assert [step["location"]["physicalLocation"]["region"]["startLine"] for step in steps] == [5, 3]
    assert result["fixes"][0]["artifactChanges"][0]["replacements"]
    assert run["invocations"][0]["executionSuccessful"] is False
    assert "broken.py" in run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"]


def test_sarif_of_hostile_names_and_notebooks_is_valid(hostile, leakscan):
    cells = [{"cell_type": "code", "source": LEAK}, {"cell_type": "code", "source": LEAK}]
    leakscan.write("a.ipynb", json.dumps({"cells": cells, "nbformat": 4}))
    log = json.loads(hostile("sarif").out)
    Sarif.model_validate(log)
    found = [item["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
             for item in log["runs"][0]["results"]]  # fmt: skip
    assert found[1:] == ["a.ipynb", "a.ipynb"]
    assert re.fullmatch(r"[\w.%~-]+", found[0])


def test_fingerprints_survive_moved_lines_and_tell_equal_lines_apart(leakscan):
    def marks(text):
        leakscan.write("a.py", text)
        results = json.loads(document(leakscan, "sarif"))["runs"][0]["results"]
        return [item["partialFingerprints"]["leakscan/v1"] for item in results]

    before = marks(LEAK + LEAK)
    assert len(set(before)) == 2
    assert marks("# moved\n\n" + LEAK + "\n\n" + LEAK) == before
    assert marks(LEAK.replace("Dense(1)", "Dense(2)")) != before[:1]


def test_github_annotates_lines_and_escapes(leakscan, hostile):
    leakscan.write("b.py")
    out = document(leakscan, "github", "b.py")
    where = "line=3,col=13,endLine=3,endColumn=54"
    assert re.match(rf"::\w+ title=leakscan \(IMR001\),file=b.py,{where}::b.py:3:13: IMR001 ", out)
    first = hostile("github").out.splitlines()[0]
    assert "file=a%250A%3A%3Aerror%3A%3Ab%2Cc;d]e<f>&\"g'" in first


def test_gitlab_is_a_list_with_fingerprints_of_their_own(leakscan):
    for name in ("a.py", "b.py"):
        leakscan.write(name)
    found = json.loads(document(leakscan, "gitlab"))
    assert [item["location"]["path"] for item in found] == ["a.py", "b.py"]
    assert found[0]["location"]["positions"]["begin"] == {"line": 3, "column": 13}
    assert found[0]["check_name"] == "IMR001"
    assert len({item["fingerprint"] for item in found}) == 2


def test_junit_is_xml_with_a_failure_for_each_finding(leakscan, hostile):
    tree = ET.fromstring(hostile("junit").out)
    assert {key: tree.get(key) for key in ("tests", "failures", "errors")} == {
        "tests": "2", "failures": "1", "errors": "1",
    }  # fmt: skip
    assert tree.find(".//failure").text.count("IMR001") == 1
    (leakscan.directory / HOSTILE).unlink()
    leakscan.write("broken.py", "")
    tree = ET.fromstring(hostile("junit").out)
    assert (tree.get("failures"), len(tree.findall(".//testcase"))) == ("0", 1)


def test_rdjson_counts_bytes(leakscan):
    leakscan.write("a.py", LEAK.replace("    model = ", "    n = '\u00e9\U0001f600'; model = ", 1))
    [found] = json.loads(document(leakscan, "rdjson"))["diagnostics"]
    start = found["location"]["range"]["start"]
    line = (leakscan.directory / "a.py").read_bytes().splitlines()[2]
    assert start["line"] == 3
    assert line[start["column"] - 1 :].startswith(b"keras.Sequential")
    assert found["code"] == {"value": "IMR001"}


def test_azure_escapes_what_ends_a_property(hostile):
    line = hostile("azure").out.splitlines()[0]
    assert re.match(r"##vso\[task.logissue type=\w+;sourcepath=[^;\]]+;linenumber=5;columnnumber=13;", line)
    assert "d%5De" in line


def test_grouped_has_a_head_for_each_file(leakscan):
    leakscan.write("a.py", LEAK + LEAK)
    leakscan.write("b.py")
    lines = document(leakscan, "grouped").splitlines()
    assert lines[0] == "a.py:"
    assert [line[:14] for line in lines[1:3]] == ["  3:13 IMR001 ", "  8:13 IMR001 "]
    assert lines[4] == "b.py:"


def test_json_lines_are_those_of_json(leakscan):
    leakscan.write("a.py", HELPED)
    [line] = document(leakscan, "json-lines").splitlines()
    assert json.loads(line) == {"type": "finding", **leakscan.json().json["findings"][0]}


def test_the_schema_of_json_holds(leakscan, hostile):
    cells = [{"cell_type": "code", "source": HELPED}, {"cell_type": "code", "source": "if"}]
    leakscan.write("a.ipynb", json.dumps({"cells": cells, "nbformat": 4}))
    report = json.loads(hostile("json").out)
    jsonschema.validate(report, SCHEMA)
    assert {item["cell"] for item in report["findings"]} == {None, 0}
    assert any(error.get("cell") == 1 for error in report["errors"])
    # What is written is in the schema: no key is only allowed.
    assert set(report["findings"][0]) == set(SCHEMA["$defs"]["finding"]["properties"])


@pytest.mark.parametrize(("form", "output"), [("github", ""), ("sarif", "out.sarif")])
def test_the_action_runs_a_check_by_its_inputs(leakscan, form, output):
    text = (ROOT / "action.yml").read_text(encoding="utf-8")
    script = textwrap.dedent(text[text.index("      run: |\n") :].partition("\n")[2])
    shim = leakscan.write("bin/leakscan", f'#!/bin/sh\nexec {sys.executable} -m leakscan "$@"\n')
    shim.chmod(0o755)
    leakscan.write("a b/$(touch ran).py")
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=leakscan.directory,
        env={
            "PATH": f"{shim.parent}:/usr/bin:/bin",
            "PYTHONPATH": str(ROOT),
            "LEAKSCAN_PATHS": "a b",
            "LEAKSCAN_ARGS": "--select=IMR\n--no-cache",
            "LEAKSCAN_FORMAT": form,
            "LEAKSCAN_OUTPUT": output,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert not (leakscan.directory / "ran").exists()
    report = (leakscan.directory / output).read_text() if output else done.stdout
    assert "IMR001" in report
