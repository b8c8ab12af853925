"""Turn a written mail into a message: plain text and HTML from templates; values are escaped in HTML."""

from email.message import EmailMessage
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from db.queries.mail import Letter

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "mail_templates"),
    autoescape=select_autoescape(enabled_extensions=("html.jinja",), default=False),
    undefined=StrictUndefined,
)


def message(letter: Letter, sender: str) -> EmailMessage:
    """The message. Its id is the mail's own, so that a second copy shows as the same message."""
    built = EmailMessage()
    built["From"] = sender
    built["To"] = letter.recipient
    # one line, whatever stands in the values: a header ends at a line break
    built["Subject"] = " ".join(_render(letter, "subject").split())
    built["Message-ID"] = f"<{letter.id}@{sender.rpartition('@')[2].rstrip('>')}>"
    built["Auto-Submitted"] = "auto-generated"
    built.set_content(_render(letter, "txt"))
    built.add_alternative(_render(letter, "html"), subtype="html")
    return built


def _render(letter: Letter, part: str) -> str:
    return _TEMPLATES.get_template(f"{letter.template}.{part}.jinja").render(letter.values)
