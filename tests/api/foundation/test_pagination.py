"""A list is read page by page, each item once, with cursors that cannot be forged or carried to another list."""

from base64 import urlsafe_b64encode

from db.unit_of_work import UnitOfWork
from domain.ids import new_id


async def make(api, count: int) -> None:
    async with api.database.unit_of_work(api.organization_id, actor="test") as uow:
        assert isinstance(uow, UnitOfWork)
        for _ in range(count):
            await uow.tell("thing.made", "thing", new_id())


async def read_all(api, limit: int) -> list[str]:
    seen: list[str] = []
    cursor = None
    while True:
        page = (
            await api.client.get("/v1/things", params={"limit": limit} | ({"cursor": cursor} if cursor else {}))
        ).json()
        assert len(page["data"]) <= limit
        seen += page["data"]
        assert page["has_more"] == (page["next_cursor"] is not None)
        if not page["has_more"]:
            return seen
        cursor = page["next_cursor"]


async def test_every_item_comes_once_newest_first(api, subtests):
    await make(api, 6)
    for limit in [1, 3, 5, 7, 200]:
        with subtests.test(repr(limit)):
            seen = await read_all(api, limit)
            assert len(seen) == len(set(seen)) == 6
            assert seen == sorted(seen, reverse=True)


async def test_what_is_added_meanwhile_moves_nothing(api):
    await make(api, 4)
    first = (await api.client.get("/v1/things?limit=2")).json()
    await make(api, 3)
    second = (await api.client.get(f"/v1/things?limit=2&cursor={first['next_cursor']}")).json()
    assert not set(first["data"]) & set(second["data"])
    assert max(second["data"]) < min(first["data"])
    assert not second["has_more"]


async def test_an_empty_list_is_a_page(api):
    assert (await api.client.get("/v1/things")).json() == {"data": [], "has_more": False, "next_cursor": None}


async def test_a_forged_cursor_is_refused(api):
    await make(api, 3)
    good = (await api.client.get("/v1/things?limit=1")).json()["next_cursor"]
    forged = [
        "x",
        good[:-2],
        ("A" if good[0] != "A" else "B") + good[1:],
        urlsafe_b64encode(new_id().bytes).decode(),
        "é",
        "",
    ]
    for cursor in forged:
        answer = await api.client.get("/v1/things", params={"cursor": cursor})
        assert (answer.status_code, answer.json()["field"]) == (422, "cursor"), cursor


async def test_another_organizations_cursor_is_refused(api, other):
    await make(api, 2)
    cursor = (await api.client.get("/v1/things?limit=1")).json()["next_cursor"]
    answer = await api.client.get(f"/v1/things?cursor={cursor}", headers={"Authorization": f"Bearer {other}"})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_cursor")


async def test_another_organization_sees_nothing(api, other):
    await make(api, 2)
    answer = await api.client.get("/v1/things", headers={"Authorization": f"Bearer {other}"})
    assert answer.json()["data"] == []
