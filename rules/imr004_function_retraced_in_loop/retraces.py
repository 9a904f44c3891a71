"""What is traced again each time: functions made anew, models compiled anew, arguments that change."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Sequence

from leakscan.facts import model as f
from leakscan.facts.names import names, text
from leakscan.facts.walk import walk, walk_kind
from leakscan.interpreter.project import Project
from leakscan.questions import (
    Call,
    Effect,
    Function,
    Kind,
    Origin,
    Place,
    Repetition,
    call_at,
    calls,
    comes_each_time,
    function_of,
    is_constant,
    rebuilds,
    repetitions,
)
from leakscan.records import dataclass

from .arguments import arguments_that_change, is_in_graph
from .steps import is_summary_step

_BACKEND_FUNCTIONS = (
    "keras.backend.function",
    "keras.backend.tensorflow_backend.function",
    "tensorflow.keras.backend.function",
)
#: What in a loop says that the model is set back: compiling then starts its optimizer anew.
_RESETS = frozenset({"set_weights", "load_weights", "clear_session"})


class Shape(enum.Enum):
    """How it comes to be traced again."""

    MADE = "a traced function is made each time"
    COMPILED = "a model is compiled each time"
    NUMBER = "a Python number changes"
    OBJECT = "an object is new each time"
    SHAPE = "the shape changes"


@dataclass(frozen=True, slots=True)
class Retrace:
    """Something that is traced each time that a repetition comes by.

    place: the call in the loop, or in the function that is repeated. cause: what is traced. what, why, help:
    for messages; `{where}` in `why` is where the cause is. subject: the name of what is traced.
    """

    place: Place
    cause: Place
    around: Repetition
    shape: Shape
    what: str
    why: str
    help: str
    subject: str
    argument: f.Expr | None = None


def retraces(project: Project) -> list[Retrace]:
    """Return what is traced again and again, one for each place, in the order of the code."""
    found: dict[Place, Retrace] = {}
    built = {
        item.place
        for item in rebuilds(project)
        if item.origin is Origin.CONSTRUCTED and not (item.kept or item.absorbed or item.in_layer)
    }
    for retrace in (*_made(project), *_defined(project), *_compiled(project), *_arguments(project)):
        # regressor = Regressor()  # its model is rebuilt, and with it what it traces: IMR001
        if retrace.place not in built:
            found.setdefault(retrace.place, retrace)
    return sorted(found.values(), key=lambda item: item.place)


# Functions that are made again


def _made(project: Project) -> Iterator[Retrace]:
    for call in calls(project, _BACKEND_FUNCTIONS, effect=Effect.TRACES):
        backend = call.name in _BACKEND_FUNCTIONS
        given = [*call.call.args, *(value for _, value in call.call.keywords)]
        # decorate = tf.function(jit_compile=True)
        if not given or (not backend and not call.call.args):
            continue
        again = repetitions(project, call.place)
        # @tf.function def train(): for i in range(3): step = tf.function(f)  # traced once, with the loop
        if not again or is_in_graph(project, call.function):
            continue
        called = text(call.call.func)
        for around in again:
            used: list[f.Expr] = [item for item in given if not isinstance(item, f.Lambda)]
            if not backend:
                used += _captured(project, call.function, call.call.args[0])
            # for image in images: for layer in net.layers: K.function(net.input, layer.output)
            if _is_again(project, call.place, around, used, loops_hold=True) and not _is_stored(call, around):
                yield _made_again(
                    call.place, around, f"{called}()", f"what {called}(){{where}} gives is traced anew"
                )


def _defined(project: Project) -> Iterator[Retrace]:
    for module, facts in project.known():
        for function in facts.functions:
            if function.parent is None or not project.engine.is_traced(module, function.index):
                continue
            # class Agent: @tf.function def step(self): ...  # made with the class
            if function.owner is not None or not _is_within(project, module, function):
                continue
            place = Place(module, function.node)
            again = repetitions(project, place)
            if not again or is_in_graph(project, (module, function.parent)):
                continue
            free = [f.Name(name) for name in _free(project, (module, function.index))]
            for around in again:
                if _is_again(project, place, around, free, loops_hold=True):
                    yield _made_again(
                        place,
                        around,
                        f"{function.name}()",
                        f"{function.name}(){{where}} is defined anew, and traced anew when it is called",
                    )


def _made_again(place: Place, around: Repetition, subject: str, why: str) -> Retrace:
    outside = "before the loop" if around.loop is not None else "outside of the function"
    return Retrace(
        around.chain[0].place if around.chain else place,
        place,
        around,
        Shape.MADE,
        "traced function made again",
        why,
        f"make it once, {outside}; what differs from call to call can be its arguments",
        subject,
    )


def _is_within(project: Project, module: int, function: f.FunctionFacts) -> bool:
    """Whether a function is defined in another one, or in a loop of its module."""
    if function.parent:
        return True
    body = project.modules[module].functions[0].body
    return any(
        item.function == function.index
        for loop in (fact for fact in walk(body) if isinstance(fact, f.For | f.While))
        for item in walk_kind(loop.body, f.Define)
    )


def _is_again(
    project: Project,
    place: Place,
    around: Repetition,
    used: Sequence[f.Expr],
    *,
    loops_hold: bool = False,
) -> bool:
    """Whether the same is made each time: nothing that it is made of changes."""
    return comes_each_time(project, place, around) and all(
        is_constant(project, item, place, around, calls_hold=True, loops_hold=loops_hold) for item in used
    )


def _captured(project: Project, function: Function, traced: f.Expr) -> list[f.Expr]:
    """Return the names that a lambda or a nested function takes from the function around it."""
    if isinstance(traced, f.Lambda):
        return [f.Name(name) for name in _free(project, (function[0], traced.function))]
    if isinstance(traced, f.Name):
        for facts in project.modules[function[0]].functions:
            if (
                facts.name == traced.id
                and facts.parent == function[1]
                and facts.owner is None
                and function[1]
            ):
                return [f.Name(name) for name in _free(project, (function[0], facts.index))]
    return []


def _free(project: Project, key: Function) -> list[str]:
    """Return the names that a function takes from those around it, not from the module."""
    facts = project.function(*key)
    inside = [
        key,
        *((key[0], item.index) for item in project.modules[key[0]].functions if item.parent == key[1]),
    ]
    own: set[str] = set()
    read: list[str] = []
    for scope in inside:
        inner = project.function(*scope)
        own |= {param.name for param in inner.params} | project.stored_names.stored(inner.body)
        own |= {item.name for item in project.modules[key[0]].functions if item.parent == scope[1]}
        read += names(inner.body)
    if not facts.parent:
        # At the top of a module: what its loops bind.
        outer = project.function(key[0], 0)
        bound = project.stored_names.stored(outer.body)
    else:
        outer = project.function(key[0], facts.parent)
        bound = project.stored_names.stored(outer.body) | {param.name for param in outer.params}
    return [name for name in dict.fromkeys(read) if name in bound and name not in own]


def _is_stored(call: Call, around: Repetition) -> bool:
    """Whether the traced functions of all iterations are kept: self.steps[name] = tf.function(step)."""
    if around.chain:
        return False
    for item in reversed(call.around):
        # K.function(inputs, outputs)([x]), tf.function(net).get_concrete_function(spec)
        if isinstance(item, f.Call) and item.func is call.call:
            return False
        if isinstance(item, f.Call) and any(part is call.call for part in walk([item.func])):
            continue
        if isinstance(item, f.Assign):
            return any(isinstance(target, f.Subscript) for target in item.targets)
        if isinstance(item, f.Call | f.Comprehension | f.Yield):
            return True
    return False


# Models that are compiled again


def _compiled(project: Project) -> Iterator[Retrace]:
    for call in calls(project, method="compile", receiver=Kind.MODEL):
        receiver = call.call.func.value if isinstance(call.call.func, f.Attribute) else None
        if receiver is None or receiver == f.Name("self"):
            continue
        # def grow(model): ...; model.compile("adam", "mse"); model.fit(x, epochs=3)  # may be another by now
        if not call.is_made_in_sight:
            continue
        given = list(_made_from([*call.call.args, *(value for _, value in call.call.keywords)]))
        for around in repetitions(project, call.place):
            # net = build(); net.compile(...)  # another model each time
            if not is_constant(project, receiver, call.place, around):
                continue
            if not _is_again(project, call.place, around, given):
                continue
            # base.trainable = True; net.compile(...)  # fine-tuning in phases
            # net.set_weights(initial); net.compile(...)  # the optimizer starts anew in each fold
            if _is_set_back(project, call, around):
                continue
            name = text(receiver)
            yield Retrace(
                around.chain[0].place if around.chain else call.place,
                call.place,
                around,
                Shape.COMPILED,
                "model compiled again",
                f"after {name}.compile(){{where}} its next fit, evaluate or predict is traced anew",
                "compile the model once before the loop"
                if around.loop is not None
                else "compile the model once, outside of the function",
                f"{name}.compile()",
            )


def _made_from(given: Sequence[f.Expr]) -> Iterator[f.Expr]:
    """Yield what arguments depend on: of optimizer=keras.optimizers.Adam(rate), the rate."""
    for item in given:
        if isinstance(item, f.Call):
            yield from _made_from([*item.args, *(value for _, value in item.keywords)])
        elif isinstance(item, f.Display):
            yield from _made_from(item.items)
        else:
            yield item


def _is_set_back(project: Project, call: Call, around: Repetition) -> bool:
    """Whether what is repeated sets the model back or freezes layers: then compiling is meant."""
    bodies: list[list[f.Stmt]] = [project.function(*call.function).body] if call.function[1] else []
    if around.loop is not None and around.driver is None:
        bodies.append(project.bodies.of_loop(around.loop.module, around.loop.node))
    bodies += [project.function(*function_of(project, link.place)).body for link in around.chain[1:]]
    for item in walk([statement for body in bodies for statement in body]):
        if isinstance(item, f.Call) and isinstance(item.func, f.Attribute) and item.func.attr in _RESETS:
            return True
        if isinstance(item, f.Assign) and any(
            isinstance(target, f.Attribute) and target.attr == "trainable" for target in item.targets
        ):
            return True
    return False


# Arguments that are never the same


def _arguments(project: Project) -> Iterator[Retrace]:
    for found in arguments_that_change(project):
        shown = text(found.argument) if isinstance(found.argument, f.Name | f.Attribute) else "an argument"
        shown = f"`{shown}`" if shown != "an argument" else shown
        if found.kind in {"number", "list"}:
            shape = Shape.NUMBER
            why = (
                f"{shown} is a Python number, and each value of it is traced"
                if found.kind == "number"
                else f"{shown} is a list of Python numbers, and each list is traced"
            )
            call = call_at(project, found.place).call
            wide = ", tf.int64" if is_summary_step(project, found.place, call, found.argument) else ""
            help_ = (
                f"pass a tensor: tf.constant({text(found.argument)}{wide})"
                if "`" in shown
                else "pass a tensor: tf.constant()"
            )
        elif found.kind == "object":
            shape = Shape.OBJECT
            why = f"{shown} is another object each time, and each is traced"
            help_ = "make what is passed once before the loop, or pass tensors"
        else:
            shape = Shape.SHAPE
            why = f"{shown} has another shape each time, and each is traced"
            help_ = "give the tf.function an input_signature with shapes of None, or reduce_retracing=True"
        yield Retrace(
            found.around.chain[0].place if found.around.chain else found.place,
            found.place,
            found.around,
            shape,
            f"{found.name} traced again",
            why,
            help_,
            found.name,
            found.argument,
        )


__all__ = ["Retrace", "Shape", "retraces"]
