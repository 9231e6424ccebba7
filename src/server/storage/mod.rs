//! What is kept beyond the life of the process: in one file by SQLite, or in PostgreSQL where several
//! nodes share it. Never mail. The schema is brought up to date when the server starts; the SQL is
//! what both databases understand.

mod migrations;
mod trusted_senders;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{PgPool, SqlitePool};
use std::fmt;
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;
use tokio::sync::OnceCell;

/// Connections at a time. SQLite writes one after the other anyway.
const CONNECTIONS: u32 = 8;
/// How long a request waits for a connection, and for another's writing.
const PATIENCE: Duration = Duration::from_secs(5);

/// Why nothing could be stored or read; one line, without what was to be stored.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    #[error("POSTHORN_DATABASE_URL or url in [storage]: {0}")]
    Open(String),
    #[error("the database: {0}")]
    Query(#[from] sqlx::Error),
    /// A person has stored more than anybody needs.
    #[error("there is no room for more of this kind")]
    Full,
}

/// The database.
pub struct Storage {
    url: String,
    pool: OnceCell<Pool>,
}

#[derive(Debug)]
enum Pool {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

/// The same with either of the two.
macro_rules! with {
    ($pool:expr, $name:ident => $does:expr) => {
        match $pool {
            $crate::server::storage::Pool::Sqlite($name) => $does,
            $crate::server::storage::Pool::Postgres($name) => $does,
        }
    };
}
use with;

impl fmt::Debug for Storage {
    // The address may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Storage(…)")
    }
}

/// Whether an address is one of a database that is known here.
pub fn is_url(url: &str) -> bool {
    let schemes = ["sqlite:", "postgres://", "postgresql://"];
    schemes
        .iter()
        .any(|scheme| url.len() > scheme.len() && url.starts_with(scheme))
}

impl Storage {
    /// Nothing is opened before it is needed, or [`Storage::prepare`] is called.
    pub fn new(url: &str) -> Self {
        Self {
            url: url.to_owned(),
            pool: OnceCell::new(),
        }
    }

    /// Opens the database and brings it up to date; called when the server starts, so that what
    /// is wrong is told then.
    pub async fn prepare(&self) -> Result<(), StorageError> {
        self.pool().await.map(drop)
    }

    async fn pool(&self) -> Result<&Pool, StorageError> {
        self.pool.get_or_try_init(|| open(&self.url)).await
    }
}

async fn open(url: &str) -> Result<Pool, StorageError> {
    let pool = if url.starts_with("sqlite:") {
        Pool::Sqlite(sqlite(url).await?)
    } else {
        let unusable =
            |error: &sqlx::Error| StorageError::Open(format!("cannot be reached: {error}"));
        let options = PgConnectOptions::from_str(url).map_err(|error| unusable(&error))?;
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(PATIENCE)
            .connect_with(options)
            .await
            .map_err(|error| unusable(&error))?;
        Pool::Postgres(pool)
    };
    let migrator = migrations::all()
        .await
        .map_err(|error| StorageError::Open(error.to_string()))?;
    with!(&pool, pool => migrator.run(pool).await)
        .map_err(|error| StorageError::Open(format!("cannot be brought up to date: {error}")))?;
    Ok(pool)
}

async fn sqlite(url: &str) -> Result<SqlitePool, StorageError> {
    let options = SqliteConnectOptions::from_str(url)
        .map_err(|error| StorageError::Open(error.to_string()))?
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal)
        .busy_timeout(PATIENCE);
    let memory = url.contains(":memory:") || url.contains("mode=memory");
    let file = options.get_filename().to_path_buf();
    if !memory {
        create(&file).map_err(|error| {
            StorageError::Open(format!(
                "{} cannot be written: {error}; name a file that can be",
                file.display()
            ))
        })?;
    }
    SqlitePoolOptions::new()
        // Each connection to a database in memory would have one of its own.
        .max_connections(if memory { 1 } else { CONNECTIONS })
        .acquire_timeout(PATIENCE)
        .connect_with(options)
        .await
        .map_err(|error| {
            StorageError::Open(format!("{} cannot be opened: {error}", file.display()))
        })
}

/// Makes the file where it is missing, and the folders above it, for nobody else to read.
fn create(file: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
    if let Some(folder) = file
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    {
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)?;
    }
    std::fs::OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .open(file)
        .map(drop)
}

#[cfg(test)]
mod tests {
    use super::{Storage, is_url};
    use std::os::unix::fs::PermissionsExt as _;

    #[tokio::test]
    async fn the_file_is_made_for_nobody_else_and_opened_a_second_time() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a/b.sqlite");
        for _ in 0..2 {
            let storage = Storage::new(&format!("sqlite:{}", file.display()));
            storage.prepare().await.unwrap();
        }
        let mode = std::fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[tokio::test]
    async fn what_cannot_be_opened_is_told_in_one_line() {
        for url in [
            "sqlite:/dev/null/x.sqlite",
            "postgres://user:secret@127.0.0.1:1/x",
        ] {
            let error = Storage::new(url).prepare().await.unwrap_err().to_string();
            assert!(error.starts_with("POSTHORN_DATABASE_URL"), "{error}");
            assert!(
                !error.contains('\n') && !error.contains("secret"),
                "{error}"
            );
        }
        assert!(!format!("{:?}", Storage::new("postgres://u:secret@h/x")).contains("secret"));
    }

    #[test]
    fn other_databases_are_not_known() {
        assert!(is_url("sqlite:x") && is_url("postgres://x/y") && is_url("postgresql://x/y"));
        assert!(!is_url("mysql://x/y") && !is_url("sqlite:") && !is_url("x.sqlite"));
    }
}
