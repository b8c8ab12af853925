"""A worker yields the processor to the API also where Linux shares it among sessions first."""

import os
import subprocess
import sys

import pytest

from worker import AUTOGROUP

SAY = (
    "import os, sys; from worker import AUTOGROUP, yield_processor; yield_processor(7);"
    " sys.stdout.write(f'{os.nice(0)} ' + (AUTOGROUP.read_text() if AUTOGROUP.exists() else ''))"
)


@pytest.mark.parametrize(("leads", "of_the_session"), [(True, 7), (False, 0)])
def test_whoever_leads_a_session_yields_for_all_of_it(leads: bool, of_the_session: int) -> None:
    shell = [] if leads else ["/bin/sh", "-c", '"$@"; exit $?', "sh"]
    told = subprocess.run(
        [*shell, sys.executable, "-c", SAY], start_new_session=True, capture_output=True, text=True, check=True
    )
    niceness, *group = told.stdout.split()
    assert niceness == str(os.nice(0) + 7)
    # not every kernel has groups
    assert group[-1:] == [str(of_the_session)] * AUTOGROUP.exists()
