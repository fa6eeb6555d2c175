"""Damaged bodies: what a bug, a proxy or an attacker makes of real ones. One seed, one body."""

import json
from copy import deepcopy
from random import Random

LONE = "\ud800 lone"
ODD = (
    *(None, True, False, 0, -1, 1, 2**31, 2**63, 10**30, 10**400, 0.1, 1e308, float("inf")),
    *("", " ", "x", "0", "-1", "1.5", "1e5", "9" * 30, "9" * 5000, "null", "٣", "é" * 3000, "\0"),
    *("2026-10-01T00:00:00Z", "0000-00-00T00:00:00Z", "9999-12-31T23:59:59+23:59", "1790000000000"),
    *(LONE, "🙂", "\u202e", "a\nb", "'; DROP TABLE events; --", "{", '"', "\\", "%s", "🏴" * 200),
    *([], {}, [[]], [{}], [None], [1, "a"], {"": ""}, {"a": [{}]}, [[[[]]]], {"id": {"id": []}}),
)
DEEP = (3, 40, 400, 3000)
BURIED = ("@lists", "@objects")  # no encoder nests as deeply as we want to: it is done in the text


def damaged(bodies, seed, number):
    """Return one line: a body of `bodies`, changed in one to four places, mostly still JSON."""
    rng = Random(f"{seed}-{number}")  # noqa: S311
    body = json.loads(rng.choice(bodies))
    for _ in range(rng.choice((1, 1, 1, 2, 2, 3, 4))):
        body = _changed(rng, body)
    text = json.dumps(body, ensure_ascii=rng.random() < 0.5)
    depth = rng.choice(DEEP)
    text = text.replace('"@lists"', "[" * depth + "]" * depth)
    text = text.replace('"@objects"', '{"a":' * depth + "1" + "}" * depth)
    line = text.encode("utf-8", "surrogatepass")
    return _broken(rng, line) if rng.random() < 0.15 else line


def _changed(rng, body):
    """Change one place of a body."""
    places = list(_places(body))
    if not places:
        return deepcopy(rng.choice(ODD))
    holder, key = rng.choice(places)
    rng.choice(CHANGES)(rng, holder, key, places)
    return body


def _drop(_rng, holder, key, _places):
    del holder[key]


def _replace(rng, holder, key, _places):
    holder[key] = deepcopy(rng.choice(ODD))


def _retype(rng, holder, key, _places):
    told = holder[key]
    holder[key] = rng.choice([[told], {"x": told}, {key: told} if isinstance(key, str) else [[]]])


def _retold(rng, holder, key, _places):
    """Tell a text as a number, a number as a text, either with something around it."""
    text = str(holder[key]) if isinstance(holder[key], str | int | float) else "x"
    made = [text.upper(), text + " ", "+" + text, text + ".0", text[: len(text) // 2], text * 3]
    is_number = text.isdecimal() and len(text) < 40
    holder[key] = int(text) if is_number and rng.random() < 0.4 else rng.choice(made)


def _again(_rng, holder, key, _places):
    """Have an item of a list twice; give a key's value to a new key beside it."""
    if isinstance(holder, list):
        holder.append(json.loads(json.dumps(holder[key])))
    else:
        holder[f"{key}_2"] = holder[key]


def _swap(rng, holder, key, places):
    """Swap two values; what is private stays where it is, or it would be no secret any more."""
    other, name = rng.choice(places)
    one, two = json.dumps(holder[key]), json.dumps(other[name])
    if "SECRET" not in one + two and one not in two and two not in one:
        holder[key], other[name] = other[name], holder[key]


def _rename(rng, holder, key, places):
    names = [name for _, name in places if isinstance(name, str)]
    if isinstance(holder, dict) and names and "SECRET" not in json.dumps(holder[key]):
        holder[rng.choice(names)] = holder.pop(key)


def _bury(rng, holder, key, _places):
    holder[key] = rng.choice(BURIED)


CHANGES = (
    *(_drop, _replace, _replace, _replace, _retype, _retold, _retold),
    *(_again, _swap, _swap, _rename, _bury),
)


def _places(value):
    """Yield every (holder, key) in a body."""
    stack = [value]
    while stack:
        holder = stack.pop()
        if isinstance(holder, dict | list):
            keys = holder if isinstance(holder, dict) else range(len(holder))
            for key in keys:
                yield holder, key
                stack.append(holder[key])


def _broken(rng, line):
    """Break the text itself: cut it off, flip bytes, leave something between, wrap it deeply."""
    at = rng.randrange(len(line) + 1)
    kind = rng.randrange(6)
    if kind == 0:
        return line[:at]
    if kind == 1:
        flipped = bytearray(line)
        for _ in range(rng.randint(1, 3)):
            flipped[rng.randrange(len(line))] ^= 1 << rng.randrange(8)
        return bytes(flipped)
    if kind == 2:
        return (
            line[:at]
            + rng.choice([b"\n", b"\r", b"\0", b"\xff", b"\xef\xbb\xbf", b","])
            + line[at:]
        )
    if kind == 3:
        depth = rng.choice(DEEP) * 20
        return b"[" * depth + line + b"]" * (depth - rng.randrange(2))
    if kind == 4:
        return line + line
    return b'{"entry":' * rng.choice(DEEP) + line
