"""JSON files that are broken, contradictory or enormous, made from a good one: ``builder(good) -> bytes``.

``good`` is the text of a sample of ours. The builders of the first part work on every file of the portal;
those of the second part change the first record of a download.
"""

from __future__ import annotations

import codecs
import re

DEEP = 100_000


# any JSON of the portal


def deep(good: str) -> bytes:
    """Nest lists 100,000 deep."""
    return b"[" * DEEP + b"]" * DEEP


def deep_objects_cut_off(good: str) -> bytes:
    """Nest objects 100,000 deep and never close them."""
    return b'{"a":' * DEEP


def deep_in_unknown_key(good: str) -> bytes:
    """Nest 100,000 deep under a key of no meaning."""
    return good.replace("{", '{"extra": ' + "[" * DEEP + "]" * DEEP + ", ", 1).encode()


def deep_in_record(good: str) -> bytes:
    """Nest 100,000 deep inside the first record."""
    return good.replace('"stin"', '"extra": ' + "[" * DEEP + "]" * DEEP + ', "stin"', 1).encode()


def top_key_twice(good: str) -> bytes:
    """Name the outermost key twice, with different content."""
    key = re.search(r'"\w+"', good)[0]
    return good.replace(key, f"{key}: {{}}, {key}", 1).encode()


def record_key_twice(good: str) -> bytes:
    """Name a record's key twice: which GSTIN is it?"""
    return good.replace('"stin"', '"stin": "29ZZZFN3303D1Z0", "stin"', 1).encode()


def section_twice(good: str) -> bytes:
    """Name a section twice: whichever wins, documents are lost."""
    return good.replace('"b2b"', '"b2b": [], "b2b"', 1).encode()


def cut_off(good: str) -> bytes:
    """Break off in the middle."""
    return good[: len(good) // 2].encode()


def empty(good: str) -> bytes:
    """Nothing at all."""
    return b""


def blank(good: str) -> bytes:
    """Nothing but white space."""
    return b" \n\t\r\n"


def null(good: str) -> bytes:
    """No object."""
    return b"null"


def only_text(good: str) -> bytes:
    """A JSON text, no object."""
    return b'"imsDetails"'


def empty_object(good: str) -> bytes:
    """An object without anything in it."""
    return b"{}"


def login_page(good: str) -> bytes:
    """What a browser saves when the session has expired."""
    return b"<!DOCTYPE html>\n<html><head><title>Goods & Services Tax (GST) | Login</title></head></html>"


def invalid_utf8(good: str) -> bytes:
    """Put bytes that are no UTF-8 into the first text."""
    return good.encode().replace(b': "', b': "\xff\xfe\x80', 1)


def overlong_utf8(good: str) -> bytes:
    """Spell a slash in two bytes, which UTF-8 forbids."""
    return good.encode().replace(b': "', b': "\xc0\xaf', 1)


def cp1252(good: str) -> bytes:
    """Save in Windows' own code page, with a dash in a text."""
    return good.replace(': "', ': "\u2013', 1).encode("cp1252")


def utf16_le(good: str) -> bytes:
    """Save as Windows' "Unicode", with the mark."""
    return codecs.BOM_UTF16_LE + good.encode("utf-16-le")


def utf16_be(good: str) -> bytes:
    """Save as big-endian UTF-16, with the mark."""
    return codecs.BOM_UTF16_BE + good.encode("utf-16-be")


def utf16_unmarked(good: str) -> bytes:
    """Save as UTF-16 without the mark."""
    return good.encode("utf-16-le")


def utf32(good: str) -> bytes:
    """Save as UTF-32."""
    return good.encode("utf-32")


def utf8_with_mark(good: str) -> bytes:
    """Save as Notepad does: harmless."""
    return codecs.BOM_UTF8 + good.encode()


def windows_lines(good: str) -> bytes:
    """End lines as Windows does: harmless."""
    return good.replace("\n", "\r\n").encode()


def behind_the_end(good: str) -> bytes:
    """Go on behind the end."""
    return good.encode() + b"{}"


def commented(good: str) -> bytes:
    """Add a comment and a trailing comma."""
    return b"// from the portal\n" + good.encode()


# downloads


def with_value(good: str, text: str) -> bytes:
    """Write something else where the first document's value stands."""
    return re.sub(r'"val": [0-9.]+', f'"val": {text}', good, count=1).encode()


def with_name(good: str, name: str) -> bytes:
    """Write something else, JSON-escaped already, as the first supplier's name."""
    return re.sub(r'"tradenm": "[^"]*"', lambda _: f'"tradenm": "{name}"', good, count=1).encode()


def with_gstin(good: str, gstin: str) -> bytes:
    """Write another GSTIN for the first supplier."""
    return re.sub(r'"stin": "[^"]*"', f'"stin": "{gstin}"', good, count=1).encode()


def nan(good: str) -> bytes:
    """A value that is not a number."""
    return with_value(good, "NaN")


def infinity(good: str) -> bytes:
    """A value without end."""
    return with_value(good, "Infinity")


def minus_infinity(good: str) -> bytes:
    """A value without beginning."""
    return with_value(good, "-Infinity")


def huge_exponent(good: str) -> bytes:
    """A number that would fill the memory, written out."""
    return with_value(good, "1e999999999")


def tiny_exponent(good: str) -> bytes:
    """A number that would fill the memory behind the point."""
    return with_value(good, "1e-999999999")


def forty_digits(good: str) -> bytes:
    """A number no floating point can hold."""
    return with_value(good, "1234567890123456789012345678901234567890")


def forty_decimals(good: str) -> bytes:
    """A number with more places than there are paise."""
    return with_value(good, "0.1234567890123456789012345678901234567890")


def million_digits(good: str) -> bytes:
    """A number whose conversion takes quadratic time."""
    return with_value(good, "9" * 1_000_000)


def value_is_object(good: str) -> bytes:
    """An object where an amount belongs."""
    return with_value(good, '{"amount": 118000}')


def lone_surrogate(good: str) -> bytes:
    """Half a character, as an escape."""
    return with_name(good, r"Sahyadri \ud83d Alloys")


def reversed_surrogates(good: str) -> bytes:
    """Both halves of a character, in the wrong order."""
    return with_name(good, r"Sahyadri \ude00\ud83d Alloys")


def raw_control_character(good: str) -> bytes:
    """A control character that JSON wants escaped."""
    return with_name(good, "Sahyadri \x07 Alloys")


def control_characters(good: str) -> bytes:
    """Control characters in a name, NUL among them, properly escaped."""
    return with_name(good, r"Sahyadri \u0000\u0007\u001b\u007f\ufffe\n\t Alloys")


def formula_names(good: str) -> bytes:
    """Names that a spreadsheet would run as formulas."""
    names = iter(
        (r"=cmd|'/c calc'!A1", "+1+1", "-2+3", "@SUM(A1)", r"\t=1+1", r"=HYPERLINK(\"http://x\",\"y\")")
    )
    return re.sub(r'"tradenm": "([^"]*)"', lambda m: f'"tradenm": "{next(names, m[1])}"', good).encode()


def long_name(good: str) -> bytes:
    """A name longer than a cell can hold."""
    return with_name(good, "x" * 40_000)


def right_to_left(good: str) -> bytes:
    """Right-to-left letters and overrides, combining marks, joiners and an emoji of several code points."""
    return with_name(
        good, "شركة \u202e 123 \u202c e\u0301\u0323 क्षि\u200d \U0001f468\u200d\U0001f469\u200d\U0001f467"
    )


def looks_escaped(good: str) -> bytes:
    """A name that reads like a spreadsheet's own escape."""
    return with_name(good, "_x0041_ and _x000D_")


def lower_case_gstin(good: str) -> bytes:
    """A GSTIN in small letters."""
    return with_gstin(good, "27zzzcs1101b1zh")


def gstin_with_spaces(good: str) -> bytes:
    """A GSTIN with a no-break space behind it."""
    return with_gstin(good, "27ZZZCS1101B1ZH\u00a0")


def gstin_is_list(good: str) -> bytes:
    """A list where a GSTIN belongs."""
    return re.sub(r'"stin": "[^"]*"', '"stin": ["27ZZZCS1101B1ZH"]', good, count=1).encode()


def section_is_object(good: str) -> bytes:
    """A section that is no list."""
    return re.sub(r'"b2b": \[', '"b2b": {"list": [', good, count=1).replace("]", "]}", 1).encode()


def record_is_text(good: str) -> bytes:
    """A record that is no object."""
    return good.replace('"b2b": [', '"b2b": ["27ZZZCS1101B1ZH", ', 1).encode()


def many_keys(good: str) -> bytes:
    """A record with 100,000 keys nobody knows."""
    keys = ", ".join(f'"k{number}": {number}' for number in range(100_000))
    return good.replace('"stin"', keys + ', "stin"', 1).encode()
