-- One hash over everything that is kept of a document's calls, in an order that redaction leaves.
SELECT sha256(coalesce(string_agg(sha256(row_text), '' ORDER BY call_key), ''))
FROM (
    SELECT
        call_key,
        array_to_string(list_transform(
            [
                call_key, cause, change_units::VARCHAR, change::VARCHAR, change_seconds::VARCHAR, called_at::VARCHAR,
                ended_at::VARCHAR, duration_s::VARCHAR, card, direction, country, market, status,
                flag_bits::VARCHAR, billed_seconds::VARCHAR, pulses::VARCHAR,
                tier_from_minutes::VARCHAR, seconds_before::VARCHAR, rate_nanos::VARCHAR,
                fee_nanos::VARCHAR, amount_units::VARCHAR, amount::VARCHAR, currency,
                effective_from::VARCHAR, card_checksum,
                array_to_string(list_transform(parts, lambda part: array_to_string(
                    list_transform(
                        [
                            part.from_second, part.tier_from_minutes, part.billed_seconds,
                            part.rate_nanos, part.fee_nanos
                        ],
                        lambda figure: coalesce(figure::VARCHAR, '~')
                    ),
                    ','
                )), ';')
            ],
            lambda value: coalesce('=' || replace(value, '|', '||'), '~')
        ), ' | ') AS row_text
    FROM invoice_call_rows
    WHERE number = $number
)
