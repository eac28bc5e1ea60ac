//! Reads the process's environment, once.

use etcetera::BaseStrategy;
use etcetera::base_strategy::Xdg;

use crate::config::Environment;

/// The variables, and the folder for configuration: `$XDG_CONFIG_HOME/trailkeep`, on every
/// system. It is missing where there is no home.
pub fn read() -> Environment {
    let config_folder = Xdg::new()
        .ok()
        .map(|xdg| xdg.config_dir().join("trailkeep"));
    Environment {
        variables: std::env::vars_os().collect(),
        config_folder,
    }
}
