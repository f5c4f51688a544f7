"""Templates: the official columns, and a firm's own files laid over them."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from ims_excel.exceptions import TemplateError
from ims_excel.portal.sections import B2B, B2BA, B2BCN, ECOMA, SECTIONS
from ims_excel.workbook.layout import load_layout
from ims_excel.workbook.values import _SOURCES

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parent.parent.parent
TEMPLATES = sorted((ROOT / "templates").glob("*.toml"))
SCHEMA = json.loads((ROOT / "schemas" / "template.schema.json").read_text(encoding="utf-8"))
PNG = b"\x89PNG\r\n\x1a\n"


def headings(section, *, hidden: bool = False) -> list[str]:
    return [column.heading for column in load_layout().sheets[section].columns if column.hidden is hidden]


def overlaid(folder: Path, name: str, text: str):
    (folder / name).write_text(text, encoding="utf-8")
    return load_layout(folder)


class TestTheShippedTemplates:
    @pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
    def test_they_follow_the_schema(self, path):
        Draft202012Validator.check_schema(SCHEMA)
        Draft202012Validator(SCHEMA).validate(tomllib.loads(path.read_text(encoding="utf-8")))

    def test_there_is_one_for_each_section_and_the_theme(self):
        assert {path.stem for path in TEMPLATES} == {*(section.key for section in SECTIONS), "theme"}

    def test_b2b_has_the_official_columns_in_order(self):
        assert headings(B2B) == [
            "GSTIN of supplier", "Trade/Legal name", "Invoice number", "Invoice type", "Invoice Date",
            "Invoice Value (₹)", "Status", "Place of supply", "Taxable Value (₹)", "Integrated Tax (₹)",
            "Central Tax (₹)", "State/UT Tax (₹)", "Cess (₹)", "Remarks", "Source", "Source Return Period",
            "Source Filing Status", "Alerts", "Sheet validation errors", "GST portal validation errors",
        ]  # fmt: skip

    def test_credit_notes_carry_the_itc_columns_before_the_remarks(self):
        found = headings(B2BCN)
        start = found.index("Whether ITC to be reduced")
        assert found[start : start + 6] == [
            "Whether ITC to be reduced",
            "Declared Integrated Tax (₹)",
            "Declared Central Tax (₹)",
            "Declared State/UT Tax (₹)",
            "Declared Cess (₹)",
            "Remarks",
        ]
        assert found[2] == "Note number"

    def test_amendments_show_the_original_before_the_revised(self):
        columns = load_layout().sheets[B2BA].columns
        assert [(column.group, column.heading) for column in columns[:5]] == [
            ("Original Details", "Original invoice number"),
            ("Original Details", "Original invoice date"),
            ("Revised Details", "GSTIN of supplier"),
            ("Revised Details", "Trade/Legal name"),
            ("Revised Details", "Invoice number"),
        ]

    def test_documents_of_e_commerce_operators_have_no_type(self):
        assert "document_type" not in load_layout().sheets[ECOMA].positions
        assert "GSTIN of ECO" in headings(ECOMA)

    @pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.key)
    def test_headings_are_unique_and_error_columns_named_exactly(self, section):
        found = headings(section) + headings(section, hidden=True)
        assert len({heading.casefold() for heading in found}) == len(found)
        assert headings(section)[-2:] == ["Sheet validation errors", "GST portal validation errors"]

    @pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.key)
    def test_hidden_columns_stand_last_and_hold_the_key(self, section):
        columns = load_layout().sheets[section].columns
        hidden = [column.hidden for column in columns]
        assert hidden == sorted(hidden)
        assert "key" in {column.name for column in columns if column.hidden}

    @pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.key)
    def test_every_column_has_a_value_or_is_written_later(self, section):
        later = {"key", "sheet_errors", "portal_errors", "sheet_fields", "portal_fields", "changed", "change"}
        assert {column.name for column in load_layout().sheets[section].columns} <= later | _SOURCES.keys()

    @pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.key)
    def test_itc_columns_stand_only_where_the_section_carries_them(self, section):
        assert ("itc_reduction" in load_layout().sheets[section].positions) is section.carries_itc_reduction


class TestAFirmsOwnFiles:
    def test_nothing_in_the_folder_changes_nothing(self, tmp_path):
        assert load_layout(tmp_path) == load_layout()

    def test_a_column_is_renamed_widened_hidden_and_recoloured(self, tmp_path):
        layout = overlaid(tmp_path, "b2b.toml", """
            columns = [
              { name = "remarks", heading = "Reason", width = 60, colour = "#FF0000" },
              { name = "cess", hidden = true },
            ]
        """)  # fmt: skip
        columns = {column.name: column for column in layout.sheets[B2B].columns}
        remarks = columns["remarks"]
        assert (remarks.heading, remarks.width, remarks.colour) == ("Reason", 60, "#FF0000")
        assert remarks.owner == "input"
        assert columns["cess"].hidden
        assert layout.sheets[B2BCN] == load_layout().sheets[B2BCN]

    def test_columns_are_reordered_and_the_others_follow(self, tmp_path):
        sheet = overlaid(tmp_path, "b2b.toml", 'order = ["status", "number"]').sheets[B2B]
        assert [column.name for column in sheet.columns[:4]] == [
            "status",
            "number",
            "supplier_gstin",
            "supplier_name",
        ]

    def test_own_columns_are_added_where_they_are_wanted(self, tmp_path):
        sheet = overlaid(tmp_path, "b2b.toml", """
            columns = [
              { name = "cost_centre", heading = "Cost centre", after = "status" },
              { name = "booked", heading = "Booked on", kind = "date", after = "cost_centre" },
            ]
        """).sheets[B2B]  # fmt: skip
        start = sheet.positions["status"]
        assert [column.name for column in sheet.columns[start : start + 3]] == [
            "status",
            "cost_centre",
            "booked",
        ]
        assert {sheet.columns[start + 1].owner, sheet.columns[start + 2].owner} == {"firm"}

    def test_a_column_that_nothing_needs_is_dropped(self, tmp_path):
        sheet = overlaid(tmp_path, "b2b.toml", 'drop = ["place_of_supply", "alerts"]').sheets[B2B]
        assert not {"place_of_supply", "alerts"} & sheet.positions.keys()

    def test_the_theme_is_overlaid_entry_by_entry(self, tmp_path):
        (tmp_path / "logo.png").write_bytes(PNG)
        theme = overlaid(tmp_path, "theme.toml", """
            [firm]
            name = "Patil & Co"
            logo = "logo.png"
            [colours]
            band = "#004400"
        """).theme  # fmt: skip
        assert (theme.firm, theme.logo) == ("Patil & Co", tmp_path / "logo.png")
        assert theme.colours["band"] == "#004400"
        assert theme.colours["rejected"] == load_layout().theme.colours["rejected"]

    def test_a_byte_order_mark_does_no_harm(self, tmp_path):
        text = '\ufeffcolumns = [{ name = "remarks", heading = "Reason" }]'
        assert overlaid(tmp_path, "b2b.toml", text).sheets[B2B].columns[13].heading == "Reason"


NEEDED = [
    "key",
    "status",
    "remarks",
    "sheet_errors",
    "portal_errors",
    "sheet_fields",
    "portal_fields",
    "supplier_gstin",
    "number",
    "date",
]
ITC = ["itc_reduction", "declared_igst", "declared_cgst", "declared_sgst", "declared_cess", "itc_blocked"]


class TestRefusals:
    @pytest.mark.parametrize("name", [*NEEDED, *ITC])
    def test_a_column_that_harvest_needs_cannot_be_dropped(self, tmp_path, name):
        with pytest.raises(TemplateError, match=f'b2bcn.toml: column "{name}": ims-xl needs this column'):
            overlaid(tmp_path, "b2bcn.toml", f'drop = ["{name}"]')

    @pytest.mark.parametrize("name", ["status", "remarks", "number", "sheet_errors", "declared_cess"])
    def test_a_column_that_people_need_cannot_be_hidden(self, tmp_path, name):
        with pytest.raises(TemplateError, match=f'column "{name}": .*cannot be hidden'):
            overlaid(tmp_path, "b2bcn.toml", f'columns = [{{ name = "{name}", hidden = true }}]')

    @pytest.mark.parametrize(
        ("text", "complaint"),
        [
            ('columns = [{ name = "remarks", heading = "STATUS " }]', 'column "remarks".* heading "STATUS "'),
            (
                'columns = [{ name = "remarks", heading = " " }]',
                'column "remarks": heading must not be blank',
            ),
            ('columns = [{ name = "remarks", width = "wide" }]', 'column "remarks": width must be a number'),
            ('columns = [{ name = "remarks", width = 0 }]', "width must be at least 2"),
            ('columns = [{ name = "remarks", colour = "red" }]', 'must be a colour like "#1F4E79"'),
            ('columns = [{ name = "remarks", kind = "amount" }]', 'column "remarks": its kind is wrapped'),
            ('columns = [{ name = "remarks", owner = "firm" }]', 'column "remarks": its owner is input'),
            ('columns = [{ name = "remarks", hiden = true }]', 'column "remarks".* unknown entry: hiden'),
            ('columns = [{ heading = "Reason" }]', "column 1: has no name"),
            ('columns = [{ name = "Cost Centre", heading = "Cost centre" }]', "name must be small letters"),
            ('columns = [{ name = "cost_centre" }]', 'column "cost_centre": a new column needs a heading'),
            ('columns = [{ name = "x", heading = "X", owner = "input" }]', 'column "x".* owner = "firm"'),
            ('columns = [{ name = "itc_reduction", heading = "X" }]', "a name of ims-xl's own"),
            ('columns = [{ name = "x", heading = "X", after = "y" }]', 'column "x": "y" is not a column'),
            ('columns = "all"', "columns must be a list"),
            ('order = ["nothing"]', 'column "nothing": order names a column that is not'),
            ('order = ["status", "status"]', "order names a column twice"),
            ('drop = ["nothing"]', 'column "nothing": drop names a column that is not'),
            ("colour = 1", "unknown entry: colour"),
            ("columns = [", "is not valid TOML"),
        ],
    )
    def test_a_mistake_is_named_with_its_column(self, tmp_path, text, complaint):
        with pytest.raises(TemplateError, match=complaint) as problem:
            overlaid(tmp_path, "b2b.toml", text)
        assert str(tmp_path / "b2b.toml") in str(problem.value)

    @pytest.mark.parametrize(
        ("text", "complaint"),
        [
            ('[colours]\nbnad = "#000000"', "unknown entry: bnad"),
            ("[font]\nsize = 40", "font.size: size must be at most 16"),
            ('[firm]\nlogo = "logo.svg"', "must be a .png or .jpg"),
            ('[firm]\nlogo = "missing.png"', "there is no logo"),
            ('[firm]\nlogo = "fake.png"', "is not a .png picture"),
        ],
    )
    def test_a_mistake_in_the_theme_is_named(self, tmp_path, text, complaint):
        (tmp_path / "fake.png").write_bytes(b"GIF89a")
        with pytest.raises(TemplateError, match=complaint):
            overlaid(tmp_path, "theme.toml", text)

    def test_a_missing_folder(self, tmp_path):
        with pytest.raises(TemplateError, match="there is no such folder"):
            load_layout(tmp_path / "nowhere")

    def test_a_misspelt_file_name(self, tmp_path):
        with pytest.raises(TemplateError, match=re.escape("is not one of b2b.toml")):
            overlaid(tmp_path, "b2bcdn.toml", "")

    def test_another_encoding(self, tmp_path):
        (tmp_path / "b2b.toml").write_bytes(
            'columns = [{ name = "remarks", heading = "é" }]'.encode("latin-1")
        )
        with pytest.raises(TemplateError, match="UTF-8"):
            load_layout(tmp_path)
