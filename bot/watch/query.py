"""Lucene query syntax → an expression that holds for a document or not. Pure.

words side by side       all of them            "in this order"       a phrase
a AND b, a OR b, NOT a   parentheses group      "a b"~5               both, at most five words between them
rearm*, organi?ation     wildcards              title: source: lang:  one field alone
@ships                   a list of keywords     claim: theme:         what it does to what is held
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from luqum import tree
from luqum.exceptions import IllegalCharacterError, ParseError
from luqum.thread import parse as parse_lucene

from bot.errors import QueryError
from bot.watch.expression import And, Expression, Field, Language, Not, Or, Pattern, Phrase, Touches
from bot.watch.words import Words

MAX_LENGTH = 1000
MAX_DEPTH = 40
FIELDS = {"title": Field.TITLE, "source": Field.SOURCE}
_EXAMPLES = {"claim": "troops-in-poland", "theme": "nuclear"}
_OPERATORS = {"and": "AND", "or": "OR", "not": "NOT", "&&": "AND", "||": "OR"}
_ESCAPED = re.compile(r"\\(.)")


Lists = Mapping[str, Sequence[str]]
"""A tenant's lists of keywords, by name: lower case, without the @."""

NO_LISTS: Lists = MappingProxyType({})
MOST_KEYWORDS = 2000
"""So many keywords may come out of the lists that one query names."""


def parse(query: str, lists: Lists = NO_LISTS) -> Expression:
    """The expression of a query. Raises `QueryError`, which points at the place."""
    if not query.strip():
        raise QueryError('empty; write words, "phrases", AND, OR, NOT and parentheses', query, 0)
    if len(query) > MAX_LENGTH:
        raise QueryError(f"longer than {MAX_LENGTH} characters; split it into several watches", query, MAX_LENGTH)
    return _Reader(query, lists).read(_lucene(query), Field.ANY, 0)


def _lucene(query: str) -> tree.Item:
    try:
        return parse_lucene(query)
    except IllegalCharacterError as error:
        position = _position(str(error), query)
        quote = query[position : position + 1] == '"'
        raise QueryError(
            "this quotation mark is never closed" if quote else "not expected here", query, position
        ) from None
    except ParseError as error:
        position = _position(str(error), query)
        if position < len(query):
            raise QueryError("not expected here", query, position) from None
        raise QueryError(*_unfinished(query)) from None


def _unfinished(query: str) -> tuple[str, str, int]:
    opened: list[int] = []
    for index, char in enumerate(query):
        if char == "(":
            opened.append(index)
        elif char == ")" and opened:
            opened.pop()
    if opened:
        return "this parenthesis is never closed", query, opened[-1]
    return "something is missing at the end", query, len(query)


def _position(message: str, query: str) -> int:
    found = re.search(r"at position (\d+)", message)
    return min(int(found[1]), len(query)) if found else len(query)


class _Reader:
    """Walks luqum's tree; each node says where it stands, so that an error can point at it."""

    def __init__(self, query: str, lists: Lists) -> None:
        self.query, self._lists = query, lists
        self._keywords = 0

    def read(self, node: tree.Item, field: Field, depth: int) -> Expression:
        if depth > MAX_DEPTH:
            raise self._error("nested too deeply; split it into several watches", node)
        match node:
            case tree.OrOperation():
                return Or(tuple(self.read(child, field, depth + 1) for child in node.children))
            case tree.BoolOperation() | tree.AndOperation() | tree.UnknownOperation():
                return And(tuple(self.read(child, field, depth + 1) for child in node.children))
            case tree.Not() | tree.Prohibit():
                return Not(self.read(node.children[0], field, depth + 1))
            case tree.Group() | tree.FieldGroup() | tree.Plus():
                return self.read(node.children[0], field, depth + 1)
            case tree.SearchField():
                return self._field(node, field, depth)
            case _:
                return self._leaf(node, field)

    def _field(self, node: tree.SearchField, field: Field, depth: int) -> Expression:
        name = node.name.lower()
        if field is not Field.ANY:
            raise self._error("a field inside a field", node)
        if name == "lang":
            return self._language(node)
        if name in ("claim", "theme"):
            return self._touches(node, name)
        if name not in FIELDS:
            known = "title:, source:, lang:, claim: and theme:"
            raise self._error(f"no field {node.name!r}; there are {known}", node)
        return self.read(node.children[0], FIELDS[name], depth + 1)

    def _language(self, node: tree.SearchField) -> Expression:
        value = node.children[0]
        code = str(value.value).strip('"').lower() if isinstance(value, tree.Term) else ""
        if not re.fullmatch(r"[a-z]{2,3}(-[a-z0-9]+)*", code):
            raise self._error("lang: takes one language code such as lang:en", node)
        return Language(code)

    def _touches(self, node: tree.SearchField, name: str) -> Expression:
        value = node.children[0]
        wanted = str(value.value).strip('"').strip() if isinstance(value, tree.Term) else ""
        if not wanted or "*" in wanted or "?" in wanted:
            raise self._error(f"{name}: takes one {name}, such as {name}:{_EXAMPLES[name]}", node)
        return Touches(_ESCAPED.sub(r"\1", wanted).casefold(), theme=name == "theme")

    def _list(self, node: tree.Word, field: Field) -> Expression:
        """Any of the keywords of a list."""
        words = self._lists.get(node.value[1:].casefold())
        if not words:
            known = ", ".join(f"@{name}" for name in sorted(self._lists)) or "none yet: /list add makes one"
            raise self._error(f"no list {node.value}; there is {known}", node)
        self._keywords += len(words)
        if self._keywords > MOST_KEYWORDS:
            raise self._error(f"the lists come to more than {MOST_KEYWORDS} keywords; split the watch", node)
        return Or(tuple(self._phrase(node, word.strip('"'), field, None) for word in words))

    def _leaf(self, node: tree.Item, field: Field) -> Expression:
        match node:
            case tree.Proximity():
                return self._phrase(node, node.children[0].value[1:-1], field, int(node.degree))
            case tree.Phrase():
                return self._phrase(node, node.value[1:-1], field, None)
            case tree.Word():
                return self._word(node, field)
            case tree.Fuzzy():
                raise self._error("no fuzzy words; use a wildcard such as rearm*", node)
            case tree.Boost():
                raise self._error("no weights; a watch matches or not", node)
            case _:
                raise self._error("not known here; write words, phrases, AND, OR, NOT and parentheses", node)

    def _word(self, node: tree.Word, field: Field) -> Expression:
        if operator := _OPERATORS.get(node.value):
            raise self._error(f'write {operator} for the operator, or "{node.value}" in quotes for the word', node)
        if node.value.startswith("@"):
            return self._list(node, field)
        if node.value.startswith("!"):
            raise self._error("write NOT for the operator", node)
        return self._phrase(node, node.value, field, None)

    def _phrase(self, node: tree.Item, text: str, field: Field, slop: int | None) -> Expression:
        patterns = tuple(self._pattern(part, node) for part in _patterns(_ESCAPED.sub(r"\1", text)))
        if not patterns:
            raise self._error("no word in it", node)
        return Phrase(patterns, field, slop)

    def _pattern(self, text: str, node: tree.Item) -> Pattern:
        wild = text.count("*") + text.count("?")
        if wild and len(text) - wild < 2:
            raise self._error("a wildcard needs at least two letters beside it", node)
        if text.count("*") > 2:
            raise self._error("at most two * in a word", node)
        return Pattern.of(text)

    def _error(self, problem: str, node: Any) -> QueryError:
        return QueryError(problem, self.query, min(int(node.pos or 0), len(self.query)))


def _patterns(text: str) -> list[str]:
    """The words of a phrase, folded like a document's; those with wildcards are kept as they are, but for case."""
    parts: list[str] = []
    for word in text.split():
        if "*" in word or "?" in word:
            parts.append("".join(char for char in word.casefold() if char.isalnum() or char in "*?"))
        else:
            parts.extend(Words(word).folded)
    return [part for part in parts if part]
