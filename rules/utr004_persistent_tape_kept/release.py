"""The fix `release`: the tape is not stored, or deleted after its last use."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from leakscan.codemods.rewriting import Code, Patch
from leakscan.questions import Retention, Scope
from leakscan.rule import Applicability, RefusedError, Report, Rewrite


class Releasing:
    """Lets a tape go when nothing asks it any more."""

    def rewrite(self, report: Report, code: Code) -> Rewrite:
        """Return the module without the store, or with a `del` after the last use."""
        found = report.subject
        assert isinstance(found, Retention)
        node = code.node(found.place)
        item = code.parent(node) if isinstance(node, cst.BaseExpression) else node
        if isinstance(item, cst.AsName) or isinstance(node, cst.With):
            return self._delete(code, node)
        return self._drop(code, node, found)

    def _drop(self, code: Code, node: cst.CSTNode, found: Retention) -> Rewrite:
        statement = code.statement(node)
        if not isinstance(statement, cst.SimpleStatementLine) or len(statement.body) != 1:
            raise RefusedError("the store shares its statement with other code")
        small = statement.body[0]
        value = small.value if isinstance(small, cst.Assign | cst.Expr) else None
        stored = value.args[-1].value if isinstance(value, cst.Call) and value.args else value
        if isinstance(stored, cst.Tuple | cst.List | cst.Dict | cst.Call):
            raise RefusedError("the tape is stored together with other things")
        base = found.name.partition("[")[0].partition("(")[0].rpartition(".")[2]
        for use in _occurrences(code, base):
            if code.statement(use) is not statement and not _is_initial(code, use):
                raise RefusedError(f"`{found.name}` is read elsewhere")
        patch = Patch(code)
        if len(code.block(statement).body) == 1:
            raise RefusedError("the store is all that its block does")
        patch.drop(statement, moved=False)
        local = found.scope is Scope.LOCAL
        return Rewrite(
            f"do not store the tape: nothing reads `{found.name}`",
            Applicability.SAFE if local else Applicability.UNSAFE,
            patch.tree(),
        )

    def _delete(self, code: Code, node: cst.CSTNode) -> Rewrite:
        """Delete an attribute that a `with` binds, after the last use in its function."""
        statement = code.statement(node)
        function = code.function(statement)
        if not isinstance(statement, cst.With) or not isinstance(function, cst.FunctionDef):
            raise RefusedError("cannot determine where the tape is last used")
        target = statement.items[0].asname
        if target is None or not isinstance(target.name, cst.Attribute):
            raise RefusedError("one tape records all iterations; make a new one in each")
        name = code.text(target.name)
        block = code.block(statement)
        uses = list(_occurrences(code, target.name.attr.value))
        if any(code.function(use) is not function and not _is_initial(code, use) for use in uses):
            raise RefusedError(f"`{name}` is used by other functions")
        last = statement
        for line in block.body:
            if any(line is code.statement(use) or line in code.ancestors(use) for use in uses):
                last = line
        patch = Patch(code)
        small = last.body[0] if isinstance(last, cst.SimpleStatementLine) and len(last.body) == 1 else None
        if isinstance(small, cst.Return) and small.value is not None:
            result = code.fresh_name("result")
            patch.before(last, f"{result} = {code.text(small.value)}\ndel {name}")
            patch.replace(small.value, result)
        elif isinstance(last, cst.SimpleStatementLine | cst.With):
            patch.after(last, f"del {name}")
        else:
            raise RefusedError("cannot determine where the tape is last used")
        return Rewrite(f"delete `{name}` after its last use", Applicability.UNSAFE, patch.tree())


def _occurrences(code: Code, name: str) -> Iterator[cst.BaseExpression]:
    """Yield every variable and attribute of a name in the module."""
    for item in code.everything:
        if isinstance(item, cst.Attribute) and item.attr.value == name:
            yield item
        elif isinstance(item, cst.Name) and item.value == name:
            above = code.parent(item)
            if not isinstance(above, cst.Attribute | cst.Param | cst.FunctionDef) or (
                isinstance(above, cst.Attribute) and above.value is item
            ):
                yield item


def _is_initial(code: Code, use: cst.BaseExpression) -> bool:
    """Whether a use is `tapes = []`, `self.tape = None` or the like."""
    above = code.parent(use)
    assign = code.parent(above) if isinstance(above, cst.AssignTarget) else None
    if not isinstance(assign, cst.Assign):
        return False
    value = assign.value
    if isinstance(value, cst.Name):
        return value.value == "None"
    return isinstance(value, cst.List | cst.Dict) and not value.elements
