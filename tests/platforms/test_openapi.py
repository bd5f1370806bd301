"""The check of bodies finds what is wrong, so that its silence means something."""

from __future__ import annotations

from typing import Any

import pytest
from openapi import Bodies

POST = {"$ref": "#/components/schemas/Post"}
DOCUMENT = {
    "paths": {
        "/channels/{channel_id}/messages": {
            "post": {
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Post"}}}}
            }
        },
        "/gateway": {"get": {}},
    },
    "components": {
        "schemas": {
            "Post": {"type": "object", "properties": {"content": {"type": "string", "maxLength": 5}}},
        }
    },
}


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [("POST", "/channels/1/messages", {"content": "hello"}), ("GET", "/gateway", None)],
)
def test_what_the_document_takes_passes(method: str, path: str, body: Any) -> None:
    Bodies(DOCUMENT).check(method, path, body)


@pytest.mark.parametrize(
    ("method", "path", "body", "problem"),
    [
        ("POST", "/channels/1/messages", {"content": "too long"}, "content"),
        ("POST", "/channels/1/messages", {"content": 1}, "content"),
        ("PUT", "/channels/1/messages", {}, "not in the document"),
        ("POST", "/channels/1/2/messages", {}, "not in the document"),
        ("GET", "/gateway", {}, "takes no body"),
    ],
)
def test_anything_else_is_told(method: str, path: str, body: Any, problem: str) -> None:
    with pytest.raises(AssertionError, match=problem):
        Bodies(DOCUMENT).check(method, path, body)
