"""Writes into the pages what is made from the code: `python docs/generate.py`; with --check only compares."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from leakscan.config.keys import reference

ROOT = Path(__file__).resolve().parent.parent


def parts() -> dict[tuple[str, str], str]:
    """The page and the name of each generated part -> its text."""
    return {("docs/configuration.md", "keys"): reference()}


def generated(page: str, name: str, text: str) -> str:
    """The page with the part between `<!-- name -->` and `<!-- /name -->` replaced."""
    start, end = f"<!-- {name} -->\n", f"<!-- /{name} -->\n"
    found, count = re.subn(
        re.escape(start) + ".*?" + re.escape(end), lambda _: start + text + end, page, flags=re.DOTALL
    )
    if count != 1:
        raise SystemExit(f"{name}: expected one such part, found {count}")
    return found


def main() -> int:
    """Return 1 if `--check` finds a difference."""
    stale = False
    for (file, name), text in parts().items():
        path = ROOT / file
        page = path.read_text(encoding="utf-8")
        made = generated(page, name, text)
        if made != page:
            stale = True
            print(f"{file}: {name}")
            if "--check" not in sys.argv:
                path.write_text(made, encoding="utf-8")
    return int(stale and "--check" in sys.argv)


if __name__ == "__main__":
    sys.exit(main())
