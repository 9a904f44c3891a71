"""Configuration files -> layers, each a table that is known to be right."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from enum import IntEnum
from typing import TYPE_CHECKING, Any, TypeVar

from leakscan.comments import ALL
from leakscan.config.keys import BY_NAME, KEYS, Kind
from leakscan.config.settings import Config, Selection, Setting, Strategies, toml_value
from leakscan.diagnostics import Confidence, FailLevel, Severity
from leakscan.discovery import Excludes, PathPatterns, absolute, read_found
from leakscan.errors import LeakscanError
from leakscan.records import dataclass
from leakscan.words import did_you_mean

if TYPE_CHECKING:
    from leakscan.knowledge.model import Row

_Level = TypeVar("_Level", bound=IntEnum)

#: What is looked for in a directory; of several the first one holds, as with ruff.
FILE_NAMES = (".leakscan.toml", "leakscan.toml", "pyproject.toml")
PYPROJECT = "pyproject.toml"


#: What complaints about `--config KEY=VALUE` name.
OPTION = "--config"


class ConfigError(LeakscanError):
    """What is wrong in a configuration file: `where` is the file as it is shown."""

    def __init__(self, where: str, message: str) -> None:
        super().__init__(f"{where}: {message}")
        self.where = where
        self.message = message


@dataclass(frozen=True, slots=True)
class Known:
    """What a configuration may name.

    codes: those of all rules. strategies: of each code; None: chosen ones are not checked. rules_dirs: those
    whose rules are loaded; None: whatever a file wants is.
    """

    codes: Collection[str]
    strategies: Strategies | None = None
    rules_dirs: Collection[str] | None = None


@dataclass(frozen=True, slots=True)
class Layer:
    """A table as it is written: complaints name it `shown`, its paths are relative to `base`."""

    shown: str
    base: str
    table: Mapping[str, Any]

    def error(self, message: str) -> ConfigError:
        """What is wrong in it."""
        return ConfigError(self.shown, message)


def layers_of_directory(directory: str) -> list[Layer]:
    """What the configuration of an absolute directory says, what it extends first; empty where it has none.

    Raises LeakscanError for what is no TOML, no table, or extends what is not there.
    """
    for name in FILE_NAMES:
        path = f"{directory.rstrip('/')}/{name}"
        layer = _layer(path)
        if layer is not None:
            return _extended(layer, path)
    return []


def layers_of_file(path: str) -> list[Layer]:
    """As `layers_of_directory`, of a file that was named and must be readable."""
    layer = _layer(path, named=True)
    return [] if layer is None else _extended(layer, path)


def _toml(text: str) -> dict[str, Any]:
    """Return a document. Raises ValueError."""
    if sys.version_info >= (3, 11):  # where there is no configuration, nothing waits for it
        import tomllib
    else:
        import tomli as tomllib
    return tomllib.loads(text)


def layer_of_options(texts: Sequence[str]) -> Layer | None:
    """What `--config KEY=VALUE` says, each a line of TOML. Raises LeakscanError."""
    if not texts:
        return None
    table: dict[str, Any] = {}
    for text in texts:
        try:
            found = _toml(text)
        except ValueError as error:
            raise LeakscanError(
                f"--config: {text!r} is neither a file nor KEY=VALUE as in TOML "
                f"(strings in quotation marks): {error}"
            ) from error
        tool = found.get("tool")
        table.update(tool["leakscan"] if isinstance(tool, dict) and "leakscan" in tool else found)
    if "extend" in table:
        raise LeakscanError("--config: extend can only be used in a file; give that file with --config FILE")
    return Layer(OPTION, absolute(os.curdir), table)


def _extended(layer: Layer, path: str) -> list[Layer]:
    layers = [layer]
    seen = {absolute(path)}
    while "extend" in layers[0].table:
        first = layers[0]
        value = first.table["extend"]
        if not isinstance(value, str) or not value:
            raise first.error("extend must be the path of a file")
        path = absolute(os.path.join(first.base, os.path.expanduser(value)))
        if path in seen:
            raise first.error(f"extend: {os.path.relpath(path)} extends this file in turn")
        seen.add(path)
        try:
            found = _layer(path, named=True)
        except LeakscanError as error:
            raise first.error(f"extend: {error}") from error
        if found is None:
            raise first.error(f"extend: {os.path.relpath(path)} has no [tool.leakscan]")
        layers.insert(0, found)
    return layers


def _layer(path: str, *, named: bool = False) -> Layer | None:
    shown = os.path.relpath(path)
    try:
        if named:
            with open(path, "rb") as stream:  # perhaps a pipe, `--config <(...)`
                data = stream.read()
        else:
            data = read_found(path)
    except (OSError, ValueError) as error:  # extend = "a\u0000" names no file
        if not named:
            return None
        raise ConfigError(shown, f"cannot be read: {getattr(error, 'strerror', error)}") from error
    pyproject = os.path.basename(path) == PYPROJECT
    if pyproject and not named and b"leakscan" not in data:
        return None
    try:
        document = _toml(data.decode("utf-8-sig"))
    except ValueError as error:
        raise ConfigError(shown, f"not valid TOML: {error}") from error
    except RecursionError as error:
        raise ConfigError(shown, "not valid TOML: nested too deeply") from error
    tool = document.get("tool")
    table = tool.get("leakscan") if isinstance(tool, dict) else None
    if table is None and not pyproject:
        table = document  # a file of its own needs no [tool.leakscan]
    if table is None:
        return None
    if not isinstance(table, dict):
        raise ConfigError(shown, "tool.leakscan must be a table")
    return Layer(shown, os.path.dirname(absolute(path)), table)


def rules_dirs_of(layers: Sequence[Layer]) -> tuple[str, ...]:
    """The directories of rules that layers name, absolute. Raises LeakscanError where one is not there."""
    named = [layer for layer in layers if "rules-dirs" in layer.table]
    return _Table(named[-1], Known(())).rules_dirs() if named else ()


def config_of_layers(layers: Sequence[Layer], known: Known) -> Config:
    """What layers say together, the last one winning. Raises LeakscanError for what is wrong in one."""
    unloaded = tuple(
        item
        for item in rules_dirs_of(layers)
        if known.rules_dirs is not None and item not in known.rules_dirs
    )
    values: dict[str, Any] = {}
    settings: dict[str, Setting] = {}
    for layer in layers:
        own = _Table(layer, known, any_code=bool(unloaded)).values()
        if "select" in own:
            values.pop("extend-select", None)
            settings.pop("extend-select", None)
        for key, value in own.items():
            before = values.get(key, ())
            values[key] = (*before, *value) if BY_NAME[key].adds else value
            shown = toml_value(layer.table[key])
            if BY_NAME[key].adds and key in settings:
                shown = f"{settings[key].shown} + {shown}"
            settings[key] = Setting(key, shown, layer.shown)
    return Config(
        selection=Selection(values.get("select"), values.get("extend-select", ()), values.get("ignore", ())),
        excludes=Excludes(
            tuple(part for key in ("exclude", "extend-exclude") for part in values.get(key, ())),
            values.get("rules-dirs", ()),
        ),
        per_file_ignores=values.get("per-file-ignores", ()),
        min_severity=values.get("min-severity"),
        min_confidence=values.get("min-confidence"),
        fail_level=values.get("fail-level"),
        unsafe_fixes=values.get("unsafe-fixes"),
        strategies=values.get("strategies", ()),
        rules_dirs=values.get("rules-dirs", ()),
        rows=_rows(layers[-1], values),
        origin=next((layer.shown for layer in reversed(layers) if layer.shown != OPTION), None),
        settings=tuple(settings.values()),
        problem=_not_loaded(unloaded) if unloaded else None,
    )


def _not_loaded(directories: Sequence[str]) -> str:
    shown = ", ".join(os.path.relpath(item) for item in directories)
    return (
        f"rules-dirs: the rules of {shown} are not run, since they are code of what is checked; "
        "add --allow-project-rules if you trust it, or start leakscan in that project"
    )


def _rows(layer: Layer, values: Mapping[str, Any]) -> tuple[Row, ...]:
    names: dict[str, tuple[str, ...]] = {
        key.name: values[key.name] for key in KEYS if key.kind is Kind.NAMES and key.name in values
    }
    if not any(names.values()):
        return ()
    from leakscan.knowledge.configured import configured_row

    found: dict[str, tuple[str, Row]] = {}
    for key, own in names.items():
        for name in own:
            row = configured_row(key, name)
            other, _ = found.setdefault(row.name, (key, row))
            if other != key:
                raise layer.error(f"{key}: {name!r} is in {other} already; it can be one of them")
    return tuple(row for _, row in found.values())


class _Table:
    """One layer being read; every complaint names the file and the key.

    any_code: codes are not checked, since some of the rules that the layer may name are not loaded.
    """

    def __init__(self, layer: Layer, known: Known, *, any_code: bool = False) -> None:
        self._layer = layer
        self._table = layer.table
        self._known = known
        self._any_code = any_code

    def values(self) -> dict[str, Any]:
        readers: dict[Kind, Callable[[str], Any]] = {
            Kind.SELECTORS: self._selectors,
            Kind.PATTERNS: self._patterns,
            Kind.PER_FILE: self._per_file,
            Kind.SEVERITY: lambda key: self._level(key, Severity),
            Kind.CONFIDENCE: lambda key: self._level(key, Confidence),
            Kind.FAIL_LEVEL: lambda key: self._level(key, FailLevel),
            Kind.FLAG: self._flag,
            Kind.STRATEGIES: self._strategies,
            Kind.DIRECTORIES: self._directories,
            Kind.NAMES: self._names,
        }
        for key in self._table:
            if key not in BY_NAME:
                raise self._error(f"unknown key {key!r} in [tool.leakscan]{did_you_mean(key, BY_NAME)}")
        return {key: readers[BY_NAME[key].kind](key) for key in self._table if key != "extend"}

    def rules_dirs(self) -> tuple[str, ...]:
        return self._directories("rules-dirs")

    def _directories(self, key: str) -> tuple[str, ...]:
        base = self._layer.base
        directories = tuple(
            absolute(os.path.join(base, os.path.expanduser(item))) for item in self._strings(key)
        )
        for directory in directories:
            if not os.path.isdir(directory):
                raise self._error(f"{key}: {os.path.relpath(directory)}: no such directory")
        return directories

    def _patterns(self, key: str) -> tuple[PathPatterns, ...]:
        return (PathPatterns(self._layer.base, self._strings(key)),)

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

    def _selectors(self, key: str) -> tuple[str, ...]:
        return self._selectors_of(key, self._table[key])

    def _selectors_of(self, key: str, value: object) -> tuple[str, ...]:
        selectors = self._strings_of(key, value)
        for selector in selectors:
            problem = selector_problem(selector, self._known.codes)
            if problem and (not self._any_code or "," in selector):
                raise self._error(f"{key}: {problem}")
        return selectors

    def _per_file(self, key: str) -> tuple[tuple[PathPatterns, tuple[str, ...]], ...]:
        value = self._table[key]
        if not isinstance(value, dict):
            raise self._error(f"{key} must be a table of patterns, each with a list of codes")
        return tuple(
            (PathPatterns(self._layer.base, (pattern,)), self._selectors_of(f"{key}.{pattern!r}", codes))
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
            if self._known.strategies is None or (self._any_code and code not in self._known.strategies):
                continue
            if problem := strategy_problem(code, name, self._known.strategies):
                raise self._error(f"{key}: {problem}")
        return tuple(value.items())

    def _level(self, key: str, kind: type[_Level]) -> _Level:
        value = self._table[key]
        names = [level.name.lower() for level in kind]
        if not isinstance(value, str) or value not in names:
            hint = did_you_mean(value, names) if isinstance(value, str) else ""
            raise self._error(f"{key} must be one of {', '.join(names)}; not {value!r}{hint}")
        return kind[value.upper()]

    def _error(self, message: str) -> ConfigError:
        return self._layer.error(message)


def selector_problem(selector: str, codes: Collection[str]) -> str | None:
    """Why a selector means no rule, or None."""
    if selector == ALL or (selector and any(code.startswith(selector) for code in codes)):
        return None
    if "," in selector:
        parts = ", ".join(f'"{part.strip()}"' for part in selector.split(",") if part.strip())
        return f"{selector!r} is not one code; write each as a string of its own: [{parts}]"
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
