//! Whether pages are light or dark.

use serde::{Deserialize, Serialize};

/// The choice of a person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Theme {
    /// As the browser says.
    #[default]
    System,
    Light,
    Dark,
}

impl Theme {
    /// Back from [`Self::value`]; what is no choice is none.
    pub fn from_value(value: &str) -> Self {
        match value {
            "light" => Self::Light,
            "dark" => Self::Dark,
            _ => Self::System,
        }
    }

    /// As it stands in a form, a cookie and the page's markup.
    pub fn value(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The same, where there is a choice.
    pub fn chosen(self) -> Option<&'static str> {
        (self != Self::System).then(|| self.value())
    }

    /// As CSS says it of a document (CSS Color Adjustment 1, section 2.1).
    pub fn scheme(self) -> &'static str {
        self.chosen().unwrap_or("light dark")
    }
}

#[cfg(test)]
mod tests {
    use super::Theme;

    #[test]
    fn a_theme_has_one_word() {
        for theme in [Theme::System, Theme::Light, Theme::Dark] {
            assert_eq!(Theme::from_value(theme.value()), theme);
        }
        assert_eq!(Theme::from_value("\"><"), Theme::System);
        assert_eq!(Theme::System.scheme(), "light dark");
        assert_eq!(Theme::Dark.scheme(), "dark");
    }
}
