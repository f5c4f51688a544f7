"""Text from suppliers cannot steer a terminal."""

from __future__ import annotations

import pytest

from ims_excel.terminal import printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x07", "\\x1b[31mred\\x07"),
        ("abc\u202ecba", "abc\\u202ecba"),
        ("a\tb\r", "a\\tb\\r"),
        ("line\nline", "line\nline"),
        ("₹ यमुना — “quoted”", "₹ यमुना — “quoted”"),
    ],
)
def test_steering_characters_are_shown(text, shown):
    assert printable(text) == shown
