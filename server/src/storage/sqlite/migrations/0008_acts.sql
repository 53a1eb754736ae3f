-- The audit log lists whatever staff do to others, so also their tweets deleted, and their profiles, passwords and
-- accounts. The facts of a tweet are compared as the codec writes them, whether or not they can be read.
DROP INDEX events_acts;
CREATE INDEX events_acts ON events (position) WHERE (
  kind IN ('UserRoleUpdated', 'UserWarned', 'UserUnwarned', 'UserSilenced', 'UserUnsilenced',
           'UserSuspended', 'UserUnsuspended', 'TweetHidden', 'TweetUnhidden', 'ReportResolved')
  OR (kind IN ('UserCreated', 'UserUpdated', 'PasswordUpdated', 'UserDeleted')
      AND stream IS NOT 'user-' || actor)
  OR (kind = 'TweetDeleted' AND data IS NOT '{"author":' || actor || '}'));
