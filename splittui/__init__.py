"""splittui: moves people between Zimbra and an existing mail system that share one domain."""

__version__ = "0.1.0"
