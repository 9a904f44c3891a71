"""Runs one measured child to its end, whatever it does, and leaves nothing of it behind.

The child is `worker.py` in the user's interpreter (see there for keeper and worker). Its life line is a pipe
of which only this process holds the other end: when this process ends, killed or not, the keeper ends the
tree.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import re
import secrets
import selectors
import signal
import subprocess
import time
from collections.abc import Callable
from typing import Any

from leakscan.errors import LeakscanError
from leakscan.validation import worker
from leakscan.validation.executions import CutLoop, Execution, Launch, Limits, PassMark, Phase, ProgramKind
from leakscan.validation.measurements import Cause, Cut, Fault, Tick, Version
from leakscan.validation.streams import Stream

_SAMPLE_SECONDS = 0.25  # how often the memory and the number of processes are looked at
_SAMPLE_COST_FACTOR = 50  # less often on machines with thousands of processes
_KEEPER_SECONDS = 10.0  # what the keeper gets to end a tree
_CHUNK_BYTES = 1 << 20
_LEAST_PATIENCE_SECONDS = 1.0
_CLEAN_UP_SECONDS = 10.0  # what a program gets for its `finally` and exit handlers after it was cut
_GOES_ON_SECONDS = 3.0  # and when it caught the exception that ends it
_LONGEST_LINE_BYTES = 1 << 20  # a longer "event" is not the worker's


# A phase ended; the CPU seconds of the tree since its start, None where the worker did not report them.
PhaseEnd = Callable[[Phase, "float | None"], None]
# The first or second pass of a counted loop begins, while the child goes on.
PassBegins = Callable[[PassMark], None]


def supervise(
    launch: Launch, limits: Limits, on_phase_end: PhaseEnd, on_pass: PassBegins = lambda _: None
) -> Execution:
    """Run a child to its end and say what it did.

    `on_phase_end(phase, cpu_seconds)` is called at the end of each phase that takes place, in order, while
    the child waits (after PREPARE) or goes on; commands have PREPARE only up to their exit, reported as END.
    KeyboardInterrupt, or any other exception, ends the child's whole tree before it is passed on.

    Raises LeakscanError when the child can't be started at all.
    """
    if os.name != "posix":
        raise LeakscanError("measuring needs Linux or macOS: it relies on process groups, fork and wait")
    child = _Child(launch, limits, on_phase_end, on_pass)
    try:
        return child.run()
    finally:
        child.close()


class _Child:
    """The process under way."""

    def __init__(self, launch: Launch, limits: Limits, on_phase_end: PhaseEnd, on_pass: PassBegins) -> None:
        self._launch = launch
        self._limits = limits
        self._on_phase_end = on_phase_end
        self._on_pass = on_pass
        self._reminders: list[float] = []  # when the program is told that its time is over
        self._patience_ends: float | None = None  # when the program is ended that was told to end
        self._was_forced = False
        self._events: dict[str, dict[str, Any]] = {}
        self._ticks: list[Tick] = []
        self._unread = bytearray()
        self._key = f"{secrets.token_hex(8)} "
        self._fault: Fault | None = None
        self._peak_rss: dict[str, int] = {}
        self._descriptors: list[int] = []
        report, report_end = self._pipe()
        go_end, self._go = self._pipe()
        life_end, self._life = self._pipe()
        task = {
            "kind": launch.program.kind.value,
            "target": launch.program.target,
            "arguments": list(launch.program.arguments),
            "loops": [dataclasses.asdict(loop) for loop in launch.loops],
            "passes": limits.passes,
            "is_timed": limits.body_seconds is not None,
            "seed": launch.seed,
            "layers": [layer.task() for layer in launch.layers],
            "directory": launch.directory,
            "moved": launch.moved,
            "counters": dict(launch.counters),
            "key": self._key,
            "report": report_end,
            "go": go_end,
            "life": life_end,
        }
        command = [launch.python, os.path.realpath(worker.__file__), json.dumps(task)]
        self._started = time.perf_counter()
        try:
            self._keeper = subprocess.Popen(  # noqa: S603 - running the user's program is the purpose
                command,
                cwd=launch.directory,
                env={**os.environ, **launch.environment},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                pass_fds=(report_end, go_end, life_end),
                start_new_session=True,
            )
        except OSError as error:
            self._close_all()
            raise LeakscanError(f"{launch.python}: {error.strerror}; is --python an interpreter?") from None
        for descriptor in (report_end, go_end, life_end):
            self._close(descriptor)
        assert self._keeper.stdout is not None
        assert self._keeper.stderr is not None
        self._report = report
        self._stdout = Stream(self._keeper.stdout, limits.output_bytes)
        self._stderr = Stream(self._keeper.stderr, limits.output_bytes)

    def _pipe(self) -> tuple[int, int]:
        ends = os.pipe()
        self._descriptors.extend(ends)
        return ends

    def _close(self, descriptor: int) -> None:
        if descriptor in self._descriptors:
            self._descriptors.remove(descriptor)
            os.close(descriptor)

    def _close_all(self) -> None:
        for descriptor in tuple(self._descriptors):
            self._close(descriptor)

    def run(self) -> Execution:
        """Follow the child until nothing of it is left."""
        deadline = self._started + self._limits.timeout_seconds
        next_sample = self._started + _SAMPLE_SECONDS
        with selectors.DefaultSelector() as selector:
            selector.register(self._report, selectors.EVENT_READ, self._read_report)
            for stream in (self._stdout, self._stderr):
                selector.register(stream.source, selectors.EVENT_READ, self._reader(stream))
            while selector.get_map():
                now = time.perf_counter()
                for key, _ in selector.select(max(0.0, min(next_sample, deadline, self._next_step()) - now)):
                    if not key.data():
                        selector.unregister(key.fileobj)
                now = time.perf_counter()
                if now >= next_sample:
                    self._sample()
                    end = time.perf_counter()
                    next_sample = end + max(_SAMPLE_SECONDS, _SAMPLE_COST_FACTOR * (end - now))
                if self._cut_when_due(now):
                    deadline = now + _KEEPER_SECONDS
                if now >= deadline:
                    seconds = self._limits.timeout_seconds
                    self._end(Cause.TIMEOUT, f"still running after {seconds:g} s, so it was stopped")
                    deadline = now + _KEEPER_SECONDS
                if (self._fault is not None or self._was_forced) and now >= deadline:
                    break  # the keeper itself hangs
        self._wait_for_keeper()
        return self._execution(time.perf_counter() - self._started)

    def close(self) -> None:
        """End what is left of the tree and give the descriptors back."""
        self._close_all()
        if self._keeper.poll() is None:
            self._wait_for_keeper()
        for stream in (self._stdout, self._stderr):
            stream.source.close()

    def _wait_for_keeper(self) -> None:
        try:
            self._keeper.wait(_KEEPER_SECONDS)
        except subprocess.TimeoutExpired:
            self._keeper.kill()  # its worker dies with it
            self._keeper.wait()

    def _end(self, cause: Cause, message: str) -> None:
        """Have the keeper end the tree; the first cause stays."""
        if self._fault is None:
            self._fault = Fault(cause, message)
        self._close(self._life)

    def _next_step(self) -> float:
        """When there is something to do about a program that is to be cut."""
        times = [*self._reminders[:1], *([] if self._patience_ends is None else [self._patience_ends])]
        return min(times, default=float("inf"))

    def _cut_when_due(self, now: float) -> bool:
        """Tell the program that its time is over, or have the keeper end it: whether that was done."""
        if self._reminders and now >= self._reminders[0]:
            self._reminders.pop(0)
            with contextlib.suppress(OSError):  # it has just ended
                os.write(self._life, b"s")
        if self._patience_ends is not None and now >= self._patience_ends:
            self._patience_ends = None
            self._was_forced = True
            self._close(self._life)
            return True
        return False

    def _plan_cut(self) -> None:
        """The body begins: its time runs."""
        seconds = self._limits.body_seconds
        if seconds is not None:
            begin, patience = time.perf_counter(), max(_LEAST_PATIENCE_SECONDS, seconds / 2)
            self._reminders = [begin + seconds, begin + seconds + patience]
            self._patience_ends = self._reminders[-1] + _CLEAN_UP_SECONDS

    # -- what the child says

    def _reader(self, stream: Stream) -> Callable[[], bool]:
        descriptor = stream.source.fileno()

        def read() -> bool:
            data = os.read(descriptor, _CHUNK_BYTES)
            stream.feed(data)
            return bool(data)

        return read

    def _read_report(self) -> bool:
        data = os.read(self._report, _CHUNK_BYTES)
        self._unread += data
        *lines, rest = self._unread.split(b"\n")
        self._unread = rest[:_LONGEST_LINE_BYTES]
        for line in lines:
            # Whatever else the program may have written there is not an event.
            if line.startswith(self._key.encode()):
                self._on_event(json.loads(line[len(self._key) :]))
        return bool(data)

    def _on_event(self, event: dict[str, Any]) -> None:
        kind = event.pop("event")
        if kind == "tick":
            self._ticks.append(Tick(**event))
            return
        if kind == "pass":
            self._on_pass(PassMark(**event))
            return
        if kind in self._events:
            return
        self._events[kind] = event
        if kind == "ready":
            self._on_phase_end(Phase.PREPARE, event["cpu_seconds"])
            with contextlib.suppress(BrokenPipeError):
                os.write(self._go, b"g")
            self._plan_cut()
        elif kind == "done":
            if "ready" in self._events:
                self._on_phase_end(Phase.BODY, event["cpu_seconds"])
            self._reminders = []
            self._patience_ends = None if event["cut"] is None else time.perf_counter() + _CLEAN_UP_SECONDS
        elif kind == "again":
            self._patience_ends = time.perf_counter() + _GOES_ON_SECONDS
        elif kind == "exit":
            self._reminders, self._patience_ends = [], None
            if "ready" in self._events and "done" not in self._events:
                self._on_phase_end(Phase.BODY, None)
            self._on_phase_end(Phase.END, event["cpu_seconds"])

    # -- what the child uses

    def _sample(self) -> None:
        if self._fault is not None:
            return
        tree = worker.descendants(self._keeper.pid)
        memory = [status_bytes(pid) for pid in tree]
        for name in ("VmHWM", "VmRSS"):
            total = sum(sizes.get(name, 0) for sizes in memory)
            self._peak_rss[name] = max(total, self._peak_rss.get(name, 0))
        limit = self._limits.memory_bytes
        if limit is not None and self._peak_rss["VmRSS"] > limit:
            self._end(
                Cause.MEMORY,
                f"used {self._peak_rss['VmRSS'] / 2**20:.0f} MiB of memory, limit {limit / 2**20:.0f} MiB",
            )
        elif len(tree) > self._limits.processes:
            self._end(Cause.PROCESSES, f"started {len(tree)} processes, limit {self._limits.processes}")

    # -- the end

    def _execution(self, wall_seconds: float) -> Execution:
        launch = self._launch
        ready, done, end = (self._events.get(kind, {}) for kind in ("ready", "done", "exit"))
        status = end.get("status")
        exit_status = None if status is None else os.waitstatus_to_exitcode(status)
        for stream, path in ((self._stdout, launch.stdout_path), (self._stderr, launch.stderr_path)):
            if path is not None:
                with open(path, "w", encoding="utf-8") as file:
                    file.write(stream.text())
        error_tail = self._stderr.text().strip()[-2000:]
        cut = Cut(done["cut"]) if done.get("cut") else Cut.SECONDS if self._was_forced else None
        peaks = [*self._peak_rss.values(), done.get("peak_rss_bytes") or 0]
        return Execution(
            exit_status=exit_status,
            wall_seconds=wall_seconds,
            cpu_seconds=end.get("cpu_seconds"),
            body_wall_seconds=done.get("wall_seconds"),
            output=dataclasses.replace(self._stdout.output(), is_open=cut is Cut.SECONDS or self._was_forced),
            error_tail=error_tail,
            iterations=tuple(done.get("iterations", ())),
            ticks=tuple(self._ticks),
            peak_rss_bytes=max(peaks) or None,
            peak_gpu_bytes=done.get("peak_gpu_bytes"),
            versions=tuple(Version(name, each) for name, each in sorted(done.get("versions", {}).items())),
            preloaded=tuple(ready.get("preloaded", ())),
            leftover_processes=end.get("leftover", 0),
            fault=self._fault or (None if cut is not None else self._fault_of(exit_status, error_tail)),
            cut=cut,
            cut_loop=None if done.get("passes") is None else _cut_loop(done["passes"]),
            was_forced=self._was_forced,
            counts={name: count for name, count in done.get("counts", {}).items() if count is not None},
            uncounted=done.get("uncounted", {}),
        )

    def _fault_of(self, exit_status: int | None, error_tail: str) -> Fault | None:
        last_line = error_tail.rpartition("\n")[2][:300]
        if exit_status is None:
            return Fault(Cause.NOT_STARTED, last_line or "the interpreter ended before the worker began")
        if exit_status < 0:
            number = -exit_status
            name = signal.Signals(number).name if number in set(signal.Signals) else str(number)
            hint = "; the machine may have run out of memory" if number == signal.SIGKILL else ""
            return Fault(Cause.KILLED, f"killed by {name}{hint}")
        is_command = self._launch.program.kind is ProgramKind.COMMAND
        if exit_status > 0:
            if "start" in self._events or is_command:
                return Fault(Cause.FAILED, f"ended with exit status {exit_status}: {last_line}".rstrip(": "))
            return Fault(Cause.NOT_STARTED, f"could not be prepared: {last_line}")
        if "done" not in self._events and not is_command:
            return Fault(
                Cause.UNFINISHED,
                "ended without coming to the end of the script (os._exit, or all descriptors closed)",
            )
        return None


def _cut_loop(passes: dict[str, Any]) -> CutLoop:
    loop = passes["loop"]
    marks = tuple(PassMark(loop, place, *mark) for place, mark in enumerate(passes["marks"]))
    return CutLoop(loop, passes["count"], passes["length"], marks)


def status_bytes(pid: int) -> dict[str, int]:
    """VmHWM and VmRSS of a process in bytes, from /proc; empty when it is gone or outside Linux."""
    try:
        with open(f"/proc/{pid}/status") as file:
            return {name: int(size) * 1024 for name, size in _VM_LINE.findall(file.read())}
    except OSError:
        return {}


_VM_LINE = re.compile(r"^(VmHWM|VmRSS):\s*(\d+) kB", re.MULTILINE)
