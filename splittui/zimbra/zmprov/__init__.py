"""The dialogue with Zimbra's zmprov: prompt protocol, replies, errors."""
