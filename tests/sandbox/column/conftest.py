import pytest

from tests.sandbox.speakers import Control


@pytest.fixture
async def funded(control: Control) -> None:
    """1,000.00 on fs_main."""
    await control.post("/column/deposits", bank_account_id="bacc_fs_main", amount=100_000)
