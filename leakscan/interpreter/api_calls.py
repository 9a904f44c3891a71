"""What calls of external names give, with their effects on the frame: one function for each effect."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from leakscan.facts import model as f
from leakscan.facts.names import names, text
from leakscan.interpreter.builtin_calls import (
    FACTORIES,
    RECORD,
    call_builtin,
    call_collections,
    call_factory,
    note_data,
)
from leakscan.interpreter.driving import ExternalCall, defer, drive, functions_in, holder, holds, run_task
from leakscan.interpreter.effects import Origin
from leakscan.interpreter.joins import JOINS
from leakscan.interpreter.operations import (
    absorb_all,
    is_floating,
    iterate,
    parts_of,
    spread,
    symbolic_in,
)
from leakscan.interpreter.values import (
    HOST,
    UNKNOWN,
    Api,
    Class,
    Const,
    Container,
    CreationSite,
    Func,
    Instance,
    Keywords,
    Method,
    Object,
    Size,
    Tensor,
    Tuple,
    Value,
    dedupe,
    join,
    origins,
)
from leakscan.knowledge import Effect, Kind, Row, Words
from leakscan.knowledge.keras import WITHOUT_WEIGHTS
from leakscan.knowledge.python import GROWERS

if TYPE_CHECKING:
    from leakscan.interpreter.frame import Frame

#: What is worth knowing of what is drawn at random: numbers and rows are data.
_DRAWN = (Instance, Object, Func, Class)


def call_api(frame: Frame, name: str, expr: f.Call, args: list[Value], keywords: Keywords) -> Value:
    """Return what calling the external `name` (canonical) gives."""
    root, _, last = name.rpartition(".")
    row = frame.knowledge.call(name)
    # A rule pack may know more of a builtin than the interpreter does.
    if root == "builtins" and not frame.knowledge.is_own(row):
        return call_builtin(frame, last, expr, args, keywords)
    if name == RECORD:
        # Step = namedtuple("Step", "state value"); memory.append(Step(state, value))
        return (Tuple((*args, *keywords.values())),)
    if name in FACTORIES:
        return call_factory(frame, expr, keywords)
    if root == "collections" or name == "typing.OrderedDict":
        return call_collections(frame, last, expr, args, keywords)
    return call_row(frame, row, expr, args, keywords, name)


def call_row(
    frame: Frame, row: Row, expr: f.Call, args: list[Value], keywords: Keywords, name: str = ""
) -> Value:
    """Return what calling something that a row describes gives; `name` is what the code calls."""
    handler = _EFFECTS.get(row.effect)
    call = ExternalCall(row, name or row.name, expr, args, keywords)
    return UNKNOWN if handler is None or not holds(frame, call) else handler(frame, call)


def _plain_data(frame: Frame, call: ExternalCall) -> Value:
    note_data(frame, call.name.rpartition(".")[0], call.values)
    return HOST


def _draw(frame: Frame, call: ExternalCall) -> Value:
    """Return the objects, models and functions that are drawn: for client in random.sample(clients, 10)."""
    note_data(frame, call.name.rpartition(".")[0], call.values)
    given = iterate(frame, frame.force(call.args[0])) if call.args else ()
    drawn = tuple(atom for atom in given if isinstance(atom, _DRAWN))
    if not drawn:
        return HOST
    several = len(call.args) > 1 or call.keywords or not call.name.endswith(".choice")
    if not several:
        return drawn
    container = frame.allocate(call.expr.node, "list")
    contents = frame.engine.content(container.site)
    contents.anything = join(contents.anything, drawn)
    return (container,)


def _tell_tensors(frame: Frame, call: ExternalCall) -> Value:
    for value in call.values:
        frame.engine.note_passing(frame.force(value), frame.module, call.name.rpartition(".")[2])
    return HOST


def _keep_until_exit(frame: Frame, call: ExternalCall) -> Value:
    home = CreationSite(frame.module, 0, call.expr.node)
    held = call.args[0] if call.args else ()
    frame.add_growth(Container(home, "registry", home), held, call.expr.node, "register", "atexit")
    return HOST


def _release(frame: Frame, _call: ExternalCall) -> Value:
    frame.release()
    return HOST


def _create(frame: Frame, call: ExternalCall) -> Value:
    kind, node = call.row.kind, call.expr.node
    site = frame.site(node)
    if kind is Kind.SEARCH and call.row.argument is not None:
        return holder(frame, call)
    if kind is Kind.MODEL:
        # for path in paths: net = load_model(path); view = keras.Model(net.inputs, net.layers[-2].output)
        head = _is_head(frame, call.values) or _is_of_fresh_load(frame, call.values)
        absorb_all(frame, call.values)
        if head:
            frame.alloc[node] = tuple(frame.loops)
        else:
            frame.create(node, call.name, ())
        return (Object(Kind.MODEL, site),)
    if kind is Kind.LAYER:
        absorb_all(frame, call.values)
        # view = keras.Model(net.inputs, Flatten()(net.layers[-3].output))  # no head: it learns nothing
        if call.name.rpartition(".")[2] not in WITHOUT_WEIGHTS:
            frame.mark_layers()
        inner = [origin for value in call.values for origin in origins(value)]
        return (Object(Kind.LAYER, inner[0] if inner else None),)
    if kind is Kind.TAPE:
        frame.alloc[node] = tuple(frame.loops)
        persistent = call.keywords.get("persistent") or (call.args[0] if call.args else ())
        on = any(isinstance(atom, Const) and atom.value is True for atom in frame.force(persistent))
        return (Object(Kind.TAPE, site, on),)
    if kind is Kind.FRESH_GRAPH:
        frame.alloc[node] = tuple(frame.loops)
    elif kind is Kind.DATASET:
        for value in call.values:
            frame.engine.consume(value)
    return (Object(kind, site, single=_gives_one_number(frame, call)),)


def _is_of_fresh_load(frame: Frame, values: list[Value]) -> bool:
    """Whether a model is made of one alone that the iteration has loaded, another one each time."""
    parts = {
        atom.origin
        for value in values
        for atom in parts_of(frame, value)
        # keras.Sequential([load_model(path), keras.layers.Softmax()])
        if atom.origin is not None or not isinstance(atom, Object) or atom.kind is not Kind.LAYER
    }
    return bool(parts) and all(map(frame.engine.is_fresh_load, parts))


def _is_head(frame: Frame, values: list[Value]) -> bool:
    """Whether a model puts new layers on one that was there before the iteration.

    model = keras.Sequential([encoder, keras.layers.Dense(2)])  # what is learnt stays in the encoder
    """
    new = frame.loops[-1].makes_layers if frame.loops else frame.makes_layers
    if not new:
        return False
    direct = [atom for value in values for atom in parts_of(frame, value)]
    models = {atom.origin for atom in direct if frame.is_earlier_model(atom)}
    named = {
        atom.origin
        for value in frame.env.values()
        for atom in frame.force(value)
        if isinstance(atom, Instance | Object) and frame.is_earlier_model(atom)
    }
    # base.output, head(base(inputs))
    return bool(models) or any(
        isinstance(atom, Object) and atom.kind in {Kind.SYMBOLIC, Kind.LAYER} and atom.origin in named
        for atom in direct
    )


def _gives_one_number(frame: Frame, call: ExternalCall) -> bool:
    """Whether a loss or metric, made with these arguments, gives a number without dimensions.

    A loss may be told not to reduce, and metrics such as F1Score give one number for each class.
    """
    if call.row.kind is Kind.LOSS:
        return not call.args and "reduction" not in call.keywords
    return call.row.kind is Kind.METRIC and call.name.rpartition(".")[2] in frame.knowledge.says(
        Words.NUMBER_METRICS
    )


def _copy_model(frame: Frame, call: ExternalCall) -> Value:
    frame.create(call.expr.node, call.name, (), origin=Origin.COPIED)
    return (Object(Kind.MODEL, frame.site(call.expr.node)),)


def _load_model(frame: Frame, call: ExternalCall) -> Value:
    # The same file read in every iteration is a rebuild; another file each time is an evaluation of each.
    used = {item for arg in call.expr.args for item in names(arg)}
    if frame.loops:
        same = not any(used & loop.varying for loop in frame.loops)
    else:
        # def score(weights): net = load_model("start.keras"); ...  # for whoever calls it in a loop
        own = frame.project.stored_names.stored(frame.facts.body) | {item.name for item in frame.facts.params}
        same = frame.function != 0 and not used & own and not frame.trained
    site = frame.site(call.expr.node)
    if same and frame.facts.name != "__init__":
        frame.create(call.expr.node, call.name, (), origin=Origin.LOADED)
    elif frame.loops:
        frame.alloc[call.expr.node] = tuple(frame.loops)
        frame.engine.fresh_loads.add(site)
    return (Object(Kind.MODEL, site),)


def _symbolic(frame: Frame, call: ExternalCall) -> Value:
    frame.makes_layers = True
    return symbolic_in(frame, call.values) or (Object(Kind.SYMBOLIC),)


def _argument(frame: Frame, call: ExternalCall) -> Value:
    if call.row.argument is not None:
        # KerasClassifier(model=build), KerasClassifier(build_fn=build)
        given = call.keywords.get(call.row.argument[1])
        found = functions_in(frame, [given] if given is not None else call.values)
        return tuple(atom for atom in found if isinstance(atom, Func)) or UNKNOWN
    return call.args[0] if call.args else UNKNOWN


def _open_session(frame: Frame, call: ExternalCall) -> Value:
    # with tf.Session(graph=tf.Graph()) as sess:
    graph = call.keywords.get("graph", ())
    session = Object(Kind.SESSION, frame.site(call.expr.node))
    return (session, *(atom for atom in graph if isinstance(atom, Object) and atom.kind is Kind.FRESH_GRAPH))


def _operation(frame: Frame, call: ExternalCall) -> Value:
    name, args, keywords, values = call.name, call.args, call.keywords, call.values
    # np.argmax(tf.concat(outputs, axis=0).numpy())  # only arrays are wanted: that needs no list of tensors
    if name.rpartition(".")[2] not in JOINS or call.expr.node not in frame.host_joins():
        for value in values:
            frame.engine.consume(value)
    symbolic = symbolic_in(frame, values)
    if symbolic:
        return symbolic
    if frame.graph_mode:
        return (Object(Kind.SYMBOLIC),)
    last = name.rpartition(".")[2]
    size = Size.VALUE
    single = False
    if call.row.effect is Effect.GIVES_SCALAR_TENSOR:
        axis = keywords.get("axis", keywords.get("reduction_indices"))
        given = axis if axis is not None else (args[1] if len(args) > 1 else None)
        whole = given is None or all(isinstance(atom, Const) and atom.value is None for atom in given)
        size = Size.SCALAR if whole else Size.VALUE
        # keepdims=True keeps the dimensions, ord=... may ask for norms of rows.
        single = whole and len(args) <= 1 and keywords.keys() <= {"axis", "name", "x", "input_tensor"}
    keeps = last in frame.knowledge.says(Words.KEEP_FLOATING)
    floating = frame.knowledge.is_floating(name) or (
        keeps and any(is_floating(frame.force(value)) for value in values)
    )
    if last == "cast" and len(values) > 1:
        floating = all(
            (isinstance(atom, Api) and atom.name.rpartition(".")[2].startswith(("float", "bfloat")))
            or (isinstance(atom, Const) and str(atom.value).startswith(("float", "bfloat")))
            for atom in values[1]
        )
    # max(tf.reduce_max(state).numpy() for state in states)
    held = {atom.via for value in values for atom in frame.force(value) if isinstance(atom, Tensor)}
    reduces = held.pop() if size is Size.SCALAR and len(held) == 1 else None
    short = name.replace("tensorflow.", "tf.", 1)
    what = f"the result of {short}()" if last else "a tensor"
    site = frame.site(call.expr.node)
    return (Tensor(size, what, site, floating=floating, single=single, reduces=reduces),)


def _trace(frame: Frame, call: ExternalCall) -> Value:
    args = call.args
    if not args:
        return (Api("tensorflow.function"),)
    result: Value = ()
    for atom in frame.force(args[0]):
        if isinstance(atom, Func):
            result = join(
                result, (Func(atom.module, atom.function, atom.receiver, atom.partial, traced=True),)
            )
        else:
            result = join(result, (atom,))
    return result


def _tensors(frame: Frame, values: Iterable[Value]) -> Value:
    return dedupe(tuple(atom for value in values for atom in frame.force(value) if isinstance(atom, Tensor)))


def _bind_arguments(frame: Frame, call: ExternalCall) -> Value:
    args = call.args
    if not args:
        return UNKNOWN
    result: Value = ()
    named = _tensors(frame, call.keywords.values())
    for atom in frame.force(args[0]):
        if isinstance(atom, Func):
            partial = (*atom.partial, *args[1:])
            # partial(show, title="loss", value=loss)
            captured = join(atom.captured, named)
            result = join(
                result,
                (Func(atom.module, atom.function, atom.receiver, partial, atom.traced, captured),),
            )
        elif isinstance(atom, Method | Api | Class):
            tensors = (*_tensors(frame, args[1:]), *named)
            # partial(print, loss) holds the loss although what it calls is not of the project.
            result = join(result, (Method(tensors[0], "a partial argument"),) if tensors else (atom,))
        else:
            result = join(result, (atom,))
    return result


def _call_from_graph(frame: Frame, call: ExternalCall) -> Value:
    expr, args, keywords = call.expr, call.args, call.keywords
    func = args[0] if args else keywords.get("func", UNKNOWN)
    given = args[1] if len(args) > 1 else keywords.get("inp", UNKNOWN)
    values = spread(frame, given)
    for atom in frame.force(func):
        if isinstance(atom, Method) and isinstance(atom.base, Container) and atom.name in GROWERS:
            tensor: Value = (Tensor(Size.VALUE, "what TensorFlow passes to py_function"),)
            held = tuple(item for item in values if isinstance(item, Tensor)) or tensor
            frame.keep(values, atom.base)
            holder = text(expr.args[0]).rpartition(".")[0] if expr.args else "list"
            frame.add_growth(atom.base, held, expr.node, f"{atom.name} in py_function", holder, eager=True)
        elif isinstance(atom, Func):
            traced, frame.traced = frame.traced, False
            frame.call_function(atom, [values], {}, expr.node, spread=True)
            frame.traced = traced
    return (Tensor(Size.VALUE, "the result of tf.py_function()"),)


_EFFECTS: dict[Effect, Callable[[Frame, ExternalCall], Value]] = {
    Effect.CREATES: _create,
    Effect.COPIES_MODEL: _copy_model,
    Effect.LOADS_MODEL: _load_model,
    Effect.RELEASES_MODELS: _release,
    Effect.GIVES_SYMBOLIC: _symbolic,
    Effect.GIVES_TENSOR: _operation,
    Effect.GIVES_SCALAR_TENSOR: _operation,
    Effect.GIVES_TENSORS: _operation,
    Effect.GIVES_PLAIN_DATA: _plain_data,
    Effect.DRAWS_ELEMENTS: _draw,
    Effect.TELLS_TENSORS: _tell_tensors,
    Effect.OPENS_SESSION: _open_session,
    Effect.GIVES_ARGUMENT: _argument,
    Effect.TRACES: _trace,
    Effect.CALLS_FROM_GRAPH: _call_from_graph,
    Effect.BINDS_ARGUMENTS: _bind_arguments,
    Effect.REPEATS_ARGUMENT: drive,
    Effect.ANSWERS_WITH_ARGUMENT: drive,
    Effect.ANSWERS_AT_TIMES: drive,
    Effect.DEFERS: defer,
    Effect.RUNS_TASK: run_task,
    Effect.KEEPS_ARGUMENT: _keep_until_exit,
}
