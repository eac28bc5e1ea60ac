//! The real servers that stand in for AWS, started by the tests on free ports of loopback.
//! `tests/set-up` installs them.

mod server;

use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::sync::OnceCell;

use self::server::{Program, Server, free_ports};
use super::aws::Client;
use super::aws::signature::Keys;

/// SeaweedFS: S3 that checks signatures.
pub(crate) struct SeaweedFs {
    /// Its root, without a slash at the end.
    pub(crate) url: String,
    /// Runs for as long as this is held.
    server: Server,
}

/// moto: CloudWatch Logs and STS, in memory. It believes every signature.
pub(crate) struct Moto {
    /// Its root, without a slash at the end.
    pub(crate) url: String,
    /// Runs for as long as this is held.
    server: Server,
}

/// The one that all tests share: each has its own buckets there. Where it does not start, they need
/// not each wait for it.
pub(crate) async fn seaweedfs() -> &'static SeaweedFs {
    static SEAWEEDFS: OnceCell<Result<SeaweedFs, String>> = OnceCell::const_new();
    let started = SEAWEEDFS.get_or_init(SeaweedFs::start).await.as_ref();
    started.expect("it starts; else it has said why")
}

/// The one that all tests share: each has its own log groups there.
pub(crate) async fn moto() -> &'static Moto {
    static MOTO: OnceCell<Result<Moto, String>> = OnceCell::const_new();
    let started = MOTO.get_or_init(Moto::start).await.as_ref();
    started.expect("it starts; else it has said why")
}

/// The keys that SeaweedFS knows; moto knows any.
pub(crate) fn keys() -> Keys {
    Keys {
        id: "AKIATRAILKEEPTESTS00".to_owned(),
        secret: "made/up+for+the+tests+of+trailkeep+alone".to_owned(),
        token: None,
    }
}

impl SeaweedFs {
    /// Starts one and waits until it takes an object, which is later than it answers; gives what it
    /// has said, if it never does.
    pub(crate) async fn start() -> Result<SeaweedFs, String> {
        let ports = free_ports();
        let server = Server::start(&Program {
            path: &installed("weed"),
            arguments: &arguments(ports),
            files: &[("s3.json", IAM)],
            litter: &sockets(ports),
        });
        let seaweedfs = SeaweedFs {
            url: format!("http://127.0.0.1:{}", ports[0]),
            server,
        };
        let client = Client::new(&seaweedfs.url, keys());
        let takes_one = async || {
            let made = client.try_put("ready", "", Vec::new()).await;
            let put = client.try_put("ready", "object", b"?".to_vec()).await;
            made.is_ok() && put.is_ok_and(|answer| answer.status == 200)
        };
        seaweedfs.server.wait_until(takes_one).await?;
        Ok(seaweedfs)
    }

    pub(crate) fn client(&self) -> Client {
        Client::new(&self.url, keys())
    }
}

impl Moto {
    async fn start() -> Result<Moto, String> {
        let [port] = free_ports();
        let server = Server::start(&Program {
            path: &installed("python"),
            arguments: &format!("-m moto.server -H 127.0.0.1 -p {port}"),
            files: &[],
            litter: "",
        });
        let moto = Moto {
            url: format!("http://127.0.0.1:{port}"),
            server,
        };
        let address = format!("127.0.0.1:{port}");
        let listens = async || tokio::net::TcpStream::connect(&address).await.is_ok();
        moto.server.wait_until(listens).await?;
        Ok(moto)
    }

    pub(crate) fn client(&self) -> Client {
        Client::new(&self.url, keys())
    }
}

/// Who may ask SeaweedFS: the holder of [`keys`], for everything.
const IAM: &str = r#"{"identities": [{"name": "tests",
    "credentials": [{"accessKey": "AKIATRAILKEEPTESTS00",
        "secretKey": "made/up+for+the+tests+of+trailkeep+alone"}],
    "actions": ["Admin", "Read", "Write", "List", "Tagging"]}]}"#;

/// All its parts on ports of their own, for they default to fixed ones. Each bucket takes some
/// volumes, small as it may be, and a disk of which less than its usual hundredth is free will do.
fn arguments(ports: [u16; 8]) -> String {
    let [
        s3,
        s3_grpc,
        master,
        master_grpc,
        volume,
        volume_grpc,
        filer,
        filer_grpc,
    ] = ports;
    format!(
        "server -dir=. -ip=127.0.0.1 -ip.bind=127.0.0.1 \
         -master.port={master} -master.port.grpc={master_grpc} -master.telemetry=false \
         -master.volumeSizeLimitMB=1024 -volume.max=10000 -volume.minFreeSpace=64MiB \
         -volume.port={volume} -volume.port.grpc={volume_grpc} \
         -filer.port={filer} -filer.port.grpc={filer_grpc} -filer.localSocket=filer.sock \
         -s3 -s3.port={s3} -s3.port.grpc={s3_grpc} -s3.localSocket=s3.sock \
         -s3.config=s3.json -s3.port.iceberg=0 -s3.port.lance=0"
    )
}

/// Where its parts talk to each other; no setting moves these.
fn sockets(ports: [u16; 8]) -> String {
    let [_, s3, _, master, _, volume, _, filer] = ports;
    let parts = [
        ("s3", s3),
        ("master", master),
        ("volume", volume),
        ("filer", filer),
    ];
    let socket = |(part, port)| format!("/tmp/seaweedfs-{part}-grpc-{port}.sock");
    parts.map(socket).join(" ")
}

fn installed(program: &str) -> PathBuf {
    folder(&format!("bin/{program}"))
}

/// A folder or file of what `tests/set-up` has installed.
pub(crate) fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/counterparts");
    let path = path.join(name);
    assert!(
        path.exists(),
        "{} is missing: tests/set-up installs it",
        path.display()
    );
    path
}

/// How long a counterpart may take until it is of use; on an idle machine it takes six seconds.
const PATIENCE: Duration = Duration::from_secs(90);
