"""Rule folders -> rules: built-in, local and third-party ones by one loader, by path."""

from __future__ import annotations

import importlib.util
import inspect
import re
import sys
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from leakscan.errors import LeakscanError
from leakscan.rule import Rule

_CODE = re.compile(r"[A-Z]{2,6}[0-9]{3}\Z")


@dataclass(frozen=True, slots=True)
class LoadedRule:
    """A rule and the folder that it came from (with `README.md` and `examples/`)."""

    rule: Rule
    folder: Path


def builtin_rules_dir() -> Path:
    """The folder of the rules that ship with leakscan: inside the wheel, or beside it in a checkout.

    Raises LeakscanError when neither is there (a broken installation).
    """
    package = Path(__file__).resolve().parent
    shipped = package / "rules"
    if shipped.is_dir():
        return shipped
    checkout = package.parent
    # `../rules` only in a checkout: in site-packages a neighbour called `rules` would be somebody else's.
    if (checkout / "rules").is_dir() and (checkout / "pyproject.toml").is_file():
        return checkout / "rules"
    raise LeakscanError(f"no rules found beside {package}; reinstall leakscan")


def load_rules(directory: Path | None = None) -> tuple[LoadedRule, ...]:
    """Load every rule folder of `directory` (default: the built-in ones), sorted by code.

    Raises LeakscanError for a folder without a rule, a rule that cannot be imported, or a code used twice.
    """
    root = builtin_rules_dir() if directory is None else directory
    loaded = [_load(folder) for folder in sorted(root.iterdir()) if (folder / "rule.py").is_file()]
    loaded.sort(key=lambda item: item.rule.code)
    for first, second in pairwise(loaded):
        if first.rule.code == second.rule.code:
            raise LeakscanError(f"rule code {first.rule.code} is used by {first.folder} and {second.folder}")
    return tuple(loaded)


def _load(folder: Path) -> LoadedRule:
    path = folder / "rule.py"
    name = f"leakscan_rules.{folder.name}"
    # With a search path it is a package: `from .reuse import Reuse` finds the file beside it.
    spec = importlib.util.spec_from_file_location(name, path, submodule_search_locations=[str(folder)])
    if spec is None or spec.loader is None:
        raise LeakscanError(f"{path}: cannot be imported")
    module = importlib.util.module_from_spec(spec)
    # Before exec_module: dataclasses look their module up in sys.modules.
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise LeakscanError(f"{path}: {type(error).__name__}: {error}") from error
    classes = [
        item
        for item in vars(module).values()
        if inspect.isclass(item) and issubclass(item, Rule) and item.__module__ == name
    ]
    if len(classes) != 1:
        raise LeakscanError(f"{path}: expected one Rule class, found {len(classes)}")
    rule: Rule = classes[0]()
    if not _CODE.match(getattr(rule, "code", "")):
        raise LeakscanError(f"{path}: the class needs a code such as ABC001")
    return LoadedRule(rule, folder)
