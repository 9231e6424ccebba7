//! From a built mail to one that is sent and filed, or stored as a draft. Once begun it goes on to
//! its end, even if the browser that asked for it goes away.

use super::caller::servers_of;
use super::composing::stored;
use super::form::Built;
use super::imap::{Engine, ImapError};
use super::reading::Place;
use super::session::Session;
use super::smtp::{SmtpServer, View, send};
use super::state::AppState;
use crate::model::{Draft, Error, FolderRole, Problem, Relation};
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{OwnedRwLockReadGuard, RwLock};

/// Connections over which it is tried to store a mail, one after the other. Dovecot ends those whose
/// open folder another program has deleted, with the next command, and a user has three.
const ATTEMPTS: usize = 4;

/// A mail, and whose it is.
#[derive(Clone, Debug)]
pub struct Mail {
    pub state: AppState,
    pub session: Arc<Session>,
    pub engine: Arc<Engine>,
    pub draft: Draft,
    pub built: Built,
}

impl Mail {
    /// Sends and files the mail. `Ok` once the SMTP server has taken it, with what went wrong
    /// afterwards.
    pub async fn send(self) -> Result<Option<Problem>, Problem> {
        let under_way = self.state.sent.begin().await;
        finish(async move {
            let outcome = self.deliver().await;
            drop(under_way);
            outcome
        })
        .await
    }

    /// Stores the mail in Drafts, in place of its former self; the draft as it is now.
    pub async fn save(self) -> Result<Draft, Problem> {
        let under_way = self.state.sent.begin().await;
        finish(async move {
            let outcome = self.store().await;
            drop(under_way);
            outcome
        })
        .await
    }

    async fn deliver(self) -> Result<Option<Problem>, Problem> {
        let turn = self
            .state
            .sent
            .turn(&self.session.user, &self.draft, &self.built);
        let mut stage = turn.lock().await;
        if *stage == Stage::New {
            self.hand_over().await?;
            *stage = Stage::Sent;
            self.engine.has_written_to(&self.built.recipients);
        }
        // The second press of a button gets no further than what is still to do.
        if matches!(*stage, Stage::Sent | Stage::Doubtful) {
            self.mark_origin().await;
            if let Err(error) = self.file(*stage == Stage::Doubtful).await {
                tracing::warn!(%error, "a sent mail could not be filed");
                if is_silence(&error) {
                    *stage = Stage::Doubtful;
                }
                // A draft stays: it is the only copy.
                return Ok(Some(Problem::NotFiled));
            }
            *stage = Stage::Filed;
            let lost = self.saves();
            if let Err(error) = remove(&self.engine, &self.draft, lost).await {
                tracing::warn!(%error, "the draft of a sent mail could not be removed");
            }
        }
        Ok(None)
    }

    /// To the SMTP server.
    async fn hand_over(&self) -> Result<(), Problem> {
        let servers = servers_of(&self.state, &self.session).map_err(Problem::Mailbox)?;
        let endpoint = servers.smtp.endpoint(&self.session.domain);
        let host = endpoint.host.clone();
        let server = SmtpServer::new(endpoint, self.state.tls.clone());
        let Session { user, password, .. } = &*self.session;
        let Built {
            mail, recipients, ..
        } = &self.built;
        send(&server, user, password, user, recipients, mail)
            .await
            .map_err(|error| {
                tracing::info!(host, %error, "a mail was not sent");
                Problem::from(error)
            })
    }

    fn save_key(&self) -> u64 {
        save_key(&self.session.user, &self.draft, self.built.files)
    }

    /// What this form was saved as before; see [`Sent::saves`].
    fn saves(&self) -> Saves {
        self.state.sent.saves(self.save_key())
    }

    /// The copy in Sent. `doubtful`: an earlier try may have stored it.
    async fn file(&self, doubtful: bool) -> Result<(), ImapError> {
        self.append(FolderRole::Sent, &["\\Seen"], View::Sent, doubtful)
            .await
            .map(drop)
    }

    /// Sets `\Answered` or `$Forwarded` on the original, which may be gone by now.
    async fn mark_origin(&self) {
        let Some(origin) = &self.draft.origin else {
            return;
        };
        let flag = match origin.relation {
            Relation::Reply | Relation::ReplyAll => "\\Answered",
            Relation::Forward => "$Forwarded",
        };
        let (folder, uids) = (&origin.folder, [origin.uid]);
        let marked = self
            .engine
            .set_flags(folder, origin.uid_validity, &uids, flag, true);
        if let Err(error) = marked.await {
            tracing::info!(%error, "the original of an answer could not be marked");
        }
    }

    async fn store(self) -> Result<Draft, Problem> {
        let problem = |error: ImapError| match error {
            ImapError::OverQuota => Problem::MailboxFull,
            error => Problem::Mailbox(error.into()),
        };
        // Asked first: what is remembered below is this very one.
        let sent = &self.state.sent;
        let mut former = self.saves();
        let (folder, place) = self
            .append(
                FolderRole::Drafts,
                &["\\Draft", "\\Seen"],
                View::Draft,
                false,
            )
            .await
            .map_err(problem)?;
        let place = place.ok_or(Problem::Mailbox(Error::NoMessage))?;
        sent.saved(self.save_key(), place);
        let (uid, _) = place;
        let raw = self
            .engine
            .open(&folder, uid, None)
            .await
            .map_err(problem)?;
        let place = Place {
            folder,
            uid,
            uid_validity: Some(raw.uid_validity),
        };
        let now = stored(&self.engine, &place, &raw)
            .await
            .map_err(Problem::Mailbox)?;
        former.retain(|save| Some(*save) != now.stored);
        if self.draft.stored != now.stored
            && let Err(error) = remove(&self.engine, &self.draft, former).await
        {
            tracing::warn!(%error, "the former draft could not be removed");
        }
        // What was typed stays as it was typed.
        Ok(Draft {
            attachments: now.attachments,
            stored: now.stored,
            ..self.draft
        })
    }

    /// Stores the mail in the folder with `role`; which that is, and UID and UIDVALIDITY, if they can
    /// be found out and are wanted, which for Sent they are not. `doubtful`: it may be there already.
    async fn append(
        &self,
        role: FolderRole,
        flags: &[&str],
        view: View,
        doubtful: bool,
    ) -> Result<(String, Option<(u32, u32)>), ImapError> {
        let mut again = true;
        loop {
            let folder = self.engine.role_folder(role, true).await?;
            match self.append_in(&folder, flags, view, doubtful).await {
                // Another program has deleted the folder since it was listed, or renamed it.
                Err(ImapError::NoFolder) if again => {
                    self.engine.forget_roles();
                    again = false;
                }
                stored => return stored.map(|place| (folder, place)),
            }
        }
    }

    async fn append_in(
        &self,
        folder: &str,
        flags: &[&str],
        view: View,
        doubtful: bool,
    ) -> Result<Option<(u32, u32)>, ImapError> {
        let mail = &self.built.mail;
        let find = || {
            self.engine
                .find_valid_by_message_id(folder, &self.draft.message_id)
        };
        let before = match view {
            View::Draft => find().await?,
            _ if doubtful => match find().await {
                // Two copies are better than none for ever at a server that does not search.
                Ok(None) | Err(ImapError::Refused { .. }) => None,
                there => return there,
            },
            _ => None,
        };
        let mut left = ATTEMPTS;
        loop {
            let stored = self
                .engine
                .append_told(folder, flags, mail.len(view), &mut mail.reader(view))
                .await;
            let lost = match stored {
                Ok(Some(place)) => return Ok(Some(place)),
                // Nobody asks where the copy is, and a large folder takes long to be searched.
                Ok(None) if matches!(view, View::Sent) => return Ok(None),
                Ok(None) => return find().await,
                Err(error @ ImapError::Unreachable(_)) => {
                    left = left.saturating_sub(1);
                    error
                }
                // Somebody waits, and what hung may be stored later still: one more try at most.
                Err(error @ ImapError::TimedOut) => {
                    left = left.saturating_sub(ATTEMPTS / 2);
                    error
                }
                Err(error) => return Err(error),
            };
            match find().await {
                Ok(found) if found.is_some() && found != before => return Ok(found),
                Ok(_) if left > 0 => {}
                Err(ImapError::NoFolder) => return Err(ImapError::NoFolder),
                Ok(_) => return Err(lost),
                // That it may be there is what matters.
                Err(error) => {
                    tracing::info!(%error, "what may have been stored could not be looked for");
                    return Err(lost);
                }
            }
        }
    }
}

/// Whether nobody knows what was done before this error.
fn is_silence(error: &ImapError) -> bool {
    matches!(
        error,
        ImapError::Unreachable(_) | ImapError::TimedOut | ImapError::Protocol(_)
    )
}

/// Removes the stored draft, if there is one, and what the browser does not know to be stored. Once
/// begun it goes on to its end.
pub async fn discard(
    state: AppState,
    session: Arc<Session>,
    engine: Arc<Engine>,
    draft: Draft,
) -> Result<(), Problem> {
    let under_way = state.sent.begin().await;
    finish(async move {
        // Nobody knows which files it had.
        let key = save_key(&session.user, &draft, DefaultHasher::new().finish());
        let lost = state.sent.saves(key);
        let removed = remove(&engine, &draft, lost).await;
        drop(under_way);
        removed.map_err(Problem::Mailbox)
    })
    .await
}

/// Removes the stored draft, and `lost`, which stand for the same.
async fn remove(engine: &Engine, draft: &Draft, lost: Saves) -> Result<(), Error> {
    // By UIDVALIDITY, which is one for nearly all.
    let mut doomed: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for (uid, uid_validity) in lost.into_iter().chain(draft.stored) {
        doomed.entry(uid_validity).or_default().push(uid);
    }
    for (uid_validity, uids) in doomed {
        remove_uids(engine, uid_validity, &uids).await?;
    }
    Ok(())
}

async fn remove_uids(engine: &Engine, uid_validity: u32, uids: &[u32]) -> Result<(), Error> {
    let mut again = true;
    loop {
        let folder = match engine.role_folder(FolderRole::Drafts, false).await {
            Ok(folder) => folder,
            Err(ImapError::NoFolder) => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        match engine.delete_for_ever(&folder, uid_validity, uids).await {
            // Renamed by another program, perhaps.
            Err(ImapError::NoFolder) if again => {
                engine.forget_roles();
                again = false;
            }
            // Gone already is as good.
            Ok(()) | Err(ImapError::FolderChanged | ImapError::NoMessage | ImapError::NoFolder) => {
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        }
    }
}

/// Runs `work` to its end, whether or not the browser still waits for it.
pub(super) async fn finish<T: Send + 'static>(
    work: impl Future<Output = Result<T, Problem>> + Send + 'static,
) -> Result<T, Problem> {
    tokio::spawn(work)
        .await
        .unwrap_or(Err(Problem::Mailbox(Error::Internal)))
}

/// Mails kept in mind.
const MOST: usize = 10_000;
/// Saves of one form kept in mind: all but the last were removed, unless that failed.
const MOST_SAVES: usize = 8;

/// How far a mail has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Stage {
    #[default]
    New,
    /// The SMTP server has taken it.
    Sent,
    /// So it has, and its copy may be in Sent: whether it was stored was not told.
    Doubtful,
    /// Its copy is in Sent.
    Filed,
}

type Turn = Arc<tokio::sync::Mutex<Stage>>;

/// Drafts that one form was saved as, by UID and UIDVALIDITY.
type Saves = Vec<(u32, u32)>;

/// A form that was not told of a save names the same stored draft once more. So does another window
/// with the same draft, whose work must not go with this one's: so what stands in it has to be the
/// same, too.
fn save_key(user: &str, draft: &Draft, files: u64) -> u64 {
    let mut hasher = DefaultHasher::new();
    (user, &draft.message_id, draft.stored).hash(&mut hasher);
    hash_content(draft, files, &mut hasher);
    hasher.finish()
}

/// What stands in a mail; `files` tells the new ones apart.
fn hash_content(draft: &Draft, files: u64, hasher: &mut DefaultHasher) {
    let Draft {
        to,
        cc,
        bcc,
        subject,
        text,
        attachments,
        ..
    } = draft;
    (to, cc, bcc, subject, text, attachments, files).hash(hasher);
}

/// Which mails this node has sent or is sending, so that none goes out twice. A mail is the same
/// if its Message-ID and what stands in it are: one that was changed after sending is another.
#[derive(Debug, Default)]
pub struct Sent {
    turns: Mutex<(HashMap<u64, Turn>, VecDeque<u64>)>,
    /// Drafts that were saved, UID and UIDVALIDITY, by whose they are and from which stored one.
    saves: Mutex<(HashMap<u64, Saves>, VecDeque<u64>)>,
    /// Read by each delivery that is under way.
    under_way: Arc<RwLock<()>>,
}

impl Sent {
    /// The turn of a mail: whoever holds the lock does what is still to do.
    fn turn(&self, user: &str, draft: &Draft, built: &Built) -> Turn {
        let mut hasher = DefaultHasher::new();
        (user, &draft.message_id).hash(&mut hasher);
        hash_content(draft, built.files, &mut hasher);
        let key = hasher.finish();
        let mut held = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        let (turns, order) = &mut *held;
        if let Some(turn) = turns.get(&key) {
            return turn.clone();
        }
        if order.len() >= MOST
            && let Some(oldest) = order.pop_front()
        {
            turns.remove(&oldest);
        }
        order.push_back(key);
        turns.entry(key).or_default().clone()
    }

    /// Remembers that a form was saved as the draft `now`.
    fn saved(&self, key: u64, now: (u32, u32)) {
        let mut held = self.saves.lock().unwrap_or_else(PoisonError::into_inner);
        let (saves, order) = &mut *held;
        if !saves.contains_key(&key) {
            if order.len() >= MOST
                && let Some(oldest) = order.pop_front()
            {
                saves.remove(&oldest);
            }
            order.push_back(key);
        }
        let saved = saves.entry(key).or_default();
        saved.push(now);
        if saved.len() > MOST_SAVES {
            saved.remove(0);
        }
    }

    /// What the same form was saved as before, UID and UIDVALIDITY, be it there still or not: the
    /// browser has not heard of it, or it would name it as the stored draft. Not found by their
    /// Message-ID, since a copy of a draft that another program has made has the same.
    fn saves(&self, key: u64) -> Saves {
        let held = self.saves.lock().unwrap_or_else(PoisonError::into_inner);
        let saves = held.0.get(&key);
        saves.cloned().unwrap_or_default()
    }

    /// Says that a delivery is under way, until the guard is dropped.
    pub(super) async fn begin(&self) -> OwnedRwLockReadGuard<()> {
        self.under_way.clone().read_owned().await
    }

    /// Waits until no delivery is under way; none can begin afterwards.
    pub async fn finished(&self) {
        std::mem::forget(self.under_way.clone().write_owned().await);
    }
}
