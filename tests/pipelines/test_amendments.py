"""An amendment says beside its row what it amends and how, from the build on."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest
from life_helpers import credit_note, identity, invoice
from month_helpers import Month

from ims_excel import build
from ims_excel.workbook.notes import with_notes
from ims_excel.workbook.shown import LONGEST

if TYPE_CHECKING:
    from pathlib import Path

ONE = identity("SA/1")
BEGINS = datetime(2026, 4, 3, 6, 0, tzinfo=timezone.utc)
CHEAPER = {"val": 90000, "txval": 76271.18, "camt": 6864.41, "samt": 6864.41}
DIFFERENCES = (
    "Number: SA/1 → SA/1A; Value: ₹1,18,000.00 → ₹90,000.00; Taxable value: ₹1,00,000.00 → ₹76,271.18; "
    "Central tax: ₹9,000.00 → ₹6,864.41; State/UT tax: ₹9,000.00 → ₹6,864.41"
)
AMENDS = f"Amends SA/1 of 12-03-2026: {DIFFERENCES}"


def amended(number: str = "SA/1", **facts: object) -> dict:
    """The amendment of an invoice, in April."""
    of = {"oinum": number, "oidt": "12-03-2026", "itcRedReqBlocked": "N", "rtnprd": "042026"}
    return {**invoice(f"{number}A"), **CHEAPER, **of, **facts}


def month(folder: Path, **sections: list[dict]) -> Month:
    return Month(folder, BEGINS, **sections)


def later(life: Month):
    life.now += timedelta(hours=1)
    return life.refresh()


class TestBuild:
    def test_the_alerts_say_what_is_amended_and_how(self, tmp_path):
        life = month(tmp_path, b2b=[invoice("SA/1"), invoice("SA/2")], b2ba=[amended(), amended("SA/9")])
        assert life.cell("SA/1A", "alerts") == AMENDS
        assert (life.cell("SA/9A", "alerts"), life.cell("SA/1", "alerts")) == ("", "")

    def test_they_stand_behind_what_else_there_is_to_know(self, tmp_path):
        life = month(tmp_path, b2b=[invoice("SA/1")], b2ba=[amended(srcfilstatus="Not Filed")])
        assert life.cell("SA/1A", "alerts") == f"Supplier has not filed; {AMENDS}"

    def test_of_one_period_only_the_amendment_counts(self, tmp_path):
        life = month(tmp_path, b2b=[invoice("SA/1")], b2ba=[amended(rtnprd="032026")])
        assert life.cell("SA/1A", "alerts") == (
            f"{AMENDS}. Both are of one period, so only the amendment counts (R61)"
        )

    def test_notes_are_paired_too(self, tmp_path):
        note = credit_note("CN/1A", ont_num="CN/1", ont_dt="12-03-2026", rtnprd="042026")
        life = month(tmp_path, b2bcn=[credit_note("CN/1")], b2bcna=[note])
        assert life.cell("CN/1A", "alerts") == "Amends CN/1 of 12-03-2026: Number: CN/1 → CN/1A"

    def test_a_layout_without_alerts_is_built_as_before(self, tmp_path):
        life = month(tmp_path, b2b=[invoice("SA/1")], b2ba=[amended()])
        template = tmp_path / "template"
        template.mkdir()
        (template / "b2ba.toml").write_text('drop = ["alerts"]\n', encoding="utf-8")
        life.book = tmp_path / "again.xlsx"
        build(tmp_path / "download.json", life.book, gstin=life.portal.recipient, template=template)
        assert life.cell("SA/1A", "number") == "SA/1A"
        life.type("SA/1A", "Rejected", "why?")
        assert "R60" in {finding.rule for finding in life.harvest().findings}

    def test_a_text_is_cut_to_what_a_cell_holds(self):
        (text,) = with_notes(["Supplier has not filed"], ["key"], {"key": "x" * 2 * LONGEST})
        assert len(text) == LONGEST


class TestFindings:
    @pytest.mark.parametrize(("period", "rules"), [("042026", {"R60"}), ("032026", {"R60", "R61"})])
    def test_acting_on_the_amendment_shows_the_pair(self, tmp_path, period, rules):
        life = month(tmp_path, b2b=[invoice("SA/1")], b2ba=[amended(rtnprd=period)])
        life.type("SA/1A", "Rejected", "why?")
        found = {f.rule: f for f in life.harvest().findings if f.document.startswith("SA/1A")}
        assert found.keys() & {"R60", "R61"} == rules
        assert f"The amendment changes: {DIFFERENCES}." in found["R60"].what
        assert ("only the amendment will count" in found["R60"].fix) is ("R61" in rules)


class TestRefresh:
    def test_a_changed_amendment_still_says_what_it_amends(self, tmp_path):
        life = month(tmp_path, b2b=[invoice("SA/1")], b2ba=[amended(srcfilstatus="Not Filed")])
        key = next(key for key in life.portal.documents if key.startswith("b2ba"))
        life.portal.supplier_edits(key, val=95000)
        life.portal.supplier_files(key)
        later(life)
        assert life.cell("SA/1A", "alerts") == AMENDS.replace("₹90,000.00", "₹95,000.00")

    def test_an_original_that_left_the_ims_long_ago_is_known(self, tmp_path):
        life = month(tmp_path, b2b=[invoice("SA/1"), invoice("SA/2")])
        life.portal.act_online(ONE, "A")
        life.portal.act_online(identity("SA/2"), "P")
        later(life)
        life.portal.file_gstr3b()
        later(life)
        life.portal.add("b2b", invoice("SA/3"))
        later(life)
        life.portal.supplier_amends(ONE, period="042026", inum="SA/1A", **CHEAPER)
        later(life)
        assert life.cell("SA/1A", "alerts") == f"Supplier has not filed; {AMENDS}"
