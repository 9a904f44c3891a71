"""What GitHub and GitLab read is what their schemas ask for: the action, forms, what pages show."""

from __future__ import annotations

import re

import pytest
from conftest import ROOT

pytest.importorskip("check_jsonschema")
from check_jsonschema import main

_BLOCK = re.compile(r"^```yaml\n(.*?)^```$", re.DOTALL | re.MULTILINE)
FILES = [
    ("github-actions", "action.yml"),
    ("citation-file-format", "CITATION.cff"),
    *(
        ("github-issue-forms", path.relative_to(ROOT).as_posix())
        for path in sorted((ROOT / ".github/ISSUE_TEMPLATE").glob("*.yml"))
    ),
]


def shown():
    """The files that pages show: schema, page, text."""
    for page in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))):
        for text in _BLOCK.findall(page.read_text(encoding="utf-8")):
            if "runs-on:" in text:
                yield "github-workflows", page.name, text
            elif "script:" in text:
                yield "gitlab-ci", page.name, text


SHOWN = list(shown())


def problems(schema, path, capsys):
    code = main.main(["--builtin-schema", f"vendor.{schema}", str(path)], standalone_mode=False)
    return "" if code in (0, None) else capsys.readouterr().out


@pytest.mark.parametrize(("schema", "file"), FILES)
def test_a_file_is_what_its_reader_asks_for(capsys, schema, file):
    assert problems(schema, ROOT / file, capsys) == ""


@pytest.mark.parametrize("number", range(len(SHOWN)))
def test_a_file_that_a_page_shows_is_what_its_reader_asks_for(tmp_path, capsys, number):
    schema, page, text = SHOWN[number]
    path = tmp_path / f"{page}.yml"
    path.write_text(text, encoding="utf-8")
    assert problems(schema, path, capsys) == ""


def test_workflows_and_a_pipeline_are_shown(tmp_path, capsys):
    assert {schema for schema, *_ in SHOWN} == {"github-workflows", "gitlab-ci"}
    path = tmp_path / "wrong.yml"
    path.write_text(SHOWN[0][2].replace("runs-on:", "runs-in:"), encoding="utf-8")
    assert problems("github-workflows", path, capsys), "a mistake is seen"
