//! INTERNALDATE (RFC 9051, section 9, `date-time`) as a moment.

use jiff::fmt::strtime;

/// Seconds since 1970, `None` where `text` is no date-time.
pub fn epoch(text: &str) -> Option<i64> {
    let moment = strtime::parse("%d-%b-%Y %H:%M:%S %z", text.trim())
        .ok()?
        .to_timestamp()
        .ok()?;
    Some(moment.as_second())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_the_wire() {
        assert_eq!(epoch("17-Jul-1996 02:44:25 -0700"), Some(837_596_665));
        assert_eq!(epoch(" 1-Jan-1970 00:00:00 +0000"), Some(0));
        assert_eq!(epoch("24-Nov-2026 00:41:43 +0000"), Some(1_795_480_903));
        assert_eq!(epoch("31-Dec-1969 23:59:59 +0000"), Some(-1));
        for bad in ["", "NIL", "17-Jul-1996", "99-Jul-1996 02:44:25 -0700"] {
            assert_eq!(epoch(bad), None, "{bad}");
        }
    }
}
