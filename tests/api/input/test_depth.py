"""Between what the parser still reads and what it refuses there is no depth at which something else breaks."""

import pytest

from domain.ids import new_id
from tests.api.application import Application

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.parametrize(("opening", "closing"), [(b"[", b"]"), (b'{"a":', b"}")])
async def test_every_depth_is_a_problem_of_the_caller(application: Application, opening: bytes, closing: bytes) -> None:
    statuses = set()
    for depth in range(300, 1050, 30):
        body = b'{"name": ' + opening * depth + b'"x"' + closing * depth + b"}"
        headers = {"Content-Type": "application/json", "Idempotency-Key": new_id().hex}
        answer = await application.ada.client.post("/v1/merchants", content=body, headers=headers)
        statuses.add(answer.status_code)
    assert statuses == {400, 422}
