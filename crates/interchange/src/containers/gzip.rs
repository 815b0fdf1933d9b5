//! gzip files of one or several members.

use std::io::{self, BufRead, Read};

use flate2::bufread::GzDecoder;

pub(crate) const MAGIC: [u8; 2] = [0x1f, 0x8b];

/// Unpacks all members of a gzip file. What follows the last member, such as the padding of a tape, is ignored.
pub(crate) struct MultiGzip<R> {
    member: Option<GzDecoder<R>>,
}

impl<R: BufRead> MultiGzip<R> {
    pub(crate) fn new(packed: R) -> Self {
        Self { member: Some(GzDecoder::new(packed)) }
    }
}

impl<R: BufRead> Read for MultiGzip<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while let Some(mut member) = self.member.take() {
            let length = member.read(buffer)?;
            if length > 0 || buffer.is_empty() {
                self.member = Some(member);
                return Ok(length);
            }
            let mut packed = member.into_inner();
            if packed.fill_buf()?.starts_with(&MAGIC[..1]) {
                self.member = Some(GzDecoder::new(packed));
            }
        }
        Ok(0)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn packed(text: &str) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap()
    }

    fn unpack(bytes: &[u8]) -> io::Result<String> {
        let mut text = String::new();
        MultiGzip::new(bytes).read_to_string(&mut text)?;
        Ok(text)
    }

    #[test]
    fn several_members_are_one_text() {
        assert_eq!(unpack(&[packed("one "), packed(""), packed("two")].concat()).unwrap(), "one two");
    }

    #[test]
    fn padding_after_the_last_member_is_ignored() {
        assert_eq!(unpack(&[packed("one"), vec![0; 700]].concat()).unwrap(), "one");
    }

    #[test]
    fn a_cut_or_damaged_member_is_an_error() {
        let mut bytes = packed("some text");
        assert_eq!(unpack(&bytes[..bytes.len() - 3]).unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
        let checksum = bytes.len() - 6;
        bytes[checksum] ^= 1;
        assert!(unpack(&bytes).is_err());
    }
}
