"""Reads `# expect: CODE` and `# todo: CODE` comments: what a file says about its own findings."""

from __future__ import annotations

import io
import re
import tokenize
from pathlib import Path

_MARK = re.compile(r"#\s*(expect|todo):\s*([A-Z]+[0-9]+(?:\s*,\s*[A-Z]+[0-9]+)*)\s*\Z")

#: (code, path relative to the folder that was scanned, 1-based line)
Site = tuple[str, str, int]


def marked(path: Path, base: Path, kind: str) -> list[Site]:
    """The sites that the comments of `kind` ("expect" or "todo") mark below `path`, sorted.

    `path` is a Python file or a folder of them; paths in the result are relative to `base`.
    """
    sites = []
    for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
        with tokenize.open(file) as stream:
            text = stream.read()
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            match = _MARK.match(token.string) if token.type == tokenize.COMMENT else None
            if match and match[1] == kind:
                name = file.relative_to(base).as_posix()
                sites += [(code.strip(), name, token.start[0]) for code in match[2].split(",")]
    return sorted(sites)


def found(report: dict, base: Path) -> list[Site]:
    """The findings of a JSON report as sites; its paths may be relative to `base` or absolute."""
    return sorted(
        (item["code"], (base / item["path"]).resolve().relative_to(base.resolve()).as_posix(), item["line"])
        for item in report["findings"]
    )
