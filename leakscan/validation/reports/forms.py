"""The forms of a report: a new one is a function that takes a result, and a row here."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from leakscan.validation.reports.csv import render_csv
from leakscan.validation.reports.html import render_html
from leakscan.validation.reports.json import render_json
from leakscan.validation.reports.markdown import render_markdown
from leakscan.validation.results import Result

#: By the name of the option that asks for it.
FORMS: Mapping[str, Callable[[Result], str]] = {
    "html": render_html,
    "json": render_json,
    "csv": render_csv,
    "markdown": render_markdown,
}
