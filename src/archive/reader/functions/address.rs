//! `cidr_contains(net, ip)` and `ip_version(ip)`. An IPv4 address that is written as an IPv6 one
//! (`::ffff:192.0.2.1`) is the IPv4 address, as it was to whoever was called from it.

use std::net::{IpAddr, Ipv6Addr};
use std::path::Path;
use std::str::FromStr;

use rusqlite::Connection;
use rusqlite::functions::Context;
use rusqlite::types::ValueRef;

use super::{SAME, mistake, shown, text};

pub(super) fn register_cidr_contains(connection: &Connection, _: &Path) -> rusqlite::Result<()> {
    connection.create_scalar_function("cidr_contains", 2, SAME, |context| {
        if context.get_raw(0) == ValueRef::Null {
            return Ok(None);
        }
        let net = match context.get_aux::<Net>(0)? {
            Some(net) => net,
            None => context.set_aux(0, read_net(&text(context, 0).unwrap_or_default())?)?,
        };
        Ok(address(context, 1).map(|address| net.contains(address)))
    })
}

pub(super) fn register_ip_version(connection: &Connection, _: &Path) -> rusqlite::Result<()> {
    connection.create_scalar_function("ip_version", 1, SAME, |context| {
        Ok(address(context, 0).map(|address| if address.is_ipv4() { 4 } else { 6 }))
    })
}

/// A net, its address as 128 bits: an IPv4 one as `::ffff:…`.
struct Net {
    bits: u128,
    prefix: u32,
    is_ipv4: bool,
}

impl Net {
    /// `::/0` is all of IPv6 and nothing of IPv4, as its author meant it.
    fn contains(&self, address: IpAddr) -> bool {
        let differ = self.bits ^ bits(address);
        let same = differ.leading_zeros() >= self.prefix;
        same && self.is_ipv4 == address.is_ipv4()
    }
}

/// What was left out is the whole address; bits behind the prefix do not count.
impl FromStr for Net {
    type Err = String;

    fn from_str(text: &str) -> Result<Net, String> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address
            .parse()
            .map_err(|_| "it has no IP address".to_owned())?;
        let length = if address.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            None => length,
            Some(digits) if digits.len() <= 3 && digits.bytes().all(|c| c.is_ascii_digit()) => {
                digits.parse().unwrap_or(u32::MAX)
            }
            Some(_) => u32::MAX,
        };
        if prefix > length {
            return Err(format!("its prefix is no number from 0 to {length}"));
        }
        let prefix = prefix + (128 - length);
        let is_mapped = address.to_canonical().is_ipv4() && prefix >= 96;
        Ok(Net {
            bits: bits(address),
            prefix,
            is_ipv4: is_mapped,
        })
    }
}

fn read_net(text: &str) -> rusqlite::Result<Net> {
    let read = text.trim().parse();
    read.map_err(|why: String| {
        mistake(format!(
            "cidr_contains() takes no net `{}`: {why}",
            shown(text)
        ))
    })
}

fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
        IpAddr::V6(address) => address.to_bits(),
    }
}

/// The address in an argument, if there is one. An interface behind it (`fe80::1%eth0`) is where
/// it was seen and not part of it.
fn address(context: &Context<'_>, number: usize) -> Option<IpAddr> {
    let text = text(context, number)?;
    let text = text.trim();
    if let Some((address, _)) = text.split_once('%') {
        return address.parse::<Ipv6Addr>().ok().map(IpAddr::V6);
    }
    Some(text.parse::<IpAddr>().ok()?.to_canonical())
}
