"""The emulated zmprov: the rules of Zimbra's ProvUtil over any directory that satisfies ``LdapLike``.

Everything here is a rule that was read off recorded sessions of the real program (LDAP mode, 10.1 line) or, where
a docstring says "derived", off its documentation. No recorded answer is stored; the only fixed texts are the program's
own: usage, help and Java stack traces.
"""
