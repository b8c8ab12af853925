"""django-hordak as a program of its own, on its own packages: reads commands as lines of JSON, answers with samples."""

import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

ACCOUNTS = 1001
HOT = 1000


def main() -> None:
    """Set up, say so, then take samples until the input ends."""
    import django  # type: ignore[import-not-found]
    from django.conf import settings  # type: ignore[import-not-found]

    url = os.environ["HORDAK_DATABASE"]
    user, _, rest = url.partition(":")
    password, _, place = rest.partition("@")
    host, _, port = place.partition("/")[0].partition(":")
    settings.configure(
        INSTALLED_APPS=["django.contrib.contenttypes", "mptt", "hordak"],
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": place.partition("/")[2],
                "USER": user,
                "PASSWORD": password,
                "HOST": host,
                "PORT": port,
            }
        },
        USE_TZ=True,
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    )
    django.setup()
    from django.core.management import call_command  # type: ignore[import-not-found]
    from hordak.models import Account  # type: ignore[import-not-found]

    call_command("migrate", verbosity=0)
    accounts = [
        Account.objects.create(name=f"account {number}", code=f"{number:04d}", type="LI", currencies=["USD"])
        for number in range(ACCOUNTS)
    ]
    _say({"ready": True})
    for line in sys.stdin:
        _say(_sample(accounts, **json.loads(line)))


def _sample(accounts: list[Any], pairs: list[list[list[int]]], seconds: float) -> dict[str, Any]:
    """`pairs`: for each caller the accounts of its transfers, in turn."""
    from django.db import transaction  # type: ignore[import-not-found]
    from moneyed import Money  # type: ignore[import-not-found]

    cent = Money("0.01", "USD")
    latencies: list[float] = []
    began = time.perf_counter()
    used = time.process_time()

    def call(mine: list[list[int]]) -> None:
        turn = 0
        while (start := time.perf_counter()) - began < seconds:
            debit, credit = mine[turn % len(mine)]
            with transaction.atomic():
                accounts[debit].transfer_to(accounts[credit], cent)
            latencies.append(time.perf_counter() - start)
            turn += 1

    list(_callers(len(pairs)).map(call, pairs))
    took = time.perf_counter() - began
    return {"latencies": sorted(latencies), "seconds": took, "client": time.process_time() - used}


@cache
def _callers(count: int) -> ThreadPoolExecutor:
    """Threads that live as long as the program, so that their connections stay open."""
    return ThreadPoolExecutor(count)


def _say(what: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
