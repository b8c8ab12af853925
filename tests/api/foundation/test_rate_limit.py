"""A key that asks too much is told to wait, and no other key notices."""

import asyncio

from sqlalchemy import text


async def test_a_bucket_gives_its_burst_then_refuses_and_says_for_how_long(api, limited):
    answers = [await limited.get("/v1/things/x") for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    assert answers[-1].json()["code"] == "rate_limited"
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 20
    assert (await api.client.get("/v1/things/x")).status_code == 200


async def test_tokens_come_back_with_time(api, limited):
    await asyncio.gather(*(limited.get("/v1/things/x") for _ in range(4)))
    async with api.database.across_organizations(actor="test") as uow:
        await uow.connection.execute(text("update rate_limit_bucket set refilled_at = refilled_at - interval '21 s'"))
    assert [(await limited.get("/v1/things/x")).status_code for _ in range(2)] == [200, 429]


async def test_many_at_once_get_the_burst_and_no_more(limited):
    answers = await asyncio.gather(*(limited.get("/v1/things/x") for _ in range(12)))
    assert sorted(answer.status_code for answer in answers) == [200] * 3 + [429] * 9
