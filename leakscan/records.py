"""`dataclass` as the standard library has it, for less: a third of starting was the making of such classes.

`dataclasses.dataclass(frozen=True, slots=True)` compiles six methods one by one, a millisecond for a class.
Here the three that differ from class to class are compiled together when one of them is first called, and
the others are shared. Anything unusual is left to the standard library, of which `fields`, `replace` and
`is_dataclass` work as ever.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import dataclass, replace
else:

    def replace(instance: Any, **changes: object) -> Any:
        """Return an instance with other values in some fields, as `dataclasses.replace` does."""
        kind = type(instance)
        if not isinstance(getattr(kind, _PARAMS), _Params) or hasattr(kind, "__post_init__"):
            return dataclasses.replace(instance, **changes)
        made = object.__new__(kind)
        for name in kind.__dataclass_fields__:
            value = changes.pop(name) if name in changes else getattr(instance, name)
            object.__setattr__(made, name, value)
        if changes:
            raise TypeError(f"{kind.__qualname__} has no field {next(iter(changes))!r}")
        return made

    def dataclass(**options: bool) -> Any:
        """Return what makes a class a dataclass; for options as for `dataclasses.dataclass`."""

        def make(cls: type) -> type:
            fields = _fields(cls) if options in _USUAL else None
            if fields is None:
                return dataclasses.dataclass(cls, **options)
            return _made(cls, fields, frozen="frozen" in options)

        return make


_USUAL = ({"frozen": True, "slots": True}, {"slots": True})
#: What stands in annotations that make no plain field.
_SPECIAL = ("ClassVar", "InitVar", "KW_ONLY")
_OWN_METHODS = ("__init__", "__repr__", "__eq__", "__hash__", "__setattr__", "__delattr__", "__getstate__")
_FIELDS, _FIELD, _PARAMS = "__dataclass_fields__", "_FIELD", "__dataclass_params__"


class _Params:
    """What the standard library asks of a dataclass that another one derives from."""

    def __init__(self, *, frozen: bool) -> None:
        self.frozen = frozen


def _fields(cls: Any) -> dict[str, Any] | None:
    """Return the fields of a class; None where something about them, or about the class, is unusual."""
    own = vars(cls)
    annotations = own.get("__annotations__")
    if annotations is None or "__slots__" in own or any(hasattr(base, _FIELDS) for base in cls.__bases__):
        return None
    if any(name in own for name in _OWN_METHODS):
        return None
    found: dict[str, Any] = {}
    for name, annotation in annotations.items():
        # A name of their own would hide what the methods are made with.
        unusual = name == "self" or name.startswith("_")
        if unusual or not isinstance(annotation, str) or any(word in annotation for word in _SPECIAL):
            return None
        given = own.get(name, dataclasses.MISSING)
        field: Any = given
        if isinstance(given, dataclasses.Field):
            if not field.init or field.hash is not None or field.kw_only is True:
                return None
        else:
            # As there: a default that is a list, a dict or a set would be that of all.
            if given is not dataclasses.MISSING and type(given).__hash__ is None:
                return None
            field = dataclasses.field(default=given)
        field.name, field.type, field.kw_only = name, annotation, False
        field._field_type = getattr(dataclasses, _FIELD)  # noqa: SLF001 -- what `fields` and `replace` ask for
        found[name] = field
    return found


def _made(cls: Any, fields: dict[str, Any], *, frozen: bool) -> Any:
    """Return the class anew with slots and methods."""
    names = tuple(fields)
    namespace = {name: value for name, value in vars(cls).items() if name not in fields}
    for name in ("__dict__", "__weakref__"):
        namespace.pop(name, None)
    namespace["__slots__"] = names
    namespace[_FIELDS] = fields
    namespace[_PARAMS] = _Params(frozen=frozen)
    namespace.setdefault("__match_args__", names)
    namespace["__repr__"] = _repr
    if frozen:
        namespace |= {"__setattr__": _refuse_setting, "__delattr__": _refuse_deleting}
        namespace |= {"__getstate__": _state, "__setstate__": _set_state}
    namespace["__hash__"] = None
    made = type(cls)(cls.__name__, cls.__bases__, namespace)
    made.__qualname__ = cls.__qualname__
    _put_off(made, fields, frozen=frozen)
    return made


def _put_off(cls: Any, fields: dict[str, Any], *, frozen: bool) -> None:
    """Give a class methods that put the real ones in their place when one of them is first called."""

    def real(name: str) -> Any:
        for key, method in _methods(cls, fields, frozen=frozen).items():
            setattr(cls, key, method)
        return vars(cls)[name]

    def init(self: Any, *args: object, **keywords: object) -> None:
        real("__init__")(self, *args, **keywords)

    def equal(self: Any, other: object) -> Any:
        return real("__eq__")(self, other)

    def hashed(self: Any) -> Any:
        return real("__hash__")(self)

    cls.__init__, cls.__eq__ = init, equal
    if frozen:
        cls.__hash__ = hashed


def _methods(cls: Any, fields: dict[str, Any], *, frozen: bool) -> dict[str, Any]:
    given: dict[str, Any] = {"_MISSING": dataclasses.MISSING, "_put": object.__setattr__}
    parameters, body = ["self"], []
    for name, field in fields.items():
        value = name
        if field.default is not dataclasses.MISSING:
            given[f"_default_{name}"] = field.default
            parameters.append(f"{name}=_default_{name}")
        elif field.default_factory is not dataclasses.MISSING:
            given[f"_factory_{name}"] = field.default_factory
            parameters.append(f"{name}=_MISSING")
            value = f"_factory_{name}() if {name} is _MISSING else {name}"
        else:
            parameters.append(name)
        body.append(f"_put(self, {name!r}, {value})" if frozen else f"self.{name} = {value}")
    if hasattr(cls, "__post_init__"):
        body.append("self.__post_init__()")
    compared = [name for name, field in fields.items() if field.compare]
    mine, other = (f"({''.join(f'{owner}.{name}, ' for name in compared)})" for owner in ("self", "other"))
    lines = [
        f"def __init__({', '.join(parameters)}):",
        *(f"    {line}" for line in body or ["pass"]),
        "def __eq__(self, other):",
        f"    return {mine} == {other} if other.__class__ is self.__class__ else NotImplemented",
        *(("def __hash__(self):", f"    return hash({mine})") if frozen else ()),
    ]
    made: dict[str, Any] = {}
    exec("\n".join(lines), given, made)  # noqa: S102 -- as the standard library does
    for name, method in made.items():
        method.__qualname__, method.__module__ = f"{cls.__qualname__}.{name}", cls.__module__
    return made


def _repr(self: Any) -> str:
    shown = (
        f"{name}={getattr(self, name)!r}" for name, field in getattr(self, _FIELDS).items() if field.repr
    )
    return f"{type(self).__qualname__}({', '.join(shown)})"


def _refuse_setting(self: Any, name: str, value: object) -> None:  # noqa: ARG001 -- Python's interface
    raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_deleting(self: Any, name: str) -> None:  # noqa: ARG001 -- Python's interface
    raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")


def _state(self: Any) -> list[Any]:
    return [getattr(self, name) for name in getattr(self, _FIELDS)]


def _set_state(self: Any, state: list[Any]) -> None:
    for name, value in zip(getattr(self, _FIELDS), state, strict=True):
        object.__setattr__(self, name, value)


__all__ = ["dataclass", "replace"]
