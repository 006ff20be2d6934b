// A request at a TURN server, once it is known whose it is, and the answer to it.
#pragma once

#include <span>
#include <string>

#include "phyllo/core/time.hpp"
#include "phyllo/stun/credentials.hpp"
#include "phyllo/stun/message_writer.hpp"
#include "turn/five_tuple.hpp"

namespace phyllo::nat {

struct turn_request {
  const five_tuple& from;
  const stun::message_view& message;
  core::time_point now;
  std::string user{};
  stun::long_term_key key{};
  bool sha256 = false;  // the answer is guarded by MESSAGE-INTEGRITY-SHA256 (RFC 8489 s.9.2.4)
};

// Into `room`: an answer with the request's transaction. No SOFTWARE and no reason phrase: they make it longer, and tell.
class turn_answer {
 public:
  turn_answer(std::span<std::uint8_t> room, const stun::message_view& request, stun::message_class kind)
      : writer_(room, request.what(), kind, request.transaction()), fingerprint_(request.has_fingerprint()) {}

  [[nodiscard]] stun::message_writer& writer() noexcept { return writer_; }
  // Guarded as the request was.
  [[nodiscard]] core::byte_view sealed(const turn_request& by) {
    if (by.sha256) {
      writer_.add_integrity_sha256(by.key.octets());
    } else {
      writer_.add_integrity(by.key.octets());
    }
    return unsealed();
  }
  [[nodiscard]] core::byte_view unsealed() {
    if (fingerprint_) writer_.add_fingerprint();
    return writer_.done();
  }

 private:
  stun::message_writer writer_;
  bool fingerprint_;
};

}  // namespace phyllo::nat
