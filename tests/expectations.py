"""What a JSON report found, in the form of what `# expect: CODE` comments mark."""

from __future__ import annotations

from pathlib import Path

from leakscan.testing import Site, marked

__all__ = ["found", "marked"]


def found(report: dict, base: Path) -> list[Site]:
    """The findings of a JSON report as sites; its paths may be relative to `base` or absolute."""
    return sorted(
        (item["code"], (base / item["path"]).resolve().relative_to(base.resolve()).as_posix(), item["line"])
        for item in report["findings"]
    )
