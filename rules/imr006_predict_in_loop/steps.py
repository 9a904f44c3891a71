"""What a loop is: the steps of an agent in its environment, or a loop over items."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from leakscan.facts.model import (
    Assign,
    Attribute,
    AugAssign,
    Call,
    Comprehension,
    Define,
    DefineClass,
    Display,
    For,
    Name,
    Subscript,
    While,
)
from leakscan.facts.names import dotted, names
from leakscan.facts.walk import Fact, children, walk, walk_kind
from leakscan.knowledge.python import GROWERS
from leakscan.questions import callees, function_of
from leakscan.rule import Place

if TYPE_CHECKING:
    from leakscan.facts.model import Expr
    from leakscan.interpreter.project import Project
    from leakscan.questions import Call as Found
    from leakscan.questions import Function, Repetition

#: What an environment answers to a step: the state, the reward, whether it is done, and more.
_ANSWERS = 3


def loop_of(project: Project, around: Repetition) -> For | While | Comprehension | None:
    """Return the loop of a repetition; None for a driver."""
    if around.loop is None or around.driver is not None:
        return None
    body = project.bodies.whole(*function_of(project, around.loop))
    loops = (fact for fact in walk(body) if isinstance(fact, For | While | Comprehension))
    return next((loop for loop in loops if loop.node == around.loop.node), None)


def steps_environment(project: Project, found: Found, around: Repetition) -> bool:
    """Whether an iteration is one step of an agent: state, reward, done, info = env.step(action)."""
    loop = loop_of(project, around)
    if not isinstance(loop, For | While):
        return False
    module = around.loop.module if around.loop is not None else found.place.module
    if any(_is_step(fact) for fact in _once(loop.body)):
        return True
    # for step in range(steps): state, done = play_one_step(env, state); train(buffer)
    called = [
        callee
        for fact in _once(loop.body)
        if isinstance(fact, Call)
        for callee in callees(project, Place(module, fact.node))
    ]
    between = [function_of(project, link.place) for link in around.chain[1:]]
    return any(_is_step(fact) for function in (*called, *between) for fact in _body(project, function))


def _body(project: Project, function: Function) -> Iterator[Fact]:
    return _once(project.function(*function).body)


def _once(body: Iterable[Fact]) -> Iterator[Fact]:
    """Yield the facts of a body that run once in it: not those of loops within it."""
    stack = list(body)[::-1]
    while stack:
        fact = stack.pop()
        yield fact
        if not isinstance(fact, For | While | Comprehension | Define | DefineClass):
            stack.extend(children(fact)[::-1])


def _is_step(fact: Fact) -> bool:
    if not isinstance(fact, Assign):
        return False
    value = fact.value
    # state, reward, done = env.step(action)[:3]
    while isinstance(value, Subscript):
        value = value.value
    if not (isinstance(value, Call) and isinstance(value.func, Attribute)):
        return False
    if value.func.attr != "step":
        # screen, reward, over = game.act(action)
        return any(
            isinstance(target, Display)
            and len(target.items) >= _ANSWERS
            and any(isinstance(item, Name) and item.id.startswith("reward") for item in target.items)
            for target in fact.targets
        )
    return any(isinstance(target, Display) and len(target.items) >= _ANSWERS for target in fact.targets)


def asks_a_person(project: Project, around: Repetition) -> bool:
    """Whether each iteration waits for what a person types, or goes through what a person has picked."""
    loop = loop_of(project, around)
    # uploaded = files.upload(); for name in uploaded.keys(): model.predict(load(name)[None])
    if isinstance(loop, For) and around.loop is not None:
        picked = set(names(loop.iterable))
        body = project.bodies.whole(around.loop.module, 0)
        if any(
            isinstance(fact.value, Call)
            and isinstance(fact.value.func, Attribute)
            and fact.value.func.attr == "upload"
            and picked & {name for target in fact.targets for name in names(target)}
            for fact in walk_kind(body, Assign)
        ):
            return True
    return isinstance(loop, For | While) and any(
        isinstance(fact, Call) and _reads_line(fact) for fact in _once(loop.body)
    )


def _reads_line(call: Call) -> bool:
    """Whether a call waits for a line: input("you: "), sys.stdin.readline()."""
    if isinstance(call.func, Name):
        return call.func.id in {"input", "raw_input"}
    stream = call.func.value if isinstance(call.func, Attribute) and call.func.attr == "readline" else None
    return stream is not None and dotted(stream).rpartition(".")[2] == "stdin"


def names_targets(project: Project, found: Found, data: Expr, around: Repetition) -> bool:
    """Whether an argument is made of what the loop goes over; where a helper predicts, what it is passed."""
    loop = loop_of(project, around)
    if isinstance(loop, Comprehension):
        return True
    if not isinstance(loop, For):
        return False
    targets = set(names(loop.target))
    used: set[str] = set(names(data))
    if around.chain:
        place = around.chain[0].place
        body = project.bodies.whole(*function_of(project, place))
        call = next((item for item in walk_kind(body, Call) if item.node == place.node), None)
        used = set() if call is None else set(names(call))
    elif function_of(project, found.place) != function_of(project, around.loop or found.place):
        return False
    # state = np.reshape(item, (1, -1)); model.predict(state)
    assigned = [fact for fact in walk(loop.body) if isinstance(fact, Assign)]
    for _ in range(len(assigned)):
        more = {
            name
            for fact in assigned
            if used & {name for target in fact.targets for name in names(target)}
            for name in names(fact.value)
        }
        if more <= used:
            break
        used |= more
    return bool(used & targets)


def carries(project: Project, found: Found, data: Expr, around: Repetition) -> bool:
    """Whether a loop makes the argument of a call out of what the call gave an iteration before.

    window = np.append(window[:, 1:], net.predict(window), axis=1)
    """
    loop = loop_of(project, around)
    if not isinstance(loop, For | While) or found.loop != around.loop:
        return False
    given: set[str] = set()
    wanted = set(names(data))
    body = [fact for fact in walk(loop.body) if isinstance(fact, Assign | AugAssign | Call)]
    for _ in range(len(body)):
        before = len(given)
        for fact in body:
            into, parts = _flow(fact)
            if any(
                part.node == found.place.node if isinstance(part, Call) else part.id in given
                for item in parts
                for part in walk([item])
                if isinstance(part, Call | Name)
            ):
                # tokens[0, t] = best
                given.update(name for target in into for name in _roots(target))
        if len(given) == before:
            break
    # table = read(path); table["score"] = net.predict(table)  # another one in each iteration
    made = {
        target.id
        for fact in loop.body
        if isinstance(fact, Assign) and fact.node < found.place.node and given.isdisjoint(names([fact.value]))
        for target in fact.targets
        if isinstance(target, Name)
    }
    return not wanted.isdisjoint(given - made)


def _flow(fact: Assign | AugAssign | Call) -> tuple[list[Expr], list[Expr]]:
    """Return what changes, and what of."""
    if isinstance(fact, Call):
        # tokens.append(best)
        func = fact.func
        grows = isinstance(func, Attribute) and func.attr in GROWERS
        return ([func.value], list(fact.args)) if grows and isinstance(func, Attribute) else ([], [])
    return fact.targets if isinstance(fact, Assign) else [fact.target], [fact.value]


def _roots(target: Expr) -> Iterator[str]:
    """Yield the names that an assignment to a target binds or changes."""
    if isinstance(target, Display):
        for item in target.items:
            yield from _roots(item)
        return
    while isinstance(target, Attribute | Subscript):
        target = target.value
    if isinstance(target, Name) and target.id != "self":
        yield target.id


__all__ = ["asks_a_person", "carries", "loop_of", "names_targets", "steps_environment"]
