"""What calls of builtins, of `collections` and of methods of containers give."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from leakscan.facts import model as f
from leakscan.facts.names import text
from leakscan.interpreter.attributes import attribute_of
from leakscan.interpreter.binding import counts
from leakscan.interpreter.operations import arithmetic, is_dataset, iterate, spread
from leakscan.interpreter.repetition import Repeater, loop_at, passes
from leakscan.interpreter.values import (
    HOST,
    NUMBER,
    UNKNOWN,
    Api,
    Atom,
    Const,
    Container,
    Func,
    Host,
    Instance,
    Keywords,
    Tensor,
    Tuple,
    Unknown,
    Value,
    join,
)
from leakscan.knowledge import Effect
from leakscan.knowledge.python import GROWERS, SHRINKERS
from leakscan.records import replace

if TYPE_CHECKING:
    from leakscan.interpreter.frame import Frame


#: What collections.namedtuple() returns: called, it gives a tuple.
RECORD = "collections.namedtuple.record"
#: Functions that make a field of a class of records.
FACTORIES = frozenset({"dataclasses.field", "attr.ib", "attr.field", "attrs.field", "pydantic.Field"})
_CONTAINER_KINDS = {"list": "list", "dict": "dict", "set": "set", "OrderedDict": "dict", "Counter": "dict"}


def call_builtin(frame: Frame, name: str, expr: f.Call, args: list[Value], keywords: Keywords) -> Value:
    """Return what calling the builtin `name` gives."""
    if "key" in keywords and name in {"sorted", "min", "max"} and args:
        apply_key(frame, name, expr, keywords["key"], iterate(frame, frame.force(args[0])))
    handler = _BUILTINS.get(name)
    if handler is not None:
        return handler(frame, name, expr, args, keywords)
    if frame.knowledge.call(f"builtins.{name}").effect is not Effect.GIVES_PLAIN_DATA:
        return UNKNOWN
    if name in {"float", "int"}:
        note_data(frame, "builtins", args)
    if name in {"float", "int", "len"}:
        return NUMBER
    return HOST


def _pick(frame: Frame, name: str, _expr: f.Call, args: list[Value], _keywords: Keywords) -> Value:
    """Return one element, or the sum of all: next, max, sum."""
    if name == "sum" and len(args) > 1:
        # sum(losses, start)
        return arithmetic(frame, [iterate(frame, frame.force(args[0])), args[1]])
    if name != "next" and len(args) != 1:
        return arithmetic(frame, args)
    item = iterate(frame, frame.force(args[0]) if args else UNKNOWN)
    # best = min(history, key=lambda row: row[1])
    if name == "next" or any(isinstance(atom, Tuple | Container) for atom in item):
        return item
    return _numbers(item)


def _compute(frame: Frame, _name: str, _expr: f.Call, args: list[Value], _keywords: Keywords) -> Value:
    if len(args) != 1:
        return arithmetic(frame, args)
    item = frame.force(args[0])
    return item if any(isinstance(atom, Tuple | Container) for atom in item) else _numbers(item)


def _numbers(item: Value) -> Value:
    tensors = tuple(atom for atom in item if isinstance(atom, Tensor))
    return tensors or (UNKNOWN if any(isinstance(atom, Unknown) for atom in item) else HOST)


def _get_attribute(frame: Frame, _name: str, _expr: f.Call, args: list[Value], _keywords: Keywords) -> Value:
    if len(args) < 2:  # noqa: PLR2004 -- an object and a name
        return UNKNOWN
    for atom in frame.force(args[1]):
        if isinstance(atom, Const) and isinstance(atom.value, str):
            result: Value = ()
            for base in frame.force(args[0]):
                result = join(result, attribute_of(frame, base, atom.value))
            return result or UNKNOWN
    # getattr(keras.applications, name)
    for base in frame.force(args[0]):
        if isinstance(base, Api) and base.name.startswith("keras.applications"):
            return (Api("keras.applications.Any"),)
    return UNKNOWN


def _set_attribute(frame: Frame, _name: str, _expr: f.Call, args: list[Value], _keywords: Keywords) -> Value:
    if args[2:]:
        # setattr(self, f"block{i}", keras.Sequential(...)) keeps every one.
        frame.keep(args[2], None)
        return HOST
    return UNKNOWN


def _round(frame: Frame, _name: str, _expr: f.Call, args: list[Value], _keywords: Keywords) -> Value:
    note_data(frame, "builtins", args)
    return HOST


def _is_instance(frame: Frame, _name: str, _expr: f.Call, args: list[Value], _keywords: Keywords) -> Value:
    if len(args) > 1:
        classes = frame.force(args[1])
        if any(_is_tensor_class(atom) for atom in (*classes, *iterate(frame, classes))):
            frame.engine.note_passing(frame.force(args[0]), frame.module, "isinstance")
    return HOST


def _exit(_frame: Frame, _name: str, _expr: f.Call, _args: list[Value], _keywords: Keywords) -> Value:
    return HOST


def _is_tensor_class(atom: Atom) -> bool:
    return isinstance(atom, Api) and atom.name.endswith(("Tensor", "Variable"))


def apply_key(frame: Frame, name: str, expr: f.Call, key: Value, item: Value) -> None:
    """Call the `key` of a sort with each element."""
    functions = [atom for atom in frame.force(key) if isinstance(atom, Func)]
    if any(isinstance(atom, Unknown) for atom in frame.force(key)):
        frame.engine.note_unknown(frame, repeated=True)
    for _ in passes(frame, loop_at(frame, expr.node, Repeater.MAP, driver=f"{name}()")) if functions else ():
        for atom in functions:
            frame.call_value(atom, expr, [item], {}, spread=False)


def _super(frame: Frame, _name: str, _expr: f.Call, _args: list[Value], _keywords: Keywords) -> Value:
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
    if container.kind == "dict":
        for key, value in keywords.items():
            contents.keyed[key] = join(contents.keyed.get(key, ()), value)
        contents.length = len(keywords) if not args else None
    if name == "filter" and len(args) > 1:
        apply_key(frame, name, expr, args[0], iterate(frame, frame.force(args[1])))
    if args:
        value = frame.force(args[-1] if name == "filter" else args[0])
        # list(dataset) is as live as the dataset's elements; list("abc") is not.
        contents.anything = join(contents.anything, iterate(frame, value))
        contents.sources = tuple(atom.site for atom in value if isinstance(atom, Container))
        if name != "filter":
            # list(map(build, grid)), sorted(build(p) for p in grid): every model is kept on purpose.
            for atom in value:
                if isinstance(atom, Container):
                    frame.keep(frame.engine.held(atom), container)
        if all(isinstance(atom, Host | Const) for atom in value):
            return HOST
    elif container.kind != "dict":
        contents.length = 0
    return (container,)


def _map(frame: Frame, _name: str, expr: f.Call, args: list[Value], _keywords: Keywords) -> Value:
    container = frame.allocate(expr.node, "zip")
    values = [frame.force(arg) for arg in args]
    items = [iterate(frame, value) for value in values[1:]]
    results: Value = ()
    loop = loop_at(frame, expr.node, Repeater.MAP, driver="map()")
    if any(is_dataset(value) for value in values[1:]):
        loop.eager = True
    for last in passes(frame, loop):
        for atom in values[0] if values else ():
            made = frame.call_value(atom, expr, items, {}, spread=False)
            results = join(results, made) if last else results
    contents = frame.engine.content(container.site)
    contents.anything = join(contents.anything, results)
    return (container,)


def _pair(frame: Frame, name: str, expr: f.Call, args: list[Value], _keywords: Keywords) -> Value:
    container = frame.allocate(expr.node, "zip")
    values = [frame.force(arg) for arg in args]
    contents = frame.engine.content(container.site)
    parts = [iterate(frame, value) for value in values]
    if name == "enumerate":
        parts = [HOST, *parts[:1]]
    if len(parts) > 1:
        contents.anything = (Tuple(tuple(parts)),)
    contents.sources = tuple(atom.site for value in values for atom in value if isinstance(atom, Container))
    contents.pairs = True
    datasets = any(is_dataset(value) for value in values)
    return (Container(container.site, "dataset" if datasets else "zip", container.life),)


def call_factory(frame: Frame, expr: f.Call, keywords: Keywords) -> Value:
    """Return what a field of a dataclass holds that a factory makes: field(default_factory=list)."""
    for key in ("default_factory", "factory"):
        for atom in frame.force(keywords.get(key, ())):
            root, _, last = atom.name.rpartition(".") if isinstance(atom, Api) else ("", "", "")
            if root == "builtins" and last in _CONTAINER_KINDS:
                container = frame.allocate(expr.node, _CONTAINER_KINDS[last])
                frame.engine.content(container.site).born_empty = True
                return (container,)
    return UNKNOWN


def call_collections(frame: Frame, name: str, expr: f.Call, args: list[Value], keywords: Keywords) -> Value:
    """Return what calling a class of `collections` gives."""
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
    if name == "namedtuple":
        return (Api(RECORD),)
    if name in _CONTAINER_KINDS:
        return _copy(frame, name, expr, args, keywords)
    return UNKNOWN


def call_container(frame: Frame, base: Container, name: str, expr: f.Call, args: list[Value]) -> Value:
    """Return what a method of a list, dict, set or deque gives; what grows is noted."""
    if name in GROWERS and args:
        position = min(GROWERS[name], len(args) - 1)
        value = frame.force(args[position])
        target = expr.func.value if isinstance(expr.func, f.Attribute) else expr.func
        name_text = text(target)
        if name == "setdefault":
            contents = frame.engine.content(base.site)
            contents.anything = join(contents.anything, value)
            if expr.args and counts(frame, expr.args[0]):
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
            frame.keep(value, base)  # blocks.extend([Block()]) keeps a model as blocks += [Block()] does
            value = spread(frame, value)
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
    contents.pairs = True
    return (fresh,)


def note_data(frame: Frame, root: str, values: list[Value]) -> None:
    """Note what plain-data functions tell: float(loss) and np.mean(losses) work on eager tensors only."""
    if root.startswith(("tensorflow", "keras")):
        return
    for value in values:
        forced = frame.force(value)
        for atom in forced:
            if isinstance(atom, Tensor):
                frame.mark_eager()
                frame.engine.note_number(atom)
        frame.engine.read_as_data(value)


_Handler = Callable[["Frame", str, f.Call, list[Value], Keywords], Value]
_BUILTINS: dict[str, _Handler] = {
    **dict.fromkeys(
        ("list", "dict", "set", "tuple", "sorted", "reversed", "filter", "frozenset", "iter"), _copy
    ),
    **dict.fromkeys(("enumerate", "zip"), _pair),
    **dict.fromkeys(("sum", "max", "min", "next"), _pick),
    **dict.fromkeys(("abs", "pow"), _compute),
    **dict.fromkeys(("exit", "quit"), _exit),
    "map": _map,
    "super": _super,
    "getattr": _get_attribute,
    "setattr": _set_attribute,
    "round": _round,
    "isinstance": _is_instance,
}
