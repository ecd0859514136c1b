//! Whether a bitmap is one filled shape: a region that somebody measured, no stroke of writing.

/// Of its convex hull a region fills so much, in hundredths: an ellipse nearly all, an `L` or a `V` of thick strokes
/// 70.
const LEAST_OF_HULL: i64 = 84;
/// Of the square over its longest extent a region fills so much, in hundredths: a circle 78, a bar three times as long
/// as wide 30.
const LEAST_OF_SQUARE: i64 = 32;

/// Whether the set bits are one filled shape without dents and limbs.
///
/// Each row and each column meets it in one run, runs of neighbouring rows touch, and it nearly fills its convex hull,
/// which is not slender. Outlines, crosses, and strokes straight, bent or oblique are none of that.
pub(super) fn is_solid(rows: usize, columns: usize, bit: impl Fn(usize) -> bool) -> bool {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    let mut last_row = None;
    for row in 0..rows {
        let Some(first) = (0..columns).find(|column| bit(row * columns + column)) else { continue };
        let end = first + (first..columns).take_while(|column| bit(row * columns + column)).count();
        let again = (end..columns).any(|column| bit(row * columns + column));
        let apart = match (last_row, runs.last()) {
            (Some(last), Some(&(start, stop))) => row != last + 1 || first >= stop || end <= start,
            _ => false,
        };
        if again || apart {
            return false;
        }
        runs.push((first, end));
        last_row = Some(row);
    }
    // A column meets it in one run if it lies in a row of neighbouring rows.
    let one_run = |column: usize| {
        let met = |&(first, end): &(usize, usize)| (first..end).contains(&column);
        let starts =
            runs.iter().enumerate().filter(|(row, run)| met(run) && (*row == 0 || !met(&runs[row - 1])));
        starts.count() <= 1
    };
    if runs.is_empty() || !(0..columns).all(one_run) {
        return false;
    }
    let area: usize = runs.iter().map(|(first, end)| end - first).sum();
    let (Ok(area), Some(hull)) = (i64::try_from(area), hull(&runs)) else { return false };
    let edges = || hull.iter().zip(hull.iter().cycle().skip(1));
    let twice_inside = edges().map(|(a, b)| a.0 * b.1 - b.0 * a.1).sum::<i64>().abs();
    let on_border: i64 = edges().map(|(a, b)| common_divisor((a.0 - b.0).abs(), (a.1 - b.1).abs())).sum();
    // Pixels within the hull, by Pick's theorem.
    let within = i64::midpoint(twice_inside, on_border) + 1;
    let distances =
        hull.iter().flat_map(|a| hull.iter().map(move |b| (a.0 - b.0).pow(2) + (a.1 - b.1).pow(2)));
    let longest = distances.max().unwrap_or(0).isqrt() + 1;
    100 * area >= LEAST_OF_HULL * within && 100 * area >= LEAST_OF_SQUARE * longest * longest
}

fn common_divisor(a: i64, b: i64) -> i64 {
    if b == 0 { a } else { common_divisor(b, a % b) }
}

type Point = (i64, i64);

/// The corners of the convex hull of the pixels (Andrew's monotone chain). `None` for sizes beyond any image.
fn hull(runs: &[(usize, usize)]) -> Option<Vec<Point>> {
    const LARGEST: usize = 1 << 16;
    let mut points: Vec<Point> = Vec::with_capacity(2 * runs.len());
    for (row, &(first, end)) in runs.iter().enumerate() {
        if end > LARGEST || row > LARGEST {
            return None;
        }
        let (row, first, end) = (row as i64, first as i64, end as i64);
        points.extend([(row, first), (row, end - 1)]);
    }
    points.sort_unstable();
    points.dedup();
    let mut hull = half(points.iter().copied());
    hull.pop();
    let mut other = half(points.iter().rev().copied());
    other.pop();
    hull.append(&mut other);
    Some(hull)
}

/// One half of the hull, from the first to the last point.
fn half(points: impl Iterator<Item = Point>) -> Vec<Point> {
    let mut half: Vec<Point> = Vec::new();
    for point in points {
        while let [.., a, b] = half[..]
            && (b.0 - a.0) * (point.1 - a.1) - (b.1 - a.1) * (point.0 - a.0) <= 0
        {
            half.pop();
        }
        half.push(point);
    }
    half
}
