"""Payouts by every method, under random faults and with workers killed: each payee is paid at most once.

At the end our books are Column's and PayPal's, and every transfer in their lists is one attempt of ours. With `make
matrix` there are 200 of them, else 30.
"""

import pytest

from cli.embedded.postgres import EmbeddedPostgres
from cli.embedded.temporal import EmbeddedTemporal
from tests.faults.chance import Scene
from tests.faults.drivers.column import ColumnCheck, ColumnPayout
from tests.faults.drivers.paypal import PayPalPayout
from tests.faults.drivers.wire import Wire
from tests.faults.extent import WHOLE
from tests.faults.turmoil import in_turmoil

METHODS = (ColumnPayout, ColumnCheck, PayPalPayout, Wire)
SCENE = (
    Scene("report_file", METHODS, runs=200, kills=20, seconds=60.0)
    if WHOLE
    else Scene("report_file", METHODS, runs=30, kills=2, stands_still=False)
)


@pytest.mark.timeout(1200 if WHOLE else 300)
async def test_every_payee_is_paid_at_most_once_and_the_partners_books_are_ours(
    migrated: EmbeddedPostgres, temporal: EmbeddedTemporal, seed: str
) -> None:
    wrong = await in_turmoil(migrated, temporal, SCENE, f"{seed}/payouts")
    assert not wrong, "\n".join([f"TEST_SEED={seed}", *wrong])
