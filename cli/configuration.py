"""The settings as commands use them: read once, refused in one line, with the embedded server's passwords filled in."""

from pathlib import Path

from pydantic import SecretStr, ValidationError

from cli.embedded.failure import StartFailedError
from cli.embedded.ports import LOOPBACK
from cli.embedded.postgres_cluster import APPLICATION, DATABASE, OWNER, read_passwords
from settings import Settings


def read_settings() -> Settings:
    """The settings of the environment.

    Raises:
        StartFailedError: names the first setting that is wrong, never its value.
    """
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        name = "__".join(str(step).upper() for step in first["loc"])
        message = first["msg"].removeprefix("Value error, ")
        raise StartFailedError(f"BURSAR_{name}: {message}" if name else f"settings: {message}") from None


def embeds_postgres(settings: Settings) -> bool:
    """Whether the database is a server of our own."""
    return settings.mode == "embedded" and not settings.database.url.get_secret_value()


def embeds_temporal(settings: Settings) -> bool:
    """Whether the Temporal server is our own."""
    return settings.mode == "embedded" and settings.temporal.address == f"{LOOPBACK}:{settings.temporal.port}"


def postgres_folder(settings: Settings) -> Path:
    """Where the embedded PostgreSQL lives."""
    return settings.data_dir.absolute() / "postgres"


def with_database(settings: Settings) -> Settings:
    """The settings with both database URLs; those of the embedded server need its cluster to exist.

    Raises:
        StartFailedError: no server was ever started here, or its passwords are lost.
    """
    if not embeds_postgres(settings):
        return settings
    folder = postgres_folder(settings)
    if not (folder / "data").exists():
        raise StartFailedError(f"there is no database in {settings.data_dir} yet; start Bursar first: bursar up")
    passwords = read_passwords(folder)
    place = f"{LOOPBACK}:{settings.database.port}/{DATABASE}"
    urls = {
        "url": SecretStr(f"postgresql+asyncpg://{APPLICATION}:{passwords[APPLICATION]}@{place}"),
        "owner_url": SecretStr(f"postgresql+asyncpg://{OWNER}:{passwords[OWNER]}@{place}"),
    }
    return settings.model_copy(update={"database": settings.database.model_copy(update=urls)})
