from __future__ import annotations

import re

import pytest
from portal_helpers import raw

from ims_excel.portal import jsontext
from ims_excel.portal.jsontext import JsonError, Number, load_unique, members, text_bytes


def values(text: str) -> dict[str, str]:
    data = text.encode()
    return {member.key: data[member.start : member.end].decode() for member in members(data)}


def test_members_stand_where_their_values_are():
    text = ' { "a" : [1, {"a": 2}] ,\r\n "b\\"{":"x, \\"c\\": 1", "à":-1.50e2\t,"n":null,"":{} } \n'
    assert values(text) == {
        "a": '[1, {"a": 2}]', 'b"{': '"x, \\"c\\": 1"', "à": "-1.50e2", "n": "null", "": "{}",
    }  # fmt: skip


def test_an_empty_object_has_no_members():
    assert values(" {  } ") == {}


def test_members_of_a_stretch_only():
    data = b'{"x": {"a": 1, "b": 2}, "a": 3}'
    (outer, _) = members(data)
    assert [(m.key, data[m.start : m.end]) for m in members(data, outer.start, outer.end)] == [
        ("a", b"1"),
        ("b", b"2"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        '{"a":1,"a":2}',
        '{"a":[1,2,3],"b":1,"a":3}',
        '{"b":1,"a":3,"a":[1,{"a":2}]}',
        '{"a":{},"b":7,"a":{}}',
        '{"\\u0061":1,"a":2}',
        '{"a":[[1],1],"a":[]}',
    ],
)
def test_a_key_twice_is_refused_by_name(text: str):
    with pytest.raises(JsonError, match='the key "a" twice'):
        members(text.encode())
    with pytest.raises(JsonError, match='the key "a" twice'):
        load_unique(text.encode())


def test_the_outermost_of_several_keys_twice_is_named():
    with pytest.raises(JsonError, match='"b" twice'):
        members(b'{"x":{"a":1,"a":1},"b":{"c":1,"c":2},"b":3}')


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf \r\n", "is empty"),
        ('{"a":1}'.encode("utf-16"), "UTF-16"),
        ('{"a":1}'.encode("utf-16-be"), "UTF-16"),
        (b"<html>", "web page"),
    ],
)
def test_text_that_is_no_utf8_json(data: bytes, says: str):
    with pytest.raises(JsonError, match=says):
        text_bytes(data)


def test_a_byte_order_mark_and_windows_line_ends_are_taken():
    assert text_bytes(b'\xef\xbb\xbf{\r\n"a":1}') == b'{\r\n"a":1}'


@pytest.mark.parametrize("head", range(1, 9))
def test_the_offset_of_a_bad_byte_is_right_wherever_chunks_end(head: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(jsontext, "_CHUNK", 4)
    good = "€".encode() * head
    assert text_bytes(good) == good
    for tail in (b"\xff.....", b"\xe2\x82"):
        with pytest.raises(JsonError, match=rf"byte {3 + len(good)} "):
            text_bytes(b"\xef\xbb\xbf" + good + tail)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"a": 1,\n "b": }', "line 2, column 7"),
        ('{"a": 1,\n "b": [', "cut off: the text ends at line 2"),
        ('{"a": "xyz', "cut off"),
        ('{"a": NaN}', "has NaN"),
        ('{"a": [-Infinity]}', "has -Infinity"),
        ('{"a": 1} x', "line 1, column 10"),
        ("[1]", "not an object"),
        ('{"a":' + "[" * 5000 + "]" * 5000 + "}", "nested too deep"),
        (r'{"a":"\ud83d x"}', r"half a character (\ud83d)"),
        (r'{"a":"\ude00\ud83d"}', r"half a character (\ude00)"),
    ],
)
def test_what_is_no_json_says_where(text: str, says: str):
    with pytest.raises(JsonError, match=re.escape(says)):
        members(text.encode())


def test_whole_characters_in_halves_and_escaped_backslashes_are_taken():
    assert load_unique(rb'["\ud83d\ude00", "\\ud83d", "\u00e9"]') == ["😀", r"\ud83d", "é"]


def test_numbers_keep_every_digit():
    found = load_unique(raw({"a": 1}).replace(b"1", b"1234567890.1234567890123456789"))
    assert found == {"a": "1234567890.1234567890123456789"}
    assert isinstance(found["a"], Number)
