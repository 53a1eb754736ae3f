//! `/api/v1/admin`: what admins see of the server.

pub(super) mod status;
