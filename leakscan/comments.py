"""The comments that silence findings, as they are written: `# noqa: CODE`, `# leakscan: ignore[CODE]`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import zip_longest

from leakscan.records import dataclass, replace
from leakscan.words import did_you_mean, nearest

#: Selects every rule, as in `select`.
ALL = "ALL"

_MARK = re.compile(r"#\s*(?i:(?P<ours>leakscan(?:\s*:|(?=[\s-]+[\w-]+\s*[\[({])))|(?P<noqa>noqa)(?![\w-]))")
_DIRECTIVE = re.compile(r"\s*(?P<word>[A-Za-z][\w-]*)(?P<after>.*)", re.DOTALL)
_BRACKET = re.compile(r"\s*\[(?P<codes>[^\[\]]*)\]")
_LIKE_A_LIST = re.compile(r"\s*[\[({:=]|\s*$")
_ITEM = re.compile(r"[^\s,]+")
_TOKEN = re.compile(r"[A-Za-z]+[0-9]+\b|[a-z]+[0-9]*(?:-[a-z0-9]+)+\b|[A-Z]{2,}\b")
_SEPARATOR = re.compile(r"[\s,]+")
_COLON = re.compile(r"\s*:\s*")
_FIRST_WORD = re.compile(r"[\s(\[{:=]*(?P<word>[\w-]*)")
_WORDS = re.compile(r"[A-Za-z][\w-]*")
#: What other linters call it.
_FOREIGN = frozenset(
    {"allow", "disable", "exclude", "noinspection", "nolint", "noqa", "nosec", "off", "silence", "skip"}
    | {"skip-file", "suppress", "disable-file", "disable-line", "disable-next-line", "ignore-next-line"}
)
_DIRECTIVES = ("ignore", "ignore-file")
_NOT_UNDERSTOOD = "is not understood and suppresses nothing"


@dataclass(frozen=True, slots=True)
class Item:
    """What a comment names, and in which columns of the line (0-based) it stands.

    prefix: the code, or prefix of codes, that is meant; None where no rule is.
    """

    text: str
    start: int
    end: int
    prefix: str | None


@dataclass(frozen=True, slots=True)
class Comment:
    """One suppressing comment, from `start` up to `end` in its line (both 0-based).

    line: 1-based in the program. items: what it names; None silences every rule. problem: why it is not
    understood and silences nothing; `remedy` is then what to write.
    """

    line: int
    start: int
    end: int
    text: str
    items: tuple[Item, ...] | None
    whole_file: bool = False
    is_noqa: bool = False
    problem: str | None = None
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Rules:
    """What comments may name: the code of each rule -> its name."""

    names: Mapping[str, str]

    def prefix_of(self, word: str) -> str | None:
        """The code or prefix that a word means, in capitals; a name stands for the code of its rule."""
        upper = word.upper()
        if upper == ALL or any(code.startswith(upper) for code in self.names):
            return upper
        lower = word.lower()
        return next((code for code, name in self.names.items() if name == lower), None)

    def is_meant_by(self, word: str) -> bool:
        """Whether a word can only be the code, or nearly a code, or the name of a rule of ours."""
        return self.is_family(word) or word.lower() in self.names.values()

    def is_family(self, word: str) -> bool:
        """Whether a word looks like a code of ours: the letters of a rule, and a number."""
        letters = word.upper().rstrip("0123456789")
        return letters != word.upper() and any(
            code.rstrip("0123456789") == letters and len(letters) > 1 for code in self.names
        )

    def hint(self, word: str) -> str:
        """A hint at the code or the name that is nearly `word`; empty where none is."""
        return did_you_mean(word, [*self.names, *self.names.values()])


def comments_of(text: str, line: int, column: int, rules: Rules) -> Iterator[Comment]:
    """The suppressing comments in one comment of a program, which begins at a line and a column."""
    marks = list(_MARK.finditer(text))
    for match, following in zip_longest(marks, marks[1:]):
        end = len(text) if following is None else following.start()
        # What stands behind another `#` is a comment of its own.
        stop = text.find("#", match.end(), end)
        written = text[match.start() : end if stop < 0 else stop].rstrip()
        found = _Written(line, column + match.start(), written, match.end() - match.start())
        comment = _ours(found, rules) if match.group("ours") else _noqa(found, rules)
        if comment is not None:
            yield comment


@dataclass(frozen=True, slots=True)
class _Written:
    """A comment as it stands in a line, from the column `start` on; `head` characters name what it is."""

    line: int
    start: int
    text: str
    head: int

    @property
    def rest(self) -> str:
        return self.text[self.head :]

    def item(self, match: re.Match[str], offset: int, rules: Rules) -> Item:
        """What a match in the text behind the head, which begins at `offset` of it, names."""
        begin = self.start + self.head + offset
        word = match.group()
        return Item(word, begin + match.start(), begin + match.end(), rules.prefix_of(word))

    def comment(
        self, items: tuple[Item, ...] | None, *, whole_file: bool = False, is_noqa: bool = False
    ) -> Comment:
        shown = self.text[: items[-1].end - self.start] if items and is_noqa else self.text
        return Comment(self.line, self.start, self.start + len(self.text), shown, items, whole_file, is_noqa)

    def problem(self, remedy: str, why: str = _NOT_UNDERSTOOD) -> Comment:
        return Comment(
            self.line, self.start, self.start + len(self.text), self.text, (), problem=why, remedy=remedy
        )


def _ours(written: _Written, rules: Rules) -> Comment | None:
    match = _DIRECTIVE.match(written.rest)
    if match is None:
        return None
    word, after = match.group("word").lower().replace("_", "-"), match.group("after")
    named = [item for item in _WORDS.findall(after) if rules.is_meant_by(item)]
    if not written.text[: written.head].endswith(":"):
        # leakscan ignore[IMR001]; but not: leakscan ignores (see IMR001)
        meant = nearest(word, _DIRECTIVES) if rules.is_meant_by(_first_word(after)) else None
        return written.problem(_remedy(meant, named)) if meant else None
    if word in _DIRECTIVES:
        whole = word == "ignore-file"
        if not after.strip():
            return written.comment(None, whole_file=whole)
        bracket = _BRACKET.match(after)
        if bracket is None:
            return written.problem(_remedy(word, named))
        offset = match.start("after") + bracket.start("codes")
        items = [written.item(item, offset, rules) for item in _ITEM.finditer(bracket.group("codes"))]
        if items:
            return written.comment(tuple(items), whole_file=whole)
        return written.problem(_remedy(word, named), "names no rule")
    meant = nearest(word, _DIRECTIVES)
    if rules.is_meant_by(word):
        named.insert(0, match.group("word"))
    elif not meant and word not in _FOREIGN:
        return None  # prose
    if not _LIKE_A_LIST.match(after) and not rules.is_meant_by(_first_word(after)):
        return None  # prose that begins with such a word
    return written.problem(_remedy("ignore-file" if "file" in word else "ignore", named))


def _remedy(word: str, named: list[str]) -> str:
    return f"write `# leakscan: {word}[{','.join(named) or 'CODE'}]`; a reason goes behind the bracket"


def _first_word(text: str) -> str:
    match = _FIRST_WORD.match(text)
    return "" if match is None else match.group("word")


def _noqa(written: _Written, rules: Rules) -> Comment | None:
    colon = _COLON.match(written.rest)
    if colon is None:
        word = _first_word(written.rest)
        if rules.is_meant_by(word):
            return written.problem(f"write `# noqa: {word}`")
        return replace(written, text=written.text[: written.head]).comment(None, is_noqa=True)
    items: list[Item] = []
    place = colon.end()
    while token := _TOKEN.match(written.rest, place):
        item = written.item(token, 0, rules)
        # Words in small letters may be an explanation.
        if item.prefix is None and item.text.islower() and not item.text[-1].isdigit():
            break
        items.append(item)
        separator = _SEPARATOR.match(written.rest, token.end())
        if separator is None:
            break
        place = separator.end()
    # Lists of other linters are their business.
    ours = any(item.prefix or rules.is_family(item.text) for item in items)
    return written.comment(tuple(items), is_noqa=True) if ours else None
