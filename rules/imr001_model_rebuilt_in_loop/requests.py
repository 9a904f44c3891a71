"""Models that a function makes which a framework calls for each request, message or event.

A view of a model, a wrapper of it, or a model that is given known weights: one is as good as a new one. What
the request decides about, what is trained, and what is loaded as well (IMR003 reports that) is left alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from leakscan.facts import model as f
from leakscan.facts.walk import walk_kind
from leakscan.interpreter.origins import call_of
from leakscan.questions import (
    Kind,
    Origin,
    Repetition,
    called_from,
    callees,
    calls,
    comes_each_time,
    function_of,
    is_constant,
    rebuilds,
)
from leakscan.rule import ChainLink

from ..families.pretrained import is_reloaded

if TYPE_CHECKING:
    from leakscan.interpreter.project import Project
    from leakscan.questions import Function, Rebuild
    from leakscan.rule import Place

#: What a function calls that trains.
_TRAINS = frozenset({"fit", "fit_generator", "train_on_batch", "apply_gradients", "minimize"})


def made_for_each_request(project: Project) -> Iterator[Rebuild]:
    """Yield the models that are made for each request though the request has no say in them."""
    handled = rebuilds(project, handled=True)
    # net = load_model(path); view = keras.Model(net.inputs, net.layers[-3].output)  # one finding
    loading = {function_of(project, item.place) for item in handled if _loads(project, item)}
    for rebuild in handled:
        function = function_of(project, rebuild.place)
        if function in loading or rebuild.kept or rebuild.absorbed or rebuild.in_layer:
            continue
        if _trains(project, function) or _reads_weights(project, function):
            continue
        if _is_made_anew(project, rebuild):
            yield rebuild


def _loads(project: Project, rebuild: Rebuild) -> bool:
    return rebuild.origin is not Origin.CONSTRUCTED or is_reloaded(project, rebuild)


def _trains(project: Project, function: Function) -> bool:
    """Whether a request asks for a training: of a model of its own."""
    return any(
        project.function(*callee).called_names & _TRAINS for callee in called_from(project, [function])
    )


def _reads_weights(project: Project, function: Function) -> bool:
    """Whether weights are read from a file for each request: IMR003 reports that."""
    within = called_from(project, [function])
    return any(True for _ in calls(project, method="load_weights", receiver=Kind.MODEL, within=within))


def _is_made_anew(project: Project, rebuild: Rebuild) -> bool:
    """Whether each request comes to a construction, and always to the same."""
    places = [rebuild.place, *(link.place for link in rebuild.chain)]
    links = tuple(ChainLink(place, "") for place in places[:-1])
    around = [Repetition(None, rebuild.driver, None, links[:number]) for number in range(len(places))]
    if not comes_each_time(project, places[-1], around[-1]):
        return False
    if not _is_given(project, places[-1]):
        return _is_the_same(project, places[0], around[0])
    # cam = GradCam(net, request.args["layer"]); ...; keras.Model(self.net.inputs, ...)
    decisive = [
        (place, before)
        for place, before in zip(places, around, strict=True)
        if place == places[-1] or _makes_object(project, place)
    ]
    return all(_is_the_same(project, place, before) for place, before in decisive)


def _is_given(project: Project, place: Place) -> bool:
    """Whether a model is made of what is there: keras.Model(net.inputs, net.get_layer(name).output)."""
    call = call_of(project, function_of(project, place), place.node)
    return call is not None and any(
        item.attr in {"input", "inputs", "output", "outputs"} for item in walk_kind([call], f.Attribute)
    )


def _makes_object(project: Project, place: Place) -> bool:
    return any(project.function(*callee).name == "__init__" for callee in callees(project, place))


def _is_the_same(project: Project, place: Place, around: Repetition) -> bool:
    """Whether the names in the arguments of a call stand for the same in each request; `self` does."""
    function = function_of(project, place)
    facts, call = project.function(*function), call_of(project, function, place.node)
    if call is None:
        return False
    own = f.Name(facts.params[0].name) if facts.owner is not None and facts.params else None
    given = [*call.args, *(value for _, value in call.keywords)]
    return all(
        name == own or is_constant(project, name, place, around, calls_hold=True)
        for name in walk_kind(given, f.Name)
    )


__all__ = ["made_for_each_request"]
