"""Markdown of a result, and two results beside each other: before and after, or two machines."""

import dataclasses
import math
import random
import re

import pytest
from scipy import stats
from test_results import INFOS, LEAK, MODEL, Shape, judge, make_record
from test_sentences import printing
from test_setting import SETTING

from leakscan.validation.beside import put_beside
from leakscan.validation.measurements import Output
from leakscan.validation.reports import render_json
from leakscan.validation.reports.markdown import render_beside, render_markdown
from leakscan.validation.results import Metric
from leakscan.validation.statistics import ratio_of_independent

FIRST = make_record({"original": Shape(100.0), "reuse": Shape(70.0)}, seed=1)
SECOND = make_record({"original": Shape(50.0), "reuse": Shape(45.0), "hoist": Shape(40.0)}, blocks=8, seed=2)


def on(record, setting=None, **environment):
    """The record as if measured on another machine."""
    changed = dataclasses.replace(record.header.environment, **environment)
    header = dataclasses.replace(record.header, environment=changed, setting=setting)
    return dataclasses.replace(record, header=header)


def beside(first=FIRST, second=SECOND):
    return put_beside("a.json", judge(first), "b.json", judge(second))


def pair(found, arm, metric=Metric.ENERGY):
    return next(each for each in found.pairs if (each.arm, each.metric, each.device) == (arm, metric, None))


# -- numbers


@pytest.mark.parametrize(
    ("sizes", "spreads"), [((6, 6), (0.01, 0.01)), ((10, 5), (0.01, 0.2)), ((2, 30), (0.1, 0.02))]
)
def test_the_interval_is_welchs(sizes, spreads):
    generator = random.Random(4)
    first, second = (
        [generator.gauss(0.3, spread) for _ in range(size)]
        for size, spread in zip(sizes, spreads, strict=True)
    )
    found = ratio_of_independent(first, second)
    known = stats.ttest_ind(second, first, equal_var=False).confidence_interval(0.95)
    assert math.log(found.low) == pytest.approx(known.low)
    assert math.log(found.high) == pytest.approx(known.high)
    assert math.log(found.estimate) == pytest.approx(sum(second) / len(second) - sum(first) / len(first))


def test_series_without_spread_have_a_point_and_single_values_none():
    assert ratio_of_independent([0.0, 0.0], [1.0, 1.0]).low == pytest.approx(math.e)
    with pytest.raises(ValueError, match="2 values"):
        ratio_of_independent([0.0], [1.0, 1.0])


def test_each_arm_has_both_means_and_the_ratio_of_the_changes():
    found = beside()
    original, reuse = pair(found, "original"), pair(found, "reuse")
    assert original.first.low < 100 < original.first.high
    assert original.ratio.estimate == pytest.approx(0.5, rel=0.05)
    assert (original.first_change, original.changes) == (None, None)
    assert reuse.first_change.estimate == pytest.approx(-30, abs=1)
    assert reuse.second_change.estimate == pytest.approx(-10, abs=1)
    assert reuse.changes.low < 0.9 / 0.7 < reuse.changes.high
    assert found.missing == ("hoist is in the second alone",)


def test_a_result_beside_itself_differs_in_nothing():
    found = beside(FIRST, FIRST)
    assert found.differences == ()
    assert all(each.ratio.estimate == pytest.approx(1.0) for each in found.pairs if each.ratio is not None)
    assert "nothing that is known of" in render_beside(found)


def test_values_of_zero_have_no_ratio():
    nothing = make_record({"original": Shape(100.0), "reuse": Shape(0.0)})
    found = pair(beside(FIRST, nothing), "reuse")
    assert (found.ratio, found.changes) == (None, None)


def test_an_arm_that_is_invalid_in_one_result_is_called_so():
    wrong = make_record({"original": Shape(100.0), "reuse": Shape(10.0, printed="0.11")})
    assert "reuse (invalid in the second)" in render_beside(beside(FIRST, wrong))


def test_what_differs_is_told_first():
    other = dataclasses.replace(
        SETTING, packages={"keras": "3.14.0"}, variables={}, revision="v2", tree_hash="ef" * 32
    )
    first = on(FIRST, SETTING, cpu_model="One", turbo=True)
    second = on(make_record({"original": Shape(), "reuse": Shape()}, source=MODEL), other, cpu_model="Two")
    found = beside(first, second)
    differences = {each.name: (each.first, each.second) for each in found.differences}
    assert differences["processor"] == ("One", "Two")
    assert differences["turbo"] == ("True", "not known")
    assert differences["package keras"] == ("3.15.1", "3.14.0")
    assert differences["package tensorflow"] == ("2.21.0", "not known")
    assert differences["variable OMP_NUM_THREADS"] == ("1", "not known")
    assert differences["revision"] == ("v1-0-gabc-dirty", "v2")
    assert differences["margin"] == ("1 %", "3 %")
    assert differences["energy of the CPU"][1].startswith("model, ")
    text = render_beside(found)
    assert text.index("processor: One and Two") < text.index("| metric |")
    assert not re.search(r"because|caused|due to|thanks to", text)


# -- the commands


@pytest.fixture
def reports(leakscan):
    for name, record in (("a.json", FIRST), ("b.json", SECOND)):
        leakscan.write(name, render_json(judge(record)))
    return leakscan


def test_two_reports_are_put_beside_each_other(reports):
    result = reports("report", "a.json", "b.json")
    assert result.code == 0
    assert result.out.index("What differs between the two:") < result.out.index("second over first:")
    assert "blocks used: 10 and 8" in result.out
    assert "first (a.json): reuse uses" in result.out
    assert max(map(len, result.out.splitlines())) <= 80


def test_two_reports_have_no_page(reports):
    result = reports("report", "a.json", "b.json", "--html", "c.html")
    assert result.code == 2
    assert "--html is for one report" in result.err


@pytest.mark.parametrize("files", [["a.json"], ["a.json", "b.json"]])
def test_markdown_is_written(reports, files):
    assert reports("report", *files, "--markdown", "c.md").code == 0
    assert (reports.directory / "c.md").read_text().startswith("### leakscan: ")


# -- markdown


def tables(text):
    """The rows of the tables, as cells."""
    return [re.split(r"(?<!\\)\|", line)[1:-1] for line in text.splitlines() if line.startswith("|")]


def test_the_table_is_whole_and_the_verdict_stands_with_its_reservations():
    result = judge(printing(make_record(LEAK), lambda *_: Output("ab" * 32, 0)), INFOS)
    text = render_markdown(result)
    rows = tables(text)
    assert {len(row) for row in rows} == {8}
    assert [cell.strip() for cell in rows[2]][:3] == ["energy", "measured", "original"]
    assert sum("less energy" in row[-1] for row in rows) == 1
    lines = text.splitlines()
    verdict = next(place for place, line in enumerate(lines) if line.startswith("**reuse uses"))
    assert lines[verdict + 2].startswith("> **But:** The program prints no numbers")
    assert "Use reuse." in text
    assert text.count("<details>") == text.count("</details>") == 2


def test_what_programs_and_paths_are_called_is_no_markup():
    record = make_record({"original": Shape(), "a|b_c": Shape(70.0)})
    result = dataclasses.replace(judge(record), command="python <b>*x*.py")
    text = render_markdown(result)
    assert {len(row) for row in tables(text)} == {8}
    assert r"a\|b\_c" in text
    assert r"python \<b\>\*x\*.py" in text


def test_how_to_repeat_it_is_in_markdown():
    text = render_markdown(judge(on(FIRST, SETTING, cgroup_limits={"cpus": "1.5"})))
    assert f"    {SETTING.command}" in text
    assert "packages: keras 3.15.1, tensorflow 2.21.0" in text
    assert "limit of the control group, cpus: 1.5" in text
