//! Both vendors, simulated on loopback.
