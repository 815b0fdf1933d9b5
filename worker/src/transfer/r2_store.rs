//! The bucket of R2 for backups, where one is bound.

use std::future::Future;
use std::time::Duration;

use worker::{Bucket, Env, HttpMetadata, MultipartUpload, Result, UploadedPart};

use crate::platform::timeout::with_timeout;
use crate::transfer::backup::BackupStore;

/// The binding of the bucket; without it there are no backups.
const BINDING: &str = "BACKUPS";
/// How long one call may take.
const LIMIT: Duration = Duration::from_secs(60);

/// The bucket.
pub(crate) struct R2Store(Bucket);

/// A file on its way into the bucket: nothing of it is there before it is complete.
pub(crate) struct Upload {
    key: String,
    id: String,
    upload: MultipartUpload,
    parts: Vec<UploadedPart>,
}

impl R2Store {
    /// The bucket that is bound, if one is.
    pub(crate) fn bound(env: &Env) -> Option<Self> {
        env.bucket(BINDING).ok().map(Self)
    }
}

impl BackupStore for R2Store {
    type Upload = Upload;

    async fn begin(&self, key: &str) -> Result<Upload> {
        let kind = HttpMetadata { content_type: Some("application/x-ndjson".to_owned()), ..HttpMetadata::default() };
        let upload = answered(self.0.create_multipart_upload(key).http_metadata(kind).execute()).await?;
        Ok(Upload { key: key.to_owned(), id: upload.upload_id().await, upload, parts: Vec::new() })
    }

    async fn add(&self, upload: &mut Upload, part: Vec<u8>) -> Result<()> {
        let number = u16::try_from(upload.parts.len() + 1).map_err(|error| error.to_string())?;
        upload.parts.push(answered(upload.upload.upload_part(number, part)).await?);
        Ok(())
    }

    async fn complete(&self, upload: &mut Upload) -> Result<()> {
        let whole = self.0.resume_multipart_upload(&upload.key, &upload.id)?;
        answered(whole.complete(std::mem::take(&mut upload.parts))).await.map(drop)
    }

    async fn abort(&self, upload: Upload) -> Result<()> {
        answered(upload.upload.abort()).await
    }

    async fn has(&self, key: &str) -> Result<bool> {
        answered(self.0.head(key)).await.map(|found| found.is_some())
    }

    async fn keys(&self, folder: &str) -> Result<Vec<String>> {
        let listed = answered(self.0.list().prefix(folder).execute()).await?;
        Ok(listed.objects().iter().map(worker::Object::key).collect())
    }

    async fn remove(&self, key: &str) -> Result<()> {
        answered(self.0.delete(key)).await
    }
}

async fn answered<T>(call: impl Future<Output = Result<T>>) -> Result<T> {
    with_timeout(LIMIT, call).await.unwrap_or_else(|| Err("R2 did not answer in time".into()))
}
