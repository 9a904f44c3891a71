"""What is known of libraries: rows that say what a name, or a method of a kind of object, does.

A row is data. `Knowledge` looks names up in rows; the interpreter asks it and compares few names itself.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable

from leakscan.knowledge.spelling import ALIASES
from leakscan.records import dataclass


class Kind(enum.Enum):
    """What an object of a library is."""

    # Members are single objects; Enum's own hash, a function in Python, is asked for everywhere.
    __hash__ = object.__hash__

    MODEL = "model"
    LAYER = "layer"
    SYMBOLIC = "symbolic"
    LOSS = "loss"
    METRIC = "metric"
    OPTIMIZER = "optimizer"
    TAPE = "tape"
    DATASET = "dataset"
    DISTRIBUTION = "distribution"
    VARIABLE = "variable"
    FRESH_GRAPH = "fresh graph"
    #: Runs operations of a graph of TensorFlow 1.
    SESSION = "session"
    TENSOR = "tensor"
    #: Runs functions in threads of this process.
    EXECUTOR = "executor"
    #: Calls functions that are registered with it: for each request, message or event.
    SERVER = "server"
    #: Calls functions that are registered with it at times.
    SCHEDULER = "scheduler"
    #: Tries a function of the user's with other arguments: a study of Optuna, a grid search.
    SEARCH = "search"
    OTHER = "other"


class Effect(enum.Enum):
    """What calling a name, or a method of an object, does and gives."""

    # Members are single objects; Enum's own hash, a function in Python, is asked for everywhere.
    __hash__ = object.__hash__

    #: A new model, layer, loss, ...: an object of `Row.kind`.
    CREATES = "creates"
    #: A copy of a model that exists.
    COPIES_MODEL = "copies a model"
    #: A whole model, read from a file.
    LOADS_MODEL = "loads a model"
    #: Drops the models that Keras keeps.
    RELEASES_MODELS = "releases models"
    GIVES_SYMBOLIC = "gives a symbolic tensor"
    GIVES_TENSOR = "gives a tensor"
    GIVES_SCALAR_TENSOR = "gives a tensor of one number"
    GIVES_TENSORS = "gives several tensors"
    #: Numbers, text, arrays of NumPy.
    GIVES_PLAIN_DATA = "gives plain data"
    #: Whether its argument is a tensor: plain data, but only tensors are asked about.
    TELLS_TENSORS = "tells tensors from other values"
    OPENS_SESSION = "opens a session"
    #: Its first argument, as it is or shown to the user: tqdm(xs), copy.copy(x).
    GIVES_ARGUMENT = "gives its argument"
    #: Some elements of its first argument, or one: random.sample(clients, 10), random.choice(nets).
    DRAWS_ELEMENTS = "draws elements of its argument"
    GIVES_ITSELF = "gives the object itself"
    #: Makes a tf.function of its argument.
    TRACES = "traces its argument"
    #: Calls a Python function from a graph: tf.py_function.
    CALLS_FROM_GRAPH = "calls its argument from a graph"
    BINDS_ARGUMENTS = "binds arguments"
    #: Calls its argument again and again, in a loop of its own.
    REPEATS_ARGUMENT = "calls its argument again and again"
    #: Calls its argument for each request, message or event, or at times, as long as the process lives.
    ANSWERS_WITH_ARGUMENT = "calls its argument for each event"
    #: Calls its argument when a person clicks or types, or at times.
    ANSWERS_AT_TIMES = "calls its argument at times"
    #: A decorator that registers a function to be called for each request, message or event, or at times.
    REGISTERS = "registers a function"
    #: Calls its argument once.
    CALLS_ARGUMENT = "calls its argument"
    #: Calls the first function among its arguments with those that follow: pool.submit(work, x); or the one
    #: that the row names, with the arguments that it names: Thread(target=work, args=(x,)).
    RUNS_TASK = "runs a task"
    #: Gives a function that, called, gives a task for who runs it: joblib.delayed(work)(x).
    DEFERS = "gives a task of its argument"
    #: Keeps its argument until the process ends: atexit.register.
    KEEPS_ARGUMENT = "keeps its argument"
    #: A decorator that keeps what the function returned.
    MEMOISES = "memoises"
    # Methods
    TRAINS_OR_RUNS = "trains or runs a model, and gives plain data"
    RUNS_STEP = "runs one step, and gives a dict of tensors"
    TAKES_PARTS = "makes its arguments parts of the object"
    CALLS_OBJECT = "calls the object"
    GIVES_LOSS = "gives a loss"
    GIVES_PART = "gives a layer of the object"
    DIFFERENTIATES = "gives gradients"
    APPLIES_GRADIENTS = "changes variables by gradients"
    GIVES_RESULT = "gives the result of a metric"
    GIVES_ELEMENT = "gives an element of a dataset"
    GIVES_VARIABLE = "gives variables"
    UNKNOWN = "unknown"


#: A dotted name, in which a part may stand for several names; empty in the row of what is not known.
_ROW_NAME = re.compile(r"(?:[\w*]|\{Class\}|\{Capital\})*(?:\.(?:[\w*]|\{Class\}|\{Capital\})+)*")


@dataclass(frozen=True, slots=True)
class When:
    """A condition on an argument, which a row may have several of: one that is met is enough.

    position: None where it can be passed by keyword only. values: literals, of which it has to be one; None
    stands for no argument too. unknown: it is also met by an argument of which nothing is known. around: the
    argument is that of one of these functions, which a `with` statement around the call uses.
    """

    position: int | None
    keyword: str
    values: frozenset[object]
    unknown: bool = False
    around: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Row:
    """What calling a name does.

    name: dotted and canonical (`keras` stands for every way to import Keras). In it, `**` stands for any
    number of parts, `*` for anything within a part, `{Capital}` for a word that begins with a capital,
    `{Class}` for one that is not all capitals.
    kind: of the object that is created; SEARCH for a function that tries another one.
    argument: the position and the keyword of the function that is called
    again and again; by default every argument that is a function. passed: of a task, those of the tuple of
    the arguments that it gets. only: conditions without which the row says nothing. pause: of a task, those
    of the time that passes before it, and how many seconds a unit of that is.
    """

    name: str
    effect: Effect
    kind: Kind = Kind.OTHER
    argument: tuple[int | None, str] | None = None
    passed: tuple[int, str] | None = None
    only: tuple[When, ...] = ()
    pause: tuple[int, str, float] | None = None

    def __post_init__(self) -> None:
        """Raise ValueError for a name that nothing can have."""
        root, _, rest = self.name.partition(".")
        if root in ALIASES and rest:
            raise ValueError(f"{self.name!r}: name the package, {ALIASES[root]}.{rest}")
        if not _ROW_NAME.fullmatch(self.name):
            raise ValueError(f"{self.name!r} is not a dotted name")


@dataclass(frozen=True, slots=True)
class MethodRow:
    """What calling a method of an object does.

    kind: of the object; None for one of which nothing is known. name: of the method; for an unknown object
    also that of the attribute before it, `timeout.connect`. argument, passed, only, pause: as in `Row`.
    """

    kind: Kind | None
    name: str
    effect: Effect
    argument: tuple[int | None, str] | None = None
    passed: tuple[int, str] | None = None
    only: tuple[When, ...] = ()
    pause: tuple[int, str, float] | None = None


class Words(enum.Enum):
    """A table of plain names, by what it says of them."""

    #: Operations that give floating-point numbers for such numbers.
    KEEP_FLOATING = "keep floating"
    #: Metrics whose result is one number whatever they are given.
    NUMBER_METRICS = "number metrics"
    #: Hooks that `fit()` calls once per epoch or batch.
    CALLBACK_HOOKS = "callback hooks"
    #: Methods of a model that `fit()` traces and calls once per batch.
    TRACED_STEPS = "traced steps"
    #: Methods of layers and models that put their parts together.
    BUILDING_METHODS = "building methods"
    #: Methods of views that are called for each request.
    REQUEST_METHODS = "request methods"
    #: Methods whose name says nothing of the class that they belong to.
    COMMON_METHODS = "common methods"
    #: What gives messages as long as the process lives, gone through by a loop.
    STREAMS = "streams"
    #: Attributes and methods that, among what libraries give, only Keras models have.
    OF_MODELS = "of models"


@dataclass(frozen=True, slots=True)
class Library:
    """What one library's module contributes.

    attributes: what an attribute of an object gives. classes: which of model, layer, callback, tuner, module
    a class is that derives from a name. floating: names of operations that always give floating-point
    numbers. words: further tables of plain names, see `Words`. packages: those that the rows are about; their
    own source is never followed.
    """

    rows: tuple[Row, ...] = ()
    methods: tuple[MethodRow, ...] = ()
    attributes: tuple[MethodRow, ...] = ()
    classes: tuple[tuple[str, str], ...] = ()
    floating: tuple[str, ...] = ()
    words: tuple[tuple[Words, str], ...] = ()
    packages: tuple[str, ...] = ()


_TRANSLATED = (
    (r"\*\*\.", r"(?:\w+\.)*"),
    (r"\.\*\*", r"(?:\.\w+)*"),
    (r"\*", r"\w*"),
    (r"\{Class\}", r"(?=\w*[a-z])[A-Z]\w*"),
    (r"\{Capital\}", r"[A-Z]\w*"),
)


_VARYING = re.compile(r"[*{].*[*}]|[*{]")


class Pattern:
    """The names that the name of a row stands for. Few are asked about, so few expressions are compiled."""

    __slots__ = ("_begin", "_end", "_expression", "_name")

    def __init__(self, name: str) -> None:
        self._name = name
        varying = _VARYING.search(name)
        begin, end = (len(name), len(name)) if varying is None else varying.span()
        # `**` may stand for the dot beside it as well.
        self._begin, self._end = name[:begin].rstrip("."), name[end:].lstrip(".")
        self._expression: re.Pattern[str] | None = None

    def fullmatch(self, name: str) -> bool:
        """Whether a name is one of them."""
        if not (name.startswith(self._begin) and name.endswith(self._end)):
            return False
        if self._expression is None:
            text = re.escape(self._name)
            for token, expression in _TRANSLATED:
                text = text.replace(token, expression)
            self._expression = re.compile(text)
        return self._expression.fullmatch(name) is not None


def pattern(name: str) -> Pattern:
    """Return what the `name` of a row stands for.

    >>> pattern("keras.**.losses.{Class}").fullmatch("keras.losses.MeanSquaredError")
    True
    """
    return Pattern(name)


def is_pattern(name: str) -> bool:
    """Whether the name of a row stands for several names."""
    return "*" in name or "{" in name


_NOTHING = Row("", Effect.UNKNOWN)
_NO_METHOD = MethodRow(None, "", Effect.UNKNOWN)
#: What calls a function of the user's in a loop of its own.
DRIVING = frozenset({Effect.REPEATS_ARGUMENT, Effect.ANSWERS_WITH_ARGUMENT, Effect.ANSWERS_AT_TIMES})


class Knowledge:
    """Rows, and what they say of names. Later rows stand before earlier ones, plain names before patterns."""

    def __init__(self, libraries: Iterable[Library], extra: Iterable[Row | MethodRow] = ()) -> None:
        self._plain: dict[str, Row] = {}
        self._patterns: list[tuple[Pattern, Row]] = []
        self._methods = _MethodTable()
        self._attributes = _MethodTable()
        self._classes: list[tuple[Pattern, str]] = []
        self._floating: list[Pattern] = []
        self._words: dict[Words, frozenset[str]] = {}
        self._known: dict[str, Row] = {}
        self._rooted: dict[str, list[tuple[Pattern, Row]]] = {}
        self._traits: dict[str, frozenset[str]] = {}
        self._floats: dict[str, bool] = {}
        self._own: dict[str, list[Row]] = {}
        self.packages: frozenset[str] = frozenset()
        driving: set[str] = set()
        tasks: set[str] = set()
        for library in libraries:
            for row in library.rows:
                self._add(row)
            for method in library.methods:
                self._methods.add(method)
                if method.effect in DRIVING:
                    driving.add(method.name)
                if method.argument is not None and method.effect is Effect.RUNS_TASK:
                    tasks.add(method.name)
            for attribute in library.attributes:
                self._attributes.add(attribute)
            self._classes += [(pattern(name), trait) for name, trait in library.classes]
            self._floating += [pattern(name) for name in library.floating]
            for table, names in library.words:
                self._words[table] = self._words.get(table, frozenset()) | frozenset(names.split())
            self.packages |= frozenset(library.packages)
        for item in extra:
            if isinstance(item, Row):
                self._add(item, first=True)
                self._own.setdefault(item.name.rpartition(".")[2], []).append(item)
            else:
                self._methods.add(item)
        every = (*self._plain.values(), *(row for _, row in self._patterns))
        #: Those of what calls a function later, which may hand itself on: Timer, after, call_later.
        self.task_names = frozenset(tasks) | frozenset(
            row.name.rpartition(".")[2]
            for row in every
            if row.argument is not None and row.effect is Effect.RUNS_TASK
        )
        #: The last parts of the names of what calls a function again and again, or from a graph.
        self.driver_names = frozenset(
            row.name.rpartition(".")[2]
            for row in every
            if row.effect in {*DRIVING, Effect.CALLS_FROM_GRAPH} or row.kind is Kind.SEARCH
        ) | (frozenset(driving) - self._words.get(Words.COMMON_METHODS, frozenset()))

    def _add(self, row: Row, *, first: bool = False) -> None:
        if is_pattern(row.name):
            self._patterns.insert(0 if first else len(self._patterns), (pattern(row.name), row))
        else:
            self._plain[row.name] = row

    def call(self, name: str) -> Row:
        """Return the row of the canonical `name`; one of effect UNKNOWN if there is none."""
        known = self._known.get(name)
        if known is None:
            known = self._plain.get(name) or next(
                (row for expression, row in self._patterns_of(name) if expression.fullmatch(name)), _NOTHING
            )
            self._known[name] = known
        return known

    def _patterns_of(self, name: str) -> list[tuple[Pattern, Row]]:
        """Return the patterns whose first part is that of a name, or stands for several, in their order."""
        root = name.partition(".")[0]
        known = self._rooted.get(root)
        if known is None:
            known = self._rooted[root] = [
                item
                for item in self._patterns
                if (first := item[1].name.partition(".")[0]) == root or is_pattern(first)
            ]
        return known

    def last_names(self, effect: Effect) -> frozenset[str]:
        """Return the last parts of the names of an effect: plain words, no patterns."""
        every = (*self._plain.values(), *(row for _, row in self._patterns))
        return frozenset(row.name.rpartition(".")[2] for row in every if row.effect is effect)

    def is_own(self, row: Row) -> bool:
        """Whether a project or a rule pack has added a row."""
        return row in self._own.get(row.name.rpartition(".")[2], ())

    @property
    def has_own_rows(self) -> bool:
        """Whether a project or a rule pack has added rows of names."""
        return bool(self._own)

    def own_row(self, dotted: str) -> Row | None:
        """Return the row that a project or a rule pack has for a function of the project, or None.

        dotted: the function's module and name, from the root of the project: `src.models.build`. A row's name
        may leave the first parts out.
        """
        for row in self._own.get(dotted.rpartition(".")[2], ()):
            if f".{dotted}".endswith(f".{row.name}"):
                return row
        return None

    def method(self, kind: Kind | None, name: str) -> Effect:
        """Return what calling a method of a kind of object does; None stands for an unknown object."""
        return self._methods.find(kind, name).effect

    def method_row(self, kind: Kind | None, name: str) -> MethodRow:
        """Return the row of a method of a kind of object; one of effect UNKNOWN if there is none."""
        return self._methods.find(kind, name)

    def runs_model(self, name: str) -> bool:
        """Whether a method of a model trains it or runs it."""
        return self.method(Kind.MODEL, name) in {Effect.TRAINS_OR_RUNS, Effect.RUNS_STEP}

    def attribute(self, kind: Kind | None, name: str) -> Effect:
        """Return what an attribute of a kind of object gives."""
        return self._attributes.find(kind, name).effect

    def is_floating(self, name: str) -> bool:
        """Whether the canonical operation always gives floating-point numbers."""
        known = self._floats.get(name)
        if known is None:
            known = self._floats[name] = any(expression.fullmatch(name) for expression in self._floating)
        return known

    def traits(self, name: str) -> frozenset[str]:
        """Return which of model, layer, callback, tuner, module a class is that derives from `name`."""
        known = self._traits.get(name)
        if known is None:
            found = (trait for expression, trait in self._classes if expression.fullmatch(name))
            known = self._traits[name] = frozenset([trait] if (trait := next(found, "")) else ())
        return known

    def says(self, table: Words) -> frozenset[str]:
        """Return a table of names."""
        return self._words[table]


class _MethodTable:
    """Rows by kind and name, plain names before patterns."""

    def __init__(self) -> None:
        self._plain: dict[tuple[Kind | None, str], MethodRow] = {}
        self._patterns: list[tuple[Pattern, MethodRow]] = []

    def add(self, row: MethodRow) -> None:
        if is_pattern(row.name):
            self._patterns.append((pattern(row.name), row))
        else:
            self._plain[row.kind, row.name] = row

    def find(self, kind: Kind | None, name: str) -> MethodRow:
        found = self._plain.get((kind, name))
        if found is not None:
            return found
        for expression, row in self._patterns:
            if row.kind is kind and expression.fullmatch(name):
                return row
        return _NO_METHOD


def rows(effect: Effect, prefix: str, names: str, kind: Kind = Kind.OTHER) -> tuple[Row, ...]:
    """Return a row for each of the words of `names`, below `prefix`."""
    return tuple(Row(f"{prefix}{name}", effect, kind) for name in names.split())


def methods(kinds: Iterable[Kind | None], effect: Effect, names: str) -> tuple[MethodRow, ...]:
    """Return a row for each kind and each of the words of `names`."""
    return tuple(MethodRow(kind, name, effect) for kind in kinds for name in names.split())


__all__ = [
    "DRIVING",
    "Effect",
    "Kind",
    "Knowledge",
    "Library",
    "MethodRow",
    "Row",
    "When",
    "Words",
    "is_pattern",
    "methods",
    "pattern",
    "rows",
]
