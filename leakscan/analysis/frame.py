"""One function under analysis: runs its statements over abstract values and notes what leaves an iteration."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from leakscan.analysis import facts as f
from leakscan.analysis.api_semantics import attribute_of, call
from leakscan.analysis.effects import Creation, Growth, Loop, Rebuild, Summary
from leakscan.analysis.guards import Guard, find_guard
from leakscan.analysis.keras_api import Kind
from leakscan.analysis.syntax import counters_stepped, names, names_read, names_rebound, names_stored, text
from leakscan.analysis.values import (
    HOST,
    NONE,
    UNKNOWN,
    Api,
    Atom,
    Class,
    Const,
    Container,
    Func,
    Host,
    Instance,
    Method,
    Object,
    Param,
    Site,
    Tensor,
    Tuple,
    Unknown,
    Value,
    constant,
    dedupe,
    join,
    origins,
    relocate,
)

if TYPE_CHECKING:
    from leakscan.analysis.engine import Engine


@dataclass(slots=True)
class _State:
    env: dict[str, Value]
    dirty: dict[int, None]


@dataclass(slots=True)
class _Control:
    """Where `break` and `continue` of the innermost loop leave their states."""

    breaks: list[_State] = field(default_factory=list)
    continues: list[_State] = field(default_factory=list)
    finals: int = 0


class Frame:
    """A function being run. Names are bound in `env`; `dirty` holds the creations that are still unreleased."""

    def __init__(
        self, engine: Engine, module: int, function: int, receiver: Atom | None, *, is_root: bool, depth: int
    ) -> None:
        self.engine = engine
        self.project = engine.project
        self.module = module
        self.function = function
        self.facts = engine.project.function(module, function)
        self.receiver = receiver
        self.is_root = is_root
        self.depth = depth
        self.base = 0
        self.graph_mode = engine.project.modules[module].graph_mode
        self.traced = any(
            name == "tensorflow.function" or name.endswith(("def_function.function", "eager.defun"))
            for name in engine.project.decorators(module, function)
        ) or engine.is_fit_step(module, function)
        owner = self.facts.owner
        #: Code that puts layers together rather than runs them.
        self.building = (
            owner is not None
            and self.facts.name in BUILDING_METHODS
            and bool(engine.project.traits(module, owner) & {"model", "layer", "tuner"})
        )
        self.env: dict[str, Value] = {}
        self.ever: dict[str, Value] = {}
        self.dirty: dict[int, None] = {}
        self.loops: list[Loop] = []
        self.known_loops: dict[int, Loop] = {}
        self.controls: list[_Control] = []
        self.finals: list[Callable[[], object]] = []
        self.guards: list[Guard] = []
        self.tapes: list[int] = []
        self.shields = 0
        self.dry = 0
        self.handling = 0
        self.returns: Value = ()
        self.yields: Value = ()
        self.exit_dirty: dict[int, None] = {}
        self.creations: dict[int, Creation] = {}
        self.in_loop: set[int] = set()
        self.kept: set[int] = set()
        self.absorbed: set[int] = set()
        self.alloc: dict[int, tuple[tuple[Loop, ...], tuple[int, ...]]] = {}
        self.growths: dict[tuple[Site, Site, str], Growth] = {}
        self.rebuilds: dict[int, Rebuild] = {}
        self.kills = False
        self.steps = False
        self.eager = False
        #: Constructs layers or symbolic inputs: loops in it may be the structure of a model.
        self.makes_layers = False
        self.declared: set[str] = set()
        self.current = 0
        #: Set by the first phase where the second has something to judge.
        self.interesting = False

    # Running

    def run(self) -> Summary:
        """Run the body once; return what it means for a caller."""
        if self.block(self.facts.body):
            self.exit_dirty.update(self.dirty)
        returns = self.returns
        if self.facts.is_generator:
            if any("contextmanager" in name for name in self.project.decorators(self.module, self.function)):
                returns = self.yields
            else:
                site = Site(self.module, self.function, self.facts.node)
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
            Creation(made.site, made.label, made.steps, node in self.kept, made.guessed)
            for node in self.exit_dirty
            if node not in self.in_loop and node not in self.absorbed
            for made in (self.creations[node],)
        )
        if self.engine.memoised(self.module, self.function):
            creations = ()
        growths = tuple(self.growths.values())
        return Summary(returns, creations, growths, self.kills, self.steps, self.eager)

    def closed(self, atom: Atom) -> Atom:
        """Return a function that is returned with what it captures."""
        if not isinstance(atom, Func) or atom.captured:
            return atom
        facts = self.project.function(atom.module, atom.function)
        if (atom.module, facts.parent) != (self.module, self.function) or not self.function:
            return atom
        held, _ = self.captures(atom, 0)
        return replace(atom, captured=held) if held else atom

    def save(self) -> _State:
        """Return a copy of the state of this path."""
        return _State(dict(self.env), dict(self.dirty))

    def restore(self, state: _State) -> None:
        """Go on from a saved state."""
        self.env = dict(state.env)
        self.dirty = dict(state.dirty)

    def merge(self, states: list[_State]) -> None:
        """Go on from the union of several paths."""
        first = states[0]
        env, dirty = dict(first.env), dict(first.dirty)
        for state in states[1:]:
            for name, value in state.env.items():
                mine = env.get(name)
                env[name] = value if mine is None else join(mine, value)
            dirty.update(state.dirty)
        self.env, self.dirty = env, dirty

    def block(self, statements: list[f.Stmt]) -> bool:
        """Run statements; return whether the end is reached."""
        for position, statement in enumerate(statements):
            self.engine.spend()
            if isinstance(statement, f.If):
                before = self.save() if statement.orelse == [] else None
                falls, guard = self.branch(statement)
                if not falls:
                    return False
                # `if self.model is not None: return self.model` spares the rest of the block.
                if guard is not None and before is not None:
                    self.guards.append(guard)
                    falls = self.block(statements[position + 1 :])
                    self.guards.pop()
                    return falls
                continue
            if not _STATEMENTS[type(statement)](self, statement):
                return False
        return True

    # Statements; each returns whether the next one is reached

    def do_expression(self, statement: f.ExprStatement) -> bool:
        self.eval(statement.value)
        call = statement.value
        return not (isinstance(call, f.Call) and isinstance(call.func, f.Attribute) and _is_exit(call.func))

    def do_assign(self, statement: f.Assign) -> bool:
        target = statement.targets[0]
        value_expr = statement.value
        # `xs = xs + [x]` grows xs as `xs += [x]` does.
        if (
            isinstance(target, f.Name)
            and isinstance(value_expr, f.Binary)
            and value_expr.op == "+"
            and isinstance(value_expr.operands[0], f.Name)
            and value_expr.operands[0].id == target.id
            and any(isinstance(atom, Container) for atom in self.lookup(target.id))
        ):
            for operand in value_expr.operands[1:]:
                self.grow(
                    self.lookup(target.id), self.spread(self.eval(operand)), statement.node, "+", target.id
                )
            return True
        value = self.eval(value_expr)
        self.current = statement.node
        for item in statement.targets:
            self.bind(item, value)
        return True

    def do_augmented(self, statement: f.AugAssign) -> bool:
        value = self.eval(statement.value)
        current = self.force(self.eval(statement.target))
        holders = tuple(atom for atom in current if isinstance(atom, Container))
        if holders and statement.op in {"+", "|"}:
            self.grow(holders, self.spread(value), statement.node, f"{statement.op}=", text(statement.target))
            return True
        if isinstance(statement.target, f.Name):
            name = statement.target.id
            self.store_name(name, self.arithmetic([current, value]))
        return True

    def do_return(self, statement: f.Return) -> bool:
        value = NONE if statement.value is None else self.eval(statement.value)
        self.returns = join(self.returns, value)
        self.run_finals(0)
        self.exit_dirty.update(self.dirty)
        return False

    def do_delete(self, statement: f.Delete) -> bool:
        for target in statement.targets:
            if isinstance(target, f.Name):
                self.env.pop(target.id, None)
        return True

    def do_jump(self, statement: f.Jump) -> bool:
        if statement.kind != "raise" and self.controls:
            control = self.controls[-1]
            self.run_finals(control.finals)
            (control.breaks if statement.kind == "break" else control.continues).append(self.save())
        return False

    def run_finals(self, down_to: int) -> None:
        """Run the `finally` blocks and exits of context managers that a jump passes."""
        pending = self.finals
        while len(self.finals) > down_to:
            final = self.finals[-1]
            self.finals = self.finals[:-1]
            final()
        self.finals = pending

    def branch(self, statement: f.If) -> tuple[bool, Guard | None]:
        """Run an `if`; also return the guard that it puts on the rest of the block, if its body jumps."""
        test = statement.test
        self.eval(test)
        truth = self.truth(test)
        if truth is not None:
            return self.block(statement.body if truth else statement.orelse), None
        guard = find_guard(test, self.targets())
        if guard is not None and guard.name and not guard.persistent:
            current = self.force(self.lookup(guard.name)) if "." not in guard.name else ()
            # `model = None` at the top of each iteration guards nothing.
            if current == NONE:
                guard = None
        before = self.save()
        states: list[_State] = []
        released: dict[int, None] = {}
        jumps: list[bool] = []
        for taken, body in ((True, statement.body), (False, statement.orelse)):
            self.restore(before)
            self.narrow(test, taken=taken)
            # Of `if first: ...; first = False` either branch may be the one that runs once.
            active = (
                guard is not None and (guard.unset_when == taken or guard.is_flag) and guard.protects(body)
            )
            if active and guard is not None:
                self.guards.append(self.settled(guard))
            falls = self.block(body)
            if active:
                self.guards.pop()
            released.update((node, None) for node in before.dirty if node not in self.dirty)
            jumps.append(not falls)
            if falls:
                states.append(self.save())
        if not states:
            return False, None
        self.merge(states)
        # A release on one branch counts: `if i % 10 == 0: clear_session()` bounds the growth too.
        for node in released:
            self.dirty.pop(node, None)
        rest = None
        if guard is not None and jumps[0] and not guard.unset_when:
            rest = self.settled(guard)
        return True, rest

    def settled(self, guard: Guard) -> Guard:
        """Say whether what the guard tests outlives the call: globals, attributes, names of the module."""
        persistent = guard.persistent or self.function == 0 or guard.name in self.declared
        return guard.with_persistent(persistent=persistent)

    def targets(self) -> frozenset[str]:
        """Return the names that the enclosing loops bind."""
        return frozenset().union(*(loop.targets for loop in self.loops)) if self.loops else frozenset()

    def do_for(self, statement: f.For) -> bool:
        value = self.force(self.eval(statement.iterable))
        element = self.iterate(value)
        bound = self.bound(statement.iterable)

        def setup() -> None:
            self.bind(statement.target, element)

        stored = names_stored(statement.body)
        targets = frozenset(names(statement.target))
        loop = self.loop(statement.node, bound, targets, stored | targets)
        loop.rebound = names_rebound(statement.body)
        loop.literal = bound if _says_length(statement.iterable) else None
        loop.counters = counters_stepped(statement.body) | _counters(statement)
        if _is_dataset(value):
            loop.eager = True
        return self.iterate_body(loop, setup, statement.body, statement.orelse, endless=False)

    def do_while(self, statement: f.While) -> bool:
        endless = isinstance(statement.test, f.Literal) and bool(statement.test.value)
        if isinstance(statement.test, f.Literal) and not statement.test.value:
            return self.block(statement.orelse)

        def setup() -> None:
            self.eval(statement.test)

        stored = names_stored(statement.body)
        loop = self.loop(statement.node, None, frozenset(), stored)
        loop.rebound = names_rebound(statement.body)
        loop.counters = counters_stepped(statement.body)
        return self.iterate_body(loop, setup, statement.body, statement.orelse, endless=endless)

    def loop(self, node: int, bound: int | None, targets: frozenset[str], varying: frozenset[str]) -> Loop:
        """Return the loop at `node`, the same one each time that it is run."""
        known = self.known_loops.get(node)
        if known is None:
            site = Site(self.module, self.function, node)
            known = self.known_loops[node] = Loop(site, bound, targets=targets, varying=varying)
        return known

    def iterate_body(
        self,
        loop: Loop,
        setup: Callable[[], None],
        body: list[f.Stmt],
        orelse: list[f.Stmt],
        *,
        endless: bool,
    ) -> bool:
        """Run a loop's body twice, so that the second run sees what the first one left."""
        entry = self.save()
        # A loop that runs once is no loop, and within a dry run once is enough.
        single = loop.bound is not None and loop.bound <= 1
        passes = 1 if self.dry or single else 2
        ends: list[_State] = [entry]
        control = _Control()
        for number in range(passes):
            self.dry += number + 1 < passes
            if not single:
                self.loops.append(loop)
            control = _Control(finals=len(self.finals))
            self.controls.append(control)
            setup()
            falls = self.block(body)
            self.controls.pop()
            if not single:
                self.loops.pop()
            self.dry -= number + 1 < passes
            states = [*control.continues, *([self.save()] if falls else [])]
            ends = [entry, *states]
            if number + 1 < passes:
                self.merge(ends)
        if single and len(ends) > 1:
            ends = ends[1:]
        if not endless:
            self.merge(ends)
            if not self.block(orelse):
                if not control.breaks:
                    return False
                self.merge(control.breaks)
            elif control.breaks:
                self.merge([self.save(), *control.breaks])
            return True
        if not control.breaks:
            return False
        self.merge(control.breaks)
        return True

    def do_try(self, statement: f.Try) -> bool:
        before = self.save()
        if statement.final:
            self.finals = [*self.finals, lambda: self.block(statement.final)]
        falls = self.block(statement.body)
        middle = self.save()
        if falls:
            falls = self.block(statement.orelse)
        states = [self.save()] if falls else []
        for handler in statement.handlers:
            # A handler may start from anywhere in the body; what the body built went with its failure.
            self.merge([before, middle])
            self.dirty = dict(before.dirty)
            # A clear that only an exception reaches releases nothing otherwise.
            self.handling += 1
            if self.block(handler):
                states.append(self.save())
            self.handling -= 1
        if statement.final:
            self.finals = self.finals[:-1]
        if not states:
            self.restore(middle)
            self.block(statement.final)
            return False
        self.merge(states)
        return self.block(statement.final)

    def do_with(self, statement: f.With) -> bool:
        return self.enter(statement, 0)

    def enter(self, statement: f.With, position: int) -> bool:
        """Enter the context managers from `position` on, run the body, leave them."""
        if position == len(statement.items):
            return self.block(statement.body)
        expr, target = statement.items[position]
        value = self.force(self.eval(expr))
        tape = any(isinstance(atom, Object) and atom.kind is Kind.TAPE for atom in value)
        shield = any(
            isinstance(atom, Object) and atom.kind is Kind.FRESH_GRAPH and self.made_here(atom.origin)
            for atom in value
        )
        bound = value
        leave: Callable[[], object] | None = None
        self.current = statement.node
        if tape:
            self.mark_step()
            self.enter_again(value, expr, statement.node)
            self.tapes.append(len(self.loops))
        exits: list[Func] = []
        for atom in value:
            if isinstance(atom, Instance):
                entered = self.call_method(atom, "__enter__", statement.node)
                if entered is not None:
                    bound = entered
                found = self.project.method(atom.module, atom.index, "__exit__")
                if found is not None:
                    exits.append(Func(*found, receiver=atom))
        managed = self.context_kills(expr)
        if exits or managed:

            def leave() -> None:
                for func in exits:
                    self.call_function(func, [UNKNOWN, UNKNOWN, UNKNOWN], {}, statement.node)
                if managed:
                    self.release()

            self.finals = [*self.finals, leave]
        if target is not None:
            self.bind(target, bound)
        self.shields += shield
        falls = self.enter(statement, position + 1)
        self.shields -= shield
        if tape:
            self.tapes.pop()
        if leave is not None:
            self.finals = self.finals[:-1]
            leave()
        return falls

    def enter_again(self, value: Value, expr: f.Expr, node: int) -> None:
        """Note a persistent tape that was made before the loop: it records every iteration."""
        for atom in value:
            if not isinstance(atom, Object) or not atom.persistent or atom.origin is None:
                continue
            if (atom.origin.module, atom.origin.function) != (self.module, self.function):
                continue
            made = self.alloc.get(atom.origin.node)
            if made is not None and len(made[0]) < len(self.loops):
                self.add_growth(
                    Container(atom.origin, "tape", atom.origin), (atom,), node, "with", text(expr)
                )

    def context_kills(self, expr: f.Expr) -> bool:
        """Whether `expr` calls a generator of the project, as a context manager, that releases models."""
        if not isinstance(expr, f.Call):
            return False
        for atom in self.force(self.eval(expr.func)):
            if isinstance(atom, Func) and any(
                "contextmanager" in name for name in self.project.decorators(atom.module, atom.function)
            ):
                return self.engine.call(atom, [], {}, self, spread=True).kills
        return False

    def made_here(self, origin: Site | None) -> bool:
        """Whether `origin` is of this function and of the iteration at hand."""
        if origin is None or (origin.module, origin.function) != (self.module, self.function):
            return False
        made = self.alloc.get(origin.node)
        return made is not None and made[0] == tuple(self.loops)

    def do_match(self, statement: f.Match) -> bool:
        self.eval(statement.subject)
        before = self.save()
        states = [] if statement.exhaustive else [before]
        for case in statement.cases:
            self.restore(before)
            if self.block(case):
                states.append(self.save())
        if not states:
            return False
        self.merge(states)
        return True

    def do_define(self, statement: f.Define) -> bool:
        facts = self.project.function(self.module, statement.function)
        if facts.owner is None:
            self.store_name(facts.name, (Func(self.module, statement.function),))
        return True

    def do_class(self, statement: f.DefineClass) -> bool:
        klass = self.project.klass(self.module, statement.index)
        self.store_name(klass.name, (Class(self.module, statement.index),))
        return True

    def do_import(self, statement: f.Import) -> bool:
        if self.function:
            self.env[statement.name] = self.project.imported(self.module, statement)
        else:
            # At the top level export() answers: it joins the alternatives of try/except ImportError.
            self.env.pop(statement.name, None)
        return True

    def do_nothing(self, statement: f.ImportStar) -> bool:
        del statement
        return True

    def do_declare(self, statement: f.ScopeDeclaration) -> bool:
        self.declared.update(statement.names)
        return True

    # Names

    def store_name(self, name: str, value: Value) -> None:
        """Bind a name."""
        self.env[name] = value
        self.ever[name] = join(self.ever.get(name, ()), value)

    def bind(self, target: f.Expr, value: Value) -> None:
        """Bind a target: a name, an attribute, an element, or several of them."""
        if isinstance(target, f.Name):
            self.store_name(target.id, value)
        elif isinstance(target, f.Display):
            self.unpack(target.items, value)
        elif isinstance(target, f.Starred):
            self.bind(target.value, value)
        elif isinstance(target, f.Attribute):
            self.bind_attribute(target, value)
        elif isinstance(target, f.Subscript):
            self.bind_element(target, value)

    def unpack(self, targets: list[f.Expr], value: Value) -> None:
        """Bind several targets."""
        parts: list[Value] = [() for _ in targets]
        for atom in self.force(value):
            if isinstance(atom, Tuple) and len(atom.items) == len(targets):
                for position, item in enumerate(atom.items):
                    parts[position] = join(parts[position], item)
            else:
                item = self.iterate((atom,))
                for position in range(len(targets)):
                    parts[position] = join(parts[position], item)
        for target, part in zip(targets, parts, strict=True):
            self.bind(target, part or UNKNOWN)

    def bind_attribute(self, target: f.Attribute, value: Value) -> None:
        for atom in self.force(self.eval(target.value)):
            if isinstance(atom, Instance):
                if atom == self.receiver:
                    self.env[f"self.{target.attr}"] = value
                if self.engine.collecting and atom == self.receiver:
                    self.engine.store_attribute(atom.module, atom.index, target.attr, value)
                self.keep_object(atom, target, value)
            elif isinstance(atom, Func):
                # step.history = []
                self.engine.store_function_attribute(atom, target.attr, value)

    def keep_object(self, atom: Instance, target: f.Attribute, value: Value) -> None:
        """Note a persistent tape that is stored in an attribute: it lives until the next one comes."""
        held = tuple(item for item in value if isinstance(item, Object) and item.persistent)
        if held and atom.origin is not None:
            container = Container(atom.origin, "attribute", atom.origin)
            self.add_growth(container, held, self.current, "=", target.attr)

    def bind_element(self, target: f.Subscript, value: Value) -> None:
        base = self.force(self.eval(target.value))
        key = self.force(self.eval(target.index))
        fixed = _constant_key(key)
        for atom in base:
            if not isinstance(atom, Container):
                if isinstance(atom, Unknown | Method):
                    self.keep(value, None)
                continue
            contents = self.engine.content(atom.site)
            if fixed is not None:
                contents.keyed[fixed] = join(contents.keyed.get(fixed, ()), value)
            else:
                contents.anything = join(contents.anything, value)
            self.keep(value, atom)
            # `slots['loss'] = loss` and `xs[0] = x` overwrite one slot.
            if (
                fixed is None
                and atom.kind != "list"
                and not target.is_slice
                and self.grows_by(target.index, value)
            ):
                self.add_growth(atom, value, target.node, "[...] =", text(target.value))

    def grows_by(self, key: f.Expr, value: Value) -> bool:
        """Whether `container[key] = value` adds an entry in every iteration."""
        if any(isinstance(atom, Func) for atom in value):
            found = set(names(key))
            return any(found & loop.varying for loop in self.loops)
        return self.counts(key)

    def counts(self, expr: f.Expr) -> bool:
        """Whether `expr` is made from a counter of the enclosing loops: a key that never comes again.

        Names of layers, metrics or features come again: `logs[metric.name] = metric.result()` does not grow.
        """
        if not self.loops:
            # A parameter: what the callers pass decides, and they mostly pass the step.
            return isinstance(expr, f.Name) and expr.id in {param.name for param in self.facts.params}
        return any(name in loop.counters for name in names(expr) for loop in self.loops)

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

    # Expressions

    def eval(self, expr: f.Expr) -> Value:
        """Return the value of an expression, with its effects."""
        return _EXPRESSIONS[type(expr)](self, expr)

    def force(self, value: Value) -> Value:
        return self.engine.force(value)

    def eval_name(self, expr: f.Name) -> Value:
        return self.lookup(expr.id)

    def eval_literal(self, expr: f.Literal) -> Value:
        return constant(expr.value)

    def eval_attribute(self, expr: f.Attribute) -> Value:
        base = self.force(self.eval(expr.value))
        if len(base) == 1 and base[0] == self.receiver:
            # What this very function has put there is known better than what the class says.
            here = self.env.get(f"self.{expr.attr}")
            if here is not None:
                return here
        result: Value = ()
        for atom in base:
            result = join(result, self.attribute(atom, expr.attr))
        return result or UNKNOWN

    def attribute(self, atom: Atom, name: str) -> Value:
        """Return `atom.name`."""
        return attribute_of(self, atom, name)

    def eval_call(self, expr: f.Call) -> Value:
        unforced = self.eval(expr.func)
        func = self.force(unforced)
        if func is not unforced:
            # Something is called that only the callers know.
            self.interesting = True
        args: list[Value] = []
        spread = False
        for item in expr.args:
            if isinstance(item, f.Starred):
                spread = True
                for atom in self.force(self.eval(item.value)):
                    if isinstance(atom, Tuple):
                        args.extend(atom.items)
                        spread = False
                        break
            else:
                args.append(self.eval(item))
        keywords: dict[str, Value] = {}
        for name, item in expr.keywords:
            value = self.eval(item)
            if name is None:
                spread = True
            else:
                keywords[name] = value
        if len(func) == 1:
            return call(self, func[0], expr, args, keywords, spread=spread) or UNKNOWN
        # Alternatives are paths: what one of them builds is not there yet for the next.
        before, after = dict(self.dirty), dict[int, None]()
        released: dict[int, None] = {}
        result: Value = ()
        for atom in func:
            self.dirty = dict(before)
            result = join(result, call(self, atom, expr, args, keywords, spread=spread))
            after.update(self.dirty)
            released.update((node, None) for node in before if node not in self.dirty)
        self.dirty = {node: None for node in after if node not in released}
        return result or UNKNOWN

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
        summary = self.engine.call(func, args, keywords, self, spread=spread)
        site = Site(self.module, self.function, node)
        name = self.project.describe(func.module, func.function)
        releases = summary.kills or self.engine.decorated_with_release(func)
        if releases:
            self.release()
        for made in summary.creations[:1] if not self.engine.decorated_with_release(func) else ():
            verb = "constructs" if not made.steps else "calls"
            what = made.label if not made.steps else made.steps[0][1].partition(" ")[0]
            steps = ((made.site, f"{name} {verb} {what}"), *made.steps)
            self.create(node, made.label, steps, guessed=guessed or made.guessed)
            if made.kept:
                self.kept.add(node)
        traced = func.traced or self.is_traced(func)
        if summary.steps or traced:
            self.mark_step()
        if summary.eager:
            self.mark_eager()
        for growth in summary.growths:
            self.lift(growth, site, func, traced=traced, guessed=guessed)
        self.alloc[node] = (tuple(self.loops), tuple(self.tapes))
        value = relocate(summary.returns, (func.module, func.function), site) or NONE
        # What went in may come out: `compile_model(build())` is still what build() made.
        passed = [origin for arg in (*args, *keywords.values()) for origin in origins(arg)]
        if passed and any(isinstance(atom, Instance | Object) for atom in value):
            value = self.also_from(value, passed)
        if traced:
            value = self.untraced(value, name, site)
        if func.receiver is not None and func.receiver == self.receiver:
            self.forget_attributes()
        return value

    def forget_attributes(self) -> None:
        """Drop what this function knows of self's attributes: a method may have bound them anew."""
        for key in [key for key in self.env if key.startswith("self.")]:
            if not all(isinstance(atom, Container) for atom in self.env[key]):
                del self.env[key]

    def also_from(self, value: Value, sites: list[Site]) -> Value:
        """Return `value` with its models also said to come from `sites`."""
        extra: list[Atom] = []
        for atom in value:
            if isinstance(atom, Object) and atom.kind in {Kind.MODEL, Kind.SYMBOLIC, Kind.LAYER}:
                extra += [Object(atom.kind, site, atom.persistent) for site in sites]
            elif isinstance(atom, Instance):
                extra += [Instance(atom.module, atom.index, site) for site in sites]
        return join(value, dedupe(tuple(extra)))

    def is_traced(self, func: Func) -> bool:
        return "tensorflow.function" in self.project.decorators(func.module, func.function)

    def untraced(self, value: Value, name: str, site: Site) -> Value:
        """Return what a `tf.function` gives to its caller: tensors, whatever they were while tracing."""
        what = f"what {name}, a tf.function, returns"
        result: list[Atom] = []
        for atom in value:
            if isinstance(atom, Tensor):
                result.append(Tensor(atom.size, what, site))
            elif isinstance(atom, Object) and atom.kind is Kind.SYMBOLIC:
                result.append(Tensor("value", what, site))
            elif isinstance(atom, Tuple):
                result.append(Tuple(tuple(self.untraced(item, name, site) for item in atom.items)))
            elif isinstance(atom, Unknown | Host):
                # Whatever a traced function returns, numbers too, comes out as a tensor.
                result.append(Tensor("value", what, site))
            else:
                result.append(atom)
        return dedupe(tuple(result))

    def call_method(self, instance: Instance, name: str, node: int, *args: Value) -> Value | None:
        """Call a method of the project if the class has it."""
        found = self.project.method(instance.module, instance.index, name)
        if found is None:
            return None
        return self.call_function(Func(*found, receiver=instance), list(args), {}, node)

    def eval_display(self, expr: f.Display) -> Value:
        items = [self.eval(item) for item in expr.items]
        if expr.kind == "tuple" and not any(isinstance(item, f.Starred) for item in expr.items):
            return (Tuple(tuple(items)),)
        container = self.allocate(expr.node, expr.kind)
        contents = self.engine.content(container.site)
        for item in items:
            contents.anything = join(contents.anything, item)
        contents.length = None if any(isinstance(item, f.Starred) for item in expr.items) else len(items)
        contents.born_empty = not items
        return (container,)

    def eval_dict(self, expr: f.DictDisplay) -> Value:
        container = self.allocate(expr.node, "dict")
        contents = self.engine.content(container.site)
        for key, item in expr.items:
            value = self.eval(item)
            fixed = None if key is None else _constant_key(self.eval(key))
            if fixed is not None:
                contents.keyed[fixed] = join(contents.keyed.get(fixed, ()), value)
            elif key is None:
                contents.anything = join(contents.anything, self.iterate_values(value))
            else:
                contents.anything = join(contents.anything, value)
        contents.length = len(expr.items)
        contents.born_empty = not expr.items
        return (container,)

    def iterate_values(self, value: Value) -> Value:
        """Return the values of the dicts in `value`."""
        result: Value = ()
        for atom in self.force(value):
            if isinstance(atom, Container):
                result = join(result, self.engine.elements(atom))
        return result

    def allocate(self, node: int, kind: str, *, bounded: bool = False) -> Container:
        """Make a container at `node`."""
        site = Site(self.module, self.function, node)
        self.alloc[node] = (tuple(self.loops), tuple(self.tapes))
        return Container(site, kind, site, bounded)

    def eval_subscript(self, expr: f.Subscript) -> Value:
        base = self.force(self.eval(expr.value))
        key = self.eval(expr.index)
        fixed = _constant_key(self.force(key))
        result: Value = ()
        for atom in base:
            result = join(result, self.element(atom, fixed, expr))
        return result or UNKNOWN

    def element(self, atom: Atom, fixed: object, expr: f.Subscript) -> Value:
        if isinstance(atom, Tuple):
            if expr.is_slice:
                return UNKNOWN
            if isinstance(fixed, int) and -len(atom.items) <= fixed < len(atom.items):
                return atom.items[fixed]
            # res[self.metric] of (model, loss, accuracy): plain numbers are indexed that way, models are not.
            values = self.iterate((atom,))
            rest = tuple(item for item in values if not isinstance(item, Instance | Object))
            return rest or values
        if isinstance(atom, Container):
            if expr.is_slice:
                fresh = self.allocate(expr.node, atom.kind)
                self.engine.content(fresh.site).sources = (atom.site,)
                return (fresh,)
            if atom.kind == "defaultdict":
                made = Container(atom.site, "list", atom.life)
                return join((made,), self.engine.elements(atom, fixed))
            return self.engine.elements(atom, fixed if atom.kind == "dict" else None) or UNKNOWN
        if isinstance(atom, Tensor):
            return (Tensor("value" if atom.size != "gradient" else atom.size, atom.what, atom.source),)
        if isinstance(atom, Host | Const):
            return HOST
        if isinstance(atom, Object) and atom.kind is Kind.SYMBOLIC:
            return (atom,)
        return UNKNOWN

    def eval_binary(self, expr: f.Binary) -> Value:
        values = [self.eval(item) for item in expr.operands]
        if (
            len(values) == 2
            and expr.op in {"+", "-", "*"}
            and all(_integer(value) is not None for value in values)
        ):
            left, right = _integer(values[0]), _integer(values[1])
            assert left is not None and right is not None
            return constant({"+": left + right, "-": left - right, "*": left * right}[expr.op])
        return self.arithmetic(values)

    def arithmetic(self, values: list[Value]) -> Value:
        """Return the result of an operator: a tensor if any operand is one."""
        tensor: Tensor | None = None
        symbolic: Object | None = None
        containers: list[Container] = []
        plain = True
        for value in values:
            for atom in self.force(value):
                if isinstance(atom, Tensor):
                    scalar = atom.size == "scalar" and (tensor is None or tensor.size == "scalar")
                    tensor = tensor or atom
                    if not scalar and tensor.size == "scalar":
                        tensor = Tensor(atom.size, tensor.what, tensor.source)
                elif isinstance(atom, Object):
                    if atom.kind is Kind.SYMBOLIC:
                        symbolic = symbolic or atom
                    elif atom.kind is Kind.VARIABLE:
                        tensor = tensor or Tensor("value", "arithmetic on a tf.Variable")
                    plain = False
                elif isinstance(atom, Container):
                    containers.append(atom)
                elif not isinstance(atom, Host | Const):
                    plain = False
        if symbolic is not None:
            return (symbolic,)
        if tensor is not None:
            return (tensor,)
        if containers:
            return tuple(dict.fromkeys(containers))
        return HOST if plain else UNKNOWN

    def eval_boolean(self, expr: f.Boolean) -> Value:
        result: Value = ()
        for item in expr.operands:
            result = join(result, self.eval(item))
        return result

    def eval_not(self, expr: f.Not) -> Value:
        self.eval(expr.operand)
        return HOST

    def eval_compare(self, expr: f.Compare) -> Value:
        self.eval(expr.left)
        for _, item in expr.rights:
            self.eval(item)
        # Comparing tensors gives a tensor, but nobody keeps it for its value: say nothing.
        return HOST

    def eval_conditional(self, expr: f.Conditional) -> Value:
        self.eval(expr.test)
        truth = self.truth(expr.test)
        if truth is not None:
            return self.eval(expr.body if truth else expr.orelse)
        guard = find_guard(expr.test, self.targets())
        before = dict(self.env)
        self.narrow(expr.test, taken=True)
        first = self.guarded(expr.body, guard, taken=True)
        self.env = dict(before)
        self.narrow(expr.test, taken=False)
        second = self.guarded(expr.orelse, guard, taken=False)
        self.env = before
        return join(first, second)

    def guarded(self, expr: f.Expr, guard: Guard | None, *, taken: bool) -> Value:
        # `model = build() if model is None else model`
        if guard is None or guard.unset_when != taken:
            return self.eval(expr)
        self.guards.append(self.settled(guard))
        value = self.eval(expr)
        self.guards.pop()
        return value

    def eval_lambda(self, expr: f.Lambda) -> Value:
        return (Func(self.module, expr.function),)

    def eval_comprehension(self, expr: f.Comprehension) -> Value:
        container = self.allocate(expr.node, expr.kind)
        outer = dict(self.env)
        elements: list[Value] = []

        def body(position: int) -> None:
            if position == len(expr.clauses):
                elements[:] = [self.eval(item) for item in expr.elements]
                return
            target, iterable, tests = expr.clauses[position]
            value = self.force(self.eval(iterable))
            element = self.iterate(value)
            bound = self.bound(iterable)
            single = bound is not None and bound <= 1
            targets = frozenset(names(target))
            loop = self.known_loops.get(-1 - expr.node - position * 1_000_003)
            if loop is None:
                site = Site(self.module, self.function, expr.node)
                loop = Loop(site, bound, targets=targets, varying=targets)
                self.known_loops[-1 - expr.node - position * 1_000_003] = loop
            if _is_dataset(value):
                loop.eager = True
            for number in range(1 if single or self.dry else 2):
                self.dry += number == 0 and not single
                if not single:
                    self.loops.append(loop)
                self.bind(target, element)
                for test in tests:
                    self.eval(test)
                body(position + 1)
                if not single:
                    self.loops.pop()
                self.dry -= number == 0 and not single

        body(0)
        self.env = outer
        value = elements[-1] if elements else UNKNOWN
        contents = self.engine.content(container.site)
        contents.anything = join(contents.anything, value)
        if expr.kind != "generator":
            # [build(p) for p in grid] keeps every model on purpose.
            self.keep(value, container)
        return (container,)

    def eval_starred(self, expr: f.Starred) -> Value:
        return self.iterate(self.force(self.eval(expr.value)))

    def eval_walrus(self, expr: f.Walrus) -> Value:
        value = self.eval(expr.value)
        self.bind(expr.target, value)
        return value

    def eval_yield(self, expr: f.Yield) -> Value:
        if expr.value is not None:
            self.yields = join(self.yields, self.eval(expr.value))
        return UNKNOWN

    def eval_opaque(self, expr: f.Opaque) -> Value:
        for part in expr.parts:
            self.eval(part)
        return HOST

    # Iteration

    def iterate(self, value: Value) -> Value:
        """Return what iterating over `value` yields."""
        result: Value = ()
        for atom in value:
            if isinstance(atom, Tuple):
                for item in atom.items:
                    result = join(result, item)
            elif isinstance(atom, Container):
                if atom.kind == "dict":
                    result = join(result, HOST)
                else:
                    result = join(result, self.engine.elements(atom) or UNKNOWN)
            elif isinstance(atom, Tensor):
                result = join(result, (Tensor(atom.size, atom.what, atom.source),))
            elif isinstance(atom, Object) and atom.kind is Kind.DATASET:
                result = join(result, (Tensor("value", "an element of a tf.data dataset"),))
            elif isinstance(atom, Host | Const):
                result = join(result, HOST)
            else:
                result = join(result, UNKNOWN)
        return result or UNKNOWN

    def spread(self, value: Value) -> Value:
        """Return what `xs += value` and `xs.extend(value)` put into xs."""
        return self.iterate(self.force(value))

    def count(self, expr: f.Expr) -> int | None:
        """Return the value of an integer that the function itself says: what a caller passes may be another."""
        if isinstance(expr, f.Name) and any(param.name == expr.id for param in self.facts.params):
            return None
        return _integer(self.force(self.eval(expr)))

    def bound(self, expr: f.Expr) -> int | None:  # noqa: C901, PLR0911 -- a table in the form of guards
        """Return the number of iterations over `expr` if the function itself says it, else None."""
        if isinstance(expr, f.Display):
            return None if any(isinstance(item, f.Starred) for item in expr.items) else len(expr.items)
        if isinstance(expr, f.DictDisplay):
            return len(expr.items)
        if isinstance(expr, f.Name):
            if any(param.name == expr.id for param in self.facts.params):
                return None
            atoms = self.force(self.lookup(expr.id))
            if len(atoms) == 1 and isinstance(atoms[0], Container):
                return self.engine.content(atoms[0].site).length
            if len(atoms) == 1 and isinstance(atoms[0], Tuple):
                return len(atoms[0].items)
            return None
        if not isinstance(expr, f.Call):
            return None
        func = expr.func
        if isinstance(func, f.Attribute):
            if func.attr == "take" and len(expr.args) == 1:
                return self.count(expr.args[0])
            if func.attr in {"items", "keys", "values"}:
                return self.bound(func.value)
            if func.attr == "trange" and len(expr.args) == 1:
                return self.count(expr.args[0])
            return self.bound(expr.args[0]) if func.attr == "tqdm" and expr.args else None
        if not isinstance(func, f.Name) or not expr.args:
            return None
        if func.id in {"range", "trange", "xrange"}:
            numbers = [self.count(arg) for arg in expr.args]
            known = [number for number in numbers if number is not None]
            if len(known) != len(numbers):
                return None
            start, stop, step = (0, known[0], 1) if len(known) == 1 else (*known[:2], *(known[2:] or [1]))
            return len(range(start, stop, step)) if step else None
        if func.id in {"enumerate", "tqdm", "reversed", "sorted", "list", "tuple"}:
            return self.bound(expr.args[0])
        if func.id == "zip":
            bounds = [bound for bound in map(self.bound, expr.args) if bound is not None]
            return min(bounds) if bounds else None
        return None

    # Conditions

    def truth(self, test: f.Expr) -> bool | None:  # noqa: PLR0911 -- a table in the form of guards
        """Return whether a condition is certainly true or certainly false, else None."""
        if isinstance(test, f.Literal):
            return bool(test.value)
        if isinstance(test, f.Not):
            inner = self.truth(test.operand)
            return None if inner is None else not inner
        if isinstance(test, f.Boolean):
            truths = [self.truth(item) for item in test.operands]
            if test.op == "and":
                return False if False in truths else (True if all(truths) else None)
            return True if True in truths else (False if all(item is False for item in truths) else None)
        if isinstance(test, f.Compare) and len(test.rights) == 1:
            op, right = test.rights[0]
            if isinstance(test.left, f.Name) and test.left.id == "__name__":
                return op == "=="
            if op in {"is", "is not", "==", "!="} and isinstance(right, f.Literal) and right.value is None:
                value = self.peek_name(test.left)
                # What the known callers pass says nothing of the others.
                if self.is_root and any(isinstance(atom, Param) for atom in value):
                    return None
                known = self.is_none(self.force(value))
                return None if known is None else known == (op in {"is", "=="})
            return None
        if isinstance(test, f.Name):
            atoms = self.lookup(test.id)
            # A name of the module is a switch that users turn; a parameter's value is what the call says.
            if test.id not in self.env or self.function == 0:
                return None
            if atoms and all(isinstance(atom, Const) for atom in atoms):
                values = {bool(atom.value) for atom in atoms if isinstance(atom, Const)}
                return values.pop() if len(values) == 1 and not self.rebound(test.id) else None
        return None

    def rebound(self, name: str) -> bool:
        """Whether the loop at hand binds the name again: a flag, not a constant."""
        return any(name in loop.varying for loop in self.loops)

    def peek_name(self, expr: f.Expr) -> Value:
        return self.lookup(expr.id) if isinstance(expr, f.Name) and expr.id in self.env else UNKNOWN

    @staticmethod
    def is_none(value: Value) -> bool | None:
        """Return whether a value is certainly None, certainly not, or (None) either."""
        if value == NONE:
            return True
        if any(
            isinstance(atom, Unknown) or (isinstance(atom, Const) and atom.value is None) for atom in value
        ):
            return None
        return False if value else None

    def narrow(self, test: f.Expr, *, taken: bool) -> None:
        """Use what a condition says of a name: `tf.is_tensor(x)`, `isinstance(x, ...)`, `x is None`."""
        if isinstance(test, f.Not):
            self.narrow(test.operand, taken=not taken)
        elif isinstance(test, f.Call) and test.args and isinstance(test.args[0], f.Name):
            func = test.func
            last = func.attr if isinstance(func, f.Attribute) else func.id if isinstance(func, f.Name) else ""
            about_tensors = last in {"is_tensor", "is_keras_tensor"} or (
                len(test.args) > 1
                and ("ensor" in text(test.args[1]) or "numpy" in str(getattr(test.args[1], "value", "")))
            )
            name = test.args[0].id
            if about_tensors and not taken and name in self.env:
                left = tuple(atom for atom in self.force(self.env[name]) if not isinstance(atom, Tensor))
                self.env[name] = left or UNKNOWN
        elif isinstance(test, f.Compare) and len(test.rights) == 1 and isinstance(test.left, f.Name):
            op, right = test.rights[0]
            name = test.left.id
            if (
                name in self.env
                and isinstance(right, f.Literal)
                and right.value is None
                and op in {"is", "is not"}
            ):
                if (op == "is") == taken:
                    self.env[name] = NONE
                else:
                    left = tuple(
                        atom
                        for atom in self.force(self.env[name])
                        if not (isinstance(atom, Const) and atom.value is None)
                    )
                    self.env[name] = left or UNKNOWN

    # Creations and releases

    def create(
        self, node: int, label: str, steps: tuple[tuple[Site, str], ...], *, guessed: bool = False
    ) -> None:
        """Note that a model is constructed at `node`."""
        self.interesting = True
        if self.shields or any(guard.persistent for guard in self.guards):
            return
        site = Site(self.module, self.function, node)
        self.creations.setdefault(node, Creation(site, label, steps, guessed=guessed))
        self.alloc[node] = (tuple(self.loops), tuple(self.tapes))
        if self.loops:
            self.in_loop.add(node)
            # `if model is None: model = build()` builds in the first iteration only.
            if self.guards:
                self.in_loop.discard(node)
                self.dirty[node] = None
                return
            if node in self.dirty and not self.dry:
                self.rebuilds[node] = Rebuild(self.creations[node], tuple(self.loops))
        self.dirty[node] = None

    def release(self) -> None:
        """Note that everything built so far is released."""
        self.dirty.clear()
        if self.handling:
            return
        self.kills = True
        if self.loops:
            self.loops[-1].released = True

    def mark_step(self) -> None:
        """Note that the loops at hand train or run a model."""
        self.steps = True
        for loop in self.loops:
            loop.step = True

    def mark_eager(self) -> None:
        """Note that the loops at hand work on values: weaker evidence than a step, not enough where layers are built."""
        self.eager = True
        for loop in self.loops:
            loop.eager = True

    def absorb(self, value: Value) -> None:
        """Note that the models in `value` become parts of another one."""
        for site in origins(value):
            if (site.module, site.function) == (self.module, self.function):
                self.absorbed.add(site.node)

    def keep(self, value: Value, container: Container | None) -> None:
        """Note that the models in `value` are kept on purpose, in a container that outlives the iteration."""
        for site in origins(value):
            if (site.module, site.function) != (self.module, self.function):
                continue
            made = self.alloc.get(site.node)
            if made is None or not made[0]:
                self.kept.add(site.node)
                continue
            if container is not None and (container.life.module, container.life.function) == (
                self.module,
                self.function,
            ):
                home = self.alloc.get(container.life.node)
                # `parts = []` within the iteration does not outlive it.
                if home is not None and len(home[0]) >= len(made[0]):
                    continue
            self.kept.add(site.node)

    # Growth

    def grow(self, holders: Value, value: Value, node: int, how: str, name: str) -> None:
        """Note that `value` is put into the containers among `holders`."""
        found = False
        for atom in self.force(holders):
            if isinstance(atom, Container):
                found = True
                contents = self.engine.content(atom.site)
                contents.anything = join(contents.anything, value)
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
            self.interesting = True
        elements, captured = self.live(value, 0)
        # d[key] = []  # what comes into it later is a growth of its own
        if elements and all(self.is_empty_display(atom) for atom in value):
            return
        if not elements:
            return
        site = Site(self.module, self.function, node)
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
        )
        self.growths[(site, container.life, how)] = growth

    def is_empty_display(self, atom: Atom) -> bool:
        """Whether `atom` is a container that the code makes empty."""
        return isinstance(atom, Container) and self.engine.content(atom.site).born_empty

    def lift(self, growth: Growth, call: Site, func: Func, *, traced: bool, guessed: bool) -> None:
        """Take over a growth of a function that is called at `call`."""
        life = growth.container.life
        # A list that the callee made dies with the call, unless it was returned: then it is ours by now.
        if (life.module, life.function) == (func.module, func.function):
            return
        if len(growth.calls) > MAX_CHAIN:
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
        free = [
            name
            for name in names_read(facts.body)
            if name not in own and name not in names_stored(facts.body)
        ]
        defaults = {name for expr in values for name in names(expr)}
        free.extend(sorted(defaults))
        for name in dict.fromkeys(free):
            inner = tuple(atom for atom in self.force(self.env.get(name, ())) if isinstance(atom, Tensor))
            # Functions of one call share their cells: of a name that the loop binds, only the last value lives.
            shared = name not in defaults and any(name in loop.varying for loop in self.loops)
            fixed = self.loops and not any(name in loop.varying for loop in self.loops)
            if inner and not shared and not fixed:
                result = join(result, inner)
                held.append(name)
        return result, held


#: Calls through which a growth is followed upwards, and nested containers through which a tensor is.
MAX_CHAIN = 8
MAX_NESTING = 3


#: Methods of layers and models that put their parts together.
BUILDING_METHODS = frozenset({"__init__", "build", "call", "__call__", "_build", "get_config", "from_config"})


def _counters(statement: f.For) -> frozenset[str]:
    """Return the names that a for loop counts with: `for i in range(n)`, `for i, x in enumerate(xs)`."""
    call, target = statement.iterable, statement.target
    if not isinstance(call, f.Call):
        return frozenset()
    last = call.func.id if isinstance(call.func, f.Name) else getattr(call.func, "attr", "")
    if last in {"range", "trange", "xrange", "count"}:
        return frozenset(names(target))
    if last == "enumerate" and isinstance(target, f.Display) and target.items:
        return frozenset(names(target.items[0]))
    if last in {"tqdm", "track"} and call.args:
        return _counters(f.For(statement.node, target, call.args[0], [], []))
    return frozenset()


def _says_length(expr: f.Expr) -> bool:
    """Whether a loop's header says its length in figures: `range(3)`, `(1, 2, 3)`, `enumerate([a, b])`."""
    if isinstance(expr, f.Display | f.DictDisplay | f.Literal):
        return True
    return isinstance(expr, f.Call) and bool(expr.args) and all(_says_length(arg) for arg in expr.args)


def _constant_key(value: Value) -> object:
    if len(value) == 1 and isinstance(value[0], Const) and value[0].value is not None:
        return value[0].value
    return None


def _integer(value: Value) -> int | None:
    if len(value) == 1 and isinstance(value[0], Const) and value[0].type == "int":
        number = value[0].value
        assert isinstance(number, int)
        return number
    return None


def _is_dataset(value: Value) -> bool:
    return any(
        (isinstance(atom, Object) and atom.kind is Kind.DATASET)
        or (isinstance(atom, Container) and atom.kind == "dataset")
        for atom in value
    )


def _is_exit(func: f.Attribute) -> bool:
    # sys.exit() and os._exit() end the path.
    return isinstance(func.value, f.Name) and (func.value.id, func.attr) in {("sys", "exit"), ("os", "_exit")}


_STATEMENTS: dict[type, Callable[[Frame, object], bool]] = {
    f.ExprStatement: Frame.do_expression,
    f.Assign: Frame.do_assign,
    f.AugAssign: Frame.do_augmented,
    f.Return: Frame.do_return,
    f.Delete: Frame.do_delete,
    f.Jump: Frame.do_jump,
    f.For: Frame.do_for,
    f.While: Frame.do_while,
    f.Try: Frame.do_try,
    f.With: Frame.do_with,
    f.Match: Frame.do_match,
    f.Define: Frame.do_define,
    f.DefineClass: Frame.do_class,
    f.Import: Frame.do_import,
    f.ImportStar: Frame.do_nothing,
    f.ScopeDeclaration: Frame.do_declare,
}  # type: ignore[assignment]
_EXPRESSIONS: dict[type, Callable[[Frame, object], Value]] = {
    f.Name: Frame.eval_name,
    f.Literal: Frame.eval_literal,
    f.Attribute: Frame.eval_attribute,
    f.Call: Frame.eval_call,
    f.Display: Frame.eval_display,
    f.DictDisplay: Frame.eval_dict,
    f.Subscript: Frame.eval_subscript,
    f.Binary: Frame.eval_binary,
    f.Boolean: Frame.eval_boolean,
    f.Not: Frame.eval_not,
    f.Compare: Frame.eval_compare,
    f.Conditional: Frame.eval_conditional,
    f.Lambda: Frame.eval_lambda,
    f.Comprehension: Frame.eval_comprehension,
    f.Starred: Frame.eval_starred,
    f.Walrus: Frame.eval_walrus,
    f.Yield: Frame.eval_yield,
    f.Opaque: Frame.eval_opaque,
}  # type: ignore[assignment]
