//! Messages appended to a compressed stream whose compressor is gone: as blocks that are stored, not compressed.
//!
//! Such a block may stand wherever the stream was flushed, as long as nothing compressed follows that refers to what came
//! before. Sources: RFC 1951 section 3.2.4 (stored blocks), RFC 8878 section 3.1.1.2 (raw blocks).

use axum::extract::ws::Message;

use crate::gateway::compress::Compression;

/// A short message as it continues a flushed stream.
pub(crate) fn message(compression: Compression, text: &str) -> Message {
    match compression {
        Compression::Plain => Message::text(text),
        Compression::Zlib => Message::binary(zlib(text.as_bytes())),
        Compression::Zstd => Message::binary(zstd(text.as_bytes())),
    }
}

fn zlib(data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len()).expect("control messages are short");
    let mut block = vec![0];
    block.extend(length.to_le_bytes());
    block.extend((!length).to_le_bytes());
    block.extend(data);
    // The sync marker: an empty stored block.
    block.extend([0, 0, 0, 0xff, 0xff]);
    block
}

fn zstd(data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len()).expect("control messages are short");
    let header = u32::from(length) << 3;
    let mut block = header.to_le_bytes()[..3].to_vec();
    block.extend(data);
    block
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::compress::Compressor;

    #[test]
    fn stored_messages_continue_flushed_streams() {
        let text = r#"{"t":null,"s":null,"op":11,"d":null}"#;
        for compression in [Compression::Zlib, Compression::Zstd] {
            let mut compressor = Compressor::new(compression).unwrap();
            let mut stream = compressor.message(&text.repeat(9)).unwrap().into_data().to_vec();
            stream.extend(message(compression, text).into_data());
            stream.extend(message(compression, "again").into_data());
            let mut output = vec![0; 4_096];
            let written = match compression {
                Compression::Zlib => {
                    let mut inflate = flate2::Decompress::new(true);
                    inflate
                        .decompress(&stream, &mut output, flate2::FlushDecompress::Sync)
                        .unwrap();
                    inflate.total_out() as usize
                }
                _ => {
                    use zstd::stream::raw::{Decoder, InBuffer, Operation, OutBuffer};
                    let mut source = InBuffer::around(&stream[..]);
                    let mut target = OutBuffer::around(&mut output[..]);
                    let mut decoder = Decoder::new().unwrap();
                    while source.pos() < stream.len() {
                        decoder.run(&mut source, &mut target).unwrap();
                    }
                    target.pos()
                }
            };
            let output = std::str::from_utf8(&output[..written]).unwrap();
            assert_eq!(output, format!("{}again", text.repeat(10)));
        }
    }
}
