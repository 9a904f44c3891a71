"""Whether the file of a load may be written by what repeats the load: then it is another one each time."""

from __future__ import annotations

from collections.abc import Iterator

from leakscan.facts import model as f
from leakscan.facts.calls import calls_in
from leakscan.facts.names import dotted
from leakscan.facts.walk import children, walk, walk_kind
from leakscan.interpreter.passing import passed
from leakscan.interpreter.project import Project
from leakscan.interpreter.values import Api
from leakscan.questions import (
    Call,
    Function,
    Kind,
    Place,
    Repetition,
    calls,
    function_of,
    handler_of,
    reachable,
)

#: Methods and functions that write models.
_SAVERS = frozenset(
    {"save", "save_weights", "export", "save_model", "save_pretrained", "to_json", "save_to_preset"}
)
#: What reads a path, shows it, or makes another one of it.
_READERS = frozenset(
    """print info debug warning error exception log format join exists isfile isdir basename dirname abspath
    splitext getsize getmtime Path str open load load_model load_weights model_from_json model_from_yaml
    from_pretrained from_preset KerasLayer clone_model Interpreter is_file is_dir endswith startswith replace
    split len isinstance append predict""".split()
)
#: What puts a path together.
_PATHS = frozenset({"join", "Path", "format", "str", "joinpath", "abspath", "with_suffix"})
_CHECKPOINTS = ("keras.callbacks.ModelCheckpoint", "keras.callbacks.BackupAndRestore")
#: Runs another program, which may write any file.
_PROCESSES = frozenset(
    """subprocess.run subprocess.call subprocess.check_call subprocess.check_output subprocess.Popen
    os.system os.popen os.spawnl os.spawnv asyncio.create_subprocess_exec asyncio.create_subprocess_shell
    """.split()
)
_TRAINERS = frozenset({"fit", "fit_generator", "train"})


def is_written(project: Project, call: Call, around: Repetition) -> bool:
    """Whether something that the repetition runs may write what the call loads."""
    # keras.applications.VGG16(weights="imagenet")
    if call.name.startswith("keras.applications.") or not (call.call.args or call.call.keywords):
        return False
    path = call.call.args[0] if call.call.args else call.call.keywords[0][1]
    wanted = {_key(project, call.function, path), *_passed(project, call, path, around)}
    trains = False
    for function, found in _running(project, call, around):
        name = _word(found.func)
        trains = trains or name in _TRAINERS
        # subprocess.run([sys.executable, "train.py"]); app.state.model = load_model(path)
        if function == call.function and _runs_program(project, function, found):
            return True
        if found.node == call.place.node and function[0] == call.place.module:
            continue
        keys = [
            _key(project, function, item) for item in (*found.args, *(value for _, value in found.keywords))
        ]
        if name in _SAVERS:
            model = name != "save" or _is_model(project, function, found)
            if any(key in wanted or (model and _may_equal(key, wanted)) for key in keys):
                return True
        opened = name == "open" and len(found.args) > 1 and _writes(found.args[1]) and keys[0] in wanted
        given = name not in _READERS and any(key in wanted for key in keys if key[0] in {"name", "call"})
        # trainer.run(path); model = load_model(path)
        if opened or (given and not _leads_to(project, function, found, around)):
            return True
    # model.fit(x, y, callbacks=[ModelCheckpoint(path)]); model = load_model(path)
    return trains and any(
        _may_equal(_key(project, other.function, target), wanted)
        for other in calls(project, _CHECKPOINTS)
        if other.place.module in {call.place.module, _home(project, call, around)[0]}
        and (target := other.argument(0, "filepath")) is not None
    )


def _runs_program(project: Project, function: Function, call: f.Call) -> bool:
    if _word(call.func) not in {name.rpartition(".")[2] for name in _PROCESSES}:
        return False
    return any(
        isinstance(atom, Api) and atom.name in _PROCESSES for atom in project.static(*function, call.func)
    )


def _home(project: Project, call: Call, around: Repetition) -> Function:
    place = around.loop if around.loop is not None else around.chain[0].place if around.chain else call.place
    return function_of(project, place)


def _running(project: Project, call: Call, around: Repetition) -> Iterator[tuple[Function, f.Call]]:
    """Yield the calls that a repetition runs, each with its function; of a server, those of all handlers."""
    home = _home(project, call, around)
    body: list[f.Stmt] = []
    starts: list[Function] = []
    if around.loop is not None and around.driver is None:
        body = project.bodies.of_loop(around.loop.module, around.loop.node)
        # while True: channel.basic_consume(on_message_callback=work)  # what is handed over runs as well
        between = [function_of(project, link.place) for link in around.chain[1:]]
        starts = [function for function in (*between, call.function) if around.chain and function != home]
    elif around.loop is not None:
        starts = [function_of(project, link.place) for link in around.chain[1:]] or [call.function]
    else:
        module = project.modules[home[0]]
        starts = [
            (home[0], item.index) for item in module.functions if handler_of(project, (home[0], item.index))
        ]
        starts.append(home)
    todo = [(home, item) for item in walk_kind(body, f.Call)]
    for start in dict.fromkeys(starts):
        facts = project.modules[start[0]]
        todo += [(start, item) for item, _ in calls_in(facts.functions[start[1]].body, facts)]
    seen: set[Function] = set(starts)
    yield from todo
    for function, item in list(todo):
        for callee in reachable(project, Place(function[0], item.node)):
            if callee not in seen:
                seen.add(callee)
                facts = project.modules[callee[0]]
                yield from ((callee, inner) for inner, _ in calls_in(facts.functions[callee[1]].body, facts))


def _passed(project: Project, call: Call, path: f.Expr, around: Repetition) -> Iterator[tuple[object, ...]]:
    """Yield what the calls of the chain pass, where the path is a parameter: the file by its other names."""
    function = call.function
    for link in reversed(around.chain):
        facts = project.function(*function)
        position = next((n for n, param in enumerate(facts.params) if path == f.Name(param.name)), None)
        holder = function_of(project, link.place)
        module = project.modules[holder[0]]
        found = next(
            (c for c, _ in calls_in(module.functions[holder[1]].body, module) if c.node == link.place.node),
            None,
        )
        if position is None or found is None:
            return
        given = passed(project, holder, found, function, position).value
        if given is None:
            return
        yield _key(project, holder, given)
        path, function = given, holder


def _key(project: Project, function: Function, expr: f.Expr, depth: int = 0) -> tuple[object, ...]:
    """Return what tells expressions apart: names that are bound once are followed to their values."""
    if isinstance(expr, f.Literal):
        return ("text", expr.value)
    if isinstance(expr, f.Name) and depth < 5:  # noqa: PLR2004 -- a chain of names
        for scope in dict.fromkeys((function, (function[0], 0))):
            values = [
                item.value
                for item in walk(project.function(*scope).body)
                if isinstance(item, f.Assign) and f.Name(expr.id) in item.targets
            ]
            # with open("a") as f: text = f.read()  # what it gives is not told by how it is written
            if len(values) == 1 and not (
                isinstance(values[0], f.Call) and _word(values[0].func) not in _PATHS
            ):
                return _key(project, scope, values[0], depth + 1)
            if values:
                break
    if isinstance(expr, f.Name | f.Attribute):
        return ("name", dotted(expr))
    if isinstance(expr, f.Call):
        parts = (expr.func, *expr.args, *(value for _, value in expr.keywords))
        return ("call", *(_key(project, function, item, depth + 1) for item in parts))
    return (type(expr).__name__, *(_key(project, function, item, depth + 1) for item in children(expr)))  # type: ignore[arg-type]


def _may_equal(key: tuple[object, ...], wanted: set[tuple[object, ...]]) -> bool:
    """Whether a path may be one of the wanted: two different texts are not."""
    if key in wanted:
        return True
    texts = [item for item in wanted if item[0] == "text"]
    return not (key[0] == "text" and texts)


def _is_model(project: Project, function: Function, call: f.Call) -> bool:
    """Whether what is saved is a model, as far as is known: not the file of an upload."""
    place = Place(function[0], call.node)
    return any(
        found.place == place and Kind.MODEL in found.receiver
        for found in calls(project, method="save", receiver=Kind.MODEL)
    )


def _writes(mode: f.Expr) -> bool:
    return isinstance(mode, f.Literal) and isinstance(mode.value, str) and bool(set(mode.value) & set("wax+"))


def _word(func: f.Expr) -> str:
    return func.attr if isinstance(func, f.Attribute) else func.id if isinstance(func, f.Name) else ""


def _leads_to(project: Project, function: Function, call: f.Call, around: Repetition) -> bool:
    """Whether a call is one of those that lead to the load, or runs code that is looked at."""
    place = Place(function[0], call.node)
    return any(link.place == place for link in around.chain) or bool(reachable(project, place))


__all__ = ["is_written"]
