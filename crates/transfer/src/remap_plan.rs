//! The requests that move posts to their new addresses.
//!
//! A long list is sent in chunks, as a request body has at most [`limits::BODY_BYTES`] bytes. A chunk does not contain the moves of the others, so chains
//! are resolved here, over the whole list and by the rule of the ledger, before anything is sent.

use std::collections::{HashMap, HashSet};

use afterword_ledger::{MoveOutcome, PostMove, RemapStep};
use afterword_model::{PostUrl, limits};
use serde_json::{Value, json};
use thiserror::Error;

use crate::move_list::{AddressError, MoveList, MoveRow, describe_line, full_url};

/// Maximum number of moves in one request, and their maximum size in its body; the rest of the body is for the fields around them.
const CHUNK_MOVES: usize = 500;
const CHUNK_BYTES: usize = limits::BODY_BYTES - 1_024;

/// Reason why posts cannot be moved.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RemapError {
    /// No row of the list moves a post.
    #[error("no line has an old and a new address")]
    Empty,
    /// A text is no address.
    #[error("`{0}` is not an address")]
    NoAddress(String),
    /// An address cannot be read.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// Posts have no last address, or more than one. The text has a line for each.
    #[error("nothing was moved; correct these lines first\n{0}")]
    Chains(String),
    /// The Worker gave another answer than moves.
    #[error("the response is not from Afterword")]
    Foreign,
}

/// A list of posts to move. The Worker is asked first for the names of the hosts in it, then the moves are resolved and sent.
#[derive(Clone, Debug)]
pub struct RemapPlan {
    rows: Vec<MoveRow>,
    /// The canonical host name in the Worker for each host of the list.
    hosts: HashMap<String, String>,
}

impl RemapPlan {
    /// Plans the moves of a list.
    ///
    /// # Errors
    ///
    /// If it has none.
    pub fn new(list: MoveList) -> Result<Self, RemapError> {
        if list.rows.is_empty() { Err(RemapError::Empty) } else { Ok(Self { rows: list.rows, hosts: HashMap::new() }) }
    }

    /// Plans the move of one post.
    ///
    /// # Errors
    ///
    /// If one of the texts is not an address.
    pub fn single(from: &str, to: &str, site: Option<&str>) -> Result<Self, RemapError> {
        let row = MoveRow { line: None, from: full_url(from, site)?, to: full_url(to, site)? };
        Ok(Self { rows: vec![row], hosts: HashMap::new() })
    }

    /// An address of the site, by which the Worker knows it.
    #[must_use]
    pub fn site(&self) -> &str {
        self.rows.first().map(|row| row.to.as_str()).unwrap_or_default()
    }

    /// An address of each host in the list, with the place of its row. A move from it to itself is previewed, so that a host of another blog, or of
    /// none, is found before any move is sent; [`RemapPlan::add_host`] takes the response.
    ///
    /// # Errors
    ///
    /// If a row has no address.
    pub fn hosts(&self) -> Result<Vec<(String, String)>, RemapError> {
        let (mut known, mut addresses) = (HashSet::new(), Vec::new());
        for row in &self.rows {
            for text in [&row.from, &row.to] {
                if known.insert(split_host(&parse_url(text)?).0.to_owned()) {
                    addresses.push((describe_line(row.line), text.clone()));
                }
            }
        }
        Ok(addresses)
    }

    /// Takes the step of a previewed move of an address to itself.
    ///
    /// # Errors
    ///
    /// If the text has no address.
    pub fn add_host(&mut self, address: &str, step: &RemapStep) -> Result<(), RemapError> {
        let url = parse_url(address)?;
        self.hosts.insert(split_host(&url).0.to_owned(), split_host(&step.post.from).0.to_owned());
        Ok(())
    }

    /// The requests that move the posts, each without its fields `dry_run` and `after`, and with the number of its moves.
    ///
    /// # Errors
    ///
    /// With the line numbers, if a post has no last address or more than one.
    pub fn requests(&self) -> Result<Vec<(Value, usize)>, RemapError> {
        let moves = self.resolve_chains()?;
        Ok(chunks(&moves).into_iter().map(|chunk| (json!({ "moves": chunk }), chunk.len())).collect())
    }

    /// Resolves chains of moves: returns each post of the list once, with its last address.
    fn resolve_chains(&self) -> Result<Vec<PostMove>, RemapError> {
        let mut moves = Vec::new();
        for row in &self.rows {
            moves.push(PostMove { from: self.canonical(&row.from)?, to: self.canonical(&row.to)? });
        }
        let (mut errors, mut known, mut resolved) = (Vec::new(), HashSet::new(), Vec::new());
        for ((moved, problem), row) in PostMove::resolve_chains(&moves).into_iter().zip(&self.rows) {
            if let Some(reason) = problem {
                let line = describe_line(row.line);
                errors.push(match reason {
                    MoveOutcome::Ambiguous => format!("{line}: {} would go to two new addresses", moved.from),
                    _ => format!("{line}: {} leads in a circle", moved.from),
                });
            } else if known.insert(moved.from.clone()) {
                resolved.push(moved);
            }
        }
        if errors.is_empty() { Ok(resolved) } else { Err(RemapError::Chains(errors.join("\n"))) }
    }

    /// The canonical address of a post in the Worker.
    fn canonical(&self, text: &str) -> Result<PostUrl, RemapError> {
        let url = parse_url(text)?;
        let (host, rest) = split_host(&url);
        parse_url(&format!("https://{}{rest}", self.hosts.get(host).map_or(host, String::as_str)))
    }
}

/// The request that moves all posts below an address, and an address of its site.
///
/// # Errors
///
/// If one of the texts is not an address.
pub fn prefix_rule(from: &str, to: &str, site: Option<&str>) -> Result<(Value, String), RemapError> {
    let (from, to) = (full_url(from, site)?, full_url(to, site)?);
    let site = site.unwrap_or(&to).to_owned();
    Ok((json!({ "prefix": { "from": from, "to": to } }), site))
}

/// Corrects the steps of a preview that was sent in chunks: in a preview, the Worker does not see the effect of earlier chunks.
pub fn merge_preview(steps: &mut [RemapStep]) {
    let mut taken = HashSet::new();
    for step in steps {
        if step.outcome == MoveOutcome::Renamed && !taken.insert(step.post.to.clone()) {
            step.outcome = MoveOutcome::Merged;
        }
    }
}

fn parse_url(text: &str) -> Result<PostUrl, RemapError> {
    PostUrl::parse(text).map_err(|_| RemapError::NoAddress(text.to_owned()))
}

/// Splits a canonical address after its host.
fn split_host(url: &PostUrl) -> (&str, &str) {
    let text = url.as_str().trim_start_matches("https://");
    text.split_at(text.find('/').unwrap_or(text.len()))
}

/// Splits the moves into chunks that fit into a request.
fn chunks(moves: &[PostMove]) -> Vec<&[PostMove]> {
    let (mut chunks, mut start, mut bytes) = (Vec::new(), 0, 0);
    for (at, moved) in moves.iter().enumerate() {
        let size = json!(moved).to_string().len() + 1;
        if at > start && (at - start >= CHUNK_MOVES || bytes + size > CHUNK_BYTES) {
            chunks.push(&moves[start..at]);
            (start, bytes) = (at, 0);
        }
        bytes += size;
    }
    if start < moves.len() {
        chunks.push(&moves[start..]);
    }
    chunks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(line: u64, from: &str, to: &str) -> MoveRow {
        let whole =
            |text: &str| if text.contains("://") { text.to_owned() } else { format!("https://b.example/{text}") };
        MoveRow { line: Some(line), from: whole(from), to: whole(to) }
    }

    fn moves(rows: &[MoveRow]) -> Result<Vec<String>, RemapError> {
        let alias = ("www.b.example".to_owned(), "b.example".to_owned());
        let moves = RemapPlan { rows: rows.to_vec(), hosts: HashMap::from([alias]) }.resolve_chains()?;
        let path = |url: &PostUrl| split_host(url).1.to_owned();
        Ok(moves.iter().map(|moved| format!("{} {}", path(&moved.from), path(&moved.to))).collect())
    }

    #[test]
    fn chains_are_resolved_before_anything_is_sent() {
        let chain =
            [row(1, "a", "b"), row(2, "x", "x/index.html"), row(3, "http://www.b.example/b/", "c"), row(4, "a", "b")];
        assert_eq!(moves(&chain).unwrap(), ["/a /c", "/x /x", "/b /c"]);
        let wrong =
            [row(2, "a", "b"), row(3, "in", "a"), row(7, "http://www.b.example/b?utm_source=x", "a"), row(9, "y", "z")];
        let error = moves(&wrong).unwrap_err().to_string();
        for line in ["line 2", "line 3", "line 7"] {
            assert!(error.contains(line), "{error}");
        }
        assert!(error.contains("circle") && !error.contains("line 9"), "{error}");
        let error = moves(&[row(1, "a", "b"), row(2, "a/", "c")]).unwrap_err().to_string();
        assert!(error.contains("line 1") && error.contains("line 2") && error.contains("two new"), "{error}");
    }

    #[test]
    fn every_chunk_fits_into_a_request() {
        for length in [1, 100, 2_000] {
            let url = |number: usize| parse_url(&format!("https://b.example/{number}/{}", "x".repeat(length))).unwrap();
            let moves: Vec<PostMove> =
                (0..1_234).map(|number| PostMove { from: url(number), to: url(number + 9_999) }).collect();
            let chunks = chunks(&moves);
            assert_eq!(chunks.concat(), moves);
            for chunk in chunks {
                let body = json!({"moves": chunk, "dry_run": false, "after": i64::MAX}).to_string();
                assert!(chunk.len() <= CHUNK_MOVES && body.len() <= limits::BODY_BYTES, "{}", body.len());
            }
        }
        assert!(chunks(&[]).is_empty());
    }
}
