"""A result -> terminal, JSON, CSV. Reports compute nothing but what they draw."""

from __future__ import annotations

from leakscan.validation.reports.csv import render_csv
from leakscan.validation.reports.json import render_json
from leakscan.validation.reports.terminal import render_terminal

__all__ = ["render_csv", "render_json", "render_terminal"]
