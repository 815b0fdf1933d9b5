//! The full-text index of comments, for the search of moderators: the FTS5 table `search`.
//!
//! It holds hashes of the beginnings of words, and no texts. What SQLite leaves of deleted rows in the database file therefore says nothing in
//! plain text, however the index moves its entries around. A search finds candidates by these hashes; the caller then compares the words
//! themselves with the stored texts.
//!
//! A new comment writes nothing here. Comments are added some hundred at a time, by the nightly maintenance and by the search itself, so that
//! one comment costs a fraction of a written row.

use std::collections::{BTreeSet, HashMap};

use afterword_model::encode_hex;
use sha2::{Digest, Sha256};

use crate::error::LedgerError;
use crate::store::row::Row;
use crate::store::sql::Sql;

/// `maintenance_cursor.name` of the last comment in the index.
const CURSOR: &str = "search";
/// Numbers of characters of the beginnings of a word that are indexed. A shorter word is indexed as it is.
const PREFIXES: [usize; 2] = [3, 5];
/// Bytes of a hash that are kept: enough that two beginnings of words rarely share one.
const HASH_BYTES: usize = 5;
/// Maximum number of words of a search.
const MAX_WORDS: usize = 8;

/// The words of a search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SearchWords(Vec<String>);

impl SearchWords {
    /// Parses what a moderator typed. `None` if there is no word in it.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let words: Vec<String> = words(text).take(MAX_WORDS).collect();
        (!words.is_empty()).then_some(Self(words))
    }

    /// The FTS5 expression that finds the candidates.
    pub(crate) fn expression(&self) -> String {
        self.0.iter().map(|word| token(&searched_beginning(word))).collect::<Vec<_>>().join(" AND ")
    }

    /// Returns true if every word begins a word of these texts. A word that is too short for the index has to be a whole word.
    pub(crate) fn match_texts<'a>(&self, texts: impl IntoIterator<Item = &'a str>) -> bool {
        let found: Vec<String> = texts.into_iter().flat_map(words).collect();
        let is_short = |word: &String| word.chars().count() < PREFIXES[0];
        let is_match =
            |text: &String, word: &String| if is_short(word) { text == word } else { text.starts_with(word) };
        self.0.iter().all(|word| found.iter().any(|text| is_match(text, word)))
    }
}

/// The words of a text, in lower case. A character of a script that has no spaces between words counts as a word.
fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    let mut previous_is_ideograph = false;
    let mut spaced = String::with_capacity(text.len());
    for letter in text.chars() {
        let is_ideograph = is_ideograph(letter);
        if is_ideograph || previous_is_ideograph {
            spaced.push(' ');
        }
        spaced.push(letter);
        previous_is_ideograph = is_ideograph;
    }
    let split = spaced.split(|letter: char| !letter.is_alphanumeric()).map(str::to_lowercase);
    split.filter(|word| !word.is_empty()).collect::<Vec<_>>().into_iter()
}

/// Returns true for the letters of Chinese and Japanese, which are written without spaces.
fn is_ideograph(letter: char) -> bool {
    matches!(letter, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}')
}

/// The beginnings under which a word is indexed, from the shortest to the longest.
fn beginnings(word: &str) -> Vec<String> {
    let prefix = |length: usize| word.chars().take(length).collect::<String>();
    let mut beginnings: Vec<String> = PREFIXES.into_iter().map(prefix).collect();
    beginnings.dedup();
    beginnings
}

/// The beginning under which a search looks a word up: the longest one that all words have that begin with it.
fn searched_beginning(word: &str) -> String {
    let length = word.chars().count();
    let indexed = PREFIXES.into_iter().rev().find(|prefix| *prefix <= length);
    word.chars().take(indexed.unwrap_or(length)).collect()
}

fn token(beginning: &str) -> String {
    encode_hex(&Sha256::digest(beginning)[..HASH_BYTES])
}

/// The hashes of beginnings of words that were computed already. Most comments have the same words.
type KnownTokens = HashMap<String, String>;

/// The indexed form of texts: the hashes of the beginnings of all words.
fn tokens(texts: &[Option<String>], known: &mut KnownTokens) -> String {
    let words: BTreeSet<String> = texts.iter().flatten().flat_map(|text| words(text)).collect();
    let beginnings: BTreeSet<String> = words.iter().flat_map(|word| beginnings(word)).collect();
    let mut tokens = String::with_capacity(beginnings.len() * (2 * HASH_BYTES + 1));
    for beginning in beginnings {
        if !tokens.is_empty() {
            tokens.push(' ');
        }
        let token = known.entry(beginning).or_insert_with_key(|beginning| token(beginning));
        tokens.push_str(token);
    }
    tokens
}

/// Id of the last comment in the index.
fn load_cursor(sql: &impl Sql) -> Result<i64, LedgerError> {
    let rows = sql.exec("SELECT position FROM maintenance_cursor WHERE name = ?", &[CURSOR.into()])?;
    Ok(Row::first(rows).map(|mut row| row.integer("maintenance_cursor.position")).transpose()?.unwrap_or(0))
}

/// The tokens of a comment if it is in the index.
fn indexed_tokens(sql: &impl Sql, comment: i64) -> Result<Option<String>, LedgerError> {
    if comment > load_cursor(sql)? {
        return Ok(None);
    }
    let query = "SELECT name, email, website, source FROM comment WHERE id = ? AND source <> ''";
    let row = Row::first(sql.exec(query, &[comment.into()])?);
    row.map(|row| read_tokens(row, &mut KnownTokens::new())).transpose()
}

fn read_tokens(mut row: Row, known: &mut KnownTokens) -> Result<String, LedgerError> {
    let columns = ["comment.name", "comment.email", "comment.website", "comment.source"];
    let texts: Vec<_> = columns.into_iter().map(|column| row.optional_text(column)).collect::<Result<_, _>>()?;
    Ok(tokens(&texts, known))
}

/// Removes a comment from the index, before its texts change or are wiped. Must run in the same transaction.
pub(crate) fn remove(sql: &impl Sql, comment: i64) -> Result<(), LedgerError> {
    let Some(tokens) = indexed_tokens(sql, comment)? else { return Ok(()) };
    let query = "INSERT INTO search (search, rowid, words) VALUES ('delete', ?, ?)";
    Ok(sql.exec(query, &[comment.into(), tokens.into()]).map(drop)?)
}

/// Adds a comment to the index if those around it are in the index: one whose text has changed, or that an import has brought.
pub(crate) fn add(sql: &impl Sql, comment: i64) -> Result<(), LedgerError> {
    match indexed_tokens(sql, comment)? {
        Some(tokens) => insert(sql, comment, &tokens),
        None => Ok(()),
    }
}

fn insert(sql: &impl Sql, comment: i64, tokens: &str) -> Result<(), LedgerError> {
    let query = "INSERT INTO search (rowid, words) VALUES (?, ?)";
    Ok(sql.exec(query, &[comment.into(), tokens.into()]).map(drop)?)
}

/// Adds the next comments to the index, at most `limit`. Returns true if there may be more. Must run in a transaction.
pub(crate) fn index_next(sql: &impl Sql, limit: u32) -> Result<bool, LedgerError> {
    let query = "SELECT id, name, email, website, source FROM comment WHERE id > ? ORDER BY id LIMIT ?";
    let rows = sql.exec(query, &[load_cursor(sql)?.into(), limit.max(1).into()])?;
    let is_full = rows.len() >= limit.max(1) as usize;
    let (mut last, mut known) = (None, KnownTokens::new());
    for columns in rows {
        let mut row = Row::new(columns);
        let id = row.integer("comment.id")?;
        let tokens = read_tokens(row, &mut known)?;
        // A wiped comment has no words.
        if !tokens.is_empty() {
            insert(sql, id, &tokens)?;
        }
        last = Some(id);
    }
    if let Some(last) = last {
        let query = "INSERT INTO maintenance_cursor (name, position) VALUES (?, ?) \
                     ON CONFLICT (name) DO UPDATE SET position = excluded.position";
        sql.exec(query, &[CURSOR.into(), last.into()])?;
    }
    Ok(is_full)
}

/// Number of comments that are not in the index yet, counted up to a limit.
pub(crate) fn count_unindexed(sql: &impl Sql, limit: u32) -> Result<u32, LedgerError> {
    let query = "SELECT count(*) FROM (SELECT 1 FROM comment WHERE id > ? LIMIT ?)";
    Row::only(sql.exec(query, &[load_cursor(sql)?.into(), limit.into()])?).count("count of comments")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finds(search: &str, text: &str) -> bool {
        let search = SearchWords::parse(search).unwrap();
        let indexed = tokens(&[Some(text.to_owned())], &mut KnownTokens::new());
        let is_candidate = search.expression().split(" AND ").all(|token| indexed.split(' ').any(|it| it == token));
        assert!(is_candidate || !search.match_texts([text]), "{text} is found by its words but not by the index");
        is_candidate && search.match_texts([text])
    }

    #[test]
    fn a_search_finds_the_beginnings_of_words() {
        for search in ["casino", "Casi", "cas", "CASINOS best", "spam.example", "ada@spam.example", "best-cas", "is"] {
            assert!(finds(search, "Is it the best? Casinos of ada@spam.example"), "{search}");
        }
        for search in ["asino", "casinoss", "casino worst", "ca", "i", "examples"] {
            assert!(!finds(search, "Is it the best? Casinos of ada@spam.example"), "{search}");
        }
    }

    #[test]
    fn scripts_without_spaces_are_searched_by_character() {
        assert!(finds("喫茶", "東京の喫茶店でコーヒー"));
        assert!(finds("コーヒー", "東京の喫茶店でコーヒー"));
        assert!(!finds("紅茶", "東京の喫茶店でコーヒー"));
        assert!(finds("ЗДРАВСТВУЙ", "здравствуйте"));
    }

    #[test]
    fn a_search_without_words_is_none() {
        assert_eq!(SearchWords::parse(" -- !"), None);
        assert_eq!(SearchWords::parse("a b c d e f g h i j").unwrap().0.len(), MAX_WORDS);
    }

    #[test]
    fn the_index_holds_no_words() {
        let texts = [Some("Casinos everywhere".to_owned()), None, Some("ada@mail.example".to_owned())];
        let indexed = tokens(&texts, &mut KnownTokens::new());
        assert!(
            indexed.split(' ').all(|it| it.len() == 2 * HASH_BYTES && it.bytes().all(|byte| byte.is_ascii_hexdigit()))
        );
        assert!(!indexed.contains("casin") && !indexed.contains("ada"));
    }
}
