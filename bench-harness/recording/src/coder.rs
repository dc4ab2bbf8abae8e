//! Encodes events as bytes: the differences from the previous event on the same page.
//!
//! Most calls fit in the short form of eight bytes, read as one number. From its lowest bit on:
//!
//! | bits | content |
//! |---|---|
//! | 3 | kind |
//! | 1 | 1 |
//! | 24 | address minus the previous address, divided by 16, plus 2^23 |
//! | 14 | size |
//! | 16 | ticks since the previous event, or since the thread took the page |
//! | 6 | tickets that other threads took since |
//!
//! An event takes the long form if it does not fit, names an alignment, or states the size of a freed block:
//!
//! | bytes | content |
//! |---|---|
//! | 2 | 3 bits kind, 1 bit 0, 4 × 3 bits lengths of the numbers |
//! | 1 | log2 of the alignment plus 1, or 0 if the call names none; 128 more if the call states the size |
//! | 0 to 8 | address minus the previous address, zigzag |
//! | 0 to 8 | size |
//! | 0 to 8 | ticks since the previous event, or since the thread took the page |
//! | 0 to 8 | tickets that other threads took since |
//!
//! In the long form, a number takes as few bytes as it needs, and none if it is 0; a length of 7 means 8 bytes.
//! All numbers are little-endian.

use crate::raw::{Event, Kind, Stamped};

/// An upper bound of the bytes that writing an event touches: the long form writes whole 8-byte numbers.
pub(crate) const MAX_LEN: usize = 48;

/// Bytes of an event in the short form.
pub(crate) const SHORT_LEN: usize = 8;

/// Set in the first byte of an event in the short form.
const IS_SHORT: u64 = 1 << 3;

/// The number of bits of an address, a size, ticks and tickets in the short form, and their first bit.
const ADDRESS: (u32, u32) = (24, 4);
const SIZE: (u32, u32) = (14, 28);
const TICKS: (u32, u32) = (16, 42);
const TICKETS: (u32, u32) = (6, 58);

/// Added to a difference of addresses in the short form, so that it is positive.
const BIAS: u64 = 1 << 27;

/// log2 of the unit of addresses in the short form.
const GRANULE: u32 = 4;

const IS_SIZED: u8 = 128;

/// The state after the previous event.
#[derive(Clone, Copy, Debug)]
pub struct Coder {
    address: u64,
    ticks: u64,
    /// The next ticket, if no other thread takes one.
    ticket: u64,
}

impl Coder {
    /// Returns the state at the start of a page that a thread took at that time.
    pub const fn new(ticks: u64) -> Self {
        Self {
            address: 0,
            ticks,
            ticket: 0,
        }
    }

    /// Returns the event in the short form; `None` if it does not fit.
    #[inline(always)]
    pub(crate) fn short(&self, stamped: Stamped) -> Option<u64> {
        let Event { address, size, .. } = stamped.event;
        let biased = address.wrapping_sub(self.address).wrapping_add(BIAS);
        // The rotation turns low bits, for which the form has no room, into high ones.
        let granules = biased.rotate_right(GRANULE);
        let ticks = stamped.ticks.saturating_sub(self.ticks);
        let tickets = stamped.ticket.wrapping_sub(self.ticket);
        let excess =
            granules >> ADDRESS.0 | size >> SIZE.0 | ticks >> TICKS.0 | tickets >> TICKETS.0;
        if excess != 0 || stamped.event.align.is_some() || stamped.event.is_sized {
            return None;
        }
        let numbers =
            granules << ADDRESS.1 | size << SIZE.1 | ticks << TICKS.1 | tickets << TICKETS.1;
        Some(stamped.event.kind as u64 | IS_SHORT | numbers)
    }

    /// Returns the state after the event.
    #[inline(always)]
    pub(crate) fn after(&self, stamped: Stamped) -> Self {
        Self {
            address: stamped.event.address,
            ticks: stamped.ticks.max(self.ticks),
            ticket: stamped.ticket.wrapping_add(1),
        }
    }

    /// Encodes an event in the long form. `write` puts a number's eight bytes at an offset; each number
    /// overwrites the unused bytes of the one before. Returns the first two bytes, which `write` does not get
    /// and which are never 0, and the length of the event.
    pub(crate) fn long(&self, stamped: Stamped, mut write: impl FnMut(usize, u64)) -> (u16, usize) {
        let event = stamped.event;
        let numbers = [
            zigzag(event.address.wrapping_sub(self.address)),
            event.size,
            stamped.ticks.saturating_sub(self.ticks),
            stamped.ticket.wrapping_sub(self.ticket),
        ];
        let align = event.align.map_or(0, |log2| (log2 + 1) & !IS_SIZED);
        write(
            2,
            u64::from(align | if event.is_sized { IS_SIZED } else { 0 }),
        );
        let (mut control, mut end) = (event.kind as u16, 3);
        for (index, number) in numbers.into_iter().enumerate() {
            let code = code(number);
            write(end, number);
            control |= code << (4 + 3 * index);
            end += len(code);
        }
        (control, end)
    }

    /// Takes an event from the front of `bytes`; `None` if no event was written there.
    pub fn take(&mut self, bytes: &mut &[u8]) -> Option<Stamped> {
        let control = u16::from_le_bytes(*bytes.first_chunk()?);
        let kind = Kind::of(control & 7)?;
        let mut rest = *bytes;
        let stamped = match u64::from(control) & IS_SHORT {
            0 => self.take_long(kind, control, &mut rest)?,
            _ => self.take_short(kind, take(&mut rest, SHORT_LEN)?),
        };
        *bytes = rest;
        *self = self.after(stamped);
        Some(stamped)
    }

    fn take_short(&self, kind: Kind, word: u64) -> Stamped {
        let number = |(bits, from): (u32, u32)| word >> from & ((1 << bits) - 1);
        let difference = (number(ADDRESS) << GRANULE).wrapping_sub(BIAS);
        Stamped {
            event: Event {
                kind,
                address: self.address.wrapping_add(difference),
                size: number(SIZE),
                align: None,
                is_sized: false,
            },
            ticket: self.ticket.wrapping_add(number(TICKETS)),
            ticks: self.ticks.wrapping_add(number(TICKS)),
        }
    }

    fn take_long(&self, kind: Kind, control: u16, rest: &mut &[u8]) -> Option<Stamped> {
        take(rest, 2)?;
        let extra = take(rest, 1)? as u8;
        let mut number = |index: u16| take(rest, len(control >> (4 + 3 * index) & 7));
        Some(Stamped {
            event: Event {
                kind,
                address: self.address.wrapping_add(unzigzag(number(0)?)),
                size: number(1)?,
                align: (extra & !IS_SIZED).checked_sub(1),
                is_sized: extra & IS_SIZED != 0,
            },
            ticks: self.ticks.wrapping_add(number(2)?),
            ticket: self.ticket.wrapping_add(number(3)?),
        })
    }
}

/// Returns the three bits that say how many bytes a number takes.
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

/// Maps a small difference, positive or negative, to a small number.
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
        match coder.short(event) {
            Some(short) => bytes.extend(short.to_le_bytes()),
            None => put_long(bytes, coder, event),
        }
        *coder = coder.after(event);
    }

    fn put_long(bytes: &mut Vec<u8>, coder: &Coder, event: Stamped) {
        let start = bytes.len();
        bytes.resize(start + MAX_LEN, 0);
        let (control, len) = coder.long(event, |at, number| {
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

    /// Returns an event of a program whose last block was at 2^40, at 1000 ticks, with ticket 50.
    fn plain() -> (Coder, Stamped) {
        let event = Event {
            kind: Kind::Allocate,
            address: 1 << 40,
            size: 56,
            align: None,
            is_sized: false,
        };
        let before = Stamped {
            event,
            ticket: 50,
            ticks: 1000,
        };
        let next = Stamped {
            ticket: 51,
            ..before
        };
        (Coder::new(0).after(before), next)
    }

    /// Encodes the plain event after `change`, checks that decoding returns the same event, and returns
    /// whether it took the short form.
    fn is_short_with(change: impl Fn(&mut Stamped)) -> bool {
        let (mut coder, mut event) = plain();
        change(&mut event);
        let is_short = coder.short(event).is_some();
        let mut bytes = Vec::new();
        put(&mut bytes, &mut coder, event);
        assert_eq!(plain().0.take(&mut &bytes[..]), Some(event));
        (0..bytes.len()).for_each(|end| assert!(plain().0.take(&mut &bytes[..end]).is_none()));
        is_short
    }

    #[test]
    fn an_event_is_short_up_to_the_last_number_that_fits() {
        let reach = 1 << 27;
        let at = |address: u64| is_short_with(|event| event.event.address = address);
        assert!(at((1 << 40) + reach - 16));
        assert!(at((1 << 40) - reach));
        assert!(!at((1 << 40) + reach));
        assert!(!at((1 << 40) - reach - 16));
        assert!(!at((1 << 40) + 8));
        let of = |size: u64| is_short_with(|event| event.event.size = size);
        assert!(of((1 << 14) - 1));
        assert!(!of(1 << 14));
        let after = |ticks: u64| is_short_with(|event| event.ticks += ticks);
        assert!(after((1 << 16) - 1));
        assert!(!after(1 << 16));
        let others = |tickets: u64| is_short_with(|event| event.ticket += tickets);
        assert!(others((1 << 6) - 1));
        assert!(!others(1 << 6));
    }

    #[test]
    fn a_named_alignment_and_a_stated_size_are_kept() {
        assert!(!is_short_with(|event| event.event.align = Some(4)));
        assert!(!is_short_with(|event| event.event.is_sized = true));
    }

    #[test]
    fn time_does_not_go_back() {
        let (mut coder, mut event) = plain();
        event.ticks = 900;
        let mut bytes = Vec::new();
        put(&mut bytes, &mut coder, event);
        let taken = plain().0.take(&mut &bytes[..]).unwrap();
        assert_eq!(
            taken,
            Stamped {
                ticks: 1000,
                ..event
            }
        );
    }
}
