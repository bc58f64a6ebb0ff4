//! Transport compression: one context per connection, one flush per gateway message.
//!
//! zlib-stream messages end with `00 00 ff ff`; a zstd-stream is one frame that never ends.
//! Source: Discord, "Gateway", Transport Compression; RFC 1951 section 3.2.4 (sync marker), RFC 8878 section 3.1.

use axum::extract::ws::Message;
use flate2::{Compress, FlushCompress, Status};
use zstd::stream::raw::{CParameter, Encoder, InBuffer, Operation, OutBuffer};

/// zstd level: its own default.
const ZSTD_LEVEL: i32 = 3;
/// zstd window of 256 KiB: with 1,000 connections the contexts stay below 1 GB.
const ZSTD_WINDOW_LOG: u32 = 18;
/// With payload compression, payloads at least this long are compressed one by one.
const PAYLOAD_COMPRESSION_BYTES_MIN: usize = 1_024;

/// The value of `compress=` in the gateway's address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Compression {
    /// Text frames.
    #[default]
    Plain,
    /// `zlib-stream`.
    Zlib,
    /// `zstd-stream`.
    Zstd,
}

impl Compression {
    /// Reads the query value; `None` for a name that Discord does not know.
    pub fn from_query(value: &str) -> Option<Self> {
        match value {
            "" => Some(Self::Plain),
            "zlib-stream" => Some(Self::Zlib),
            "zstd-stream" => Some(Self::Zstd),
            _ => None,
        }
    }

    /// The query value.
    pub fn name(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Zlib => "zlib-stream",
            Self::Zstd => "zstd-stream",
        }
    }
}

/// Turns the gateway messages of one connection into WebSocket messages.
pub(crate) enum Compressor {
    /// Text, or whole payloads compressed one by one when the client asked for it in IDENTIFY.
    Plain { payload_compression: bool },
    /// One zlib context.
    Zlib(Box<Compress>),
    /// One zstd frame.
    Zstd(Box<Encoder<'static>>),
}

impl Compressor {
    pub(crate) fn new(kind: Compression) -> std::io::Result<Self> {
        Ok(match kind {
            Compression::Plain => Self::Plain { payload_compression: false },
            Compression::Zlib => Self::Zlib(Box::new(zlib())),
            Compression::Zstd => {
                let mut encoder = Encoder::new(ZSTD_LEVEL)?;
                encoder.set_parameter(CParameter::WindowLog(ZSTD_WINDOW_LOG))?;
                Self::Zstd(Box::new(encoder))
            }
        })
    }

    /// IDENTIFY's `compress`; transport compression disables it.
    pub(crate) fn set_payload_compression(&mut self, wanted: bool) {
        if let Self::Plain { payload_compression } = self {
            *payload_compression = wanted;
        }
    }

    /// One gateway message.
    pub(crate) fn message(&mut self, text: &str) -> std::io::Result<Message> {
        Ok(match self {
            Self::Plain { payload_compression: true }
                if text.len() >= PAYLOAD_COMPRESSION_BYTES_MIN =>
            {
                Message::binary(deflate(&mut zlib(), text.as_bytes(), FlushCompress::Finish)?)
            }
            Self::Plain { .. } => Message::text(text),
            Self::Zlib(context) => {
                Message::binary(deflate(context, text.as_bytes(), FlushCompress::Sync)?)
            }
            Self::Zstd(encoder) => Message::binary(zstd_flushed(encoder, text.as_bytes())?),
        })
    }
}

fn zlib() -> Compress {
    Compress::new(flate2::Compression::default(), true)
}

/// Compresses all of `input` and flushes; returns when the flush is complete, which is when a call leaves room in the output.
fn deflate(context: &mut Compress, input: &[u8], flush: FlushCompress) -> std::io::Result<Vec<u8>> {
    let mut output = Vec::with_capacity(input.len() / 3 + 128);
    let before = context.total_in();
    loop {
        let consumed = (context.total_in() - before) as usize;
        let status = context.compress_vec(&input[consumed..], &mut output, flush)?;
        let done = (context.total_in() - before) as usize == input.len();
        let complete = match flush {
            FlushCompress::Finish => status == Status::StreamEnd,
            _ => done && output.len() < output.capacity(),
        };
        if complete {
            return Ok(output);
        }
        output.reserve(input.len() + 128);
    }
}

fn zstd_flushed(encoder: &mut Encoder<'static>, input: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut output: Vec<u8> = Vec::with_capacity(input.len() / 3 + 128);
    let mut source = InBuffer::around(input);
    while source.pos() < input.len() {
        with_room(&mut output, input.len(), |target| encoder.run(&mut source, target))?;
    }
    while with_room(&mut output, input.len(), |target| encoder.flush(target))? > 0 {}
    Ok(output)
}

/// Gives an operation the free end of `output`, and enlarges it when the operation filled it.
fn with_room<'a>(
    output: &'a mut Vec<u8>,
    more: usize,
    operation: impl FnOnce(&mut OutBuffer<'a, Vec<u8>>) -> std::io::Result<usize>,
) -> std::io::Result<usize> {
    if output.capacity() - output.len() < 64 {
        output.reserve(more + 128);
    }
    let position = output.len();
    let mut target = OutBuffer::around_pos(output, position);
    operation(&mut target)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts() -> Vec<String> {
        let mut texts: Vec<String> =
            (0..200).map(|n| format!(r#"{{"t":"A","s":{n},"op":0}}"#)).collect();
        texts.push(
            (0..60_000u32)
                .map(|n| char::from(b' ' + (n.wrapping_mul(2_654_435_761) >> 25) as u8 % 90))
                .collect(),
        );
        texts.push(String::new());
        texts.push("end".to_owned());
        texts
    }

    #[test]
    fn zlib_messages_end_with_the_sync_marker_and_inflate_one_by_one() {
        let mut compressor = Compressor::new(Compression::Zlib).unwrap();
        let mut inflate = flate2::Decompress::new(true);
        for text in texts() {
            let bytes = compressor.message(&text).unwrap().into_data();
            assert!(
                bytes.ends_with(&[0, 0, 0xff, 0xff]),
                "no sync marker after {} bytes",
                text.len()
            );
            let mut output = Vec::with_capacity(text.len() + 1);
            inflate.decompress_vec(&bytes, &mut output, flate2::FlushDecompress::Sync).unwrap();
            assert_eq!(String::from_utf8(output).unwrap(), text);
        }
    }

    #[test]
    fn zstd_messages_are_one_frame_and_inflate_one_by_one() {
        let mut compressor = Compressor::new(Compression::Zstd).unwrap();
        let mut decoder = zstd::stream::raw::Decoder::new().unwrap();
        for text in texts() {
            let bytes = compressor.message(&text).unwrap().into_data();
            let mut output = vec![0; text.len() + 16];
            let mut source = InBuffer::around(&bytes[..]);
            let mut target = OutBuffer::around(&mut output[..]);
            while source.pos() < bytes.len() {
                decoder.run(&mut source, &mut target).unwrap();
            }
            let written = target.pos();
            assert_eq!(std::str::from_utf8(&output[..written]).unwrap(), text);
        }
    }

    #[test]
    fn payload_compression_is_whole_zlib_documents_for_long_payloads_only() {
        let mut compressor = Compressor::new(Compression::Plain).unwrap();
        compressor.set_payload_compression(true);
        assert!(matches!(compressor.message("short").unwrap(), Message::Text(_)));
        let long = "x".repeat(5_000);
        let bytes = compressor.message(&long).unwrap().into_data();
        let mut output = Vec::with_capacity(6_000);
        flate2::Decompress::new(true)
            .decompress_vec(&bytes, &mut output, flate2::FlushDecompress::Finish)
            .unwrap();
        assert_eq!(output, long.as_bytes());
    }
}
