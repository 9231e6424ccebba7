//! The composer's form as a browser sends it (multipart/form-data, RFC 7578), and all the ways in
//! which none sends it.

pub const BOUNDARY: &str = "----posthorn-test-boundary";

/// Fields and files in the order they were added.
#[derive(Clone, Debug, Default)]
pub struct Form {
    fields: Vec<(String, Vec<u8>)>,
    files: Vec<(String, String, Vec<u8>)>,
}

impl Form {
    /// A mail that can be sent.
    pub fn mail(to: &str, subject: &str, text: &str) -> Self {
        Self::default()
            .field(
                "message_id",
                &format!("{}@http.test", super::unique("mail")),
            )
            .field("to", to)
            .field("subject", subject)
            .field("text", text)
    }

    /// Adds a field, or sets it anew.
    pub fn field(mut self, name: &str, value: &str) -> Self {
        self.fields.retain(|(known, _)| known != name);
        self.fields
            .push((name.to_owned(), value.as_bytes().to_vec()));
        self
    }

    /// Adds a field that may be there already.
    pub fn also(mut self, name: &str, value: &str) -> Self {
        self.fields
            .push((name.to_owned(), value.as_bytes().to_vec()));
        self
    }

    pub fn file(mut self, name: &str, kind: &str, content: &[u8]) -> Self {
        self.files
            .push((name.to_owned(), kind.to_owned(), content.to_vec()));
        self
    }

    pub fn value(&self, name: &str) -> String {
        let (_, value) = self.fields.iter().find(|(known, _)| known == name).unwrap();
        String::from_utf8_lossy(value).into_owned()
    }

    /// The body of the request.
    pub fn octets(&self) -> Vec<u8> {
        let mut body = self.open();
        body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
        body
    }

    /// The body without its end.
    pub fn open(&self) -> Vec<u8> {
        let mut body = Vec::new();
        let mut part = |head: String, content: &[u8]| {
            body.extend_from_slice(
                format!("--{BOUNDARY}\r\nContent-Disposition: form-data; {head}\r\n\r\n")
                    .as_bytes(),
            );
            body.extend_from_slice(content);
            body.extend_from_slice(b"\r\n");
        };
        for (name, value) in &self.fields {
            part(format!("name=\"{name}\""), value);
        }
        for (name, kind, content) in &self.files {
            // As browsers write a name (HTML, section 4.10.21.8).
            let name = name
                .replace('"', "%22")
                .replace('\r', "%0D")
                .replace('\n', "%0A");
            part(
                format!("name=\"files\"; filename=\"{name}\"\r\nContent-Type: {kind}"),
                content,
            );
        }
        body
    }
}
