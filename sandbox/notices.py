"""How a partner tells its customer things: where to, how late, how often again; the same for every partner."""

from dataclasses import dataclass


@dataclass
class NoticeConfig:
    """Mutable on purpose: the control server changes where and how events are told."""

    webhook_url: str | None = None
    hold_webhooks: bool = False
    webhook_delay_ms: int = 20  # a webhook usually comes after the answer; the fault webhook_first turns that round
    webhook_retry_ms: int = 100  # the first pause; each further one is twice as long, up to two seconds
    webhook_attempts: int = 25
