//! Operations, and how long a sample of one is. Whatever fails panics, which ends the peer with the reason.

use std::hint::black_box;
use std::time::{Duration, Instant};

/// Runs n iterations and returns how long they took, without their preparation.
pub type Loop = Box<dyn FnMut(u64) -> Duration>;

pub struct Operation {
    pub name: String,
    /// Not kept while others are measured.
    heavy: bool,
    prepare: Box<dyn Fn() -> Loop>,
    prepared: Option<Loop>,
    iterations: u64,
}

const SAMPLE: Duration = Duration::from_millis(8);

impl Operation {
    pub fn new(name: impl Into<String>, prepare: impl Fn() -> Loop + 'static) -> Self {
        Self { name: name.into(), heavy: false, prepare: Box::new(prepare), prepared: None, iterations: 0 }
    }

    pub fn heavy(self) -> Self {
        Self { heavy: true, ..self }
    }

    /// The nanoseconds of one iteration.
    pub fn sample(&mut self) -> f64 {
        let run = self.prepared.get_or_insert_with(|| (self.prepare)());
        let mut n = 1;
        while self.iterations == 0 {
            let took = run(n);
            if took > SAMPLE / 8 {
                self.iterations = ((SAMPLE.as_secs_f64() / took.as_secs_f64() * n as f64) as u64).max(1);
            }
            n *= 2;
        }
        if self.iterations >= 4 {
            run(self.iterations / 4);
        }
        run(self.iterations).as_nanos() as f64 / self.iterations as f64
    }

    pub fn leave(&mut self) {
        if self.heavy {
            self.prepared = None;
        }
    }
}

/// The loop of an operation that needs nothing new for an iteration. Dropping what f returns is a part of it.
pub fn repeat<T>(mut f: impl FnMut() -> T + 'static) -> Loop {
    Box::new(move |n| {
        let start = Instant::now();
        for _ in 0..n {
            black_box(f());
        }
        start.elapsed()
    })
}

/// The loop of an operation that uses its input up. 64 are made at once.
pub fn on_each<I, T>(mut make: impl FnMut() -> I + 'static, mut f: impl FnMut(&mut I) -> T + 'static) -> Loop {
    Box::new(move |n| {
        let mut total = Duration::ZERO;
        let mut left = n;
        while left > 0 {
            let mut inputs: Vec<I> = (0..left.min(64)).map(|_| make()).collect();
            left -= inputs.len() as u64;
            let start = Instant::now();
            for input in &mut inputs {
                black_box(f(input));
            }
            total += start.elapsed();
        }
        total
    })
}

/// The loop of a receiver that takes one message after the other. When it has had all, the next one begins.
pub fn in_order<S, M, T>(mut begin: impl FnMut() -> S + 'static, messages: Vec<M>, mut f: impl FnMut(&mut S, &M) -> T + 'static) -> Loop
where
    S: 'static,
    M: 'static,
{
    Box::new(move |n| {
        let mut total = Duration::ZERO;
        let mut left = n;
        while left > 0 {
            let mut receiver = begin();
            let k = left.min(messages.len() as u64);
            let start = Instant::now();
            for m in &messages[..k as usize] {
                black_box(f(&mut receiver, m));
            }
            total += start.elapsed();
            left -= k;
        }
        total
    })
}

/// As many messages of a size as the other peers prepare.
pub fn messages_of(size: usize) -> usize {
    ((2 << 20) / size).clamp(1, 256)
}
