//! The schema, step by step. A step that was released is never changed: a new one is added.

use sqlx::error::BoxDynError;
use sqlx::migrate::{MigrateError, Migration, MigrationSource, MigrationType, Migrator};
use std::borrow::Cow;
use std::future::Future;
use std::pin::Pin;

/// The steps in their order; the number is the place.
const STEPS: [(&str, &str); 1] = [(
    "trusted_sender",
    include_str!("migrations/0001_trusted_sender.sql"),
)];

#[derive(Debug)]
struct Steps;

type Resolving<'s> = Pin<Box<dyn Future<Output = Result<Vec<Migration>, BoxDynError>> + Send + 's>>;

impl<'s> MigrationSource<'s> for Steps {
    fn resolve(self) -> Resolving<'s> {
        let steps = (1_i64..).zip(STEPS).map(|(number, (name, sql))| {
            Migration::new(
                number,
                Cow::Borrowed(name),
                MigrationType::Simple,
                Cow::Borrowed(sql),
                false,
            )
        });
        Box::pin(std::future::ready(Ok(steps.collect())))
    }
}

/// All steps, to be run.
pub(super) async fn all() -> Result<Migrator, MigrateError> {
    Migrator::new(Steps).await
}
