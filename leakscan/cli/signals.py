"""What ends leakscan from outside unwinds it: folders are removed, children ended, finished runs kept."""

from __future__ import annotations

import contextlib
import signal
import time
from collections.abc import Iterator
from types import FrameType

#: Sent when a service or a terminal ends. Windows has no SIGHUP.
_ENDING = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))
#: `timeout` signals its child and then the group the child is in: what follows at once is the same request.
_REPEAT_SECONDS = 5.0


class Terminated(BaseException):
    """A signal asked this process to end. No `Exception`, so that nothing takes it for a fault of its own.

    `exit_code` is what shells make of the signal: 128 and its number, 143 for SIGTERM.
    """

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.exit_code = 128 + number


@contextlib.contextmanager
def signals_unwind() -> Iterator[None]:
    """Within it SIGINT raises KeyboardInterrupt, SIGTERM and SIGHUP raise Terminated.

    Shells start background jobs with SIGINT ignored, and children inherit that: Ctrl-C would end neither
    leakscan nor the program that it runs, so it is set back. SIGTERM and SIGHUP that are ignored stay so,
    since that was asked for (`nohup`). Outside of the main thread, where Python sets no handlers, it does
    nothing.
    """
    before = {}
    raises = _Raises()
    # Python raises ValueError in other threads.
    with contextlib.suppress(ValueError):
        if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
            before[signal.SIGINT] = signal.signal(signal.SIGINT, signal.default_int_handler)
        for number in _ENDING:
            if signal.getsignal(number) is signal.SIG_DFL:
                before[number] = signal.signal(number, raises)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def terminated() -> Terminated | None:
    """Return what a signal has raised within `signals_unwind`: a library may take it for Ctrl-C."""
    handlers = map(signal.getsignal, _ENDING)
    return next((item.raised for item in handlers if isinstance(item, _Raises) and item.raised), None)


class _Raises:
    """The handler: of signals that follow at once the first raises; others would break off cleaning up."""

    def __init__(self) -> None:
        self._first: float | None = None
        self.raised: Terminated | None = None

    def __call__(self, number: int, _frame: FrameType | None) -> None:
        now = time.monotonic()
        if self._first is None or now > self._first + _REPEAT_SECONDS:
            self._first = now
            self.raised = Terminated(number)
            raise self.raised
