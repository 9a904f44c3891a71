"""Reports of a result, at every width, none saying more than was measured; long, as each has its test."""

import csv
import dataclasses
import io
import json
import re
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest
from conftest import ROOT
from rich.console import Console
from test_results import INFOS, LEAK, MODEL, Shape, arm, judge, make_record, with_faults

from leakscan.validation import results, wording
from leakscan.validation.carbon import carbon_from_intensity
from leakscan.validation.evaluation import evaluate
from leakscan.validation.measurements import Cause, Fault, Provenance, Reading, Source
from leakscan.validation.reports import plots, render_csv, render_html, render_json, render_terminal
from leakscan.validation.reports.json import schema
from leakscan.validation.results import ArmInfo, Described, Metric
from leakscan.validation.verdicts import Verdict

STEAL = Fault(Cause.STEAL, "the hypervisor took 9 % of the processors' time")


@pytest.fixture
def measured():
    return judge(with_faults(make_record(LEAK), {("reuse", 4): STEAL}), INFOS)


@pytest.fixture
def modelled():
    return judge(make_record(LEAK, source=MODEL), INFOS, carbon=carbon_from_intensity(300))


@pytest.fixture
def unmeasured():
    """Nothing but times: no energy, no memory."""
    record = make_record(LEAK, source=Source("cpu", Provenance.ABSENT, "no counter"))
    runs = []
    for run in record.runs:
        body = dataclasses.replace(run.body, readings=(Reading("cpu", None, Provenance.ABSENT),))
        process = dataclasses.replace(run.process, readings=())
        runs.append(dataclasses.replace(run, body=body, process=process, peak_rss_bytes=None, ticks=()))
    return judge(dataclasses.replace(record, runs=tuple(runs)), INFOS)


def printed(result, width, *, color=False):
    out = io.StringIO()
    console = Console(
        file=out,
        width=width,
        force_terminal=color or None,
        color_system="standard" if color else None,
        markup=False,
        highlight=False,
        emoji=False,
    )
    render_terminal(result, console)
    return out.getvalue()


def words(text):
    """The text in one line, however it was wrapped."""
    return " ".join(text.split())


# -- terminal


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("kind", ["measured", "modelled", "unmeasured"])
def test_the_terminal_report_fits(kind, width, request):
    text = printed(request.getfixturevalue(kind), width)
    assert max(len(line) for line in text.splitlines()) <= width
    assert text.isascii()


@pytest.mark.parametrize("width", [80, 120])
def test_each_fix_has_a_line_with_change_interval_and_verdict(measured, width):
    lines = printed(measured, width).splitlines()
    (reuse,) = [line for line in lines if re.search(r" reuse .*less energy *$", line)]
    assert re.search(r"reuse +\d+\.\d J +-3\d\.\d % +-3\d\.\d to -[23]\d\.\d % less energy", reuse)
    assert any(re.search(r"clear-session .*equivalent", line) for line in lines)


def test_colours_change_no_character(measured):
    coloured = printed(measured, 100, color=True)
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == printed(measured, 100)


def test_the_terminal_report_ends_with_verdict_recommendation_and_limits(measured):
    text = words(printed(measured, 80))
    places = [
        text.index(words(part))
        for part in (
            measured.verdict,
            measured.recommendation,
            "What this does not show:",
            *measured.limits,
        )
    ]
    assert places == sorted(places)


def test_what_a_rebuild_costs_is_told_with_its_interval(measured):
    pattern = r"reuse: each rebuild that it avoids costs about \d+ ms of CPU time on this machine \(measured,"
    assert re.search(pattern, words(printed(measured, 80)))


def test_one_banner_tells_modelled_energy(measured, modelled):
    text = words(printed(modelled, 80))
    assert text.startswith(words(modelled.banner))
    assert text.count("modelled, not measured") == 1
    assert "modelled" not in printed(measured, 80)


def test_what_was_not_measured_is_called_so_and_is_not_zero(unmeasured):
    text = printed(unmeasured, 120)
    assert re.search(r"energy +not measured original +not measured", text)
    assert not re.search(r"\b0 (J|B)\b", text)


def test_dropped_blocks_are_counted_with_their_cause(measured):
    text = printed(measured, 120)
    assert "9 blocks used, 1 not used" in text
    assert "warning: 1 block not used (steal: 1)" in text


def test_arms_are_ranked_by_energy_with_the_original_among_them():
    shapes = LEAK | {"isolate": Shape(140.0), "broken": Shape(10.0, printed="0.5")}
    text = words(printed(judge(make_record(shapes), INFOS), 120))
    assert "the lowest first: reuse, clear-session, original, isolate" in text
    assert "the lowest first" not in printed(judge(make_record({"original": Shape(), "reuse": Shape()})), 80)


def test_an_interval_that_only_adjusting_makes_inconclusive_is_explained():
    shapes = {"original": Shape(), "reuse": Shape(97.0), "hoist": Shape(99.0), "isolate": Shape(100.0)}
    for seed in range(40):
        result = judge(make_record(shapes, blocks=8, noise=0.02, seed=seed))
        found = arm(result, "reuse").quantity(Metric.ENERGY).comparison
        hidden = found.verdict is Verdict.INCONCLUSIVE and found.effect.percent_change.excludes(0)
        if hidden:
            break
    assert hidden
    assert "verdicts are adjusted for 3 fixes, intervals are not" in words(printed(result, 80))
    clear = judge(make_record({"original": Shape(), "reuse": Shape(50.0)}))
    assert "verdicts are adjusted" not in words(printed(clear, 80))


def test_grams_stand_beside_their_source_once(modelled, measured):
    text = words(printed(modelled, 80))
    assert "original 8." in text
    assert text.count("300 g/kWh (given by the user)") == 1
    assert "CO2" not in printed(measured, 80)


def test_what_programs_print_cannot_style_the_terminal():
    shapes = {"original": Shape(), "fixed": Shape(printed="0.5")}
    record = make_record(shapes)
    fault = Fault(Cause.FAILED, "ended with exit status 1: [bold]\x1b[31mred")
    runs = tuple(
        dataclasses.replace(run, fault=fault) if run.arm == "fixed" else run
        for run in record.runs
        if run.arm == "original" or run.block is None
    )
    text = printed(judge(dataclasses.replace(record, runs=runs)), 100)
    assert "\x1b" not in text
    assert "[bold]" in text


# -- JSON


@pytest.mark.parametrize("kind", ["measured", "modelled", "unmeasured"])
def test_a_json_report_is_the_whole_result(kind, request, tmp_path):
    result = request.getfixturevalue(kind)
    path = tmp_path / "report.json"
    path.write_text(render_json(result))
    assert results.load(str(path)) == result


def test_json_keeps_every_run_with_its_cause(measured):
    document = json.loads(render_json(measured))
    assert document["schema_version"] == 2
    assert len(document["runs"]) == 3 + 30
    faults = [run["fault"] for run in document["runs"] if run["fault"]]
    assert faults == [{"cause": "steal", "message": STEAL.message}]
    assert document["plan"]["seed"] == 7
    assert document["environment"]["cpu_model"] == "A processor"
    assert [each["info"]["diff"] for each in document["arms"]][1] == INFOS[0].diff


@pytest.mark.parametrize("kind", ["measured", "modelled", "unmeasured"])
def test_json_follows_the_published_schema(kind, request):
    document = json.loads(render_json(request.getfixturevalue(kind)))
    published = json.loads((ROOT / "leakscan/validation/report_schema.json").read_text())
    assert list(violations(document, published, published["$defs"])) == []


def test_the_published_schema_is_that_of_the_records():
    published = json.loads((ROOT / "leakscan/validation/report_schema.json").read_text())
    assert published == schema()


TYPES = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "array": list,
    "object": dict,
    "null": type(None),
    "boolean": bool,
}


def violations(value, rule, definitions, place="$"):
    """Where a document departs from a schema of the keywords that ours has."""
    if "$ref" in rule:
        rule = definitions[rule["$ref"].removeprefix("#/$defs/")]
    if "anyOf" in rule and all(list(violations(value, each, definitions)) for each in rule["anyOf"]):
        yield f"{place}: fits none of {rule['anyOf']}"
    if "const" in rule and value != rule["const"]:
        yield f"{place}: not {rule['const']}"
    if "enum" in rule and value not in rule["enum"]:
        yield f"{place}: not one of {rule['enum']}"
    if "type" in rule and not isinstance(value, TYPES[rule["type"]]):
        yield f"{place}: {value!r} is no {rule['type']}"
    elif rule.get("type") == "array":
        for index, item in enumerate(value):
            yield from violations(item, rule["items"], definitions, f"{place}[{index}]")
    elif "properties" in rule:
        yield from (f"{place}: lacks {key}" for key in rule["required"] if key not in value)
        for key, item in value.items():
            known = rule["properties"].get(key)
            yield from violations(item, known, definitions, f"{place}.{key}") if known else [f"{place}.{key}"]


def test_a_document_that_departs_from_the_schema_is_noticed(measured):
    document = json.loads(render_json(measured))
    document["runs"][3]["order"] = "first"
    document["arms"][0]["basis"] = 1
    published = json.loads((ROOT / "leakscan/validation/report_schema.json").read_text())
    assert len(list(violations(document, published, published["$defs"]))) == 2


# -- CSV


def test_csv_has_a_line_for_each_run_with_units_in_names(measured):
    rows = list(csv.DictReader(io.StringIO(render_csv(measured))))
    assert len(rows) == 33
    assert sum(row["used"] == "1" for row in rows) == 27
    warm_up, dropped = rows[0], next(row for row in rows if row["cause"])
    assert (warm_up["block"], warm_up["used"]) == ("", "0")
    assert (dropped["arm"], dropped["block"], dropped["cause"], dropped["used"]) == (
        "reuse",
        "4",
        "steal",
        "0",
    )
    used = [row for row in rows if row["used"] == "1" and row["arm"] == "reuse"]
    joules = [float(row["body_cpu_energy_joules"]) for row in used]
    assert tuple(joules) == arm(measured, "reuse").quantity(Metric.ENERGY).values
    assert {row["body_cpu_provenance"] for row in rows} == {"counter"}


def test_csv_leaves_empty_what_was_not_measured(unmeasured):
    rows = list(csv.DictReader(io.StringIO(render_csv(unmeasured))))
    assert {row["peak_rss_bytes"] for row in rows} == {""}
    assert "body_cpu_energy_joules" not in rows[0] or {row["body_cpu_energy_joules"] for row in rows} == {""}


def test_csv_holds_no_formula_for_a_spreadsheet():
    record = with_faults(make_record(LEAK), {("reuse", 4): Fault(Cause.STEAL, "=1+1")})
    assert "'=1+1" in render_csv(judge(record))


# -- words


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (None, "J", "not measured"),
        (0.0, "J", "0 J"),
        (123.456, "J", "123 J"),
        (12.345, "J", "12.3 J"),
        (1.2345, "J", "1.23 J"),
        (0.0123, "J", "12.3 mJ"),
        (1e-7, "J", "0.0001 mJ"),
        (123456.0, "J", "123 kJ"),
        (999.9, "J", "1.00 kJ"),
        (754.0, "s", "754 s"),
        (0.25, "s", "250 ms"),
        (8_200_000, "B", "8.20 MB"),
        (0.00109, "g", "1.09 mg"),
        (-2_500, "B", "-2.50 kB"),
    ],
)
def test_amounts_have_a_prefix_and_three_digits(value, unit, text):
    assert wording.amount(value, unit) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(-31.04, "-31.0 %"), (0.345, "+0.34 %"), (-0.001, "0 %"), (150.2, "+150 %"), (None, "")],
)
def test_percentages_have_a_sign_and_no_false_zero(value, text):
    assert wording.percent(value) == text


# -- HTML and plots


class Page(HTMLParser):
    """What a browser would see: tags with attributes, text by section, and whether tags are balanced."""

    VOID = frozenset({"meta", "br", "rect", "line", "path", "polyline", "polygon"})

    def __init__(self, text):
        super().__init__()
        self.tags, self.sections, self.errors = [], {}, []
        self._open, self._heading = [], ""
        self.feed(text)
        self.close()
        if self._open:
            self.errors.append(f"open: {self._open}")

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in self.VOID:
            self._open.append(tag)
        if tag == "h2":
            self._heading = ""

    def handle_startendtag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        if tag in self.VOID:
            return
        if not self._open or self._open.pop() != tag:
            self.errors.append(f"</{tag}>")

    def handle_data(self, data):
        if self._open and self._open[-1] == "h2":
            self._heading += data
        self.sections[self._heading] = self.sections.get(self._heading, "") + data + " "

    @property
    def text(self):
        return " ".join(self.sections.values())

    def of(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]


KINDS = ["measured", "modelled", "unmeasured"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_is_whole_and_stands_alone(kind, request):
    text = render_html(request.getfixturevalue(kind))
    page = Page(text)
    assert page.errors == []
    assert not page.of("script")
    assert not [tag for tag, attributes in page.tags if {"src", "href", "srcset"} & set(attributes)]
    assert "@import" not in text
    assert set(re.findall(r"url\((.)", text)) <= {"#"}
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", text)
    identifiers = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(identifiers) == len(set(identifiers))
    assert "nan" not in text.lower().split()


def test_a_page_has_all_that_a_reader_needs(measured):
    page = Page(render_html(measured))
    assert list(page.sections)[1:] == [
        "Results",
        "Plots",
        "What this does not show",
        "The fixes",
        "In the form of published studies",
        "More statistics of the energy",
        "How it was measured",
        "Machine and software",
        "How to repeat it",
        "Every run",
    ]
    assert measured.verdict in page.sections[""]
    assert measured.recommendation in page.sections[""]
    for info in INFOS:
        assert info.message in page.sections["The fixes"]
    assert "+new" in page.sections["The fixes"]
    assert STEAL.message in page.sections["Every run"]
    assert measured.command in page.sections["How to repeat it"]
    assert "tensorflow (of the program) 2.20.0" in words(page.sections["Machine and software"])
    assert all(limit in page.sections["What this does not show"] for limit in measured.limits)
    assert "measured from 2026-01-01 00:00 UTC on" in words(page.sections[""])
    statistics = words(page.sections["More statistics of the energy"])
    assert "reuse clear-session used less in 9 of 9" in statistics


def test_the_papers_table_has_each_run_and_the_paired_tests(measured):
    text = words(Page(render_html(measured)).sections["In the form of published studies"])
    paper = arm(measured, "reuse").quantity(Metric.ENERGY).comparison.paper
    assert f"{paper.t:.3g} 8 < 0.0001" in text
    for value in arm(measured, "reuse").quantity(Metric.ENERGY).values:
        assert f"{value:#.4g}".removesuffix(".") in text


def test_each_plot_has_a_name_for_those_who_do_not_see_it(measured):
    names = [attributes["aria-label"] for attributes in Page(render_html(measured)).of("svg")]
    assert names == [
        "Mean energy",
        "Energy, block by block",
        "Ratio of energy to the original's",
        "Energy in the order of time",
        "Resident memory over the iterations",
    ]


def test_only_modelled_bars_are_hatched(measured, modelled):
    assert "<pattern" in render_html(modelled)
    assert "<pattern" not in render_html(measured)


def test_a_page_without_energy_draws_times_and_says_not_measured(unmeasured):
    text = render_html(unmeasured)
    assert "Mean wall time" in text
    assert "not measured" in text
    assert ">0 J<" not in text


def test_what_comes_from_programs_is_escaped():
    record = make_record({"original": Shape(), "<b>fix</b>": Shape(90.0)})
    info = ArmInfo("<b>fix</b>", "+<script>alert(1)</script>\n", "<i>message</i>", "safe")
    text = render_html(evaluate(record, [Described(info)], command="leakscan validate '<u>.py'"))
    assert not re.search(r"<(b|i|u|script)>", text)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text


def test_a_page_of_an_experiment_that_was_stopped_early_is_whole():
    record = make_record(LEAK)
    for count in range(len(record.runs)):
        result = judge(dataclasses.replace(record, runs=record.runs[:count]), INFOS)
        assert Page(render_html(result)).errors == []
        assert printed(result, 80)
        assert json.loads(render_json(result))
        assert render_csv(result)


def svg(text):
    return ET.fromstring(text)


def test_a_forest_plot_places_ratios_on_a_log_scale():
    rows = [plots.Estimate(f"{ratio}", ratio, ratio / 1.1, ratio * 1.1) for ratio in (0.5, 1.0, 2.0)]
    root = svg(plots.forest(rows, title="Ratios", margin=0.03))
    lines = [
        (float(each.get("x1")), float(each.get("x2")))
        for each in root.iterfind(".//{*}line")
        if "stroke-width:2" in each.get("style")
    ]
    middles = [(first + second) / 2 for first, second in lines]
    assert middles[1] - middles[0] == pytest.approx(middles[2] - middles[1], abs=0.2)
    assert "var(" not in plots.forest(rows, title="Ratios")


def test_the_numbers_beside_a_forest_plot_end_within_it():
    """The widths of fonts are not known here, so the end is given, not the beginning."""
    rows = [plots.Estimate("clear-session", 1.29, 1.19, 1.39, "+1128.7 %")]
    root = svg(plots.forest(rows, title="Ratios"))
    [note] = [each for each in root.iterfind(".//{*}text") if each.text == "+1128.7 %"]
    assert "end" in (note.get("text-anchor") or note.get("style"))
    assert float(note.get("x")) <= float(root.get("viewBox").split()[2])


def test_curves_follow_their_points_on_linear_and_log_axes():
    points = tuple(plots.CurvePoint(x, 1 / x, 0.9 / x, 1.1 / x) for x in (1.0, 10.0, 100.0))
    series = [plots.Curve("one", points, 1), plots.Curve("two", points[1:], 2)]
    text = plots.curves(series, title="t", x=plots.Scale("epochs", log=True), y=plots.Scale("%", log=True))
    first = next(svg(text).iterfind(".//{*}polyline")).get("points").split()
    (x0, y0), (x1, y1), (x2, y2) = ([float(each) for each in pair.split(",")] for pair in first)
    assert x1 - x0 == pytest.approx(x2 - x1, abs=0.2)
    assert y1 - y0 == pytest.approx(y2 - y1, abs=0.2)
    assert x0 < x2
    assert y0 < y2  # less is further down


@pytest.mark.parametrize("values", [(5.0, 5.0), (0.001, 0.002), (1e6, 3e6), (1.0, 1.0000001)])
def test_plots_of_any_size_have_ticks_and_finite_places(values):
    pairs = [plots.Pair("fix", values, values[::-1])]
    text = plots.slopes(pairs, title="t", unit="J")
    assert "nan" not in text
    assert "inf" not in text
    labels = [each.text for each in svg(text).iterfind(".//{*}text")]
    numbers = [label for label in labels if re.fullmatch(r"-?[\d.]+", label)]
    assert len(numbers) >= 3
    assert len(set(numbers)) == len(numbers)


def test_plots_without_values_and_logs_of_zero_are_errors():
    with pytest.raises(ValueError, match="needs values"):
        plots.slopes([], title="t", unit="J")
    with pytest.raises(ValueError, match="needs values"):
        plots.forest([], title="t")
    with pytest.raises(ValueError, match="not on a log axis"):
        plots.forest([plots.Estimate("x", 0.0)], title="t")
