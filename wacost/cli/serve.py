"""`wacost serve`: receive webhooks into the workspace's inbox."""

from __future__ import annotations

from pathlib import Path

import click

from wacost.cli.common import debug_option, open_at, say, workspace_option

_MEGABYTE = 1_000_000


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help="The port to listen on; 0 takes a free one.",
)
@click.option(
    "--rotate-mb",
    type=click.IntRange(min=1),
    default=64,
    show_default=True,
    metavar="N",
    help="Begin a new segment when one has this many megabytes.",
)
@click.option(
    "--rotate-s",
    type=click.IntRange(min=1),
    default=60,
    show_default=True,
    metavar="N",
    help="Begin a new segment when one has had bodies for so many seconds.",
)
@workspace_option
@debug_option
def command(*, host: str, port: int, rotate_mb: int, rotate_s: int, workspace: Path | None) -> None:
    """Receive webhooks into the workspace's inbox.

    POST on any path takes a signed body, appends it to a segment file of the inbox and answers
    200 once it is on the disk. GET answers Meta's verification. GET /healthz tells whether the
    disk takes what comes, GET /metrics counts for Prometheus. SIGTERM and Ctrl-C end it in
    order. `wacost ingest --watch` loads the segments as they are closed.

    \b
    Secrets come from the environment only; several with commas between are all accepted:
      WACOST_APP_SECRET      Meta's app secret      (X-Hub-Signature-256)
      WACOST_VERIFY_TOKEN    Meta's verify token    (GET; needed with the above)
      WACOST_YCLOUD_SECRET   YCloud's secret        (YCloud-Signature)
      WACOST_KAPSO_SECRET    Kapso's secret         (X-Webhook-Signature)
      WACOST_PATH_TOKEN      where nothing signs    (the last part of the address, or
                             Authorization: Bearer)

    DoubleTick and Amazon's SNS have no signature that wacost could check: the token is all there
    is, and weaker than one. It stands in every log between them and here. Bodies that come so are
    counted apart, in /metrics and `wacost doctor`; a signature that is there and wrong is refused
    in any case.

    Put a proxy that ends TLS in front of it. Bodies without a right signature or token, of more
    than 3 MB, compressed or not JSON are refused and only counted, in inbox/.refused.jsonl.
    """  # noqa: D301 - the sign that keeps lines apart
    import os

    from wacost.serve import Settings, secrets_of, serve

    log = open_at(workspace)
    serve(
        log.folder,
        secrets_of(os.environ),
        Settings(host, port, rotate_mb * _MEGABYTE, rotate_s),
        lambda address: say(f"receiving on {address}, into {log.folder / 'inbox'}"),
    )
