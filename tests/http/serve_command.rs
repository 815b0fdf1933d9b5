//! The command `cargo xtask serve` ends on SIGTERM and leaves no process running.

use afterword_tests::Server;

#[test]
fn serve_ends_cleanly_on_sigterm() {
    let server = Server::with_moderation("http-sigterm", "open");
    let origin = server.origin();
    let (status, running) = server.terminate();
    assert!(status.success(), "{status}");
    assert_eq!(running, Vec::<String>::new(), "no process still runs");
    let address = origin.trim_start_matches("http://").to_owned();
    assert!(std::net::TcpStream::connect(address).is_err(), "the port is closed");
}
