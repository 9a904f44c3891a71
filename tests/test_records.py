"""`leakscan.records.dataclass` against the standard library's, on classes of each kind."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
import subprocess
import sys
from abc import ABC, abstractmethod
from dataclasses import FrozenInstanceError, fields, is_dataclass
from typing import Any, ClassVar

import pytest

from leakscan.records import dataclass, field, is_record, names_of, replace


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
            own[item.name] = dataclasses.field(default=item.default, compare=item.compare, repr=item.repr)
        elif item.default_factory is not dataclasses.MISSING:
            own[item.name] = dataclasses.field(default_factory=item.default_factory, compare=item.compare)
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
    assert is_record(ours)
    assert names_of(ours) == names_of(theirs)
    for _ in range(100):  # what is used often has methods of its own
        assert list(map(repr, (ours(*args, **keywords) for args, keywords in many))) == list(map(repr, other))
    assert [[a == b for b in mine] for a in mine] == [[a == b for b in other] for a in other]
    assert list(inspect.signature(ours).parameters) == list(inspect.signature(theirs).parameters)


def test_wrong_arguments_are_refused_in_the_same_words():
    ours, theirs = twins()[0]
    wrong = [((), {}), ((1, 2, 3, [], 5, 6), {}), ((1,), {"w": 2}), ((1,), {"x": 2})]
    for args, keywords in wrong * 2:
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
    for _ in range(60):  # before and after there is a function for the class
        with pytest.raises(TypeError, match="unexpected keyword argument 'w'"):
            replace(point, w=1)
        assert replace(point, y="b", made=[5]) == Point(1, "b", (2,), [5], 4)
        assert (Point(1).x, replace(point, hidden=7).hidden, replace(Count(1), n=2)) == (1, 7, Count(2))
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


@dataclass(frozen=True, slots=True, order=True)
class Ordered:
    a: int
    b: str = ""
    _text: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_text", f"{self.a}{self.b}")

    def text(self) -> str:
        return self._text


@dataclass(slots=True, eq=False)
class Itself:
    a: int


def test_instances_are_ordered_by_their_fields_before_and_after_methods_are_compiled():
    for _ in range(60):
        assert Ordered(1) < Ordered(2) <= Ordered(2) < Ordered(2, "b")
        assert Ordered(3) > Ordered(2, "z") >= Ordered(2, "z")
        assert sorted([Ordered(2), Ordered(1, "b"), Ordered(1)]) == [Ordered(1), Ordered(1, "b"), Ordered(2)]
        with pytest.raises(TypeError, match="not supported between instances"):
            Ordered(1) < 2  # type: ignore[operator]  # noqa: B015


def test_a_field_may_be_worked_out_from_the_others():
    for _ in range(60):
        assert Ordered(1, b="x").text() == "1x"
        with pytest.raises(TypeError, match="_text"):
            Ordered(1, _text="x")  # type: ignore[call-arg]
    assert repr(Ordered(1, "x")) == "Ordered(a=1, b='x')"
    assert replace(Ordered(1, "x"), a=2).text() == "2x"
    assert Ordered.__match_args__ == ("a", "b")


def test_instances_of_some_classes_are_equal_to_none_but_themselves():
    one = Itself(1)
    for _ in range(60):
        assert one == one  # noqa: PLR0124
        assert Itself(1) != one
        assert len({one, Itself(1)}) == 2


def test_what_derives_from_a_class_of_the_standard_library_s_kind_compares_as_that_does():
    @dataclasses.dataclass(frozen=True, eq=False)
    class More(Point):
        more: int = 1

    for _ in range(60):
        assert More(1, more=1) == More(1, more=2)
        assert hash(More(1, more=1)) == hash(More(1, more=2))
    assert repr(More(1)) == f"{More.__qualname__}(x=1, y='y', z=(), made=[], more=1)"
    assert names_of(More) == ("x", "y", "z", "made", "hidden", "more")


def test_what_is_unusual_is_left_to_the_standard_library():
    @dataclass(frozen=True, slots=True)
    class Derived(Point):
        more: int = 1

    @dataclass(frozen=True, slots=True)
    class Shared:
        table: ClassVar[dict[str, int]] = {}
        a: int = 0

    @dataclass(frozen=True, slots=True)
    class Described:
        a: int = dataclasses.field(default=1, metadata={"unit": "s"})
        b: list[int] = field(default_factory=list)

    assert Derived(1, more=2) == Derived(1, "y", (), [], 0, 2)
    assert [item.name for item in fields(Shared)] == ["a"]
    assert (Described(), fields(Described)[0].metadata) == (Described(1, []), {"unit": "s"})
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


def test_the_standard_library_s_module_is_not_imported_before_it_is_needed():
    program = """
from __future__ import annotations
import sys
from leakscan.records import dataclass, field, replace

@dataclass(frozen=True, slots=True, order=True)
class A:
    x: int
    y: list[int] = field(default_factory=list)

for n in range(50):
    assert replace(A(n), x=n + 1) > A(n) and repr(A(n)) == f"A(x={n}, y=[])"
print("dataclasses" in sys.modules)
import dataclasses
print([item.name for item in dataclasses.fields(A)], dataclasses.is_dataclass(A(1)))
"""
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert done.stdout == "False\n['x', 'y'] True\n"
