"""Bodies told otherwise in one place each: where JSON's rules, DuckDB's and wacost's may part."""

import json
from copy import deepcopy
from functools import partial
from itertools import islice

NUMBERS = (
    *("0", "-0", "7", "-1", "007", "+1", "60.0", "61.5", "1.", ".5", "1e3", "1E-3", "NaN", "-inf"),
    *("1230767999", "1230768000", "4102444799", "4102444800", "1790000070.0", "1790000070000"),
    *("999999999", "1000000000", "123456789012345678", "1234567890123456789", "9" * 30, "0x10"),
    *("163", "1631", "123456789012345", "1234567890123456", "16315550001", "5511987654321"),
)
TEXTS = (
    *("", " ", "a b", "null", "{}", "a{", "a[", "a]", "\x7f", "é", "\ufeff", "😀", "٣", "\xa0"),
    *("CONNECT", "connect ", "terminate", "Rejected", "REJECTED", "COMPLETED ", "completed", "_"),
    *("user_initiated", "USER_INITIATED", "OFFER", "offer", "CALL", "Calls", "page", "br", "BR"),
    *("+16315550001", "1 631 555 0001", "016315550001", "16315550001.0", "B1", "BRA"),
    *(letter * n for letter in "aA7é" for n in (1, 2, 16, 63, 64, 65, 128, 129, 512, 513)),
)
RAW = (
    *("null", "true", "tru", "{}", "[]", "[{}]", "[null]", '{"a":1}', '["x"]', '{"id":"x"}', ""),
    *(r'"\u0041"', r'"\ud83d\ude00"', r'"\ud83d"', r'"\u0000"', r'"\/"', r'"\x"', r'"\u12G4"'),
    *('"\t"', '"a\\', '"\\""', "'a'", '"a""b"', '"a\0b"', '"a\x1bb"', '[{"code":131026}]'),
)
VALUES = (
    *NUMBERS,
    *(f'"{number}"' for number in NUMBERS),
    *(json.dumps(text, ensure_ascii=False) for text in TEXTS),
    *RAW,
)
BLANKS = ("\t", "\r", "\r\r", "\x0b", "\x0c", "\xa0", "\0", "\ufeff", "\u2028", "\x7f", ",", "//")
DOUBLES = ("null", '""', '"x"', "1790000000", "{}", "[]")


class Members(list):
    """An object as a list of [key, value], both as JSON, so that any key can come twice."""


def edges(bodies, first=0, step=1):
    """Yield lines: bodies with each of their members, in turn, told in every other way.

    Only every `step`th of them, from `first` on.
    """
    ways = (way for body in bodies for way in _ways(_members(body)))
    for way in islice(ways, first, None, step):
        yield way().encode()


def _ways(whole):
    """Yield what makes the text of each such line."""
    for path in _objects(whole):
        for at, (key, value) in enumerate(_at(whole, path)):
            for told in VALUES:
                yield partial(
                    _line, whole, path, lambda o, at=at, told=told: o[at].__setitem__(1, told)
                )
            for name in _forms(json.loads(key)):
                yield partial(
                    _line, whole, path, lambda o, at=at, name=name: o[at].__setitem__(0, name)
                )
                for place in (at, at + 1):
                    more = [name, deepcopy(value)]
                    yield partial(
                        _line, whole, path, lambda o, p=place, more=more: o.insert(p, more)
                    )
            for told in DOUBLES:
                more = [key, told]
                yield partial(
                    _line, whole, path, lambda o, at=at, more=more: o.insert(at + 1, more)
                )
            yield partial(_line, whole, path, lambda o, at=at: o.pop(at))
    for blank in BLANKS:
        yield from _with(blank, _text(whole))


def _forms(key):
    """Yield other ways to write a key, the same one among them."""
    for name in (key, key.upper(), key.title(), key + " ", key + "x", key.replace("_", "")):
        yield json.dumps(name)
    yield f'"\\u{ord(key[0]):04x}{key[1:]}"'
    yield f'"{key}\\u0000"'
    yield f'"{key}\0"'


def _members(value):
    if isinstance(value, dict):
        return Members([json.dumps(key), _members(one)] for key, one in value.items())
    if isinstance(value, list):
        return [_members(one) for one in value]
    return json.dumps(value)


def _text(value):
    if isinstance(value, Members):
        return "{" + ",".join(f"{key}:{_text(one)}" for key, one in value) + "}"
    return "[" + ",".join(map(_text, value)) + "]" if isinstance(value, list) else value


def _objects(value, path=()):
    """Yield the path of every object: the places to go to, one in the other."""
    if isinstance(value, Members):
        yield path
        for at, (_, one) in enumerate(value):
            yield from _objects(one, (*path, at, 1))
    elif isinstance(value, list):
        for at, one in enumerate(value):
            yield from _objects(one, (*path, at))


def _at(value, path):
    for place in path:
        value = value[place]
    return value


def _line(whole, path, change):
    made = deepcopy(whole)
    change(_at(made, path))
    return _text(made)


def _with(blank, text):
    """Yield what puts something behind each mark of a line, within strings as well."""
    for at, mark in enumerate(text, 1):
        if mark in '{}[],:"':
            yield partial("".join, (text[:at], blank, text[at:]))
