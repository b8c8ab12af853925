"""`bursar childcare`: the subsidy programme's operations over the API, which authorizes and audits each."""

from cli.childcare.commands import app as app
from cli.childcare.onboard_commands import onboard_families as onboard_families
