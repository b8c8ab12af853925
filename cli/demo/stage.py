"""What every story is given."""

from dataclasses import dataclass

from cli.demo.client import DemoClient


@dataclass(frozen=True, slots=True)
class Stage:
    """Two operators, because nobody approves their own; `tag` makes the names of this play its own."""

    operator: DemoClient
    other_operator: DemoClient
    tag: str
