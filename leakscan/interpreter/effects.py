"""What running a function leaves behind: loops, creations, growths, and the summary for callers."""

from __future__ import annotations

import enum
from math import prod

from leakscan.interpreter.values import Container, CreationSite, Value
from leakscan.records import dataclass


@dataclass(slots=True, eq=False)
class Loop:
    """A loop that is running. `bound` is the number of its iterations where that is a small literal."""

    site: CreationSite
    bound: int | None = None
    #: Set when the body trains or runs a model: a tape, an optimizer's step, a traced function.
    step: bool = False
    #: Set when the body does what only eager code does: reads a tensor's value, calls a model on data.
    eager: bool = False
    #: Runs over a dataset: that is never the structure of a model.
    over_data: bool = False
    #: Goes through things that are there already, not through numbers, batches or for as long as it takes.
    over_items: bool = False
    #: Goes through variables of a model, or what there is one of for each of them: weights and gradients.
    over_weights: bool = False
    #: Set when the body makes layers.
    makes_layers: bool = False
    #: Set when the body itself (not a loop within it) releases models.
    released: bool = False
    #: For functions that are called in a loop elsewhere: who calls them.
    driver: str | None = None
    #: A search calls a function again and again, each time as a trial.
    search: bool = False
    #: A function is called for each request, message or event.
    events: bool = False
    #: A function is called at times.
    timed: bool = False
    #: A function is called for each of several items, as map() does.
    mapped: bool = False
    targets: frozenset[str] = frozenset()
    varying: frozenset[str] = frozenset()
    rebound: frozenset[str] = frozenset()
    counters: frozenset[str] = frozenset()
    #: `bound` where the header itself says it: range(3), (1, 2, 3).
    literal: int | None = None


def iterations_of(loops: tuple[Loop, ...], *, literal: bool = False) -> int | None:
    """Return how often the innermost of several loops runs in all, if all of them say it."""
    counts = [loop.literal if literal else loop.bound for loop in loops]
    bounds = [count for count in counts if count is not None]
    return prod(bounds) if bounds and len(bounds) == len(loops) else None


class Origin(enum.Enum):
    """How a model comes into being: the verb of messages, and its participle."""

    CONSTRUCTED = ("constructs", "constructed")
    LOADED = ("loads", "loaded")
    COPIED = ("copies", "copied")

    @property
    def verb(self) -> str:
        """What a function does: constructs."""
        return self.value[0]

    @property
    def participle(self) -> str:
        """What is done to the model: constructed."""
        return self.value[1]


@dataclass(frozen=True, slots=True)
class Creation:
    """A model that comes into being at `site`, directly or in the calls that `steps` name."""

    site: CreationSite
    label: str
    steps: tuple[tuple[CreationSite, str], ...] = ()
    kept: bool = False
    #: Reached through a method that was found by its name alone.
    guessed: bool = False
    origin: Origin = Origin.CONSTRUCTED


@dataclass(frozen=True, slots=True)
class Growth:
    """A value that is put where it stays, in `container`; attributes count as containers too."""

    site: CreationSite
    how: str
    name: str
    container: Container
    elements: Value
    loops: tuple[Loop, ...]
    #: Calls that lead from the function at hand to the one that holds `site`, outermost first.
    calls: tuple[CreationSite, ...] = ()
    captured: tuple[str, ...] = ()
    in_graph: bool = False
    eager: bool = False
    tapes: tuple[int, ...] = ()
    guessed: bool = False
    #: What is put in, as it was evaluated.
    value: Value = ()


@dataclass(slots=True)
class Summary:
    """What a call does, for its caller."""

    returns: Value = ()
    creations: tuple[Creation, ...] = ()
    growths: tuple[Growth, ...] = ()
    releases: bool = False
    steps: bool = False
    eager: bool = False
    #: What was constructed and released.
    cleared: tuple[Creation, ...] = ()


@dataclass(slots=True)
class Recreation:
    """A creation that comes again in a loop before anything released the previous one."""

    creation: Creation
    loops: tuple[Loop, ...]
    #: Names of models and the like that were there before the loop.
    alive: tuple[str, ...] = ()
