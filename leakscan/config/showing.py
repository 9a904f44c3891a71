"""What is in force where, and from where: the text of `--show-settings`."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from leakscan.config.keys import KEYS

if TYPE_CHECKING:
    from leakscan.config.settings import Config


def settings_of(directories: Iterable[str], config: Config) -> Iterator[str]:
    """Say what holds in some directories, a line for each key that can be set."""
    yield f"# In force in {', '.join(sorted(map(os.path.relpath, directories)))}:"
    if config.problem is not None:
        yield f"# {config.origin}: {config.problem}"
    by_key = {setting.key: setting for setting in config.settings}
    for key in KEYS:
        if key.name == "extend":
            continue
        setting = by_key.get(key.name)
        if setting is not None:
            yield f"{key.name} = {setting.shown}  # {setting.where}"
        elif key.default[0] == '"' or key.default == "false":
            yield f"{key.name} = {key.default}  # default"
        else:
            yield f"# {key.name}: {key.default}"
