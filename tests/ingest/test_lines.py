"""Lines of a segment, found again by their numbers."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from wacost.ingest.lines import with_lines

LINES = st.lists(st.binary(max_size=40).map(lambda b: b.replace(b"\n", b"") + b"\n"), min_size=1)


@given(LINES, st.data())
def test_a_row_has_its_line_whatever_marks_lead_there(lines: list[bytes], data: st.DataObject):
    begins = [sum(map(len, lines[:n])) for n in range(len(lines))]
    places = st.lists(st.integers(1, len(lines))).map(sorted)
    rows = [(row, "beside") for row in data.draw(places)]
    marks = [(row, begins[row - 1]) for row in sorted(set(data.draw(places)))]
    with TemporaryDirectory() as folder:
        path = Path(folder, "lines")
        path.write_bytes(b"".join(lines))
        found = list(with_lines(path, rows, marks))
    assert found == [((row, "beside"), lines[row - 1]) for row, _ in rows]
