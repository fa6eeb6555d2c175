"""The page as PDF, printed by Chromium where one is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from wacost.errors import WacostError

NAMES: Final = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "msedge",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
_WAIT_S: Final = 120


def find_chromium() -> str:
    """Return the Chromium, Chrome or Edge of this machine.

    Raises:
        WacostError: there is none.
    """
    for name in NAMES:
        if path := shutil.which(name):
            return path
    raise WacostError(
        "A PDF needs Chromium, Chrome or Edge, and none was found",
        hint="install one, or write --format html and print it from your browser",
    )


def write_pdf(page: Path, target: Path, chromium: str) -> Path:
    """Print a page to PDF and return its path.

    Args:
        page: an HTML file.
        target: the PDF; one that is there is replaced.
        chromium: from `find_chromium`.

    Raises:
        WacostError: the browser failed or took too long; its last words are told.
    """
    with TemporaryDirectory(prefix="wacost-") as folder:
        made = Path(folder) / "report.pdf"
        command = [
            chromium,
            "--headless",
            "--disable-gpu",
            "--no-first-run",
            "--no-pdf-header-footer",
            "--generate-pdf-document-outline",
            "--virtual-time-budget=30000",
            f"--user-data-dir={folder}/profile",
            f"--print-to-pdf={made}",
            page.resolve().as_uri(),
        ]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            command.insert(1, "--no-sandbox")  # Chromium refuses to start as root with its sandbox
        said = _run(command)
        if not made.is_file():
            raise WacostError(
                f"{chromium} wrote no PDF: {said}", hint="write --format html instead"
            )
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(made, target)
    return target


def _run(command: list[str]) -> str:
    """Run the browser and return the last line that it said."""
    try:
        done = subprocess.run(  # noqa: S603 - a browser found on the PATH, with our own arguments
            command, capture_output=True, text=True, errors="replace", timeout=_WAIT_S, check=False
        )
    except subprocess.TimeoutExpired:
        return f"no answer in {_WAIT_S} s"
    except OSError as problem:
        return problem.strerror or str(problem)
    return (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
