// A TCP stream for TLS, opened by one rung of the ladder: straight, by Upgrade, through a proxy.
#pragma once

#include <functional>
#include <memory>

#include "phyllo/core/worker.hpp"
#include "phyllo/transport/ladder.hpp"
#include "port/socket_stream.hpp"

namespace phyllo::transport {

class rung_opener {
 public:
  // `env` must outlive it; it must outlive what it opens until that is open.
  rung_opener(core::environment& env, asio::ip::address bind, ladder_options o)
      : env_(env), bind_(std::move(bind)), options_(std::move(o)) {}

  // Not for rung::dtls. `authority` is what a proxy is asked for; empty: `at`. `answered` (may be empty) is called when a
  // TCP connection stands that needs no proxy. refused, timed_out, closed, malformed, too_large.
  using stream_result = core::result<std::unique_ptr<socket_stream>>;
  core::awaitable<stream_result> open(rung by, endpoint at, std::string authority, core::time_point deadline,
                                      std::function<void()> answered);

  [[nodiscard]] const ladder_options& options() const noexcept { return options_; }

 private:
  core::awaitable<stream_result> open_through_proxy(std::string authority, core::time_point deadline);

  core::environment& env_;
  asio::ip::address bind_;
  ladder_options options_;
  std::unique_ptr<core::worker> resolver_;  // once a proxy's name has to be resolved
};

}  // namespace phyllo::transport
