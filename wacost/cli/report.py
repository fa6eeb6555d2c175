"""`wacost report`: the notebooks of a month as one file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from wacost.cli.common import (
    FormatsType,
    MonthType,
    debug_option,
    json_option,
    open_at,
    progress,
    workspace_option,
    write_json,
    write_line,
)
from wacost.cli.leftout import tell_left_out

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wacost.errors import WacostError
    from wacost.workspace import Workspace

FORMATS: Final = ("html", "pdf")


@click.command()
@click.option("--month", required=True, type=MonthType(), metavar="YYYY-MM", help="Which month.")
@click.option("--account", help="Only this account.")
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="DIR", help="Default: reports/ there."
)
@click.option(
    "--format",
    "formats",
    type=FormatsType(FORMATS),
    default="html",
    show_default=True,
    metavar="LIST",
    help="What is written, with a comma between: html, pdf.",
)
@workspace_option
@json_option
@debug_option
def command(
    *,
    month: str,
    account: str | None,
    out: Path | None,
    formats: tuple[str, ...],
    workspace: Path | None,
    as_json: bool,
) -> int:
    """The notebooks of a month as one file.

    They are run on the workspace, in your own copies where you have changed them, and written
    without code: one HTML file that needs no network, with charts that can be used and a list of
    contents. PDF is printed by Chromium, where that is installed. An account whose card is missing
    or wrong is told of as it was last rated, and named; the exit code is 1.
    """
    log = open_at(workspace)
    refused = told_of(log, account)
    if log.store_path.exists():
        with log.reading():  # what is wrong with it is told before the first cell runs
            pass
    files = write_report(log, month, account, out or log.folder / "reports", formats)
    if as_json:
        told = [{"account": name, "reason": str(error)} for name, error in refused.items()]
        write_json({"month": month, "account": account, "files": files, "not_rated": told})
    else:
        for file in files:
            write_line(str(file))
    return tell_left_out(refused, "cannot be rated, and is told of as it was last")


def told_of(log: Workspace, account: str | None) -> Mapping[str, WacostError]:
    """Return which accounts cannot be rated, and why; none where another one is told of.

    Raises:
        ConfigError: it is the one that is told of, or all are.
    """
    refused = log.refused_accounts()
    if account is not None:
        refused = {name: error for name, error in refused.items() if name == account}
    if refused and (account or len(refused) == len(log.config.accounts)):
        raise next(iter(refused.values()))
    return refused


def write_report(
    log: Workspace, month: str, account: str | None, folder: Path, formats: tuple[str, ...]
) -> list[Path]:
    """Run the notebooks and write what was asked for; return the files.

    Whatever could be missing is looked for before the first cell runs.
    """
    from tempfile import TemporaryDirectory

    from wacost.billing.documents import slug
    from wacost.report import chapters, find_chromium, run_chapters, write_page, write_pdf

    name = None if account is None else log.config.account(account).name
    chromium = find_chromium() if "pdf" in formats else ""
    found = chapters(log.folder)
    with progress("running notebooks") as tell:
        run_chapters(found, log.folder, month=month, account=name, progress=tell)
    about = log.about(month, name)
    stem = f"{month}-{slug(name)}" if name else month
    with TemporaryDirectory(prefix="wacost-") as scratch:
        place = folder if "html" in formats else Path(scratch)
        parts = (about.say("WhatsApp calls"), about.title, about.month_text)
        page = write_page(
            found,
            place / f"{stem}.html",
            title=", ".join(filter(None, parts)),
            about=str(about),
            language=about.language,
        )
        written = [page] if "html" in formats else []
        if chromium:
            written.append(write_pdf(page, folder / f"{stem}.pdf", chromium))
    return written
