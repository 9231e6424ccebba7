//! Something about some folders, by their names. There are few, and a table by hashes is several
//! kilobytes of WebAssembly for every type in it.

/// Values by folders.
#[derive(Clone, Debug)]
pub struct ByFolder<T>(Vec<(String, T)>);

impl<T> Default for ByFolder<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Copy + Default> ByFolder<T> {
    /// What is known of the folder.
    pub fn get(&self, folder: &str) -> Option<T> {
        let found = self.0.iter().find(|(name, _)| name == folder);
        found.map(|(_, value)| *value)
    }

    /// Changes what is known of the folder, which begins as the default.
    pub fn change(&mut self, folder: &str, change: impl FnOnce(&mut T)) {
        if let Some((_, value)) = self.0.iter_mut().find(|(name, _)| name == folder) {
            change(value);
            return;
        }
        let mut value = T::default();
        change(&mut value);
        self.0.push((folder.to_owned(), value));
    }

    /// Forgets the folder.
    #[cfg(any(feature = "hydrate", test))]
    pub fn remove(&mut self, folder: &str) {
        self.0.retain(|(name, _)| name != folder);
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::ByFolder;

    #[test]
    fn each_folder_has_its_own() {
        let mut counts = ByFolder::<i64>::default();
        assert_eq!(counts.get("a"), None);
        counts.change("a", |count| *count += 2);
        counts.change("b", |count| *count = 7);
        counts.change("a", |count| *count += 3);
        assert_eq!((counts.get("a"), counts.get("b")), (Some(5), Some(7)));
        counts.remove("a");
        assert_eq!((counts.get("a"), counts.get("b")), (None, Some(7)));
        counts.clear();
        assert_eq!(counts.get("b"), None);
    }
}
