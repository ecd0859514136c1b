//! The fields inside of a header, for whoever compares two: names and values as they stand there.

use crate::field::is_one_number;
use crate::text::{decode, until_nul};
use crate::{archive, csa, protocol};
use std::collections::BTreeMap;

/// The fields of a CSA header, of the ASCCONV sections of a protocol, or of GE's protocol data block, by name; `None`
/// if the bytes are none of these.
///
/// Numbers in brackets stay in names. A protocol within a CSA header adds its own fields.
pub fn fields(bytes: &[u8]) -> Option<BTreeMap<String, Vec<u8>>> {
    let mut fields = BTreeMap::new();
    if protocol::is_protocol(bytes) {
        ascconv(bytes, &mut fields);
        return Some(fields);
    }
    if let Some(header) = csa::parse(bytes) {
        for element in &header.elements {
            let name = decode(element.name(bytes)).0.into_owned();
            let mut value = Vec::new();
            for item in header.items(element) {
                let item = until_nul(&bytes[item.clone()]);
                if protocol::is_protocol(item) {
                    ascconv(item, &mut fields);
                } else {
                    value.extend_from_slice(item.trim_ascii());
                    value.push(b'\\');
                }
            }
            // How many empty items follow says nothing.
            value.truncate(value.iter().rposition(|&byte| byte != b'\\').map_or(0, |last| last + 1));
            if !value.is_empty() {
                fields.insert(name, value);
            }
        }
        return Some(fields);
    }
    let text = archive::unpacked(bytes)?;
    if protocol::is_protocol(&text) {
        ascconv(&text, &mut fields);
        return Some(fields);
    }
    for line in decode(&text).0.lines() {
        let Some((key, value)) = line.split_once('"') else { continue };
        let key = key.trim().trim_start_matches("set ").trim();
        let value = value.rsplit_once('"').map_or(value, |(value, _)| value);
        fields.insert(key.to_owned(), value.trim().as_bytes().to_vec());
    }
    Some(fields)
}

/// The numbers of protocols in their order, whatever they are called, with a blank behind each: those of ASCCONV sections and
/// those that stand outside of texts in `XProtocol`.
pub fn numbers(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut push = |number: &[u8]| {
        if std::str::from_utf8(number).is_ok_and(|number| !number.is_empty() && is_one_number(number)) {
            out.extend_from_slice(number);
            out.push(b' ');
        }
    };
    for stretch in bytes.split(|&byte| byte == b'"') {
        if protocol::is_structure(stretch) {
            let apart = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'<' | b'>' | b'{' | b'}');
            stretch.split(apart).for_each(&mut push);
            continue;
        }
        let value = |line: &[u8]| line.iter().position(|&byte| byte == b'=').map(|at| at + 1);
        for line in stretch.split(|&byte| byte == b'\n') {
            if let Some(start) = value(line) {
                // A comment repeats it.
                let number = line[start..].split(|&byte| byte == b'#').next().unwrap_or_default();
                push(number.trim_ascii());
            }
        }
    }
    out
}

/// The lines of all ASCCONV sections.
fn ascconv(bytes: &[u8], fields: &mut BTreeMap<String, Vec<u8>>) {
    let text = decode(bytes).0;
    for section in text.split("### ASCCONV BEGIN").skip(1) {
        let section = section.split("### ASCCONV END").next().unwrap_or_default();
        for line in section.lines() {
            if let Some((key, value)) = line.split_once('=').filter(|(key, _)| !key.contains("###")) {
                let value = value.trim().trim_matches('"').trim();
                fields.insert(key.trim().to_owned(), value.as_bytes().to_vec());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_found_by_name() {
        let text = b"<XProtocol> { }\n### ASCCONV BEGIN object=a ###\nalTR[0] = 2300\ntFree = \"\"x\"\"\n### ASCCONV END ###";
        let found = fields(text).unwrap();
        assert_eq!(found.get("alTR[0]").unwrap(), b"2300");
        assert_eq!(found.get("tFree").unwrap(), b"x");
        assert_eq!(fields(b"something else"), None);
    }
}
