"""What `validate`, `study` and `report` do. Imported when it is used: its dependencies are an extra."""

from __future__ import annotations

import importlib
from types import ModuleType

from leakscan.errors import LeakscanError


def measuring(name: str) -> ModuleType:
    """A module that measures. Raises LeakscanError where the extra is not installed."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise LeakscanError(
            f'measuring needs {error.name or error}; install it with: pip install "leakscan-keras[validate]" '
            "(Linux or macOS)"
        ) from None
