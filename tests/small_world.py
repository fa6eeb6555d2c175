"""A handful of calls in a store, written by hand: for tests of what stands above the rooms."""

from wacost.store import open_store

ACME = """
[accounts.acme]
waba_ids = ["1"]
timezone = "America/Sao_Paulo"
card = "meta-usd"
"""
OTHER = """
[accounts.other]
timezone = "UTC"
card = "demo-two-way"
"""

CALLS = [
    # call id, WABA, direction, answered, start, end, seconds
    ("a1", "1", "outbound", True, "2026-10-05 12:00:00", "2026-10-05 12:01:01", 61),
    ("a2", "1", "outbound", False, None, None, None),
    ("a3", "1", "inbound", True, "2026-10-06 12:00:00", "2026-10-06 12:10:00", 600),
    # ends on 1 November in UTC, on 31 October in Sao Paulo
    ("a4", "1", "outbound", True, "2026-11-01 02:00:00", "2026-11-01 02:01:00", 60),
    ("b1", "2", "outbound", True, "2026-10-07 12:00:00", "2026-10-07 12:01:00", 60),
]


def put_calls(store):
    with open_store(store) as con:
        for call_id, waba, direction, answered, start, end, seconds in CALLS:
            con.execute(
                """
                INSERT INTO call_rows BY NAME SELECT
                    ? AS call_id, ? AS waba_id, '9' AS phone_number_id, '5511987654321' AS contact,
                    ? AS direction, ? AS answered, ?::TIMESTAMP AS started_at,
                    ?::TIMESTAMP AS ended_at, ?::BIGINT AS duration_s,
                    CASE WHEN answered THEN 'answered' ELSE 'no_answer' END AS disposition,
                    coalesce(started_at, '2026-10-05 09:00:00'::TIMESTAMP) AS first_event_at,
                    'BR' AS country, 'number' AS country_source, false AS conflict,
                    CASE WHEN answered THEN 'COMPLETED' ELSE 'FAILED' END AS terminate_status
                """,
                [call_id, waba, direction, answered, start, end, seconds],
            )
