//! Pictures: avatars, icons and emojis drawn from what names them, as PNG.
//!
//! A picture is a soft gradient with a few shapes whose edges are smoothed, in coordinates from 0 to 1: the same
//! picture in every size. Only additions, multiplications and square roots are used, so the bytes are the same on
//! every machine.

mod png;
mod scene;

use crate::guild::AssetHash;
use crate::limits::{PICTURE_SIZE_MAX, PICTURE_SIZE_MIN};
use crate::rng::Rng;
use scene::Scene;

/// The avatar of a hash: a square of `size` pixels (clamped to [`PICTURE_SIZE_MIN`]..=[`PICTURE_SIZE_MAX`]).
pub fn avatar_png(hash: AssetHash, size: u32) -> Vec<u8> {
    render(&scene::avatar(&mut dice(0xa7a, hash.bits)), size)
}

/// The icon of a guild of a hash.
pub fn icon_png(hash: AssetHash, size: u32) -> Vec<u8> {
    render(&scene::icon(&mut dice(0x1c0, hash.bits)), size)
}

/// A guild's own emoji, by its id.
pub fn emoji_png(id: u64, size: u32) -> Vec<u8> {
    render(&scene::face(&mut dice(0xe0, u128::from(id))), size)
}

/// The avatar of an account without one: `index` is `(id >> 22) % 6` as in Discord's "Default User Avatar".
pub fn default_avatar_png(index: u64, size: u32) -> Vec<u8> {
    render(&scene::default_avatar(index), size)
}

fn dice(kind: u64, bits: u128) -> Rng {
    Rng::of(&[kind, bits as u64, (bits >> 64) as u64])
}

fn render(scene: &Scene, size: u32) -> Vec<u8> {
    let size = size.clamp(PICTURE_SIZE_MIN, PICTURE_SIZE_MAX);
    let mut pixels = Vec::with_capacity((size * size * 3) as usize);
    for row in 0..size {
        for column in 0..size {
            let at = |step: u32| (step as f32 + 0.5) / size as f32;
            pixels.extend(scene.color(at(column), at(row), size as f32));
        }
    }
    png::encode(size, &pixels)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(bits: u128) -> AssetHash {
        AssetHash { bits, animated: false }
    }

    #[test]
    fn pictures_are_small_square_and_their_own() {
        let mut seen = std::collections::BTreeSet::new();
        for bits in 0..60 {
            let png = avatar_png(hash(bits << 90 | bits), 64);
            assert_eq!(&png[..8], b"\x89PNG\r\n\x1a\n");
            assert_eq!(&png[16..24], [0, 0, 0, 64, 0, 0, 0, 64]);
            assert!(png.len() < 9_000, "{}", png.len());
            assert!(seen.insert(png));
        }
        assert_eq!(icon_png(hash(1), 32), icon_png(hash(1), 32));
        assert_ne!(icon_png(hash(1), 32), icon_png(hash(2), 32));
        assert_ne!(default_avatar_png(0, 32), default_avatar_png(1, 32));
        assert_ne!(emoji_png(1, 32), emoji_png(2, 32));
    }

    #[test]
    fn sizes_are_clamped() {
        let side = |png: Vec<u8>| u32::from_be_bytes([png[16], png[17], png[18], png[19]]);
        assert_eq!(side(avatar_png(hash(1), 0)), PICTURE_SIZE_MIN);
        assert_eq!(side(avatar_png(hash(1), 4_096)), PICTURE_SIZE_MAX);
    }
}
