//! Reads an answer of the server that comes line by line, as it comes. By XMLHttpRequest, whose
//! text grows while it is loaded.

#[cfg(feature = "hydrate")]
pub use here::search;

#[cfg(feature = "hydrate")]
mod here {
    use crate::model::{Error, Listing, SearchEvent, wire};
    use crate::ui::finding::Finding;
    use wasm_bindgen::JsCast as _;
    use wasm_bindgen::closure::Closure;
    use wasm_bindgen_futures::JsFuture;
    use web_sys::XmlHttpRequest;

    /// What the server is asked.
    #[derive(serde::Serialize)]
    struct Question<'a> {
        folder: &'a str,
        listing: &'a Listing,
    }

    /// Ends the request when nobody waits for it any more.
    struct Request(XmlHttpRequest);

    impl Drop for Request {
        fn drop(&mut self) {
            self.0.set_onprogress(None);
            self.0.set_onload(None);
            self.0.set_onerror(None);
            self.0.set_onabort(None);
            let _ = self.0.abort();
        }
    }

    /// Searches, and tells `finding` what is found as it is found.
    pub async fn search(finding: Finding, folder: &str, listing: &Listing) -> Result<(), Error> {
        let number = finding.begin();
        let question = Question { folder, listing };
        let body = serde_json::to_string(&question).map_err(|_| Error::Internal)?;
        let request = Request(XmlHttpRequest::new().map_err(|_| Error::Internal)?);
        let xhr = request.0.clone();
        let opened = xhr
            .open("POST", "/api/search")
            .and_then(|()| xhr.set_request_header("Content-Type", "application/json"));
        opened.map_err(|_| Error::Internal)?;
        let read = std::rc::Rc::new(std::cell::Cell::new(0_usize));
        let failure = std::rc::Rc::new(std::cell::RefCell::new(None));
        let take = {
            let (xhr, failure) = (xhr.clone(), failure.clone());
            move || {
                let text = xhr.response_text().ok().flatten().unwrap_or_default();
                let fresh = text.get(read.get()..).unwrap_or_default();
                // What has no end yet comes with the next.
                let Some((lines, _)) = fresh.rsplit_once('\n') else {
                    return;
                };
                read.set(read.get() + lines.len() + 1);
                for line in lines.lines() {
                    match wire::read(line) {
                        Ok(SearchEvent::Failed(error)) => {
                            failure.borrow_mut().replace(error);
                        }
                        Ok(event) => {
                            if !finding.take(number, event) {
                                let _ = xhr.abort();
                                return;
                            }
                        }
                        Err(_) => {}
                    }
                }
            }
        };
        let progress = Closure::<dyn FnMut()>::new(take.clone());
        xhr.set_onprogress(Some(progress.as_ref().unchecked_ref()));
        let ended = js_sys::Promise::new(&mut |resolve, reject| {
            xhr.set_onload(Some(&resolve));
            xhr.set_onerror(Some(&reject));
            xhr.set_onabort(Some(&reject));
        });
        xhr.send_with_opt_str(Some(&body))
            .map_err(|_| Error::Offline)?;
        JsFuture::from(ended).await.map_err(|_| Error::Offline)?;
        if xhr.status() != Ok(200) {
            let text = xhr.response_text().ok().flatten().unwrap_or_default();
            return Err(wire::read(&text).unwrap_or(Error::Internal));
        }
        take();
        let failed = failure.borrow_mut().take();
        failed.map_or(Ok(()), Err)
    }
}
