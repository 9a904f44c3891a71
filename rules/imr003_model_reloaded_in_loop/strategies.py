"""The fixes; what needs LibCST is imported when one is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leakscan.rule import Advice, Applicability, RefusedError, Report, Rewrite, Strategy

from .loads import Load

if TYPE_CHECKING:
    from leakscan.codemods.rewriting import Code


class Hoist(Strategy):
    """Loads the model once, before the loop."""

    name = "hoist"
    summary = "load the model once before the loop; a `del` of it goes"
    applicability = Applicability.SAFE

    def rewrite(self, report: Report, code: Code) -> Rewrite:
        """Return the module with the load before the loop."""
        from .hoist import Hoisting

        load = report.subject
        assert isinstance(load, Load)
        return Hoisting().rewrite(load, code)


class Cache(Strategy):
    """Loads the model in a function with lru_cache."""

    name = "cache"
    summary = "load the model in a function with lru_cache, where a function that is called again loads it"
    applicability = Applicability.UNSAFE

    def rewrite(self, report: Report, code: Code) -> Rewrite:
        """Return the module with the load in a function of its own."""
        from .cache import Caching

        load = report.subject
        assert isinstance(load, Load)
        return Caching().rewrite(load, code)


class Keep(Advice):
    """Says how a server keeps what it has loaded."""

    name = "keep"
    summary = "load the model once for all requests: on import, or in a function with lru_cache"

    def advise(self, report: Report) -> str:
        """Return advice."""
        load = report.subject
        assert isinstance(load, Load)
        if load.around.loop is not None and load.around.driver is None:
            raise RefusedError("a loop in this project repeats the load")
        cache = "st.cache_resource" if load.around.driver == "Streamlit" else "functools.lru_cache(maxsize=1)"
        return f"put the load into a function with the decorator {cache}, or where the module is imported"
