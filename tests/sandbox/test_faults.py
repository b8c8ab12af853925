"""Every kind of fault as a real client sees it over loopback, and what the partner's book says afterwards."""

import asyncio

import httpx
import pytest

from sandbox.runner import SandboxRunner
from tests.sandbox.speakers import Control, EpxSpeaker, eventually


async def effects(control: Control) -> int:
    return sum(entry["took_effect"] for entry in await control.journal(partner="epx"))


@pytest.mark.parametrize(("kind", "taken"), [("cut_before", 0), ("cut_after", 1)])
async def test_a_cut_ends_the_connection_without_any_http_answer(
    kind: str, taken: int, control: Control, epx: EpxSpeaker
) -> None:
    await control.fault("epx", kind)
    with pytest.raises(httpx.RemoteProtocolError, match="without sending a response"):
        await epx.post("CKC2")
    assert await effects(control) == taken
    assert len((await control.book("epx"))["entries"]) == taken
    assert [entry["answered"] for entry in await control.journal()] == ["connection cut"]
    assert (await epx.post("CKC2"))["AUTH_RESP"] == "00"  # it struck once


@pytest.mark.parametrize(("kind", "taken"), [("delay_before", 0), ("delay_after", 1)])
async def test_an_answer_later_than_the_clients_timeout(
    kind: str, taken: int, control: Control, epx: EpxSpeaker
) -> None:
    await control.fault("epx", kind, delay_ms=250)
    with pytest.raises(httpx.ReadTimeout):
        await epx.client.post("/", data=epx.form("CKC2"), timeout=0.1)
    assert await effects(control) == taken
    await asyncio.sleep(0.19)
    assert await effects(control) == 1  # the request that nobody waits for any more is still processed


@pytest.mark.parametrize(("kind", "taken"), [("malformed_before", 0), ("malformed", 1)])
async def test_a_malformed_answer(kind: str, taken: int, control: Control, epx: EpxSpeaker) -> None:
    await control.fault("epx", kind)
    response = await epx.client.post("/", data=epx.form("CKC2"))
    assert response.status_code == 200
    assert not response.text.endswith("</RESPONSE>")
    assert await effects(control) == taken


@pytest.mark.parametrize(
    ("kind", "status", "taken"),
    [("http_500_before", 500, 0), ("http_500_after", 500, 1), ("status:429", 429, 0), ("status_after:503", 503, 1)],
)
async def test_an_http_status_instead_of_an_answer(
    kind: str, status: int, taken: int, control: Control, epx: EpxSpeaker
) -> None:
    await control.fault("epx", kind)
    assert (await epx.client.post("/", data=epx.form("CKC2"))).status_code == status
    assert await effects(control) == taken


async def test_an_answer_about_another_amount(control: Control, epx: EpxSpeaker) -> None:
    await control.fault("epx", "wrong_amount")
    answer = await epx.post("CKC2", AMOUNT="10.99")
    assert (answer["AUTH_RESP"], answer["AUTH_AMOUNT"]) == ("00", "11.00")
    assert (await control.book("epx"))["entries"][0]["amount"] == 1099


async def test_an_answer_about_another_transaction(control: Control, epx: EpxSpeaker) -> None:
    await control.fault("epx", "wrong_reference")
    assert (await epx.post("CKC2"))["TRAN_NBR"] == "2"
    assert (await control.book("epx"))["entries"][0]["tran_nbr"] == "1"


async def test_refused_connections_last_until_the_fault_is_deleted(control: Control, epx: EpxSpeaker) -> None:
    await epx.post("CKC2")  # leaves a pooled connection, which must not slip through
    fault = await control.fault("epx", "refuse_connection")
    for _ in range(2):
        with pytest.raises(httpx.ConnectError):
            await epx.post("CKC2")
    assert len(await control.journal()) == 1
    await control.client.delete(f"/faults/{fault}")
    assert (await epx.post("CKC2"))["AUTH_RESP"] == "00"


async def test_one_partner_refusing_leaves_the_others_alone(
    control: Control, epx: EpxSpeaker, column: httpx.AsyncClient
) -> None:
    await control.fault("epx", "refuse_connection")
    assert (await column.get("/bank-accounts/bacc_fs_main")).status_code == 200


async def test_deleting_a_pause_lets_its_call_go_on(control: Control, epx: EpxSpeaker, sandbox: SandboxRunner) -> None:
    fault = await control.fault("epx", "pause_before")
    call = asyncio.create_task(epx.post("CKC2"))
    await eventually(lambda: sandbox.world.faults.listed()[0].waiting == 1)
    await control.client.delete(f"/faults/{fault}")
    assert (await call)["AUTH_RESP"] == "00"


@pytest.mark.parametrize(("kind", "taken"), [("pause_before", 0), ("pause_after", 1)])
async def test_a_paused_call_stands_still_until_it_is_released(
    kind: str, taken: int, control: Control, epx: EpxSpeaker, sandbox: SandboxRunner
) -> None:
    fault = await control.fault("epx", kind)
    call = asyncio.create_task(epx.post("CKC2"))
    await eventually(lambda: sandbox.world.faults.listed()[0].waiting == 1)
    assert await effects(control) == taken
    assert (await epx.post("CKC2"))["AUTH_RESP"] == "00"  # a repeat runs while the first attempt stands still
    await control.client.post(f"/faults/{fault}/release")
    assert (await call)["AUTH_RESP"] == "00"
    assert await effects(control) == 2


async def test_a_fault_strikes_only_what_it_matches(control: Control, epx: EpxSpeaker) -> None:
    await control.fault("epx", "status:503", operation="CKC3", match={"amount": 500}, count=None)
    await epx.post("CKC2", AMOUNT="5.00")
    await epx.post("CKC3", AMOUNT="6.00")
    assert (await epx.client.post("/", data=epx.form("CKC3", AMOUNT="5.00"))).status_code == 503


async def test_a_fault_matches_one_reference(control: Control, epx: EpxSpeaker) -> None:
    await control.fault("epx", "status:503", match={"reference": "2"})
    assert (await epx.post("CKC2"))["AUTH_RESP"] == "00"
    assert (await epx.client.post("/", data=epx.form("CKC2"))).status_code == 503


async def test_a_fault_matches_the_account_as_keyed_and_behind_its_token(control: Control, epx: EpxSpeaker) -> None:
    other = (await epx.post("CKC0", ACCOUNT_NBR="5550002222"))["AUTH_GUID"]
    guid = (await epx.post("CKC0", ACCOUNT_NBR="5550001111"))["AUTH_GUID"]
    await control.fault("epx", "status:503", match={"last_four": "1111"}, count=None)
    assert (await epx.post("CKC8", ORIG_AUTH_GUID=other))["AUTH_RESP"] == "85"
    for told in ({"ACCOUNT_NBR": "5550001111"}, {"ORIG_AUTH_GUID": guid}):
        assert (await epx.client.post("/", data=epx.form("CKC8", **told))).status_code == 503


async def test_skip_and_count_make_a_script(control: Control, epx: EpxSpeaker) -> None:
    await control.fault("epx", "status:503", skip=1, count=2)
    await control.fault("epx", "status:504", count=1, skip=1)
    statuses = [(await epx.client.post("/", data=epx.form("CKC2"))).status_code for _ in range(5)]
    assert statuses == [200, 503, 503, 504, 200]


async def test_faults_are_listed_with_their_hits_and_cleared(control: Control, epx: EpxSpeaker) -> None:
    await control.fault("epx", "status:503", count=1)
    await epx.client.post("/", data=epx.form("CKC2"))
    [fault] = (await control.get("/faults"))["data"]
    assert (fault["kind"], fault["hits"], fault["count"]) == ("status:503", 1, 1)
    await control.client.delete("/faults")
    assert (await control.get("/faults"))["data"] == []


@pytest.mark.parametrize(
    "body", [{"kind": "explode"}, {"kind": "status:99"}, {"kind": "cut_after", "count": 0}, {"kind": "cut", "x": 1}]
)
async def test_an_impossible_fault_is_refused(body: dict[str, object], control: Control) -> None:
    assert (await control.client.post("/faults", json={"partner": "epx"} | body)).status_code == 422


async def test_a_fault_of_an_unknown_partner_is_refused(control: Control) -> None:
    assert (await control.client.post("/faults", json={"partner": "nobody", "kind": "cut_after"})).status_code == 404


async def test_stopping_the_sandbox_does_not_wait_for_paused_calls(
    control: Control, epx: EpxSpeaker, sandbox: SandboxRunner
) -> None:
    await control.fault("epx", "pause_before")
    call = asyncio.create_task(epx.post("CKC2"))
    await eventually(lambda: sandbox.world.faults.listed()[0].waiting == 1)
    call.cancel()  # the fixtures now stop the sandbox; a call that held it up would run into the test's timeout
