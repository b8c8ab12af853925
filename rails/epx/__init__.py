"""EPX Server Post: ACH through the gateway. Form in, XML out, HTTP 200 for declines too."""

from rails.epx.rail import EpxRail as EpxRail
