"""What ingest reports and stores is what the simulation knows to be true."""

import pytest

from wacost.ingest import ingest
from wacost.simulate import simulate
from wacost.store import open_store

COLUMNS = """
    call_id, waba_id, phone_number_id, direction, contact, contact_user_id, disposition AS outcome,
    answered, epoch(started_at)::BIGINT AS started_at, epoch(ended_at)::BIGINT AS ended_at,
    epoch(first_event_at)::BIGINT AS first_event_at, duration_s, country, country_source,
    coalesce(terminate_status = 'FAILED', false) AS failed, error_code
"""


def assert_true(folder, seed, calls):
    truth = simulate(folder / "out", seed=seed, months=1 + seed % 4, calls=calls)
    report = ingest(folder / "store.duckdb", [folder / "out" / name for name in truth.files])
    assert report.as_dict() == dict(truth.expected)
    with open_store(folder / "store.duckdb", read_only=True) as con:
        rows = con.execute(f"SELECT {COLUMNS} FROM call_rows ORDER BY call_id").fetchall()
        assert con.execute("SELECT count(*) FROM call_rows WHERE conflict").fetchall() == [(0,)]
    told = sorted(tuple(call.as_dict().values()) for call in truth.calls)
    assert [row[0] for row in rows] == [call[0] for call in told]
    assert [pair for pair in zip(rows, told, strict=True) if pair[0] != pair[1]] == []
    return truth


@pytest.mark.parametrize("seed", range(6))
def test_ingest_finds_the_truth(tmp_path, seed):
    assert_true(tmp_path, seed, 400)
