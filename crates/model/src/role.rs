//! Roles of moderators.

use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr};

/// Permissions of a moderator.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, EnumString, IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Role {
    /// Decides about comments, bans and threads. Everything that a moderator does can be undone.
    Moderator,
    /// May also erase for good, change settings, export and import. The default.
    Owner,
}

impl Role {
    /// The name of the role in settings and JSON.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// Returns true if a moderator with this role may do what needs the role `required`.
    pub fn includes(self, required: Self) -> bool {
        self >= required
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn owners_may_do_everything_and_moderators_may_not() {
        assert!(Role::Owner.includes(Role::Moderator) && Role::Owner.includes(Role::Owner));
        assert!(Role::Moderator.includes(Role::Moderator) && !Role::Moderator.includes(Role::Owner));
        assert_eq!("moderator".parse(), Ok(Role::Moderator));
        assert_eq!(
            (Role::Owner.name(), serde_json::to_string(&Role::Owner).unwrap()),
            ("owner", "\"owner\"".to_owned())
        );
    }
}
