"""JSON as bytes: what keeps a text from being JSON, said so that a person finds the place; nothing lost.

An object with a key twice is refused everywhere: whichever value won, the other would be lost silently.
"""

from __future__ import annotations

import codecs
import json
import re
from collections import Counter
from typing import Any, NamedTuple, NoReturn

import msgspec

_CHUNK = 1 << 20
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_KEY = re.compile(rb'[\s,]*("(?:[^"\\]|\\.)*")\s*:\s*')
_NESTED = (dict, list)
_END = re.compile(rb"\s*\}\s*\Z")
_ESCAPE = re.compile(rb"\\u[dD][89abAB]..\\u[dD][c-fC-F]..|(\\u[dD][89a-fA-F]..)|\\.", re.DOTALL)
_RAW_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])
_AGAIN = "Download it from the portal again."
_LONGEST_SHOWN = 60


class JsonError(Exception):
    """A text that cannot be read as JSON; says why in one sentence, without the file's name."""


class Number(str):
    """A JSON number, as its own text: no digit is lost, and it is told apart from a string."""

    __slots__ = ()


class Member(NamedTuple):
    """A key of an object and where in the buffer its value stands."""

    key: str
    start: int
    end: int


def shown(value: object) -> str:
    """Quote a value of a file in a message: as it stands there, and not at length."""
    text = str(value) if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"


def text_bytes(data: bytes) -> bytes:
    """Take the byte-order mark off and make sure that the rest is UTF-8.

    Raises:
        JsonError: the file is empty, a web page, UTF-16, or not UTF-8 (with the offset).
    """
    if data.startswith(_UTF16) or b"\x00" in data[:4]:
        raise JsonError("is UTF-16 text; save it as UTF-8, or download it from the portal again.")
    body = data.removeprefix(codecs.BOM_UTF8)
    if not body.strip():
        raise JsonError(f"is empty. {_AGAIN}")
    if body.lstrip().startswith(b"<"):
        raise JsonError("is a web page, not JSON. Sign in to the portal and download the file again.")
    if not body.isascii():
        _check_utf8(body, len(data) - len(body))
    return body


def _check_utf8(body: bytes, skipped: int) -> None:
    decoder = codecs.getincrementaldecoder("utf-8")()
    for start in range(0, len(body), _CHUNK):
        pending = len(decoder.getstate()[0])
        try:
            decoder.decode(body[start : start + _CHUNK], final=start + _CHUNK >= len(body))
        except UnicodeDecodeError as problem:
            offset = skipped + start - pending + problem.start
            raise JsonError(
                f"is not UTF-8 text: byte {offset} cannot be read. Do not save it with an editor; "
                "download it from the portal again."
            ) from problem


def members(buffer: bytes, start: int = 0, end: int | None = None) -> list[Member]:
    """List the keys of the object that a stretch of a buffer holds, without reading their values.

    Raises:
        JsonError: it is no JSON, no object, nested too deep, or names a key twice.
    """
    stop = len(buffer) if end is None else end
    part = memoryview(buffer)[start:stop]
    try:
        values = _RAW_OBJECT.decode(part)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as problem:
        refuse(bytes(part), problem)
    found, position = [], buffer.index(b"{", start) + 1
    for key, value in values.items():
        match = _KEY.match(buffer, position, stop)
        if match is None or msgspec.json.decode(match[1]) != key:
            _refuse_duplicate(bytes(part))
        position = match.end() + len(memoryview(value))
        found.append(Member(key, match.end(), position))
    if not _END.match(buffer[position:stop] if stop - position < _CHUNK else b""):
        _refuse_duplicate(bytes(part))
    return found


def _refuse_duplicate(part: bytes) -> NoReturn:
    repeated: list[str] = []

    def note(pairs: list[tuple[str, Any]]) -> None:
        """Keep what the object closed last repeats: the outermost one is the last."""
        repeated[:] = [key for key, times in Counter(key for key, _ in pairs).items() if times > 1]

    try:
        json.loads(part, object_pairs_hook=note, parse_int=str, parse_float=str)
    except RecursionError as problem:
        raise JsonError(f"is nested too deep to be a portal file. {_AGAIN}") from problem
    raise JsonError(
        f'has the key "{shown("".join(repeated[:1]))}" twice; one of the two would be lost. {_AGAIN}'
    )


def refuse(part: bytes, problem: Exception) -> NoReturn:
    """Say why a text is not JSON, with line and column, after the fast reader stumbled over it.

    Raises:
        JsonError: always.
    """
    if isinstance(problem, RecursionError):
        raise JsonError(f"is nested too deep to be a portal file. {_AGAIN}") from problem
    load_unique(part)  # raises for nearly all there is
    raise JsonError(f"is not an object of keys and values, as every portal file is. {_AGAIN}") from problem


def load_unique(data: bytes) -> object:
    """Read a JSON text whole: numbers as ``Number``, each object's keys unique.

    Raises:
        JsonError: with the line and column, or the key that stands twice.
    """
    try:
        value: object = _DECODER.decode(data.decode())
    except json.JSONDecodeError as problem:
        raise JsonError(_place_of(problem)) from problem
    except RecursionError as problem:
        raise JsonError(f"is nested too deep to be a portal file. {_AGAIN}") from problem
    if b"\\u" in data:
        _check_surrogates(data)
    return value


def load_flat(data: bytes) -> dict[str, Any] | None:
    """Read an object of numbers, texts and flags as ``load_unique`` does, ten times as fast.

    None for one that is not as simple as that: a value is an object or a list, a text has a quote or an
    escape, a key may stand there twice.
    """
    if b"\\" in data:
        return None
    try:
        record = _FLAT.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    texts = 0
    for key, value in record.items():
        kind = value.__class__
        if kind is str:
            texts += 1
        elif kind is int:
            record[key] = Number(value)
        elif kind in _NESTED:
            return None
    return record if data.count(b'"') == 2 * (len(record) + texts) else None


def _place_of(problem: json.JSONDecodeError) -> str:
    if problem.pos >= len(problem.doc.rstrip()) or problem.msg.startswith("Unterminated string"):
        return f"is cut off: the text ends at line {problem.lineno} before it is complete. {_AGAIN}"
    return (
        f"is not JSON: line {problem.lineno}, column {problem.colno} cannot be read "
        f"({problem.doc[problem.pos : problem.pos + 20]!r}). {_AGAIN}"
    )


def _check_surrogates(data: bytes) -> None:
    """Refuse half a surrogate pair: it is no character, and no upload could carry it."""
    for match in _ESCAPE.finditer(data):
        if match[1]:
            raise JsonError(f"holds half a character ({match[1].decode()}) and so is damaged. {_AGAIN}")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        repeated = next(key for key, times in Counter(key for key, _ in pairs).items() if times > 1)
        raise JsonError(f'has the key "{shown(repeated)}" twice; one of the two would be lost.')
    return found


def _no_constant(name: str) -> NoReturn:
    raise JsonError(f"has {name} where a number belongs; that is not JSON. {_AGAIN}")


_FLAT = msgspec.json.Decoder(dict[str, Any], float_hook=Number)
_DECODER = json.JSONDecoder(
    object_pairs_hook=_unique, parse_float=Number, parse_int=Number, parse_constant=_no_constant
)
