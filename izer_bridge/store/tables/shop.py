"""Who is important to the shop, its corrections, and its figures over time."""

from sqlalchemy import Boolean, Column, Date, Index, Integer, Numeric, String, true

from izer_bridge.store.columns import Json, LongText, code
from izer_bridge.store.tables.base import created_column, message_column, row_id, table, who_column
from izer_bridge.store.text import NAME_LENGTH

critical_groups = table(
    "critical_groups",
    row_id(),
    Column("group_name", String(NAME_LENGTH), nullable=False),
    Column("group_identifier", String(NAME_LENGTH), unique=True),
    Column("priority_level", code(), nullable=False, server_default="critical"),
    Column("auto_escalate", Boolean, nullable=False, server_default=true()),
    Column("preferred_agent_type", String(64)),
    Column("max_response_time_minutes", Integer),
    Column("notification_settings", Json),
    Column("is_active", Boolean, nullable=False, server_default=true()),
    created_column(),
    created_column("updated_at"),
    who_column("changed_by"),
)

# Groups that the shop has confirmed to be what their name says.
confirmed_groups = table(
    "confirmed_groups",
    row_id(),
    Column("group_identifier", String(NAME_LENGTH), nullable=False, unique=True),
    created_column(),
)

important_customers = table(
    "important_customers",
    row_id(),
    Column("customer_name", String(NAME_LENGTH), nullable=False),
    Column("phone_number", String(64), nullable=False, unique=True),
    Column("priority_level", code(), nullable=False, server_default="critical"),
    Column("customer_type", code(), nullable=False, server_default="vip"),
    Column("auto_escalate", Boolean, nullable=False, server_default=true()),
    Column("preferred_agent_type", String(64)),
    Column("special_instructions", LongText),
    Column("max_response_time_minutes", Integer),
    Column("contact_info", Json),
    Column("is_active", Boolean, nullable=False, server_default=true()),
    created_column(),
    created_column("updated_at"),
    who_column("changed_by"),
)

# The owner's correct answers for a message, in the form of a labelled set.
labels = table(
    "labels",
    row_id(),
    message_column(unique=True),
    Column("expected", Json, nullable=False),
    created_column(),
    created_column("updated_at"),
    who_column("labelled_by"),
)

system_stats = table(
    "system_stats",
    row_id(),
    Column("stat_type", String(100), nullable=False),
    Column("stat_value", String(NAME_LENGTH)),
    Column("numeric_value", Numeric(20, 6)),
    Column("time_period", code(), nullable=False),
    Column("reference_date", Date, nullable=False),
    # The hour of that day, in UTC; NULL in the replaced system's sums.
    Column("hour", Integer),
    Column("additional_data", Json),
    created_column(),
    Index(None, "stat_type", "time_period", "reference_date"),
    Index(None, "reference_date", "hour", "stat_type", "stat_value", unique=True),
)
