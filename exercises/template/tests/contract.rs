//! Every promise of the contract, on your allocator.

use core_api::testing::Contract;

#[test]
fn contract() {
    Contract::new("my-allocator", my_allocator::graded).run();
}
