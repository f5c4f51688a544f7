from __future__ import annotations

import json
from decimal import Decimal

import pytest
from click.testing import CliRunner

from ims_excel import DownloadError, OptionError, diff
from ims_excel.cli import main
from ims_excel.gst.codes import Action
from ims_excel.pipelines.demo import SAMPLE_RECIPIENT
from ims_excel.portal.differences import FieldChange
from ims_excel.resources import resource_dir

SAMPLE = resource_dir("samples") / "download.json"


@pytest.fixture
def newer(tmp_path):
    """Write the sample download as some edit leaves it: ``newer(lambda sections: …)``."""

    def write(edit, **envelope):
        download = json.loads(SAMPLE.read_bytes())
        edit(download["imsDetails"])
        path = tmp_path / "newer.json"
        path.write_text(json.dumps({**envelope, **download}), encoding="utf-8")
        return path

    return write


def rows_of(result, what):
    return [row for row in result.rows if row.what == what]


def test_a_download_does_not_differ_from_itself():
    result = diff(SAMPLE, SAMPLE, SAMPLE_RECIPIENT)
    assert result.counts == {"added": 0, "changed": 0, "acted": 0, "withdrawn": 0, "unchanged": 18}
    assert (result.rows, result.read_only) == ((), {})


def test_each_document_is_told_once_with_all_its_changes(newer):
    def edit(sections):
        sections["b2b"][0].update(action="A", txval=90000)
        sections["b2bcn"][0].update(action="R", remarks="No")
        sections["b2bdn"].append({**sections["b2bdn"][0], "nt_num": "VP-DN-99"})
        del sections["ecom"][0]

    result = diff([SAMPLE], newer(edit), SAMPLE_RECIPIENT)
    assert result.counts == {"added": 1, "changed": 1, "acted": 1, "withdrawn": 1, "unchanged": 15}
    assert [(row.what, row.section, row.number) for row in result.rows] == [
        ("added", "B2B-DN", "VP-DN-99"),
        ("changed", "B2B", "SA/25-26/0417"),
        ("acted", "B2B-CN", "SA/CN/26/12"),
        ("withdrawn", "ECO", "RR2603-00811"),
    ]
    (changed,) = rows_of(result, "changed")
    assert changed.changes == (
        FieldChange("taxable_value", "₹1,00,000.00", "₹90,000.00"),
        FieldChange("status", "No Action", "Accepted"),
    )
    assert (changed.status, changed.value, changed.date) == (
        Action.ACCEPTED,
        Decimal(118000),
        "12-03-2026",
    )
    assert (changed.supplier_gstin, changed.supplier_name) == (
        "27ZZZCS1101B1ZH",
        "Sahyadri Alloys Private Limited",
    )


def test_a_new_amendment_says_what_it_amends_even_when_that_has_left(newer):
    def edit(sections):
        original = sections["b2b"].pop(0)
        originals = {"oinum": original["inum"], "oidt": original["idt"]}
        sections["b2ba"].append({**original, **originals, "inum": "NEW", "rtnprd": "042026", "val": 1})

    result = diff(SAMPLE, newer(edit), SAMPLE_RECIPIENT)
    (added,) = rows_of(result, "added")
    assert (added.number, added.amends) == ("NEW", "SA/25-26/0417 of 12-03-2026")
    assert added.changes == (
        FieldChange("number", "SA/25-26/0417", "NEW"),
        FieldChange("value", "₹1,18,000.00", "₹1.00"),
    )


def test_downloads_of_two_recipients_are_not_compared(newer, tmp_path):
    ours = newer(lambda sections: None, rtin=SAMPLE_RECIPIENT).rename(tmp_path / "ours.json")
    theirs = newer(lambda sections: None, rtin="24ZZZFD2202C1ZQ")
    with pytest.raises(DownloadError, match=f"24ZZZFD2202C1ZQ, and ours.json those of {SAMPLE_RECIPIENT}"):
        diff(ours, theirs)


def test_a_download_that_names_nobody_needs_the_gstin():
    with pytest.raises(OptionError, match="--gstin"):
        diff(SAMPLE, SAMPLE)


def test_the_command_prints_a_report_or_json(newer):
    path = newer(lambda sections: sections["b2b"][0].update(action="P"))
    arguments = ["diff", str(SAMPLE), str(path), "--gstin", SAMPLE_RECIPIENT]
    printed = CliRunner().invoke(main, arguments)
    assert (printed.exit_code, "Status: No Action → Pending" in printed.output) == (0, True)
    as_json = json.loads(CliRunner().invoke(main, [*arguments, "--json"]).output)
    assert as_json["counts"]["acted"] == 1
    (row,) = as_json["rows"]
    assert (row["status"], row["value"]) == ("Pending", "118000")
    assert row["changes"] == [{"field": "status", "old": "No Action", "new": "Pending"}]


def test_the_command_says_what_is_wrong_with_a_file(tmp_path):
    result = CliRunner().invoke(main, ["diff", str(SAMPLE), str(tmp_path / "none.json"), "--gstin", "x"])
    assert result.exit_code == 2
