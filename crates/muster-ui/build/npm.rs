//! What `ui/` is built from, and building it.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::SystemTime;

/// The oldest Node.js that the build's tools run on.
const NODE: (u32, u32) = (20, 19);

/// Made by the build itself, beside its sources.
const GENERATED: &str = "src/api/schema.d.ts";

/// Everything that a build depends on.
pub(crate) struct Sources {
    ui: PathBuf,
    pub(crate) files: Vec<PathBuf>,
}

impl Sources {
    pub(crate) fn of(root: &Path) -> Self {
        let ui = root.join("ui");
        let mut files = vec![root.join("docs/openapi/libredesk.json")];
        for place in ["src", "scripts"] {
            collect(&ui.join(place), &mut files);
        }
        for configured in [
            ".npmrc",
            "package.json",
            "package-lock.json",
            "tsconfig.json",
            "tsconfig.widget.json",
            "vite.console.ts",
            "vite.widget.ts",
            "vite.loader.ts",
        ] {
            files.push(ui.join(configured));
        }
        files.retain(|file| *file != ui.join(GENERATED) && !file.ends_with("src/api"));
        Self { ui, files }
    }

    fn newest(&self) -> Option<SystemTime> {
        self.files.iter().filter_map(|file| changed(file)).max()
    }
}

/// What was built. Builds of several profiles may want it at the same time: nobody changes it while this is held.
pub(crate) struct Dist {
    pub(crate) place: PathBuf,
    _lock: File,
}

/// Brings `ui/dist` up to date, or says why that can't be done.
pub(crate) fn build(sources: &Sources) -> Result<Dist, String> {
    let ui = &sources.ui;
    let file = File::open(ui.join("package.json")).map_err(|error| format!("there is no ui/package.json: {error}"))?;
    file.lock().map_err(|error| format!("ui/package.json can't be locked: {error}"))?;
    let dist = Dist { place: ui.join("dist"), _lock: file };
    let done = dist.place.join(".built");
    let newest = sources.newest().ok_or("nothing in ui/ can be read")?;
    if changed(&done).is_some_and(|built| newest <= built) {
        return Ok(dist);
    }
    // If this is cut short, what is left counts as nothing.
    drop(fs::remove_file(&done));
    check_node()?;
    let installed = ui.join("node_modules/.package-lock.json");
    if changed(&installed) < changed(&ui.join("package-lock.json")) {
        npm(ui, &["ci", "--ignore-scripts", "--no-audit", "--no-fund"])?;
    }
    npm(ui, &["run", "build"])?;
    // What is changed while it is built is newer than that.
    let noted = File::create(done).and_then(|file| file.set_modified(newest));
    noted.map_err(|error| format!("ui/dist can't be written: {error}"))?;
    Ok(dist)
}

fn check_node() -> Result<(), String> {
    let (major, minor) = NODE;
    let wanted = format!("Node.js {major}.{minor} or later is needed");
    let output = Command::new("node").arg("--version").output().map_err(|_| format!("{wanted}, and there is none"))?;
    let version = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    let mut numbers = version.trim_start_matches('v').split('.').map(|number| number.parse::<u32>().ok());
    match (numbers.next().flatten(), numbers.next().flatten()) {
        (Some(has_major), Some(has_minor)) if (has_major, has_minor) >= NODE => Ok(()),
        _ => Err(format!("{wanted}, and this one is {version}")),
    }
}

/// Runs npm in `ui`. Cargo shows what it says where the build fails, or with `-vv`.
fn npm(ui: &Path, arguments: &[&str]) -> Result<(), String> {
    let told = format!("`npm {}` in ui/", arguments.join(" "));
    let ended = Command::new("npm").args(arguments).current_dir(ui).stdin(Stdio::null()).stdout(io::stderr()).status();
    match ended {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err(format!("{told} failed, run it to see why")),
        Err(error) => Err(format!("{told} can't be run: {error}")),
    }
}

fn collect(directory: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(directory) else { return };
    // Changes when a file in it goes.
    files.push(directory.to_owned());
    for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
        if path.is_dir() {
            collect(&path, files);
        } else {
            files.push(path);
        }
    }
}

fn changed(file: &Path) -> Option<SystemTime> {
    fs::metadata(file).and_then(|it| it.modified()).ok()
}
