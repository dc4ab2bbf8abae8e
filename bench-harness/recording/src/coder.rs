//! Events as bytes: what changed since the event before, on the same page.
//!
//! | bytes | content |
//! |---|---|
//! | 2 | 3 bits kind, 1 bit whether the next byte is there, 4 × 3 bits lengths of the numbers |
//! | 0 or 1 | log2 of the alignment plus 1, or 0 where none was named; 128 more if the size is stated |
//! | 0 to 8 | address less that before, zigzag |
//! | 0 to 8 | size |
//! | 0 to 8 | ticks since the event before, or since the page was taken |
//! | 0 to 8 | tickets that other threads took since |
//!
//! A number takes as few bytes as it needs, none if it is 0; a length of 7 stands for 8 bytes. All
//! are little-endian.

use crate::raw::{Event, Kind, Stamped};

/// More bytes than any event has, and than are written for it: numbers are written in full.
pub(crate) const MAX_LEN: usize = 48;

const IS_SIZED: u8 = 128;

/// What the event before left.
#[derive(Clone, Copy, Debug)]
pub struct Coder {
    address: u64,
    ticks: u64,
    /// The ticket that is next if no other thread takes one.
    ticket: u64,
}

impl Coder {
    /// For a page that was taken at that time.
    pub const fn new(ticks: u64) -> Self {
        Self {
            address: 0,
            ticks,
            ticket: 0,
        }
    }

    /// Hands the bytes of an event to `write`, which puts a number's eight bytes at an offset, each
    /// over the end of the one before. Returns the first two bytes, which are never 0 and have not
    /// been handed over, and how many bytes there are in all.
    #[inline(always)]
    pub(crate) fn put(
        &mut self,
        stamped: Stamped,
        mut write: impl FnMut(usize, u64),
    ) -> (u16, usize) {
        let Event {
            kind,
            address,
            size,
            align,
            is_sized,
        } = stamped.event;
        let ticks = stamped.ticks.max(self.ticks);
        let numbers = [
            zigzag(address.wrapping_sub(self.address)),
            size,
            ticks - self.ticks,
            stamped.ticket.wrapping_sub(self.ticket),
        ];
        *self = Self {
            address,
            ticks,
            ticket: stamped.ticket.wrapping_add(1),
        };
        let (mut control, mut end) = (kind as u16, 2);
        if align.is_some() || is_sized {
            let align = align.map_or(0, |log2| (log2 + 1) & !IS_SIZED);
            write(end, u64::from(align | if is_sized { IS_SIZED } else { 0 }));
            control |= 1 << 3;
            end += 1;
        }
        for (index, number) in numbers.into_iter().enumerate() {
            let code = code(number);
            write(end, number);
            control |= code << (4 + 3 * index);
            end += len(code);
        }
        (control, end)
    }

    /// Takes an event from the front of `bytes`; `None` where none was written.
    pub fn take(&mut self, bytes: &mut &[u8]) -> Option<Stamped> {
        let control = u16::from_le_bytes(*bytes.first_chunk()?);
        let kind = Kind::of(control & 7)?;
        let mut rest = &bytes[2..];
        let extra = match control >> 3 & 1 {
            0 => 0,
            _ => take(&mut rest, 1)? as u8,
        };
        let mut number = |index: u16| take(&mut rest, len(control >> (4 + 3 * index) & 7));
        let address = self.address.wrapping_add(unzigzag(number(0)?));
        let size = number(1)?;
        let ticks = self.ticks.wrapping_add(number(2)?);
        let ticket = self.ticket.wrapping_add(number(3)?);
        *bytes = rest;
        *self = Self {
            address,
            ticks,
            ticket: ticket.wrapping_add(1),
        };
        Some(Stamped {
            event: Event {
                kind,
                address,
                size,
                align: (extra & !IS_SIZED).checked_sub(1),
                is_sized: extra & IS_SIZED != 0,
            },
            ticket,
            ticks,
        })
    }
}

/// The three bits that say how many bytes a number takes.
fn code(number: u64) -> u16 {
    let bytes = (u64::BITS - number.leading_zeros()).div_ceil(8);
    bytes.min(7) as u16
}

fn len(code: u16) -> usize {
    usize::from(code) + usize::from(code == 7)
}

fn take(bytes: &mut &[u8], len: usize) -> Option<u64> {
    let (taken, rest) = bytes.split_at_checked(len)?;
    *bytes = rest;
    let mut number = [0; 8];
    number[..len].copy_from_slice(taken);
    Some(u64::from_le_bytes(number))
}

/// Small for a small difference, whichever way it goes.
fn zigzag(difference: u64) -> u64 {
    difference << 1 ^ (difference as i64 >> 63) as u64
}

fn unzigzag(number: u64) -> u64 {
    number >> 1 ^ (number & 1).wrapping_neg()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers of every length, in no order.
    fn numbers() -> impl Iterator<Item = u64> {
        let mut random = 1_u64;
        core::iter::repeat_with(move || {
            random = random
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            random >> (random & 63)
        })
    }

    fn events() -> Vec<Stamped> {
        let mut numbers = numbers();
        let mut next = move || numbers.next().unwrap_or_default();
        let mut ticks = 1000;
        let kinds = [
            Kind::Allocate,
            Kind::AllocateZeroed,
            Kind::Free,
            Kind::ResizeBegin,
            Kind::ResizeEnd,
        ];
        (0..10_000)
            .map(|index| {
                ticks += next() >> 20;
                Stamped {
                    event: Event {
                        kind: kinds[index % kinds.len()],
                        address: next(),
                        size: next(),
                        align: (index % 3 == 0).then_some((index % 64) as u8),
                        is_sized: index % 7 < 3,
                    },
                    ticket: next(),
                    ticks,
                }
            })
            .collect()
    }

    /// Appends an event's bytes.
    fn put(bytes: &mut Vec<u8>, coder: &mut Coder, event: Stamped) {
        let start = bytes.len();
        bytes.resize(start + MAX_LEN, 0);
        let (control, len) = coder.put(event, |at, number| {
            bytes[start + at..start + at + 8].copy_from_slice(&number.to_le_bytes());
        });
        assert!(control != 0);
        bytes[start..start + 2].copy_from_slice(&control.to_le_bytes());
        bytes.truncate(start + len);
    }

    #[test]
    fn what_is_put_can_be_taken() {
        let events = events();
        let mut bytes = Vec::new();
        let mut coder = Coder::new(1000);
        events
            .iter()
            .for_each(|event| put(&mut bytes, &mut coder, *event));
        bytes.extend([0; MAX_LEN]);
        let mut coder = Coder::new(1000);
        let mut rest = &bytes[..];
        let taken: Vec<Stamped> = core::iter::from_fn(|| coder.take(&mut rest)).collect();
        assert_eq!(taken, events);
        assert_eq!(rest.len(), MAX_LEN);
    }

    #[test]
    fn a_cut_event_is_none() {
        let mut bytes = Vec::new();
        put(&mut bytes, &mut Coder::new(0), events()[1]);
        for end in 0..bytes.len() {
            assert!(Coder::new(0).take(&mut &bytes[..end]).is_none());
        }
    }

    #[test]
    fn the_plain_calls_of_one_thread_take_few_bytes() {
        let mut bytes = Vec::new();
        let mut coder = Coder::new(0);
        let event = |address, ticks, ticket| Stamped {
            event: Event {
                kind: Kind::Allocate,
                address,
                size: 56,
                align: None,
                is_sized: false,
            },
            ticket,
            ticks,
        };
        put(&mut bytes, &mut coder, event(0x5555_0000_0000, 100, 0));
        let first = bytes.len();
        put(&mut bytes, &mut coder, event(0x5555_0000_8000, 300, 1));
        assert_eq!(bytes.len() - first, 2 + 3 + 1 + 1);
    }
}
