-- What moderators have done. Reasons are in the log alone, where they can be forgotten.
ALTER TABLE users ADD COLUMN warned    INTEGER NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN silenced  INTEGER NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN suspended INTEGER NOT NULL DEFAULT 0;
CREATE INDEX users_moderated ON users (id) WHERE warned + silenced + suspended > 0;

ALTER TABLE tweets ADD COLUMN hidden INTEGER NOT NULL DEFAULT 0;
CREATE INDEX tweets_hidden ON tweets (id) WHERE hidden = 1;

-- Projection: reports. Can be rebuilt from the log.
CREATE TABLE reports (
  id          INTEGER PRIMARY KEY,
  reporter    INTEGER NOT NULL,
  about       INTEGER NOT NULL,  -- the person, or the tweet's author
  tweet       INTEGER,
  at          INTEGER NOT NULL,
  resolved_at INTEGER,           -- none while it is in the queue
  resolved_by INTEGER
) STRICT;
CREATE INDEX reports_open ON reports (id) WHERE resolved_at IS NULL;
CREATE INDEX reports_resolved ON reports (id) WHERE resolved_at IS NOT NULL;
CREATE INDEX reports_by_reporter ON reports (reporter);
CREATE INDEX reports_by_about ON reports (about);

-- The audit log is the log itself, seen through this index.
CREATE INDEX events_acts ON events (position) WHERE kind IN (
  'UserRoleUpdated', 'UserWarned', 'UserUnwarned', 'UserSilenced', 'UserUnsilenced',
  'UserSuspended', 'UserUnsuspended', 'TweetHidden', 'TweetUnhidden', 'ReportResolved');
