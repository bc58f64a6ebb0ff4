//! What the pictures show.

use crate::rng::Rng;

type Color = [f32; 3];

/// Colours that go together: two for the ground, two for what stands on it.
const PALETTES: [[u32; 4]; 16] = [
    [0x264653, 0x2a9d8f, 0xe9c46a, 0xf4a261],
    [0xffcdb2, 0xffb4a2, 0xb5838d, 0x6d6875],
    [0x3a0ca3, 0x7209b7, 0xf72585, 0x4cc9f0],
    [0xd8f3dc, 0x95d5b2, 0x2d6a4f, 0x1b4332],
    [0x03045e, 0x0077b6, 0x90e0ef, 0xcaf0f8],
    [0xffba08, 0xf48c06, 0x9d0208, 0x370617],
    [0xf8edeb, 0xfec5bb, 0xe07a5f, 0x3d405b],
    [0x10002b, 0x5a189a, 0xc77dff, 0xffd6ff],
    [0xfefae0, 0xe9edc9, 0xbc6c25, 0x606c38],
    [0x22223b, 0x4a4e69, 0xf2e9e4, 0xc9ada7],
    [0x80ffdb, 0x48bfe3, 0x5390d9, 0x7400b8],
    [0xffe5ec, 0xff8fab, 0xfb6f92, 0x590d22],
    [0x0b132b, 0x1c2541, 0x5bc0be, 0xffffff],
    [0xf1faee, 0xa8dadc, 0x457b9d, 0xe63946],
    [0x582f0e, 0x936639, 0xc2c5aa, 0xfefae0],
    [0xcdb4db, 0xa2d2ff, 0xffafcc, 0x355070],
];

/// Discord's six default grounds, roughly.
const DEFAULTS: [u32; 6] = [0x5865f2, 0x747f8d, 0x3ba55c, 0xfaa61a, 0xed4245, 0xeb459e];

/// A gradient and the shapes on it, the last one on top.
pub(super) struct Scene {
    top: Color,
    bottom: Color,
    shapes: Vec<(Shape, Color)>,
}

enum Shape {
    /// Centre and radius.
    Disc(f32, f32, f32),
    /// Centre, radius and half the width of the line.
    Ring(f32, f32, f32, f32),
    /// Centre, half the side and radius of the corners.
    Square(f32, f32, f32, f32),
    /// The lower half of a disc.
    Bowl(f32, f32, f32),
    /// What lies left of a line through a point with a normal of length 1.
    Half(f32, f32, f32, f32),
}

impl Shape {
    /// Distance of a point from the edge, negative inside.
    fn distance(&self, x: f32, y: f32) -> f32 {
        let length = |dx: f32, dy: f32| (dx * dx + dy * dy).sqrt();
        match *self {
            Self::Disc(cx, cy, radius) => length(x - cx, y - cy) - radius,
            Self::Ring(cx, cy, radius, half) => (length(x - cx, y - cy) - radius).abs() - half,
            Self::Square(cx, cy, half, corner) => {
                let (dx, dy) = ((x - cx).abs() - half + corner, (y - cy).abs() - half + corner);
                length(dx.max(0.0), dy.max(0.0)) + dx.max(dy).min(0.0) - corner
            }
            Self::Bowl(cx, cy, radius) => (length(x - cx, y - cy) - radius).max(cy - y),
            Self::Half(px, py, nx, ny) => (x - px) * nx + (y - py) * ny,
        }
    }
}

impl Scene {
    /// The colour of a point, in a picture of `size` pixels.
    pub(super) fn color(&self, x: f32, y: f32, size: f32) -> [u8; 3] {
        let mut color = mix(self.top, self.bottom, y);
        for (shape, ink) in &self.shapes {
            let cover = (0.5 - shape.distance(x, y) * size).clamp(0.0, 1.0);
            if cover > 0.0 {
                color = mix(color, *ink, cover);
            }
        }
        color.map(|part| (part + 0.5) as u8)
    }

    fn on(ground: [Color; 2]) -> Self {
        Self { top: ground[0], bottom: ground[1], shapes: Vec::new() }
    }

    fn add(&mut self, shape: Shape, ink: Color) -> &mut Self {
        self.shapes.push((shape, ink));
        self
    }
}

/// An avatar: a landscape, a creature, a pattern or a planet.
pub(super) fn avatar(rng: &mut Rng) -> Scene {
    match rng.below(8) {
        0 | 1 => landscape(rng),
        2 | 3 => face(rng),
        4 => mirrored(rng),
        5 => quilt(rng),
        6 => planet(rng),
        _ => rings(rng),
    }
}

/// The icon of a guild: bolder than an avatar.
pub(super) fn icon(rng: &mut Rng) -> Scene {
    match rng.below(4) {
        0 => planet(rng),
        1 => quilt(rng),
        2 => landscape(rng),
        _ => mirrored(rng),
    }
}

/// A creature with ears, eyes and a smile.
pub(super) fn face(rng: &mut Rng) -> Scene {
    let [ground, shade, fur, _] = palette(rng);
    let dark = color(0x2b2d42);
    let mut scene = Scene::on([ground, shade]);
    let (width, eyes) = (0.1 + 0.05 * part(rng), 0.13 + 0.05 * part(rng));
    let ears = rng.below(3);
    for side in [-1.0f32, 1.0] {
        match ears {
            0 => scene.add(Shape::Disc(0.5 + side * 0.25, 0.3, 0.12), fur),
            1 => scene.add(Shape::Square(0.5 + side * 0.22, 0.27, 0.1, 0.04), fur),
            _ => scene.add(Shape::Disc(0.5 + side * 0.17, 0.22, 0.09), fur),
        };
    }
    scene.add(Shape::Disc(0.5, 0.55, 0.33), fur);
    for side in [-1.0f32, 1.0] {
        let at = 0.5 + side * eyes;
        scene.add(Shape::Disc(at, 0.5, 0.06), [255.0; 3]).add(Shape::Disc(at, 0.51, 0.035), dark);
    }
    if rng.chance(0.5) {
        scene.add(Shape::Bowl(0.5, 0.64, width), dark);
    } else {
        scene.add(Shape::Disc(0.5, 0.64, 0.035), dark);
    }
    scene
}

/// A plain ground with a white figure.
pub(super) fn default_avatar(index: u64) -> Scene {
    let ground = color(DEFAULTS[(index % 6) as usize]);
    let mut scene = Scene::on([ground; 2]);
    scene.add(Shape::Disc(0.5, 0.38, 0.15), [255.0; 3]);
    scene.add(Shape::Disc(0.5, 0.92, 0.3), [255.0; 3]);
    scene
}

fn landscape(rng: &mut Rng) -> Scene {
    let [sky, dawn, hill, sun] = palette(rng);
    let mut scene = Scene::on([sky, dawn]);
    scene.add(
        Shape::Disc(0.25 + 0.5 * part(rng), 0.3 + 0.15 * part(rng), 0.13 + 0.05 * part(rng)),
        sun,
    );
    let far = mix(hill, dawn, 0.45);
    scene.add(Shape::Disc(0.1 + 0.3 * part(rng), 1.05, 0.42 + 0.1 * part(rng)), far);
    scene
        .add(Shape::Disc(0.7 + 0.3 * part(rng), 1.1, 0.45 + 0.1 * part(rng)), mix(hill, dawn, 0.2));
    scene.add(Shape::Disc(0.3 + 0.4 * part(rng), 1.32, 0.5 + 0.1 * part(rng)), hill);
    scene
}

fn planet(rng: &mut Rng) -> Scene {
    let [ground, shade, body, light] = palette(rng);
    let mut scene = Scene::on([ground, shade]);
    for _ in 0..7 {
        scene.add(Shape::Disc(part(rng), part(rng), 0.008 + 0.012 * part(rng)), light);
    }
    let (x, y) = (0.42 + 0.16 * part(rng), 0.42 + 0.16 * part(rng));
    scene.add(Shape::Disc(x, y, 0.27), body);
    scene.add(Shape::Disc(x - 0.09, y - 0.08, 0.06), mix(body, light, 0.35));
    scene.add(Shape::Disc(x + 0.08, y + 0.1, 0.045), mix(body, light, 0.25));
    scene.add(Shape::Ring(x, y, 0.37, 0.018), light);
    scene
}

fn rings(rng: &mut Rng) -> Scene {
    let [ground, shade, one, two] = palette(rng);
    let mut scene = Scene::on([ground, shade]);
    let (x, y) = (0.35 + 0.3 * part(rng), 0.35 + 0.3 * part(rng));
    for step in 0..4 {
        let radius = 0.1 + 0.14 * step as f32;
        scene.add(Shape::Ring(x, y, radius, 0.035), if step % 2 == 0 { one } else { two });
    }
    scene
}

/// Five by five cells, the left side mirrored.
fn mirrored(rng: &mut Rng) -> Scene {
    let [ground, shade, one, two] = palette(rng);
    let mut scene = Scene::on([ground, shade]);
    for cell in 0..15 {
        let (column, row) = ((cell % 3) as f32, (cell / 3) as f32);
        if rng.chance(0.45) {
            continue;
        }
        let ink = if rng.chance(0.75) { one } else { two };
        let at = |step: f32| 0.18 + 0.16 * step;
        for x in [at(column), 1.0 - at(column)] {
            scene.add(Shape::Square(x, at(row), 0.074, 0.03), ink);
        }
    }
    scene
}

/// Two by two tiles with a disc, a bowl, a ring or a corner each.
fn quilt(rng: &mut Rng) -> Scene {
    let [ground, shade, one, two] = palette(rng);
    let mut scene = Scene::on([ground; 2]);
    for tile in 0..4 {
        let (x, y) = (0.25 + 0.5 * (tile % 2) as f32, 0.25 + 0.5 * (tile / 2) as f32);
        if (tile % 2 == 0) == (tile / 2 == 0) {
            scene.add(Shape::Square(x, y, 0.25, 0.0), shade);
        }
        let ink = if rng.chance(0.5) { one } else { two };
        match rng.below(4) {
            0 => scene.add(Shape::Disc(x, y, 0.19), ink),
            1 => scene.add(Shape::Bowl(x, y - 0.07, 0.19), ink),
            2 => scene.add(Shape::Ring(x, y, 0.14, 0.045), ink),
            _ => scene.add(Shape::Square(x, y, 0.16, 0.05), ink),
        };
    }
    if rng.chance(0.3) {
        // A fold across the lower right corner.
        let slope = std::f32::consts::FRAC_1_SQRT_2;
        scene.add(Shape::Half(0.92, 0.92, -slope, -slope), two);
    }
    scene
}

fn palette(rng: &mut Rng) -> [Color; 4] {
    rng.pick(&PALETTES).map(color)
}

fn color(rgb: u32) -> Color {
    [(rgb >> 16) & 0xff, (rgb >> 8) & 0xff, rgb & 0xff].map(|part| part as f32)
}

/// A number between 0 and 1.
fn part(rng: &mut Rng) -> f32 {
    rng.unit() as f32
}

fn mix(from: Color, to: Color, share: f32) -> Color {
    [0, 1, 2].map(|part| from[part] + (to[part] - from[part]) * share)
}
