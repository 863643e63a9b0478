//! Sockets that listen.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::TcpListener;

/// Connections that the system keeps for us while all that may be open are.
const BACKLOG: i32 = 1024;

/// How long a peer may leave what it was sent unacknowledged. It ends connections of those who do
/// not read their answers.
const UNREAD: Duration = Duration::from_secs(60);

/// A socket bound to `address`. What accepted connections inherit from it is set here.
pub(crate) fn bind(address: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    if address.is_ipv6() {
        // So that an address of each family can be listened on, whatever the system's default.
        socket.set_only_v6(true)?;
    }
    socket.set_tcp_nodelay(true)?;
    socket.set_tcp_user_timeout(Some(UNREAD))?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    Ok(socket)
}

/// Starts listening; needs a runtime. From here on connections wait until they are accepted.
pub(crate) fn listening(socket: Socket) -> io::Result<TcpListener> {
    socket.listen(BACKLOG)?;
    TcpListener::from_std(socket.into())
}
