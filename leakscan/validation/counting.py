"""What the program's own process tells while it runs; a plain file beside `worker.py`, for Python 3.8 and on.

Events on a descriptor of their own, the beginning of the body, the iterations of flagged loops with what is
kept of each, the end after so many of them, and the memory of GPUs.
"""

from __future__ import annotations

import contextlib
import json
import operator
import os
import resource
import signal
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

#: Asks the worker to end its program. Programs use others.
STOP_SIGNAL = getattr(signal, "SIGRTMAX", signal.SIGUSR2)
_HIGH_DESCRIPTOR = 200  # out of the way of programs that count on the lowest numbers
_COST_FACTOR = 150  # time between two records, in costs of a record
_FLUSH_SECONDS = 0.25  # records are written together, since each write wakes the supervisor
_RECORDS_PER_ELAPSED = 512


# -- events -------------------------------------------------------------------------------------------------


class Channel:
    """Writes events to a descriptor, and stops for good when that is no longer the one it was given.

    Each line begins with `key`, by which the supervisor knows it from what the program may write there.
    """

    def __init__(self, descriptor: int, key: str) -> None:
        self._descriptor = descriptor
        self._key = key
        self._identity = identity(descriptor)
        self.owner = os.getpid()

    def send(self, event: str, **fields: Any) -> bool:
        """Write one event, and say whether that was possible, as `write`."""
        return self.write([json.dumps(dict(fields, event=event))])

    def write(self, lines: list[str]) -> bool:
        """Write events; not in forked children, nor after the program closed the descriptor.

        It may have opened a file of its own there.
        """
        if os.getpid() != self.owner:
            return False
        try:
            if identity(self._descriptor) != self._identity:
                return False
            data = "".join(f"{self._key}{line}\n" for line in lines).encode()
            while data:
                data = data[os.write(self._descriptor, data) :]
        except OSError:
            self.owner = -1
        return self.owner != -1


def identity(descriptor: int) -> tuple[int, int]:
    """What tells the file behind a descriptor from others."""
    status = os.fstat(descriptor)
    return status.st_dev, status.st_ino


def move_up(descriptor: int) -> int:
    """The same descriptor at a high number, closed when another program is executed."""
    import fcntl

    try:
        moved = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, _HIGH_DESCRIPTOR)
    except OSError:  # the limit of open files is lower
        moved = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 3)
    os.close(descriptor)
    return moved


# -- the body ---------------------------------------------------------------------------------------------


class Start:
    """The beginning of the program's body, wherever in the program that is.

    `describe` gives what the supervisor is told of it. Times of the body are since the first call of `now`.
    """

    def __init__(self, channel: Channel, go: int, describe: Callable[[], dict[str, Any]]) -> None:
        self._channel = channel
        self._go = go
        self._identity = identity(go)
        self._describe = describe
        self._owner = os.getpid()
        self._begin: tuple[float, float] | None = None

    @property
    def seen(self) -> bool:
        """Whether the body has begun."""
        return self._begin is not None

    def now(self) -> None:
        """The body begins here: say so, and wait for the go; nothing when called again, or by a child."""
        if self._begin is not None or os.getpid() != self._owner:
            return
        self._begin = (time.perf_counter(), time.process_time())  # another thread does not wait
        if self._channel.send("ready", **self._describe()):
            self._wait()
        self._begin = (time.perf_counter(), time.process_time())

    def _wait(self) -> None:
        try:
            if identity(self._go) != self._identity:
                return  # the program closed it
            if not os.read(self._go, 1):
                os._exit(1)
            os.close(self._go)
        except OSError:
            return

    def clock(self) -> tuple[float, float]:
        """Wall and CPU seconds of this process since the body began, which it does now at the latest."""
        self.now()
        wall, cpu = self._begin or (0.0, 0.0)
        return time.perf_counter() - wall, time.process_time() - cpu


class Ended(SystemExit):
    """Ends the program as `sys.exit()` would, from the top of a pass that is not wanted any more."""


class Limit:
    """Ends the program after `passes` of a counted loop (None: any number), or when its time is over.

    It ends by an exception, so that `finally` blocks, context managers and exit handlers run. Just before,
    `report(cut, passes)` is called with why (`passes`, `seconds`) and what is known of the loop's passes. A
    program that goes on all the same gets the exception again at each pass; the supervisor is told.
    """

    def __init__(
        self,
        passes: int | None,
        channel: Channel,
        clocks: tuple[Callable[[], tuple[float, float]], Callable[[], float]],
        report: Callable[[str, dict[str, Any] | None], None],
    ) -> None:
        self.passes = sys.maxsize if passes is None else passes
        self.time_is_over = False
        self.is_busy = False  # within what is ours: an exception would leave half an event behind
        self.tickers: list[Ticker] = []
        self._channel = channel
        self._clock, self._tree_cpu_seconds = clocks
        self._report = report
        self._owner = os.getpid()
        self._cut = False
        self._raised = 0
        self._finished = False

    def listen(self) -> None:
        """Hear the signal by which the supervisor says that the time is over; for the main thread."""
        signal.signal(STOP_SIGNAL, lambda *_: self._on_signal())

    def finish(self) -> None:
        """The program has come to its end: there is nothing left to end."""
        self._finished = True

    def turn(self, ticker: Ticker, count: int) -> None:
        """The top of a pass after `count` others: of the first two, and of each that is not wanted."""
        if os.getpid() != self._owner or self._finished:
            return  # a forked child; an exit handler
        if not self._cut:
            if count < 2:  # noqa: PLR2004 - the first pass is between these two
                mark = (self._clock()[0], self._tree_cpu_seconds())
                ticker.marks.append(mark)
                self._channel.send(
                    "pass", loop=ticker.loop, iteration=count, seconds=mark[0], cpu_seconds=mark[1]
                )
            if count < self.passes and not self.time_is_over:
                return
            known = {"loop": ticker.loop, "count": count, "length": ticker.length, "marks": ticker.marks}
            self._end("passes" if count >= self.passes else "seconds", known)
        self._raise()

    def _on_signal(self) -> None:
        if os.getpid() != self._owner or self._finished:
            return
        if self._cut:
            if not self._raised and not self.is_busy:  # a pass in another thread was the last one
                self._raise()
            return
        reminded, self.time_is_over = self.time_is_over, True
        # A pass under way may come to its end, until a second signal.
        if not self.is_busy and (reminded or not any(ticker.iterations for ticker in self.tickers)):
            self._end("seconds", None)
            self._raise()

    def _end(self, cut: str, known: dict[str, Any] | None) -> None:
        self.is_busy = True
        self._cut = True
        self._report(cut, known)
        with contextlib.suppress(Exception):  # what was printed shall not be lost, whatever comes
            sys.stdout.flush()

    def _raise(self) -> None:
        self.is_busy = False
        if threading.current_thread() is threading.main_thread():
            self._raised += 1
            if self._raised == 2:  # noqa: PLR2004 - the first one was caught
                self._channel.send("again")
        elif not self._raised:
            signal.pthread_kill(threading.main_thread().ident or 0, STOP_SIGNAL)
        raise Ended(0)


# -- counting iterations ------------------------------------------------------------------------------------


class Ticker:
    """Counts the iterations of one flagged loop and records some; `tick` is called at the top of each.

    With a `limit` the loop is a counted one: its passes end the program. `marks` then has the wall seconds of
    the body and the CPU seconds of the tree at the top of its first two passes, `length` how many it has in
    all, where that is known.
    """

    def __init__(
        self,
        loop: int,
        channel: Channel,
        clock: Callable[[], tuple[float, float]],
        limit: Limit | None = None,
    ) -> None:
        self.loop = loop
        self.length: int | None = None
        self.marks: list[tuple[float, float]] = []
        self._length_is_unknown = False
        self._channel = channel
        self._clock = clock
        self._first: float | None = None
        self._last = -1
        self._lines: list[str] = []
        self._flush_due = 0.0
        self._statm: int | None = None
        self._page = resource.getpagesize()
        self._rss()  # opens what it reads, so that the first record costs what the others do
        self.tick, self._count, self._disable = self._counter() if limit is None else self._limited(limit)
        if limit is not None:
            limit.tickers.append(self)

    @property
    def iterations(self) -> int:
        """The iterations that began."""
        return self._count()

    def _counter(self) -> tuple[Callable[[], None], Callable[[], int], Callable[[], None]]:
        """What runs in every iteration: a closure, since attributes would double its cost of 80 ns."""
        count = 0
        due = 0.0
        now = time.perf_counter

        def tick() -> None:
            nonlocal count, due
            if now() >= due:
                due = self._record(count)
            count += 1

        def disable() -> None:
            nonlocal due
            due = float("inf")

        return tick, lambda: count, disable

    def _limited(self, limit: Limit) -> tuple[Callable[[], None], Callable[[], int], Callable[[], None]]:
        """As `_counter`, of a loop whose passes end the program; the first two and the last are recorded."""
        count = 0
        due = 0.0
        passes = limit.passes
        now = time.perf_counter

        def tick() -> None:
            nonlocal count, due
            limit.is_busy = True
            special = count < 2 or count >= passes or limit.time_is_over  # noqa: PLR2004
            if now() >= due or (special and due < float("inf") and self._last < count):
                due = self._record(count)
            if special:
                limit.turn(self, count)
            limit.is_busy = False
            count += 1

        def disable() -> None:
            nonlocal due
            due = float("inf")

        return tick, lambda: count, disable

    def note_length(self, value: Any, part: int = 0) -> Any:
        """Give `value` back, and note how many passes a loop over it has; for the first time that it is met.

        `part` 1 is what has a method `split` that is gone over, 2 what that method gives.
        """
        if self.iterations or os.getpid() != self._channel.owner:
            return value
        found = splits_of(value) if part == 1 else length_of(value)
        if found is not None:
            self.length = found if self.length is None else min(found, self.length)
        elif part == 0:
            self._length_is_unknown = True
        if self._length_is_unknown:
            self.length = None
        return value

    def disable(self) -> None:
        """Record nothing any more: this is a forked child, whose iterations are not the worker's."""
        self._disable()

    def flush(self) -> None:
        """Write what was recorded and not yet written."""
        if self._lines:
            self._channel.write(self._lines)
            self._lines.clear()

    def _record(self, iteration: int) -> float:
        """Note the state at the top of an iteration; when the next note is due."""
        seconds, cpu = self._clock()
        self._last = iteration
        begin = time.thread_time()  # not the wall's: being interrupted is no cost of ours
        if self._first is None:
            self._first = time.perf_counter()
        # Before the first iteration the framework may not be set up yet, and asking would set it up.
        gpu = gpu_bytes("current") if iteration else None
        self._lines.append(
            f'{{"event": "tick", "loop": {self.loop}, "iteration": {iteration}, '
            f'"seconds": {seconds:.6f}, "cpu_seconds": {cpu:.6f}, '
            f'"rss_bytes": {self._rss() or "null"}, "gpu_bytes": {gpu or "null"}}}'
        )
        cost = time.thread_time() - begin
        now = time.perf_counter()
        if now >= self._flush_due:
            self.flush()
            self._flush_due = now + _FLUSH_SECONDS
        return now + max(_COST_FACTOR * cost, (now - self._first) / _RECORDS_PER_ELAPSED)

    def _rss(self) -> int | None:
        try:
            if self._statm is None:
                self._statm = move_up(os.open("/proc/self/statm", os.O_RDONLY))
            return int(os.pread(self._statm, 128, 0).split()[1]) * self._page
        except (OSError, ValueError, IndexError):
            return None


def length_of(value: Any) -> int | None:
    """How many elements there are, None if that can't be told without going over them."""
    try:
        length = operator.length_hint(value, -1)
    except Exception:  # noqa: BLE001 - anything may have a length of its own, which may not be known
        return None
    return length if length >= 0 else None


def splits_of(splitter: Any) -> int | None:
    """How many splits one of scikit-learn's splitters makes, None if it does not tell or is none."""
    for name in ("get_n_splits", "n_splits"):
        try:
            found = getattr(splitter, name)
            found = found() if callable(found) else found
        except Exception:  # noqa: BLE001, S112 - `LeaveOneOut` needs the data
            continue
        if isinstance(found, int):
            return found
    return None


# -- accounts of frameworks ---------------------------------------------------------------------------------

_NO_GPU: list[bool] = []  # filled once the framework has said that there is none


def keras_backend() -> str | None:
    """What the imported Keras computes with (`tensorflow`, `torch`, `jax`), None without Keras 3."""
    backend = getattr(sys.modules.get("keras"), "backend", None)
    try:
        return str(backend.backend()) if backend is not None else None
    except Exception:  # noqa: BLE001 - a module that is only called keras
        return None


def gpu_bytes(which: str) -> int | None:
    """Memory of all GPUs by the framework's own account (`current` or `peak`), None without a GPU.

    `nvidia-smi` would show the framework's pool, which neither a leak nor a fix changes. The framework is the
    one that Keras computes with, or else the one that is imported: asking another would set that one up.
    """
    if _NO_GPU:
        return None
    own = keras_backend()
    name = next((each for each in ([own] if own else _ACCOUNTS) if each in sys.modules), None)
    if name not in _ACCOUNTS:
        return None
    try:
        found = _ACCOUNTS[name](sys.modules[name], which)
    except Exception:  # noqa: BLE001 - each framework raises its own; the measurement is then absent
        return None
    if found is None:
        _NO_GPU.append(True)
    return found


def _tensorflow_bytes(tensorflow: Any, which: str) -> int | None:
    if not tensorflow.config.list_physical_devices("GPU"):
        return None
    names = [gpu.name.rpartition("/device:")[2] for gpu in tensorflow.config.list_logical_devices("GPU")]
    return sum(int(tensorflow.config.experimental.get_memory_info(name)[which]) for name in names)


def _torch_bytes(torch: Any, which: str) -> int | None:
    if not torch.cuda.is_available():
        return None
    ask = torch.cuda.memory_allocated if which == "current" else torch.cuda.max_memory_allocated
    return sum(int(ask(number)) for number in range(torch.cuda.device_count()))


def _jax_bytes(jax: Any, which: str) -> int | None:
    gpus = [device for device in jax.local_devices() if device.platform == "gpu"]
    key = "bytes_in_use" if which == "current" else "peak_bytes_in_use"
    return sum(int(device.memory_stats()[key]) for device in gpus) if gpus else None


_ACCOUNTS: dict[str, Callable[[Any, str], int | None]] = {
    "tensorflow": _tensorflow_bytes,
    "torch": _torch_bytes,
    "jax": _jax_bytes,
}
