"""What a measured program prints: all of it digested and counted, both ends kept."""

from __future__ import annotations

import hashlib
import re
from typing import IO

from leakscan.validation.measurements import Output


class Stream:
    """One output stream of the child: everything is digested and counted, head and tail are kept."""

    def __init__(self, source: IO[bytes], keep_bytes: int) -> None:
        self.source = source
        self._keep = keep_bytes
        self._digest = hashlib.sha256()
        self._size = 0
        self._head = bytearray()
        self._tail = bytearray()

    def feed(self, data: bytes) -> None:
        """Take what was read."""
        self._digest.update(data)
        self._size += len(data)
        room = self._keep - len(self._head)
        self._head += data[:room]
        self._tail += data[max(room, 0) :]
        del self._tail[: -self._keep or None]

    @property
    def left_out_bytes(self) -> int:
        """What was digested and is not kept."""
        return self._size - len(self._head) - len(self._tail)

    def text(self) -> str:
        """What was kept, with a note in the place of what was not."""
        note = f"\n[... {self.left_out_bytes} bytes left out ...]\n" if self.left_out_bytes else ""
        return _decode(self._head) + note + _decode(self._tail)

    def output(self) -> Output:
        """What is recorded of the stream."""
        kept_all = not self.left_out_bytes
        parts = [self._head + self._tail] if kept_all else [self._head, self._tail]
        numbers = tuple(number for part in parts for number in printed_numbers(_decode(part)))
        return Output(self._digest.hexdigest(), self._size, numbers, kept_all)


def _decode(data: bytes | bytearray) -> str:
    return data.decode("utf-8", "replace")


_NUMBER = re.compile(r"(?<![\w.])[-+]?(?:\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?|nan|inf)(?![\w])")
_NOISE = re.compile(
    r"""
    \x1b\[[0-9;]*[A-Za-z]                                    # colours
    | \b\d{4}-\d\d-\d\d\b | \b\d{1,2}:\d\d(?::\d\d(?:\.\d+)?)?\b  # dates, times of day, durations
    | \b\d+(?:\.\d+)?(?:e[-+]?\d+)?\s?(?:[num\u00b5]?s|secs?|seconds?|minutes?|min|hours?|it/s)(?:/\w+)?\b
    | \b0x[0-9a-fA-F]+\b                                     # addresses
    """,
    re.VERBOSE,
)
_MOST_NUMBERS = 4000


def printed_numbers(text: str) -> tuple[str, ...]:
    """The numbers in `text` as printed, without durations, times of day and addresses; the first 4000.

    Of lines that were overwritten (progress bars: carriage return, backspace) the last state counts.
    """
    lines = (re.split(r"[\r\b]", line.rstrip("\r"))[-1] for line in text.split("\n"))
    found = _NUMBER.findall(_NOISE.sub(" ", "\n".join(lines)))
    return tuple(found[:_MOST_NUMBERS])
