"""The lifetime of an iteration: what is created each time, what escapes, what is released.

`analyse` runs every function that may matter and collects two kinds of candidates with all that is known of
them; the rules decide which of them are leaks.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import prod

from leakscan.facts import model as f
from leakscan.interpreter.effects import Growth, Loop
from leakscan.interpreter.engine import Engine
from leakscan.interpreter.frame import Frame
from leakscan.interpreter.project import Project
from leakscan.interpreter.values import (
    MAX_NESTING,
    Atom,
    Const,
    Container,
    Func,
    Host,
    Instance,
    Object,
    Site,
    Tensor,
    Tuple,
    Unknown,
    Value,
    join,
)
from leakscan.knowledge.keras_api import CALLBACK_HOOKS, HOST_METHODS, Kind
from leakscan.places import ChainLink, Place


@dataclass(frozen=True, slots=True)
class Rebuild:
    """A model constructed at `place` in every iteration of `loop` before the previous one was released."""

    place: Place
    label: str
    loop: Place
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


@dataclass(frozen=True, slots=True)
class Leaf:
    """A tensor within what is stored.

    path: positions in tuples, keys of dicts, `*` for any element of a list, `partial` and a position for what
    a partial holds; empty for the stored value itself. certain: it is nothing but a tensor. mixed: it is
    sometimes something else. single: it certainly holds one number; number: a floating-point one.
    """

    path: tuple[object, ...]
    size: str
    certain: bool
    mixed: bool = False
    single: bool = False
    number: bool = False


@dataclass(frozen=True, slots=True)
class Read:
    """What the code of a module asks of a stored tensor later on.

    place: of the call; None for an attribute, and for what a tensor is passed to. mixed: the same code also
    asks it of other tensors.
    """

    name: str
    module: int
    place: Place | None
    mixed: bool


@dataclass(frozen=True, slots=True)
class OtherStore:
    """Another place that puts tensors into the same container.

    in_graph: it runs while tracing. shared: it puts them into other containers too.
    """

    place: Place
    leaves: tuple[Leaf, ...]
    in_graph: bool
    shared: bool


@dataclass(frozen=True, slots=True)
class Retention:
    """Tensors that are put, at `place`, where they outlive an iteration of `loop`."""

    place: Place
    how: str
    #: The container as the code writes it: `losses`, `self.history['loss']`.
    name: str
    #: local, closure, global, or object (an attribute of something that lives longer).
    scope: str
    tensors: tuple[Tensor, ...]
    tapes: tuple[Object, ...]
    #: Names of tensors in the closure of a function that is what is kept.
    captured: tuple[str, ...]
    loop: Place | None
    #: What calls the function again and again where no loop is in sight.
    driver: str | None
    chain: tuple[ChainLink, ...]
    #: The loops train or run a model, or iterate over a dataset.
    step: bool
    #: A deque with a maximum length.
    bounded: bool
    #: Emptied, shortened, sliced, or made anew in an enclosing loop or by another method.
    rebuilt: bool
    #: Stacked, concatenated, differentiated: needed as tensors.
    consumed: bool
    #: Container and growth are under one gradient tape.
    under_tape: bool
    #: Runs while TensorFlow traces, not once per call.
    in_graph: bool
    eager: bool
    #: The literal number of elements, if known.
    bound: int | None
    #: Reached through a method that was found by its name alone.
    guessed: bool
    leaves: tuple[Leaf, ...] = ()
    reads: tuple[Read, ...] = ()
    container: Site | None = None
    others: tuple[OtherStore, ...] = ()


def analyse(project: Project) -> tuple[list[Rebuild], list[Retention]]:
    """Return the candidates of a project, sorted by place."""
    engine = Engine(project)
    for key in engine.collect():
        if is_root(project, key[0], project.function(*key)):
            engine.root(*key)
    rebuilds: dict[Place, Rebuild] = {}
    retentions: dict[tuple[Place, str], Retention] = {}
    traced: set[Place] = set()
    for frame in sorted(engine.roots.values(), key=lambda frame: (frame.module, frame.function)):
        for rebuild in _rebuilds(frame):
            rebuilds.setdefault(rebuild.place, rebuild)
        for growth in frame.growths.values():
            place = Place(growth.site.module, growth.site.node)
            if growth.in_graph:
                traced.add(place)
            found = _retention(engine, frame, growth)
            if found is None:
                continue
            slot = (place, "graph" if found.in_graph else "eager")
            known = retentions.get(slot)
            if known is None or _rank(found) < _rank(known):
                retentions[slot] = found
    kept = [found for (place, mode), found in retentions.items() if mode == "graph" or place not in traced]
    kept = _with_reads(engine, sorted(kept, key=lambda item: item.place))
    return sorted(rebuilds.values(), key=lambda item: item.place), kept


def _with_reads(engine: Engine, kept: list[Retention]) -> list[Retention]:
    """Add what the code asks of the stored tensors, in functions too that no loop made us look at."""
    if not kept:
        return kept
    near = {found.place.module for found in kept} | {
        found.container.module for found in kept if found.container is not None
    }
    for module, facts in enumerate(engine.project.modules):
        for function in facts.functions:
            if module in near or function.called_names & HOST_METHODS:
                engine.root(module, function.index)
    return [_with_uses(engine, found) for found in kept]


def _with_uses(engine: Engine, found: Retention) -> Retention:
    """Return a retention with all that is put where it puts its tensors, and what is asked of them."""
    here = (found.place.module, found.place.node)
    stored: Value = ()
    containers = [] if found.container is None else [found.container]
    for (site, *place), (value, _) in engine.stores.items():
        # def record(log, loss): log.append(loss)  # one place, several containers
        if tuple(place) == here:
            stored = join(stored, value)
            containers.append(site)
    containers = list(dict.fromkeys(containers))
    others: list[OtherStore] = []
    for (site, *place), (value, in_graph) in engine.stores.items():
        leaves = tuple(_leaves(engine, value)) if site in containers and tuple(place) != here else ()
        if leaves:
            shared = any(key[1:] == tuple(place) and key[0] not in containers for key in engine.stores)
            others.append(OtherStore(Place(*place), leaves, in_graph, shared))
    return replace(
        found,
        leaves=tuple(_leaves(engine, stored)) or found.leaves,
        reads=_reads(engine, containers),
        others=tuple(sorted(dict.fromkeys(others), key=lambda item: item.place)),
    )


def _reads(engine: Engine, containers: list[Site]) -> tuple[Read, ...]:
    mine: dict[tuple[int, int, str], None] = {}
    foreign: set[tuple[int, int]] = set(engine.direct_readings)
    for site, readings in engine.readings.items():
        if any(_comes_from(engine, site, container) for container in containers):
            mine.update(readings)
        else:
            foreign.update((module, node) for module, node, _ in readings)
    result = [
        Read(name, module, None if node < 0 else Place(module, node), (module, node) in foreign)
        for module, node, name in mine
    ]
    return tuple(sorted(result, key=lambda item: (item.module, item.place or Place(-1, -1), item.name)))


def _comes_from(engine: Engine, site: Site, container: Site) -> bool:
    """Whether a container is `container`, or was made from it: a slice, a copy, a zip."""
    seen: set[Site] = set()
    stack = [site]
    while stack:
        item = stack.pop()
        if item == container:
            return True
        if item not in seen:
            seen.add(item)
            contents = engine.contents.get(item)
            if contents is not None:
                stack.extend(contents.sources)
    return False


def _leaves(engine: Engine, value: Value, path: tuple[object, ...] = ()) -> list[Leaf]:
    """Return where tensors are in a value that is stored."""
    atoms = engine.force(value)
    tensors = [atom for atom in atoms if isinstance(atom, Tensor)]
    found: list[Leaf] = []
    if tensors:
        scalar = all(atom.size == "scalar" for atom in tensors)
        size = "scalar" if scalar else next(atom.size for atom in tensors if atom.size != "scalar")
        # self.loss = None until the first step; total = 0.0 before the first batch
        rest = [
            atom for atom in atoms if not isinstance(atom, Tensor | Unknown) and not _is_start(atom, size)
        ]
        single = all(atom.single for atom in tensors)
        number = single and all(atom.floating for atom in tensors)
        found.append(Leaf(path, size, len(tensors) == len(atoms), bool(rest), single, number))
    for atom in atoms:
        if len(path) > MAX_NESTING:
            break
        if isinstance(atom, Tuple):
            for index, item in enumerate(atom.items):
                found += _leaves(engine, item, (*path, index))
        elif isinstance(atom, Container):
            contents = engine.content(atom.site)
            for key, item in contents.keyed.items():
                found += _leaves(engine, item, (*path, key))
            found += _leaves(engine, contents.anything, (*path, "*"))
        elif isinstance(atom, Func):
            for index, item in enumerate(atom.partial):
                found += _leaves(engine, item, (*path, "partial", index))
    return list(dict.fromkeys(found))


def _is_start(atom: Atom, size: str) -> bool:
    """Whether an atom is what a name holds before the first tensor: None, or a number for numbers."""
    if isinstance(atom, Const) and atom.value is None:
        return True
    number = (isinstance(atom, Const) and atom.type != "str") or (isinstance(atom, Host) and atom.number)
    return number and size == "scalar"


def _rank(found: Retention) -> tuple[bool, bool, bool, bool, int]:
    # The strongest evidence first, then the shortest way to it.
    return (found.rebuilt, found.consumed, not found.step, found.under_tape, len(found.chain))


def is_root(project: Project, module: int, function: f.FunctionFacts) -> bool:
    """Whether a function is analysed for itself: it has a loop with calls, or others call it repeatedly."""
    if function.index == 0 or function.has_loop_call or function.is_generator:
        return True
    if is_hook(project, module, function) or function.name in {"train_step", "test_step", "predict_step"}:
        return True
    names = function.called_names
    if names & {
        "minimize",
        "lbfgs_minimize",
        "bfgs_minimize",
        "fmin_l_bfgs_b",
        "least_squares",
        "py_function",
    }:
        return True
    return bool(function.decorators) and bool(names & {"append", "extend", "add", "insert", "setdefault"})


def is_hook(project: Project, module: int, function: f.FunctionFacts) -> bool:
    """Whether `fit()` calls the function once per epoch or batch: a hook of keras.callbacks.Callback."""
    return (
        function.owner is not None
        and function.name in CALLBACK_HOOKS
        and "callback" in project.traits(module, function.owner)
    )


def _rebuilds(frame: Frame) -> list[Rebuild]:
    result: list[Rebuild] = []
    for node, found in frame.rebuilds.items():
        loop = found.loops[-1]
        result.append(
            Rebuild(
                Place(frame.module, node),
                found.creation.label,
                Place(loop.site.module, loop.site.node),
                _product(found.loops),
                tuple(ChainLink(Place(site.module, site.node), text) for site, text in found.creation.steps),
                node in frame.kept or found.creation.kept,
                node in frame.absorbed,
                frame.building,
                found.creation.guessed,
                any(outer.released for outer in found.loops[:-1]),
                _gives_model(frame, node),
                found.alive,
            )
        )
    return result


def _gives_model(frame: Frame, node: int) -> bool:
    """Whether the value of a call is the model that it constructs."""
    value = frame.gives.get(node)
    if value is None:
        return True
    site = Site(frame.module, frame.function, node)
    return any(
        atom.origin == site
        for atom in value
        if (isinstance(atom, Object) and atom.kind is Kind.MODEL)
        or (isinstance(atom, Instance) and "model" in frame.project.traits(atom.module, atom.index))
    )


def _retention(engine: Engine, frame: Frame, growth: Growth) -> Retention | None:
    """Judge a growth where its container's lifetime is known; None if that is not here."""
    project = engine.project
    container = growth.container
    life = container.life
    loops = growth.loops
    home: tuple[Loop, ...] = ()
    scope = _scope(frame, growth)
    if (life.module, life.function) == (frame.module, frame.function):
        # A list of the traced function itself is made anew with each trace.
        if frame.traced and growth.in_graph:
            return None
        home = frame.alloc.get(life.node, ())
    hook = is_hook(project, frame.module, frame.facts)
    if loops[: len(home)] != home:
        return None
    beyond = loops[len(home) :]
    driver = next((loop.driver for loop in beyond if loop.driver is not None), None)
    if not beyond and hook:
        driver = "fit()"
    if not beyond and driver is None and not growth.eager and not growth.in_graph:
        return None
    tensors = tuple(atom for atom in growth.elements if isinstance(atom, Tensor))
    tapes = tuple(atom for atom in growth.elements if isinstance(atom, Object) and atom.kind is Kind.TAPE)
    steps: list[ChainLink] = []
    for call in growth.calls:
        holder = project.describe(call.module, call.function)
        steps.append(
            ChainLink(Place(call.module, call.node), f"called here, in {holder}" if holder else "called here")
        )
    inner = next((loop for loop in reversed(beyond) if loop.driver is None), None)
    return Retention(
        place=Place(growth.site.module, growth.site.node),
        how=growth.how,
        name=growth.name,
        scope=scope,
        tensors=tensors,
        tapes=tapes,
        captured=growth.captured,
        loop=None if inner is None else Place(inner.site.module, inner.site.node),
        driver=driver,
        chain=tuple(steps),
        step=any(loop.step for loop in beyond)
        or (any(loop.eager for loop in beyond) and not _is_structural(frame, growth))
        or hook
        or growth.eager
        or bool(growth.captured)
        # labels.append(tf.one_hot(label, 10)); np.array(labels)  # data on its way, not what a model gave
        or (any(tensor.size != "value" for tensor in tensors) and _is_read_as_data(engine, container.site)),
        bounded=container.bounded,
        rebuilt=bool(home) or _is_rebuilt(engine, frame, growth, scope),
        consumed=_is_consumed(engine, container.site),
        # A tape that was opened outside the loop keeps all that is computed in it anyway.
        under_tape=scope == "local" and any(depth <= len(home) for depth in growth.tapes),
        in_graph=growth.in_graph,
        eager=growth.eager,
        bound=_product(beyond, literal=True),
        guessed=growth.guessed,
        leaves=tuple(_leaves(engine, growth.value)),
        container=container.site,
    )


def _scope(frame: Frame, growth: Growth) -> str:
    """Return whose the container is: local, closure, global, or object."""
    life = growth.container.life
    if "." in growth.name.partition("[")[0].partition("(")[0] or growth.container.kind == "attribute":
        return "object"
    if life.function < 0:
        return "object"
    if life.function == 0:
        # What the module's own code fills is a local list of a script.
        return "local" if frame.function == 0 and not growth.calls else "global"
    return "local" if (life.module, life.function) == (frame.module, frame.function) else "closure"


def _is_structural(frame: Frame, growth: Growth) -> bool:
    """Whether the loops may be the structure of a model rather than steps: then only a real step tells."""
    project = frame.project
    if frame.makes_layers or project.is_framework(frame.module):
        return True
    holder = project.function(growth.site.module, growth.site.function)
    places = ((frame.module, frame.facts.owner), (growth.site.module, holder.owner))
    return any(
        owner is not None and bool(project.traits(module, owner) & {"model", "layer"})
        for module, owner in places
    )


def _product(loops: tuple[Loop, ...], *, literal: bool = False) -> int | None:
    counts = [loop.literal if literal else loop.bound for loop in loops]
    bounds = [count for count in counts if count is not None]
    return prod(bounds) if bounds and len(bounds) == len(loops) else None


def _is_read_as_data(engine: Engine, site: Site) -> bool:
    contents = engine.contents.get(site)
    return contents is not None and contents.read_as_data


def _is_consumed(engine: Engine, site: Site) -> bool:
    seen: set[Site] = set()
    stack = [site]
    while stack:
        item = stack.pop()
        if item in engine.consumed:
            return True
        if item in seen:
            continue
        seen.add(item)
        contents = engine.contents.get(item)
        if contents is not None:
            stack.extend(contents.sources)
    return False


def _is_rebuilt(engine: Engine, frame: Frame, growth: Growth, scope: str) -> bool:
    project = engine.project
    name = growth.name.replace("(...)", "")
    base = name.partition("[")[0]
    last = base.rpartition(".")[2]
    holder = project.function(growth.site.module, growth.site.function)
    owner_function = growth.container.site.function
    functions = [holder]
    if owner_function >= 0:
        functions.append(project.function(growth.container.site.module, owner_function))
    if any(last in function.shrinks for function in functions):
        return True
    # results.append(loss); if end_of_epoch: ...; results = []
    # images[name] = [first]; images[name].append(second)  # a list of this iteration, under a key of its own
    site = growth.container.site
    if site != growth.container.life and (site.module, site.function) == (frame.module, frame.function):
        made = frame.alloc.get(site.node)
        if made and len(made) >= len(growth.loops):
            return True
    for loop in growth.loops:
        if base in loop.rebound and ("." in base or loop.site.function == growth.site.function):
            return True
    # self.indices.append(tf.range(...)) in __init__ is done once for each object.
    if scope == "object" and frame.facts.name == "__init__":
        return True
    if scope in {"local", "closure"}:
        # A list of one call is made anew where its function is called in a loop.
        life = growth.container.life
        return scope == "local" and frame.function != 0 and (life.module, life.function) in engine.looped
    if scope == "global":
        facts = project.modules[growth.container.site.module]
        return any(
            last in function.shrinks or (last in function.globals and function.index)
            for function in facts.functions
            if _binds_global(function, last)
        )
    return _attribute_reset(engine, frame, growth, last)


def _binds_global(function: f.FunctionFacts, name: str) -> bool:
    if name in function.shrinks:
        return True
    if name not in function.globals:
        return False
    return any(
        isinstance(statement, f.Assign)
        and any(isinstance(target, f.Name) and target.id == name for target in statement.targets)
        for statement in function.body
    )


def _attribute_reset(engine: Engine, frame: Frame, growth: Growth, attr: str) -> bool:
    project = engine.project
    site = growth.container.site
    for module, index in project.resets(site.module, attr):
        function = project.function(module, index)
        # step.history = []  # where the container itself comes from
        if (module, index) == (site.module, site.function) and attr not in function.shrinks:
            continue
        # `self.losses.clear()` in another method, `agent.losses = []` anywhere.
        if attr in function.shrinks or attr in function.other_stores:
            return True
    owner = project.function(site.module, max(site.function, 0)).owner
    if owner is None:
        return False
    for module, index in project.mro(site.module, owner):
        for name, number in project.klass(module, index).methods.items():
            if name == "__init__" or attr not in project.function(module, number).self_stores:
                continue
            if growth.container.kind == "attribute" or (module, number) == (frame.module, frame.function):
                continue
            return True
    return False


__all__ = ["Rebuild", "Retention", "analyse"]
