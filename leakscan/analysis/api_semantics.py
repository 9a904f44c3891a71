"""What attributes and calls mean: of external names, of their objects, of containers and tensors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from leakscan.analysis import facts as f
from leakscan.analysis.effects import Loop
from leakscan.analysis.keras_api import (
    GROWERS,
    HOST_ATTRIBUTES,
    HOST_METHODS,
    MODEL_CLASSES,
    SHRINKERS,
    STEP_METHODS,
    Kind,
    call_kind,
    canonical,
    is_loader,
)
from leakscan.analysis.syntax import names, text
from leakscan.analysis.values import (
    HOST,
    MAX_NESTING,
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
    Module,
    Object,
    Site,
    Tensor,
    Tuple,
    Unknown,
    Value,
    dedupe,
    join,
    origins,
)

if TYPE_CHECKING:
    from leakscan.analysis.frame import Frame

Keywords = dict[str, Value]
_VARIABLES = frozenset(
    {
        "trainable_variables",
        "variables",
        "weights",
        "trainable_weights",
        "non_trainable_variables",
        "kernel",
        "bias",
    }
)
_LOSS_METHODS = frozenset({"loss", "compiled_loss", "compute_loss", "loss_fn"})
_CONTAINER_KINDS = {"list": "list", "dict": "dict", "set": "set", "OrderedDict": "dict", "Counter": "dict"}


def attribute_of(frame: Frame, atom: Atom, name: str) -> Value:  # noqa: C901, PLR0911, PLR0912 -- one case a kind
    """Return `atom.name`."""
    if isinstance(atom, Api):
        return (Api(canonical(f"{atom.name}.{name}")),)
    if isinstance(atom, Module):
        found = frame.project.export(atom.index, name)
        if found:
            return found
        path = frame.project.modules[atom.index].path
        if path.endswith("/__init__.py"):
            submodule = frame.project.index.resolve(path, name, 1)
            if submodule is not None and submodule in frame.project.by_path:
                return (Module(frame.project.by_path[submodule]),)
        return UNKNOWN
    if isinstance(atom, Instance):
        return _instance_attribute(frame, atom, name)
    if isinstance(atom, Class):
        found_method = frame.project.method(atom.module, atom.index, name)
        if found_method is not None:
            is_class = "builtins.classmethod" in frame.project.decorators(*found_method)
            return (Func(*found_method, receiver=atom if is_class else None),)
        site = frame.engine.self_site(atom.module, atom.index)
        known = frame.engine.attribute(Instance(atom.module, atom.index, site), name)
        if known:
            return known
        return (Method(atom, name),)
    if isinstance(atom, Func):
        return frame.engine.function_attribute(atom, name) or (Method(atom, name),)
    if isinstance(atom, Tensor):
        return HOST if name in HOST_ATTRIBUTES else (Method(atom, name),)
    if isinstance(atom, Host | Const):
        return (Method(atom, name),) if name in GROWERS else HOST
    if isinstance(atom, Object):
        if atom.kind in {Kind.MODEL, Kind.LAYER}:
            if name in {"output", "input", "outputs", "inputs"}:
                return (Object(Kind.SYMBOLIC, atom.origin),)
            if name == "losses":
                return (Tensor("value", "the model's regularization losses"),)
        if name in _VARIABLES:
            return (Object(Kind.VARIABLE),)
        if atom.kind is Kind.SYMBOLIC and name in HOST_ATTRIBUTES:
            return HOST
    return (Method(atom, name),)


def _instance_attribute(frame: Frame, atom: Instance, name: str) -> Value:
    found = frame.project.method(atom.module, atom.index, name)
    if found is not None:
        decorators = frame.project.decorators(*found)
        if "builtins.staticmethod" in decorators:
            return (Func(*found),)
        if "builtins.classmethod" in decorators:
            return (Func(*found, receiver=Class(atom.module, atom.index)),)
        func = Func(*found, receiver=atom)
        if any(name.endswith("property") for name in decorators):
            return frame.call_function(func, [], {}, frame.project.function(*found).node)
        return (func,)
    value = frame.engine.attribute(atom, name)
    if value:
        return value
    traits = frame.project.traits(atom.module, atom.index)
    if traits & {"model", "layer"}:
        return attribute_of(frame, Object(Kind.MODEL if "model" in traits else Kind.LAYER, atom.origin), name)
    return (Method(atom, name),)


def call(  # noqa: PLR0911 -- one case a kind
    frame: Frame, atom: Atom, expr: f.Call, args: list[Value], keywords: Keywords, *, spread: bool
) -> Value:
    """Return the value of calling `atom`, with its effects on `frame`."""
    if isinstance(atom, Func):
        return frame.call_function(atom, args, keywords, expr.node, spread=spread)
    if isinstance(atom, Api):
        return _call_api(frame, atom.name, expr, args, keywords)
    if isinstance(atom, Class):
        return _instantiate(frame, atom, expr, args, keywords, spread=spread)
    if isinstance(atom, Method):
        return _call_method(frame, atom, expr, args, keywords)
    if isinstance(atom, Instance):
        traits = frame.project.traits(atom.module, atom.index)
        if traits & {"model", "layer"}:
            name = frame.project.klass(atom.module, atom.index).name
            kind = Kind.MODEL if "model" in traits else Kind.LAYER
            return _call_object(frame, Object(kind, atom.origin), expr, args, keywords, name)
        found = frame.project.method(atom.module, atom.index, "__call__")
        if found is not None:
            return frame.call_function(Func(*found, receiver=atom), args, keywords, expr.node, spread=spread)
        return UNKNOWN
    if isinstance(atom, Object):
        return _call_object(frame, atom, expr, args, keywords, "")
    if isinstance(atom, Unknown) and "training" in keywords:
        return _call_unknown_model(frame, expr, args, keywords)
    return UNKNOWN


def _call_unknown_model(frame: Frame, expr: f.Call, args: list[Value], keywords: Keywords) -> Value:
    """Return what something called with `training=` gives: only Keras layers and models take that."""
    values = _all(args, keywords)
    symbolic = _is_symbolic(frame, values)
    if symbolic or frame.graph_mode:
        return symbolic or (Object(Kind.SYMBOLIC),)
    for value in values:
        frame.engine.consume(frame.force(value))
    # for block in blocks: x = block(x, training=training)  # structure, not a step
    used = set(names(expr.func))
    if frame.building or any(used & loop.varying for loop in frame.loops):
        return UNKNOWN
    frame.mark_eager()
    return (Tensor("prediction", "an output of a model", Site(frame.module, frame.function, expr.node)),)


def _instantiate(
    frame: Frame, atom: Class, expr: f.Call, args: list[Value], keywords: Keywords, *, spread: bool
) -> Value:
    klass = frame.project.klass(atom.module, atom.index)
    traits = frame.project.traits(atom.module, atom.index)
    site = Site(frame.module, frame.function, expr.node)
    frame.alloc[expr.node] = (tuple(frame.loops), tuple(frame.tapes))
    instance = Instance(atom.module, atom.index, site)
    init = frame.project.method(atom.module, atom.index, "__init__")
    if traits & {"model", "layer"}:
        frame.makes_layers = frame.makes_layers or "layer" in traits
        for value in (*args, *keywords.values()):
            frame.absorb(value)
        if init is not None:
            summary = frame.engine.call(Func(*init, receiver=instance), args, keywords, frame, spread=spread)
            if summary.kills:
                frame.release()
        # Layers are parts; what the constructor of a model builds are its parts.
        if "model" in traits:
            frame.create(expr.node, f"{klass.name} (a subclass of keras.Model)", ())
        return (instance,)
    if init is not None:
        frame.call_function(Func(*init, receiver=instance), args, keywords, expr.node, spread=spread)
    frame.alloc[expr.node] = (tuple(frame.loops), tuple(frame.tapes))
    passed = [origin for arg in (*args, *keywords.values()) for origin in origins(arg)]
    return frame.also_from((instance,), passed) if passed else (instance,)


def _all(args: list[Value], keywords: Keywords) -> list[Value]:
    return [*args, *keywords.values()]


def _is_symbolic(frame: Frame, values: list[Value], depth: int = 0) -> tuple[Object, ...]:
    found: list[Object] = []
    for value in values:
        for atom in frame.force(value):
            if isinstance(atom, Object) and atom.kind is Kind.SYMBOLIC:
                found.append(atom)
            elif isinstance(atom, Tuple) and depth < MAX_NESTING:
                found.extend(_is_symbolic(frame, list(atom.items), depth + 1))
            elif isinstance(atom, Container) and depth < MAX_NESTING:
                found.extend(_is_symbolic(frame, [frame.engine.elements(atom)], depth + 1))
    return tuple(dict.fromkeys(found))


def _deep_absorb(frame: Frame, values: list[Value], depth: int = 0) -> None:
    for value in values:
        frame.absorb(value)
        for atom in frame.force(value):
            if isinstance(atom, Container) and depth < MAX_NESTING:
                _deep_absorb(frame, [frame.engine.elements(atom)], depth + 1)


def _call_api(  # noqa: C901, PLR0911, PLR0912 -- one case a kind
    frame: Frame, name: str, expr: f.Call, args: list[Value], keywords: Keywords
) -> Value:
    site = Site(frame.module, frame.function, expr.node)
    root, _, last = name.rpartition(".")
    if root == "builtins":
        return _call_builtin(frame, last, expr, args, keywords)
    if is_loader(name):
        return _load_model(frame, name, expr, args)
    if root == "collections" or name == "typing.OrderedDict":
        return _call_collections(frame, last, expr, args, keywords)
    if root.endswith("tqdm") or name.startswith("tqdm."):
        return args[0] if args else UNKNOWN
    kind = call_kind(name)
    values = _all(args, keywords)
    if kind is Kind.HOST:
        _note_data(frame, root, values)
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
            _deep_absorb(frame, values)
        frame.create(expr.node, name, ())
        return (Object(Kind.MODEL, site),)
    if kind is Kind.LAYER:
        _deep_absorb(frame, values)
        frame.makes_layers = True
        inner = [origin for value in values for origin in origins(value)]
        return (Object(Kind.LAYER, inner[0] if inner else None),)
    if kind is Kind.SYMBOLIC:
        frame.makes_layers = True
        found = _is_symbolic(frame, values)
        return found or (Object(Kind.SYMBOLIC),)
    if kind is Kind.TAPE:
        frame.alloc[expr.node] = (tuple(frame.loops), tuple(frame.tapes))
        persistent = keywords.get("persistent") or (args[0] if args else ())
        on = any(isinstance(atom, Const) and atom.value is True for atom in frame.force(persistent))
        return (Object(Kind.TAPE, site, on),)
    if kind is Kind.FRESH_GRAPH:
        frame.alloc[expr.node] = (tuple(frame.loops), tuple(frame.tapes))
        return (Object(Kind.FRESH_GRAPH, site),)
    if kind in {Kind.LOSS, Kind.METRIC, Kind.OPTIMIZER, Kind.DATASET, Kind.DISTRIBUTION, Kind.VARIABLE}:
        if kind is Kind.DATASET:
            for value in values:
                frame.engine.consume(frame.force(value))
        return (Object(kind, site),)
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


def _note_data(frame: Frame, root: str, values: list[Value]) -> None:
    """Note what plain-data functions tell: float(loss) and np.mean(losses) work on eager tensors only."""
    if root.startswith(("tensorflow", "keras")):
        return
    for value in values:
        forced = frame.force(value)
        if any(isinstance(atom, Tensor) for atom in forced):
            frame.mark_eager()
        frame.engine.read_as_data(forced)


def _load_model(frame: Frame, name: str, expr: f.Call, args: list[Value]) -> Value:
    del args
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
    values = _all(args, keywords)
    for value in values:
        frame.engine.consume(frame.force(value))
    symbolic = _is_symbolic(frame, values)
    if symbolic:
        return symbolic
    if frame.graph_mode:
        return (Object(Kind.SYMBOLIC),)
    last = name.rpartition(".")[2]
    size = "value"
    if kind is Kind.SCALAR:
        axis = keywords.get("axis", keywords.get("reduction_indices"))
        given = axis if axis is not None else (args[1] if len(args) > 1 else None)
        whole = given is None or all(isinstance(atom, Const) and atom.value is None for atom in given)
        size = "scalar" if whole else "value"
    short = name.replace("tensorflow.", "tf.", 1)
    return (Tensor(size, f"the result of {short}()" if last else "a tensor", site),)


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
    values = frame.spread(given)
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
    with_loop(frame, loop, lambda: _call_each(frame, values, expr.node))
    return UNKNOWN


def with_loop(frame: Frame, loop: Loop, action: Callable[[], None]) -> None:
    """Run `action` as the body of a loop that is not in the code."""
    frame.loops.append(loop)
    action()
    frame.loops.pop()


def _call_each(frame: Frame, values: list[Value], node: int) -> None:
    for value in values:
        for atom in frame.force(value):
            if isinstance(atom, Func):
                frame.call_function(atom, [], {}, node, spread=True)
            elif isinstance(atom, Instance):
                frame.call_method(atom, "__call__", node, UNKNOWN)


def _call_builtin(  # noqa: C901, PLR0911, PLR0912 -- one case a builtin
    frame: Frame, name: str, expr: f.Call, args: list[Value], keywords: Keywords
) -> Value:
    if name in _CONTAINER_KINDS or name in {"tuple", "sorted", "reversed", "filter", "frozenset", "iter"}:
        return _copy(frame, name, expr, args, keywords)
    if name in {"enumerate", "zip", "map"}:
        return _pair(frame, name, expr, args)
    if name in {"sum", "max", "min", "abs", "pow", "next"}:
        if name == "next" or len(args) == 1:
            value = frame.force(args[0]) if args else UNKNOWN
            item = value if name in {"abs", "pow"} else frame.iterate(value)
            tensors = tuple(atom for atom in item if isinstance(atom, Tensor))
            if name == "next":
                return item
            return tensors or (UNKNOWN if any(isinstance(atom, Unknown) for atom in item) else HOST)
        return frame.arithmetic(args)
    if name == "super":
        return _super(frame)
    if name == "getattr" and len(args) > 1:
        for atom in frame.force(args[1]):
            if isinstance(atom, Const) and isinstance(atom.value, str):
                result: Value = ()
                for base in frame.force(args[0]):
                    result = join(result, frame.attribute(base, atom.value))
                return result or UNKNOWN
        # getattr(keras.applications, name)
        for base in frame.force(args[0]):
            if isinstance(base, Api) and base.name.startswith("keras.applications"):
                return (Api("keras.applications.Any"),)
        return UNKNOWN
    if name == "setattr" and len(args) == 3:
        # setattr(self, f"block{i}", keras.Sequential(...)) keeps every one.
        frame.keep(args[2], None)
        return HOST
    if name == "property":
        return UNKNOWN
    if name in {"exit", "quit"}:
        return HOST
    if call_kind(f"builtins.{name}") is not Kind.HOST:
        return UNKNOWN
    if name in {"float", "int", "round"}:
        _note_data(frame, "builtins", args)
    return HOST


def _super(frame: Frame) -> Value:
    owner = frame.facts.owner
    if owner is None or not isinstance(frame.receiver, Instance):
        return UNKNOWN
    result: Value = ()
    for module, index in frame.project.mro(frame.module, owner)[1:2]:
        result = join(result, (Instance(module, index, frame.receiver.origin),))
    return result or UNKNOWN


def _copy(frame: Frame, name: str, expr: f.Call, args: list[Value], keywords: Keywords) -> Value:
    if name == "iter" and args:
        return frame.force(args[0])
    container = frame.allocate(expr.node, _CONTAINER_KINDS.get(name, "list"))
    contents = frame.engine.content(container.site)
    if name == "dict":
        for key, value in keywords.items():
            contents.keyed[key] = join(contents.keyed.get(key, ()), value)
        contents.length = len(keywords) if not args else None
    if args:
        value = frame.force(args[-1] if name == "filter" else args[0])
        # list(dataset) is as live as the dataset's elements; list("abc") is not.
        contents.anything = join(contents.anything, frame.iterate(value))
        contents.sources = tuple(atom.site for atom in value if isinstance(atom, Container))
        if all(isinstance(atom, Host | Const) for atom in value):
            return HOST
    elif name != "dict":
        contents.length = 0
    return (container,)


def _pair(frame: Frame, name: str, expr: f.Call, args: list[Value]) -> Value:
    container = frame.allocate(expr.node, "zip")
    values = [frame.force(arg) for arg in args]
    contents = frame.engine.content(container.site)
    if name == "map":
        results: Value = ()
        items = [frame.iterate(value) for value in values[1:]]
        for atom in values[0] if values else ():
            results = join(results, call(frame, atom, expr, items, {}, spread=False))
        contents.anything = join(contents.anything, results)
        return (container,)
    parts = [frame.iterate(value) for value in values]
    if name == "enumerate":
        parts = [HOST, *parts[:1]]
    if len(parts) > 1:
        contents.anything = (Tuple(tuple(parts)),)
    contents.sources = tuple(atom.site for value in values for atom in value if isinstance(atom, Container))
    datasets = any(
        isinstance(atom, Object) and atom.kind is Kind.DATASET for value in values for atom in value
    )
    return (Container(container.site, "dataset" if datasets else "zip", container.life),)


def _call_collections(frame: Frame, name: str, expr: f.Call, args: list[Value], keywords: Keywords) -> Value:
    if name == "deque":
        limit = keywords.get("maxlen", args[1] if len(args) > 1 else ())
        none = all(isinstance(atom, Const) and atom.value is None for atom in limit)
        return (frame.allocate(expr.node, "deque", bounded=bool(limit) and not none),)
    if name == "defaultdict":
        makes_list = any(
            isinstance(atom, Api) and atom.name in {"builtins.list", "builtins.set", "collections.deque"}
            for value in args[:1]
            for atom in frame.force(value)
        )
        return (frame.allocate(expr.node, "defaultdict" if makes_list else "dict"),)
    if name in _CONTAINER_KINDS:
        return _copy(frame, name, expr, args, keywords)
    return UNKNOWN


def _call_object(
    frame: Frame, atom: Object, expr: f.Call, args: list[Value], keywords: Keywords, name: str
) -> Value:
    values = _all(args, keywords)
    site = Site(frame.module, frame.function, expr.node)
    if atom.kind in {Kind.MODEL, Kind.LAYER}:
        for value in values:
            frame.engine.consume(frame.force(value))
        symbolic = _is_symbolic(frame, values)
        if atom.origin is not None and any(found.origin == atom.origin for found in symbolic):
            # x = block()(x), again and again: one graph grows.
            frame.absorb((atom,))
        if symbolic or frame.graph_mode:
            own = (Object(Kind.SYMBOLIC, atom.origin),) if atom.origin is not None else ()
            return dedupe((*symbolic, *own)) or (Object(Kind.SYMBOLIC),)
        if frame.made_here(atom.origin):
            # A model made in this iteration and called at once: a part of a larger graph, perhaps.
            return (Object(Kind.SYMBOLIC, atom.origin),)
        if atom.kind is Kind.MODEL:
            frame.mark_eager()
        what = f"an output of {name or ('a model' if atom.kind is Kind.MODEL else 'a layer')}"
        return (Tensor("prediction" if atom.kind is Kind.MODEL else "activation", what, site),)
    if atom.kind in {Kind.LOSS, Kind.METRIC}:
        symbolic = _is_symbolic(frame, values)
        if symbolic or frame.graph_mode:
            return symbolic or (Object(Kind.SYMBOLIC),)
        for value in values:
            frame.engine.consume(frame.force(value))
        frame.mark_eager()
        return (
            Tensor("scalar", "the value of a Keras loss" if atom.kind is Kind.LOSS else "a metric", site),
        )
    return UNKNOWN


def _call_method(  # noqa: C901, PLR0911, PLR0912 -- one case a kind
    frame: Frame, method: Method, expr: f.Call, args: list[Value], keywords: Keywords
) -> Value:
    base, name = method.base, method.name
    values = _all(args, keywords)
    site = Site(frame.module, frame.function, expr.node)
    if name in {"apply_gradients", "minimize", "apply"} and (name != "apply" or isinstance(base, Object)):
        frame.mark_step()
        if name == "minimize":
            # optimizer.minimize(lambda: loss(model(x), y), variables) calls it.
            _call_each(frame, values[:1], expr.node)
        for value in values:
            frame.engine.consume(frame.force(value))
        return UNKNOWN
    if isinstance(base, Container):
        return _call_container(frame, base, name, expr, args)
    if isinstance(base, Object):
        return _call_object_method(frame, base, name, expr, args, keywords, site)
    if isinstance(base, Instance):
        traits = frame.project.traits(base.module, base.index)
        if traits & {"model", "layer"}:
            kind = Kind.MODEL if "model" in traits else Kind.LAYER
            return _call_object_method(frame, Object(kind, base.origin), name, expr, args, keywords, site)
        if name in GROWERS:
            frame.keep(args[-1] if args else (), None)
        return UNKNOWN
    if isinstance(base, Class):
        if name == "from_config" and "model" in frame.project.traits(base.module, base.index):
            frame.create(expr.node, frame.project.klass(base.module, base.index).name, ())
            return (Instance(base.module, base.index, site),)
        return UNKNOWN
    if isinstance(base, Tensor):
        if name in HOST_METHODS:
            # Only eager tensors have values.
            frame.mark_eager()
            return HOST
        return (Tensor("value", base.what, base.source),)
    if isinstance(base, Host | Const):
        if name in GROWERS:
            frame.keep(args[-1] if args else (), None)
        return HOST
    if name in HOST_METHODS:
        return HOST
    if name in GROWERS:
        for value in values:
            frame.keep(value, None)
        return UNKNOWN
    if name in {"run", "experimental_run_v2"} and args:
        # strategy.run(train_step, args=(batch,)) calls it.
        given = keywords.get("args", args[1] if len(args) > 1 else ())
        inputs = [list(atom.items) for atom in frame.force(given) if isinstance(atom, Tuple)]
        result: Value = ()
        for atom in frame.force(args[0]):
            if isinstance(atom, Func):
                result = join(result, frame.call_function(atom, inputs[0] if inputs else [], {}, expr.node))
        return result or UNKNOWN
    spread = any(isinstance(arg, f.Starred) for arg in expr.args) or any(
        key is None for key, _ in expr.keywords
    )
    found = frame.project.unique_method(frame.module, name, None if spread else len(args) + len(keywords))
    if found is not None and isinstance(base, Unknown):
        func = Func(*found, receiver=frame.engine.receiver(*found))
        return frame.call_function(func, args, keywords, expr.node, spread=spread, guessed=True)
    if name == "reduce" and any(isinstance(atom, Tensor) for value in values for atom in frame.force(value)):
        return (Tensor("scalar", "a reduced tensor", site),)
    return UNKNOWN


def _call_container(frame: Frame, base: Container, name: str, expr: f.Call, args: list[Value]) -> Value:
    if name in GROWERS and args:
        position = min(GROWERS[name], len(args) - 1)
        value = frame.force(args[position])
        target = expr.func.value if isinstance(expr.func, f.Attribute) else expr.func
        name_text = text(target)
        if name == "setdefault":
            contents = frame.engine.content(base.site)
            contents.anything = join(contents.anything, value)
            if expr.args and frame.counts(expr.args[0]):
                direct = tuple(atom for atom in value if not isinstance(atom, Container))
                frame.add_growth(base, direct, expr.node, name, name_text)
            # What comes back may be of an earlier iteration: it lives and grows as the dict does.
            kept = frame.engine.elements(base)
            return tuple(
                replace(atom, site=base.site) if isinstance(atom, Container) else atom for atom in kept
            )
        if name == "update" and base.kind == "dict":
            # d.update(loss=loss) overwrites fixed slots.
            return HOST
        if name in {"extend", "extendleft", "update"}:
            value = frame.spread(value)
        frame.grow((base,), value, expr.node, name, name_text)
        return HOST
    if name in SHRINKERS:
        return frame.engine.elements(base) or UNKNOWN
    if name == "items":
        return _items(frame, base, expr)
    if name in {"values", "copy"}:
        fresh = frame.allocate(expr.node, "list" if name == "values" else base.kind)
        contents = frame.engine.content(fresh.site)
        contents.anything = join(contents.anything, frame.engine.elements(base))
        contents.sources = (base.site,)
        return (fresh,)
    if name == "get":
        key = args[0] if args else ()
        fixed = key[0].value if len(key) == 1 and isinstance(key[0], Const) else None
        return frame.engine.elements(base, fixed) or UNKNOWN
    return HOST if name in {"index", "count", "keys"} else UNKNOWN


def _items(frame: Frame, base: Container, expr: f.Call) -> Value:
    fresh = frame.allocate(expr.node, "zip")
    contents = frame.engine.content(fresh.site)
    contents.anything = (Tuple((HOST, frame.engine.elements(base))),)
    contents.sources = (base.site,)
    return (fresh,)


def _call_object_method(  # noqa: C901, PLR0911, PLR0912, PLR0913 -- one case a kind
    frame: Frame, base: Object, name: str, expr: f.Call, args: list[Value], keywords: Keywords, site: Site
) -> Value:
    values = _all(args, keywords)
    kind = base.kind
    if kind in {Kind.MODEL, Kind.LAYER}:
        if name in STEP_METHODS:
            frame.mark_step()
            return (
                (Tensor("scalar", f"what {name}() returns"),) if name in {"train_step", "test_step"} else HOST
            )
        if name in HOST_METHODS:
            return HOST
        if name in {"add", "append"}:
            _deep_absorb(frame, values)
            return HOST
        if name in {"call", "__call__"}:
            return _call_object(frame, base, expr, args, keywords, "")
        if name in _LOSS_METHODS:
            return (Tensor("scalar", "the model's loss", site),)
        if name == "get_layer":
            return (Object(Kind.LAYER, base.origin),)
        if name == "from_config" or name in MODEL_CLASSES:
            frame.create(expr.node, name, ())
            return (Object(Kind.MODEL, site),)
        return UNKNOWN
    if kind is Kind.TAPE:
        if name in {"gradient", "jacobian", "batch_jacobian"}:
            for value in values:
                frame.engine.consume(frame.force(value))
            return (Tensor("gradient", f"a gradient from tape.{name}()", site),)
        return UNKNOWN
    if kind is Kind.LOSS:
        return (
            _call_object(frame, base, expr, args, keywords, "") if name in {"call", "__call__"} else UNKNOWN
        )
    if kind is Kind.METRIC:
        # for metric in self.metrics: logs[metric.name] = metric.result()  # over metrics, not over steps
        if name == "result" and not any(set(names(expr.func)) & loop.varying for loop in frame.loops):
            frame.mark_eager()
        return (Tensor("scalar", "a metric's result()", site),) if name in {"result", "__call__"} else UNKNOWN
    if kind is Kind.DATASET:
        if name == "as_numpy_iterator":
            return HOST
        if name in {"get_next", "next", "reduce", "get_single_element"}:
            return (Tensor("value", "an element of a tf.data dataset", site),)
        return (base,)
    if kind is Kind.DISTRIBUTION:
        return (Tensor("value", f"the result of a distribution's {name}()", site),)
    if kind is Kind.VARIABLE:
        if name in HOST_METHODS:
            return HOST
        return (
            (base,) if name.startswith("assign") else (Tensor("value", "the value of a tf.Variable", site),)
        )
    if kind is Kind.FRESH_GRAPH and name in {"as_default", "as_graph_def"}:
        return (base,)
    if kind is Kind.SYMBOLIC:
        return HOST if name in HOST_METHODS else (base,)
    return UNKNOWN
