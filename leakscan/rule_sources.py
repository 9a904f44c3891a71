"""Where rules are looked for, without loading any."""

from __future__ import annotations

import os
import sys
from importlib.machinery import PathFinder

from leakscan.errors import LeakscanError

#: Distributions name their packages of rule folders in this group of entry points.
ENTRY_POINT_GROUP = "leakscan.rules"
_METADATA = (".dist-info", ".egg-info", ".egg")
PACKAGE = os.path.dirname(os.path.realpath(__file__))


def builtin_rules() -> str:
    """The folder of the rules that ship with leakscan: inside the wheel, or beside it in a checkout.

    Raises LeakscanError when neither is there (a broken installation).
    """
    shipped = os.path.join(PACKAGE, "rules")
    if os.path.isdir(shipped):
        return shipped
    checkout = os.path.dirname(PACKAGE)
    beside = os.path.join(checkout, "rules")
    # `../rules` only in a checkout: in site-packages a neighbour called `rules` would be somebody else's.
    if os.path.isdir(beside) and os.path.isfile(os.path.join(checkout, "pyproject.toml")):
        return beside
    raise LeakscanError(f"no rules found beside {PACKAGE}; reinstall leakscan")


def may_be_installed() -> bool:
    """Whether the files that list entry points mention the group of rules.

    Looking into them costs a tenth of what importlib.metadata does; what is neither a directory nor found by
    Python's own finder is left to it.
    """
    if any(hasattr(finder, "find_distributions") and not _is_python_s(finder) for finder in sys.meta_path):
        return True
    for entry in sys.path:
        if entry.lower().endswith(".egg"):
            return True
        try:
            names = os.listdir(entry or os.curdir)
        except NotADirectoryError:
            return True
        except OSError:
            continue
        if any(_lists_rules(os.path.join(entry, name)) for name in names if name.lower().endswith(_METADATA)):
            return True
    return False


def _is_python_s(finder: object) -> bool:
    # The backport adds one that finds what Python's own does.
    return finder is PathFinder or type(finder).__module__.partition(".")[0] == "importlib_metadata"


def _lists_rules(metadata: str) -> bool:
    try:
        with open(os.path.join(metadata, "entry_points.txt"), "rb") as stream:
            return ENTRY_POINT_GROUP.encode() in stream.read()
    except OSError:
        # An egg has its metadata further down.
        return metadata.lower().endswith(".egg")


__all__ = ["ENTRY_POINT_GROUP", "PACKAGE", "builtin_rules", "may_be_installed"]
