"""Cell formats: the theme's colours, font and number formats as XlsxWriter takes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ims_excel.workbook.layout import Column
    from ims_excel.workbook.theme import Theme

NORMAL_SIZE = 11
"""Size of the default style, a point above the cells': it gives every row some air without fixing its height."""

_BY_KIND: dict[str, dict[str, Any]] = {
    "text": {"num_format": "@"},
    "wrapped": {"num_format": "@", "text_wrap": True},
    "choice": {"align": "center"},
    "amount": {"align": "right"},
    "date": {"align": "center"},
}


class Styles:
    """Makes each format once."""

    def __init__(self, workbook: Any, theme: Theme) -> None:  # noqa: ANN401  XlsxWriter has no types
        self._workbook = workbook
        self._made: dict[tuple[tuple[str, Any], ...], Any] = {}
        self.theme = theme

    def colour(self, name: str) -> str:
        """Give a colour of the theme."""
        return self.theme.colours[name]

    def get(self, **properties: Any) -> Any:  # noqa: ANN401
        """Make a format of XlsxWriter's properties, in the theme's font."""
        key = tuple(sorted(properties.items()))
        if key not in self._made:
            font = {"font_name": self.theme.font, "font_size": self.theme.font_size, "valign": "vcenter"}
            self._made[key] = self._workbook.add_format({**font, **properties})
        return self._made[key]

    def mark(self, fill: str, text: str = "", **properties: Any) -> Any:  # noqa: ANN401
        """Make a format for a conditional format from names of colours; a fill of "" leaves it alone."""
        if fill:
            properties |= {"bg_color": self.colour(fill)}
        if text:
            properties |= {"font_color": self.colour(text)}
        key = ("mark", *sorted(properties.items()))
        if key not in self._made:
            self._made[key] = self._workbook.add_format(properties)
        return self._made[key]

    def data(self, column: Column) -> Any:  # noqa: ANN401
        """Give the format of a column's data cells; input and the firm's own cells stay open on a protected sheet."""
        properties: dict[str, Any] = {
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
        if column.owner in ("input", "firm"):
            properties["locked"] = False
        return self.get(**properties)

    def heading(self, column: Column) -> Any:  # noqa: ANN401
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
