"""What holds in a directory: plain, frozen records."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING

from leakscan.comments import ALL
from leakscan.diagnostics import Confidence, FailLevel, Severity
from leakscan.discovery import Excludes, PathPatterns, absolute
from leakscan.records import dataclass, field, replace

if TYPE_CHECKING:
    from leakscan.knowledge.model import Row

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
class Setting:
    """One key that is set: its value as TOML, and the file or option that sets it."""

    key: str
    shown: str
    where: str


@dataclass(frozen=True, slots=True)
class Config:
    """What holds in a directory. None means: not set.

    per_file_ignores: paths -> codes or prefixes that are not reported there.
    strategies: (code, name) pairs: the only strategy by which findings of a rule are fixed.
    rules_dirs: absolute directories of rules beside the built-in and installed ones.
    rows: what the project knows of functions, its own or those of libraries.
    origin: the file that it comes from, or None. settings: what it sets, and where.
    problem: why it does not hold as it is written; where it is `broken`, nothing is checked by it.
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
    settings: tuple[Setting, ...] = field(default=(), compare=False, repr=False)
    problem: str | None = None
    broken: bool = False

    def ignores(self, path: str, code: str) -> bool:
        """Whether per-file-ignores silence `code` in this absolute path."""
        return any(
            _longest(code, codes) >= 0 and (where.match(path) or where.match_below(path))
            for where, codes in self.per_file_ignores
        )


@dataclass(frozen=True, slots=True)
class Overrides:
    """What the command line says; it wins over configuration files.

    rules_dirs: absolute directories of rules, whose files are no program to check.
    """

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
    rules_dirs: tuple[str, ...] = ()

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
            excludes = replace(excludes, parts=(PathPatterns(here, self.exclude),))
        if self.extend_exclude:
            excludes = replace(excludes, parts=(*excludes.parts, PathPatterns(here, self.extend_exclude)))
        if self.rules_dirs:
            excludes = replace(excludes, directories=(*excludes.directories, *self.rules_dirs))
        return replace(
            config,
            selection=chosen,
            excludes=excludes,
            min_severity=self.min_severity or config.min_severity,
            min_confidence=self.min_confidence or config.min_confidence,
            fail_level=self.fail_level or config.fail_level,
            unsafe_fixes=config.unsafe_fixes if self.unsafe_fixes is None else self.unsafe_fixes,
            strategies=tuple({**dict(config.strategies), **dict(self.strategies)}.items()),
            settings=tuple({item.key: item for item in (*config.settings, *self._settings())}.values()),
        )

    def _settings(self) -> Iterable[Setting]:
        for key, values in (
            ("select", self.select),
            ("extend-select", self.extend_select),
            ("ignore", self.ignore),
            ("exclude", self.exclude),
            ("extend-exclude", self.extend_exclude),
        ):
            if values:
                yield Setting(key, _list(values), f"--{key}")
        for key, level in (
            ("min-severity", self.min_severity),
            ("min-confidence", self.min_confidence),
            ("fail-level", self.fail_level),
        ):
            if level is not None:
                yield Setting(key, f'"{level.name.lower()}"', f"--{key}")
        if self.unsafe_fixes is not None:
            word = "unsafe-fixes" if self.unsafe_fixes else "no-unsafe-fixes"
            yield Setting("unsafe-fixes", str(self.unsafe_fixes).lower(), f"--{word}")
        if self.strategies:
            pairs = ", ".join(f'{code} = "{name}"' for code, name in self.strategies)
            yield Setting("strategies", f"{{ {pairs} }}", "--strategy")


def _list(values: Iterable[str]) -> str:
    return f"[{', '.join(toml_string(value) for value in values)}]"


def toml_string(text: str) -> str:
    """A string as TOML writes it."""
    import json  # basic strings of TOML are those of JSON, but for DEL

    return json.dumps(text, ensure_ascii=True).replace("\x7f", "\\u007f")


def toml_value(value: object) -> str:
    """A value as TOML writes it: what a configuration may hold."""
    if isinstance(value, str):
        return toml_string(value)
    if isinstance(value, Mapping):
        pairs = (f"{toml_string(str(key))} = {toml_value(item)}" for key, item in value.items())
        return f"{{ {', '.join(pairs)} }}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(toml_value, value))}]"
    return str(value).lower() if isinstance(value, bool) else str(value)
