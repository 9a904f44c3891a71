"""What calling a value gives: a function, a class, an object, a method, or an external name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leakscan.facts import model as f
from leakscan.facts.names import names, text
from leakscan.interpreter.api_calls import call_api, call_row
from leakscan.interpreter.builtin_calls import apply_key, call_container
from leakscan.interpreter.driving import call_each, functions_in, keep_side_by_side, run_together
from leakscan.interpreter.operations import absorb_all, all_values, symbolic_in
from leakscan.interpreter.values import (
    HOST,
    UNKNOWN,
    Api,
    Atom,
    Class,
    Const,
    Container,
    CreationSite,
    Func,
    Host,
    Instance,
    Keywords,
    Method,
    Object,
    Size,
    Tensor,
    Tuple,
    Unknown,
    Value,
    dedupe,
    join,
    origins,
)
from leakscan.knowledge import DRIVING, Effect, Kind, Row
from leakscan.knowledge.python import GROWERS
from leakscan.records import replace

if TYPE_CHECKING:
    from leakscan.interpreter.frame import Frame

#: Effects of methods that call a function which they are given.
_HANDING = frozenset({*DRIVING, Effect.RUNS_TASK})


def call(
    frame: Frame, atom: Atom, expr: f.Call, args: list[Value], keywords: Keywords, *, spread: bool
) -> Value:
    """Return the value of calling `atom`, with its effects on `frame`."""
    if isinstance(atom, Func):
        own = frame.engine.own_row(atom)
        if own is not None:
            return call_row(frame, own, expr, args, keywords)
        return frame.call_function(atom, args, keywords, expr.node, spread=spread)
    if isinstance(atom, Api):
        return call_api(frame, atom.name, expr, args, keywords)
    if isinstance(atom, Class):
        return _instantiate(frame, atom, expr, args, keywords, spread=spread)
    if isinstance(atom, Method):
        return _call_method(frame, atom, expr, args, keywords)
    if isinstance(atom, Instance):
        return _call_instance(frame, atom, expr, args, keywords, spread=spread)
    if isinstance(atom, Object):
        return _call_object(frame, atom, expr, args, keywords, "")
    if isinstance(atom, Unknown):
        frame.engine.note_unknown(frame)
        if "training" in keywords:
            return _call_unknown_model(frame, expr, args, keywords)
    return UNKNOWN


def _call_instance(
    frame: Frame, atom: Instance, expr: f.Call, args: list[Value], keywords: Keywords, *, spread: bool
) -> Value:
    traits = frame.project.traits(atom.module, atom.index)
    if traits & {"model", "layer"}:
        name = frame.project.klass(atom.module, atom.index).name
        kind = Kind.MODEL if "model" in traits else Kind.LAYER
        if "model" in traits and not symbolic_in(frame, all_values(args, keywords)):
            _run_call(frame, atom, expr, args, keywords, spread=spread)
        return _call_object(frame, Object(kind, atom.origin), expr, args, keywords, name)
    found = frame.project.method(atom.module, atom.index, "__call__")
    if found is not None:
        return frame.call_function(Func(*found, receiver=atom), args, keywords, expr.node, spread=spread)
    return UNKNOWN


def _run_call(
    frame: Frame, model: Instance, expr: f.Call, args: list[Value], keywords: Keywords, *, spread: bool
) -> None:
    """Run the `call` of a model, where that puts something away: self.seen.append(hidden)."""
    found = frame.project.method(model.module, model.index, "call")
    if found is not None and not frame.graph_mode:
        facts = frame.project.function(*found)
        if facts.owner is not None and not facts.called_names.isdisjoint(GROWERS):
            summary = frame.engine.call(
                Func(*found, receiver=model), args, keywords, frame, expr.node, spread=spread
            )
            traced = frame.engine.is_traced(*found)
            for growth in summary.growths:
                frame.lift(
                    growth, frame.site(expr.node), Func(*found, receiver=model), traced=traced, guessed=False
                )


def _call_unknown_model(frame: Frame, expr: f.Call, args: list[Value], keywords: Keywords) -> Value:
    """Return what something called with `training=` gives: only Keras layers and models take that."""
    values = all_values(args, keywords)
    symbolic = symbolic_in(frame, values)
    if symbolic or frame.graph_mode:
        return symbolic or (Object(Kind.SYMBOLIC),)
    for value in values:
        frame.engine.consume(value)
    # for block in blocks: x = block(x, training=training)  # structure, not a step
    used = set(names(expr.func))
    if frame.building or any(used & loop.varying for loop in frame.loops):
        return UNKNOWN
    frame.mark_eager()
    site = frame.site(expr.node)
    return (Tensor(Size.PREDICTION, "an output of a model", site, floating=True),)


def _instantiate(
    frame: Frame, atom: Class, expr: f.Call, args: list[Value], keywords: Keywords, *, spread: bool
) -> Value:
    klass = frame.project.klass(atom.module, atom.index)
    traits = frame.project.traits(atom.module, atom.index)
    site = frame.site(expr.node)
    frame.alloc[expr.node] = tuple(frame.loops)
    instance = Instance(atom.module, atom.index, site)
    init = frame.project.method(atom.module, atom.index, "__init__")
    if traits & {"model", "layer"}:
        if "layer" in traits:
            frame.mark_layers()
        for value in (*args, *keywords.values()):
            frame.absorb(value)
        if init is not None:
            func = Func(*init, receiver=instance)
            summary = frame.engine.call(func, args, keywords, frame, expr.node, spread=spread)
            if summary.releases:
                frame.release()
        # Layers are parts; what the constructor of a model builds are its parts.
        if "model" in traits:
            frame.create(expr.node, f"{klass.name} (a subclass of keras.Model)", ())
        return (instance,)
    if init is not None:
        frame.call_function(Func(*init, receiver=instance), args, keywords, expr.node, spread=spread)
    frame.alloc[expr.node] = tuple(frame.loops)
    passed = [origin for arg in (*args, *keywords.values()) for origin in origins(arg)]
    # for path in paths: explainer = GradCam(load_model(path)); explainer.heat(image)
    if any(map(frame.engine.is_fresh_load, passed)):
        frame.engine.fresh_loads.add(site)
    return frame.also_from((instance,), passed) if passed else (instance,)


def _call_object(
    frame: Frame, atom: Object, expr: f.Call, args: list[Value], keywords: Keywords, name: str
) -> Value:
    values = all_values(args, keywords)
    site = frame.site(expr.node)
    if atom.kind in {Kind.MODEL, Kind.LAYER}:
        for value in values:
            frame.engine.consume(value)
        symbolic = symbolic_in(frame, values)
        if atom.origin is not None and any(found.origin == atom.origin for found in symbolic):
            # x = block()(x), again and again: one graph grows.
            frame.absorb((atom,))
        if symbolic or frame.graph_mode:
            own = (Object(Kind.SYMBOLIC, atom.origin),) if atom.origin is not None else ()
            return dedupe((*symbolic, *own)) or (Object(Kind.SYMBOLIC),)
        made = frame.made_here(atom.origin) and frame.own_node(atom.origin) not in frame.standing
        if made and atom.origin not in frame.trained and not frame.tapes:
            # A model made in this iteration and called at once: a part of a larger graph, perhaps.
            return (Object(Kind.SYMBOLIC, atom.origin),)
        if atom.kind is Kind.MODEL:
            frame.mark_eager()
        what = f"an output of {name or ('a model' if atom.kind is Kind.MODEL else 'a layer')}"
        size = Size.PREDICTION if atom.kind is Kind.MODEL else Size.ACTIVATION
        return (Tensor(size, what, site, floating=True),)
    if atom.kind in {Kind.LOSS, Kind.METRIC}:
        symbolic = symbolic_in(frame, values)
        if symbolic or frame.graph_mode:
            return symbolic or (Object(Kind.SYMBOLIC),)
        for value in values:
            frame.engine.consume(value)
        frame.mark_eager()
        what = "the value of a Keras loss" if atom.kind is Kind.LOSS else "a metric"
        return (Tensor(Size.SCALAR, what, site, floating=True, single=atom.single),)
    # Parallel(n_jobs=4, prefer="threads")(delayed(train)(rate) for rate in rates)
    return run_together(frame, expr, args) if atom.kind is Kind.EXECUTOR else UNKNOWN


def _call_method(  # noqa: C901, PLR0911, PLR0912 -- one case a kind
    frame: Frame, method: Method, expr: f.Call, args: list[Value], keywords: Keywords
) -> Value:
    base, name = method.base, method.name
    values = all_values(args, keywords)
    kind = base.kind if isinstance(base, Object) else Kind.TENSOR if isinstance(base, Tensor) else None
    effect = frame.knowledge.method(kind, name)
    if effect is Effect.APPLIES_GRADIENTS:
        return _apply_gradients(frame, name, expr, values)
    if effect in _HANDING and (kind is not None or _may_hand_over(frame, method, expr, effect, values)):
        return _hand_over(frame, kind, name, expr, args, keywords)
    if isinstance(base, Method) and isinstance(base.base, Func | Instance) and "." in base.name:
        # grid = GridSearchCV(KerasClassifier(build), grid); grid.fit(x, y)
        if frame.knowledge.method(Kind.SEARCH, name) is not Effect.REPEATS_ARGUMENT:
            return UNKNOWN
        row = Row(base.name, Effect.REPEATS_ARGUMENT, Kind.SEARCH)
        return call_row(frame, row, expr, [(base.base,)], {}, base.name)
    if isinstance(base, Func) and frame.knowledge.call(name).effect is Effect.DEFERS:
        # joblib.delayed(train)(rate)
        return (replace(base, partial=(*base.partial, *args)),)
    if isinstance(base, Func) and name == "fit":
        # KerasClassifier(build).fit(x, y)  # functions have no fit(): it is their estimator's
        frame.call_function(base, [], {}, expr.node, spread=True)
        frame.wrapped.add(expr.node)
        return (base,)
    if isinstance(base, Container):
        if name == "sort" and "key" in keywords:
            apply_key(frame, name, expr, keywords["key"], frame.engine.elements(base))
        return call_container(frame, base, name, expr, args)
    if isinstance(base, Object):
        return _call_object_method(frame, base, method, expr, args, keywords)
    if isinstance(base, Instance):
        traits = frame.project.traits(base.module, base.index)
        if traits & {"model", "layer"}:
            own = Object(Kind.MODEL if "model" in traits else Kind.LAYER, base.origin)
            return _call_object_method(frame, own, method, expr, args, keywords)
        if name == "start" and "thread" in traits:
            # class Worker(threading.Thread): def run(self): ...
            frame.call_method(base, "run", expr.node)
            keep_side_by_side(frame, expr.node)
            return UNKNOWN
        if name in GROWERS:
            frame.keep(args[-1] if args else (), None)
        return UNKNOWN
    if isinstance(base, Class):
        if name == "from_config" and "model" in frame.project.traits(base.module, base.index):
            frame.create(expr.node, frame.project.klass(base.module, base.index).name, ())
            return (Instance(base.module, base.index, frame.site(expr.node)),)
        return UNKNOWN
    if isinstance(base, Tensor):
        frame.engine.note_reading(base, frame.module, expr.node, name)
        if effect is Effect.GIVES_PLAIN_DATA:
            # Only eager tensors have values.
            frame.mark_eager()
            frame.engine.note_number(base)
            return HOST
        return (Tensor(Size.VALUE, base.what, base.source),)
    if isinstance(base, Host | Const):
        if name in GROWERS:
            frame.keep(args[-1] if args else (), None)
        return HOST
    if effect is Effect.GIVES_PLAIN_DATA:
        return HOST
    if name in GROWERS:
        if isinstance(expr.func, f.Attribute):
            frame.grow_unknown(expr.func.value, values[-1] if values else ())
        else:
            frame.engine.note_growth(frame, None, values[-1] if values else ())
        for value in values:
            frame.keep(value, None)
        return UNKNOWN
    if effect is Effect.CALLS_ARGUMENT and args:
        return _run_on_replicas(frame, expr, args, keywords)
    return _call_by_name(frame, method, expr, args, keywords)


def _may_hand_over(frame: Frame, method: Method, expr: f.Call, effect: Effect, values: list[Value]) -> bool:
    """Whether a method of something unknown, or of plain data, calls a function which it is given."""
    if not functions_in(frame, values):
        return False
    # frame["image"].apply(predict), rows.apply(predict, axis=1); but not: pool.apply(predict, (row,))
    return (
        effect is not Effect.REPEATS_ARGUMENT
        or method.name != "apply"
        or isinstance(method.base, Host)
        or (isinstance(expr.func, f.Attribute) and isinstance(expr.func.value, f.Subscript))
        or any(key == "axis" for key, _ in expr.keywords)
    )


def _hand_over(
    frame: Frame, kind: Kind | None, name: str, expr: f.Call, args: list[Value], keywords: Keywords
) -> Value:
    """Return what a method gives that calls a function which it is given."""
    known = frame.knowledge.method_row(kind, name)
    # timer.timeout.connect(show) is not like button.clicked.connect(find)
    owner = expr.func.value if isinstance(expr.func, f.Attribute) else None
    if isinstance(owner, f.Attribute):
        closer = frame.knowledge.method_row(kind, f"{owner.attr}.{name}")
        known = known if closer.effect is Effect.UNKNOWN else closer
    if kind is None:
        # frame["image"].apply(predict)
        kind = Kind.EXECUTOR if known.effect is Effect.REPEATS_ARGUMENT else Kind.OTHER
    row = Row(
        name,
        known.effect,
        kind,
        known.argument,
        known.passed,
        known.only,
        known.pause,
    )
    # study.optimize(), root.after(), schedule.every(10).minutes.do()
    return call_row(frame, row, expr, args, keywords, f"{text(expr.func)}()")


def _note_loss(frame: Frame, expr: f.Call, site: CreationSite) -> None:
    """Note what `tape.gradient(loss, ...)` says of `loss`: a tensor of one number, or of one an example."""
    given = dict(expr.keywords).get("target")
    target = expr.args[0] if expr.args else given
    if not isinstance(target, f.Name) or target.id not in frame.env:
        return
    atoms = frame.force(frame.env[target.id])
    if not all(isinstance(atom, Tensor | Unknown) for atom in atoms):
        return
    loss = Tensor(Size.SCALAR, "what a tape differentiates", site, floating=True)
    frame.env[target.id] = dedupe(
        tuple(
            loss
            if not isinstance(atom, Tensor)
            else replace(atom, size=Size.SCALAR)
            if atom.size is Size.VALUE
            else atom
            for atom in atoms
        )
    )


def _apply_gradients(frame: Frame, name: str, expr: f.Call, values: list[Value]) -> Value:
    frame.mark_step()
    if name == "minimize":
        # optimizer.minimize(lambda: loss(model(x), y), variables) calls it.
        call_each(frame, values[:1], expr.node)
    for value in values:
        frame.engine.consume(value)
    return UNKNOWN


def _run_on_replicas(frame: Frame, expr: f.Call, args: list[Value], keywords: Keywords) -> Value:
    """Return what `strategy.run(train_step, args=(batch,))` gives: it calls the function."""
    given = keywords.get("args", args[1] if len(args) > 1 else ())
    inputs = [list(atom.items) for atom in frame.force(given) if isinstance(atom, Tuple)]
    result: Value = ()
    for atom in frame.force(args[0]):
        if isinstance(atom, Func):
            result = join(result, frame.call_function(atom, inputs[0] if inputs else [], {}, expr.node))
        elif isinstance(atom, Unknown):
            frame.engine.note_unknown(frame)
    return result or UNKNOWN


def _call_by_name(frame: Frame, method: Method, expr: f.Call, args: list[Value], keywords: Keywords) -> Value:
    """Return what a method of something unknown gives, if only one class of the project has such a method."""
    base, name = method.base, method.name
    spread = any(isinstance(arg, f.Starred) for arg in expr.args) or any(
        key is None for key, _ in expr.keywords
    )
    found = frame.project.unique_method(frame.module, name, None if spread else len(args) + len(keywords))
    if found is not None and isinstance(base, Unknown):
        func = Func(*found, receiver=frame.engine.receiver(*found))
        return frame.call_function(func, args, keywords, expr.node, spread=spread, guessed=True)
    frame.engine.note_unknown(frame, name)
    values = all_values(args, keywords)
    if name == "reduce" and any(isinstance(atom, Tensor) for value in values for atom in frame.force(value)):
        return (Tensor(Size.SCALAR, "a reduced tensor", frame.site(expr.node)),)
    return UNKNOWN


def _call_object_method(  # noqa: C901, PLR0911, PLR0912 -- one case an effect
    frame: Frame, base: Object, method: Method, expr: f.Call, args: list[Value], keywords: Keywords
) -> Value:
    values = all_values(args, keywords)
    site = frame.site(expr.node)
    name = method.name
    effect = frame.knowledge.method(base.kind, name)
    if effect is Effect.TRAINS_OR_RUNS or effect is Effect.RUNS_STEP:
        frame.mark_step()
        if base.origin is not None:
            frame.trained.add(base.origin)
        if effect is Effect.TRAINS_OR_RUNS:
            return HOST
        logs = frame.allocate(expr.node, "dict")
        frame.engine.content(logs.site).anything = (Tensor(Size.SCALAR, f"what {name}() returns"),)
        return (logs,)
    if effect is Effect.GIVES_PLAIN_DATA:
        return HOST
    if effect is Effect.TAKES_PARTS:
        absorb_all(frame, values)
        return HOST
    if effect is Effect.CALLS_OBJECT:
        return _call_object(frame, base, expr, args, keywords, "")
    if effect is Effect.GIVES_LOSS:
        return (Tensor(Size.SCALAR, "the model's loss", site, floating=True),)
    if effect is Effect.GIVES_PART:
        return (Object(Kind.LAYER, base.origin),)
    if effect is Effect.CREATES:
        frame.create(expr.node, name, ())
        return (Object(Kind.MODEL, site),)
    if effect is Effect.DIFFERENTIATES:
        for value in values:
            frame.engine.consume(value)
            frame.engine.note_passing(frame.force(value), frame.module, f"tape.{name}")
        if name == "gradient":
            _note_loss(frame, expr, site)
        return (Tensor(Size.GRADIENT, f"a gradient from tape.{name}()", site, floating=True),)
    if base.kind is Kind.METRIC:
        return _call_metric(frame, base, effect, name, expr)
    if effect is Effect.GIVES_ELEMENT:
        return (Tensor(Size.VALUE, "an element of a tf.data dataset", site),)
    if effect is Effect.GIVES_ITSELF:
        return (base,)
    if effect is Effect.GIVES_TENSOR:
        variable = base.kind is Kind.VARIABLE
        what = "the value of a tf.Variable" if variable else f"the result of a distribution's {name}()"
        return (Tensor(Size.VALUE, what, site),)
    return UNKNOWN


def _call_metric(frame: Frame, base: Object, effect: Effect, name: str, expr: f.Call) -> Value:
    # for metric in self.metrics: logs[metric.name] = metric.result()  # over metrics, not over steps
    if name == "result" and not any(set(names(expr.func)) & loop.varying for loop in frame.loops):
        frame.mark_eager()
    if effect is not Effect.GIVES_RESULT:
        return UNKNOWN
    site = frame.site(expr.node)
    return (Tensor(Size.SCALAR, "a metric's result()", site, floating=True, single=base.single),)
