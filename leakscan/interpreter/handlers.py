"""Functions that a framework calls for each request, message or event, or at times."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from leakscan.facts import model as f
from leakscan.facts.calls import calls_in
from leakscan.facts.names import dotted, imports_of, text
from leakscan.facts.walk import walk_kind
from leakscan.interpreter.values import Api, Module, Object, Unknown
from leakscan.knowledge import Effect, Kind, Words
from leakscan.knowledge.servers import STREAMLIT_SETTINGS
from leakscan.records import dataclass

if TYPE_CHECKING:
    from leakscan.interpreter.project import Project

#: Types of parameters that only what a server calls has.
_REQUESTS = frozenset({"HttpRequest", "QueueMessage", "ServiceBusMessage", "EventHubEvent"})
#: Methods of Falcon's resources.
_RESOURCE_METHODS = frozenset(f"on_{name}" for name in ("get", "post", "put", "patch", "delete"))
#: What functions are registered with.
_REGISTRARS = (Kind.SERVER, Kind.SCHEDULER)


@dataclass(frozen=True, slots=True)
class Handler:
    """What calls a function, in words, and whether it does so at times, not for each request or event."""

    words: str
    timed: bool = False


def handler_of(project: Project, function: tuple[int, int]) -> Handler | None:
    """Return what calls a function for each request, message or event, or at times; None if nothing does."""
    module, index = function
    facts = project.function(module, index)
    if index == 0:
        return Handler("Streamlit") if _is_page(project, module) else None
    if _is_lambda_handler(facts):
        return Handler("AWS Lambda")
    if _is_of_servicer(project, module, facts) or _answers_request(project, module, facts):
        return Handler(f"the server ({project.describe(module, index).removesuffix('()')})")
    if function in project.engine.registered:
        return Handler(f"the server ({project.engine.registered[function]})")
    answers = facts.owner is not None and facts.name in project.knowledge.says(Words.REQUEST_METHODS)
    if answers and facts.owner is not None and "view" in project.traits(module, facts.owner):
        return Handler(f"the server ({project.describe(module, index).removesuffix('()')})")
    for decorator in facts.decorators:
        called = decorator.func if isinstance(decorator, f.Call) else decorator
        kind = _registrar(project, module, facts, decorator, called)
        if kind is not None:
            return Handler(f"the {kind.value} ({text(called)})", kind is Kind.SCHEDULER)
    return None


def _registrar(
    project: Project, module: int, facts: f.FunctionFacts, decorator: f.Expr, called: f.Expr
) -> Kind | None:
    """Return what a decorator registers a function with: a server or a scheduler; None for neither."""
    knowledge = project.knowledge
    scope = (module, facts.parent or 0)
    for atom in project.static(*scope, called):
        if isinstance(atom, Api) and (row := knowledge.call(atom.name)).effect is Effect.REGISTERS:
            return row.kind if row.kind in _REGISTRARS else Kind.SERVER
    if not isinstance(called, f.Attribute):
        return None
    kinds = [kind for kind in _REGISTRARS if knowledge.method(kind, called.attr) is Effect.REGISTERS]
    if not kinds:
        return None
    bases = project.engine.value(scope, called.value)
    for atom in bases:
        if isinstance(atom, Object) and atom.kind in kinds:
            return atom.kind
    # @app.route("/predict") of an application that is made outside of what was read
    first = decorator.args[0] if isinstance(decorator, f.Call) and decorator.args else None
    path = isinstance(first, f.Literal) and isinstance(first.value, str) and first.value.startswith("/")
    return kinds[0] if path and all(isinstance(atom, Unknown | Api | Module) for atom in bases) else None


def _is_lambda_handler(facts: f.FunctionFacts) -> bool:
    """Whether AWS Lambda may call a function: def lambda_handler(event, context)."""
    if facts.parent != 0 or facts.owner is not None or facts.is_lambda:
        return False
    names = [param.name.strip("_") for param in facts.params]
    return names == ["event", "context"] or (facts.name == "lambda_handler" and len(names) == 2)  # noqa: PLR2004


def _is_of_servicer(project: Project, module: int, facts: f.FunctionFacts) -> bool:
    """Whether gRPC may call a method: class Net(NetServicer): def Ask(self, request, context)."""
    names = [param.name.partition("_iterator")[0] for param in facts.params]
    if names[1:] != ["request", "context"] or facts.owner is None:
        return False
    bases = project.modules[module].classes[facts.owner].bases
    return any(dotted(base).endswith("Servicer") for base in bases)


def _answers_request(project: Project, module: int, facts: f.FunctionFacts) -> bool:
    """Whether parameters and results tell that a function gets a request or a message.

    main(req: func.HttpRequest), on_post(self, req, resp), index(request) that returns JsonResponse(...)
    """
    params = facts.params[facts.owner is not None :]
    if not params or facts.is_lambda:
        return False
    if any(param.annotation.rpartition(".")[2] in _REQUESTS for param in params):
        return True
    if facts.owner is not None:
        return facts.name in _RESOURCE_METHODS and [param.name for param in params[:2]] == ["req", "resp"]
    if params[0].name != "request" or facts.parent != 0:
        return False
    django = {
        item.name
        for item in imports_of(project.modules[module], alternatives=True)
        if item.level == 0 and item.module.startswith(("django.http", "django.shortcuts", "django.template"))
    }
    return any(
        isinstance(item.value, f.Call) and dotted(item.value.func).partition(".")[0] in django
        for item in walk_kind(facts.body, f.Return)
    )


def _is_page(project: Project, module: int) -> bool:
    """Whether a module is a page of Streamlit, which runs it again for each interaction."""
    facts = project.modules[module]
    imported = {
        item.name
        for item in imports_of(facts, alternatives=True)
        if item.level == 0 and item.module.partition(".")[0] == "streamlit"
    }
    if not imported or _is_imported(project, module):
        return False
    return any(name in imported for name in _shown(project, module, 0, set()))


def _shown(project: Project, module: int, function: int, seen: set[int]) -> Iterator[str]:
    """Yield the roots of what a function calls, and of what functions of the module that it calls do."""
    if function in seen:
        return
    seen.add(function)
    facts = project.modules[module]
    local = {item.name: item.index for item in facts.functions if item.parent == 0 and item.owner is None}
    for call, _ in calls_in(facts.functions[function].body, facts):
        root = call.func
        while isinstance(root, f.Attribute):
            last, root = root.attr, root.value
            if last in STREAMLIT_SETTINGS:
                break
        else:
            if isinstance(root, f.Name):
                yield root.id
                if root.id in local and root is call.func:
                    yield from _shown(project, module, local[root.id], seen)


def _is_imported(project: Project, module: int) -> bool:
    """Whether another module of the project imports a module: what runs once then is its body."""
    for number, facts in enumerate(project.modules):
        if number == module:
            continue
        for item in imports_of(facts, alternatives=True):
            for atom in project.imported(number, item):
                if getattr(atom, "module", None) == module or atom == Module(module):
                    return True
    return False


__all__ = ["Handler", "handler_of"]
