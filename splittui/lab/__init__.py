"""The embedded lab: a loopback SSH server, an emulated Zimbra behind it, and sample people on both systems."""
