//! Reading and changing the settings of a site.

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::store::audit_log::{self, ActionKey, Attribution};
use crate::store::latest_row::LatestRow;
use crate::store::setting::{self, SettingChange, SiteSettings};
use crate::store::sql::Sql;
use afterword_model::moderation::AuditAction as Action;

impl<S: Sql> Ledger<S> {
    /// The settings of the site.
    ///
    /// # Errors
    ///
    /// Only those of the database and its rows.
    pub fn settings(&self) -> Result<SiteSettings, LedgerError> {
        SiteSettings::load(&self.sql)
    }

    /// Changes a setting, and returns all settings after the change. A repeat changes nothing. `now` is in Unix seconds.
    ///
    /// # Errors
    ///
    /// [`LedgerError::Refused`] with [`Refusal::TextTooLong`](afterword_model::Refusal::TextTooLong) or
    /// [`Refusal::BadCharacter`](afterword_model::Refusal::BadCharacter) for an invalid list of muted words, or
    /// [`Refusal::IdReused`](afterword_model::Refusal::IdReused) for the id of another action.
    pub fn update_setting(
        &self,
        change: &SettingChange,
        by: &Attribution<'_>,
        now: i64,
    ) -> Result<SiteSettings, LedgerError> {
        change.check()?;
        let settings = SiteSettings::load(&self.sql)?;
        let mut changed = settings.clone();
        changed.apply(change);
        let (name, value) = (change.name(), change.value());
        let detail = self.secret_detail(value.as_deref().unwrap_or_default());
        let key = ActionKey { detail: detail.as_deref(), ..ActionKey::new(Action::Set, name) };
        if audit_log::is_repeat(&self.sql, by, key)? || changed == settings {
            return Ok(settings);
        }
        self.sql.transaction(|| {
            self.site_policy.invalidate();
            match &value {
                Some(value) => setting::put(&self.sql, name, value)?,
                None => setting::delete(&self.sql, name)?,
            }
            if changed.options != settings.options {
                LatestRow::republish(&self.sql)?;
            }
            audit_log::record(&self.sql, by, key, now)
        })?;
        Ok(changed)
    }
}
