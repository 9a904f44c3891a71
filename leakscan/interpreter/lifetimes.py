"""The lifetime of an iteration: what is created each time, what escapes, what is released.

`analyse` runs every function that may matter and collects two kinds of candidates with all that is known of
them; the rules decide which of them are leaks.
"""

from __future__ import annotations

from collections.abc import Collection

from leakscan.facts import model as f
from leakscan.interpreter.engine import Engine
from leakscan.interpreter.handlers import handler_of
from leakscan.interpreter.project import Project
from leakscan.interpreter.rebuilds import Rebuild, rebuilds_of, rebuilds_of_handler
from leakscan.interpreter.retentions import Retention, rank, retention_of
from leakscan.knowledge import Words
from leakscan.knowledge.keras import HOST_METHODS
from leakscan.places import Place


def analyse(project: Project) -> tuple[list[Rebuild], list[Retention]]:
    """Return the candidates of a project, sorted by place."""
    engine = project.engine
    for key in engine.collect():
        if _is_root(project, key[0], project.function(*key)):
            engine.root(*key)
    handlers = _handlers(engine)
    rebuilds: dict[Place, Rebuild] = {}
    retentions: dict[tuple[Place, str], Retention] = {}
    traced: set[Place] = set()
    for frame in sorted(engine.roots.values(), key=lambda frame: (frame.module, frame.function)):
        for rebuild in rebuilds_of(frame):
            rebuilds.setdefault(rebuild.place, rebuild)
        server = handlers.get((frame.module, frame.function))
        for rebuild in rebuilds_of_handler(frame, server) if server is not None else ():
            rebuilds.setdefault(rebuild.place, rebuild)
        for growth in frame.growths.values():
            place = Place(growth.site.module, growth.site.node)
            if growth.in_graph:
                traced.add(place)
            found = retention_of(engine, frame, growth, server)
            if found is None:
                continue
            slot = (place, "graph" if found.in_graph else "eager")
            known = retentions.get(slot)
            if known is None or rank(found) < rank(known):
                retentions[slot] = found
    kept = [found for (place, mode), found in retentions.items() if mode == "graph" or place not in traced]
    kept.sort(key=lambda item: item.place)
    return sorted(rebuilds.values(), key=lambda item: item.place), kept


def _handlers(engine: Engine) -> dict[tuple[int, int], str]:
    """Run what a framework calls for each request if that may make a model or keep a tensor; name callers."""
    found: dict[tuple[int, int], str] = {}
    for key, visited in sorted(engine.visited.items()):
        # @app.post("/heat"): def heat(): view = keras.Model(net.inputs, net.layers[-3].output)
        wanted = visited.interest.makes or visited.interest.grows
        if wanted and (server := handler_of(engine.project, key)) is not None:
            engine.root(*key)
            found[key] = server.words
    return found


def look_at_readers(engine: Engine, kept: list[Retention], reach: Collection[int]) -> None:
    """Run what may ask something of the stored tensors, functions too that no loop made us look at.

    reach: the modules that may hold those tensors which the question is about.
    """
    near = {module for found in kept for module in modules_of(found)}
    reading = set(HOST_METHODS.split())
    for module in sorted(reach):
        for function in engine.project.modules[module].functions:
            if module in near or function.called_names & reading:
                engine.root(module, function.index)


def modules_of(found: Retention) -> set[int]:
    """Return the modules where a retention is, and where its container is made."""
    return {found.place.module} | ({found.container.module} if found.container is not None else set())


def _is_root(project: Project, module: int, function: f.FunctionFacts) -> bool:
    """Whether a function is analysed for itself: it has a loop with calls, or others call it repeatedly."""
    if function.index == 0 or function.has_loop_call or function.is_generator:
        return True
    if project.is_hook(module, function.index) or function.name in project.knowledge.says(Words.TRACED_STEPS):
        return True
    names = function.called_names
    if names & project.knowledge.driver_names or names & project.knowledge.task_names:
        return True
    return bool(function.decorators) and bool(names & {"append", "extend", "add", "insert", "setdefault"})


__all__ = ["analyse", "look_at_readers", "modules_of"]
