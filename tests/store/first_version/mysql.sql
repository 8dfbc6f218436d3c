CREATE TABLE IF NOT EXISTS alembic_version (
  version_num VARCHAR(32) NOT NULL,
  CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);

CREATE TABLE IF NOT EXISTS agent_steps (
  id BIGINT NOT NULL AUTO_INCREMENT,
  type VARCHAR(64) NOT NULL,
  text VARCHAR(255) NOT NULL,
  CONSTRAINT pk_agent_steps PRIMARY KEY (id),
  CONSTRAINT uq_agent_steps_type_text UNIQUE (type, text)
)ENGINE=InnoDB CHARSET=utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS confirmed_groups (
  id BIGINT NOT NULL AUTO_INCREMENT,
  group_identifier VARCHAR(255) NOT NULL,
  created_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  CONSTRAINT pk_confirmed_groups PRIMARY KEY (id),
  CONSTRAINT uq_confirmed_groups_group_identifier UNIQUE (group_identifier)
)ENGINE=InnoDB CHARSET=utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS contacts (
  id BIGINT NOT NULL AUTO_INCREMENT,
  number VARCHAR(32),
  lid VARCHAR(64),
  name VARCHAR(255) NOT NULL DEFAULT '',
  is_verified BOOL NOT NULL DEFAULT false,
  created_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  CONSTRAINT pk_contacts PRIMARY KEY (id),
  CONSTRAINT uq_contacts_number UNIQUE (number),
  CONSTRAINT uq_contacts_lid UNIQUE (lid)
)ENGINE=InnoDB CHARSET=utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS critical_groups (
  id BIGINT NOT NULL AUTO_INCREMENT,
  group_name VARCHAR(255) NOT NULL,
  group_identifier VARCHAR(255),
  priority_level VARCHAR(32) NOT NULL DEFAULT 'critical',
  auto_escalate BOOL NOT NULL DEFAULT true,
  preferred_agent_type VARCHAR(64),
  max_response_time_minutes INTEGER,
  notification_settings JSON,
  is_active BOOL NOT NULL DEFAULT true,
  created_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  updated_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  CONSTRAINT pk_critical_groups PRIMARY KEY (id),
  CONSTRAINT uq_critical_groups_group_identifier UNIQUE (group_identifier)
)ENGINE=InnoDB CHARSET=utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS early_receipts (
  id BIGINT NOT NULL AUTO_INCREMENT,
  account VARCHAR(64) NOT NULL,
  whatsapp_id VARCHAR(255) NOT NULL,
  kind VARCHAR(32) NOT NULL,
  came_at DATETIME(6) NOT NULL,
  created_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  CONSTRAINT pk_early_receipts PRIMARY KEY (id),
  CONSTRAINT uq_early_receipts_whatsapp_id_kind_account UNIQUE (whatsapp_id, kind, account)
)ENGINE=InnoDB CHARSET=utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS events (
  id VARCHAR(40) NOT NULL,
  type VARCHAR(32) NOT NULL,
  payload LONGTEXT NOT NULL,
  created_at DATETIME(6) NOT NULL,
  CONSTRAINT pk_events PRIMARY KEY (id),
  INDEX ix_events_created_at (created_at)
)ENGINE=InnoDB CHARSET=utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS gaps (
  id BIGINT NOT NULL AUTO_INCREMENT,
  account VARCHAR(64) NOT NULL,
  message_id VARCHAR(255) NOT NULL,
  chat_jid VARCHAR(128) NOT NULL DEFAULT '',
  sender_jid VARCHAR(128) NOT NULL DEFAULT '',
  reason VARCHAR(32) NOT NULL,
  detail LONGTEXT,
  noticed_at DATETIME(6) NOT NULL,
  closed_at DATETIME(6),
  closed_by VARCHAR(32),
  CONSTRAINT pk_gaps PRIMARY KEY (id),
  CONSTRAINT uq_gaps_message_id_account_sender_jid_chat_jid UNIQUE (message_id, account, sender_jid, chat_jid),
  INDEX ix_gaps_closed_at (closed_at)
)ENGINE=InnoDB CHARSET=utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS important_customers (
  id BIGINT NOT NULL AUTO_INCREMENT,
  customer_name VARCHAR(255) NOT NULL,
  phone_number VARCHAR(64) NOT NULL,
  priority_level VARCHAR(32) NOT NULL DEFAULT 'critical',
  customer_type VARCHAR(32) NOT NULL DEFAULT 'vip',
  auto_escalate BOOL NOT NULL DEFAULT true,
  preferred_agent_type VARCHAR(64),
  special_instructions LONGTEXT,
  max_response_time_minutes INTEGER,
  contact_info JSON,
  is_active BOOL NOT NULL DEFAULT true,
  created_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  updated_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  CONSTRAINT pk_important_customers PRIMARY KEY (id),
  CONSTRAINT uq_important_customers_phone_number UNIQUE (phone_number)
)ENGINE=InnoDB CHARSET=utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS message_chain (
  id BIGINT NOT NULL AUTO_INCREMENT,
  account VARCHAR(64) NOT NULL,
  position BIGINT NOT NULL,
  message_id VARCHAR(255) NOT NULL,
  chat_jid VARCHAR(128) NOT NULL,
  content_hash VARCHAR(64) NOT NULL,
  link_hash VARCHAR(64) NOT NULL,
  removed_at DATETIME(6),
  CONSTRAINT pk_message_chain PRIMARY KEY (id),
  CONSTRAINT uq_message_chain_account_position UNIQUE (account, position),
  INDEX ix_message_chain_message_id (message_id)
)ENGINE=InnoDB CHARSET=utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS removals (
  id BIGINT NOT NULL AUTO_INCREMENT,
  started_at DATETIME(6) NOT NULL,
  ended_at DATETIME(6),
  reason VARCHAR(32) NOT NULL,
  analyses_before DATETIME(6),
  removed JSON,
  CONSTRAINT pk_removals PRIMARY KEY (id),
  CONSTRAINT uq_removals_started_at UNIQUE (started_at)
)ENGINE=InnoDB CHARSET=utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS send_breakers (
  id BIGINT NOT NULL AUTO_INCREMENT,
  account VARCHAR(64) NOT NULL,
  open_until DATETIME(6) NOT NULL,
  reason LONGTEXT,
  opened_at DATETIME(6) NOT NULL,
  closed_at DATETIME(6),
  closed_by VARCHAR(255),
  CONSTRAINT pk_send_breakers PRIMARY KEY (id),
  CONSTRAINT uq_send_breakers_account UNIQUE (account)
)ENGINE=InnoDB CHARSET=utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS shut_event_targets (
  id BIGINT NOT NULL AUTO_INCREMENT,
  target VARCHAR(64) NOT NULL,
  reason LONGTEXT NOT NULL,
  shut_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  CONSTRAINT pk_shut_event_targets PRIMARY KEY (id),
  CONSTRAINT uq_shut_event_targets_target UNIQUE (target)
)ENGINE=InnoDB CHARSET=utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS system_stats (
  id BIGINT NOT NULL AUTO_INCREMENT,
  stat_type VARCHAR(100) NOT NULL,
  stat_value VARCHAR(255),
  numeric_value NUMERIC(20, 6),
  time_period VARCHAR(32) NOT NULL,
  reference_date DATE NOT NULL,
  hour INTEGER,
  additional_data JSON,
  created_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  CONSTRAINT pk_system_stats PRIMARY KEY (id),
  UNIQUE INDEX ix_system_stats_reference_date_hour_stat_type_stat_value (reference_date, hour, stat_type, stat_value),
  INDEX ix_system_stats_stat_type_time_period_reference_date (stat_type, time_period, reference_date)
)ENGINE=InnoDB CHARSET=utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS chats (
  id BIGINT NOT NULL AUTO_INCREMENT,
  account VARCHAR(64) NOT NULL,
  contact_id BIGINT,
  jid VARCHAR(128),
  name VARCHAR(255) NOT NULL DEFAULT '',
  disappearing_seconds INTEGER,
  disappearing_set_at DATETIME(6),
  shop_is_admin BOOL,
  created_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  CONSTRAINT pk_chats PRIMARY KEY (id),
  CONSTRAINT uq_chats_account_contact_id UNIQUE (account, contact_id),
  CONSTRAINT uq_chats_account_jid UNIQUE (account, jid),
  CONSTRAINT fk_chats_contact_id FOREIGN KEY(contact_id) REFERENCES contacts (id),
  INDEX ix_chats_contact_id (contact_id)
)ENGINE=InnoDB CHARSET=utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS event_deliveries (
  id BIGINT NOT NULL AUTO_INCREMENT,
  event_id VARCHAR(40) NOT NULL,
  target VARCHAR(64) NOT NULL,
  state VARCHAR(32) NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  next_attempt_at DATETIME(6),
  lease_token VARCHAR(32),
  last_error LONGTEXT,
  updated_at DATETIME(6) NOT NULL,
  CONSTRAINT pk_event_deliveries PRIMARY KEY (id),
  CONSTRAINT uq_event_deliveries_event_id_target UNIQUE (event_id, target),
  CONSTRAINT fk_event_deliveries_event_id FOREIGN KEY(event_id) REFERENCES events (id) ON DELETE CASCADE,
  INDEX ix_event_deliveries_state_updated_at (state, updated_at),
  INDEX ix_event_deliveries_target_state_next_attempt_at (target, state, next_attempt_at)
)ENGINE=InnoDB CHARSET=utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS chat_pauses (
  id BIGINT NOT NULL AUTO_INCREMENT,
  chat_id BIGINT NOT NULL,
  paused_until DATETIME(6),
  reason VARCHAR(32) NOT NULL,
  created_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  updated_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  CONSTRAINT pk_chat_pauses PRIMARY KEY (id),
  CONSTRAINT uq_chat_pauses_chat_id UNIQUE (chat_id),
  CONSTRAINT fk_chat_pauses_chat_id FOREIGN KEY(chat_id) REFERENCES chats (id) ON DELETE CASCADE,
  INDEX ix_chat_pauses_paused_until (paused_until)
)ENGINE=InnoDB CHARSET=utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS webhook_messages (
  id BIGINT NOT NULL AUTO_INCREMENT,
  message_id VARCHAR(255) NOT NULL,
  chat_time DATETIME(6) NOT NULL,
  chat_name VARCHAR(255) NOT NULL DEFAULT '',
  phone_number VARCHAR(32) NOT NULL DEFAULT '',
  current_message LONGTEXT NOT NULL,
  is_vip_customer BOOL NOT NULL DEFAULT false,
  raw_data JSON,
  created_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  updated_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  account VARCHAR(64) NOT NULL,
  chat_id BIGINT NOT NULL,
  chat_jid VARCHAR(128) NOT NULL,
  sender_id BIGINT,
  sender_jid VARCHAR(128) NOT NULL,
  sender_name VARCHAR(255) NOT NULL DEFAULT '',
  kind VARCHAR(32) NOT NULL,
  origin VARCHAR(32) NOT NULL,
  from_me BOOL NOT NULL,
  media_mimetype VARCHAR(255),
  media_size BIGINT,
  media_file_name VARCHAR(255),
  target_id VARCHAR(255),
  context_info JSON,
  is_automatic BOOL NOT NULL DEFAULT false,
  edited_text LONGTEXT,
  revoked_at DATETIME(6),
  is_critical_group BOOL NOT NULL DEFAULT false,
  importance JSON,
  context_count INTEGER,
  state VARCHAR(32) NOT NULL,
  skip_reason VARCHAR(32),
  attempts INTEGER NOT NULL DEFAULT 0,
  next_attempt_at DATETIME(6),
  lease_owner VARCHAR(64),
  lease_token VARCHAR(32),
  lease_until DATETIME(6),
  last_error LONGTEXT,
  CONSTRAINT pk_webhook_messages PRIMARY KEY (id),
  CONSTRAINT uq_webhook_messages_message_id_chat_id_from_me_sender_id UNIQUE (message_id, chat_id, from_me, sender_id),
  CONSTRAINT fk_webhook_messages_chat_id FOREIGN KEY(chat_id) REFERENCES chats (id),
  CONSTRAINT fk_webhook_messages_sender_id FOREIGN KEY(sender_id) REFERENCES contacts (id),
  INDEX ix_webhook_messages_chat_id_chat_time_id (chat_id, chat_time, id),
  INDEX ix_webhook_messages_created_at (created_at),
  INDEX ix_webhook_messages_sender_id (sender_id),
  INDEX ix_webhook_messages_state_chat_id_id (state, chat_id, id),
  INDEX ix_webhook_messages_target_id (target_id)
)ENGINE=InnoDB CHARSET=utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS agent_calls (
  id BIGINT NOT NULL AUTO_INCREMENT,
  webhook_message_id BIGINT NOT NULL,
  agent_type VARCHAR(64) NOT NULL,
  agent_url VARCHAR(2048),
  routing_success BOOL NOT NULL,
  response_data JSON,
  response_time_ms INTEGER,
  error_message LONGTEXT,
  routed_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  reason LONGTEXT,
  attempt_number INTEGER NOT NULL DEFAULT 1,
  steps JSON,
  facts JSON,
  CONSTRAINT pk_agent_calls PRIMARY KEY (id),
  CONSTRAINT uq_agent_routing_webhook_message_id_attempt_number UNIQUE (webhook_message_id, attempt_number),
  CONSTRAINT fk_agent_routing_webhook_message_id FOREIGN KEY(webhook_message_id) REFERENCES webhook_messages (id) ON DELETE CASCADE
)ENGINE=InnoDB CHARSET=utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS analytics_results (
  id BIGINT NOT NULL AUTO_INCREMENT,
  webhook_message_id BIGINT NOT NULL,
  urgency_score INTEGER NOT NULL,
  category VARCHAR(32) NOT NULL,
  sentiment VARCHAR(32) NOT NULL,
  priority_level VARCHAR(32) NOT NULL,
  action_required BOOL NOT NULL,
  recommended_response_time VARCHAR(32) NOT NULL,
  keywords JSON,
  confidence_score NUMERIC(5, 2),
  analysis_details JSON,
  processed_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  analyser VARCHAR(32),
  fallback_reason LONGTEXT,
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
  second_error LONGTEXT,
  second_at DATETIME(6),
  context JSON,
  analysis_ms INTEGER,
  CONSTRAINT pk_analytics_results PRIMARY KEY (id),
  CONSTRAINT uq_analytics_results_webhook_message_id UNIQUE (webhook_message_id),
  CONSTRAINT fk_analytics_results_webhook_message_id FOREIGN KEY(webhook_message_id) REFERENCES webhook_messages (id) ON DELETE CASCADE,
  INDEX ix_analytics_results_processed_at_cost_micro_usd (processed_at, cost_micro_usd),
  INDEX ix_analytics_results_second_at (second_at)
)ENGINE=InnoDB CHARSET=utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS escalations (
  id BIGINT NOT NULL AUTO_INCREMENT,
  webhook_message_id BIGINT NOT NULL,
  account VARCHAR(64) NOT NULL,
  why VARCHAR(32) NOT NULL,
  state VARCHAR(32) NOT NULL,
  level INTEGER NOT NULL DEFAULT 0,
  since DATETIME(6) NOT NULL,
  next_at DATETIME(6),
  ended_at DATETIME(6),
  ended_by VARCHAR(255),
  created_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  updated_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  CONSTRAINT pk_escalations PRIMARY KEY (id),
  CONSTRAINT uq_escalations_webhook_message_id UNIQUE (webhook_message_id),
  CONSTRAINT fk_escalations_webhook_message_id FOREIGN KEY(webhook_message_id) REFERENCES webhook_messages (id) ON DELETE CASCADE,
  INDEX ix_escalations_state_next_at (state, next_at)
)ENGINE=InnoDB CHARSET=utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS labels (
  id BIGINT NOT NULL AUTO_INCREMENT,
  webhook_message_id BIGINT NOT NULL,
  expected JSON NOT NULL,
  created_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  updated_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  CONSTRAINT pk_labels PRIMARY KEY (id),
  CONSTRAINT uq_labels_webhook_message_id UNIQUE (webhook_message_id),
  CONSTRAINT fk_labels_webhook_message_id FOREIGN KEY(webhook_message_id) REFERENCES webhook_messages (id) ON DELETE CASCADE
)ENGINE=InnoDB CHARSET=utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS media (
  id BIGINT NOT NULL AUTO_INCREMENT,
  webhook_message_id BIGINT NOT NULL,
  kind VARCHAR(32) NOT NULL,
  declared_type VARCHAR(255) NOT NULL,
  found_type VARCHAR(255),
  size BIGINT NOT NULL,
  sha256 VARCHAR(64),
  path VARCHAR(255),
  state VARCHAR(32) NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  next_attempt_at DATETIME(6),
  last_error LONGTEXT,
  words LONGTEXT,
  worded_at DATETIME(6),
  source LONGTEXT,
  created_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  updated_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  CONSTRAINT pk_media PRIMARY KEY (id),
  CONSTRAINT uq_media_webhook_message_id UNIQUE (webhook_message_id),
  CONSTRAINT fk_media_webhook_message_id FOREIGN KEY(webhook_message_id) REFERENCES webhook_messages (id) ON DELETE CASCADE,
  INDEX ix_media_next_attempt_at (next_attempt_at)
)ENGINE=InnoDB CHARSET=utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS outbox (
  id BIGINT NOT NULL AUTO_INCREMENT,
  purpose VARCHAR(128) NOT NULL,
  kind VARCHAR(32) NOT NULL,
  state VARCHAR(32) NOT NULL,
  account VARCHAR(64) NOT NULL,
  webhook_message_id BIGINT,
  about_id BIGINT,
  chat_id BIGINT,
  chat_jid VARCHAR(128) NOT NULL,
  quoted_id VARCHAR(255),
  quoted_sender VARCHAR(128),
  proposed_text LONGTEXT,
  edited_text LONGTEXT,
  agent VARCHAR(64),
  confidence NUMERIC(5, 2),
  reason LONGTEXT,
  danger VARCHAR(32),
  not_before DATETIME(6) NOT NULL,
  expires_at DATETIME(6),
  decided_by VARCHAR(255),
  decided_at DATETIME(6),
  sender VARCHAR(64),
  secret LONGTEXT,
  sending_at DATETIME(6),
  whatsapp_id VARCHAR(255),
  server_at DATETIME(6),
  delivered_at DATETIME(6),
  read_at DATETIME(6),
  error LONGTEXT,
  refusal_code INTEGER,
  created_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  updated_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  CONSTRAINT pk_outbox PRIMARY KEY (id),
  CONSTRAINT uq_outbox_purpose UNIQUE (purpose),
  CONSTRAINT fk_outbox_webhook_message_id FOREIGN KEY(webhook_message_id) REFERENCES webhook_messages (id) ON DELETE SET NULL,
  CONSTRAINT fk_outbox_about_id FOREIGN KEY(about_id) REFERENCES outbox (id),
  CONSTRAINT fk_outbox_chat_id FOREIGN KEY(chat_id) REFERENCES chats (id),
  INDEX ix_outbox_chat_id_state (chat_id, state),
  INDEX ix_outbox_created_at (created_at),
  INDEX ix_outbox_sending_at_kind (sending_at, kind),
  INDEX ix_outbox_state_not_before_id (state, not_before, id),
  INDEX ix_outbox_webhook_message_id (webhook_message_id),
  INDEX ix_outbox_whatsapp_id (whatsapp_id)
)ENGINE=InnoDB CHARSET=utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS posted_history (
  id BIGINT NOT NULL AUTO_INCREMENT,
  webhook_message_id BIGINT NOT NULL,
  sender VARCHAR(255) NOT NULL DEFAULT '',
  content LONGTEXT NOT NULL,
  timestamp DATETIME(6) NOT NULL,
  message_type VARCHAR(50) NOT NULL,
  from_me BOOL NOT NULL DEFAULT false,
  is_automatic BOOL NOT NULL DEFAULT false,
  created_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  CONSTRAINT pk_posted_history PRIMARY KEY (id),
  CONSTRAINT fk_message_history_webhook_message_id FOREIGN KEY(webhook_message_id) REFERENCES webhook_messages (id) ON DELETE CASCADE,
  INDEX ix_message_history_webhook_message_id (webhook_message_id)
)ENGINE=InnoDB CHARSET=utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS unread_messages (
  id BIGINT NOT NULL AUTO_INCREMENT,
  webhook_message_id BIGINT NOT NULL,
  kind VARCHAR(255) NOT NULL,
  payload LONGTEXT NOT NULL,
  created_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  CONSTRAINT pk_unread_messages PRIMARY KEY (id),
  CONSTRAINT uq_unread_messages_webhook_message_id UNIQUE (webhook_message_id),
  CONSTRAINT fk_unread_messages_webhook_message_id FOREIGN KEY(webhook_message_id) REFERENCES webhook_messages (id) ON DELETE CASCADE
)ENGINE=InnoDB CHARSET=utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS escalation_notices (
  id BIGINT NOT NULL AUTO_INCREMENT,
  escalation_id BIGINT NOT NULL,
  target VARCHAR(32) NOT NULL,
  state VARCHAR(32) NOT NULL,
  outbox_id BIGINT,
  attempts INTEGER NOT NULL DEFAULT 0,
  next_attempt_at DATETIME(6),
  sender VARCHAR(64),
  error LONGTEXT,
  created_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  updated_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  CONSTRAINT pk_escalation_notices PRIMARY KEY (id),
  CONSTRAINT uq_escalation_notices_escalation_id_target UNIQUE (escalation_id, target),
  CONSTRAINT fk_escalation_notices_escalation_id FOREIGN KEY(escalation_id) REFERENCES escalations (id) ON DELETE CASCADE,
  CONSTRAINT fk_escalation_notices_outbox_id FOREIGN KEY(outbox_id) REFERENCES outbox (id) ON DELETE SET NULL,
  INDEX ix_escalation_notices_outbox_id (outbox_id),
  INDEX ix_escalation_notices_state_next_attempt_at (state, next_attempt_at)
)ENGINE=InnoDB CHARSET=utf8mb4 COLLATE utf8mb4_bin;



INSERT IGNORE INTO alembic_version (version_num) VALUES ('0001_first_tables');
