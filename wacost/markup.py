"""How values show themselves: the same sheet as HTML in a notebook and as plain text elsewhere.

Everything that comes from outside is escaped; nothing of it becomes HTML.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any, Final

from wacost.language import ENGLISH, Language
from wacost.names import printable

_STYLE: Final = "text-align:{};white-space:nowrap"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A title, facts, a table and notes. A column whose name starts with ">" is of numbers.

    Attributes:
        title: one line.
        facts: (name, text), one below the other.
        columns: heads of the table.
        rows: its cells; only the first `most` are shown, and the number of the others.
        sums: further rows, shown whatever the number of rows is.
        notes: sentences below.
        language: in which the number of further rows is told.
    """

    title: str
    facts: tuple[tuple[str, str], ...] = ()
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    sums: tuple[tuple[str, ...], ...] = ()
    notes: tuple[str, ...] = ()
    most: int = 50
    language: Language = ENGLISH

    def html(self) -> str:
        """Write the sheet as HTML.

        >>> Sheet("<b>", facts=(("calls", "1"),)).html()
        '<div><b>&lt;b&gt;</b><table aria-label="&lt;b&gt;"><tr><th scope="row"\
 style="text-align:left;white-space:nowrap">calls</th>\
<td style="text-align:left;white-space:nowrap">1</td></tr></table></div>'
        """
        parts = [f"<b>{escape(self.title)}</b>"]
        if self.facts:
            rows = "".join(f"<tr>{_th(name, 'row')}{_td(text)}</tr>" for name, text in self.facts)
            parts.append(f'<table aria-label="{escape(self.title)}">{rows}</table>')
        if self.columns:
            parts.append(self._table())
        parts += map(note, self._notes())
        return f"<div>{''.join(parts)}</div>"

    def text(self) -> str:
        """Write the sheet as lines of plain text, numbers to the right.

        >>> print(Sheet("Costs", columns=("country", ">calls"), rows=(("BR", "10"),)).text())
        Costs
          country  calls
          BR          10
        """
        facts = [f"{name}: {text}" for name, text in self.facts]
        rows = [tuple(name.removeprefix(">") for name in self.columns), *self._shown()]
        widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
        right = [name.startswith(">") for name in self.columns]
        table = [
            "  ".join(
                cell.rjust(width) if number else cell.ljust(width)
                for cell, width, number in zip(row, widths, right, strict=True)
            )
            for row in rows
        ]
        below = [*facts, *(table if self.columns else []), *self._notes()]
        return "\n".join([printable(self.title), *(f"  {printable(x)}".rstrip() for x in below)])

    def _table(self) -> str:
        right = [name.startswith(">") for name in self.columns]
        heads = "".join(
            _th(name.removeprefix(">"), "col", "right" if number else "left")
            for name, number in zip(self.columns, right, strict=True)
        )
        rows = (
            "".join(
                _td(cell, "right" if number else "left")
                for cell, number in zip(row, right, strict=True)
            )
            for row in self._shown()
        )
        body = "".join(f"<tr>{row}</tr>" for row in rows)
        label = f' aria-label="{escape(self.title)}"' if self.title else ""
        return f"<table{label}><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"

    def _shown(self) -> list[tuple[str, ...]]:
        """Return the rows; what is left out of them stands before sums that it is part of."""
        left_out = [(self._more(), *[""] * (len(self.columns) - 1))] if self.sums else []
        return [*self.rows[: self.most], *(row for row in left_out if row[0]), *self.sums]

    def _notes(self) -> list[str]:
        more = "" if self.sums else self._more()
        return [more, *self.notes] if more else list(self.notes)

    def _more(self) -> str:
        """Say how many rows are not shown; "": none."""
        more = len(self.rows) - self.most
        if more <= 0:
            return ""
        return self.language.say_n("and {number} more row", "and {number} more rows", more)


class Shown:
    """What shows itself: a class says how in `sheet`, and notebooks and `print` follow."""

    __slots__ = ()

    def __init_subclass__(cls) -> None:
        """Show the sheet in a console too: IPython looks for it in the class that has a repr."""
        super().__init_subclass__()
        cls._repr_pretty_ = Shown._repr_pretty_  # type: ignore[method-assign]

    def sheet(self, language: Language = ENGLISH) -> Sheet:
        """Return what is shown, with its heads and words in a language."""
        raise NotImplementedError

    def _repr_html_(self) -> str:
        """Show the sheet in a notebook."""
        return self.sheet().html()

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:  # noqa: ARG002 - IPython's signature
        """Show the sheet in a console."""
        printer.text(self.sheet().text())

    def __str__(self) -> str:
        """Return the sheet as plain text."""
        return self.sheet().text()


def note(text: str) -> str:
    """Write a sentence that stands below a table as HTML.

    >>> note("a & b")
    '<p style="font-size:85%;margin:.2em 0 0">a &amp; b</p>'
    """
    return f'<p style="font-size:85%;margin:.2em 0 0">{escape(text)}</p>'


def _th(text: str, scope: str, side: str = "left") -> str:
    return f'<th scope="{scope}" style="{_STYLE.format(side)}">{escape(text)}</th>'


def _td(text: str, side: str = "left") -> str:
    return f'<td style="{_STYLE.format(side)}">{escape(text)}</td>'
