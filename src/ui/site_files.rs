//! What the files of the browser's half are called. The build writes hashes into the names, which
//! stand in a file beside the server; which files a chunk is made of stands in one beside them.

use super::chunks;
use leptos::config::LeptosOptions;
use std::collections::HashMap;
use std::sync::OnceLock;

/// The addresses of the files.
#[derive(Debug, Default)]
pub struct Files {
    /// The module that everything starts with.
    pub module: String,
    pub wasm: String,
    /// The module that loads the chunks, where there are some.
    pub loader: Option<String>,
    chunks: HashMap<String, Vec<String>>,
}

impl Files {
    /// Those of this build.
    pub fn of(options: &LeptosOptions) -> &'static Self {
        static FILES: OnceLock<Files> = OnceLock::new();
        FILES.get_or_init(|| Self::named(options, &hashes(options), manifest))
    }

    /// By the lines of the file with the hashes, and the manifest, which `read` finds by its name.
    fn named(
        options: &LeptosOptions,
        hashes: &str,
        read: impl FnOnce(&LeptosOptions, &str) -> HashMap<String, Vec<String>>,
    ) -> Self {
        let hash = |kind: &str| {
            hashes
                .lines()
                .filter_map(|line| line.split_once(':'))
                .find(|(known, _)| *known == kind)
                .map(|(_, hash)| hash.trim())
        };
        let file = |stem: &str, kind: &str, suffix: &str| {
            hash(kind).map_or_else(
                || format!("{stem}.{suffix}"),
                |hash| format!("{stem}.{hash}.{suffix}"),
            )
        };
        let base = format!("/{}", options.site_pkg_dir);
        let name = &options.output_name;
        let manifest = read(options, &file("__wasm_split_manifest", "manifest", "json"));
        let chunks = manifest.into_iter().map(|(chunk, stems)| {
            let files = stems.iter().map(|stem| format!("{base}/{stem}.wasm"));
            (chunk, files.collect())
        });
        Self {
            module: format!("{base}/{}", file(name, "js", "js")),
            wasm: format!("{base}/{}", file(name, "wasm", "wasm")),
            loader: hash("split").map(|hash| format!("{base}/__wasm_split.{hash}.js")),
            chunks: chunks.collect(),
        }
    }

    /// The files that a page needs at once beyond those that all need.
    pub fn chunks(&self, path: &str, query: &str) -> Vec<String> {
        let mut files: Vec<String> = Vec::new();
        let needed = chunks::needed(path, query).into_iter();
        for file in needed
            .filter_map(|chunk| self.chunks.get(chunk.name()))
            .flatten()
        {
            // Chunks share some.
            if !files.contains(file) {
                files.push(file.clone());
            }
        }
        files
    }
}

/// The hashes in the files' names, as the build wrote them beside the server.
#[cfg(feature = "ssr")]
fn hashes(options: &LeptosOptions) -> String {
    if !options.hash_files {
        return String::new();
    }
    let file = std::env::current_exe()
        .ok()
        .and_then(|exe| Some(exe.parent()?.join(options.hash_file.as_ref())));
    file.and_then(|file| std::fs::read_to_string(file).ok())
        .unwrap_or_else(|| {
            tracing::error!("the file with the hashes is missing: build with scripts/build");
            String::new()
        })
}

#[cfg(not(feature = "ssr"))]
fn hashes(_: &LeptosOptions) -> String {
    String::new()
}

/// Which files each chunk is made of. Nothing is lost without: the browser finds out later.
#[cfg(feature = "ssr")]
fn manifest(options: &LeptosOptions, name: &str) -> HashMap<String, Vec<String>> {
    let file = std::path::Path::new(&*options.site_root)
        .join(&*options.site_pkg_dir)
        .join(name);
    std::fs::read(file)
        .ok()
        .and_then(|text| serde_json::from_slice(&text).ok())
        .unwrap_or_default()
}

#[cfg(not(feature = "ssr"))]
fn manifest(_: &LeptosOptions, _: &str) -> HashMap<String, Vec<String>> {
    HashMap::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_carry_the_hashes_and_pages_name_their_chunks() {
        let options = LeptosOptions::builder().output_name("posthorn").build();
        let chunks = HashMap::from(["desk", "reading", "search"].map(|name| {
            let own = format!("split_{name}.d");
            (name.to_owned(), vec!["chunk_3.d".to_owned(), own])
        }));
        let files = Files::named(&options, "js: a\nwasm: b\nsplit: c\n", |_, name| {
            assert_eq!(name, "__wasm_split_manifest.json");
            chunks
        });
        assert_eq!(files.module, "/pkg/posthorn.a.js");
        assert_eq!(files.wasm, "/pkg/posthorn.b.wasm");
        assert_eq!(files.loader.as_deref(), Some("/pkg/__wasm_split.c.js"));
        let desk = ["/pkg/chunk_3.d.wasm", "/pkg/split_desk.d.wasm"];
        assert_eq!(files.chunks("/compose", ""), desk);
        let hit = ["chunk_3.d", "split_reading.d", "split_search.d"];
        let hit = hit.map(|stem| format!("/pkg/{stem}.wasm"));
        assert_eq!(files.chunks("/mail/INBOX/7", "q=a"), hit);
        assert!(files.chunks("/mail/INBOX", "").is_empty());
    }

    #[test]
    fn without_hashes_the_names_are_plain() {
        let options = LeptosOptions::builder().output_name("posthorn").build();
        let files = Files::named(&options, "", |_, _| HashMap::new());
        assert_eq!(files.module, "/pkg/posthorn.js");
        assert_eq!(files.wasm, "/pkg/posthorn.wasm");
        assert_eq!(files.loader, None);
    }
}
