"""Write `src/operations.ts`: the API's operations as types, from the description that the server gives of itself.

python sdk/typescript/generate.py          # write it anew
python sdk/typescript/generate.py --check  # tell whether it is fresh, by the exit status
"""

# ruff: noqa: INP001 - a program, no package

import asyncio
import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from matchline.wiring import in_process_client, open_engine, read_document

TARGET = Path(__file__).parent / "src" / "operations.ts"

Schema = Mapping[str, Any]

# The built-in services under their own names; without resource groups, which differ from server to server.
CONFIGURATION = "".join(
    f'[service.{name}]\n_type = "builtin"\n_service = "{name}"\n'
    for name in ("request-interaction", "request-access", "match-interaction", "get")
)

PAGE = "text/html"  # for people; no operation of this client
ANY_TYPE = "*/*"

SCALARS = {
    "string": "string",
    "boolean": "boolean",
    "null": "null",
    "integer": "number",
    "number": "number",
}

HEAD = """// Written by `make docs` from the server's own description of its API. Change that, not this file.

/** A file, or whatever else has bytes. */
export type Bytes = Blob;
"""


async def described() -> Schema:
    document, faults = read_document(CONFIGURATION)
    if faults:
        raise ValueError(faults)
    async with open_engine("memory://") as engine, in_process_client(engine) as client:
        await engine.keeper.apply(document)
        description: Schema = (await client.get("/openapi.json")).json()
        return description


def operations(description: Schema) -> Iterator[tuple[str, Schema]]:
    """Name → operation, but for pages."""
    for path, methods in sorted(description["paths"].items()):
        for method, operation in sorted(methods.items()):
            if PAGE not in content(operation):
                yield f"{method.upper()} {path}", operation


def content(operation: Schema) -> Schema:
    answered: Schema = operation["responses"]["200"]["content"]
    return answered


def text(description: Schema) -> str:
    found = dict(operations(description))
    lines = [HEAD, "export interface Operations {"]
    for name, operation in found.items():
        lines += [f"  /** {operation['summary']} */", f"  {json.dumps(name)}: {{"]
        lines += [f"    {member}: {type_};" for member, type_ in members(operation)]
        lines.append("  };")
    lines += ["}", "", "/** Those that answer bytes. */"]
    lines.append(constant("FILES", [name for name, each in found.items() if ANY_TYPE in content(each)]))
    lines += ["", "/** Whatever an error answer may be named. */"]
    lines += [f"export type ErrorName =\n  | {alternatives(errors(found), '  ')};", ""]
    return "\n".join(lines)


def members(operation: Schema) -> Iterator[tuple[str, str]]:
    for place in ("path", "query", "header"):
        parameters = [each for each in operation["parameters"] if each["in"] == place]
        yield place, object_type({each["name"]: each["schema"] for each in parameters}, required(parameters))
    yield "body", body_type(operation.get("requestBody"))
    (kind, answered), *_ = content(operation).items()
    yield "answer", "Bytes" if kind == ANY_TYPE else type_of(answered["schema"])


def required(parameters: list[Schema]) -> list[str]:
    return [each["name"] for each in parameters if each["required"]]


def body_type(body: Schema | None) -> str:
    if body is None:
        return "undefined"
    schemas = body["content"]
    if "application/json" not in schemas:
        return "string"
    found = type_of(schemas["application/json"]["schema"])
    return found if body["required"] else f"{found} | undefined"


def type_of(schema: Schema) -> str:
    if "anyOf" in schema:
        return " | ".join(dict.fromkeys(type_of(each) for each in schema["anyOf"]))
    if "enum" in schema:
        return " | ".join(json.dumps(each) for each in schema["enum"])
    kind = schema.get("type")
    if isinstance(kind, list):
        return " | ".join(dict.fromkeys(type_of({**schema, "type": each}) for each in kind))
    if kind == "array":
        return f"Array<{type_of(schema['items'])}>"
    return object_of(schema) if kind == "object" else SCALARS.get(kind or "", "unknown")


def object_of(schema: Schema) -> str:
    named = object_type(schema.get("properties", {}), schema.get("required", []))
    others = schema.get("additionalProperties", not schema.get("properties"))
    if others is False:
        return named
    any_other = others if isinstance(others, dict) else {}
    if named == "{}":
        return f"Record<string, {type_of(any_other)}>"
    return f"{named} & Record<string, unknown>" if others else named


def object_type(properties: Schema, needed: list[str]) -> str:
    names = dict.fromkeys([*properties, *needed])
    told = [
        f"{json.dumps(name)}{'' if name in needed else '?'}: {type_of(properties.get(name, {}))}"
        for name in names
    ]
    return f"{{ {'; '.join(told)} }}" if told else "{}"


def errors(found: Mapping[str, Schema]) -> list[str]:
    return sorted(
        {
            name
            for operation in found.values()
            for answer in operation["responses"].values()
            for name in re.findall(r"`(\w+)`:", answer["description"])
        }
    )


def alternatives(names: list[str], margin: str) -> str:
    return f"\n{margin}| ".join(json.dumps(name) for name in names)


def constant(name: str, texts: list[str]) -> str:
    listed = "".join(f"  {json.dumps(text)},\n" for text in texts)
    return f"export const {name}: ReadonlySet<string> = new Set([\n{listed}]);"


def main() -> int:
    wanted = text(asyncio.run(described()))
    if "--check" in sys.argv[1:]:
        return int(TARGET.read_text() != wanted)
    TARGET.write_text(wanted)
    return 0


if __name__ == "__main__":
    sys.exit(main())
