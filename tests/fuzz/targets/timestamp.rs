//! A time that is read is within bounds and reads back as itself from its own form.
#![no_main]

use libfuzzer_sys::fuzz_target;
use trailkeep::record::timestamp::{DayOrder, order_in, parse};

fuzz_target!(|text: &str| {
    let _proof = order_in(text);
    for order in [DayOrder::Auto, DayOrder::DayFirst, DayOrder::MonthFirst] {
        if let Ok(moment) = parse(text, order) {
            let again = parse(&moment.time.to_string(), order).expect("it is our own form");
            assert_eq!((again.time, again.zone_assumed), (moment.time, false));
        }
    }
});
