"""`wacost lab`: JupyterLab on the notebooks of a workspace."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final
from urllib.request import urlopen

import click

from wacost.cli.common import debug_option, open_at, say, workspace_option, write_line
from wacost.errors import MissingExtraError, WacostError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wacost.lab import Placed

FIRST: Final = "notebooks/00_start_here.ipynb"
PORT: Final = 8888
_WAIT_S: Final = 60


@click.command()
@click.option("--no-browser", is_flag=True, help="Only print the address.")
@click.option(
    "--port", type=click.IntRange(1, 65535), help=f"Default: {PORT}, or a free one if it is taken."
)
@click.option(
    "--theme",
    type=click.Choice(["light", "dark"]),
    default="light",
    show_default=True,
    help="Of JupyterLab and of the charts.",
)
@workspace_option
@debug_option
def command(*, no_browser: bool, port: int | None, theme: str, workspace: Path | None) -> None:
    """JupyterLab on the notebooks of the workspace.

    The notebooks are copied into notebooks/; those that you have changed stay as they are. It runs
    until Ctrl-C, and only on this machine. Files may be ingested meanwhile.
    """
    from wacost.lab import place_notebooks, write_settings

    if find_spec("jupyterlab") is None:
        raise MissingExtraError("notebook", "jupyterlab")
    log = open_at(workspace)
    tell_placed(place_notebooks(log.folder))
    chosen = free_port(port)
    token = secrets.token_urlsafe(24)
    with TemporaryDirectory(prefix="wacost-lab-") as scratch:
        write_settings(Path(scratch), theme)
        serve(log.folder.resolve(), Path(scratch), chosen, token, theme, browser=not no_browser)


def tell_placed(placed: Placed) -> None:
    """Say which notebooks are new, and of which there is a newer one than the user's own."""
    for name in placed.updated:
        say(f"notebooks/{name}: replaced by the newer one")
    for name in placed.kept:
        say(f"notebooks/{name}: yours was changed and stays; there is a newer one, move yours away")


def free_port(wanted: int | None) -> int:
    """Return the port wanted; without one JupyterLab's usual port, or a free one if it is taken.

    Raises:
        WacostError: the port wanted is taken: another server would get our token.
    """
    for port in (PORT, 0) if wanted is None else (wanted,):
        with socket.socket() as trial:
            try:
                trial.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(trial.getsockname()[1])
    raise WacostError(
        f"port {wanted} is taken on this machine", hint="name another --port, or none"
    )


def serve(folder: Path, scratch: Path, port: int, token: str, theme: str, *, browser: bool) -> None:
    """Run JupyterLab until it ends or Ctrl-C; its own talk goes into a file beside its settings."""
    told = scratch / "lab.log"
    with told.open("wb") as out:
        process = subprocess.Popen(  # noqa: S603 - our own interpreter, our own arguments
            [
                sys.executable,
                "-m",
                "jupyterlab",
                f"--ServerApp.root_dir={folder}",
                f"--ServerApp.port={port}",
                "--ServerApp.port_retries=0",
                "--ServerApp.ip=127.0.0.1",
                "--ServerApp.open_browser=False",
                f"--LabApp.default_url=/lab/tree/{FIRST}",
                *(["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []),
            ],
            env=environment(folder, scratch, token, theme),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C comes to us, and we end it; it would ask back
        )
        try:
            signal.signal(signal.SIGTERM, signal.default_int_handler)
            wait_until_ready(process, port, told)
            address = f"http://127.0.0.1:{port}/lab/tree/{FIRST}?token={token}"
            write_line(address)
            say("JupyterLab runs on this workspace; Ctrl-C ends it")
            if browser:
                click.launch(address)
            process.wait()
        except KeyboardInterrupt:
            say("JupyterLab ends")
        finally:
            process.terminate()
            process.wait()


def environment(folder: Path, scratch: Path, token: str, theme: str) -> Mapping[str, str]:
    """Return what JupyterLab and its kernels are told; the token is in no list of processes."""
    config = [str(scratch), os.environ.get("JUPYTER_CONFIG_PATH", "")]
    return {
        **os.environ,
        "JUPYTER_TOKEN": token,
        "JUPYTER_CONFIG_PATH": os.pathsep.join(filter(None, config)),
        "WACOST_WORKSPACE": str(folder),
        "WACOST_THEME": theme,
    }


def wait_until_ready(process: subprocess.Popen[bytes], port: int, told: Path) -> None:
    """Wait until the server answers.

    Raises:
        WacostError: it ended, or did not answer in a minute; its last words are told.
    """
    until = time.monotonic() + _WAIT_S
    while process.poll() is None and time.monotonic() < until:
        try:
            with urlopen(f"http://127.0.0.1:{port}/lab", timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    lines = told.read_text(encoding="utf-8", errors="replace").strip().splitlines() or ["nothing"]
    raise WacostError(f"JupyterLab did not start; it said: {lines[-1]}", hint="try another --port")
