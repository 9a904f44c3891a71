"""A rule folder -> its checks, each a case."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from leakscan.registry import load_rules, rule_folders
from leakscan.testing.contents import asserted, distinct, names, page
from leakscan.testing.examples import findings, fixes, marks
from leakscan.testing.folders import Problem, RuleFolder


@dataclass(frozen=True, slots=True)
class Case:
    """One check of a rule folder, or of one of its examples. As a string it is the id of a test."""

    folder: RuleFolder
    example: Path | None
    name: str
    run: Callable[[], Iterable[Problem]]

    def problems(self) -> list[Problem]:
        """Return what is wrong; nothing where all is well."""
        return list(self.run())

    def check(self) -> None:
        """Raise AssertionError, with all that is wrong, unless nothing is."""
        if found := self.problems():
            raise AssertionError("\n".join(map(str, found)))

    def __str__(self) -> str:
        parts = (self.folder.rule.code, self.example.name if self.example else None, self.name)
        return "-".join(part for part in parts if part)


def load_folders(directory: str | Path, *, together: bool = False) -> list[RuleFolder]:
    """Load the rule folder, or the folder of rule folders, that `directory` is.

    together: each example is checked with all rules that are on by default, and only its own may report.
    Raises LeakscanError where a rule cannot be loaded.
    """
    folders = rule_folders(Path(directory))
    # Codes must differ from the built-in ones; an installed copy of the same rules may be there.
    loaded = [item for item in load_rules([directory], installed=False) if item.folder in folders]
    everything = tuple(item.rule for item in loaded)
    usual = [rule for rule in everything if rule.enabled_by_default]
    return [
        RuleFolder(
            item.folder, item.rule, tuple(dict.fromkeys((*usual, item.rule))) if together else (item.rule,)
        )
        for item in loaded
    ]


def cases(directory: str | Path, *, together: bool = False) -> list[Case]:
    """Return every check of the rule folders of `directory`; for the parameters see `load_folders`."""
    return [case for folder in load_folders(directory, together=together) for case in cases_of(folder)]


def cases_of(folder: RuleFolder) -> Iterator[Case]:
    """Yield every check of a rule folder: first those of its files, then those of each example."""
    for name, check_folder in _FOLDER_CHECKS.items():
        yield Case(folder, None, name, partial(check_folder, folder))
    for example in folder.examples:
        for name, check_example in _EXAMPLE_CHECKS.items():
            if name != "fixes" or (example.name.startswith("bad_") and folder.rule.strategies):
                yield Case(folder, example, name, partial(check_example, folder, example))


_FOLDER_CHECKS = {"names": names, "page": page, "examples": distinct, "fixed": asserted}
_EXAMPLE_CHECKS = {"marks": marks, "findings": findings, "fixes": fixes}
