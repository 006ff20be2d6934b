// HTTP/1.1 on our own streams (http-parser): a small server and a one-request client.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "phyllo/core/awaitable.hpp"
#include "phyllo/core/environment.hpp"
#include "phyllo/core/result.hpp"
#include "phyllo/transport/stream.hpp"

namespace phyllo::transport {

struct http_request {
  std::string method = "GET";
  std::string target = "/";                    // path and query
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
  endpoint remote;      // server side: who asks; of a Unix socket: unspecified
  endpoint local;       // server side: which of our addresses was asked
  bool secure = false;  // server side: over TLS

  [[nodiscard]] std::string path() const;                        // target without its query
  [[nodiscard]] std::string query(std::string_view name) const;  // decoded; empty when absent
};

struct http_response {
  int status = 200;
  std::map<std::string, std::string> headers;
  std::string body;
};

struct http_limits {
  std::size_t header_bytes_max = 16 * 1024;
  std::size_t body_bytes_max = 1024 * 1024;
  core::duration header_timeout = std::chrono::seconds(10);
  core::duration body_timeout = std::chrono::seconds(30);
  core::duration idle_timeout = std::chrono::seconds(30);
};

using http_handler = std::function<core::awaitable<http_response>(http_request)>;

// What becomes of a request for another protocol (RFC 9110 s.7.8).
struct http_upgrade {
  http_response answer;                                 // 101, or a refusal
  std::function<void(std::unique_ptr<stream>)> onward;  // takes the connection after a 101
};
// Nothing: no protocol of ours; the request is answered like any other.
using http_upgrader = std::function<std::optional<http_upgrade>(const http_request&)>;

// Serves one connection until it closes, idles out or breaks the protocol (400, 408, 413, 431 where an answer is
// possible), or changes to another one. `handler`, `upgrader` (null: none) and `env` must live until it returns.
core::awaitable<void> serve_http(core::environment& env, std::unique_ptr<stream> s, const http_handler& handler, http_limits limits,
                                 const http_upgrader* upgrader = nullptr);

// One request on an open stream, which it closes after. `host` fills the Host header. malformed, closed, timed_out,
// too_large.
core::awaitable<core::result<http_response>> request_http(stream& s, std::string host, http_request request, core::time_point deadline);

struct url {
  std::string scheme;  // lower case
  std::string host;
  std::uint16_t port = 0;  // the scheme's default when absent
  std::string target = "/";
  [[nodiscard]] static core::result<url> parse(std::string_view text);  // core::errc::malformed
};

}  // namespace phyllo::transport
