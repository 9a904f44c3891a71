"""The benchmarks run, on inputs as small as can be, and print their tables."""

from __future__ import annotations

import json
import subprocess
import sys

from conftest import LEAK, ROOT


def benchmark(name, *arguments):
    command = [sys.executable, str(ROOT / "benchmarks" / name), *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def test_speed_prints_the_files_that_matter_and_a_row_for_check_and_each_floor(leakscan):
    leakscan.write("train.py")
    leakscan.write("other.py", "print()\n")
    leakscan.write("broken.py", "import keras\nif\n")
    code, out, err = benchmark("speed.py", leakscan.directory, "--repeat", "1")
    assert code == 0, err
    assert f"{leakscan.directory}: 3 files\n" in out
    assert "files that matter: 2 (0.00 MB), 1 of them do not parse" in out
    assert "findings: 1; errors: 1" in out
    for row in ("leakscan check", "ast.parse", "libcst.parse_module"):
        assert row in out
    for column in ("wall s", "CPU s", "peak MB", "CPU ratio"):
        assert column in out


def test_facts_prints_a_row_for_each_parser_and_each_walk(leakscan):
    leakscan.write("train.py")
    leakscan.write("broken.py", "import keras\nif\n")
    code, out, err = benchmark("facts.py", leakscan.directory)
    assert code == 0, err
    assert f"{leakscan.directory}: 1 files (0.00 MB), 1 left out\n" in out
    for row in ("ast.parse", "facts from ast", "libcst.parse_module", "facts from LibCST"):
        assert row in out
    assert out.endswith("files whose facts differ: 0\n")


def test_fresh_memory_prints_a_row_for_each_run():
    code, out, err = benchmark("fresh_memory.py", "--megabytes", "8", "--runs", "2")
    assert code == 0, err
    head, columns, first, second, last = out.splitlines()
    assert head == "8 MB filled in pieces of 4 MB, 0 s between runs"
    assert columns.split() == ["run", "kernel", "user", "ms", "a", "MB"]
    assert [first.split()[0], second.split()[0]] == ["1", "2"]
    assert last.startswith("from ")


def test_speed_refuses_what_is_no_directory(tmp_path):
    code, out, err = benchmark("speed.py", tmp_path / "missing")
    assert code == 2
    assert "missing: not a directory" in err
    assert out == ""


def site(line, label, **more):
    return {
        "repo": "owner/name",
        "path": "train.py",
        "line": line,
        "end_line": line,
        "rule": "IMR",
        "label": label,
        "kind": "literal",
        "note": "",
        **more,
    }


def accuracy(leakscan, *sites):
    manifest = leakscan.directory.parent / "manifest.jsonl"
    manifest.write_text("".join(json.dumps(item) + "\n" for item in sites))
    leakscan.write("owner__name/train.py", LEAK + "    print(fold)\n")
    code, out, err = benchmark("accuracy.py", manifest, leakscan.directory)
    assert code == 0, err
    return out


def test_accuracy_counts_hits_misses_and_false_alarms(leakscan):
    out = accuracy(leakscan, site(3, "positive"), site(6, "positive"))
    assert "1.000 (1/1)" in out
    assert "0.500 (1/2)" in out
    assert "Misses: 1\n  IMR owner__name/train.py:6  [literal]\n      print(fold)\n" in out
    assert "False alarms: 0" in out


def test_accuracy_lists_a_false_alarm_with_its_line_and_passes_over_debatable_sites(leakscan):
    out = accuracy(leakscan, site(3, "negative"), site(3, "debatable"))
    assert "False alarms: 1\n  IMR owner__name/train.py:3  [literal]\n      model = keras.Sequential(" in out
    assert "0.000 (0/1)" in out
    assert "Debatable sites that are reported: 1; findings without a label: 0" in out


def test_growth_copies_repositories_until_there_are_enough_files(leakscan):
    leakscan.write("first/train.py")
    leakscan.write("first/other.py", "print()\n")
    leakscan.write("second/train.py")
    code, out, err = benchmark("growth.py", leakscan.directory, "--files", "4", "--markdown")
    assert code == 0, err
    assert "| files | CPU s | wall s | ms a file | MB |\n" in out
    assert "\n| 4 | " in out
