from __future__ import annotations

import copy
import json

import jsonschema
import jsonschema_rs
import pytest
from portal_helpers import INVOICE, NOTE, RECIPIENT, SAMPLES, invoice, note

from ims_excel.options import PortalOptions
from ims_excel.portal.schema import load_schema, upload_schema
from ims_excel.portal.sections import SECTIONS
from ims_excel.portal.wire import OVERLAID, SNAKE, fields_of, upload_order

NAMES = ("download", "upload", "error-report")
FITS = {
    "download.json": "download",
    "variant_api_data.json": "download",
    "variant_flat_boolean.json": "download",
    "variant_impg.json": "download",
    "variant_rtnTyp_snake.json": "download",
    "upload.json": "upload",
    "error_api.json": "error-report",
    "error_offline.json": "error-report",
}


def is_valid(schema: dict, instance: object) -> bool:
    """Ask the reference implementation, and make sure that the fast one agrees."""
    reference = jsonschema.Draft202012Validator(schema).is_valid(instance)
    assert jsonschema_rs.Draft202012Validator(schema).is_valid(instance) is reference
    return reference


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_is_one_and_describes_what_it_says(name: str):
    schema = load_schema(name)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    described = [schema, *schema["$defs"].values(), *schema["properties"].values()]
    assert [part for part in described if not part.get("description") and "$ref" not in part] == []


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("sample", FITS)
def test_a_sample_fits_its_own_schema_and_no_other(name: str, sample: str):
    instance = json.loads((SAMPLES / sample).read_text(encoding="utf-8"))
    assert is_valid(load_schema(name), instance) is (FITS[sample] == name)


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.key)
def test_the_upload_schema_knows_the_keys_the_writer_uses(section):
    definitions = load_schema("upload")["$defs"]
    sections = load_schema("upload")["properties"]["invdata"]["properties"]
    known = set(definitions[sections[section.key]["items"]["$ref"].rpartition("/")[2]]["properties"])
    assert set(upload_order(section)) - known == (
        set() if section.carries_itc_reduction else set(OVERLAID[1:-1])
    )
    assert (known >= set(SNAKE.values())) is section.carries_itc_reduction


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.key)
def test_the_download_schema_knows_the_keys_the_reader_knows(section):
    definitions = load_schema("download")["$defs"]
    reference = definitions["sections"]["properties"][section.key]["items"]["$ref"]
    known = set(definitions[reference.rpartition("/")[2]]["properties"])
    assert {field.wire for field in fields_of(section)} <= known


@pytest.mark.parametrize(
    ("record", "good"),
    [
        (INVOICE, True), (invoice(val="1.00", pos=7, new={}), True), (invoice(ispendactblocked=True), True),
        (invoice(rtnTyp="R1", srcform=...), True), (invoice(tradenm=None, action=None), True),
        (invoice(stin=...), False), (invoice(inum=...), False), (invoice(idt=None), False),
        (invoice(action="X"), False), (invoice(ispendactblocked="maybe"), False), (invoice(val=[1]), False),
        (NOTE, False), ("text", False),
    ],
)  # fmt: skip
def test_the_download_schema_is_tolerant_of_spellings_only(record: object, good: bool):
    assert is_valid(load_schema("download"), {"imsDetails": {"b2b": [record]}}) is good


def upload(record: dict, section: str = "b2bcn") -> dict:
    keys = set(OVERLAID) | {"stin", "nt_num", "nt_dt", "val", "pos", "txval", "srcform", "rtnprd"}
    kept = {
        key: value for key, value in record.items() if key in keys or key.startswith(("itc_", "decl_", "z"))
    }
    return {"rtin": RECIPIENT, "reqtyp": "SAVE", "invdata": {section: [kept]}}


PARTLY = {"itcRedReq": "Y", "declIgst": 1, "declCgst": 0, "declSgst": 0, "declCess": 0}
SNAKE_PARTLY = {SNAKE[key]: value for key, value in PARTLY.items()}


@pytest.mark.parametrize(
    ("changes", "good"),
    [
        ({"action": "A"}, True), ({"action": "N"}, True), ({"action": "X"}, False), ({"action": ...}, False),
        ({"action": "N", "remarks": "x"}, False), ({"action": "P", "remarks": "x"}, True),
        ({"action": "P", "remarks": ""}, False), ({"action": "P", "remarks": "x" * 250}, True),
        ({"action": "P", "remarks": "x" * 251}, False), ({"action": "A", **PARTLY}, True),
        ({"action": "R", **PARTLY}, False), ({"action": "A", **PARTLY, "itcRedReq": "N"}, False),
        ({"action": "A", **PARTLY, "declCess": ...}, False),
        ({"action": "A", **PARTLY, "declIgst": -1}, False),
        ({"action": "A", **PARTLY, "itcRedReq": ...}, False), ({"action": "A", "itcRedReq": "yes"}, False),
        ({"action": "A", **SNAKE_PARTLY}, True), ({"action": "R", **SNAKE_PARTLY}, False),
        ({"action": "A", **SNAKE_PARTLY, "itcRedReq": "Y"}, False), ({"val": "1"}, False), ({"zz": 1}, False),
        ({"nt_dt": "1-1-2026"}, False), ({"pos": 27}, False), ({"stin": ""}, False),
    ],
)  # fmt: skip
def test_the_upload_schema_is_strict(changes: dict, good: bool):
    assert is_valid(load_schema("upload"), upload(note(**changes))) is good


@pytest.mark.parametrize(
    "change",
    [{"rtin": "27zzz"}, {"reqtyp": "RESET"}, {"invdata": {"b2c": []}}, {"more": 1}, {"invdata": []}],
)
def test_the_upload_envelope_is_strict(change: dict):
    good = upload(note())
    assert is_valid(load_schema("upload"), good)
    assert not is_valid(load_schema("upload"), {**good, **change})


def test_options_widen_the_upload_schema_and_nothing_else_does():
    before = copy.deepcopy(load_schema("upload"))
    long, unknown = upload(note(action="P", remarks="x" * 300)), upload(note(zz=1))
    assert is_valid(upload_schema(PortalOptions(remarks_limit=300)), long)
    assert is_valid(upload_schema(PortalOptions(echo_unknown=True)), unknown)
    assert not is_valid(upload_schema(PortalOptions()), long)
    assert not is_valid(upload_schema(PortalOptions()), unknown)
    assert load_schema("upload") == before
