//! The files a person chose, and their way to the server: with progress and a way to stop it,
//! which `fetch` does not have for what it sends.

use crate::model::{Error, SendOutcome};

#[cfg(feature = "hydrate")]
pub use here::{Files, ticked};
#[cfg(not(feature = "hydrate"))]
pub use nowhere::{Files, ticked};

#[cfg(feature = "hydrate")]
mod here {
    use super::{Error, SendOutcome};
    use crate::model::wire;
    use leptos::prelude::*;
    use wasm_bindgen::closure::Closure;
    use wasm_bindgen::{JsCast, JsValue};
    use web_sys::{
        File, FormData, HtmlFormElement, HtmlInputElement, ProgressEvent, XmlHttpRequest,
    };

    /// The chosen files and the request that carries them.
    #[derive(Clone, Copy)]
    pub struct Files {
        files: StoredValue<Vec<File>, LocalStorage>,
        request: StoredValue<Option<XmlHttpRequest>, LocalStorage>,
    }

    impl Files {
        /// No files yet.
        pub fn new() -> Self {
            Self {
                files: StoredValue::new_local(Vec::new()),
                request: StoredValue::new_local(None),
            }
        }

        /// Takes the files of a file box that `fits` admits by size, and empties the box.
        pub fn take(
            self,
            event: &leptos::ev::Event,
            mut fits: impl FnMut(u64) -> bool,
        ) -> Vec<(String, u64)> {
            let Some(input) = event
                .target()
                .and_then(|t| t.dyn_into::<HtmlInputElement>().ok())
            else {
                return Vec::new();
            };
            let mut taken = Vec::new();
            if let Some(list) = input.files() {
                for file in (0..list.length()).filter_map(|index| list.item(index)) {
                    let size = octets(file.size());
                    if fits(size) {
                        taken.push((file.name(), size));
                        self.files.update_value(|files| files.push(file));
                    }
                }
            }
            input.set_value("");
            taken
        }

        pub fn remove(self, index: usize) {
            self.files.update_value(|files| {
                if index < files.len() {
                    files.remove(index);
                }
            });
        }

        pub fn clear(self) {
            self.files.set_value(Vec::new());
        }

        pub fn cancel(self) {
            if let Some(request) = self.request.get_value() {
                let _ = request.abort();
            }
        }

        /// Sends the form with the files. `progress` in per cent. Where `done` answers with
        /// `true`, the same is sent once more, to be saved.
        pub fn post(
            self,
            form: &HtmlFormElement,
            address: &str,
            progress: impl Fn(f64) + 'static,
            done: impl Fn(Result<SendOutcome, Error>) -> bool + 'static,
        ) {
            match self.begin(form, address, progress) {
                Ok((request, data)) => {
                    let answered = request.clone();
                    let listener = Closure::<dyn Fn()>::new(move || {
                        // An aborted request says nothing more.
                        if answered.ready_state() == XmlHttpRequest::DONE && done(read(&answered)) {
                            let _ = send(&answered, "/api/submit/save", &data);
                        }
                    });
                    for event in ["load", "error", "timeout"] {
                        let _ = request.add_event_listener_with_callback(
                            event,
                            listener.as_ref().unchecked_ref(),
                        );
                    }
                    listener.forget();
                    self.request.set_value(Some(request));
                }
                Err(_) => {
                    done(Err(Error::Internal));
                }
            }
        }

        fn begin(
            self,
            form: &HtmlFormElement,
            address: &str,
            progress: impl Fn(f64) + 'static,
        ) -> Result<(XmlHttpRequest, FormData), JsValue> {
            let data = FormData::new_with_form(form)?;
            data.delete("files");
            for file in self.files.get_value() {
                data.append_with_blob_and_filename("files", &file, &file.name())?;
            }
            let request = XmlHttpRequest::new()?;
            let listener = Closure::<dyn Fn(ProgressEvent)>::new(move |event: ProgressEvent| {
                if event.length_computable() && event.total() > 0.0 {
                    progress(event.loaded() * 100.0 / event.total());
                }
            });
            request
                .upload()?
                .set_onprogress(Some(listener.as_ref().unchecked_ref()));
            listener.forget();
            send(&request, address, &data)?;
            Ok((request, data))
        }
    }

    fn send(request: &XmlHttpRequest, address: &str, data: &FormData) -> Result<(), JsValue> {
        request.open_with_async("POST", address, true)?;
        request.set_request_header("Accept", "application/json")?;
        request.send_with_opt_form_data(Some(data))
    }

    /// Whether the boxes of the attachments that can be kept are ticked, in their order.
    pub fn ticked(form: &HtmlFormElement) -> Vec<bool> {
        let Ok(boxes) = form.query_selector_all("[name=keep]") else {
            return Vec::new();
        };
        (0..boxes.length())
            .filter_map(|index| boxes.get(index)?.dyn_into::<HtmlInputElement>().ok())
            .map(|input| input.checked())
            .collect()
    }

    fn read(request: &XmlHttpRequest) -> Result<SendOutcome, Error> {
        match request.status() {
            Ok(200) => request
                .response_text()
                .ok()
                .flatten()
                .and_then(|text| wire::read(&text).ok())
                .ok_or(Error::Internal),
            Ok(400) => Err(Error::BadRequest),
            Ok(0) | Err(_) => Err(Error::Offline),
            Ok(_) => Err(Error::Internal),
        }
    }

    /// A size as the browser gives it: a whole number that a float holds exactly.
    #[allow(
        clippy::as_conversions,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "`as` saturates, and there is no TryFrom for floats"
    )]
    fn octets(size: f64) -> u64 {
        size as u64
    }
}

#[cfg(not(feature = "hydrate"))]
mod nowhere {
    use super::{Error, SendOutcome};

    /// On the server no files are chosen.
    #[derive(Clone, Copy, Debug)]
    pub struct Files;

    #[allow(clippy::unused_self, reason = "the same calls as in the browser")]
    impl Files {
        pub fn new() -> Self {
            Self
        }

        pub fn take(self, _: &leptos::ev::Event, _: impl FnMut(u64) -> bool) -> Vec<(String, u64)> {
            Vec::new()
        }

        pub fn remove(self, _: usize) {}

        pub fn clear(self) {}

        pub fn cancel(self) {}

        pub fn post(
            self,
            _: &leptos::web_sys::HtmlFormElement,
            _: &str,
            _: impl Fn(f64) + 'static,
            _: impl Fn(Result<SendOutcome, Error>) -> bool + 'static,
        ) {
        }
    }

    pub fn ticked(_: &leptos::web_sys::HtmlFormElement) -> Vec<bool> {
        Vec::new()
    }
}
