"""Home and Summary: live figures that are right before any program has calculated them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import openpyxl
import pytest
from workbook_helpers import build, credit_note, invoice, rupees, sample_month, snapshot

from ims_excel.gst.codes import Action
from ims_excel.portal.sections import B2B, B2BCN
from ims_excel.workbook.totals import STATUSES, Sums, Totals

if TYPE_CHECKING:
    from pathlib import Path

DECIDED = [
    invoice("1", action="A", txval=100, iamt=18, camt=0, samt=0, cess=1),
    invoice("2", action="R", txval=200, iamt=36, camt=0, samt=0),
    invoice("3", action="P", txval=400, iamt=72, camt=0, samt=0),
    invoice("4", txval=800, iamt=144, camt=0, samt=0),
    invoice("5", txval=1600, iamt=0, camt=144, samt=144),
]
NOTES = [
    credit_note("6", txval=50, iamt=9, camt=0, samt=0),
    credit_note("7", action="A", txval=10, iamt=2, camt=0, samt=0),
]


def table(path: Path, title: str, heading: str) -> dict[str, list]:
    """The lines below a heading, by their first texts, with the figures stored in the file."""
    sheet = openpyxl.load_workbook(path, data_only=True)[title]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_col=2)]
    start = next(place for place, row in enumerate(rows) if row[0] == heading)
    lines = {}
    for row in rows[start + 1 :]:
        label = next((text for text in row[:2] if text), None)
        if label is None or label in lines:
            break
        lines[label] = [figure for figure in row[2:] if figure is not None]
    return lines


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "book.xlsx"
    build(path, snapshot(tmp_path, b2b=DECIDED, b2bcn=NOTES))
    return path


def test_all_sections_together_subtract_credit_notes(book):
    sheet = openpyxl.load_workbook(book, data_only=True)["Summary"]
    found = {row[2].value: [cell.value for cell in row[3:10]] for row in sheet["A10:J13"]}
    assert found == {
        "Accepted": [2, 90, 16, 0, 0, 1, 17],
        "Rejected": [1, 200, 36, 0, 0, 0, 36],
        "Pending": [1, 400, 72, 0, 0, 0, 72],
        "No Action": [3, 2350, 135, 144, 144, 0, 423],
    }
    assert [cell.value for cell in sheet["D14:J14"][0]] == [7, 3040, 259, 144, 144, 1, 548]


def test_what_will_be_deemed_accepted_stands_on_top(book):
    sheet = openpyxl.load_workbook(book, data_only=True)["Summary"]
    assert sheet["B3"].value == "Will be deemed accepted if left at No Action"
    assert (sheet["B5"].value, sheet["E5"].value, sheet["J5"].value) == (3, 2350, 423)


def test_each_section_by_status(book):
    lines = table(book, "Summary", "Section")
    assert lines["B2B – Invoices"] == [5, 3100, 270, 144, 144, 1, 559]
    assert lines["Accepted"] == [1, 100, 18, 0, 0, 1, 19]
    assert lines["No Action"] == [2, 2400, 144, 144, 144, 0, 432]


def test_home_lists_the_sheets_with_links_and_figures(book):
    lines = table(book, "Home", "Sheet")
    assert lines["B2B"] == [5, 3100, 559, 2]
    assert lines["B2B-CN"] == [2, 60, 11, 1]
    assert lines["All sheets"] == [7, 3040, 548, 3]
    sheet = openpyxl.load_workbook(book)["Home"]
    links = {
        cell.value: cell.hyperlink.location for row in sheet.iter_rows() for cell in row if cell.hyperlink
    }
    assert links == {"B2B": "'B2B'!A1", "B2B-CN": "'B2B-CN'!A1", "Summary": "'Summary'!A1"}


def test_every_figure_is_a_formula(book):
    book = openpyxl.load_workbook(book)
    figures = [cell.value for row in book["Summary"]["D10:J14"] for cell in row]
    assert all(str(figure).startswith("=") for figure in figures)


def test_the_chart_shows_the_itc_of_the_four_statuses(book):
    (chart,) = openpyxl.load_workbook(book)["Summary"]._charts
    (series,) = chart.series
    assert series.val.numRef.f == "Summary!$J$10:$J$13"
    assert series.cat.strRef.f == "Summary!$C$10:$C$13"
    assert [float(point.v) for point in series.val.numRef.numCache.pt] == [17, 36, 72, 423]


@pytest.mark.libreoffice
@pytest.mark.parametrize("rows_per_sheet", [None, 2])
def test_stored_figures_are_what_a_program_calculates(office, tmp_path, rows_per_sheet):
    """Every figure of Home and Summary, against LibreOffice's own recalculation."""
    path, saved = tmp_path / "book.xlsx", tmp_path / "saved.xlsx"
    build(path, snapshot(tmp_path, b2b=DECIDED, b2bcn=NOTES), rows_per_sheet=rows_per_sheet)
    with office.edit(path, saved) as document:
        document.recalculate()
    for title in ("Home", "Summary"):
        stored, calculated = (openpyxl.load_workbook(book, data_only=True)[title] for book in (path, saved))
        for row in stored.iter_rows():
            for cell in row:
                if isinstance(cell.value, (int, float)):
                    assert calculated[cell.coordinate].value == pytest.approx(cell.value), (
                        title,
                        cell.coordinate,
                    )


@pytest.mark.libreoffice
def test_a_decision_moves_the_figures(office, tmp_path, book):
    saved = tmp_path / "saved.xlsx"
    with office.edit(book, saved) as document:
        document.sheet("B2B").set("G9", "Accepted")
        document.sheet("B2B").set("G10", "perhaps")
        document.recalculate()
    sheet = openpyxl.load_workbook(saved, data_only=True)["Summary"]
    assert (sheet["D10"].value, sheet["E10"].value) == (3, 890)
    assert (sheet["B5"].value, sheet["E5"].value) == (1, -50)
    assert sheet["D15"].value == 1


def test_the_sample_month_has_a_line_for_every_section(tmp_path):
    path = tmp_path / "book.xlsx"
    build(path, sample_month(tmp_path))
    sheet = openpyxl.load_workbook(path, data_only=True)["Summary"]
    titles = [row[0].value for row in sheet.iter_rows(min_row=34, min_col=2, max_col=2) if row[0].value]
    assert titles == [
        "B2B – Invoices",
        "B2BA – Amended invoices",
        "B2B-DN – Debit notes",
        "B2B-DNA – Amended debit notes",
        "B2B-CN – Credit notes (lower ITC)",
        "B2B-CNA – Amended credit notes (lower ITC)",
        "ECO – E-commerce operator documents",
        "ECOA – Amended e-commerce operator documents",
    ]


class TestTotals:
    def test_blanks_and_texts_are_not_added(self):
        totals = Totals()
        column = [rupees("1.10"), None, "n/a"]
        totals.count_in(B2B, ["Accepted"] * 3, [column, *[[None] * 3] * 4])
        sums = totals.of(B2B, "Accepted")
        assert (sums.count, sums.amounts["taxable_value"], sums.tax) == (3, rupees("1.10"), 0)

    def test_paise_add_up_exactly(self):
        totals = Totals()
        for _ in range(10):
            totals.count_in(B2B, ["Pending"], [[rupees("0.10")]] * 5)
        assert totals.of(B2B, "Pending").amounts["igst"] == 1

    def test_net_counts_credit_notes_but_subtracts_their_amounts(self):
        totals = Totals()
        totals.count_in(B2B, ["Accepted"], [[rupees("10")]] * 5)
        totals.count_in(B2BCN, ["Accepted"], [[rupees("3")]] * 5)
        sums = totals.net([B2B, B2BCN], *STATUSES)
        assert (sums.count, sums.amounts["cess"], sums.tax) == (2, 7, 28)

    def test_nothing_at_all(self):
        assert Totals().net([B2B], *STATUSES) == Sums()
        assert {action.label for action in Action} == set(STATUSES)
