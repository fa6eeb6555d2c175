"""Which numbers and user ids are one contact: names that records tie together, as classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    import duckdb


def tie(con: duckdb.DuckDBPyConnection) -> None:
    """Bring the table `aliases` up to date with the pairs of `alias_pairs` (load_others.sql).

    Whatever the order of the pairs, a class is the same set and is named by the same member.
    """
    pairs = con.execute("SELECT one, other FROM alias_pairs").fetchall()
    if not pairs:
        return
    known = con.execute(
        "SELECT contact, alias FROM aliases WHERE contact IN (SELECT contact FROM aliases"
        " WHERE alias IN (SELECT one FROM alias_pairs UNION SELECT other FROM alias_pairs))"
    ).fetchall()
    rows = sorted(classes([*pairs, *known]).items())
    columns = [list(column) for column in zip(*rows, strict=True)]
    con.execute("DELETE FROM aliases WHERE list_contains($1, alias)", [columns[0]])
    con.execute(
        "INSERT INTO aliases SELECT unnest($1)::VARCHAR AS alias, unnest($2)::VARCHAR AS contact",
        columns,
    )


def classes(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return every name with the one that stands for its class: a number first, then the smallest.

    >>> classes([("BR.1", "55119"), ("BR.1", "BR.2"), ("US.7", "US.8")])["BR.2"]
    '55119'
    """
    parent: dict[str, str] = {}

    def root(name: str) -> str:
        parent.setdefault(name, name)
        while parent[name] != name:
            parent[name] = name = parent[parent[name]]
        return name

    for one, other in pairs:
        first, second = sorted((root(one), root(other)), key=_rank)
        parent[second] = first
    return {name: root(name) for name in parent}


def _rank(name: str) -> tuple[bool, str]:
    return not name.isdecimal(), name
