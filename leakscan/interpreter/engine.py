"""What all frames share: summaries, contents, attributes; long, as it is one state and what keeps it so."""

from __future__ import annotations

from collections.abc import Collection

from leakscan.facts import model as f
from leakscan.facts.names import text
from leakscan.interpreter.effects import Loop, Summary
from leakscan.interpreter.evidence import MODEL
from leakscan.interpreter.frame import Frame
from leakscan.interpreter.project import Project
from leakscan.interpreter.records import (
    CallRecord,
    Contents,
    Reading,
    Visited,
    containers,
    params_in,
    simplify,
)
from leakscan.interpreter.values import (
    MAX_HELD,
    UNKNOWN,
    AnySite,
    Api,
    Atom,
    Class,
    Const,
    Container,
    CreationSite,
    Func,
    Inherited,
    Instance,
    Object,
    Param,
    SelfSite,
    Tensor,
    Tuple,
    Value,
    join,
    owned_by,
    read_from,
)
from leakscan.knowledge import Effect, Kind, Row, Words
from leakscan.knowledge.spelling import canonical
from leakscan.records import replace

#: Calls nested deeper than this are not followed.
MAX_DEPTH = 14
#: A function called with more different kinds of arguments is analysed once for all of them.
MAX_CONTEXTS = 6
#: While collecting, callees run first, one within the other; deeper ones wait for their turn.
MAX_NESTING = 200
#: Statements run for one root, calls included; a root that needs more gives nothing.
MAX_STATEMENTS = 60_000


class OutOfBudgetError(Exception):
    """A root took too long: its analysis stops, the others go on."""


class Engine:
    """Analyses a project in two phases.

    *Collect* runs every function once, callees first, and notes what calls pass, what attributes hold and
    what names stand for; what depends on a parameter stays a `Param`. *Judge* runs the functions that may
    have a leak again, with all of that known, and follows calls with their very arguments.
    """

    #: Whether this is a survey, which takes every path.
    surveys = False

    def __init__(self, project: Project) -> None:
        self.project = project
        self.knowledge = project.knowledge
        self.collecting = True
        self.visited: dict[tuple[int, int], Visited] = {}
        self.live_frames: dict[tuple[int, int], list[Frame]] = {}
        self.roots: dict[tuple[int, int], Frame] = {}
        self.root_summaries: dict[tuple[int, int], Summary] = {}
        self.active: list[Frame] = []
        #: By attribute, or `[key]`: the modules that bind it of objects of others, which, and what to.
        self._lent: dict[str, list[tuple[int, str, Value]]] = {}
        self.contexts: dict[tuple[object, ...], Summary] = {}
        self.context_counts: dict[tuple[int, int], int] = {}
        self.contents: dict[AnySite, Contents] = {}
        self.attributes: dict[tuple[int, int, str], Value] = {}
        self.function_attributes: dict[tuple[int, int, str], Value] = {}
        self.class_bodies: dict[tuple[int, int], dict[str, Value]] = {}
        self.arguments: dict[tuple[int, int], dict[tuple[Value, ...], None]] = {}
        self.params: dict[Param, Value] = {}
        self.consumed: set[AnySite] = set()
        #: Parameters that are consumed, or read as data, whatever they are: known at the end of collecting.
        self.tensor_params: dict[Param, None] = {}
        self.data_params: dict[Param, None] = {}
        #: What is asked of tensors that were read out of a container, and calls that are also made of others.
        self.readings: dict[AnySite, dict[Reading, None]] = {}
        self.direct_readings: set[tuple[int, int | None]] = set()
        #: What is put into containers, and whether that is while tracing: by container, module, node.
        self.stores: dict[tuple[AnySite, int, int], tuple[Value, bool]] = {}
        #: Where another model is loaded in each iteration, and what is made of one there.
        self.fresh_loads: set[AnySite] = set()
        #: Functions called within a loop of their caller.
        self.looped: set[tuple[int, int]] = set()
        #: What calls call, by module and node, in the functions that the second phase has run.
        self.records: dict[tuple[int, int], CallRecord] = {}
        #: Who calls a function, and the loops of the caller around the call.
        self.edges: dict[tuple[int, int], dict[tuple[tuple[int, int], int], tuple[Loop, ...]]] = {}
        #: What an object of a library calls for each event, and the attribute that it is bound to.
        self.registered: dict[tuple[int, int], str] = {}
        #: Every loop that has been entered.
        self.loops: dict[CreationSite, Loop] = {}
        self.statements = 0
        self.limit = MAX_STATEMENTS
        self._releasing: dict[tuple[int, int], bool] = {}
        self._members: dict[tuple[str, str], Value] = {}

    # Roots

    def collect(self) -> list[tuple[int, int]]:
        """Run the first phase; return the functions that the second one has to look at."""
        everything = self.project.to_run()
        # What objects and modules hold from the start is known before it is read.
        first = [key for key in everything if key[1] == 0 or self.project.function(*key).name == "__init__"]
        for key in everything:
            self._register_defaults(*key)
        for key in (*first, *everything):
            self.visit(*key)
        wanted = [key for key, visited in sorted(self.visited.items()) if visited.interest.repeats]
        self.root_summaries, self.class_bodies, self._releasing = {}, {}, {}
        self.collecting = False
        self.project.forget_exports()
        # def finish(losses): return tf.stack(losses)  # nothing grows here, so that it is not run again
        for param in self.tensor_params:
            self.consume(self.param(param))
        for param in self.data_params:
            self.read_as_data(self.param(param))
        return wanted

    def root(self, module: int, function: int) -> Frame:
        """Analyse a function with parameters of which only the project's calls are known."""
        key = (module, function)
        known = self.roots.get(key)
        if known is not None:
            return known
        frame = self.roots[key] = self._fresh(module, function)
        self._run(frame)
        return frame

    def _register_defaults(self, module: int, function: int) -> None:
        """Note what a framework calls for a parameter: def predict(x, model=Depends(get_model))."""
        facts = self.project.function(module, function)
        scope = (module, facts.parent or 0)
        for made in (param.default for param in facts.params):
            if not isinstance(made, f.Call) or not made.args:
                continue
            called = self.project.static(*scope, made.func)
            if not any(
                isinstance(atom, Api)
                and self.knowledge.call(atom.name).effect is Effect.ANSWERS_WITH_ARGUMENT
                for atom in called
            ):
                continue
            for given in self.project.static(*scope, made.args[0]):
                if isinstance(given, Func):
                    self.registered.setdefault((given.module, given.function), text(made.func))

    def visit(self, module: int, function: int) -> Visited:
        """Run a function for the first phase; all that is kept of it is what is read again."""
        key = (module, function)
        known = self.visited.get(key)
        if known is not None:
            return known
        frame = self._fresh(module, function)
        result = self.visited[key] = Visited(frame.all_bindings)
        self._run(frame)
        result.interest = frame.interest
        return result

    def _fresh(self, module: int, function: int) -> Frame:
        facts = self.project.function(module, function)
        frame = Frame(self, module, function, self.receiver(module, function), is_root=True)
        frame.base = len(self.active)
        for index, param in enumerate(facts.params):
            if index == 0 and frame.receiver is not None:
                frame.env[param.name] = (frame.receiver,)
            elif param.kind in {"args", "kwargs"}:
                frame.env[param.name] = UNKNOWN
            else:
                frame.env[param.name] = (Param(module, function, index),)
        return frame

    def _run(self, frame: Frame) -> None:
        facts, key = frame.facts, (frame.module, frame.function)
        spent, self.statements = self.statements, 0
        limit, self.limit = self.limit, MAX_STATEMENTS + 8 * facts.size
        depth = len(self.active)
        self.push(frame)
        try:
            self.root_summaries[key] = frame.run()
        except OutOfBudgetError:
            self._give_up(frame)
        except Exception as error:  # noqa: BLE001 -- a mistake of ours in one function must not cost the others
            self._give_up(frame)
            self.project.failures.append((frame.module, facts.node, f"{type(error).__name__}: {error}"))
        finally:
            while len(self.active) > depth:
                self.pop()
            self.statements, self.limit = spent, limit

    def push(self, frame: Frame) -> None:
        """Enter a frame."""
        self.active.append(frame)
        self.live_frames.setdefault((frame.module, frame.function), []).append(frame)

    def pop(self) -> None:
        """Leave the innermost frame."""
        frame = self.active.pop()
        self.live_frames[frame.module, frame.function].pop()

    def live_frame(self, module: int, function: int) -> Frame | None:
        """Return the innermost running frame of a function."""
        frames = self.live_frames.get((module, function))
        return frames[-1] if frames else None

    def is_fresh_load(self, origin: AnySite | None) -> bool:
        """Whether a model is one that the iteration at hand has loaded: another one each time."""
        if origin not in self.fresh_loads or not isinstance(origin, CreationSite):
            return False
        frame = self.live_frame(origin.module, origin.function)
        return frame is not None and frame.alloc.get(origin.node) == tuple(frame.loops)

    def bound(self, module: int, function: int, name: str) -> Value:
        """Return everything that a function gives to a name of its own."""
        if self.collecting:
            self.visit(module, function)
        known = self.visited[module, function].all_bindings.get(name, ())
        if known or not function:
            return known
        # def trainer(net): def step(x): outs.append(net(x)) ...; return step
        for index, param in enumerate(self.project.function(module, function).params):
            if param.name == name and param.kind not in {"args", "kwargs"}:
                return (Param(module, function, index),)
        return ()

    def _give_up(self, frame: Frame) -> None:
        self.root_summaries[frame.module, frame.function] = Summary(UNKNOWN)
        frame.growths.clear()
        frame.rebuilds.clear()
        frame.cleared_rebuilds.clear()

    def receiver(self, module: int, function: int) -> Atom | None:
        """Return what the first parameter of a method stands for, or None for a plain function."""
        facts = self.project.function(module, function)
        if facts.owner is None or facts.is_lambda or not facts.params:
            return None
        decorators = self.project.decorators(module, function)
        if "builtins.staticmethod" in decorators:
            return None
        if "builtins.classmethod" in decorators or facts.name in {"__new__", "__init_subclass__"}:
            return Class(module, facts.owner)
        return Instance(module, facts.owner, self.self_site(module, facts.owner))

    @staticmethod
    def self_site(module: int, index: int) -> SelfSite:
        """Return the site that stands for wherever `self` was created."""
        return SelfSite(module, index)

    def holds_tensor(self, module: int, function: int, name: str) -> bool:
        """Whether a name of a function is ever bound to a live tensor."""
        value = self.bound(module, function, name)
        for index, param in enumerate(self.project.function(module, function).params):
            if param.name == name:
                value = join(value, self.param(Param(module, function, index)))
        return any(isinstance(atom, Tensor) for atom in self.force(value))

    def spend(self) -> None:
        """Count a statement; raises OutOfBudgetError when a root has run too many."""
        self.statements += 1
        if self.statements > self.limit:
            raise OutOfBudgetError

    def assigned(self, module: int, name: str) -> Value:
        """Return every value that the top level of a module, or a `global` statement, gives to a name."""
        result = self.bound(module, 0, name)
        for function in self.project.modules[module].functions:
            if name in function.globals:
                result = join(result, self.bound(module, function.index, name))
        return result or UNKNOWN

    # Calls

    def called(self, function: tuple[int, int], node: int) -> CallRecord | None:
        """Return what the call at a node of a function calls; None where it has never been reached."""
        if self.collecting:
            return None
        self.root(*function)
        return self.records.get((function[0], node))

    # What a survey wants to know of; see `survey`.

    def dry(self, module: int) -> int:  # noqa: ARG002 -- a survey asks
        """Return 1 where loops run once in the functions of a module."""
        return int(self.collecting)

    def note_creation(self, frame: Frame) -> None:
        """Take note that a model is created."""

    def note_unknown(self, frame: Frame, method: str = "", *, repeated: bool = False) -> None:
        """Take note of a call of something unknown, or of a method of something unknown."""

    def note_growth(
        self,
        frame: Frame,
        container: Container | None,
        value: Value,
        *,
        eager: bool = False,
        spread: bool = False,
    ) -> None:
        """Take note that a value is put into a container; None: into what may be one."""

    def note_attribute(self, frame: Frame, value: Value) -> None:
        """Take note of what is bound to an attribute of an object."""

    def note_call(self, frame: Frame, node: int, func: Value, args: list[Value]) -> None:
        """Remember what a call calls and passes."""
        if not self.collecting:
            self.records.setdefault((frame.module, node), CallRecord()).add(func, args)

    def value(self, function: tuple[int, int], expression: f.Expr) -> Value:
        """Return what an expression may stand for in a function, wherever it stands."""
        frame = self._fresh(*function)
        for name, value in self.root(*function).all_bindings.items():
            frame.env[name] = join(frame.env.get(name, ()), value)
        frame.dry = 1
        self.push(frame)
        try:
            return self.force(frame.eval(expression))
        except OutOfBudgetError:
            return UNKNOWN
        finally:
            self.pop()

    def call(
        self,
        func: Func,
        args: list[Value],
        keywords: dict[str, Value],
        frame: Frame,
        node: int,
        *,
        spread: bool,
    ) -> Summary:
        """Return the summary of calling `func` at `node`; `spread` when `*args` or `**kwargs` are passed."""
        key = (func.module, func.function)
        edges = self.edges.setdefault(key, {})
        edges[(frame.module, frame.function), node] = tuple(frame.loops)
        values = self.bind(func, args, keywords, spread=spread)
        if frame.loops:
            self.looped.add(key)
        if self.collecting:
            self.note_arguments(key, values)
            if key not in self.visited and len(self.active) > MAX_NESTING:
                return Summary(UNKNOWN)
            callee = self.visit(*key)
            if callee.interest.makes:
                frame.note_making()
            if callee.interest.grows:
                frame.note_growing(repeated=callee.interest.grows_again)
            summary = self.root_summaries.get(key)
            if summary is None:
                return Summary(UNKNOWN)
            returns = self.substitute(summary.returns, key, values)
            return replace(summary, returns=returns)
        if any((active.module, active.function) == key for active in self.active[frame.base :]):
            return Summary(UNKNOWN)
        receiver = func.receiver
        context = (key, receiver, tuple(values), frame.traced)
        known = self.contexts.get(context)
        if known is not None:
            return known
        count = self.context_counts.get(key, 0)
        if count >= MAX_CONTEXTS or len(self.active) - frame.base >= MAX_DEPTH:
            self.root(*key)
            return self.root_summaries.get(key, Summary(UNKNOWN))
        self.context_counts[key] = count + 1
        facts = self.project.function(*key)
        inner = Frame(self, func.module, func.function, receiver, is_root=False)
        inner.base = frame.base
        inner.traced = inner.traced or frame.traced
        for param, value in zip(facts.params, values, strict=True):
            inner.env[param.name] = value
        self.push(inner)
        try:
            summary = inner.run()
        finally:
            self.pop()
        self.contexts[context] = summary
        return summary

    def note_arguments(self, key: tuple[int, int], values: list[Value]) -> None:
        """Remember what a call passes; the same values only once."""
        self.arguments.setdefault(key, {})[tuple(values)] = None

    def substitute(self, value: Value, key: tuple[int, int], values: list[Value]) -> Value:
        """Return `value` with the parameters of function `key` replaced by what a call passes."""
        if not any(isinstance(atom, Param | Tuple) for atom in value):
            return value
        result: Value = ()
        for atom in value:
            if isinstance(atom, Param) and (atom.module, atom.function) == key:
                result = join(result, values[atom.index])
            elif isinstance(atom, Tuple):
                result = join(
                    result, (Tuple(tuple(self.substitute(item, key, values) for item in atom.items)),)
                )
            else:
                result = join(result, (atom,))
        return result

    def bind(self, func: Func, args: list[Value], keywords: dict[str, Value], *, spread: bool) -> list[Value]:
        """Return one value for each parameter of `func`."""
        facts = self.project.function(func.module, func.function)
        given = [*func.partial, *args]
        params = facts.params
        values: list[Value | None] = [None] * len(params)
        start = 0
        if facts.owner is not None and params and not facts.is_lambda and func.receiver is not None:
            values[0] = (func.receiver,)
            start = 1
        positions = [i for i in range(start, len(params)) if params[i].kind == "positional"]
        for position, value in zip(positions, given, strict=False):
            values[position] = value
        rest = given[len(positions) :]
        for index, param in enumerate(params):
            if values[index] is not None:
                continue
            if param.kind == "args":
                values[index] = self._rest(rest)
            elif param.kind == "kwargs":
                values[index] = UNKNOWN
            elif param.name in keywords:
                values[index] = keywords[param.name]
            elif param.default is not None and not spread:
                values[index] = self.default(func.module, facts, param.default)
            else:
                values[index] = UNKNOWN
        return [simplify(value or UNKNOWN) for value in values]

    @staticmethod
    def _rest(values: list[Value]) -> Value:
        return (Tuple(tuple(values)),) if values else UNKNOWN

    def default(self, module: int, facts: f.FunctionFacts, expr: f.Expr) -> Value:
        """Return the value of a parameter's default."""
        if isinstance(expr, f.Literal):
            return (Const(type(expr.value).__name__, expr.value),)
        if isinstance(expr, f.Name | f.Attribute):
            return self.project.static(module, facts.parent or 0, expr) or UNKNOWN
        if isinstance(expr, f.Display | f.DictDisplay):
            # `def f(history=[])`: one list for all calls.
            site = CreationSite(module, 0, expr.node)
            kind = expr.kind if isinstance(expr, f.Display) else "dict"
            self.contents.setdefault(site, Contents())
            return (Container(site, kind, site),)
        return UNKNOWN

    def memoised(self, module: int, function: int) -> bool:
        """Whether a decorator keeps what the function returned."""
        return any(
            self.knowledge.call(name).effect is Effect.MEMOISES
            for name in self.project.decorators(module, function)
        )

    def is_traced(self, module: int, function: int) -> bool:
        """Whether a decorator makes a `tf.function` of the function."""
        return any(
            self.knowledge.call(name).effect is Effect.TRACES
            for name in self.project.decorators(module, function)
        )

    def own_row(self, func: Func) -> Row | None:
        """Return what the project's configuration, or a rule pack, says of a function; None for nothing."""
        if not self.knowledge.has_own_rows:
            return None
        return self.knowledge.own_row(self.project.dotted(func.module, func.function))

    def decorated_with_release(self, func: Func) -> bool:
        """Whether a decorator of the project wraps the function in something that releases models."""
        key = (func.module, func.function)
        if not self.project.function(*key).decorators:
            return False
        known = self._releasing.get(key)
        if known is not None:
            return known
        self._releasing[key] = False
        facts = self.project.function(*key)
        for expr in facts.decorators:
            for atom in self.project.static(func.module, facts.parent or 0, expr):
                if isinstance(atom, Func):
                    for inner in self.project.modules[atom.module].functions:
                        if inner.parent == atom.function:
                            (self.visit if self.collecting else self.root)(atom.module, inner.index)
                            summary = self.root_summaries.get((atom.module, inner.index))
                            if summary is not None and summary.releases:
                                self._releasing[key] = True
        return self._releasing[key]

    def is_fit_step(self, module: int, function: int) -> bool:
        """Whether `fit()` traces the function: train_step and its like of a model, called by nobody else."""
        facts = self.project.function(module, function)
        return (
            facts.owner is not None
            and facts.name in self.knowledge.says(Words.TRACED_STEPS)
            and "model" in self.project.traits(module, facts.owner)
            and not self.project.callers(module, function)
        )

    def read_as_data(self, value: Value) -> None:
        """Note that the containers in `value` are handed to something that wants plain data."""
        if self.collecting:
            self.data_params.update(dict.fromkeys(params_in(value)))
        stack = [atom.site for atom in containers(self.force(value))]
        while stack:
            contents = self.content(stack.pop())
            if not contents.read_as_data:
                contents.read_as_data = True
                stack.extend(contents.sources)

    def param(self, param: Param) -> Value:
        """Return what the project's calls pass for a parameter, and its default where they pass nothing."""
        known = self.params.get(param)
        if known is not None:
            return known
        result: Value = ()
        seen = {param: None}
        queue = [param]
        while queue:
            item = queue.pop(0)
            key = (item.module, item.function)
            calls = self.arguments.get(key, ())
            for values in calls:
                for atom in values[item.index]:
                    if not isinstance(atom, Param):
                        result = join(result, (atom,))
                    elif atom not in seen:
                        seen[atom] = None
                        queue.append(atom)
            if not calls:
                facts = self.project.function(*key)
                default = facts.params[item.index].default
                result = join(result, UNKNOWN)
                if default is not None:
                    result = join(result, self.default(item.module, facts, default))
        result = result or UNKNOWN
        # def score(model, image): ... model.get_layer(name) ...
        result = self.params[param] = self.project.evidence.passed(result, seen)
        return result

    def force(self, value: Value) -> Value:
        """Return `value` with parameters replaced by what they stand for; unknown while that is collected."""
        for atom in value:
            if type(atom) is Param:
                break
        else:
            return value
        result: Value = ()
        for atom in value:
            if not isinstance(atom, Param):
                result = join(result, (atom,))
            else:
                result = join(result, UNKNOWN if self.collecting else self.param(atom))
        return result

    # Attributes and containers

    def member(self, atom: Api, name: str) -> Value:
        """Return what an external name has under a name: the same object each time."""
        key = (atom.name, name)
        known = self._members.get(key)
        if known is None:
            known = self._members[key] = (Api(canonical(f"{atom.name}.{name}")),)
        return known

    def attribute(self, instance: Instance, name: str) -> Value:
        """Return what `self.name = ...` gives, anywhere in the class, its bases and its subclasses' bases."""
        mro = self.project.mro(instance.module, instance.index)
        result: Value = ()
        for module, index in mro:
            held = self.attributes.get((module, index, name), ())
            if (module, index) != mro[0] and self.project.has_siblings(module, index):
                held = self._inherited(held, *mro[0])
            result = join(result, held)
            result = join(result, self.class_attribute(module, index, name))
        return owned_by(result, instance.origin) if instance.origin is not None else result

    def _inherited(self, value: Value, module: int, index: int) -> Value:
        """Return what a base class puts into an attribute, its containers told apart by subclass.

        self.rates = [] in Base: what First appends to its own is not in Second's.
        """
        result: list[Atom] = []
        for atom in value:
            if isinstance(atom, Container):
                site = Inherited(atom.site, module, index)
                contents = self.content(site)
                contents.sources = (atom.site,)
                contents.born_empty = self.content(atom.site).born_empty
                result.append(replace(atom, site=site))
            else:
                result.append(atom)
        return tuple(result)

    def class_attribute(self, module: int, index: int, name: str) -> Value:
        """Return what the body of a class gives to a name."""
        key = (module, index)
        if key not in self.class_bodies:
            self.class_bodies[key] = {}
            self.class_bodies[key] = self._run_class_body(module, index)
        return self.class_bodies[key].get(name, ())

    def _run_class_body(self, module: int, index: int) -> dict[str, Value]:
        klass = self.project.klass(module, index)
        frame = Frame(self, module, klass.parent, None, is_root=False)
        frame.base = len(self.active)
        # A class body sees its own names; methods among them are plain functions here.
        frame.env = {name: (Func(module, function),) for name, function in klass.methods.items()}
        spent, self.statements = self.statements, 0
        self.push(frame)
        try:
            frame.block([item for item in klass.body if isinstance(item, f.Assign | f.AugAssign)])
        except OutOfBudgetError:
            return {}
        finally:
            self.pop()
            self.statements = spent
        # Functions are found as methods.
        return {name: value for name, value in frame.all_bindings.items() if name not in klass.methods}

    def store_function_attribute(self, func: Func, name: str, value: Value) -> None:
        """Remember `function.name = value`."""
        key = (func.module, func.function, name)
        self.function_attributes[key] = join(self.function_attributes.get(key, ()), value)

    def function_attribute(self, func: Func, name: str) -> Value:
        """Return what the function that defines `func` stores in an attribute of it."""
        parent = self.project.function(func.module, func.function).parent
        if parent is not None and self.collecting:
            self.visit(func.module, parent)
        return self.function_attributes.get((func.module, func.function, name), ())

    def store_attribute(self, module: int, index: int, name: str, value: Value) -> None:
        """Remember that a method binds an attribute of self."""
        key = (module, index, name)
        self.attributes[key] = join(self.attributes.get(key, ()), value)

    def lend(self, module: int, name: str, owner: str, value: Value) -> None:
        """Remember what an attribute, or `[key]`, of an object that is not of the project is bound to.

        owner: the last name of what stands before it: `state` of `app.state.model`.
        """
        if self.collecting and owner:
            self._lent.setdefault(name, []).append((module, owner, value))

    @property
    def lent_names(self) -> Collection[str]:
        """Return the names of attributes, and `[key]`, that the project binds of objects of others."""
        return self._lent.keys()

    def lent(self, module: int, name: str, owner: str) -> Value:
        """Return the model that connected modules put there, and nothing else but None; else nothing."""
        found: Value = ()
        for other, theirs, value in self._lent.get(name, ()):
            # app.model = load(); current_app.model.predict(x)
            same = owner.startswith(theirs) or owner.endswith(theirs) or theirs.endswith(owner)
            if not same or self.project.component(other) != self.project.component(module):
                continue
            for atom in self.force(value):
                if isinstance(atom, Const) and atom.value is None:
                    continue
                model = isinstance(atom, Object) and atom.kind is Kind.MODEL
                if isinstance(atom, Instance):
                    model = "model" in self.project.traits(atom.module, atom.index)
                if not model:
                    return ()
                found = MODEL
        return found

    def content(self, site: AnySite) -> Contents:
        """Return the contents of the container made at `site`."""
        known = self.contents.get(site)
        if known is None:
            known = self.contents[site] = Contents()
        return known

    def elements(self, container: Container, key: object = None) -> Value:
        """Return what is read from the container (at a constant key, if given): it lives as that does."""
        return read_from(owned_by(self.held(container, key), container.life), container.site)

    def held(self, container: Container, key: object = None) -> Value:
        """Return what was put into the container, as it was made."""
        result: Value = ()
        seen: set[AnySite] = set()
        stack = [container.site]
        while stack:
            site = stack.pop()
            if site in seen:
                continue
            seen.add(site)
            contents = self.content(site)
            if key is not None and key in contents.keyed:
                result = join(result, contents.keyed[key], MAX_HELD)
            elif key is None:
                for value in contents.keyed.values():
                    result = join(result, value, MAX_HELD)
            result = join(result, contents.anything, MAX_HELD)
            if not contents.pairs:
                stack.extend(contents.sources)
        return result

    def note_store(self, site: AnySite, module: int, node: int, value: Value, *, in_graph: bool) -> None:
        """Note what is put into the container made at `site`, by whatever calls lead there."""
        if self.collecting:
            return
        key = (site, module, node)
        known, traced = self.stores.get(key, ((), False))
        self.stores[key] = (join(known, self.force(value)), traced or in_graph)

    def asked_of_tensors(self, module: int, node: int) -> bool:
        """Whether a call is known to ask a tensor for something."""
        return (module, node) in self.direct_readings or any(
            (key.module, key.node) == (module, node)
            for readings in self.readings.values()
            for key in readings
        )

    def note_passing(self, value: Value, module: int, name: str) -> None:
        """Note that tensors are passed to something that only tensors can be passed to."""
        for atom in value:
            if isinstance(atom, Tensor):
                self.note_reading(atom, module, None, name)

    def note_number(self, tensor: Tensor) -> None:
        """Note that a number is read that was computed from an element of a container: eager code."""
        stack = [] if tensor.reduces is None else [tensor.reduces]
        while stack:
            contents = self.content(stack.pop())
            if not contents.reduced:
                contents.reduced = True
                # for step, state in states.items(): ...
                stack.extend(contents.sources)

    def note_reading(self, tensor: Tensor, module: int, node: int | None, name: str) -> None:
        """Note a method or an attribute that is asked of a tensor."""
        if tensor.via is None:
            self.direct_readings.add((module, node))
        else:
            self.readings.setdefault(tensor.via, {})[Reading(module, node, name)] = None

    def consume(self, value: Value) -> None:
        """Note that the containers in `value` are used as tensors: stacked, summed, differentiated."""
        if self.collecting:
            self.tensor_params.update(dict.fromkeys(params_in(value)))
        stack = [atom.site for atom in containers(self.force(value))]
        while stack:
            site = stack.pop()
            if site in self.consumed:
                continue
            self.consumed.add(site)
            contents = self.content(site)
            stack.extend(contents.sources)
            # tf.stack([a, b]) does not consume what a and b are made from, but nested lists it does, and
            # Dataset.from_tensor_slices({"image": images}) the lists in a dict.
            for held in (contents.anything, *contents.keyed.values()):
                stack.extend(atom.site for atom in containers(held))
