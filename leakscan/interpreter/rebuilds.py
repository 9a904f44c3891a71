"""Models that are constructed again before the last one was released: the answers about IMR."""

from __future__ import annotations

from leakscan.interpreter.effects import Origin, iterations_of
from leakscan.interpreter.frame import Frame
from leakscan.interpreter.values import CreationSite, Instance, Object
from leakscan.knowledge import Kind
from leakscan.places import ChainLink, Place
from leakscan.records import dataclass


@dataclass(frozen=True, slots=True)
class Rebuild:
    """A model constructed at `place` in every iteration of `loop` before the previous one was released."""

    place: Place
    label: str
    loop: Place
    #: What runs the loop where that is no code of the project: `scipy.optimize.minimize`.
    driver: str | None
    #: The number of iterations, enclosing loops included, where the function itself says it.
    bound: int | None
    #: What calls what, from the function called at `place` to the construction.
    chain: tuple[ChainLink, ...]
    #: Put into a container (or another object's attribute) that outlives the loop.
    kept: bool
    #: A part of a larger model: its outputs flow into one.
    absorbed: bool
    #: In a method that builds a layer or model.
    in_layer: bool
    #: Reached through a method that was found by its name alone.
    guessed: bool
    #: An enclosing loop releases models, so that the growth ends there.
    released_outside: bool
    #: The call at `place` gives the model itself, not an object that holds it, nor what it computed.
    gives_model: bool
    #: Names of models, layers and optimizers that were there before the loop.
    alive: tuple[str, ...]
    #: Constructed, loaded or copied.
    origin: Origin
    #: A trial: a search calls the function that builds, or the estimator of one is fitted.
    trial: bool
    #: The iteration released the model before: what is left is the cost of building.
    cleared: bool = False
    #: All that keeps it is made anew by an enclosing loop: the models of one round of many.
    renewed: bool = False
    #: No loop is in sight: a framework calls the function for each request, message or event.
    handled: bool = False


def rebuilds_of(frame: Frame) -> list[Rebuild]:
    """Return what a function constructs again and again."""
    result: list[Rebuild] = []
    every = [(node, found, False) for node, found in frame.rebuilds.items()]
    every += [
        (node, found, True) for node, found in frame.cleared_rebuilds.items() if node not in frame.rebuilds
    ]
    for node, found, cleared in every:
        loop = found.loops[-1]
        result.append(
            Rebuild(
                Place(frame.module, node),
                found.creation.label,
                Place(loop.site.module, loop.site.node),
                loop.driver,
                iterations_of(found.loops),
                tuple(ChainLink(Place(site.module, site.node), text) for site, text in found.creation.steps),
                node in frame.kept or found.creation.kept,
                node in frame.absorbed,
                frame.building,
                found.creation.guessed,
                any(outer.released for outer in found.loops[:-1]),
                _gives_model(frame, node),
                found.alive,
                found.creation.origin,
                loop.search or node in frame.wrapped,
                cleared,
                frame.renewed.get(node, False) and not found.creation.kept,
            )
        )
    return result


def rebuilds_of_handler(frame: Frame, words: str) -> list[Rebuild]:
    """Return what a function constructs that a framework calls for each request; `words` say what does.

    Loops in it are judged by themselves, and so is what it keeps on purpose: models[name] = build(name).
    """
    found = [
        (node, frame.creations[node])
        for node in frame.unreleased_at_exit
        if node not in frame.in_loop and node not in frame.kept
    ]
    return [
        Rebuild(
            Place(frame.module, node),
            made.label,
            Place(frame.module, node),
            words,
            None,
            tuple(ChainLink(Place(site.module, site.node), text) for site, text in made.steps),
            made.kept,
            node in frame.absorbed,
            frame.building,
            made.guessed,
            released_outside=False,
            gives_model=_gives_model(frame, node),
            alive=(),
            origin=made.origin,
            trial=False,
            handled=True,
        )
        for node, made in found
    ]


def _gives_model(frame: Frame, node: int) -> bool:
    """Whether the value of a call is the model that it constructs."""
    value = frame.gives.get(node)
    if value is None:
        return True
    site = CreationSite(frame.module, frame.function, node)
    return any(
        atom.origin == site
        for atom in value
        if (isinstance(atom, Object) and atom.kind is Kind.MODEL)
        or (isinstance(atom, Instance) and "model" in frame.project.traits(atom.module, atom.index))
    )


__all__ = ["Rebuild", "rebuilds_of", "rebuilds_of_handler"]
