//! Logarithm and exponential from additions and multiplications only.
//!
//! The platform's own differ in the last bits between systems; these give the same bytes everywhere, as IEEE 754
//! fixes the four operations. Accurate to about 1e-13, more than a draw needs.

/// Natural logarithm of a positive normal number.
pub(crate) fn ln(x: f64) -> f64 {
    let bits = x.to_bits();
    let mut exponent = ((bits >> 52) & 0x7ff) as i64 - 1023;
    let mut mantissa = f64::from_bits((bits & 0x000f_ffff_ffff_ffff) | 0x3ff0_0000_0000_0000);
    if mantissa > std::f64::consts::SQRT_2 {
        mantissa *= 0.5;
        exponent += 1;
    }
    // ln m = 2 atanh(s), s = (m - 1) / (m + 1), |s| <= 0.172: nine terms are enough.
    let s = (mantissa - 1.0) / (mantissa + 1.0);
    let square = s * s;
    let mut sum = 0.0;
    let mut odd = 17.0;
    while odd > 0.0 {
        sum = sum * square + 1.0 / odd;
        odd -= 2.0;
    }
    2.0 * s * sum + exponent as f64 * std::f64::consts::LN_2
}

/// e to the power of x, for |x| <= 700.
pub(crate) fn exp(x: f64) -> f64 {
    let halves = (x * std::f64::consts::LOG2_E).round_ties_even();
    let rest = x - halves * std::f64::consts::LN_2;
    // |rest| <= 0.347: fourteen terms of the series.
    let mut sum = 1.0;
    let mut term = 14.0;
    while term > 0.0 {
        sum = 1.0 + sum * rest / term;
        term -= 1.0;
    }
    f64::from_bits(((halves as i64 + 1023) as u64) << 52) * sum
}

/// `base` to the power of `exponent`, for a positive base.
pub(crate) fn pow(base: f64, exponent: f64) -> f64 {
    exp(ln(base) * exponent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_agree_with_the_platform() {
        for step in 1..2_000 {
            let x = f64::from(step) * 0.037;
            assert!((ln(x) - x.ln()).abs() < 1e-12, "ln {x}");
            let y = x - 37.0;
            assert!((exp(y) / y.exp() - 1.0).abs() < 1e-12, "exp {y}");
        }
        assert!((pow(50_000.0, 0.57) - 50_000f64.powf(0.57)).abs() < 1e-8);
    }
}
