"""What becomes of each kind of row when a newer download comes in, whatever people had done to it."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import openpyxl
import pytest
from click.testing import CliRunner
from life_helpers import GUJARAT, NOW, RECIPIENT, Life, actions_in, credit_note, identity, invoice
from ooxml import assert_valid
from openpyxl.styles import PatternFill
from writeback_helpers import assert_still_valid

from ims_excel import DownloadError, RefreshResult, WorkbookError, errors, refresh
from ims_excel.cli import main
from ims_excel.pipelines.examining import open_book
from ims_excel.workbook.grid import CHANGES_SHEET
from ims_excel.workbook.read import read_book
from ims_excel.workbook.shown import as_text
from ims_excel.workbook.writeback import BookPatch, SheetPatch, write_back

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ONE = identity("SA/1")
OPEN = {"srcfilstatus": "Not Filed"}


class Month(Life):
    """A workbook's life with newer downloads."""

    def __init__(self, folder: Path, **sections: list[dict]) -> None:
        super().__init__(folder, **sections)
        self.downloads = 1

    def download(self) -> Path:
        """Make a newer download of what the portal has now."""
        self.downloads += 1
        path = self.folder / f"download-{self.downloads}.json"
        path.write_text(json.dumps(self.portal.download()), encoding="utf-8")
        return path

    def refresh(self, **more: object) -> RefreshResult:
        return refresh(self.book, self.download(), now=NOW, **more)

    def upload_all(self) -> None:
        """Harvest and upload; the portal takes it all, and nobody tells the workbook."""
        for path in self.harvest().uploads:
            assert self.upload(path).status_cd == "P"

    def put(self, number: str, **cells: str | None) -> None:
        """Type into cells of a document's row, by machine name."""
        for sheet in read_book(self.book).sheets:
            for row in sheet.rows:
                if as_text(row.values[sheet.columns["number"]]) == number:
                    patch = {(row.number, sheet.columns[name]): text for name, text in cells.items()}
                    write_back(self.book, BookPatch([SheetPatch(sheet.title, patch, False)], []), self.book)
                    return
        raise AssertionError(number)

    def numbers(self, title: str = "B2B") -> list[str]:
        sheet = next(sheet for sheet in read_book(self.book).sheets if sheet.title == title)
        return [as_text(row.values[sheet.columns["number"]]) for row in sheet.rows]

    def open_rules(self) -> set[str]:
        """Rules that keep SA/1 at home."""
        found = self.harvest(skip_invalid=True).findings
        return {f.rule for f in found if f.document.startswith("SA/1") and f.severity.value == "error"}


def month(folder: Path, **facts: object) -> Month:
    """A month with one document to look at, SA/1, and one that nothing ever happens to."""
    return Month(folder, b2b=[invoice("SA/1", **facts), invoice("SA/2", **OPEN)])


# What people had done to the row, before the newer download


def nothing(_life: Month) -> None:
    pass


def accepted(life: Month) -> None:
    life.type("SA/1", "Accepted")


def rejected(life: Month) -> None:
    life.type("SA/1", "Rejected", "not ours")


def accepted_and_uploaded(life: Month) -> None:
    life.type("SA/1", "Accepted")
    life.upload_all()


def accepted_uploaded_and_confirmed(life: Month) -> None:
    life.type("SA/1", "Accepted")
    upload = life.harvest().upload
    assert life.upload(upload).status_cd == "P"
    life.confirm(upload)


def accepted_uploaded_then_rejected(life: Month) -> None:
    accepted_and_uploaded(life)
    life.type("SA/1", "Rejected", "not ours")


def harvested_but_not_uploaded(life: Month) -> None:
    life.type("SA/1", "Accepted")
    life.harvest()


# What happened on the portal


def nothing_online(_life: Month) -> None:
    pass


def supplier_edits(life: Month) -> None:
    life.portal.supplier_edits(ONE, val=120000)


def supplier_edits_and_resets(life: Month) -> None:
    life.portal.supplier_edits(ONE, val=120000)
    life.portal.documents[ONE].answer = type(life.portal.documents[ONE].answer)()


def supplier_edits_and_the_decision_stays(life: Month) -> None:
    life.portal.set_flags(ONE, val=120000)


def supplier_redates(life: Month) -> None:
    life.portal.supplier_edits(ONE, idt="13-03-2026")


def supplier_edits_and_it_is_accepted_online(life: Month) -> None:
    supplier_edits(life)
    accepted_online(life)


def supplier_is_renamed_and_pending_blocked(life: Month) -> None:
    life.portal.set_flags(ONE, tradenm="Sahyadri & Sons", ispendactblocked="Y")


def supplier_files(life: Month) -> None:
    life.portal.supplier_files(ONE)


def supplier_withdraws(life: Month) -> None:
    life.portal.supplier_withdraws(ONE)


def accepted_online(life: Month) -> None:
    life.portal.act_online(ONE, "A")


def rejected_online(life: Month) -> None:
    life.portal.act_online(ONE, "R", "online reason")


def return_is_filed(life: Month) -> None:
    life.portal.file_gstr3b()


WAS, OFF = "Portal: Status: ", " (online)"
VALUE = "Value: ₹1,18,000.00 → ₹1,20,000.00"
FILED = "Filing status: Not filed → Filed"
MOVED = "Date: 12-03-2026 → 13-03-2026"
TOOK_BACK = "Withdrawn: the supplier took it back before filing; it is no longer in the IMS."
LEFT = "Left the IMS, as decided documents do when GSTR-3B is filed (R62); the portal had Accepted."
UNKNOWN = (
    "No longer in the IMS: it left with GSTR-3B, or the supplier withdrew it. Nobody has said whether the "
    "portal took Accepted, which went up in IMS_27ZZZCK4501A1ZH_20260403-063000.json."
)
DEEMED = "No longer in the IMS: deemed accepted with GSTR-3B, or withdrawn by the supplier."

# what people did, what happened, as the portal had it first: word, text, Status of the row, what stops it,
# what the next harvest sends when the row is confirmed
SCENARIOS = [
    (nothing, nothing_online, {}, "", "", "No Action", set(), {}),
    (accepted, nothing_online, {}, "", "", "Accepted", set(), {"SA/1": "A"}),
    (accepted_and_uploaded, nothing_online, {}, "taken", "", "Accepted", set(), {}),
    (harvested_but_not_uploaded, nothing_online, {}, "", "", "Accepted", set(), {}),
    (accepted_uploaded_then_rejected, nothing_online, {}, "", "", "Rejected", set(), {"SA/1": "R"}),
    (nothing, supplier_edits, OPEN, "seen", VALUE, "No Action", set(), {}),
    (accepted, supplier_edits, OPEN, "changed", VALUE, "Accepted", {"R66"}, {"SA/1": "A"}),
    (
        accepted_and_uploaded, supplier_edits_and_resets, OPEN, "changed", VALUE, "Accepted", {"R66"},
        {"SA/1": "A"},
    ),
    (
        nothing, supplier_edits_and_resets, {**OPEN, "action": "A"}, "changed",
        f"{VALUE}\nPortal: Status: Accepted → No Action (taken off with the change)", "Accepted", {"R66"},
        {"SA/1": "A"},
    ),
    (accepted, supplier_redates, OPEN, "changed", MOVED, "Accepted", {"R66"}, {"SA/1": "A"}),
    (nothing, supplier_redates, OPEN, "seen", MOVED, "No Action", set(), {}),
    (accepted, supplier_files, OPEN, "seen", FILED, "Accepted", set(), {"SA/1": "A"}),
    (nothing, supplier_withdraws, OPEN, "withdrawn", TOOK_BACK, "No Action", set(), {}),
    (accepted, supplier_withdraws, OPEN, "withdrawn", TOOK_BACK, "Accepted", set(), {}),
    (accepted_uploaded_and_confirmed, return_is_filed, {}, "withdrawn", LEFT, "Accepted", set(), {}),
    (accepted_and_uploaded, return_is_filed, {}, "withdrawn", UNKNOWN, "Accepted", set(), {}),
    (
        nothing, supplier_edits_and_the_decision_stays, {**OPEN, "action": "A"}, "changed",
        f"{VALUE}\nPortal: still Accepted", "Accepted", {"R66"}, {},
    ),
    (nothing, return_is_filed, {}, "withdrawn", DEEMED, "No Action", set(), {}),
    (nothing, accepted_online, {}, "seen", f"{WAS}No Action → Accepted{OFF}", "Accepted", set(), {}),
    (accepted, accepted_online, {}, "taken", "", "Accepted", set(), {}),
    (
        rejected, accepted_online, {}, "conflict",
        f"{WAS}No Action → Accepted{OFF}\nThis row: Rejected", "Rejected", {"N1"}, {"SA/1": "R"},
    ),
    (
        accepted_and_uploaded, rejected_online, {}, "conflict",
        f"{WAS}No Action → Rejected; Remarks: blank → online reason{OFF}\nThis row: Accepted", "Accepted",
        {"N1"}, {"SA/1": "A"},
    ),
    (
        rejected, supplier_edits_and_it_is_accepted_online, OPEN, "conflict",
        f"{VALUE}\n{WAS}No Action → Accepted{OFF}\nThis row: Rejected", "Rejected", {"N1"}, {"SA/1": "R"},
    ),
    (
        accepted, supplier_is_renamed_and_pending_blocked, {}, "seen",
        "Supplier: Sahyadri Alloys → Sahyadri & Sons; Pending blocked: No → Yes", "Accepted", set(),
        {"SA/1": "A"},
    ),
    (
        nothing, rejected_online, {"action": "A"}, "seen",
        f"{WAS}Accepted → Rejected; Remarks: blank → online reason{OFF}", "Rejected", set(), {},
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("people", "online", "facts", "word", "text", "status", "stops", "sent"),
    SCENARIOS,
    ids=[f"{row[0].__name__}-{row[1].__name__}-{'-'.join(map(str, row[2].values()))}" for row in SCENARIOS],
)
def test_what_becomes_of_a_row(  # noqa: PLR0917  a table's columns
    tmp_path: Path,
    people: Callable[[Month], None],
    online: Callable[[Month], None],
    facts: dict[str, object],
    word: str,
    text: str,
    status: str,
    stops: set[str],
    sent: dict[str, str],
):
    life = month(tmp_path, **facts)
    people(life)
    online(life)
    result = life.refresh()
    assert (life.cell("SA/1", "change"), life.cell("SA/1", "changed")) == (word, text)
    assert life.cell("SA/1", "status") == status
    assert result.asked == len(stops)
    assert life.numbers() == ["SA/1", "SA/2"]
    assert (life.cell("SA/2", "change"), life.cell("SA/2", "changed")) == ("", "")
    assert_valid(life.book)
    assert life.open_rules() == stops
    if stops:
        life.put("SA/1", changed=None)
    assert life.sent() == ({} if not stops and sent and not _is_open(life, sent) else sent)


def _is_open(life: Month, sent: dict[str, str]) -> bool:
    """A row that nothing stopped went up with the harvest that asked for the rules."""
    latest = max(life.folder.glob("IMS_*.json"), key=os.path.getmtime, default=None)
    assert latest
    assert actions_in(latest) == sent
    return False


class TestWithoutTheColumns:
    """Whoever deletes the columns in which refresh asks has not answered."""

    @pytest.mark.parametrize("column", ["change", "changed"])
    @pytest.mark.parametrize(
        ("online", "rule"), [(supplier_edits_and_resets, "R66"), (rejected_online, "N1")]
    )
    def test_what_was_asked_stays_open(self, tmp_path, column, online, rule):
        life = month(tmp_path, **OPEN)
        accepted(life)
        online(life)
        life.refresh()
        opened = openpyxl.load_workbook(life.book)
        names = [cell.value for cell in opened["B2B"][3]]
        opened["B2B"].delete_cols(names.index(column) + 1)
        opened.save(life.book)
        result = life.harvest()
        assert {finding.rule for finding in result.errors} == {rule}
        assert result.upload is None
        if column == "changed":
            assert "copy the whole column back" in result.errors[0].fix
        else:
            life.put("SA/1", changed=None)
            assert life.sent() == {"SA/1": "A"}


class TestConfirming:
    def asked(self, folder: Path) -> Month:
        life = month(folder, **OPEN)
        life.type("SA/1", "Accepted")
        life.portal.supplier_edits(ONE, val=120000)
        life.refresh()
        return life

    @pytest.mark.parametrize("text", [None, "OK", " ok. ", "Yes", "✓", "confirmed"])
    def test_emptied_or_ok_confirms(self, tmp_path, text):
        life = self.asked(tmp_path)
        life.put("SA/1", changed=text)
        assert life.sent() == {"SA/1": "A"}

    @pytest.mark.parametrize("text", ["ask Asha", "not ok", "?"])
    def test_anything_else_keeps_asking(self, tmp_path, text):
        life = self.asked(tmp_path)
        life.put("SA/1", changed=text)
        assert life.open_rules() == {"R66"}

    def test_going_back_to_what_the_portal_has_leaves_nothing_to_ask(self, tmp_path):
        life = self.asked(tmp_path)
        life.type("SA/1", "No Action")
        assert life.open_rules() == set()

    def test_a_confirmed_row_is_clean_after_the_next_refresh(self, tmp_path):
        life = self.asked(tmp_path)
        life.put("SA/1", changed=None)
        life.portal.add("b2b", invoice("SA/9"))
        assert life.refresh().asked == 0
        assert life.cell("SA/1", "change") == ""

    def test_an_unconfirmed_row_keeps_asking_after_the_next_refresh(self, tmp_path):
        life = self.asked(tmp_path)
        life.portal.add("b2b", invoice("SA/9"))
        assert life.refresh().asked == 1
        assert life.cell("SA/1", "changed") == VALUE
        life.portal.supplier_edits(ONE, val=125000)
        assert life.refresh().asked == 1
        assert life.cell("SA/1", "changed").splitlines() == [VALUE, "Value: ₹1,20,000.00 → ₹1,25,000.00"]
        assert life.open_rules() == {"R66"}

    def test_a_conflict_is_settled_by_what_the_portal_has(self, tmp_path):
        life = month(tmp_path)
        rejected(life)
        accepted_online(life)
        assert life.refresh().asked == 1
        life.type("SA/1", "Accepted", "")
        assert life.open_rules() == set()
        assert life.sent() == {}


class TestNewDocuments:
    def test_they_come_behind_the_last_row_and_are_marked(self, tmp_path):
        life = month(tmp_path)
        life.portal.add("b2b", invoice("SA/3"))
        life.portal.add("b2b", invoice("SA/4", ispendactblocked="Y"))
        result = life.refresh()
        assert life.numbers() == ["SA/1", "SA/2", "SA/3", "SA/4"]
        assert [life.cell(number, "change") for number in life.numbers()] == ["", "", "new", "new"]
        assert life.cell("SA/4", "alerts") == "Pending not available"
        assert (result.counts["new"], result.counts["unchanged"]) == (2, 2)
        life.type("SA/4", "Accepted")
        assert life.sent() == {"SA/4": "A"}

    def test_the_first_document_of_a_section_brings_its_sheet_to_light(self, tmp_path):
        life = month(tmp_path)
        life.portal.add("b2bcn", credit_note("CN/1"))
        life.refresh()
        assert openpyxl.load_workbook(life.book)["B2B-CN"].sheet_state == "visible"
        life.type("CN/1", "Accepted", "", "No")
        assert life.sent() == {"CN/1": "A"}
        assert_valid(life.book)

    def test_the_mark_goes_with_the_next_refresh(self, tmp_path):
        life = month(tmp_path)
        life.portal.add("b2b", invoice("SA/3"))
        life.refresh()
        life.portal.add("b2b", invoice("SA/4"))
        life.refresh()
        assert [life.cell(number, "change") for number in life.numbers()] == ["", "", "", "new"]

    def test_an_amendment_says_what_it_amends(self, tmp_path):
        life = month(tmp_path)
        life.portal.supplier_amends(
            ONE, period="042026", inum="SA/1A", val=90000, txval=76271.18, camt=6864.41, samt=6864.41
        )
        result = life.refresh()
        assert life.cell("SA/1A", "alerts").startswith(
            "Supplier has not filed; Amends SA/1 of 12-03-2026: Number: SA/1 → SA/1A; "
            "Value: ₹1,18,000.00 → ₹90,000.00;"
        )
        (row,) = (row for row in result.rows if row.what == "new")
        assert row.amends == "SA/1 of 12-03-2026"
        assert ("value", "₹1,18,000.00", "₹90,000.00") in {(c.field, c.old, c.new) for c in row.changes}


class TestWithdrawnDocuments:
    def test_they_stay_in_their_rows_and_out_of_uploads(self, tmp_path):
        life = month(tmp_path, **OPEN)
        accepted(life)
        supplier_withdraws(life)
        life.refresh()
        result = life.harvest()
        assert [(f.rule, f.severity.value) for f in result.findings if f.rule == "N2"] == [("N2", "warning")]
        assert result.upload is None
        sheet = openpyxl.load_workbook(life.book)["B2B"]
        formats = [rule for found in sheet.conditional_formatting for rule in found.rules]
        assert any('="withdrawn"' in rule.formula[0] and rule.dxf.font.strike for rule in formats)

    def test_they_are_still_known_after_more_refreshes(self, tmp_path):
        life = month(tmp_path, **OPEN)
        supplier_withdraws(life)
        life.refresh()
        life.portal.add("b2b", invoice("SA/3"))
        result = life.refresh()
        assert (result.counts["withdrawn"], result.counts["new"]) == (0, 1)
        assert life.cell("SA/1", "changed") == TOOK_BACK
        assert not [f for f in life.harvest().findings if f.rule == "R25"]

    def test_what_comes_back_finds_its_row(self, tmp_path):
        life = month(tmp_path, **OPEN)
        accepted(life)
        supplier_withdraws(life)
        life.refresh()
        life.portal.add("b2b", invoice("SA/1", **OPEN, val=120000))
        result = life.refresh()
        assert result.counts["returned"] == 1
        assert life.cell("SA/1", "changed") == f"Back in the IMS\n{VALUE}"
        assert life.open_rules() == {"R66"}
        life.put("SA/1", changed="ok")
        assert life.sent() == {"SA/1": "A"}

    def test_a_deleted_row_is_forgotten(self, tmp_path):
        life = month(tmp_path, **OPEN)
        supplier_withdraws(life)
        life.refresh()
        opened = openpyxl.load_workbook(life.book)
        opened["B2B"].delete_rows(6)
        opened.save(life.book)
        life.portal.add("b2b", invoice("SA/3"))
        life.refresh()
        assert open_book(life.book)[1].withdrawn == {}

    def test_a_twin_may_go_and_the_other_keeps_its_decision(self, tmp_path):
        life = month(tmp_path)
        twins = [invoice("SA/1"), invoice("SA/1", val=5), invoice("SA/2", val=7)]
        first, second = tmp_path / "twins.json", tmp_path / "one.json"
        for path, records in ((first, twins), (second, twins[1:])):
            path.write_text(json.dumps({"rtin": RECIPIENT, "imsDetails": {"b2b": records}}), encoding="utf-8")
        refresh(life.book, first, now=NOW)
        sheet = read_book(life.book).sheets[0]
        rows = {as_text(row.values[sheet.columns["value"]]): row.number for row in sheet.rows}
        status = sheet.columns["status"]
        patch = SheetPatch(
            "B2B", {(rows["118000"], status): "Rejected", (rows["5"], status): "Accepted"}, False
        )
        write_back(life.book, BookPatch([patch], []), life.book)
        refresh(life.book, second, now=NOW)
        assert life.sent() == {"SA/1": "A"}
        assert json.loads(max(tmp_path.glob("IMS_*.json")).read_bytes())["invdata"]["b2b"][0]["val"] == 5


class TestRowsThatAreLeftAlone:
    @pytest.mark.parametrize("online", [supplier_edits, supplier_withdraws])
    def test_a_deleted_row_stays_deleted_and_is_named(self, tmp_path, online):
        life = month(tmp_path, **OPEN)
        opened = openpyxl.load_workbook(life.book)
        opened["B2B"].delete_rows(6)
        opened.save(life.book)
        online(life)
        (notice,) = (text for text in life.refresh().notices if "SA/1" in text)
        assert notice.startswith("Changed, acted on or withdrawn, but their rows had been deleted: SA/1 of")
        assert life.numbers() == ["SA/2"]
        assert life.sent() == {}

    def test_a_row_that_shows_another_document_than_its_key(self, tmp_path):
        life = month(tmp_path, **OPEN)
        accepted(life)
        life.put("SA/1", supplier_gstin=GUJARAT)
        supplier_edits(life)
        assert any("(R24) was left alone" in notice for notice in life.refresh().notices)
        assert (life.cell("SA/1", "value"), life.cell("SA/1", "changed")) == ("118000", "")
        assert "R24" in {finding.rule for finding in life.harvest(skip_invalid=True).errors}
        assert life.sent(skip_invalid=True) == {}


class TestWhatPeopleMade:
    def own(self, folder: Path) -> Month:
        """A workbook with own columns, sheets and formats, its rows sorted."""
        life = Month(folder, b2b=[invoice(f"SA/{n}", **OPEN) for n in range(1, 5)])
        opened = openpyxl.load_workbook(life.book)
        sheet = opened["B2B"]
        rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=6, max_row=9)]
        for number, values in enumerate(reversed(rows), start=6):
            for column, value in enumerate(values, start=1):
                sheet.cell(number, column).value = value
        sheet["AZ5"] = "Checked by"
        for number in range(6, 10):
            sheet[f"AZ{number}"] = f"Asha {number}"
        sheet["C7"].fill = PatternFill("solid", "00FF00")
        sheet.row_dimensions[8].height = 33
        sheet.auto_filter.add_filter_column(6, ["Accepted"])
        opened.create_sheet("Notes")["A1"] = "=SUM(B2B!F6:F9)"
        opened.save(life.book)
        return life

    def test_all_of_it_survives(self, tmp_path):
        life = self.own(tmp_path)
        life.portal.supplier_edits(identity("SA/3"), val=120000)
        life.portal.supplier_withdraws(identity("SA/2"))
        life.portal.add("b2b", invoice("SA/5"))
        before = tmp_path / "before.xlsx"
        before.write_bytes(life.book.read_bytes())
        result = life.refresh()
        assert_still_valid(life.book, before)
        sheet = (opened := openpyxl.load_workbook(life.book))["B2B"]
        assert life.numbers() == ["SA/4", "SA/3", "SA/2", "SA/1", "SA/5"]
        assert [sheet[f"AZ{row}"].value for row in range(5, 11)] == [
            "Checked by", "Asha 6", "Asha 7", "Asha 8", "Asha 9", None,
        ]  # fmt: skip
        assert sheet["C7"].fill.fgColor.rgb == "0000FF00"
        assert sheet["C10"].fill.fgColor.rgb != "0000FF00"
        assert sheet.row_dimensions[8].height == 33
        assert sheet.auto_filter.filterColumn[0].colId == 6
        assert opened["Notes"]["A1"].value == "=SUM(B2B!F6:F9)"
        assert sheet["F7"].value == 120000
        assert any("filter in B2B was left on" in notice for notice in result.notices)

    def test_edited_cells_of_documents_that_did_not_change_are_left(self, tmp_path):
        life = month(tmp_path, **OPEN)
        life.put("SA/2", supplier_name="Sahyadri")
        life.portal.supplier_edits(ONE, val=120000)
        life.refresh()
        assert life.cell("SA/2", "supplier_name") == "Sahyadri"


class TestTheWorkbookItself:
    def test_the_same_download_changes_not_a_byte(self, tmp_path):
        life = month(tmp_path)
        accepted(life)
        was = life.book.read_bytes()
        result = refresh(life.book, tmp_path / "download.json", now=NOW)
        assert life.book.read_bytes() == was
        assert result.written is None
        assert result.counts["unchanged"] == 2
        assert "very download already" in result.notices[0]

    def test_an_older_download_is_refused_unless_forced(self, tmp_path):
        life = month(tmp_path)
        older = life.download()
        older.write_text(json.dumps({"imsDetails": {"b2b": [invoice("SA/1")]}}), encoding="utf-8")
        os.utime(older, (1, 1))
        was = life.book.read_bytes()
        with pytest.raises(DownloadError, match="Pass --force"):
            refresh(life.book, older)
        assert life.book.read_bytes() == was
        assert refresh(life.book, older, force=True, now=NOW).counts["withdrawn"] == 1

    def test_another_recipient_s_download_is_refused(self, tmp_path):
        life = month(tmp_path)
        foreign = life.download()
        foreign.write_text(json.dumps({"rtin": "24ZZZFD2202C1ZQ", "imsDetails": {}}), encoding="utf-8")
        with pytest.raises(DownloadError, match="24ZZZFD2202C1ZQ"):
            refresh(life.book, foreign)

    def test_out_leaves_the_workbook_alone(self, tmp_path):
        life = month(tmp_path)
        life.portal.add("b2b", invoice("SA/3"))
        was, out = life.book.read_bytes(), tmp_path / "out.xlsx"
        assert life.refresh(out=out).written == out
        assert life.book.read_bytes() == was
        life.book = out
        assert life.numbers() == ["SA/1", "SA/2", "SA/3"]

    def test_home_and_sheets_say_from_when_it_is(self, tmp_path):
        life = month(tmp_path)
        life.portal.add("b2b", invoice("SA/3"))
        newer = life.download()
        os.utime(newer, (4102444800, 4102444800))
        refresh(life.book, newer, now=NOW)
        opened = openpyxl.load_workbook(life.book)
        home = {row[1].value: row[2].value for row in opened["Home"].iter_rows() if row[1].value}
        assert home["Downloaded"].startswith("01-01-2100")
        assert home["From"] == newer.name
        for title in ("Home", "Summary"):
            assert opened[title]["B2"].value.endswith("downloaded on 01-01-2100")
        texts = [cell.value for cell in opened["B2B"][1] if cell.value]
        assert "3 documents  ·  as downloaded on 01-01-2100" in texts[-1]
        assert [source.name for source in open_book(life.book)[1].sources] == [newer.name]
        assert read_book(life.book).properties["ims-xl sources"].startswith(newer.name)

    def test_what_changed_is_listed_and_replaced_by_the_next(self, tmp_path):
        life = month(tmp_path, **OPEN)
        accepted(life)
        life.portal.supplier_edits(ONE, val=120000, txval=101694.92)
        life.refresh()
        rows = [[cell.value for cell in row] for row in openpyxl.load_workbook(life.book)[CHANGES_SHEET]]
        assert [row[0] for row in rows[1:]] == ["Changed by the supplier"] * 2
        assert rows[1][4:10] == [
            "SA/1", "12-03-2026", "Value", "₹1,18,000.00", "₹1,20,000.00", "Accepted",
        ]  # fmt: skip
        assert "press Delete" in rows[1][10]
        life.portal.add("b2b", invoice("SA/3"))
        life.refresh()
        rows = [[cell.value for cell in row] for row in openpyxl.load_workbook(life.book)[CHANGES_SHEET]]
        assert [row[0] for row in rows[1:] if row[0]] == ["New"]

    def test_a_workbook_without_its_hidden_sheet_is_refused(self, tmp_path):
        life = month(tmp_path)
        opened = openpyxl.load_workbook(life.book)
        del opened["_ims_xl"]
        opened.save(life.book)
        life.portal.add("b2b", invoice("SA/3"))
        with pytest.raises(WorkbookError, match="cannot take a newer download"):
            refresh(life.book, life.download(), source=tmp_path / "download.json")

    def test_a_workbook_without_the_columns_is_refused(self, tmp_path):
        life = month(tmp_path)
        opened = openpyxl.load_workbook(life.book)
        names = [cell.value for cell in opened["B2B"][3]]
        opened["B2B"].cell(3, names.index("change") + 1).value = None
        opened.save(life.book)
        life.portal.add("b2b", invoice("SA/3"))
        with pytest.raises(WorkbookError, match=r'the column "Change" is gone.*copy the whole column back'):
            life.refresh()

    def test_a_missing_part_of_the_download_is_suspected_and_can_be_made_good(self, tmp_path):
        life = month(tmp_path)
        accepted(life)
        empty = life.download()
        empty.write_text(json.dumps({"imsDetails": {}}), encoding="utf-8")
        result = refresh(life.book, empty, now=NOW)
        assert any("several files" in notice for notice in result.notices)
        assert refresh(life.book, [empty, life.download()], now=NOW).counts["returned"] == 2
        assert life.sent() == {"SA/1": "A"}


class TestUploads:
    def test_a_refusal_told_after_the_download_is_still_a_refusal(self, tmp_path):
        life = month(tmp_path)
        life.type("SA/1", "Accepted")
        life.type("SA/2", "Rejected", "bad")
        upload = life.harvest().upload
        life.portal.refuse_next(identity("SA/2"), "no")
        answer = life.upload(upload)
        assert any("not what was decided on SA/2" in notice for notice in life.refresh().notices)
        result = life.take_back(answer)
        assert (result.uploads, result.refused) == ((upload.name,), 1)
        assert life.sent() == {}
        assert life.sent(resend_refused=True) == {"SA/2": "R"}

    def test_a_refusal_lasts_until_the_document_itself_changes(self, tmp_path):
        life = month(tmp_path, **OPEN)
        life.type("SA/1", "Accepted")
        life.portal.refuse_next(ONE, "no")
        life.take_back(life.upload(life.harvest().upload))
        life.portal.set_flags(ONE, tradenm="Sahyadri & Sons")
        life.portal.supplier_files(ONE)
        assert life.refresh().asked == 0
        assert life.sent() == {}
        life.portal.set_flags(ONE, val=120000)
        assert life.refresh().asked == 1
        life.put("SA/1", changed=None)
        assert life.sent() == {"SA/1": "A"}

    def test_an_error_about_a_document_that_left_is_written_beside_it(self, tmp_path):
        life = month(tmp_path, **OPEN)
        life.type("SA/1", "Accepted")
        life.type("SA/2", "Accepted")
        upload = life.harvest().upload
        report = life.report_file("SA/1")
        life.portal.supplier_withdraws(ONE)
        life.refresh()
        result = errors(life.book, report, now=NOW)
        assert (result.uploads, result.taken, result.refused) == ((upload.name,), 1, 1)
        assert not result.unmatched
        assert life.cell("SA/1", "portal_errors")
        assert life.sent() == {}

    def test_an_error_finds_a_document_that_was_redated_since(self, tmp_path):
        life = month(tmp_path, **OPEN)
        life.type("SA/1", "Accepted")
        life.harvest()
        report = life.report_file("SA/1")
        life.portal.supplier_edits(ONE, idt="13-03-2026")
        life.refresh()
        result = errors(life.book, report, now=NOW)
        assert (len(result.matched), result.refused) == (1, 1)

    def test_an_upload_whose_documents_have_all_left_is_waited_for_no_longer(self, tmp_path):
        life = month(tmp_path, **OPEN)
        harvested_but_not_uploaded(life)
        life.portal.supplier_withdraws(ONE)
        assert not any("does not show yet" in notice for notice in life.refresh().notices)
        assert life.harvest().waiting == ()

    def test_our_own_upload_is_not_called_acted_on_online(self, tmp_path):
        life = month(tmp_path)
        accepted_uploaded_then_rejected(life)
        assert life.refresh().counts["taken"] == 1

    def test_an_upload_that_the_portal_does_not_show_yet_is_told_and_waits(self, tmp_path):
        life = month(tmp_path)
        harvested_but_not_uploaded(life)
        life.portal.add("b2b", invoice("SA/3"))
        result = life.refresh()
        assert any("does not show yet" in notice for notice in result.notices)
        assert life.sent() == {}

    def test_a_record_that_its_upload_left_behind_is_open_again(self, tmp_path):
        life = month(tmp_path)
        life.type("SA/1", "Accepted")
        life.type("SA/2", "Accepted")
        life.portal.refuse_next(ONE, "Try again")
        (upload,) = life.harvest().uploads
        assert life.upload(upload).accepted == [identity("SA/2")]
        life.refresh()
        assert life.cell("SA/2", "change") == "taken"
        assert life.sent() == {"SA/1": "A"}

    def test_a_confirmed_decision_that_the_portal_lost_is_a_conflict(self, tmp_path):
        life = month(tmp_path)
        life.type("SA/1", "Accepted")
        (upload,) = life.harvest().uploads
        life.confirm(upload)
        life.portal.add("b2b", invoice("SA/3"))
        life.refresh()
        assert life.cell("SA/1", "changed") == ("Portal: Accepted (uploaded) → No Action\nThis row: Accepted")
        assert life.open_rules() == {"N1"}
        life.put("SA/1", changed=None)
        assert life.sent() == {"SA/1": "A"}

    def test_a_decision_that_waits_goes_on_waiting_when_the_supplier_files(self, tmp_path):
        life = month(tmp_path, **OPEN)
        harvested_but_not_uploaded(life)
        supplier_files(life)
        life.refresh()
        assert life.cell("SA/1", "changed") == FILED
        assert life.sent() == {}

    def test_refresh_harvest_upload_refresh_ends_with_nothing_open(self, tmp_path):
        life = month(tmp_path, **OPEN)
        accepted_and_uploaded(life)
        supplier_edits_and_resets(life)
        life.refresh()
        life.put("SA/1", changed="ok")
        life.type("SA/2", "Rejected", "not ours")
        life.upload_all()
        assert life.refresh().asked == 0
        assert life.sent() == {}
        assert life.portal.sent_unchanged == []
        assert {i: a.action for i, a in life.portal.state().items()} == {ONE: "A", identity("SA/2"): "R"}


class TestCommandLine:
    def run(self, *arguments: object):
        return CliRunner().invoke(main, ["refresh", *map(str, arguments)])

    def test_it_says_what_came_and_what_to_do(self, tmp_path):
        life = month(tmp_path, **OPEN)
        accepted(life)
        life.portal.supplier_edits(ONE, val=120000)
        life.portal.add("b2b", invoice("SA/3"))
        result = self.run(life.book, life.download())
        assert result.exit_code == 1, result.output
        assert "1 changed by the supplier · 1 new · 1 unchanged" in result.output
        assert VALUE in result.output
        assert "press" in result.output

    def test_json_lists_every_document(self, tmp_path):
        life = month(tmp_path)
        life.portal.add("b2b", invoice("SA/3"))
        result = self.run(life.book, life.download(), "--json")
        assert result.exit_code == 0, result.output
        found = json.loads(result.output)
        assert [(row["what"], row["cell"], row["number"], row["value"]) for row in found["rows"]] == [
            ("new", "B2B!C8", "SA/3", "118000")
        ]

    def test_a_foreign_download_is_exit_code_2(self, tmp_path):
        life = month(tmp_path)
        foreign = life.download()
        foreign.write_text(json.dumps({"rtin": "24ZZZFD2202C1ZQ", "imsDetails": {}}), encoding="utf-8")
        assert self.run(life.book, foreign).exit_code == 2


@pytest.mark.libreoffice
class TestInLibreOffice:
    def test_a_workbook_that_libreoffice_saved_is_refreshed_and_opens_again(self, office, tmp_path):
        life = month(tmp_path, **OPEN)
        saved, again = tmp_path / "saved.xlsx", tmp_path / "again.xlsx"
        with office.edit(life.book, saved) as document:
            document.sheet("B2B").set("G6", "Accepted")
        life.book = saved
        life.portal.supplier_edits(ONE, val=120000)
        life.portal.add("b2b", invoice("SA/3"))
        life.portal.add("b2bcn", credit_note("CN/1"))
        before = tmp_path / "before.xlsx"
        before.write_bytes(saved.read_bytes())
        result = life.refresh()
        assert [(row.what, row.number) for row in result.rows] == [
            ("changed", "SA/1"), ("new", "SA/3"), ("new", "CN/1"),
        ]  # fmt: skip
        assert_still_valid(saved, before)
        with office.edit(saved, again) as document:
            document.recalculate()
            sheet = document.sheet("B2B")
            assert sheet.get("C6:C8") == [["SA/1"], ["SA/2"], ["SA/3"]]
            assert not sheet.allows("G8", "perhaps")
            sheet.set("G8", "Accepted")
            document.recalculate()
        summary = openpyxl.load_workbook(again, data_only=True)["Summary"]
        assert (summary["D10"].value, summary["D14"].value) == (2, 4)
        life.book = again
        assert life.open_rules() == {"R66"}
        life.put("SA/1", changed=None)
        assert life.sent() == {"SA/1": "A"}
