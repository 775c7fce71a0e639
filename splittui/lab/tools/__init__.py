"""The emulated commands of a Zimbra host, beside zmprov: each a module with ``run(home, arguments) -> exit status``."""
