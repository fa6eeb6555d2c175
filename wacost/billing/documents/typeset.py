"""Set a page that is ready to print, with fonts of the machine for letters that ours lack."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from wacost.billing.documents.fonts import Extra, fonts_for
from wacost.billing.documents.glyphs import TEMPLATES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def typeset(
    template: str,
    page: Callable[[frozenset[int]], Mapping[str, Any]],
    needed: frozenset[int],
    **options: Any,
) -> Any:
    """Set a template of wacost with typst.

    Args:
        template: its file name.
        page: returns all text, given the code points that can be printed beside ours.
        needed: code points that the text has and our fonts lack.
        **options: of `typst.compile`.

    Raises:
        typst.TypstError: it cannot be set.
    """
    import typst  # noqa: PLC0415 - 30 MB that only a PDF needs

    extra = fonts_for(needed) if needed else Extra()
    try:
        return _compile(template, page, extra, **options)
    except typst.TypstError:
        if not extra.families:
            raise
    return _compile(template, page, Extra(), **options)  # a font that PDF/A refuses is none


def _compile(
    template: str, page: Callable[[frozenset[int]], Mapping[str, Any]], extra: Extra, **options: Any
) -> Any:
    import typst  # noqa: PLC0415 - as above

    text = json.dumps({**page(extra.points), "fonts": extra.families})
    with extra.folder() as folders:
        return typst.compile(
            str(TEMPLATES / template),
            root=str(TEMPLATES),
            ignore_system_fonts=True,
            font_paths=folders,
            sys_inputs={"page": text},
            **options,
        )
