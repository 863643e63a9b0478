//! What a run found.

use std::time::Duration;

use hdrhistogram::Histogram;
use serde::Serialize;

use crate::Failure;
use crate::endpoint::Endpoint;
use crate::load::Shape;

/// The figures of one run. Latencies are in microseconds.
#[derive(Serialize, Clone)]
pub(crate) struct Report {
    endpoint: String,
    operation: String,
    connections: usize,
    rate: Option<f64>,
    seconds: f64,
    requests: u64,
    errors: u64,
    /// Good answers a second.
    pub(crate) throughput: f64,
    latency_us: Latency,
}

#[derive(Serialize, Clone)]
struct Latency {
    mean: f64,
    p50: f64,
    p90: f64,
    p99: f64,
    p999: f64,
    max: f64,
}

impl Report {
    pub(crate) fn new(
        endpoint: &Endpoint,
        shape: &Shape,
        latencies: &Histogram<u64>,
        errors: u64,
        elapsed: Duration,
    ) -> Self {
        let at = |quantile| micros(latencies.value_at_quantile(quantile) as f64);
        let seconds = elapsed.as_secs_f64();
        Self {
            endpoint: endpoint.authority.clone(),
            operation: shape.operation.clone(),
            connections: shape.connections,
            rate: shape.rate,
            seconds,
            requests: latencies.len(),
            errors,
            throughput: latencies.len() as f64 / seconds.max(f64::MIN_POSITIVE),
            latency_us: Latency {
                mean: micros(latencies.mean()),
                p50: at(0.5),
                p90: at(0.9),
                p99: at(0.99),
                p999: at(0.999),
                max: micros(latencies.max() as f64),
            },
        }
    }

    /// Prints the figures, for people or as JSON.
    pub(crate) fn print(&self, json: bool) -> Result<(), Failure> {
        if json {
            println!("{}", serde_json::to_string(self)?);
            return Ok(());
        }
        let Latency { mean, p50, p90, p99, p999, max } = self.latency_us;
        println!("{} {} × {} connections", self.operation, self.endpoint, self.connections);
        println!("  {:.0} a second ({} answered, {} refused)", self.throughput, self.requests, self.errors);
        println!(
            "  µs: mean {mean:.0}  p50 {p50:.0}  p90 {p90:.0}  p99 {p99:.0}  p99.9 {p999:.0}  max {max:.0}"
        );
        Ok(())
    }
}

fn micros(nanoseconds: f64) -> f64 {
    nanoseconds / 1e3
}
