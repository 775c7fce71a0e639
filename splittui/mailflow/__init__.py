"""Where mail for an address goes, computed as Zimbra's Postfix and the existing mail system would route it."""
