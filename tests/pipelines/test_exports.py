"""What was exported is not sent again, what the portal refused stays open, and nothing is lost."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from life_helpers import RECIPIENT, Life, actions_in, credit_note, identity, invoice
from openpyxl import load_workbook

from ims_excel import DownloadError, ImsError, WorkbookError, WriteError, build, errors, validate
from ims_excel.options import PortalOptions
from ims_excel.progress import CHECKING, LOOKING, READING, WRITING
from ims_excel.workbook.grid import DATA_SHEET


@pytest.fixture
def life(tmp_path) -> Life:
    records = [invoice("SA/1"), invoice("SA/2"), invoice("SA/3"), invoice("SA/4", action="A")]
    return Life(tmp_path, b2b=records, b2bcn=[credit_note("CN/1")])


def rules_of(result) -> list[str]:
    return [finding.rule for finding in result.findings if finding.place]


def test_what_was_exported_is_not_sent_twice(life):
    life.type("SA/1", "Accepted")
    assert life.sent() == {"SA/1": "A"}
    again = life.harvest()
    assert again.upload is None
    assert again.unchanged == 5


def test_harvesting_once_more_leaves_the_workbook_as_it_is(life):
    life.type("SA/1", "Accepted")
    life.harvest()
    life.harvest()
    before = life.book.read_bytes()
    assert life.harvest().written is None
    assert life.book.read_bytes() == before


def test_only_what_changed_since_goes_up_next(life):
    life.type("SA/1", "Accepted")
    life.type("SA/2", "Rejected", "not ours")
    assert life.sent() == {"SA/1": "A", "SA/2": "R"}
    life.type("SA/2", "Rejected", "not ours at all")
    life.type("SA/3", "Pending")
    assert life.sent() == {"SA/2": "R", "SA/3": "P"}


def test_a_decision_taken_back_after_its_export_goes_up_as_no_action(life):
    life.type("SA/1", "Accepted")
    life.harvest()
    life.type("SA/1", "No Action")
    result = life.harvest()
    assert actions_in(result.upload) == {"SA/1": "N"}
    assert [f.what[:8] for f in result.findings if f.rule == "R3"] == ["Accepted"]
    assert life.sent() == {}


def test_going_back_to_what_the_download_said_is_a_change_too(life):
    life.type("SA/4", "Rejected")
    life.harvest()
    life.type("SA/4", "Accepted")
    assert life.sent() == {"SA/4": "A"}


def test_saying_the_same_in_other_cells_sends_nothing(life):
    life.type("CN/1", "Accepted")
    assert life.sent() == {"CN/1": "A"}
    life.type("CN/1", "Accepted", "", "Yes")
    assert life.sent() == {}
    life.type("CN/1", "Accepted", "not availed", "No")
    assert life.sent() == {"CN/1": "A"}


def test_all_sends_everything_that_differs_from_the_download_or_the_portal(life):
    for number in ("SA/1", "SA/2", "SA/3"):
        life.type(number, "Accepted")
    life.harvest()
    life.type("SA/3", "No Action")
    assert life.sent(everything=True) == {"SA/1": "A", "SA/2": "A", "SA/3": "N"}
    assert life.sent(everything=True) == {"SA/1": "A", "SA/2": "A"}
    assert life.sent() == {}


def test_the_ledger_survives_another_program(life):
    life.type("SA/1", "Accepted")
    life.harvest()
    workbook = load_workbook(life.book)
    workbook.save(life.book)
    assert life.sent() == {}


def test_with_out_the_copy_knows_and_the_original_does_not(life, tmp_path):
    life.type("SA/1", "Accepted")
    before = life.book.read_bytes()
    assert life.sent(out=tmp_path / "copy.xlsx") == {"SA/1": "A"}
    assert life.book.read_bytes() == before
    assert life.sent() == {"SA/1": "A"}
    life.book = tmp_path / "copy.xlsx"
    assert life.sent() == {}


# What the portal answers


def test_rows_the_report_does_not_name_are_taken_and_those_it_names_stay_open(life):
    for number in ("SA/1", "SA/2", "SA/3"):
        life.type(number, "Accepted")
    upload = life.harvest().upload
    life.portal.refuse_next(identity("SA/2"), "Amounts do not match")
    result = life.take_back(life.upload(upload))
    assert (result.uploads, result.taken, result.refused) == ((upload.name,), 2, 1)
    held = life.harvest()
    assert held.upload is None
    assert held.held_back == 1
    assert rules_of(held) == ["L1"]
    assert "Amounts do not match" in life.cell("SA/2", "portal_errors")


def test_a_corrected_row_goes_up_alone_and_loses_its_error(life):
    for number in ("SA/1", "SA/2"):
        life.type(number, "Accepted")
    life.portal.refuse_next(identity("SA/2"), "no")
    life.take_back(life.upload(life.harvest().upload))
    life.type("SA/2", "Pending")
    result = life.harvest()
    assert actions_in(result.upload) == {"SA/2": "P"}
    assert life.cell("SA/2", "portal_errors") == ""
    assert life.upload(result.upload).status_cd == "P"
    assert life.portal.sent_unchanged == []


def test_an_error_stays_in_its_row_while_other_uploads_come_and_go(life):
    for number in ("SA/1", "SA/2"):
        life.type(number, "Accepted")
    life.portal.refuse_next(identity("SA/2"), "first")
    life.take_back(life.upload(life.harvest().upload))
    life.type("SA/3", "Accepted")
    life.type("SA/1", "Rejected")
    life.portal.refuse_next(identity("SA/3"), "second")
    result = life.take_back(life.upload(life.harvest().upload))
    assert (result.taken, result.refused, result.cleared) == (1, 1, 0)
    assert life.cell("SA/2", "portal_errors") == "first"
    assert life.cell("SA/3", "portal_errors") == "second"
    assert life.harvest().held_back == 2


def test_a_refused_row_goes_up_once_more_when_asked(life):
    life.type("SA/1", "Accepted")
    life.portal.refuse_next(identity("SA/1"), "try later")
    life.take_back(life.upload(life.harvest().upload))
    assert life.sent() == {}
    result = life.harvest(resend_refused=True)
    assert actions_in(result.upload) == {"SA/1": "A"}
    assert rules_of(result) == []
    assert life.sent() == {}


def test_a_refused_row_set_back_to_what_the_portal_has_is_closed(life):
    life.type("SA/1", "Accepted")
    life.confirm(life.harvest().upload)
    life.type("SA/1", "Rejected")
    life.portal.refuse_next(identity("SA/1"), "no")
    life.take_back(life.upload(life.harvest().upload))
    life.type("SA/1", "Accepted")
    result = life.harvest()
    assert (result.upload, result.held_back) == (None, 0)
    assert life.cell("SA/1", "portal_errors") == ""
    life.type("SA/1", "Rejected")
    assert life.sent() == {"SA/1": "R"}


def test_a_refusal_brings_back_the_state_of_the_upload_before(life):
    life.type("SA/1", "Accepted")
    life.upload(life.harvest().upload)
    life.type("SA/1", "Rejected")
    life.portal.refuse_next(identity("SA/1"), "no")
    life.take_back(life.upload(life.harvest().upload))
    life.type("SA/1", "No Action")
    (finding,) = [f for f in life.harvest().findings if f.rule == "R3"]
    assert finding.what.startswith("Accepted")


def test_an_upload_refused_as_a_whole_goes_up_again_unchanged(life):
    for number in ("SA/1", "SA/2"):
        life.type(number, "Accepted")
    first = life.harvest().upload
    result = life.status_report("ER")
    assert (result.uploads, result.taken, result.to_resend) == ((first.name,), 0, 2)
    assert life.sent() == {"SA/1": "A", "SA/2": "A"}


@pytest.mark.parametrize("status", ["IP", "REC"])
def test_a_report_on_an_upload_still_running_settles_nothing(life, status):
    life.type("SA/1", "Accepted")
    life.harvest()
    assert life.status_report(status).uploads == ()


def test_a_report_without_errors_settles_the_last_upload(life):
    life.type("SA/1", "Accepted")
    upload = life.harvest().upload
    assert (life.status_report("P").uploads, life.harvest().waiting) == ((upload.name,), ())


def test_a_report_that_names_nothing_of_ours_settles_nothing(life):
    life.type("SA/1", "Accepted")
    life.harvest()
    stranger = {"imsDetailsErr": {"b2b": [{**invoice("XX/9"), "error_msg": "no"}]}}
    report = life.folder / "error.json"
    report.write_text(json.dumps(stranger), encoding="utf-8")
    result = errors(life.book, report)
    assert result.uploads == ()
    assert any("ims-xl confirm" in notice for notice in result.notices)
    assert life.harvest().waiting != ()


def test_an_error_in_another_spelling_leaves_its_supplier_s_records_unsure(life):
    for number in ("SA/1", "SA/2"):
        life.type(number, "Accepted")
    life.type("CN/1", "Rejected")
    life.harvest()
    named = {**invoice("SA/1"), "error_msg": "no"}
    misspelt = {**invoice("SA 2"), "error_msg": "no"}
    report = life.folder / "error.json"
    report.write_text(json.dumps({"imsDetailsErr": {"b2b": [named, misspelt]}}), encoding="utf-8")
    result = errors(life.book, report)
    assert (result.taken, result.refused, len(result.unmatched)) == (1, 1, 1)


def test_errors_about_a_row_that_was_deleted_keep_its_record_open(life):
    for number in ("SA/1", "SA/2"):
        life.type(number, "Accepted")
    life.portal.refuse_next(identity("SA/2"), "no")
    answer = life.upload(life.harvest().upload)
    workbook = load_workbook(life.book)
    sheet = workbook["B2B"]
    (row,) = [cell.row for column in sheet.iter_cols() for cell in column if cell.value == "SA/2"]
    sheet.delete_rows(row)
    workbook.save(life.book)
    result = life.take_back(answer)
    assert (result.taken, result.refused) == (1, 1)


# Confirming


def test_a_confirmed_upload_is_taken_and_confirming_again_changes_nothing(life):
    life.type("SA/1", "Accepted")
    upload = life.harvest().upload
    assert life.harvest().waiting == (upload.name,)
    result = life.confirm(upload)
    assert (result.records, result.waiting) == (1, ())
    before = life.book.read_bytes()
    assert life.confirm(upload).written is None
    assert life.book.read_bytes() == before


def test_the_name_is_enough_when_the_upload_is_gone(life):
    life.type("SA/1", "Accepted")
    upload = life.harvest().upload
    upload.unlink()
    assert life.confirm(upload.name).records == 1


def test_an_upload_of_another_workbook_is_refused(life, tmp_path):
    (tmp_path / "other").mkdir()
    other = Life(tmp_path / "other", b2b=[invoice("SA/1")])
    other.type("SA/1", "Accepted")
    theirs = other.harvest(upload=tmp_path / "other" / "upload.json").upload
    life.type("SA/1", "Rejected")
    life.harvest(upload=tmp_path / "upload.json")
    before = life.book.read_bytes()
    with pytest.raises(DownloadError, match="not an upload harvested from this workbook"):
        life.confirm(theirs)
    with pytest.raises(DownloadError, match="no such file"):
        life.confirm("nothing.json")
    assert life.book.read_bytes() == before


def test_an_upload_with_errors_cannot_be_confirmed(life):
    life.type("SA/1", "Accepted")
    upload = life.harvest().upload
    life.portal.refuse_next(identity("SA/1"), "no")
    life.take_back(life.upload(upload))
    with pytest.raises(DownloadError, match="names 1 of its records"):
        life.confirm(upload)


def test_an_upload_that_never_went_up_is_sent_again(life):
    life.type("SA/1", "Accepted")
    upload = life.harvest().upload
    assert life.confirm(upload, failed=True).to_resend == 1
    assert life.sent() == {"SA/1": "A"}


def test_that_an_upload_failed_can_be_taken_back(life):
    life.type("SA/1", "Accepted")
    upload = life.harvest().upload
    life.confirm(upload, failed=True)
    life.confirm(upload)
    assert life.sent() == {}


def test_an_upload_that_a_report_refused_as_a_whole_cannot_be_confirmed(life):
    life.type("SA/1", "Accepted")
    upload = life.harvest().upload
    life.status_report("ER")
    with pytest.raises(DownloadError, match="refused as a whole"):
        life.confirm(upload)


def test_two_reports_on_one_upload_add_up(life):
    for number in ("SA/1", "SA/2", "SA/3"):
        life.type(number, "Accepted")
    life.harvest()
    life.report("SA/1")
    second = life.report("SA/2")
    assert (second.taken, second.refused, second.cleared) == (1, 1, 0)
    assert life.cell("SA/1", "portal_errors")
    assert life.sent() == {}
    assert life.sent(resend_refused=True) == {"SA/1": "A", "SA/2": "A"}


def test_a_report_is_about_the_upload_that_it_repeats(life):
    life.type("SA/1", "Accepted")
    life.type("SA/2", "Rejected", "bad")
    first = life.harvest().upload
    life.type("SA/2", "Rejected", "worse")
    life.type("SA/3", "Pending")
    second = life.harvest().upload
    result = life.report("SA/2", upload=None, action="R", remarks="bad")
    assert (result.uploads, result.taken, result.refused) == ((first.name,), 1, 1)
    assert life.harvest().waiting == (second.name,)


def test_where_two_uploads_sent_the_same_the_person_says_which(life):
    life.type("SA/1", "Accepted")
    first = life.harvest().upload
    second = life.harvest(everything=True).upload
    unclear = life.report("SA/1")
    assert not unclear.uploads
    assert f"{first.name} or {second.name}" in unclear.notices[0]
    assert life.report("SA/1", upload=first).uploads == (first.name,)


def test_a_status_alone_asks_which_of_the_waiting_uploads_it_is(life):
    life.type("SA/1", "Accepted")
    first = life.harvest().upload
    life.type("SA/2", "Accepted")
    life.harvest()
    assert not life.status_report("P").uploads
    assert life.status_report("P", upload=first).uploads == (first.name,)


def test_a_period_of_two_digits_is_the_month(life):
    life.type("SA/1", "Accepted")
    life.harvest()
    assert life.report("SA/1", rtnprd="03").refused == 1


def test_an_upload_that_waits_is_not_replaced(life, tmp_path):
    life.type("SA/1", "Accepted")
    upload = tmp_path / "upload.json"
    life.harvest(upload=upload)
    before = upload.read_bytes()
    life.type("SA/2", "Pending")
    with pytest.raises(WriteError, match=r"nobody has confirmed yet: its record would be lost.*--failed"):
        life.harvest(upload=upload, overwrite=True)
    assert upload.read_bytes() == before
    life.confirm(upload)
    assert life.sent(upload=upload) == {"SA/2": "P"}


@pytest.mark.parametrize("verb", ["harvest", "validate", "errors", "confirm"])
def test_out_never_replaces_a_workbook_unasked(life, tmp_path, verb):
    life.type("SA/1", "Accepted")
    upload = life.harvest().upload
    report = life.report_file("SA/1")
    other = tmp_path / "other.xlsx"
    other.write_bytes(b"precious")
    call = {
        "harvest": lambda **more: life.harvest(out=other, **more),
        "validate": lambda **more: validate(life.book, out=other, **more),
        "errors": lambda **more: errors(life.book, report, out=other, **more),
        "confirm": lambda **more: life.confirm(upload, out=other, **more),
    }[verb]
    with pytest.raises(WriteError, match="exists already"):
        call()
    assert other.read_bytes() == b"precious"
    call(overwrite=True)
    assert other.read_bytes() != b"precious"


def test_an_upload_without_records_waits_for_nobody(life):
    assert life.harvest(allow_empty=True).upload
    assert life.harvest().waiting == ()


# Writing


def test_when_the_workbook_cannot_be_written_the_upload_is_taken_away(life, tmp_path):
    life.type("SA/1", "Accepted")
    before = life.book.read_bytes()
    (tmp_path / "~$book.xlsx").touch()
    with pytest.raises(WriteError, match=r"open in Excel.*taken away again"):
        life.harvest(upload=tmp_path / "upload.json")
    assert not (tmp_path / "upload.json").exists()
    assert life.book.read_bytes() == before
    (tmp_path / "~$book.xlsx").unlink()
    assert life.sent() == {"SA/1": "A"}


def test_an_earlier_upload_comes_back_when_its_successor_is_taken_away(life, tmp_path):
    life.type("SA/1", "Accepted")
    upload = life.harvest(upload=tmp_path / "upload.json").upload
    earlier = upload.read_bytes()
    life.type("SA/2", "Accepted")
    (tmp_path / "~$book.xlsx").touch()
    with pytest.raises(ImsError):
        life.harvest(upload=upload)
    assert upload.read_bytes() == earlier


def test_a_crash_between_upload_and_workbook_only_sends_again(life):
    life.type("SA/1", "Accepted")
    before = life.book.read_bytes()
    first = life.harvest().upload
    life.book.write_bytes(before)
    second = life.harvest().upload
    assert second != first
    assert second.read_bytes() == first.read_bytes()


def test_uploads_of_one_second_do_not_replace_each_other(life):
    life.type("SA/1", "Accepted")
    first = life.harvest().upload
    life.type("SA/2", "Accepted")
    second = life.harvest().upload
    assert (actions_in(first), actions_in(second)) == ({"SA/1": "A"}, {"SA/2": "A"})


def test_a_damaged_ledger_says_what_to_do_and_can_be_reset(life):
    life.type("SA/1", "Accepted")
    life.harvest()
    workbook = load_workbook(life.book)
    workbook[DATA_SHEET]["B2"] = "x" + workbook[DATA_SHEET]["B2"].value[1:]
    workbook.save(life.book)
    for verb in (life.harvest, lambda: validate(life.book)):
        with pytest.raises(WorkbookError, match="--reset-ledger"):
            verb()
    assert life.sent(reset_ledger=True) == {"SA/1": "A"}
    assert life.sent() == {}


def test_a_workbook_without_its_hidden_sheet_says_that_nothing_is_remembered(life):
    life.type("SA/1", "Accepted")
    workbook = load_workbook(life.book)
    del workbook[DATA_SHEET]
    workbook.save(life.book)
    result = life.harvest(source=life.folder / "download.json")
    assert actions_in(result.upload) == {"SA/1": "A"}
    assert any("hidden sheet" in notice for notice in result.notices)


def test_rows_with_errors_leave_the_ledger_as_it_is(life):
    life.type("SA/1", "Accepted")
    life.type("SA/2", "maybe")
    assert life.harvest().upload is None
    assert life.sent(skip_invalid=True) == {"SA/1": "A"}
    life.type("SA/2", "Accepted")
    assert life.sent() == {"SA/2": "A"}


# Splitting


def test_many_records_are_split_into_even_parts(life):
    for number in ("SA/1", "SA/2", "SA/3"):
        life.type(number, "Accepted")
    result = life.harvest(options=PortalOptions(max_records=2))
    assert [path.name[-10:] for path in result.uploads] == ["p1of2.json", "p2of2.json"]
    assert result.upload == result.uploads[0]
    assert [len(actions_in(path)) for path in result.uploads] == [1, 2]
    assert [life.upload(path).status_cd for path in result.uploads] == ["P", "P"]
    assert life.sent() == {}


def test_large_uploads_are_split_until_every_part_fits(life):
    for number in ("SA/1", "SA/2", "SA/3", "SA/4", "CN/1"):
        life.type(number, "Rejected", "x" * 200)
    result = life.harvest(options=PortalOptions(max_bytes=1000))
    assert all(path.stat().st_size <= 1000 for path in result.uploads)
    assert len(result.uploads) == 3
    assert len(actions_in(*result.uploads)) == 5


def test_no_limit_no_parts(life):
    life.type("SA/1", "Accepted")
    life.type("SA/2", "Accepted")
    result = life.harvest(options=PortalOptions(max_records=0, max_bytes=0))
    assert len(result.uploads) == 1


def test_a_report_settles_only_the_part_it_names(life):
    for number in ("SA/1", "SA/2", "SA/3", "CN/1"):
        life.type(number, "Rejected")
    first, second = life.harvest(options=PortalOptions(max_records=2)).uploads
    life.portal.refuse_next(identity("SA/1"), "no")
    result = life.take_back(life.upload(first))
    assert (result.uploads, result.taken, result.refused) == ((first.name,), 1, 1)
    assert life.harvest().waiting == (second.name,)
    life.confirm(second)
    assert life.harvest().waiting == ()


def test_a_report_without_names_asks_which_part_is_meant(life):
    for number in ("SA/1", "SA/2"):
        life.type(number, "Accepted")
    _, second = life.harvest(options=PortalOptions(max_records=1)).uploads
    vague = life.status_report("P")
    assert vague.uploads == ()
    assert any("--upload" in notice for notice in vague.notices)
    assert life.status_report("P", upload=second.name).uploads == (second.name,)


def test_parts_never_replace_a_file_that_is_no_upload(life, tmp_path):
    for number in ("SA/1", "SA/2"):
        life.type(number, "Accepted")
    (tmp_path / "u_p2of2.json").write_text("mine", encoding="utf-8")
    with pytest.raises(WriteError, match="not an upload"):
        life.harvest(upload=tmp_path / "u.json", options=PortalOptions(max_records=1))
    assert not (tmp_path / "u_p1of2.json").exists()


# A small month


def test_several_uploads_bring_the_portal_to_the_last_decisions_and_send_nothing_twice(life):
    life.type("SA/1", "Accepted")
    life.type("SA/2", "Pending")
    life.type("CN/1", "Accepted", "", "Yes")
    life.portal.refuse_next(identity("CN/1", "b2bcn"), "not now")
    life.take_back(life.upload(life.harvest().upload))
    life.type("SA/3", "Rejected", "not ours")
    life.type("CN/1", "Rejected", "", "")
    second = life.harvest().upload
    assert life.upload(second).status_cd == "P"
    life.confirm(second)
    life.type("SA/1", "No Action")
    life.type("SA/4", "Pending")
    life.confirm(life.harvest().upload, failed=True)
    life.type("SA/2", "Accepted")
    assert life.upload(life.harvest().upload).status_cd == "P"
    assert life.portal.sent_unchanged == []
    wanted = {"SA/1": "N", "SA/2": "A", "SA/3": "R", "SA/4": "P"}
    state = {key: answer.action for key, answer in life.portal.state().items()}
    assert state == {identity(n): a for n, a in wanted.items()} | {identity("CN/1", "b2bcn"): "R"}
    assert life.harvest().upload is None


def test_a_new_build_starts_without_a_ledger(life):
    life.type("SA/1", "Accepted")
    life.harvest()
    build(life.folder / "download.json", life.book, gstin=RECIPIENT, overwrite=True)
    life.type("SA/1", "Accepted")
    assert life.sent() == {"SA/1": "A"}


def test_uploads_stand_beside_the_workbook(life):
    life.type("SA/1", "Accepted")
    assert life.harvest().upload.parent == Path(life.book).parent


def test_a_person_who_waits_is_told_of_each_step(life):
    told = []
    life.harvest(progress=lambda *step: told.append(step))
    steps = [step for step, _, _ in told]
    assert steps == sorted(steps, key=[LOOKING, READING, CHECKING, WRITING].index)
    assert {*steps} == {LOOKING, READING, CHECKING, WRITING}
    assert [(done, total) for step, done, total in told if step == READING][-1] == (5, 5)
