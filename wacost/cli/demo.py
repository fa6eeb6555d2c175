"""`wacost demo`: three months of simulated calls, from webhook files to invoices, on one screen."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from wacost.cli.common import debug_option, progress
from wacost.errors import InputError, StoreVersionError

if TYPE_CHECKING:
    from collections.abc import Callable

    from wacost.billing import Invoice
    from wacost.workspace import Workspace

MONTHS: Final = ("2026-08", "2026-09", "2026-10")
CALLS: Final = 6_000
SEED: Final = 1
BALANCE: Final = (
    ("opening", "12.00", "2026-08-01T00:00:00"),
    ("topup", "8.00", "2026-09-11T10:00:00"),
    ("topup", "8.00", "2026-10-09T10:00:00"),
)
_MARK: Final = "# Made by `wacost demo`"


@click.command()
@click.argument("folder", metavar="[DIR]", default="wacost-demo", type=click.Path(path_type=Path))
@debug_option
def command(*, folder: Path) -> None:
    """Three months of simulated calls: ingested, rated, invoiced.

    DIR (by default ./wacost-demo) becomes a workspace with two made-up companies. Nothing leaves
    this machine. Running it again replaces what it made.
    """
    from wacost.cli.demo_screen import screen

    log = prepare(folder)
    with progress("simulating") as tell:
        files = simulate_into(folder, tell)
    with progress("ingesting") as tell:
        report = log.ingest(*files, progress=tell)
    invoices = rate_months(log)
    keep_balance(log)
    written = write(log, invoices)
    click.echo(screen(log, report, invoices, written, months=MONTHS))


def prepare(folder: Path) -> Workspace:
    """Make the workspace, or clear what an earlier demo left; another folder is not touched.

    Everything that could be in the way is looked at before the first file goes.

    Raises:
        InputError: the folder holds something that the demo did not make.
        StoreLockedError: another process uses the store.
    """
    from wacost.config import FILE_NAME, make_workspace
    from wacost.lab import place_notebooks
    from wacost.workspace import open_workspace
    from wacost.workspace.intake import STORE_NAME

    file = folder / FILE_NAME
    if is_demo(file):
        _check_ours(folder)
        leavings = [STORE_NAME, f"{STORE_NAME}.wal", "truth.json", FILE_NAME]
        for path in (*(folder / name for name in leavings), *(folder / "inbox").glob("webhooks-*")):
            path.unlink(missing_ok=True)
    elif folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise _foreign(f"{folder} holds something else")
    make_workspace(folder, configuration())
    place_notebooks(folder)
    return open_workspace(folder)


def _check_ours(folder: Path) -> None:
    """Refuse to replace an earlier demo that somebody has worked in, or works in now."""
    from wacost.config import FILE_NAME
    from wacost.config.make import FOLDERS
    from wacost.workspace.intake import STORE_NAME

    if (folder / FILE_NAME).read_text(encoding="utf-8") != configuration():
        raise _foreign(f"{folder / FILE_NAME} was changed since the demo made it")
    for name in FOLDERS:
        if (folder / name).exists() and not (folder / name).is_dir():
            raise _foreign(f"{folder / name} is no folder")
    for path in sorted((folder / "inbox").glob("*")):
        if path.name != "truth.json" and not path.name.startswith("webhooks-"):
            raise _foreign(f"{path} is not of the demo")
    if (folder / STORE_NAME).exists():
        _check_store(folder / STORE_NAME)


def _check_store(path: Path) -> None:
    """Refuse to delete a store that another process holds, or that knows other files."""
    from wacost.store import open_store

    query = "SELECT min(source) FROM sources WHERE NOT starts_with(source, 'inbox/webhooks-')"
    try:
        with open_store(path, wait_s=1) as con:
            ((other,),) = con.execute(query).fetchall()
    except StoreVersionError:  # half a store, or one of another version: the files make it again
        return
    if other is not None:
        raise _foreign(f"{path} holds records of {other}, which is not of the demo")


def _foreign(what: str) -> InputError:
    return InputError(what, hint="name a new folder: wacost demo OTHER-FOLDER")


def is_demo(file: Path) -> bool:
    """Whether a wacost.toml was made by the demo."""
    return file.is_file() and file.read_text(encoding="utf-8", errors="replace").startswith(_MARK)


def configuration() -> str:
    """Return the demo's wacost.toml, with the simulated companies in it."""
    from wacost.simulate import GROUPS

    text = Path(__file__).with_name("demo.toml").read_text(encoding="utf-8")
    for group in GROUPS:
        for key in ("title", "timezone", "waba_ids"):
            value = json.dumps(getattr(group, key), ensure_ascii=False)  # is TOML as well
            text = text.replace(f"{{{group.name}_{key}}}", value)
    return text


def simulate_into(folder: Path, tell: Callable[[int, int], None] | None) -> list[Path]:
    """Write the webhook files into the inbox and the truth beside it; return the files."""
    from wacost.simulate import simulate

    inbox = folder / "inbox"
    (inbox / "truth.json").unlink(missing_ok=True)
    simulate(inbox, seed=SEED, months=len(MONTHS), end=MONTHS[-1], calls=CALLS, progress=tell)
    (inbox / "truth.json").replace(folder / "truth.json")
    return sorted(inbox.glob("webhooks-*"))


def keep_balance(log: Workspace) -> None:
    """Tell of the prepaid balance of the company that buys from Meta: an opening, two top-ups."""
    for kind, amount, at in BALANCE:
        log.balance_add(kind, amount, balance="atlantico", at=at)


def rate_months(log: Workspace) -> list[Invoice]:
    """Rate every month and return the drafts of the last."""
    invoices: list[Invoice] = []
    for month in MONTHS:
        invoices = log.invoices(month)
    return invoices


def write(log: Workspace, invoices: list[Invoice]) -> list[Path]:
    """Write the documents and return their paths, in order."""
    from wacost.billing import write_invoices

    folder = log.folder / "invoices"
    return [path for files in write_invoices(invoices, folder) for path in files]
