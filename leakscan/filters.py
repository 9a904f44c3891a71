"""Which findings are shown: suppressions, selection, severity and confidence."""

from __future__ import annotations

from collections.abc import Sequence

from leakscan.cards import RuleCard
from leakscan.config import Config, ConfigResolver
from leakscan.diagnostics import Confidence, Diagnostic, FileReport, Severity
from leakscan.files import Source
from leakscan.suppressions import OWN_NAMES, Suppressions, may_be_unclear


def selected(rule: RuleCard, config: Config) -> bool:
    """Whether a configuration selects a rule."""
    return config.selection.includes(rule.code, default=rule.enabled_by_default)


class Filter:
    """Which findings of a report are shown: by suppressions, selection, severity and confidence."""

    def __init__(self, configs: ConfigResolver, rules: Sequence[RuleCard], *, report_unused: bool) -> None:
        self._configs = configs
        self._rules = {rule.code: rule for rule in rules}
        self._names = {**{rule.code: rule.name for rule in rules}, **OWN_NAMES}
        self._report_unused = report_unused

    def kept(self, report: FileReport, source: Source) -> list[Diagnostic]:
        """Return what is shown of the findings in a file, and what is said of its comments."""
        if not (report.diagnostics or self._report_unused or may_be_unclear(source)):
            return []
        config = self._configs.for_file(source.path)
        suppressions = Suppressions(source, self._names)
        # Every finding passes by the suppressions: one that is filtered out still uses its comment.
        unsuppressed = [item for item in report.diagnostics if not suppressions.silences(item)]
        kept = [item for item in unsuppressed if self._shown(item, config, source.path)]
        own = [*suppressions.unclear()]
        if self._report_unused and not report.errors:
            enabled = {code for code, rule in self._rules.items() if selected(rule, config)}
            own += suppressions.unused(enabled)
        kept += [
            item
            for item in own
            if config.selection.includes(item.code, default=True)
            and not config.ignores(source.path, item.code)
        ]
        return kept

    def _shown(self, item: Diagnostic, config: Config, path: str) -> bool:
        rule = self._rules[item.code]
        if not selected(rule, config) or config.ignores(path, item.code):
            return False
        lowest: Severity = config.min_severity or rule.default_min_severity
        return item.severity >= lowest and item.confidence >= (config.min_confidence or Confidence.MEDIUM)


__all__ = ["Filter", "selected"]
