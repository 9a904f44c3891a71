"""What the engine keeps of functions, calls and containers."""

from __future__ import annotations

from leakscan.interpreter.values import (
    HOST,
    NUMBER,
    AnySite,
    Const,
    Container,
    Param,
    Tuple,
    Value,
    join,
)
from leakscan.records import dataclass, field


@dataclass(slots=True)
class Interest:
    """What the first phase finds in a function that the second might judge.

    makes, grows: it, or what it calls, may create a model, or put what may live into a container that
    outlives the function. grows_again: the latter in a loop. repeats: any of it is in a loop here, so that
    there is something to judge.
    """

    makes: bool = False
    grows: bool = False
    grows_again: bool = False
    repeats: bool = False


@dataclass(slots=True)
class Visited:
    """What the first phase keeps of a function: all that its names stand for, and whether to judge it."""

    all_bindings: dict[str, Value]
    interest: Interest = field(default_factory=Interest)


@dataclass(frozen=True, slots=True)
class Reading:
    """What is asked of a tensor: a method, by the call at `node`, or an attribute, without a node."""

    module: int
    node: int | None
    name: str


class CallRecord:
    """What a call calls, and what it passes by position, over all the ways that lead to it.

    Few calls are ever asked about, so that the ways are joined when one is.
    """

    __slots__ = ("_args", "_func", "_new")

    def __init__(self) -> None:
        self._func: Value = ()
        self._args: tuple[Value, ...] = ()
        self._new: list[tuple[Value, tuple[Value, ...]]] = []

    def add(self, func: Value, args: list[Value]) -> None:
        """Note what one of the ways gives."""
        self._new.append((func, tuple(args)))

    @property
    def func(self) -> Value:
        """What the call calls."""
        self._join()
        return self._func

    @property
    def args(self) -> tuple[Value, ...]:
        """What it passes by position."""
        self._join()
        return self._args

    def _join(self) -> None:
        for func, args in self._new:
            self._func = join(self._func, func)
            longer, shorter = sorted((self._args, args), key=len, reverse=True)
            self._args = (
                *(join(first, second) for first, second in zip(longer, shorter, strict=False)),
                *longer[len(shorter) :],
            )
        self._new.clear()


@dataclass(slots=True)
class Contents:
    """What a container holds: by constant key, and otherwise."""

    anything: Value = ()
    keyed: dict[object, Value] = field(default_factory=dict)
    length: int | None = None
    born_empty: bool = False
    #: A list of None, or of numbers: [None] * n.
    slots: bool = False
    #: Handed to NumPy, pandas, matplotlib, ...: its tensors are eager, and only their values are wanted.
    read_as_data: bool = False
    #: Of its elements numbers are computed, and read: they are eager, and only those numbers are wanted.
    reduced: bool = False
    #: Elements are tuples made of those of the sources: zip, enumerate, dict.items.
    pairs: bool = False
    #: Containers that this one was made from: a slice, a zip, what a call returned.
    sources: tuple[AnySite, ...] = ()


def containers(value: Value) -> list[Container]:
    """Return the containers in `value`, those inside tuples too."""
    found: list[Container] = []
    for atom in value:
        if isinstance(atom, Container):
            found.append(atom)
        elif isinstance(atom, Tuple):
            for item in atom.items:
                found.extend(containers(item))
    return found


def params_in(value: Value) -> list[Param]:
    """Return the parameters in `value`, those inside tuples too."""
    found: list[Param] = []
    for atom in value:
        if type(atom) is Param:
            found.append(atom)
        elif type(atom) is Tuple:
            for item in atom.items:
                found.extend(params_in(item))
    return found


def simplify(value: Value) -> Value:
    """Return `value` as an argument: strings and numbers only make needless contexts."""
    for atom in value:
        if type(atom) is Const and atom.type in {"str", "float"}:
            break
    else:
        return value
    result: Value = ()
    for atom in value:
        if isinstance(atom, Const) and atom.type in {"str", "float"}:
            result = join(result, HOST if atom.type == "str" else NUMBER)
        else:
            result = join(result, (atom,))
    return result
