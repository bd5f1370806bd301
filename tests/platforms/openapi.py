"""Whether what was sent to a simulated platform is what its OpenAPI document asks for.

Set CLAIMWATCH_DISCORD_OPENAPI to the path of Discord's document (discord/discord-api-spec, specs/openapi.json), and
every body that the tests send is held against it.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

VARIABLE = "CLAIMWATCH_DISCORD_OPENAPI"


class Bodies:
    """Checks request bodies; `checked` counts them."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._components = deepcopy(document.get("components", {}))
        # Ids may be numbers, as in the reference's own example of an upload; the document knows strings alone.
        self._components.get("schemas", {}).get("SnowflakeType", {})["type"] = ["string", "integer"]
        self._operations = [
            (method.upper(), _pattern(path), operation)
            for path, operations in sorted(document["paths"].items(), key=lambda item: item[0].count("{"))
            for method, operation in operations.items()
            if method in {"get", "post", "put", "patch", "delete"}
        ]
        self.checked = 0

    def check(self, method: str, path: str, body: Any) -> None:
        """Raises `AssertionError` where the path is unknown or the body is not what it takes."""
        operation = next((one for verb, form, one in self._operations if verb == method and form.fullmatch(path)), None)
        assert operation is not None, f"{method} {path} is not in the document"
        content = operation.get("requestBody", {}).get("content", {})
        if body is None or "application/json" not in content:
            assert body is None, f"{method} {path} takes no body"
            return
        schema = content["application/json"]["schema"] | {"components": self._components}
        errors = [_told(error) for error in Draft202012Validator(schema).iter_errors(body)]
        assert not errors, f"{method} {path}: {'; '.join(errors)}\n{json.dumps(body)[:2000]}"
        self.checked += 1


@cache
def discord_bodies() -> Bodies | None:
    """The check that the environment asks for. A path that cannot be read is an error, not a reason to skip."""
    path = os.environ.get(VARIABLE, "")
    return Bodies(json.loads(Path(path).read_text(encoding="utf-8"))) if path else None


def check_all(sent: Iterable[tuple[str, str, Any]]) -> None:
    """Check (method, path, body) of all that was sent, where the environment asks for it."""
    if bodies := discord_bodies():
        for method, path, body in sent:
            bodies.check(method, path, body)


def _pattern(path: str) -> re.Pattern[str]:
    parts = re.split(r"(\{\w+\})", path)
    return re.compile("".join("[^/]+" if part.startswith("{") else re.escape(part) for part in parts))


def _told(error: Any) -> str:
    """The deepest of an error's causes, with its place."""
    while error.context:
        error = max(error.context, key=lambda cause: len(cause.absolute_path))
    return f"{error.json_path}: {error.message[:300]}"
