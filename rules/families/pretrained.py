"""Models of keras.applications with trained weights: to make one again is to load the same file again."""

from __future__ import annotations

from leakscan.facts import model as f
from leakscan.interpreter.project import Project
from leakscan.questions import Call, Effect, Kind, Rebuild, calls, is_constant, repetitions


def pretrained(project: Project) -> list[Call]:
    """Return the calls that make a model of keras.applications with weights: by default, imagenet's."""
    return [
        call
        for call in calls(project, "keras.applications.**")
        if (row := project.knowledge.call(call.name)).effect is Effect.CREATES
        and row.kind is Kind.MODEL
        # VGG16(weights=None), which draws them
        and call.argument(1, "weights") != f.Literal(None)
    ]


def is_reloaded(project: Project, rebuild: Rebuild) -> bool:
    """Whether what is built in a loop is such a model, always the same one: IMR003 reports it."""
    if not rebuild.label.startswith("keras.applications."):
        return False
    place = rebuild.chain[-1].place if rebuild.chain else rebuild.place
    return any(
        call.place == place
        and any(
            around.loop == rebuild.loop
            and all(
                is_constant(project, item, place, around)
                for item in (*call.call.args, *(value for _, value in call.call.keywords))
            )
            for around in repetitions(project, place)
        )
        for call in pretrained(project)
    )


__all__ = ["is_reloaded", "pretrained"]
