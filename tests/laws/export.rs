//! SAFE's second API: where `/reports` is not there, or not wanted, the same log comes by another way.

use std::time::Duration;

use proptest::prelude::*;
use proptest::sample::select;
use trailkeep::demo::{
    AskedForm, ExportForm, Faults, Options, Plan, ReadyForm, Reports, SafeOptions,
};
use trailkeep::sync::Wishes;

use super::kept::{complete, nothing_is_lost};
use super::scenario::{BLEMISHES, faults, options, plans};
use super::{cases, claims, run};
use crate::support::rig::Rig;
use crate::support::simulated::simulated;

proptest! {
    #![proptest_config(cases(6))]

    #[test]
    fn what_reports_would_have_brought_the_export_brings(
        plan in plans(50..300),
        options in options(),
        reports in select(vec![Reports::NotFound, Reports::Application, Reports::Unknown]),
        export in exports(),
        faults in faults(),
    ) {
        let safe = SafeOptions { reports, export, ..options.safe };
        run(export_all(plan, Options { safe, ..options }, &faults));
    }
}

fn exports() -> impl Strategy<Value = ExportForm> {
    let asked = [AskedForm::DataUuid, AskedForm::Uuid, AskedForm::DataId];
    let ready = [
        ReadyForm::DataPreSignedUrl,
        ReadyForm::PreSignedUrl,
        ReadyForm::DataUrl,
        ReadyForm::Csv,
    ];
    (select(asked.to_vec()), select(ready.to_vec()))
        .prop_map(|(asked, ready)| ExportForm { asked, ready })
}

async fn export_all(plan: Plan, options: Options, faults: &Faults) {
    let rig = Rig::new(plan, BLEMISHES, options);
    let mut all = simulated().into_iter();
    let of = all.find(|of| of.name == "reports").unwrap();
    for faults in [faults, &Faults::default()] {
        rig.vendors.set_faults(faults);
        rig.live(Duration::from_secs(30 * 3_600), 40);
        rig.run(rig.jobs(&[of]), Wishes::default()).await;
        claims::hold(&rig);
    }
    rig.settle();
    complete(&rig.run(rig.jobs(&[of]), Wishes::default()).await);
    nothing_is_lost(&rig, of);
}
