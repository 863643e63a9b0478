//! Two endpoints in one run, in turns, so that what disturbs the machine disturbs both.

use clap::Args;
use serde_json::json;

use crate::Failure;
use crate::load::{self, Shape};
use crate::report::Report;

/// How many turns each endpoint gets.
const TURNS: usize = 3;

/// What to compare.
#[derive(Args, Clone)]
pub(crate) struct Options {
    /// The one endpoint.
    a: String,
    /// The other.
    b: String,
    #[command(flatten)]
    shape: Shape,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// `trent-bench compare`.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let mut rounds: [Vec<Report>; 2] = Default::default();
    for _ in 0..TURNS {
        for (reports, endpoint) in rounds.iter_mut().zip([&options.a, &options.b]) {
            reports.push(load::measure(endpoint, &options.shape)?);
        }
    }
    let [a, b] = rounds.map(median);
    let (a, b) = (a.ok_or("no turn was taken")?, b.ok_or("no turn was taken")?);
    let ratio = a.throughput / b.throughput.max(f64::MIN_POSITIVE);
    if options.json {
        println!("{}", json!({ "a": a, "b": b, "ratio": ratio }));
        return Ok(());
    }
    a.print(false)?;
    b.print(false)?;
    println!("the first does {ratio:.2} of what the second does");
    Ok(())
}

fn median(mut reports: Vec<Report>) -> Option<Report> {
    reports.sort_by(|x, y| x.throughput.total_cmp(&y.throughput));
    reports.get(reports.len() / 2).cloned()
}
