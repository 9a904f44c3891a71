"""Runs one measured program; a plain file for any Python from 3.8 on, which need not have leakscan.

usage: python worker.py JSON

The process that the supervisor starts is the *keeper*. It forks the *worker*, adopts whatever the program
leaves behind, and kills all of it when the program ends or when its life line is cut, which happens when the
supervisor dies in whatever way. The worker runs the program in its own interpreter as `python SCRIPT` or
`python -m MODULE` would, or replaces itself by a command.

Events are JSON lines on a descriptor of their own; standard output belongs to the program:
- `start`: the program begins
- `ready`: its body begins; the worker waits for one byte on `go`
- `tick`: the top of an iteration of a flagged loop
- `done`: the end of the script's body
- `exit`: from the keeper; the status as of `wait`, and the CPU time of the whole tree, all of it ended

**How iterations are counted.** The source on disk is never changed. When the module that holds a flagged
loop is compiled, one call is put at the top of the loop's body (of the element, for a comprehension; of the
function, for a function that others call repeatedly) in its syntax tree; line numbers stay. A loop within a
`tf.function` runs in the graph, from the source on disk: it is traced as written and not counted. Every
iteration is counted, and an iteration is recorded when at least 150 times the cost of the last record has
passed since then, which bounds the overhead to under 1 %, and at least 1/512 of the time since the first
iteration, which bounds the number of records.

**Where the body begins.** The program runs from its first line; nothing is imported and no variable is set
for it beforehand, since it may choose what it imports by what it sets. Its body begins after the imports of
its main file, if those import TensorFlow or Keras; at the first iteration of a flagged loop, if that comes
earlier; when the import is over, if it stands in functions; at once, if there is none. A program that ends
earlier has no body.
"""

from __future__ import annotations

import sys

# This folder holds modules with names of the standard library's (`statistics`).
if __name__ == "__main__" and sys.path[0] and __file__.startswith(sys.path[0]):
    del sys.path[0]

import builtins
import contextlib
import enum
import functools
import importlib.machinery
import importlib.util
import json
import os
import re
import resource
import select
import signal
import time
import traceback
import types
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import types as _types
    from collections.abc import Callable


def _beside(name: str) -> _types.ModuleType:
    """A plain file of this folder, under a name that hides no module of the program's."""
    path = os.path.join(os.path.dirname(os.path.realpath(__file__)), name + ".py")
    spec = importlib.util.spec_from_file_location("_leakscan_" + name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if TYPE_CHECKING or __name__ != "__main__":
    from leakscan.validation import marking
else:
    marking = _beside("marking")

_REPORTED_PACKAGES = (*marking.FRAMEWORKS, "numpy", "torch", "jax")
_HIGH_DESCRIPTOR = 200  # out of the way of programs that count on the lowest numbers
_COST_FACTOR = 150  # time between two records, in costs of a record
_FLUSH_SECONDS = 0.25  # records are written together, since each write wakes the supervisor
_RECORDS_PER_ELAPSED = 512
_GRACE_SECONDS = 0.5  # what the program's own helpers get to end by themselves
_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_SYS_TICKS = os.sysconf("SC_CLK_TCK")


# -- descriptors and processes ------------------------------------------------------------------------------


class Channel:
    """Writes events to a descriptor, and stops for good when that is no longer the one it was given.

    Each line begins with `key`, by which the supervisor knows it from what the program may write there.
    """

    def __init__(self, descriptor: int, key: str) -> None:
        self._descriptor = descriptor
        self._key = key
        self._identity = identity(descriptor)
        self._owner = os.getpid()

    def send(self, event: str, **fields: Any) -> bool:
        """Write one event, and say whether that was possible, as `write`."""
        return self.write([json.dumps(dict(fields, event=event))])

    def write(self, lines: list[str]) -> bool:
        """Write events; not in forked children, nor after the program closed the descriptor.

        It may have opened a file of its own there.
        """
        if os.getpid() != self._owner:
            return False
        try:
            if identity(self._descriptor) != self._identity:
                return False
            data = "".join(f"{self._key}{line}\n" for line in lines).encode()
            while data:
                data = data[os.write(self._descriptor, data) :]
        except OSError:
            self._owner = -1
        return self._owner != -1


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


def set_process_option(option: int, value: int) -> None:
    """Linux's prctl(2); nothing elsewhere."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def descendants(root: int) -> list[int]:
    """Every living process below `root`, from /proc; empty where there is none. Zombies are left out."""
    children: dict[int, list[int]] = {}
    try:
        entries = os.listdir("/proc")
    except OSError:
        return []
    for entry in entries:
        if not entry.isdigit():
            continue
        fields = stat_fields(int(entry))
        if fields is not None and fields[0] not in ("Z", "X"):
            children.setdefault(int(fields[1]), []).append(int(entry))
    found: list[int] = []
    pending = [root]
    while pending:
        below = children.get(pending.pop(), [])
        found.extend(below)
        pending.extend(below)
    return found


def stat_fields(pid: int) -> list[str] | None:
    """/proc/PID/stat from the state on (proc(5), field 3), None when the process is gone."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()
    except OSError:
        return None


def tree_cpu_seconds() -> float:
    """User and system time of this process, of its children that ended, and of its living descendants."""
    own = resource.getrusage(resource.RUSAGE_SELF)
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    total = own.ru_utime + own.ru_stime + ended.ru_utime + ended.ru_stime
    if not has_children():
        return total
    for pid in descendants(os.getpid()):
        fields = stat_fields(pid)
        if fields is not None:
            total += sum(int(field) for field in fields[11:15]) / _SYS_TICKS
    return total


def has_children() -> bool:
    """Whether this process has children now; True when that can't be told."""
    try:
        for task in os.listdir("/proc/self/task"):
            with open("/proc/self/task/" + task + "/children") as file:
                if file.read():
                    return True
    except OSError:
        return True
    return False


# -- the keeper ---------------------------------------------------------------------------------------------


def keep(worker: int, channel: Channel, life: int, start_up_seconds: float) -> None:
    """Wait for the worker, reap everything, and leave nothing alive; ends the process."""
    wake, alarm = os.pipe()
    os.set_blocking(alarm, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(alarm)
    status: int | None = None
    leftover = 0
    while status is None:
        status = reap(worker)
        if status is not None:
            break
        readable, _, _ = select.select([life, wake], [], [])
        if wake in readable:
            os.read(wake, 4096)
        if life in readable and not os.read(life, 1):
            break
    if status is not None:
        deadline = time.monotonic() + _GRACE_SECONDS
        while time.monotonic() < deadline and reap_others() and descendants(os.getpid()):
            time.sleep(0.01)
        leftover = len(descendants(os.getpid()))
    status = end_all(worker, status)
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = start_up_seconds + usage.ru_utime + usage.ru_stime
    channel.send("exit", status=status, cpu_seconds=cpu, leftover=leftover)
    os._exit(0)


def reap(worker: int) -> int | None:
    """The worker's wait status if it has ended; adopted processes that ended are reaped on the way."""
    status = None
    while True:
        try:
            pid, this = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return status
        if pid == 0:
            return status
        if pid == worker:
            status = this


def reap_others() -> bool:
    """Reap what ended; whether any child is left."""
    while True:
        try:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                return True
        except ChildProcessError:
            return False


def end_all(worker: int, status: int | None) -> int | None:
    """Kill every descendant, those born meanwhile too; the worker's wait status."""
    while True:
        kill_group(worker)
        for pid in descendants(os.getpid()):
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        try:
            pid, this = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return status
        if pid == worker:
            status = this
        if pid == 0:
            time.sleep(0.005)


def kill_group(leader: int) -> None:
    """SIGKILL to the process group of `leader`."""
    with contextlib.suppress(OSError):
        os.killpg(leader, signal.SIGKILL)


def become_worker(keeper: int) -> None:
    """Die with the keeper, in a process group of its own, and be the first to go when memory runs out."""
    set_process_option(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != keeper:
        os._exit(1)
    os.setsid()
    # Shells start background jobs with SIGINT ignored, which would be inherited.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:
        file.write("1000")


# -- counting iterations ------------------------------------------------------------------------------------


class Ticker:
    """Counts the iterations of one flagged loop and records some; `tick` is called at the top of each."""

    def __init__(self, loop: int, channel: Channel, clock: Callable[[], tuple[float, float]]) -> None:
        self._loop = loop
        self._channel = channel
        self._clock = clock
        self._first: float | None = None
        self._lines: list[str] = []
        self._flush_due = 0.0
        self._statm: int | None = None
        self._page = resource.getpagesize()
        self._rss()  # opens what it reads, so that the first record costs what the others do
        self.tick, self._count, self._disable = self._counter()

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
        begin = time.thread_time()  # not the wall's: being interrupted is no cost of ours
        if self._first is None:
            self._first = time.perf_counter()
        # Before the first iteration the framework may not be set up yet, and asking would set it up.
        gpu = gpu_bytes("current") if iteration else None
        self._lines.append(
            f'{{"event": "tick", "loop": {self._loop}, "iteration": {iteration}, '
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


# -- generators ---------------------------------------------------------------------------------------------


def seed_python(seed: int) -> None:
    """Seed Python's own generator."""
    import random

    random.seed(seed)


#: What is seeded as soon as it is imported, so that seeds of the program's own come later.
_SEEDED: dict[str, Callable[[Any, int], None]] = {
    "numpy.random": lambda module, seed: module.seed(seed % 2**32),
    "tensorflow": lambda module, seed: module.random.set_seed(seed),
}


def seed_module(name: str, seed: int) -> None:
    """Seed the generators of a module that has been imported."""
    # A module that is only called so has no such generators.
    with contextlib.suppress(Exception):
        _SEEDED[name](sys.modules[name], seed)


def call_all(functions: list[Callable[[], None]]) -> None:
    """Call one after the other."""
    for function in functions:
        function()


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


def versions() -> dict[str, str]:
    """The versions of Python and of the packages that matter, as far as they were imported."""
    found = {"python": ".".join(str(part) for part in sys.version_info[:3])}
    for name in _REPORTED_PACKAGES:
        version = getattr(sys.modules.get(name), "__version__", None)
        if isinstance(version, str):
            found[name] = version
    backend = keras_backend()
    if backend is not None:
        found["keras backend"] = backend
    return found


# -- the program --------------------------------------------------------------------------------------------


def run_script(path: str, marks: marking.Marks | None) -> None:
    """Run a file as `python PATH` does, which makes the path absolute since Python 3.9."""
    path = os.path.abspath(path)
    main = types.ModuleType("__main__")
    main.__dict__.update(
        __file__=path,
        __builtins__=builtins,
        __cached__=None,
        __loader__=importlib.machinery.SourceFileLoader("__main__", path),
    )
    sys.modules["__main__"] = main
    with open(path, "rb") as file:
        source = file.read()
    code = marking.compile_marked(source, path, marks or marking.Marks())
    exec(code, main.__dict__)  # noqa: S102 - running the user's program is the purpose


def run_module(name: str, when_found: Callable[[], None]) -> None:
    """Run a module as `python -m NAME` does; `when_found` is called when its packages are imported."""
    import runpy

    # runpy.run_module takes its module out of sys.modules while threads and exit handlers still use it.
    _, spec, code = runpy._get_module_details(name)  # type: ignore[attr-defined]  # noqa: SLF001
    when_found()
    main = types.ModuleType("__main__")
    main.__dict__.update(
        __file__=spec.origin,
        __builtins__=builtins,
        __cached__=spec.cached,
        __loader__=spec.loader,
        __package__=spec.parent,
        __spec__=spec,
    )
    sys.argv[0] = spec.origin
    sys.modules["__main__"] = main
    exec(code, main.__dict__)  # noqa: S102 - running the user's program is the purpose


def exit_status(error: BaseException | None) -> int:
    """What Python would end with after `error` left the script; prints the traceback that it would print."""
    if error is None:
        return 0
    if isinstance(error, SystemExit):
        if error.code is None or isinstance(error.code, int):
            return error.code or 0
        sys.stderr.write(str(error.code) + "\n")
        return 1
    own = (__file__, marking.__file__, sys.modules["ast"].__file__)
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename in own:
        trace = trace.tb_next
    traceback.print_exception(type(error), error, trace)
    return 1


class Beginning(enum.Enum):
    """Where the body of a program begins."""

    AT_ONCE = enum.auto()  # no framework is mentioned
    IN_MAIN = enum.auto()  # after imports of the main file
    BEFORE_MAIN = enum.auto()  # the packages of `-m MODULE` import a framework, and the module none
    WHEN_IMPORTED = enum.auto()  # a framework is imported in functions


class Start:
    """The beginning of the program's body, wherever in the program that is.

    `cpu_seconds` tells what was used so far. Times of the body are since the first call of `now`.
    """

    def __init__(self, channel: Channel, go: int, cpu_seconds: Callable[[], float]) -> None:
        self._channel = channel
        self._go = go
        self._identity = identity(go)
        self._cpu_seconds = cpu_seconds
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
        self._begin = (0.0, 0.0)  # another thread does not wait
        loaded = [name for name in marking.FRAMEWORKS if name in sys.modules]
        if self._channel.send("ready", cpu_seconds=self._cpu_seconds(), preloaded=loaded):
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

    def when_imported(self, name: str) -> None:
        """The import of a framework is over; the body begins unless it is part of the import of another."""
        specs = (
            getattr(sys.modules.get(each), "__spec__", None) for each in marking.FRAMEWORKS if each != name
        )
        if not any(getattr(spec, "_initializing", False) for spec in specs):
            self.now()


class Work:
    """One program in this interpreter: started, timed from where its body begins, and reported.

    CPU times are those of the tree since the interpreter started; `start_up_seconds` came before the fork.
    """

    def __init__(self, task: dict[str, Any], channel: Channel, go: int, start_up_seconds: float) -> None:
        self._start_up_seconds = start_up_seconds
        self._task = task
        self._channel = channel
        self._start = Start(channel, go, self._cpu_seconds)
        self._tickers: list[Ticker] = []
        self._files: dict[str, marking.Marks] = {}

    def run(self) -> int:
        """Run the program, report `start`, `ready` and `done`; the exit status for the process."""
        task = self._task
        sys.argv = [task["target"], *task["arguments"]]
        self._mark_loops(task["loops"])
        is_script = task["kind"] == "script"
        first = os.path.dirname(os.path.realpath(task["target"])) if is_script else os.getcwd()
        sys.path.insert(0, first)
        beginning = self._beginning(first)
        marking.install_marking(self._files, self._watched(beginning))
        self._channel.send("start")
        if beginning is Beginning.AT_ONCE:
            self._start.now()
        error: BaseException | None = None
        try:
            if is_script:
                run_script(task["target"], self._files.get(os.path.realpath(task["target"])))
            else:
                before_main = beginning is Beginning.BEFORE_MAIN
                run_module(task["target"], self._start.now if before_main else lambda: None)
        except BaseException as raised:  # noqa: BLE001 - whatever ends the script ends the body
            error = raised
        wall = self._start.clock()[0] if self._start.seen else None
        cpu = self._cpu_seconds()
        status = exit_status(error)
        for ticker in self._tickers:
            ticker.flush()
        self._channel.send(
            "done",
            wall_seconds=wall,
            cpu_seconds=cpu,
            status=status,
            iterations=[ticker.iterations for ticker in self._tickers],
            peak_rss_bytes=peak_rss_bytes(),
            peak_gpu_bytes=gpu_bytes("peak"),
            versions=versions(),
        )
        return status

    def _mark_loops(self, loops: list[dict[str, Any]]) -> None:
        for number, loop in enumerate(loops):
            ticker = Ticker(number, self._channel, self._start.clock)
            self._tickers.append(ticker)
            name = f"__leakscan_tick_{number}__"
            setattr(builtins, name, ticker.tick)
            self._marks(loop["path"]).loops.append(dict(loop, name=name))
            os.register_at_fork(after_in_child=ticker.disable)

    def _marks(self, path: str) -> marking.Marks:
        return self._files.setdefault(os.path.realpath(path), marking.Marks())

    def _beginning(self, first: str) -> Beginning:
        """Where the body begins; `first` is the folder that the program's own modules are in."""
        roots = [first, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
        project = marking.Project(roots)
        target = self._task["target"]
        if self._task["kind"] == "script":
            files = [target]
        else:
            files = marking.module_files(target + ".__main__", roots)
            if not files or os.path.basename(files[-1]) != "__main__.py":
                files = marking.module_files(target, roots)
        if not files:
            return Beginning.AT_ONCE
        *packages, main = files
        places = project.ready_places(main)
        if places:
            marks = self._marks(main)
            marks.ready, marks.places = "__leakscan_ready__", places
            setattr(builtins, marks.ready, self._start.now)
            return Beginning.IN_MAIN
        if project.frameworks(packages, at_import=True):
            return Beginning.BEFORE_MAIN
        mentioned = project.frameworks([*files, *self._files], at_import=False)
        return Beginning.WHEN_IMPORTED if mentioned else Beginning.AT_ONCE

    def _watched(self, beginning: Beginning) -> dict[str, marking.Marks]:
        """The modules whose import has something to follow: a seed, the beginning of the body."""
        seed = self._task["seed"]
        if seed is not None:
            seed_python(seed)
        found = {}
        for name in (*marking.FRAMEWORKS, *_SEEDED):
            follow: list[Callable[[], None]] = []
            if seed is not None and name in _SEEDED:
                follow.append(functools.partial(seed_module, name, seed))
            if name in sys.modules:  # a site's own start-up imported it
                for each in follow:
                    each()
            if beginning is Beginning.WHEN_IMPORTED and name in marking.FRAMEWORKS:
                follow.append(functools.partial(self._start.when_imported, name))
            if follow:
                call = f"__leakscan_imported_{name.replace('.', '_')}__"
                setattr(builtins, call, functools.partial(call_all, follow))
                found[name] = marking.Marks(end=call)
        return found

    def _cpu_seconds(self) -> float:
        return self._start_up_seconds + tree_cpu_seconds()


def peak_rss_bytes() -> int | None:
    """The largest resident memory of this process so far (VmHWM), None outside Linux."""
    try:
        with open("/proc/self/status") as file:
            match = re.search(r"^VmHWM:\s*(\d+) kB", file.read(), re.MULTILINE)
    except OSError:
        return None
    return int(match.group(1)) * 1024 if match else None


def main() -> None:
    """Split into keeper and worker."""
    task = json.loads(sys.argv[1])
    report, go, life = (move_up(task[name]) for name in ("report", "go", "life"))
    set_process_option(_PR_SET_CHILD_SUBREAPER, 1)
    keeper = os.getpid()
    usage = resource.getrusage(resource.RUSAGE_SELF)
    # A command has nothing to do with this interpreter.
    start_up = 0.0 if task["kind"] == "command" else usage.ru_utime + usage.ru_stime
    worker = os.fork()
    if worker:
        for descriptor in (0, 1, 2, go):
            os.close(descriptor)
        keep(worker, Channel(report, task["key"]), life, start_up)
    os.close(life)
    become_worker(keeper)
    if task["kind"] == "command":
        try:
            os.execvp(task["target"], [task["target"], *task["arguments"]])  # noqa: S606 - no shell wanted
        except OSError as error:
            sys.stderr.write(f"{task['target']}: {error.strerror}\n")
            os._exit(127)
    sys.exit(Work(task, Channel(report, task["key"]), go, start_up).run())


if __name__ == "__main__":
    main()
