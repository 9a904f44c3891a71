"""Runs one measured program; a plain file for any Python from 3.8 on, which need not have leakscan.

usage: python worker.py JSON

The process that the supervisor starts is the *keeper*. It forks the *worker*, adopts whatever the program
leaves behind, and kills all of it when the program ends or when its life line is cut, which happens when the
supervisor dies in whatever way. The worker runs the program in its own interpreter as `python SCRIPT` or
`python -m MODULE` would, or replaces itself by a command.

Events are JSON lines on a descriptor of their own; standard output belongs to the program:
- `ready`: TensorFlow or Keras is imported, if the program mentions it; the worker waits for one byte on `go`
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

Only the standard library is imported before the program's own imports.
"""

from __future__ import annotations

import sys

# This folder holds modules with names of the standard library's (`statistics`).
if __name__ == "__main__" and sys.path[0] and __file__.startswith(sys.path[0]):
    del sys.path[0]

import ast
import builtins
import contextlib
import importlib.machinery
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
    from collections.abc import Callable

_FRAMEWORKS = ("tensorflow", "tf_keras", "keras")
_REPORTED_PACKAGES = (*_FRAMEWORKS, "numpy", "torch", "jax")
_HIGH_DESCRIPTOR = 200  # out of the way of programs that count on the lowest numbers
_SCANNED_FILES = 200  # modules of the project that are searched for imports of a framework
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
        status = os.fstat(descriptor)
        self._identity = (status.st_dev, status.st_ino)
        self._owner = os.getpid()

    def send(self, event: str, **fields: Any) -> None:
        """Write one event; does nothing in forked children and after the program closed the descriptor."""
        self.write([json.dumps(dict(fields, event=event))])

    def write(self, lines: list[str]) -> None:
        """Write events. The program may have closed the descriptor and opened a file of its own there."""
        if os.getpid() != self._owner:
            return
        try:
            status = os.fstat(self._descriptor)
            if (status.st_dev, status.st_ino) == self._identity:
                data = "".join(f"{self._key}{line}\n" for line in lines).encode()
                while data:
                    data = data[os.write(self._descriptor, data) :]
        except OSError:
            self._owner = -1


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
        begin = time.thread_time()  # not the wall's: being interrupted is no cost of ours
        if self._first is None:
            self._first = time.perf_counter()
        seconds, cpu = self._clock()
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


class LoopMarker(ast.NodeTransformer):
    """Puts the call of `name` where one iteration of the loop at `line` (and `column`) begins."""

    def __init__(self, target: ast.AST, name: str) -> None:
        self._target = target
        self._name = name

    def generic_visit(self, node: ast.AST) -> ast.AST:
        """Mark the target, and go on into all others."""
        if node is not self._target:
            return super().generic_visit(node)
        if isinstance(node, (ast.ListComp, ast.SetComp, ast.GeneratorExp)):
            node.elt = self._before(node.elt)
        elif isinstance(node, ast.DictComp):
            node.key = self._before(node.key)
        elif isinstance(node, ast.Lambda):
            node.body = self._before(node.body)
        else:
            self._enter(node)
        return node

    def _call(self, near: ast.AST) -> ast.expr:
        call = ast.Call(func=ast.Name(id=self._name, ctx=ast.Load()), args=[], keywords=[])
        return ast.fix_missing_locations(ast.copy_location(call, near))

    def _before(self, value: ast.expr) -> ast.expr:
        # The call gives None: `value if call() is None else None` is `value`, after the call.
        nothing = ast.copy_location(ast.Constant(value=None), value)
        test = ast.Compare(left=self._call(value), ops=[ast.Is()], comparators=[nothing])
        other = ast.copy_location(ast.Constant(value=None), value)
        return ast.fix_missing_locations(
            ast.copy_location(ast.IfExp(test=test, body=value, orelse=other), value)
        )

    def _enter(self, node: Any) -> None:
        body = node.body
        has_docstring = isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and ast.get_docstring(
            node, clean=False
        )
        place = 1 if has_docstring else 0
        near = body[min(place, len(body) - 1)]
        body.insert(place, ast.copy_location(ast.Expr(value=self._call(near)), near))


_LOOPS = (ast.For, ast.AsyncFor, ast.While)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


def find_loop(tree: ast.AST, line: int, column: int | None) -> ast.AST | None:
    """The loop that begins at `line` (1-based) and `column` (0-based; None for any), else None.

    Statements go before comprehensions, these before functions; the outermost goes first.
    """
    for kinds in (_LOOPS, _COMPREHENSIONS, _FUNCTIONS):
        for node in ast.walk(tree):
            if isinstance(node, kinds) and node.lineno == line and column in (None, node.col_offset):
                return node
    return None


def compile_marked(source: bytes, path: str, loops: list[dict[str, Any]]) -> types.CodeType:
    """The code of a file with the flagged loops marked. Raises LookupError for a loop that is not there."""
    tree = ast.parse(source, filename=path)
    targets = []
    for loop in loops:
        target = find_loop(tree, loop["line"], loop.get("column"))
        if target is None:
            raise LookupError(f"no loop at line {loop['line']} of {path}")
        targets.append((target, loop["name"]))
    for target, name in targets:
        LoopMarker(target, name).visit(tree)
    return compile(tree, path, "exec", dont_inherit=True)


def install_marking(loops: dict[str, list[dict[str, Any]]]) -> None:
    """Let imports of the files in `loops` (by real path) compile them with their loops marked.

    Cached bytecode knows nothing of the marks, so such files are compiled from source and not cached.
    """
    names = {os.path.basename(path) for path in loops}
    loader = importlib.machinery.SourceFileLoader
    original = loader.get_code

    def get_code(self: Any, fullname: str) -> Any:
        path = self.get_filename(fullname)
        if os.path.basename(path) in names and os.path.realpath(path) in loops:
            return compile_marked(self.get_data(path), path, loops[os.path.realpath(path)])
        return original(self, fullname)

    loader.get_code = get_code  # type: ignore[method-assign]


# -- preparation --------------------------------------------------------------------------------------------


class Mentions(ast.NodeVisitor):
    """What a module imports, and what it puts into the environment before it imports anything."""

    def __init__(self) -> None:
        self.modules: list[str] = []
        self.variables: list[tuple[str, str]] = []
        self.unclear = False

    def visit_Import(self, node: ast.Import) -> None:
        """`import a.b`."""
        self.modules.extend(alias.name for alias in node.names)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        """`from a.b import c`; c may be a module too."""
        if node.module:
            self.modules.append(node.module)
            self.modules.extend(node.module + "." + alias.name for alias in node.names)
        else:
            self.modules.extend(alias.name for alias in node.names)

    def visit_Assign(self, node: ast.Assign) -> None:
        """`os.environ["KERAS_BACKEND"] = "jax"`."""
        for target in node.targets:
            if isinstance(target, ast.Subscript) and is_environ(target.value):
                index = getattr(target.slice, "value", target.slice)  # ast.Index, before Python 3.9
                self._set(getattr(index, "value", index), node.value)
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        """`os.environ.setdefault(...)`, `os.environ.update(...)`, `os.putenv(...)`."""
        function = node.func
        if isinstance(function, ast.Attribute):
            if function.attr == "setdefault" and is_environ(function.value) and node.args:
                name = getattr(node.args[0], "value", None)
                if name not in os.environ:
                    self._set(name, node.args[-1])
            elif function.attr == "putenv" or (function.attr == "update" and is_environ(function.value)):
                self.unclear = True
        self.generic_visit(node)

    def _set(self, name: Any, value: ast.expr) -> None:
        text = getattr(value, "value", None)
        if isinstance(name, str) and isinstance(text, str):
            self.variables.append((name, text))
        else:
            self.unclear = True


def is_environ(node: ast.AST) -> bool:
    """`os.environ` or `environ`."""
    return getattr(node, "attr", getattr(node, "id", None)) == "environ"


def frameworks_mentioned(paths: list[str], roots: list[str]) -> tuple[list[str], list[tuple[str, str]], bool]:
    """The frameworks that `paths` import, directly or through modules below `roots`.

    Also the variables that they set, in order, and whether some are set to what can't be told beforehand.
    """
    found: set[str] = set()
    variables: list[tuple[str, str]] = []
    unclear = False
    pending = list(paths)
    seen: set[str] = set()
    while pending and len(seen) < _SCANNED_FILES:
        path = os.path.realpath(pending.pop(0))
        if path in seen:
            continue
        seen.add(path)
        try:
            with open(path, "rb") as file:
                tree = ast.parse(file.read(), filename=path)
        except (OSError, SyntaxError, ValueError):
            continue
        mentions = Mentions()
        mentions.visit(tree)
        variables.extend(mentions.variables)
        unclear = unclear or mentions.unclear
        for module in mentions.modules:
            top = module.partition(".")[0]
            if top in _FRAMEWORKS:
                found.add(top)
            else:
                pending.extend(module_files(module, [os.path.dirname(path), *roots]))
    return [name for name in _FRAMEWORKS if name in found], variables, unclear


def module_files(module: str, roots: list[str]) -> list[str]:
    """The files of a module of the project, `a/b.py` or `a/b/__init__.py` below one of `roots`."""
    stem = os.path.join(*module.split("."))
    candidates = [os.path.join(root, stem) for root in roots]
    files = [base + ".py" for base in candidates] + [os.path.join(base, "__init__.py") for base in candidates]
    return [path for path in files if os.path.isfile(path)]


def preload(paths: list[str], roots: list[str]) -> list[str]:
    """Import the frameworks that the program will import, so that its body does not pay for it.

    Variables that the program sets first (`KERAS_BACKEND`) are set first here too. When their values can't be
    told beforehand, nothing is imported and the import is part of the body.
    """
    names, variables, unclear = frameworks_mentioned(paths, roots)
    if unclear or not names:
        return []
    for name, value in variables:
        os.environ[name] = value
    loaded = []
    for name in names:
        try:
            __import__(name)
        except Exception:  # noqa: BLE001, S112 - the program will meet the same error, and may handle it
            continue
        loaded.append(name)
    return loaded


def seed_generators(seed: int) -> None:
    """Seed the generators of what is imported, so that runs of a program that seeds nothing are alike."""
    import random

    random.seed(seed)
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        numpy.random.seed(seed % 2**32)
    tensorflow = sys.modules.get("tensorflow")
    if tensorflow is not None:
        tensorflow.random.set_seed(seed)


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


def script_code(path: str, loops: dict[str, list[dict[str, Any]]]) -> types.CodeType:
    """The code of a script, its flagged loops marked."""
    with open(path, "rb") as file:
        source = file.read()
    return compile_marked(source, path, loops.get(os.path.realpath(path), []))


def run_script(path: str, loops: dict[str, list[dict[str, Any]]]) -> None:
    """Run a file as `python PATH` does."""
    main = types.ModuleType("__main__")
    main.__dict__.update(
        __file__=path,
        __builtins__=builtins,
        __cached__=None,
        __loader__=importlib.machinery.SourceFileLoader("__main__", path),
    )
    sys.modules["__main__"] = main
    exec(script_code(path, loops), main.__dict__)  # noqa: S102 - running the user's program is the purpose


def run_module(name: str) -> None:
    """Run a module as `python -m NAME` does."""
    import runpy

    # runpy.run_module takes its module out of sys.modules while threads and exit handlers still use it.
    _, spec, code = runpy._get_module_details(name)  # type: ignore[attr-defined]  # noqa: SLF001
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
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename == __file__:
        trace = trace.tb_next
    traceback.print_exception(type(error), error, trace)
    return 1


class Work:
    """One program in this interpreter: prepared, started on a signal, timed and reported.

    CPU times are those of the tree since the interpreter started; `start_up_seconds` came before the fork.
    """

    def __init__(self, task: dict[str, Any], channel: Channel, start_up_seconds: float) -> None:
        self._start_up_seconds = start_up_seconds
        self._task = task
        self._channel = channel
        self._begin = (0.0, 0.0)
        self._tickers: list[Ticker] = []

    def run(self, go: int) -> int:
        """Prepare, report `ready`, wait for `go`, run, report `done`; the exit status for the process."""
        task = self._task
        loops = self._mark_loops(task["loops"])
        sys.argv = [task["target"], *task["arguments"]]
        if task["kind"] == "script":
            sys.path.insert(0, os.path.dirname(os.path.realpath(task["target"])))
            paths = [task["target"]]
        else:
            sys.path.insert(0, os.getcwd())
            paths = module_files(task["target"], [os.getcwd()]) + module_files(
                task["target"] + ".__main__", [os.getcwd()]
            )
        loaded = preload([*paths, *loops], sys.path[:1])
        if task["seed"] is not None:
            seed_generators(task["seed"])
        self._channel.send("ready", cpu_seconds=self._cpu_seconds(), preloaded=loaded)
        if not os.read(go, 1):
            os._exit(1)
        os.close(go)
        self._begin = (time.perf_counter(), time.process_time())
        error: BaseException | None = None
        try:
            if task["kind"] == "script":
                run_script(task["target"], loops)
            else:
                run_module(task["target"])
        except BaseException as raised:  # noqa: BLE001 - whatever ends the script ends the body
            error = raised
        wall = time.perf_counter() - self._begin[0]
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

    def _mark_loops(self, loops: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
        marked: dict[str, list[dict[str, Any]]] = {}
        for number, loop in enumerate(loops):
            ticker = Ticker(number, self._channel, self._clock)
            self._tickers.append(ticker)
            name = f"__leakscan_tick_{number}__"
            setattr(builtins, name, ticker.tick)
            marked.setdefault(os.path.realpath(loop["path"]), []).append(dict(loop, name=name))
            os.register_at_fork(after_in_child=ticker.disable)
        install_marking(marked)
        return marked

    def _cpu_seconds(self) -> float:
        return self._start_up_seconds + tree_cpu_seconds()

    def _clock(self) -> tuple[float, float]:
        return time.perf_counter() - self._begin[0], time.process_time() - self._begin[1]


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
    sys.exit(Work(task, Channel(report, task["key"]), start_up).run(go))


if __name__ == "__main__":
    main()
