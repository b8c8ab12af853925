"""Both places do the same: what was put comes back whole, and is gone when it was deleted."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from domain.errors import Unavailable
from settings_receipts import ReceiptSettings
from storage import ContentStore, content_store
from storage.folder import Folder
from tests.serving import serving
from tests.storage.s3_server import BUCKET, KEY_ID, REGION, SECRET, S3Server

NAMES = [f"{organization}/{number:064x}" for organization in ("0a", "0b") for number in range(3)]


def bucket(url: str, **changes: object) -> ReceiptSettings:
    given = {
        "store": "s3",
        "s3_url": url,
        "s3_bucket": BUCKET,
        "s3_region": REGION,
        "s3_access_key_id": KEY_ID,
        "s3_secret_access_key": SECRET,
    }
    return ReceiptSettings.model_validate(given | changes)


@pytest.fixture(params=["folder", "s3"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[ContentStore]:
    if request.param == "folder":
        yield content_store(ReceiptSettings(folder=tmp_path / "receipts"))
        return
    async with serving(S3Server()) as url:
        yield content_store(bucket(url))


@pytest.fixture
async def s3() -> AsyncIterator[tuple[S3Server, str]]:
    async with serving(server := S3Server()) as url:
        yield server, url


async def listed(store: ContentStore) -> list[str]:
    return sorted([address async for address in store.addresses()])


async def test_what_was_put_comes_back_is_listed_and_goes(store: ContentStore) -> None:
    assert await listed(store) == []
    for name in NAMES:
        await store.put(name, name.encode())
    await store.put(NAMES[0], bytes(range(256)) * 4_000)
    assert await store.get(NAMES[0]) == bytes(range(256)) * 4_000
    assert await store.get(NAMES[1]) == NAMES[1].encode()
    assert await listed(store) == NAMES
    for name in (NAMES[0], NAMES[0], NAMES[5]):
        await store.delete(name)
    assert await store.get(NAMES[0]) is None
    assert await listed(store) == NAMES[1:5]


async def test_an_empty_store_has_nothing(store: ContentStore) -> None:
    assert await store.get(NAMES[0]) is None
    await store.delete(NAMES[0])


async def test_a_half_written_file_is_never_read_and_is_listed_to_be_deleted(tmp_path: Path) -> None:
    store = Folder(tmp_path)
    half = tmp_path / (NAMES[0] + ".half")
    half.parent.mkdir()
    half.write_bytes(b"half of")
    assert await store.get(NAMES[0]) is None
    assert await listed(store) == [NAMES[0]]
    await store.delete(NAMES[0])
    assert await listed(store) == []


async def test_a_folder_that_cannot_be_written_is_a_part_that_is_away(tmp_path: Path) -> None:
    (tmp_path / "receipts").write_text("a file where the folder should be")
    with pytest.raises(Unavailable):
        await Folder(tmp_path / "receipts").put(NAMES[0], b"x")


@pytest.mark.parametrize(
    "changes",
    [
        {"s3_secret_access_key": SECRET + "x"},
        {"s3_access_key_id": "AKIDOTHER"},
        {"s3_region": "elsewhere"},
        {"s3_bucket": "other-bucket"},
    ],
)
async def test_a_bucket_that_refuses_us_is_a_part_that_is_away(
    s3: tuple[S3Server, str], changes: dict[str, str]
) -> None:
    server, url = s3
    store = content_store(bucket(url, **changes))
    with pytest.raises(Unavailable) as caught:
        await store.put(NAMES[0], b"x")
    assert SECRET not in str(caught.value)
    assert server.objects == {}


async def test_a_server_that_is_broken_or_gone_never_looks_like_an_absent_file(s3: tuple[S3Server, str]) -> None:
    server, url = s3
    store = content_store(bucket(url))
    await store.put(NAMES[0], b"x")
    server.broken = True
    for asked in (store.get(NAMES[0]), store.put(NAMES[0], b"y"), store.delete(NAMES[0])):
        with pytest.raises(Unavailable):
            await asked
    assert server.objects == {NAMES[0]: b"x"}
    with pytest.raises(Unavailable):
        await content_store(bucket("http://127.0.0.1:9")).get(NAMES[0])


def test_a_bucket_without_its_key_is_refused_before_anything_starts() -> None:
    with pytest.raises(ValidationError, match="store s3 needs"):
        bucket("http://127.0.0.1:9", s3_secret_access_key=SecretStr(""))
