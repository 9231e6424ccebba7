//! The configuration: `Leptos.toml`, and over it the environment. A value that cannot be used ends
//! the start with one line that names the key, what is wrong with it, and what to write instead.

use super::remote::allow::Allow;
use super::tls::Endpoint;
use jiff::tz::TimeZone;
use serde::Deserialize;
use std::collections::HashMap;
use std::net::IpAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

/// A setting that cannot be used.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{key}: {problem}; {mend}")]
pub struct ConfigError {
    pub key: String,
    pub problem: String,
    pub mend: String,
}

impl ConfigError {
    fn new(key: &str, problem: impl Into<String>, mend: impl Into<String>) -> Self {
        Self {
            key: key.to_owned(),
            problem: problem.into(),
            mend: mend.into(),
        }
    }
}

/// The address of a server, in which `{domain}` stands for the domain of the person's address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    host: String,
    port: u16,
}

impl Template {
    /// `scheme://host` or `scheme://host:port`.
    fn parse(key: &str, text: &str, scheme: &str, port: u16) -> Result<Self, ConfigError> {
        let mend = format!("write it as {scheme}://host:{port}");
        let wrong = |problem: String| ConfigError::new(key, problem, mend.clone());
        let Some(rest) = text.strip_prefix(&format!("{scheme}://")) else {
            return Err(wrong(format!("“{text}” does not begin with {scheme}://")));
        };
        let rest = rest.trim_end_matches('/');
        let (host, port) = match rest.rsplit_once(':') {
            Some((host, digits)) if !host.ends_with(':') => match digits.parse() {
                Ok(0) | Err(_) => return Err(wrong(format!("“{digits}” is no port"))),
                Ok(port) => (host, port),
            },
            _ => (rest, port),
        };
        let plain = host.replace("{domain}", "example.org");
        let fits = !plain.is_empty()
            && plain
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'));
        if fits {
            Ok(Self {
                host: host.to_owned(),
                port,
            })
        } else {
            Err(wrong(format!("“{host}” is no host name")))
        }
    }

    /// The server for an address of `domain`, which is lower-case ASCII.
    pub fn endpoint(&self, domain: &str) -> Endpoint {
        Endpoint {
            host: self.host.replace("{domain}", domain),
            port: self.port,
        }
    }
}

/// The servers of a domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Servers {
    pub imap: Template,
    pub smtp: Template,
    pub sieve: Template,
}

/// Everything the operator can set, checked.
#[derive(Clone, Debug)]
pub struct Config {
    pub servers: Servers,
    /// By domain, lower case.
    pub own_servers: HashMap<String, Servers>,
    /// Lower case; empty admits all.
    pub domains: Vec<String>,
    pub ca_file: Option<PathBuf>,
    /// Octets of the mail as sent.
    pub message_limit: u64,
    pub max_recipients: u32,
    pub forward_client_address: bool,
    /// Names of the receiving servers whose Authentication-Results are believed.
    pub trusted_authserv_ids: Vec<String>,
    pub public_url: Option<String>,
    pub trusted_proxies: Vec<IpAddr>,
    pub time_zone: TimeZone,
    pub session_idle: Duration,
    pub session_life: Duration,
    /// Addresses that images are fetched from besides public ones.
    pub remote_allow: Allow,
    /// May hold a password.
    pub database_url: String,
}

impl Config {
    /// Whether cookies may only travel over HTTPS.
    pub fn secure(&self) -> bool {
        self.public_url
            .as_deref()
            .is_some_and(|url| url.starts_with("https://"))
    }

    /// The servers for `domain`, or `None` where the domain is not served here.
    pub fn servers_for(&self, domain: &str) -> Option<&Servers> {
        if let Some(own) = self.own_servers.get(domain) {
            return Some(own);
        }
        let admitted = self.domains.is_empty() || self.domains.iter().any(|known| known == domain);
        admitted.then_some(&self.servers)
    }

    /// Reads the text of `Leptos.toml`, with `env` over it.
    pub fn parse(text: &str, env: &dyn Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let file: File = toml::from_str(text).map_err(|error| {
            ConfigError::new("Leptos.toml", error.message().to_owned(), {
                let line = error
                    .span()
                    .and_then(|span| text.get(..span.start))
                    .map_or(1, |before| before.matches('\n').count() + 1);
                format!("see line {line}")
            })
        })?;
        let mail = file.mail;
        let servers = Servers {
            imap: imap(
                "POSTHORN_IMAP_URL or imap in [mail]",
                &choose(
                    env,
                    "POSTHORN_IMAP_URL",
                    mail.imap,
                    "imaps://imap.{domain}:993",
                ),
            )?,
            smtp: smtp(
                "POSTHORN_SMTP_URL or smtp in [mail]",
                &choose(
                    env,
                    "POSTHORN_SMTP_URL",
                    mail.smtp,
                    "smtps://smtp.{domain}:465",
                ),
            )?,
            sieve: sieve(
                "POSTHORN_SIEVE_URL or sieve in [mail]",
                &choose(
                    env,
                    "POSTHORN_SIEVE_URL",
                    mail.sieve,
                    "sieve://imap.{domain}:4190",
                ),
            )?,
        };
        let mut own_servers = HashMap::new();
        for domain in file.domain {
            let own = Servers {
                imap: domain.imap.map_or(Ok(servers.imap.clone()), |url| {
                    imap("imap in [[domain]]", &url)
                })?,
                smtp: domain.smtp.map_or(Ok(servers.smtp.clone()), |url| {
                    smtp("smtp in [[domain]]", &url)
                })?,
                sieve: domain.sieve.map_or(Ok(servers.sieve.clone()), |url| {
                    sieve("sieve in [[domain]]", &url)
                })?,
            };
            own_servers.insert(domain.name.to_lowercase(), own);
        }
        let list = |key: &str, file: Vec<String>| {
            env(key).map_or(file, |text| {
                text.split(',')
                    .map(|piece| piece.trim().to_owned())
                    .filter(|piece| !piece.is_empty())
                    .collect()
            })
        };
        let web = file.web;
        let public_url = env("POSTHORN_PUBLIC_URL")
            .or(web.public_url)
            .filter(|url| !url.is_empty());
        if let Some(url) = &public_url {
            let host = url
                .strip_prefix("https://")
                .or_else(|| url.strip_prefix("http://"));
            if host.is_none_or(|host| host.is_empty() || host.contains('/')) {
                return Err(ConfigError::new(
                    "POSTHORN_PUBLIC_URL or public_url in [web]",
                    format!("“{url}” is no address of a site"),
                    "write it as https://mail.example.org, without a path",
                ));
            }
        }
        let trusted_proxies = list("POSTHORN_TRUSTED_PROXIES", web.trusted_proxies)
            .iter()
            .map(|text| {
                text.parse().map_err(|_| {
                    ConfigError::new(
                        "POSTHORN_TRUSTED_PROXIES or trusted_proxies in [web]",
                        format!("“{text}” is no IP address"),
                        "write addresses such as 127.0.0.1",
                    )
                })
            })
            .collect::<Result<_, _>>()?;
        let zone = choose(env, "POSTHORN_TIME_ZONE", web.time_zone, "Europe/Berlin");
        let time_zone = TimeZone::get(&zone).map_err(|_| {
            ConfigError::new(
                "POSTHORN_TIME_ZONE or time_zone in [web]",
                format!("“{zone}” is no time zone"),
                "write a name such as Europe/Berlin",
            )
        })?;
        let remote_allow = Allow::parse(&list("POSTHORN_REMOTE_ALLOW", file.remote.allow))
            .map_err(|entry| {
                ConfigError::new(
                    "POSTHORN_REMOTE_ALLOW or allow in [remote]",
                    format!("“{entry}” is no address"),
                    "write networks or hosts such as 10.0.0.0/8 or pictures.example:8080",
                )
            })?;
        let database_url = choose(
            env,
            "POSTHORN_DATABASE_URL",
            file.storage.url,
            "sqlite:data/posthorn.sqlite",
        );
        if !super::storage::is_url(&database_url) {
            // Not repeated: what is meant as an address may hold a password.
            return Err(ConfigError::new(
                "POSTHORN_DATABASE_URL or url in [storage]",
                "this is no address of a database",
                "write sqlite:data/posthorn.sqlite or postgres://user@host/database",
            ));
        }
        let minutes = number(
            env,
            "POSTHORN_SESSION_IDLE_MINUTES",
            file.session.idle_minutes,
            720,
            1,
        )?;
        let days = number(env, "POSTHORN_SESSION_DAYS", file.session.days, 14, 1)?;
        Ok(Self {
            servers,
            own_servers,
            domains: list("POSTHORN_DOMAINS", mail.domains)
                .iter()
                .map(|domain| domain.to_lowercase())
                .collect(),
            ca_file: env("POSTHORN_CA_FILE")
                .or(mail.ca_file)
                .filter(|path| !path.is_empty())
                .map(PathBuf::from),
            message_limit: number(
                env,
                "POSTHORN_MESSAGE_LIMIT",
                mail.message_limit,
                52_428_800,
                65_536,
            )?,
            max_recipients: number(env, "POSTHORN_MAX_RECIPIENTS", mail.max_recipients, 500, 1)?,
            forward_client_address: number(
                env,
                "POSTHORN_FORWARD_CLIENT_ADDRESS",
                mail.forward_client_address,
                false,
                false,
            )?,
            trusted_authserv_ids: list("POSTHORN_TRUSTED_AUTHSERV_IDS", mail.trusted_authserv_ids),
            public_url,
            trusted_proxies,
            time_zone,
            session_idle: Duration::from_secs(u64::from(minutes) * 60),
            session_life: Duration::from_secs(u64::from(days) * 86_400),
            remote_allow,
            database_url,
        })
    }
}

fn imap(key: &str, url: &str) -> Result<Template, ConfigError> {
    Template::parse(key, url, "imaps", 993)
}

fn smtp(key: &str, url: &str) -> Result<Template, ConfigError> {
    Template::parse(key, url, "smtps", 465)
}

fn sieve(key: &str, url: &str) -> Result<Template, ConfigError> {
    Template::parse(key, url, "sieve", 4190)
}

fn choose(
    env: &dyn Fn(&str) -> Option<String>,
    key: &str,
    file: Option<String>,
    default: &str,
) -> String {
    env(key)
        .or(file)
        .filter(|text| !text.is_empty())
        .unwrap_or_else(|| default.to_owned())
}

/// A value of the environment, the file or the default, not below `least`.
fn number<T: FromStr + PartialOrd + std::fmt::Display>(
    env: &dyn Fn(&str) -> Option<String>,
    key: &str,
    file: Option<T>,
    default: T,
    least: T,
) -> Result<T, ConfigError> {
    let value = match env(key).filter(|text| !text.is_empty()) {
        Some(text) => text.trim().parse().map_err(|_| {
            ConfigError::new(
                key,
                format!("“{text}” cannot be used"),
                format!("write something like {default}"),
            )
        })?,
        None => file.unwrap_or(default),
    };
    if value < least {
        return Err(ConfigError::new(
            key,
            format!("{value} is too small"),
            format!("write at least {least}"),
        ));
    }
    Ok(value)
}

// The file as it is written. Unknown keys are refused, so that a slip of the pen is noticed;
// `package` is Leptos's own table.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    mail: Mail,
    #[serde(default)]
    domain: Vec<Domain>,
    #[serde(default)]
    web: Web,
    #[serde(default)]
    session: Session,
    #[serde(default)]
    remote: Remote,
    #[serde(default)]
    storage: Storage,
    #[serde(default, rename = "package")]
    _package: toml::Table,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Mail {
    imap: Option<String>,
    smtp: Option<String>,
    sieve: Option<String>,
    ca_file: Option<String>,
    domains: Vec<String>,
    message_limit: Option<u64>,
    max_recipients: Option<u32>,
    forward_client_address: Option<bool>,
    trusted_authserv_ids: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Domain {
    name: String,
    imap: Option<String>,
    smtp: Option<String>,
    sieve: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Web {
    public_url: Option<String>,
    trusted_proxies: Vec<String>,
    time_zone: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Session {
    idle_minutes: Option<u32>,
    days: Option<u32>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Storage {
    url: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Remote {
    allow: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::Config;

    const SHIPPED: &str = include_str!("../../Leptos.toml");

    fn parse(text: &str) -> Result<Config, super::ConfigError> {
        Config::parse(text, &|_| None)
    }

    #[test]
    fn the_shipped_file_is_valid_and_names_servers_by_domain() {
        let config = parse(SHIPPED).unwrap();
        let servers = config.servers_for("example.org").unwrap();
        assert_eq!(
            servers.imap.endpoint("example.org").host,
            "imap.example.org"
        );
        assert_eq!(servers.smtp.endpoint("example.org").port, 465);
    }

    /// cargo-leptos reads Cargo.toml, the server reads Leptos.toml: what both say must agree.
    #[test]
    fn leptos_toml_agrees_with_cargo_toml() {
        let table = |text: &str| {
            let file: toml::Table = toml::from_str(text).unwrap();
            file["package"]["metadata"]["leptos"]
                .as_table()
                .unwrap()
                .clone()
        };
        let cargo = table(include_str!("../../Cargo.toml"));
        for (key, value) in table(SHIPPED) {
            // The one value that differs on purpose: building is development, serving is not.
            if key != "env" {
                assert_eq!(cargo.get(&key), Some(&value), "{key}");
            }
        }
    }

    #[test]
    fn the_environment_goes_over_the_file() {
        let env = |key: &str| match key {
            "POSTHORN_IMAP_URL" => Some("imaps://localhost:19930".to_owned()),
            "POSTHORN_DOMAINS" => Some("a.example, B.example".to_owned()),
            _ => None,
        };
        let config = Config::parse(SHIPPED, &env).unwrap();
        assert!(config.servers_for("c.example").is_none());
        let servers = config.servers_for("b.example").unwrap();
        assert_eq!(servers.imap.endpoint("b.example").port, 19930);
    }

    #[test]
    fn a_wrong_value_names_the_key_the_problem_and_the_mend() {
        for (text, key, mend) in [
            (
                "[mail]\nimap = \"imap://x\"",
                "POSTHORN_IMAP_URL",
                "imaps://host:993",
            ),
            (
                "[mail]\nsmtp = \"smtps://x:99999\"",
                "POSTHORN_SMTP_URL",
                "smtps://host:465",
            ),
            (
                "[mail]\nimap = \"imaps://a b\"",
                "POSTHORN_IMAP_URL",
                "imaps://host:993",
            ),
            ("[mail]\nimapp = \"\"", "Leptos.toml", "line 2"),
            (
                "[web]\ntime_zone = \"Nowhere\"",
                "POSTHORN_TIME_ZONE",
                "Europe/Berlin",
            ),
            (
                "[web]\npublic_url = \"mail.example\"",
                "POSTHORN_PUBLIC_URL",
                "https://",
            ),
            (
                "[web]\ntrusted_proxies = [\"lan\"]",
                "POSTHORN_TRUSTED_PROXIES",
                "127.0.0.1",
            ),
            (
                "[storage]\nurl = \"mysql://x\"",
                "POSTHORN_DATABASE_URL",
                "sqlite:data/posthorn.sqlite",
            ),
            (
                "[remote]\nallow = [\"10.0.0.0/40\"]",
                "POSTHORN_REMOTE_ALLOW",
                "10.0.0.0/8",
            ),
            (
                "[mail]\nmessage_limit = 1",
                "POSTHORN_MESSAGE_LIMIT",
                "at least",
            ),
        ] {
            let line = parse(text).unwrap_err().to_string();
            assert!(
                line.contains(key) && line.contains(mend) && !line.contains('\n'),
                "{line}"
            );
        }
    }

    #[test]
    fn a_domain_can_have_servers_of_its_own() {
        let config =
            parse("[[domain]]\nname = \"Two.example\"\nimap = \"imaps://pool.example\"").unwrap();
        let servers = config.servers_for("two.example").unwrap();
        assert_eq!(servers.imap.endpoint("two.example").host, "pool.example");
        assert_eq!(
            servers.smtp.endpoint("two.example").host,
            "smtp.two.example"
        );
    }
}
