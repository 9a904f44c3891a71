"""The examples of every built-in rule, and of the template of new ones, by the checks in leakscan.testing."""

from __future__ import annotations

from pathlib import Path

import pytest

from leakscan import scaffold
from leakscan.testing import Case, RuleFolder, cases_of, load_folders, same_code

RULES = Path(__file__).resolve().parent.parent / "rules"
FOLDERS = load_folders(RULES, together=True)
TEMPLATE = load_folders(scaffold.TEMPLATE)
CASES = [case for folder in FOLDERS + TEMPLATE for case in cases_of(folder)]
ENOUGH = {"IMR001": (14, 18), "UTR001": (12, 18)}  # bad, good; the shapes that real code holds most
ENOUGH_OF_OTHERS = (6, 6)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_rule_folder_is_as_it_must_be(case: Case) -> None:
    case.check()


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.rule.code)
def test_rule_has_enough_examples(folder: RuleFolder) -> None:
    names = [example.name for example in folder.examples]
    bad, good = ENOUGH.get(folder.rule.code, ENOUGH_OF_OTHERS)
    assert sum(name.startswith("bad_") for name in names) >= bad
    assert sum(name.startswith("good_") for name in names) >= good


def test_no_two_rules_have_the_same_example() -> None:
    examples = [(folder, example) for folder in FOLDERS for example in folder.examples]
    assert [str(problem) for problem in same_code(examples)] == []
