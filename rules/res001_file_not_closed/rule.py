"""RES001: a file or writer of TensorFlow is opened in every iteration of a loop and not closed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from leakscan.facts import model as f
from leakscan.facts.names import names, text
from leakscan.facts.walk import walk
from leakscan.questions import Call, calls, comes_each_time, repetitions
from leakscan.rule import Confidence, Report, Rule, Severity

from .strategies import UseWith

if TYPE_CHECKING:
    from leakscan.interpreter.project import Project

_OPENERS = (
    "tensorflow.io.TFRecordWriter",
    "tensorflow.python_io.TFRecordWriter",
    "tensorflow.io.gfile.GFile",
    "tensorflow.gfile.GFile",
    "tensorflow.gfile.Open",
    "tensorflow.gfile.FastGFile",
    "tensorflow.summary.create_file_writer",
    "tensorflow.contrib.summary.create_file_writer",
)
#: A thread for each one, which lives until it is closed.
_WITH_THREADS = ("tensorflow.summary.FileWriter", "tensorflow.train.SummaryWriter")
_CLOSERS = frozenset({"close", "__exit__"})


class FileNotClosed(Rule):
    """`writer = tf.summary.create_file_writer(path)` in a loop, without `close()` or `with`."""

    code = "RES001"
    name = "file-not-closed"
    summary = "a file or writer of TensorFlow is opened in every iteration of a loop and not closed"
    severity = Severity.LOW
    # In TensorFlow 2 a writer that nothing refers to is closed: its harm could not be shown.
    enabled_by_default = False
    strategies = (UseWith(),)

    def judge(self, project: Project) -> Iterable[Report]:
        """Yield a report for each file that something opens again and again and that nothing closes."""
        for call in calls(project, (*_OPENERS, *_WITH_THREADS)):
            name = _bound(call)
            if name is None or _is_given_away(project, call, name):
                continue
            around = next(
                (
                    item
                    for item in repetitions(project, call.place)
                    if comes_each_time(project, call.place, item)
                ),
                None,
            )
            if around is None:
                continue
            in_loop = bool(around.refs)
            threads = call.name in _WITH_THREADS
            kept = "; each keeps a thread until it is closed" if threads else ""
            yield Report(
                call.place,
                f"`{name}` is opened {around.when} and not closed: {text(call.call.func)}{kept}",
                f"call {name}.close() at the end"
                if call.name.endswith("create_file_writer")
                else f"open it in a `with` statement, or call {name}.close() at the end",
                Severity.MEDIUM if threads else self.severity,
                Confidence.HIGH,
                around.chain,
                around.refs,
                around.loop if in_loop else None,
                call,
            )


def _bound(call: Call) -> str | None:
    """Return the name that alone is bound to what is opened; None where `with` holds it, or nothing does."""
    holder = call.around[-1] if call.around else None
    if not isinstance(holder, f.Assign) or holder.value is not call.call or len(holder.targets) != 1:
        return None
    target = holder.targets[0]
    return target.id if isinstance(target, f.Name) else None


def _is_given_away(project: Project, call: Call, name: str) -> bool:
    """Whether something closes the file, or may do so: what it is passed to, whoever it is returned to."""
    module, index = call.function
    for fact in walk(project.function(module, index).body):
        if isinstance(fact, f.Call):
            given = _is_closed_by(fact, name)
        elif isinstance(fact, f.With):
            # with writer: ...; but not: with writer.as_default(): ...
            given = any(_itself(context, name) for context, _ in fact.items)
        elif isinstance(fact, f.Define):
            given = name in names(project.function(module, fact.function).body)
        else:
            # return writer; self.writer = writer; but not: return file.read()
            value = fact.value if isinstance(fact, f.Return | f.Yield | f.Assign) else None
            given = value is not None and _itself(value, name)
        if given:
            return True
    return False


def _is_closed_by(call: f.Call, name: str) -> bool:
    """Whether a call closes the file, or gets it: writer.close(), stack.enter_context(writer)."""
    func = call.func
    if isinstance(func, f.Attribute) and func.value == f.Name(name) and func.attr in _CLOSERS:
        return True
    return any(_itself(value, name) for value in (*call.args, *(item for _, item in call.keywords)))


def _itself(value: f.Expr, name: str) -> bool:
    """Whether an expression gives the file itself, not what one of its methods gives."""
    if isinstance(value, f.Call | f.Attribute):
        return False
    return value == f.Name(name) or any(_itself(item, name) for item in _parts(value))


def _parts(value: f.Expr) -> list[f.Expr]:
    if isinstance(value, f.Display):
        return value.items
    if isinstance(value, f.DictDisplay):
        return [item for _, item in value.items]
    return [value.body, value.orelse] if isinstance(value, f.Conditional) else []
