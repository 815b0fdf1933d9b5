//! Backup store in an R2 bucket, if one is bound.

use std::future::Future;
use std::time::Duration;

use worker::{Bucket, Env, HttpMetadata, MultipartUpload, Result, UploadedPart};

use crate::platform::timeout::with_timeout;
use crate::transfer::backup_store::BackupStore;

/// Binding of the bucket. Without it there are no backups.
const BINDING: &str = "BACKUPS";
/// Deadline of one call.
const CALL_TIMEOUT: Duration = Duration::from_secs(60);

/// A backup store in an R2 bucket.
pub(crate) struct R2Store(Bucket);

/// A multipart upload into the bucket.
pub(crate) struct R2Upload {
    key: String,
    id: String,
    upload: MultipartUpload,
    parts: Vec<UploadedPart>,
}

impl R2Store {
    /// Opens the bucket, if one is bound.
    pub(crate) fn open(env: &Env) -> Option<Self> {
        env.bucket(BINDING).ok().map(Self)
    }
}

impl BackupStore for R2Store {
    type Upload = R2Upload;

    async fn begin_upload(&self, key: &str) -> Result<R2Upload> {
        let metadata =
            HttpMetadata { content_type: Some("application/x-ndjson".to_owned()), ..HttpMetadata::default() };
        let upload = with_deadline(self.0.create_multipart_upload(key).http_metadata(metadata).execute()).await?;
        Ok(R2Upload { key: key.to_owned(), id: upload.upload_id().await, upload, parts: Vec::new() })
    }

    async fn upload_part(&self, upload: &mut R2Upload, part: Vec<u8>) -> Result<()> {
        let number = u16::try_from(upload.parts.len() + 1).map_err(|error| error.to_string())?;
        upload.parts.push(with_deadline(upload.upload.upload_part(number, part)).await?);
        Ok(())
    }

    async fn complete_upload(&self, upload: &mut R2Upload) -> Result<()> {
        let resumed = self.0.resume_multipart_upload(&upload.key, &upload.id)?;
        with_deadline(resumed.complete(std::mem::take(&mut upload.parts))).await.map(drop)
    }

    async fn abort_upload(&self, upload: R2Upload) -> Result<()> {
        with_deadline(upload.upload.abort()).await
    }

    async fn exists(&self, key: &str) -> Result<bool> {
        with_deadline(self.0.head(key)).await.map(|found| found.is_some())
    }

    async fn list_keys(&self, folder: &str) -> Result<Vec<String>> {
        let listed = with_deadline(self.0.list().prefix(folder).execute()).await?;
        Ok(listed.objects().iter().map(worker::Object::key).collect())
    }

    async fn delete(&self, key: &str) -> Result<()> {
        with_deadline(self.0.delete(key)).await
    }
}

/// Waits for R2's answer, up to the deadline.
async fn with_deadline<T>(call: impl Future<Output = Result<T>>) -> Result<T> {
    with_timeout(CALL_TIMEOUT, call).await.unwrap_or_else(|| Err("R2 timed out".into()))
}
