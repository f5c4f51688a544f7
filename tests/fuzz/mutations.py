"""Mutations: a seeded random source and the bytes of a good file make the bytes of a broken one.

The same bytes, kind and seed give the same result on every computer. Three levels, from blind to knowing:
bytes (flips, cuts, swaps), tokens (of JSON and of XML, so that most results still parse) and zips (members
packed again with right checksums, so that what is inside is reached; or the zip itself lies).
"""

from __future__ import annotations

import copy
import io
import json
import re
import struct
import zipfile
import zlib
from typing import TYPE_CHECKING, Any

from fuzz.dictionary import JSON_PIECES, KEYS, NUMBERS, RAW, WORDS, XML_PIECES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from random import Random

MOST_EDITS = 4


def mutate(data: bytes, kind: str, random: Random) -> tuple[bytes, frozenset[str]]:
    """Break a file a little.

    Args:
        data: the good file, or one that was broken before.
        kind: "json" or "xlsx"; zips are told by their beginning.
        random: where every choice comes from.

    Returns:
        The broken file, and the members of the zip that alone differ; none where anything may.
    """
    if random.random() < 0.06:
        return blindly(data, random), frozenset()
    if data.startswith(b"PK"):
        return in_zip(data, kind, random)
    if kind == "json" and random.random() < 0.6:
        broken = in_tree(data, random)
    else:
        broken = in_tokens(data, random) if random.random() < 0.9 else blindly(data, random)
    if kind == "json" and random.random() < 0.05:
        broken = packed({"IMS_download.json": broken})
        if random.random() < 0.5:
            broken, _ = in_zip(broken, kind, random)
    return broken, frozenset()


# bytes


def blindly(data: bytes, random: Random) -> bytes:
    """Change bytes without looking at what they mean."""
    for _ in range(random.randint(1, MOST_EDITS)):
        data = random.choice(BLIND)(data, random)
    return data


def flipped(data: bytes, random: Random) -> bytes:
    """Flip a few bits."""
    changed = bytearray(data)
    for _ in range(random.choice((1, 1, 2, 8)) if changed else 0):
        changed[random.randrange(len(changed))] ^= 1 << random.randrange(8)
    return bytes(changed)


def cut_out(data: bytes, random: Random) -> bytes:
    """Leave a stretch out."""
    start, end = stretch(data, random)
    return data[:start] + data[end:]


def cut_off(data: bytes, random: Random) -> bytes:
    """Keep the beginning."""
    return data[: random.randrange(len(data) + 1)]


def doubled(data: bytes, random: Random) -> bytes:
    """Say a stretch twice."""
    start, end = stretch(data, random)
    return data[:end] + data[start:end] + data[end:]


def moved(data: bytes, random: Random) -> bytes:
    """Put a stretch elsewhere."""
    start, end = stretch(data, random)
    rest = data[:start] + data[end:]
    at = random.randrange(len(rest) + 1)
    return rest[:at] + data[start:end] + rest[at:]


def with_raw_bytes(data: bytes, random: Random) -> bytes:
    """Put in bytes that no text has."""
    at = random.randrange(len(data) + 1)
    return data[:at] + random.choice(RAW) * random.choice((1, 1, 3)) + data[at:]


def with_number(data: bytes, random: Random) -> bytes:
    """Put a number of a format's header over what stands there."""
    at = random.randrange(len(data) + 1)
    number = random.choice((0, 1, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF))
    packed_number = struct.pack(random.choice(("<I", ">I")), number)[: random.choice((1, 2, 4))]
    return data[:at] + packed_number + data[at + len(packed_number) :]


BLIND = [flipped, flipped, cut_out, cut_off, doubled, moved, with_raw_bytes, with_number]


def stretch(data: bytes, random: Random) -> tuple[int, int]:
    """Choose a stretch, mostly a short one."""
    start = random.randrange(len(data) + 1)
    return start, min(len(data), start + int(random.expovariate(1 / 40)) + 1)


# trees of JSON

_RAW = "\ue000"


def in_tree(data: bytes, random: Random) -> bytes:
    """Change values, keys and items of JSON, so that it stays JSON."""
    try:
        tree = json.loads(data)
    except (ValueError, RecursionError):
        return in_tokens(data, random)
    for _ in range(random.choice((1, 1, 2, 3, 6))):
        edit_tree(tree, random)
    text = json.dumps(tree, ensure_ascii=random.random() < 0.3, indent=random.choice((None, None, 1)))
    return re.sub(f'"(?:{_RAW}|{json.dumps(_RAW)[1:-1]})([^"]*)"', r"\1", text).encode("utf-8", "replace")


def edit_tree(tree: object, random: Random) -> None:
    """Change one place of a tree."""
    holders = [node for node in nodes_of(tree) if node]
    if not holders:
        return
    # The keys of a record are many; choose among the kinds of holders first, so that lists are met, too.
    node = random.choice(
        random.choice([[n for n in holders if isinstance(n, kind)] or holders for kind in (dict, dict, list)])
    )
    key = random.choice(list(node)) if isinstance(node, dict) else random.randrange(len(node))
    value, roll = node[key], random.random()
    if roll < 0.25:
        node[key] = random.choice(WORDS)
    elif roll < 0.4:
        node[key] = _RAW + random.choice(
            [number for number in NUMBERS if re.fullmatch("-?[0-9.]+(?:[eE][-+]?[0-9]+)?", number)]
        )
    elif roll < 0.47:
        node[key] = random.choice((None, True, False, [], {}, [value], {"a": value}))
    elif roll < 0.55:
        node[key] = (
            str(value)
            if not isinstance(value, str)
            else random.choice((value.upper(), value.lower(), f" {value} ", value * 2))
        )
    elif roll < 0.7:
        other = random.choice(holders)
        node[key] = copy.deepcopy(random.choice(list(other.values() if isinstance(other, dict) else other)))
    elif roll < 0.8:
        del node[key]
    elif isinstance(node, list):
        node.insert(key, copy.deepcopy(value))
    elif roll < 0.9:
        node[
            random.choice((random.choice(KEYS), key.upper(), key.replace("_", ""), f"{key[:2]}_{key[2:]}"))
        ] = node.pop(key)
    else:
        node[random.choice(KEYS)] = copy.deepcopy(value)


def nodes_of(tree: object) -> Iterator[list[Any] | dict[str, Any]]:
    """Give all lists and objects of a tree."""
    if isinstance(tree, (list, dict)):
        yield tree
        for item in list(tree.values() if isinstance(tree, dict) else tree):
            yield from nodes_of(item)


# tokens

JSON_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|-?[0-9][0-9.eE+-]*|true|false|null|[\[\]{}:,]|\s+|.', re.DOTALL)
XML_TOKEN = re.compile(rb"<!\[CDATA\[.*?\]\]>|<[^>]*>|[^<]+", re.DOTALL)
ATTRIBUTE = re.compile(rb"""(\s+)([^\s=/>"']+)(\s*=\s*)("[^"]*"|'[^']*')""")
TAG_NAME = re.compile(rb"(</?)((?:[\w.-]+:)?)([\w.-]+)")


def in_tokens(data: bytes, random: Random) -> bytes:
    """Change tokens of a text, taken for XML or JSON by its beginning."""
    is_xml = data.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<")
    tokens = (XML_TOKEN if is_xml else JSON_TOKEN).findall(data)
    edit = edit_xml if is_xml else edit_json
    for _ in range(random.choice((1, 1, 1, 2, MOST_EDITS))):
        if tokens:
            edit(tokens, random)
    if random.random() < 0.02:
        return (
            b"".join(tokens)
            .decode("utf-8", "replace")
            .encode(random.choice(("utf-16", "utf-16-be", "utf-32", "cp037")), "replace")
        )
    return b"".join(tokens)


def edit_json(tokens: list[bytes], random: Random) -> None:
    """Change one token of JSON, or the order of some."""
    at = random.randrange(len(tokens))
    if random.random() < 0.8:  # find one that says something
        wanted = [n for n in range(at, min(at + 40, len(tokens))) if tokens[n][:1] in b'"-0123456789tfn']
        at = wanted[0] if wanted else at
    roll = random.random()
    if roll < 0.25:
        tokens[at] = json_text(random.choice(WORDS), random)
    elif roll < 0.45:
        tokens[at] = random.choice(NUMBERS).encode()
    elif roll < 0.52:
        tokens[at] = b'"' + random.choice(NUMBERS).encode() + b'"'
    elif roll < 0.62:
        tokens[at] = random.choice(tokens)
    elif roll < 0.72:
        tokens[at] = respelled(tokens[at], random)
    elif roll < 0.82:
        tokens.insert(at, random.choice(JSON_PIECES))
    else:
        shuffle(tokens, at, random)


def json_text(word: str, random: Random) -> bytes:
    """Write a text as JSON, with escapes or without."""
    if random.random() < 0.3:
        return b'"' + "".join(f"\\u{unit:04x}" for unit in utf16_units(word)).encode() + b'"'
    return b'"' + word.replace("\\", "\\\\").replace('"', '\\"').encode() + b'"'


def utf16_units(word: str) -> tuple[int, ...]:
    """Cut a text into what JSON escapes can say."""
    data = word.encode("utf-16-le")
    return struct.unpack(f"<{len(data) // 2}H", data)


def respelled(token: bytes, random: Random) -> bytes:
    """Spell a token otherwise: case, underscores, quotes, escapes."""
    ways: list[Callable[[bytes], bytes]] = [
        bytes.upper,
        bytes.lower,
        lambda text: text.replace(b"_", b""),
        lambda text: text[:2] + b"_" + text[2:],
        lambda text: b'"' + text.strip(b'"') + b'"',
        lambda text: text.strip(b'"'),
        lambda text: text[:1] + b" " + text[1:],
        lambda text: text[:1] + b"\\u0061" + text[1:],
        lambda text: text[: len(text) // 2],
    ]
    return random.choice(ways)(token)


def edit_xml(tokens: list[bytes], random: Random) -> None:
    """Change one tag, attribute or text of XML, or the order of some."""
    at = random.randrange(len(tokens))
    roll = random.random()
    if roll < 0.5 and ATTRIBUTE.search(tokens[at]):
        tokens[at] = edit_attribute(tokens[at], random)
    elif roll < 0.58:
        tokens[at] = edit_name(tokens[at], random)
    elif roll < 0.68:
        tokens.insert(at, random.choice(XML_PIECES))
    elif roll < 0.85:
        texts = [n for n in range(at, min(at + 60, len(tokens))) if tokens[n][:1] != b"<"]
        if texts:
            tokens[texts[0]] = escaped(random.choice(random.choice((NUMBERS, WORDS))))
    else:
        shuffle(tokens, at, random)


def edit_attribute(tag: bytes, random: Random) -> bytes:
    """Change, drop, double or rename one attribute of a tag."""
    found = random.choice(list(ATTRIBUTE.finditer(tag)))
    before, name, equals, value = found.groups()
    roll = random.random()
    if roll < 0.6:
        value = b'"' + escaped(random.choice(random.choice((NUMBERS, WORDS)))) + b'"'
    elif roll < 0.7:
        value = b"'" + value[1:-1].replace(b"'", b"") + b"'"
    elif roll < 0.8:
        return tag[: found.start()] + tag[found.end() :]
    elif roll < 0.85:
        return tag[: found.end()] + found[0] + tag[found.end() :]
    elif roll < 0.92:
        equals, before = b" = ", b"\n\t"
    else:
        name = random.choice((b"r", b"s", b"t", b"hidden", b"ref", b"x:" + name, name.upper()))
    return tag[: found.start()] + before + name + equals + value + tag[found.end() :]


def edit_name(token: bytes, random: Random) -> bytes:
    """Give a tag another name or prefix."""
    prefix, name = random.choice(
        ((b"x:", None), (b"", b"c"), (b"", b"row"), (b"", b"v"), (b"", b"X"), (b"", b"sheetData"))
    )
    return TAG_NAME.sub(lambda found: found[1] + prefix + (name or found[3]), token, count=1)


def escaped(text: str) -> bytes:
    """Write a text into XML, mostly rightly."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;").encode()


def shuffle(tokens: list[bytes], at: int, random: Random) -> None:
    """Drop, double or move a few tokens."""
    count = random.choice((1, 1, 2, 5, 12))
    taken = tokens[at : at + count]
    if random.random() < 0.65:
        del tokens[at : at + count]
    if random.random() < 0.7:
        place = random.randrange(len(tokens) + 1)
        tokens[place:place] = taken


# zips


def in_zip(data: bytes, kind: str, random: Random) -> tuple[bytes, frozenset[str]]:
    """Change members of a zip, or how it is packed."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
    except Exception:  # noqa: BLE001  broken before
        return blindly(data, random), frozenset()
    if not members or random.random() < 0.12:
        return repacked(members, random), frozenset()
    names = sorted(members)
    # Sheets are most of a workbook, so choose by kind of part first.
    folders = sorted({name.rpartition("/")[0] for name in names})
    changed = set()
    for _ in range(random.choice((1, 1, 1, 2))):
        folder = random.choice(folders)
        name = random.choice([name for name in names if name.rpartition("/")[0] == folder])
        members[name] = (
            in_tokens(members[name], random) if random.random() < 0.93 else blindly(members[name], random)
        )
        changed.add(name)
    return packed(members), frozenset(changed)


def packed(members: dict[str, bytes]) -> bytes:
    """Write a zip with right sizes and checksums."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def repacked(members: dict[str, bytes], random: Random) -> bytes:
    """Write a zip that is odd or lies."""
    out, names = io.BytesIO(), sorted(members)
    odd = random.choice(names) if names else ""
    how = random.randrange(7)
    with zipfile.ZipFile(out, "w", random.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))) as archive:
        for name in random.sample(names, len(names)) if how == 0 else names:
            if name == odd and how == 1:
                continue
            shown = random.choice(
                (name.upper(), name.replace("/", "\\"), "/" + name, "../" + name, name + "\u00e9", "x" * 300)
            )
            info = zipfile.ZipInfo(shown if name == odd and how == 2 else name)
            info.compress_type = zipfile.ZIP_DEFLATED
            if name == odd and how == 3:
                info.compress_type = random.choice((zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA))
            archive.writestr(info, members[name])
        archive.comment = b"PK\x05\x06" * (how == 4)
    data = out.getvalue()
    if how == 5:
        return lying(data, random)
    return b"MZ" * 40 + data if how == 6 and random.random() < 0.5 else data


def lying(data: bytes, random: Random) -> bytes:
    """Change a field of one header of a zip: local, central or the end."""
    heads = [found.start() for found in re.finditer(rb"PK(?:\x01\x02|\x03\x04|\x05\x06)", data)]
    at = random.choice(heads) + random.randrange(4, 46)
    field = struct.pack("<I", random.choice((0, 1, 10, 99, 0xFFFF, 0xFFFFFFFF, zlib.crc32(data))))[
        : random.choice((1, 2, 4))
    ]
    return data[:at] + field + data[at + len(field) :]
