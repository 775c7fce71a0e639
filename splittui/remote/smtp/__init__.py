"""SMTP dialogues (RFC 5321) from any point of view: asking whether an address is taken, and handing in one message."""
