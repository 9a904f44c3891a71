"""Repositories in a Parquet file, and projects on a Dask cluster: the findings of a check of directories."""

from __future__ import annotations

import json
import os
import signal
import sys

import pytest
from conftest import LEAK, ROOT

pytest.importorskip("pyarrow")
pytest.importorskip("distributed")

import pyarrow as pa
import pyarrow.parquet as pq

HELPER = "import keras\n\n\ndef build():\n    return keras.Sequential([keras.layers.Dense(1)])\n"
CALLER = "from helper import build\n\nfor fold in range(5):\n    build().fit(x[fold], y[fold])\n"
ROWS = [
    ("acme/first", "train.py", CALLER),
    ("acme/second", "leak.py", LEAK),
    ("acme/first", "helper.py", HELPER),
    ("acme/third", "train.py", CALLER),  # its helper is in another repository
    ("acme/second", "broken.py", "import keras\ndef f(:\n"),
    ("acme/second", "README.md", LEAK),
    ("acme/second", "venv/lib/leak.py", LEAK),
    ("acme/second", "../../outside.py", LEAK),
    ("acme/fourth", "nothing.py", None),
    ("b\u00fccher", "sp\u00e4t.py", LEAK + "# \u00e9\n"),
]


def corpus(path, rows=ROWS, content=None):
    values = [row[2] for row in rows]
    if content == pa.binary():
        values = [None if value is None else value.encode() for value in values]
    columns = {"repo": [row[0] for row in rows], "path": [row[1] for row in rows]}
    pq.write_table(
        pa.table({**columns, "content": pa.array(values, content or pa.string())}), path, row_group_size=3
    )


def lines(text):
    return [json.loads(line) for line in text.splitlines()]


def places(records):
    return [(item["repo"], item["path"], item["line"], item.get("code") or item["level"]) for item in records]


EXPECTED = [
    ("acme/first", "train.py", 4, "IMR001"),
    ("acme/second", "leak.py", 3, "IMR001"),
    ("acme/second", "outside.py", 3, "IMR001"),
    ("acme/second", "broken.py", 2, "warning"),
    ("b\u00fccher", "sp\u00e4t.py", 3, "IMR001"),
]


@pytest.mark.parametrize("content", [pa.string(), pa.binary(), pa.large_string()], ids=str)
def test_each_repo_is_a_project(leakscan, content):
    corpus(leakscan.directory / "corpus.parquet", content=content)
    done = leakscan("check", "corpus.parquet")
    assert sorted(places(lines(done.out))) == sorted(EXPECTED)
    assert done.code == 1
    assert done.err == ("4 findings in 7 files of 5 projects; 1 part could not be parsed; 0 errors\n")
    assert leakscan("check", "corpus.parquet").out == done.out, "from the cache"
    assert leakscan("check", "corpus.parquet", "--jobs", 1, "--no-cache").out == done.out


def test_results_are_those_of_the_same_files_on_disk(leakscan):
    corpus(leakscan.directory / "corpus.parquet")
    leakscan.write("acme/first/train.py", CALLER)
    leakscan.write("acme/first/helper.py", HELPER)
    of_files = leakscan.json(".", cwd=leakscan.directory / "acme/first").json["findings"]
    of_rows = [
        item for item in lines(leakscan("check", "corpus.parquet").out) if item["repo"] == "acme/first"
    ]
    for item in of_rows:
        del item["repo"], item["type"]
    assert of_rows == of_files
    assert len(of_rows) == 1


def test_the_configuration_is_that_of_the_current_directory(leakscan):
    corpus(leakscan.directory / "corpus.parquet")
    leakscan.write("pyproject.toml", '[tool.leakscan]\nignore = ["IMR"]\n')
    done = leakscan("check", "corpus.parquet")
    assert (done.code, len(lines(done.out))) == (0, 1)


def test_results_can_be_a_parquet_file(leakscan):
    corpus(leakscan.directory / "corpus.parquet")
    expected = lines(leakscan("check", "corpus.parquet").out)
    done = leakscan("check", "corpus.parquet", "-o", "found.parquet", "-q")
    assert (done.code, done.out, done.err) == (1, "", "")
    table = pq.read_table(leakscan.directory / "found.parquet")
    rows = table.to_pylist()
    assert [json.loads(row["record"]) for row in rows] == expected
    assert [(row["repo"], row["path"], row["line"]) for row in rows] == [
        place[:3] for place in places(expected)
    ]
    leakscan("check", "corpus.parquet", "-o", "found.jsonl")
    assert lines((leakscan.directory / "found.jsonl").read_text()) == expected
    assert not list(leakscan.directory.glob("*.part"))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda path: path.write_bytes(b"PAR1 no"), "not a Parquet file"),
        (lambda path: pq.write_table(pa.table({"repo": ["a"], "path": ["b"]}), path), "no column 'content'"),
        (lambda path: corpus(path, [("a", None, "import keras")]), "row 0: repo and path must be text"),
        (lambda path: path.mkdir(), "cannot be read"),
        (lambda path: None, "cannot be read"),
    ],
)
def test_a_file_that_is_none_is_an_error(leakscan, make, message):
    make(leakscan.directory / "corpus.parquet")
    done = leakscan("check", "corpus.parquet", "-o", "found.jsonl")
    assert done.code == 2
    assert message in done.err
    assert len(done.err.splitlines()) == 1
    assert not list(leakscan.directory.glob("found*"))


@pytest.mark.parametrize("option", ["--fix", "--diff", "--statistics", "--show-files"])
def test_what_is_for_files_is_refused(leakscan, option):
    corpus(leakscan.directory / "corpus.parquet")
    done = leakscan("check", "corpus.parquet", option)
    assert done.code == 2
    assert option in done.err


def test_a_cluster_that_does_not_answer_is_an_error(leakscan):
    leakscan.write("a.py")
    done = leakscan("check", "--scheduler", "tcp://127.0.0.1:9")
    assert (done.code, done.out) == (2, "")
    assert "tcp://127.0.0.1:9 cannot be reached" in done.err


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_cluster_says_what_one_process_says_also_when_a_worker_dies(leakscan, monkeypatch):
    from distributed import LocalCluster

    from leakscan import runner

    rows = [
        (f"repo{number}", path, text)
        for number in range(40)
        for path, text in (("train.py", CALLER), ("helper.py", HELPER))
    ]
    corpus(leakscan.directory / "corpus.parquet", rows)
    for number in range(4):
        leakscan.write(f"repo{number}/pyproject.toml", '[tool.leakscan]\nignore = ["UTR"]\n')
        leakscan.write(f"repo{number}/train.py")
    of_rows = leakscan("check", "corpus.parquet", "--no-cache", "--jobs", 1)
    of_files = leakscan.json("--no-cache", "--jobs", 1)
    assert len(lines(of_rows.out)) == 40
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        address = cluster.scheduler_address
        assert leakscan.json("--no-cache", "--scheduler", address) == of_files
        killed = []
        real = runner._Answer.from_bytes

        def killing(data):
            if not killed:
                killed.append(next(iter(cluster.workers.values())).pid)
                os.kill(killed[0], signal.SIGKILL)
            return real(data)

        here = []
        monkeypatch.setattr(runner._Answer, "from_bytes", killing)
        monkeypatch.setattr(runner.Session, "_answer", lambda *arguments: here.append(arguments))
        assert leakscan("check", "corpus.parquet", "--no-cache", "--scheduler", address).out == of_rows.out
    assert killed
    assert not here, "the other worker has done it"
