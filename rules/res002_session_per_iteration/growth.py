"""Graphs of TensorFlow 1 that grow: operations, and sessions, made where a loop runs a session."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import pairwise

from leakscan.facts import model as f
from leakscan.facts.calls import path_to
from leakscan.facts.names import dotted, text
from leakscan.facts.walk import Fact, walk, walk_kind
from leakscan.interpreter.project import Project
from leakscan.interpreter.values import Object
from leakscan.knowledge import Effect, Kind
from leakscan.questions import (
    Call,
    Function,
    Place,
    Repetition,
    called_from,
    calls,
    comes_each_time,
    function_of,
    is_constant,
    kinds,
    reachable,
    repetitions,
    value,
)
from leakscan.records import dataclass

_TENSORS = (
    Effect.GIVES_TENSOR,
    Effect.GIVES_SCALAR_TENSOR,
    Effect.GIVES_TENSORS,
    Effect.GIVES_SYMBOLIC,
    Effect.CREATES,
)
_NAMED = (
    *(
        f"tensorflow.{name}"
        for name in ("import_graph_def", "train.Saver", "train.import_meta_graph", "summary.merge_all")
    ),
    *(
        f"tensorflow.layers.{name}"
        for name in ("dense", "conv1d", "conv2d", "conv2d_transpose", "dropout", "flatten", "max_pooling2d")
    ),
    "tensorflow.layers.batch_normalization",
)
#: Functions of TensorFlow that add nothing: tf.get_variable_scope(), tf.is_tensor(x), tf.enable_eager()
_NO_OPERATIONS = (
    "get_",
    "set_",
    "is_",
    "has_",
    "as_",
    "register_",
    "enable_",
    "disable_",
    "make_",
    "assert_",
)
_NONE_EITHER = frozenset(
    """local_variables model_variables moving_average_variables variables_initializer initialize_variables
    tables_initializer initialize_all_tables container colocate_with op_scope constant_initializer
    random_normal_initializer truncated_normal_initializer zeros_initializer ones_initializer
    from_structure dimension_value broadcast_static_shape numpy_function_spec write_graph""".split()
)
_METHODS = {
    Kind.VARIABLE: ("assign", "assign_add", "assign_sub"),
    Kind.DATASET: ("make_one_shot_iterator", "make_initializable_iterator", "make_initializer", "get_next"),
    Kind.OPTIMIZER: ("minimize", "compute_gradients", "apply_gradients"),
}
#: In graphs of TensorFlow 1 these run a session.
_EVALUATIONS = ("keras.backend.eval",)
#: What is put into one of these is part of what is being built.
_COLLECTS = frozenset({"append", "extend", "add", "insert", "setdefault"})
_EVALUATES = frozenset({"eval", "run", "partial_run"})
#: Operations of one loop that are looked at: the first may stand under a condition.
_MAX_TRIED = 8

#: What is repeated: the loop, or the call of a driver; the function that a framework calls; who calls it.
_Key = tuple[Place | None, str | None, Function | None]


@dataclass(frozen=True, slots=True)
class Growth:
    """What an iteration adds to a graph that outlives it, or the session that it opens.

    place: the call in the loop, or in the function that is repeated. cause: the operation or the session.
    what: its name as the code has it. session: the graph stays as it is, only the session is new.
    """

    place: Place
    cause: Place
    around: Repetition
    what: str
    session: bool


def growths(project: Project) -> list[Growth]:
    """Return one growth for each loop or repeated function that runs a session, in the order of the code."""
    runs = list(_runs(project))
    running = {key for run in runs for key in _keys(project, run.place)}
    if running:
        running -= {
            key
            for call in calls(project, effect=Effect.RELEASES_MODELS)
            for key in _keys(project, call.place)
        }
    if not running:
        return []
    # What no session loop comes to adds nothing to its graph: most of the project.
    within = called_from(project, (_holder(project, key) for key in running))
    found: dict[_Key, Growth] = {}
    for session, candidates in (
        (False, _operations(project, runs, within)),
        (True, calls(project, effect=Effect.OPENS_SESSION, within=within)),
    ):
        tried: dict[tuple[Function, Place | None], int] = {}
        for call in candidates:
            group = (call.function, call.loop)
            tried[group] = tried.get(group, 0) + 1
            if tried[group] > _MAX_TRIED:
                continue
            around = _grows_in(project, call, running)
            # while True: evaluate_once(); time.sleep(60)
            if around is None or (session and _rests(project, around)):
                continue
            where = around.chain[0].place if around.chain else call.place
            growth = Growth(where, call.place, around, _shown(call), session)
            known = found.setdefault(_key(project, call.place, around), growth)
            # for x in xs: build(x); y = tf.square(x)  # the first that an iteration comes to
            if growth.session == known.session and growth.place < known.place:
                found[_key(project, call.place, around)] = growth
    return sorted(found.values(), key=lambda item: item.place)


def _shown(call: Call) -> str:
    return f"{text(call.call.func)}()"


# Where sessions run


def _runs(project: Project) -> Iterator[Call]:
    for call in calls(project, method=("run", "partial_run"), receiver=Kind.SESSION):
        # K.get_session().run(tf.local_variables_initializer())  # of what is being built
        if not _initialises(call):
            yield call
    for kind in (Kind.SYMBOLIC, Kind.VARIABLE, Kind.TENSOR):
        yield from calls(project, method="eval", receiver=kind)
    graphs = {module for module, facts in project.known() if facts.graph_mode}
    if graphs:
        for call in calls(project, method=("run", "eval"), receiver=Kind.OTHER):
            # def score(sess, x): return sess.run(loss, feed_dict={inputs: x})
            if any(name == "feed_dict" for name, _ in call.call.keywords) or _asks_for_tensor(project, call):
                yield call
        for call in calls(project, _EVALUATIONS):
            if call.place.module in graphs:
                yield call


def _asks_for_tensor(project: Project, call: Call) -> bool:
    """Whether what is run is a part of a graph: def show(sess, x): sess.run(tf.concat([x, x], 0))."""
    asked = call.argument(0, "fetches")
    return asked is not None and not _initialises(call) and _is_symbolic(project, call.function, asked)


def _initialises(call: Call) -> bool:
    asked = call.argument(0, "fetches")
    return any("initializer" in dotted(item.func) for item in walk_kind([asked], f.Call)) if asked else False


def _keys(project: Project, place: Place) -> Iterator[_Key]:
    for around in repetitions(project, place):
        yield _key(project, place, around)


def _key(project: Project, place: Place, around: Repetition) -> _Key:
    if around.loop is not None:
        return around.loop, around.driver, None
    first = around.chain[0].place if around.chain else place
    return None, around.driver, function_of(project, first)


def _holder(project: Project, key: _Key) -> Function:
    """Return the function in which something is repeated, or which is."""
    loop, _, function = key
    return function_of(project, loop) if function is None and loop is not None else function or (0, 0)


# What adds to their graph


def _operations(project: Project, runs: list[Call], within: Collection[Function]) -> Iterator[Call]:
    yield from (run for run in runs if run.function in within and _computes(project, run))
    found = list(calls(project, _NAMED, effect=_TENSORS, within=within))
    for kind, names in _METHODS.items():
        found += calls(project, method=names, receiver=kind, within=within)
    for call in sorted(found, key=lambda item: item.place):
        if call.receiver or _adds(project, call):
            yield call


def _computes(project: Project, run: Call) -> bool:
    """Whether what is asked of a session is made where it is asked: sess.run(loss * 2), sess.run(x[0])."""
    asked = run.argument(0, "fetches")
    for item in walk([asked]) if asked is not None else ():
        if isinstance(item, f.Binary):
            parts = item.operands
        elif isinstance(item, f.Subscript):
            parts = [item.value]
        else:
            continue
        if any(_is_symbolic(project, run.function, part) for part in parts):
            return True
    return False


def _is_symbolic(project: Project, function: Function, part: f.Expr) -> bool:
    # fetches["loss"], where fetches = {"loss": tf.reduce_mean(x)}: nothing is made
    found = kinds(project, value(project, function, part))
    return bool(found) and found <= {Kind.SYMBOLIC, Kind.VARIABLE}


def _adds(project: Project, call: Call) -> bool:
    """Whether calling a function adds operations to the graph at hand."""
    last = call.name.rpartition(".")[2]
    if call.name in _NAMED:
        return True
    if last.startswith(_NO_OPERATIONS) or last in _NONE_EITHER:
        return False
    row = project.knowledge.call(call.name)
    if row.effect is Effect.CREATES:
        return call.name.startswith("tensorflow.") and row.kind in {Kind.VARIABLE, Kind.DATASET}
    return call.name.startswith(("tensorflow.", "keras.backend."))


def _grows_in(project: Project, call: Call, running: set[_Key]) -> Repetition | None:
    """Return the nearest repetition that runs a session and in which a call adds to what outlives it."""
    if _is_traced(project, call.function) or _is_collected(project, call):
        return None
    for around in repetitions(project, call.place):
        if _key(project, call.place, around) not in running:
            continue
        # if self.session is None: self.build()
        if not comes_each_time(project, call.place, around):
            continue
        if _in_fresh_graph(project, call, around) or _is_test(project, call, around):
            continue
        if _is_other_branch(project, call, around) or _is_per_item(project, call, around):
            continue
        if _gathers_tensors(project, around) or _leaves_after(project, call, around):
            continue
        return around
    return None


def _rests(project: Project, around: Repetition) -> bool:
    """Whether the loop waits in each iteration: then a session is nothing."""
    if around.loop is None:
        return False
    body = project.bodies.of_loop(around.loop.module, around.loop.node)
    return any(dotted(item.func).rpartition(".")[2] == "sleep" for item in walk_kind(body, f.Call))


def _is_traced(project: Project, function: Function) -> bool:
    """Whether a function is, or stands in, a tf.function: its operations are in a graph of their own."""
    module, scope = function
    while scope:
        if project.engine.is_traced(module, scope):
            return True
        scope = project.function(module, scope).parent or 0
    return False


def _is_collected(project: Project, call: Call) -> bool:
    """Whether what a call makes is put into a list: the parts of a graph, of which something is made later.

    scores.append(tf.reduce_mean(hits)); but not: frames.append(tf.decode_raw(text, tf.uint8).eval())
    """
    bound: set[str] = set()
    for fact in reversed(call.around):
        if isinstance(fact, f.Call) and isinstance(fact.func, f.Attribute):
            if fact.func.attr in _EVALUATES:
                return False
            if fact.func.attr in _COLLECTS:
                return True
        if isinstance(fact, f.Assign):
            bound = {target.id for target in fact.targets if isinstance(target, f.Name)}
            break
    if not bound or call.loop is None:
        return False
    body = project.bodies.of_loop(call.loop.module, call.loop.node)
    return any(
        isinstance(item.func, f.Attribute)
        and item.func.attr in _COLLECTS
        and any(isinstance(arg, f.Name) and arg.id in bound for arg in item.args)
        for item in walk_kind(body, f.Call)
    )


def _leaves_after(project: Project, call: Call, around: Repetition) -> bool:
    """Whether a loop is left right after: if len(rows) < size: out = net(tf.placeholder(...)); break."""
    if around.loop is None or around.driver is not None:
        return False
    place = around.chain[0].place if around.chain else call.place
    function = function_of(project, place)
    path = path_to(project.function(*function).body, project.modules[place.module], place.node)
    inside = _within(project, around, function, path)
    for fact, inner in pairwise(inside):
        if isinstance(fact, f.If):
            branch = fact.body if any(item is inner for item in fact.body) else fact.orelse
            if branch and isinstance(branch[-1], f.Jump) and branch[-1].kind == "break":
                return True
    return False


def _gathers_tensors(project: Project, around: Repetition) -> bool:
    """Whether a comprehension gathers the parts of a graph, of which something is made later.

    total = sum([loss_of(sess.run(net[layer]), net[layer]) for layer in layers])
    """
    if around.loop is None or around.driver is not None:
        return False
    function = function_of(project, around.loop)
    return any(
        _is_symbolic(project, function, element)
        for loop in walk_kind(project.bodies.whole(*function), f.Comprehension)
        if loop.node == around.loop.node
        for element in loop.elements
    )


def _is_per_item(project: Project, call: Call, around: Repetition) -> bool:
    """Whether a value is given to another variable in each iteration: that takes an operation for each.

    for name, rows in weights.items(): sess.run(tf.get_variable(name).assign(rows))
    """
    if around.chain or around.loop is None or around.driver is not None:
        return False
    func = call.call.func
    if call.receiver and isinstance(func, f.Attribute) and func.attr in _METHODS[Kind.VARIABLE]:
        target: f.Expr | None = func.value
    elif call.name.rpartition(".")[2] in _METHODS[Kind.VARIABLE]:
        target = call.argument(0, "ref")
    else:
        return False
    return target is None or not is_constant(project, target, call.place, around)


def _is_other_branch(project: Project, call: Call, around: Repetition) -> bool:
    """Whether a call stands under a condition that the caller's literal decides otherwise.

    def norm(x, kind): return tf.norm(x) if kind == "tf" else np.linalg.norm(x)  # norm(x, "np")
    """
    places = [*(link.place for link in around.chain), call.place]
    for outer, inner in pairwise(places):
        function = function_of(project, inner)
        facts = project.function(*function)
        given = _literals(project, outer, facts)
        path = path_to(facts.body, project.modules[inner.module], inner.node)
        for number, fact in enumerate(path[:-1]):
            if not isinstance(fact, f.If):
                continue
            taken = _decided(fact.test, given)
            if taken is not None and taken != any(item is path[number + 1] for item in fact.body):
                return True
    return False


def _decided(test: f.Expr, given: dict[str, object]) -> bool | None:
    """Return what a condition is for these literals, `kind == "tf"` or `not ready`; None for others."""
    if isinstance(test, f.Not):
        found = _decided(test.operand, given)
        return None if found is None else not found
    if isinstance(test, f.Name):
        return bool(given[test.id]) if test.id in given else None
    if not isinstance(test, f.Compare) or len(test.rights) != 1:
        return None
    operator, right = test.rights[0]
    left = test.left
    if not isinstance(left, f.Name) or not isinstance(right, f.Literal) or left.id not in given:
        return None
    return (given[left.id] == right.value) == (operator == "==") if operator in {"==", "!="} else None


def _literals(project: Project, place: Place, called: f.FunctionFacts) -> dict[str, object]:
    """Return the parameters of a function for which a call passes a literal."""
    module = project.modules[place.module]
    body = project.function(*function_of(project, place)).body
    path = path_to(body, module, place.node)
    if not path or not isinstance(path[-1], f.Call):
        return {}
    call = path[-1]
    params = [param.name for param in called.params]
    if params[:1] == ["self"]:
        params = params[1:]
    # def update(self, ready=False): if not ready: self.build()  # update(), and update(True)
    given: dict[str, object] = {}
    if not any(isinstance(arg, f.Starred) for arg in call.args) and None not in dict(call.keywords):
        passed = {*params[: len(call.args)], *(name for name, _ in call.keywords)}
        given = {
            param.name: param.default.value
            for param in called.params
            if isinstance(param.default, f.Literal) and param.name not in passed
        }
    for name, passed_value in call.keywords:
        if name is not None and isinstance(passed_value, f.Literal):
            given[name] = passed_value.value
    if not any(isinstance(arg, f.Starred) for arg in call.args):
        for name, arg in zip(params, call.args, strict=False):
            if isinstance(arg, f.Literal):
                given[name] = arg.value
    bound = project.stored_names.stored(called.body)
    return {name: literal for name, literal in given.items() if name not in bound}


def _is_test(project: Project, call: Call, around: Repetition) -> bool:
    """Whether a test case of TensorFlow runs it: each test has a graph of its own."""
    functions = {call.function, *(function_of(project, link.place) for link in around.chain)}
    for module, function in functions:
        owner = project.function(module, function).owner
        if owner is None:
            continue
        for base_module, index in project.mro(module, owner):
            bases = project.klass(base_module, index).bases
            if any(dotted(base).endswith("TestCase") for base in bases):
                return True
    return False


def _in_fresh_graph(project: Project, call: Call, around: Repetition) -> bool:
    """Whether what is made goes to a graph that the iteration has made, or one that is not known."""
    if any(
        name == "graph" and not is_constant(project, given, call.place, around, calls_hold=False)
        for name, given in call.call.keywords
    ):
        return True
    for place in (call.place, *(link.place for link in around.chain)):
        function = function_of(project, place)
        module = project.modules[place.module]
        for fact in _within(
            project, around, function, path_to(project.function(*function).body, module, place.node)
        ):
            if not isinstance(fact, f.With):
                continue
            for context, _ in fact.items:
                if any(item is call.call for item in walk(context)):
                    continue
                if _is_fresh(project, function, context, around):
                    return True
    return False


def _within(
    project: Project, around: Repetition, function: Function, path: tuple[Fact, ...]
) -> tuple[Fact, ...]:
    """Return what of a path runs again: all of it, or what is within the loop."""
    if around.loop is None or around.driver is not None or function_of(project, around.loop) != function:
        return path
    start = next((n for n, item in enumerate(path) if getattr(item, "node", None) == around.loop.node), -1)
    return path[start + 1 :]


def _is_fresh(project: Project, function: Function, context: f.Expr, around: Repetition) -> bool:
    found = value(project, function, context)
    graphs = [atom for atom in found if isinstance(atom, Object) and atom.kind is Kind.FRESH_GRAPH]
    if not graphs:
        # with graph.as_default():  # which one, only callers know
        unknown = kinds(project, found) in ({Kind.OTHER}, set())
        return unknown and isinstance(context, f.Call) and dotted(context.func).endswith(".as_default")
    return any(atom.origin is None or _is_made_in(project, atom, around) for atom in graphs)


def _is_made_in(project: Project, graph: Object, around: Repetition) -> bool:
    """Whether a graph is made in what is repeated."""
    assert graph.origin is not None
    site = graph.origin
    own = getattr(site, "function", None)
    if own is None:
        return True
    made: Function = (site.module, own)
    if around.loop is None:
        entry = around.chain[0].place if around.chain else None
        return entry is None or made != (made[0], 0)
    home = function_of(project, around.loop)
    body = project.bodies.of_loop(around.loop.module, around.loop.node)
    inside = list(walk_kind(body, f.Call))
    if made == home:
        return any(item.node == site.node for item in inside)
    return any(made in reachable(project, Place(home[0], item.node)) for item in inside)


__all__ = ["Growth", "growths"]
