"""How a prediction is used: as the answer for one item, or as a list of several outputs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leakscan.facts.model import (
    Assign,
    Attribute,
    Call,
    Compare,
    Comprehension,
    Conditional,
    Display,
    For,
    If,
    Literal,
    Name,
    Opaque,
    Subscript,
)
from leakscan.facts.walk import Fact, walk_with_holders

if TYPE_CHECKING:
    from leakscan.facts.model import Expr
    from leakscan.interpreter.project import Project
    from leakscan.questions import Call as Found


#: What gives an answer another form, for as many items.
_FORMS = frozenset("argmax round around flatten ravel squeeze tolist numpy astype copy array asarray".split())


def takes_one_answer(project: Project, found: Found) -> bool:
    """Whether only one answer is taken of what a call gives.

    model.predict(state)[0]; np.argmax(model.predict(state)); answer = model.predict(state); answer[0][1] = 2
    """
    if _takes_one(found.call, found.around):
        return True
    holder = found.around[-1] if found.around else None
    if not isinstance(holder, Assign) or len(holder.targets) != 1 or not isinstance(holder.targets[0], Name):
        return False
    name = holder.targets[0].id
    uses = [
        (fact, around)
        for fact, around in walk_with_holders(project.bodies.whole(*found.function))
        if isinstance(fact, Name) and fact.id == name and not (around and around[-1] is holder)
    ]
    if any(_is_stored_to(fact, around) for fact, around in uses):
        return True
    return bool(uses) and all(_takes_one(fact, around) for fact, around in uses)


def gives_several(project: Project, found: Found) -> bool:
    """Whether what a call gives is used as the list of what a model with several outputs gives.

    boxes, scores = answer; answer[1] of one item; if isinstance(answer, list): answer = answer[0]
    """
    if found.around and isinstance(found.around[-1], Subscript):
        return _is_later(found.around[-1])
    holder = found.around[-1] if found.around else None
    if not isinstance(holder, Assign):
        return False
    names = {target.id for target in holder.targets if isinstance(target, Name)}
    for fact, around in walk_with_holders(project.bodies.whole(*found.function)):
        above = around[-1] if around else None
        if not isinstance(fact, Name) or fact.id not in names:
            continue
        if isinstance(above, Subscript) and above.value is fact and _is_later(above):
            return True
        if isinstance(above, Assign) and any(isinstance(target, Display) for target in above.targets):
            return True
        # if type(answer) is not list: answer = [answer]
        if isinstance(above, Call) and above.func in (Name("isinstance"), Name("type")):
            return True
        # for boxes in answer: ...; [reshape(part) for part in answer]  # of one item that is one row
        if isinstance(above, For) and above.iterable is fact:
            return True
        if isinstance(above, Comprehension) and any(iterable is fact for _, iterable, _ in above.clauses):
            return True
    return False


def _is_later(subscript: Subscript) -> bool:
    index = subscript.index
    return isinstance(index, Literal) and type(index.value) is int and index.value != 0


def _takes_one(fact: Expr, around: tuple[Fact, ...]) -> bool:
    """Whether an answer is read as that for one item, directly or in another form."""
    here: Fact = fact
    holders = list(around)
    while holders:
        holder = holders.pop()
        if isinstance(holder, Subscript):
            return holder.value is here and _is_first(holder)
        if isinstance(holder, Attribute):
            # answer.argmax(axis=1)[0], answer.item()
            call = holders.pop() if holders else None
            if not isinstance(call, Call) or call.func is not holder:
                return False
            if _is_whole(call, holder.attr, []):
                return True
            if holder.attr not in _FORMS:
                return False
            here = call
        elif isinstance(holder, Call):
            name = holder.func.attr if isinstance(holder.func, Attribute) else getattr(holder.func, "id", "")
            if name in {"float", "int"} or _is_whole(holder, name, [here]):
                return True
            # np.argmax(answer, axis=1)[0]
            if name not in _FORMS or not holder.args or holder.args[0] is not here:
                return False
            here = holder
        elif isinstance(holder, Compare):
            # if answer > 0.5: ...  # the truth of several is an error
            above = holders[-1] if holders else None
            return isinstance(above, If | Conditional) and above.test is holder
        else:
            return False
    return False


def _is_whole(call: Call, name: str, given: list[Fact]) -> bool:
    """Whether a call makes one number of a whole array: np.argmax(answer), answer.item()."""
    return name in {"argmax", "item"} and len(call.args) == len(given) and not call.keywords


def _is_first(subscript: Subscript) -> bool:
    index = subscript.index
    first = index.parts[0] if isinstance(index, Opaque) and index.parts and not subscript.is_slice else index
    return isinstance(first, Literal) and first.value == 0 and first.value is not False


def _is_stored_to(fact: Expr, around: tuple[Fact, ...]) -> bool:
    """Whether a name is the base of a target below its first row: answer[0][action] = target."""
    below: Fact = fact
    first = False
    for holder in reversed(around):
        if isinstance(holder, Subscript) and holder.value is below:
            first = first or (holder.value is fact and _is_first(holder))
            below = holder
            continue
        return first and isinstance(holder, Assign) and any(target is below for target in holder.targets)
    return False


__all__ = ["gives_several", "takes_one_answer"]
