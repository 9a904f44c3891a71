"""`[tool.leakscan]` and the command line -> one frozen `Config` for each directory."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import TYPE_CHECKING, Any, TypeVar

from leakscan.comments import ALL
from leakscan.diagnostics import Confidence, FailLevel, Severity
from leakscan.discovery import Excludes, PathPatterns, absolute
from leakscan.errors import LeakscanError
from leakscan.words import did_you_mean

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from leakscan.knowledge.model import Row

_Level = TypeVar("_Level", bound=IntEnum)


#: Each says of dotted names what calling them does.
_KNOWLEDGE_KEYS = ("model-builders", "releases", "tensor-producers", "drivers")

#: Code of a rule -> the names of its strategies, the preferred one first.
Strategies = Mapping[str, Collection[str]]


@dataclass(frozen=True, slots=True)
class Selection:
    """Which rules run, by codes or their prefixes (`IMR`, `IMR0`, `ALL`).

    select is None for the rules that are on by default. The longer prefix wins, `ignore` at equal length.
    """

    select: tuple[str, ...] | None = None
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()

    def includes(self, code: str, *, default: bool) -> bool:
        """Whether the rule of this code runs."""
        chosen = _longest(code, (*(self.select or ()), *self.extend_select))
        if self.select is None and default:
            chosen = max(chosen, 0)
        return chosen >= 0 and chosen > _longest(code, self.ignore)


def _longest(code: str, prefixes: Iterable[str]) -> int:
    """The length of the longest prefix that means `code`; ALL is the shortest; -1 for none."""
    return max((0 if p == ALL else len(p) for p in prefixes if p == ALL or code.startswith(p)), default=-1)


@dataclass(frozen=True, slots=True)
class Config:
    """What holds in a directory. None means: not set.

    per_file_ignores: paths -> codes or prefixes that are not reported there.
    strategies: (code, name) pairs: the only strategy by which findings of a rule are fixed.
    rules_dirs: absolute directories of rules beside the built-in and installed ones.
    rows: what the project knows of functions, its own or those of libraries.
    origin: the file that it comes from, or None.
    """

    selection: Selection = Selection()
    excludes: Excludes = Excludes()
    per_file_ignores: tuple[tuple[PathPatterns, tuple[str, ...]], ...] = ()
    min_severity: Severity | None = None
    min_confidence: Confidence | None = None
    fail_level: FailLevel | None = None
    unsafe_fixes: bool | None = None
    strategies: tuple[tuple[str, str], ...] = ()
    rules_dirs: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    origin: str | None = None

    def ignores(self, path: str, code: str) -> bool:
        """Whether per-file-ignores silence `code` in this absolute path."""
        return any(
            _longest(code, codes) >= 0 and (where.match(path) or where.match_below(path))
            for where, codes in self.per_file_ignores
        )


@dataclass(frozen=True, slots=True)
class Overrides:
    """What the command line says; it wins over configuration files."""

    select: tuple[str, ...] | None = None
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] | None = None
    exclude: tuple[str, ...] | None = None
    extend_exclude: tuple[str, ...] = ()
    min_severity: Severity | None = None
    min_confidence: Confidence | None = None
    fail_level: FailLevel | None = None
    unsafe_fixes: bool | None = None
    strategies: tuple[tuple[str, str], ...] = ()

    def apply(self, config: Config) -> Config:
        """`config` with these settings in place of its own; `extend_*` and `strategies` add to them."""
        chosen = config.selection
        if self.select is not None:
            chosen = replace(chosen, select=self.select, extend_select=())
        if self.ignore is not None:
            chosen = replace(chosen, ignore=self.ignore)
        chosen = replace(chosen, extend_select=(*chosen.extend_select, *self.extend_select))
        here = absolute(os.curdir)
        excludes = config.excludes
        if self.exclude is not None:
            excludes = Excludes((PathPatterns(here, self.exclude),))
        if self.extend_exclude:
            excludes = Excludes((*excludes.parts, PathPatterns(here, self.extend_exclude)))
        return replace(
            config,
            selection=chosen,
            excludes=excludes,
            min_severity=self.min_severity or config.min_severity,
            min_confidence=self.min_confidence or config.min_confidence,
            fail_level=self.fail_level or config.fail_level,
            unsafe_fixes=config.unsafe_fixes if self.unsafe_fixes is None else self.unsafe_fixes,
            strategies=tuple({**dict(config.strategies), **dict(self.strategies)}.items()),
        )


class ConfigResolver:
    """The configuration of each directory: that of the nearest pyproject.toml with `[tool.leakscan]`.

    file: the only file to read, instead. isolated: read none. strategies: those of each code; None: chosen
    ones are not checked. rules_dirs: those whose rules are loaded; None: whatever a file wants is. Raises
    LeakscanError for what is wrong in a file.
    """

    def __init__(
        self,
        overrides: Overrides,
        codes: Collection[str],
        *,
        file: str | None = None,
        isolated: bool = False,
        strategies: Strategies | None = None,
        rules_dirs: Collection[str] | None = None,
    ) -> None:
        self._overrides = overrides
        self._known = _Known(codes, strategies, rules_dirs)
        self._cache: dict[str, Config] = {}
        self._fixed: Config | None = None
        if isolated:
            self._fixed = overrides.apply(Config())
        elif file is not None:
            self._fixed = overrides.apply(_read(file, self._known, named=True) or Config())

    def for_directory(self, directory: str) -> Config:
        """The configuration that holds in an absolute posix directory."""
        if self._fixed is not None:
            return self._fixed
        unknown: list[str] = []
        here = directory
        found: Config | None = None
        while found is None:
            if (found := self._cache.get(here)) is not None:
                break
            unknown.append(here)
            own = _read(f"{here.rstrip('/')}/pyproject.toml", self._known)
            parent = os.path.dirname(here)
            if own is not None or parent == here:
                found = self._overrides.apply(own or Config())
            here = parent
        self._cache.update(dict.fromkeys(unknown, found))
        return found

    def excludes_of(self, directory: str) -> Excludes:
        """The patterns that leave out entries of a directory."""
        return self.for_directory(directory).excludes


@dataclass(frozen=True, slots=True)
class _Known:
    """What a configuration may name."""

    codes: Collection[str]
    strategies: Strategies | None
    rules_dirs: Collection[str] | None


_NOTHING_CHECKED = _Known((), None, None)


def configured_at(file: str | None = None) -> str | None:
    """The directory of a file, or of the configuration that holds in the current directory; None: of none.

    Raises LeakscanError as ConfigResolver does.
    """
    if file is not None:
        return os.path.dirname(absolute(file))
    found = _nearest(absolute(os.curdir))
    return None if found is None else found.directory


def configured_rules_dirs(file: str | None = None) -> tuple[str, ...]:
    """The `rules-dirs` of a file, or of the configuration that holds in the current directory.

    Rules are code that runs. So only the configuration of the place where leakscan is started can name
    some: that of what is checked may be of somebody else. Raises LeakscanError as ConfigResolver does.
    """
    if file is not None:
        found = _table(file, _NOTHING_CHECKED, named=True)
        return () if found is None else found.rules_dirs()
    found = _nearest(absolute(os.curdir))
    return () if found is None else found.rules_dirs()


def _nearest(directory: str) -> _Table | None:
    """The table that holds in a directory, with nothing in it checked."""
    while True:
        found = _table(f"{directory.rstrip('/')}/pyproject.toml", _NOTHING_CHECKED)
        parent = os.path.dirname(directory)
        if found is not None or parent == directory:
            return found
        directory = parent


def _read(path: str, known: _Known, *, named: bool = False) -> Config | None:
    """The configuration in a file, or None if it has none. A file that was named must be readable."""
    found = _table(path, known, named=named)
    return None if found is None else found.config()


def _table(path: str, known: _Known, *, named: bool = False) -> _Table | None:
    shown = os.path.relpath(path)
    try:
        with open(path, "rb") as stream:
            data = stream.read()
    except OSError as error:
        if not named:
            return None
        raise LeakscanError(f"{shown}: cannot be read: {error.strerror}") from error
    if not named and b"leakscan" not in data:
        return None
    try:
        document = tomllib.loads(data.decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise LeakscanError(f"{shown}: not valid TOML: {error}") from error
    tool = document.get("tool")
    table = tool.get("leakscan") if isinstance(tool, dict) else None
    if table is None and named and os.path.basename(path) != "pyproject.toml":
        table = document  # a leakscan.toml of its own needs no [tool.leakscan]
    if table is None:
        return None
    if not isinstance(table, dict):
        raise LeakscanError(f"{shown}: tool.leakscan must be a table")
    return _Table(shown, absolute(path), table, known)


class _Table:
    """One `[tool.leakscan]` being read; every complaint names the file and the key."""

    def __init__(self, shown: str, path: str, table: Mapping[str, Any], known: _Known) -> None:
        self._shown = shown
        self._path = path
        self._table = table
        self._known = known

    def config(self) -> Config:
        readers: dict[str, Callable[[str], Any]] = {
            "select": self._selectors,
            "extend-select": self._selectors,
            "ignore": self._selectors,
            "exclude": self._strings,
            "extend-exclude": self._strings,
            "per-file-ignores": self._per_file,
            "min-severity": self._severity,
            "min-confidence": self._confidence,
            "fail-level": self._fail_level,
            "unsafe-fixes": self._flag,
            "strategies": self._strategies,
            "rules-dirs": self._directories,
            **dict.fromkeys(_KNOWLEDGE_KEYS, self._names),
        }
        for key in self._table:
            if key not in readers:
                raise self._error(f"unknown key {key!r} in [tool.leakscan]{did_you_mean(key, readers)}")
        self._must_be_loaded(self.rules_dirs())
        values = {key: readers[key](key) for key in self._table}
        base = os.path.dirname(self._path)
        excluded = (*values.get("exclude", ()), *values.get("extend-exclude", ()))
        return Config(
            selection=Selection(
                values.get("select"), values.get("extend-select", ()), values.get("ignore", ())
            ),
            excludes=Excludes((PathPatterns(base, excluded),)),
            per_file_ignores=values.get("per-file-ignores", ()),
            min_severity=values.get("min-severity"),
            min_confidence=values.get("min-confidence"),
            fail_level=values.get("fail-level"),
            unsafe_fixes=values.get("unsafe-fixes"),
            strategies=values.get("strategies", ()),
            rules_dirs=values.get("rules-dirs", ()),
            rows=self._rows({key: values[key] for key in _KNOWLEDGE_KEYS if key in values}),
            origin=self._shown,
        )

    @property
    def directory(self) -> str:
        """Where the file is."""
        return os.path.dirname(self._path)

    def rules_dirs(self) -> tuple[str, ...]:
        """The directories of rules, absolute."""
        return self._directories("rules-dirs") if "rules-dirs" in self._table else ()

    def _directories(self, key: str) -> tuple[str, ...]:
        base = os.path.dirname(self._path)
        directories = tuple(absolute(os.path.join(base, item)) for item in self._strings(key))
        for directory in directories:
            if not os.path.isdir(directory):
                raise self._error(f"{key}: {os.path.relpath(directory)}: no such directory")
        return directories

    def _must_be_loaded(self, directories: tuple[str, ...]) -> None:
        # Before the selectors: they may name rules that are not known for this reason.
        if self._known.rules_dirs is None:
            return
        for directory in directories:
            if directory not in self._known.rules_dirs:
                raise self._error(
                    f"the rules of {os.path.relpath(directory)} are not loaded, since leakscan was started "
                    f"elsewhere; start it in {os.path.relpath(os.path.dirname(self._path))}, "
                    f"or add --rules-dir {os.path.relpath(directory)}"
                )

    def _strings(self, key: str) -> tuple[str, ...]:
        return self._strings_of(key, self._table[key])

    def _strings_of(self, key: str, value: object) -> tuple[str, ...]:
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self._error(f"{key} must be a list of strings")
        return tuple(value)

    def _names(self, key: str) -> tuple[str, ...]:
        from leakscan.knowledge.configured import name_problem

        names = self._strings(key)
        for name in names:
            if problem := name_problem(name):
                raise self._error(f"{key}: {problem}")
        return names

    def _rows(self, names: Mapping[str, tuple[str, ...]]) -> tuple[Row, ...]:
        if not any(names.values()):
            return ()
        from leakscan.knowledge.configured import configured_row

        found: dict[str, tuple[str, Row]] = {}
        for key in names:
            for name in names[key]:
                row = configured_row(key, name)
                other, _ = found.setdefault(row.name, (key, row))
                if other != key:
                    raise self._error(f"{key}: {name!r} is in {other} already; it can be one of them")
        return tuple(row for _, row in found.values())

    def _selectors(self, key: str) -> tuple[str, ...]:
        return self._selectors_of(key, self._table[key])

    def _selectors_of(self, key: str, value: object) -> tuple[str, ...]:
        selectors = self._strings_of(key, value)
        for selector in selectors:
            if problem := selector_problem(selector, self._known.codes):
                raise self._error(f"{key}: {problem}")
        return selectors

    def _per_file(self, key: str) -> tuple[tuple[PathPatterns, tuple[str, ...]], ...]:
        value = self._table[key]
        if not isinstance(value, dict):
            raise self._error(f"{key} must be a table of patterns, each with a list of codes")
        base = os.path.dirname(self._path)
        return tuple(
            (PathPatterns(base, (pattern,)), self._selectors_of(f"{key}.{pattern!r}", codes))
            for pattern, codes in value.items()
        )

    def _flag(self, key: str) -> bool:
        value = self._table[key]
        if not isinstance(value, bool):
            raise self._error(f"{key} must be true or false")
        return value

    def _strategies(self, key: str) -> tuple[tuple[str, str], ...]:
        value = self._table[key]
        if not isinstance(value, dict) or not all(isinstance(name, str) for name in value.values()):
            raise self._error(f"{key} must be a table of codes, each with the name of a strategy")
        for code, name in value.items():
            if self._known.strategies is not None and (
                problem := strategy_problem(code, name, self._known.strategies)
            ):
                raise self._error(f"{key}: {problem}")
        return tuple(value.items())

    def _severity(self, key: str) -> Severity:
        return self._level(key, Severity)

    def _confidence(self, key: str) -> Confidence:
        return self._level(key, Confidence)

    def _fail_level(self, key: str) -> FailLevel:
        return self._level(key, FailLevel)

    def _level(self, key: str, kind: type[_Level]) -> _Level:
        value = self._table[key]
        names = [level.name.lower() for level in kind]
        if not isinstance(value, str) or value not in names:
            hint = did_you_mean(value, names) if isinstance(value, str) else ""
            raise self._error(f"{key} must be one of {', '.join(names)}; not {value!r}{hint}")
        return kind[value.upper()]

    def _error(self, message: str) -> LeakscanError:
        return LeakscanError(f"{self._shown}: {message}")


def selector_problem(selector: str, codes: Collection[str]) -> str | None:
    """Why a selector means no rule, or None."""
    if selector == ALL or (selector and any(code.startswith(selector) for code in codes)):
        return None
    return f"unknown rule {selector!r}{did_you_mean(selector, [*codes, ALL])}"


def strategy_problem(code: str, name: str, known: Strategies) -> str | None:
    """Why a code has no strategy of this name, or None."""
    if code not in known:
        return f"unknown rule {code!r}{did_you_mean(code, known)}"
    if name in known[code]:
        return None
    if not known[code]:
        return f"{code} has no strategies"
    return (
        f"{code} has no strategy {name!r}{did_you_mean(name, known[code])}; it has {', '.join(known[code])}"
    )
