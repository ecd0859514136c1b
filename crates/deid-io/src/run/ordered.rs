//! Parallel work whose results come in the order of its tasks.
//!
//! One thread feeds tasks, workers turn each into a result, and the calling thread receives the results in
//! the order in which the tasks were fed. How many tasks, and how many bytes held by them, are under way at
//! once is bounded; the oldest may always proceed.

use std::any::Any;
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::panic::{self, AssertUnwindSafe};
use std::sync::mpsc::{self, SyncSender};
use std::sync::{Condvar, Mutex, PoisonError};
use std::thread;

/// How much may be under way at once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// Worker threads.
    pub(crate) workers: usize,
    /// Tasks that were fed and whose results were not yet received.
    pub(crate) tasks: usize,
    /// Bytes of these tasks.
    pub(crate) bytes: u64,
}

/// What is under way.
#[derive(Default)]
struct UnderWay {
    tasks: usize,
    bytes: u64,
    closed: bool,
}

/// Holds the feeder back while too much is under way.
struct Gate {
    bounds: Bounds,
    under_way: Mutex<UnderWay>,
    changed: Condvar,
}

impl Gate {
    fn enter(&self, bytes: u64) -> ControlFlow<()> {
        let mut now = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        while !now.closed
            && now.tasks > 0
            && (now.tasks >= self.bounds.tasks || now.bytes + bytes > self.bounds.bytes)
        {
            now = self.changed.wait(now).unwrap_or_else(PoisonError::into_inner);
        }
        if now.closed {
            return ControlFlow::Break(());
        }
        now.tasks += 1;
        now.bytes += bytes;
        ControlFlow::Continue(())
    }

    fn leave(&self, bytes: u64) {
        let mut now = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        now.tasks -= 1;
        now.bytes -= bytes;
        self.changed.notify_all();
    }

    fn close(&self) {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner).closed = true;
        self.changed.notify_all();
    }

    fn is_closed(&self) -> bool {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner).closed
    }
}

/// Ends the feeding, also if the receiving thread panics.
struct CloseOnDrop<'g>(&'g Gate);

impl Drop for CloseOnDrop<'_> {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// A task with its number and the bytes it holds.
struct Message<T> {
    number: u64,
    bytes: u64,
    task: T,
}

/// Takes tasks in their order.
pub(crate) struct Feeder<'g, T> {
    gate: &'g Gate,
    sender: SyncSender<Message<T>>,
    next: u64,
}

impl<T> Feeder<'_, T> {
    /// Feed a task that holds so many bytes of memory. `Break`: no more are wanted.
    pub(crate) fn feed(&mut self, bytes: u64, task: T) -> ControlFlow<()> {
        self.gate.enter(bytes)?;
        let message = Message { number: self.next, bytes, task };
        self.next += 1;
        match self.sender.send(message) {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    }
}

/// A worker's result, or what it panicked with.
type Outcome<R> = Result<R, Box<dyn Any + Send>>;

/// Run `feed` on a thread of its own, `work` on the workers (each with its own `W`), and `receive` on this
/// thread. What `feed` returns is returned; an error of `receive` ends everything.
pub(crate) fn run<T: Send, W: Default, R: Send, P: Send, E>(
    bounds: Bounds,
    feed: impl FnOnce(&mut Feeder<'_, T>) -> P + Send,
    work: impl Fn(&mut W, T) -> R + Sync,
    mut receive: impl FnMut(R) -> Result<(), E>,
) -> Result<P, E> {
    let gate = Gate { bounds, under_way: Mutex::default(), changed: Condvar::new() };
    let (sender, tasks) = mpsc::sync_channel::<Message<T>>(bounds.tasks.max(1));
    let (done, results) = mpsc::channel::<(u64, u64, Outcome<R>)>();
    let tasks = Mutex::new(tasks);
    thread::scope(|scope| {
        let (gate, work, tasks) = (&gate, &work, &tasks);
        let feeding = scope.spawn(move || feed(&mut Feeder { gate, sender, next: 0 }));
        for _ in 0..bounds.workers.max(1) {
            let done = done.clone();
            scope.spawn(move || {
                let mut worker = W::default();
                loop {
                    let next = tasks.lock().unwrap_or_else(PoisonError::into_inner).recv();
                    let Ok(Message { number, bytes, task }) = next else { return };
                    if gate.is_closed() {
                        continue;
                    }
                    let result = panic::catch_unwind(AssertUnwindSafe(|| work(&mut worker, task)));
                    if done.send((number, bytes, result)).is_err() {
                        return;
                    }
                }
            });
        }
        drop(done);
        let closing = CloseOnDrop(gate);
        let mut early = BTreeMap::new();
        let mut next = 0;
        for (number, bytes, result) in results {
            early.insert(number, (bytes, result));
            while let Some((bytes, result)) = early.remove(&next) {
                next += 1;
                let result = result.unwrap_or_else(|payload| panic::resume_unwind(payload));
                receive(result)?;
                gate.leave(bytes);
            }
        }
        drop(closing);
        Ok(feeding.join().unwrap_or_else(|payload| panic::resume_unwind(payload)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    const BOUNDS: Bounds = Bounds { workers: 4, tasks: 8, bytes: 100 };

    #[test]
    fn results_come_in_order_and_few_at_once() {
        let (running, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let mut received = Vec::new();
        let fed = run::<_, (), _, _, ()>(
            BOUNDS,
            |feeder| {
                for n in 0..200u64 {
                    assert!(feeder.feed(n % 40, n).is_continue());
                    most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                }
                "all"
            },
            |(), n| {
                thread::sleep(Duration::from_micros((n * 7919) % 500));
                n
            },
            |n| {
                received.push(n);
                running.fetch_sub(1, Ordering::SeqCst);
                Ok(())
            },
        );
        assert_eq!(fed, Ok("all"));
        assert!(received.into_iter().eq(0..200));
        assert!(most.load(Ordering::SeqCst) <= 9);
    }

    #[test]
    fn a_task_larger_than_the_bound_goes_alone() {
        let result = run::<_, (), _, _, ()>(
            BOUNDS,
            |feeder| (0..5).all(|n| feeder.feed(1000, n).is_continue()),
            |(), n| n,
            |_| Ok(()),
        );
        assert_eq!(result, Ok(true));
    }

    #[test]
    fn an_error_of_the_receiver_ends_all() {
        let result = run::<_, (), _, _, _>(
            BOUNDS,
            |feeder| while feeder.feed(0, ()).is_continue() {},
            |(), ()| (),
            |()| Err("disk full"),
        );
        assert_eq!(result, Err("disk full"));
    }

    #[test]
    #[should_panic(expected = "a bug")]
    fn a_panic_of_a_worker_is_not_a_deadlock() {
        let _ = run::<_, (), _, _, ()>(
            BOUNDS,
            |feeder| (0..100).all(|n| feeder.feed(0, n).is_continue()),
            |(), n| assert!(n != 3, "a bug"),
            |()| Ok(()),
        );
    }
}
