"""What a story tells at its end: in words, the partner's book beside the ledger, and where to look further."""

from dataclasses import dataclass, field

from rich.console import Console
from rich.panel import Panel
from rich.table import Table

from domain.money import Money


@dataclass(slots=True)
class Story:
    """A story as it was played. `books` are (what, the partner's figure, the ledger's figure) in cents."""

    title: str
    happened: list[str] = field(default_factory=list)
    books: list[tuple[str, int, int]] = field(default_factory=list)
    runs: list[tuple[str, str]] = field(default_factory=list)

    def tell(self, line: str) -> None:
        """One more thing that happened."""
        self.happened.append(line)

    def compare(self, what: str, partner: int, ledger: int) -> None:
        """One figure of the partner's book and ours."""
        self.books.append((what, partner, ledger))

    def link(self, what: str, url: str) -> None:
        """A run in the Temporal web UI."""
        self.runs.append((what, url))

    @property
    def agrees(self) -> bool:
        """Whether every figure is the same on both sides."""
        return all(partner == ledger for _, partner, ledger in self.books)


def show(story: Story, console: Console) -> None:
    """Print it."""
    console.print(Panel.fit("\n".join(f"• {line}" for line in story.happened), title=story.title, title_align="left"))
    table = Table("book", "partner", "ledger", "", box=None, padding=(0, 2))
    for what, partner, ledger in story.books:
        agree = "[green]same[/]" if partner == ledger else "[bold red]DIFFERENT[/]"
        table.add_row(what, str(Money(partner, "USD")), str(Money(ledger, "USD")), agree)
    console.print(table)
    for what, url in story.runs:
        console.print(f"  {what}: {url}", soft_wrap=True, highlight=False)
    console.print()
