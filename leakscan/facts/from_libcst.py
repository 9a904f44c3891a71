"""One LibCST tree -> the facts of the module, in one walk; long, as each kind of node has its method.

The walk visits the children that matter by name: a generic visitor costs more than the parse itself.
"""

from __future__ import annotations

import ast
import unicodedata
import warnings
from collections.abc import Callable
from typing import Any

import libcst as cst

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

#: What `cst.parse_module` raises; the last two, which are its own mistakes, for `t"a" t"b"`.
PARSER_ERRORS = (cst.ParserSyntaxError, RecursionError, cst.CSTLogicError, cst.CSTValidationError)

_BINARY_OPERATORS: dict[type, str] = {
    cst.Add: "+",
    cst.Subtract: "-",
    cst.Multiply: "*",
    cst.Divide: "/",
    cst.FloorDivide: "//",
    cst.Modulo: "%",
    cst.Power: "**",
    cst.MatrixMultiply: "@",
    cst.BitOr: "|",
    cst.BitAnd: "&",
    cst.BitXor: "^",
    cst.LeftShift: "<<",
    cst.RightShift: ">>",
}
_AUGMENTED_OPERATORS: dict[type, str] = {
    getattr(cst, f"{operator.__name__}Assign"): symbol for operator, symbol in _BINARY_OPERATORS.items()
}
_COMPARISONS: dict[type, str] = {
    cst.Equal: "==",
    cst.NotEqual: "!=",
    cst.LessThan: "<",
    cst.LessThanEqual: "<=",
    cst.GreaterThan: ">",
    cst.GreaterThanEqual: ">=",
    cst.Is: "is",
    cst.IsNot: "is not",
    cst.In: "in",
    cst.NotIn: "not in",
}


def summarise(tree: cst.Module) -> ModuleFacts:
    """Return the facts of the module `tree`."""
    return _Walk().module(tree)


def summarise_and_locate(tree: cst.Module) -> tuple[ModuleFacts, dict[int, cst.CSTNode]]:
    """Return what `summarise` does, and the LibCST node of each number in it."""
    nodes: dict[int, cst.CSTNode] = {}
    return _Walk(nodes).module(tree), nodes


_CONSTANTS: dict[str, bool | None] = {"None": None, "True": True, "False": False}


class _Walk(Builder[cst.CSTNode]):
    """The walk of a LibCST tree."""

    def module(self, tree: cst.Module) -> ModuleFacts:
        self.number(tree)
        self.function.body = self.statements(tree.body)
        return self.facts

    # Statements

    def statements(self, body: Any) -> list[Stmt]:
        result: list[Stmt] = []
        for statement in body:
            kind = type(statement)
            if kind is cst.SimpleStatementLine:
                self.small_statements(statement.body, result)
            else:
                self.function.size += 1
                handler = _COMPOUND.get(kind)
                if handler is not None:
                    handler(self, statement, result)
        return result

    def small_statements(self, body: Any, out: list[Stmt]) -> None:
        self.function.size += len(body)
        for small in body:
            handler = _SMALL.get(type(small))
            if handler is not None:
                handler(self, small, out)

    def suite(self, node: Any) -> list[Stmt]:
        if type(node) is cst.IndentedBlock:
            return self.statements(node.body)
        result: list[Stmt] = []
        self.small_statements(node.body, result)
        return result

    def expr_statement(self, node: cst.Expr, out: list[Stmt]) -> None:
        value = node.value
        # Docstrings have no effect.
        if type(value) is cst.SimpleString:
            return
        if type(value) is cst.ConcatenatedString and _pieces(value) is not None:
            return
        out.append(ExprStatement(self.expr(value)))

    def assign(self, node: cst.Assign, out: list[Stmt]) -> None:
        number = self.number(node)
        value = self.expr(node.value)
        targets = [self.target(item.target) for item in node.targets]
        out.append(Assign(number, targets, value))

    def annotated(self, node: cst.AnnAssign, out: list[Stmt]) -> None:
        if node.value is not None:
            number = self.number(node)
            value = self.expr(node.value)
            out.append(Assign(number, [self.target(node.target)], value))

    def augmented(self, node: cst.AugAssign, out: list[Stmt]) -> None:
        number = self.number(node)
        value = self.expr(node.value)
        op = _AUGMENTED_OPERATORS.get(type(node.operator), "?")
        out.append(AugAssign(number, self.expr(node.target), op, value))

    def target(self, node: cst.BaseExpression) -> Expr:
        result = self.expr(node)
        self.note_store(result)
        return result

    def returned(self, node: cst.Return, out: list[Stmt]) -> None:
        out.append(Return(None if node.value is None else self.expr(node.value)))

    def delete(self, node: cst.Del, out: list[Stmt]) -> None:
        targets: list[Expr] = []
        self.deleted(node.target, targets)
        out.append(Delete(targets))

    def deleted(self, node: cst.BaseExpression, targets: list[Expr]) -> None:
        # `del a, b` and `del (a, b)` are the same.
        if isinstance(node, cst.Tuple | cst.List):
            for element in node.elements:
                self.deleted(element.value, targets)
            return
        target = self.expr(node)
        self.note_deleted(target)
        targets.append(target)

    def asserted(self, node: cst.Assert, out: list[Stmt]) -> None:
        out.append(ExprStatement(self.expr(node.test)))

    def raised(self, node: cst.Raise, out: list[Stmt]) -> None:
        del node
        out.append(Jump("raise"))

    def broken(self, node: cst.Break, out: list[Stmt]) -> None:
        del node
        out.append(Jump("break"))

    def continued(self, node: cst.Continue, out: list[Stmt]) -> None:
        del node
        out.append(Jump("continue"))

    def declared(self, node: cst.Global | cst.Nonlocal, out: list[Stmt]) -> None:
        kind = "global" if isinstance(node, cst.Global) else "nonlocal"
        names = [_identifier(item.name) for item in node.names]
        if kind == "global":
            self.function.globals.update(names)
        out.append(ScopeDeclaration(kind, names))

    def imported(self, node: cst.Import, out: list[Stmt]) -> None:
        for alias in node.names:
            module = _dotted(alias.name)
            if alias.asname is not None:
                name = _dotted(alias.asname.name)
                out.append(Import(name, module, None, 0))
            else:
                # `import a.b.c` binds `a`, and a.b.c is then reached through attributes.
                root = module.partition(".")[0]
                out.append(Import(root, root, None, 0))

    def imported_from(self, node: cst.ImportFrom, out: list[Stmt]) -> None:
        module = "" if node.module is None else _dotted(node.module)
        level = len(node.relative)
        if isinstance(node.names, cst.ImportStar):
            out.append(ImportStar(module, level))
            return
        for alias in node.names:
            attr = _dotted(alias.name)
            self.note_imported(module, attr)
            name = attr if alias.asname is None else _dotted(alias.asname.name)
            out.append(Import(name, module, attr, level))

    def branch(self, node: cst.If, out: list[Stmt]) -> None:
        # A long elif chain is a deep tree: unroll it instead of recursing.
        while True:
            test = self.expr(node.test)
            body = self.suite(node.body)
            orelse: list[Stmt] = []
            out.append(If(test, body, orelse))
            rest = node.orelse
            if rest is None:
                return
            if isinstance(rest, cst.If):
                self.function.size += 1
                node, out = rest, orelse
                continue
            orelse.extend(self.suite(rest.body))
            return

    def for_loop(self, node: cst.For, out: list[Stmt]) -> None:
        number = self.number(node)
        iterable = self.expr(node.iter)
        target = self.target(node.target)
        self.loops += 1
        body = self.suite(node.body)
        self.loops -= 1
        orelse = [] if node.orelse is None else self.suite(node.orelse.body)
        out.append(For(number, target, iterable, body, orelse))

    def while_loop(self, node: cst.While, out: list[Stmt]) -> None:
        number = self.number(node)
        self.loops += 1
        test = self.expr(node.test)
        body = self.suite(node.body)
        self.loops -= 1
        orelse = [] if node.orelse is None else self.suite(node.orelse.body)
        out.append(While(number, test, body, orelse))

    def try_block(self, node: cst.Try | cst.TryStar, out: list[Stmt]) -> None:
        body = self.suite(node.body)
        handlers = [self.suite(handler.body) for handler in node.handlers]
        orelse = [] if node.orelse is None else self.suite(node.orelse.body)
        final = [] if node.finalbody is None else self.suite(node.finalbody.body)
        out.append(Try(body, handlers, orelse, final))

    def with_block(self, node: cst.With, out: list[Stmt]) -> None:
        number = self.number(node)
        items: list[tuple[Expr, Expr | None]] = []
        for item in node.items:
            context = self.expr(item.item)
            target = None if item.asname is None else self.target(item.asname.name)
            items.append((context, target))
        out.append(With(number, items, self.suite(node.body)))

    def match_block(self, node: cst.Match, out: list[Stmt]) -> None:
        subject = self.expr(node.subject)
        cases = [self.suite(case.body) for case in node.cases]
        last = node.cases[-1] if node.cases else None
        exhaustive = (
            last is not None and isinstance(last.pattern, cst.MatchAs) and last.pattern.pattern is None
        )
        out.append(Match(subject, cases, exhaustive))

    def define(self, node: cst.FunctionDef, out: list[Stmt]) -> None:
        decorators = [self.expr(item.decorator) for item in node.decorators]
        function = self.open_function(_identifier(node.name), self.number(node.name), node.params)
        function.decorators = decorators
        outer = self.enter(function)
        function.body = self.suite(node.body)
        self.leave(outer)
        if self.owner is not None:
            self.facts.classes[self.owner].methods[function.name] = function.index
        out.append(Define(function.index))

    def define_class(self, node: cst.ClassDef, out: list[Stmt]) -> None:
        index = len(self.facts.classes)
        bases = [self.expr(item.value) for item in node.bases if not item.star]
        name = _identifier(node.name)
        klass = ClassFacts(index, name, self.number(node.name), self.function.index, bases)
        klass.decorators = [self.expr(item.decorator) for item in node.decorators]
        self.facts.classes.append(klass)
        owner, loops = self.owner, self.loops
        self.owner, self.loops = index, 0
        klass.body = self.suite(node.body)
        self.owner, self.loops = owner, loops
        out.append(DefineClass(index))

    def open_function(self, name: str, number: int, params: cst.Parameters) -> FunctionFacts:
        function = self.new_function(name, number)
        add = function.params.append
        for param in (*params.posonly_params, *params.params):
            add(self.parameter(param, "positional"))
        if isinstance(params.star_arg, cst.Param):
            add(self.parameter(params.star_arg, "args"))
        for param in params.kwonly_params:
            add(self.parameter(param, "keyword"))
        if params.star_kwarg is not None:
            add(self.parameter(params.star_kwarg, "kwargs"))
        return function

    def parameter(self, param: cst.Param, kind: str) -> Parameter:
        default = None if param.default is None else self.expr(param.default)
        annotation = "" if kind in {"args", "kwargs"} else _annotated_with(param.annotation)
        return Parameter(_identifier(param.name), kind, default, annotation)

    # Expressions

    def expr(self, node: cst.BaseExpression) -> Expr:
        handler = _EXPRESSIONS.get(type(node))
        if handler is None:
            return Opaque([])
        return handler(self, node)

    def name(self, node: cst.Name) -> Expr:
        value = _identifier(node)
        known = self.names.get(value)
        if known is not None:
            return known
        if value in _CONSTANTS:
            return self.literal(_CONSTANTS[value])
        known = self.names[value] = Name(value)
        return known

    def attribute(self, node: cst.Attribute) -> Expr:
        return self.attribute_of(self.expr(node.value), _identifier(node.attr))

    def call(self, node: cst.Call) -> Expr:
        number = self.number(node)
        func = self.expr(node.func)
        self.note_call(func)
        args: list[Expr] = []
        keywords: list[tuple[str | None, Expr]] = []
        for arg in node.args:
            value = self.expr(arg.value)
            if arg.keyword is not None:
                keywords.append((_identifier(arg.keyword), value))
            elif arg.star == "**":
                keywords.append((None, value))
            elif arg.star:
                args.append(Starred(value))
            else:
                args.append(value)
        return Call(number, func, tuple(args), tuple(keywords))

    def integer(self, node: cst.Integer) -> Expr:
        try:
            return self.literal(int(node.value.replace("_", ""), 0))
        except ValueError:
            return Opaque([])

    def floating(self, node: cst.Float) -> Expr:
        try:
            return self.literal(float(node.value.replace("_", "")))
        except ValueError:
            return Opaque([])

    def string(self, node: cst.SimpleString) -> Expr:
        return self.text(_evaluated(node))

    def joined_strings(self, node: cst.ConcatenatedString) -> Expr:
        pieces = _pieces(node)
        if pieces is None:
            return self.formatted(node)
        return self.text("".join(pieces))

    def formatted(self, node: cst.ConcatenatedString | cst.FormattedString) -> Expr:
        parts: list[Expr] = []
        stack: list[Any] = [node]
        while stack:
            item = stack.pop()
            if isinstance(item, cst.ConcatenatedString):
                stack.extend((item.right, item.left))
            elif isinstance(item, cst.FormattedString):
                stack.extend(reversed(item.parts))
            elif isinstance(item, cst.FormattedStringExpression):
                parts.append(self.expr(item.expression))
        return Opaque(parts)

    def sequence(self, node: cst.List | cst.Tuple | cst.Set) -> Expr:
        number = self.number(node)
        kind = {cst.List: "list", cst.Tuple: "tuple", cst.Set: "set"}[type(node)]
        return Display(number, kind, self.elements(node))

    def elements(self, node: cst.List | cst.Tuple | cst.Set) -> list[Expr]:
        items: list[Expr] = []
        for element in node.elements:
            value = self.expr(element.value)
            items.append(Starred(value) if isinstance(element, cst.StarredElement) else value)
        return items

    def dictionary(self, node: cst.Dict) -> Expr:
        number = self.number(node)
        items: list[tuple[Expr | None, Expr]] = []
        for element in node.elements:
            if isinstance(element, cst.DictElement):
                items.append((self.expr(element.key), self.expr(element.value)))
            else:
                items.append((None, self.expr(element.value)))
        return DictDisplay(number, items)

    def subscript(self, node: cst.Subscript) -> Expr:
        number = self.number(node)
        value = self.expr(node.value)
        first = node.slice[0]
        is_tuple = len(node.slice) > 1 or isinstance(first.comma, cst.Comma)
        if not is_tuple and isinstance(first.slice, cst.Slice):
            return Subscript(number, value, self.slice(first.slice), is_slice=True)
        if not is_tuple and isinstance(first.slice, cst.Index) and not first.slice.star:
            inner = first.slice.value
            if not isinstance(inner, cst.Tuple):
                return Subscript(number, value, self.expr(inner), is_slice=False)
            # `x[(a, b)]` is `x[a, b]`.
            return Subscript(number, value, Opaque(self.elements(inner)), is_slice=False)
        parts: list[Expr] = []
        is_slice = False
        for element in node.slice:
            part = element.slice
            if isinstance(part, cst.Slice):
                is_slice = True
                parts.append(self.slice(part))
            elif isinstance(part, cst.Index):
                item = self.expr(part.value)
                parts.append(Starred(item) if part.star else item)
        return Subscript(number, value, Opaque(parts), is_slice)

    def slice(self, node: cst.Slice) -> Expr:
        # [stop], [start, stop] or [start, stop, step]: what is left out before another is None
        bounds = (node.lower, node.upper, node.step)
        count = 3 if node.step is not None else 2 if node.lower is not None else int(node.upper is not None)
        given = bounds[1:2] if count == 1 else bounds[:count]
        return Opaque([Literal(None) if bound is None else self.expr(bound) for bound in given])

    def binary(self, node: cst.BinaryOperation) -> Expr:
        # A long sum is a deep tree on its left: unroll it instead of recursing.
        op = _BINARY_OPERATORS.get(type(node.operator), "?")
        chain = operators_of_chain(op)
        operands: list[Expr] = []
        left: cst.BaseExpression = node
        while (
            isinstance(left, cst.BinaryOperation) and _BINARY_OPERATORS.get(type(left.operator), "?") in chain
        ):
            operands.append(self.expr(left.right))
            left = left.left
        operands.append(self.expr(left))
        operands.reverse()
        return Binary(operands, op)

    def boolean(self, node: cst.BooleanOperation) -> Expr:
        op = "and" if isinstance(node.operator, cst.And) else "or"
        operands: list[Expr] = []
        left: cst.BaseExpression = node
        while isinstance(left, cst.BooleanOperation) and type(left.operator) is type(node.operator):
            operands.append(self.expr(left.right))
            left = left.left
        operands.append(self.expr(left))
        operands.reverse()
        return Boolean(op, operands)

    def unary(self, node: cst.UnaryOperation) -> Expr:
        operand = node.expression
        if isinstance(node.operator, cst.Not):
            return Not(self.expr(operand))
        value = self.expr(operand)
        if (
            isinstance(value, Literal)
            and isinstance(value.value, int | float)
            and isinstance(node.operator, cst.Minus)
        ):
            return Literal(-value.value)
        return Binary([value], "-")

    def comparison(self, node: cst.Comparison) -> Expr:
        left = self.expr(node.left)
        rights = [
            (_COMPARISONS.get(type(item.operator), "?"), self.expr(item.comparator))
            for item in node.comparisons
        ]
        return Compare(left, rights)

    def conditional(self, node: cst.IfExp) -> Expr:
        return Conditional(self.expr(node.test), self.expr(node.body), self.expr(node.orelse))

    def lambda_(self, node: cst.Lambda) -> Expr:
        function = self.open_function("<lambda>", self.number(node), node.params)
        function.is_lambda = True
        outer = self.enter(function)
        function.body = [Return(self.expr(node.body))]
        self.leave(outer)
        return Lambda(function.index)

    def comprehension(self, node: cst.ListComp | cst.SetComp | cst.GeneratorExp | cst.DictComp) -> Expr:
        number = self.number(node)
        clauses: list[tuple[Expr, Expr, list[Expr]]] = []
        clause: cst.CompFor | None = node.for_in
        depth = 0
        while clause is not None:
            iterable = self.expr(clause.iter)
            self.loops += 1
            depth += 1
            target = self.target(clause.target)
            clauses.append((target, iterable, [self.expr(item.test) for item in clause.ifs]))
            clause = clause.inner_for_in
        if isinstance(node, cst.DictComp):
            kind, elements = "dict", [self.expr(node.key), self.expr(node.value)]
        else:
            kind = {cst.ListComp: "list", cst.SetComp: "set"}.get(type(node), "generator")
            elements = [self.expr(node.elt)]
        self.loops -= depth
        return Comprehension(number, kind, elements, clauses)

    def starred(self, node: cst.StarredElement) -> Expr:
        return Starred(self.expr(node.value))

    def walrus(self, node: cst.NamedExpr) -> Expr:
        value = self.expr(node.value)
        return Walrus(self.target(node.target), value)

    def awaited(self, node: cst.Await) -> Expr:
        return self.expr(node.expression)

    def yielded(self, node: cst.Yield) -> Expr:
        self.function.is_generator = True
        value = node.value
        if value is None:
            return Yield(None)
        return Yield(self.expr(value.item if isinstance(value, cst.From) else value))


def _identifier(node: cst.Name) -> str:
    """Return a name as Python sees it: it folds letters that are written in several ways."""
    name = node.value
    return name if name.isascii() else unicodedata.normalize("NFKC", name)


def _dotted(node: Any) -> str:
    parts: list[str] = []
    while isinstance(node, cst.Attribute):
        parts.append(_identifier(node.attr))
        node = node.value
    if isinstance(node, cst.Name):
        parts.append(_identifier(node))
    return ".".join(reversed(parts))


def _annotated_with(annotation: cst.Annotation | None) -> str:
    """Return the dotted name of an annotation: see `Parameter`."""
    node = None if annotation is None else annotation.annotation
    if isinstance(node, cst.BinaryOperation) and isinstance(node.operator, cst.BitOr):
        none = isinstance(node.right, cst.Name) and node.right.value == "None"
        return _dotted_alone(node.left) if none else ""
    if isinstance(node, cst.Subscript) and _dotted_alone(node.value).rpartition(".")[2] == "Optional":
        part = node.slice[0]
        alone = len(node.slice) == 1 and isinstance(part.comma, cst.MaybeSentinel)
        return _dotted_alone(part.slice.value) if alone and isinstance(part.slice, cst.Index) else ""
    return _dotted_alone(node)


def _dotted_alone(node: cst.CSTNode | None) -> str:
    """Return a dotted name; empty for what is none, and for constants."""
    first = node
    while isinstance(first, cst.Attribute):
        first = first.value
    return _dotted(node) if isinstance(first, cst.Name) and first.value not in _CONSTANTS else ""


def _evaluated(node: cst.SimpleString) -> str:
    """Return the value of a string or of bytes, as text."""
    text = node.value
    quote = text[-1]
    start = text.find(quote)
    width = 3 if text[start : start + 3] == quote * 3 else 1
    inner = text[start + width : -width]
    if "\\" not in inner and "\r" not in inner:
        return inner
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            value = ast.literal_eval(text)
    except (SyntaxError, ValueError):
        return inner
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _pieces(node: cst.ConcatenatedString) -> list[str] | None:
    """Return the values of the strings that stand side by side; None when one of them is formatted."""
    values: list[str] = []
    stack: list[cst.BaseExpression] = [node]
    while stack:
        item = stack.pop()
        if isinstance(item, cst.ConcatenatedString):
            stack.extend((item.right, item.left))
        elif isinstance(item, cst.SimpleString):
            values.append(_evaluated(item))
        else:
            return None
    return values


_SMALL: dict[type, Callable[[_Walk, Any, list[Stmt]], None]] = {
    cst.Expr: _Walk.expr_statement,
    cst.Assign: _Walk.assign,
    cst.AnnAssign: _Walk.annotated,
    cst.AugAssign: _Walk.augmented,
    cst.Return: _Walk.returned,
    cst.Del: _Walk.delete,
    cst.Assert: _Walk.asserted,
    cst.Raise: _Walk.raised,
    cst.Break: _Walk.broken,
    cst.Continue: _Walk.continued,
    cst.Global: _Walk.declared,
    cst.Nonlocal: _Walk.declared,
    cst.Import: _Walk.imported,
    cst.ImportFrom: _Walk.imported_from,
}
# `lazy import keras` of Python 3.15; not every LibCST knows it.
for _name, _walk in (("LazyImport", _Walk.imported), ("LazyImportFrom", _Walk.imported_from)):
    if hasattr(cst, _name):
        _SMALL[getattr(cst, _name)] = _walk
_COMPOUND: dict[type, Callable[[_Walk, Any, list[Stmt]], None]] = {
    cst.If: _Walk.branch,
    cst.For: _Walk.for_loop,
    cst.While: _Walk.while_loop,
    cst.Try: _Walk.try_block,
    cst.TryStar: _Walk.try_block,
    cst.With: _Walk.with_block,
    cst.Match: _Walk.match_block,
    cst.FunctionDef: _Walk.define,
    cst.ClassDef: _Walk.define_class,
}
_EXPRESSIONS: dict[type, Callable[[_Walk, Any], Expr]] = {
    cst.Name: _Walk.name,
    cst.Attribute: _Walk.attribute,
    cst.Call: _Walk.call,
    cst.Integer: _Walk.integer,
    cst.Float: _Walk.floating,
    cst.SimpleString: _Walk.string,
    cst.ConcatenatedString: _Walk.joined_strings,
    cst.FormattedString: _Walk.formatted,
    cst.List: _Walk.sequence,
    cst.Tuple: _Walk.sequence,
    cst.Set: _Walk.sequence,
    cst.Dict: _Walk.dictionary,
    cst.Subscript: _Walk.subscript,
    cst.BinaryOperation: _Walk.binary,
    cst.BooleanOperation: _Walk.boolean,
    cst.UnaryOperation: _Walk.unary,
    cst.Comparison: _Walk.comparison,
    cst.IfExp: _Walk.conditional,
    cst.Lambda: _Walk.lambda_,
    cst.ListComp: _Walk.comprehension,
    cst.SetComp: _Walk.comprehension,
    cst.DictComp: _Walk.comprehension,
    cst.GeneratorExp: _Walk.comprehension,
    cst.StarredElement: _Walk.starred,
    cst.NamedExpr: _Walk.walrus,
    cst.Await: _Walk.awaited,
    cst.Yield: _Walk.yielded,
}
