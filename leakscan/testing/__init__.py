"""The checks of a rule folder, for `leakscan rule test` and for the pytest suites of rule authors.

A suite is three lines:

    @pytest.mark.parametrize("case", leakscan.testing.cases("my_rules"), ids=str)
    def test_rule(case):
        case.check()
"""

from leakscan.testing.checks import Case, cases, cases_of, load_folders
from leakscan.testing.contents import same_code
from leakscan.testing.folders import HEADINGS, Problem, RuleFolder
from leakscan.testing.marks import Site, marked, without_marks

__all__ = [
    "HEADINGS",
    "Case",
    "Problem",
    "RuleFolder",
    "Site",
    "cases",
    "cases_of",
    "load_folders",
    "marked",
    "same_code",
    "without_marks",
]
