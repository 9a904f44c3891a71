"""Where a leak could be, by a crude look at syntax: the candidates that recall is read from.

usage: python benchmarks/crude.py DIRECTORY [--kind KIND] > candidates.jsonl

It shares no code and no idea with leakscan: no types, no flow, no imports, and functions are matched by their
bare names over the whole repository. It lists too much on purpose. A reader then judges every candidate (or a
random sample of them), and what is a leak is what recall is counted over.

Each folder of DIRECTORY is one repository. Kinds:

- `build`: something that makes or loads a model, or calls what may make one, in a loop, a comprehension or a
  function that somebody else is likely to call again and again (handlers, objectives, callbacks, steps).
- `trace`: `tf.function`, `K.function` or `compile` there.
- `predict`: `predict` or `evaluate` there. `restart`: `fit` of one epoch, or a pipeline made there.
- `keep`: something that may be a tensor or a model is appended or stored under a key, in a loop or in a
  container that a function did not make.
"""

from __future__ import annotations

import argparse
import ast
import json
import re
import sys
import warnings
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

_MAKES = re.compile(
    r"^(Sequential|Model|load_model|model_from_(json|config|yaml)|clone_model|from_pretrained|from_preset"
    r"|VGG1[69]|ResNet\w*|Inception\w*|MobileNet\w*|DenseNet\w*|EfficientNet\w*|Xception|NASNet\w*)$"
)
_LOADS = ("hub.load", "hub.KerasLayer", "saved_model.load", "models.load_model")
_REPEATED = re.compile(
    r"objective|^on_|step|predict|^act$|choose_action|get_action|^get$|^post$|^call$|handler|trial|evaluate"
    r"|fitness|fit_one|^train_on"
)
_MAYBE_TENSOR = re.compile(
    r"loss|grad|logit|pred|out|feat|activ|embed|prob|value|acc|state|tensor|latent|im(age|g)|entropy|hidden"
    r"|sample|action|reward|metric|result|score|model|net|hist|tape|weights|advant|return|target|attn|attention",
    re.IGNORECASE,
)
_PLAIN_CALLS = {
    "float",
    "int",
    "str",
    "len",
    "bool",
    "numpy",
    "item",
    "tolist",
    "result_numpy",
    "format",
    "list",
}
_KEEPING = {"append", "extend", "insert", "add", "update", "setdefault", "appendleft", "put"}
_LOOPS = (ast.For, ast.AsyncFor, ast.While)
_COMPREHENSIONS = (ast.ListComp, ast.DictComp, ast.SetComp, ast.GeneratorExp)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


@dataclass(frozen=True)
class Candidate:
    """A line to be read."""

    repo: str
    path: str
    cell: int | None
    line: int
    kind: str
    within: str
    text: str


@dataclass(frozen=True)
class Source:
    """What could be parsed of a file: one tree, or one for each cell."""

    path: str
    cell: int | None
    lines: list[str]
    tree: ast.AST


def sources(root: Path) -> Iterator[Source]:
    """Yield every Python file and every cell of a repository that parses."""
    for path in sorted(root.rglob("*")):
        if path.suffix == ".py" and path.is_file():
            texts: list[tuple[int | None, str]] = [(None, path.read_text(encoding="utf-8", errors="replace"))]
        elif path.suffix == ".ipynb" and path.is_file():
            texts = list(cells(path))
        else:
            continue
        for cell, text in texts:
            try:
                tree = ast.parse(text)
            except (SyntaxError, ValueError, RecursionError):
                print(f"not parsed: {path}" + ("" if cell is None else f":{cell}"), file=sys.stderr)
                continue
            yield Source(str(path.relative_to(root)), cell, text.splitlines(), tree)


def cells(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the number and text of each code cell, magics taken for comments."""
    try:
        notebook = json.loads(path.read_text(encoding="utf-8", errors="replace"))
    except ValueError:
        return
    for number, cell in enumerate(notebook.get("cells") or []):
        if cell.get("cell_type") == "code":
            text = "".join(cell.get("source") or "")
            yield number, re.sub(r"^(\s*)[%!]", r"\1pass #", text, flags=re.MULTILINE)


def dotted(node: ast.AST) -> str:
    """Return the written name of something called, as far as it is one."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def makes(call: ast.Call, makers: set[str]) -> bool:
    """Whether a call may make or load a model."""
    name = dotted(call.func)
    last = name.rpartition(".")[2]
    return bool(_MAKES.match(last)) or name.endswith(_LOADS) or last in makers


def makers_of(found: list[Source]) -> set[str]:
    """Return the bare names of classes and functions that may make a model, directly or through others."""
    calls: dict[str, set[str]] = defaultdict(set)
    makers: set[str] = set()
    for source in found:
        for node in ast.walk(source.tree):
            if isinstance(node, ast.ClassDef):
                if any(re.search(r"(^|\.)(Model|Sequential)$", dotted(base)) for base in node.bases):
                    makers.add(node.name)
                for item in node.body:
                    if isinstance(item, ast.FunctionDef) and item.name == "__init__":
                        calls[node.name] |= called(item)
            elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name != "__init__":
                calls[node.name] |= called(node)
    direct = {name for name, names in calls.items() if any(_MAKES.match(one) for one in names)}
    makers |= direct
    while True:
        more = {name for name, names in calls.items() if names & makers} - makers
        if not more:
            return makers
        makers |= more


def called(node: ast.AST) -> set[str]:
    """Return the bare names of everything that is called in a function."""
    return {dotted(item.func).rpartition(".")[2] for item in ast.walk(node) if isinstance(item, ast.Call)} - {
        ""
    }


def plain(node: ast.AST) -> bool:
    """Whether an expression is plain data by the look of it."""
    if isinstance(node, (ast.Constant, ast.JoinedStr, ast.Dict, ast.Compare)):
        return True
    if isinstance(node, (ast.List, ast.Tuple)):
        return all(plain(item) for item in node.elts)
    if isinstance(node, ast.BinOp):
        return plain(node.left) and plain(node.right)
    if isinstance(node, ast.Call):
        name = dotted(node.func)
        last = name.rpartition(".")[2] or (node.func.attr if isinstance(node.func, ast.Attribute) else "")
        return last in _PLAIN_CALLS or name.startswith(
            ("np.", "numpy.", "os.", "time.", "random.", "cv2.", "pd.")
        )
    return False


def may_be_tensor(node: ast.AST) -> bool:
    """Whether a name, or a call of something of TensorFlow, stands in an expression."""
    for item in ast.walk(node):
        if isinstance(item, ast.Name) and _MAYBE_TENSOR.search(item.id):
            return True
        if isinstance(item, ast.Attribute) and _MAYBE_TENSOR.search(item.attr):
            return True
        if isinstance(item, ast.Call) and dotted(item.func).startswith(("tf.", "K.", "self.", "keras.")):
            return True
    return False


def bound_in(function: ast.FunctionDef | ast.AsyncFunctionDef) -> frozenset[str]:
    """Return the names that a function binds itself; its parameters are not among them."""
    outer = {
        name
        for item in ast.walk(function)
        if isinstance(item, (ast.Global, ast.Nonlocal))
        for name in item.names
    }
    names = {
        item.id
        for item in ast.walk(function)
        if isinstance(item, ast.Name) and isinstance(item.ctx, ast.Store)
    }
    return frozenset(names - outer)


def outlives(node: ast.AST, bound: frozenset[str]) -> bool:
    """Whether what a call or store changes was made outside the function."""
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        node = node.value
    return isinstance(node, ast.Name) and node.id not in bound


class Lister:
    """Walks one tree and remembers the loops and functions around a node."""

    def __init__(self, repo: str, source: Source, makers: set[str]) -> None:
        self._repo, self._source, self._makers = repo, source, makers
        self.found: dict[tuple[int, str], Candidate] = {}

    def walk(self, node: ast.AST, within: str = "", bound: frozenset[str] | None = None) -> None:
        """List the candidates below a node; `within` says what repeats it, `bound` are a function's names."""
        for name, value in ast.iter_fields(node):
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST):
                    inner = within
                    if isinstance(node, _LOOPS) and name in {"body", "test"}:
                        inner = f"loop at {node.lineno}"
                    elif isinstance(node, _COMPREHENSIONS) and name in {"elt", "key", "value"}:
                        inner = f"comprehension at {node.lineno}"
                    self._visit(child, inner, bound)

    def _visit(self, node: ast.AST, within: str, bound: frozenset[str] | None) -> None:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            if within and any("function" in ast.dump(one) for one in node.decorator_list):
                self._list(node, "trace", within)
            handled = any(isinstance(one, ast.Call) for one in node.decorator_list)
            bound = None if node.name == "__init__" else bound_in(node)
            repeated = handled or bool(_REPEATED.search(node.name))
            within = f"function {node.name}" if repeated else ""
        elif isinstance(node, ast.ClassDef):
            within = ""
        elif isinstance(node, ast.Call):
            self._call(node, within, bound)
        elif isinstance(node, (ast.Assign, ast.AugAssign)):
            self._store(node, within, bound)
        self.walk(node, within, bound)

    def _call(self, node: ast.Call, within: str, bound: frozenset[str] | None) -> None:
        name = dotted(node.func)
        last = name.rpartition(".")[2]
        if within:
            if makes(node, self._makers):
                self._list(node, "build", within)
            if name in {"tf.function", "K.function", "keras.backend.function"} or (
                last == "compile" and name != "re.compile"
            ):
                self._list(node, "trace", within)
            if last in {"predict", "evaluate", "predict_on_batch"}:
                self._list(node, "predict", within)
            if last == "fit" or last in {"from_tensor_slices", "from_generator"}:
                self._list(node, "restart", within)
        attribute = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        outer = bound is not None and attribute and outlives(node.func, bound)
        if attribute in _KEEPING and (within or outer):
            for argument in node.args:
                if not plain(argument) and may_be_tensor(argument):
                    self._list(node, "keep", within or "outer container")

    def _store(self, node: ast.Assign | ast.AugAssign, within: str, bound: frozenset[str] | None) -> None:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        grows = any(isinstance(one, ast.Subscript) for one in targets) and isinstance(node, ast.Assign)
        grows |= isinstance(node, ast.AugAssign) and isinstance(node.value, (ast.List, ast.Tuple))
        outer = bound is not None and any(outlives(one, bound) for one in targets)
        if grows and (within or outer) and not plain(node.value) and may_be_tensor(node.value):
            self._list(node, "keep", within or "outer container")

    def _list(self, node: ast.stmt | ast.expr, kind: str, within: str) -> None:
        text = self._source.lines[node.lineno - 1].strip()[:160]
        found = Candidate(self._repo, self._source.path, self._source.cell, node.lineno, kind, within, text)
        self.found.setdefault((node.lineno, kind), found)


def candidates(root: Path) -> list[Candidate]:
    """Return every candidate of a repository in the order of its files."""
    found = list(sources(root))
    makers = makers_of(found)
    told: list[Candidate] = []
    for source in found:
        lister = Lister(root.name, source, makers)
        lister.walk(source.tree)
        told.extend(sorted(lister.found.values(), key=lambda one: (one.line, one.kind)))
    return told


def main() -> int:
    """Print the candidates of each repository as JSON Lines, and how many there are of each kind."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("directory", type=Path)
    parser.add_argument("--kind", action="append", help="only this kind (can be given again)")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    counts: dict[str, int] = defaultdict(int)
    for root in sorted(path for path in arguments.directory.iterdir() if path.is_dir()):
        for candidate in candidates(root):
            if not arguments.kind or candidate.kind in arguments.kind:
                counts[candidate.kind] += 1
                print(json.dumps(asdict(candidate)))
    print(", ".join(f"{kind}: {count}" for kind, count in sorted(counts.items())), file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
