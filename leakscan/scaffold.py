"""A new rule folder that works: what `leakscan rule new` writes, for its author to change."""

from __future__ import annotations

import keyword
import re
from pathlib import Path

from leakscan.errors import LeakscanError
from leakscan.registry import code_problem, folder_name, name_problem

#: A rule folder like any other, checked as such; its code and name are replaced by those of the new rule.
TEMPLATE = Path(__file__).resolve().parent / "template" / "abc001_functions_run_eagerly"
_CODE, _NAME = "ABC001", "functions-run-eagerly"


def new_rule(code: str, name: str, directory: str) -> tuple[Path, list[Path]]:
    """Write a rule folder into `directory`, which is made; return the folder and its files.

    Raises LeakscanError for a code or name of another form, when a folder of this code is there already,
    and when it cannot be written.
    """
    if problem := code_problem(code) or name_problem(name):
        raise LeakscanError(problem)
    folder = Path(directory, folder_name(code, name))
    for there in sorted(Path(directory).glob(f"{code.lower()}_*")):
        taken = "nothing is overwritten" if there == folder else f"the code {code} is taken"
        raise LeakscanError(f"{there} already exists; {taken}")
    written: list[Path] = []
    try:
        for template in sorted(path for path in TEMPLATE.rglob("*") if path.suffix in {".py", ".md"}):
            file = folder / template.relative_to(TEMPLATE)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(_filled(template.read_text(encoding="utf-8"), code, name), encoding="utf-8")
            written.append(file)
    except OSError as error:
        raise LeakscanError(f"{error.filename or folder}: cannot be written: {error.strerror}") from error
    return folder, written


def _filled(text: str, code: str, name: str) -> str:
    words = _class(name)
    # A class that is called Report or True would be another one than its module needs.
    if keyword.iskeyword(words) or (words != _class(_NAME) and re.search(rf"\b{words}\b", text)):
        words += "Rule"
    return text.replace(_class(_NAME), words).replace(_CODE, code).replace(_NAME, name)


def _class(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("-"))


__all__ = ["new_rule"]
