"""Cell formats: the theme's colours, font and number formats as XlsxWriter takes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xlsxwriter.image import Image

from ims_excel.workbook.grid import CHANGED

if TYPE_CHECKING:
    from pathlib import Path

    from ims_excel.workbook.layout import Column
    from ims_excel.workbook.theme import Theme

Workbook = Any
Worksheet = Any
Format = Any
"""XlsxWriter's own; it has no types."""

LOGO_PIXELS = 40
"""Height that a logo may have in the band of Home."""
NORMAL_SIZE = 11
"""Size of the default style, a point above the cells': it gives every row some air and fixes no height."""

_BY_KIND: dict[str, dict[str, object]] = {
    "text": {"num_format": "@", "align": "left", "indent": 1},
    "wrapped": {"num_format": "@", "align": "left", "indent": 1, "text_wrap": True},
    "choice": {"align": "center"},
    "amount": {"align": "right", "indent": 1},
    "date": {"align": "center"},
}


class Styles:
    """Makes each format once."""

    def __init__(self, workbook: Workbook, theme: Theme) -> None:
        self._workbook = workbook
        self._made: dict[tuple[object, ...], Format] = {}
        self.theme = theme

    def colour(self, name: str) -> str:
        """Give a colour of the theme."""
        return self.theme.colours[name]

    def get(self, **properties: object) -> Format:
        """Make a format of XlsxWriter's properties, in the theme's font."""
        key = tuple(sorted(properties.items()))
        if key not in self._made:
            font = {"font_name": self.theme.font, "font_size": self.theme.font_size, "valign": "vcenter"}
            self._made[key] = self._workbook.add_format({**font, **properties})
        return self._made[key]

    def mark(self, fill: str, text: str = "", **properties: object) -> Format:
        """Make a format for a conditional format from names of colours; a fill of "" leaves it alone."""
        if fill:
            properties |= {"bg_color": self.colour(fill)}
        if text:
            properties |= {"font_color": self.colour(text)}
        key = ("mark", *sorted(properties.items()))
        if key not in self._made:
            self._made[key] = self._workbook.add_format(properties)
        return self._made[key]

    @staticmethod
    def logo_scale(logo: Path) -> float:
        """Say how much to scale a picture down so that it fits into the band."""
        height = Image(str(logo)).height
        return min(1.0, LOGO_PIXELS / height) if height else 1.0

    def data(self, column: Column) -> Format:
        """Give the format of a column's cells; what people fill in stays open on a protected sheet."""
        properties: dict[str, object] = {
            "valign": "top",
            "bottom": 1,
            "bottom_color": self.colour("rule"),
            "font_color": self.colour("text"),
            **_BY_KIND[column.kind],
        }
        if column.kind in ("amount", "date"):
            properties["num_format"] = self.theme.formats[column.kind]
        fill = self.colour(f"{column.owner}_cell")
        if fill.upper() != "#FFFFFF":
            properties["bg_color"] = fill
        if column.owner in ("input", "firm") or column.name == CHANGED:
            properties["locked"] = False
        return self.get(**properties)

    def heading(self, column: Column) -> Format:
        """Give the format of a column's heading."""
        return self.get(
            bold=True,
            text_wrap=True,
            align="center",
            bg_color=column.colour or self.colour(f"{column.owner}_heading"),
            font_color=self.colour("text"),
            border=1,
            border_color=self.colour("rule"),
        )
