"""Rows that are hidden or folded: told apart from those of which a program only says that they are not."""

from __future__ import annotations

import pytest

from ims_excel.workbook.rowstates import RowStates, has_state

LIBREOFFICE = (
    b' customFormat="false" ht="12.8" hidden="false" customHeight="false" outlineLevel="0" collapsed="false"'
)


@pytest.mark.parametrize(
    ("attributes", "is_of_interest"),
    [
        (b"", False),
        (b' spans="1:29" x14ac:dyDescent="0.25"', False),
        (LIBREOFFICE, False),
        (LIBREOFFICE.replace(b'hidden="false"', b'hidden="true"'), True),
        (LIBREOFFICE.replace(b'outlineLevel="0"', b'outlineLevel="2"'), True),
        (LIBREOFFICE.replace(b'collapsed="false"', b"collapsed='1'"), True),
        (b' hidden="0"', False),
        (b" hidden='1'", True),
    ],
)
def test_only_rows_that_are_hidden_or_grouped_are_looked_at(attributes, is_of_interest):
    assert has_state(attributes) is is_of_interest


def test_a_group_ends_at_a_row_that_is_in_none():
    states = RowStates()
    for number, attributes in [
        (4, b'outlineLevel="1" hidden="1"'),
        (6, b'outlineLevel="1" hidden="1"'),
        (7, b'collapsed="1"'),
    ]:
        states.note(number, b'<row r="%d" %b>' % (number, attributes), 0)
    assert states.folded(summary_below=True) == {6}
