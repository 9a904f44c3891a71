"""Loads that a loop, a driver or a server repeats, always of the same file."""

from __future__ import annotations

from collections.abc import Iterator

from leakscan.facts import model as f
from leakscan.facts.names import names
from leakscan.facts.walk import walk, walk_kind
from leakscan.interpreter.project import Project
from leakscan.interpreter.values import Instance, Object
from leakscan.knowledge.python import GROWERS
from leakscan.questions import (
    Call,
    Effect,
    Kind,
    Origin,
    Place,
    Repetition,
    call_at,
    calls,
    comes_each_time,
    function_of,
    is_constant,
    kinds,
    rebuilds,
    repetitions,
    value,
)
from leakscan.records import dataclass, replace

from ..families.pretrained import is_reloaded, pretrained
from .files import is_written
from .refreshed import is_refreshed

#: What reads a model, besides the rows of knowledge: a layer of one's own, a graph of TensorFlow 1.
_GRAPH_READER = "tensorflow.train.import_meta_graph"
_LOADERS = ("tensorflow_hub.KerasLayer", _GRAPH_READER)
#: Methods that read other weights into what was loaded, with the position of the file.
_WEIGHTS = {"load_weights": (0, "filepath"), "restore": (1, "save_path")}
#: What is loaded is the same whatever these say.
_IGNORED = frozenset({"custom_objects", "compile", "safe_mode", "options", "cache_dir", "token", "verbose"})


@dataclass(frozen=True, slots=True)
class Load:
    """A load that is repeated.

    place: the call in the loop, or in the function that is repeated, that leads to the load. found: the load
    itself. trained: what repeats also trains the model. participle, fact: what is done, for messages.
    """

    place: Place
    found: Call
    around: Repetition
    trained: bool
    participle: str
    fact: str
    #: Other loads that the same call leads to, each of one file as well.
    others: tuple[Place, ...] = ()


def reloads(project: Project) -> list[Load]:
    """Return the loads of the same file that something repeats, one for each place."""
    found: dict[Place, Load] = {}
    built = _built(project)
    for call, participle, fact in _candidates(project):
        for around in repetitions(project, call.place):
            if around.driver == "fit()":
                continue
            place = _place(call, around)
            known = found.get(place)
            if known is not None and known.around != around:
                continue
            if not _is_reload(project, call, around, participle):
                continue
            # base = load_model("base.h5"); net = keras.Model(base.input, head(base.output))  # IMR001's
            if _is_part(project, place, around, built):
                continue
            # net = model_from_json(text); net.load_weights(path)  # one finding
            if call.name == "load_weights" and any(
                other.found.function == call.function and other.around == around for other in found.values()
            ):
                continue
            if known is not None:
                # def answer(path): first, second = load_model("a.keras"), load_model("b.keras")
                if known.found.function == call.function and call.place not in known.others:
                    found[place] = replace(known, others=(*known.others, call.place))
                continue
            found[place] = Load(place, call, around, _trains(project, around), participle, fact)
    return sorted(found.values(), key=lambda load: load.place)


def _candidates(project: Project) -> Iterator[tuple[Call, str, str]]:
    for call in calls(project, _LOADERS, effect=Effect.LOADS_MODEL):
        # saver = tf.train.import_meta_graph(path), into the graph that is there: RES002's
        if call.name == _GRAPH_READER and not _in_new_graph(project, call):
            continue
        yield call, "loaded", "reads the same file"
    for call in pretrained(project):
        yield call, "loaded", "reads the same weights"
    for call in calls(project, method="load_weights", receiver=Kind.MODEL):
        yield call, "loaded", "reads the same weights"
    for call in calls(project, effect=Effect.COPIES_MODEL):
        yield call, "copied", "copies the same model"


def _in_new_graph(project: Project, call: Call) -> bool:
    """Whether a graph is read into one that is made for it: with tf.Graph().as_default(): ..."""
    if "reset_default_graph" in project.function(*call.function).called_names:
        return True
    contexts = [context for item in call.around if isinstance(item, f.With) for context, _ in item.items]
    return any(
        Kind.FRESH_GRAPH in kinds(project, value(project, call.function, context)) for context in contexts
    )


def _place(call: Call, around: Repetition) -> Place:
    """Return where a load is reported: the call that leads to it, in the body that is repeated."""
    return around.chain[0].place if around.chain else call.place


def _is_reload(project: Project, call: Call, around: Repetition, participle: str) -> bool:
    # clone_model(model) in a loop builds a model: that is IMR001's.
    if participle == "copied" and (around.loop is not None or around.driver is None):
        return False
    # for fold in folds: net.load_weights("start.h5")  # set back; but for a request it is loaded again
    if participle == "loaded" and call.name == "load_weights" and around.loop is not None:
        return False
    arguments = [*call.call.args, *(value for key, value in call.call.keywords if key not in _IGNORED)]
    # tf.saved_model.loader.load(session, ["serve"], path)  # into another session each time
    arguments = [item for item in arguments if not _is_session(project, call, item)]
    if (not arguments and not call.name.startswith("keras.applications.")) or any(
        isinstance(item, f.Starred) for item in arguments
    ):
        return False
    # for network in (VGG16, ResNet50): network(weights="imagenet")
    if not call.receiver and not is_constant(project, _root(call.call.func), call.place, around):
        return False
    # for path in paths: load_model(path)
    if not all(is_constant(project, item, call.place, around) for item in arguments):
        return False
    # if model is None: model = load_model(path)
    if not comes_each_time(project, call.place, around):
        return False
    # models.append(load_model(path))  # several copies are wanted at once
    if _is_kept(project, call, around):
        return False
    # net = model_from_json(text); net.load_weights(f"net{i}.h5")
    # @app.post("/reload"): global model; model = load_model(path)
    # net.save(path); net = load_model(path)
    checks = (_other_weights, is_refreshed, is_written)
    return not any(check(project, call, around) for check in checks)


def _is_session(project: Project, call: Call, argument: f.Expr) -> bool:
    found = kinds(project, value(project, call.function, argument))
    return Kind.SESSION in found and found <= {Kind.SESSION, Kind.FRESH_GRAPH}


def _root(func: f.Expr) -> f.Expr:
    """Return the name that a dotted name begins with: another one each time is another function."""
    while isinstance(func, f.Attribute):
        func = func.value
    return func


def _is_kept(project: Project, call: Call, around: Repetition) -> bool:
    """Whether the models of several iterations are kept beside each other."""
    holder = call if not around.chain else call_at(project, around.chain[0].place)
    # answers.append(predict(row)), where predict() loads the model: what is kept holds no model
    if around.chain and not _gives_model(project, holder):
        return False
    for item in holder.around[::-1]:
        if isinstance(item, f.Comprehension):
            # [Agent(load_model(path)) for _ in range(3)]
            return any(call_fact is holder.call for part in item.elements for call_fact in _values(part))
        if isinstance(item, f.Call) and isinstance(item.func, f.Attribute) and item.func.attr in GROWERS:
            return True
        if isinstance(item, f.Yield):
            return True
        if isinstance(item, f.Assign):
            if any(isinstance(target, f.Subscript) for target in item.targets):
                return True
            bound = {target.id for target in item.targets if isinstance(target, f.Name)}
            return bool(bound) and around.loop is not None and _stores(project, holder, bound)
    return False


def _gives_model(project: Project, holder: Call) -> bool:
    """Whether a call gives the model, or an object that may hold it."""
    return any(
        isinstance(atom, Instance) or (isinstance(atom, Object) and atom.kind is Kind.MODEL)
        for atom in value(project, holder.function, holder.call)
    )


def _values(part: f.Expr) -> Iterator[f.Expr]:
    """Yield what an element is or is made from: the arguments of constructors, not what methods give."""
    stack = [part]
    while stack:
        item = stack.pop()
        yield item
        if isinstance(item, f.Call) and not isinstance(item.func, f.Attribute):
            stack += [*item.args, *(value for _, value in item.keywords)]
        elif isinstance(item, f.Display):
            stack += item.items
        elif isinstance(item, f.DictDisplay):
            stack += [value for _, value in item.items]


def _stores(project: Project, holder: Call, bound: set[str]) -> bool:
    """Whether the block of a load puts the model away: models.append(model), agents[i] = Agent(model)."""
    body = project.function(*holder.function).body
    for item in walk(body):
        if isinstance(item, f.Call) and isinstance(item.func, f.Attribute) and item.func.attr in GROWERS:
            if any(name in bound for arg in item.args for name in _direct(arg)):
                return True
        elif isinstance(item, f.Assign) and any(isinstance(target, f.Subscript) for target in item.targets):
            if any(name in bound for name in _direct(item.value)):
                return True
        elif isinstance(item, f.Yield) and item.value is not None and bound & set(_direct(item.value)):
            return True
    return False


def _direct(value: f.Expr) -> Iterator[str]:
    return (item.id for item in _values(value) if isinstance(item, f.Name))


def _other_weights(project: Project, call: Call, around: Repetition) -> bool:
    """Whether what is loaded is given the weights of another file each time."""
    for other in calls(project, method=_WEIGHTS):
        if other.function == call.function and other.place > call.place:
            path = other.argument(*_WEIGHTS[other.name])
            if path is not None and not is_constant(project, path, other.place, around):
                return True
    return False


def _built(project: Project) -> list[tuple[Place, Place]]:
    """Return the places and loops of what IMR001 reports as built, not loaded."""
    return [
        (item.place, item.loop)
        for item in rebuilds(project)
        if item.origin is Origin.CONSTRUCTED
        and not (item.kept or item.absorbed or item.in_layer or is_reloaded(project, item))
    ]


def _is_part(project: Project, place: Place, around: Repetition, built: list[tuple[Place, Place]]) -> bool:
    """Whether the loaded model is a part of one that the same loop builds: that is one finding."""
    for where, loop in built:
        if where == place:
            return True
        if (
            loop == around.loop
            and where > place
            and function_of(project, where) == function_of(project, place)
        ):
            holder = call_at(project, place)
            assign = next((item for item in holder.around[::-1] if isinstance(item, f.Assign)), None)
            bound = {name for target in (assign.targets if assign else ()) for name in names(target)}
            if bound & set(names(call_at(project, where).call)):
                return True
    return False


def _trains(project: Project, around: Repetition) -> bool:
    if around.loop is None or around.driver is not None:
        return False
    body = project.bodies.of_loop(around.loop.module, around.loop.node)
    return any(
        isinstance(item.func, f.Attribute) and item.func.attr in {"fit", "train_on_batch", "fit_generator"}
        for item in walk_kind(body, f.Call)
    )


__all__ = ["Load", "reloads"]
