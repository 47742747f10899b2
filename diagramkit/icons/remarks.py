"""Labels that are remarks rather than names: prose, prices, sizes, paths, rules and calls.

A remark gets no icon, neither from a word in it nor from its id.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from msgspec import Struct

from diagramkit import data

_METHOD = r"(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS|ANY)"
_ENTITY = re.compile(r"&\w+;|#\w+;|</?[a-z]+>")
_AMOUNT = r"[~≈<>≤≥±+]?\s*[$€£]?\d[\d.,]*\+?"


class _RemarkWords(Struct, frozen=True):
    """Words of `data/remarks.yaml`, explained there."""

    starts: frozenset[str]
    anywhere: frozenset[str]
    predicates: frozenset[str]
    ids: frozenset[str]
    actions: frozenset[str]
    commands: frozenset[str]
    legends: frozenset[str]
    objects: frozenset[str]


@cache
def _words() -> _RemarkWords:
    raw = data.load("icons", "remarks.yaml")
    return _RemarkWords(**{name: frozenset(raw[name]) for name in _RemarkWords.__struct_fields__})


@cache
def _pattern() -> re.Pattern[str]:
    """Return a pattern for the beginning of a remark that is no sentence."""
    units = "|".join(map(re.escape, data.load("icons", "remarks.yaml")["units"]))
    return re.compile(
        rf"(?i:(?:{_METHOD}\b[\s:|,/&]*)+/"  # GET /orders
        r"|\.{0,2}/|~/|https?://|arn:"  # a path or an address
        r"|(?:action|benefit|billing|condition|cost|effect|example|feature|pricing|principal|resource)s?:"
        r"|(?:span|trace|use case|used by|version)s?:"
        r"|(?:note|tip|hint|warning|caution|important|todo)s?\s*(?:[:!]|[-–]\s|that\b)"
        rf"|[~≈<>]?\s?[$€£]\s?\d|{_AMOUNT}(?:\s*(?:-|–|to)\s*{_AMOUNT})?\s*(?:{units})(?![\w-])"  # $5, 1-100 Gbps
        r"|(?:ingress|egress|inbound|outbound)\b(?:\s+rules?\b)?(?:\s*\d{1,2})?\s*(?::|\d|$(?<=\d))"  # Egress: 10.0.0.0
        r"|(?:ingress|egress|inbound|outbound)\s+(?:rules?|traffic|from|to|all)\b"
        r"|(?:tcp|udp|icmp|https?|ssh|port|ports)[\s/:]*\d{2,5}\b)"  # TCP 443 from the load balancer
        r"|[a-z][a-z0-9-]+:(?:[A-Z][a-z]+[A-Z*]\w*|\*)"  # s3:GetObject
        r"|[a-z_]\w*\.(?!js\b)\w+\("  # client.send(
        r"|[A-Z][A-Z_]+="  # ROLE=PRIMARY
        r"|(?:cdk|sam|kubectl|gcloud|az|npm|npx|yarn|pnpm|pip|curl|ssh|make)\s[a-z]"  # cdk deploy
    )


# The path of a file or a setting, but not a list of things: libs/s3-sync, spec.cluster.databases; not ecs/fargate.
_PATH = re.compile(
    r"(?!.*amazonaws)(?=[^/]*/.*[-_.*<{]|[^/\-_.<{*]*[-_.<{*][^/]*/)[a-z0-9_.<>{}$*-]+(?:/[a-z0-9_.<>{}$*-]*)+$"
    r"|(?:apps|infra|libs?|modules|packages|scripts|services|src)/[\w./*-]*$"
    r"|(?!.*amazonaws)[a-z]\w*(?:\.[a-z]\w*){2,}$"
)
# A function with arguments, but not a name with an explanation: load(config).
_CALL = re.compile(r"[a-z_]\w*(?:\.\w+)*\([^()]*\)$")


def is_remark(line: str) -> bool:
    """Return whether a label is a remark, as its first line shows."""
    words = line.lower().partition("(")[0].split()
    if _pattern().match(line) or (words and "/{" in words[0]):
        return True
    if ("/" in line or "." in line) and _PATH.match(_ENTITY.sub("x", line)):
        return True
    rules = _words()
    if words and words[0] in rules.objects:
        return True
    if len(words) < 2:
        return False
    if words[0] in rules.starts or (len(words) > 3 and line[-1] in ".!"):
        return True
    return len(words) > 2 and not (rules.anywhere.isdisjoint(words) and rules.predicates.isdisjoint(words[1:-1]))


def is_call(line: str) -> bool:
    """Return whether a label looks like a call: `load(config)`. It may also be a name: `lambda(python)`."""
    return bool(_CALL.match(line))


def is_legend(titles: Iterable[str]) -> bool:
    """Return whether one of the titles is that of a legend."""
    return any(not _words().legends.isdisjoint(re.findall(r"\w+", title.lower())) for title in titles)


def may_be_named_by_id(line: str, node_id: str) -> bool:
    """Return whether a label is short enough for a name, and neither it nor the id shows that it is a comment."""
    words = [word for word in line.split() if word[0].isalnum()]
    rules = _words()
    if rules.ids.intersection(re.split(r"[\W_]+|(?<=\D)(?=\d)", node_id.lower())):
        return False
    return len(words) <= 5 and not (words and words[0].lower() in rules.actions | rules.commands)
