"""The table of commands: names, usage, how many arguments, and which mode they need. Texts are the program's own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from splittui.lab.prov import accounts, config, domains, groups, lists, reading, searching, soap
from splittui.lab.prov.store import Store

Handler = Callable[[Store, list[str]], None]
_ANY = 1_000_000
_ATTRS = "[attr1 value1 [attr2 value2...]]"
_NAMES = "[attr1 [attr2...]]"


@dataclass(frozen=True)
class Command:
    """``least`` and ``most``: how many arguments; ``via``: ``ldap`` or ``soap`` if only that mode has it;
    ``source_line``: where ProvUtil.execute calls it, as stack traces show."""

    name: str
    alias: str
    help: str
    category: str
    least: int
    most: int
    run: Handler
    via: str = ""
    writes: bool = False
    source_line: int = 1300

    @property
    def usage(self) -> str:
        """The usage line, without its newline."""
        return f"usage:  {self.name}({self.alias}) {self.help}"


def _help(store: Store, args: list[str]) -> None:
    show_help(store, args[0] if args else "")


def _end(store: Store, args: list[str]) -> None:
    """The session ends before this could run."""


COMMANDS = (
    Command(
        "addAccountAlias", "aaa", "{name@domain|id} {alias@domain}", "account", 2, 2, accounts.add_alias, writes=True
    ),
    Command(
        "createAccount",
        "ca",
        "{name@domain} {password} " + _ATTRS,
        "account",
        2,
        _ANY,
        accounts.create_account,
        writes=True,
    ),
    Command("deleteAccount", "da", "{name@domain|id}", "account", 1, 1, accounts.delete_account),
    Command("getAccount", "ga", "[-e] {name@domain|id} " + _NAMES, "account", 1, _ANY, reading.get_account),
    Command("getAccountMembership", "gam", "{name@domain|id}", "account", 1, 1, reading.get_membership),
    Command(
        "getAllAccounts",
        "gaa",
        "[-v] [-e] [-s server] [{domain}]",
        "account",
        0,
        _ANY,
        reading.get_all_accounts,
        via="ldap",
    ),
    Command("getAllAdminAccounts", "gaaa", "[-v] [-e] " + _NAMES, "account", 0, _ANY, reading.get_all_admins),
    Command(
        "modifyAccount",
        "ma",
        "{name@domain|id} " + _ATTRS,
        "account",
        3,
        _ANY,
        accounts.modify_account,
        writes=True,
        source_line=1303,
    ),
    Command(
        "removeAccountAlias",
        "raa",
        "{name@domain|id} {alias@domain}",
        "account",
        2,
        2,
        accounts.remove_alias,
        writes=True,
    ),
    Command("renameAccount", "ra", "{name@domain|id} {newName@domain}", "account", 2, 2, accounts.rename_account),
    Command("setPassword", "sp", "{name@domain|id} {password}", "account", 2, 2, accounts.set_password, writes=True),
    Command("getAllConfig", "gacf", _NAMES, "config", 0, _ANY, config.get_all_config),
    Command("getConfig", "gcf", "{name}", "config", 1, 1, config.get_config),
    Command(
        "modifyConfig", "mcf", "attr1 value1 [attr2 value2...]", "config", 2, _ANY, config.modify_config, writes=True
    ),
    Command("getAllCalendarResources", "gacr", "[-v] [-e] [{domain}]", "calendar", 0, 3, reading.get_all_resources),
    Command("getAllCos", "gac", "[-v]", "cos", 0, 1, config.get_all_cos),
    Command("getCos", "gc", "{name|id} " + _NAMES, "cos", 1, _ANY, config.get_cos),
    Command("modifyCos", "mc", "{name|id} " + _ATTRS, "cos", 3, _ANY, config.modify_cos, writes=True),
    Command("countAccount", "cta", "{domain|id}", "domain", 1, 1, reading.count_accounts),
    Command(
        "createAliasDomain",
        "cad",
        "{alias-domain-name} {local-domain-name|id} " + _ATTRS,
        "domain",
        2,
        _ANY,
        domains.create_alias_domain,
        writes=True,
    ),
    Command("createDomain", "cd", "{domain} " + _ATTRS, "domain", 1, _ANY, domains.create_domain, writes=True),
    Command("deleteDomain", "dd", "{domain|id}", "domain", 1, 1, domains.delete_domain, writes=True),
    Command("getAllDomains", "gad", "[-v] [-e] " + _NAMES, "domain", 0, _ANY, domains.get_all_domains),
    Command("getDomain", "gd", "[-e] {domain|id} " + _NAMES, "domain", 1, _ANY, domains.get_domain),
    Command("modifyDomain", "md", "{domain|id} " + _ATTRS, "domain", 3, _ANY, domains.modify_domain, writes=True),
    Command(
        "addDistributionListAlias",
        "adla",
        "{list@domain|id} {alias@domain}",
        "list",
        2,
        2,
        lists.add_list_alias,
        writes=True,
    ),
    Command(
        "addDistributionListMember",
        "adlm",
        "{list@domain|id} {member@domain}+",
        "list",
        2,
        _ANY,
        lists.add_members,
        writes=True,
    ),
    Command(
        "createDynamicDistributionList",
        "cddl",
        "{list@domain} " + _ATTRS,
        "list",
        1,
        _ANY,
        groups.create_group,
        writes=True,
    ),
    Command(
        "createDistributionList", "cdl", "{list@domain} " + _ATTRS, "list", 1, _ANY, lists.create_list, writes=True
    ),
    Command("deleteDistributionList", "ddl", "{list@domain|id}", "list", 1, 1, lists.delete_list, writes=True),
    Command("getAllDistributionLists", "gadl", "[-v] [{domain}]", "list", 0, 2, lists.get_all_lists),
    Command("getDistributionList", "gdl", "{list@domain|id} " + _NAMES, "list", 1, _ANY, lists.get_list),
    Command(
        "modifyDistributionList", "mdl", "{list@domain|id} " + _ATTRS, "list", 3, _ANY, lists.modify_list, writes=True
    ),
    Command(
        "removeDistributionListAlias",
        "rdla",
        "{list@domain|id} {alias@domain}",
        "list",
        2,
        2,
        lists.remove_list_alias,
        writes=True,
    ),
    Command(
        "removeDistributionListMember",
        "rdlm",
        "{list@domain|id} {member@domain}",
        "list",
        2,
        _ANY,
        lists.remove_members,
        writes=True,
    ),
    Command("exit", "quit", "", "misc", 0, 0, _end),
    Command(
        "flushCache",
        "fc",
        "[-a] {acl|locale|skin|uistrings|license|all|account|config|globalgrant|cos|domain|galgroup|group|mime|server|"
        "alwaysOnCluster|zimlet|<extension-cache-type>} [name1|id1 [name2|id2...]]",
        "misc",
        1,
        _ANY,
        soap.flush_cache,
        via="soap",
    ),
    Command("help", "?", "commands", "misc", 0, 1, _help),
    Command("getMailboxInfo", "gmi", "{account}", "mailbox", 1, 1, soap.get_mailbox_info, via="soap"),
    Command("getQuotaUsage", "gqu", "{server}", "mailbox", 1, 1, soap.get_quota_usage, via="soap"),
    Command(
        "searchAccounts",
        "sa",
        "[-v] {ldap-query} [limit {limit}] [offset {offset}] [sortBy {attr}] [sortAscending 0|1*] [domain {domain}]",
        "search",
        1,
        _ANY,
        searching.search_accounts,
        source_line=1430,
    ),
    Command("createServer", "cs", "{name} " + _ATTRS, "server", 1, _ANY, config.create_server, writes=True),
    Command("getAllServers", "gas", "[-v] [-e] [service]", "server", 0, 3, config.get_all_servers),
    Command("getServer", "gs", "[-e] {name|id} " + _NAMES, "server", 1, _ANY, config.get_server),
    Command("modifyServer", "ms", "{name|id} " + _ATTRS, "server", 3, _ANY, config.modify_server, writes=True),
)
_BY_NAME = {name.lower(): command for command in COMMANDS for name in (command.name, command.alias)}

_CATEGORIES = {
    "account": "help on account-related commands",
    "calendar": "help on calendar resource-related commands",
    "commands": "help on all commands",
    "config": "help on config-related commands",
    "cos": "help on COS-related commands",
    "domain": "help on domain-related commands",
    "freebusy": "help on free/busy-related commands",
    "list": "help on distribution list-related commands",
    "log": "help on logging commands",
    "misc": "help on misc commands",
    "mailbox": "help on mailbox-related commands",
    "reverseproxy": "help on reverse proxy related commands",
    "right": "help on right-related commands",
    "search": "help on search-related commands",
    "server": "help on server-related commands",
    "alwaysoncluster": "help on alwaysOnCluster-related commands",
    "ucservice": "help on ucservice-related commands",
    "share": "help on share related commands",
    "hab": "help on HAB commands",
    "mobile": "help on mobile devices management commands",
}


def lookup(name: str) -> Command | None:
    """The command of that name or alias, in any case."""
    return _BY_NAME.get(name.lower())


def only_in(command: Command) -> str:
    """The text for a command that the other mode has. Source: zmprov.md section 11."""
    if command.via == "ldap":
        return f'{command.name} can only be used with  "zmprov -l/--ldap"'
    return f"{command.name} can only be used with SOAP"


def show_help(store: Store, topic: str) -> None:
    """The list of help topics, or the commands of one."""
    line = store.console.line
    category = next((name for name in _CATEGORIES if topic and name.startswith(topic.lower())), "")
    if not category:
        line(" zmprov is used for provisioning. Try:")
        line()
        for name, text in _CATEGORIES.items():
            line(f"     zmprov help {name:<15} {text}")
    else:
        line()
        for command in COMMANDS:
            if category in ("commands", command.category):
                line(f"  {command.name}({command.alias}) {command.help}")
                if command.via:
                    line(f"    -- NOTE: {only_in(command)}")
    line()
