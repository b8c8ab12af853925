"""What can be told to the sandbox before it starts; every default is a public test value, never a real key."""

from dataclasses import dataclass, field

from sandbox.chek.config import ChekConfig
from sandbox.column.config import ColumnConfig
from sandbox.epx.config import EpxConfig
from sandbox.paypal.config import PayPalConfig


@dataclass(frozen=True)
class SandboxConfig:
    epx: EpxConfig = field(default_factory=EpxConfig)
    chek: ChekConfig = field(default_factory=ChekConfig)
    column: ColumnConfig = field(default_factory=ColumnConfig)
    paypal: PayPalConfig = field(default_factory=PayPalConfig)
