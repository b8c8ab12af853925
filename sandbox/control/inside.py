"""How a route of the control server reaches the sandbox that it controls.

The routes exist once per process and the sandboxes many times (one per test), so a sandbox travels with the request.
"""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from sandbox.chek.partner import Chek
from sandbox.column.partner import Column
from sandbox.epx.partner import Epx
from sandbox.mailbox.box import Mailbox
from sandbox.paypal.partner import PayPal
from sandbox.switchboard import Switchboard
from sandbox.world import World

SCOPE = "sandbox.inside"


@dataclass(frozen=True)
class Inside:
    world: World
    switchboard: Switchboard


async def _inside(request: Request) -> Inside:
    found: Inside = request.scope[SCOPE]
    return found


InsideHere = Annotated[Inside, Depends(_inside)]


async def _world(inside: InsideHere) -> World:
    return inside.world


WorldHere = Annotated[World, Depends(_world)]


async def _epx(world: WorldHere) -> Epx:
    return world.epx


async def _chek(world: WorldHere) -> Chek:
    return world.chek


async def _column(world: WorldHere) -> Column:
    return world.column


async def _paypal(world: WorldHere) -> PayPal:
    return world.paypal


async def _mailbox(world: WorldHere) -> Mailbox:
    return world.mailbox


EpxHere = Annotated[Epx, Depends(_epx)]
ChekHere = Annotated[Chek, Depends(_chek)]
ColumnHere = Annotated[Column, Depends(_column)]
PayPalHere = Annotated[PayPal, Depends(_paypal)]
MailboxHere = Annotated[Mailbox, Depends(_mailbox)]
