"""Processes that share work: forks of this one, so that nothing has to be sent there.

Only for one thread: a fork has the thread that made it, and none of the locks that others hold are let go.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import NoReturn

_NUMBER_BYTES = 4
_CHUNK_BYTES = 1 << 16
#: What ends a run.
_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP) if hasattr(signal, "SIGHUP") else ()


def usable_cores() -> int:
    """How many processes can work at once."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def can_fork() -> bool:
    """Whether this process can be forked: under Linux, as long as it has one thread."""
    return sys.platform == "linux" and threading.active_count() == 1


def in_processes(
    count: int, processes: int, work: Callable[[int], bytes], size: int = _CHUNK_BYTES
) -> Iterator[tuple[int, bytes]]:
    """Yield `(number, work(number))` for the numbers below `count`, in the order in which they are done.

    What ends a process, an error or a signal, loses the result that it was working on: its number does not
    come. size: how many bytes are read at once.
    """
    tasks = os.memfd_create("leakscan")
    children: dict[int, int] = {}
    try:
        os.write(tasks, b"".join(number.to_bytes(_NUMBER_BYTES, "little") for number in range(count)))
        # All processes read from one place in the file, where the kernel lets one read at a time.
        os.lseek(tasks, 0, os.SEEK_SET)
        sys.stdout.flush()
        sys.stderr.flush()
        for _ in range(min(processes, count)):
            receive, send = os.pipe()
            # Ended between the fork and the note of it, this process would leave the other one behind.
            mask = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
            try:
                child = os.fork()
                if child == 0:
                    _serve(tasks, send, work, mask)
                children[receive] = child
                os.close(send)
            finally:
                signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        yield from _results(children, size)
    finally:
        os.close(tasks)
        for receive, child in children.items():
            os.close(receive)
            # One that is done has closed its end and cannot be hurt.
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)


def _serve(tasks: int, send: int, work: Callable[[int], bytes], mask: Iterable[int]) -> NoReturn:
    """Work until there are no more tasks. What this process leaves behind is its parent's.

    mask: the signals that the process does not let through.
    """
    code = 1
    try:
        for number in _ENDING:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        while token := os.read(tasks, _NUMBER_BYTES):
            data = work(int.from_bytes(token, "little"))
            _send(send, token + len(data).to_bytes(_NUMBER_BYTES, "little") + data)
        code = 0
    finally:
        # No exit handlers, no buffers, no traceback: the parent works again on what is missing, and tells.
        os._exit(code)


def _send(send: int, data: bytes) -> None:
    while data:
        data = data[os.write(send, data) :]


def _results(children: dict[int, int], size: int) -> Iterator[tuple[int, bytes]]:
    """Yield what the processes send: a number, a length and so many bytes."""
    with selectors.DefaultSelector() as selector:
        parts = {receive: bytearray() for receive in children}
        for receive in children:
            selector.register(receive, selectors.EVENT_READ)
        while parts:
            for key, _ in selector.select():
                received = os.read(key.fd, size)
                if not received:
                    selector.unregister(key.fd)
                    del parts[key.fd]
                    continue
                held = parts[key.fd]
                held += received
                yield from _whole(held)


def _whole(held: bytearray) -> Iterator[tuple[int, bytes]]:
    """Take from what was received what came as a whole."""
    head = 2 * _NUMBER_BYTES
    while len(held) >= head:
        length = int.from_bytes(held[_NUMBER_BYTES:head], "little")
        if len(held) < head + length:
            return
        number, data = int.from_bytes(held[:_NUMBER_BYTES], "little"), bytes(held[head : head + length])
        del held[: head + length]
        yield number, data


__all__ = ["can_fork", "in_processes", "usable_cores"]
