"""Work whose recursion follows the nesting of the checked code, in a thread that has the stack for it.

Two settings of Python hold for the whole process, so they are changed here alone: the size of the stack of
new threads, only while such a thread starts, and the limit of recursion, from the start of the first such
thread to the end of the last one. Meanwhile the other threads of the process have that limit too.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

#: LibCST's parser and the walks recurse with the nesting of the code: 512 MB, most of it never touched.
_STACK_BYTES = 512 * 1024 * 1024
_RECURSION_LIMIT = 60_000
#: How long whoever was interrupted waits for the thread: a native parser cannot be interrupted itself.
_PATIENCE_SECONDS = 2.0
_T = TypeVar("_T")


def with_deep_stack(action: Callable[[], _T]) -> _T:
    """Return what `action` returns, or raise what it raises, after running it in a thread of its own.

    When the caller is interrupted, so is the thread.
    """
    worker = _Worker(action)
    launcher = _Launcher(worker)
    try:
        launcher.start()
        launcher.done.wait()
        if launcher.failure is None:
            worker.done.wait()
            worker.join()
    except BaseException:
        worker.stop()
        raise
    if launcher.failure is not None:
        raise launcher.failure
    return worker.result()


class _Stopped(BaseException):
    """Raised in a thread whose result nobody waits for any more."""


class _Worker(threading.Thread, Generic[_T]):
    """The thread of one action."""

    def __init__(self, action: Callable[[], _T]) -> None:
        super().__init__(name="leakscan", daemon=True)
        self._action = action
        self._results: list[_T] = []
        self._failure: BaseException | None = None
        self.lock = threading.Lock()
        self._active = False
        self._stopped = False
        #: `join` alone will not do: in Python up to 3.12, one that is interrupted takes the thread for ended.
        self.done = threading.Event()

    def run(self) -> None:
        try:
            try:
                self._run()
            finally:
                # Once more: the exception of `stop` may have come in the midst of it.
                _LIMIT.leave(self)
        except _Stopped:
            pass
        finally:
            self.done.set()

    def _run(self) -> None:
        with self.lock:
            self._active = not self._stopped
        if not self._active:
            return
        try:
            _LIMIT.enter(self)
            self._results.append(self._action())
        except BaseException as error:  # noqa: BLE001 -- raised again by the caller's thread
            self._failure = error
        finally:
            _LIMIT.leave(self)
            with self.lock:
                self._active = False

    def stop(self) -> None:
        """Raise an exception in the thread, if it runs, and wait a little for its end."""
        with self.lock:
            self._stopped = True
            if self._active:
                import ctypes  # few are interrupted

                identity = ctypes.c_ulong(self.ident or 0)
                ctypes.pythonapi.PyThreadState_SetAsyncExc(identity, ctypes.py_object(_Stopped))
        if self.ident is not None and self.done.wait(_PATIENCE_SECONDS):
            self.join()

    def result(self) -> _T:
        """Return the result once the thread has ended."""
        failure, self._failure = self._failure, None
        if failure is None:
            return self._results.pop()
        try:
            raise failure
        finally:
            del failure  # or the traceback would keep itself, and all that the action knew


class _Launcher(threading.Thread):
    """Starts a thread with a deep stack; a thread itself, since signals interrupt the main thread only."""

    _lock = threading.Lock()

    def __init__(self, worker: _Worker[_T]) -> None:
        super().__init__(name="leakscan-launcher", daemon=True)
        self._worker = worker
        self.failure: BaseException | None = None
        self.done = threading.Event()

    def run(self) -> None:
        try:
            # The second one keeps the worker waiting until the size is set back.
            with self._lock, self._worker.lock:
                self._launch()
        except Exception as error:  # noqa: BLE001 -- raised again by the caller's thread
            self.failure = error
        finally:
            self.done.set()

    def _launch(self) -> None:
        before = threading.stack_size(_STACK_BYTES)
        try:
            self._worker.start()
        finally:
            threading.stack_size(before)


class _Limit:
    """The limit of recursion of this process, as long as one of several threads needs a high one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._holders: set[threading.Thread] = set()
        self._before: int | None = None

    def enter(self, holder: threading.Thread) -> None:
        """Raise the limit for a thread."""
        with self._lock:
            self._holders.add(holder)
            if self._before is None:
                self._before = sys.getrecursionlimit()
                sys.setrecursionlimit(max(self._before, _RECURSION_LIMIT))

    def leave(self, holder: threading.Thread) -> None:
        """Set the limit back if no other thread needs it; a second call does nothing."""
        with self._lock:
            self._holders.discard(holder)
            if not self._holders and self._before is not None:
                sys.setrecursionlimit(self._before)
                self._before = None


_LIMIT = _Limit()

__all__ = ["with_deep_stack"]
