"""docs/study.md and what belongs to it: made from the runs in docs/study, all of them."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from leakscan.study import data, grid
from leakscan.study.costs import Outcome
from leakscan.study.grid import Options

DOCS = Path(__file__).resolve().parent.parent / "docs"


def test_the_published_page_figures_and_tables_are_those_that_the_runs_give(leakscan, tmp_path):
    copy = tmp_path / "docs"
    (copy / "study").mkdir(parents=True)
    for path in (DOCS / "study").glob("*.json"):
        shutil.copy(path, copy / "study")
    result = leakscan("study", "--render", "--out", copy)
    assert result.code == 0
    made = {path.relative_to(copy): path.read_text() for path in copy.rglob("*") if path.is_file()}
    published = {
        path.relative_to(DOCS): path.read_text()
        for path in [DOCS / "study.md", *(DOCS / "study").iterdir()]
        if path.is_file()
    }
    assert sorted(made) == sorted(published)
    for name, text in made.items():
        assert text == published[name], name


def test_the_published_study_is_whole():
    published = data.load(str(DOCS / "study" / "cpu.json"))
    outcomes = [Outcome.of(each, published.margin) for each in published.cells]
    assert {each.measured.cell.name for each in outcomes} == {each.name for each in grid.cells(Options())}
    assert min(len(each.result.used_blocks) for each in outcomes) >= 10
    for each in outcomes:
        assert not [arm.name for arm in each.result.arms if arm.fault or arm.disagreement]
    (same,) = [each for each in outcomes if each.measured.cell.name == "self-test"]
    assert [arm.verdict.value for arm in same.result.fixes] == ["equivalent"]


def test_what_is_measured_anew_can_be_set_beside_the_published_runs():
    asked = {each.name: each.arguments for each in grid.cells(Options())}
    published = data.load(str(DOCS / "study" / "cpu.json"))
    assert {each.cell.name: each.cell.arguments for each in published.cells} == asked


def test_every_series_of_the_folder_is_on_the_page_thrown_away_or_not():
    page = (DOCS / "study.md").read_text(encoding="utf-8")
    for path in (DOCS / "study").glob("*.json"):
        assert path.name == "not-kept.json" or f"| [{path.stem}](study/{path.name}) |" in page
    lost = data.load_not_kept(str(DOCS / "study" / "not-kept.json"))
    assert [each.note for each in lost if each.note not in page] == []
    # The same design with fits of 16 steps: once these runs were in the folder and stood nowhere.
    for shown in (
        "+38.5 % | +26.9 to +51.2 %",
        "+45.4 % | +3.9 to +103 % | 0.11 | inconclusive",
        "| -1.25 % |",
    ):
        assert shown in page


def test_neither_page_nor_readme_takes_inconclusive_for_no_difference():
    for path in (DOCS / "study.md", DOCS / "measuring.md", DOCS.parent / "README.md"):
        text = path.read_text(encoding="utf-8")
        assert not re.findall(r"no (?:measurable )?(?:difference|effect)|nothing measurable", text), path


def test_the_numbers_in_the_readme_are_those_of_the_study():
    readme = (DOCS.parent / "README.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"<!-- study -->\n(.*?)<!-- /study -->", readme, re.DOTALL)
    page = (DOCS / "study.md").read_text(encoding="utf-8")
    numbers = re.findall(r"[-+]?\d[\d.]* (?:%|ms|s|[kMG]?B)(?![\w])", shown)
    assert len(numbers) > 5
    assert [number for number in numbers if number.lstrip("+-") not in page] == []


def test_the_readme_says_how_programs_train_beside_its_figures():
    readme = (DOCS.parent / "README.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"<!-- study -->\n(.*?)<!-- /study -->", readme, re.DOTALL)
    said = [line for line in shown.splitlines() if "%" in line]
    assert len(said) >= 5
    assert [line for line in said if not re.search(r"plain SGD|Adam", line)] == []
