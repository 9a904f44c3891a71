"""What is put into the program's code before it runs; a plain file beside `worker.py`, for Python 3.8 and on.

Nothing on disk is changed and nothing is imported here: files of the program are parsed, calls are put into
their syntax trees, and the import system is given the result. The names that are called stand in `builtins`:
- at the top of each iteration of a flagged loop, where iterations are counted
- around what a loop goes over, where the number of its passes is wanted
- after the imports of the main file, where the body of the program begins
- at the end of a framework's own module, where its import is over
"""

from __future__ import annotations

import ast
import importlib.machinery
import os
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import types
    from collections.abc import Iterable, Iterator, Sequence

FRAMEWORKS = ("tensorflow", "tf_keras", "keras")
_SCANNED_FILES = 200  # modules of the project that are searched for imports of a framework


# -- loops --------------------------------------------------------------------------------------------------

_LOOPS = (ast.For, ast.AsyncFor, ast.While)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
#: What goes over its first argument, element by element.
_TRANSPARENT = frozenset({"enumerate", "list", "reversed", "sorted", "tqdm", "tuple"})


def call_of(name: str, near: ast.AST, *arguments: ast.expr) -> ast.expr:
    """The call `name(*arguments)`, with the position of `near`."""
    call = ast.Call(func=ast.Name(id=name, ctx=ast.Load()), args=list(arguments), keywords=[])
    return ast.fix_missing_locations(ast.copy_location(call, near))


class LoopMarker(ast.NodeTransformer):
    """Puts the call of `name` where one iteration of `target` begins."""

    def __init__(self, target: ast.AST, name: str) -> None:
        self._target = target
        self._name = name

    def generic_visit(self, node: ast.AST) -> ast.AST:
        """Mark the target, and go on into all others."""
        if node is not self._target:
            return super().generic_visit(node)
        if isinstance(node, (ast.ListComp, ast.SetComp, ast.GeneratorExp)):
            node.elt = self._before(node.elt)
        elif isinstance(node, ast.DictComp):
            node.key = self._before(node.key)
        elif isinstance(node, ast.Lambda):
            node.body = self._before(node.body)
        else:
            self._enter(node)
        return node

    def _before(self, value: ast.expr) -> ast.expr:
        # The call gives None: `value if call() is None else None` is `value`, after the call.
        nothing = ast.copy_location(ast.Constant(value=None), value)
        test = ast.Compare(left=call_of(self._name, value), ops=[ast.Is()], comparators=[nothing])
        other = ast.copy_location(ast.Constant(value=None), value)
        return ast.fix_missing_locations(
            ast.copy_location(ast.IfExp(test=test, body=value, orelse=other), value)
        )

    def _enter(self, node: Any) -> None:
        body = node.body
        has_docstring = isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and ast.get_docstring(
            node, clean=False
        )
        place = 1 if has_docstring else 0
        near = body[min(place, len(body) - 1)]
        body.insert(place, ast.copy_location(ast.Expr(value=call_of(self._name, near)), near))


def mark_length(loop: Any, name: str) -> None:
    """Hand what `loop` goes over to `name`, which gives it back; nothing where passes don't follow from it.

    `enumerate(X)`, `tqdm(X)` and the like are looked through, and of `zip(X, Y)` every argument is handed
    over. Of `X.split(...)`, which scikit-learn's splitters have, X is handed over too, with 1, and the result
    with 2.
    """
    if isinstance(loop, ast.For):
        loop.iter = _with_length(loop.iter, name)
    elif isinstance(loop, _COMPREHENSIONS) and len(loop.generators) == 1 and not loop.generators[0].ifs:
        loop.generators[0].iter = _with_length(loop.generators[0].iter, name)


def _with_length(value: ast.expr, name: str) -> ast.expr:
    if isinstance(value, ast.Call):
        called = getattr(value.func, "attr", getattr(value.func, "id", None))
        plain = value.args and not any(isinstance(each, ast.Starred) for each in value.args)
        if plain and called in _TRANSPARENT:
            value.args[0] = _with_length(value.args[0], name)
            return value
        if plain and called == "zip" and isinstance(value.func, ast.Name):
            value.args = [_with_length(each, name) for each in value.args]
            return value
        if called == "split" and isinstance(value.func, ast.Attribute):
            value.func.value = call_of(name, value, value.func.value, ast.Constant(value=1))
            return call_of(name, value, value, ast.Constant(value=2))
    return call_of(name, value, value)


def find_loop(tree: ast.AST, line: int, column: int | None) -> ast.AST | None:
    """The loop that begins at `line` (1-based) and `column` (0-based; None for any), else None.

    Statements go before comprehensions, these before functions; the outermost goes first.
    """
    for kinds in (_LOOPS, _COMPREHENSIONS, _FUNCTIONS):
        for node in ast.walk(tree):
            if isinstance(node, kinds) and node.lineno == line and column in (None, node.col_offset):
                return node
    return None


# -- the code of a file -------------------------------------------------------------------------------------


class Marks:
    """What is to be put into one file.

    `loops` are tables with `line`, `column`, `name` of what counts, and `length` where passes are to be told.
    `ready` names what is called after each statement at `places`, `end` what is called after all of them.
    """

    def __init__(self, loops: Iterable[dict[str, Any]] = (), end: str | None = None) -> None:
        self.loops = list(loops)
        self.ready: str | None = None
        self.places: Sequence[tuple[int, int]] = ()
        self.end = end


class _Follower(ast.NodeTransformer):
    """Puts a call after statements."""

    def __init__(self, name: str, places: Iterable[tuple[int, int]]) -> None:
        self._name = name
        self._places = frozenset(places)

    def visit(self, node: ast.AST) -> Any:
        """A statement, followed by the call if it is one of those."""
        super().visit(node)
        if isinstance(node, ast.stmt) and (node.lineno, node.col_offset) in self._places:
            return [node, ast.copy_location(ast.Expr(value=call_of(self._name, node)), node)]
        return node


def compile_marked(source: bytes, path: str, marks: Marks) -> types.CodeType:
    """The code of a file with its marks. Raises LookupError for a loop that is not there."""
    tree = ast.parse(source, filename=path)
    targets = []
    for loop in marks.loops:
        target = find_loop(tree, loop["line"], loop.get("column"))
        if target is None:
            raise LookupError(f"no loop at line {loop['line']} of {os.path.relpath(path)}")
        targets.append((target, loop))
    for target, loop in targets:
        if loop.get("length"):
            mark_length(target, loop["length"])
        LoopMarker(target, loop["name"]).visit(tree)
    if marks.ready is not None:
        tree = _Follower(marks.ready, marks.places).visit(tree)
    if marks.end is not None and tree.body:
        last = tree.body[-1]
        tree.body.append(ast.copy_location(ast.Expr(value=call_of(marks.end, last)), last))
    return compile(tree, path, "exec", dont_inherit=True)


def install_marking(files: dict[str, Marks], modules: dict[str, Marks]) -> None:
    """Let imports compile the files (by real path) and modules (by full name) that have marks with them.

    Cached bytecode knows nothing of the marks, so such files are compiled from source and not cached.
    A wrapped loader would do for modules, but stand in their tracebacks.
    """
    names = {os.path.basename(path) for path in files}
    loader = importlib.machinery.SourceFileLoader
    original = loader.get_code

    def get_code(self: Any, fullname: str) -> Any:
        path = self.get_filename(fullname)
        if fullname in modules:
            return compile_marked(self.get_data(path), path, modules[fullname])
        if os.path.basename(path) in names and os.path.realpath(path) in files:
            return compile_marked(self.get_data(path), path, files[os.path.realpath(path)])
        return original(self, fullname)

    loader.get_code = get_code  # type: ignore[method-assign]


# -- what the program imports -------------------------------------------------------------------------------


class Project:
    """The modules of a program below `roots`, as far as their text tells what they import."""

    def __init__(self, roots: Sequence[str]) -> None:
        self._roots = list(roots)
        self._trees: dict[str, ast.Module | None] = {}

    def frameworks(self, paths: Iterable[str], *, at_import: bool) -> list[str]:
        """The frameworks that files import, directly or through modules of the project.

        With `at_import` only those that are imported as the files run: not in functions that they define.
        """
        found: set[str] = set()
        pending = list(paths)
        seen: set[str] = set()
        while pending and len(seen) < _SCANNED_FILES:
            path = os.path.realpath(pending.pop(0))
            tree = None if path in seen else self._tree(path)
            seen.add(path)
            if tree is not None:
                names = list(_imports(tree, at_import=at_import))
                found.update(name.partition(".")[0] for level, name in names if not level)
                pending.extend(self._files(names, path))
        return [name for name in FRAMEWORKS if name in found]

    def ready_places(self, path: str) -> list[tuple[int, int]]:
        """The statements of a file after which its imports of frameworks are over; none without any.

        The last such import counts among those that only imports, definitions and settings separate: what
        computes in between belongs to the body of the program. In an `if` or `try` with more in it, the last
        one of each branch counts.
        """
        tree = self._tree(path)
        return [] if tree is None else self._places(tree.body, path)

    def _places(self, body: list[ast.stmt], path: str) -> list[tuple[int, int]]:
        last = None
        for statement in body:
            settles = _only_prepares(statement)
            if self._imports_framework(statement, path):
                if not settles:
                    branches = [] if last is not None else _branches(statement)
                    found = [place for branch in branches for place in self._places(branch, path)]
                    if found:
                        return found
                    break
                last = statement
            elif last is not None and not settles:
                break
        return [] if last is None else [(last.lineno, last.col_offset)]

    def _imports_framework(self, statement: ast.stmt, path: str) -> bool:
        names = list(_imports(statement, at_import=True))
        if any(name.partition(".")[0] in FRAMEWORKS for level, name in names if not level):
            return True
        return bool(self.frameworks(self._files(names, path), at_import=True))

    def _files(self, names: Iterable[tuple[int, str]], path: str) -> Iterator[str]:
        for level, name in names:
            if level:
                folder = os.path.join(os.path.dirname(path), *[os.pardir] * (level - 1))
                yield from module_files(name, [folder])
            elif name.partition(".")[0] not in FRAMEWORKS:
                yield from module_files(name, [*self._roots, os.path.dirname(path)])

    def _tree(self, path: str) -> ast.Module | None:
        if path not in self._trees:
            try:
                with open(path, "rb") as file:
                    self._trees[path] = ast.parse(file.read(), filename=path)
            except (OSError, SyntaxError, ValueError, RecursionError):
                self._trees[path] = None
        return self._trees[path]


def module_files(module: str, roots: Iterable[str]) -> list[str]:
    """The files of a module and of the packages it is in, below the first of `roots` that has any of them."""
    parts = [part for part in module.split(".") if part]
    for root in roots:
        stems = [os.path.join(root, *parts[:count]) for count in range(1, len(parts) + 1)]
        candidates = [name for stem in stems for name in (os.path.join(stem, "__init__.py"), stem + ".py")]
        found = [name for name in candidates if os.path.isfile(name)]
        if found:
            return found
    return []


def _imports(tree: ast.AST, *, at_import: bool) -> Iterator[tuple[int, str]]:
    """The modules that a tree imports, with the number of leading dots; `from a import b` may mean `a.b`.

    With `at_import` only what is imported as its statements run: not in functions that they define.
    """
    pending: list[ast.AST] = [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Import):
            yield from ((0, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            if node.module:
                yield node.level, node.module
            yield from ((node.level, f"{node.module or ''}.{alias.name}".strip(".")) for alias in node.names)
        elif isinstance(node, ast.Call) and _names(node.func)[-1:] in (["import_module"], ["__import__"]):
            name = getattr(node.args[0], "value", None) if node.args else None
            if isinstance(name, str) and not name.startswith("."):
                yield 0, name
        if at_import and isinstance(node, _FUNCTIONS):
            continue
        if at_import and isinstance(node, ast.If) and _names(node.test)[-1:] == ["TYPE_CHECKING"]:
            pending.extend(node.orelse)
        else:
            pending.extend(ast.iter_child_nodes(node))


#: Calls that prepare: of these modules and functions, or with one of these names in `a.b.c(...)`.
_PREPARING_ROOTS = frozenset(
    "bool environ float getattr hasattr int isinstance len logger logging matplotlib mpl os pathlib platform "
    "plt print random str sys time warnings Path __import__".split()
)
_PREPARING_NAMES = re.compile(
    r"(set|enable|disable|use)(_\w+|[A-Z]\w*)?|seed|config|compat|get_?[lL]ogger|import_module"
)


def _only_prepares(statement: ast.stmt) -> bool:
    """Whether a statement imports, defines or sets something, rather than compute."""
    if isinstance(statement, (*_FUNCTIONS, ast.ClassDef)):
        return True
    nodes = list(ast.walk(statement))
    if any(isinstance(node, ast.While) for node in nodes):
        return False
    calls = [_names(node.func) for node in nodes if isinstance(node, ast.Call)]
    return all(
        names and (names[0] in _PREPARING_ROOTS or any(map(_PREPARING_NAMES.fullmatch, names)))
        for names in calls
    )


def _names(node: ast.AST) -> list[str]:
    """The names in `a.b.c`, and in `a(x).b[0].c`."""
    if isinstance(node, ast.Attribute):
        return [*_names(node.value), node.attr]
    if isinstance(node, ast.Call):
        return _names(node.func)
    if isinstance(node, ast.Subscript):
        return _names(node.value)
    if isinstance(node, ast.Name):
        return [node.id]
    return ["str"] if isinstance(node, ast.Constant) else []


def _branches(statement: ast.AST) -> list[list[ast.stmt]]:
    """The blocks of a statement: the body, what follows `else`, each `except`."""
    found = []
    for field in ("body", "handlers", "orelse", "finalbody"):
        block = getattr(statement, field, [])
        if field == "handlers":
            found += [handler.body for handler in block]
        elif block:
            found.append(block)
    return found
