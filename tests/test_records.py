"""`leakscan.records.dataclass` against the standard library's, on classes of each kind."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
import subprocess
import sys
from abc import ABC, abstractmethod
from dataclasses import FrozenInstanceError, field, fields, is_dataclass
from typing import Any, ClassVar

import pytest

from leakscan.records import dataclass, replace


@dataclass(frozen=True, slots=True)
class Point:
    """Fields with and without defaults, one made anew, one not compared, one not shown."""

    x: int
    y: str = "y"
    z: tuple[int, ...] = ()
    made: list[int] = field(default_factory=list, compare=False)
    hidden: int = field(default=0, repr=False)

    @property
    def both(self) -> str:
        return f"{self.x}{self.y}"


@dataclass(slots=True)
class Count:
    n: int = 0
    seen: dict[str, int] = field(default_factory=dict)


class Shape(ABC):
    @abstractmethod
    def size(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Square(Shape):
    side: int

    def __post_init__(self) -> None:
        if self.side < 0:
            raise ValueError("negative")

    def size(self) -> int:
        return self.side**2


@dataclass(frozen=True, slots=True)
class Empty:
    """No fields."""


def standard(kind: type, **options: bool) -> type:
    """The same class as the standard library makes it."""
    own = {
        name: value
        for name, value in vars(kind).items()
        if name in {"__annotations__", "__module__", "__qualname__", "__post_init__", "both", "size"}
    }
    for item in fields(kind):
        if item.default is not dataclasses.MISSING:
            own[item.name] = field(default=item.default, compare=item.compare, repr=item.repr)
        elif item.default_factory is not dataclasses.MISSING:
            own[item.name] = field(default_factory=item.default_factory, compare=item.compare)
    return dataclasses.dataclass(**options)(type(kind)(kind.__name__, kind.__bases__, own))


def twins() -> list[tuple[type, type]]:
    frozen = {"frozen": True, "slots": True}
    return [
        (Point, standard(Point, **frozen)),
        (Square, standard(Square, **frozen)),
        (Empty, standard(Empty, **frozen)),
        (Count, standard(Count, slots=True)),
    ]


ARGUMENTS: dict[str, list[tuple[tuple[Any, ...], dict[str, Any]]]] = {
    "Point": [((1,), {}), ((1, "a"), {"hidden": 3}), ((), {"x": 1, "z": (1,), "made": [4]}), ((True,), {})],
    "Square": [((1,), {}), ((2,), {})],
    "Empty": [((), {})],
    "Count": [((), {}), ((3,), {"seen": {"a": 1}})],
}


@pytest.mark.parametrize(("ours", "theirs"), twins(), ids=lambda kind: kind.__name__)
def test_both_make_the_same_class(ours, theirs):
    many = ARGUMENTS[ours.__name__]
    mine = [ours(*args, **keywords) for args, keywords in many]
    other = [theirs(*args, **keywords) for args, keywords in many]
    assert list(map(repr, mine)) == list(map(repr, other))
    assert [[a == b for b in mine] for a in mine] == [[a == b for b in other] for a in other]
    assert mine[0] != other[0]
    assert (ours.__hash__ is None) == (theirs.__hash__ is None)
    if ours.__hash__ is not None:
        assert list(map(hash, mine)) == list(map(hash, other))
    assert is_dataclass(ours)
    described = [
        [(item.name, item.type, item.default, item.compare, item.repr) for item in fields(kind)]
        for kind in (ours, theirs)
    ]
    assert described[0] == described[1]
    assert ours.__match_args__ == theirs.__match_args__
    assert ours.__slots__ == theirs.__slots__
    assert ours.__qualname__ == theirs.__qualname__
    assert hasattr(mine[0], "__dict__") == hasattr(other[0], "__dict__")
    assert list(inspect.signature(ours).parameters) == list(inspect.signature(theirs).parameters)


def test_wrong_arguments_are_refused_in_the_same_words():
    ours, theirs = twins()[0]
    for args, keywords in [((), {}), ((1, 2, 3, [], 5, 6), {}), ((1,), {"w": 2}), ((1,), {"x": 2})]:
        said = []
        for kind in (ours, theirs):
            with pytest.raises(TypeError) as raised:
                kind(*args, **keywords)
            said.append(str(raised.value))
        assert said[0] == said[1]


def test_frozen_instances_refuse_changes_and_others_take_them():
    point = Point(1)
    with pytest.raises(FrozenInstanceError, match="cannot assign to field 'x'"):
        point.x = 2  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError, match="cannot delete field 'x'"):
        del point.x
    count = Count()
    count.n = 2
    assert count == Count(2)
    with pytest.raises(TypeError, match="unhashable"):
        hash(count)


def test_each_instance_has_what_a_factory_makes():
    assert Point(1).made is not Point(1).made
    assert Count().seen is not Count().seen


def test_instances_are_copied_replaced_and_pickled():
    point = Point(1, "a", (2,), [3], 4)
    assert dataclasses.replace(point, x=5) == replace(point, x=5) == Point(5, "a", (2,), [3], 4)
    assert replace(Count(1), n=2) == Count(2)
    with pytest.raises(TypeError, match="no field 'w'"):
        replace(point, w=1)
    with pytest.raises(ValueError, match="negative"):
        replace(Square(1), side=-1)
    assert replace(point, x=5).made is point.made
    for other in (copy.copy(point), copy.deepcopy(point), pickle.loads(pickle.dumps(point))):
        assert other == point
        assert other.made == [3]
        assert other.hidden == 4


def test_what_follows_the_fields_runs_and_abstract_methods_count():
    with pytest.raises(ValueError, match="negative"):
        Square(-1)
    assert Square(3).size() == 9

    @dataclass(frozen=True, slots=True)
    class Nothing(Shape):
        side: int

    with pytest.raises(TypeError, match="abstract"):
        Nothing(1)


def test_patterns_match_positions():
    match Point(1, "b"):
        case Point(x, y):
            assert (x, y) == (1, "b")
        case _:
            pytest.fail("no match")


def test_what_is_unusual_is_left_to_the_standard_library():
    @dataclass(frozen=True, slots=True)
    class Derived(Point):
        more: int = 1

    @dataclass(frozen=True, slots=True, order=True)
    class Ordered:
        a: int

    @dataclass(frozen=True, slots=True)
    class Shared:
        table: ClassVar[dict[str, int]] = {}
        a: int = 0

    @dataclass(slots=True, eq=False)
    class Itself:
        a: int

    assert Derived(1, more=2) == Derived(1, "y", (), [], 0, 2)
    assert Ordered(1) < Ordered(2)
    assert [item.name for item in fields(Shared)] == ["a"]
    assert Itself(1) != Itself(1)
    with pytest.raises(ValueError, match="mutable default"):

        @dataclass(slots=True)
        class Wrong:
            items: list[int] = []  # noqa: RUF012 -- what is refused


def test_a_class_is_the_same_whatever_is_asked_of_it_first():
    program = """
from __future__ import annotations
from leakscan.records import dataclass

@dataclass(frozen=True, slots=True)
class A:
    x: int

def made(): return A.__new__(A)
import pickle, sys
one = pickle.loads(pickle.dumps(A(1)))
{first}
assert one == A(1) and hash(one) == hash(A(1)) and len({{one, A(1)}}) == 1 and A(2) != one
"""
    for first in ("one == one", "hash(one)", "A(3)"):
        subprocess.run([sys.executable, "-c", program.format(first=first)], check=True)
