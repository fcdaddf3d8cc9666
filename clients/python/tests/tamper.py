"""Changing a certificate in one place."""

import copy
import random
from typing import Any

Json = dict[str, Any]


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where numbers, texts, lists and absent values stand, save in `issued_at`, which nobody signs."""
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    below = [place for key, child in children if key != "issued_at" for place in places(child, (*path, key))]
    return below + ([path] if path and not isinstance(value, dict) else [])


def changed(value: Any, chance: random.Random) -> Any:
    """Another value of the same type."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return chance.choice([value + 1, value ^ (1 << chance.randrange(8)), 0 if value else 1])
    if isinstance(value, list):
        return _other_list(value, chance)
    if value is None:
        return {"key": "11" * 32, "value_hash": "22" * 32}
    at = chance.randrange(len(value))
    digits = [d for d in "0123456789abcdef" if d != value[at].lower()]
    return value[:at] + chance.choice(digits) + value[at + 1 :]


def _other_list(value: list[Any], chance: random.Random) -> list[Any]:
    if not value:
        return [0]
    at = chance.randrange(len(value))
    return chance.choice([value[:at] + value[at + 1 :], [*value[: at + 1], *value[at:]]])


def tampered(certificate: Json, chance: random.Random) -> tuple[Json, str]:
    """A copy with one value changed, and where."""
    copied = copy.deepcopy(certificate)
    *path, last = chance.choice(places(certificate))
    parent: Any = copied
    for key in path:
        parent = parent[key]
    parent[last] = changed(parent[last], chance)
    return copied, ".".join(map(str, (*path, last)))


def retyped(certificate: Json, chance: random.Random) -> tuple[Json, str]:
    """A copy with one value replaced by one of another type, and where. No field of a certificate holds either of both."""
    copied = copy.deepcopy(certificate)
    *path, last = chance.choice([place[:cut] for place in places(certificate) for cut in range(1, len(place) + 1)])
    parent: Any = copied
    for key in path:
        parent = parent[key]
    is_ = parent[last]
    others = [
        True,
        1.5,
        -1,
        "",
        "none",
        [None],
        {"": None},
        [is_],
        {"fp": is_},
        *([{is_: None}, {is_: {}}] if isinstance(is_, str) else []),
    ]
    # What may be absent is an object where it stands.
    others += [] if is_ is None or isinstance(is_, dict) else [None, 0 if not isinstance(is_, int) else "0", {}]
    parent[last] = chance.choice(others)
    return copied, f"{'.'.join(map(str, (*path, last)))} = {parent[last]!r}"
