"""The same input gives the same output, whatever the hash seed, the order of paths and how they are named."""

from __future__ import annotations

import random
import shutil

import pytest
from conftest import ROOT

IGNORED = shutil.ignore_patterns("__pycache__")
PROJECTS = [
    ROOT / "fixtures",
    *sorted(path for path in (ROOT / "rules").glob("*/examples/*") if (path / "main.py").is_file()),
]


@pytest.fixture
def everything(leakscan):
    """Fixtures and examples as one project, in which many modules have the same name."""
    shutil.copytree(ROOT / "fixtures", leakscan.directory / "fixtures", ignore=IGNORED)
    for folder in sorted((ROOT / "rules").glob("*/examples")):
        target = leakscan.directory / "examples" / folder.parent.name
        # Projects whole, and every third single file: what matters is that names are the same in many.
        for number, source in enumerate(sorted(folder.iterdir())):
            if (source / "main.py").is_file():
                shutil.copytree(source, target / source.name, ignore=IGNORED)
            elif source.suffix == ".py" and not number % 3:
                target.mkdir(parents=True, exist_ok=True)
                shutil.copy(source, target)
    return leakscan


def python_files(directory):
    return sorted(path.relative_to(directory).as_posix() for path in directory.rglob("*.py"))


def test_the_report_is_the_same_for_every_hash_seed(everything):
    arguments = ["check", "--isolated", "--output-format", "json", "--min-severity", "low"]
    reports = {
        everything.spawn_bytes(*arguments, env={"PYTHONHASHSEED": str(seed)}).stdout for seed in (0, 1)
    }
    assert len(reports) == 1
    assert reports.pop().count(b'"code"') > 50, "the examples hold many findings"


def test_the_order_of_paths_does_not_matter(everything):
    paths = python_files(everything.directory)
    shuffled = random.Random(0).sample(paths, len(paths))
    expected = everything.json("--isolated", ".").out
    assert everything.json("--isolated", *shuffled).out == expected


def test_naming_a_path_twice_reports_it_once(everything):
    expected = everything.json("--isolated", "fixtures").out
    assert everything.json("--isolated", "fixtures", "fixtures/imr", "fixtures").out == expected


@pytest.mark.parametrize("project", PROJECTS, ids=lambda path: path.name)
def test_a_file_has_the_same_findings_alone_as_with_its_project(leakscan, project):
    shutil.copytree(project, leakscan.directory, dirs_exist_ok=True, ignore=IGNORED)
    whole = leakscan.json("--isolated", ".").json["findings"]
    for path in python_files(leakscan.directory):
        alone = leakscan.json("--isolated", path).json["findings"]
        assert alone == [item for item in whole if item["path"] == path]
