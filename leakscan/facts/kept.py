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
        self._corrected: set[str] = set()

    def of(self, text: str, path: str) -> ModuleFacts:
        """Return the facts of the module whose file is `path`. Raises UnreadableError."""
        self.read(text, path)
        found = self._known[path][1]
        if isinstance(found, _Problem):
            raise UnreadableError(found.message, found.line)
        return found

    def read(self, text: str, path: str) -> None:
        """Read a module, unless that has been done."""
        known = self._known.get(path)
        if known is None or known[0] != text:
            self._known[path] = text, _read(text)
            self._corrected.discard(path)

    def correct(self, path: str, facts: ModuleFacts) -> None:
        """Put better facts in the place of those that are kept of a module."""
        text, _ = self._known[path]
        self._known[path] = text, facts
        self._corrected.add(path)

    def is_corrected(self, path: str) -> bool:
        """Whether the facts that are kept of a module are better ones, whose numbers may be others."""
        return path in self._corrected


def _read(text: str) -> ModuleFacts | _Problem:
    try:
        return read_facts(text)
    except UnreadableError as error:
        return _Problem(error.message, error.line)


__all__ = ["KeptFacts"]
