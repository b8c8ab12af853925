"""The mailbox: an SMTP server that keeps everything it is given and delivers nothing."""
