"""Several instances of a release bring the database up to date when they start: one does, the others wait for it."""

import asyncio
import sys

import asyncpg

from cli.embedded.postgres import EmbeddedPostgres
from cli.migrations import downgrade, head

BEFORE_LONG_INDEXES = "0033"
"""The next one makes its indexes outside of a transaction, while other sessions go on."""
UP = "from cli.migrations import upgrade; import sys; upgrade(sys.argv[1])"


async def test_each_of_them_finds_the_database_up_to_date(migrated: EmbeddedPostgres, database_name: str) -> None:
    url = migrated.url(database_name)
    await asyncio.to_thread(downgrade, url, BEFORE_LONG_INDEXES)

    async def up() -> tuple[int | None, str]:
        piped = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(sys.executable, "-c", UP, url, stderr=piped)
        _, complaint = await process.communicate()
        return process.returncode, complaint.decode()

    for code, complaint in await asyncio.gather(*(up() for _ in range(3))):
        assert code == 0, complaint
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    assert await connection.fetchval("select version_num from alembic_version") == head()
    await connection.close()
