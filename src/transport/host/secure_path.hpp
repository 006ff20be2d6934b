// DTLS over a path for datagrams, from either end, until both are authenticated: over one that was dialled here, and over one that others
// have found.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "host/host_state.hpp"
#include "link/dtls_carrier.hpp"
#include "phyllo/transport/adoption.hpp"
#include "phyllo/transport/datagram_channel.hpp"

namespace phyllo::transport {

struct path_terms {
  adoption how;
  std::string alpn{alpn_reload};
  bool alpn_needed = false;  // the passive end may not leave it open
  bool resumes = true;       // false: no ticket, which makes a ClientHello large
  core::bytes preamble{};    // before each flight of the active end: what proves reachability
};

// An authenticated carrier that nobody has yet; closed unless it is taken.
class secured_path {
 public:
  explicit secured_path(std::shared_ptr<dtls_carrier> carrier) : carrier_(std::move(carrier)) {}
  ~secured_path() {
    if (carrier_) carrier_->close();
  }
  secured_path(secured_path&&) noexcept = default;
  secured_path& operator=(secured_path&& other) noexcept {
    std::swap(carrier_, other.carrier_);
    return *this;
  }
  [[nodiscard]] std::shared_ptr<dtls_carrier> take() { return std::move(carrier_); }

 private:
  std::shared_ptr<dtls_carrier> carrier_;
};

// `state` must live until it returns. The path is closed if that fails: timed_out, refused, handshake_failed, certificate_rejected,
// wrong_peer. Terminal cancellation abandons it.
core::awaitable<core::result<secured_path>> secure_path(host_state& state, std::unique_ptr<datagram_channel> path, path_terms terms,
                                                        core::time_point deadline);

}  // namespace phyllo::transport
