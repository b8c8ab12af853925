"""What a person sees while a long question is measured."""

from rich.console import Console

_CONSOLE = Console(stderr=True)


def say(text: str) -> None:
    """One line, beside the answers, so that those may go to a file."""
    _CONSOLE.print(text, style="dim", highlight=False)
