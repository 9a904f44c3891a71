"""Models that are built to hold the weights of one file after another: evaluations, conversions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leakscan.questions import calls, function_of, is_constant, repetitions, trains, work

if TYPE_CHECKING:
    from leakscan.interpreter.project import Project
    from leakscan.questions import Rebuild

#: Methods that fill a model, or a checkpoint that holds it, and the name of the argument that is a file.
_LOADERS = {"load_weights": "filepath", "restore": "save_path"}


def is_of_another_file(project: Project, rebuild: Rebuild) -> bool:
    """Whether each iteration builds a model for the weights of another file, and trains none."""
    if rebuild.driver is not None:
        return False
    built = rebuild.chain[-1].place if rebuild.chain else rebuild.place
    functions = {function_of(project, place) for place in (rebuild.place, built)}
    functions.update(function_of(project, link.place) for link in rebuild.chain)
    for call in calls(project, method=_LOADERS):
        file = call.argument(0, _LOADERS[call.name])
        if call.function not in functions or file is None:
            continue
        for around in repetitions(project, call.place):
            # for path in paths: net = build(); net.load_weights(path); scores.append(net.evaluate(x, y))
            if around.loop == rebuild.loop and not is_constant(project, file, call.place, around):
                return not (trains(project, rebuild.loop) or work(project, rebuild.loop).fits)
    return False


__all__ = ["is_of_another_file"]
