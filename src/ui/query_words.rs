//! What could not be meant of a query, in words: which piece, and how it is written.

use crate::i18n::{Key, Locale};
use crate::model::{QueryProblem, QueryProblemKind};

/// A sentence about the problem.
pub fn problem_text(locale: Locale, problem: &QueryProblem) -> String {
    let key = match problem.kind {
        QueryProblemKind::Date => Key::QueryDate,
        QueryProblemKind::Size => Key::QuerySize,
        QueryProblemKind::State => Key::QueryState,
        QueryProblemKind::Having => Key::QueryHaving,
        QueryProblemKind::Empty => Key::QueryEmpty,
        QueryProblemKind::Folder => Key::QueryFolder,
        QueryProblemKind::TooLong => Key::QueryTooLong,
        QueryProblemKind::TooMany => Key::QueryTooMany,
        QueryProblemKind::Charset => Key::QueryCharset,
        QueryProblemKind::Unsorted => Key::QueryUnsorted,
        QueryProblemKind::Short => Key::QueryShort,
    };
    locale.fill(key, &[("piece", &problem.piece)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_piece_is_named() {
        let problem = QueryProblem {
            kind: QueryProblemKind::Date,
            piece: "before:{piece}".to_owned(),
        };
        for locale in [Locale::En, Locale::De] {
            assert!(problem_text(locale, &problem).contains("before:{piece}"));
        }
    }
}
