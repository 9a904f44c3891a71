"""The fix `reduce`: what is later computed of each stored tensor is computed, and kept, in its place."""

from __future__ import annotations

import re

import libcst as cst

from leakscan.codemods.rewriting import COMPREHENSIONS, LOOPS, Code, Patch, walk
from leakscan.codemods.substitution import substituted
from leakscan.interpreter.retentions import OtherStore, Retention, Scope
from leakscan.rule import Applicability, RefusedError, Report, Rewrite

from ..families.host_copies import find_store
from ..families.recomputing import Recomputing, same_for
from ..families.tensor_uses import variables
from .passes import Pass, must_always_be_computed, names_bound_after, reads, uses_of

#: Builtins and libraries that take a list and leave it alone, and builtins that go through what they get.
_READERS = frozenset({"any", "all", "frozenset", "list", "max", "min", "set", "sorted", "sum", "tuple"})
#: What must be the builtin for a pass to be one over all elements.
_WRAPPERS = ("enumerate", "len", "reversed", "zip")
_CHANGING = re.compile(r"(assign\w*|scatter_\w+|append|clear|extend|fill|insert|pop|remove|reverse|sort)$")
_READING_ROOTS = frozenset({"math", "numpy", "statistics"})


def reduced(report: Report, code: Code) -> Rewrite:
    """Return the module with the expression moved from the passes to the stores."""
    found = report.subject
    assert isinstance(found, Retention)
    if found.in_graph:
        raise RefusedError("inside a tf.function there is no value to store")
    if found.under_tape or found.consumed:
        raise RefusedError("the tensors are needed as tensors")
    # self.losses is filled and read by any method; kept.setdefault(name, []).append(loss)
    if found.scope is not Scope.LOCAL or not found.name.isidentifier():
        raise RefusedError(f"`{found.name}` is not a list of the function that fills it")
    change = _Reduction(code, code.project.with_uses(found))
    change.make()
    text = code.text(substituted(change.expression, change.element, cst.Name(change.element)))
    message = f"store `{text}`, all that is read of it, in `{found.name}`"
    return Rewrite(f"{message} in the place of the tensor", Applicability.UNSAFE, change.patch.tree())


class _Reduction:
    """The change to one container."""

    def __init__(self, code: Code, found: Retention) -> None:
        self.code = code
        self.name = found.name
        self.patch = Patch(code)
        self.values = self._stored(found)
        self.uses = uses_of(code, found, set(self.values))
        self.earlier = Recomputing(code)
        for name in _WRAPPERS:
            if self.earlier.bound[name]:
                raise RefusedError(f"the module has a `{name}` of its own")
        self.expression: cst.BaseExpression
        self.element = ""

    def _stored(self, found: Retention) -> dict[cst.CSTNode, tuple[cst.BaseExpression, ...]]:
        stored = {}
        stores: list[Retention | OtherStore] = [found, *found.others]
        for store in stores:
            if store.in_graph:
                raise RefusedError(f"`{self.name}` is also filled inside a tf.function")
            # kept.append((step, loss)), kept.append(loss if step else 0)
            if not store.leaves or any(leaf.path or leaf.mixed for leaf in store.leaves):
                raise RefusedError("what is stored is not always one tensor")
            stored[self.code.node(store.place)] = find_store(self.code, store.place).values
        return stored

    def make(self) -> None:
        """Move the expression. Raises RefusedError unless all passes compute the same."""
        places = self._common()
        if self.uses.home is None:
            self._must_suit_script()
        for node, through in places.items():
            must_always_be_computed(self.code, node, through)
        self._must_run_alike([*self.values, *places])
        for through in self.uses.passes:
            self._take(through, [node for node, where in places.items() if where is through])
        for value in (value for values in self.values.values() for value in values):
            self._must_stay(value)
            self._put(value)

    # What is computed

    def _common(self) -> dict[cst.BaseExpression, Pass]:
        """Return the largest expression that every read is part of, at each place where it stands."""
        chains: list[tuple[Pass, dict[str, cst.BaseExpression]]] = []
        for through in self.uses.passes:
            uses = reads(self.code, through, self.uses.home)
            chains += [(through, self._candidates(use, through)) for use in uses]
        if not chains:
            raise RefusedError(f"the tensors in `{self.name}` are not read where they are stored")
        first, candidates = chains[0]
        key = next((key for key in candidates if all(key in chain for _, chain in chains)), None)
        if key is None:
            odd = next((chain for _, chain in chains if not candidates.keys() & chain.keys()), chains[-1][1])
            one, other = (self.code.text(next(iter(chain.values()))) for chain in (candidates, odd))
            raise RefusedError(f"different things are read of the tensors: `{one}` and `{other}`")
        self.expression, self.element = candidates[key], first.element
        if not self.earlier.outcome(self.expression, self.element).number and self._is_read_twice():
            raise RefusedError("an array is computed each time, and a change to one would show in the others")
        return {chain[key]: through for through, chain in chains}

    def _candidates(self, use: cst.Name, through: Pass) -> dict[str, cst.BaseExpression]:
        """Return the expressions around a read that are plain data, the largest first."""
        found: list[cst.BaseExpression] = []
        reason = ""
        for node in (use, *self.code.ancestors(use)):
            if node is through.whole or isinstance(node, cst.BaseSmallStatement | cst.BaseCompoundStatement):
                break
            if not isinstance(node, cst.BaseExpression):
                continue
            # t.numpy in t.numpy()
            if isinstance(node, cst.Attribute) and isinstance(self.code.parent(node), cst.Call):
                continue
            try:
                outcome = self.earlier.outcome(node, through.element)
            except RefusedError as refused:
                reason = str(refused)
                break
            if outcome.host and outcome.small:
                found.append(node)
        if not found:
            raise RefusedError(
                reason or "the whole tensor is read later, and nothing smaller computed from it"
            )
        return {same_for(self.code, node, through.element): node for node in reversed(found)}

    def _is_read_twice(self) -> bool:
        whole = [through.whole for through in self.uses.passes]
        return len(whole) > 1 or self.code.enclosing(whole[0], (*LOOPS, *COMPREHENSIONS)) is not None

    def _must_suit_script(self) -> None:
        """Raise RefusedError where the order of the top level, or another module, matters."""
        if self.code.project.importers(self.code.index):
            raise RefusedError(f"other modules import this one, and may read `{self.name}`")
        names = {node.value for node in walk(self.expression) if isinstance(node, cst.Name)}
        for store in self.values:
            later = names & names_bound_after(self.code, store)
            if later:
                raise RefusedError(f"`{min(later)}` is imported after the tensors are stored")

    def _must_run_alike(self, nodes: list[cst.CSTNode]) -> None:
        """Raise RefusedError where a `with` around some of the nodes may change what is computed."""
        around = [
            [above for above in self.code.ancestors(node) if isinstance(above, cst.With)] for node in nodes
        ]
        for statement in (statement for statements in around for statement in statements):
            if all(statement in statements for statements in around):
                continue
            for item in statement.items:
                call = item.item
                name = call.func if isinstance(call, cst.Call) else call
                # with tf.GradientTape() as tape: ..., with open(path) as file: ...
                known = self.code.text(name) == "open" or self.earlier.api(name) == "tensorflow.GradientTape"
                # with tf.device("/GPU:0"): ...
                if not known:
                    text = self.code.text(call)
                    raise RefusedError(f"part of it runs outside `with {text}`, which may matter")

    # What changes

    def _must_stay(self, value: cst.BaseExpression) -> None:
        """Raise RefusedError where what is stored is changed in place: then it is no tensor."""
        if not isinstance(value, cst.Name):
            return
        home = self.uses.home
        for use in variables(self.code, self.code.tree if home is None else home, value.value):
            above = self.code.parent(use)
            # gradients[0] = ..., gradients.append(...), weight.assign_add(...)
            changed = isinstance(above, cst.Subscript) and isinstance(
                self.code.parent(above), cst.AssignTarget | cst.AugAssign | cst.Del
            )
            called = isinstance(above, cst.Attribute) and _CHANGING.match(above.attr.value) is not None
            if changed or called:
                raise RefusedError(f"`{value.value}`, which is stored, is changed in place")

    def _put(self, value: cst.BaseExpression) -> None:
        """Store the expression, computed of what was stored."""
        put: cst.BaseExpression = value
        reads_of_it = sum(
            isinstance(node, cst.Name) and node.value == self.element for node in walk(self.expression)
        )
        if reads_of_it > 1 and not isinstance(value, cst.Name):
            put = self._named(value)
        self.patch.replace(value, substituted(self.expression, self.element, put))

    def _named(self, value: cst.BaseExpression) -> cst.Name:
        """Give a name to what is stored: the expression needs it twice."""
        statement = self.code.statement(value)
        text = self.code.text(value)
        alone = isinstance(statement, cst.SimpleStatementLine) and len(statement.body) == 1
        if not alone or "\n" in text or sum(map(len, self.values.values())) > len(self.values):
            raise RefusedError("the expression needs the tensor twice, and what is stored has no name")
        if isinstance(value, cst.NamedExpr) and not value.lpar:
            text = f"({text})"
        name = self.code.fresh_name("value")
        self.patch.before(statement, f"{name} = {text}")
        return cst.Name(name)

    def _take(self, through: Pass, nodes: list[cst.BaseExpression]) -> None:
        """Let a pass take the values: `[float(ops.mean(x)) for x in observed]` is the list itself."""
        whole = through.whole
        plain = not isinstance(whole, cst.For | cst.DictComp) and through.plain and [whole.elt] == nodes
        for node in (whole,) if plain else nodes:
            if any(isinstance(item, cst.Comment) for item in walk(node)):
                raise RefusedError("a comment would be lost")
        if not isinstance(whole, cst.For | cst.DictComp) and plain:
            self._replace(whole, self._all(whole))
            return
        for node in nodes:
            self._replace(node, through.element)

    def _replace(self, node: cst.BaseExpression, source: str) -> None:
        """Put a name or a call where an expression stood that a word may touch: `return[...]`, `...)for`."""
        around = self.code.parent(node)
        assert around is not None
        text = self.code.tree.code_for_node(node)
        before, *after = self.code.tree.code_for_node(around).split(text)
        touched = any(part[:1].isalnum() for part in after) or before[-1:].isalnum()
        self.patch.replace(node, f"({source})" if touched else source)

    def _all(self, whole: cst.ListComp | cst.SetComp | cst.GeneratorExp) -> str:
        """Return what gives all values: the container itself where nobody can tell it from a copy."""
        above = self.code.parent(whole)
        # print(*[...])
        starred = isinstance(above, cst.Arg) and above.star == "*" and not isinstance(whole, cst.SetComp)
        if starred or (isinstance(above, cst.Arg) and self._only_reads(above, whole)):
            return self.name
        if isinstance(whole, cst.ListComp) and isinstance(above, cst.Return) and self._is_given_away(above):
            return self.name
        kind = {cst.ListComp: "list", cst.SetComp: "set", cst.GeneratorExp: "iter"}[type(whole)]
        if not self.earlier.is_builtin(kind):
            raise RefusedError(f"the module has a `{kind}` of its own")
        return f"{kind}({self.name})"

    def _only_reads(self, arg: cst.Arg, whole: cst.BaseExpression) -> bool:
        """Whether a call takes the list as well as a copy of it: sum(...), np.mean([...])."""
        call = self.code.parent(arg)
        if not isinstance(call, cst.Call) or isinstance(whole, cst.SetComp):
            return False
        if isinstance(call.func, cst.Name) and call.func.value in _READERS:
            return self.earlier.is_builtin(call.func.value)
        name = self.earlier.api(call.func)
        # np.random.shuffle([...])
        if ".random." in name:
            return False
        # np.array(x for x in xs) makes something else of a generator than of a list
        listed = isinstance(whole, cst.ListComp) or not name.startswith("numpy.") or name == "numpy.fromiter"
        return listed and self.uses.is_list and name.partition(".")[0] in _READING_ROOTS

    def _is_given_away(self, statement: cst.Return) -> bool:
        """Whether the function ends with this statement, so that the list is the caller's alone."""
        home = self.uses.home
        return (
            home is not None
            and self.uses.is_list
            and not any(isinstance(node, cst.Yield) for node in walk(home))
            and not any(
                isinstance(above, cst.Try | cst.TryStar) and above.finalbody is not None
                for above in self.code.ancestors(statement)
            )
        )


__all__ = ["reduced"]
