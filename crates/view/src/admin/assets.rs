//! The script, the icons and the manifest of the moderators' pages, and the paths that serve them. Their stylesheet is
//! [`Stylesheet::Admin`](crate::styles::Stylesheet::Admin).

use std::sync::LazyLock;

use afterword_model::encode_hex;
use serde::Serialize;
use sha2::{Digest, Sha256};

/// The file with which the build begins to bundle the script, below the folder of this crate.
pub const SCRIPT_ENTRY: &str = "admin/admin.js";

/// The path of the import page's script.
pub const IMPORT_SCRIPT: &str = "/import.js";

/// The path of its part that runs as a Web Worker.
pub const IMPORT_WORKER: &str = "/import-worker.js";

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

static PATHS: LazyLock<[String; AdminAsset::ALL.len()]> =
    LazyLock::new(|| AdminAsset::ALL.map(AdminAsset::hashed_path));

/// The web app manifest. A structure, and not a map: the order of a map's keys depends on the features with which another program compiles
/// serde_json, and the build has to name the file as the Worker does.
#[derive(Serialize)]
struct Manifest {
    background_color: &'static str,
    display: &'static str,
    icons: [ManifestIcon; 3],
    id: &'static str,
    name: &'static str,
    scope: &'static str,
    short_name: &'static str,
    shortcuts: [Shortcut; 1],
    start_url: &'static str,
    theme_color: &'static str,
}

#[derive(Serialize)]
struct ManifestIcon {
    purpose: &'static str,
    sizes: &'static str,
    src: String,
    #[serde(rename = "type")]
    kind: &'static str,
}

#[derive(Serialize)]
struct Shortcut {
    name: &'static str,
    url: &'static str,
}

static MANIFEST: LazyLock<String> = LazyLock::new(|| {
    // `AdminAsset::path` would ask for the path of the manifest itself.
    let icon =
        |asset: AdminAsset, sizes, kind, purpose| ManifestIcon { purpose, sizes, src: asset.hashed_path(), kind };
    let manifest = Manifest {
        background_color: "#ffffff",
        display: "standalone",
        icons: [
            icon(AdminAsset::Icon, "any", "image/svg+xml", "any"),
            icon(AdminAsset::SmallIcon, "192x192", "image/png", "any"),
            icon(AdminAsset::LargeIcon, "512x512", "image/png", "maskable"),
        ],
        id: "/admin",
        name: "Afterword",
        scope: "/admin",
        short_name: "Afterword",
        shortcuts: [Shortcut { name: "Queue", url: "/admin/queue" }],
        start_url: "/admin",
        theme_color: "#22252a",
    };
    serde_json::to_string(&manifest).unwrap_or_default()
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

    fn hashed_path(self) -> String {
        let hash = encode_hex(&Sha256::digest(self.content())[..8]);
        format!("/assets/{}-{hash}.{}", self.name(), self.extension())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manifest_has_the_same_name_wherever_it_is_compiled() {
        let keys: Vec<_> = MANIFEST.match_indices('"').map(|(at, _)| at).take(2).collect();
        assert_eq!(&MANIFEST[keys[0]..=keys[1]], "\"background_color\"");
        let manifest: serde_json::Value = serde_json::from_str(&MANIFEST).unwrap();
        assert_eq!(manifest["icons"][1]["src"], AdminAsset::SmallIcon.path());
    }
}
