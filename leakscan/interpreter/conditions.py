"""What conditions say: their truth, the guards that they make, and how often a loop runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leakscan.facts import model as f
from leakscan.facts.names import text
from leakscan.interpreter.guards import Guard
from leakscan.interpreter.operations import integer
from leakscan.interpreter.values import NONE, UNKNOWN, Const, Container, Param, Tensor, Tuple, Unknown, Value
from leakscan.knowledge.python import COUNTING_BARS, PROGRESS_BARS, RANGES, SAME_LENGTH

if TYPE_CHECKING:
    from leakscan.interpreter.frame import Frame

#: Functions that give as many elements as they get.


def truth(frame: Frame, test: f.Expr) -> bool | None:  # noqa: PLR0911 -- a table in the form of guards
    """Return whether a condition is certainly true or certainly false, else None."""
    # A survey asks what may happen at all.
    if isinstance(test, f.Literal) or frame.engine.surveys:
        return bool(test.value) if isinstance(test, f.Literal) else None
    if isinstance(test, f.Not):
        inner = truth(frame, test.operand)
        return None if inner is None else not inner
    if isinstance(test, f.Boolean):
        truths = [truth(frame, item) for item in test.operands]
        if test.op == "and":
            return False if False in truths else (True if all(truths) else None)
        return True if True in truths else (False if all(item is False for item in truths) else None)
    if isinstance(test, f.Compare) and len(test.rights) == 1:
        op, right = test.rights[0]
        if isinstance(test.left, f.Name) and test.left.id == "__name__":
            return op == "=="
        if op in {"is", "is not", "==", "!="} and isinstance(right, f.Literal) and right.value is None:
            value = _peek(frame, test.left)
            # What the known callers pass says nothing of the others.
            if frame.is_root and any(isinstance(atom, Param) for atom in value):
                return None
            known = _is_none(frame.force(value))
            return None if known is None else known == (op in {"is", "=="})
        return None
    if isinstance(test, f.Name):
        atoms = frame.lookup(test.id)
        # A name of the module is a switch that users turn; a parameter's value is what the call says.
        if test.id not in frame.env or frame.function == 0:
            return None
        if atoms and all(isinstance(atom, Const) for atom in atoms):
            values = {bool(atom.value) for atom in atoms if isinstance(atom, Const)}
            return values.pop() if len(values) == 1 and not _rebound(frame, test.id) else None
    return None


def _rebound(frame: Frame, name: str) -> bool:
    """Whether the loop at hand binds the name again: a flag, not a constant."""
    return any(name in loop.varying for loop in frame.loops)


def _peek(frame: Frame, expr: f.Expr) -> Value:
    return frame.lookup(expr.id) if isinstance(expr, f.Name) and expr.id in frame.env else UNKNOWN


def _is_none(value: Value) -> bool | None:
    """Return whether a value is certainly None, certainly not, or (None) either."""
    if value == NONE:
        return True
    if any(isinstance(atom, Unknown) or (isinstance(atom, Const) and atom.value is None) for atom in value):
        return None
    return False if value else None


def narrow(frame: Frame, test: f.Expr, *, taken: bool) -> None:
    """Use what a condition says of a name: `tf.is_tensor(x)`, `isinstance(x, ...)`, `x is None`."""
    if isinstance(test, f.Not):
        narrow(frame, test.operand, taken=not taken)
    elif isinstance(test, f.Call) and test.args and isinstance(test.args[0], f.Name):
        func = test.func
        last = func.attr if isinstance(func, f.Attribute) else func.id if isinstance(func, f.Name) else ""
        about_tensors = last in {"is_tensor", "is_keras_tensor"} or (
            len(test.args) > 1
            and ("ensor" in text(test.args[1]) or "numpy" in str(getattr(test.args[1], "value", "")))
        )
        name = test.args[0].id
        if about_tensors and not taken and name in frame.env:
            left: Value = tuple(atom for atom in frame.force(frame.env[name]) if not isinstance(atom, Tensor))
            frame.env[name] = left or UNKNOWN
    elif isinstance(test, f.Compare) and len(test.rights) == 1 and isinstance(test.left, f.Name):
        op, right = test.rights[0]
        name = test.left.id
        if (
            name in frame.env
            and isinstance(right, f.Literal)
            and right.value is None
            and op in {"is", "is not"}
        ):
            if (op == "is") == taken:
                frame.env[name] = NONE
            else:
                left = tuple(
                    atom
                    for atom in frame.force(frame.env[name])
                    if not (isinstance(atom, Const) and atom.value is None)
                )
                frame.env[name] = left or UNKNOWN


def settled(frame: Frame, guard: Guard) -> Guard:
    """Say whether what the guard tests outlives the call: globals, attributes, names of the module."""
    persistent = guard.persistent or frame.function == 0 or guard.name in frame.declared
    return guard.settled(persistent=persistent, loops=len(frame.loops))


def loop_targets(frame: Frame) -> frozenset[str]:
    """Return the names that the enclosing loop binds; none where it is run again by another one.

    for fold in folds: for kind in kinds: if kind == "deep": build()  # once in each fold
    """
    return frame.loops[0].targets if len(frame.loops) == 1 else frozenset()


def iterations(frame: Frame, expr: f.Expr) -> int | None:
    """Return the number of iterations over `expr` if the function itself says it, else None."""
    if isinstance(expr, f.Display):
        return None if any(isinstance(item, f.Starred) for item in expr.items) else len(expr.items)
    if isinstance(expr, f.DictDisplay):
        return len(expr.items)
    if isinstance(expr, f.Name):
        if any(param.name == expr.id for param in frame.facts.params):
            return None
        atoms = frame.force(frame.lookup(expr.id))
        if len(atoms) == 1 and isinstance(atoms[0], Container):
            return frame.engine.content(atoms[0].site).length
        if len(atoms) == 1 and isinstance(atoms[0], Tuple):
            return len(atoms[0].items)
        return None
    if isinstance(expr, f.Subscript):
        return _iterations_over_head(expr)
    return _iterations_over_call(frame, expr) if isinstance(expr, f.Call) else None


def _iterations_over_head(expr: f.Subscript) -> int | None:
    # for name in names[:1]: model = Model.from_pretrained(name)
    if not expr.is_slice or not isinstance(expr.index, f.Opaque) or len(expr.index.parts) != 1:
        return None
    stop = expr.index.parts[0].value if isinstance(expr.index.parts[0], f.Literal) else None
    return stop if type(stop) is int and stop >= 0 else None


def is_listed(frame: Frame, expr: f.Expr) -> bool:
    """Whether a loop goes through a list that the function itself writes out: `rates = [0.1, 0.01]`."""
    # for number, rate in enumerate(rates): ...
    if (
        isinstance(expr, f.Call)
        and isinstance(expr.func, f.Name)
        and expr.func.id in SAME_LENGTH
        and expr.args
    ):
        return is_listed(frame, expr.args[0])
    if not isinstance(expr, f.Name) or expr.id not in frame.env:
        return False
    atoms = frame.force(frame.env[expr.id])
    return iterations(frame, expr) is not None and all(isinstance(atom, Container | Tuple) for atom in atoms)


def _iterations_over_call(frame: Frame, expr: f.Call) -> int | None:  # noqa: PLR0911 -- a table in the form of guards
    func = expr.func
    if isinstance(func, f.Attribute):
        if func.attr == "take" and len(expr.args) == 1:
            return _count(frame, expr.args[0])
        if func.attr in {"items", "keys", "values"}:
            return iterations(frame, func.value)
        if func.attr in COUNTING_BARS and len(expr.args) == 1:
            return _count(frame, expr.args[0])
        return iterations(frame, expr.args[0]) if func.attr in PROGRESS_BARS and expr.args else None
    if not isinstance(func, f.Name) or not expr.args:
        return None
    if func.id in RANGES:
        numbers = [_count(frame, arg) for arg in expr.args]
        known = [number for number in numbers if number is not None]
        if len(known) != len(numbers):
            return None
        start, stop, step = (0, known[0], 1) if len(known) == 1 else (*known[:2], *(known[2:] or [1]))
        return len(range(start, stop, step)) if step else None
    if func.id in SAME_LENGTH:
        return iterations(frame, expr.args[0])
    if func.id == "zip":
        bounds = [bound for arg in expr.args if (bound := iterations(frame, arg)) is not None]
        return min(bounds) if bounds else None
    return None


def _count(frame: Frame, expr: f.Expr) -> int | None:
    # What a caller passes may be another number for the next caller.
    if isinstance(expr, f.Name) and any(param.name == expr.id for param in frame.facts.params):
        return None
    return integer(frame.force(frame.eval(expr)))
