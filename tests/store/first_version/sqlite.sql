CREATE TABLE events (
  id VARCHAR(40) NOT NULL,
  type VARCHAR(32) NOT NULL,
  payload TEXT NOT NULL,
  created_at DATETIME NOT NULL,
  CONSTRAINT pk_events PRIMARY KEY (id)
);

CREATE INDEX ix_events_created_at ON events (created_at);

CREATE TABLE shut_event_targets (
  id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  target VARCHAR(64) NOT NULL,
  reason TEXT NOT NULL,
  shut_at DATETIME DEFAULT CURRENT_TIMESTAMP NOT NULL,
  CONSTRAINT uq_shut_event_targets_target UNIQUE (target)
);

CREATE TABLE contacts (
  id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  number VARCHAR(32),
  lid VARCHAR(64),
  name VARCHAR(255) DEFAULT '' NOT NULL,
  is_verified BOOLEAN DEFAULT 0 NOT NULL,
  created_at DATETIME DEFAULT CURRENT_TIMESTAMP NOT NULL,
  CONSTRAINT uq_contacts_number UNIQUE (number),
  CONSTRAINT uq_contacts_lid UNIQUE (lid)
);

CREATE TABLE agent_steps (
  id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  type VARCHAR(64) NOT NULL,
  text VARCHAR(255) NOT NULL,
  CONSTRAINT uq_agent_steps_type_text UNIQUE (type, text)
);

CREATE TABLE gaps (
  id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  account VARCHAR(64) NOT NULL,
  message_id VARCHAR(255) NOT NULL,
  chat_jid VARCHAR(128) DEFAULT '' NOT NULL,
  sender_jid VARCHAR(128) DEFAULT '' NOT NULL,
  reason VARCHAR(32) NOT NULL,
  detail TEXT,
  noticed_at DATETIME NOT NULL,
  closed_at DATETIME,
  closed_by VARCHAR(32),
  CONSTRAINT uq_gaps_message_id_account_sender_jid_chat_jid UNIQUE (message_id, account, sender_jid, chat_jid)
);

CREATE INDEX ix_gaps_closed_at ON gaps (closed_at);

CREATE TABLE message_chain (
  id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  account VARCHAR(64) NOT NULL,
  position BIGINT NOT NULL,
  message_id VARCHAR(255) NOT NULL,
  chat_jid VARCHAR(128) NOT NULL,
  content_hash VARCHAR(64) NOT NULL,
  link_hash VARCHAR(64) NOT NULL,
  removed_at DATETIME,
  CONSTRAINT uq_message_chain_account_position UNIQUE (account, position)
);

CREATE INDEX ix_message_chain_message_id ON message_chain (message_id);

CREATE TABLE removals (
  id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  started_at DATETIME NOT NULL,
  ended_at DATETIME,
  reason VARCHAR(32) NOT NULL,
  analyses_before DATETIME,
  removed JSON,
  CONSTRAINT uq_removals_started_at UNIQUE (started_at)
);

CREATE TABLE send_breakers (
  id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  account VARCHAR(64) NOT NULL,
  open_until DATETIME NOT NULL,
  reason TEXT,
  opened_at DATETIME NOT NULL,
  closed_at DATETIME,
  closed_by VARCHAR(255),
  CONSTRAINT uq_send_breakers_account UNIQUE (account)
);

CREATE TABLE early_receipts (
  id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  account VARCHAR(64) NOT NULL,
  whatsapp_id VARCHAR(255) NOT NULL,
  kind VARCHAR(32) NOT NULL,
  came_at DATETIME NOT NULL,
  created_at DATETIME DEFAULT CURRENT_TIMESTAMP NOT NULL,
  CONSTRAINT uq_early_receipts_whatsapp_id_kind_account UNIQUE (whatsapp_id, kind, account)
);

CREATE TABLE critical_groups (
  id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  group_name VARCHAR(255) NOT NULL,
  group_identifier VARCHAR(255),
  priority_level VARCHAR(32) DEFAULT 'critical' NOT NULL,
  auto_escalate BOOLEAN DEFAULT 1 NOT NULL,
  preferred_agent_type VARCHAR(64),
  max_response_time_minutes INTEGER,
  notification_settings JSON,
  is_active BOOLEAN DEFAULT 1 NOT NULL,
  created_at DATETIME DEFAULT CURRENT_TIMESTAMP NOT NULL,
  updated_at DATETIME DEFAULT CURRENT_TIMESTAMP NOT NULL,
  CONSTRAINT uq_critical_groups_group_identifier UNIQUE (group_identifier)
);

CREATE TABLE confirmed_groups (
  id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  group_identifier VARCHAR(255) NOT NULL,
  created_at DATETIME DEFAULT CURRENT_TIMESTAMP NOT NULL,
  CONSTRAINT uq_confirmed_groups_group_identifier UNIQUE (group_identifier)
);

CREATE TABLE important_customers (
  id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  customer_name VARCHAR(255) NOT NULL,
  phone_number VARCHAR(64) NOT NULL,
  priority_level VARCHAR(32) DEFAULT 'critical' NOT NULL,
  customer_type VARCHAR(32) DEFAULT 'vip' NOT NULL,
  auto_escalate BOOLEAN DEFAULT 1 NOT NULL,
  preferred_agent_type VARCHAR(64),
  special_instructions TEXT,
  max_response_time_minutes INTEGER,
  contact_info JSON,
  is_active BOOLEAN DEFAULT 1 NOT NULL,
  created_at DATETIME DEFAULT CURRENT_TIMESTAMP NOT NULL,
  updated_at DATETIME DEFAULT CURRENT_TIMESTAMP NOT NULL,
  CONSTRAINT uq_important_customers_phone_number UNIQUE (phone_number)
);

CREATE TABLE system_stats (
  id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  stat_type VARCHAR(100) NOT NULL,
  stat_value VARCHAR(255),
  numeric_value NUMERIC(20, 6),
  time_period VARCHAR(32) NOT NULL,
  reference_date DATE NOT NULL,
  hour INTEGER,
  additional_data JSON,
  created_at DATETIME DEFAULT CURRENT_TIMESTAMP NOT NULL
);

CREATE INDEX ix_system_stats_stat_type_time_period_reference_date ON system_stats (stat_type, time_period, reference_date);

CREATE UNIQUE INDEX ix_system_stats_reference_date_hour_stat_type_stat_value ON system_stats (reference_date, hour, stat_type, stat_value);

CREATE TABLE event_deliveries (
  id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  event_id VARCHAR(40) NOT NULL,
  target VARCHAR(64) NOT NULL,
  state VARCHAR(32) NOT NULL,
  attempts INTEGER DEFAULT 0 NOT NULL,
  next_attempt_at DATETIME,
  lease_token VARCHAR(32),
  last_error TEXT,
  updated_at DATETIME NOT NULL,
  CONSTRAINT uq_event_deliveries_event_id_target UNIQUE (event_id, target),
  CONSTRAINT fk_event_deliveries_event_id FOREIGN KEY(event_id) REFERENCES events (id) ON DELETE CASCADE
);

CREATE INDEX ix_event_deliveries_target_state_next_attempt_at ON event_deliveries (target, state, next_attempt_at);

CREATE INDEX ix_event_deliveries_state_updated_at ON event_deliveries (state, updated_at);

CREATE TABLE chats (
  id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  account VARCHAR(64) NOT NULL,
  contact_id INTEGER,
  jid VARCHAR(128),
  name VARCHAR(255) DEFAULT '' NOT NULL,
  disappearing_seconds INTEGER,
  disappearing_set_at DATETIME,
  shop_is_admin BOOLEAN,
  created_at DATETIME DEFAULT CURRENT_TIMESTAMP NOT NULL,
  CONSTRAINT uq_chats_account_contact_id UNIQUE (account, contact_id),
  CONSTRAINT uq_chats_account_jid UNIQUE (account, jid),
  CONSTRAINT fk_chats_contact_id FOREIGN KEY(contact_id) REFERENCES contacts (id)
);

CREATE INDEX ix_chats_contact_id ON chats (contact_id);

CREATE TABLE webhook_messages (
  id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  message_id VARCHAR(255) NOT NULL,
  chat_time DATETIME NOT NULL,
  chat_name VARCHAR(255) DEFAULT '' NOT NULL,
  phone_number VARCHAR(32) DEFAULT '' NOT NULL,
  current_message TEXT NOT NULL,
  is_vip_customer BOOLEAN DEFAULT 0 NOT NULL,
  raw_data JSON,
  created_at DATETIME DEFAULT CURRENT_TIMESTAMP NOT NULL,
  updated_at DATETIME DEFAULT CURRENT_TIMESTAMP NOT NULL,
  account VARCHAR(64) NOT NULL,
  chat_id INTEGER NOT NULL,
  chat_jid VARCHAR(128) NOT NULL,
  sender_id INTEGER,
  sender_jid VARCHAR(128) NOT NULL,
  sender_name VARCHAR(255) DEFAULT '' NOT NULL,
  kind VARCHAR(32) NOT NULL,
  origin VARCHAR(32) NOT NULL,
  from_me BOOLEAN NOT NULL,
  media_mimetype VARCHAR(255),
  media_size BIGINT,
  media_file_name VARCHAR(255),
  target_id VARCHAR(255),
  context_info JSON,
  is_automatic BOOLEAN DEFAULT 0 NOT NULL,
  edited_text TEXT,
  revoked_at DATETIME,
  is_critical_group BOOLEAN DEFAULT 0 NOT NULL,
  importance JSON,
  context_count INTEGER,
  state VARCHAR(32) NOT NULL,
  skip_reason VARCHAR(32),
  attempts INTEGER DEFAULT 0 NOT NULL,
  next_attempt_at DATETIME,
  lease_owner VARCHAR(64),
  lease_token VARCHAR(32),
  lease_until DATETIME,
  last_error TEXT,
  CONSTRAINT uq_webhook_messages_message_id_chat_id_from_me_sender_id UNIQUE (message_id, chat_id, from_me, sender_id),
  CONSTRAINT fk_webhook_messages_chat_id FOREIGN KEY(chat_id) REFERENCES chats (id),
  CONSTRAINT fk_webhook_messages_sender_id FOREIGN KEY(sender_id) REFERENCES contacts (id)
);

CREATE INDEX ix_webhook_messages_target_id ON webhook_messages (target_id) WHERE target_id IS NOT NULL;

CREATE INDEX ix_webhook_messages_sender_id ON webhook_messages (sender_id);

CREATE INDEX ix_webhook_messages_created_at ON webhook_messages (created_at);

CREATE INDEX ix_webhook_messages_chat_id_chat_time_id ON webhook_messages (chat_id, chat_time, id);

CREATE INDEX ix_webhook_messages_state_chat_id_id ON webhook_messages (state, chat_id, id) WHERE state IN ('analysed', 'dispatched', 'recorded');

CREATE TABLE chat_pauses (
  id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  chat_id INTEGER NOT NULL,
  paused_until DATETIME,
  reason VARCHAR(32) NOT NULL,
  created_at DATETIME DEFAULT CURRENT_TIMESTAMP NOT NULL,
  updated_at DATETIME DEFAULT CURRENT_TIMESTAMP NOT NULL,
  CONSTRAINT uq_chat_pauses_chat_id UNIQUE (chat_id),
  CONSTRAINT fk_chat_pauses_chat_id FOREIGN KEY(chat_id) REFERENCES chats (id) ON DELETE CASCADE
);

CREATE INDEX ix_chat_pauses_paused_until ON chat_pauses (paused_until);

CREATE TABLE escalations (
  id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  webhook_message_id INTEGER NOT NULL,
  account VARCHAR(64) NOT NULL,
  why VARCHAR(32) NOT NULL,
  state VARCHAR(32) NOT NULL,
  level INTEGER DEFAULT 0 NOT NULL,
  since DATETIME NOT NULL,
  next_at DATETIME,
  ended_at DATETIME,
  ended_by VARCHAR(255),
  created_at DATETIME DEFAULT CURRENT_TIMESTAMP NOT NULL,
  updated_at DATETIME DEFAULT CURRENT_TIMESTAMP NOT NULL,
  CONSTRAINT uq_escalations_webhook_message_id UNIQUE (webhook_message_id),
  CONSTRAINT fk_escalations_webhook_message_id FOREIGN KEY(webhook_message_id) REFERENCES webhook_messages (id) ON DELETE CASCADE
);

CREATE INDEX ix_escalations_state_next_at ON escalations (state, next_at) WHERE state IN ('open');

CREATE TABLE unread_messages (
  id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  webhook_message_id INTEGER NOT NULL,
  kind VARCHAR(255) NOT NULL,
  payload TEXT NOT NULL,
  created_at DATETIME DEFAULT CURRENT_TIMESTAMP NOT NULL,
  CONSTRAINT uq_unread_messages_webhook_message_id UNIQUE (webhook_message_id),
  CONSTRAINT fk_unread_messages_webhook_message_id FOREIGN KEY(webhook_message_id) REFERENCES webhook_messages (id) ON DELETE CASCADE
);

CREATE TABLE posted_history (
  id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  webhook_message_id INTEGER NOT NULL,
  sender VARCHAR(255) DEFAULT '' NOT NULL,
  content TEXT NOT NULL,
  timestamp DATETIME NOT NULL,
  message_type VARCHAR(50) NOT NULL,
  from_me BOOLEAN DEFAULT 0 NOT NULL,
  is_automatic BOOLEAN DEFAULT 0 NOT NULL,
  created_at DATETIME DEFAULT CURRENT_TIMESTAMP NOT NULL,
  CONSTRAINT fk_message_history_webhook_message_id FOREIGN KEY(webhook_message_id) REFERENCES webhook_messages (id) ON DELETE CASCADE
);

CREATE INDEX ix_message_history_webhook_message_id ON posted_history (webhook_message_id);

CREATE TABLE analytics_results (
  id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  webhook_message_id INTEGER NOT NULL,
  urgency_score INTEGER NOT NULL,
  category VARCHAR(32) NOT NULL,
  sentiment VARCHAR(32) NOT NULL,
  priority_level VARCHAR(32) NOT NULL,
  action_required BOOLEAN NOT NULL,
  recommended_response_time VARCHAR(32) NOT NULL,
  keywords JSON,
  confidence_score NUMERIC(5, 2),
  analysis_details JSON,
  processed_at DATETIME DEFAULT CURRENT_TIMESTAMP NOT NULL,
  analyser VARCHAR(32),
  fallback_reason TEXT,
  model VARCHAR(255),
  raised_because VARCHAR(255),
  language VARCHAR(32),
  danger VARCHAR(32),
  input_tokens INTEGER,
  cached_input_tokens INTEGER,
  output_tokens INTEGER,
  cost_micro_usd BIGINT,
  second_opinion JSON,
  second_model VARCHAR(255),
  second_error TEXT,
  second_at DATETIME,
  context JSON,
  analysis_ms INTEGER,
  CONSTRAINT uq_analytics_results_webhook_message_id UNIQUE (webhook_message_id),
  CONSTRAINT fk_analytics_results_webhook_message_id FOREIGN KEY(webhook_message_id) REFERENCES webhook_messages (id) ON DELETE CASCADE
);

CREATE INDEX ix_analytics_results_processed_at_cost_micro_usd ON analytics_results (processed_at, cost_micro_usd);

CREATE INDEX ix_analytics_results_second_at ON analytics_results (second_at) WHERE cost_micro_usd IS NOT NULL;

CREATE TABLE agent_calls (
  id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  webhook_message_id INTEGER NOT NULL,
  agent_type VARCHAR(64) NOT NULL,
  agent_url VARCHAR(2048),
  routing_success BOOLEAN NOT NULL,
  response_data JSON,
  response_time_ms INTEGER,
  error_message TEXT,
  routed_at DATETIME DEFAULT CURRENT_TIMESTAMP NOT NULL,
  reason TEXT,
  attempt_number INTEGER DEFAULT 1 NOT NULL,
  steps JSON,
  facts JSON,
  CONSTRAINT uq_agent_routing_webhook_message_id_attempt_number UNIQUE (webhook_message_id, attempt_number),
  CONSTRAINT fk_agent_routing_webhook_message_id FOREIGN KEY(webhook_message_id) REFERENCES webhook_messages (id) ON DELETE CASCADE
);

CREATE TABLE media (
  id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  webhook_message_id INTEGER NOT NULL,
  kind VARCHAR(32) NOT NULL,
  declared_type VARCHAR(255) NOT NULL,
  found_type VARCHAR(255),
  size BIGINT NOT NULL,
  sha256 VARCHAR(64),
  path VARCHAR(255),
  state VARCHAR(32) NOT NULL,
  attempts INTEGER DEFAULT 0 NOT NULL,
  next_attempt_at DATETIME,
  last_error TEXT,
  words TEXT,
  worded_at DATETIME,
  source TEXT,
  created_at DATETIME DEFAULT CURRENT_TIMESTAMP NOT NULL,
  updated_at DATETIME DEFAULT CURRENT_TIMESTAMP NOT NULL,
  CONSTRAINT uq_media_webhook_message_id UNIQUE (webhook_message_id),
  CONSTRAINT fk_media_webhook_message_id FOREIGN KEY(webhook_message_id) REFERENCES webhook_messages (id) ON DELETE CASCADE
);

CREATE INDEX ix_media_next_attempt_at ON media (next_attempt_at);

CREATE TABLE outbox (
  id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  purpose VARCHAR(128) NOT NULL,
  kind VARCHAR(32) NOT NULL,
  state VARCHAR(32) NOT NULL,
  account VARCHAR(64) NOT NULL,
  webhook_message_id INTEGER,
  about_id INTEGER,
  chat_id INTEGER,
  chat_jid VARCHAR(128) NOT NULL,
  quoted_id VARCHAR(255),
  quoted_sender VARCHAR(128),
  proposed_text TEXT,
  edited_text TEXT,
  agent VARCHAR(64),
  confidence NUMERIC(5, 2),
  reason TEXT,
  danger VARCHAR(32),
  not_before DATETIME NOT NULL,
  expires_at DATETIME,
  decided_by VARCHAR(255),
  decided_at DATETIME,
  sender VARCHAR(64),
  secret TEXT,
  sending_at DATETIME,
  whatsapp_id VARCHAR(255),
  server_at DATETIME,
  delivered_at DATETIME,
  read_at DATETIME,
  error TEXT,
  refusal_code INTEGER,
  created_at DATETIME DEFAULT CURRENT_TIMESTAMP NOT NULL,
  updated_at DATETIME DEFAULT CURRENT_TIMESTAMP NOT NULL,
  CONSTRAINT uq_outbox_purpose UNIQUE (purpose),
  CONSTRAINT fk_outbox_webhook_message_id FOREIGN KEY(webhook_message_id) REFERENCES webhook_messages (id) ON DELETE SET NULL,
  CONSTRAINT fk_outbox_about_id FOREIGN KEY(about_id) REFERENCES outbox (id),
  CONSTRAINT fk_outbox_chat_id FOREIGN KEY(chat_id) REFERENCES chats (id)
);

CREATE INDEX ix_outbox_sending_at_kind ON outbox (sending_at, kind);

CREATE INDEX ix_outbox_whatsapp_id ON outbox (whatsapp_id);

CREATE INDEX ix_outbox_created_at ON outbox (created_at);

CREATE INDEX ix_outbox_webhook_message_id ON outbox (webhook_message_id);

CREATE INDEX ix_outbox_state_not_before_id ON outbox (state, not_before, id) WHERE state IN ('approved', 'draft', 'sending', 'uncertain');

CREATE INDEX ix_outbox_chat_id_state ON outbox (chat_id, state);

CREATE TABLE labels (
  id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  webhook_message_id INTEGER NOT NULL,
  expected JSON NOT NULL,
  created_at DATETIME DEFAULT CURRENT_TIMESTAMP NOT NULL,
  updated_at DATETIME DEFAULT CURRENT_TIMESTAMP NOT NULL,
  CONSTRAINT uq_labels_webhook_message_id UNIQUE (webhook_message_id),
  CONSTRAINT fk_labels_webhook_message_id FOREIGN KEY(webhook_message_id) REFERENCES webhook_messages (id) ON DELETE CASCADE
);

CREATE TABLE escalation_notices (
  id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  escalation_id INTEGER NOT NULL,
  target VARCHAR(32) NOT NULL,
  state VARCHAR(32) NOT NULL,
  outbox_id INTEGER,
  attempts INTEGER DEFAULT 0 NOT NULL,
  next_attempt_at DATETIME,
  sender VARCHAR(64),
  error TEXT,
  created_at DATETIME DEFAULT CURRENT_TIMESTAMP NOT NULL,
  updated_at DATETIME DEFAULT CURRENT_TIMESTAMP NOT NULL,
  CONSTRAINT uq_escalation_notices_escalation_id_target UNIQUE (escalation_id, target),
  CONSTRAINT fk_escalation_notices_escalation_id FOREIGN KEY(escalation_id) REFERENCES escalations (id) ON DELETE CASCADE,
  CONSTRAINT fk_escalation_notices_outbox_id FOREIGN KEY(outbox_id) REFERENCES outbox (id) ON DELETE SET NULL
);

CREATE INDEX ix_escalation_notices_outbox_id ON escalation_notices (outbox_id);

CREATE INDEX ix_escalation_notices_state_next_attempt_at ON escalation_notices (state, next_attempt_at) WHERE state IN ('sending', 'waiting');

CREATE TABLE alembic_version (
    version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);

INSERT INTO alembic_version VALUES ('0001_first_tables');
