from __future__ import annotations

import json
from itertools import count

import pytest

from ims_excel.portal.amending import pair_amendments
from ims_excel.portal.download import read_downloads

RECIPIENT = "27ZZZCK4501A1ZH"
INVOICE = ("inum", "idt", "oinum", "oidt")
NOTE = ("nt_num", "nt_dt", "ont_num", "ont_dt")


@pytest.fixture
def paired(tmp_path):
    """Pair the amendments of a download, then of older ones; each pair as (amendment, original, fields)."""
    names = count()

    def read(sections):
        path = tmp_path / f"{next(names)}.json"
        path.write_text(json.dumps({"rtin": RECIPIENT, "imsDetails": sections}), encoding="utf-8")
        return read_downloads([path])

    def pair(*downloads):
        return [
            (
                pair.amendment.document.number,
                pair.original.document.number,
                {change.field: (change.old, change.new) for change in pair.differences},
            )
            for pair in pair_amendments(*map(read, downloads))
        ]

    return pair


def document(number="SA/388", date="21-02-2026", period="022026", keys=INVOICE, of=None, **facts):
    """A document, or with ``of`` the amendment of one."""
    names = dict(zip(keys, (number, date, *(of or ())), strict=False))
    return {
        "stin": "27ZZZCS1101B1ZH", "inv_typ": "R", "val": 118000, "action": "N", "pos": "27",
        "txval": 100000, "iamt": 0, "camt": 9000, "samt": 9000, "cess": 0, "srcform": "R1",
        "rtnprd": period, **names, **facts,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("plain", "amended", "keys"),
    [
        ("b2b", "b2ba", INVOICE),
        ("b2bdn", "b2bdna", NOTE),
        ("b2bcn", "b2bcna", NOTE),
        ("ecom", "ecoma", INVOICE),
    ],
)
def test_an_amendment_meets_its_original(paired, plain, amended, keys):
    amendment = document("SA/388R", "05-03-2026", "032026", keys, ("sa/388", "21-02-2026"), txval=80000)
    assert paired({plain: [document(keys=keys), document("OTHER", keys=keys)], amended: [amendment]}) == [
        (
            "SA/388R",
            "SA/388",
            {
                "number": ("SA/388", "SA/388R"),
                "date": ("21-02-2026", "05-03-2026"),
                "taxable_value": ("₹1,00,000.00", "₹80,000.00"),
            },
        )
    ]


@pytest.mark.parametrize(
    "stranger",
    [{"number": "SA/389"}, {"date": "22-02-2026"}, {"stin": "24ZZZFD2202C1ZQ"}],
)
def test_another_number_date_or_supplier_is_no_original(paired, stranger):
    amendment = document("SA/388R", "05-03-2026", "032026", of=("SA/388", "21-02-2026"))
    assert paired({"b2b": [document(**stranger)], "b2ba": [amendment]}) == []


def test_an_amendment_of_an_amendment_meets_the_amendment(paired):
    first = document("SA/388R", "05-03-2026", "032026", of=("SA/388", "21-02-2026"))
    second = document("SA/388S", "02-04-2026", "042026", of=("SA/388R", "05-03-2026"))
    found = paired({"b2b": [document()], "b2ba": [second, first]})
    assert [pair[:2] for pair in found] == [("SA/388S", "SA/388R"), ("SA/388R", "SA/388")]


def test_an_amendment_that_keeps_its_number_never_amends_itself(paired):
    kept = {"number": "SA/388", "date": "21-02-2026", "of": ("SA/388", "21-02-2026")}
    first, second = document(period="032026", val=1, **kept), document(period="042026", val=2, **kept)
    assert paired({"b2ba": [first]}) == []
    found = paired({"b2b": [document()], "b2ba": [first, second]})
    assert [pair[2]["value"] for pair in found] == [("₹1,18,000.00", "₹1.00"), ("₹1.00", "₹2.00")]


def test_periods_are_ordered_by_year_first(paired):
    kept = {"number": "SA/388", "date": "21-02-2026", "of": ("SA/388", "21-02-2026")}
    first, second = document(period="122026", val=1, **kept), document(period="012027", val=2, **kept)
    found = paired({"b2b": [document()], "b2ba": [first, second]})
    assert [pair[2]["value"] for pair in found] == [("₹1,18,000.00", "₹1.00"), ("₹1.00", "₹2.00")]


def test_two_possible_originals_are_not_guessed_between(paired):
    amendment = document("SA/388R", "05-03-2026", "032026", of=("SA/388", "21-02-2026"))
    assert paired({"b2b": [document(val=1), document(val=2)], "b2ba": [amendment]}) == []


def test_an_original_that_left_the_ims_is_found_in_an_earlier_download(paired):
    amendment = document("SA/388R", "05-03-2026", "032026", of=("SA/388", "21-02-2026"))
    assert [pair[:2] for pair in paired({"b2ba": [amendment]}, {"b2b": [document()]})] == [
        ("SA/388R", "SA/388")
    ]
    now, then = document(val=1), document(val=2)
    (pair,) = paired({"b2ba": [amendment], "b2b": [now]}, {"b2b": [then]})
    assert pair[2]["value"] == ("₹1.00", "₹1,18,000.00")
