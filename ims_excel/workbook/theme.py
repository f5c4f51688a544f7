"""The theme: colours, font, number formats and the firm, as ``theme.toml`` gives them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ims_excel.exceptions import TemplateError
from ims_excel.workbook.templates import read_overlay, read_template

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

LOGO_KINDS = {".png": (b"\x89PNG\r\n\x1a\n",), ".jpg": (b"\xff\xd8\xff",), ".jpeg": (b"\xff\xd8\xff",)}


@dataclass(frozen=True)
class Theme:
    """How every sheet looks.

    Attributes:
        colours: by name, as "#RRGGBB".
        formats: Excel number formats: amount, count, date.
        font: the font's name.
        font_size: points.
        firm: the firm's name on Home, or "".
        logo: its logo on Home, or None.
    """

    colours: Mapping[str, str]
    formats: Mapping[str, str]
    font: str
    font_size: float
    firm: str = ""
    logo: Path | None = None


def load_theme(shipped: Path, overlay: Path | None) -> Theme:
    """Read the shipped theme with a firm's own laid over it.

    Raises:
        TemplateError: when the firm's file has a mistake or its logo cannot be used.
    """
    own = overlay / "theme.toml" if overlay else None
    tables = read_template(shipped / "theme.toml")
    logo = None
    if own and own.exists():
        changes = read_overlay(own, "theme")
        tables = {name: {**table, **changes.get(name, {})} for name, table in tables.items()}
        logo = _logo(own, tables["firm"])
    return Theme(
        colours=tables["colours"],
        formats=tables["formats"],
        font=tables["font"]["name"],
        font_size=tables["font"]["size"],
        firm=tables["firm"]["name"],
        logo=logo,
    )


def _logo(own: Path, firm: dict[str, Any]) -> Path | None:
    """Find the logo, named relative to the firm's theme.toml, and see that it is a picture."""
    if not firm["logo"]:
        return None
    logo: Path = own.parent / firm["logo"]
    magics = LOGO_KINDS.get(logo.suffix.lower())
    if magics is None:
        raise TemplateError(own, "logo must be a .png or .jpg file.", place="firm")
    try:
        with logo.open("rb") as file:
            head = file.read(8)
    except OSError:
        raise TemplateError(own, f"there is no logo {logo}.", place="firm") from None
    if not head.startswith(magics):
        raise TemplateError(own, f"the logo {logo} is not a {logo.suffix} picture.", place="firm")
    return logo
