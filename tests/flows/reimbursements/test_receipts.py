"""Receipts: whole files of the right kind, once each, sealed where they lie, and warned about when seen before."""

import asyncio
import hashlib
import os
import signal
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from activities.receipt_sweep import ReceiptSweep
from db.queries import receipt as queries
from domain.ids import new_id, parse_public_id
from storage import content_store
from tests.flows.reimbursements.files import heic, jpeg, pdf, png, webp
from tests.flows.reimbursements.people import People
from tests.serving import serving
from tests.storage.s3_server import S3Server
from tests.storage.test_stores import bucket
from tests.system import api_of

FILES = {
    "application/pdf": pdf(),
    "image/png": png(),
    "image/jpeg": jpeg(),
    "image/webp": webp(),
    "image/heic": heic(),
}
NO_RECEIPTS: list[tuple[bytes, str, str]] = [
    (b"", "application/pdf", "receipt_empty"),
    (b"MZ" + bytes(200), "application/pdf", "receipt_type_unsupported"),
    (b"<html><script>alert(1)</script></html>", "image/png", "receipt_type_unsupported"),
    (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml", "receipt_type_unsupported"),
    (pdf()[:20], "application/pdf", "receipt_type_unsupported"),
    (png()[:-8], "image/png", "receipt_type_unsupported"),
    (png(), "application/pdf", "receipt_type_mismatch"),
    (pdf(), "", "receipt_type_mismatch"),
]


def folder(people: People) -> Path:
    return people.system.settings.receipts.folder


def files(people: People) -> list[Path]:
    return [path for path in folder(people).rglob("*") if path.is_file()]


def sweep_of(people: People) -> ReceiptSweep:
    return ReceiptSweep(people.system.house.database, content_store(people.system.settings.receipts))


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def test_each_kind_of_file_comes_back_as_it_was_uploaded_and_is_only_saved_by_a_browser(people: People) -> None:
    path, (expense,) = await people.draft({"memo": "Train", "amount": 1_000})
    for type_, content in FILES.items():
        made = await people.upload(path, expense, content, type_)
        assert made.status_code == 201, made.text
        assert made.json()["sha256"] == hashlib.sha256(content).hexdigest()
        answer = await people.system.api.get(f"{path}/expenses/{expense['id']}/receipts/{made.json()['id']}")
        assert (answer.content, answer.headers["Content-Type"]) == (content, type_)
        assert answer.headers["Content-Disposition"].startswith('attachment; filename="rct_')
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"
    shown = (await people.system.get(path))["expenses"][0]["receipts"]
    assert [receipt["media_type"] for receipt in shown] == list(FILES)


@pytest.mark.parametrize(("content", "type_", "refusal"), NO_RECEIPTS)
async def test_what_is_no_whole_receipt_of_its_type_is_refused_and_leaves_nothing(
    people: People, content: bytes, type_: str, refusal: str
) -> None:
    path, (expense,) = await people.draft({"memo": "Train", "amount": 1_000})
    assert code(await people.upload(path, expense, content, type_)) == (422, refusal)
    assert files(people) == []


async def test_a_file_may_be_larger_than_other_bodies_and_has_a_limit_of_its_own(people: People) -> None:
    path, (expense,) = await people.draft({"memo": "Train", "amount": 1_000})
    limit = people.system.settings.receipts.limit_bytes
    large = pdf("x" * (limit - len(pdf("")) - 0))
    assert len(large) == limit
    assert (await people.upload(path, expense, large)).status_code == 201
    assert code(await people.upload(path, expense, large + b" ")) == (413, "body_too_large")
    answer = await people.system.api.post(path + "/submit", content=large, headers={"Idempotency-Key": "large"})
    assert code(answer) == (413, "body_too_large")


async def test_what_lies_in_the_store_says_nothing_about_the_file(people: People) -> None:
    await people.draft_with_receipt()
    (stored,) = files(people)
    assert b"train ticket" not in stored.read_bytes()
    assert stored.stat().st_mode & 0o077 == 0
    assert hashlib.sha256(pdf()).hexdigest() not in str(stored)


async def test_a_changed_or_exchanged_file_is_never_handed_out(people: People) -> None:
    path, expense, first = await people.draft_with_receipt()
    second = (await people.upload(path, expense, png(), "image/png")).json()
    one, other = files(people)
    content = one.read_bytes(), other.read_bytes()
    one.write_bytes(content[1])
    other.write_bytes(content[0][:-1] + bytes([content[0][-1] ^ 1]))
    for receipt in (first, second):
        answer = await people.system.api.get(f"{path}/expenses/{expense['id']}/receipts/{receipt['id']}")
        assert code(answer) == (500, "internal_error")


async def test_the_same_file_is_attached_once_to_an_expense_and_warned_about_across_the_organization(
    people: People,
) -> None:
    path, expense, _ = await people.draft_with_receipt()
    assert code(await people.upload(path, expense, pdf())) == (409, "receipt_attached_already")
    other_path, _, _ = await people.draft_with_receipt()

    (shown,) = (await people.system.get(other_path))["expenses"]

    assert shown["warnings"] == [
        {
            "code": "receipt_used_before",
            "expense_id": expense["id"],
            "report_id": path.rpartition("/")[2],
            "report_state": "draft",
        }
    ]
    assert len(files(people)) == 1


async def test_the_same_payee_amount_and_day_are_warned_about(people: People) -> None:
    spent: dict[str, Any] = {"memo": "Train", "amount": 1_000, "spent_on": "2026-01-05"}
    first, (one, _) = await people.draft(spent, {**spent, "amount": 999})
    second, _ = await people.draft({**spent, "memo": "Railway"}, {**spent, "spent_on": None})
    found = [expense["warnings"] for expense in (await people.system.get(second))["expenses"]]
    assert [[(w["code"], w["expense_id"], w["report_id"]) for w in ws] for ws in found] == [
        [("spent_before", one["id"], first.rpartition("/")[2])],
        [],
    ]


async def test_receipts_are_frozen_with_the_report_even_for_plain_sql(people: People) -> None:
    path, expense, receipt = await people.draft_with_receipt()
    await people.system.post(f"{path}/submit", None)
    assert code(await people.upload(path, expense, png(), "image/png")) == (409, "report_not_draft")
    at = f"{path}/expenses/{expense['id']}/receipts/{receipt['id']}"
    assert code(await people.system.api.delete(at)) == (409, "report_not_draft")
    key = parse_public_id("rct", receipt["id"], field="id")
    with pytest.raises(DBAPIError, match="in a draft only"):
        async with people.system.house.database.unit_of_work(people.system.organization_id, actor="test") as uow:
            await uow.connection.execute(text("delete from receipt where id = :id").bindparams(id=key))


async def test_a_receipt_taken_off_is_swept_unless_another_expense_has_the_same_file(people: People) -> None:
    path, expense, receipt = await people.draft_with_receipt()
    other_path, other_expense, _ = await people.draft_with_receipt()
    sweep = sweep_of(people)
    assert (await people.system.api.delete(f"{path}/expenses/{expense['id']}/receipts/{receipt['id']}")).is_success
    assert await sweep.delete_orphans() == 0
    # taken off with its expense
    assert (await people.system.api.delete(f"{other_path}/expenses/{other_expense['id']}")).is_success
    assert await sweep.delete_orphans() == 1
    assert files(people) == []


async def test_files_of_an_organization_that_this_database_does_not_know_are_left_alone(people: People) -> None:
    strange = folder(people) / new_id().hex / "00ff"
    strange.parent.mkdir(parents=True)
    strange.write_bytes(b"somebody else's")
    assert await sweep_of(people).delete_orphans() == 0
    assert strange.exists()


async def test_a_sweep_leaves_alone_what_is_being_uploaded(people: People) -> None:
    """The upload has stored its file and not yet committed its row: the worst moment for a sweep."""
    database, store = people.system.house.database, content_store(people.system.settings.receipts)
    async with database.unit_of_work(people.system.organization_id, actor="test") as uow:
        address = queries.address_of(uow, hashlib.sha256(pdf()).digest())
        await queries.lock_address(uow, address)
        await store.put(address, b"sealed")
        assert await sweep_of(people).delete_orphans() == 0
    assert await store.get(address) == b"sealed"


async def test_uploads_and_sweeps_at_once_never_lose_a_receipt(people: People) -> None:
    sweep, stop = sweep_of(people), asyncio.Event()

    async def keep_sweeping() -> None:
        while not stop.is_set():
            await sweep.delete_orphans()

    sweeping = asyncio.create_task(keep_sweeping())
    for _ in range(8):
        path, expense, receipt = await people.draft_with_receipt()
        at = f"{path}/expenses/{expense['id']}/receipts/{receipt['id']}"
        assert (await people.system.api.get(at)).content == pdf()
        assert (await people.system.api.delete(at)).is_success
    stop.set()
    await sweeping


async def test_a_bucket_keeps_receipts_as_a_folder_does(people: People) -> None:
    path, (expense,) = await people.draft({"memo": "Train", "amount": 1_000})
    house = people.system.house
    async with serving(server := S3Server()) as url:
        settings = people.system.settings.model_copy(update={"receipts": bucket(url)})
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(api_of(house, settings)),
            base_url="http://bursar.test",
            headers={"Authorization": people.system.api.headers["Authorization"]},
        ) as client:
            at = f"{path}/expenses/{expense['id']}/receipts"
            headers = {"Idempotency-Key": new_id().hex, "Content-Type": "application/pdf"}
            server.broken = True
            away = await client.post(at, content=pdf(), headers=headers)
            assert code(away) == (503, "unavailable")
            assert "Retry-After" in away.headers
            server.broken = False
            # nothing was kept of the refusal, its key included
            made = await client.post(at, content=pdf(), headers=headers)
            assert made.status_code == 201, made.text
            (sealed,) = server.objects.values()
            assert b"train ticket" not in sealed
            assert (await client.get(f"{at}/{made.json()['id']}")).content == pdf()
            assert (await client.delete(f"{at}/{made.json()['id']}")).is_success
        assert await ReceiptSweep(house.database, content_store(settings.receipts)).delete_orphans() == 1
        assert server.objects == {}
    assert files(people) == []


async def test_another_organization_never_reads_a_receipt(people: People) -> None:
    path, expense, receipt = await people.draft_with_receipt()
    other_path, other_expense, _ = await people.draft_with_receipt()
    # a receipt is of one expense, an expense of one report: no path may mix them
    for at in (
        f"{path}/expenses/{other_expense['id']}/receipts/{receipt['id']}",
        f"{other_path}/expenses/{expense['id']}/receipts/{receipt['id']}",
        f"{path}/expenses/{expense['id']}/receipts/rct_{'0' * 32}",
    ):
        assert code(await people.system.api.get(at)) == (404, "not_found")


@pytest.mark.parametrize(("place", "left"), [("half", ".half"), ("before", "")])
async def test_an_upload_that_is_killed_leaves_nothing_that_matters(people: People, place: str, left: str) -> None:
    path, (expense,) = await people.draft({"memo": "Train", "amount": 1_000})
    ids = [
        parse_public_id(prefix, text_, field="id").hex
        for prefix, text_ in (("rmr", path.rpartition("/")[2]), ("rex", expense["id"]))
    ]
    settings = people.system.settings

    async def upload_and_die() -> None:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.flows.reimbursements.upload_and_die"),
            *(place, str(folder(people)), people.system.organization_id.hex, *ids),
            env={
                **os.environ,
                "UPLOAD_DATABASE": settings.database.url.get_secret_value(),
                "UPLOAD_KEYRING": settings.keyring.keys.get_secret_value(),
            },
        )
        assert await process.wait() == -signal.SIGKILL

    await upload_and_die()
    assert (await people.system.get(path))["expenses"][0]["receipts"] == []
    assert [file.name.endswith(left) for file in files(people)] == [True]

    # nobody comes back: the sweep deletes it once the dead one's lock is gone
    async def swept() -> int:
        return await sweep_of(people).delete_orphans()

    assert await people.system.eventually(swept) == 1
    assert files(people) == []

    # somebody does: the same upload finds its place and is whole
    await upload_and_die()
    made = await people.upload(path, expense, pdf())
    assert made.status_code == 201, made.text
    assert await swept() == 0
    (file,) = files(people)
    assert not file.name.endswith(".half")
    at = f"{path}/expenses/{expense['id']}/receipts/{made.json()['id']}"
    assert (await people.system.api.get(at)).content == pdf()
