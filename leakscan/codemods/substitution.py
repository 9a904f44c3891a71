"""An expression with another one in the place of a variable."""

from __future__ import annotations

import libcst as cst

_PRIMARY = (cst.Name, cst.Attribute, cst.Call, cst.Subscript)
_NEVER_BARE = (cst.NamedExpr, cst.Yield, cst.GeneratorExp)


def substituted(
    expression: cst.BaseExpression, variable: str, value: cst.BaseExpression
) -> cst.BaseExpression:
    """Return `expression`, on one line, with `value` where it reads `variable`; `value` keeps its layout.

    The result needs no parentheses as an argument or an element. Comments of `expression` are dropped.
    """
    result = expression.deep_clone().visit(_Substitute(variable, value))
    assert isinstance(result, cst.BaseExpression)
    if isinstance(expression, cst.Tuple):
        return result if result.lpar else in_parentheses(result)
    return result.with_changes(lpar=(), rpar=())


def in_parentheses(node: cst.BaseExpression) -> cst.BaseExpression:
    """Return a node with parentheses around it."""
    return node.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])


class _Substitute(cst.CSTTransformer):
    def __init__(self, variable: str, value: cst.BaseExpression) -> None:
        super().__init__()
        self.variable = variable
        self.value = value

    def on_leave(self, original_node: cst.CSTNodeT, updated_node: cst.CSTNodeT) -> cst.CSTNode:  # type: ignore[override]
        original: cst.CSTNode = original_node
        updated: cst.CSTNode = updated_node
        if isinstance(original, cst.ParenthesizedWhitespace):
            return cst.SimpleWhitespace("")
        if isinstance(original, cst.Comma | cst.BaseBinaryOp | cst.BaseCompOp):
            return _spaced(original, updated)
        if isinstance(original, cst.Name):
            return self._name(original)
        if isinstance(original, cst.Attribute):
            # x.loss, where the variable is `loss`
            return updated.with_changes(attr=original.attr)
        if isinstance(original, cst.Arg):
            updated = updated.with_changes(keyword=original.keyword)
            alone = isinstance(original.value, cst.Name) and original.value.value == self.variable
            # float(a + b), not float((a + b))
            bare = alone and not isinstance(self.value, _NEVER_BARE)
            return updated.with_changes(value=_bare(self.value)) if bare else updated
        if isinstance(original, cst.Call) and isinstance(updated, cst.Call):
            return _without_last_comma(original, updated)
        return updated

    def _name(self, name: cst.Name) -> cst.BaseExpression:
        if name.value != self.variable:
            return name
        return (
            self.value if isinstance(self.value, _PRIMARY) or self.value.lpar else in_parentheses(self.value)
        )


def _bare(node: cst.BaseExpression) -> cst.BaseExpression:
    """Return a node without parentheses that stand on its line and that it does not need."""
    if not node.lpar or isinstance(node, cst.Tuple):
        return node
    inner = (node.lpar[0].whitespace_after, node.rpar[-1].whitespace_before)
    if any(isinstance(space, cst.ParenthesizedWhitespace) for space in inner):
        return node
    return node.with_changes(lpar=node.lpar[1:], rpar=node.rpar[:-1])


def _spaced(original: cst.CSTNode, updated: cst.CSTNode) -> cst.CSTNode:
    """Return a comma or an operator with a space where there was the end of a line."""
    for side in ("whitespace_before", "whitespace_after"):
        if isinstance(getattr(original, side, None), cst.ParenthesizedWhitespace):
            updated = updated.with_changes(**{side: cst.SimpleWhitespace(" ")})
    return updated


def _without_last_comma(original: cst.Call, updated: cst.Call) -> cst.Call:
    """Return a call without the comma at the end of a line that is none any more."""
    comma = original.args[-1].comma if original.args else None
    if not isinstance(comma, cst.Comma) or not isinstance(
        comma.whitespace_after, cst.ParenthesizedWhitespace
    ):
        return updated
    last = updated.args[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
    return updated.with_changes(args=[*updated.args[:-1], last])


__all__ = ["in_parentheses", "substituted"]
