"""Runs statements: what they bind, where paths part, what loops repeat; long, as all are of one table."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from leakscan.facts import model as f
from leakscan.facts.names import measured, names, text
from leakscan.interpreter.binding import additions, bind, replaced_by_plain_data
from leakscan.interpreter.conditions import is_listed, iterations, loop_targets, narrow, settled, truth
from leakscan.interpreter.effects import Loop
from leakscan.interpreter.guards import Guard, find_guard
from leakscan.interpreter.operations import (
    arithmetic,
    is_dataset,
    is_one_value,
    is_over_weights,
    iterate,
    spread,
)
from leakscan.interpreter.paths import Control, State
from leakscan.interpreter.repetition import (
    Repeater,
    counters_of,
    is_counted,
    is_of_command_line,
    is_single,
    loop_at,
    passes,
    says_length,
)
from leakscan.interpreter.values import (
    HOST,
    NONE,
    UNKNOWN,
    Class,
    Container,
    Func,
    Instance,
    Object,
    Unknown,
    Value,
    join,
)
from leakscan.knowledge import Kind

if TYPE_CHECKING:
    from leakscan.interpreter.frame import Frame


def run_block(frame: Frame, statements: list[f.Stmt]) -> bool:
    """Run statements; return whether the end is reached."""
    for position, statement in enumerate(statements):
        frame.engine.spend()
        if isinstance(statement, f.If):
            before = frame.save() if statement.orelse == [] else None
            falls, guard = _branch(frame, statement)
            if not falls:
                return False
            # `if self.model is not None: return self.model` spares the rest of the block.
            if guard is not None and before is not None:
                frame.guards.append(guard)
                falls = run_block(frame, statements[position + 1 :])
                frame.guards.pop()
                return falls
            continue
        if not _STATEMENTS[type(statement)](frame, statement):
            return False
    return True


# Each returns whether the next statement is reached.


def _expression(frame: Frame, statement: f.ExprStatement) -> bool:
    frame.eval(statement.value)
    call = statement.value
    return not (isinstance(call, f.Call) and isinstance(call.func, f.Attribute) and _is_exit(call.func))


def _assign(frame: Frame, statement: f.Assign) -> bool:
    target = statement.targets[0]
    value_expr = statement.value
    added = additions(target, value_expr)
    if added and isinstance(target, f.Name):
        holders = frame.lookup(target.id)
        if any(isinstance(atom, Container) for atom in holders):
            for operand, single in added:
                value = frame.eval(operand)
                _keep_elements(frame, holders, value)
                value = value if single else spread(frame, value)
                frame.grow(holders, value, statement.node, "+", target.id)
            return True
    value = frame.eval(value_expr)
    if _adds_to_unknown(frame, target, value_expr):
        frame.engine.note_growth(frame, None, UNKNOWN)
    frame.current = statement.node
    for item in statement.targets:
        bind(frame, item, value)
    return True


def _adds_to_unknown(frame: Frame, target: f.Expr, value: f.Expr) -> bool:
    """Whether `x = x + y` adds to what may be a list, as far as is known."""
    return (
        frame.engine.surveys
        and isinstance(target, f.Name)
        and isinstance(value, f.Binary)
        and value.op == "+"
        and isinstance(value.operands[0], f.Name)
        and value.operands[0].id == target.id
        and any(isinstance(atom, Unknown) for atom in frame.force(frame.lookup(target.id)))
    )


def _augmented(frame: Frame, statement: f.AugAssign) -> bool:
    value = frame.eval(statement.value)
    current = frame.force(frame.eval(statement.target))
    holders = tuple(atom for atom in current if isinstance(atom, Container))
    # count = totals["count"]; count += tf.shape(rows)[0]  # a list is not what this adds to
    single = len(holders) < len(current) and all(map(is_one_value, frame.force(value)))
    if holders and not single and statement.op in {"+", "|"}:
        _keep_elements(frame, holders, value)
        frame.grow(holders, spread(frame, value), statement.node, f"{statement.op}=", text(statement.target))
        return True
    if statement.op in {"+", "|"} and any(isinstance(atom, Unknown) for atom in current):
        listed = any(isinstance(atom, Container) for atom in value)
        if listed:
            frame.grow_unknown(statement.target, value, spread=True)
        else:
            frame.engine.note_growth(frame, None, value, spread=True)
    if isinstance(statement.target, f.Name):
        name = statement.target.id
        frame.store_name(name, arithmetic(frame, [current, value]))
    return True


def _keep_elements(frame: Frame, holders: Value, added: Value) -> None:
    """Note that the models in what is added to containers are kept: `blocks += [Block()]`."""
    for holder in frame.force(holders):
        if isinstance(holder, Container):
            frame.keep(frame.force(added), holder)


def _return(frame: Frame, statement: f.Return) -> bool:
    value = NONE if statement.value is None else frame.eval(statement.value)
    frame.returns = join(frame.returns, value)
    _run_finals(frame, 0)
    frame.unreleased_at_exit.update(frame.unreleased)
    return False


def _delete(frame: Frame, statement: f.Delete) -> bool:
    for target in statement.targets:
        if isinstance(target, f.Name):
            frame.env.pop(target.id, None)
    return True


def _jump(frame: Frame, statement: f.Jump) -> bool:
    if statement.kind != "raise" and frame.controls:
        control = frame.controls[-1]
        _run_finals(frame, control.finals)
        (control.breaks if statement.kind == "break" else control.continues).append(frame.save())
    return False


def _run_finals(frame: Frame, down_to: int) -> None:
    """Run the `finally` blocks and exits of context managers that a jump passes."""
    pending = frame.finals
    while len(frame.finals) > down_to:
        final = frame.finals[-1]
        frame.finals = frame.finals[:-1]
        final()
    frame.finals = pending


def _branch(frame: Frame, statement: f.If) -> tuple[bool, Guard | None]:
    """Run an `if`; also return the guard that it puts on the rest of the block, if its body jumps."""
    test = statement.test
    frame.eval(test)
    known = truth(frame, test)
    if known is not None:
        return run_block(frame, statement.body if known else statement.orelse), None
    guard = find_guard(test, loop_targets(frame))
    # `global model` asks for what an earlier call left, not for what the module began with.
    if guard is not None and guard.name and not guard.persistent and guard.name not in frame.declared:
        current = frame.force(frame.lookup(guard.name)) if "." not in guard.name else ()
        # `model = None` at the top of each iteration guards nothing.
        if current == NONE:
            guard = None
    sizes = measured(test)
    stored = frame.project.stored_names
    before = frame.save()
    states: list[State] = []
    released: dict[int, None] = {}
    jumps: list[bool] = []
    for taken, body in ((True, statement.body), (False, statement.orelse)):
        frame.restore(before)
        narrow(frame, test, taken=taken)
        # Of `if first: ...; first = False` either branch may be the one that runs once.
        active = (
            guard is not None
            and (guard.unset_when == taken or guard.is_flag)
            and guard.protects(body, stored)
        )
        if active and guard is not None:
            frame.guards.append(settled(frame, guard))
        frame.measured.append(sizes)
        falls = run_block(frame, body)
        frame.measured.pop()
        if active:
            frame.guards.pop()
        released.update((node, None) for node in before.unreleased if node not in frame.unreleased)
        jumps.append(not falls)
        if falls:
            states.append(frame.save())
    if not states:
        return False, None
    frame.merge(states)
    # A release on one branch counts: `if i % 10 == 0: clear_session()` bounds the growth too.
    for node in released:
        frame.unreleased.pop(node, None)
    rest = None
    if guard is not None and jumps[0] and not guard.unset_when:
        rest = settled(frame, guard)
    return True, rest


def _for(frame: Frame, statement: f.For) -> bool:
    value = frame.force(frame.eval(statement.iterable))
    element = iterate(frame, value)
    # for word in sys.argv[1:]: if word == "train": train(build())
    bound = 1 if is_of_command_line(statement.iterable) else iterations(frame, statement.iterable)

    def setup() -> None:
        bind(frame, statement.target, element)

    targets = frozenset(names(statement.target))
    loop = loop_at(
        frame,
        statement.node,
        Repeater.STATEMENT,
        bound=bound,
        targets=targets,
        varying=frame.project.stored_names.stored(statement.body) | targets,
    )
    loop.rebound = frame.project.stored_names.rebound(statement.body)
    says = says_length(statement.iterable) or is_listed(frame, statement.iterable)
    loop.literal = bound if says else None
    loop.counters = frame.project.stored_names.counters(statement.body) | counters_of(statement)
    if is_dataset(value):
        loop.eager = loop.over_data = True
    loop.over_items = not loop.over_data and not is_counted(statement.iterable)
    loop.over_weights = is_over_weights(frame, value)
    reached = _iterate_body(frame, loop, setup, statement.body, statement.orelse, endless=False)
    plain = replaced_by_plain_data(frame, statement)
    if plain is not None:
        frame.env[plain] = HOST
    return reached


def _while(frame: Frame, statement: f.While) -> bool:
    endless = isinstance(statement.test, f.Literal) and bool(statement.test.value)
    if isinstance(statement.test, f.Literal) and not statement.test.value:
        return run_block(frame, statement.orelse)

    def setup() -> None:
        frame.eval(statement.test)

    varying = frame.project.stored_names.stored(statement.body)
    loop = loop_at(frame, statement.node, Repeater.STATEMENT, varying=varying)
    loop.rebound = frame.project.stored_names.rebound(statement.body)
    loop.counters = frame.project.stored_names.counters(statement.body)
    frame.measured.append(measured(statement.test))
    falls = _iterate_body(frame, loop, setup, statement.body, statement.orelse, endless=endless)
    frame.measured.pop()
    return falls


def _iterate_body(
    frame: Frame,
    loop: Loop,
    setup: Callable[[], None],
    body: list[f.Stmt],
    orelse: list[f.Stmt],
    *,
    endless: bool,
) -> bool:
    """Run the body of a loop; return whether what follows the loop is reached."""
    entry = frame.save()
    ends: list[State] = [entry]
    control = Control()
    for last in passes(frame, loop):
        control = Control(finals=len(frame.finals))
        frame.controls.append(control)
        setup()
        falls = run_block(frame, body)
        frame.controls.pop()
        ends = [entry, *control.continues, *([frame.save()] if falls else [])]
        if not last:
            frame.merge(ends)
    # A loop that runs once is no loop.
    if is_single(loop) and len(ends) > 1:
        ends = ends[1:]
    if not endless:
        frame.merge(ends)
        if not run_block(frame, orelse):
            if not control.breaks:
                return False
            frame.merge(control.breaks)
        elif control.breaks:
            frame.merge([frame.save(), *control.breaks])
        return True
    if not control.breaks:
        return False
    frame.merge(control.breaks)
    return True


def _try(frame: Frame, statement: f.Try) -> bool:
    before = frame.save()
    if statement.final:
        frame.finals = [*frame.finals, lambda: run_block(frame, statement.final)]
    falls = run_block(frame, statement.body)
    middle = frame.save()
    if falls:
        falls = run_block(frame, statement.orelse)
    states = [frame.save()] if falls else []
    released = [node for node in before.unreleased if node not in middle.unreleased]
    for handler in statement.handlers:
        # A handler may start from anywhere in the body; what the body built went with its failure.
        frame.merge([before, middle])
        frame.unreleased = dict(before.unreleased)
        # A clear that only an exception reaches releases nothing otherwise.
        frame.handling += 1
        if run_block(frame, handler):
            states.append(frame.save())
        frame.handling -= 1
    if statement.final:
        frame.finals = frame.finals[:-1]
    if not states:
        frame.restore(middle)
        run_block(frame, statement.final)
        return False
    frame.merge(states)
    # try: score = clear_and_train() ... except ValueError: ...  # the rare failure does not undo the clear
    for node in released:
        frame.unreleased.pop(node, None)
    return run_block(frame, statement.final)


def _with(frame: Frame, statement: f.With) -> bool:
    return _enter(frame, statement, 0)


def _enter(frame: Frame, statement: f.With, position: int) -> bool:
    """Enter the context managers from `position` on, run the body, leave them."""
    if position == len(statement.items):
        return run_block(frame, statement.body)
    expr, target = statement.items[position]
    value = frame.force(frame.eval(expr))
    tape = any(isinstance(atom, Object) and atom.kind is Kind.TAPE for atom in value)
    fresh_graph = any(
        isinstance(atom, Object) and atom.kind is Kind.FRESH_GRAPH and frame.made_here(atom.origin)
        for atom in value
    )
    frame.current = statement.node
    if tape:
        frame.mark_step()
        _enter_again(frame, value, expr, statement.node)
        frame.tapes.append(len(frame.loops))
    bound, leave = _manage(frame, value, expr, statement.node)
    if leave is not None:
        frame.finals = [*frame.finals, leave]
    if target is not None:
        bind(frame, target, bound)
    frame.fresh_graphs += fresh_graph
    falls = _enter(frame, statement, position + 1)
    frame.fresh_graphs -= fresh_graph
    if tape:
        frame.tapes.pop()
    if leave is not None:
        frame.finals = frame.finals[:-1]
        leave()
    return falls


def _manage(frame: Frame, value: Value, expr: f.Expr, node: int) -> tuple[Value, Callable[[], None] | None]:
    """Enter a context manager; return what `as` binds, and what leaving it does (None: nothing)."""
    bound = value
    exits: list[Func] = []
    for atom in value:
        if isinstance(atom, Instance):
            entered = frame.call_method(atom, "__enter__", node)
            if entered is not None:
                bound = entered
            found = frame.project.method(atom.module, atom.index, "__exit__")
            if found is not None:
                exits.append(Func(*found, receiver=atom))
    releases = _context_releases(frame, expr)

    def leave() -> None:
        for func in exits:
            frame.call_function(func, [UNKNOWN, UNKNOWN, UNKNOWN], {}, node)
        if releases:
            frame.release()

    return bound, leave if exits or releases else None


def _enter_again(frame: Frame, value: Value, expr: f.Expr, node: int) -> None:
    """Note a persistent tape that was made before the loop: it records every iteration."""
    for atom in value:
        if not isinstance(atom, Object) or not atom.persistent or atom.origin is None:
            continue
        made_at = frame.own_node(atom.origin)
        made = None if made_at is None else frame.alloc.get(made_at)
        if made is not None and len(made) < len(frame.loops):
            frame.add_growth(Container(atom.origin, "tape", atom.origin), (atom,), node, "with", text(expr))


def _context_releases(frame: Frame, expr: f.Expr) -> bool:
    """Whether `expr` calls a generator of the project, as a context manager, that releases models."""
    if not isinstance(expr, f.Call):
        return False
    for atom in frame.force(frame.eval(expr.func)):
        if isinstance(atom, Func) and any(
            "contextmanager" in name for name in frame.project.decorators(atom.module, atom.function)
        ):
            return frame.engine.call(atom, [], {}, frame, expr.node, spread=True).releases
    return False


def _match(frame: Frame, statement: f.Match) -> bool:
    frame.eval(statement.subject)
    before = frame.save()
    states = [] if statement.exhaustive else [before]
    for case in statement.cases:
        frame.restore(before)
        if run_block(frame, case):
            states.append(frame.save())
    if not states:
        return False
    frame.merge(states)
    return True


def _define(frame: Frame, statement: f.Define) -> bool:
    facts = frame.project.function(frame.module, statement.function)
    if facts.owner is None:
        frame.store_name(facts.name, (Func(frame.module, statement.function),))
    return True


def _class(frame: Frame, statement: f.DefineClass) -> bool:
    klass = frame.project.klass(frame.module, statement.index)
    frame.store_name(klass.name, (Class(frame.module, statement.index),))
    return True


def _import(frame: Frame, statement: f.Import) -> bool:
    if frame.function:
        frame.env[statement.name] = frame.project.imported(frame.module, statement)
    else:
        # At the top level export() answers: it joins the alternatives of try/except ImportError.
        frame.env.pop(statement.name, None)
    return True


def _nothing(_frame: Frame, _statement: f.ImportStar) -> bool:
    return True


def _declare(frame: Frame, statement: f.ScopeDeclaration) -> bool:
    frame.declared.update(statement.names)
    return True


def _is_exit(func: f.Attribute) -> bool:
    # sys.exit() and os._exit() end the path.
    return isinstance(func.value, f.Name) and (func.value.id, func.attr) in {("sys", "exit"), ("os", "_exit")}


_STATEMENTS: dict[type, Callable[[Frame, Any], bool]] = {
    f.ExprStatement: _expression,
    f.Assign: _assign,
    f.AugAssign: _augmented,
    f.Return: _return,
    f.Delete: _delete,
    f.Jump: _jump,
    f.For: _for,
    f.While: _while,
    f.Try: _try,
    f.With: _with,
    f.Match: _match,
    f.Define: _define,
    f.DefineClass: _class,
    f.Import: _import,
    f.ImportStar: _nothing,
    f.ScopeDeclaration: _declare,
}
