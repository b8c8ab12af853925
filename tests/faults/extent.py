"""How much of the matrix is played: with `make matrix` every request of the gateway under every fault, else a part.

What is left out repeats, request by request, what the part shows: every request goes through the same money call.
"""

import os

WHOLE = bool(os.environ.get("WHOLE_MATRIX"))
