//! The script, the icons and the manifest of the moderators' pages, and the paths that serve them. Their stylesheet is
//! [`Stylesheet::Admin`](crate::styles::Stylesheet::Admin).

use std::sync::LazyLock;

use afterword_model::encode_hex;
use sha2::{Digest, Sha256};

/// The file with which the build begins to bundle the script, below the folder of this crate.
pub const SCRIPT_ENTRY: &str = "admin/admin.js";

/// The modules of the script, the entry first.
const SCRIPT: [&str; 10] = [
    include_str!("../../admin/admin.js"),
    include_str!("../../admin/acts.js"),
    include_str!("../../admin/changes.js"),
    include_str!("../../admin/counts.js"),
    include_str!("../../admin/keys.js"),
    include_str!("../../admin/outcomes.js"),
    include_str!("../../admin/page.js"),
    include_str!("../../admin/rows.js"),
    include_str!("../../admin/send.js"),
    include_str!("../../admin/write.js"),
];

/// A file that the moderators' pages load.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AdminAsset {
    /// The script.
    Script,
    /// The icon, in any size.
    Icon,
    /// The icon with 180 pixels, for the home screens of Apple.
    AppleIcon,
    /// The icon with 192 pixels.
    SmallIcon,
    /// The icon with 512 pixels, whose edge may be cut off in any shape.
    LargeIcon,
    /// The web app manifest, with which browsers install the pages.
    Manifest,
}

static PATHS: LazyLock<[String; AdminAsset::ALL.len()]> = LazyLock::new(|| {
    AdminAsset::ALL.map(|asset| {
        let hash = encode_hex(&Sha256::digest(asset.content())[..8]);
        format!("/assets/{}-{hash}.{}", asset.name(), asset.extension())
    })
});

static MANIFEST: LazyLock<String> = LazyLock::new(|| {
    // The path of the manifest itself depends on its content, so it cannot be asked for here.
    let icon = |asset: AdminAsset, sizes: &str, kind: &str, purpose: &str| {
        let hash = encode_hex(&Sha256::digest(asset.content())[..8]);
        let path = format!("/assets/{}-{hash}.{}", asset.name(), asset.extension());
        serde_json::json!({"src": path, "sizes": sizes, "type": kind, "purpose": purpose})
    };
    serde_json::json!({
        "name": "Afterword",
        "short_name": "Afterword",
        "id": "/admin",
        "start_url": "/admin",
        "scope": "/admin",
        "display": "standalone",
        "background_color": "#ffffff",
        "theme_color": "#22252a",
        "icons": [
            icon(AdminAsset::Icon, "any", "image/svg+xml", "any"),
            icon(AdminAsset::SmallIcon, "192x192", "image/png", "any"),
            icon(AdminAsset::LargeIcon, "512x512", "image/png", "maskable"),
        ],
        "shortcuts": [{"name": "Queue", "url": "/admin/queue"}],
    })
    .to_string()
});

impl AdminAsset {
    /// All files.
    pub const ALL: [Self; 6] =
        [Self::Script, Self::Icon, Self::AppleIcon, Self::SmallIcon, Self::LargeIcon, Self::Manifest];

    const fn name(self) -> &'static str {
        match self {
            Self::Script => "admin",
            Self::Icon => "admin-icon",
            Self::AppleIcon => "admin-icon-180",
            Self::SmallIcon => "admin-icon-192",
            Self::LargeIcon => "admin-icon-512",
            Self::Manifest => "admin",
        }
    }

    const fn extension(self) -> &'static str {
        match self {
            Self::Script => "js",
            Self::Icon => "svg",
            Self::AppleIcon | Self::SmallIcon | Self::LargeIcon => "png",
            Self::Manifest => "webmanifest",
        }
    }

    /// The content. That of the script is all of its modules, one after the other: the build bundles them into one file.
    pub fn content(self) -> &'static [u8] {
        match self {
            Self::Script => script_source().as_bytes(),
            Self::Icon => include_bytes!("../../admin/icon.svg"),
            Self::AppleIcon => include_bytes!("../../admin/icon-180.png"),
            Self::SmallIcon => include_bytes!("../../admin/icon-192.png"),
            Self::LargeIcon => include_bytes!("../../admin/icon-512.png"),
            Self::Manifest => MANIFEST.as_bytes(),
        }
    }

    /// The path that serves it: `/assets/<name>-<hash>.<extension>`.
    pub fn path(self) -> &'static str {
        &PATHS[self as usize]
    }
}

fn script_source() -> &'static str {
    static SOURCE: LazyLock<String> = LazyLock::new(|| SCRIPT.concat());
    &SOURCE
}
