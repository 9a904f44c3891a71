"""One `ast` tree -> the facts of the module, in one walk; long, as each kind of node has its method.

Facts and their numbers are what `from_libcst` makes of the same text: every node that has a number there has
it here, in the same order. LibCST stays the authority: `tests/test_facts.py` compares the two.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from leakscan.facts.building import Builder, operators_of_chain
from leakscan.facts.model import (
    Assign,
    AugAssign,
    Binary,
    Boolean,
    Call,
    ClassFacts,
    Compare,
    Comprehension,
    Conditional,
    Define,
    DefineClass,
    Delete,
    DictDisplay,
    Display,
    Expr,
    ExprStatement,
    For,
    FunctionFacts,
    If,
    Import,
    ImportStar,
    Jump,
    Lambda,
    Literal,
    Match,
    ModuleFacts,
    Name,
    Not,
    Opaque,
    Parameter,
    Return,
    ScopeDeclaration,
    Starred,
    Stmt,
    Subscript,
    Try,
    Walrus,
    While,
    With,
    Yield,
)

_OPERATORS: dict[type, str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
    ast.MatMult: "@",
    ast.BitOr: "|",
    ast.BitAnd: "&",
    ast.BitXor: "^",
    ast.LShift: "<<",
    ast.RShift: ">>",
}
_COMPARISONS: dict[type, str] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Is: "is",
    ast.IsNot: "is not",
    ast.In: "in",
    ast.NotIn: "not in",
}


def summarise(tree: ast.Module) -> ModuleFacts:
    """Return the facts of the module `tree`."""
    return _Walk().module(tree)


def summarise_and_locate(tree: ast.Module) -> tuple[ModuleFacts, dict[int, ast.AST]]:
    """Return what `summarise` does, and the node of each number in it."""
    nodes: dict[int, ast.AST] = {}
    return _Walk(nodes).module(tree), nodes


class _Walk(Builder[ast.AST]):
    """The walk of a tree of `ast`."""

    def module(self, tree: ast.Module) -> ModuleFacts:
        self.number(tree)
        self.function.body = self.statements(tree.body)
        return self.facts

    # Statements

    def statements(self, body: list[ast.stmt]) -> list[Stmt]:
        result: list[Stmt] = []
        self.function.size += len(body)
        for statement in body:
            handler = _STATEMENTS.get(type(statement))
            if handler is not None:
                handler(self, statement, result)
        return result

    def expr_statement(self, node: ast.Expr, out: list[Stmt]) -> None:
        value = node.value
        # Docstrings have no effect.
        if type(value) is ast.Constant and isinstance(value.value, str | bytes):
            return
        out.append(ExprStatement(self.expr(value)))

    def assign(self, node: ast.Assign, out: list[Stmt]) -> None:
        number = self.number(node)
        value = self.expr(node.value)
        targets = [self.target(item) for item in node.targets]
        out.append(Assign(number, targets, value))

    def annotated(self, node: ast.AnnAssign, out: list[Stmt]) -> None:
        if node.value is not None:
            number = self.number(node)
            value = self.expr(node.value)
            out.append(Assign(number, [self.target(node.target)], value))

    def augmented(self, node: ast.AugAssign, out: list[Stmt]) -> None:
        number = self.number(node)
        value = self.expr(node.value)
        out.append(AugAssign(number, self.expr(node.target), _OPERATORS.get(type(node.op), "?"), value))

    def target(self, node: ast.expr) -> Expr:
        result = self.expr(node)
        self.note_store(result)
        return result

    def returned(self, node: ast.Return, out: list[Stmt]) -> None:
        out.append(Return(None if node.value is None else self.expr(node.value)))

    def delete(self, node: ast.Delete, out: list[Stmt]) -> None:
        targets: list[Expr] = []
        for item in node.targets:
            self.deleted(item, targets)
        out.append(Delete(targets))

    def deleted(self, node: ast.expr, targets: list[Expr]) -> None:
        # `del a, b` and `del (a, b)` are the same.
        if isinstance(node, ast.Tuple | ast.List):
            for element in node.elts:
                self.deleted(element, targets)
            return
        target = self.expr(node)
        self.note_deleted(target)
        targets.append(target)

    def asserted(self, node: ast.Assert, out: list[Stmt]) -> None:
        out.append(ExprStatement(self.expr(node.test)))

    def raised(self, node: ast.Raise, out: list[Stmt]) -> None:
        del node
        out.append(Jump("raise"))

    def broken(self, node: ast.Break, out: list[Stmt]) -> None:
        del node
        out.append(Jump("break"))

    def continued(self, node: ast.Continue, out: list[Stmt]) -> None:
        del node
        out.append(Jump("continue"))

    def declared_global(self, node: ast.Global, out: list[Stmt]) -> None:
        self.function.globals.update(node.names)
        out.append(ScopeDeclaration("global", node.names))

    def declared_nonlocal(self, node: ast.Nonlocal, out: list[Stmt]) -> None:
        out.append(ScopeDeclaration("nonlocal", node.names))

    def imported(self, node: ast.Import, out: list[Stmt]) -> None:
        for alias in node.names:
            if alias.asname is not None:
                out.append(Import(alias.asname, alias.name, None, 0))
            else:
                # `import a.b.c` binds `a`, and a.b.c is then reached through attributes.
                root = alias.name.partition(".")[0]
                out.append(Import(root, root, None, 0))

    def imported_from(self, node: ast.ImportFrom, out: list[Stmt]) -> None:
        module, level = node.module or "", node.level
        for alias in node.names:
            attr = alias.name
            if attr == "*":
                out.append(ImportStar(module, level))
                return
            self.note_imported(module, attr)
            out.append(Import(alias.asname or attr, module, attr, level))

    def branch(self, node: ast.If, out: list[Stmt]) -> None:
        # A long elif chain is a deep tree: unroll it instead of recursing.
        while True:
            test = self.expr(node.test)
            body = self.statements(node.body)
            orelse: list[Stmt] = []
            out.append(If(test, body, orelse))
            rest = node.orelse
            if not rest:
                return
            inner = rest[0]
            if len(rest) > 1 or type(inner) is not ast.If:
                orelse.extend(self.statements(rest))
                return
            self.function.size += 1
            node, out = inner, orelse

    def for_loop(self, node: ast.For | ast.AsyncFor, out: list[Stmt]) -> None:
        number = self.number(node)
        iterable = self.expr(node.iter)
        target = self.target(node.target)
        self.loops += 1
        body = self.statements(node.body)
        self.loops -= 1
        out.append(For(number, target, iterable, body, self.statements(node.orelse)))

    def while_loop(self, node: ast.While, out: list[Stmt]) -> None:
        number = self.number(node)
        self.loops += 1
        test = self.expr(node.test)
        body = self.statements(node.body)
        self.loops -= 1
        out.append(While(number, test, body, self.statements(node.orelse)))

    def try_block(self, node: ast.Try, out: list[Stmt]) -> None:
        body = self.statements(node.body)
        handlers = [self.statements(handler.body) for handler in node.handlers]
        orelse = self.statements(node.orelse)
        out.append(Try(body, handlers, orelse, self.statements(node.finalbody)))

    def with_block(self, node: ast.With | ast.AsyncWith, out: list[Stmt]) -> None:
        number = self.number(node)
        items: list[tuple[Expr, Expr | None]] = []
        for item in node.items:
            context = self.expr(item.context_expr)
            name = item.optional_vars
            items.append((context, None if name is None else self.target(name)))
        out.append(With(number, items, self.statements(node.body)))

    def match_block(self, node: ast.Match, out: list[Stmt]) -> None:
        subject = self.expr(node.subject)
        cases = [self.statements(case.body) for case in node.cases]
        last = node.cases[-1].pattern
        exhaustive = isinstance(last, ast.MatchAs) and last.pattern is None
        out.append(Match(subject, cases, exhaustive))

    def define(self, node: ast.FunctionDef | ast.AsyncFunctionDef, out: list[Stmt]) -> None:
        decorators = [self.expr(item) for item in node.decorator_list]
        function = self.open_function(node.name, self.number(node), node.args)
        function.decorators = decorators
        outer = self.enter(function)
        function.body = self.statements(node.body)
        self.leave(outer)
        if self.owner is not None:
            self.facts.classes[self.owner].methods[function.name] = function.index
        out.append(Define(function.index))

    def define_class(self, node: ast.ClassDef, out: list[Stmt]) -> None:
        index = len(self.facts.classes)
        bases = [self.expr(base) for base in node.bases if type(base) is not ast.Starred]
        klass = ClassFacts(index, node.name, self.number(node), self.function.index, bases)
        klass.decorators = [self.expr(item) for item in node.decorator_list]
        self.facts.classes.append(klass)
        owner, loops = self.owner, self.loops
        self.owner, self.loops = index, 0
        klass.body = self.statements(node.body)
        self.owner, self.loops = owner, loops
        out.append(DefineClass(index))

    def open_function(self, name: str, number: int, args: ast.arguments) -> FunctionFacts:
        function = self.new_function(name, number)
        params = function.params
        positional = [*args.posonlyargs, *args.args] if args.posonlyargs else args.args
        without = len(positional) - len(args.defaults)
        for place, arg in enumerate(positional):
            default = self.expr(args.defaults[place - without]) if place >= without else None
            params.append(Parameter(arg.arg, "positional", default, _annotated_with(arg.annotation)))
        if args.vararg is not None:
            params.append(Parameter(args.vararg.arg, "args", None))
        for arg, value in zip(args.kwonlyargs, args.kw_defaults, strict=True):
            default = None if value is None else self.expr(value)
            params.append(Parameter(arg.arg, "keyword", default, _annotated_with(arg.annotation)))
        if args.kwarg is not None:
            params.append(Parameter(args.kwarg.arg, "kwargs", None))
        return function

    # Expressions

    def expr(self, node: ast.expr) -> Expr:
        handler = _EXPRESSIONS.get(type(node))
        if handler is None:
            return Opaque([])
        return handler(self, node)

    def name(self, node: ast.Name) -> Expr:
        value = node.id
        known = self.names.get(value)
        if known is None:
            known = self.names[value] = Name(value)
        return known

    def constant(self, node: ast.Constant) -> Expr:
        value = node.value
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, bytes):
            return self.text(value.decode("latin-1"))
        # Complex numbers and `...` are plain data.
        return Opaque([]) if isinstance(value, complex) or value is ... else self.literal(value)

    def attribute(self, node: ast.Attribute) -> Expr:
        return self.attribute_of(self.expr(node.value), node.attr)

    def call(self, node: ast.Call) -> Expr:
        number = self.number(node)
        func = self.expr(node.func)
        self.note_call(func)
        args, keywords = node.args, node.keywords
        if not keywords:
            return Call(number, func, tuple([self.expr(item) for item in args]), ())
        if args and type(args[-1]) is ast.Starred and _start(args[-1]) > _start(keywords[0]):
            return self.call_out_of_order(number, func, node)
        return Call(
            number,
            func,
            tuple([self.expr(item) for item in args]),
            tuple([(item.arg, self.expr(item.value)) for item in keywords]),
        )

    def call_out_of_order(self, number: int, func: Expr, node: ast.Call) -> Expr:
        """Return `f(key=value, *rest)`: what is written first is numbered first."""
        args: list[Expr] = []
        keywords: list[tuple[str | None, Expr]] = []
        written: list[ast.expr | ast.keyword] = [*node.args, *node.keywords]
        for item in sorted(written, key=_start):
            if isinstance(item, ast.keyword):
                keywords.append((item.arg, self.expr(item.value)))
            else:
                args.append(self.expr(item))
        return Call(number, func, tuple(args), tuple(keywords))

    def formatted(self, node: ast.JoinedStr) -> Expr:
        return Opaque([self.expr(item.value) for item in node.values if type(item) is ast.FormattedValue])

    def list_(self, node: ast.List) -> Expr:
        return Display(self.number(node), "list", [self.expr(item) for item in node.elts])

    def tuple_(self, node: ast.Tuple) -> Expr:
        return Display(self.number(node), "tuple", [self.expr(item) for item in node.elts])

    def set_(self, node: ast.Set) -> Expr:
        return Display(self.number(node), "set", [self.expr(item) for item in node.elts])

    def dictionary(self, node: ast.Dict) -> Expr:
        number = self.number(node)
        items: list[tuple[Expr | None, Expr]] = []
        for key, value in zip(node.keys, node.values, strict=True):
            items.append((None if key is None else self.expr(key), self.expr(value)))
        return DictDisplay(number, items)

    def subscript(self, node: ast.Subscript) -> Expr:
        number = self.number(node)
        value = self.expr(node.value)
        index = node.slice
        if type(index) is not ast.Tuple:
            return Subscript(number, value, self.expr(index), type(index) is ast.Slice)
        # `x[(a, b)]` is `x[a, b]`.
        is_slice = any(type(item) is ast.Slice for item in index.elts)
        return Subscript(number, value, Opaque([self.expr(item) for item in index.elts]), is_slice)

    def slice(self, node: ast.Slice) -> Expr:
        # [stop], [start, stop] or [start, stop, step]: what is left out before another is None
        bounds = (node.lower, node.upper, node.step)
        count = 3 if node.step is not None else 2 if node.lower is not None else int(node.upper is not None)
        given = bounds[1:2] if count == 1 else bounds[:count]
        return Opaque([Literal(None) if bound is None else self.expr(bound) for bound in given])

    def binary(self, node: ast.BinOp) -> Expr:
        # A long sum is a deep tree on its left: unroll it instead of recursing.
        op = _OPERATORS.get(type(node.op), "?")
        chain = operators_of_chain(op)
        operands: list[Expr] = []
        left: ast.expr = node
        while isinstance(left, ast.BinOp) and _OPERATORS.get(type(left.op), "?") in chain:
            operands.append(self.expr(left.right))
            left = left.left
        operands.append(self.expr(left))
        operands.reverse()
        return Binary(operands, op)

    def boolean(self, node: ast.BoolOp) -> Expr:
        kind = type(node.op)
        operands: list[Expr] = []
        left: ast.expr = node
        # `(a and b) and c` is `a and b and c`.
        while isinstance(left, ast.BoolOp) and type(left.op) is kind:
            operands.extend([self.expr(item) for item in left.values[:0:-1]])
            left = left.values[0]
        operands.append(self.expr(left))
        operands.reverse()
        return Boolean("and" if kind is ast.And else "or", operands)

    def unary(self, node: ast.UnaryOp) -> Expr:
        value = self.expr(node.operand)
        kind = type(node.op)
        if kind is ast.Not:
            return Not(value)
        if kind is ast.USub and isinstance(value, Literal) and isinstance(value.value, int | float):
            return Literal(-value.value)
        return Binary([value], "-")

    def comparison(self, node: ast.Compare) -> Expr:
        left = self.expr(node.left)
        rights = [
            (_COMPARISONS.get(type(op), "?"), self.expr(item))
            for op, item in zip(node.ops, node.comparators, strict=True)
        ]
        return Compare(left, rights)

    def conditional(self, node: ast.IfExp) -> Expr:
        return Conditional(self.expr(node.test), self.expr(node.body), self.expr(node.orelse))

    def lambda_(self, node: ast.Lambda) -> Expr:
        function = self.open_function("<lambda>", self.number(node), node.args)
        function.is_lambda = True
        outer = self.enter(function)
        function.body = [Return(self.expr(node.body))]
        self.leave(outer)
        return Lambda(function.index)

    def comprehension(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> Expr:
        number = self.number(node)
        clauses: list[tuple[Expr, Expr, list[Expr]]] = []
        for clause in node.generators:
            iterable = self.expr(clause.iter)
            self.loops += 1
            target = self.target(clause.target)
            clauses.append((target, iterable, [self.expr(item) for item in clause.ifs]))
        if isinstance(node, ast.DictComp):
            kind, elements = "dict", [self.expr(node.key), self.expr(node.value)]
        else:
            kind = {ast.ListComp: "list", ast.SetComp: "set"}.get(type(node), "generator")
            elements = [self.expr(node.elt)]
        self.loops -= len(clauses)
        return Comprehension(number, kind, elements, clauses)

    def starred(self, node: ast.Starred) -> Expr:
        return Starred(self.expr(node.value))

    def walrus(self, node: ast.NamedExpr) -> Expr:
        value = self.expr(node.value)
        return Walrus(self.target(node.target), value)

    def awaited(self, node: ast.Await) -> Expr:
        return self.expr(node.value)

    def yielded(self, node: ast.Yield | ast.YieldFrom) -> Expr:
        self.function.is_generator = True
        return Yield(None if node.value is None else self.expr(node.value))


def _annotated_with(node: ast.expr | None) -> str:
    """Return the dotted name of an annotation: see `Parameter`."""
    if type(node) is ast.BinOp and type(node.op) is ast.BitOr:
        none = type(node.right) is ast.Constant and node.right.value is None
        return _dotted(node.left) if none else ""
    if type(node) is ast.Subscript and _dotted(node.value).rpartition(".")[2] == "Optional":
        return _dotted(node.slice)
    return _dotted(node)


def _dotted(node: ast.expr | None) -> str:
    parts: list[str] = []
    while type(node) is ast.Attribute:
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if type(node) is ast.Name else ""


def _start(node: ast.expr | ast.keyword) -> tuple[int, int]:
    return node.lineno, node.col_offset


_STATEMENTS: dict[type, Callable[[_Walk, Any, list[Stmt]], None]] = {
    ast.Expr: _Walk.expr_statement,
    ast.Assign: _Walk.assign,
    ast.AnnAssign: _Walk.annotated,
    ast.AugAssign: _Walk.augmented,
    ast.Return: _Walk.returned,
    ast.Delete: _Walk.delete,
    ast.Assert: _Walk.asserted,
    ast.Raise: _Walk.raised,
    ast.Break: _Walk.broken,
    ast.Continue: _Walk.continued,
    ast.Global: _Walk.declared_global,
    ast.Nonlocal: _Walk.declared_nonlocal,
    ast.Import: _Walk.imported,
    ast.ImportFrom: _Walk.imported_from,
    ast.If: _Walk.branch,
    ast.For: _Walk.for_loop,
    ast.AsyncFor: _Walk.for_loop,
    ast.While: _Walk.while_loop,
    ast.Try: _Walk.try_block,
    getattr(ast, "TryStar", ast.Try): _Walk.try_block,  # Python 3.11
    ast.With: _Walk.with_block,
    ast.AsyncWith: _Walk.with_block,
    ast.Match: _Walk.match_block,
    ast.FunctionDef: _Walk.define,
    ast.AsyncFunctionDef: _Walk.define,
    ast.ClassDef: _Walk.define_class,
}
_EXPRESSIONS: dict[type, Callable[[_Walk, Any], Expr]] = {
    ast.Name: _Walk.name,
    ast.Constant: _Walk.constant,
    ast.Attribute: _Walk.attribute,
    ast.Call: _Walk.call,
    ast.JoinedStr: _Walk.formatted,
    ast.List: _Walk.list_,
    ast.Tuple: _Walk.tuple_,
    ast.Set: _Walk.set_,
    ast.Dict: _Walk.dictionary,
    ast.Subscript: _Walk.subscript,
    ast.Slice: _Walk.slice,
    ast.BinOp: _Walk.binary,
    ast.BoolOp: _Walk.boolean,
    ast.UnaryOp: _Walk.unary,
    ast.Compare: _Walk.comparison,
    ast.IfExp: _Walk.conditional,
    ast.Lambda: _Walk.lambda_,
    ast.ListComp: _Walk.comprehension,
    ast.SetComp: _Walk.comprehension,
    ast.DictComp: _Walk.comprehension,
    ast.GeneratorExp: _Walk.comprehension,
    ast.Starred: _Walk.starred,
    ast.NamedExpr: _Walk.walrus,
    ast.Await: _Walk.awaited,
    ast.Yield: _Walk.yielded,
    ast.YieldFrom: _Walk.yielded,
}
