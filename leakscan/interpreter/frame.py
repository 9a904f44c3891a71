"""One function under analysis; long, as it is one state and all that changes it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from leakscan.facts import model as f
from leakscan.facts.names import names
from leakscan.interpreter.calls import call
from leakscan.interpreter.effects import Creation, Growth, Loop, Origin, Recreation, Summary
from leakscan.interpreter.expressions import evaluate
from leakscan.interpreter.guards import Guard
from leakscan.interpreter.joins import joined_for_the_host
from leakscan.interpreter.paths import Control, State
from leakscan.interpreter.records import Interest
from leakscan.interpreter.repetition import Repeater
from leakscan.interpreter.state_copies import state_only_parameters
from leakscan.interpreter.statements import run_block
from leakscan.interpreter.values import (
    MAX_HELD,
    MAX_NESTING,
    NONE,
    AnySite,
    Api,
    Atom,
    Const,
    Container,
    CreationSite,
    Func,
    Host,
    Instance,
    Leaves,
    Method,
    Object,
    Param,
    Size,
    Tensor,
    Tuple,
    Unknown,
    Value,
    dedupe,
    join,
    origins,
    relocate,
)
from leakscan.knowledge import Kind, Words
from leakscan.records import replace

if TYPE_CHECKING:
    from leakscan.interpreter.engine import Engine


#: Calls through which a growth is followed upwards.
MAX_CHAIN = 8


class Frame:
    """A function being run: names are bound in `env`, `unreleased` holds the creations still unreleased."""

    def __init__(
        self, engine: Engine, module: int, function: int, receiver: Atom | None, *, is_root: bool
    ) -> None:
        self.engine = engine
        self.project = engine.project
        self.module = module
        self.function = function
        self.facts = engine.project.function(module, function)
        self.receiver = receiver
        self.is_root = is_root
        self.base = 0
        self.graph_mode = engine.project.modules[module].graph_mode
        self.knowledge = engine.project.knowledge
        self.traced = engine.is_traced(module, function) or engine.is_fit_step(module, function)
        owner = self.facts.owner
        #: Code that puts layers together rather than runs them.
        self.building = (
            owner is not None
            and self.facts.name in self.knowledge.says(Words.BUILDING_METHODS)
            and bool(engine.project.traits(module, owner) & {"model", "layer", "tuner"})
        )
        self.env: dict[str, Value] = {}
        self.all_bindings: dict[str, Value] = {}
        self.unreleased: dict[int, None] = {}
        self.loops: list[Loop] = []
        self.known_loops: dict[tuple[int, Repeater, int], Loop] = {}
        self.controls: list[Control] = []
        self.finals: list[Callable[[], object]] = []
        self.guards: list[Guard] = []
        #: Containers whose length decided that this code runs.
        self.measured: list[frozenset[str]] = []
        self.tapes: list[int] = []
        self.fresh_graphs = 0
        #: While collecting, and in a loop's first pass: the bodies of loops run once.
        self.dry = engine.dry(module)
        self.handling = 0
        self.returns: Value = ()
        self.yields: Value = ()
        self.unreleased_at_exit: dict[int, None] = {}
        self.creations: dict[int, Creation] = {}
        self.in_loop: set[int] = set()
        self.kept: set[int] = set()
        #: Of those: whether an enclosing loop makes all containers anew that keep it.
        self.renewed: dict[int, bool] = {}
        self.absorbed: set[int] = set()
        #: Where the models were made that were trained or run here: to call one gives values, not structure.
        self.trained: set[AnySite] = set()
        #: Containers into which something has been put here since they were made.
        self.filled: set[AnySite] = set()
        #: The loops around what was made at a node.
        self.alloc: dict[int, tuple[Loop, ...]] = {}
        self.growths: dict[tuple[CreationSite, AnySite, str], Growth] = {}
        self.rebuilds: dict[int, Recreation] = {}
        #: What was released here at some time, and what came again after that.
        self.cleared: dict[int, None] = {}
        self.cleared_rebuilds: dict[int, Recreation] = {}
        #: Calls of fit() of an estimator that builds its model by a function.
        self.wrapped: set[int] = set()
        #: Calls of functions that make no model in every call: def net(): if _net is None: ...; return _net
        self.standing: set[int] = set()
        #: What a call that constructs a model gives to its caller.
        self.gives: dict[int, Value] = {}
        self.joins: frozenset[int] | None = None
        self.releases = self.steps = self.eager = False
        #: Constructs layers or symbolic inputs: loops in it may be the structure of a model.
        self.makes_layers = False
        self.declared: set[str] = set()
        self.current = 0
        self.interest = Interest()

    # Running

    def run(self) -> Summary:
        """Run the body once; return what it means for a caller."""
        if self.block(self.facts.body):
            self.unreleased_at_exit.update(self.unreleased)
        returns = self.returns
        if self.facts.is_generator:
            if any("contextmanager" in name for name in self.project.decorators(self.module, self.function)):
                returns = self.yields
            else:
                site = CreationSite(self.module, self.function, self.facts.node)
                self.engine.content(site).anything = join(self.engine.content(site).anything, self.yields)
                returns = (Container(site, "generator", site),)
        returns = tuple(self.closed(atom) for atom in returns)
        for key, growth in list(self.growths.items()):
            # self.tape = tape; ...; self.tape = None
            if growth.container.kind == "attribute" and not growth.calls:
                last = self.env.get(f"self.{growth.name}", ())
                if not any(isinstance(atom, Object) and atom.persistent for atom in last):
                    del self.growths[key]
        # What an iteration of an inner loop made is judged there, not by the callers.
        creations = tuple(
            Creation(made.site, made.label, made.steps, node in self.kept, made.guessed, made.origin)
            for node in self.unreleased_at_exit
            if node not in self.in_loop and node not in self.absorbed
            for made in (self.creations[node],)
        )
        cleared = tuple(
            self.creations[node]
            for node in self.cleared
            if node not in self.in_loop and node not in self.absorbed and node not in self.kept
        )
        if self.engine.memoised(self.module, self.function):
            creations = cleared = ()
        growths = tuple(self.growths.values())
        return Summary(returns, creations, growths, self.releases, self.steps, self.eager, cleared)

    #: Return the value of an expression, with its effects.
    eval = evaluate
    #: Run statements; return whether the end is reached.
    block = run_block

    def closed(self, atom: Atom) -> Atom:
        """Return a function that is returned with what it captures."""
        if not isinstance(atom, Func) or atom.captured or not self.function:
            return atom
        held = self.captures(atom, 0)[0] if self.is_defined_here(atom) else ()
        models = self.captured_models(atom)
        return replace(atom, captured=held, models=models) if held or models else atom

    def is_defined_here(self, func: Func) -> bool:
        """Whether a function is a nested one, or a lambda, of this function."""
        facts = self.project.function(func.module, func.function)
        return (func.module, facts.parent) == (self.module, self.function)

    def captured_models(self, func: Func) -> tuple[AnySite, ...]:
        """Return where the models were created that a function defined here holds in its closure."""
        if not self.is_defined_here(func):
            return func.models
        facts = self.project.function(func.module, func.function)
        own = {param.name for param in facts.params}
        values = [param.default for param in facts.params if param.default is not None]
        free = dict.fromkeys(
            (*(name for name in names(facts.body) if name not in own), *(n for v in values for n in names(v)))
        )
        found = (site for name in free for site in origins(self.env.get(name, ())))
        return tuple(dict.fromkeys((*func.models, *found)))

    def save(self) -> State:
        """Return a copy of the state of this path."""
        return State(dict(self.env), dict(self.unreleased))

    def restore(self, state: State) -> None:
        """Go on from a saved state."""
        self.env = dict(state.env)
        self.unreleased = dict(state.unreleased)

    def merge(self, states: list[State]) -> None:
        """Go on from the union of several paths."""
        first = states[0]
        env, unreleased = dict(first.env), dict(first.unreleased)
        for state in states[1:]:
            for name, value in state.env.items():
                mine = env.get(name)
                env[name] = value if mine is None else join(mine, value)
            unreleased.update(state.unreleased)
        self.env, self.unreleased = env, unreleased

    # Containers and names

    def allocate(self, node: int, kind: str, *, bounded: bool = False) -> Container:
        """Make a container at `node`."""
        site = self.site(node)
        self.alloc[node] = tuple(self.loops)
        self.filled.discard(site)
        return Container(site, kind, site, bounded)

    def site(self, node: int) -> CreationSite:
        """Return the site of a node of this function."""
        return CreationSite(self.module, self.function, node)

    def made_here(self, origin: AnySite | None) -> bool:
        """Whether `origin` is of this function and of the iteration at hand."""
        node = self.own_node(origin)
        return node is not None and self.alloc.get(node) == tuple(self.loops)

    def own_node(self, site: AnySite | None) -> int | None:
        """Return the node of a site if it is of this function, else None."""
        own = isinstance(site, CreationSite) and (site.module, site.function) == (self.module, self.function)
        return site.node if own and site is not None else None

    def force(self, value: Value) -> Value:
        """Return `value` with parameters replaced by what they stand for."""
        return self.engine.force(value)

    def store_name(self, name: str, value: Value) -> None:
        """Bind a name."""
        self.env[name] = value
        self.all_bindings[name] = join(self.all_bindings.get(name, ()), value)

    def lookup(self, name: str) -> Value:
        """Return what a name stands for here."""
        value = self.env.get(name)
        if value is not None and name not in self.declared:
            return value
        engine = self.engine
        scope = self.facts.parent
        while scope:
            frame = engine.live_frame(self.module, scope)
            value = engine.bound(self.module, scope, name) if frame is None else frame.env.get(name)
            if value:
                return value
            scope = self.project.function(self.module, scope).parent
        frame = engine.live_frame(self.module, 0)
        if frame is not None:
            value = frame.env.get(name)
            if value is not None:
                return value
        value = self.project.export(self.module, name)
        if value:
            return value
        return (Api(f"builtins.{name}"),)

    # Calls

    def call_value(
        self, atom: Atom, expr: f.Call, args: list[Value], keywords: dict[str, Value], *, spread: bool
    ) -> Value:
        """Return what calling `atom` gives, with its effects."""
        return call(self, atom, expr, args, keywords, spread=spread)

    def call_function(
        self,
        func: Func,
        args: list[Value],
        keywords: dict[str, Value],
        node: int,
        *,
        spread: bool = False,
        guessed: bool = False,
    ) -> Value:
        """Call a function of the project at `node`: its creations, growths and releases become ours."""
        summary = self.engine.call(func, args, keywords, self, node, spread=spread)
        site = self.site(node)
        wrapped = self.engine.decorated_with_release(func)
        if summary.releases or wrapped:
            self.release()
        if not wrapped:
            self.take_creations(summary, func, node, guessed=guessed)
        traced = func.traced or self.engine.is_traced(func.module, func.function)
        if summary.steps or traced:
            self.mark_step()
        if summary.eager:
            self.mark_eager()
        for growth in summary.growths:
            self.lift(growth, site, func, traced=traced, guessed=guessed)
        self.alloc[node] = tuple(self.loops)
        if not summary.creations and not summary.cleared and not self.fresh_graphs:
            self.standing.add(node)
        # model = kept = reuse_model(kept, build_model())
        for index in state_only_parameters(self.project.function(func.module, func.function), self.knowledge):
            self.absorb(self.engine.bind(func, args, keywords, spread=spread)[index])
        value = relocate(summary.returns, (func.module, func.function), site) or NONE
        if node in self.creations:
            self.gives[node] = value
        # What went in may come out: `compile_model(build())` is still what build() made.
        passed = [origin for arg in (*args, *keywords.values()) for origin in origins(arg)]
        if passed and any(isinstance(atom, Instance | Object) for atom in value):
            value = self.also_from(value, passed)
        if traced:
            value = self.untraced(value, self.project.describe(func.module, func.function), site)
        if func.receiver is not None and func.receiver == self.receiver:
            self.forget_attributes()
        return value

    def take_creations(self, summary: Summary, func: Func, node: int, *, guessed: bool) -> None:
        """Note the model that a call at `node` constructs, released again or not."""
        for made in (*summary.creations, *summary.cleared)[:1]:
            name = self.project.describe(func.module, func.function)
            verb = made.origin.verb if not made.steps else "calls"
            what = made.label if not made.steps else made.steps[0][1].partition(" ")[0]
            steps = ((made.site, f"{name} {verb} {what}"), *made.steps)
            if not summary.creations:
                self.create_cleared(node, replace(made, site=self.site(node), steps=steps))
                return
            self.create(node, made.label, steps, guessed=guessed or made.guessed, origin=made.origin)
            if made.kept:
                self.kept.add(node)

    def forget_attributes(self) -> None:
        """Drop what this function knows of self's attributes: a method may have bound them anew."""
        for key in [key for key in self.env if key.startswith("self.")]:
            if not all(isinstance(atom, Container) for atom in self.env[key]):
                del self.env[key]

    def also_from(self, value: Value, sites: list[AnySite]) -> Value:
        """Return `value` with its models also said to come from `sites`."""
        extra: list[Atom] = []
        for atom in value:
            if isinstance(atom, Object) and atom.kind in {Kind.MODEL, Kind.SYMBOLIC, Kind.LAYER}:
                extra += [Object(atom.kind, site, atom.persistent) for site in sites]
            elif isinstance(atom, Instance):
                extra += [Instance(atom.module, atom.index, site) for site in sites]
        return join(value, dedupe(tuple(extra)))

    def untraced(self, value: Value, name: str, site: CreationSite) -> Value:
        """Return what a `tf.function` gives to its caller: tensors, whatever they were while tracing."""
        what = f"what {name}, a tf.function, returns"
        result: list[Atom] = []
        for atom in value:
            if isinstance(atom, Tensor):
                result.append(replace(atom, what=what, source=site, via=None))
            elif isinstance(atom, Object) and atom.kind is Kind.SYMBOLIC:
                result.append(Tensor(Size.VALUE, what, site))
            elif isinstance(atom, Tuple):
                result.append(Tuple(tuple(self.untraced(item, name, site) for item in atom.items)))
            elif isinstance(atom, Container):
                result.append(self.untraced_container(atom, name, site))
            elif isinstance(atom, Unknown | Host):
                # Whatever a traced function returns, numbers too, comes out as a tensor.
                result.append(Tensor(Size.VALUE, what, site))
            else:
                result.append(atom)
        return dedupe(tuple(result))

    def untraced_container(self, container: Container, name: str, site: CreationSite) -> Container:
        """Return a dict or list that a `tf.function` returns: its leaves are tensors, at any depth."""
        inner = self.engine.content(container.site)
        fresh = Container(Leaves(site, container.site), container.kind, site)
        contents = self.engine.content(fresh.site)
        if not contents.keyed and not contents.anything:
            # Before its leaves, which may hold it again.
            contents.anything = (Tensor(Size.VALUE, f"what {name}, a tf.function, returns", site),)
            kept = {key: self.untraced(value, name, site) for key, value in inner.keyed.items()}
            contents.keyed = kept
            contents.anything = self.untraced(inner.anything, name, site)
        return fresh

    def call_method(self, instance: Instance, name: str, node: int, *args: Value) -> Value | None:
        """Call a method of the project if the class has it."""
        found = self.project.method(instance.module, instance.index, name)
        if found is None:
            return None
        return self.call_function(Func(*found, receiver=instance), list(args), {}, node)

    # Creations and releases

    def note_making(self) -> None:
        """Note that something is run that may create a model: in a loop, it may come again."""
        self.interest.makes = True
        if self.loops or self.project.is_hook(self.module, self.function):
            self.interest.repeats = True

    def note_growing(self, *, repeated: bool, lifted: bool = True) -> None:
        """Note that something is put into a container that may be live.

        repeated: that is known to happen again and again. lifted: the container outlives the function.
        """
        repeated = repeated or bool(self.loops) or self.project.is_hook(self.module, self.function)
        self.interest.repeats |= repeated
        self.interest.grows |= lifted
        self.interest.grows_again |= lifted and repeated

    def grow_unknown(self, holder: f.Expr, value: Value, *, spread: bool = False) -> None:
        """Note that a value is put into what may be a container.

        What comes with a parameter only the callers know, so that the second phase has to look again:
        def keep(seen, x): seen.append(net(x))
        """
        self.engine.note_growth(self, None, value, spread=spread)
        if not self.engine.collecting or not self.may_live(value):
            return
        while isinstance(holder, f.Attribute | f.Subscript):
            holder = holder.value
        if isinstance(holder, f.Name) and any(isinstance(atom, Param) for atom in self.lookup(holder.id)):
            self.note_growing(repeated=False)

    def may_live(self, value: Value) -> bool:
        """Whether a value may be a tensor or hold one, once all of the project is known."""
        return any(
            isinstance(atom, Tensor | Unknown | Param | Container | Func | Method)
            or (isinstance(atom, Object) and atom.persistent)
            or (isinstance(atom, Tuple) and any(map(self.may_live, atom.items)))
            for atom in value
        )

    def create(
        self,
        node: int,
        label: str,
        steps: tuple[tuple[CreationSite, str], ...],
        *,
        guessed: bool = False,
        origin: Origin = Origin.CONSTRUCTED,
    ) -> None:
        """Note that a model is constructed at `node`."""
        self.note_making()
        self.engine.note_creation(self)
        if self.fresh_graphs or any(guard.persistent for guard in self.guards):
            return
        site = self.site(node)
        self.creations.setdefault(node, Creation(site, label, steps, guessed=guessed, origin=origin))
        self.alloc[node] = tuple(self.loops)
        if self.loops:
            self.in_loop.add(node)
            # `if model is None: model = build()` builds in the first iteration only.
            if self.guards:
                self.in_loop.discard(node)
                self.unreleased[node] = None
                return
            if node in self.unreleased and not self.dry:
                self.rebuilds[node] = Recreation(self.creations[node], tuple(self.loops), self.alive())
            elif node in self.cleared and not self.dry:
                self.cleared_rebuilds[node] = Recreation(self.creations[node], tuple(self.loops))
        self.unreleased[node] = None

    def create_cleared(self, node: int, made: Creation) -> None:
        """Note that the call at `node` constructs a model, and releases it before it returns."""
        self.interesting = True
        self.engine.note_creation(self)
        if self.fresh_graphs or self.guards:
            return
        self.creations.setdefault(node, made)
        if not self.loops:
            self.cleared[node] = None
        elif not self.dry:
            self.in_loop.add(node)
            self.cleared_rebuilds[node] = Recreation(self.creations[node], tuple(self.loops))

    def alive(self) -> tuple[str, ...]:
        """Return the names of the models, layers and optimizers that were made before the innermost loop."""
        found: list[str] = []
        for name, value in self.env.items():
            for atom in self.force(value):
                if isinstance(atom, Object):
                    lasting = atom.kind in {Kind.MODEL, Kind.LAYER, Kind.OPTIMIZER}
                else:
                    lasting = isinstance(atom, Instance) and bool(
                        self.project.traits(atom.module, atom.index) & {"model", "layer"}
                    )
                origin = atom.origin if isinstance(atom, Instance | Object) else None
                # Numbers rise through the code: what has a higher one than the loop was made within it.
                node = self.own_node(origin)
                inside = node is not None and node > self.loops[-1].site.node
                if lasting and not inside:
                    found.append(name)
                    break
        return tuple(found)

    def release(self) -> None:
        """Note that everything built so far is released."""
        if not self.handling:
            self.cleared.update(self.unreleased)
        self.unreleased.clear()
        if self.handling:
            return
        self.releases = True
        if self.loops:
            self.loops[-1].released = True

    def mark_step(self) -> None:
        """Note that the loops at hand train or run a model."""
        self.steps = True
        for loop in self.loops:
            loop.step = True

    def host_joins(self) -> frozenset[int]:
        """Return the calls of this function that join tensors of which only NumPy arrays are made."""
        if self.joins is None:
            self.joins = joined_for_the_host(self.project, self.module, self.function)
        return self.joins

    def mark_layers(self) -> None:
        """Note that layers are made here, in the loops at hand."""
        self.makes_layers = True
        for loop in self.loops:
            loop.makes_layers = True

    def is_earlier_model(self, atom: Instance | Object) -> bool:
        """Whether `atom` is a model that was made before the iteration at hand."""
        if isinstance(atom, Object):
            is_model = atom.kind is Kind.MODEL
        else:
            is_model = "model" in self.project.traits(atom.module, atom.index)
        if not is_model or atom.origin is None:
            return False
        node = self.own_node(atom.origin)
        if node is None:
            return True
        made = self.alloc.get(node)
        return bool(self.loops) and made is not None and made != tuple(self.loops)

    def mark_eager(self) -> None:
        """Note that the loops at hand work on values.

        That is weaker evidence than a step, and not enough where layers are built.
        """
        self.eager = True
        for loop in self.loops:
            loop.eager = True

    def absorb(self, value: Value) -> None:
        """Note that the models in `value` become parts of another one."""
        for site in origins(value):
            node = self.own_node(site)
            if node is not None:
                self.absorbed.add(node)

    def keep(self, value: Value, container: Container | None) -> None:
        """Note that the models in `value` are kept on purpose, in a container that outlives the iteration."""
        # results.append({"name": name, "model": model})
        inner = [
            self.engine.held(atom) for atom in value if isinstance(atom, Container) and atom is not container
        ]
        # trainers[client] = make_trainer(shard)  # a function whose closure holds the model
        closures = [self.captured_models(atom) for atom in value if isinstance(atom, Func)]
        for site in (
            *origins(value),
            *(site for item in inner for site in origins(item)),
            *(site for item in closures for site in item),
        ):
            node = self.own_node(site)
            if node is None:
                continue
            made = self.alloc.get(node)
            life = None if container is None else self.own_node(container.life)
            # for round in rounds: local = {}; for client in clients: local[client] = build()
            renewed = life is not None and bool(self.alloc.get(life))
            if made and life is not None:
                home = self.alloc.get(life)
                # `parts = []` within the iteration does not outlive it.
                if home is not None and len(home) >= len(made):
                    continue
            self.kept.add(node)
            self.renewed[node] = renewed and self.renewed.get(node, True)

    # Growth

    def grow(self, holders: Value, value: Value, node: int, how: str, name: str) -> None:
        """Note that `value` is put into the containers among `holders`."""
        found = False
        for atom in self.force(holders):
            if isinstance(atom, Container):
                found = True
                contents = self.engine.content(atom.site)
                contents.anything = join(contents.anything, value, MAX_HELD)
                contents.length = None
                self.keep(value, atom)
                self.add_growth(atom, value, node, how, name)
        if not found:
            self.keep(value, None)

    def add_growth(
        self, container: Container, value: Value, node: int, how: str, name: str, *, eager: bool = False
    ) -> None:
        """Remember a growth if tensors, tapes or functions that hold tensors are what grows."""
        if not all(isinstance(atom, Host | Const) for atom in value):
            if self.may_live(value):
                # A list that this function makes is nobody else's; one that is returned grows there.
                own = self.own_node(container.life) is not None
                self.note_growing(repeated=eager or self.traced, lifted=not own)
            self.engine.note_growth(self, container, value, eager=eager)
        self.note_store(container, node, value)
        self.filled.add(container.site)
        elements, captured = self.live(value, 0)
        # d[key] = []  # what comes into it later is a growth of its own
        if elements and all(self.is_empty_display(atom) for atom in value):
            return
        # if len(self.items) < self.size: self.items.append(item)
        if not elements or any(name in group for group in self.measured):
            return
        # if weight.ref() not in self.rates: self.rates[weight.ref()] = rate; self.history.append(rate)
        if self.is_once():
            return
        site = self.site(node)
        growth = Growth(
            site,
            how,
            name,
            container,
            elements,
            tuple(self.loops),
            captured=tuple(captured),
            in_graph=self.traced and not eager,
            eager=eager,
            tapes=tuple(self.tapes),
            value=value,
        )
        self.growths[(site, container.life, how)] = growth

    def is_once(self) -> bool:
        """Whether what the innermost loop does here, it does once, or once for each key."""
        return any(guard.loops == len(self.loops) for guard in self.guards)

    def note_store(self, container: Container, node: int, value: Value) -> None:
        """Note what is put into a container, grows it or not."""
        self.engine.note_store(container.site, self.module, node, value, in_graph=self.traced)

    def is_empty_display(self, atom: Atom) -> bool:
        """Whether `atom` is a container that the code makes empty, and that is empty still.

        row = []; for net in nets: row.append(net(x)); rows.append(row)  # by then it is not
        """
        made = isinstance(atom, Container) and self.engine.content(atom.site).born_empty
        return made and getattr(atom, "site", None) not in self.filled

    def lift(self, growth: Growth, call: CreationSite, func: Func, *, traced: bool, guessed: bool) -> None:
        """Take over a growth of a function that is called at `call`."""
        life = growth.container.life
        # A list that the callee made dies with the call, unless it was returned: then it is ours by now.
        if (life.module, life.function) == (func.module, func.function):
            return
        if len(growth.calls) > MAX_CHAIN:
            return
        # if not self.sizes: self.measure()
        if not growth.loops and self.is_once():
            return
        lifted = Growth(
            growth.site,
            growth.how,
            growth.name,
            growth.container,
            growth.elements,
            (*self.loops, *growth.loops),
            (call, *growth.calls),
            growth.captured,
            growth.in_graph or ((traced or self.traced) and not growth.eager),
            growth.eager,
            (*self.tapes, *(depth + len(self.loops) for depth in growth.tapes)),
            growth.guessed or guessed,
            growth.value,
        )
        key = (growth.site, life, growth.how)
        known = self.growths.get(key)
        if known is None or len(known.calls) >= len(lifted.calls):
            self.growths[key] = lifted

    def live(self, value: Value, depth: int) -> tuple[Value, list[str]]:
        """Return the tensors and tapes within `value`, and the names that functions in it capture."""
        result: Value = ()
        captured: list[str] = []
        for atom in self.force(value):
            if isinstance(atom, Tensor) or (
                isinstance(atom, Object) and atom.kind is Kind.TAPE and atom.persistent
            ):
                result = join(result, (atom,))
            elif isinstance(atom, Tuple) and depth < MAX_NESTING:
                for item in atom.items:
                    inner, more = self.live(item, depth + 1)
                    result = join(result, inner)
                    captured += more
            elif isinstance(atom, Container) and depth < MAX_NESTING:
                inner, more = self.live(self.engine.elements(atom), depth + 1)
                result = join(result, inner)
                captured += more
            elif isinstance(atom, Func):
                inner, more = self.captures(atom, depth)
                result = join(result, inner)
                captured += more
            elif (
                isinstance(atom, Method)
                and isinstance(atom.base, Tensor)
                and atom.name == "a partial argument"
            ):
                result = join(result, (atom.base,))
                captured.append(atom.name)
        return result, captured

    def captures(self, func: Func, depth: int) -> tuple[Value, list[str]]:
        """Return the tensors that a function defined here holds in its closure or its partial arguments."""
        result: Value = ()
        held: list[str] = []
        if depth >= MAX_NESTING:
            return result, held
        for item in func.partial:
            inner = tuple(atom for atom in self.force(item) if isinstance(atom, Tensor))
            if inner:
                result = join(result, inner)
                held.append("a partial argument")
        if func.captured:
            return join(result, func.captured), [*held, "a closure"]
        facts = self.project.function(func.module, func.function)
        if (func.module, facts.parent) != (self.module, self.function) or not facts.index:
            return result, held
        own = {param.name for param in facts.params}
        values = [param.default for param in facts.params if param.default is not None]
        stored = self.project.stored_names.stored(facts.body)
        free = [name for name in names(facts.body) if name not in own and name not in stored]
        # lambda codes=codes.numpy(): ...  # what a call gives is no longer the tensor
        defaults = {name for expr in values if not isinstance(expr, f.Call) for name in names(expr)}
        free.extend(sorted(defaults))
        for name in dict.fromkeys(free):
            inner = tuple(atom for atom in self.force(self.env.get(name, ())) if isinstance(atom, Tensor))
            # Functions of one call share their cells: of a name that the loop binds, the last value lives.
            shared = name not in defaults and any(name in loop.varying for loop in self.loops)
            fixed = self.loops and not any(name in loop.varying for loop in self.loops)
            if inner and not shared and not fixed:
                result = join(result, inner)
                held.append(name)
        return result, held
