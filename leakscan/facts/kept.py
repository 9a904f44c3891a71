"""The facts of files that were read already, for as long as their texts are the same."""

from __future__ import annotations

from leakscan.facts.model import ModuleFacts
from leakscan.facts.reading import UnreadableError, read_facts
from leakscan.records import dataclass


@dataclass(frozen=True, slots=True)
class _Problem:
    """Why a text has no facts: what UnreadableError says."""

    message: str
    line: int | None


class KeptFacts:
    """The facts of one text for each file: the last one that was read.

    Nothing changes facts, so that several checks may use the same ones, one after the other.
    """

    def __init__(self) -> None:
        self._known: dict[str, tuple[str, ModuleFacts | _Problem]] = {}

    def of(self, text: str, path: str) -> ModuleFacts:
        """Return the facts of the module whose file is `path`. Raises UnreadableError."""
        known, found = self._known.get(path, ("", None))
        if found is None or known != text:
            found = _read(text)
            self._known[path] = text, found
        if isinstance(found, _Problem):
            raise UnreadableError(found.message, found.line)
        return found

    def correct(self, path: str, facts: ModuleFacts) -> None:
        """Put better facts in the place of those that are kept of a module."""
        text, _ = self._known[path]
        self._known[path] = text, facts


def _read(text: str) -> ModuleFacts | _Problem:
    try:
        return read_facts(text)
    except UnreadableError as error:
        return _Problem(error.message, error.line)


__all__ = ["KeptFacts"]
