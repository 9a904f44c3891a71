"""The whole of a result as JSON, which `results.load` reads again, and the schema of it.

`leakscan/validation/report_schema.json` is what `schema` returns.
"""

from __future__ import annotations

import dataclasses
import enum
import inspect
import json
import types
import typing
from typing import Any

from leakscan.validation.measurements import encode
from leakscan.validation.results import SCHEMA_VERSION, Result

_PRIMITIVES = {str: "string", int: "integer", float: "number", bool: "boolean"}


def render_json(result: Result) -> str:
    """One object, ASCII only, with a line for each run and a newline at the end."""
    fields = encode(result)
    runs = fields.pop("runs")
    head = json.dumps(fields, indent=2, allow_nan=False).removesuffix("\n}")
    lines = ",\n".join(f"    {json.dumps(run, allow_nan=False)}" for run in runs)
    return f'{head},\n  "runs": [\n{lines}\n  ]\n}}\n'


def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of the report, from the records that it is made of."""
    definitions: dict[str, Any] = {}
    root = _of(Result, definitions)
    definitions["Result"]["properties"]["schema_version"] = {"const": SCHEMA_VERSION}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Report of leakscan validate",
        "description": "Units are in the names. null means: not measured, or not to be computed.",
        **root,
        "$defs": dict(sorted(definitions.items())),
    }


def _of(kind: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    origin = typing.get_origin(kind)
    if origin in (typing.Union, types.UnionType):
        (inner,) = (each for each in typing.get_args(kind) if each is not type(None))
        return {"anyOf": [_of(inner, definitions), {"type": "null"}]}
    if origin is tuple:
        return {"type": "array", "items": _of(typing.get_args(kind)[0], definitions)}
    if origin is dict:
        return {"type": "object"}
    if kind in _PRIMITIVES:
        return {"type": _PRIMITIVES[kind]}
    name = kind.__name__
    if name not in definitions:
        definitions[name] = {}
        definitions[name] = _definition(kind, definitions)
    return {"$ref": f"#/$defs/{name}"}


def _definition(kind: type, definitions: dict[str, Any]) -> dict[str, Any]:
    text = " ".join((inspect.getdoc(kind) or "").split())
    if issubclass(kind, enum.Enum):
        return {"description": text, "enum": [member.value for member in kind]}
    if not dataclasses.is_dataclass(kind):
        raise TypeError(f"{kind} is neither a record nor an enum")
    hints = typing.get_type_hints(kind)
    names = [field.name for field in dataclasses.fields(kind)]
    return {
        "description": text,
        "type": "object",
        "properties": {name: _of(hints[name], definitions) for name in names},
        "required": names,
        "additionalProperties": False,
    }
