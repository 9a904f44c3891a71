"""A result -> terminal, JSON, CSV, HTML. Reports compute nothing but what they draw."""

from __future__ import annotations

from leakscan.validation.reports.csv import render_csv
from leakscan.validation.reports.html import render_html
from leakscan.validation.reports.json import render_json
from leakscan.validation.reports.terminal import render_terminal

__all__ = ["render_csv", "render_html", "render_json", "render_terminal"]
