"""How a strategy says that it does not apply."""

from __future__ import annotations


class RefusedError(Exception):
    """Raised by a strategy that does not apply to a finding; the text is the reason, in one line."""


__all__ = ["RefusedError"]
