from __future__ import annotations

import pytest

from ims_excel.gst.codes import DOCUMENT_TYPES, SOURCE_FORMS, Action, FilingStatus, filing_status


def test_actions_have_the_words_of_the_dropdown():
    assert [(action.value, action.label) for action in Action] == [
        ("A", "Accepted"),
        ("R", "Rejected"),
        ("P", "Pending"),
        ("N", "No Action"),
    ]


@pytest.mark.parametrize("raw", ["F", "Filed", "FILED", "filed", "Y", " F "])
def test_filed_in_every_spelling(raw):
    assert filing_status(raw) is FilingStatus.FILED


@pytest.mark.parametrize(
    "raw", ["NF", "Not Filed", "NotFiled", "NOT_FILED", "not filed", "N", "S", "SAVED", "Saved"]
)
def test_not_filed_in_every_spelling(raw):
    assert filing_status(raw) is FilingStatus.NOT_FILED


@pytest.mark.parametrize("raw", [None, "", "Pending", "0"])
def test_anything_else_is_unknown(raw):
    assert filing_status(raw) is FilingStatus.UNKNOWN


def test_both_spellings_of_sez_codes_mean_the_same():
    assert (
        DOCUMENT_TYPES["SEWP"]
        == DOCUMENT_TYPES["SEZWP"]
        != DOCUMENT_TYPES["SEWOP"]
        == DOCUMENT_TYPES["SEZWOP"]
    )


def test_sources_are_the_three_forms():
    assert SOURCE_FORMS == {"R1": "GSTR-1/IFF", "R1A": "GSTR-1A", "R5": "GSTR-5"}
