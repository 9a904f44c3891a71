"""What calls of external names give, with their effects on the frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leakscan.facts import model as f
from leakscan.facts.names import names, text
from leakscan.interpreter.builtin_calls import call_builtin, call_collections, note_data
from leakscan.interpreter.effects import Loop
from leakscan.interpreter.operations import absorb_all, all_values, is_floating, spread, symbolic_in
from leakscan.interpreter.values import (
    HOST,
    UNKNOWN,
    Api,
    Class,
    Const,
    Container,
    Func,
    Instance,
    Keywords,
    Method,
    Object,
    Site,
    Tensor,
    Value,
    join,
    origins,
)
from leakscan.knowledge.keras_api import (
    GROWERS,
    Kind,
    call_kind,
    gives_one_number,
    is_floating_operation,
    is_loader,
    preserves_floating,
)

if TYPE_CHECKING:
    from leakscan.interpreter.frame import Frame


def call_api(  # noqa: C901, PLR0911, PLR0912 -- one case a kind
    frame: Frame, name: str, expr: f.Call, args: list[Value], keywords: Keywords
) -> Value:
    """Return what calling the external `name` (canonical) gives."""
    site = Site(frame.module, frame.function, expr.node)
    root, _, last = name.rpartition(".")
    if root == "builtins":
        return call_builtin(frame, last, expr, args, keywords)
    if is_loader(name):
        return _load_model(frame, name, expr)
    if root == "collections" or name == "typing.OrderedDict":
        return call_collections(frame, last, expr, args, keywords)
    if root.endswith("tqdm") or name.startswith("tqdm."):
        return args[0] if args else UNKNOWN
    kind = call_kind(name)
    values = all_values(args, keywords)
    if kind is Kind.HOST:
        note_data(frame, root, values)
        if last in {"is_tensor", "is_keras_tensor"}:
            for value in values:
                frame.engine.note_passing(frame.force(value), frame.module, last)
        return HOST
    if name == "atexit.register":
        home = Site(frame.module, 0, expr.node)
        frame.add_growth(
            Container(home, "registry", home), args[0] if args else (), expr.node, "register", "atexit"
        )
        return HOST
    if kind is Kind.RELEASE:
        frame.release()
        return HOST
    if kind is Kind.MODEL:
        if last != "clone_model":
            absorb_all(frame, values)
        frame.create(expr.node, name, ())
        return (Object(Kind.MODEL, site),)
    if kind is Kind.LAYER:
        absorb_all(frame, values)
        frame.makes_layers = True
        inner = [origin for value in values for origin in origins(value)]
        return (Object(Kind.LAYER, inner[0] if inner else None),)
    if kind is Kind.SYMBOLIC:
        frame.makes_layers = True
        found = symbolic_in(frame, values)
        return found or (Object(Kind.SYMBOLIC),)
    if kind is Kind.TAPE:
        frame.alloc[expr.node] = tuple(frame.loops)
        persistent = keywords.get("persistent") or (args[0] if args else ())
        on = any(isinstance(atom, Const) and atom.value is True for atom in frame.force(persistent))
        return (Object(Kind.TAPE, site, on),)
    if kind is Kind.FRESH_GRAPH:
        frame.alloc[expr.node] = tuple(frame.loops)
        return (Object(Kind.FRESH_GRAPH, site),)
    if kind in {Kind.LOSS, Kind.METRIC, Kind.OPTIMIZER, Kind.DATASET, Kind.DISTRIBUTION, Kind.VARIABLE}:
        if kind is Kind.DATASET:
            for value in values:
                frame.engine.consume(frame.force(value))
        return (Object(kind, site, single=gives_one_number(name, set(keywords), len(args))),)
    if kind is Kind.FUNCTION:
        return _trace(frame, args)
    if kind is Kind.PY_FUNCTION:
        return _call_py_function(frame, expr, args, keywords)
    if kind is Kind.PARTIAL:
        return _partial(frame, args)
    if kind is Kind.DRIVER:
        return _drive(frame, name, expr, values)
    if kind in {Kind.TENSOR, Kind.SCALAR, Kind.TENSOR_LIST}:
        return _operation(frame, name, kind, args, keywords, site)
    if last == "Session" and any(
        isinstance(atom, Object) and atom.kind is Kind.FRESH_GRAPH for atom in keywords.get("graph", ())
    ):
        # with tf.Session(graph=tf.Graph()) as sess:
        return keywords["graph"]
    if last in {"deepcopy", "copy"} and root == "copy" and args:
        return args[0]
    return UNKNOWN


def _load_model(frame: Frame, name: str, expr: f.Call) -> Value:
    site = Site(frame.module, frame.function, expr.node)
    # The same file read in every iteration is a rebuild; another file each time is an evaluation of each.
    used = {item for arg in expr.args for item in names(arg)}
    if (
        frame.loops
        and not any(used & loop.varying for loop in frame.loops)
        and frame.facts.name != "__init__"
    ):
        frame.create(expr.node, name, ())
    return (Object(Kind.MODEL, site),)


def _operation(
    frame: Frame, name: str, kind: Kind, args: list[Value], keywords: Keywords, site: Site
) -> Value:
    values = all_values(args, keywords)
    for value in values:
        frame.engine.consume(frame.force(value))
    symbolic = symbolic_in(frame, values)
    if symbolic:
        return symbolic
    if frame.graph_mode:
        return (Object(Kind.SYMBOLIC),)
    last = name.rpartition(".")[2]
    size = "value"
    single = False
    if kind is Kind.SCALAR:
        axis = keywords.get("axis", keywords.get("reduction_indices"))
        given = axis if axis is not None else (args[1] if len(args) > 1 else None)
        whole = given is None or all(isinstance(atom, Const) and atom.value is None for atom in given)
        size = "scalar" if whole else "value"
        # keepdims=True keeps the dimensions, ord=... may ask for norms of rows.
        single = whole and len(args) <= 1 and keywords.keys() <= {"axis", "name", "x", "input_tensor"}
    floating = is_floating_operation(name) or (
        preserves_floating(name) and any(is_floating(frame.force(value)) for value in values)
    )
    if last == "cast" and len(values) > 1:
        floating = all(
            (isinstance(atom, Api) and atom.name.rpartition(".")[2].startswith(("float", "bfloat")))
            or (isinstance(atom, Const) and str(atom.value).startswith(("float", "bfloat")))
            for atom in values[1]
        )
    short = name.replace("tensorflow.", "tf.", 1)
    what = f"the result of {short}()" if last else "a tensor"
    return (Tensor(size, what, site, floating=floating, single=single),)


def _trace(frame: Frame, args: list[Value]) -> Value:
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


def _partial(frame: Frame, args: list[Value]) -> Value:
    if not args:
        return UNKNOWN
    result: Value = ()
    for atom in frame.force(args[0]):
        if isinstance(atom, Func):
            partial = (*atom.partial, *args[1:])
            result = join(result, (Func(atom.module, atom.function, atom.receiver, partial, atom.traced),))
        elif isinstance(atom, Method | Api | Class):
            tensors = tuple(
                item for value in args[1:] for item in frame.force(value) if isinstance(item, Tensor)
            )
            # partial(print, loss) holds the loss although what it calls is not of the project.
            result = join(result, (Method(tensors[0], "a partial argument"),) if tensors else (atom,))
        else:
            result = join(result, (atom,))
    return result


def _call_py_function(frame: Frame, expr: f.Call, args: list[Value], keywords: Keywords) -> Value:
    func = args[0] if args else keywords.get("func", UNKNOWN)
    given = args[1] if len(args) > 1 else keywords.get("inp", UNKNOWN)
    values = spread(frame, given)
    for atom in frame.force(func):
        if isinstance(atom, Method) and isinstance(atom.base, Container) and atom.name in GROWERS:
            tensor: Value = (Tensor("value", "what TensorFlow passes to py_function"),)
            held = tuple(item for item in values if isinstance(item, Tensor)) or tensor
            frame.keep(values, atom.base)
            holder = text(expr.args[0]).rpartition(".")[0] if expr.args else "list"
            frame.add_growth(atom.base, held, expr.node, f"{atom.name} in py_function", holder, eager=True)
        elif isinstance(atom, Func):
            traced, frame.traced = frame.traced, False
            frame.call_function(atom, [values], {}, expr.node, spread=True)
            frame.traced = traced
    return (Tensor("value", "the result of tf.py_function()"),)


def _drive(frame: Frame, name: str, expr: f.Call, values: list[Value]) -> Value:
    node = -2 - expr.node
    loop = frame.known_loops.get(node)
    if loop is None:
        loop = Loop(Site(frame.module, frame.function, expr.node), step=True, driver=name)
        frame.known_loops[node] = loop
    # The loop is not in the code: the driver runs it.
    frame.loops.append(loop)
    call_each(frame, values, expr.node)
    frame.loops.pop()
    return UNKNOWN


def call_each(frame: Frame, values: list[Value], node: int) -> None:
    """Call the functions in `values` with arguments that are not known."""
    for value in values:
        for atom in frame.force(value):
            if isinstance(atom, Func):
                frame.call_function(atom, [], {}, node, spread=True)
            elif isinstance(atom, Instance):
                frame.call_method(atom, "__call__", node, UNKNOWN)
