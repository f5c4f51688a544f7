"""A month as it goes: one workbook, two people, five uploads, three newer downloads, one portal.

Asha decides in the workbook, with another program than ours; Ravi acts on the portal's dashboard when he is
not at his desk. Suppliers report, edit, withdraw, file and amend all the while.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from life_helpers import GUJARAT, actions_in, credit_note, invoice
from month_helpers import INDIA, Month
from openpyxl import load_workbook
from portal_wire import MODIFIED, NO_REMARKS, Answer

from ims_excel import PortalOptions, read_log

OPEN = {"srcfilstatus": "Not Filed"}
DANDI = {"stin": GUJARAT, "tradenm": "Dandi Chemicals", "iamt": 18000, "camt": 0, "samt": 0, **OPEN}
VAIGAI = {"tradenm": "Vaigai Packaging", **OPEN}


def on(day: int, hour: int = 10) -> datetime:
    return datetime(2026, 4, day, hour, tzinfo=INDIA)


def eco(number: str) -> dict:
    record = invoice(number, tradenm="Bazaar Online")
    del record["inv_typ"]
    return record


def test_a_month_with_one_workbook(tmp_path):
    month = second_of_april_the_workbook_is_built(tmp_path)
    third_the_first_upload_and_two_refusals(month)
    seventh_what_was_refused_goes_up_once_more(month)
    ninth_suppliers_and_ravi_act_while_asha_decides(month)
    tenth_the_first_refresh_asks_and_marks(month)
    eleventh_one_of_two_parts_never_goes_up(month)
    fourteenth_an_amendment_arrives_and_a_supplier_is_quicker(month)
    sixteenth_the_last_word(month)
    twentieth_the_return_is_filed(month)


def second_of_april_the_workbook_is_built(tmp_path) -> Month:
    month = Month(
        tmp_path,
        on(2),
        b2b=[
            invoice("SA/1"), invoice("SA/2"), invoice("SA/3"), invoice("DC/7", **DANDI),
            invoice("DC/8", **DANDI), invoice("VP/5", **VAIGAI), invoice("VP/6", **VAIGAI),
        ],
        b2bdn=[credit_note("DN/1")],
        b2bcn=[credit_note("CN/1"), credit_note("CN/2")],
        ecom=[eco("EC/1")],
    )  # fmt: skip
    month.add_column("Our file", {"B2B": "Shelf A", "B2B-CN": "Shelf B"})
    workbook = load_workbook(month.book)
    workbook.create_sheet("Asha's notes")["B2"] = "Call Dandi about DC/7"
    workbook.save(month.book)
    return month


def third_the_first_upload_and_two_refusals(month: Month) -> None:
    """The portal has meanwhile stopped remarks on CN/2, and is out of sorts over SA/2."""
    month.now = on(3)
    month.decide({
        "B2B SA/1": ("Accepted",), "B2B SA/2": ("Rejected", "Not ours"), "B2B DC/7": ("Accepted",),
        "B2B VP/5": ("Pending", "Goods have not come"), "B2B-CN CN/1": ("Accepted", None, "Yes"),
        "B2B-CN CN/2": ("Rejected", "Rate differs"),
    })  # fmt: skip
    month.portal.set_flags(month.known()["B2B-CN CN/2"], isRemarksBlocked="Y")
    month.portal.refuse_next(month.known()["B2B SA/2"], "Please try later.")
    first = month.harvest().upload
    assert actions_in(first) == {
        "SA/1": "A", "SA/2": "R", "DC/7": "A", "VP/5": "P", "CN/1": "A", "CN/2": "R",
    }  # fmt: skip
    told = month.take_everything_back(first)
    assert (told.taken, told.refused) == (4, 2)
    says = month.says()
    assert says["B2B SA/2"]["portal_errors"] == "Please try later."
    assert NO_REMARKS in says["B2B-CN CN/2"]["portal_errors"]
    held = month.harvest()
    assert (held.upload, held.held_back) == (None, 2)


def seventh_what_was_refused_goes_up_once_more(month: Month) -> None:
    month.now = on(7)
    month.decide({"B2B-CN CN/2": ("Rejected",), "B2B SA/3": ("Accepted",), "ECO EC/1": ("Pending",)})
    second = month.harvest(resend_refused=True).upload
    assert actions_in(second) == {"SA/2": "R", "SA/3": "A", "CN/2": "R", "EC/1": "P"}
    month.take_everything_back(second)
    assert not any(cells["portal_errors"] for cells in month.says().values())
    assert month.harvest().waiting == ()


def ninth_suppliers_and_ravi_act_while_asha_decides(month: Month) -> None:
    """Nobody tells anybody."""
    month.now = on(9)
    known, portal = month.known(), month.portal
    portal.supplier_edits(known["B2B DC/7"], val=141600, txval=120000, iamt=21600)
    portal.supplier_edits(known["B2B VP/5"], idt="14-03-2026")
    portal.supplier_withdraws(known["B2B DC/8"])
    portal.supplier_edits(known["B2B VP/6"], txval=90000, val=108000)
    portal.add("b2b", invoice("SA/4"))
    portal.act_online(known["B2B SA/3"], "R", "Short supply")
    portal.act_online(known["B2B-DN DN/1"], "A")
    portal.act_online(known["B2B SA/1"], "P")
    month.decide({"B2B DC/8": ("Rejected", "Never ordered"), "B2B SA/1": ("Pending",)})


def tenth_the_first_refresh_asks_and_marks(month: Month) -> None:
    month.now = on(10)
    result = month.refresh()
    assert month.words() == {
        "B2B SA/1": "taken", "B2B SA/2": "taken", "B2B SA/3": "conflict", "B2B SA/4": "new",
        "B2B DC/7": "changed", "B2B DC/8": "withdrawn", "B2B VP/5": "changed", "B2B VP/6": "seen",
        "B2B-DN DN/1": "seen", "B2B-CN CN/1": "taken", "B2B-CN CN/2": "seen", "ECO EC/1": "taken",
    }  # fmt: skip
    assert result.asked == 3
    says = month.says()
    assert says["B2B-DN DN/1"]["status"] == "Accepted"
    assert says["B2B SA/3"]["status"] == "Accepted"
    assert "₹1,18,000.00 → ₹1,41,600.00" in says["B2B DC/7"]["changed"]
    stopped = month.harvest()
    assert stopped.upload is None
    assert sorted(f.rule for f in stopped.errors) == ["N1", "R66", "R66"]


def eleventh_one_of_two_parts_never_goes_up(month: Month) -> None:
    """Asha keeps her word on SA/3 and DC/7, and takes the goods of VP/5, which have come."""
    month.now = on(11)
    month.decide({"B2B VP/5": ("Accepted",), "B2B SA/4": ("Accepted",)})
    month.look("B2B SA/3", "B2B DC/7", "B2B VP/5")
    first, second = month.harvest(options=PortalOptions(max_records=2)).uploads
    assert actions_in(first) == {"SA/3": "A", "DC/7": "A"}
    assert actions_in(second) == {"VP/5": "A", "SA/4": "A"}
    month.take_everything_back(first)
    month.confirm(second, failed=True)


def fourteenth_an_amendment_arrives_and_a_supplier_is_quicker(month: Month) -> None:
    """Dandi amends DC/7 the day after filing it, and edits DC/9 between our refresh and our upload."""
    month.now = on(14)
    known, portal = month.known(), month.portal
    portal.add("b2b", invoice("DC/9", **DANDI))
    for name in ("B2B DC/7", "B2B VP/5"):
        portal.supplier_files(known[name])
    portal.supplier_amends(known["B2B DC/7"], period="042026", val=129800, txval=110000, iamt=19800)
    month.refresh()
    words = month.words()
    assert {words[name] for name in ("B2B DC/9", "B2BA DC/7")} == {"new"}
    assert {words[name] for name in ("B2B VP/5", "B2B SA/3", "B2B DC/7")} <= {"seen", "taken"}
    assert "Amends" in month.says()["B2BA DC/7"]["alerts"]
    month.decide({
        "B2BA DC/7": ("Accepted", "Half was availed", "Yes", 9900), "B2B DC/9": ("Accepted",),
        "B2B SA/2": ("No Action",),
    })  # fmt: skip
    month.now = on(14, hour=15)
    fourth = month.harvest().upload
    assert actions_in(fourth) == {"VP/5": "A", "SA/4": "A", "DC/7": "A", "DC/9": "A", "SA/2": "N"}
    portal.supplier_edits(month.known()["B2B DC/9"], val=120000)
    told = month.take_everything_back(fourth)
    assert (told.taken, told.refused) == (4, 1)
    assert MODIFIED in month.says()["B2B DC/9"]["portal_errors"]


def sixteenth_the_last_word(month: Month) -> None:
    month.now = on(16)
    month.refresh()
    assert month.words()["B2B DC/9"] == "changed"
    month.decide({"B2B DC/9": ("Rejected", "Billed too much"), "B2B SA/4": ("Pending", "Under inspection")})
    month.look("B2B DC/9")
    fifth = month.harvest().upload
    assert actions_in(fifth) == {"DC/9": "R", "SA/4": "P"}
    month.take_everything_back(fifth)


LAST_DECISIONS = {
    "B2B SA/1": Answer("P"),
    "B2B SA/2": Answer("N"),
    "B2B SA/3": Answer("A"),
    "B2B SA/4": Answer("P", "Under inspection"),
    "B2B DC/7": Answer("A"),
    "B2B DC/9": Answer("R", "Billed too much"),
    "B2B VP/5": Answer("A"),
    "B2B VP/6": Answer("N"),
    "B2BA DC/7": Answer("A", "Half was availed", "Y", (Decimal(9900), Decimal(0), Decimal(0), Decimal(0))),
    "B2B-DN DN/1": Answer("A"),
    "B2B-CN CN/1": Answer("A", "", "Y"),
    "B2B-CN CN/2": Answer("R"),
    "ECO EC/1": Answer("P"),
}


def twentieth_the_return_is_filed(month: Month) -> None:
    month.now = on(20)
    assert month.harvest().upload is None
    month.portal.file_gstr3b("032026")
    final = month.portal.final_state()
    assert {name: final[identity] for name, identity in month.known().items()} == LAST_DECISIONS
    assert month.portal.sent_unchanged == []
    nothing_was_lost(month)
    the_log_tells_it_all(month)


def nothing_was_lost(month: Month) -> None:
    """Every row stands where it stood, the new ones behind; what people wrote of their own is there."""
    workbook = load_workbook(month.book)
    column = {cell.value: cell.column for cell in workbook["B2B"][5]}
    rows = list(workbook["B2B"].iter_rows(min_row=6, values_only=True))
    seen = [(row[column["Invoice number"] - 1], row[column["Our file"] - 1]) for row in rows]
    assert seen == [
        ("SA/1", "Shelf A 6"), ("SA/2", "Shelf A 7"), ("SA/3", "Shelf A 8"), ("DC/7", "Shelf A 9"),
        ("DC/8", "Shelf A 10"), ("VP/5", "Shelf A 11"), ("VP/6", "Shelf A 12"), ("SA/4", None),
        ("DC/9", None),
    ]  # fmt: skip
    gone = month.says()["B2B DC/8"]
    assert (gone["status"], gone["remarks"]) == ("Rejected", "Never ordered")
    assert workbook["Asha's notes"]["B2"].value == "Call Dandi about DC/7"
    assert set(month.says()) == {*LAST_DECISIONS, "B2B DC/8"}


def the_log_tells_it_all(month: Month) -> None:
    verbs = [event.event for event in read_log(month.book).events]
    assert [verbs.count(verb) for verb in ("build", "refresh", "errors", "confirm")] == [1, 3, 2, 4]
    said = [
        (change.old.get("status"), change.new.get("status"))
        for event in read_log(month.book, "SA/2").events
        for change in event.changes
    ]
    assert said == [("No Action", "Rejected"), ("Rejected", "No Action")]
