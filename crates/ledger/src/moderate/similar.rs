//! Groups of comments that are similar, as a wave of spam is: the same letters, links to the same host, or the same network on one day.

use std::collections::{BTreeSet, HashMap};

use afterword_model::moderation::{QueueList, SimilarGroup, Similarity, SimilarityKind};

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::moderate::queue::list_index;
use crate::store::network_ids::parse_network_ids;
use crate::store::row::Row;
use crate::store::sql::{Sql, Value};

/// Number of the newest comments of a list among which groups are counted.
const WINDOW: u32 = 200;
/// Size from which on a group is one. Two comments are no wave.
const MIN_GROUP: u32 = 3;
/// Number of links of a comment that are looked at. One with more is similar by its first ones.
const MAX_HOSTS: usize = 8;
/// Columns that tell what a comment is like.
const COLUMNS: &str = "duplicate_key, network, html";

/// The values in which a comment can be like another one.
type Traits = BTreeSet<(SimilarityKind, String)>;

impl<S: Sql> Ledger<S> {
    /// The condition for comments that are like another one, and its values. A comment that is like no other matches itself alone.
    pub(crate) fn similar_condition(&self, similarity: Similarity) -> Result<(String, Vec<Value>), LedgerError> {
        let id = similarity.comment.get();
        let query = format!("SELECT {COLUMNS} FROM comment WHERE id = ?");
        let row = Row::first(self.sql.exec(&query, &[id.into()])?);
        let traits = row.map(|mut row| read_traits(&mut row)).transpose()?.unwrap_or_default();
        let value = traits.into_iter().find(|(kind, _)| *kind == similarity.kind).map(|(_, value)| value);
        Ok(match (similarity.kind, value) {
            (_, None) => ("comment.id = ?".to_owned(), vec![id.into()]),
            (SimilarityKind::Text, Some(key)) => ("comment.duplicate_key IS ?".to_owned(), vec![key.as_str().into()]),
            (SimilarityKind::Network, Some(network)) => {
                let start = format!("{network} ");
                let condition = "(comment.network IS ? OR substr(coalesce(comment.network, ''), 1, ?) = ?)".to_owned();
                let length = i64::try_from(start.chars().count()).unwrap_or(i64::MAX);
                (condition, vec![network.as_str().into(), length.into(), start.as_str().into()])
            }
            (SimilarityKind::Link, Some(host)) => {
                let condition = "(instr(comment.html, ?) > 0 OR instr(comment.html, ?) > 0)".to_owned();
                (condition, vec![format!("//{host}/").as_str().into(), format!("//{host}\"").as_str().into()])
            }
        })
    }

    /// The largest group to which each of these comments of a list belongs. Lists without an index of their own have none: what is published is
    /// no wave any more.
    pub(crate) fn count_similar(
        &self,
        list: QueueList,
        ids: &[i64],
    ) -> Result<HashMap<i64, SimilarGroup>, LedgerError> {
        let Some((index, condition)) = list_index(list).filter(|_| !ids.is_empty()) else { return Ok(HashMap::new()) };
        let query =
            format!("SELECT id, {COLUMNS} FROM comment INDEXED BY {index} WHERE {condition} ORDER BY id DESC LIMIT ?");
        let (mut counts, mut traits) = (HashMap::new(), HashMap::new());
        for columns in self.sql.exec(&query, &[WINDOW.into()])? {
            let mut row = Row::new(columns);
            let id = row.integer("comment.id")?;
            let own = read_traits(&mut row)?;
            for one in &own {
                *counts.entry(one.clone()).or_insert(0) += 1;
            }
            traits.insert(id, own);
        }
        let group = |id: &i64| {
            let own = traits.get(id)?.iter().filter_map(|one| Some((*counts.get(one)?, one.0)));
            // Of groups of one size, the most telling kind.
            let (count, kind) =
                own.filter(|(count, _)| *count >= MIN_GROUP).max_by_key(|(count, kind)| (*count, rank(*kind)))?;
            Some((*id, SimilarGroup { kind, count }))
        };
        Ok(ids.iter().filter_map(group).collect())
    }
}

fn rank(kind: SimilarityKind) -> usize {
    SimilarityKind::ALL.iter().rev().position(|one| *one == kind).unwrap_or(0)
}

fn read_traits(row: &mut Row) -> Result<Traits, LedgerError> {
    let mut traits = Traits::new();
    if let Some(key) = row.optional_text("comment.duplicate_key")?.filter(|key| !key.is_empty()) {
        traits.insert((SimilarityKind::Text, key));
    }
    if let Some(network) = row.optional_text("comment.network")? {
        traits.insert((SimilarityKind::Network, parse_network_ids(&network).network));
    }
    let html = row.text("comment.html")?;
    traits.extend(link_hosts(&html).map(|host| (SimilarityKind::Link, host.to_owned())));
    Ok(traits)
}

/// The hosts to which the HTML of a comment links, with their ports.
fn link_hosts(html: &str) -> impl Iterator<Item = &str> {
    let addresses = html.split("href=\"").skip(1).take(MAX_HOSTS);
    addresses.filter_map(|rest| {
        let address = rest.split('"').next()?;
        let host = address.split_once("//")?.1.split(['/', '?', '#']).next()?;
        Some(host).filter(|host| !host.is_empty())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_of_links_are_found() {
        let html = r#"<p><a href="https://Spam.example/x?y=1">a</a> <a href="http://b.example:8080">b</a> <a href="mailto:a@b.example">c</a></p>"#;
        assert_eq!(link_hosts(html).collect::<Vec<_>>(), ["Spam.example", "b.example:8080"]);
        assert_eq!(link_hosts("<p>no link</p>").count(), 0);
        assert_eq!(link_hosts(&r#"<a href="https://a.example/">"#.repeat(99)).count(), MAX_HOSTS);
    }

    #[test]
    fn the_most_telling_kind_ranks_highest() {
        assert!(
            rank(SimilarityKind::Text) > rank(SimilarityKind::Link)
                && rank(SimilarityKind::Link) > rank(SimilarityKind::Network)
        );
    }
}
