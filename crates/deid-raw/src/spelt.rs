//! Letters written as numbers in protocols.

use crate::Judge;
use crate::edit::decode;
use crate::protocol::Value;
use deid_vendor::letters;

/// Which values are the numbers of letters: of lists, and of arrays with one in each line.
pub(crate) fn spelt(bytes: &[u8], values: &[Value<'_>], judge: &dyn Judge) -> Vec<bool> {
    let identifies = |bytes: &[u8]| judge.identifies(bytes);
    let mut spelt = vec![false; values.len()];
    let mut first = 0;
    for run in values.chunk_by(|a, b| (a.marks, b.marks) == (0, 0) && a.name == b.name) {
        let (start, end) = (run[0].start, run[run.len() - 1].end);
        if run.len() > 3 && letters::spell(&decode(&bytes[start..end]).0, &identifies) {
            spelt[first..first + run.len()].fill(true);
        }
        first += run.len();
    }
    for place in letters::arrays(bytes, 0..bytes.len(), &identifies) {
        let first = values.partition_point(|value| value.start < place.start);
        let last = values.partition_point(|value| value.start < place.end);
        spelt[first..last].fill(true);
    }
    spelt
}
