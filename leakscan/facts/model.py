"""The facts of one module: a small, picklable form of its code, without formatting.

Expressions and statements keep only what the lifetime analysis asks for. Nodes that a finding may name carry
`node`, their number in the order of the walk; `authority.locate` turns numbers into positions.
"""

from __future__ import annotations

from leakscan.records import dataclass, field

# Not frozen: freezing costs four times as much to create, and millions are created. Nobody writes to them.


@dataclass(slots=True)
class Name:
    """A name that is read, or bound when it stands in a target."""

    id: str


@dataclass(slots=True)
class Attribute:
    """`value.attr`."""

    value: Expr
    attr: str


@dataclass(slots=True)
class Call:
    """`func(*args, **keywords)`; a keyword of None stands for `**mapping`."""

    node: int
    func: Expr
    args: tuple[Expr, ...]
    keywords: tuple[tuple[str | None, Expr], ...]


@dataclass(slots=True)
class Literal:
    """A number, string, boolean or None."""

    value: int | float | str | bool | None


@dataclass(slots=True)
class Display:
    """`[...]`, `(...)` or `{...}` without keys; kind is list, tuple or set."""

    node: int
    kind: str
    items: list[Expr]


@dataclass(slots=True)
class DictDisplay:
    """`{key: value}`; a key of None stands for `**mapping`."""

    node: int
    items: list[tuple[Expr | None, Expr]]


@dataclass(slots=True)
class Subscript:
    """`value[index]`; `is_slice` when any part of the index is a slice."""

    node: int
    value: Expr
    index: Expr
    is_slice: bool


@dataclass(slots=True)
class Binary:
    """Arithmetic; a chain of `+` and `-`, or of `*` and `/`, is one node, whose op is the last."""

    operands: list[Expr]
    op: str


@dataclass(slots=True)
class Boolean:
    """`and` / `or`."""

    op: str
    operands: list[Expr]


@dataclass(slots=True)
class Not:
    """`not operand`."""

    operand: Expr


@dataclass(slots=True)
class Compare:
    """`left op right ...`."""

    left: Expr
    rights: list[tuple[str, Expr]]


@dataclass(slots=True)
class Conditional:
    """`body if test else orelse`."""

    test: Expr
    body: Expr
    orelse: Expr


@dataclass(slots=True)
class Lambda:
    """A lambda; its facts are `functions[function]`."""

    function: int


@dataclass(slots=True)
class Comprehension:
    """A comprehension or generator expression; kind is list, set, dict or generator."""

    node: int
    kind: str
    elements: list[Expr]
    clauses: list[tuple[Expr, Expr, list[Expr]]]


@dataclass(slots=True)
class Starred:
    """`*value`."""

    value: Expr


@dataclass(slots=True)
class Walrus:
    """`target := value`."""

    target: Expr
    value: Expr


@dataclass(slots=True)
class Yield:
    """`yield value` (or `yield from`)."""

    value: Expr | None


@dataclass(slots=True)
class Opaque:
    """Plain data made from `parts`: an f-string, a slice, a unary minus.

    Those of a slice tell which bound is which: `[:b]` is b, `[a:]` is a, None, `[::c]` is None, None, c.
    """

    parts: list[Expr]


Expr = (
    Name
    | Attribute
    | Call
    | Literal
    | Display
    | DictDisplay
    | Subscript
    | Binary
    | Boolean
    | Not
    | Compare
    | Conditional
    | Lambda
    | Comprehension
    | Starred
    | Walrus
    | Yield
    | Opaque
)


@dataclass(slots=True)
class ExprStatement:
    """An expression evaluated for its effect."""

    value: Expr


@dataclass(slots=True)
class Assign:
    """`targets[0] = targets[1] = value`; annotated assignments too."""

    node: int
    targets: list[Expr]
    value: Expr


@dataclass(slots=True)
class AugAssign:
    """`target op= value`."""

    node: int
    target: Expr
    op: str
    value: Expr


@dataclass(slots=True)
class Return:
    """`return value`."""

    value: Expr | None


@dataclass(slots=True)
class Delete:
    """`del targets`."""

    targets: list[Expr]


@dataclass(slots=True)
class If:
    """`if` / `elif` / `else`; an elif is an If alone in `orelse`."""

    test: Expr
    body: list[Stmt]
    orelse: list[Stmt]


@dataclass(slots=True)
class For:
    """`for target in iterable`, async or not."""

    node: int
    target: Expr
    iterable: Expr
    body: list[Stmt]
    orelse: list[Stmt]


@dataclass(slots=True)
class While:
    """`while test`."""

    node: int
    test: Expr
    body: list[Stmt]
    orelse: list[Stmt]


@dataclass(slots=True)
class Try:
    """`try` with its handlers; the names that handlers bind are dropped."""

    body: list[Stmt]
    handlers: list[list[Stmt]]
    orelse: list[Stmt]
    final: list[Stmt]


@dataclass(slots=True)
class With:
    """`with context as target, ...`."""

    node: int
    items: list[tuple[Expr, Expr | None]]
    body: list[Stmt]


@dataclass(slots=True)
class Match:
    """`match subject`: the bodies of the cases, patterns dropped."""

    subject: Expr
    cases: list[list[Stmt]]
    exhaustive: bool


@dataclass(slots=True)
class Define:
    """A `def`; its facts are `functions[function]`."""

    function: int


@dataclass(slots=True)
class DefineClass:
    """A `class`; its facts are `classes[index]`."""

    index: int


@dataclass(slots=True)
class Import:
    """One bound name: `import a.b as name` (attr None) or `from module import attr as name`."""

    name: str
    module: str
    attr: str | None
    level: int


@dataclass(slots=True)
class ImportStar:
    """`from module import *`."""

    module: str
    level: int


@dataclass(slots=True)
class ScopeDeclaration:
    """`global names` or `nonlocal names`."""

    kind: str
    names: list[str]


@dataclass(slots=True)
class Jump:
    """`break`, `continue` or `raise`."""

    kind: str


Stmt = (
    ExprStatement
    | Assign
    | AugAssign
    | Return
    | Delete
    | If
    | For
    | While
    | Try
    | With
    | Match
    | Define
    | DefineClass
    | Import
    | ImportStar
    | ScopeDeclaration
    | Jump
)


_EMPTY: set[str] = set()


@dataclass(slots=True)
class Parameter:
    """A parameter; kind is positional, keyword, args or kwargs.

    annotation: the dotted name that it is annotated with, alone or in `Optional[...]`, `... | None`;
    empty for others.
    """

    name: str
    kind: str
    default: Expr | None
    annotation: str = ""


@dataclass(slots=True)
class FunctionFacts:
    """A function, lambda, or (index 0) the module's own body.

    `parent` is the index of the enclosing function; `owner` the index of the class whose body defines it.
    """

    index: int
    name: str
    node: int
    parent: int | None
    owner: int | None
    params: list[Parameter] = field(default_factory=list)
    decorators: list[Expr] = field(default_factory=list)
    body: list[Stmt] = field(default_factory=list)
    is_lambda: bool = False
    is_generator: bool = False
    has_loop_call: bool = False
    #: The number of statements, those of nested functions left out.
    size: int = 0
    called_names: set[str] = field(default_factory=set)
    #: What it calls by plain and dotted names, as the code spells them, calls in decorators and defaults too.
    called: set[str] = field(default_factory=set)
    #: Attributes of the first parameter (self) that the function binds.
    self_stores: set[str] = field(default_factory=set)
    #: Attributes of other objects that it binds, and attributes (or names) that it empties or shortens.
    other_stores: set[str] = field(default_factory=set)
    shrinks: set[str] = field(default_factory=set)
    globals: set[str] = field(default_factory=set)

    def seal(self) -> None:
        """Let sets that stayed empty be one: there are six for each function."""
        for name in ("called_names", "called", "self_stores", "other_stores", "shrinks", "globals"):
            if not getattr(self, name):
                setattr(self, name, _EMPTY)


@dataclass(slots=True)
class ClassFacts:
    """A class; methods by name (the last definition wins)."""

    index: int
    name: str
    node: int
    parent: int
    bases: list[Expr] = field(default_factory=list)
    decorators: list[Expr] = field(default_factory=list)
    body: list[Stmt] = field(default_factory=list)
    methods: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class ModuleFacts:
    """Everything that the linker needs of one module; where its file lies is no part of it."""

    functions: list[FunctionFacts]
    classes: list[ClassFacts]
    #: Uses TensorFlow 1 graphs: operations give symbolic tensors, `Session.run` gives plain arrays.
    graph_mode: bool = False
