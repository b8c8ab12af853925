"""The gateway's own book, as its report files and return feed show it."""

from domain.money import Money
from rails.epx.feed import Feed
from rails.epx.report import ReportFile, book_lines


class GatewayBooks:
    """Sums of what the gateway took in and what came back: debits add, credits and voids of debits take away."""

    def __init__(self, report: ReportFile, feed: Feed) -> None:
        self._report = report
        self._feed = feed

    async def taken(self, merch_nbr: str, batch_id: str) -> Money:
        """Debits less credits and voids of one batch, as taken in; raises EvidenceUnavailable."""
        report = await self._report.fetch(merch_nbr, batch_id)
        return Money(sum(line.amount for line in book_lines(report)), "USD")

    async def returned(self) -> Money:
        """Debits less credits that came back, ever; raises EvidenceUnavailable."""
        return Money(await self._feed.returned(), "USD")
