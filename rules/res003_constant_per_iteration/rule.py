"""RES003: the same array is made a tensor in every iteration of a loop."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from leakscan.facts import model as f
from leakscan.facts.names import text
from leakscan.facts.walk import walk
from leakscan.interpreter.values import Api
from leakscan.questions import Call, Function, calls, comes_each_time, is_constant, repetitions
from leakscan.rule import Confidence, Report, Rule, Severity

from .strategies import Hoist

if TYPE_CHECKING:
    from leakscan.interpreter.project import Project
    from leakscan.questions import Repetition

_CONVERSIONS = ("tensorflow.constant", "tensorflow.convert_to_tensor", "keras.ops.convert_to_tensor")
#: Functions of NumPy that give arrays, not numbers.
_ARRAYS = frozenset(
    """load loadtxt genfromtxt zeros ones full eye identity arange linspace array asarray empty stack
    concatenate vstack hstack meshgrid rand randn normal uniform randint random standard_normal""".split()
)


class ConstantPerIteration(Rule):
    """`tf.constant(table)` in a loop, of an array that stays the same."""

    code = "RES003"
    name = "constant-per-iteration"
    summary = "the same array is made a tensor in every iteration of a loop"
    severity = Severity.LOW
    # In eager code it is one copy of the array: off, but for graphs of TensorFlow 1, which keep each copy.
    enabled_by_default = False
    strategies = (Hoist(),)

    def judge(self, project: Project) -> Iterable[Report]:
        """Yield a report for each conversion of an array that something repeats."""
        for call in calls(project, _CONVERSIONS):
            given = call.argument(0, "value")
            if given is None or not _is_array(project, call.function, given):
                continue
            arguments = [*call.call.args, *(value for _, value in call.call.keywords)]
            for around in repetitions(project, call.place):
                # tf.constant(table[i])
                if not all(is_constant(project, item, call.place, around) for item in arguments):
                    continue
                # if self.table is None: self.table = tf.constant(table)
                if comes_each_time(project, call.place, around):
                    yield _report(project, call, around, given)
                    break


def _report(project: Project, call: Call, around: Repetition, given: f.Expr) -> Report:
    in_loop = bool(around.refs)
    graph = project.modules[call.place.module].graph_mode
    kept = "the graph keeps a copy of each" if graph else "each is a copy"
    return Report(
        call.place,
        f"`{text(given)}` is turned into a tensor again {around.when}; it stays the same, and {kept}",
        "make the tensor once before the loop"
        if in_loop
        else "make the tensor once, outside of the function",
        Severity.HIGH if graph else Severity.LOW,
        Confidence.HIGH,
        around.chain,
        around.refs,
        around.loop if in_loop else None,
        (call, around),
    )


def _is_array(project: Project, function: Function, given: f.Expr) -> bool:
    """Whether an expression is certainly an array: a name that is bound to what NumPy gives."""
    if not isinstance(given, f.Name | f.Attribute):
        return False
    values = list(_values(project, function, given))
    return bool(values) and all(_gives_array(project, where, value) for where, value in values)


def _values(project: Project, function: Function, given: f.Expr) -> Iterator[tuple[Function, f.Expr]]:
    module = project.modules[function[0]]
    if isinstance(given, f.Name):
        scopes = [function, (function[0], 0)]
    else:
        owner = module.functions[function[1]].owner
        scopes = [(function[0], item.index) for item in module.functions if item.owner == owner is not None]
    for scope in dict.fromkeys(scopes):
        found = [
            (scope, item.value)
            for item in walk(project.function(*scope).body)
            if isinstance(item, f.Assign) and given in item.targets
        ]
        yield from found
        if found and isinstance(given, f.Name):
            return


def _gives_array(project: Project, function: Function, value: f.Expr) -> bool:
    if not isinstance(value, f.Call):
        return False
    func = value.func
    # np.load("table.npy").astype("float32")
    if isinstance(func, f.Attribute) and func.attr in {"astype", "reshape", "copy"}:
        return _gives_array(project, function, func.value)
    named = project.static(*function, func)
    return any(
        isinstance(atom, Api)
        and atom.name.startswith("numpy.")
        and atom.name.rpartition(".")[2] in _ARRAYS
        and bool(value.args)
        for atom in named
    )
