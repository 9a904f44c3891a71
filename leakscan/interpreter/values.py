"""Abstract values: what an expression may stand for.

A value is a tuple of atoms without repetition. Tuples, not sets: their order is that of the program, so that
nothing depends on the hash seed.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator

from leakscan.knowledge import Kind
from leakscan.records import dataclass, replace

#: More alternatives than this say nothing any more.
MAX_ATOMS = 12
#: Of what a container holds more are told apart: a model may be made of dozens of parts.
MAX_HELD = 64
#: Tuples and containers within each other deeper than this are not searched for tensors and models.
MAX_NESTING = 3

Literal = int | float | str | bool | None


@dataclass(frozen=True, slots=True)
class CreationSite:
    """A node of a function: where something was created, and whose iteration it lives in."""

    module: int
    function: int
    node: int


@dataclass(frozen=True, slots=True)
class SelfSite:
    """Wherever `self` of a class was created: objects of which only their methods are seen."""

    module: int
    klass: int
    #: No function and no node: it is the site of no creation that is seen.
    function: None = None
    node: None = None


@dataclass(frozen=True, slots=True)
class Leaves:
    """A container that a traced function returns to the call at `call`: that of its own, as tensors."""

    call: CreationSite
    made: AnySite
    #: No function and no node: it is the site of no creation that is seen.
    function: None = None
    node: None = None

    @property
    def module(self) -> int:
        """The module of the call."""
        return self.call.module


@dataclass(frozen=True, slots=True)
class Inherited:
    """A container that a base class makes, as one of several subclasses has it: each has one of its own."""

    made: AnySite
    module: int
    klass: int
    #: No function and no node: it is the site of no creation that is seen.
    function: None = None
    node: None = None


AnySite = CreationSite | SelfSite | Leaves | Inherited


class Size(enum.Enum):
    """How much memory a tensor holds, as far as what it is tells."""

    # Members are single objects; Enum's own hash, a function in Python, is asked for everywhere.
    __hash__ = object.__hash__

    SCALAR = "scalar"
    PREDICTION = "prediction"
    GRADIENT = "gradient"
    ACTIVATION = "activation"
    VALUE = "value"


@dataclass(frozen=True, slots=True)
class Unknown:
    """Anything."""


@dataclass(frozen=True, slots=True)
class Const:
    """A literal; `type` keeps True and 1 apart."""

    type: str
    value: Literal


@dataclass(frozen=True, slots=True)
class Host:
    """Plain data: numbers, strings, NumPy arrays; `number` where it certainly is one number."""

    number: bool = False


@dataclass(frozen=True, slots=True)
class Api:
    """An external name in canonical form."""

    name: str


@dataclass(frozen=True, slots=True)
class Module:
    """A module of the project."""

    index: int


@dataclass(frozen=True, slots=True)
class Func:
    """A function of the project, bound to `receiver` if it is a method; `partial` values come first."""

    module: int
    function: int
    receiver: Atom | None = None
    partial: tuple[Value, ...] = ()
    traced: bool = False
    #: The tensors in its closure, once the function that defined it has returned.
    captured: Value = ()
    #: Where the models in its closure were created, likewise.
    models: tuple[AnySite, ...] = ()


@dataclass(frozen=True, slots=True)
class Class:
    """A class of the project."""

    module: int
    index: int


@dataclass(frozen=True, slots=True)
class Instance:
    """An object of a project class, created at `origin` (None: not known where)."""

    module: int
    index: int
    origin: AnySite | None


@dataclass(frozen=True, slots=True)
class Object:
    """An object of an API class; `persistent` is for tapes, `single` for losses that give one number."""

    kind: Kind
    origin: AnySite | None = None
    persistent: bool = False
    single: bool = False


@dataclass(frozen=True, slots=True)
class Tensor:
    """A live tensor; `what` says where from.

    `via` is the container that it was read out of, if it was; `reduces` the one of which it is a number,
    computed from an element. `floating` and `single` are set where its numbers are certainly
    floating-point ones, and where it certainly holds one number, without dimensions.
    """

    size: Size
    what: str
    source: CreationSite | None = None
    via: AnySite | None = None
    floating: bool = False
    single: bool = False
    reduces: AnySite | None = None


@dataclass(frozen=True, slots=True)
class Tuple:
    """A tuple of known length."""

    items: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Container:
    """A list, dict, set or deque made at `site`; it lives as long as what was made at `life`."""

    site: AnySite
    kind: str
    life: AnySite
    bounded: bool = False


@dataclass(frozen=True, slots=True)
class Param:
    """A parameter whose value is what the project's calls pass; looked up when it matters."""

    module: int
    function: int
    index: int


@dataclass(frozen=True, slots=True)
class Method:
    """A method of something that is not a project class."""

    base: Atom
    name: str


Atom = (
    Unknown
    | Const
    | Host
    | Api
    | Module
    | Func
    | Class
    | Instance
    | Object
    | Tensor
    | Tuple
    | Container
    | Param
    | Method
)
Value = tuple[Atom, ...]
#: The keyword arguments of a call.
Keywords = dict[str, Value]

#: The kinds of alternatives that `owned_by`, `read_from` and `relocate` change, or what is in them.
_OWNED = frozenset({Instance, Object, Container, Tuple})
_READ = frozenset({Tensor, Tuple})
_RELOCATED = _OWNED | {Func}

UNKNOWN: Value = (Unknown(),)
HOST: Value = (Host(),)
NUMBER: Value = (Host(number=True),)
NONE: Value = (Const("NoneType", None),)


def join(first: Value, second: Value, most: int = MAX_ATOMS) -> Value:
    """Return the alternatives of both, in order, without repetition, at most so many."""
    if first is second or not second:
        return first
    if not first:
        return second
    extra: Value = second
    if len(second) > 1:
        extra = tuple([atom for atom in second if atom not in first])
    elif second[0] in first:
        return first
    if not extra:
        return first
    result = first + extra
    if len(result) > most:
        result = result[: most - 1]
        if UNKNOWN[0] not in result:
            result += UNKNOWN
    return result


def constant(value: Literal) -> Value:
    """Return the value of a literal."""
    return (Const(type(value).__name__, value),)


def relocate(value: Value, old: tuple[int, int], new: CreationSite) -> Value:
    """Return `value` with everything that function `old` created said to be created at `new`.

    What a call returns was created, for the caller, by the call.
    """
    if _RELOCATED.isdisjoint(map(type, value)):
        return value
    result = tuple(_relocated(atom, old, new) for atom in value)
    return value if all(a is b for a, b in zip(result, value, strict=True)) else dedupe(result)


def dedupe(value: Value) -> Value:
    """Return `value` without repeated atoms."""
    return tuple(dict.fromkeys(value))


def _relocated(atom: Atom, old: tuple[int, int], new: CreationSite) -> Atom:
    if isinstance(atom, Instance | Object):
        origin = atom.origin
        if origin is not None and (origin.module, origin.function) == old:
            return replace(atom, origin=new)
    elif isinstance(atom, Container):
        if (atom.life.module, atom.life.function) == old:
            return replace(atom, life=new)
    elif isinstance(atom, Tuple):
        items = tuple(relocate(item, old, new) for item in atom.items)
        if any(a is not b for a, b in zip(items, atom.items, strict=True)):
            return Tuple(items)
    elif isinstance(atom, Func) and (atom.receiver is not None or atom.models):
        receiver = None if atom.receiver is None else _relocated(atom.receiver, old, new)
        models = tuple(new if (site.module, site.function) == old else site for site in atom.models)
        if receiver is not atom.receiver or models != atom.models:
            return replace(atom, receiver=receiver, models=models)
    return atom


def owned_by(value: Value, owner: AnySite) -> Value:
    """Return `value` living as long as `owner`, as attributes and elements of a longer-lived thing do."""
    if _OWNED.isdisjoint(map(type, value)):
        return value
    result = tuple(_owned(atom, owner) for atom in value)
    return value if all(a is b for a, b in zip(result, value, strict=True)) else dedupe(result)


def _owned(atom: Atom, owner: AnySite) -> Atom:
    if isinstance(atom, Instance | Object):
        return atom if atom.origin == owner else replace(atom, origin=owner)
    if isinstance(atom, Container):
        return atom if atom.life == owner else replace(atom, life=owner)
    if isinstance(atom, Tuple):
        items = tuple(owned_by(item, owner) for item in atom.items)
        if any(a is not b for a, b in zip(items, atom.items, strict=True)):
            return Tuple(items)
    return atom


def read_from(value: Value, container: AnySite) -> Value:
    """Return `value` with its tensors said to have been read out of a container."""
    if _READ.isdisjoint(map(type, value)):
        return value
    result = tuple(_read_from(atom, container) for atom in value)
    return value if all(a is b for a, b in zip(result, value, strict=True)) else dedupe(result)


def _read_from(atom: Atom, container: AnySite) -> Atom:
    if isinstance(atom, Tensor):
        return atom if atom.via == container else replace(atom, via=container)
    if isinstance(atom, Tuple):
        items = tuple(read_from(item, container) for item in atom.items)
        if any(a is not b for a, b in zip(items, atom.items, strict=True)):
            return Tuple(items)
    return atom


def origins(value: Value) -> Iterator[AnySite]:
    """Yield where the models and objects within `value` were created."""
    for atom in value:
        if isinstance(atom, Instance | Object):
            if atom.origin is not None:
                yield atom.origin
        elif isinstance(atom, Tuple):
            for item in atom.items:
                yield from origins(item)
        elif isinstance(atom, Method):
            yield from origins((atom.base,))
        elif isinstance(atom, Func):
            if atom.receiver is not None:
                yield from origins((atom.receiver,))
            for item in atom.partial:
                yield from origins(item)
            yield from atom.models
