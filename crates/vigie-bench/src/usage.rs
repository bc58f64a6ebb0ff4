//! What this process has used: CPU time and peak memory, as Linux tells them (proc(5)).

use anyhow::{Context, Result};

/// CPU seconds of this process so far, user and system, from `/proc/self/stat` (fields 14 and 15, in ticks of 10 ms).
///
/// # Errors
/// The system has no `/proc`.
pub fn cpu_seconds() -> Result<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat")
        .context("CPU time is read from /proc, which only Linux has")?;
    let after_name = stat.rsplit_once(')').context("/proc/self/stat has no name")?.1;
    let field = |index: usize| {
        after_name.split_whitespace().nth(index).and_then(|text| text.parse::<f64>().ok())
    };
    let (user, system) = field(11).zip(field(12)).context("/proc/self/stat has no times")?;
    Ok((user + system) / 100.0)
}

/// Peak resident memory of this process in MiB (`VmHWM`).
///
/// # Errors
/// The system has no `/proc`.
pub fn peak_memory_mib() -> Result<f64> {
    let status = std::fs::read_to_string("/proc/self/status")
        .context("memory is read from /proc, which only Linux has")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("no VmHWM")?;
    let kib: f64 = line.trim().trim_end_matches("kB").trim().parse()?;
    Ok(kib / 1024.0)
}
