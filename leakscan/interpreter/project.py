"""The linker: facts of modules, what names mean, what came of the analysis; long, as all is one table."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from leakscan.facts import model as f
from leakscan.facts.names import StoredNames
from leakscan.interpreter.bodies import Bodies
from leakscan.interpreter.called import CalledNames
from leakscan.interpreter.evidence import Evidence
from leakscan.interpreter.reach import Reach, is_started_itself
from leakscan.interpreter.symbols import Binding, Symbols, collect_symbols, without_wrapped
from leakscan.interpreter.values import (
    UNKNOWN,
    Api,
    Class,
    Func,
    Module,
    Value,
    join,
)
from leakscan.knowledge import Knowledge, Words
from leakscan.knowledge.spelling import canonical, star_import

if TYPE_CHECKING:
    from leakscan.interpreter.rebuilds import Rebuild
    from leakscan.interpreter.retentions import Retention
    from leakscan.modules import ModuleIndex

_FRAMEWORK = re.compile(r"/(tensorflow/(python|contrib|core|compiler|lite|dtensor)|(tf_)?keras/src)/")


class Project:
    """Modules that may import each other, what their names mean, and what running them does."""

    def __init__(
        self, modules: Mapping[str, f.ModuleFacts], index: ModuleIndex, knowledge: Knowledge
    ) -> None:
        # The engine sees the project that owns it: inside the interpreter, circles are allowed.
        from leakscan.interpreter.engine import Engine

        self.knowledge = knowledge
        self.modules: Sequence[f.ModuleFacts] = list(modules.values())
        #: Where the files of the modules lie, as absolute posix paths.
        self.paths = list(modules)
        self.index = index
        self.stored_names = StoredNames()
        self.bodies = Bodies(self.modules)
        self._subclasses: dict[tuple[int, int], int] | None = None
        self._locals: dict[int, dict[tuple[int, str], int]] = {}
        self._imports: dict[tuple[int, int], tuple[f.Import, ...]] = {}
        self.called = CalledNames(self)
        self.evidence = Evidence(self)
        #: By function and node, or None for all of it: the loop there, and the functions that it may run.
        self.reached: dict[
            tuple[tuple[int, int], int | None],
            tuple[f.For | f.While | f.Comprehension | None, list[tuple[int, int]]],
        ] = {}
        self.by_path = {path: number for number, path in enumerate(self.paths)}
        self._symbols: dict[int, Symbols] = {}
        self._exports: dict[tuple[int, str], Value] = {}
        self._decorators: dict[tuple[int, int], tuple[str, ...]] = {}
        self._in_progress: set[tuple[int, str]] = set()
        self._kinds: dict[tuple[int, int], frozenset[str]] = {}
        self._mro: dict[tuple[int, int], tuple[tuple[int, int], ...]] = {}
        self._callers: dict[str, list[tuple[int, int]]] | None = None
        self._stores: dict[str, list[tuple[int, int]]] | None = None
        self._methods: dict[tuple[int, str], list[tuple[int, int]]] | None = None
        self._component_of: list[int] | None = None
        self._method_names: frozenset[str] | None = None
        #: What runs the functions: names that are assigned mean what running the module gives them.
        self.engine = Engine(self)
        #: Functions whose analysis failed: module, node, reason. They give no findings.
        self.failures: list[tuple[int, int, str]] = []
        self._results: tuple[list[Rebuild], list[Retention]] | None = None
        self._reach: Reach | None = None

    def analysed(self) -> tuple[list[Rebuild], list[Retention]]:
        """Return what comes again and what stays in each iteration; worked out when it is first asked for."""
        if self._results is None:
            from leakscan.interpreter.lifetimes import analyse

            self._results = analyse(self)
        return self._results

    def need_all(self) -> None:
        """Say that an answer rests on all modules: here they are known; see `survey`."""

    def asked(self) -> list[tuple[int, int]]:
        """Return the functions in which rules look for something, once they have been analysed: all."""
        self.analysed()
        return self.to_run()

    def known(self) -> Iterator[tuple[int, f.ModuleFacts]]:
        """Yield the modules that may matter, with their numbers: all."""
        return iter(enumerate(self.modules))

    def to_run(self) -> list[tuple[int, int]]:
        """Return the functions that are run for themselves, in the order of the code: all."""
        return [(module, function.index) for module, facts in self.known() for function in facts.functions]

    def with_uses(self, found: Retention) -> Retention:
        """Return a retention with its leaves, reads and others: what a fix needs, and a finding does not."""
        from leakscan.interpreter.lifetimes import look_at_readers, modules_of
        from leakscan.interpreter.retentions import with_uses

        look_at_readers(self.engine, self.analysed()[1], self._imports_reach().of(modules_of(found)))
        return with_uses(self.engine, found)

    def are_one_program(self, first: int, others: Iterable[int]) -> bool:
        """Whether code of one module may run code of the others in one process, as far as imports tell."""
        known = {module for module in others if module != first and is_started_itself(self.paths[module])}
        return not known or self._imports_reach().are_one_program(first, known)

    def _imports_reach(self) -> Reach:
        if self._reach is None:
            self._reach = Reach(self)
        return self._reach

    def function(self, module: int, function: int) -> f.FunctionFacts:
        """Return the facts of a function."""
        return self.modules[module].functions[function]

    def klass(self, module: int, index: int) -> f.ClassFacts:
        """Return the facts of a class."""
        return self.modules[module].classes[index]

    def is_framework(self, module: int) -> bool:
        """Whether a module is TensorFlow's or Keras's own source."""
        return bool(_FRAMEWORK.search(self.paths[module]))

    def describe(self, module: int, function: int) -> str:
        """Return the name of a function as messages show it: `build_model()`, `Trainer.fit()`, `lambda`."""
        facts = self.function(module, function)
        if facts.is_lambda:
            return "lambda"
        if facts.owner is not None:
            owner = self.klass(module, facts.owner).name
            return f"{owner}()" if facts.name == "__init__" else f"{owner}.{facts.name}()"
        return "the module" if function == 0 else f"{facts.name}()"

    def dotted(self, module: int, function: int) -> str:
        """Return the name of a function from the root of the project: `src.models.build`."""
        path = self.paths[module].removesuffix(".py").removesuffix("/__init__")
        inner = self.describe(module, function).removesuffix("()")
        return f"{path.removeprefix(self.index.root).strip('/').replace('/', '.')}.{inner}"

    # Names

    def symbols(self, module: int) -> Symbols:
        """Return what the top level of `module` binds."""
        result = self._symbols.get(module)
        if result is None:
            result = self._symbols[module] = collect_symbols(self.modules[module].functions[0].body)
            for klass in self.modules[module].classes:
                if klass.parent == 0:
                    result.bindings.setdefault(klass.name, []).append(Binding("class", klass.index))
            for function in self.modules[module].functions:
                if (
                    function.parent == 0
                    and function.owner is None
                    and not function.is_lambda
                    and function.index
                ):
                    result.bindings.setdefault(function.name, []).append(Binding("def", function.index))
        return result

    def export(self, module: int, name: str) -> Value:
        """Return what `name` means at the top level of `module`; empty if nothing binds it there."""
        key = (module, name)
        known = self._exports.get(key)
        if known is not None:
            return known
        if key in self._in_progress:
            return ()
        self._in_progress.add(key)
        result = self._export(module, name)
        self._in_progress.discard(key)
        self._exports[key] = result
        return result

    def forget_exports(self) -> None:
        """Drop what names were found to mean: more is known by now of what modules assign."""
        self._exports.clear()
        self._decorators.clear()

    def _export(self, module: int, name: str) -> Value:
        symbols = self.symbols(module)
        result: Value = ()
        plain = False
        for binding in symbols.bindings.get(name, ()):
            if binding.kind == "def":
                result = join(result, (Func(module, binding.index),))
            elif binding.kind == "class":
                result = join(result, (Class(module, binding.index),))
            elif binding.imported is not None:
                result = join(result, self.imported(module, binding.imported))
            else:
                plain = True
        if plain:
            result = join(result, self.engine.assigned(module, name))
            result = without_wrapped(result, module, self.modules[module].functions[0].body, name)
        if result:
            return result
        for star in symbols.stars:
            result = join(result, self._from_star(module, star, name))
        if result:
            return result
        path = self.paths[module]
        if path.endswith("/__init__.py"):
            submodule = self.index.resolve(path, name, 1)
            if submodule in self.by_path and submodule != path:
                return (Module(self.by_path[submodule]),)
        return ()

    def _from_star(self, module: int, star: f.ImportStar, name: str) -> Value:
        target = self.target(module, star.module, star.level)
        if target is not None:
            return () if name.startswith("_") else self.export(target, name)
        api = star_import(star.module, name) if star.level == 0 else None
        return () if api is None else (Api(canonical(api)),)

    def target(self, module: int, name: str, level: int) -> int | None:
        """Return the module that the name in an import means; None for one outside the project."""
        if level == 0 and name.partition(".")[0] in self.knowledge.packages:
            return None
        path = self.index.resolve(self.paths[module], name, level)
        return None if path is None else self.by_path.get(path)

    def imported(self, module: int, statement: f.Import) -> Value:
        """Return what an import binds: a module of the project, something in it, or an external name."""
        target = self.target(module, statement.module, statement.level)
        if statement.attr is None:
            if target is not None:
                return (Module(target),)
            return (Api(canonical(statement.module)),)
        if target is not None:
            result = self.export(target, statement.attr)
            if result:
                return result
        dotted = f"{statement.module}.{statement.attr}" if statement.module else statement.attr
        submodule = self.target(module, dotted, statement.level)
        if submodule is not None:
            return (Module(submodule),)
        if statement.level or target is not None:
            return UNKNOWN
        return (Api(canonical(dotted)),)

    # Classes

    def mro(self, module: int, index: int) -> tuple[tuple[int, int], ...]:
        """Return the class and its project bases, depth first."""
        key = (module, index)
        known = self._mro.get(key)
        if known is not None:
            return known
        self._mro[key] = (key,)
        order: dict[tuple[int, int], None] = {key: None}
        for atom in self._bases(module, index):
            if isinstance(atom, Class):
                order.update(dict.fromkeys(self.mro(atom.module, atom.index)))
        result = self._mro[key] = tuple(order)
        return result

    def _bases(self, module: int, index: int) -> Iterator[Api | Class]:
        klass = self.klass(module, index)
        for base in klass.bases:
            for atom in self.static(module, klass.parent, base):
                if isinstance(atom, Api | Class) and atom != Class(module, index):
                    yield atom

    def static(self, module: int, function: int, expr: f.Expr) -> Value:
        """Return what a dotted name means, without running anything: for bases and decorators."""
        if isinstance(expr, f.Name):
            return self.named(module, function, expr.id)
        if isinstance(expr, f.Attribute):
            return self.member(self.static(module, function, expr.value), expr.attr)
        if isinstance(expr, f.Call):
            return self.static(module, function, expr.func)
        return ()

    def member(self, value: Value, name: str) -> Value:
        """Return what external names and modules of the project have under a name."""
        result: Value = ()
        for atom in value:
            if isinstance(atom, Api):
                result = join(result, (Api(canonical(f"{atom.name}.{name}")),))
            elif isinstance(atom, Module):
                result = join(result, self.export(atom.index, name))
        return result

    def local_names(self, module: int, function: int) -> Iterator[str]:
        """Yield the names that a function gives to classes, imports and functions of its own."""
        yield from (klass.name for klass in self.modules[module].classes if klass.parent == function)
        yield from (item.name for item in self.local_imports(module, function))
        yield from (name for scope, name in self._local_functions(module) if scope == function)

    def named(self, module: int, function: int, name: str) -> Value:
        """Return what a name means in a function, without running anything; 0 stands for the module."""
        facts = self.modules[module]
        scope: int | None = function
        while scope:
            for klass in facts.classes:
                if klass.parent == scope and klass.name == name:
                    return (Class(module, klass.index),)
            for inner in self.local_imports(module, scope):
                if inner.name == name:
                    return self.imported(module, inner)
            local = self._local_functions(module).get((scope, name))
            if local is not None:
                return (Func(module, local),)
            scope = facts.functions[scope].parent
        return self.export(module, name) or (Api(f"builtins.{name}"),)

    def local_imports(self, module: int, function: int) -> tuple[f.Import, ...]:
        """Return the imports in a function, in the order of the names that they bind."""
        known = self._imports.get((module, function))
        if known is None:
            body = self.modules[module].functions[function].body
            known = self._imports[module, function] = tuple(
                binding.imported
                for bindings in collect_symbols(body).bindings.values()
                for binding in bindings
                if binding.imported is not None
            )
        return known

    def _local_functions(self, module: int) -> dict[tuple[int, str], int]:
        """Return the functions that are defined in functions of a module, by these and by their names."""
        known = self._locals.get(module)
        if known is None:
            known = self._locals[module] = {
                (function.parent, function.name): function.index
                for function in self.modules[module].functions
                if function.parent and function.owner is None and not function.is_lambda
            }
        return known

    def local_function(self, module: int, function: int | None, name: str) -> bool:
        """Whether a function defines another one of this name."""
        return bool(function) and (function, name) in self._local_functions(module)

    def traits(self, module: int, index: int) -> frozenset[str]:
        """Return which of model, layer, callback, tuner the class is, through all its bases."""
        key = (module, index)
        known = self._kinds.get(key)
        if known is not None:
            return known
        self._kinds[key] = frozenset()
        result: set[str] = set()
        for atom in self._bases(module, index):
            if isinstance(atom, Class):
                result |= self.traits(atom.module, atom.index)
            else:
                result |= self.knowledge.traits(atom.name)
        frozen = self._kinds[key] = frozenset(result)
        return frozen

    def method(self, module: int, index: int, name: str) -> tuple[int, int] | None:
        """Return (module, function) of a method, looked up through the bases."""
        for owner_module, owner in self.mro(module, index):
            function = self.klass(owner_module, owner).methods.get(name)
            if function is not None:
                return owner_module, function
        return None

    def names_method(self, name: str) -> bool:
        """Whether a class of the modules that are known has a method of this name."""
        if self._method_names is None:
            self._method_names = frozenset(
                method for facts in self.modules for klass in facts.classes for method in klass.methods
            )
        return name in self._method_names

    def is_method(self, name: str) -> bool:
        """Whether any class of the project may have a method of this name."""
        return self.names_method(name)

    def has_siblings(self, module: int, index: int) -> bool:
        """Whether several classes of the project derive from one."""
        if self._subclasses is None:
            counts: dict[tuple[int, int], int] = {}
            for number, facts in enumerate(self.modules):
                for klass in facts.classes:
                    for base in self.mro(number, klass.index)[1:]:
                        counts[base] = counts.get(base, 0) + 1
            self._subclasses = counts
        return self._subclasses.get((module, index), 0) > 1

    def overrides(self, module: int, index: int, name: str) -> list[tuple[int, int]]:
        """Return the methods of subclasses that stand for one that does nothing in a class itself.

        def build(self): raise NotImplementedError  # a template: what runs is a subclass's
        """
        own = self.method(module, index, name)
        if own is None or not does_nothing(self.function(*own)):
            return []
        return [
            (number, function)
            for number, facts in enumerate(self.modules)
            for klass in facts.classes
            if (function := klass.methods.get(name)) is not None
            and (number, function) != own
            and (module, index) in self.mro(number, klass.index)
        ]

    def decorators(self, module: int, function: int) -> tuple[str, ...]:
        """Return the names of a function's decorators: canonical if external, bare if of the project."""
        facts = self.function(module, function)
        if not facts.decorators:
            return ()
        key = (module, function)
        known = self._decorators.get(key)
        if known is None:
            known = self._decorators[key] = self._decorator_names(module, facts)
        return known

    def _decorator_names(self, module: int, facts: f.FunctionFacts) -> tuple[str, ...]:
        names: list[str] = []
        for expr in facts.decorators:
            for atom in self.static(module, facts.parent or 0, expr):
                if isinstance(atom, Api):
                    names.append(atom.name)
                elif isinstance(atom, Func):
                    names.append(self.function(atom.module, atom.function).name)
            if isinstance(expr, f.Attribute) and expr.attr in {"setter", "getter"}:
                names.append(expr.attr)
        return tuple(names)

    def is_hook(self, module: int, function: int) -> bool:
        """Whether `fit()` calls the function once per epoch or batch: a hook of keras.callbacks.Callback."""
        facts = self.function(module, function)
        return (
            facts.owner is not None
            and facts.name in self.knowledge.says(Words.CALLBACK_HOOKS)
            and "callback" in self.traits(module, facts.owner)
        )

    # Who calls whom

    def callers(self, module: int, function: int) -> list[tuple[int, int]]:
        """Return the functions that may call this one, judged by the names in their calls."""
        if self._callers is None:
            self._callers = self._index_callers()
        facts = self.function(module, function)
        name = facts.name
        if name == "__init__" and facts.owner is not None:
            found = dict.fromkeys(self._callers.get(self.klass(module, facts.owner).name, ()))
            found.update(dict.fromkeys(self._callers.get("__init__", ())))
        else:
            found = dict.fromkeys(self._callers.get(name, ()))
        group = self.component(module)
        return [item for item in found if self.component(item[0]) == group]

    def _index_callers(self) -> dict[str, list[tuple[int, int]]]:
        aliases: dict[str, set[str]] = {}
        for module in range(len(self.modules)):
            for name, bindings in self.symbols(module).bindings.items():
                for binding in bindings:
                    imported = binding.imported
                    if imported is not None and imported.attr is not None and imported.attr != name:
                        aliases.setdefault(name, set()).add(imported.attr)
        callers: dict[str, list[tuple[int, int]]] = {}
        for number, facts in enumerate(self.modules):
            for function in facts.functions:
                names = set(function.called_names)
                for name in function.called_names:
                    names |= aliases.get(name, set())
                for name in names:
                    callers.setdefault(name, []).append((number, function.index))
        return callers

    def unique_method(self, module: int, name: str, arguments: int | None) -> tuple[int, int] | None:
        """Return the one method called `name` in the modules connected to `module`, if it takes `arguments`.

        For receivers that are not known; `arguments` is None where their number is not known either. Names
        that libraries use as well give None.
        """
        if self.is_common_method(name, arguments):
            return None
        if self._methods is None:
            self._methods = {}
            for number, facts in enumerate(self.modules):
                for klass in facts.classes:
                    for method, function in klass.methods.items():
                        key = (self.component(number), method)
                        self._methods.setdefault(key, []).append((number, function))
        return self.fitting_method(self._methods.get((self.component(module), name), ()), arguments)

    def is_common_method(self, name: str, arguments: int | None) -> bool:
        """Whether libraries have methods of this name as well, called with so many arguments."""
        return (
            name in self.knowledge.says(Words.COMMON_METHODS)
            or name.startswith("__")
            or (name == "step" and (arguments or 0) <= 1)
        )

    def fitting_method(
        self, found: Sequence[tuple[int, int]], arguments: int | None
    ) -> tuple[int, int] | None:
        """Return the one method of several if it is one and takes so many arguments."""
        if len(found) != 1:
            return None
        if arguments is None:
            return found[0]
        params = [param for param in self.function(*found[0]).params if param.kind != "kwargs"]
        required = sum(param.default is None and param.kind == "positional" for param in params) - 1
        return found[0] if required <= arguments <= len(params) - 1 else None

    def component(self, module: int) -> int:
        """Return the number of the module's group: modules that import each other, however indirectly."""
        if self._component_of is None:
            self._component_of = self._components()
        return self._component_of[module]

    def _components(self) -> list[int]:
        parent = list(range(len(self.modules)))

        def find(number: int) -> int:
            while parent[number] != number:
                parent[number] = parent[parent[number]]
                number = parent[number]
            return number

        for number in range(len(self.modules)):
            for target in self.imported_modules(number):
                parent[find(target)] = find(number)
        return [find(number) for number in range(len(self.modules))]

    def spelling(self, *words: str) -> Iterable[int]:  # noqa: ARG002 -- see `excerpt`
        """Return the modules that may spell one of several words: all."""
        return range(len(self.modules))

    def importers(self, module: int) -> list[int]:
        """Return the modules that import this one, or something of it."""
        others = (number for number in range(len(self.modules)) if number != module)
        return [number for number in others if module in self.imported_modules(number)]

    def imported_modules(self, module: int, *, below: bool = False) -> Iterator[int]:
        """Yield the modules that one imports, in its functions too, with repetition.

        below: those as well that `import package.module` may mean, which facts have as `import package`.
        """
        for function in self.modules[module].functions:
            for statement in self.local_imports(module, function.index):
                for name in (statement.module, f"{statement.module}.{statement.attr}"):
                    target = self.target(module, name, statement.level)
                    if target is not None:
                        yield target
                        if below and statement.attr is None:
                            yield from self._below(target)
        # Nowhere else may they stand.
        for star in self.symbols(module).stars:
            target = self.target(module, star.module, star.level)
            if target is not None:
                yield target

    def _below(self, package: int) -> Iterator[int]:
        path = self.paths[package]
        if path.endswith("/__init__.py"):
            directory = path.removesuffix("__init__.py")
            yield from (number for number, other in enumerate(self.paths) if other.startswith(directory))

    def resets(self, module: int, attr: str) -> list[tuple[int, int]]:
        """Return the functions that bind the attribute of an object other than self, or empty or shorten it.

        Only those of modules that are connected to `module`.
        """
        if self._stores is None:
            stores: dict[str, list[tuple[int, int]]] = {}
            for number, facts in enumerate(self.modules):
                for function in facts.functions:
                    for name in function.other_stores | function.shrinks:
                        stores.setdefault(name, []).append((number, function.index))
            self._stores = stores
        group = self.component(module)
        return [item for item in self._stores.get(attr, ()) if self.component(item[0]) == group]


def does_nothing(function: f.FunctionFacts) -> bool:
    """Whether a method is there for its name only: it raises, or its body is empty."""
    return all(
        isinstance(item, f.Jump) or (isinstance(item, f.Return) and item.value is None)
        for item in function.body
    )
