"""What is installed: the distribution, its extras, and another program of the same name."""

from __future__ import annotations

import os
import sys

from leakscan import DISTRIBUTION, __version__

#: Extra -> the packages that it brings.
EXTRAS = {
    "completion": ("shtab",),
    "distributed": ("distributed", "pyarrow"),
    "server": ("pygls",),
    "validate": ("codecarbon", "scipy"),
    "watch": ("watchfiles",),
}


def version_text() -> str:
    """Say which leakscan this is, and what it runs on."""
    python = ".".join(map(str, sys.version_info[:3]))
    extras = [
        name
        for name, packages in EXTRAS.items()
        if all(_version(package) is not None for package in packages)
    ]
    parts = [
        f"Python {python}",
        f"LibCST {_version('libcst') or 'unknown'}",
        f"extras: {', '.join(extras) or 'none'}",
    ]
    return f"leakscan {__version__} ({DISTRIBUTION}; {'; '.join(parts)})"


def _version(package: str) -> str | None:
    from importlib import metadata  # 20 ms

    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def namesake(folder: str | None = None) -> str | None:
    """Say that another distribution has taken the command `leakscan`, where one is installed beside this one.

    folder: where leakscan is installed. The package index has a `leakscan` that looks for leaked secrets.
    """
    folder = folder or os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    # In a checkout nothing lies beside.
    if os.path.basename(folder) not in ("site-packages", "dist-packages"):
        return None
    try:
        names = os.listdir(folder)
    except OSError:
        return None
    for name in names:
        if not (name.startswith("leakscan-") and name.endswith(".dist-info")):
            continue
        try:
            with open(os.path.join(folder, name, "entry_points.txt"), encoding="utf-8") as stream:
                scripts = stream.read().replace(" ", "").splitlines()
        except (OSError, ValueError):
            continue
        own = "leakscan=leakscan."
        if any(line.startswith("leakscan=") and not line.startswith(own) for line in scripts):
            return (
                f"warning: the package leakscan, another program, is installed beside {DISTRIBUTION} "
                "and takes its command; remove it and put the command back: pip uninstall leakscan, "
                f"then pip install --force-reinstall --no-deps {DISTRIBUTION}"
            )
    return None
