-- Bida for MySQL 8.0 and later. Complete: a new database needs this file and nothing else.
-- Times are UTC. Text is compared exactly; columns that identify a message on the receiving side are bytes, because
-- every text comparison of MySQL pads or folds.

-- The hot table: only what can be shipped now. A producer inserts topic, type, biz_id and payload in its own
-- transaction, and what else it likes; nothing more is needed to publish.
CREATE TABLE bida_outbox (
    seq          BIGINT       NOT NULL AUTO_INCREMENT PRIMARY KEY,
    message_id   BINARY(16)   NOT NULL DEFAULT (UUID_TO_BIN(UUID(), 1)),
    topic        VARCHAR(200) NOT NULL,
    type         VARCHAR(200) NOT NULL,
    scene        VARCHAR(64)  NULL,
    biz_id       VARCHAR(128) NOT NULL,
    ordering_key VARCHAR(128) NULL,
    source       VARCHAR(200) NULL,
    content_type VARCHAR(100) NOT NULL DEFAULT 'application/json',
    headers      TEXT         NULL,
    payload      LONGBLOB     NOT NULL,
    created_at   DATETIME(6)  NOT NULL DEFAULT (UTC_TIMESTAMP(6)),
    due_at       DATETIME(6)  NULL,
    expires_at   DATETIME(6)  NULL,
    shard        SMALLINT UNSIGNED AS (CRC32(COALESCE(ordering_key, HEX(message_id))) MOD 64) VIRTUAL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- What cannot be shipped now: SCHEDULED, RETRY, HELD (behind an earlier message of its key), DEAD, CANCELLED.
CREATE TABLE bida_outbox_parked (
    seq          BIGINT        NOT NULL,
    message_id   BINARY(16)    NOT NULL,
    topic        VARCHAR(200)  NOT NULL,
    type         VARCHAR(200)  NOT NULL,
    scene        VARCHAR(64)   NULL,
    biz_id       VARCHAR(128)  NOT NULL,
    ordering_key VARCHAR(128)  NULL,
    source       VARCHAR(200)  NULL,
    content_type VARCHAR(100)  NOT NULL,
    headers      TEXT          NULL,
    payload      LONGBLOB      NOT NULL,
    created_at   DATETIME(6)   NOT NULL,
    due_at       DATETIME(6)   NULL,
    expires_at   DATETIME(6)   NULL,
    shard        SMALLINT UNSIGNED AS (CRC32(COALESCE(ordering_key, HEX(message_id))) MOD 64) VIRTUAL,
    state        VARCHAR(10)   NOT NULL,
    attempts     INT           NOT NULL DEFAULT 0,
    last_error   VARCHAR(1000) NULL,
    parked_at    DATETIME(6)   NOT NULL,
    PRIMARY KEY (seq, message_id),
    KEY bida_outbox_parked_due (state, due_at),
    KEY bida_outbox_parked_key (ordering_key, seq),
    KEY bida_outbox_parked_id (message_id),
    KEY bida_outbox_parked_state (state, seq),
    KEY bida_outbox_parked_biz (biz_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- One row per failed attempt.
CREATE TABLE bida_attempt (
    message_id  BINARY(16)    NOT NULL,
    attempt     INT           NOT NULL,
    at          DATETIME(6)   NOT NULL,
    node        VARCHAR(64)   NOT NULL,
    outcome     VARCHAR(10)   NOT NULL,
    duration_ms BIGINT        NOT NULL,
    error       VARCHAR(1000) NULL,
    PRIMARY KEY (at, message_id, attempt),
    KEY bida_attempt_message (message_id, attempt)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Delivered messages, without their bodies.
CREATE TABLE bida_outbox_history (
    message_id   BINARY(16)   NOT NULL,
    scene        VARCHAR(200) NOT NULL,
    biz_id       VARCHAR(128) NOT NULL,
    topic        VARCHAR(200) NOT NULL,
    ordering_key VARCHAR(128) NULL,
    created_at   DATETIME(6)  NOT NULL,
    delivered_at DATETIME(6)  NOT NULL,
    attempts     INT          NOT NULL,
    proof        VARCHAR(200) NULL,
    node         VARCHAR(64)  NOT NULL,
    PRIMARY KEY (delivered_at, message_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Which relay may ship which shard.
CREATE TABLE bida_lease (
    shard      SMALLINT    NOT NULL PRIMARY KEY,
    owner      VARCHAR(64) NULL,
    epoch      BIGINT      NOT NULL DEFAULT 0,
    expires_at DATETIME(6) NOT NULL DEFAULT '2000-01-01 00:00:00'
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

INSERT INTO bida_lease (shard) VALUES
    (0), (1), (2), (3), (4), (5), (6), (7), (8), (9), (10), (11), (12), (13), (14), (15),
    (16), (17), (18), (19), (20), (21), (22), (23), (24), (25), (26), (27), (28), (29), (30), (31),
    (32), (33), (34), (35), (36), (37), (38), (39), (40), (41), (42), (43), (44), (45), (46), (47),
    (48), (49), (50), (51), (52), (53), (54), (55), (56), (57), (58), (59), (60), (61), (62), (63);

-- Live relays.
CREATE TABLE bida_node (
    node         VARCHAR(64)  NOT NULL PRIMARY KEY,
    name         VARCHAR(200) NOT NULL,
    started_at   DATETIME(6)  NOT NULL,
    heartbeat_at DATETIME(6)  NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- What was under way, written down only for a while after a relay ended without giving its leases back: a message that
-- takes relays down is found by it.
CREATE TABLE bida_suspect (
    message_id BINARY(16)  NOT NULL PRIMARY KEY,
    seq        BIGINT      NOT NULL,
    shard      SMALLINT    NOT NULL,
    node       VARCHAR(64) NULL,
    crashes    INT         NOT NULL DEFAULT 0,
    noted_at   DATETIME(6) NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Counters per minute: what screens read instead of counting messages.
CREATE TABLE bida_rollup (
    bucket_at DATETIME(0)  NOT NULL,
    node      VARCHAR(64)  NOT NULL,
    metric    VARCHAR(64)  NOT NULL,
    label     VARCHAR(200) NOT NULL,
    total     BIGINT       NOT NULL,
    PRIMARY KEY (bucket_at, node, metric, label)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- What operators did.
CREATE TABLE bida_audit (
    id       BIGINT        NOT NULL AUTO_INCREMENT PRIMARY KEY,
    at       DATETIME(6)   NOT NULL DEFAULT (UTC_TIMESTAMP(6)),
    actor    VARCHAR(200)  NOT NULL,
    action   VARCHAR(64)   NOT NULL,
    target   VARCHAR(1000) NOT NULL,
    affected BIGINT        NOT NULL,
    reason   VARCHAR(1000) NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- The receiver's ledger: one row per message handled, without body.
CREATE TABLE bida_inbox (
    consumer_group VARBINARY(256) NOT NULL,
    scene          VARBINARY(800) NOT NULL,
    biz_id         VARBINARY(512) NOT NULL,
    message_id     BINARY(16)     NOT NULL,
    payload_hash   BINARY(16)     NOT NULL,
    handled_at     DATETIME(6)    NOT NULL,
    expires_at     DATETIME(6)    NOT NULL,
    outcome        VARCHAR(1000)  NULL,
    PRIMARY KEY (consumer_group, scene, biz_id),
    KEY bida_inbox_expires (expires_at)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Messages that were not handled because their biz-id was handled before with another payload: one row per payload.
CREATE TABLE bida_inbox_conflict (
    consumer_group VARBINARY(256) NOT NULL,
    scene          VARBINARY(800) NOT NULL,
    biz_id         VARBINARY(512) NOT NULL,
    payload_hash   BINARY(16)     NOT NULL,
    handled_hash   BINARY(16)     NOT NULL,
    message_id     BINARY(16)     NOT NULL,
    noted_at       DATETIME(6)    NOT NULL,
    expires_at     DATETIME(6)    NOT NULL,
    PRIMARY KEY (consumer_group, scene, biz_id, payload_hash),
    KEY bida_inbox_conflict_expires (expires_at)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- The newest version of each entity that a group handled; expires_at moves on at most once a day, for its index.
CREATE TABLE bida_inbox_version (
    consumer_group VARBINARY(256) NOT NULL,
    entity         VARBINARY(800) NOT NULL,
    version        BIGINT         NOT NULL,
    handled_at     DATETIME(6)    NOT NULL,
    expires_at     DATETIME(6)    NOT NULL,
    PRIMARY KEY (consumer_group, entity),
    KEY bida_inbox_version_expires (expires_at)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- The receiver's durable queue, for messages that are persisted first and handled after: the shape of the outbox pair.
CREATE TABLE bida_inbox_queue (
    seq            BIGINT       NOT NULL AUTO_INCREMENT PRIMARY KEY,
    consumer_group VARCHAR(64)  NOT NULL,
    message_id     BINARY(16)   NOT NULL DEFAULT (UUID_TO_BIN(UUID(), 1)),
    topic          VARCHAR(200) NOT NULL,
    type           VARCHAR(200) NOT NULL,
    scene          VARCHAR(64)  NULL,
    biz_id         VARCHAR(128) NOT NULL,
    ordering_key   VARCHAR(128) NULL,
    source         VARCHAR(200) NULL,
    content_type   VARCHAR(100) NOT NULL DEFAULT 'application/json',
    headers        TEXT         NULL,
    payload        LONGBLOB     NOT NULL,
    created_at     DATETIME(6)  NOT NULL DEFAULT (UTC_TIMESTAMP(6)),
    due_at         DATETIME(6)  NULL,
    expires_at     DATETIME(6)  NULL,
    shard          SMALLINT UNSIGNED AS (CRC32(COALESCE(ordering_key, HEX(message_id))) MOD 64) VIRTUAL,
    UNIQUE KEY bida_inbox_queue_id (message_id, consumer_group),
    KEY bida_inbox_queue_group (consumer_group, seq)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE bida_inbox_parked (
    seq            BIGINT        NOT NULL,
    consumer_group VARCHAR(64)   NOT NULL,
    message_id     BINARY(16)    NOT NULL,
    topic          VARCHAR(200)  NOT NULL,
    type           VARCHAR(200)  NOT NULL,
    scene          VARCHAR(64)   NULL,
    biz_id         VARCHAR(128)  NOT NULL,
    ordering_key   VARCHAR(128)  NULL,
    source         VARCHAR(200)  NULL,
    content_type   VARCHAR(100)  NOT NULL,
    headers        TEXT          NULL,
    payload        LONGBLOB      NOT NULL,
    created_at     DATETIME(6)   NOT NULL,
    due_at         DATETIME(6)   NULL,
    expires_at     DATETIME(6)   NULL,
    shard          SMALLINT UNSIGNED AS (CRC32(COALESCE(ordering_key, HEX(message_id))) MOD 64) VIRTUAL,
    state          VARCHAR(10)   NOT NULL,
    attempts       INT           NOT NULL DEFAULT 0,
    last_error     VARCHAR(1000) NULL,
    parked_at      DATETIME(6)   NOT NULL,
    PRIMARY KEY (seq, message_id),
    KEY bida_inbox_parked_due (consumer_group, state, due_at),
    KEY bida_inbox_parked_key (consumer_group, ordering_key, seq),
    UNIQUE KEY bida_inbox_parked_id (message_id, consumer_group),
    KEY bida_inbox_parked_state (state, seq),
    KEY bida_inbox_parked_biz (biz_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- One row per failed attempt.
CREATE TABLE bida_inbox_attempt (
    consumer_group VARCHAR(64)   NOT NULL,
    message_id     BINARY(16)    NOT NULL,
    attempt        INT           NOT NULL,
    at             DATETIME(6)   NOT NULL,
    node           VARCHAR(64)   NOT NULL,
    outcome        VARCHAR(10)   NOT NULL,
    duration_ms    BIGINT        NOT NULL,
    error          VARCHAR(1000) NULL,
    PRIMARY KEY (at, message_id, consumer_group, attempt),
    KEY bida_inbox_attempt_message (message_id, attempt)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Which worker may handle which shard of which group's queue: the rows of a group are made when it starts first.
CREATE TABLE bida_inbox_lease (
    consumer_group VARCHAR(64) NOT NULL,
    shard          SMALLINT    NOT NULL,
    owner          VARCHAR(64) NULL,
    epoch          BIGINT      NOT NULL DEFAULT 0,
    expires_at     DATETIME(6) NOT NULL DEFAULT '2000-01-01 00:00:00',
    PRIMARY KEY (consumer_group, shard)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Live workers.
CREATE TABLE bida_inbox_node (
    consumer_group VARCHAR(64)  NOT NULL,
    node           VARCHAR(64)  NOT NULL PRIMARY KEY,
    name           VARCHAR(200) NOT NULL,
    started_at     DATETIME(6)  NOT NULL,
    heartbeat_at   DATETIME(6)  NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- What was under way, as in bida_suspect.
CREATE TABLE bida_inbox_suspect (
    consumer_group VARCHAR(64) NOT NULL,
    message_id     BINARY(16)  NOT NULL,
    seq            BIGINT      NOT NULL,
    shard          SMALLINT    NOT NULL,
    node           VARCHAR(64) NULL,
    crashes        INT         NOT NULL DEFAULT 0,
    noted_at       DATETIME(6) NOT NULL,
    PRIMARY KEY (message_id, consumer_group)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- The job store of Quartz 2.5, on which housekeeping runs: its columns, its names in its capitals. It holds a few rows,
-- which the primary keys serve.
CREATE TABLE BIDA_QRTZ_JOB_DETAILS (
    SCHED_NAME        VARCHAR(120) NOT NULL,
    JOB_NAME          VARCHAR(190) NOT NULL,
    JOB_GROUP         VARCHAR(190) NOT NULL,
    DESCRIPTION       VARCHAR(250) NULL,
    JOB_CLASS_NAME    VARCHAR(250) NOT NULL,
    IS_DURABLE        VARCHAR(1)   NOT NULL,
    IS_NONCONCURRENT  VARCHAR(1)   NOT NULL,
    IS_UPDATE_DATA    VARCHAR(1)   NOT NULL,
    REQUESTS_RECOVERY VARCHAR(1)   NOT NULL,
    JOB_DATA          BLOB         NULL,
    PRIMARY KEY (SCHED_NAME, JOB_NAME, JOB_GROUP)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE BIDA_QRTZ_TRIGGERS (
    SCHED_NAME     VARCHAR(120) NOT NULL,
    TRIGGER_NAME   VARCHAR(190) NOT NULL,
    TRIGGER_GROUP  VARCHAR(190) NOT NULL,
    JOB_NAME       VARCHAR(190) NOT NULL,
    JOB_GROUP      VARCHAR(190) NOT NULL,
    DESCRIPTION    VARCHAR(250) NULL,
    NEXT_FIRE_TIME BIGINT       NULL,
    PREV_FIRE_TIME BIGINT       NULL,
    PRIORITY       INT          NULL,
    TRIGGER_STATE  VARCHAR(16)  NOT NULL,
    TRIGGER_TYPE   VARCHAR(8)   NOT NULL,
    START_TIME     BIGINT       NOT NULL,
    END_TIME       BIGINT       NULL,
    CALENDAR_NAME  VARCHAR(190) NULL,
    MISFIRE_INSTR  SMALLINT     NULL,
    JOB_DATA       BLOB         NULL,
    PRIMARY KEY (SCHED_NAME, TRIGGER_NAME, TRIGGER_GROUP),
    FOREIGN KEY (SCHED_NAME, JOB_NAME, JOB_GROUP)
        REFERENCES BIDA_QRTZ_JOB_DETAILS (SCHED_NAME, JOB_NAME, JOB_GROUP)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE BIDA_QRTZ_SIMPLE_TRIGGERS (
    SCHED_NAME      VARCHAR(120) NOT NULL,
    TRIGGER_NAME    VARCHAR(190) NOT NULL,
    TRIGGER_GROUP   VARCHAR(190) NOT NULL,
    REPEAT_COUNT    BIGINT       NOT NULL,
    REPEAT_INTERVAL BIGINT       NOT NULL,
    TIMES_TRIGGERED BIGINT       NOT NULL,
    PRIMARY KEY (SCHED_NAME, TRIGGER_NAME, TRIGGER_GROUP),
    FOREIGN KEY (SCHED_NAME, TRIGGER_NAME, TRIGGER_GROUP)
        REFERENCES BIDA_QRTZ_TRIGGERS (SCHED_NAME, TRIGGER_NAME, TRIGGER_GROUP)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE BIDA_QRTZ_CRON_TRIGGERS (
    SCHED_NAME      VARCHAR(120) NOT NULL,
    TRIGGER_NAME    VARCHAR(190) NOT NULL,
    TRIGGER_GROUP   VARCHAR(190) NOT NULL,
    CRON_EXPRESSION VARCHAR(120) NOT NULL,
    TIME_ZONE_ID    VARCHAR(80)  NULL,
    PRIMARY KEY (SCHED_NAME, TRIGGER_NAME, TRIGGER_GROUP),
    FOREIGN KEY (SCHED_NAME, TRIGGER_NAME, TRIGGER_GROUP)
        REFERENCES BIDA_QRTZ_TRIGGERS (SCHED_NAME, TRIGGER_NAME, TRIGGER_GROUP)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE BIDA_QRTZ_SIMPROP_TRIGGERS (
    SCHED_NAME    VARCHAR(120)   NOT NULL,
    TRIGGER_NAME  VARCHAR(190)   NOT NULL,
    TRIGGER_GROUP VARCHAR(190)   NOT NULL,
    STR_PROP_1    VARCHAR(512)   NULL,
    STR_PROP_2    VARCHAR(512)   NULL,
    STR_PROP_3    VARCHAR(512)   NULL,
    INT_PROP_1    INT            NULL,
    INT_PROP_2    INT            NULL,
    LONG_PROP_1   BIGINT         NULL,
    LONG_PROP_2   BIGINT         NULL,
    DEC_PROP_1    NUMERIC(13, 4) NULL,
    DEC_PROP_2    NUMERIC(13, 4) NULL,
    BOOL_PROP_1   VARCHAR(1)     NULL,
    BOOL_PROP_2   VARCHAR(1)     NULL,
    PRIMARY KEY (SCHED_NAME, TRIGGER_NAME, TRIGGER_GROUP),
    FOREIGN KEY (SCHED_NAME, TRIGGER_NAME, TRIGGER_GROUP)
        REFERENCES BIDA_QRTZ_TRIGGERS (SCHED_NAME, TRIGGER_NAME, TRIGGER_GROUP)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE BIDA_QRTZ_BLOB_TRIGGERS (
    SCHED_NAME    VARCHAR(120) NOT NULL,
    TRIGGER_NAME  VARCHAR(190) NOT NULL,
    TRIGGER_GROUP VARCHAR(190) NOT NULL,
    BLOB_DATA     BLOB         NULL,
    PRIMARY KEY (SCHED_NAME, TRIGGER_NAME, TRIGGER_GROUP),
    FOREIGN KEY (SCHED_NAME, TRIGGER_NAME, TRIGGER_GROUP)
        REFERENCES BIDA_QRTZ_TRIGGERS (SCHED_NAME, TRIGGER_NAME, TRIGGER_GROUP)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE BIDA_QRTZ_CALENDARS (
    SCHED_NAME    VARCHAR(120) NOT NULL,
    CALENDAR_NAME VARCHAR(190) NOT NULL,
    CALENDAR      BLOB         NOT NULL,
    PRIMARY KEY (SCHED_NAME, CALENDAR_NAME)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE BIDA_QRTZ_PAUSED_TRIGGER_GRPS (
    SCHED_NAME    VARCHAR(120) NOT NULL,
    TRIGGER_GROUP VARCHAR(190) NOT NULL,
    PRIMARY KEY (SCHED_NAME, TRIGGER_GROUP)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE BIDA_QRTZ_FIRED_TRIGGERS (
    SCHED_NAME        VARCHAR(120) NOT NULL,
    ENTRY_ID          VARCHAR(95)  NOT NULL,
    TRIGGER_NAME      VARCHAR(190) NOT NULL,
    TRIGGER_GROUP     VARCHAR(190) NOT NULL,
    INSTANCE_NAME     VARCHAR(190) NOT NULL,
    FIRED_TIME        BIGINT       NOT NULL,
    SCHED_TIME        BIGINT       NOT NULL,
    PRIORITY          INT          NOT NULL,
    STATE             VARCHAR(16)  NOT NULL,
    JOB_NAME          VARCHAR(190) NULL,
    JOB_GROUP         VARCHAR(190) NULL,
    IS_NONCONCURRENT  VARCHAR(1)   NULL,
    REQUESTS_RECOVERY VARCHAR(1)   NULL,
    PRIMARY KEY (SCHED_NAME, ENTRY_ID)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE BIDA_QRTZ_SCHEDULER_STATE (
    SCHED_NAME        VARCHAR(120) NOT NULL,
    INSTANCE_NAME     VARCHAR(190) NOT NULL,
    LAST_CHECKIN_TIME BIGINT       NOT NULL,
    CHECKIN_INTERVAL  BIGINT       NOT NULL,
    PRIMARY KEY (SCHED_NAME, INSTANCE_NAME)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE BIDA_QRTZ_LOCKS (
    SCHED_NAME VARCHAR(120) NOT NULL,
    LOCK_NAME  VARCHAR(40)  NOT NULL,
    PRIMARY KEY (SCHED_NAME, LOCK_NAME)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
