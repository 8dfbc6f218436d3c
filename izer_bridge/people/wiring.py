"""Builds what the HTTP interface answers about important people, out of settings and store."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from izer_bridge.config import Config
from izer_bridge.people.api import PeopleOperations
from izer_bridge.people.register import customer_register, group_register
from izer_bridge.people.store.important import CriticalGroups, ImportantCustomers
from izer_bridge.store.database import Database


def people_operations(config: Config, store: Callable[[], Awaitable[Database]]) -> PeopleOperations:
    """`store` waits for a database that has its tables."""

    @asynccontextmanager
    async def customers() -> AsyncIterator[ImportantCustomers]:
        yield ImportantCustomers(await store())

    @asynccontextmanager
    async def groups() -> AsyncIterator[CriticalGroups]:
        yield CriticalGroups(await store())

    return PeopleOperations(
        customer_register(config, customers), group_register(config, groups), config.agent_names
    )
