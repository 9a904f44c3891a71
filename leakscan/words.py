"""Hints at what a misspelt word was meant to be."""

from __future__ import annotations

from collections.abc import Iterable


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint to append to a message, or nothing when no known word comes near."""
    near = nearest(word, known)
    return f" (did you mean {near!r}?)" if near else ""


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that comes nearest, or None where none is near."""
    import difflib  # not needed where nothing is wrong

    # The hyphens of options are alike in all of them.
    by_letters = {item.lower().lstrip("-"): item for item in known}
    near = difflib.get_close_matches(word.lower().lstrip("-"), sorted(by_letters), n=1, cutoff=0.6)
    return by_letters[near[0]] if near else None
