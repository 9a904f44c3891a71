"""The names that the top level of a module, or the body of a function, binds, without running anything."""

from __future__ import annotations

from leakscan.facts import model as f
from leakscan.interpreter.values import Func, Value
from leakscan.records import dataclass, field


@dataclass(frozen=True, slots=True)
class Binding:
    """What binds a name at the top level of a module or class: a def, a class, an import, or a value."""

    kind: str
    index: int = 0
    imported: f.Import | None = None


@dataclass(slots=True)
class Symbols:
    """The names that a module's top level binds, without running anything."""

    bindings: dict[str, list[Binding]] = field(default_factory=dict)
    stars: list[f.ImportStar] = field(default_factory=list)


def collect_symbols(body: list[f.Stmt]) -> Symbols:
    """Return the names that the statements of `body` bind, in the order of the code."""
    symbols = Symbols()
    stack: list[list[f.Stmt]] = [body]
    while stack:
        for statement in stack.pop(0):
            if type(statement) in _BINDING:
                _bind(statement, symbols, stack)
    return symbols


#: Statements that bind names, or hold others that do.
_BINDING = frozenset(
    {f.Assign, f.AugAssign, f.For, f.If, f.Import, f.ImportStar, f.Match, f.Try, f.While, f.With}
)


def _bind(statement: f.Stmt, symbols: Symbols, stack: list[list[f.Stmt]]) -> None:  # noqa: C901 -- one case a kind
    def add(name: str, binding: Binding) -> None:
        symbols.bindings.setdefault(name, []).append(binding)

    def add_target(target: f.Expr) -> None:
        if isinstance(target, f.Name):
            add(target.id, Binding("value"))
        elif isinstance(target, f.Display):
            for item in target.items:
                add_target(item)
        elif isinstance(target, f.Starred):
            add_target(target.value)

    if isinstance(statement, f.Assign):
        for target in statement.targets:
            add_target(target)
    elif isinstance(statement, f.Import):
        add(statement.name, Binding("import", imported=statement))
    elif isinstance(statement, f.ImportStar):
        symbols.stars.append(statement)
    elif isinstance(statement, f.If):
        stack += [statement.body, statement.orelse]
    elif isinstance(statement, f.For):
        add_target(statement.target)
        stack += [statement.body, statement.orelse]
    elif isinstance(statement, f.While):
        stack += [statement.body, statement.orelse]
    elif isinstance(statement, f.Try):
        stack += [statement.body, *statement.handlers, statement.orelse, statement.final]
    elif isinstance(statement, f.With):
        for _, name in statement.items:
            if name is not None:
                add_target(name)
        stack.append(statement.body)
    elif isinstance(statement, f.Match):
        stack += statement.cases
    elif isinstance(statement, f.AugAssign):
        add_target(statement.target)


def without_wrapped(value: Value, module: int, body: list[f.Stmt], name: str) -> Value:
    """Return what a name of a module stands for once a function that it named is wrapped under the same name.

    def resize(image): ...; resize = traced(resize)  # nobody calls the first one by its name any more
    """
    functions = [atom for atom in value if isinstance(atom, Func)]
    if len(functions) < 2 or len(functions) != len(value):  # noqa: PLR2004 -- the one and its wrapper
        return value
    defined: set[tuple[int, int]] = set()
    for statement in body:
        if isinstance(statement, f.Define):
            defined.add((module, statement.function))
        elif isinstance(statement, f.Assign) and f.Name(name) in statement.targets:
            call = statement.value
            if isinstance(call, f.Call) and f.Name(name) in call.args:
                left = [
                    atom for atom in functions if atom.traced or (atom.module, atom.function) not in defined
                ]
                return tuple(left) or value
    return value


__all__ = ["Binding", "Symbols", "collect_symbols", "without_wrapped"]
