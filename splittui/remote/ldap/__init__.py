"""Directories asked by LDAP (RFC 4511), through ldap3, from this machine or through a host that is logged in to.

``connection`` and what it needs load ldap3; import it where it is used.
"""
