//! The senders whose images a person always wants to see.

use super::{Storage, StorageError, with};
use std::time::{SystemTime, UNIX_EPOCH};

/// The most senders of one person.
const MOST: i64 = 5_000;

impl Storage {
    /// Whether `user` trusts `sender`, an address in lower case.
    pub async fn trusts(&self, user: &str, sender: &str) -> Result<bool, StorageError> {
        let count: i64 = with!(self.pool().await?, pool => {
            sqlx::query_scalar(
                "SELECT COUNT(*) FROM trusted_sender WHERE user_address = $1 AND sender = $2",
            )
            .bind(user)
            .bind(sender)
            .fetch_one(pool)
            .await
        })?;
        Ok(count > 0)
    }

    /// Adds a sender; nothing where `user` trusts them already.
    pub async fn trust(&self, user: &str, sender: &str) -> Result<(), StorageError> {
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |age| age.as_secs());
        let since = i64::try_from(since).unwrap_or(i64::MAX);
        let pool = self.pool().await?;
        let count: i64 = with!(pool, pool => {
            sqlx::query_scalar("SELECT COUNT(*) FROM trusted_sender WHERE user_address = $1")
                .bind(user)
                .fetch_one(pool)
                .await
        })?;
        if count >= MOST {
            return Err(StorageError::Full);
        }
        with!(pool, pool => {
            sqlx::query(
                "INSERT INTO trusted_sender (user_address, sender, since) VALUES ($1, $2, $3) \
                 ON CONFLICT (user_address, sender) DO NOTHING",
            )
            .bind(user)
            .bind(sender)
            .bind(since)
            .execute(pool)
            .await
            .map(drop)
        })?;
        Ok(())
    }

    /// Removes a sender.
    pub async fn distrust(&self, user: &str, sender: &str) -> Result<(), StorageError> {
        with!(self.pool().await?, pool => {
            sqlx::query("DELETE FROM trusted_sender WHERE user_address = $1 AND sender = $2")
                .bind(user)
                .bind(sender)
                .execute(pool)
                .await
                .map(drop)
        })?;
        Ok(())
    }

    /// Those whom `user` trusts, by their address.
    pub async fn trusted_senders(&self, user: &str) -> Result<Vec<String>, StorageError> {
        let senders = with!(self.pool().await?, pool => {
            sqlx::query_scalar(
                "SELECT sender FROM trusted_sender WHERE user_address = $1 ORDER BY sender",
            )
            .bind(user)
            .fetch_all(pool)
            .await
        })?;
        Ok(senders)
    }
}

#[cfg(test)]
mod tests {
    use super::Storage;

    /// Once in a file of its own, and in PostgreSQL where one is named.
    #[tokio::test]
    async fn trust_is_given_and_taken_by_each_for_themselves() {
        let folder = tempfile::tempdir().unwrap();
        let file = format!("sqlite:{}/x.sqlite", folder.path().display());
        let mut urls = vec![file];
        urls.extend(std::env::var("POSTHORN_TEST_POSTGRES_URL"));
        for url in urls {
            let storage = Storage::new(&url);
            let anna = format!("anna-{:x}@posthorn.example", rand::random::<u64>());
            let jonas = "jonas@posthorn.example";
            let shop = "shop@greenleaf.example";
            assert!(!storage.trusts(&anna, shop).await.unwrap());
            for sender in [shop, shop, "a@b.example"] {
                storage.trust(&anna, sender).await.unwrap();
            }
            assert!(storage.trusts(&anna, shop).await.unwrap());
            assert!(!storage.trusts(jonas, shop).await.unwrap());
            assert!(!storage.trusts(&anna, "x' OR '1'='1").await.unwrap());
            let all = storage.trusted_senders(&anna).await.unwrap();
            assert_eq!(all, ["a@b.example", shop]);
            storage.distrust(jonas, shop).await.unwrap();
            // What was stored is there for the next process.
            let again = Storage::new(&url);
            assert!(again.trusts(&anna, shop).await.unwrap());
            for sender in [shop, "a@b.example"] {
                again.distrust(&anna, sender).await.unwrap();
            }
            assert!(storage.trusted_senders(&anna).await.unwrap().is_empty());
        }
    }
}
