"""Where tensors are within what is stored: in tuples, dicts, lists and partials."""

from __future__ import annotations

from leakscan.interpreter.engine import Engine
from leakscan.interpreter.values import (
    MAX_NESTING,
    Atom,
    Const,
    Container,
    Func,
    Host,
    Size,
    Tensor,
    Tuple,
    Unknown,
    Value,
)
from leakscan.records import dataclass


@dataclass(frozen=True, slots=True)
class Leaf:
    """A tensor within what is stored.

    path: positions in tuples, keys of dicts, `*` for any element of a list, `partial` and a position for what
    a partial holds; empty for the stored value itself. certain: it is nothing but a tensor. mixed: it is
    sometimes something else. single: it certainly holds one number; number: a floating-point one.
    """

    path: tuple[object, ...]
    size: Size
    certain: bool
    mixed: bool = False
    single: bool = False
    number: bool = False


def leaves_of(engine: Engine, value: Value, path: tuple[object, ...] = ()) -> list[Leaf]:
    """Return where tensors are in a value that is stored."""
    atoms = engine.force(value)
    tensors = [atom for atom in atoms if isinstance(atom, Tensor)]
    found: list[Leaf] = []
    if tensors:
        size = next((atom.size for atom in tensors if atom.size is not Size.SCALAR), Size.SCALAR)
        # self.loss = None until the first step; total = 0.0 before the first batch
        rest = [
            atom for atom in atoms if not isinstance(atom, Tensor | Unknown) and not _is_start(atom, size)
        ]
        single = all(atom.single for atom in tensors)
        number = single and all(atom.floating for atom in tensors)
        found.append(Leaf(path, size, len(tensors) == len(atoms), bool(rest), single, number))
    for atom in atoms:
        if len(path) > MAX_NESTING:
            break
        if isinstance(atom, Tuple):
            for index, item in enumerate(atom.items):
                found += leaves_of(engine, item, (*path, index))
        elif isinstance(atom, Container):
            contents = engine.content(atom.site)
            for key, item in contents.keyed.items():
                found += leaves_of(engine, item, (*path, key))
            found += leaves_of(engine, contents.anything, (*path, "*"))
        elif isinstance(atom, Func):
            for index, item in enumerate(atom.partial):
                found += leaves_of(engine, item, (*path, "partial", index))
    return list(dict.fromkeys(found))


def _is_start(atom: Atom, size: Size) -> bool:
    """Whether an atom is what a name holds before the first tensor: None, or a number for numbers."""
    if isinstance(atom, Const) and atom.value is None:
        return True
    number = (isinstance(atom, Const) and atom.type != "str") or (isinstance(atom, Host) and atom.number)
    return number and size is Size.SCALAR


__all__ = ["Leaf", "leaves_of"]
