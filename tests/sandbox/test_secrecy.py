"""Account numbers live in the partners' own books and nowhere else."""

from pathlib import Path

from sandbox.runner import SandboxRunner
from tests.sandbox.column.requests import ACH, send
from tests.sandbox.speakers import EpxSpeaker, column_client, http_client

NUMBERS = ("5553331117", "5553331118")
SECRETS = (*NUMBERS, "Lovelace", "sandbox-column-api-key", "sandbox-epx-report-key")


def stored(folder: Path) -> str:
    return b"".join(path.read_bytes() for path in folder.glob("control.sqlite*")).decode(errors="replace")


async def test_journal_and_book_show_last_four_only(tmp_path: Path) -> None:
    async with SandboxRunner(data_dir=tmp_path) as sandbox, http_client() as client:
        async with http_client(sandbox.addresses["epx"]) as to_epx:
            speaker = EpxSpeaker(to_epx)
            await speaker.post("CKC2", ACCOUNT_NBR=NUMBERS[0], BATCH_ID="20991231")
            await speaker.post("CKC2", ACCOUNT_NBR=NUMBERS[0], ROUTING_NBR="1")
            await speaker.download("/feeds/returns.csv")
        async with column_client(sandbox.addresses["column"]) as column:
            await send(column, "/transfers/ach", ACH, "k", counterparty__account_number=NUMBERS[1])
        control = sandbox.addresses["control"]
        shown = [(await client.get(f"{control}/{path}")).text for path in ("journal", "books/epx", "books/column")]
    assert "1117" in shown[0]
    assert "1118" in shown[0]
    kept = stored(tmp_path)
    for secret in SECRETS:
        assert all(secret not in text for text in [*shown, kept]), secret
