"""Run notebooks, one after the other in one kernel, for a month and perhaps an account.

A notebook that fails is told by its name, its cell and the cause.
"""

from __future__ import annotations

import copy
import logging
import os
import re
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from wacost.bundled import bundled
from wacost.errors import MissingExtraError, RatingError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

FOR_READERS: Final = "0[1-9]_*.ipynb"
"""The notebooks that tell of a month; 00_start_here is for those who work in them."""
CELL_S: Final = 600
"""How long a cell may run, in seconds."""
_RESET: Final = "get_ipython().run_line_magic('reset', '-f')"
OMITTED: Final = "not-in-report"
"""The tag of cells that are for those who write Python or SQL."""
_COLOURS: Final = re.compile(r"\x1b\[[0-9;]*m")


@dataclass
class Chapter:
    """One notebook.

    Attributes:
        name: its file without the ending.
        node: its content, as nbformat reads it; with outputs once it was run.
    """

    name: str
    node: Any
    cells: list[int] = field(default_factory=list)


class ChapterError(RatingError):
    """A notebook failed; the message names the cell and the cause."""


def chapters(folder: Path) -> list[Chapter]:
    """Read the notebooks of a report: the workspace's own copies, else those of wacost.

    Args:
        folder: the workspace.

    Raises:
        MissingExtraError: the libraries of the notebooks are not installed.
        ChapterError: a copy in the workspace is no notebook.
    """
    try:
        import nbformat  # noqa: PLC0415 - with the extra
    except ImportError:
        raise MissingExtraError("notebook", "nbformat") from None
    found = []
    for shipped in sorted(bundled("notebooks").glob(FOR_READERS)):
        own = folder / "notebooks" / shipped.name
        path = own if own.is_file() else shipped
        try:
            node = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
        except (ValueError, KeyError, AttributeError) as problem:
            raise ChapterError(
                f"{path} is no notebook: {problem}", hint="delete it: `wacost lab` places a new one"
            ) from None
        node.cells = [cell for cell in node.cells if OMITTED not in _tags(cell)]
        found.append(Chapter(shipped.stem, node))
    return found


def run_chapters(
    found: Sequence[Chapter],
    folder: Path,
    *,
    month: str,
    account: str | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> None:
    """Run the notebooks; their outputs are in them afterwards.

    Args:
        found: from `chapters`.
        folder: the workspace.
        month: like "2026-10".
        account: None: all.
        progress: called with (cells done, cells in all).

    Raises:
        MissingExtraError: the libraries of the notebooks are not installed.
        ChapterError: a cell failed, took too long, or the kernel died.
    """
    try:
        import nbclient  # noqa: PLC0415 - with the extra
        import nbformat  # noqa: PLC0415
    except ImportError:
        raise MissingExtraError("notebook", "nbclient") from None
    book = nbformat.v4.new_notebook()  # type: ignore[no-untyped-call]
    origin = _bind(found, book, {"month": month, "account": account}, nbformat)
    at = {"cell": 0}

    def begun(cell: Any, cell_index: int) -> None:  # noqa: ARG001 - nbclient's hook
        at["cell"] = cell_index
        if progress is not None:
            progress(cell_index, len(book.cells))

    client = nbclient.NotebookClient(
        book,
        timeout=CELL_S,
        kernel_name="python3",
        resources={"metadata": {"path": str(folder)}},
        extra_arguments=["--log-level=ERROR"],  # what it says of its sockets is for nobody
        on_cell_start=begun,
    )
    from jupyter_client.kernelspec import NoSuchKernel  # noqa: PLC0415 - with the extra
    from nbclient.exceptions import (  # noqa: PLC0415
        CellExecutionError,
        CellTimeoutError,
        DeadKernelError,
    )

    try:
        with _environment(folder):
            _execute(client)
    except CellExecutionError as problem:
        cause = f"{problem.ename}: {_first_line(_COLOURS.sub('', problem.evalue))}"
    except CellTimeoutError:
        cause = f"it took more than {CELL_S} s"
    except DeadKernelError:
        cause = "the kernel died: is there enough memory?"
    except NoSuchKernel:
        raise MissingExtraError("notebook", "ipykernel") from None
    else:
        for chapter in found:
            chapter.node.cells = [book.cells[n] for n in chapter.cells]
        return
    name, number, line = origin[at["cell"]]
    raise ChapterError(
        f"{name}, cell {number} ({line}) failed: {cause}",
        hint=f"open {name} with `wacost lab` and run it there",
    )


def _execute(client: Any) -> None:
    """Run all cells; Ctrl-C ends it.

    nbclient answers a signal by stopping the kernel that it waits for: anything may follow of that,
    here, in the kernel and in what asyncio has left.
    """
    try:
        client.execute(stderr=subprocess.DEVNULL)
    except BaseException:
        if not hasattr(client, "_async_cleanup_kernel_future"):
            raise
        logging.getLogger("asyncio").disabled = True
        raise KeyboardInterrupt from None


def _bind(
    found: Sequence[Chapter], book: Any, parameters: dict[str, Any], nbformat: Any
) -> dict[int, tuple[str, int, str]]:
    """Put the cells of all notebooks into one; return where each came from."""
    origin: dict[int, tuple[str, int, str]] = {}
    for chapter in found:
        book.cells.append(nbformat.v4.new_code_cell(_RESET))
        origin[len(book.cells) - 1] = (chapter.name, 0, "start")
        for number, cell in enumerate(chapter.node.cells, start=1):
            chapter.cells.append(len(book.cells))
            origin[len(book.cells)] = (chapter.name, number, _first_line(cell.source))
            book.cells.append(_given(copy.deepcopy(cell), parameters))
    for number, cell in enumerate(book.cells):
        cell["id"] = f"cell-{number}"
    return origin


def _given(cell: Any, parameters: dict[str, Any]) -> Any:
    """Give the cell that is tagged `parameters` its values; others stay as they are."""
    if "parameters" in _tags(cell):
        cell.source += "".join(f"\n{name} = {value!r}" for name, value in parameters.items())
    if cell.cell_type == "code":
        cell.outputs = []
    return cell


def _tags(cell: Any) -> list[str]:
    return list(cell.metadata.get("tags", []))


def _first_line(source: str) -> str:
    return next((line.strip() for line in source.splitlines() if line.strip()), "empty")


@contextmanager
def _environment(folder: Path) -> Iterator[None]:
    """Tell the kernel which workspace and look it draws for; what was set before comes back."""
    told = {
        "WACOST_WORKSPACE": str(folder.resolve()),
        "WACOST_THEME": "light",
        "PLOTLY_RENDERER": "plotly_mimetype",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    }
    before = {name: os.environ.get(name) for name in told}
    os.environ.update(told)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
