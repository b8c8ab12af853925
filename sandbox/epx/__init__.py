"""EPX (North): the Server Post gateway for ACH, its daily report and its settlement and return feeds."""
