"""Runs one measured program: one plain file of any length, for Pythons from 3.8 on that have no leakscan.

usage: python worker.py JSON

The process that the supervisor starts is the *keeper*. It forks the *worker*, adopts whatever the program
leaves behind, and kills all of it when the program ends or when its life line is cut, which happens when the
supervisor dies in whatever way. The worker runs the program in its own interpreter as `python SCRIPT` or
`python -m MODULE` would, or replaces itself by a command.

Events are JSON lines on a descriptor of their own; standard output belongs to the program:
- `start`: the program begins
- `ready`: its body begins; the worker waits for one byte on `go`
- `tick`: the top of an iteration of a flagged loop
- `pass`: the top of the first and of the second pass of a loop whose passes end the program
- `done`: the end of the script's body; `cut` says why, where the program is made to end there
- `again`: it goes on all the same
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
    if spec is None or spec.loader is None:
        raise ImportError(path)
    module = importlib.util.module_from_spec(spec)
    written, sys.dont_write_bytecode = sys.dont_write_bytecode, True  # the folder may be another user's
    try:
        spec.loader.exec_module(module)
    finally:
        sys.dont_write_bytecode = written
    return module


if TYPE_CHECKING or __name__ != "__main__":
    from leakscan.validation import counters, counting, marking
else:
    counters, counting, marking = _beside("counters"), _beside("counting"), _beside("marking")

_REPORTED_PACKAGES = (*marking.FRAMEWORKS, "numpy", "torch", "jax")
_GRACE_SECONDS = 0.5  # what the program's own helpers get to end by themselves
_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_SYS_TICKS = os.sysconf("SC_CLK_TCK")


# -- processes ------------------------------------------------------------------------------


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


def keep(worker: int, channel: counting.Channel, life: int, start_up_seconds: float) -> None:
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
        if life in readable:
            if not os.read(life, 16):
                break
            os.kill(worker, counting.STOP_SIGNAL)
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


def versions() -> dict[str, str]:
    """The versions of Python and of the packages that matter, as far as they were imported."""
    found = {"python": ".".join(str(part) for part in sys.version_info[:3])}
    for name in _REPORTED_PACKAGES:
        version = getattr(sys.modules.get(name), "__version__", None)
        if isinstance(version, str):
            found[name] = version
    backend = counting.keras_backend()
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


def moved_path(path: str, moved: list[list[str]]) -> str:
    """A path in a folder that a copy stands for, in that copy."""
    for old, new in moved:
        if path == old or path.startswith(old + "/"):
            return new + path[len(old) :]
    return path


class Work:
    """One program in this interpreter: started, timed from where its body begins, and reported.

    CPU times are those of the tree since the interpreter started; `start_up_seconds` came before the fork.
    """

    def __init__(
        self, task: dict[str, Any], channel: counting.Channel, go: int, start_up_seconds: float
    ) -> None:
        self._start_up_seconds = start_up_seconds
        self._task = task
        self._channel = channel
        self._start = counting.Start(channel, go, self._describe_start)
        self._limit: counting.Limit | None = None
        if task["passes"] is not None or task["is_timed"]:
            clocks = self._start.clock, self._cpu_seconds
            self._limit = counting.Limit(task["passes"], channel, clocks, self._report_done)
            self._limit.listen()
        self._tickers: list[counting.Ticker] = []
        self._files: dict[str, marking.Marks] = {}
        self._is_done = False
        self._counters = counters.Counters(task["counters"])

    def run(self) -> int:
        """Run the program, report `start`, `ready` and `done`; the exit status for the process."""
        task = self._task
        sys.argv = [task["target"], *task["arguments"]]
        sys.path[:] = [moved_path(path, task["moved"]) for path in sys.path]
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
        if self._limit is not None:
            self._limit.finish()
        self._report_done()
        return exit_status(error)

    def _report_done(self, cut: str | None = None, passes: dict[str, Any] | None = None) -> None:
        """The body is over: at the end of the script, or where the program is made to end."""
        if self._is_done:
            return
        self._is_done = True
        wall = self._start.clock()[0] if self._start.seen else None
        cpu = self._cpu_seconds()
        for ticker in self._tickers:
            ticker.flush()
        self._channel.send(
            "done",
            wall_seconds=wall,
            cpu_seconds=cpu,
            iterations=[ticker.iterations for ticker in self._tickers],
            peak_rss_bytes=peak_rss_bytes(),
            peak_gpu_bytes=counting.gpu_bytes("peak"),
            versions=versions(),
            cut=cut,
            passes=passes,
            counts=self._counters.read(),
            uncounted=self._counters.absent,
        )

    def _mark_loops(self, loops: list[dict[str, Any]]) -> None:
        for number, loop in enumerate(loops):
            limit = self._limit if loop["is_counted"] else None
            ticker = counting.Ticker(number, self._channel, self._start.clock, limit)
            self._tickers.append(ticker)
            name = f"__leakscan_tick_{number}__"
            setattr(builtins, name, ticker.tick)
            marked = dict(loop, name=name)
            if limit is not None:
                marked["length"] = f"__leakscan_length_{number}__"
                setattr(builtins, marked["length"], ticker.note_length)
            if loop["line"] is not None:  # else it is another arm's, and not in this program
                self._marks(loop["path"]).loops.append(marked)
            os.register_at_fork(after_in_child=ticker.disable)

    def _describe_start(self) -> dict[str, Any]:
        loaded = [name for name in marking.FRAMEWORKS if name in sys.modules]
        self._counters.enable()
        return {"cpu_seconds": self._cpu_seconds(), "preloaded": loaded}

    def _framework_imported(self, name: str) -> None:
        """The import of a framework is over; the body begins unless it is part of the import of another."""
        others = [sys.modules.get(each) for each in marking.FRAMEWORKS if each != name]
        specs = (getattr(module, "__spec__", None) for module in others)
        if not any(getattr(spec, "_initializing", False) for spec in specs):
            self._start.now()

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
                follow.append(functools.partial(self._framework_imported, name))
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
    report, go, life = (counting.move_up(task[name]) for name in ("report", "go", "life"))
    if task["layers"]:
        _beside("mounts").enter(task["layers"], task["directory"])
    set_process_option(_PR_SET_CHILD_SUBREAPER, 1)
    keeper = os.getpid()
    usage = resource.getrusage(resource.RUSAGE_SELF)
    # A command has nothing to do with this interpreter.
    start_up = 0.0 if task["kind"] == "command" else usage.ru_utime + usage.ru_stime
    worker = os.fork()
    if worker:
        for descriptor in (0, 1, 2, go):
            os.close(descriptor)
        keep(worker, counting.Channel(report, task["key"]), life, start_up)
    os.close(life)
    become_worker(keeper)
    if task["kind"] == "command":
        try:
            os.execvp(task["target"], [task["target"], *task["arguments"]])  # noqa: S606 - no shell wanted
        except OSError as error:
            sys.stderr.write(f"{task['target']}: {error.strerror}\n")
            os._exit(127)
    sys.exit(Work(task, counting.Channel(report, task["key"]), go, start_up).run())


if __name__ == "__main__":
    main()
