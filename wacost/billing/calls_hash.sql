-- One hash over everything that is kept of a document's calls, in an order that redaction leaves. A
-- column that says nothing is ~; no text can look like the sign between two columns.
SELECT sha256(coalesce(string_agg(row_hash, '' ORDER BY call_key, row_hash), ''))
FROM (
    SELECT
        call_key,
        sha256(concat(
            coalesce(call_key::VARCHAR, '~'), ' | ',
            coalesce(replace(cause, '|', '||'), '~'), ' | ',
            coalesce(change_units::VARCHAR, '~'), ' | ',
            coalesce(change::VARCHAR, '~'), ' | ',
            coalesce(change_seconds::VARCHAR, '~'), ' | ',
            coalesce(epoch_us(called_at)::VARCHAR, '~'), ' | ',
            coalesce(epoch_us(ended_at)::VARCHAR, '~'), ' | ',
            coalesce(duration_s::VARCHAR, '~'), ' | ',
            coalesce(replace(card, '|', '||'), '~'), ' | ',
            coalesce(replace(direction, '|', '||'), '~'), ' | ',
            coalesce(replace(country, '|', '||'), '~'), ' | ',
            coalesce(replace(market, '|', '||'), '~'), ' | ',
            coalesce(replace(status, '|', '||'), '~'), ' | ',
            coalesce(flag_bits::VARCHAR, '~'), ' | ',
            coalesce(billed_seconds::VARCHAR, '~'), ' | ',
            coalesce(pulses::VARCHAR, '~'), ' | ',
            coalesce(tier_from_minutes::VARCHAR, '~'), ' | ',
            coalesce(seconds_before::VARCHAR, '~'), ' | ',
            coalesce(rate_nanos::VARCHAR, '~'), ' | ',
            coalesce(fee_nanos::VARCHAR, '~'), ' | ',
            coalesce(amount_units::VARCHAR, '~'), ' | ',
            coalesce(amount::VARCHAR, '~'), ' | ',
            coalesce(replace(currency, '|', '||'), '~'), ' | ',
            coalesce(effective_from::VARCHAR, '~'), ' | ',
            coalesce(replace(card_checksum, '|', '||'), '~'), ' | ',
            CASE WHEN parts IS NULL THEN '~' ELSE array_to_string(list_transform(parts, lambda part: concat(
                coalesce(part.from_second::VARCHAR, '~'), ',', coalesce(part.tier_from_minutes::VARCHAR, '~'), ',',
                coalesce(part.billed_seconds::VARCHAR, '~'), ',', coalesce(part.rate_nanos::VARCHAR, '~'), ',',
                coalesce(part.fee_nanos::VARCHAR, '~')
            )), ';') END
        )) AS row_hash
    FROM invoice_call_rows
    WHERE number = $number
)
