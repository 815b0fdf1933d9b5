//! `/admin/settings`: the settings of a blog.

use afterword_model::moderation::SettingField;
use afterword_model::{Refusal, SubmissionId};
use afterword_view::admin::{Saved, SettingsView, settings_page};
use worker::Response;

use crate::admin_rpc::Attributed;
use crate::context::AppContext;
use crate::error::ApiError;
use crate::http::admin::call::AdminCall;
use crate::http::admin::pages::context::PageContext;
use crate::http::admin::pages::{fields, notice};
use crate::http::admin::{calls, setting_fields};
use crate::http::form_fields::FormFields;
use crate::response::see_other;

const PATH: &str = "/admin/settings";

/// `GET /admin/settings`: the form.
pub(crate) async fn get(app: &AppContext, call: AdminCall<'_>) -> Result<Response, ApiError> {
    let context = PageContext::of_one_site(app, &call).await?;
    let settings = calls::settings(app, context.site()?).await?;
    context.respond(|frame| settings_page(frame, &SettingsView { settings: &settings, typed: &[], errors: &[] }))
}

/// `POST /admin/settings`: stores the settings that differ, or shows the form again with what is wrong. An invalid value keeps no other from
/// being stored: each setting is an action of its own.
pub(crate) async fn post(app: &AppContext, call: AdminCall<'_>) -> Result<Response, ApiError> {
    let fields = FormFields::read(app, call.request).await?;
    let site = match fields.value("site") {
        "" => PageContext::of_one_site(app, &call).await?.site()?,
        origin => fields::site(app, &call, origin)?,
    };
    let form_id = fields::action_id(&fields)?;
    let settings = calls::settings(app, site).await?;
    let mut errors: Vec<(&str, &str)> = Vec::new();
    for setting in settings.iter().filter(|setting| is_changed(setting, &fields)) {
        let value = Some(fields.value(&setting.name).trim()).filter(|value| !value.is_empty());
        let id = setting_id(form_id, &setting.name);
        let attribution = Attributed { id, by: call.moderator.name().to_owned() };
        let result = match setting_fields::change(&setting.name, value) {
            Ok(change) => calls::update_setting(app, site, change, attribution).await,
            Err(refusal) => Err(refusal.into()),
        };
        if let Err(error) = result {
            errors.push((&setting.name, message(error.into_refusal(&app.log))));
        }
    }
    if errors.is_empty() {
        let back = fields::with_parameters(PATH, &[("site", fields.value("site"))]);
        return Ok(see_other(&notice::saved_address(back.trim_end_matches('?'), Saved::Settings, None))?);
    }
    let context = PageContext::of_one_site(app, &call).await?;
    let typed: Vec<(&str, &str)> =
        settings.iter().map(|setting| (setting.name.as_str(), fields.value(&setting.name))).collect();
    context.respond_with(422, |frame| {
        settings_page(frame, &SettingsView { settings: &settings, typed: &typed, errors: &errors })
    })
}

/// Returns true if the form has another value than the blog. A form without the field leaves the setting alone.
fn is_changed(setting: &SettingField, fields: &FormFields) -> bool {
    let normalize = |value: &str| value.replace("\r\n", "\n").trim().to_owned();
    let sent = fields.values(&setting.name).last().map(normalize);
    sent.is_some_and(|sent| sent != normalize(setting.value.as_deref().unwrap_or_default()))
}

/// The id of the action for one setting: the same if the form is sent twice.
fn setting_id(form: SubmissionId, name: &str) -> SubmissionId {
    use sha2::{Digest, Sha256};
    let digest = Sha256::new().chain_update(form.to_string()).chain_update(name).finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    SubmissionId::from_digest(bytes)
}

fn message(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::BadJson => "This value does not fit. Nothing was changed here.",
        refusal => refusal.message(),
    }
}
