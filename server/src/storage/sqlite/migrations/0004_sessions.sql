-- What its owner is told of a session: the browser and system that began it and roughly from where,
-- in words, and what a token may do. Sessions from before say nothing and may do everything.
ALTER TABLE sessions ADD COLUMN device TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN place  TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN scopes TEXT NOT NULL DEFAULT 'read write admin';
