"""The fix `hoist`: the model is loaded once, before the loop."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from leakscan.codemods.rewriting import Code, Patch
from leakscan.rule import Applicability, RefusedError, Rewrite

from ..families.hoisting import Hoistable, find_hoistable, hoist, uses

if TYPE_CHECKING:
    from .loads import Load

#: Methods that leave a model as it is.
_READING = frozenset(
    """predict predict_on_batch evaluate test_on_batch summary count_params get_weights get_config get_layer
    to_json layers inputs outputs input output input_shape output_shape weights trainable_weights name
    signatures numpy save generate call""".split()
)


class Hoisting:
    """Moves the load before the loop; a `del` of the model goes."""

    def rewrite(self, load: Load, code: Code) -> Rewrite:
        """Return the module with the load before the loop."""
        if load.around.loop is None or load.around.driver is not None:
            raise RefusedError("no loop in this file repeats the load")
        if load.trained:
            raise RefusedError("the iteration trains the model, and starts from the file each time")
        found = find_hoistable(code, load.place, load.around.loop)
        if found.name is None:
            raise RefusedError("what is loaded is not bound to a name")
        changing = None if load.around.chain else _changing(code, found)
        patch = Patch(code)
        hoist(code, found, patch)
        safe = not load.around.chain and changing is None
        message = f"load `{found.name}` once before the loop"
        if changing is not None:
            message += f"; {changing} may change it, and the change stays for the next iteration"
        applicability = Applicability.SAFE if safe else Applicability.UNSAFE
        return Rewrite(message, applicability, patch.tree())


def _changing(code: Code, found: Hoistable) -> str | None:
    """Return what may change the model in an iteration, in words, or None if nothing does."""
    assert found.name is not None
    for name in uses(code, found.loop.body, found.name):
        above = code.parent(name)
        if isinstance(above, cst.Del):
            continue
        if isinstance(above, cst.Attribute) and above.attr.value in _READING:
            continue
        # net(x)
        if isinstance(above, cst.Call) and above.func is name:
            continue
        if isinstance(above, cst.Attribute):
            return f"`{code.text(above)}`"
        return f"what is done with `{found.name}`"
    return None


__all__ = ["Hoisting"]
