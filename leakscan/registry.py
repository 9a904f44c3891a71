"""Rule folders -> rules: built-in, local and installed ones by one loader, by path."""

from __future__ import annotations

import functools
import importlib.machinery
import importlib.util
import os
import re
import sys
import zlib
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from leakscan.errors import LeakscanError
from leakscan.records import dataclass
from leakscan.rule import Applicability, Rule, Severity, Strategy
from leakscan.rule_sources import ENTRY_POINT_GROUP, builtin_rules, may_be_installed
from leakscan.suppressions import OWN_NAMES

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint
    from pathlib import Path
    from types import ModuleType

BUILTIN = "leakscan"

_CODE = re.compile(r"[A-Z]{2,6}[0-9]{3}\Z")
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*\Z")
_FOLDER = re.compile(r"[a-z]{2,6}[0-9]{3}(_[a-z0-9]+)+\Z")
_LIKE_A_FOLDER = re.compile(r"[A-Za-z]{2,6}[0-9]{3}[_-]")


@dataclass(frozen=True, slots=True)
class LoadedRule:
    """A rule, the path of the folder that it came from, and who provides it.

    origin: `leakscan`, the directory as it was given, or the name and version of a distribution.
    """

    rule: Rule
    path: str
    origin: str = BUILTIN

    @property
    def folder(self) -> Path:
        """The folder, with `README.md` and `examples/`."""
        return _as_path(self.path)


def _as_path(path: str) -> Path:
    from pathlib import Path  # a check need not wait for it

    return Path(path)


def builtin_rules_dir() -> Path:
    """The folder of the rules that ship with leakscan. Raises LeakscanError as `builtin_rules` does."""
    return _as_path(builtin_rules())


def load_rules(directories: Iterable[str | Path] = (), *, installed: bool = True) -> tuple[LoadedRule, ...]:
    """Load the built-in rules, those of `directories`, and those of installed distributions, sorted by code.

    A directory is a rule folder or holds rule folders; one that is named twice is loaded once. Raises
    LeakscanError for a directory without rules, a folder that is misnamed, a rule that cannot be imported
    or lacks something, and a code that is used twice.
    """
    sources = [_Source(builtin_rules(), BUILTIN)]
    sources += [_Source(os.fspath(directory), os.fspath(directory)) for directory in directories]
    if installed:
        sources += _installed()
    folders: dict[str, _Source] = {}
    loaded: dict[str, LoadedRule] = {}
    for source in sources:
        try:
            for folder in _rule_folders(source.directory):
                if folders.setdefault(folder, source) is source:
                    load = _own_rule if source.origin == BUILTIN else load_rule
                    _add(loaded, LoadedRule(load(folder), folder, source.origin))
        except LeakscanError as error:
            raise LeakscanError(f"{source.blame}{error}") from error
    return tuple(loaded[code] for code in sorted(loaded))


@dataclass(frozen=True, slots=True)
class _Source:
    """Where rules are looked for; `blame` stands before what is wrong there."""

    directory: str
    origin: str
    blame: str = ""


def _add(loaded: dict[str, LoadedRule], found: LoadedRule) -> None:
    other = loaded.setdefault(found.rule.code, found)
    if other is not found:
        raise LeakscanError(
            f"rule code {found.rule.code} is used by {other.path} ({other.origin}) "
            f"and {found.path} ({found.origin}); every rule needs a code of its own"
        )


def rule_folders(directory: Path) -> list[Path]:
    """Return the rule folders of a directory, sorted, as resolved paths; or the one that it is itself.

    Raises LeakscanError when there are none, and for a folder that is nearly one: a name with hyphens or
    capitals, or no rule.py.
    """
    return list(map(_as_path, _rule_folders(os.fspath(directory))))


def _rule_folders(directory: str) -> list[str]:
    if not os.path.isdir(directory):
        raise LeakscanError(f"{directory}: no such directory")
    directory = os.path.realpath(directory)
    if os.path.isfile(os.path.join(directory, "rule.py")):
        return [_named_well(directory)]
    folders: list[str] = []
    for name in sorted(os.listdir(directory)):
        entry = os.path.join(directory, name)
        if os.path.isfile(os.path.join(entry, "rule.py")):
            folders.append(_named_well(os.path.realpath(entry)))
        elif os.path.isdir(entry) and _LIKE_A_FOLDER.match(name):
            raise LeakscanError(f"{entry}: a rule folder without rule.py")
    if not folders:
        raise LeakscanError(
            f"{directory}: no rule folders; each is a folder such as abc001_a_name with a rule.py"
        )
    return folders


def _named_well(folder: str) -> str:
    name = os.path.basename(folder)
    if not _FOLDER.match(name):
        guess = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
        hint = f"; call it {guess}" if _FOLDER.match(guess) else ""
        raise LeakscanError(
            f"{folder}: the name of a rule folder is its code and its name, in small letters "
            f"with underscores, such as abc001_a_name{hint}"
        )
    return folder


def folder_name(code: str, name: str) -> str:
    """Return what the folder of a rule is called: `imr001_model_rebuilt_in_loop`."""
    return f"{code.lower()}_{name.replace('-', '_')}"


def code_problem(code: str) -> str | None:
    """Why a word is not the code of a rule, or None."""
    if code in OWN_NAMES:
        return f"{code} is a code of leakscan itself, {OWN_NAMES[code]}"
    if _CODE.match(code):
        return None
    upper = re.sub(r"[^A-Z0-9]", "", code.upper())
    hint = f" (did you mean {upper!r}?)" if _CODE.match(upper) else ""
    return f"{code!r} is not a rule code; it has 2 to 6 capital letters and 3 digits, such as ABC001{hint}"


def name_problem(name: str) -> str | None:
    """Why a word is not the name of a rule, or None."""
    if _NAME.match(name):
        return None
    kebab = re.sub(r"[^a-z0-9]+", "-", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower()).strip("-")
    hint = f" (did you mean {kebab!r}?)" if _NAME.match(kebab) else ""
    return f"{name!r} is not a rule name; it is in small letters with hyphens, such as tensor-kept{hint}"


def load_rule(folder: str) -> Rule:
    """Import the rule of a folder, anew each time. Raises LeakscanError, which names the file."""
    path = os.path.join(folder, "rule.py")
    name = f"{_pack(os.path.dirname(os.path.realpath(folder)))}.{os.path.basename(folder)}"
    for stale in [item for item in sys.modules if item.startswith(f"{name}.")]:
        del sys.modules[stale]
    # With a search path it is a package: `from .reuse import Reuse` finds the file beside it, and
    # `from ..families.retention import grown` what the rules of a directory share.
    spec = importlib.util.spec_from_file_location(name, path, submodule_search_locations=[folder])
    if spec is None or spec.loader is None:
        raise LeakscanError(f"{path}: cannot be imported")
    module = importlib.util.module_from_spec(spec)
    # Before exec_module: dataclasses look their module up in sys.modules.
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
        rule = _only_rule(module, path)
    except LeakscanError:
        raise
    except (Exception, SystemExit) as error:
        raise LeakscanError(f"{_where(error, path)}: {type(error).__name__}: {error}") from error
    if problem := _rule_problem(rule):
        raise LeakscanError(f"{path}: {type(rule).__name__}: {problem}")
    return rule


@functools.cache
def _own_rule(folder: str) -> Rule:
    """Import a rule of leakscan itself once for a process, as its other modules are.

    Each import makes classes anew, which an editor's server would pile up.
    """
    return load_rule(folder)


def _pack(directory: str) -> str:
    """Return the package that stands for a directory of rule folders: equal names elsewhere are others."""
    name = f"leakscan_rules_{zlib.crc32(os.fsencode(directory)):08x}"
    if name not in sys.modules:
        spec = importlib.machinery.ModuleSpec(name, None, is_package=True)
        spec.submodule_search_locations = [directory]
        sys.modules[name] = importlib.util.module_from_spec(spec)
    return name


def _only_rule(module: ModuleType, path: str) -> Rule:
    classes = [
        item
        for item in vars(module).values()
        if isinstance(item, type) and issubclass(item, Rule) and item.__module__ == module.__name__
    ]
    if len(classes) != 1:
        raise LeakscanError(f"{path}: expected one class that is a leakscan.rule.Rule, found {len(classes)}")
    rule: Rule = classes[0]()
    return rule


def _where(error: BaseException, path: str) -> str:
    """Return the file of the rule that raised, and the line, as far as the traceback stays within."""
    if isinstance(error, SyntaxError):
        return path if error.filename is None else f"{error.filename}:{error.lineno}"
    where, trace = path, error.__traceback__
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if os.path.dirname(file) == os.path.dirname(path):
            where = f"{file}:{trace.tb_lineno}"
        trace = trace.tb_next
    return where


def _rule_problem(rule: Rule) -> str | None:
    """Why a rule cannot be used, or None."""
    for attribute in ("code", "name", "summary"):
        if not isinstance(getattr(rule, attribute, None), str):
            return f"the attribute {attribute} must be a string"
    for attribute in ("severity", "default_min_severity"):
        if not isinstance(getattr(rule, attribute, None), Severity):
            return f"the attribute {attribute} must be a leakscan.rule.Severity"
    if not isinstance(rule.strategies, tuple):
        return "the attribute strategies must be a tuple of instances of leakscan.rule.Strategy"
    problems = (_strategy_problem(strategy) for strategy in rule.strategies)
    problem = code_problem(rule.code) or name_problem(rule.name) or next(filter(None, problems), None)
    if problem is None and len({strategy.name for strategy in rule.strategies}) < len(rule.strategies):
        return "two strategies have one name"
    return problem


def _strategy_problem(strategy: object) -> str | None:
    if not isinstance(strategy, Strategy):
        return f"strategies holds {strategy!r}, which is not an instance of leakscan.rule.Strategy"
    shown = type(strategy).__name__
    if not _NAME.match(str(getattr(strategy, "name", ""))):
        return f"the strategy {shown} needs a name in small letters with hyphens"
    if not isinstance(getattr(strategy, "summary", None), str):
        return f"the strategy {shown} needs a summary"
    if not isinstance(getattr(strategy, "applicability", None), Applicability):
        return f"the strategy {shown} needs a leakscan.rule.Applicability"
    return None


def _installed() -> Iterator[_Source]:
    """Yield the directories that installed distributions name."""
    if not may_be_installed():
        return
    from importlib.metadata import entry_points

    found = {(_origin(point), point.value): point for point in entry_points(group=ENTRY_POINT_GROUP)}
    for (origin, _), point in sorted(found.items(), key=lambda item: item[0]):
        try:
            # Found, not imported: what a package does on import is no business of a check.
            spec = importlib.util.find_spec(point.module)
        except (Exception, SystemExit) as error:
            raise _broken(origin, point, f"{type(error).__name__}: {error}") from error
        if spec is None:
            raise _broken(origin, point, "there is no such package")
        if spec.submodule_search_locations is None or point.attr:
            raise _broken(origin, point, "it must name a package, whose directory holds rule folders")
        for location in spec.submodule_search_locations:
            yield _Source(location, origin, f"{origin}: ")


def _origin(point: EntryPoint) -> str:
    return "an unknown distribution" if point.dist is None else f"{point.dist.name} {point.dist.version}"


def _broken(origin: str, point: EntryPoint, why: str) -> LeakscanError:
    return LeakscanError(
        f"{origin}: the entry point {point.name} = {point.value!r} of the group {ENTRY_POINT_GROUP} "
        f"gives no rules: {why}"
    )


__all__ = [
    "BUILTIN",
    "ENTRY_POINT_GROUP",
    "LoadedRule",
    "builtin_rules_dir",
    "code_problem",
    "folder_name",
    "load_rule",
    "load_rules",
    "name_problem",
    "rule_folders",
]
