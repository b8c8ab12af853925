"""Becomes another program, on a leash: the kernel signals that program when the process that started it dies.

Run as a script, because the steps must happen inside the new process and before the program begins; an `exec` keeps
the process id, so whoever started this script holds the program itself. Needs Linux (prctl(2), PR_SET_PDEATHSIG) and
only the standard library: it runs with `-I -S`, as root when the program must then become somebody else.

    leash.py PARENT_PID SIGNAL USER_ID GROUP_ID DIRECTORY PROGRAM [ARGUMENT ...]

USER_ID -1 keeps the user. Exit code 127 and one line on stderr mean that the program did not begin.
"""

import ctypes
import os
import sys
from pathlib import Path

PR_SET_PDEATHSIG = 1
PRIVATE_UMASK = 0o077


def main(arguments: list[str]) -> None:
    """Enter the directory, drop privileges, put on the leash, and become the program. Returns only by failing."""
    parent, death_signal, user, group = (int(argument) for argument in arguments[:4])
    directory, program = arguments[4], arguments[5:]
    # The directory is entered while still root: the program's own user may not be able to walk the path to it.
    os.chdir(directory)
    os.umask(PRIVATE_UMASK)
    if user != -1:
        os.setgroups([])
        os.setgid(group)
        os.setuid(user)
    # After setuid, which takes a leash off again.
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, death_signal, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl refused PR_SET_PDEATHSIG")
    if os.getppid() != parent:
        # The parent died before the leash was on: nobody would ever signal us.
        sys.exit(127)
    os.execv(program[0], program)  # noqa: S606  # no shell is wanted


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except OSError as error:
        name = Path(sys.argv[6]).name if len(sys.argv) > 6 else "the program"
        sys.stderr.write(f"cannot start {name}: {error.strerror or error}\n")
        sys.exit(127)
