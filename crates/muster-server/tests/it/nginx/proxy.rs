//! Runs nginx with the shipped configuration, from a directory of its own.

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;
use tokio::net::TcpStream;

use crate::secure::{Authority, NAME};

const SHIPPED: &str = include_str!("../../../../../deploy/nginx.conf");

/// Free addresses for the two servers of the configuration.
pub(super) struct Ports([SocketAddr; 2]);

impl Ports {
    pub(super) fn free() -> Self {
        // Both are held at once, so that they differ.
        let held = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
        Self(held.map(|listener| listener.local_addr().unwrap()))
    }

    pub(super) fn plain(&self) -> SocketAddr {
        self.0[0]
    }

    pub(super) fn secure(&self) -> SocketAddr {
        self.0[1]
    }

    pub(super) fn public_url(&self) -> String {
        format!("https://{NAME}:{}", self.secure().port())
    }
}

/// Stopped when it is dropped.
pub(super) struct Nginx {
    child: Child,
    directory: TempDir,
}

impl Nginx {
    /// Starts it in front of a desk that listens, or will listen, on `desk`.
    pub(super) async fn start(ports: &Ports, desk: SocketAddr, authority: &Authority) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let place = directory.path();
        authority.issue(place);
        fs::write(place.join("authority.pem"), authority.pem()).unwrap();
        fs::write(place.join("muster.conf"), adapted(ports, desk, place)).unwrap();
        fs::write(place.join("nginx.conf"), around(place)).unwrap();
        let mut command = Command::new(program());
        command.arg("-p").arg(place).arg("-c").arg(place.join("nginx.conf")).args(["-g", "daemon off;"]);
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let mut nginx = Self { child, directory };
        nginx.wait(ports).await;
        nginx
    }

    async fn wait(&mut self, ports: &Ports) {
        for _ in 0..600 {
            let ended = self.child.try_wait().unwrap();
            assert!(ended.is_none(), "nginx does not start: {}", self.read("error.log"));
            if TcpStream::connect(ports.secure()).await.is_ok() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("nginx does not listen: {}", self.read("error.log"));
    }

    /// What a client has to believe, as a file.
    pub(super) fn authority(&self) -> PathBuf {
        self.directory.path().join("authority.pem")
    }

    /// A line for each request.
    pub(super) fn log(&self) -> String {
        self.read("access.log")
    }

    fn read(&self, file: &str) -> String {
        fs::read_to_string(self.directory.path().join(file)).unwrap_or_default()
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let told = Command::new("sh").arg("-c").arg(format!("kill -TERM {}", self.child.id())).status();
        drop((told, self.child.wait()));
    }
}

fn program() -> PathBuf {
    let places = ["/usr/sbin/nginx", "/usr/local/sbin/nginx", "/usr/bin/nginx", "/usr/local/bin/nginx"];
    let found = places.iter().map(PathBuf::from).find(|path| path.exists());
    found.expect("nginx is not installed: run scripts/setup.sh test")
}

/// The shipped file with what its head says is to be changed, and with ports that anybody may listen on.
fn adapted(ports: &Ports, desk: SocketAddr, place: &Path) -> String {
    let changes = [
        ("desk.example.org", NAME.to_owned()),
        ("/etc/muster/tls/", format!("{}/", place.display())),
        ("127.0.0.1:8080", desk.to_string()),
        ("listen 80;", format!("listen {};", ports.plain())),
        ("listen 443 ssl;", format!("listen {} ssl;", ports.secure())),
    ];
    changes.iter().fold(SHIPPED.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "deploy/nginx.conf no longer says {from}");
        text.replace(from, to)
    })
}

/// What stands around the shipped file: Debian's nginx.conf, with every path below `place`, which is its owner's alone.
fn around(place: &Path) -> String {
    let user = if fs::metadata(place).unwrap().uid() == 0 { "user root;\n" } else { "" };
    let place = place.display();
    let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|kind| format!("    {kind}_temp_path {place}/{kind};\n"))
        .concat();
    format!(
        "{user}pid {place}/nginx.pid;\nerror_log {place}/error.log;\nevents {{}}\nhttp {{\n{temporary}    \
         access_log {place}/access.log;\n    include {place}/muster.conf;\n}}\n"
    )
}
