"""Our errors as Temporal sees them: the code as the type, a message without secrets, no cause."""

from temporalio.exceptions import ApplicationError

from domain.errors import BursarError


def as_application_error(error: BursarError) -> ApplicationError:
    """Retryable when a repeat can help later, else not; raise it `from None` so that no cause is serialised."""
    return ApplicationError(error.message, type=error.code, non_retryable=error.retry != "later")
