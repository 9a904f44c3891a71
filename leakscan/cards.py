"""What is known of rules without their code: a check whose findings are kept needs no more of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from leakscan.diagnostics import Severity
from leakscan.records import dataclass

if TYPE_CHECKING:
    from leakscan.rule import Rule


@dataclass(frozen=True, slots=True)
class RuleCard:
    """What selects a rule, and what its findings pass by; its strategies by name, the preferred one first."""

    code: str
    name: str
    enabled_by_default: bool
    default_min_severity: Severity
    strategies: tuple[str, ...]


class Rules:
    """The rules of a run: their cards, and they themselves as soon as a project must be judged.

    stable: whether a cache that is for the code of leakscan is for theirs as well.
    """

    def __init__(
        self, cards: Iterable[RuleCard], load: Callable[[], Sequence[Rule]], *, stable: bool = False
    ) -> None:
        self.cards = tuple(cards)
        self.stable = stable
        self._load = load
        self._loaded: Sequence[Rule] | None = None

    def loaded(self) -> Sequence[Rule]:
        """Return the rules, in the order of their cards. Raises LeakscanError as `load_rules` does."""
        if self._loaded is None:
            self._loaded = self._load()
        return self._loaded


def rules_of(rules: Sequence[Rule], *, stable: bool = False) -> Rules:
    """Return rules that are loaded already."""
    cards = (
        RuleCard(
            rule.code,
            rule.name,
            rule.enabled_by_default,
            rule.default_min_severity,
            tuple(strategy.name for strategy in rule.strategies),
        )
        for rule in rules
    )
    return Rules(cards, lambda: rules, stable=stable)


def cards_to_bytes(cards: Iterable[RuleCard]) -> bytes:
    """Return cards as bytes."""
    import json  # only with a cache

    rows = [
        [card.code, card.name, card.enabled_by_default, card.default_min_severity.name, *card.strategies]
        for card in cards
    ]
    return json.dumps(rows).encode()


def cards_from_bytes(data: bytes) -> list[RuleCard] | None:
    """Return the cards that bytes hold, or None where they hold something else."""
    import json  # only with a cache

    try:
        return [
            RuleCard(str(code), str(name), bool(default), Severity[severity], tuple(map(str, strategies)))
            for code, name, default, severity, *strategies in json.loads(data)
        ]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None


__all__ = ["RuleCard", "Rules", "cards_from_bytes", "cards_to_bytes", "rules_of"]
