"""The facts of files that were read already, for as long as their texts are the same."""

from __future__ import annotations

from leakscan.facts.model import ModuleFacts
from leakscan.facts.positions import Nodes, nodes_of
from leakscan.facts.reading import UnreadableError, read_and_place, read_by_libcst, read_by_python
from leakscan.parsing import PARSER_ERRORS
from leakscan.records import dataclass


@dataclass(frozen=True, slots=True)
class _Problem:
    """Why a text has no facts: what UnreadableError says. final: whether LibCST was asked as well."""

    message: str
    line: int | None
    final: bool


class KeptFacts:
    """The facts of one text for each file: the last one that was read.

    Nothing changes facts, so that several checks may use the same ones, one after the other.
    """

    def __init__(self) -> None:
        self._known: dict[str, tuple[str, ModuleFacts | _Problem]] = {}
        self._corrected: set[str] = set()
        self._for_libcst: set[str] = set()
        self._nodes: dict[str, Nodes] = {}

    def of(self, text: str, path: str, *, quick: bool = False) -> ModuleFacts:
        """Return the facts of the module whose file is `path`. Raises UnreadableError."""
        self.read(text, path, quick=quick)
        found = self._known[path][1]
        if isinstance(found, _Problem):
            raise UnreadableError(found.message, found.line)
        return found

    def read(self, text: str, path: str, *, quick: bool = False) -> None:
        """Read a module, unless that has been done.

        quick: what Python does not read is taken for unfinished, and LibCST asked another time, unless it was
        LibCST that read this file before: it is written for a newer Python. The nodes are kept as well.
        """
        known = self._known.get(path)
        if known is not None and known[0] == text:
            found = known[1]
            if quick or not isinstance(found, _Problem) or found.final:
                return
        self._corrected.discard(path)
        self._nodes.pop(path, None)
        self._known[path] = text, self._read(text, path, quick=quick)

    def _read(self, text: str, path: str, *, quick: bool) -> ModuleFacts | _Problem:
        try:
            return self._read_by_either(text, path, quick=quick)
        except UnreadableError as error:
            return _Problem(error.message, error.line, final=True)

    def _read_by_either(self, text: str, path: str, *, quick: bool) -> ModuleFacts | _Problem:
        try:
            if not quick:
                return read_by_python(text)
            facts, self._nodes[path] = read_and_place(text)
        except PARSER_ERRORS as error:
            if quick and path not in self._for_libcst:
                return _Problem(str(error), getattr(error, "lineno", None), final=False)
            facts = read_by_libcst(text, error)
            self._for_libcst.add(path)
        return facts

    def correct(self, path: str, facts: ModuleFacts) -> None:
        """Put better facts in the place of those that are kept of a module."""
        text, _ = self._known[path]
        self._known[path] = text, facts
        self._corrected.add(path)

    def nodes(self, text: str, path: str) -> Nodes | None:
        """Return what the facts that are kept of a module number; None where they are not Python's own."""
        return None if path in self._corrected else self._nodes.get(path) or nodes_of(text)


__all__ = ["KeptFacts"]
