//! Storage for backup files.

use worker::Result;

/// Storage for backup files.
pub(crate) trait BackupStore {
    /// A multipart upload. The file does not exist before it is complete.
    type Upload;

    async fn begin_upload(&self, key: &str) -> Result<Self::Upload>;
    async fn upload_part(&self, upload: &mut Self::Upload, part: Vec<u8>) -> Result<()>;
    async fn complete_upload(&self, upload: &mut Self::Upload) -> Result<()>;
    async fn abort_upload(&self, upload: Self::Upload) -> Result<()>;
    async fn exists(&self, key: &str) -> Result<bool>;
    /// Keys that begin with a folder. May not be all of them.
    async fn list_keys(&self, folder: &str) -> Result<Vec<String>>;
    async fn delete(&self, key: &str) -> Result<()>;
}
