"""What the bytes of the files of one project spell: definitions, calls, bases of classes, imports.

All this is read off the bytes, of strings and comments too, so that it says more than there is: of most files
it tells that nobody has to parse them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from leakscan.sources import ProjectSources

#: What begins with a word that bytes are searched for quickly costs least.
_DEFINITION = re.compile(rb"def[ \t]+([\w\x80-\xff]+)")
_METHOD = re.compile(rb"\.[ \t]*([\w\x80-\xff]+)[ \t]*\(")
#: app.state.model = ..., app["model"] = ...
_STORED = re.compile(
    rb"\.[ \t]*([\w\x80-\xff]+)[ \t]*(?::[^=\n]*)?=(?!=)"
    rb"|\[[ \t]*([\"'][\w\x80-\xff]+)[\"'][ \t]*\][ \t]*=(?!=)"
)
_BASES = re.compile(rb"class[ \t]+[\w\x80-\xff]+[ \t]*\(([^)]*)\)")
#: Everything but letters, digits and underscores becomes a blank; what is no ASCII may be a letter.
_ASCII = 0x80
_WORDS = bytes(
    byte if byte >= _ASCII or chr(byte).isalnum() or byte == ord("_") else ord(" ") for byte in range(256)
)


class Spelled:
    """The bytes of a project's files, each looked at when something of it is first asked for."""

    def __init__(self, project: ProjectSources) -> None:
        self._project = project
        #: All files, in the order of the modules of a project.
        self.paths = sorted({source.path for source in project.sources} | set(project.context.files))
        self._texts = {source.path: source.text for source in project.sources}
        self._words: dict[str, frozenset[bytes]] = {}
        self._indexes: dict[re.Pattern[bytes], dict[bytes, list[str]]] = {}
        self._imported: dict[str, list[str]] = {}
        self._importers: dict[str, list[str]] = {}
        self._group: dict[str, str] = {}
        self._link()

    def _link(self) -> None:
        group = {path: path for path in self.paths}

        def find(path: str) -> str:
            while group[path] != path:
                group[path] = group[group[path]]
                path = group[path]
            return path

        for link in self._project.links:
            path, _, target = link.partition("\0")
            if path in group and target in group:
                self._imported.setdefault(path, []).append(target)
                self._importers.setdefault(target, []).append(path)
                first, second = sorted((find(path), find(target)))
                group[second] = first
        self._group = {path: find(path) for path in group}

    def imported(self, path: str) -> Sequence[str]:
        """Return the files that one imports."""
        return self._imported.get(path, ())

    def mentioning(self, path: str, words: Collection[str]) -> Collection[str]:
        """Return the files that may mention what stands in one under some names, and import it for that.

        Directly, or through files that mention it as well, or through packages.
        """
        found: set[str] = set()
        seen = {path}
        queue = [path]
        while queue:
            for other in self._importers.get(queue.pop(), ()):
                if other in seen:
                    continue
                seen.add(other)
                spells = any(self.spells(other, word) for word in words)
                if spells:
                    found.add(other)
                if spells or other.endswith("/__init__.py") or self.spells_star(other):
                    queue.append(other)
        return found

    def spells_star(self, path: str) -> bool:
        """Whether a file may import everything of others."""
        return b"import *" in self._data(path)

    def connected(self, path: str) -> str:
        """Return what stands for all the files that are connected to one: the first of them."""
        return self._group[path]

    def spells(self, path: str, word: str) -> bool:
        """Whether a word stands in a file."""
        known = self._words.get(path)
        if known is None:
            known = self._words[path] = frozenset(self._data(path).translate(_WORDS).split())
        return word.encode("utf-8", "surrogatepass") in known

    def defining(self, name: str) -> Sequence[str]:
        """Return the files that may define a function of a name."""
        return self._index(_DEFINITION, name)

    def asking(self, name: str) -> Sequence[str]:
        """Return the files that may call a method of a name."""
        return self._index(_METHOD, name)

    def calling(self, name: str) -> Iterator[str]:
        """Yield the files that may call a function or a method of a name."""
        call = re.compile(rb"(?<!def )\b" + re.escape(name.encode("utf-8", "surrogatepass")) + rb"[ \t]*\(")
        return (path for path in self.paths if self.spells(path, name) and call.search(self._data(path)))

    def storing(self, name: str) -> Sequence[str]:
        """Return the files that may bind an attribute of a name, or put something under a `[key]`."""
        return self._index(_STORED, name.removesuffix("]"))

    def deriving(self, name: str) -> Sequence[str]:
        """Return the files that may derive a class from one of a name."""
        return self._index(_BASES, name)

    def _index(self, pattern: re.Pattern[bytes], name: str) -> Sequence[str]:
        known = self._indexes.get(pattern)
        if known is None:
            known = self._indexes[pattern] = {}
            for path in self.paths:
                for word in dict.fromkeys(self._found(pattern, path)):
                    known.setdefault(word, []).append(path)
        return known.get(name.encode("utf-8", "surrogatepass"), ())

    def _found(self, pattern: re.Pattern[bytes], path: str) -> Iterator[bytes]:
        found = pattern.findall(self._data(path))
        if pattern is _STORED:
            return (name or b"[" + key[1:] for name, key in found)
        return iter(b" ".join(found).translate(_WORDS).split() if pattern is _BASES else found)

    def _data(self, path: str) -> bytes:
        text = self._texts.get(path)
        if text is None and path.endswith(".ipynb"):
            source = self._project.context.source(path)
            text = "" if source is None else source.text
        if text is not None:
            return text.encode("utf-8", "surrogatepass")
        try:
            return self._project.context.data(path)
        except OSError:
            return b""


__all__ = ["Spelled"]
