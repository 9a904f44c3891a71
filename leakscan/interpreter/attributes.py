"""What attributes give: of external names, modules, classes, objects and tensors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leakscan.interpreter.values import (
    HOST,
    UNKNOWN,
    Api,
    Atom,
    Class,
    Const,
    Func,
    Host,
    Instance,
    Method,
    Module,
    Object,
    SelfSite,
    Size,
    Tensor,
    Value,
)
from leakscan.knowledge import Effect, Kind
from leakscan.knowledge.python import GROWERS

if TYPE_CHECKING:
    from leakscan.interpreter.frame import Frame


def attribute_of(frame: Frame, atom: Atom, name: str) -> Value:  # noqa: C901, PLR0911 -- one case a kind
    """Return `atom.name`."""
    if isinstance(atom, Api):
        return frame.engine.member(atom, name)
    if isinstance(atom, Module):
        found = frame.project.export(atom.index, name)
        if found:
            return found
        path = frame.project.paths[atom.index]
        if path.endswith("/__init__.py"):
            submodule = frame.project.index.resolve(path, name, 1)
            if submodule is not None and submodule in frame.project.by_path:
                return (Module(frame.project.by_path[submodule]),)
        return UNKNOWN
    if isinstance(atom, Instance):
        return _instance_attribute(frame, atom, name)
    if isinstance(atom, Class):
        found_method = frame.project.method(atom.module, atom.index, name)
        if found_method is not None:
            is_class = "builtins.classmethod" in frame.project.decorators(*found_method)
            return (Func(*found_method, receiver=atom if is_class else None),)
        site = frame.engine.self_site(atom.module, atom.index)
        known = frame.engine.attribute(Instance(atom.module, atom.index, site), name)
        if known:
            return known
        return (Method(atom, name),)
    if isinstance(atom, Func):
        return frame.engine.function_attribute(atom, name) or (Method(atom, name),)
    if isinstance(atom, Tensor):
        if frame.knowledge.attribute(Kind.TENSOR, name) is not Effect.GIVES_PLAIN_DATA:
            return (Method(atom, name),)
        frame.engine.note_reading(atom, frame.module, None, name)
        return HOST
    if isinstance(atom, Host | Const):
        # frame["image"].apply(predict)
        asked = name in GROWERS or frame.knowledge.method(None, name) is Effect.REPEATS_ARGUMENT
        return (Method(atom, name),) if asked else HOST
    return _object_attribute(frame, atom, name) if isinstance(atom, Object) else (Method(atom, name),)


def _object_attribute(frame: Frame, atom: Object, name: str) -> Value:
    effect = frame.knowledge.attribute(atom.kind, name)
    if effect is Effect.GIVES_SYMBOLIC:
        return (Object(Kind.SYMBOLIC, atom.origin),)
    if effect is Effect.GIVES_TENSOR:
        return (Tensor(Size.VALUE, "the model's regularization losses"),)
    if effect is Effect.GIVES_VARIABLE:
        return (Object(Kind.VARIABLE),)
    if effect is Effect.GIVES_ITSELF:
        return (atom,)
    return HOST if effect is Effect.GIVES_PLAIN_DATA else (Method(atom, name),)


def _instance_attribute(frame: Frame, atom: Instance, name: str) -> Value:
    found = frame.project.method(atom.module, atom.index, name)
    # self.encoder = self.encoder() in __init__: what it made takes the place of the method
    shadowed = () if found is None or name in frame.facts.self_stores else frame.engine.attribute(atom, name)
    if found is not None and not shadowed:
        decorators = frame.project.decorators(*found)
        if "builtins.staticmethod" in decorators:
            return (Func(*found),)
        if "builtins.classmethod" in decorators:
            return (Func(*found, receiver=Class(atom.module, atom.index)),)
        func = Func(*found, receiver=atom)
        if isinstance(atom.origin, SelfSite):
            # Of which subclass `self` is, nobody knows here: any that has more than the name.
            others = frame.project.overrides(atom.module, atom.index, name)
            if others:
                return tuple(Func(*other, receiver=frame.engine.receiver(*other)) for other in others)
        if any(name.endswith("property") for name in decorators):
            return frame.call_function(func, [], {}, frame.project.function(*found).node)
        return (func,)
    value = frame.engine.attribute(atom, name)
    if value:
        return value
    traits = frame.project.traits(atom.module, atom.index)
    if name == "model" and "callback" in traits:
        # fit() sets it.
        return (Object(Kind.MODEL),)
    if traits & {"model", "layer"}:
        return attribute_of(frame, Object(Kind.MODEL if "model" in traits else Kind.LAYER, atom.origin), name)
    return (Method(atom, name),)
