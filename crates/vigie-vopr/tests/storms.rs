//! A short row of storms, for every run of the tests; `cargo xtask vopr --seeds 1..1001` is the long one.

use vigie_vopr::storm;

/// Two halves, so that they run side by side.
fn check(seeds: std::ops::Range<u64>) {
    for seed in seeds {
        let report = storm::run(seed).expect("the storm can be played");
        assert!(
            report.differences.is_empty(),
            "{} differences, the first: {}\nagain: cargo xtask vopr --seed {seed}",
            report.differences.len(),
            report.differences[0]
        );
    }
}

#[test]
fn storms_1_to_10_equal_the_truth() {
    check(1..11);
}

#[test]
fn storms_11_to_20_equal_the_truth() {
    check(11..21);
}
