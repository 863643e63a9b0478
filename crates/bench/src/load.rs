//! The load itself.
//!
//! With a rate, requests are due at fixed moments whether or not earlier ones were answered, and
//! latency counts from the moment a request was due: a slow server cannot slow its own exam down.
//! Without a rate every connection asks again as soon as it was answered, which finds the most an
//! endpoint can do.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use clap::Args;
use hdrhistogram::Histogram;
use tokio::task::JoinSet;

use crate::Failure;
use crate::connection::Connection;
use crate::endpoint::Endpoint;
use crate::prepare::{self, Signer};
use crate::report::Report;

/// What to load, how, and for how long.
#[derive(Args, Clone)]
pub(crate) struct Options {
    /// The endpoint, such as http://127.0.0.1:4599.
    #[arg(long)]
    pub(crate) endpoint: String,
    #[command(flatten)]
    pub(crate) shape: Shape,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// The shape of a load, apart from where it goes.
#[derive(Args, Clone)]
pub(crate) struct Shape {
    /// The operation to ask for.
    #[arg(long, default_value = "Encrypt")]
    pub(crate) operation: String,
    /// How many connections to keep busy.
    #[arg(long, default_value_t = 32)]
    pub(crate) connections: usize,
    /// How long to measure, such as 5s.
    #[arg(long, default_value = "5s", value_parser = duration)]
    pub(crate) duration: Duration,
    /// Requests a second, evenly spaced; as many as can be without it.
    #[arg(long)]
    pub(crate) rate: Option<f64>,
    /// Bytes of plaintext, where the operation has one.
    #[arg(long, default_value_t = 1024)]
    pub(crate) size: usize,
    /// Worker threads of the generator.
    #[arg(long, default_value_t = 1)]
    pub(crate) workers: usize,
}

fn duration(text: &str) -> Result<Duration, String> {
    let (number, unit) = text.split_at(text.trim_end_matches(char::is_alphabetic).len());
    let number: f64 = number.parse().map_err(|_| format!("`{text}` is not a duration"))?;
    let seconds = match unit {
        "" | "s" => number,
        "ms" => number / 1e3,
        "m" => number * 60.0,
        _ => return Err(format!("`{unit}` is not a unit of time")),
    };
    Duration::try_from_secs_f64(seconds).map_err(|error| error.to_string())
}

/// `trent-bench run`.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let report = measure(&options.endpoint, &options.shape)?;
    report.print(options.json)
}

/// Loads one endpoint and reports.
pub(crate) fn measure(endpoint: &str, shape: &Shape) -> Result<Report, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(shape.workers.max(1))
        .enable_all()
        .build()?;
    let (endpoint, shape) = (endpoint.to_owned(), shape.clone());
    runtime.block_on(async move {
        let endpoint = Endpoint::parse(&endpoint)?;
        let signer = Signer::from_env()?;
        let request = prepare::request(&signer, &endpoint, &shape.operation, shape.size).await?;
        drive(&endpoint, &shape, request.into()).await
    })
}

/// What one connection saw.
struct Seen {
    latencies: Histogram<u64>,
    errors: u64,
}

async fn drive(endpoint: &Endpoint, shape: &Shape, request: Arc<[u8]>) -> Result<Report, Failure> {
    let schedule = Arc::new(Schedule::new(shape));
    let mut connections = JoinSet::new();
    for _ in 0..shape.connections.max(1) {
        let connection = Connection::open(endpoint).await?;
        connections.spawn(keep_busy(connection, Arc::clone(&request), Arc::clone(&schedule)));
    }
    let mut all = Seen { latencies: new_histogram()?, errors: 0 };
    while let Some(seen) = connections.join_next().await {
        let seen = seen??;
        all.latencies.add(&seen.latencies)?;
        all.errors += seen.errors;
    }
    Ok(Report::new(endpoint, shape, &all.latencies, all.errors, schedule.elapsed()))
}

fn new_histogram() -> Result<Histogram<u64>, Failure> {
    Ok(Histogram::new_with_bounds(1, 60_000_000_000, 3)?)
}

async fn keep_busy(
    mut connection: Connection,
    request: Arc<[u8]>,
    schedule: Arc<Schedule>,
) -> Result<Seen, Failure> {
    let mut seen = Seen { latencies: new_histogram()?, errors: 0 };
    while let Some(due) = schedule.next().await {
        let answer = connection.exchange(&request).await?;
        if answer.status == 200 {
            let nanoseconds = u64::try_from(due.elapsed().as_nanos()).unwrap_or(u64::MAX);
            seen.latencies.saturating_record(nanoseconds);
        } else {
            seen.errors += 1;
        }
    }
    Ok(seen)
}

/// When requests are due.
struct Schedule {
    start: Instant,
    end: Instant,
    interval: Option<Duration>,
    taken: AtomicU64,
}

impl Schedule {
    fn new(shape: &Shape) -> Self {
        let start = Instant::now();
        let interval = shape.rate.filter(|rate| *rate > 0.0).map(|rate| Duration::from_secs_f64(1.0 / rate));
        Self { start, end: start + shape.duration, interval, taken: AtomicU64::new(0) }
    }

    /// Waits for the next request's moment and answers it; `None` when the time is up.
    async fn next(&self) -> Option<Instant> {
        let due = match self.interval {
            None => Instant::now(),
            Some(interval) => {
                let turn = self.taken.fetch_add(1, Ordering::Relaxed);
                let due = self.start + interval.mul_f64(turn as f64);
                tokio::time::sleep_until(due.into()).await;
                due
            }
        };
        (due < self.end).then_some(due)
    }

    fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_units() {
        assert_eq!(duration("5s"), Ok(Duration::from_secs(5)));
        assert_eq!(duration("250ms"), Ok(Duration::from_millis(250)));
        assert_eq!(duration("1.5m"), Ok(Duration::from_secs(90)));
        assert!(duration("5h").is_err() && duration("s").is_err() && duration("-1s").is_err());
    }
}
