"""What code does with something tells what it is where nothing else does: a model that is a parameter."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from leakscan.facts import model as f
from leakscan.facts.names import dotted, names
from leakscan.facts.walk import walk, walk_kind
from leakscan.interpreter.values import Const, Method, Object, Param, Size, Tensor, Unknown, Value
from leakscan.knowledge import Effect, Kind, Words
from leakscan.knowledge.keras import ENDS
from leakscan.knowledge.tensorflow import TENSOR_CLASSES

if TYPE_CHECKING:
    from leakscan.interpreter.project import Project

#: What fit() of Keras models alone is told: of searches and of trees it is not.
_OF_FIT = frozenset({"epochs", "validation_data", "validation_split", "steps_per_epoch"})
_OF_COMPILE = frozenset({"optimizer", "loss"})
#: Methods that read or write a file of a model.
_FILES = frozenset({"load_weights", "save_weights", "save"})
_TELLING = frozenset({"predict", "evaluate", "fit", "compile", *_FILES})
_ENDINGS = (".h5", ".hdf5", ".keras")
#: What such a name stands for.
MODEL: Value = (Object(Kind.MODEL),)
#: A module and a function, or a module and a class.
_Key = tuple[int, int]


class Evidence:
    """Tells names that are used as only Keras models are: belongs to a project."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._of_function: dict[_Key, frozenset[str]] = {}
        self._of_class: dict[_Key, frozenset[str]] = {}
        self._inner: dict[int, dict[int | None, list[f.FunctionFacts]]] = {}
        self._words: frozenset[str] | None = None

    @staticmethod
    def tells(value: Value, used: frozenset[str], name: str) -> bool:
        """Whether a value is anything, and `name`, which stands for it, is used as a model."""
        return name in used and _is_anything(value)

    def passed(self, value: Value, params: Iterable[Param]) -> Value:
        """Return what parameters that functions pass to each other stand for, if their value is unknown."""
        if not _is_anything(value):
            return value
        params = list(params)
        for param in params:
            # def remember(self, loss: tf.Tensor): ...
            found = self._annotated(param)
            if found is not None:
                return found
        return MODEL if any(self._is_used(param) for param in params) else value

    def models(self, module: int, function: int) -> frozenset[str]:
        """Return the names, and attributes of self, that a function, or one within it, uses as models."""
        key = module, function
        known = self._of_function.get(key)
        if known is None:
            found = set(self._used_in(module, function))
            # def train(model): def step(x): tape.gradient(loss, model.trainable_variables)
            for inner in self._nested(module).get(function, ()) if function else ():
                own = {param.name for param in inner.params}
                found |= self.models(module, inner.index) - own
            known = self._of_function[key] = frozenset(found)
        return known

    def _nested(self, module: int) -> dict[int | None, list[f.FunctionFacts]]:
        """Return the functions of a module by the one that defines them, methods left out."""
        known = self._inner.get(module)
        if known is None:
            known = self._inner[module] = {}
            for inner in self._project.modules[module].functions:
                if inner.owner is None:
                    known.setdefault(inner.parent, []).append(inner)
        return known

    def of_class(self, module: int, index: int) -> frozenset[str]:
        """Return the attributes, as `self.model`, that any method of a class uses as models."""
        key = module, index
        known = self._of_class.get(key)
        if known is None:
            methods = self._project.klass(module, index).methods.values()
            found = (name for number in methods for name in self.models(module, number) if _is_of_self(name))
            known = self._of_class[key] = frozenset(found)
        return known

    def _annotated(self, param: Param) -> Value | None:
        """Return what the annotation of a parameter says; None if nothing that is known here."""
        facts = self._project.function(param.module, param.function)
        annotation = facts.params[param.index].annotation
        if not annotation:
            return None
        scope = facts.parent or 0
        for name in self._project.called.external(param.module, scope, annotation):
            row = self._project.knowledge.call(name)
            if row.effect is Effect.CREATES and row.kind in {Kind.MODEL, Kind.LAYER}:
                return (Object(row.kind),)
            if name in TENSOR_CLASSES:
                return (Tensor(Size.VALUE, f"a parameter of type {annotation}"),)
        return None

    def _is_used(self, param: Param) -> bool:
        """Whether the function of a parameter, or the class that keeps it, uses it as a model."""
        facts = self._project.function(param.module, param.function)
        name = facts.params[param.index].name
        if name in self.models(param.module, param.function):
            return True
        if facts.owner is None:
            return False
        # def __init__(self, model): self.model = model
        kept = self.of_class(param.module, facts.owner)
        return bool(kept) and any(
            item.value == f.Name(name) and any(dotted(target) in kept for target in item.targets)
            for item in walk_kind(facts.body, f.Assign)
        )

    def _used_in(self, module: int, function: int) -> Iterator[str]:
        # Keras itself takes anything that is like a model.
        if self._project.is_framework(module):
            return
        if self._words is None:
            words = self._project.knowledge.says(Words.OF_MODELS)
            # class Agent: def train_on_batch(self): ...  # then it may be an agent
            self._words = frozenset(word for word in words if not self._project.is_method(word))
        layers: set[str] = set()
        for fact in walk(self._project.function(module, function).body):
            if isinstance(fact, f.Attribute) and fact.attr in self._words:
                yield from _named(fact.value, layers)
            elif isinstance(fact, f.Call) and (asked := self._asked_as_keras(fact)) is not None:
                yield from _named(asked, layers)
            elif isinstance(fact, f.Call) and dotted(fact.func).rpartition(".")[2] == "Model":
                given = [*fact.args, *(value for _, value in fact.keywords)]
                for end in walk_kind(given, f.Attribute):
                    if end.attr in ENDS:
                        yield from _named(end.value, layers)
            elif isinstance(fact, f.For) and _are_layers(fact.iterable):
                layers.update(names(fact.target))

    def _asked_as_keras(self, call: f.Call) -> f.Expr | None:
        """Return what has a method called as only a Keras model has it; None for other calls."""
        if not isinstance(call.func, f.Attribute) or call.func.attr not in _TELLING:
            return None
        method, given = call.func.attr, dict(call.keywords)
        if method in {"predict", "evaluate"}:
            # net.predict(x, verbose=0)  # a number for how much it shows
            shown = given.get("verbose")
            quiet = isinstance(shown, f.Literal) and type(shown.value) is int
            return call.func.value if quiet else None
        asked = (
            # net.fit(x, y, epochs=5)
            (method == "fit" and not _OF_FIT.isdisjoint(given))
            or (method == "compile" and given.keys() >= _OF_COMPILE)
            # net.load_weights("net.h5")
            or (method in _FILES and any(map(_is_file_of_keras, call.args[:1])))
        )
        # class Trainer: def fit(self, x, y, epochs): ...  # then it may be a trainer
        return call.func.value if asked and not self._project.is_method(method) else None


def _named(expr: f.Expr, layers: set[str]) -> Iterator[str]:
    """Yield a plain or dotted name that is no part of a model: `model`, `self.model`, `actor.model`."""
    name = dotted(expr)
    if name and name.partition(".")[0] not in layers:
        yield name


def _is_of_self(name: str) -> bool:
    # self.model; but whose self.agent.model is, only the method tells
    return name.startswith("self.") and name.count(".") == 1


def _is_file_of_keras(given: f.Expr) -> bool:
    """Whether a name of a file, or its end, says that Keras wrote it: folder + "/net.h5"."""
    while isinstance(given, f.Binary):
        given = given.operands[-1]
    return isinstance(given, f.Literal) and str(given.value).endswith(_ENDINGS)


def _are_layers(iterable: f.Expr) -> bool:
    """Whether a loop goes through layers: for layer in model.layers: layer.trainable_weights."""
    return any(item.attr == "layers" for item in walk_kind([iterable], f.Attribute))


def _is_anything(value: Value) -> bool:
    unknown = False
    for atom in value:
        # train(app.state.model)  # an attribute of what nobody knows
        if isinstance(atom, Unknown | Method):
            unknown = True
        # def train(model=None): ...
        elif not (isinstance(atom, Const) and atom.value is None):
            return False
    return unknown


__all__ = ["MODEL", "Evidence"]
