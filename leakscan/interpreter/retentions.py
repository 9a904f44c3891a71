"""Tensors that are put where they outlive an iteration: the answers about UTR."""

from __future__ import annotations

import enum

from leakscan.facts import model as f
from leakscan.facts.names import names_rebound
from leakscan.facts.walk import blocks_of, walk
from leakscan.interpreter.effects import Growth, Loop, iterations_of
from leakscan.interpreter.engine import Engine
from leakscan.interpreter.frame import Frame
from leakscan.interpreter.leaves import Leaf, leaves_of
from leakscan.interpreter.records import Reading
from leakscan.interpreter.values import (
    AnySite,
    CreationSite,
    Inherited,
    Object,
    SelfSite,
    Size,
    Tensor,
    Value,
    join,
)
from leakscan.knowledge import Kind
from leakscan.places import ChainLink, Place
from leakscan.records import dataclass, replace


class Scope(enum.Enum):
    """Whose a container is."""

    LOCAL = "local"
    CLOSURE = "closure"
    GLOBAL = "global"
    #: An attribute of something that lives longer.
    OBJECT = "object"


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
    scope: Scope
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
    #: One for each variable of a model, or for each gradient: there are as many of them as there were before.
    over_weights: bool
    #: One for each of some things that are there already; not for each number, batch or step.
    over_items: bool
    #: The literal number of elements, if known.
    bound: int | None
    #: An array is made of the whole container, or its elements are turned into plain data, later on.
    read_as_data: bool
    #: Reached through a method that was found by its name alone.
    guessed: bool
    #: `Project.with_uses` tells these three: all that is stored here, what is asked of it, who else stores.
    leaves: tuple[Leaf, ...] = ()
    reads: tuple[Read, ...] = ()
    value: Value = ()
    container: AnySite | None = None
    others: tuple[OtherStore, ...] = ()


def retention_of(engine: Engine, frame: Frame, growth: Growth, server: str | None = None) -> Retention | None:
    """Judge a growth where its container's lifetime is known; None if that is not here.

    server: what calls the function for each request, message or event, in words.
    """
    project = engine.project
    container = growth.container
    life = container.life
    loops = growth.loops
    home: tuple[Loop, ...] = ()
    scope = _scope(frame, growth)
    made_at = frame.own_node(life)
    if made_at is not None:
        # A list of the traced function itself is made anew with each trace.
        if frame.traced and growth.in_graph:
            return None
        home = frame.alloc.get(made_at, ())
    hook = project.is_hook(frame.module, frame.function)
    if loops[: len(home)] != home:
        return None
    beyond = loops[len(home) :]
    driver = next((loop.driver for loop in beyond if loop.driver is not None), None)
    if not beyond and hook:
        driver = "fit()"
    # ANSWERS = []; @app.post("/label"): def label(): ANSWERS.append(net(x)); an object may be one request's
    handled = server is not None and not beyond and made_at is None and not isinstance(life, SelfSite)
    if handled:
        driver = server
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
        step=(any(loop.step for loop in beyond) and not _is_forward_pass(frame, growth))
        or (_is_eager(beyond, tensors, scope) and not _is_structural(frame, growth))
        # net = keras.Sequential([...]); for batch in dataset: answers.append(net(batch))
        or (any(loop.over_data for loop in beyond) and not project.is_framework(frame.module))
        or hook
        or handled
        or growth.eager
        or bool(growth.captured)
        # states.append(x); ...; print([float(tf.reduce_max(state)) for state in states])
        or (
            engine.content(container.site).reduced
            and not all(loop.over_items for loop in beyond)
            and not _is_structural(frame, growth)
        )
        # labels.append(tf.one_hot(label, 10)); np.array(labels)  # data on its way, not what a model gave
        or (
            any(tensor.size is not Size.VALUE for tensor in tensors)
            and _is_read_as_data(engine, container.site)
        ),
        bounded=container.bounded,
        rebuilt=bool(home) or _is_rebuilt(engine, frame, growth, scope),
        consumed=_is_consumed(engine, container.site),
        # A tape that was opened outside the loop keeps all that is computed in it anyway.
        under_tape=scope is Scope.LOCAL and any(depth <= len(home) for depth in growth.tapes),
        in_graph=growth.in_graph,
        eager=growth.eager,
        over_weights=bool(beyond) and all(loop.over_weights for loop in beyond),
        over_items=bool(beyond) and all(loop.over_items for loop in beyond),
        bound=iterations_of(beyond, literal=True),
        read_as_data=_is_read_as_data(engine, container.site),
        guessed=growth.guessed,
        value=growth.value,
        container=container.site,
    )


def _scope(frame: Frame, growth: Growth) -> Scope:
    """Return whose the container is."""
    life = growth.container.life
    if "." in growth.name.partition("[")[0].partition("(")[0] or growth.container.kind == "attribute":
        return Scope.OBJECT
    if isinstance(life, SelfSite):
        return Scope.OBJECT
    if life.function == 0:
        # What the module's own code fills is a local list of a script.
        return Scope.LOCAL if frame.function == 0 and not growth.calls else Scope.GLOBAL
    own = (life.module, life.function) == (frame.module, frame.function)
    return Scope.LOCAL if own else Scope.CLOSURE


def _is_eager(loops: tuple[Loop, ...], tensors: tuple[Tensor, ...], scope: Scope) -> bool:
    """Whether loops work on values, and what is kept may be more than a list that is there already."""
    # for part in tf.split(grad, 4): parts.append(scale(part)); count = tf.size(part).numpy(); return parts
    computed = scope is Scope.LOCAL and all(tensor.size is Size.VALUE for tensor in tensors)
    return any(loop.eager and not (loop.over_items and computed) for loop in loops)


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


def _is_forward_pass(frame: Frame, growth: Growth) -> bool:
    """Whether a list lives as long as one call of a layer or model: what it holds is one output of that."""
    # def call(self, inputs): for level in self.levels: boxes.append(self.head(inputs[level])); return boxes
    owner = frame.facts.owner
    return (
        owner is not None
        and frame.facts.name in {"call", "__call__"}
        and frame.own_node(growth.container.life) is not None
        and bool(frame.project.traits(frame.module, owner) & {"model", "layer"})
    )


def rank(found: Retention) -> tuple[bool, bool, bool, bool, int]:
    """Return what sorts several retentions at one place: the one to report first."""
    # The strongest evidence first, then the shortest way to it.
    return (found.rebuilt, found.consumed, not found.step, found.under_tape, len(found.chain))


def _is_read_as_data(engine: Engine, site: AnySite) -> bool:
    while isinstance(site, Inherited) and not engine.content(site).read_as_data:
        site = site.made
    contents = engine.contents.get(site)
    return contents is not None and contents.read_as_data


def _is_consumed(engine: Engine, site: AnySite) -> bool:
    seen: set[AnySite] = set()
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


def _is_rebuilt(engine: Engine, frame: Frame, growth: Growth, scope: Scope) -> bool:
    project = engine.project
    name = growth.name.replace("(...)", "")
    base = name.partition("[")[0]
    last = base.rpartition(".")[2]
    holder = project.function(growth.site.module, growth.site.function)
    made_in = growth.container.site
    functions = [holder]
    if isinstance(made_in, CreationSite):
        functions.append(project.function(made_in.module, made_in.function))
    if any(last in function.shrinks for function in functions):
        return True
    # results.append(loss); if end_of_epoch: ...; results = []
    # images[name] = [first]; images[name].append(second)  # a list of this iteration, under a key of its own
    site = growth.container.site
    if site != growth.container.life and (site.module, site.function) == (frame.module, frame.function):
        made = frame.alloc.get(site.node) if isinstance(site, CreationSite) else None
        if made and len(made) >= len(growth.loops):
            return True
    for loop in growth.loops:
        if base in loop.rebound and ("." in base or loop.site.function == growth.site.function):
            return True
    # self.rates.append(rate); self.rates = [np.mean(self.rates)]
    if _bound_beside(holder, growth.site.node, base):
        return True
    # self.indices.append(tf.range(...)) in __init__ is done once for each object.
    if scope is Scope.OBJECT and frame.facts.name == "__init__":
        return True
    if scope in {Scope.LOCAL, Scope.CLOSURE}:
        # A list of one call is made anew where its function is called in a loop.
        life = growth.container.life
        return scope is Scope.LOCAL and frame.function != 0 and (life.module, life.function) in engine.looped
    if scope is Scope.GLOBAL:
        facts = project.modules[growth.container.site.module]
        return any(
            last in function.shrinks or (last in function.globals and function.index)
            for function in facts.functions
            if _binds_global(function, last)
        )
    return _attribute_reset(engine, frame, growth, last)


def _bound_beside(function: f.FunctionFacts, node: int, name: str) -> bool:
    """Whether the block that holds a node binds `name` to something new as well."""
    blocks = [function.body]
    while blocks:
        block = blocks.pop()
        for statement in block:
            blocks += blocks_of(statement)
        held = any(
            getattr(fact, "node", None) == node
            for statement in block
            if not blocks_of(statement)
            for fact in walk(statement)
        )
        if held:
            plain = [item for item in block if isinstance(item, f.Assign)]
            return name in names_rebound(plain)
    return False


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
    owner_name = growth.name.partition(".")[0]
    local = isinstance(site, CreationSite) and project.local_function(site.module, site.function, owner_name)
    for module, index in project.resets(site.module, attr):
        # def make(): def f(): ...; f.trace = []  # another function's f is another one
        if local and (module, index) != (site.module, site.function):
            continue
        function = project.function(module, index)
        # step.history = []  # where the container itself comes from
        if (module, index) == (site.module, site.function) and attr not in function.shrinks:
            continue
        # `self.losses.clear()` in another method, `agent.losses = []` anywhere.
        if attr in function.shrinks or attr in function.other_stores:
            return True
    owner = project.function(site.module, site.function).owner if isinstance(site, CreationSite) else None
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


# What is put where, and what is asked of it


def with_uses(engine: Engine, found: Retention) -> Retention:
    """Return a retention with all that is put where it puts its tensors, and what is asked of them."""
    here = (found.place.module, found.place.node)
    stored: Value = ()
    containers = {} if found.container is None else {found.container: None}
    for (site, *place), (value, _) in engine.stores.items():
        # def record(log, loss): log.append(loss)  # one place, several containers
        if tuple(place) == here:
            stored = join(stored, value)
            containers[site] = None
    shared = {tuple(place) for site, *place in engine.stores if site not in containers}
    others: list[OtherStore] = []
    for (site, *place), (value, in_graph) in engine.stores.items():
        leaves = tuple(leaves_of(engine, value)) if site in containers and tuple(place) != here else ()
        if leaves:
            others.append(OtherStore(Place(*place), leaves, in_graph, tuple(place) in shared))
    return replace(
        found,
        leaves=tuple(leaves_of(engine, stored)) or tuple(leaves_of(engine, found.value)),
        reads=_reads(engine, list(containers)),
        others=tuple(sorted(dict.fromkeys(others), key=lambda item: item.place)),
    )


def _reads(engine: Engine, containers: list[AnySite]) -> tuple[Read, ...]:
    mine: dict[Reading, None] = {}
    foreign: set[tuple[int, int | None]] = set(engine.direct_readings)
    for site, readings in engine.readings.items():
        if any(_comes_from(engine, site, container) for container in containers):
            mine.update(readings)
        else:
            foreign.update((item.module, item.node) for item in readings)
    result = [
        Read(
            item.name,
            item.module,
            None if item.node is None else Place(item.module, item.node),
            (item.module, item.node) in foreign,
        )
        for item in mine
    ]
    return tuple(sorted(result, key=lambda item: (item.module, item.place or Place(-1, -1), item.name)))


def _comes_from(engine: Engine, site: AnySite, container: AnySite) -> bool:
    """Whether a container is `container`, or was made from it: a slice, a copy, a zip."""
    # A method of the base class reads what a subclass has put there.
    if isinstance(container, Inherited) and site == container.made:
        return True
    seen: set[AnySite] = set()
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


__all__ = ["OtherStore", "Read", "Retention", "Scope", "rank", "retention_of", "with_uses"]
