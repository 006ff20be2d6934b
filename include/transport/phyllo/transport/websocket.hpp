// WebSockets (RFC 6455) as a server takes them: whole messages both ways over a stream that an HTTP request has opened.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "phyllo/core/environment.hpp"
#include "phyllo/transport/http.hpp"
#include "phyllo/transport/stream.hpp"

namespace phyllo::transport {

struct websocket_options {
  std::string protocol;              // the sub-protocol that a client must offer, "sip" (RFC 7118)
  std::vector<std::string> origins;  // whose pages may come, "https://phone.example.com"; empty: anybody's
  std::size_t message_bytes_max = 64 * 1024;
  std::size_t unsent_bytes_max = 256 * 1024;
};

// Whether a request asks for a WebSocket, well or badly.
[[nodiscard]] bool asks_for_websocket(const http_request& r);
// 101 with what RFC 6455 s.4.2.2 has in it; or 400, 403 (the origin), 426 (the version) and why.
[[nodiscard]] http_response answer_websocket(const http_request& r, const websocket_options& o);

// All calls on the stream's executor. One receive and one send at a time.
class websocket {
 public:
  // Of a stream on which 101 has been sent. `env` must outlive it.
  [[nodiscard]] static std::unique_ptr<websocket> over(core::environment& env, std::unique_ptr<stream> s, websocket_options o);
  virtual ~websocket() = default;  // closes

  // The next whole message, text or binary. Pings are answered meanwhile. closed (final: the peer, or it broke the protocol,
  // or sent more than it may), overloaded (final: it asks and does not read the answers), timed_out (harmless).
  virtual core::awaitable<core::result<std::string>> receive(core::time_point deadline) = 0;
  // One text message. closed, timed_out (unusable then), overloaded: the peer does not read.
  virtual core::awaitable<core::status> send(core::byte_view text, core::time_point deadline) = 0;
  virtual void close() = 0;  // completes pending calls with errc::closed
  virtual void use() = 0;    // these three: as the stream's; what it holds itself is counted already
  virtual void keep(bool known) = 0;
  virtual void hold(std::size_t bytes) = 0;

  [[nodiscard]] virtual endpoint local() const = 0;
  [[nodiscard]] virtual endpoint remote() const = 0;
  [[nodiscard]] virtual bool secure() const noexcept = 0;
};

}  // namespace phyllo::transport
