"""Whatever characters suppliers put into names and numbers, a workbook nobody touched has no changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from portal_helpers import download, invoice

from ims_excel import build, validate

if TYPE_CHECKING:
    from pathlib import Path

ODD = [
    "\x01",
    "\x0b\x1f",
    "\ufffe",
    "a\uffffb",
    "_x0041_",
    "_x005F_xFFFE_",
    "_xFFFE_",
    "\ufeffname",
    "😀 & <Sons>",
]


@pytest.mark.parametrize("text", ODD, ids=ascii)
def test_an_odd_text_comes_back_as_it_was(text: str, tmp_path: Path):
    rows = [invoice(tradenm=text), invoice(inum=f"9{text}"), invoice(inum="10", remarks=text, action="R")]
    book = build(download(tmp_path / "download.json", b2b=rows), tmp_path / "book.xlsx").book
    result = validate(book)
    assert result.restored_cells == 0
    assert not [finding for finding in result.findings if finding.rule in ("R14", "R24", "R25", "R27")]
