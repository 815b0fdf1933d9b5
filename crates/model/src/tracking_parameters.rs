//! Query parameters that others add to the address of a page: messengers, mail senders, ad networks, blog engines.
//!
//! They say how a reader came to a page or what the reader did there, not which page it is. The canonical URL of a post
//! has none of them.

/// Parameters that one sender adds, or a family of senders.
#[derive(Debug)]
pub struct ParameterGroup {
    /// The sender, for the owner of a blog.
    pub sender: &'static str,
    /// The source: a specification, a manual or the code that adds them.
    pub source: &'static str,
    /// The first version of the rules that drops them; see [`crate::PostUrl`].
    version: u8,
    /// Patterns in lower case: `name`, `prefix*`, `name=value` or `name=prefix*`.
    ///
    /// A name that some blog could use for its posts is listed with the values that the sender gives it.
    patterns: &'static [&'static str],
}

/// The group of a parameter, if it is one that others add, under this version of the rules.
pub(crate) fn find(name: &str, value: &str, version: u8) -> Option<&'static ParameterGroup> {
    let (name, value) = (name.to_ascii_lowercase(), value.to_ascii_lowercase());
    let has_match = |group: &&ParameterGroup| group.patterns.iter().any(|pattern| matches(pattern, &name, &value));
    GROUPS.iter().filter(|group| group.version <= version).find(has_match)
}

fn matches(pattern: &str, name: &str, value: &str) -> bool {
    match pattern.split_once('=') {
        Some((pattern, values)) => pattern == name && matches_text(values, value),
        None => matches_text(pattern, name),
    }
}

fn matches_text(pattern: &str, text: &str) -> bool {
    pattern.strip_suffix('*').map_or(pattern == text, |prefix| text.starts_with(prefix))
}

const fn group(
    version: u8,
    sender: &'static str,
    source: &'static str,
    patterns: &'static [&'static str],
) -> ParameterGroup {
    ParameterGroup { sender, source, version, patterns }
}

/// All groups. A name that is in no group stays part of the address: two threads of one post are a smaller harm than
/// one thread of two posts.
#[rustfmt::skip]
const GROUPS: &[ParameterGroup] = &[
    // Campaigns and web analytics.
    group(1, "campaign tags (Google Analytics and many others)", "Google Analytics Help, \"URL builders: Collect campaign data with custom URLs\"",
        &["utm_*"]),
    group(1, "Google Analytics", "Google Analytics Help, \"Set up cross-domain measurement\"",
        &["_ga", "_gac", "_gl"]),
    group(2, "Google Tag Manager", "Google Tag Manager Help, \"Preview and debug containers\"", &["gtm_auth", "gtm_debug", "gtm_preview"]),
    group(1, "Matomo", "Matomo documentation, \"Campaign tracking\" (also under its former name, Piwik)",
        &["matomo_*", "mtm_*", "piwik_*", "pk_*"]),
    group(1, "Adobe", "Adobe Advertising Help, \"AMO ID\"", &["ef_id", "s_kwcid"]),
    group(2, "Adobe", "Adobe Experience Platform, \"appendIdentityToUrl\"", &["adobe_mc*"]),
    group(1, "AT Internet", "Piano Analytics documentation, \"Marketing campaigns\"", &["at_medium"]),
    group(2, "AT Internet (Piano)", "Piano Analytics documentation, \"Marketing campaigns\"", &["at_*", "xtor"]),
    group(1, "campaign ids of publishers", "links of publishers' newsletters and social media posts", &["cmpid", "ncid"]),
    group(2, "Webtrends, Mapp, etracker, comScore",
        "Webtrends, \"Query parameter reference\"; Mapp Intelligence, \"Campaign tracking\"; etracker, \"Campaign parameters\"; comScore, \"Campaign labels\"",
        &["etcc_*", "ns_campaign", "ns_fee", "ns_linkname", "ns_mchannel", "ns_source", "wt.*", "wt_mc", "wt_zmc"]),
    group(1, "OpenStat", "OpenStat link format (`_openstat`)", &["_openstat"]),
    group(2, "Roistat, Calltouch", "Roistat documentation, \"UTM tags and roistat tag\"; Calltouch documentation", &["calltouch_tm", "roistat*"]),
    group(2, "Baidu Tongji", "Baidu Tongji help, \"Specify advertising tracking\"", &["bd_vid", "hmci", "hmcu", "hmkw", "hmpl", "hmsr"]),

    // Ad networks and affiliate programs.
    group(1, "Google Ads", "Google Ads Help, \"Google Click ID (GCLID)\", \"WBRAID and GBRAID\"; Merchant Center Help (`srsltid`)",
        &["dclid", "gad_campaignid", "gad_source", "gbraid", "gclid", "gclsrc", "srsltid", "wbraid"]),
    group(2, "Google Ads", "Google Ads Help, \"About URL parameters\"", &["gad_*"]),
    group(1, "Microsoft Advertising", "Microsoft Advertising Help, \"auto-tagging of Microsoft Click ID\"", &["msclkid"]),
    group(1, "Yandex Direct", "Yandex Direct Help, \"yclid\"", &["yclid"]),
    group(2, "Yandex", "Yandex Metrica Help, \"Link tags\"; Yandex Search (`ysclid`)",
        &["_ym_*", "yadclid", "yadordid", "ybaip", "ymclid", "yrclid", "ysclid"]),
    group(2, "Yahoo", "consent pages of Yahoo and AOL; Yahoo Japan Ads Help", &["guccounter", "guce_*", "yj_r"]),
    group(1, "VK Ads", "VK Ads Help, \"rb_clickid\"", &["rb_clickid"]),
    group(2, "Naver, Kakao", "Naver Analytics Help, \"NaPm\"; Kakao Moment Help", &["k_campaign", "kclid", "n_campaign_type", "n_keyword_id", "napm"]),
    group(2, "Tencent Ads", "Tencent Ads documentation, \"click id\"", &["gdt_vid", "qz_gdt"]),
    group(1, "TikTok, Twitter, Snapchat, Pinterest, LinkedIn, Reddit ads", "advertiser help of these networks, \"click id\"",
        &["epik", "li_fat_id", "rdt_cid", "sccid", "ttclid", "twclid"]),
    group(2, "Quora, Taboola, Outbrain, Criteo", "advertiser help of these networks, \"click id\"",
        &["cto_pld", "dicbo", "obclid", "oborigurl", "qclid", "taboolaclickid", "tbclid", "tblci"]),
    group(1, "StackAdapt", "StackAdapt documentation, \"dynamic tokens\"", &["stm_*"]),
    group(2, "affiliate networks", "documentation of CJ, Awin, Impact, ShareASale, Rakuten, Tradedoubler, AppsFlyer, Adjust",
        &["adj_*", "af_*", "awc", "cjdata", "cjevent", "irclickid", "irgwc", "raneaid", "ranmid", "ransiteid", "sscid", "tduid"]),
    group(1, "Branch", "Branch documentation, \"Deep link data\"", &["_branch_match_id", "_branch_referrer"]),
    group(2, "Branch", "Branch documentation, \"Deep link data\"", &["_branch_*"]),
    group(1, "WickedReports", "Wicked Reports documentation", &["wickedid"]),

    // Mail senders.
    group(1, "Mailchimp", "Mailchimp Help, \"Google Analytics and e-commerce link tracking\"", &["mc_*"]),
    group(1, "HubSpot", "HubSpot Knowledge Base, \"tracking parameters\"", &["_hsenc", "_hsmi", "hsa_*", "hsctatracking"]),
    group(2, "HubSpot", "HubSpot Knowledge Base, \"cross-domain cookies\"", &["__hsfp", "__hssc", "__hstc", "hss_channel"]),
    group(1, "Marketo", "Marketo documentation, \"mkt_tok\"", &["mkt_tok"]),
    group(1, "Klaviyo", "Klaviyo Help, \"_kx\" and its former name", &["_ke", "_kx"]),
    group(1, "Kit (ConvertKit)", "Kit Help, \"subscriber id in links\"", &["ck_subscriber_id"]),
    group(1, "MailerLite", "MailerLite Help", &["ml_subscriber", "ml_subscriber_hash"]),
    group(1, "Salesforce Marketing Cloud", "Salesforce Help, \"parameter manager\"", &["sfmc_*"]),
    group(1, "Drip, Vero, Omeda", "documentation of these senders", &["__s", "oly_anon_id", "oly_enc_id", "vero_conv", "vero_id"]),
    group(2, "Omeda, Vero", "documentation of these senders", &["oly_*", "vero_*"]),
    group(2, "ActiveCampaign, Acoustic, beehiiv, Bronto, Customer.io, Dotdigital, Eloqua, Emarsys, Iterable, Kit, Listrak, Sailthru",
        "documentation of these senders, \"link tracking\"",
        &["_bhlid", "_bta_c", "_bta_tid", "_cio_id", "bhlid", "dm_i", "dm_t", "elqak", "elqaid", "elqat", "elqcampaignid", "elqtrack",
          "elqtrackid", "iterablecampaignid", "iterablemessageid", "iterabletemplateid", "mkt_unsubscribe", "sailthru_*", "sc_eh", "sc_lid",
          "sc_llid", "sc_uid", "sh_kit", "spjobid", "spmailingid", "spreportid", "spuserid", "trk_contact", "trk_module", "trk_msg", "trk_sid",
          "vgo_ee"]),

    // Messengers and social networks.
    group(1, "Facebook", "Meta for Developers, \"ClickID and the fbclid parameter\"; former social plugins",
        &["fb_action_ids", "fb_action_types", "fb_ref", "fb_source", "fbclid"]),
    group(2, "Facebook", "Meta for Developers, comments plugin (`fb_comment_id`); the mobile apps (`mibextid`, `rdid`, `_rdr`)",
        &["_rdc", "_rdr", "fb_*", "mibextid", "rdid"]),
    group(1, "Instagram", "links shared from the app", &["igsh", "igshid"]),
    group(2, "Instagram, Threads", "links shared from the apps", &["ig_cache_key", "ig_mid", "ig_rid", "slof", "xmt"]),
    group(1, "Twitter", "Twitter for Websites (`ref_src`, `ref_url`); the app (`__twitter_impression`)",
        &["__twitter_impression", "ref_src", "ref_url"]),
    group(2, "LinkedIn", "links in posts and mails of LinkedIn",
        &["lipi", "midsig", "midtoken", "trk=public*", "trk=pulse*", "trk=feed*", "trk=eml*", "trk=article*", "trk=organization*", "trkemail", "trkinfo"]),
    group(2, "Reddit", "links shared from the app", &["ref_campaign", "ref_source", "rdt"]),
    group(2, "WeChat", "WeChat Open Community, addresses of shared pages",
        &["from=singlemessage", "from=groupmessage", "from=timeline", "from=message", "from=favorites", "from=singlechat", "from=groupchat",
          "ascene", "clicktime", "enterid", "exportkey", "isappinstalled", "mpshare", "nsukey", "pass_ticket", "sharer_*", "subscene",
          "weixin_*", "wx_header", "wxfrom", "wxshare_count", "wxwork_*"]),
    group(2, "QQ", "links shared from the app",
        &["_wv", "_wwv", "adpubno", "adsession", "adtag", "aduin", "from=qq", "from=qzone", "ptlang", "tdsourcetag"]),
    group(2, "Weibo, Douyin, Toutiao, Xiaohongshu, Zhihu, Bilibili, Taobao", "links shared from these apps",
        &["apptime", "appuid", "author_share", "bbid", "from_spmid", "is_from_webapp", "is_new_connect", "is_new_user", "from=weibo", "from=timeline*",
          "plat_id", "scm", "sender_device", "share_from", "share_medium", "share_plat", "share_session_id", "share_source", "share_tag",
          "share_times", "share_token", "spm", "spm_id_from", "tt_from", "unique_k", "vd_source", "xhsshare", "xsec_source", "xsec_token"]),
    group(2, "LINE", "LINE Developers, \"LINE URL scheme\": opening in another browser", &["ldtag_cl", "openexternalbrowser", "openinappbrowser"]),
    group(2, "Zalo, VK, Telegram", "links shared from these apps", &["tgwebappstartparam", "vkclid", "zarsrc", "zclid"]),
    group(1, "sharing links with a referrer", "Ghost and many newsletters (`ref`)", &["ref"]),
    group(2, "sharing buttons", "AddThis, former share counter", &["sms_ss"]),

    // Blog engines and what stands in front of them.
    group(1, "WordPress", "WordPress core, wp-includes/comment-template.php", &["replytocom"]),
    group(2, "WordPress", "WordPress core: wp-includes/cron.php, comment.php, comment-template.php, link-template.php, class-wp-customize-manager.php",
        &["_thumbnail_id", "_wpnonce", "cpage", "customize_*", "doing_wp_cron", "moderation-hash", "preview", "preview_*", "unapproved",
          "wp-preview", "wp_theme_preview"]),
    group(2, "Jetpack", "Jetpack: sharing, related posts, likes, mobile theme",
        &["ak_action", "jetpack_*", "like_comment", "nb=1", "relatedposts_*", "share=bluesky", "share=custom-*", "share=digg", "share=email",
          "share=facebook", "share=google*", "share=jetpack-*", "share=line", "share=linkedin", "share=mastodon", "share=more", "share=nextdoor",
          "share=pinterest", "share=pocket", "share=press-this", "share=print", "share=reddit", "share=skype", "share=stumbleupon",
          "share=telegram", "share=threads", "share=tumblr", "share=twitter", "share=whatsapp", "share=x"]),
    group(2, "WordPress plugins", "WPtouch, WP Rocket, LiteSpeed Cache, Autoptimize, Elementor, Divi, Beaver Builder",
        &["ao_noptimize", "elementor-preview", "et_fb", "fl_builder", "lscwp_ctrl", "nowprocket", "wpmp_switcher", "wptouch_*"]),
    group(1, "Blogger", "Blogger's templates and comment form", &["m=0", "m=1", "showcomment", "spref"]),
    group(2, "Blogger", "Blogger: dynamic views, paged comments, backlinks, sign-in",
        &["commentpage", "expref", "pli=1", "view=classic", "view=flipcard", "view=magazine", "view=mosaic", "view=sidebar", "view=snapshot",
          "view=timeslide", "zx"]),
    group(2, "Ghost", "Ghost: links in newsletters, members' sign-in", &["action=signin", "action=signup", "action=subscribe", "attribution_id", "attribution_type", "attribution_url",
        "stripe=cancel", "stripe=success", "success=true", "success=false"]),
    group(2, "Substack", "links of Substack", &["isfreemail", "showwelcome", "showwelcomeonshare", "triedredirect", "triedsigningin"]),
    group(2, "AMP", "AMP documentation, \"AMP URLs\" and \"linker\"; the AMP plugin of WordPress",
        &["amp", "amp_*", "noamp", "nonamp", "outputtype=amp", "usqp"]),
    group(2, "Google Translate", "addresses under translate.goog", &["_x_tr_*"]),
    group(1, "PHP sessions", "PHP manual, \"Session handling: passing the session id\"", &["phpsessid"]),
    group(2, "sessions of other servers", "Jakarta Servlet specification, section 7.1.3; Adobe ColdFusion; Microsoft ASP; osCommerce, Zen Cart",
        &["aspsessionid*", "cfid", "cftoken", "jsessionid", "oscsid", "zenid"]),
    group(1, "Cloudflare", "Cloudflare documentation, \"Challenges\"", &["__cf_chl_*"]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_in_lower_case_and_occur_once() {
        let mut patterns: Vec<&str> = GROUPS.iter().flat_map(|group| group.patterns).copied().collect();
        assert!(
            patterns.iter().all(|pattern| pattern.chars().all(|it| !it.is_ascii_uppercase() && it.is_ascii_graphic()))
        );
        let count = patterns.len();
        patterns.sort_unstable();
        patterns.dedup();
        assert_eq!(patterns.len(), count, "a pattern occurs twice");
        assert!(
            patterns.iter().all(|pattern| pattern.find('*').is_none_or(|star| star >= 2 && star + 1 == pattern.len()))
        );
        assert!(GROUPS.iter().all(|group| !group.sender.is_empty() && !group.source.is_empty()));
    }
}
