"""`dataclass` as the standard library has it, for less: a third of starting was the making of such classes.

`dataclasses.dataclass(frozen=True, slots=True)` compiles six methods one by one, a millisecond for a class.
Here the three that differ from class to class are compiled together, and only for classes that are used
often; until then they do without code of their own. The other methods are shared. Anything unusual is left to
the standard library, of which `fields`, `replace` and `is_dataclass` work as ever; it is not even imported
(with `inspect`, `dis` and `tokenize`) unless somebody asks for that.
"""

from __future__ import annotations

import operator
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import dataclass, field, replace
else:

    def field(**options: Any) -> Any:
        """Return what describes a field, for options as for `dataclasses.field`."""
        return _Field(**options) if options.keys() <= _OPTIONS else _standard().field(**options)

    def replace(instance: Any, **changes: object) -> Any:
        """Return an instance with other values in some fields, as `dataclasses.replace` does."""
        kind = type(instance)
        known = vars(kind).get(_FIELDS)
        if not isinstance(known, _Fields) or hasattr(kind, "__post_init__"):
            return _standard().replace(instance, **changes)
        if known.replacing is not None:
            return known.replacing(instance, **changes)
        fields = known.known
        made = object.__new__(kind)
        for name in fields:
            value = changes.pop(name) if name in changes else getattr(instance, name)
            object.__setattr__(made, name, value)
        if changes:
            raise TypeError(f"replace() got an unexpected keyword argument {next(iter(changes))!r}")
        return made

    def dataclass(**options: bool) -> Any:
        """Return what makes a class a dataclass; for options as for `dataclasses.dataclass`."""

        def make(cls: type) -> type:
            fields = _fields(cls) if options in _USUAL else None
            if fields is None:
                for name, given in list(vars(cls).items()):
                    if isinstance(given, _Field):
                        setattr(cls, name, given.standard())
                return _standard().dataclass(cls, **options)
            return _made(cls, fields, _Params(**options))

        return make


def is_record(kind: type) -> bool:
    """Whether a class is a dataclass, of this module or the standard library."""
    return any(_FIELDS in vars(base) for base in kind.__mro__)


def names_of(kind: type) -> tuple[str, ...]:
    """Return the names of the fields of a dataclass, of this module or the standard library."""
    fields = _of(kind)
    return tuple(item.name for item in _standard().fields(kind)) if fields is None else tuple(fields)


_USUAL = (
    {"frozen": True, "slots": True},
    {"slots": True},
    {"frozen": True, "slots": True, "order": True},
    {"slots": True, "eq": False},
)
#: What stands in annotations that make no plain field.
_SPECIAL = ("ClassVar", "InitVar", "KW_ONLY")
_ORDER = {"__lt__": "<", "__le__": "<=", "__gt__": ">", "__ge__": ">="}
#: What a class may have of its own that is not of the usual kind; annotations that are not text, too.
_UNUSUAL = (
    *("__init__", "__repr__", "__eq__", "__hash__", "__setattr__", "__delattr__", "__getstate__"),
    *("__slots__", "__annotate__", "__annotate_func__", *_ORDER),
)
#: What the compiled methods are made with.
_GIVEN = ("_MISSING", "_new", "_cls", "_made", "_set_", "_default_", "_factory_")
_OPTIONS = {"default", "default_factory", "init", "repr", "compare"}
_MISSING = object()
#: A class whose methods are called more often than this is worth the compiling.
_OFTEN = 40
_FIELDS, _FIELD, _PARAMS = "__dataclass_fields__", "_FIELD", "__dataclass_params__"


def _standard() -> Any:
    import dataclasses  # and all that it rests on

    return dataclasses


class _Field:
    """What is known of a field: see `dataclasses.field`."""

    __slots__ = ("compare", "default", "default_factory", "init", "repr")

    def __init__(
        self,
        *,
        default: Any = _MISSING,
        default_factory: Any = _MISSING,
        init: bool = True,
        repr: bool = True,  # noqa: A002 -- as there
        compare: bool = True,
    ) -> None:
        self.default = default
        self.default_factory = default_factory
        self.init = init
        self.repr = repr
        self.compare = compare

    def standard(self) -> Any:
        """Return what the standard library has for it."""
        given = {name: getattr(self, name) for name in self.__slots__}
        return _standard().field(**{name: value for name, value in given.items() if value is not _MISSING})


class _Fields:
    """The fields of a class: what stands in `__dataclass_fields__`, where the standard library looks."""

    def __init__(self, fields: dict[str, _Field], annotations: dict[str, str]) -> None:
        self.known = fields
        #: What `replace` does, once that has been compiled.
        self.replacing: Callable[..., Any] | None = None
        self._annotations = annotations
        self._standard: dict[str, Any] | None = None

    def __get__(self, instance: object, owner: type) -> dict[str, Any]:
        if self._standard is None:
            made = {name: item.standard() for name, item in self.known.items()}
            for name, item in made.items():
                item.name, item.type, item.kw_only = name, self._annotations[name], False
                item._field_type = getattr(_standard(), _FIELD)  # noqa: SLF001 -- what `fields` asks for
            self._standard = made
        return self._standard


def _of(kind: type) -> dict[str, _Field] | None:
    """Return the fields of a dataclass that was made here; None for others, and for what derives from one."""
    found = vars(kind).get(_FIELDS)
    return found.known if isinstance(found, _Fields) else None


class _Params:
    """What the standard library asks of a dataclass that another one derives from."""

    def __init__(self, *, slots: bool, frozen: bool = False, order: bool = False, eq: bool = True) -> None:
        self.slots = slots
        self.frozen = frozen
        self.order = order
        self.eq = eq


def _fields(cls: Any) -> dict[str, _Field] | None:
    """Return the fields of a class; None where something about them, or about the class, is unusual."""
    own = vars(cls)
    if any(name in own for name in _UNUSUAL) or any(is_record(base) for base in cls.__bases__):
        return None
    found: dict[str, _Field] = {}
    for name, annotation in own.get("__annotations__", {}).items():
        # It would hide what the methods are made with.
        unusual = name == "self" or name.startswith(_GIVEN)
        if unusual or not isinstance(annotation, str) or any(word in annotation for word in _SPECIAL):
            return None
        given = own.get(name, _MISSING)
        # As there: a default that is a list, a dict or a set would be that of all.
        if given is not _MISSING and type(given).__hash__ is None:
            return None
        if _is_standard_field(given):
            return None
        item = given if isinstance(given, _Field) else _Field(default=given)
        if not item.init and (item.default, item.default_factory) != (_MISSING, _MISSING):
            return None
        found[name] = item
    return found


def _is_standard_field(given: object) -> bool:
    known = sys.modules.get("dataclasses")
    return known is not None and isinstance(given, known.Field)


def _made(cls: Any, fields: dict[str, _Field], params: _Params) -> Any:
    """Return the class anew with slots and methods."""
    names = tuple(fields)
    namespace = {name: value for name, value in vars(cls).items() if name not in fields}
    for name in ("__dict__", "__weakref__"):
        namespace.pop(name, None)
    namespace["__slots__"] = names
    namespace[_FIELDS] = _Fields(fields, vars(cls).get("__annotations__", {}))
    namespace[_PARAMS] = params
    namespace.setdefault("__match_args__", tuple(name for name, item in fields.items() if item.init))
    namespace["__repr__"] = _repr
    if params.frozen:
        namespace |= {"__setattr__": _refuse_setting, "__delattr__": _refuse_deleting}
        namespace |= {"__getstate__": _state, "__setstate__": _set_state}
    if params.eq:
        namespace["__hash__"] = None
    made = type(cls)(cls.__name__, cls.__bases__, namespace)
    made.__qualname__ = cls.__qualname__
    _put_off(made, fields, params)
    return made


def _put_off(cls: Any, fields: dict[str, _Field], params: _Params) -> None:
    """Give a class methods that do for a while, and put compiled ones in their place when that has passed."""
    calls = 0

    def compiled(name: str) -> Any:
        """Return the method once it is worth the compiling."""
        nonlocal calls
        calls += 1
        return real(name) if calls > _OFTEN else None

    def real(name: str) -> Any:
        methods = _methods(cls, fields, params)
        vars(cls)[_FIELDS].replacing = methods.pop("replace")
        for key, method in methods.items():
            setattr(cls, key, method)
        return vars(cls)[name]

    def init(self: Any, *args: object, **keywords: object) -> None:
        # What is wrong with the arguments, if anything, the compiled method says.
        method = compiled("__init__")
        if method is not None or not _fill(self, fields, args, keywords):
            (method or real("__init__"))(self, *args, **keywords)

    cls.__init__ = init
    names = [name for name, item in fields.items() if item.compare]
    values = operator.attrgetter(*names) if names else lambda _: ()
    for name in _comparisons(params):
        setattr(cls, name, _comparing(name, values, compiled))
    if params.frozen:
        # The hash of one value is that of a tuple, as if it were one of several.
        cls.__hash__ = _hashing(
            (lambda instance: (values(instance),)) if len(names) == 1 else values, compiled
        )


def _comparing(name: str, values: Callable[[Any], Any], compiled: Callable[[str], Any]) -> Any:
    compare = getattr(operator, name)

    def method(self: Any, other: object) -> Any:
        if (real := compiled(name)) is not None:
            return real(self, other)
        return compare(values(self), values(other)) if other.__class__ is self.__class__ else NotImplemented

    return method


def _hashing(values: Callable[[Any], Any], compiled: Callable[[str], Any]) -> Any:
    def method(self: Any) -> int:
        real = compiled("__hash__")
        return hash(values(self)) if real is None else real(self)

    return method


def _comparisons(params: _Params) -> dict[str, str]:
    """Return the methods that compare, and their operators."""
    return {"__eq__": "=="} | (_ORDER if params.order else {}) if params.eq else {}


def _fill(
    instance: Any, fields: dict[str, _Field], args: tuple[object, ...], keywords: dict[str, object]
) -> bool:
    """Set the fields of a new instance; False if the arguments do not fit."""
    parameters = [name for name, item in fields.items() if item.init]
    given = dict(zip(parameters, args, strict=False))
    if len(args) > len(parameters) or not given.keys().isdisjoint(keywords):
        return False
    given |= keywords
    for name, item in fields.items():
        if not item.init:
            continue
        if name in given:
            value = given.pop(name)
        elif item.default is not _MISSING:
            value = item.default
        elif item.default_factory is not _MISSING:
            value = item.default_factory()
        else:
            return False
        object.__setattr__(instance, name, value)
    if given:
        return False
    if hasattr(instance, "__post_init__"):
        instance.__post_init__()
    return True


def _methods(cls: Any, fields: dict[str, _Field], params: _Params) -> dict[str, Any]:
    given: dict[str, Any] = {"_MISSING": _MISSING, "_new": object.__new__, "_cls": cls}
    # To call what puts a value into a slot takes less than `object.__setattr__`, which looks for it first.
    given |= {f"_set_{name}": vars(cls)[name].__set__ for name in fields}
    parameters, body = ["self"], []
    for name, item in fields.items():
        if not item.init:
            continue
        value = name
        if item.default is not _MISSING:
            given[f"_default_{name}"] = item.default
            parameters.append(f"{name}=_default_{name}")
        elif item.default_factory is not _MISSING:
            given[f"_factory_{name}"] = item.default_factory
            parameters.append(f"{name}=_MISSING")
            value = f"_factory_{name}() if {name} is _MISSING else {name}"
        else:
            parameters.append(name)
        body.append(f"_set_{name}(self, {value})" if params.frozen else f"self.{name} = {value}")
    if hasattr(cls, "__post_init__"):
        body.append("self.__post_init__()")
    compared = [name for name, item in fields.items() if item.compare]
    mine, other = (f"({''.join(f'{owner}.{name}, ' for name in compared)})" for owner in ("self", "other"))
    lines = [
        f"def __init__({', '.join(parameters)}):",
        *(f"    {line}" for line in body or ["pass"]),
        *(("def __hash__(self):", f"    return hash({mine})") if params.frozen else ()),
    ]
    # As tuples compare: what is identical is equal.
    same = " and ".join(f"(self.{name} is other.{name} or self.{name} == other.{name})" for name in compared)
    for name, sign in _comparisons(params).items():
        compares = (same or "True") if sign == "==" else f"{mine} {sign} {other}"
        lines.append(f"def {name}(self, other):")
        lines.append(f"    return {compares} if other.__class__ is self.__class__ else NotImplemented")
    lines.append(f"def replace({', '.join(['self', *(f'{name}=_MISSING' for name in fields)])}):")
    lines.append("    _made = _new(_cls)")
    lines += [f"    _set_{name}(_made, self.{name} if {name} is _MISSING else {name})" for name in fields]
    lines.append("    return _made")
    made: dict[str, Any] = {}
    exec("\n".join(lines), given, made)  # noqa: S102 -- as the standard library does
    for name, method in made.items():
        method.__qualname__, method.__module__ = f"{cls.__qualname__}.{name}", cls.__module__
    return made


def _known(kind: type) -> dict[str, Any]:
    """Return the fields of a class, or of what the standard library has derived from one."""
    found = next(vars(base)[_FIELDS] for base in kind.__mro__ if _FIELDS in vars(base))
    return found.known if isinstance(found, _Fields) else found


def _repr(self: Any) -> str:
    shown = (f"{name}={getattr(self, name)!r}" for name, item in _known(type(self)).items() if item.repr)
    return f"{type(self).__qualname__}({', '.join(shown)})"


def _refuse_setting(self: Any, name: str, value: object) -> None:  # noqa: ARG001 -- Python's interface
    raise _standard().FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_deleting(self: Any, name: str) -> None:  # noqa: ARG001 -- Python's interface
    raise _standard().FrozenInstanceError(f"cannot delete field {name!r}")


def _state(self: Any) -> list[Any]:
    return [getattr(self, name) for name in _known(type(self))]


def _set_state(self: Any, state: list[Any]) -> None:
    for name, value in zip(_known(type(self)), state, strict=True):
        object.__setattr__(self, name, value)


__all__ = ["dataclass", "field", "is_record", "names_of", "replace"]
