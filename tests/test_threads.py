"""Programs of public bug reports, written anew: what their authors complained of is found, nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from expectations import found, marked

THREADS = Path(__file__).resolve().parent / "threads"
PROGRAMS = sorted(THREADS.glob("*.py"))
PAGE = THREADS.parents[1] / "docs" / "threads.md"


@pytest.fixture
def report(leakscan):
    return leakscan.json("--isolated", "--min-severity", "low", "threads", cwd=THREADS.parent).json


def test_what_was_complained_of_is_found_and_nothing_else(report):
    assert report["errors"] == []
    assert found(report, THREADS.parent) == marked(THREADS, THREADS.parent, "expect")


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.stem)
def test_the_page_lists_every_program_with_its_thread_and_what_is_found(program):
    text = program.read_text(encoding="utf-8")
    thread = re.match(r'"""([\w.-]+/[\w.-]+)#(\d+)', text)
    assert thread is not None
    codes = sorted(set(re.findall(r"# expect: (\w+)", text)))
    row = next(
        line
        for line in PAGE.read_text(encoding="utf-8").splitlines()
        if f"../tests/threads/{program.name})" in line
    )
    assert f"https://github.com/{thread[1]}/issues/{thread[2]})" in row.replace("/pull/", "/issues/")
    assert row.split("|")[3].strip() == (", ".join(codes) or "nothing")
