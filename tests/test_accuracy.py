"""The harness of the published figures, and the figures themselves, counted again from the labels."""

from __future__ import annotations

import json
import sys

import pytest
from conftest import ROOT

sys.path.insert(0, str(ROOT / "benchmarks"))
import accuracy
import crude
import peers

LABELS = sorted((ROOT / "tests" / "labels").glob("*.jsonl"))
#: The lists of docs/accuracy.md that were run once and read unmended, after the first one.
UNMENDED = {
    "Second": "fresh36",
    "Third": "fresh50",
    "Fourth": "fresh48",
    "Fifth": "fresh40tensors",
    "Sixth": "fresh54",
    "Seventh": "fresh47",
    "Eighth": "fresh71",
    "Ninth": "fresh18",
    "Tenth": "fresh112",
    "Eleventh": "fresh158",
}
FIELDS = {"repo", "commit", "path", "line", "end_line", "rule", "code", "label", "kind", "worth"}


def labels_of(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("path", LABELS, ids=lambda path: path.stem)
def test_labels_are_facts_in_known_words(path):
    labels = labels_of(path)
    assert labels
    for label in labels:
        assert label.keys() >= FIELDS, label
        assert label["label"] in {"positive", "negative", "debatable"}
        assert len(label["commit"]) == 40
        assert len(label["line_sha1"]) == 12


def test_the_published_labels_have_what_recall_needs_and_each_place_once():
    labels = labels_of(ROOT / "tests" / "labels" / "fresh40.jsonl")
    assert {label["read"] for label in labels} <= {"candidates", "findings"}
    assert {label["cost"] for label in labels} <= {"small", "not small"}
    places = [(label["repo"], label["path"], str(label["line"]), label["code"]) for label in labels]
    assert len(set(places)) == len(places)


def test_intervals_are_wilson_s():
    low, high = accuracy.wilson(9, 10)
    assert (round(low, 3), round(high, 3)) == (0.596, 0.982)
    assert accuracy.wilson(0, 0) == (0.0, 1.0)
    assert accuracy.interval(0, 5).startswith("0.00 (0 of 5; 0.00 to 0.43")


def site(**fields):
    known = {
        "repo": "a/b", "path": "m.py", "line": 3, "end_line": 4, "rule": "IMR", "code": "IMR001", "kind": "k",
        "label": "positive", "read": "candidates", "cost": "small", "worth": False,
    }  # fmt: skip
    return accuracy.Site({**known, **fields}, f"a__b/{fields.get('path', 'm.py')}")


def test_what_a_tool_says_is_recorded_with_its_greatest_severity_and_counted():
    sites = [
        site(cost="not small", worth=True, alt=[{"path": "n.py", "line": 9}]),
        site(line=8, end_line=8),
        site(line=20, end_line=20, label="negative"),
        site(line=30, end_line=30, label="debatable", worth=True),
        site(line=40, end_line=40, read="findings"),
        site(line={"cell": 2, "line": 5}, end_line={"cell": 2, "line": 5}, path="x.ipynb"),
    ]
    findings = [
        accuracy.Finding("IMR", "a__b/m.py", None, 4, "IMR001", "", "low"),
        accuracy.Finding("IMR", "a__b/n.py", None, 9, "IMR001", "", "high"),
        accuracy.Finding("IMR", "a__b/m.py", None, 8, "IMR001", "", "low"),
        accuracy.Finding("UTR", "a__b/m.py", None, 8, "UTR001", "", "high"),
        accuracy.Finding("IMR", "a__b/m.py", None, 20, "IMR001", "", "medium"),
        accuracy.Finding("IMR", "a__b/m.py", None, 30, "IMR001", "", "medium"),
        accuracy.Finding("IMR", "a__b/m.py", None, 40, "IMR001", "", "medium"),
    ]
    unlabelled = accuracy.record(sites, "leakscan", findings)
    assert [one.code for one in unlabelled] == ["UTR001"]
    assert [one.label["found"] for one in sites] == [
        {"leakscan": "high"}, {"leakscan": "low"}, {"leakscan": "medium"}, {"leakscan": "medium"},
        {"leakscan": "medium"}, {},
    ]  # fmt: skip
    name, precision, recall, loud, worth = accuracy.recorded_rows([one.label for one in sites], "leakscan")[0]
    assert name == "IMR"
    assert precision.startswith("0.67 (2 of 3;")
    assert recall.startswith("0.67 (2 of 3;")
    assert loud.startswith("1.00 (1 of 1;")
    assert worth.startswith("0.50 (2 of 4;")


def test_rules_are_counted_each_by_itself():
    sites = [
        site(found={"leakscan": "medium"}, worth=True),
        site(line=5, found={"leakscan": "high"}, label="negative"),
        site(line=6, found={"leakscan": "low"}),
        site(line=7, found={}),
        site(line=8, code="RES002", rule="RES", found={"leakscan": "medium"}, label="debatable"),
    ]
    half, most = "0.50 (1 of 2; 0.09 to 0.91)", "0.67 (2 of 3; 0.21 to 0.94)"
    assert accuracy.codes_table([one.label for one in sites], "leakscan")[2:] == [
        f"| IMR001 | {half} | {most} | {half} |",
        "| RES002 | - | - | 0.00 (0 of 1; 0.00 to 0.79) |",
    ]


def test_every_repository_with_a_label_is_named_where_the_next_list_is_chosen():
    named = (ROOT / "tests" / "labels" / "README.md").read_text(encoding="utf-8")
    for path in LABELS:
        if path.stem != "read80":
            assert {label["repo"] for label in labels_of(path)} <= {
                word.strip("(),.:") for word in named.split()
            }, path


def test_the_crude_list_has_builds_and_stores_in_loops_and_handlers(tmp_path):
    repository = tmp_path / "one"
    repository.mkdir()
    (repository / "models.py").write_text(
        "import keras\n\n\ndef make():\n    return keras.Sequential([])\n", encoding="utf-8"
    )
    (repository / "train.py").write_text(
        "from models import make\n\nkept = []\nfor fold in folds:\n    model = make()\n"
        "    kept.append(model(x))\n    kept.append(float(model(x)))\nkept.append(1)\nmake()\n",
        encoding="utf-8",
    )
    (repository / "web.py").write_text(
        "@app.route('/')\ndef answer():\n    return str(load_model('m.h5').predict(x))\n", encoding="utf-8"
    )
    (repository / "old.py").write_text("print 'two'\n", encoding="utf-8")
    found = [(one.path, one.line, one.kind) for one in crude.candidates(repository)]
    assert found == [
        ("train.py", 5, "build"), ("train.py", 6, "keep"),
        ("web.py", 3, "build"), ("web.py", 3, "predict"),
    ]  # fmt: skip


def test_peers_that_are_not_installed_are_left_out_by_name(tmp_path, capsys):
    assert not peers.measure_others(str(tmp_path), "no-such-semgrep", "no-such-pylint").keys() - {"ruff"}
    err = capsys.readouterr().err
    assert "semgrep: left out, there is no program 'no-such-semgrep'\n" in err
    assert "pylint with dslinter: left out, there is no program 'no-such-pylint'\n" in err


def test_the_pages_have_the_figures_that_the_labels_give():
    labels = labels_of(ROOT / "tests" / "labels" / "fresh40.jsonl")
    page = (ROOT / "docs" / "accuracy.md").read_text(encoding="utf-8")
    assert "\n".join(accuracy.recorded_table(labels)) in page
    for name in ("read80", "read59"):
        mended = labels_of(ROOT / "tests" / "labels" / f"{name}.jsonl")
        for tool in ("leakscan-first", "leakscan"):
            for family, precision, _, _, worth in accuracy.recorded_rows(mended, tool):
                assert f"| {tool} | {family} | {precision} | {worth} |" in page
    pooled = []
    for number, name in UNMENDED.items():
        again = labels_of(ROOT / "tests" / "labels" / f"{name}.jsonl")
        pooled += again
        families = {label["rule"] for label in again} & set(accuracy.FAMILIES)
        for family, precision, recall, _, worth in accuracy.recorded_rows(again, "leakscan"):
            if (family == "both" and len(families) == 1) or family not in {*families, "both"}:
                continue
            assert f"| {number} | {family} | {precision} | {recall} | {worth} |" in page
    newest = (labels_of(ROOT / "tests" / "labels" / f"fresh{size}.jsonl") for size in (112, 158))
    for counted in (pooled, *newest):
        assert "\n".join(accuracy.codes_table(counted, "leakscan")) in page
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    rows = [accuracy.recorded_rows(labels, "leakscan"), accuracy.recorded_rows(labels, "semgrep")]
    for _, precision, recall, _, worth in rows[0]:
        for share in (precision, recall, worth):
            assert share.partition(";")[0] + ")" in readme
    shares = ", ".join
    for _, precision, recall, _, _ in rows[1]:
        assert shares([precision[:4], recall[:4]]) in readme
