"""`wacost forget`: take one contact out of everything, for good."""

from __future__ import annotations

from pathlib import Path

import click

from wacost.cli.common import debug_option, json_option, open_at, say, workspace_option, wrong_usage
from wacost.cli.redact import tell
from wacost.contacts.typed import PEOPLE, REQUESTS

KEPT = (
    "the calls themselves stay, without contact: the bill is the sum of them",
    "invoices that were issued stay as they are where the law says to keep them",
    "copies of raw files elsewhere are yours to delete: loaded again, they bring the contact back",
)


@click.command()
@click.argument("contact")
@workspace_option
@json_option
@debug_option
def command(*, contact: str, workspace: Path | None, as_json: bool) -> int:
    """Take one contact out of everything, for good.

    CONTACT is a number in any format, or a user id; all its aliases are meant with it. Calls stay
    as rows without a contact, messages and permission replies are deleted, also in inbox/. The key
    is thrown away, so that nothing ties the calls to the contact any more.

    No amount changes, but where a card prices by prefix, or cannot be read and may: its account is
    named. Nothing is held by it. A call that is loaded later, and may be one of the contact's or
    tells one again, is held: `wacost quarantine list` says how to decide.

    Exit code 1: a table in inbox/ still names the contact, and cannot be written anew.
    """
    log = open_at(workspace)
    with wrong_usage():
        done = log.forget(contact)
    code = tell(done, "forgotten", as_json=as_json)
    for sentence in KEPT:
        say(f"kept: {sentence}")
    for name in (PEOPLE, REQUESTS):
        if (log.folder / name).exists():
            say(f"kept: {name} is yours: take the contact out of it")
    return code
