"""A quick look at the bytes of a file, before anybody parses it: whether it matters, and what it imports.

All this is read off the bytes: parsing costs a thousand times more. What was seen in a content is kept, so
that files which did not change are not looked at again.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from leakscan.records import dataclass

if TYPE_CHECKING:
    from leakscan.cache import Cache

_WORDS = (b"tensorflow", b"keras")
#: from transformers import TFBertModel; pipeline("...", framework="tf")  # models of Keras
_TF_CLASSES = re.compile(rb"\bTF[A-Z]\w+|\bframework\s*=\s*[\"']tf[\"']")
_IMPORT = re.compile(
    rb"[ \t]*(?:[^\n#\"']*?[;:])?[ \t]*(?:lazy[ \t]+)?"  # `try: import x`; `lazy import x` of Python 3.15
    rb"(?:from[ \t]*(?P<dots>\.*)[ \t]*(?P<source>[\w.]*)[ \t]*\bimport\b[ \t]*"
    rb"(?P<names>\((?:[^)#]+|#[^\n]*)*|(?:[^\n#;\\]+|\\\r?\n[ \t]*)*)"
    rb"|import[ \t]+(?P<modules>[^\n#;]*))"
)
_COMMENT = re.compile(rb"#[^\n]*")
_LONGEST_HEAD = 300  # what comes before `import` on its line
_NAME = re.compile(rb"[A-Za-z_][\w.]*")
_KIND = "looks"
#: How many contents are kept beyond those of the last check: branches come and go.
_SPARE = 2_000


@dataclass(frozen=True, slots=True, order=True)
class ImportLine:
    """`from {level dots}{module} import {names}`, or `import {module}` with no names."""

    level: int
    module: str
    names: tuple[str, ...] = ()


@dataclass(slots=True)
class Look:
    """What a content says at a glance. sound: it was found to be nested no deeper than a parser takes."""

    mentions: bool
    imports: frozenset[ImportLine]
    sound: bool = False


class Looks:
    """The looks at the files of one project after the other; with a cache, those of earlier checks too.

    before: those of the last check, by content, for who checks again and again; None for who does not.
    now: those of this check, where `before` is given.
    """

    def __init__(self, cache: Cache | None = None, before: Mapping[bytes, Look] | None = None) -> None:
        self.now: dict[bytes, Look] = {}
        self._before = before
        self._cache = cache
        self._root = ""
        self._stored: dict[str, Any] = {}
        self._seen: dict[str, Look] = {}

    def enter(self, root: str) -> None:
        """Go to the project of a directory."""
        self._root = root
        self._seen = {}
        self._stored = {}
        if self._cache is not None:
            found = self._cache.get(_KIND, _key(root))
            with_rows = _parsed(found)
            self._stored = with_rows if isinstance(with_rows, dict) else {}

    def at(self, data: bytes) -> Look:
        """Return what bytes say."""
        if self._before is not None:
            look = self.now[data] = self.now.get(data) or self._before.get(data) or self._stored_at(data)
            return look
        return self._stored_at(data)

    def _stored_at(self, data: bytes) -> Look:
        if self._cache is None:
            return _look(data)
        from leakscan.cache import digest

        key = digest(data)
        look = self._seen.get(key)
        if look is None:
            look = _from_row(self._stored.get(key)) or _look(data)
            self._seen[key] = look
        return look

    def leave(self) -> None:
        """Keep what was seen in this project."""
        if self._cache is None:
            return
        rows = {key: _row(look) for key, look in self._seen.items()}
        if any(self._stored.get(key) != row for key, row in rows.items()):
            import json  # only with a cache

            older = {key: row for key, row in self._stored.items() if key not in rows}
            kept = dict(list(older.items())[: len(rows) + _SPARE])
            text = json.dumps({**rows, **kept}, separators=(",", ":"))
            self._cache.put(_KIND, _key(self._root), text.encode())
        self._seen = {}
        self._stored = {}


def _key(root: str) -> str:
    from leakscan.cache import digest

    return digest(root)


def _parsed(data: bytes | None) -> Any:
    if data is None:
        return None
    import json  # only with a cache

    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def _row(look: Look) -> list[Any]:
    lines = sorted(look.imports)
    return [look.mentions, look.sound, [[line.level, line.module, *line.names] for line in lines]]


def _from_row(row: Any) -> Look | None:
    try:
        mentions, sound, lines = row
        imports = frozenset(ImportLine(level, module, tuple(names)) for level, module, *names in lines)
    except (TypeError, ValueError):
        return None
    return Look(bool(mentions), imports, bool(sound))


def _look(data: bytes) -> Look:
    return Look(mentions(data), imports_of(data))


def mentions(data: bytes, words: Collection[bytes] = _WORDS) -> bool:
    """Whether TensorFlow, Keras, or one of some other words, in lower case, occurs in the bytes."""
    lowered = data.lower()
    return any(word in lowered for word in words) or (
        b"transformers" in lowered and _TF_CLASSES.search(data) is not None
    )


def imports_of(data: bytes) -> frozenset[ImportLine]:
    """The import statements that a quick look finds in the bytes of a Python file."""
    if b"\r" in data and b"\n" not in data:
        data = data.replace(b"\r", b"\n")
    found: set[ImportLine] = set()
    position = data.find(b"import")
    while position >= 0:
        start = data.rfind(b"\n", 0, position) + 1
        match = _IMPORT.match(data, start) if position - start < _LONGEST_HEAD else None
        end = start
        if match is not None:
            found.update(_import_lines(match))
            end = match.end()
        position = data.find(b"import", max(end, position + 6))
    return frozenset(found)


def _import_lines(match: re.Match[bytes]) -> Iterator[ImportLine]:
    modules = match.group("modules")
    if modules is None:
        written = _COMMENT.sub(b"", match.group("names").strip(b"("))
        names = [name.split(b" as ")[0] for name in written.split(b",")]
        words = (m.group().decode() for name in names if (m := _NAME.search(name)))
        yield ImportLine(
            len(match.group("dots")), match.group("source").decode("ascii", "replace"), tuple(words)
        )
        return
    for part in modules.split(b","):
        if name := _NAME.match(part.strip()):
            yield ImportLine(0, name.group().decode())


__all__ = ["ImportLine", "Look", "Looks", "imports_of", "mentions"]
