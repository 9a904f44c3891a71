"""The rows that a project's configuration adds: names under the keys of `[tool.leakscan]`."""

from __future__ import annotations

import keyword
import re
from collections.abc import Callable, Mapping

from leakscan.knowledge.model import Effect, Kind, Row
from leakscan.knowledge.spelling import ALIASES, canonical

_ROWS: Mapping[str, Callable[[str], Row]] = {
    "model-builders": lambda name: Row(name, Effect.CREATES, Kind.MODEL),
    "releases": lambda name: Row(name, Effect.RELEASES_MODELS),
    "tensor-producers": lambda name: Row(name, Effect.GIVES_TENSOR),
    "drivers": lambda name: Row(name, Effect.REPEATS_ARGUMENT),
}


def configured_row(key: str, name: str) -> Row:
    """Return what a key says of a dotted name, in its one spelling."""
    return _ROWS[key](canonical(name))


def name_problem(name: str) -> str | None:
    """Why nothing can be called by a dotted name, with a hint where there is one; None if something can."""
    if not _is_dotted(name):
        return f"{name!r} is not a dotted name such as 'zoo.build'{_hint(_repaired(name))}"
    root, dot, rest = name.partition(".")
    if dot and root in ALIASES:
        return f"{name!r} begins with an alias; name the package{_hint(f'{ALIASES[root]}.{rest}')}"
    return None


def _is_dotted(name: str) -> bool:
    return all(part.isidentifier() and not keyword.iskeyword(part) for part in name.split("."))


def _repaired(name: str) -> str:
    """Return the name that a call, a path or an entry point stands for."""
    name = re.sub(r"\(.*\)$", "", name.strip(), flags=re.DOTALL)
    return re.sub(r"[:/\\]+", ".", re.sub(r"\.py(?=:)", "", name)).strip(".")


def _hint(name: str) -> str:
    return f" (did you mean {name!r}?)" if _is_dotted(name) else ""


__all__ = ["configured_row", "name_problem"]
