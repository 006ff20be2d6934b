// Sessions of peers that we dialled, for a shorter handshake the next time (RFC 8446 s.2.2, RFC 5077). Who is resumed is still checked by
// trust: the certificate comes with the session.
#pragma once

#include <openssl/ssl.h>

#include <cstdint>
#include <map>
#include <utility>

#include "phyllo/identity/node_id.hpp"

namespace phyllo::transport {

class session_cache {
 public:
  static constexpr std::size_t sessions_max = 512;  // the oldest goes first

  void keep(const identity::node_id& peer, bool datagrams, bssl::UniquePtr<SSL_SESSION> session);
  // Null: none. One of TLS 1.3 is given away once, so that nobody can tell two connections to be of one client (RFC 8446 C.4).
  [[nodiscard]] bssl::UniquePtr<SSL_SESSION> take(const identity::node_id& peer, bool datagrams);
  void clear() { sessions_.clear(); }
  [[nodiscard]] std::size_t size() const noexcept { return sessions_.size(); }

 private:
  struct entry {
    bssl::UniquePtr<SSL_SESSION> session;
    std::uint64_t number = 0;
  };
  std::map<std::pair<identity::node_id, bool>, entry> sessions_;
  std::uint64_t number_ = 0;
};

}  // namespace phyllo::transport
