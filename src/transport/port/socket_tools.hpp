// Small helpers over Asio's sockets, shared by streams, listeners and links.
#pragma once

#include <asio/ip/tcp.hpp>
#include <asio/local/stream_protocol.hpp>
#include <asio/steady_timer.hpp>
#include <memory>

#include "phyllo/core/awaitable.hpp"
#include "phyllo/core/result.hpp"
#include "phyllo/core/time.hpp"
#include "phyllo/transport/endpoint.hpp"

namespace phyllo::transport {

using tcp = asio::ip::tcp;
using local_socket = asio::local::stream_protocol::socket;

// Before connect or listen: segments of 1220 bytes at most, both ways. That is what IPv6's least MTU of 1280 leaves (RFC 8200 s.5);
// where a path is narrower than its ends think and no ICMP comes back, larger ones vanish for ever.
void limit_segments(int fd) noexcept;

[[nodiscard]] endpoint local_endpoint(const tcp::socket& s);
[[nodiscard]] endpoint remote_endpoint(const tcp::socket& s);
// Ends sending in order, then closes; never throws.
void close_socket(tcp::socket& s) noexcept;

enum class wait_result { ready, timed_out, closed };

// Waits until `s` can be read or written. Timeouts race waits, never reads: nothing is lost at the deadline. Throws on
// terminal cancellation of the coroutine.
core::awaitable<wait_result> wait_socket(std::shared_ptr<tcp::socket> s, tcp::socket::wait_type what, core::time_point deadline);
core::awaitable<wait_result> wait_socket(std::shared_ptr<local_socket> s, local_socket::wait_type what, core::time_point deadline);

// Connects a non-blocking socket bound to `bind` (unspecified: any). timed_out, refused.
core::awaitable<core::result<std::shared_ptr<tcp::socket>>> connect_socket(core::executor ex, asio::ip::address bind, endpoint to,
                                                                           core::time_point deadline);

}  // namespace phyllo::transport
