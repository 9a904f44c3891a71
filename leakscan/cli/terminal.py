"""The terminal: colours only where they are wanted, any encoding, a progress bar."""

from __future__ import annotations

import errno
import io
import os
import re
import sys
import time
from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress as RichProgress

    from leakscan.reporters.text import Line

_STYLES = {
    "path": "bold",
    "high": "bold red",
    "medium": "bold yellow",
    "low": "bold blue",
    "name": "dim",
    "message": "bold",
    "gutter": "blue",
    "note": "cyan",
    "help": "green",
    "added": "green",
    "removed": "red",
}
_PROGRESS_AFTER = 1.0  # seconds


def make_safe(stream: TextIO) -> None:
    """Never fail on a character that the stream's encoding lacks: show its escape."""
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")


def is_terminal(stream: TextIO) -> bool:
    """Whether somebody looks at the stream."""
    try:
        return stream.isatty()
    except ValueError:  # closed
        return False


#: The values of `--color`.
COLORS = ("auto", "always", "never")
_CHOSEN = ContextVar("color", default="auto")


def choose_color(when: str) -> None:
    """What `--color` says holds for all that this thread prints from now on; one of COLORS."""
    _CHOSEN.set(when)


def wants_color(stream: TextIO, environment: Mapping[str, str] | None = None) -> bool:
    """`--color`, NO_COLOR, FORCE_COLOR (both: any value but the empty one), then whether it is a terminal."""
    if _CHOSEN.get() != "auto":
        return _CHOSEN.get() == "always"
    values = os.environ if environment is None else environment
    if values.get("NO_COLOR"):
        return False
    if values.get("FORCE_COLOR"):
        return values["FORCE_COLOR"] != "0"
    return values.get("TERM") != "dumb" and is_terminal(stream)


def console(stream: TextIO) -> Console:
    """A rich console that colours as `wants_color` says and takes text as it is."""
    from rich.console import Console  # heavy; plain output does without

    class Ours(Console):
        def on_broken_pipe(self) -> None:  # rich's would exit with 1, which means findings
            raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))

    color = wants_color(stream)
    return Ours(
        file=stream,
        force_terminal=color or None,
        color_system="standard" if color else None,
        no_color=not color,
        markup=False,
        highlight=False,
        emoji=False,
    )


def write_lines(lines: Iterable[Line], stream: TextIO) -> None:
    """Write styled lines. Nothing is wrapped or cropped: paths and positions stay whole."""
    if not wants_color(stream):
        stream.writelines("".join(text for text, _ in line) + "\n" for line in lines)
        return
    from rich.text import Text

    out = console(stream)
    for line in lines:
        text = Text.assemble(*((part, _STYLES.get(style, "")) for part, style in line))
        out.print(text, soft_wrap=True)


def width_of(stream: TextIO) -> int | None:
    """How many cells a line has, where somebody looks at the stream; None elsewhere."""
    import shutil

    return shutil.get_terminal_size().columns if is_terminal(stream) else None


def wrapped(lines: Iterable[Line], width: int) -> Iterable[Line]:
    """Lines wrapped at words, with a hanging indent; code, which stands behind a gutter, stays as it is."""
    for line in lines:
        if line and line[0][1] == "gutter" and "|" in line[0][0]:
            yield line
        else:
            yield from _wrapped(line, width)


def _wrapped(line: Line, width: int) -> Iterable[Line]:
    from leakscan.reporters.text import cells_of

    out: Line = []
    used = 0
    gap: Line = []
    for word in _words(line):
        if not word[0][0].strip():
            gap = word
            continue
        size, between = (sum(cells_of(text) for text, _ in part) for part in (word, gap))
        if used + between + size > width and used > len(_HANGING):
            yield out
            out, used = [(_HANGING, "")], len(_HANGING)
        else:
            out += gap
            used += between
        out += word
        used += size
        gap = []
    yield out


def _words(line: Line) -> Iterable[Line]:
    """Runs of blanks and of other characters. A word may have several styles: a path and its colon."""
    word: Line = []
    for text, style in line:
        for part in re.findall(r" +|[^ ]+", text):
            if word and (part[0] == " ") != (word[0][0][0] == " "):
                yield word
                word = []
            word.append((part, style))
    if word:
        yield word


_HANGING = "    "


class Progress:
    """A bar on standard error, once the check takes over a second and somebody looks."""

    def __init__(self, *, enabled: bool) -> None:
        self._enabled = enabled and is_terminal(sys.stderr)
        self._begin = time.monotonic()
        self._total = 0
        self._done = 0
        self._bar: RichProgress | None = None
        self._task: Any = None

    def start(self, total: int) -> None:
        """Expect `total` calls of `advance`."""
        self._total = total

    def advance(self) -> None:
        """One more is done."""
        self._done += 1
        if not self._enabled:
            return
        if self._bar is None and time.monotonic() - self._begin > _PROGRESS_AFTER:
            from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
            from rich.progress import Progress as RichProgress

            columns = (TextColumn("Checking"), BarColumn(), MofNCompleteColumn(), TextColumn("files"))
            self._bar = RichProgress(*columns, console=console(sys.stderr), transient=True)
            self._task = self._bar.add_task("", total=self._total)
            self._bar.start()
        if self._bar is not None:
            self._bar.update(self._task, completed=self._done)

    def stop(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None
