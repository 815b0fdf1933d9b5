//! Numbers of comments in the lists of the queue. Each is counted up to a limit, from the index of its list.

use afterword_model::moderation::{ListCount, QueueCounts, QueueList};

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::moderate::queue::list_index;
use crate::store::row::Row;
use crate::store::sql::Sql;

/// Number up to which the comments of a list are counted.
const MAX_COUNTED: u32 = 1_000;
/// Number of the newest comments among which published and unanswered ones are counted, for they have no index.
const NEWEST_COUNTED: u32 = 1_000;

impl<S: Sql> Ledger<S> {
    /// The number of comments in each list. Reads at most five thousand rows, whatever the size of the site.
    ///
    /// # Errors
    ///
    /// Only those of the database and its rows.
    pub fn count_queue(&self) -> Result<QueueCounts, LedgerError> {
        let query = "SELECT count(*), coalesce(sum(status = 1 AND erased IS NULL), 0), \
                     coalesce(sum(status = 1 AND erased IS NULL AND owner = 0 AND answered = 0), 0) FROM \
                     (SELECT status, erased, owner, answered FROM comment ORDER BY id DESC LIMIT ?)";
        let mut row = Row::only(self.sql.exec(query, &[NEWEST_COUNTED.into()])?);
        let more = row.count("count of comments")? >= NEWEST_COUNTED;
        let (published, unanswered) = (row.count("count of comments")?, row.count("count of comments")?);
        Ok(QueueCounts {
            pending: self.count_list(QueueList::Pending)?,
            reported: self.count_list(QueueList::Reported)?,
            spam: self.count_list(QueueList::Spam)?,
            deleted: self.count_list(QueueList::Deleted)?,
            published: ListCount { count: published, more },
            unanswered: ListCount { count: unanswered, more },
        })
    }

    fn count_list(&self, list: QueueList) -> Result<ListCount, LedgerError> {
        let Some((index, condition)) = list_index(list) else { return Ok(ListCount::default()) };
        let query =
            format!("SELECT count(*) FROM (SELECT 1 FROM comment INDEXED BY {index} WHERE {condition} LIMIT ?)");
        let found = Row::only(self.sql.exec(&query, &[(MAX_COUNTED + 1).into()])?).count("count of comments")?;
        Ok(ListCount { count: found.min(MAX_COUNTED), more: found > MAX_COUNTED })
    }
}
