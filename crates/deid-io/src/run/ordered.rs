//! Parallel work whose results come in the order of its tasks.
//!
//! One thread feeds tasks, workers turn each into a result, and the calling thread receives the results in
//! the order in which the tasks were fed; between two results it works too. How many tasks, and how many bytes held by
//! them, are under way at once is bounded; the oldest may always proceed. A single worker needs no other thread.

use std::any::Any;
use std::collections::{BTreeMap, VecDeque};
use std::ops::ControlFlow;
use std::panic::{self, AssertUnwindSafe};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

/// How much may be under way at once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// Threads that work.
    pub(crate) workers: usize,
    /// Tasks that were fed and whose results were not yet received.
    pub(crate) tasks: usize,
    /// Bytes of these tasks.
    pub(crate) bytes: u64,
}

/// A worker's result, or what it panicked with.
type Outcome<R> = Result<R, Box<dyn Any + Send>>;

/// What is under way.
#[expect(clippy::struct_excessive_bools, reason = "independent of each other, and seen in this file only")]
struct UnderWay<T, R> {
    /// Fed, with number and bytes.
    waiting: VecDeque<(u64, u64, T)>,
    /// Done, by number, with bytes.
    done: BTreeMap<u64, (u64, Outcome<R>)>,
    /// Number of the next task.
    fed: u64,
    /// Number of the next result to be received.
    next: u64,
    bytes: u64,
    /// Nothing more will be fed.
    complete: bool,
    /// Nothing more is wanted.
    closed: bool,
    /// Whether the feeder sleeps until there is room.
    feeder_sleeps: bool,
    /// Whether the receiving thread sleeps: a new task is work for it too.
    receiver_sleeps: bool,
}

struct Shared<T, R> {
    bounds: Bounds,
    state: Mutex<UnderWay<T, R>>,
    /// There is room for more.
    room: Condvar,
    /// There is a task, or there will be none.
    task: Condvar,
    /// The next result may be there.
    result: Condvar,
}

impl<T, R> Shared<T, R> {
    fn lock(&self) -> MutexGuard<'_, UnderWay<T, R>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn feed(&self, bytes: u64, task: T) -> ControlFlow<()> {
        let mut now = self.lock();
        let full = |now: &UnderWay<T, R>| {
            let tasks = (now.fed - now.next) as usize;
            !now.closed
                && tasks > 0
                && (tasks >= self.bounds.tasks || now.bytes.saturating_add(bytes) > self.bounds.bytes)
        };
        while full(&now) {
            now.feeder_sleeps = true;
            now = self.room.wait(now).unwrap_or_else(PoisonError::into_inner);
        }
        now.feeder_sleeps = false;
        if now.closed {
            return ControlFlow::Break(());
        }
        let number = now.fed;
        now.fed += 1;
        now.bytes += bytes;
        now.waiting.push_back((number, bytes, task));
        let for_receiver = now.receiver_sleeps && now.waiting.len() > 1;
        drop(now);
        self.task.notify_one();
        if for_receiver {
            self.result.notify_one();
        }
        ControlFlow::Continue(())
    }

    fn close(&self) {
        self.lock().closed = true;
        self.room.notify_all();
        self.task.notify_all();
    }

    fn finish(&self, number: u64, bytes: u64, outcome: Outcome<R>) {
        let mut now = self.lock();
        let awaited = number == now.next;
        now.done.insert(number, (bytes, outcome));
        drop(now);
        if awaited {
            self.result.notify_one();
        }
    }

    /// A result was received. A feeder that sleeps is woken when half of the room is free: one wake for many tasks.
    fn received(&self, bytes: u64) {
        let mut now = self.lock();
        now.bytes -= bytes;
        let tasks = (now.fed - now.next) as usize;
        let wake = now.feeder_sleeps && tasks <= self.bounds.tasks / 2 && now.bytes <= self.bounds.bytes / 2;
        drop(now);
        if wake {
            self.room.notify_one();
        }
    }
}

/// Ends the feeding, also if the receiving thread panics.
struct CloseOnDrop<'s, T, R>(&'s Shared<T, R>);

impl<T, R> Drop for CloseOnDrop<'_, T, R> {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// Tells the workers that nothing more will come, also if the feeding thread panics.
struct CompleteOnDrop<'s, T, R>(&'s Shared<T, R>);

impl<T, R> Drop for CompleteOnDrop<'_, T, R> {
    fn drop(&mut self) {
        self.0.lock().complete = true;
        self.0.task.notify_all();
        self.0.result.notify_all();
    }
}

/// Takes tasks in their order.
pub(crate) struct Feeder<'f, T> {
    take: &'f mut dyn FnMut(u64, T) -> ControlFlow<()>,
}

impl<T> Feeder<'_, T> {
    /// Feed a task that holds so many bytes of memory. `Break`: no more are wanted.
    pub(crate) fn feed(&mut self, bytes: u64, task: T) -> ControlFlow<()> {
        (self.take)(bytes, task)
    }
}

/// Run `feed` on a thread of its own, `work` on the workers (each with its own `W`), and `receive` on this
/// thread. What `feed` returns is returned; an error of `receive` ends everything.
pub(crate) fn run<T: Send, W: Default, R: Send, P: Send, E>(
    bounds: Bounds,
    feed: impl FnOnce(&mut Feeder<'_, T>) -> P + Send,
    work: impl Fn(&mut W, T) -> R + Sync,
    mut receive: impl FnMut(R) -> Result<(), E>,
) -> Result<P, E> {
    if bounds.workers <= 1 {
        return run_alone(feed, work, receive);
    }
    let state = UnderWay {
        waiting: VecDeque::new(),
        done: BTreeMap::new(),
        fed: 0,
        next: 0,
        bytes: 0,
        complete: false,
        closed: false,
        feeder_sleeps: false,
        receiver_sleeps: false,
    };
    let shared = Shared {
        bounds,
        state: Mutex::new(state),
        room: Condvar::new(),
        task: Condvar::new(),
        result: Condvar::new(),
    };
    thread::scope(|scope| {
        let (shared, work) = (&shared, &work);
        let feeding = scope.spawn(move || {
            let _complete = CompleteOnDrop(shared);
            feed(&mut Feeder { take: &mut |bytes, task| shared.feed(bytes, task) })
        });
        let attempt = |worker: &mut W, task| panic::catch_unwind(AssertUnwindSafe(|| work(worker, task)));
        for _ in 1..bounds.workers {
            scope.spawn(move || {
                let mut worker = W::default();
                loop {
                    let mut now = shared.lock();
                    let (number, bytes, task) = loop {
                        match now.waiting.pop_front() {
                            _ if now.closed => return,
                            Some(next) => break next,
                            None if now.complete => return,
                            None => now = shared.task.wait(now).unwrap_or_else(PoisonError::into_inner),
                        }
                    };
                    drop(now);
                    shared.finish(number, bytes, attempt(&mut worker, task));
                }
            });
        }
        let closing = CloseOnDrop(shared);
        let mut worker = W::default();
        loop {
            let mut now = shared.lock();
            let next = now.next;
            if let Some((bytes, result)) = now.done.remove(&next) {
                now.next += 1;
                drop(now);
                receive(result.unwrap_or_else(|payload| panic::resume_unwind(payload)))?;
                shared.received(bytes);
                continue;
            }
            if let Some((number, bytes, task)) = now.waiting.pop_front() {
                drop(now);
                let outcome = attempt(&mut worker, task);
                shared.lock().done.insert(number, (bytes, outcome));
                continue;
            }
            if now.complete && now.next == now.fed {
                break;
            }
            now.receiver_sleeps = true;
            now = shared.result.wait(now).unwrap_or_else(PoisonError::into_inner);
            now.receiver_sleeps = false;
        }
        drop(closing);
        Ok(feeding.join().unwrap_or_else(|payload| panic::resume_unwind(payload)))
    })
}

/// All on this thread, task by task.
fn run_alone<T, W: Default, R, P, E>(
    feed: impl FnOnce(&mut Feeder<'_, T>) -> P,
    work: impl Fn(&mut W, T) -> R,
    mut receive: impl FnMut(R) -> Result<(), E>,
) -> Result<P, E> {
    let mut worker = W::default();
    let mut failed = None;
    let fed = feed(&mut Feeder {
        take: &mut |_, task| {
            if failed.is_some() {
                return ControlFlow::Break(());
            }
            match receive(work(&mut worker, task)) {
                Ok(()) => ControlFlow::Continue(()),
                Err(error) => {
                    failed = Some(error);
                    ControlFlow::Break(())
                }
            }
        },
    });
    failed.map_or(Ok(fed), Err)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicIsize, Ordering};
    use std::time::Duration;

    const BOUNDS: Bounds = Bounds { workers: 4, tasks: 8, bytes: 100 };

    #[test]
    fn results_come_in_order_and_few_at_once() {
        let (running, most) = (AtomicIsize::new(0), AtomicIsize::new(0));
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
    fn one_worker_does_all_in_order() {
        let mut received = Vec::new();
        let alone = Bounds { workers: 1, ..BOUNDS };
        let result = run::<_, u64, _, _, _>(
            alone,
            |feeder| (0..100u64).take_while(|n| feeder.feed(1000, *n).is_continue()).count(),
            |seen, n| {
                *seen += 1;
                (n, *seen)
            },
            |(n, seen)| {
                received.push(n);
                if seen == 50 { Err("enough") } else { Ok(()) }
            },
        );
        assert_eq!(result, Err("enough"));
        assert!(received.into_iter().eq(0..50));
    }

    #[test]
    fn a_feeder_that_is_slow_is_waited_for() {
        let mut count = 0;
        let result = run::<_, (), _, _, ()>(
            BOUNDS,
            |feeder| {
                for n in 0..20 {
                    thread::sleep(Duration::from_millis(2));
                    assert!(feeder.feed(1, n).is_continue());
                }
            },
            |(), n: u64| n,
            |n| {
                assert_eq!(n, count);
                count += 1;
                Ok(())
            },
        );
        assert_eq!((result, count), (Ok(()), 20));
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
