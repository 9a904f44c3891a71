"""What commands write to the standard streams, which may be closed, full, or of any encoding."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, TextIO

from leakscan.errors import LeakscanError

if TYPE_CHECKING:
    from leakscan.reporters.text import Line


def make_streams_safe() -> None:
    """Let no character and no closed stream end a command."""
    from leakscan.cli.terminal import make_safe

    # A stream that was closed by the caller (`>&-`) is None.
    sys.stdout = sys.stdout or open(os.devnull, "w")  # noqa: SIM115 (open to the end)
    sys.stderr = sys.stderr or open(os.devnull, "w")  # noqa: SIM115
    make_safe(sys.stdout)
    make_safe(sys.stderr)


def say(text: str) -> None:
    """One line on standard error, which may be closed."""
    from leakscan.cli.terminal import width_of, wrapped

    line = text.replace("\n", " ")
    try:
        width = width_of(sys.stderr)
        shown = [[(line, "")]] if width is None else wrapped([[(line, "")]], width)
        print(joined(shown), end="", file=sys.stderr, flush=True)
    except OSError:  # leakscan check 2>&1 | head -1
        _drop(sys.stderr)
    except ValueError:  # it is closed
        return


def print_lines(lines: Iterable[Line], stream: TextIO | None = None) -> None:
    """Styled lines on standard output, or on another stream."""
    from leakscan.cli.terminal import write_lines

    out = stream or sys.stdout
    write_lines(lines, out)
    out.flush()


def joined(lines: Iterable[Line]) -> str:
    """Styled lines as plain text."""
    return "".join("".join(part for part, _ in line) + "\n" for line in lines)


def write_bytes(data: bytes) -> None:
    """Bytes on standard output, as they are."""
    sys.stdout.flush()
    stream = getattr(sys.stdout, "buffer", None)
    if stream is None:
        sys.stdout.write(data.decode("utf-8", "replace"))
    else:
        stream.write(data)
        stream.flush()


def until_closed(write: Callable[..., object], *arguments: object, code: int) -> int:
    """Write; when the reader of the pipe has had enough, stop quietly. The exit code stays the result's."""
    try:
        write(*arguments)
        if not sys.stdout.closed:  # as the server leaves it
            sys.stdout.flush()  # at exit Python would not know what to do about an error
    except BrokenPipeError:
        _drop(sys.stdout)
    except OSError as error:
        raise unwritten(error) from error
    return code


def unwritten(error: OSError) -> LeakscanError:
    """What to say where standard output cannot be written; nothing more is written to it."""
    _drop(sys.stdout)
    return LeakscanError(f"standard output: cannot be written: {error.strerror}")


def _drop(stream: TextIO) -> None:
    # Python flushes it once more at exit, which must not fail again.
    devnull = os.open(os.devnull, os.O_WRONLY)
    os.dup2(devnull, stream.fileno())
    os.close(devnull)
