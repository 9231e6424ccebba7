//! Doing things to messages: at once in the page, then at the server. What it refuses is put right,
//! what was done can be taken back for some seconds, and what takes long shows how far it is.

use super::browser;
use super::hits::hit_id;
use super::mailbox::{Mailbox, Navigate, Patch, Target};
use super::visit::Toast;
use crate::api::change as api;
use crate::model::{Change, Changed, Error, Flags, Listing, Notice, Undo, uid_set};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

/// Messages that one call changes: as many as take a moment, so that one can stop in between.
const AT_ONCE: usize = 500;

/// Which messages of a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Uids {
    These(Vec<u32>),
    /// All of a list but these.
    AllBut(Listing, Vec<u32>),
}

/// What is to be done to which messages.
#[derive(Clone, Debug)]
pub struct Wish {
    pub folder: String,
    pub uid_validity: u32,
    pub uids: Uids,
    pub change: Change,
    /// The folder to move to.
    pub destination: String,
}

/// What a message was before, and by how much it changed its folder's unseen ones; `None` where
/// that is not known.
type Former = Vec<(u32, Patch, Option<i64>)>;

/// Does changes to messages.
#[derive(Clone)]
pub struct Changes {
    mailbox: Mailbox,
    navigate: Navigate,
}

impl Changes {
    /// For the current workspace.
    pub fn find() -> Self {
        Self {
            mailbox: Mailbox::find(),
            navigate: std::sync::Arc::new(use_navigate()),
        }
    }

    /// Changes the open message `target`, whose flags were `flags`. `back` is the list to go to
    /// when the message leaves its folder, or is to stay unread.
    pub fn run(
        &self,
        target: Target,
        flags: Flags,
        change: Change,
        destination: String,
        back: &str,
    ) {
        if change.takes_away() || change == Change::Unread {
            let next = self.mailbox.row_after(&target.folder, &[target.uid]);
            self.go(back);
            browser::focus_row(next.filter(|_| change.takes_away()).or(Some(target.uid)));
        }
        let wish = Wish {
            folder: target.folder,
            uid_validity: target.uid_validity,
            uids: Uids::These(vec![target.uid]),
            change,
            destination,
        };
        self.wish(wish, Some(flags));
    }

    /// Goes to another page.
    pub fn go(&self, address: &str) {
        let options = NavigateOptions {
            scroll: false,
            ..NavigateOptions::default()
        };
        (self.navigate)(address, options);
    }

    /// The open message does not stay where `gone` tells that it goes.
    fn close(&self, gone: impl Fn(&Target) -> bool) {
        if self.mailbox.opened().is_some_and(|opened| gone(&opened)) {
            self.go(&self.mailbox.list_address_now());
        }
    }

    /// Changes what was chosen, and moves the focus to where one goes on.
    pub fn run_chosen(&self, wish: Wish) {
        if wish.change.takes_away() {
            self.close(|opened| wish.holds(opened));
        }
        let row = match &wish.uids {
            Uids::These(uids) if wish.change.takes_away() => {
                self.mailbox.row_after(&wish.folder, uids)
            }
            Uids::These(uids) => uids.first().copied(),
            Uids::AllBut(_, but) if wish.change.takes_away() => but.first().copied(),
            Uids::AllBut(..) => self.mailbox.rows.first_seen(),
        };
        browser::focus_row(row);
        self.run_many(wish);
    }

    /// Changes messages, and ends the choice.
    pub fn run_many(&self, wish: Wish) {
        self.mailbox.selection.clear();
        self.wish(wish, None);
    }

    /// Changes hits of all folders, ends the choice, and moves the focus to where one goes on.
    /// `false` where that makes no sense for any of them.
    pub fn run_hits(&self, targets: &[Target], change: Change, destination: &str) -> bool {
        let mailbox = self.mailbox;
        let wishes = mailbox.wishes(targets, change, destination);
        if wishes.is_empty() {
            return false;
        }
        let mut row = targets.first().cloned();
        if change.takes_away() {
            self.close(|opened| targets.contains(opened));
            let beside = |by| mailbox.hit_beside(row.as_ref(), by, targets);
            row = beside(1).or_else(|| beside(-1));
        }
        browser::focus_soon(row.map_or_else(|| "main".to_owned(), |row| hit_id(&row)));
        self.wishes(wishes, None);
        mailbox.chosen_hits.clear();
        true
    }

    fn wish(&self, wish: Wish, flags: Option<Flags>) {
        self.wishes(vec![wish], flags);
    }

    /// Does one after the other, up to the first that fails, and tells it as one.
    fn wishes(&self, wishes: Vec<Wish>, flags: Option<Flags>) {
        let mailbox = self.mailbox;
        let shown = |wish: Wish| {
            let former = match &wish.uids {
                Uids::These(uids) => mailbox.show_done(&wish, uids, flags),
                Uids::AllBut(_, but) => {
                    let mut uids = mailbox.rows.known();
                    uids.retain(|uid| !but.contains(uid));
                    mailbox.show_done(&wish, &uids, None)
                }
            };
            (wish, former)
        };
        let wishes: Vec<(Wish, Former)> = wishes.into_iter().map(shown).collect();
        spawn_local(async move {
            let mut all = Done::default();
            let mut failed = None;
            for (wish, former) in &wishes {
                if failed.is_none() && !all.stopped {
                    let (done, error) = match mailbox.carry_out(wish, former).await {
                        Ok(done) => (done, None),
                        Err((error, done)) => (done, Some(error)),
                    };
                    all.count += done.count;
                    all.undo.extend(done.undo);
                    all.stopped = done.stopped;
                    failed = error;
                }
                if failed.is_some() || all.stopped {
                    mailbox.put_back(wish, former);
                }
            }
            mailbox.tell(&wishes, all, failed);
        });
    }
}

/// What was done of a wish.
#[derive(Default)]
struct Done {
    /// Messages it was done to.
    count: u32,
    undo: Vec<Undo>,
    stopped: bool,
}

impl Mailbox {
    /// Shows the change as done, and tells what was before.
    fn show_done(self, wish: &Wish, uids: &[u32], flags: Option<Flags>) -> Former {
        let mut drift = 0;
        let former = uids
            .iter()
            .map(|uid| {
                let target = wish.target(*uid);
                let former = self.patch_untracked(&target);
                let known = flags
                    .or_else(|| self.row_now(&target).map(|row| row.flags))
                    .or_else(|| self.hit_flags(&target));
                let seen = former.seen.or(known.map(|flags| flags.seen));
                let by = seen.map(|seen| match wish.change {
                    Change::Unread => i64::from(seen),
                    Change::Star | Change::Unstar => 0,
                    _ => -i64::from(!seen),
                });
                drift += by.unwrap_or_default();
                (*uid, former, by)
            })
            .collect();
        self.patch_many(wish.folder.as_str(), wish.uid_validity, uids, |patch| {
            match wish.change {
                Change::Read => patch.seen = Some(true),
                Change::Unread => patch.seen = Some(false),
                Change::Star => patch.flagged = Some(true),
                Change::Unstar => patch.flagged = Some(false),
                _ => patch.gone = true,
            }
            patch.settled = None;
        });
        self.drift(&wish.folder, drift);
        former
    }

    async fn carry_out(self, wish: &Wish, former: &Former) -> Result<Done, (Error, Done)> {
        let mut done = Done::default();
        let (uid_validity, uids) = match &wish.uids {
            Uids::These(uids) => (wish.uid_validity, uids.clone()),
            Uids::AllBut(listing, but) => {
                match api::everything(wish.folder.clone(), listing.clone()).await {
                    Ok(found) if found.uid_validity == wish.uid_validity => {
                        let mut uids = uid_set::parse(&found.set).unwrap_or_default();
                        uids.retain(|uid| !but.contains(uid));
                        (found.uid_validity, uids)
                    }
                    Ok(_) => return Err((Error::FolderChanged, done)),
                    Err(error) => return Err((error, done)),
                }
            }
        };
        // What is told of some only would bring back some only.
        let known = former.iter().filter(|(.., by)| by.is_some());
        let mut known: Vec<u32> = known.map(|(uid, ..)| *uid).collect();
        known.sort_unstable();
        let undoable = wish.change.takes_away()
            || (uids.len() <= known.len()
                && uids.iter().all(|uid| known.binary_search(uid).is_ok()));
        let total = u32::try_from(uids.len()).unwrap_or(u32::MAX);
        let toast = self.here.toast;
        self.stop.set_value(false);
        for chunk in uids.chunks(AT_ONCE) {
            if uids.len() > AT_ONCE {
                toast.set(Some(Toast::Working {
                    done: done.count,
                    total,
                }));
            }
            if self.stop.get_value() {
                done.stopped = true;
                break;
            }
            let answer = api::change_many(
                wish.folder.clone(),
                uid_validity,
                Vec::new(),
                uid_set::format(chunk),
                wish.change,
                wish.destination.clone(),
                String::new(),
                false,
            )
            .await;
            let changed = match answer {
                Ok(changed) => changed,
                Err(error) => return Err((error, done)),
            };
            // Some may have gone before.
            done.count += changed.relocated.as_ref().map_or_else(
                || u32::try_from(chunk.len()).unwrap_or_default(),
                |place| uid_set::count(&place.set),
            );
            let now = self.tick();
            self.patch_many(&wish.folder, uid_validity, chunk, |patch| {
                patch.settled = Some(now);
            });
            if undoable {
                done.undo
                    .extend(wish.undo(changed, chunk, uid_validity, former));
            }
        }
        Ok(done)
    }

    /// Puts right what was shown as done and was not.
    fn put_back(self, wish: &Wish, former: &Former) {
        let mut back = 0;
        for (uid, patch, by) in former {
            let target = wish.target(*uid);
            if self.patch_untracked(&target).settled.is_none() {
                let patch = *patch;
                self.patch(&target, |now| *now = patch);
                back -= by.unwrap_or_default();
            }
        }
        self.drift(&wish.folder, back);
    }

    /// Says how it went.
    fn tell(self, wishes: &[(Wish, Former)], done: Done, error: Option<Error>) {
        let Some((wish, _)) = wishes.first() else {
            return;
        };
        let many = wishes.len() > 1 || !matches!(&wish.uids, Uids::These(uids) if uids.len() == 1);
        let toast = self.here.toast;
        let notice = match wish.change.notice() {
            None if many => Some(Notice::Marked),
            notice => notice,
        };
        match (error, notice) {
            (Some(error), notice) => {
                let gone = matches!(error, Error::NoMessage | Error::FolderChanged);
                // Another program has been here: what is shown is not what is there.
                if gone || many {
                    self.reload();
                }
                toast.set(Some(match notice {
                    Some(notice) if done.count > 0 => Toast::Partly {
                        notice,
                        count: done.count,
                        error,
                        undo: done.undo,
                    },
                    _ => Toast::Failed(error),
                }));
                return;
            }
            (None, Some(notice)) => toast.set(Some(Toast::Changed {
                notice,
                count: done.count,
                undo: done.undo,
            })),
            (None, None) => {}
        }
        // What went from among the hits of all folders has gone from there, whatever the list of
        // its folder is now: that need not be searched for.
        if self.hits_now().is_some() && !done.stopped {
            self.reload_counts();
        } else if wish.change.takes_away() || matches!(wish.uids, Uids::AllBut(..)) || done.stopped
        {
            self.reload();
        } else if many {
            // Not all that was changed need have been known.
            self.reload_counts();
        }
    }

    /// Takes back what the word beside the page tells, while it does; `false` where it offers none.
    pub fn undo_told(self) -> bool {
        let steps = self.here.toast.with_untracked(|toast| {
            toast
                .as_ref()
                .map(|toast| toast.undo().to_vec())
                .unwrap_or_default()
        });
        let any = !steps.is_empty();
        if any {
            self.undo(steps);
        }
        any
    }

    /// Takes back what was done.
    pub fn undo(self, steps: Vec<Undo>) {
        let toast = self.here.toast;
        let open = self.opened().map(|open| open.uid);
        browser::focus_row(open.or_else(|| self.rows.first_seen()));
        toast.set(None);
        spawn_local(async move {
            let mut left = steps.as_slice();
            while let Some((step, rest)) = left.split_first() {
                let step = step.clone();
                let answer = api::change_many(
                    step.folder,
                    step.uid_validity,
                    Vec::new(),
                    step.set,
                    step.change,
                    step.destination,
                    String::new(),
                    true,
                );
                if let Err(error) = answer.await {
                    // Asking anew would fail just so, and tell that instead.
                    toast.set(Some(if error.passes() {
                        Toast::NotUndone(error, left.to_vec())
                    } else {
                        self.reload();
                        Toast::Failed(error)
                    }));
                    return;
                }
                left = rest;
            }
            // What was shown as done is so no longer; the list tells how it is.
            self.forget_patches();
            self.reload();
            toast.set(Some(Toast::Done(Notice::Undone)));
        });
    }
}

impl Wish {
    /// Whether it is about this message.
    fn holds(&self, target: &Target) -> bool {
        self.folder == target.folder
            && self.uid_validity == target.uid_validity
            && match &self.uids {
                Uids::These(uids) => uids.contains(&target.uid),
                Uids::AllBut(_, but) => !but.contains(&target.uid),
            }
    }

    fn target(&self, uid: u32) -> Target {
        Target {
            folder: self.folder.clone(),
            uid_validity: self.uid_validity,
            uid,
        }
    }

    /// How to take it back, if it can be.
    fn undo(
        &self,
        changed: Changed,
        chunk: &[u32],
        uid_validity: u32,
        former: &Former,
    ) -> Option<Undo> {
        let moved = changed.undo(&self.folder);
        if moved.is_some() {
            return moved;
        }
        let (inverse, by) = match self.change {
            Change::Read => (Change::Unread, -1),
            Change::Unread => (Change::Read, 1),
            _ => return None,
        };
        // Only those that it changed: what was read before stays read.
        let changed: Vec<u32> = former
            .iter()
            .filter(|(uid, _, was)| *was == Some(by) && chunk.contains(uid))
            .map(|(uid, ..)| *uid)
            .collect();
        (!changed.is_empty()).then(|| Undo {
            folder: self.folder.clone(),
            uid_validity,
            set: uid_set::format(&changed),
            change: inverse,
            destination: String::new(),
        })
    }
}
