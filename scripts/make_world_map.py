"""Generate data/map/world.json: outlines of the countries for the maps, which never fetch anything.

Run `python scripts/make_world_map.py FOLDER` on the unpacked npm package `world-atlas`
(`npm pack world-atlas@2.0.2 && tar xzf world-atlas-2.0.2.tgz`). It is Natural Earth 4.1, in the
public domain, as TopoJSON under the ISC licence; Babel knows whose each numeric code is.

The outlines are those of 1:110 million, in the Equal Earth projection (areas are true to each
other), on a grid of whole numbers, as one SVG path. The centres are those of each country's largest
part at 1:50 million, so that small islands have one; those drawn as parts of others stand below.
"""

from __future__ import annotations

import itertools
import json
import math
import sys
from pathlib import Path
from typing import Any, Final

from babel.core import get_global

TARGET: Final = Path(__file__).resolve().parent.parent / "data" / "map" / "world.json"
SCALE: Final = 130
"""Steps of the grid per radian: the world is about 700 steps wide."""
LEAST_STEPS: Final = 4
"""Rings of fewer points, once they are on the grid, are no area."""
SKIPPED: Final = {"010"}
"""Antarctica: it makes half a map of ice where nobody calls."""
NAMED: Final = {"Kosovo": "XK", "Somaliland": "SO", "N. Cyprus": "CY", "Siachen Glacier": "IN"}
"""Areas without a numeric code, and the country whose calls are made there."""
BESIDE: Final = {
    "BQ": (-68.3, 12.2),
    "CC": (96.8, -12.2),
    "CX": (105.6, -10.5),
    "GF": (-53.1, 3.9),
    "GI": (-5.3, 36.1),
    "GP": (-61.5, 16.2),
    "MQ": (-61.0, 14.6),
    "RE": (55.5, -21.1),
    "SJ": (16.0, 78.5),
    "TK": (-171.8, -9.2),
    "TV": (179.2, -8.5),
    "YT": (45.2, -12.8),
}
"""Countries that Natural Earth draws as parts of others, or not: longitude and latitude."""
EQUAL_EARTH: Final = (1.340264, -0.081106, 0.000893, 0.003796)

HALF: Final = 180
Ring = list[tuple[float, float]]


def project(longitude: float, latitude: float) -> tuple[int, int]:
    """Place a point in degrees on the grid (Šavrič, Patterson, Jenny: Equal Earth, 2018)."""
    a1, a2, a3, a4 = EQUAL_EARTH
    t = math.asin(math.sqrt(3) / 2 * math.sin(math.radians(latitude)))
    across = 9 * a4 * t**8 + 7 * a3 * t**6 + 3 * a2 * t**2 + a1
    x = 2 * math.sqrt(3) * math.radians(longitude) * math.cos(t) / (3 * across)
    return round(x * SCALE), round((a4 * t**9 + a3 * t**7 + a2 * t**3 + a1 * t) * SCALE)


def arcs_of(topology: dict[str, Any]) -> list[Ring]:
    """Return the arcs of a TopoJSON file in degrees: they are kept as steps of a fine grid."""
    (sx, sy), (tx, ty) = topology["transform"]["scale"], topology["transform"]["translate"]
    found = []
    for arc in topology["arcs"]:
        x = y = 0
        points = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            points.append((x * sx + tx, y * sy + ty))
        found.append(points)
    return found


def rings_of(shape: dict[str, Any], arcs: list[Ring]) -> list[Ring]:
    """Return the outer rings of a country; holes are other countries, which are drawn over it."""
    if not shape.get("type"):
        return []
    polygons = shape["arcs"] if shape["type"] == "MultiPolygon" else [shape["arcs"]]
    rings = []
    for outer, *_ in polygons:
        ring: Ring = []
        for number in outer:
            arc = arcs[number] if number >= 0 else arcs[~number][::-1]
            ring += arc[1:] if ring else arc
        rings.append(unbroken(ring))
    return rings


def unbroken(ring: Ring) -> Ring:
    """Let a ring that crosses the 180th meridian go on beyond it, instead of around the world."""
    turns = 0
    found = ring[:1]
    for (before, _), (longitude, latitude) in itertools.pairwise(ring):
        turns += (before - longitude > HALF) - (longitude - before > HALF)
        found.append((longitude + 360 * turns, latitude))
    return found


def path_of(ring: Ring) -> str:
    """Write a ring as an SVG path on the grid; "" where nothing is left of it."""
    points: list[tuple[int, int]] = []
    for place in ring:
        point = project(*place)
        if points and point == points[-1]:
            continue
        while len(points) > 1 and _in_line(points[-2], points[-1], point):
            points.pop()
        points.append(point)
    if len(points) < LEAST_STEPS:
        return ""
    return "M" + "L".join(f"{x},{y}" for x, y in points[:-1]) + "Z"


def _in_line(one: tuple[int, int], two: tuple[int, int], three: tuple[int, int]) -> bool:
    """Tell whether the middle point adds nothing."""
    cross = (two[0] - one[0]) * (three[1] - one[1]) - (two[1] - one[1]) * (three[0] - one[0])
    return cross == 0


def centre_of(rings: list[Ring]) -> tuple[int, int]:
    """Return the centre of the largest ring on the grid, weighted by area."""
    largest = max(rings, key=lambda ring: abs(_area(ring)))
    area = _area(largest)
    if not area:
        return project(*largest[0])
    x = y = 0.0
    for (x1, y1), (x2, y2) in itertools.pairwise(largest):
        cross = x1 * y2 - x2 * y1
        x, y = x + (x1 + x2) * cross, y + (y1 + y2) * cross
    return project(x / (6 * area), y / (6 * area))


def _area(ring: Ring) -> float:
    pairs = itertools.pairwise(ring)
    return sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairs) / 2


def country_of(shape: dict[str, Any]) -> str | None:
    """Return the ISO 3166 alpha-2 code of a shape."""
    number = shape.get("id")
    if number is None:
        return NAMED.get(shape["properties"]["name"])
    return get_global("territory_aliases").get(number, [None])[0]


def main(folder: Path) -> None:
    """Write the file and say what is in it."""
    coarse = json.loads((folder / "countries-110m.json").read_text(encoding="utf-8"))
    fine = json.loads((folder / "countries-50m.json").read_text(encoding="utf-8"))
    arcs = arcs_of(coarse)
    paths = [
        path_of(ring)
        for shape in coarse["objects"]["countries"]["geometries"]
        if shape.get("id") not in SKIPPED
        for ring in rings_of(shape, arcs)
    ]
    arcs = arcs_of(fine)
    centres = {country: project(*place) for country, place in BESIDE.items()}
    for shape in fine["objects"]["countries"]["geometries"]:
        country, rings = country_of(shape), rings_of(shape, arcs)
        if country and rings and shape.get("id") not in SKIPPED:
            centres.setdefault(country, centre_of(rings))
    world = {
        "source": "Natural Earth 4.1 (public domain), through world-atlas 2.0.2 (ISC); Equal Earth",
        "outlines": "".join(paths),
        "centres": dict(sorted(centres.items())),
    }
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(json.dumps(world, separators=(",", ":")) + "\n", encoding="utf-8")
    print(f"{TARGET.name}: {TARGET.stat().st_size} bytes, {len(centres)} countries")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
