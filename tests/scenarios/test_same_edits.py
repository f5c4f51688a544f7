"""Edits made in LibreOffice on a sorted and filtered workbook harvest like the same edits made directly."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING, Any

import pytest

from ims_excel import build, harvest
from ims_excel.pipelines.demo import SAMPLE_RECIPIENT, decide
from ims_excel.portal.sections import section_for
from ims_excel.resources import resource_dir
from ims_excel.workbook.cells import column_letters
from ims_excel.workbook.grid import FIRST_ROW, HEADING_ROW
from ims_excel.workbook.layout import load_layout

if TYPE_CHECKING:
    from pathlib import Path

    from libreoffice.office import Document, Office

pytestmark = pytest.mark.libreoffice
SAMPLES = resource_dir("samples")


@pytest.fixture
def built(tmp_path: Path) -> Path:
    return build(SAMPLES / "download.json", tmp_path / "built.xlsx", gstin=SAMPLE_RECIPIENT).book


def in_libreoffice(doc: Document) -> None:
    """Sort each sheet by value and filter it by a supplier, then type the decisions, hidden rows and all."""
    decisions = list(csv.DictReader((SAMPLES / "decisions.csv").read_text(encoding="utf-8").splitlines()))
    for key in dict.fromkeys(decision["section"] for decision in decisions):
        section = section_for(key)
        places = load_layout().sheets[section].positions
        letters = {name: column_letters(place) for name, place in places.items()}
        last = column_letters(len(places) - 1)
        sheet = doc.sheet(section.sheet)
        numbers = sheet.column(f"{letters['number']}{FIRST_ROW}:{letters['number']}100")
        end = FIRST_ROW + len([number for number in numbers if number]) - 1
        sheet.sort(f"A{FIRST_ROW}:{last}{end}", by=letters["value"], descending=True)
        supplier = sheet.get(f"{letters['supplier_gstin']}{FIRST_ROW}")[0][0]
        sheet.filter(f"A{HEADING_ROW}:{last}{end}", **{letters["supplier_gstin"]: supplier})
        numbers = sheet.column(f"{letters['number']}{FIRST_ROW}:{letters['number']}{end}")
        for decision in (d for d in decisions if d["section"] == key):
            row = FIRST_ROW + numbers.index(decision["number"])
            for name, text in decision.items():
                if name in letters and text and name not in ("supplier_gstin", "number"):
                    value = float(text) if name.startswith("declared") else text
                    sheet.set(f"{letters[name]}{row}", value)


def sent(upload: Path) -> dict[str, list[Any]]:
    """What an upload sends; a sorted sheet sends its rows in another order."""
    sections = json.loads(upload.read_bytes())["invdata"]
    return {key: sorted(records, key=json.dumps) for key, records in sections.items()}


def test_the_harvest_is_the_same(office: Office, built: Path, tmp_path: Path):
    with office.edit(built, out=tmp_path / "edited.xlsx") as doc:
        in_libreoffice(doc)
    decide(built, SAMPLES / "decisions.csv", tmp_path / "direct.xlsx")
    edited = harvest(tmp_path / "edited.xlsx", tmp_path / "edited.json")
    direct = harvest(tmp_path / "direct.xlsx", tmp_path / "direct.json")
    assert edited.errors == direct.errors == ()
    assert "B2B" in edited.cleared_filters
    assert sent(tmp_path / "edited.json") == sent(tmp_path / "direct.json") == sent(SAMPLES / "upload.json")
