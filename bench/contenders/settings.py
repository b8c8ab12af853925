"""The settings that are tried: those that decide how much is done at once, kept in memory, or waited for."""

from collections.abc import Mapping

from bench.variant import Variant
from cli.embedded.postgres import SETTINGS
from cli.embedded.temporal import DYNAMIC_CONFIG, PRAGMAS
from settings import Settings


def variants(flows: int) -> list[Variant]:
    """A lower and a higher value where both could be; `flows` are under way at once."""
    return [
        _ours("DATABASE__POOL_SIZE", 5),
        _ours("DATABASE__POOL_SIZE", 20),
        _ours("WORKER__CONCURRENT_ACTIVITIES", 20),
        _ours("WORKER__CONCURRENT_ACTIVITIES", 100),
        _ours("WORKER__NICENESS", 0, steady=True),
        _ours("WORKER__NICENESS", 10, steady=True),
        # fewer than are under way: what it costs to have runs out of memory
        _ours("WORKER__CACHED_WORKFLOWS", max(flows // 3, 1)),
        _postgres("shared_buffers", "128MB"),
        _temporal("partitions", 4, "matching.numTaskqueueReadPartitions", "matching.numTaskqueueWritePartitions"),
        *(
            _temporal("hand-over polls/s", value, "history.transferProcessorMaxPollRPS", steady=True)
            for value in (20, 100)
        ),
        _temporal("timer polls/s", 500, "history.timerProcessorMaxPollRPS", steady=True),
        Variant(f"Temporal SQLite pragmas none ({', '.join(PRAGMAS)})", pragmas=()),
    ]


def _ours(name: str, value: int, *, steady: bool = False) -> Variant:
    group, field = name.lower().split("__")
    usual = getattr(Settings.model_fields[group].default, field)
    return Variant(f"BURSAR_{name} {_text(value)} ({_text(usual)})", settings={name: _text(value)}, steady=steady)


def _postgres(name: str, value: str) -> Variant:
    return Variant(f"PostgreSQL {name} {value} ({SETTINGS[name]})", postgres={name: value})


def _temporal(what: str, value: int, *names: str, steady: bool = False) -> Variant:
    changed: Mapping[str, str] = dict.fromkeys(names, str(value))
    return Variant(f"Temporal {what} {value} ({DYNAMIC_CONFIG[names[0]]})", temporal=changed, steady=steady)


def _text(value: object) -> str:
    return str(value).lower()
