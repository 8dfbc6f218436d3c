"""The commands `izer-bridge vip` and `izer-bridge group`; their work is in `run`."""

import asyncio
from typing import Annotated

import typer

from izer_bridge.console.options import (
    AsJson,
    ConfigFile,
    json_text,
    say,
    settings_from,
    told_errors,
)

vip = typer.Typer(
    no_args_is_help=True, help="Important customers, also while the bridge runs: add, list, remove."
)
group = typer.Typer(
    no_args_is_help=True,
    help="Critical groups, also while the bridge runs: add, list, remove, confirm, unconfirm.",
)

Customer = Annotated[str, typer.Argument(metavar="NUMBER|LID", help="A number in any spelling.")]
Group = Annotated[str, typer.Argument(metavar="NAME|JID", help="The whole name, or the JID.")]
Name = Annotated[str | None, typer.Option(help="What the list shows.")]
GroupJid = Annotated[str, typer.Argument(metavar="JID", help="Such as 1203…@g.us.")]
GroupName = Annotated[
    str | None, typer.Option(help="With a JID: its name, for the list; it matches as well.")
]
CustomerType = Annotated[
    str | None, typer.Option("--type", help="vip, partner, management, technical or sales.")
]
PriorityLevel = Annotated[
    str | None,
    typer.Option("--priority", help="Raise to low, normal, high or critical, at least."),
]
Minutes = Annotated[
    int | None,
    typer.Option("--answer-within", metavar="MINUTES", help="Recommend no later answer."),
]
Agent = Annotated[str | None, typer.Option(help="Goes before the routing rules.")]
Escalate = Annotated[
    bool | None, typer.Option("--escalate/--no-escalate", help="Raise, or leave as analysed.")
]


@vip.command("add")
def vip_add(
    customer: Customer,
    name: Name = None,
    customer_type: CustomerType = None,
    priority: PriorityLevel = None,
    answer_within: Minutes = None,
    agent: Agent = None,
    escalate: Escalate = None,
    config_file: ConfigFile = None,
) -> None:
    """Treat a customer as important from the next message on.

    Options not given leave an important customer's values as they are.
    """
    from izer_bridge.people import run as command

    with told_errors():
        settings = settings_from(config_file)
        wish = command.wish(
            settings.agent_names,
            name=name,
            customer_type=customer_type,
            priority=priority,
            answer_within_minutes=answer_within,
            agent=agent,
            is_raised=escalate,
        )
        who = command.customers(settings).put(customer, wish)
        say(f"{asyncio.run(who)} is important from the next message on.")


@vip.command("list")
def vip_list(json_output: AsJson = False, config_file: ConfigFile = None) -> None:
    """Show the important customers of the store and of the settings."""
    from izer_bridge.console.console import printer
    from izer_bridge.people import run as command

    with told_errors():
        settings = settings_from(config_file)
        register = command.customers(settings)
        asyncio.run(register.show(printer(settings.shop.zone), as_json=json_output))


@vip.command("remove")
def vip_remove(customer: Customer, config_file: ConfigFile = None) -> None:
    """Treat a customer like any other from the next message on, whatever the settings say."""
    from izer_bridge.people import run as command

    with told_errors():
        who = command.customers(settings_from(config_file)).remove(customer)
        say(f"{asyncio.run(who)} is no longer important.")


@group.command("add")
def group_add(
    group: Group,
    name: GroupName = None,
    priority: PriorityLevel = None,
    answer_within: Minutes = None,
    agent: Agent = None,
    escalate: Escalate = None,
    config_file: ConfigFile = None,
) -> None:
    """Treat a group as critical from the next message on.

    A name counts only for the shop's own groups: those that it is an admin of, and confirmed ones.
    Options not given leave a critical group's values as they are.
    """
    from izer_bridge.people import run as command

    with told_errors():
        settings = settings_from(config_file)
        wish = command.wish(
            settings.agent_names,
            name=name,
            priority=priority,
            answer_within_minutes=answer_within,
            agent=agent,
            is_raised=escalate,
        )
        which = command.groups(settings).put(group, wish)
        say(f"{asyncio.run(which)} is critical from the next message on.")


@group.command("list")
def group_list(
    on_whatsapp: Annotated[
        bool,
        typer.Option(
            "--on-whatsapp", help="Instead the groups that carry such a name, and which count."
        ),
    ] = False,
    json_output: AsJson = False,
    config_file: ConfigFile = None,
) -> None:
    """Show the critical groups of the store and of the settings."""
    from izer_bridge.console.console import printer
    from izer_bridge.people import confirm_groups
    from izer_bridge.people import run as command

    with told_errors():
        settings = settings_from(config_file)
        if on_whatsapp:
            asyncio.run(
                confirm_groups.show(settings, printer(settings.shop.zone), as_json=json_output)
            )
        else:
            asyncio.run(
                command.groups(settings).show(printer(settings.shop.zone), as_json=json_output)
            )


@group.command("remove")
def group_remove(group: Group, config_file: ConfigFile = None) -> None:
    """Treat a group like any other from the next message on, whatever the settings say."""
    from izer_bridge.people import run as command

    with told_errors():
        which = command.groups(settings_from(config_file)).remove(group)
        say(f"{asyncio.run(which)} is no longer critical.")


@group.command("confirm")
def group_confirm(
    group: GroupJid, json_output: AsJson = False, config_file: ConfigFile = None
) -> None:
    """Let a group count by its name, though the shop is not its admin.

    Anybody can give a group any name: be sure that this one is the shop's.
    """
    from izer_bridge.people import confirm_groups

    with told_errors():
        which = asyncio.run(confirm_groups.confirm(settings_from(config_file), group))
        said = f"{which} counts by its name from the next message on."
        say(json_text({"jid": which, "confirmed": True}) if json_output else said)


@group.command("unconfirm")
def group_unconfirm(
    group: GroupJid, json_output: AsJson = False, config_file: ConfigFile = None
) -> None:
    """Let a group count by its name only if the shop is its admin."""
    from izer_bridge.people import confirm_groups

    with told_errors():
        which = asyncio.run(confirm_groups.unconfirm(settings_from(config_file), group))
        said = f"{which} is no longer confirmed."
        say(json_text({"jid": which, "confirmed": False}) if json_output else said)
