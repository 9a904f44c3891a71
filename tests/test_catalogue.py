"""docs/catalogue.md names every rule that ships, and plans none that does."""

import re
from pathlib import Path

from leakscan.registry import load_rules

PAGE = Path(__file__).parent.parent / "docs" / "catalogue.md"


def test_the_catalogue_links_every_rule_and_plans_no_rule_that_is_there():
    text = PAGE.read_text(encoding="utf-8")
    codes = {loaded.rule.code for loaded in load_rules(installed=False)}
    linked = set(re.findall(r"\[([A-Z]+\d+)\]\(\.\./rules/", text))
    # [UTR001](...) to [UTR005](...)
    for first, last in re.findall(r"\[([A-Z]+\d+)\]\(\S+\) to \[([A-Z]+\d+)\]", text):
        linked |= {code for code in codes if first <= code <= last}
    planned = set(re.findall(r"\b([A-Z]+\d{3}), planned", text))
    assert linked == codes
    assert not planned & codes
