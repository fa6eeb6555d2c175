"""`wacost permissions`: one contact's permission and how it came about, or a month's funnel."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from wacost.cli.common import (
    MonthType,
    debug_option,
    json_option,
    only_with,
    open_at,
    say,
    table,
    workspace_option,
    write_json,
    write_line,
    wrong_usage,
)
from wacost.cli.shares import clock, count
from wacost.money import plain, trimmed
from wacost.names import noun
from wacost.zones import local_datetime

if TYPE_CHECKING:
    from wacost.analytics.funnel import Cost, Funnel
    from wacost.contacts.answer import Answer
    from wacost.contacts.timeline import Standing, Step

_STEPS: Final = 40


@click.command()
@click.argument("contact", required=False)
@click.option("--month", type=MonthType(), metavar="YYYY-MM", help="The funnel of a month.")
@click.option("--account", help="Only this account, with --month.")
@click.option("--number", help="Only with this business number, or phone number id.")
@click.option("--at", help="At this moment, ISO 8601; without an offset local; default: now.")
@workspace_option
@json_option
@debug_option
def command(
    *,
    contact: str | None,
    month: str | None,
    account: str | None,
    number: str | None,
    at: str | None,
    workspace: Path | None,
    as_json: bool,
) -> None:
    """Permissions to call: of one CONTACT, or the funnel of a month.

    Of a contact: may the business call, may it ask, by which rule, and when again; what led to
    it. Which rules hold says `[policies] permission` in wacost.toml. Of a month: requests,
    replies, calls, and what they cost. Requests that no webhook tells of can be typed into
    `permission_requests.csv` (requested_at, contact, phone_number_id, message_id, form).
    """
    if (contact is None) == (month is None):
        raise click.UsageError("name a CONTACT or a --month, one of them")
    if month is not None:
        only_with("a CONTACT", at=at, number=number)
    else:
        only_with("--month", account=account)
    log = open_at(workspace)
    if month is not None:
        found = log.permission_funnel(month, account=account)
        _show_funnel(found, as_json=as_json)
        return
    from wacost.rating.quote import told_time

    with wrong_usage():
        moment = told_time(at)
    standings = log.standings(contact or "", moment, number=number)
    if as_json:
        write_json([each.as_dict(zone) for each, zone in standings])
        return
    for place, (each, zone) in enumerate(standings):
        for line in _standing(each, zone):
            write_line(line) if "\n" not in line else click.echo(line)
        if place < len(standings) - 1:
            write_line("")


def _standing(each: Standing, zone: str) -> Iterator[str]:
    line = each.line
    yield (
        f"{line.contact} with phone number id {line.phone_number_id or '?'}"
        f" ({line.account or 'no account'}), times in {zone}"
    )
    shown = each.steps[-_STEPS:]
    if left := len(each.steps) - len(shown):
        yield f"  … {left:,} before (--json has all)"
    cells = [[_clock(step.at, zone), step.what, _state(step, zone)] for step in shown]
    if cells:
        yield table(["when", "what", "permission after it"], cells, indent=2)
    yield f"On {_clock(each.at, zone)}"
    yield from _answer("may call", each.call, zone)
    yield from _answer("may ask", each.request, zone)
    if not each.request:
        yield from _answer("may ask by template", each.template, zone)
    if each.request or each.template:
        yield "    note: webhooks tell of a request only when it is answered; type in the others"
    window = f"open until {_clock(each.window[1], zone)}" if each.window else "closed"
    yield f"  service window: {window}; conversation: {'open' if each.conversation else 'not open'}"


def _state(step: Step, zone: str) -> str:
    end = f" until {_clock(step.state.until, zone)}" if step.state.in_force else ""
    forever = step.state.name == "permanent"
    return step.state.name + ("" if forever or step.state.until is None else end)


def _answer(what: str, answer: Answer, zone: str) -> Iterator[str]:
    yield f"  {what}: {'yes' if answer else 'no'}, {answer.reason}"
    facts = []
    if answer and answer.limit is not None:  # a no tells its count in the sentence
        facts.append(f"used {answer.used} of {answer.limit}")
    if answer.until is not None:
        facts.append(f"until {_clock(answer.until, zone)}")
    if not answer and answer.possible_at is not None:
        facts.append(f"possible again on {_clock(answer.possible_at, zone)}")
    if not answer and answer.error_code is not None:
        facts.append(f"error {answer.error_code}")
    yield f"    {'; '.join([*facts, f'rule {answer.rule} of {answer.policy} ({answer.status})'])}"
    yield from (f"    note: {note}" for note in answer.notes)
    yield from (f"    what helps: {remedy}" for remedy in answer.remedies)


def _clock(instant: int | None, zone: str) -> str:
    return "" if instant is None else clock(local_datetime(zone, instant))


def _show_funnel(found: Funnel, *, as_json: bool) -> None:
    counts = found.counts
    if as_json:
        write_json(found.as_dict())
    elif not counts["requested"] and not counts["granted"]:
        say(f"nobody was asked for permission to call in {found.month}, and nobody gave one")
    else:
        for part in _funnel(found):
            click.echo(part)


def _funnel(found: Funnel) -> Iterator[str]:
    counts = found.counts
    asked, granted = counts["requested"], counts["granted"]
    yield f"Permissions to call in {found.month}"
    calls, answered = counts["calls"], counts["answered_calls"]
    rows = [
        ("asked", asked, None, ""),
        ("  delivered", counts["delivered"], asked, "as far as statuses or replies tell"),
        ("  failed", counts["failed"], asked, ""),
        ("  accepted for a time", counts["temporary"], asked, ""),
        ("  accepted for good", counts["permanent"], asked, ""),
        ("  refused", counts["refused"], asked, ""),
        ("  no reply", counts["no_reply"], asked, ""),
        ("by the contact's own call", counts["automatic"], None, "nobody had to ask"),
        ("permissions", granted, None, ""),
        ("  called in time", counts["called"], granted, f"{calls:,} {noun(calls, 'call')}"),
        (
            "  reached",
            counts["reached"],
            granted,
            f"{answered:,} answered {noun(answered, 'call')}",
        ),
        ("  ran out unused", counts["expired_unused"], granted, ""),
        ("  taken back unused", counts["revoked_unused"], granted, ""),
        ("  given anew unused", counts["replaced_unused"], granted, ""),
        ("  unused and still open", counts["open_unused"], granted, ""),
    ]
    cells = [[name, count(number), _of(number, whole), note] for name, number, whole, note in rows]
    yield table(["", ">count", ">share", ""], cells, indent=2)
    yield from map(_cost, found.costs)
    for source, number in found.price_sources:
        yield f"  {number:,} {noun(number, 'message')} priced by {source}"
    if found.unpriced_messages:
        messages = noun(found.unpriced_messages, "message")
        yield (
            f"  without a known price: {found.unpriced_messages:,} {messages} that asked; costs are"
            " at least these\n  (prices go into rates/messages.csv:"
            " category,country,currency,price,effective_from;\n  or import pricing_analytics:"
            " `wacost balance import`)"
        )
    if found.unpriced_calls:
        calls = noun(found.unpriced_calls, "answered call")
        yield f"  without a price: {found.unpriced_calls:,} {calls}; rate their months"
    yield "  webhooks tell of a request only when it is answered or refused by a code"


def _of(number: int, whole: int | None) -> str:
    """Write a part of a whole in percent.

    >>> _of(1, 3), _of(1, None), _of(0, 0)
    ('33 %', '', '')
    """
    return f"{(200 * number + whole) // (2 * whole)} %" if whole else ""


def _cost(cost: Cost) -> str:
    """Write the costs of one currency."""
    messages, calls = (plain(trimmed(x)) for x in (cost.message_amount, cost.call_amount))
    told = (
        [f"{messages} for {cost.messages:,} {noun(cost.messages, 'message')}"]
        if cost.messages
        else []
    )
    told += [f"{calls} for {cost.calls:,} {noun(cost.calls, 'call')}"] if cost.calls else []
    if cost.per_permission is not None:
        told.append(f"{plain(cost.per_permission)} per permission")
    if cost.per_answered_call is not None:
        told.append(f"{plain(cost.per_answered_call)} per answered call")
    return f"  {cost.currency}: {', '.join(told)}"
