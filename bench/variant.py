"""A Bursar in which one setting is another than by default."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from cli.embedded.postgres import EmbeddedPostgres
from cli.embedded.temporal import PRAGMAS, EmbeddedTemporal


@dataclass(frozen=True, slots=True)
class Variant:
    """What it is called, with the default in brackets, and where it differs.

    `settings` are environment variables without BURSAR_; `postgres`, `temporal` and `pragmas` go to the embedded
    servers. `steady`: what it is for shows at a steady rate of requests too.
    """

    name: str
    settings: Mapping[str, str] = field(default_factory=dict)
    postgres: Mapping[str, str] = field(default_factory=dict)
    temporal: Mapping[str, str] = field(default_factory=dict)
    pragmas: Sequence[str] = PRAGMAS
    steady: bool = False


DEFAULTS = Variant("defaults", steady=True)


@contextmanager
def servers(variant: Variant, folder: Path) -> Iterator[dict[str, str]]:
    """Start the servers that differ, in the folders where `bursar up` would have them, and say where they are.

    `bursar up` starts the others itself. From the main thread: they end with that.
    """
    told: dict[str, str] = {}
    with ExitStack() as stack:
        if variant.postgres:
            postgres = stack.enter_context(EmbeddedPostgres(folder / "postgres", settings=variant.postgres))
            told |= {"DATABASE__URL": postgres.app_url(), "DATABASE__OWNER_URL": postgres.url()}
        if variant.temporal or variant.pragmas != PRAGMAS:
            temporal = EmbeddedTemporal(folder / "temporal", dynamic_config=variant.temporal, pragmas=variant.pragmas)
            told |= {"TEMPORAL__ADDRESS": stack.enter_context(temporal).address}
        yield told
