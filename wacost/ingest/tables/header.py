"""Where the header of a table stands, and which column means what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, zip_longest

from wacost.config import ImportMapping
from wacost.ingest.tables.grid import Grid, Row


@dataclass(frozen=True, slots=True)
class Layout:
    """A grid that a mapping fits.

    Attributes:
        grid: the rows.
        header: the row of the names.
        places: meaning -> the columns that tell it, from 0.
    """

    grid: Grid
    header: Row
    places: Mapping[str, tuple[int, ...]]

    @property
    def needed(self) -> int:
        """How many cells a row must have to tell everything."""
        return 1 + max(at for places in self.places.values() for at in places)

    @property
    def width(self) -> int:
        """How many columns have a name."""
        names = self.header.cells
        return max(at for at, name in enumerate(names, start=1) if name)


def headers_of(grid: Grid) -> list[Row]:
    """Return the rows that may be the header: the first ones, then each of them with that below.

    Where one name spans several columns ("Call" over "Date" and "Duration"), the others stand in
    the row of the spanning ones, or in the row below.
    """
    rows = grid.head()
    return [*rows, *(_joined(upper, lower) for upper, lower in pairwise(rows))]


def _joined(upper: Row, lower: Row) -> Row:
    cells = zip_longest(upper.cells, lower.cells, fillvalue="")
    return Row(lower.line, [below or above for above, below in cells])


def named(cells: Sequence[str]) -> list[str]:
    """Return the names of columns; the second "Date" is "Date (2)".

    >>> named(["Date", " Phone", "Date", ""])
    ['Date', 'Phone', 'Date (2)', '']
    """
    seen: Counter[str] = Counter()
    names = []
    for cell in cells:
        name = " ".join(cell.split())
        seen[name.casefold()] += 1
        again = seen[name.casefold()]
        names.append(f"{name} ({again})" if name and again > 1 else name)
    return names


def places_of(mapping: ImportMapping, cells: Sequence[str]) -> dict[str, tuple[int, ...]] | None:
    """Return where the columns of a mapping stand in a row; None where one of them is not there.

    >>> places_of(ImportMapping("x", {"contact": ("Phone",)}), ["Date", "phone "])
    {'contact': (1,)}
    """
    at = {name.casefold(): n for n, name in enumerate(named(cells)) if name}
    found = {}
    for meaning, names in mapping.columns.items():
        places = [at.get(" ".join(name.split()).casefold()) for name in names]
        if None in places:
            return None
        found[meaning] = tuple(place for place in places if place is not None)
    return found


def layout_of(mapping: ImportMapping, grids: Sequence[Grid]) -> Layout | None:
    """Find the header of a mapping among the first rows of some grids."""
    for grid in grids:
        for row in headers_of(grid):
            places = places_of(mapping, row.cells)
            if places:
                return Layout(grid, row, places)
    return None
